import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.rendering import load_generator, read_card
from napari_sharpgan.training import SavePolicy, generator_path, read_config, train_run

OFTEN = SavePolicy(steps=1)


def steps_in(folder):
    return [json.loads(line)["step"] for line in (folder / "events.jsonl").read_text().splitlines()]


def weights_of(folder):
    return load_file(folder / "checkpoints" / "last.safetensors")


def test_a_run_folder_holds_what_is_promised(trainer_for, tmp_path):
    trainer = trainer_for(steps=2)
    path = run_to_end(train_run(trainer, tmp_path / "new" / "run"))
    folder = tmp_path / "new" / "run"
    assert path == generator_path(folder)
    assert read_config(folder) == trainer.config
    first = json.loads((folder / "events.jsonl").read_text().splitlines()[0])
    assert {"step", "time", "seconds", "images_per_second", "loss_generator", "loss_sharpness"} <= set(first)
    last = weights_of(folder)
    assert all(torch.equal(last[name], value) for name, value in trainer.generator.state_dict().items())
    assert {value.dtype for value in last.values()} <= {torch.float32, torch.int64}
    assert read_card(path)["step"] == 2
    picture = load_generator(path)(torch.zeros(1, 1, 256, 256))
    assert picture.shape == (1, 3, 256, 256)
    assert picture.isfinite().all()


def test_a_stopped_run_is_exported_and_goes_on_to_the_same_weights(trainer_for, tmp_path):
    """Dropout and noise draw random numbers: they go on where they were."""
    settings = {"steps": 4, "dropout": 0.5}
    run_to_end(train_run(trainer_for(**settings), tmp_path / "unbroken"))
    first = trainer_for(**settings)
    run_to_end(train_run(first, tmp_path / "broken", should_stop=lambda: first.step == 2))
    assert generator_path(tmp_path / "broken").is_file()
    torch.manual_seed(123)
    run_to_end(train_run(trainer_for(**settings), tmp_path / "broken"))
    assert steps_in(tmp_path / "broken") == [1, 2, 3, 4]
    unbroken, broken = weights_of(tmp_path / "unbroken"), weights_of(tmp_path / "broken")
    assert all(torch.equal(unbroken[name], broken[name]) for name in unbroken)


def test_a_finished_run_ends_at_once_with_its_generator(trainer_for, tmp_path):
    path = run_to_end(train_run(trainer_for(steps=1), tmp_path))
    assert list(train_run(trainer_for(steps=1), tmp_path)) == []
    assert path.is_file()


def test_checkpoints_come_when_the_policy_says_so(trainer_for, tmp_path):
    saved = []
    for _ in train_run(trainer_for(steps=4), tmp_path, save=SavePolicy(steps=2)):
        path = tmp_path / "checkpoints" / "last.safetensors"
        saved.append(read_card(path)["step"] if path.is_file() else 0)
    assert saved == [0, 2, 2, 4]


def test_other_settings_than_those_of_the_run_are_refused(trainer_for, tmp_path):
    run_to_end(train_run(trainer_for(steps=1), tmp_path))
    with pytest.raises(ValueError, match=r"was begun with width 2 \(now 3\); keep that or choose another"):
        run_to_end(train_run(trainer_for(steps=1, width=3), tmp_path))


def test_a_cut_checkpoint_is_said(trainer_for, tmp_path):
    run_to_end(train_run(trainer_for(steps=1), tmp_path))
    path = tmp_path / "checkpoints" / "last.resume"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"last\.resume cannot be gone on from; it is cut short"):
        run_to_end(train_run(trainer_for(steps=1), tmp_path))


@pytest.mark.parametrize("text", ["{", "[1]", '{"depth": 3}', '{"steps": 0}'])
def test_a_broken_config_is_said(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match=r"config\.json is no config of a training"):
        read_config(tmp_path)


FULL_DISK = """
import resource, sys
from pathlib import Path
from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.training import GanConfig, SavePolicy, train
config = GanConfig(width=2, batch_size=2, steps=2, precision="float32")
for size in map(int, sys.argv[3:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    run = Path(sys.argv[2], str(size))
    try:
        run_to_end(train(sys.argv[1], run, config, device="cpu"))
    except OSError as error:
        print(error, sorted(path.name for path in run.rglob("*") if path.is_file()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit for the size of files stands for a full disk")
def test_a_full_disk_is_said_and_leaves_no_half_file(tissue_folder, tmp_path):
    sizes = [200, 700, 100_000, 500_000]  # too small for config, events, weights, what a resume needs
    arguments = [str(tissue_folder), str(tmp_path), *map(str, sizes)]
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, *arguments], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(sizes), done.stdout
    assert all("cannot be written to (" in line and "make room" in line for line in lines)
    assert "[]" in lines[0]
    assert "['config.json', 'events.jsonl']" in lines[2]
    assert "['config.json', 'events.jsonl', 'last.safetensors']" in lines[3]
