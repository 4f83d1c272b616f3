import argparse
from dataclasses import dataclass, fields
from typing import Annotated

import pytest

from napari_sharpgan._fields import check_limits, field_notes, one_of
from napari_sharpgan.cli._options import add_config_arguments, config_from, given_settings


@dataclass(frozen=True)
class Example:
    """An example.

    Parameters
    ----------
    step_count : int
        Steps; 100 % of them.
    share : float
        A share.
    fast : bool
        Whether to hurry.
    color : str
        A color.
    """

    step_count: Annotated[int, {"min": 1, "max": 9}] = 3
    share: Annotated[float, {"min": 0.0, "max": 1.0}] = 0.5
    fast: bool = True
    color: Annotated[str, one_of({"red": 0, "blue": 1})] = "red"

    def __post_init__(self):
        check_limits(self)


def parser_of(config_class):
    parser = argparse.ArgumentParser()
    add_config_arguments(parser, config_class)
    return parser


def configs():
    from napari_sharpgan.nuclei import NucleiConfig
    from napari_sharpgan.training import GanConfig

    return [Example, NucleiConfig, GanConfig]


@pytest.fixture(params=range(3), ids=["Example", "NucleiConfig", "GanConfig"])
def config_class(request):
    return configs()[request.param]


def test_no_options_give_the_default_config(config_class):
    options = parser_of(config_class).parse_args([])
    assert config_from(options, config_class) == config_class()
    assert given_settings(options, config_class) == {}


def test_every_field_is_an_option_with_its_meaning_and_default(config_class):
    text = " ".join(parser_of(config_class).format_help().split())
    for name, notes in field_notes(config_class).items():
        assert f"--{name.replace('_', '-')} " in text
        assert notes["help"], name
        assert f"default: {notes['default']}" in text


def test_every_default_can_be_given_as_an_option(config_class):
    arguments = []
    for field in fields(config_class):
        flag = field.name.replace("_", "-")
        if isinstance(field.default, bool):
            arguments.append(f"--{flag}" if field.default else f"--no-{flag}")
        else:
            arguments += [f"--{flag}", str(field.default)]
    options = parser_of(config_class).parse_args(arguments)
    assert config_from(options, config_class) == config_class()
    assert set(given_settings(options, config_class)) == {field.name for field in fields(config_class)}


def test_options_become_fields():
    options = parser_of(Example).parse_args(["--step-count", "7", "--no-fast", "--color", "blue"])
    assert config_from(options, Example) == Example(7, 0.5, False, "blue")


def test_values_beyond_their_limits_are_refused():
    options = parser_of(Example).parse_args(["--step-count", "70"])
    with pytest.raises(ValueError, match="step_count must lie between 1 and 9, got 70"):
        config_from(options, Example)


def test_help_says_limits_choices_and_percent_signs():
    text = " ".join(parser_of(Example).format_help().split())
    assert "Steps; 100 % of them. (1 to 9; default: 3)" in text
    assert "A color. (red, blue; default: red)" in text
