import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # on a busy machine threads of tiny networks wait for each other most of the time
    "PYTHONIOENCODING": "utf-8",
    "PYTHONWARNINGS": "error:::napari_sharpgan",
}


def test_there_are_examples():
    assert [path.name[:2] for path in EXAMPLES] == [f"{number:02}" for number in range(1, 8)]


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_writes_what_it_says_it_wrote_and_nothing_beside(path, tmp_path):
    done = subprocess.run(
        [sys.executable, path, tmp_path / "made"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
        env=os.environ | ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    written = [Path(name) for name in re.findall("^wrote (.+)$", done.stdout, re.MULTILINE)]
    assert written
    assert all(name.is_file() and name.stat().st_size > 100 for name in written)
    assert [item.name for item in tmp_path.iterdir()] == ["made"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_shows_how_to_run_it_and_imports_no_private_module(path):
    text = path.read_text()
    assert f"python examples/{path.name} [FOLDER]" in text
    assert not re.search(r"from napari_sharpgan\S*\._", text)
