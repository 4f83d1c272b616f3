"""What every sub-command promises, whoever wrote it."""

import argparse
from importlib import import_module

import pytest

from napari_sharpgan.cli import COMMANDS


@pytest.fixture(params=sorted(COMMANDS))
def module(request):
    return import_module(f"napari_sharpgan.cli.{request.param.replace('-', '_')}")


def test_it_says_what_it_is(module):
    assert module.__doc__.startswith("``sharpgan ")


def test_it_has_arguments_and_a_run(module):
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    assert callable(module.run)


def test_every_argument_is_explained(module):
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    assert [action.dest for action in parser._actions if not action.help] == []


def test_long_options_are_in_kebab_case(module):
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    options = [option for action in parser._actions for option in action.option_strings]
    assert [option for option in options if "_" in option or option != option.lower()] == []


def test_every_command_has_a_module_and_every_module_a_command():
    from pathlib import Path

    from napari_sharpgan import cli

    modules = {path.stem for path in Path(cli.__file__).parent.glob("[!_]*.py")}
    assert modules == {name.replace("-", "_") for name in COMMANDS}
