import json
import subprocess
import sys
import time

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.run_folders import ask_to_stop, running_process
from napari_sharpgan.training import GanConfig, parallel, train

# a small learning rate: at ten times that, one process whose crops are in another order is 1e-4 off, as Adam
# makes full steps of gradients that are hardly more than rounding
SETTINGS = {
    **{"steps": 5, "width": 4, "batch_size": 4, "precision": "float32", "seed": 3},
    **{"learning_rate": 2e-5, "validation": 0.0, "samples": 0},
}
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
WORDS = [word for name, value in SETTINGS.items() for word in (f"--{name.replace('_', '-')}", str(value))]


def torchrun(data, folder, *more):
    """Start a training in two processes."""
    command = (*TORCHRUN, "-m", "--", "napari_sharpgan.cli", "train", data, "--run", folder)
    log = (folder.parent / f"{folder.name}.log").open("a")
    return subprocess.Popen([*map(str, command), "--device", "cpu", *WORDS, *more], stdout=log, stderr=log)


def events(folder):
    path = folder / "events.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def wait_until(condition, seconds=240):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def alone(tissue_folder, tmp_path_factory):
    """Train in one process."""
    folder = tmp_path_factory.mktemp("alone") / "run"
    run_to_end(train(tissue_folder, folder, GanConfig(**SETTINGS), device="cpu"))
    return folder


@pytest.mark.slow
def test_two_processes_learn_what_one_learns_from_the_joint_batch(alone, tissue_folder, tmp_path):
    together = tmp_path / "run"
    assert torchrun(tissue_folder, together).wait(400) == 0, (tmp_path / "run.log").read_text()
    assert [event["step"] for event in events(together)] == [1, 2, 3, 4, 5]
    for mine, theirs in zip(events(alone), events(together), strict=True):
        names = [name for name in mine if name.startswith("loss_")]
        assert len(names) == 6
        assert [theirs[name] for name in names] == pytest.approx([mine[name] for name in names], abs=1e-5)
    weights, others = (load_file(folder / "checkpoints/last.safetensors") for folder in (alone, together))
    assert weights.keys() == others.keys()
    for name, weight in weights.items():
        moved = SETTINGS["steps"] * SETTINGS["learning_rate"]  # at most, as Adam goes
        apart = 1e-3 if "running" in name else 0.05 * moved
        assert (weight - others[name]).abs().double().mean() < apart, name


@pytest.mark.slow
def test_two_processes_stop_together_and_go_on(tissue_folder, tmp_path):
    folder, more = tmp_path / "run", ("--steps", "100000")
    processes = torchrun(tissue_folder, folder, *more)
    wait_until(lambda: len(events(folder)) >= 2 or processes.poll() is not None)
    assert ask_to_stop(folder), (tmp_path / "run.log").read_text()
    assert processes.wait(100) != 0  # one of them was stopped, says torchrun
    assert running_process(folder) is None
    stopped_at = len(events(folder))
    processes = torchrun(tissue_folder, folder, *more)
    wait_until(lambda: len(events(folder)) >= stopped_at + 2 or processes.poll() is not None)
    processes.terminate()
    processes.wait(100)
    steps = [event["step"] for event in events(folder)]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= stopped_at + 2


LAWS = """
import json, os, sys
import torch
from torch import nn
from napari_sharpgan.training import parallel

with parallel.process_group(torch.device("cpu")) as device:
    rank = parallel.rank()
    assert (parallel.world_size(), parallel.is_first(), device.type) == (2, rank == 0, "cpu")
    assert list(parallel.share(6)) == [[0, 1, 2], [3, 4, 5]][rank]

    # batch norm: output, gradients and running statistics of nn.BatchNorm2d on the joint batch
    torch.manual_seed(0)
    whole = (torch.randn(6, 3, 4, 5) * torch.tensor([1, 5, 0.1]).view(3, 1, 1) + 7).requires_grad_()
    goal = torch.randn_like(whole)
    norm, joint = nn.BatchNorm2d(3), nn.Sequential(nn.BatchNorm2d(3))
    parallel.synchronize(joint)
    norm(whole).mul(goal).mean().backward()
    mine = whole.detach()[list(parallel.share(6))].requires_grad_()
    output = joint(mine)
    output.mul(goal[list(parallel.share(6))]).mean().backward()
    parallel.average_gradients(joint.parameters())
    close = lambda a, b: torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    close(mine.grad / 2, whole.grad[list(parallel.share(6))])
    for name, tensor in norm.state_dict().items():
        close(joint.state_dict()["0." + name], tensor)
    for one, other in zip(norm.parameters(), joint.parameters(), strict=True):
        close(one.grad, other.grad)
    close(joint.eval()(mine), norm.eval()(mine))

    # the first one decides, and hands on its state
    assert parallel.agreed(lambda: rank == 0) is True
    assert parallel.agreed(lambda: rank == 1) is False
    state = parallel.from_first({"step": rank, "weight": torch.full((2,), rank + 5.0)}, device)
    assert state["step"] == 0 and state["weight"].tolist() == [5, 5]
    assert parallel.mean_of_all(torch.tensor([rank, 1.0])).tolist() == [0.5, 1]
    try:
        parallel.share(3)
    except ValueError as error:
        assert str(error) == "batch_size must be a multiple of the 2 processes, got 3"
    else:
        raise SystemExit("3 crops were shared by 2 processes")
    open(f"{sys.argv[1]}/done{rank}", "x").close()
"""


@pytest.mark.slow
def test_the_parts_keep_their_laws_in_two_processes(tmp_path):
    script = tmp_path / "laws.py"
    script.write_text(LAWS)
    done = subprocess.run([*TORCHRUN, script, tmp_path], capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "done0").exists()
    assert (tmp_path / "done1").exists()


def test_alone_nothing_is_shared_and_nothing_is_changed():
    assert (parallel.world_size(), parallel.rank(), parallel.is_first()) == (1, 0, True)
    assert parallel.share(5) == range(5)
    network = nn.Sequential(nn.BatchNorm2d(2))
    parallel.synchronize(network)
    assert type(network[0]) is nn.BatchNorm2d
    assert parallel.agreed(lambda: True)
    with parallel.process_group(torch.device("cpu")) as device:
        assert device.type == "cpu"
        assert parallel.world_size() == 1


@pytest.mark.parametrize(("device", "says"), [("mps", "got mps"), ("cuda", "this machine has 0")])
def test_a_device_that_cannot_be_shared_is_told_before_anything_is_joined(device, says, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(ValueError, match=says), parallel.process_group(torch.device(device)):
        pass
