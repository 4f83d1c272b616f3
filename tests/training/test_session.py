import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.run_folders import running_process
from napari_sharpgan.training import (
    GanConfig,
    RunRecord,
    generator_path,
    looks,
    read_record,
    train,
)
from napari_sharpgan.training.record import keep_record

TINY = GanConfig(width=2, batch_size=1, steps=6, dropout=0.5, samples=0, precision="float32")


def test_bad_data_is_said_before_there_is_a_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere is no folder"):
        next(train(tmp_path / "nowhere", tmp_path / "run", TINY))
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="holds no image with labels"):
        next(train(tmp_path / "empty", tmp_path / "run", TINY))
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_written_to_is_said(tissue_folder, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"file/run cannot be written to|file.run cannot be written to"):
        next(train(tissue_folder, tmp_path / "file" / "run", TINY, device="cpu"))


def test_one_run_is_trained_by_one_process_at_a_time(tissue_folder, tmp_path):
    first = train(tissue_folder, tmp_path, TINY, device="cpu")
    next(first)
    with pytest.raises(ValueError, match=r"trains in .* already"):
        next(train(tissue_folder, tmp_path, device="cpu"))
    first.close()
    assert running_process(tmp_path) is None


def test_a_stopped_run_says_where_and_has_a_generator(tissue_folder, tmp_path):
    seen = []
    task = train(tissue_folder, tmp_path, TINY, device="cpu", should_stop=lambda: len(seen) == 2)
    result = run_to_end(task, seen.append)
    assert (result.stopped, result.step, result.steps) == (True, 2, 6)
    assert result.weights == generator_path(tmp_path)
    assert result.weights.is_file()


@pytest.fixture(scope="module")
def unbroken(tissue_folder, tmp_path_factory):
    """A run of six steps that nothing happened to."""
    run = tmp_path_factory.mktemp("unbroken")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looks, "SETTLING_CROPS", 4)  # as in each test
        run_to_end(train(tissue_folder, run, TINY, recipe="gan-dist", device="cpu"))
    return run


def test_a_run_keeps_recipe_and_data_and_tells_the_survey(tissue_folder, unbroken, tmp_path):
    record = read_record(unbroken)
    assert (record.config, record.recipe) == (TINY, "gan-dist")
    told = []
    run_to_end(
        train(tissue_folder, tmp_path, TINY, device="cpu", should_stop=lambda: True, on_survey=told.append)
    )
    assert [found.manifest for found in told] == [record.data]
    assert [file.image for file in record.data.train] == ["images/0.png"]
    assert [file.image for file in record.data.validation] == ["images/1.png"]


def test_a_run_knows_its_data_wherever_it_was_moved(tissue_folder, tmp_path):
    data, moved, run = tmp_path / "data", tmp_path / "moved", tmp_path / "run"
    shutil.copytree(tissue_folder, data)
    asked = []
    stops = {"device": "cpu", "should_stop": lambda: len(asked) == 1}
    run_to_end(train(data, run, TINY, **stops), asked.append)
    asked.clear()
    assert run_to_end(train(None, run, **stops), asked.append).step == 2
    data.rename(moved)
    with pytest.raises(FileNotFoundError, match=r"lay in .*data, which is no folder any more; say where"):
        next(train(None, run, device="cpu"))
    asked.clear()
    assert run_to_end(train(moved, run, **stops), asked.append).step == 3
    (moved / "labels" / "1.png").unlink()
    image = Image.open(moved / "images" / "0.png")
    image.transpose(Image.Transpose.ROTATE_180).save(moved / "images" / "0.png")
    with pytest.raises(ValueError, match=r"was begun with: 1 changed \(images/0\.png\), 1 missing"):
        next(train(moved, run, device="cpu"))
    assert _steps(run) == [1, 2, 3]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a signal")
def test_a_run_killed_at_any_moment_goes_on_to_the_weights_of_an_unbroken_one(
    tissue_folder, unbroken, tmp_path
):
    """Killed between two steps, then as the checkpoint of a later step is being written."""
    command = [Path(sys.executable).with_name("sharpgan"), "train", tissue_folder, "--run", tmp_path / "run"]
    command += ["--device", "cpu", "--checkpoint-every", 1]
    keep_record(RunRecord(TINY, "gan-dist", read_record(unbroken).data), _made(tmp_path / "run"))

    def is_writing(begun):
        return len(_steps(tmp_path / "run")) > begun and any((tmp_path / "run").glob("checkpoints/.last-*"))

    moments = [
        lambda begun: len(_steps(tmp_path / "run")) > begun,
        is_writing,
    ]
    for reached in moments:
        begun = len(_steps(tmp_path / "run"))
        with (tmp_path / "log.txt").open("wb") as log:
            process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)
        while not reached(begun) and process.poll() is None:
            time.sleep(0.0005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        said = (tmp_path / "log.txt").read_text()
        assert process.returncode == -signal.SIGKILL, said
    assert begun < 6, "the process was to be killed before its end"

    result = run_to_end(train(None, tmp_path / "run", device="cpu"))
    assert not result.stopped
    assert _steps(tmp_path / "run") == [1, 2, 3, 4, 5, 6]
    assert list((tmp_path / "run").rglob(".*")) == [], "what kills left half written is to be removed"
    for name in ("last.safetensors", "best.safetensors"):
        one, other = (load_file(run / "checkpoints" / name) for run in (unbroken, tmp_path / "run"))
        assert all(torch.equal(one[key], other[key]) for key in one)


def _made(folder):
    folder.mkdir()
    return folder


def _steps(folder):
    path = folder / "events.jsonl"
    lines = path.read_text().splitlines() if path.is_file() else []
    return [json.loads(line)["step"] for line in lines if line.endswith("}")]
