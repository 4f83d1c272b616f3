import json
import subprocess
from pathlib import Path

import pytest

from napari_sharpgan.data import DataFile, Manifest
from napari_sharpgan.training import GanConfig, RunRecord, read_record
from napari_sharpgan.training.record import code_versions, keep_record

FILE = DataFile("a.png", "a.tif", "0" * 64, "1" * 64, 9, 8, 7)


@pytest.fixture
def record(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    return RunRecord(GanConfig(width=8, seed=5), "sharp-gan", Manifest(str(data), (FILE,), ()))


@pytest.fixture
def run(tmp_path, record):
    folder = tmp_path / "run"
    folder.mkdir()
    keep_record(record, folder)
    return folder


def test_what_a_run_was_begun_with_is_kept(run, record):
    assert read_record(run) == record


def test_a_folder_without_a_run_has_no_record(tmp_path):
    assert read_record(tmp_path) is None


def without(name):
    def edit(facts):
        del facts["config"][name]

    return edit


def with_config(**settings):
    return lambda facts: facts["config"].update(settings)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (with_config(width="wide"), "config.width must be a whole number, got 'wide'"),
        (with_config(width=True), "config.width must be a whole number, got True"),
        (with_config(width=0), "config.width must lie between 1 and 256, got 0"),
        (with_config(noise=1), "config.noise must be true or false, got 1"),
        (with_config(condition="heat"), "config.condition must be one of binary"),
        (with_config(depth=3), "config.depth is unknown; expected only steps, batch_size"),
        (without("seed"), "config.seed is missing; expected a whole number"),
        (lambda facts: facts.pop("data"), "data is missing; expected the fields format, recipe"),
        (lambda facts: facts.update(format=2), "format must be 1, got 2"),
        (lambda facts: facts.update(recipe=7), "recipe must be a text, got 7"),
        (lambda facts: facts["data"].update(train={}), "data.train must be a list of files, got {}"),
        (lambda facts: facts["data"]["train"][0].pop("rows"), "data.train[0].rows is missing"),
    ],
)
def test_an_edited_record_is_said_by_its_field(run, edit, told):
    path = run / "config.json"
    facts = json.loads(path.read_text())
    edit(facts)
    path.write_text(json.dumps(facts))
    with pytest.raises(ValueError, match="is no config of a training") as error:
        read_record(run)
    assert told in str(error.value)
    assert str(error.value).endswith("; put back what stood there, or choose another run folder")


@pytest.mark.parametrize("text", ["{", "", "[1]", '"text"', "\x00"])
def test_what_is_no_record_at_all_is_said(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match=r"config\.json is no config of a training: "):
        read_record(tmp_path)


def test_the_commit_is_that_of_the_checkout_and_none_without_git(monkeypatch, tmp_path):
    root = Path(__file__).parents[2]
    asked = ["git", "-C", str(root), "rev-parse", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    assert code_versions()["commit"] == (commit or None)
    assert set(code_versions()) == {"napari-sharpgan", "commit", "torch", "python"}
    monkeypatch.setenv("PATH", str(tmp_path))
    assert code_versions()["commit"] is None
