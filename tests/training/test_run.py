import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.rendering import load_generator, read_card
from napari_sharpgan.training import SavePolicy, generator_path, read_record, train, train_run

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
    assert read_record(folder).config == trainer.config
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


def halved(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_cut_checkpoint_falls_back_to_the_one_before(trainer_for, tmp_path, caplog):
    run_to_end(train_run(trainer_for(), tmp_path / "unbroken"))
    folder = tmp_path / "cut"
    first = trainer_for()
    run_to_end(train_run(first, folder, save=OFTEN, should_stop=lambda: first.step == 3))
    halved(folder / "checkpoints" / "last.resume")
    run_to_end(train_run(trainer_for(), folder))
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == (
        f"last.resume in {folder} cannot be read (it is cut off or damaged); "
        "going on from previous.resume, at step 2"
    )
    assert steps_in(folder) == [1, 2, 3, 4]
    restored = torch.load(folder / "checkpoints" / "previous.resume", weights_only=True)
    assert restored["step"] == 2, "the broken checkpoint must not become the one before"
    unbroken, cut = weights_of(tmp_path / "unbroken"), weights_of(folder)
    assert all(torch.equal(unbroken[name], cut[name]) for name in unbroken)


def test_two_cut_checkpoints_are_said_with_what_stands(trainer_for, tmp_path):
    run_to_end(train_run(trainer_for(steps=2), tmp_path, save=OFTEN))
    for name in ("last.resume", "previous.resume"):
        halved(tmp_path / "checkpoints" / name)
    with pytest.raises(ValueError, match="cannot be gone on from") as told:
        run_to_end(train_run(trainer_for(steps=2), tmp_path))
    sentence = str(told.value)
    broken = "last.resume (it is cut off or damaged) and previous.resume (it is cut off or damaged)"
    assert f"{broken} cannot be read; " in sentence
    assert "best.safetensors and last.safetensors still stand there and render" in sentence
    assert sentence.endswith("to train anew choose another run folder")


def test_a_kill_while_checkpoints_change_places_leaves_the_one_before(trainer_for, tmp_path):
    first = trainer_for()
    run_to_end(train_run(first, tmp_path, save=OFTEN, should_stop=lambda: first.step == 2))
    (tmp_path / "checkpoints" / "last.resume").unlink()
    assert next(train_run(trainer_for(), tmp_path)).step == 2


def test_a_setting_that_was_edited_to_another_good_one_is_said(trainer_for, tmp_path):
    run_to_end(train_run(trainer_for(steps=1), tmp_path))
    path = tmp_path / "config.json"
    path.write_text(path.read_text().replace('"contrast": 0.1', '"contrast": 0.2'))
    with pytest.raises(ValueError, match=r"was changed: the run was trained with contrast 0\.1 \(now 0\.2\)"):
        run_to_end(train_run(trainer_for(steps=1, contrast=0.2), tmp_path))


FULL_DISK = """
import resource, sys
from pathlib import Path
from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.training import GanConfig, SavePolicy, train
config = GanConfig(width=2, batch_size=1, steps=3, samples=0, precision="float32")
save = SavePolicy(steps=1)

def start(run, limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        for step in train(sys.argv[1], run, config, device="cpu", save=save):
            if step.step == 1 and run.name == "later":  # the disk fills up after the first checkpoint
                resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    except OSError as error:
        print(error, sorted(path.name for path in run.rglob("*") if path.is_file()), flush=True)

for size in map(int, sys.argv[3:]):
    start(Path(sys.argv[2], str(size)), size)
start(Path(sys.argv[2], "later"), resource.RLIM_INFINITY)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit for the size of files stands for a full disk")
def test_a_full_disk_is_said_and_leaves_no_half_file(tissue_folder, tmp_path):
    sizes = [200, 100_000, 500_000]  # too small for the config, the weights, what a resume needs
    arguments = [str(tissue_folder), str(tmp_path), *map(str, sizes)]
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, *arguments], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(sizes) + 1, done.stdout
    assert all("cannot be written to (" in line and "make room" in line for line in lines)
    assert ["its last whole checkpoint stands" in line for line in lines] == [False, False, False, True]
    assert "config.json" not in lines[0]
    for line, files in zip(lines[1:], (0, 1, 2), strict=True):
        there = ["config.json", "events.jsonl", "last.resume", "last.safetensors", "lock"]
        expected = [name for name in there if files > 1 or name != "last.resume"]
        expected = [name for name in expected if files > 0 or name != "last.safetensors"]
        assert line.endswith(str(expected)), line
    later = tmp_path / "later"
    assert steps_in(later) == [1, 2]
    assert torch.load(later / "checkpoints" / "last.resume", weights_only=True)["step"] == 1
    run_to_end(train(tissue_folder, later, device="cpu"))
    assert steps_in(later) == [1, 2, 3]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
def test_an_event_that_does_not_fit_is_said(trainer_for, tmp_path):
    (tmp_path / "events.jsonl").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"cannot be written to \(No space left on device\); make room"):
        run_to_end(train_run(trainer_for(steps=1), tmp_path))
