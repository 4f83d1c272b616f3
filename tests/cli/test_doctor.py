import hashlib
import shutil
import subprocess
import sys
from importlib import metadata

import pytest

from napari_sharpgan import _resources, rendering
from napari_sharpgan.cli import doctor


@pytest.fixture
def shipped(tmp_path, monkeypatch, tiny_generator):
    """A folder of resources that holds the shipped generator."""
    path = tmp_path / f"{rendering.SHIPPED}.safetensors"
    shutil.copy(tiny_generator, path)
    monkeypatch.setattr(_resources, "resources", lambda: tmp_path)
    return path


def test_all_is_well_where_everything_is_there(sharpgan, shipped):
    ended = sharpgan("doctor")
    assert ended.status == 0, ended.out
    assert hashlib.sha256(shipped.read_bytes()).hexdigest() in ended.out
    assert str(shipped) in ended.out
    for name in ("numpy", "torch"):
        assert f"{name}: {metadata.version(name)}" in ended.out
    assert "device: " in ended.out
    assert "float" in ended.out


def test_missing_weights_are_an_error_with_a_remedy(sharpgan, shipped):
    shipped.unlink()
    ended = sharpgan("doctor")
    assert ended.status == 1
    assert f"MISSING weights {rendering.SHIPPED}" in ended.out
    assert "pip install" in ended.out


def test_damaged_weights_are_an_error(sharpgan, shipped):
    shipped.write_bytes(shipped.read_bytes()[:-10])
    ended = sharpgan("doctor")
    assert ended.status == 1
    assert "no whole safetensors file" in ended.out


def test_other_damaged_weights_do_not_stop_the_command(sharpgan, shipped):
    (shipped.parent / "other.safetensors").write_bytes(b"")
    ended = sharpgan("doctor")
    assert ended.status == 0
    assert "absent  weights other" in ended.out


def without(monkeypatch, *names):
    """Let some distributions look as if they were not installed."""
    version = metadata.version

    def look(name):
        if name.lower() in names:
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", look)


def test_the_command_needs_no_window(sharpgan, shipped, monkeypatch):
    without(monkeypatch, "napari", "pyqt5", "pyqt6", "bermuda", "magicgui")
    ended = sharpgan("doctor")
    assert ended.status == 0
    assert "the window (napari and qt): bermuda, magicgui, napari, pyqt5 not installed" in ended.out.lower()
    assert 'pip install "napari-sharpgan[gui]"' in ended.out
    assert "absent  Qt binding" in ended.out


def test_a_missing_package_of_the_base_is_an_error_with_a_remedy(sharpgan, shipped, monkeypatch):
    without(monkeypatch, "torch")
    ended = sharpgan("doctor")
    assert ended.status == 1
    assert "MISSING packages: torch not installed" in ended.out
    assert 'pip install "napari-sharpgan"' in ended.out


def test_it_names_the_qt_that_qtpy_would_take(monkeypatch):
    monkeypatch.setattr(doctor, "version", {"PyQt5": "5.1", "PyQt6": "6.1"}.get)
    monkeypatch.delenv("QT_API", raising=False)
    assert doctor._binding().found == "PyQt5 5.1, PyQt6 6.1; QT_API is not set, so PyQt5 5.1 is taken"
    monkeypatch.setenv("QT_API", "pyqt6")
    assert "QT_API asks for pyqt6" in doctor._binding().found


def test_requirements_are_told_apart_by_extra():
    requirements = ["numpy>=1.26", "napari>=0.7; extra == 'gui'", 'PyQt5>=5; extra == "gui"', "tqdm (>=4)"]
    assert doctor.required(requirements, "") == ["numpy", "tqdm"]
    assert doctor.required(requirements, "gui") == ["napari", "PyQt5"]


def test_it_counts_the_images_of_a_data_folder(sharpgan, shipped, real_data):
    ended = sharpgan("doctor", "--data", real_data)
    assert ended.status == 0, ended.out
    assert "data: 51 images with labels" in ended.out


def test_a_folder_without_data_is_an_error(sharpgan, shipped, tmp_path):
    ended = sharpgan("doctor", "--data", tmp_path)
    assert ended.status == 1
    assert "holds no image with labels" in ended.out


def test_it_imports_no_gui():
    code = (
        "import sys; from napari_sharpgan.cli import main; main(['doctor']);"
        "sys.exit(bool({'napari', 'qtpy', 'PyQt5', 'PyQt6', 'magicgui', 'vispy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
