import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from napari_sharpgan.formats import read_nuclei


def launch(*options):
    return subprocess.run(
        [sys.executable, "-m", "napari_sharpgan", *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.gui
@pytest.mark.slow
def test_a_screenshot_run_leaves_three_files_and_ends_with_0(tmp_path):
    done = launch("--screenshot", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    window = np.asarray(Image.open(tmp_path / "out" / "window.png").convert("RGB"))
    tissue = np.asarray(Image.open(tmp_path / "out" / "tissue.png"))
    nuclei = read_nuclei(tmp_path / "out" / "nuclei.geojson")
    assert len(nuclei.polygons) == 99
    assert tissue.shape == (512, 512, 3)
    assert tissue.std() > 10
    assert min(window.shape[:2]) >= 700
    assert "Traceback" not in done.stderr


def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path):
    (tmp_path / "out").write_text("")
    done = launch("--screenshot", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "must be a folder, but it is a file" in done.stderr
    assert "Traceback" not in done.stderr
