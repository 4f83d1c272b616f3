"""The wheel, the source distribution and the editable install each find manifest, weights and pictures."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "out", "runs")
LOOK_AROUND = """
import json
from importlib.metadata import entry_points
from pathlib import Path
from npe2 import PluginManifest
import napari_sharpgan
from napari_sharpgan._resources import resources
package = Path(napari_sharpgan.__file__).parent
files = [path for path in resources().rglob("*") if path.is_file()]
print(json.dumps({
    "package": str(package),
    "typed": (package / "py.typed").is_file(),
    "resources": {path.relative_to(resources()).as_posix(): path.stat().st_size for path in files},
    "manifest": PluginManifest.from_distribution("napari-sharpgan").name,
    "commands": [entry.name for entry in entry_points(group="console_scripts")],
}))
"""

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """Return a copy of this checkout that a build may write to, with a resource more."""
    copy = tmp_path_factory.mktemp("source") / "checkout"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=LEFT_BEHIND)
    (copy / "resources" / "deep").mkdir(parents=True)
    (copy / "resources" / "deep" / "stand-in.safetensors").write_bytes(b"weights")
    return copy


@pytest.fixture(scope="module")
def sdist(checkout, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=checkout)
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory) -> Path:
    """Return the wheel that is built from the source distribution."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.unpack_archive(sdist, folder)
    source = next(path for path in folder.iterdir() if path.is_dir())
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=source)
    return next(folder.glob("*.whl"))


def what_is_found(install: list[str | Path], folder: Path) -> dict:
    """Install into a new environment that borrows our packages, and look around from an empty folder."""
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    borrowed = sysconfig.get_path("purelib")
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    Path(own, "borrowed.pth").write_text(borrowed)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, *install, cwd=folder)
    empty = folder / "empty"
    empty.mkdir()
    return json.loads(run(python, "-c", LOOK_AROUND, cwd=empty))


def check(found: dict, checkout: Path) -> None:
    files = [path for path in (checkout / "resources").rglob("*") if path.is_file()]
    ours = {path.relative_to(checkout / "resources").as_posix(): path.stat().st_size for path in files}
    assert found["resources"] == ours
    assert found["manifest"] == "napari-sharpgan"
    assert found["typed"]
    assert "sharpgan" in found["commands"]


def test_the_wheel_from_the_source_distribution_finds_all(wheel, checkout, tmp_path):
    found = what_is_found([wheel], tmp_path)
    check(found, checkout)
    assert Path(found["package"]).is_relative_to(tmp_path)


def test_pip_install_of_a_folder_finds_all(checkout, tmp_path):
    found = what_is_found([checkout], tmp_path)
    check(found, checkout)
    assert Path(found["package"]).is_relative_to(tmp_path)


def test_an_editable_install_finds_all_in_the_checkout(checkout, tmp_path):
    found = what_is_found(["-e", checkout], tmp_path)
    check(found, checkout)
    assert found["package"] == str(checkout / "napari_sharpgan")
    copies = [path.name for path in (tmp_path / "env").rglob("*.safetensors")]
    assert copies == [], "an editable install must not carry copies of the weights"


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top.removesuffix(".dist-info").partition("-")[0] for top in tops} == {"napari_sharpgan"}
    assert not [name for name in names if name.startswith("napari_sharpgan/tests")]
    assert [name for name in names if name.endswith("LICENSE")]


def test_the_source_distribution_holds_what_setting_up_needs(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {
        "pyproject.toml",
        "constraints.txt",
        "Makefile",
        "scripts/setup.sh",
        "LICENSE",
        "README.md",
    }
    assert "tests/test_packaging.py" in names


def test_no_dependency_of_the_core_is_a_gui():
    core = [name for name in requires("napari-sharpgan") if "extra ==" not in name]
    assert not [
        name for name in core if name.lower().startswith(("napari", "pyqt", "pyside", "qtpy", "magicgui"))
    ]


def test_npe2_calls_the_manifest_valid():
    manifest = ROOT / "napari_sharpgan" / "napari.yaml"
    run(sys.executable, "-m", "npe2", "validate", "--imports", manifest, cwd=ROOT)
