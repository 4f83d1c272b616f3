"""What README and docs say exists, and what they show runs."""

import re
import shlex
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from napari_sharpgan.cli import COMMANDS, main
from napari_sharpgan.formats import NUCLEI_FORMATS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PARTS = (
    "data|formats|losses|maps|metrics|models|nuclei|rendering|run_folders|scene|scoring|segmentation|training"
)
page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)


def blocks(path, language):
    """Return the fenced blocks of a page in a language; "" for those that name none."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [body for name, body in fences if name == language]


def inline(path):
    """Return the code within lines, outside of fenced blocks."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


def commands(path):
    """Yield the arguments of each complete ``sharpgan …`` of a page."""
    lines = [line for block in blocks(path, "") for line in block.splitlines()] + inline(path)
    for line in lines:
        for command in line.partition(" #")[0].split("&&"):
            words = shlex.split(command.replace("\\|", "|"))
            if words[:1] == ["sharpgan"] and "|" not in words and len(words) > 1:
                yield words[1:]


@page
def test_every_command_is_understood(page, monkeypatch, capsys):
    for name in COMMANDS:
        monkeypatch.setattr(f"napari_sharpgan.cli.{name.replace('-', '_')}.run", lambda options: 0)
    for arguments in commands(page):
        if arguments == ["train", "DATA"]:
            arguments += ["--run", "RUN"]  # a sentence that names the command, not all it needs
        assert main(arguments) == 0, f"sharpgan {shlex.join(arguments)}: {capsys.readouterr().err}"


@page
def test_every_option_exists(page, capsys):
    helps = ""
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        helps += capsys.readouterr().out
    for code in inline(page):
        for option in re.findall(r"(?<!\S)--[a-z][a-z-]+", code):
            assert re.search(rf"{option}\b(?!-)", helps), f"no sub-command has {option}"


def test_readme_lists_the_commands():
    assert "`sharpgan " + " | ".join(COMMANDS) + "`" in (ROOT / "README.md").read_text(encoding="utf-8")


@page
def test_every_python_name_exists(page):
    for code in inline(page):
        for part, name in re.findall(rf"(?<![\w/])(?:napari_sharpgan\.)?({PARTS})\.([A-Za-z_]\w*)", code):
            if name not in ("md", "safetensors"):
                assert hasattr(import_module(f"napari_sharpgan.{part}"), name), f"no {part}.{name}"
        for name, field in re.findall(r"\b(GanConfig|NucleiConfig)\.(\w+)", code):
            part = import_module(
                "napari_sharpgan." + {"GanConfig": "training", "NucleiConfig": "nuclei"}[name]
            )
            assert field in {item.name for item in fields(getattr(part, name))}


@pytest.mark.slow
@page
def test_every_python_cell_runs(page):
    cells = blocks(page, "python")
    if cells:
        real = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
        labels = np.zeros((64, 64), np.int32)
        labels[20:40, 20:40] = 1
        names = {"real": real, "synthetic": real, "labels": labels, "image": real}
        for cell in cells:
            exec(compile(cell, str(page), "exec"), names)


@page
def test_every_link_to_a_file_resolves(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "#")):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_the_page_of_formats_names_each_suffix():
    named = {suffix for code in inline(ROOT / "docs" / "formats.md") for suffix in code.split()}
    assert set(NUCLEI_FORMATS) <= named


def test_the_map_of_the_package_names_each_folder():
    drawn = next(block for block in blocks(ROOT / "README.md", "") if block.startswith("napari_sharpgan/"))
    folders = {path.parent.name for path in (ROOT / "napari_sharpgan").glob("*/__init__.py")}
    assert folders == set(re.findall(r"(\w+)/", drawn)) & folders
    for name in re.findall(r"(?:^|\s)(\w+)/", drawn):
        assert (ROOT / name).is_dir() or name in folders, f"no folder {name}"
