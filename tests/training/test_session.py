import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.training import (
    DEFAULT_RECIPE,
    RECIPES,
    GanConfig,
    SavePolicy,
    choose_config,
    generator_path,
    running_process,
    train,
)

TINY = GanConfig(width=2, batch_size=2, steps=6, dropout=0.5, precision="float32")


def test_the_settings_of_a_new_run_are_those_of_a_recipe(tmp_path):
    assert choose_config(tmp_path) == RECIPES[DEFAULT_RECIPE]
    assert choose_config(tmp_path, "gan-dist", width=8).width == 8
    with pytest.raises(ValueError, match="unknown recipe 'gan'; choose one of sharp-gan"):
        choose_config(tmp_path, "gan")


def test_a_run_that_was_begun_keeps_its_settings(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"width": 8, "seed": 5}))
    assert choose_config(tmp_path) == GanConfig(width=8, seed=5)
    assert choose_config(tmp_path, width=4).width == 4
    with pytest.raises(ValueError, match=r"begun with width 8 \(now 4\)"):
        next(train("nowhere", tmp_path, choose_config(tmp_path, width=4)))


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
    assert result.generator == generator_path(tmp_path)
    assert result.generator.is_file()


CODE = """
import sys
from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.training import SavePolicy, train
run_to_end(train(sys.argv[1], sys.argv[2], device="cpu", save=SavePolicy(steps=2)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a signal")
def test_a_killed_run_goes_on_to_the_weights_of_an_unbroken_one(tissue_folder, tmp_path):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    config = replace(TINY, steps=10)
    run_to_end(train(tissue_folder, unbroken, config, device="cpu", save=SavePolicy(steps=2)))
    killed.mkdir()
    shutil.copy(unbroken / "config.json", killed)
    process = subprocess.Popen([sys.executable, "-c", CODE, str(tissue_folder), str(killed)])
    while len(_steps(killed)) < 3 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reached = _steps(killed)
    assert 3 <= len(reached) < 10, "the process was to be killed between its first checkpoint and its end"

    result = run_to_end(train(tissue_folder, killed, device="cpu"))
    assert not result.stopped
    assert _steps(killed) == list(range(1, 11))
    for name in ("last.safetensors", "best.safetensors"):
        one, other = (load_file(folder / "checkpoints" / name) for folder in (unbroken, killed))
        assert all(torch.equal(one[key], other[key]) for key in one)


def _steps(folder):
    path = folder / "events.jsonl"
    lines = path.read_text().splitlines() if path.is_file() else []
    return [json.loads(line)["step"] for line in lines if line.endswith("}")]
