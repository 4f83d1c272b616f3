"""Imports only go down, nothing below the widgets knows a GUI, and all stays short, clean and light."""

import ast
import hashlib
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "napari_sharpgan"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
PYTHON_FILES = sorted(
    path
    for folder in ("napari_sharpgan", "tests", "benchmarks", "examples")
    for path in (ROOT / folder).rglob("*.py")
)
GUI = {"magicgui", "napari", "pyqtgraph", "PyQt5", "PyQt6", "PySide6", "qtpy", "superqt", "vispy"}
KNOW_A_GUI = {"__main__", "widgets", "napari_io"}
FIRST_WITH_TORCH = "models"
MEGABYTE = 2**20


def read_floors() -> dict[str, int]:
    """Return the floor of each part as the contract of import-linter has them, counted from 0 at the top."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(contract["layers"] for contract in contracts if contract["id"] == "floors")
    return {part: number for number, floor in enumerate(floors) for part in re.findall(r"\w+", floor)}


FLOOR_OF = read_floors()


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_names(path: Path) -> Iterator[str]:
    """Yield the full name of all that a module imports, inside functions and under TYPE_CHECKING as well."""
    package = ["napari_sharpgan", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imported_parts(path: Path) -> set[str]:
    names = (name.split(".") for name in imported_names(path))
    return {name[1] for name in names if name[0] == "napari_sharpgan" and len(name) > 1} & set(FLOOR_OF)


def modules_loaded_by(parts: set[str]) -> set[str]:
    """Import all modules of some parts in a new interpreter and return the packages that came with them."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if part_of(path) in parts
    ]
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    return set(python(code).split())


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tracked_files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


# ---- floors


def test_every_part_of_the_package_has_a_floor():
    assert {part_of(path) for path in MODULES} <= set(FLOOR_OF), (
        "declare it in [tool.importlinter] of pyproject.toml"
    )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_only_go_down(path):
    here = part_of(path)
    words = {part for part in FLOOR_OF if part.startswith("_") and part != "__main__"}
    for there in imported_parts(path) - {here}:
        below = FLOOR_OF[there] > FLOOR_OF[here]
        assert below or {here, there} <= words, f"{here} must not import {there}"


def test_the_check_of_floors_sees_every_way_to_import(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    path = tmp_path / "maps" / "deep.py"
    path.parent.mkdir()
    path.write_text(
        "import napari_sharpgan.scene\n"
        "from napari_sharpgan import models\n"
        "from .. import cli\n"
        "from ..training import gan\n"
        "from . import binary\n"
        "def late():\n    from napari_sharpgan.widgets.tissue import dock\n"
    )
    assert imported_parts(path) == {"scene", "models", "cli", "training", "maps", "widgets"}


def test_the_package_itself_imports_nothing_and_is_there_in_50_ms():
    code = (
        "import sys, time; before = set(sys.modules); start = time.perf_counter(); import napari_sharpgan;"
        "print(time.perf_counter() - start, *(set(sys.modules) - before - {'napari_sharpgan'}))"
    )
    runs = [python(code).split() for _ in range(3)]
    assert runs[0][1:] == []
    assert min(float(run[0]) for run in runs) < 0.05


def test_only_widgets_and_napari_io_load_a_gui():
    assert not modules_loaded_by(set(FLOOR_OF) - KNOW_A_GUI) & GUI


def test_nothing_below_the_networks_loads_torch():
    below = {part for part, floor in FLOOR_OF.items() if floor > FLOOR_OF[FIRST_WITH_TORCH]}
    assert {"nuclei", "maps", "formats", "scene"} < below
    assert "torch" not in modules_loaded_by(below)


# ---- short


@pytest.mark.parametrize("path", PYTHON_FILES, ids=name_of)
def test_files_have_at_most_400_lines(path):
    lines = path.read_text().count("\n")
    assert lines <= 400, "split it: one idea a file"


@pytest.mark.parametrize("path", PYTHON_FILES, ids=name_of)
def test_functions_have_at_most_50_lines(path):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, functions)]
    assert [f"{node.name}: {lines_of(node)}" for node in nodes if lines_of(node) > 50] == []


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function, from its ``def`` on, without its docstring."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - (docstring.end_lineno - docstring.lineno + 1)


# ---- clean

LEFT_TO_DO = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X])\b")
MACHINE_PATH = re.compile(r"(?<![\w.~:/$}-])/(home|root|work|opt|Users|mnt)/\w|[A-Z]:\\Users\\\w")
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".svs", ".bmp", ".npy", ".npz", ".mat", ".zarr"}


def readable_lines(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    yield from (f"{name_of(path)}:{number}: {line}" for number, line in enumerate(text.splitlines(), 1))


@pytest.mark.parametrize("pattern", [LEFT_TO_DO, MACHINE_PATH], ids=["to do", "machine path"])
def test_no_file_holds(pattern):
    lines = (line for path in tracked_files() for line in readable_lines(path))
    assert [line for line in lines if pattern.search(line.partition(": ")[2])] == []


def test_the_patterns_find_what_they_are_for():
    assert LEFT_TO_DO.search("# {}: later".format("TO" + "DO"))
    assert MACHINE_PATH.search("see '/{}/data'".format("root"))
    assert not MACHINE_PATH.search("resources/root/data, https://example.org/work/page")


def test_pictures_lie_in_resources_only():
    pictures = [path for path in tracked_files() if path.suffix.lower() in PICTURES]
    assert [name_of(path) for path in pictures if path.relative_to(ROOT).parts[0] != "resources"] == []


def test_no_tissue_is_tracked(real_data):
    sizes = {path.stat().st_size: path for path in tracked_files()}
    same_size = [path for path in real_data.rglob("*") if path.is_file() and path.stat().st_size in sizes]
    tracked = {hashlib.sha256(path.read_bytes()).digest() for path in tracked_files()}
    found = [
        path
        for path in same_size
        if path.stat().st_size and hashlib.sha256(path.read_bytes()).digest() in tracked
    ]
    assert [path.name for path in found] == []


def test_weights_fit_into_a_repository():
    sizes = {name_of(path): path.stat().st_size for path in tracked_files() if path.suffix == ".safetensors"}
    assert all(size <= 28 * MEGABYTE for size in sizes.values()), sizes
    assert sum(sizes.values()) <= 60 * MEGABYTE, sizes


def test_the_manifest_at_the_top_is_the_one_in_the_package():
    if not (ROOT / "napari.yaml").exists():
        pytest.skip("a source distribution carries the manifest in the package only")
    assert (ROOT / "napari.yaml").read_text() == (PACKAGE / "napari.yaml").read_text()
    assert importlib.util.find_spec("napari_sharpgan").origin == str(PACKAGE / "__init__.py")
