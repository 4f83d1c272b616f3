import json
import re
import subprocess
import sys
import time

import psutil
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
    """Start a training in two processes, or go on with it."""
    command = (*TORCHRUN, "-m", "--", "napari_sharpgan.cli", "train", data, "--run", folder)
    log = (folder.parent / f"{folder.name}.log").open("a")
    return subprocess.Popen([*map(str, command), "--device", "cpu", *WORDS, *more], stdout=log, stderr=log)


def events(folder):
    path = folder / "events.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def said_of(folder):
    return (folder.parent / f"{folder.name}.log").read_text()


def weights_of(folder):
    return load_file(folder / "checkpoints" / "last.safetensors")


def wait_until(condition, seconds=240):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)  # a step takes longer


@pytest.fixture(scope="module")
def alone(tissue_folder, tmp_path_factory):
    """Train in one process."""
    folder = tmp_path_factory.mktemp("alone") / "run"
    run_to_end(train(tissue_folder, folder, GanConfig(**SETTINGS), device="cpu"))
    return folder


@pytest.fixture(scope="module")
def together(tissue_folder, tmp_path_factory):
    """Train in two processes that nothing happens to."""
    folder = tmp_path_factory.mktemp("together") / "run"
    assert torchrun(tissue_folder, folder).wait(400) == 0, said_of(folder)
    return folder


@pytest.mark.slow
def test_two_processes_learn_what_one_learns_from_the_joint_batch(alone, together):
    assert [event["step"] for event in events(together)] == [1, 2, 3, 4, 5]
    for mine, theirs in zip(events(alone), events(together), strict=True):
        names = [name for name in mine if name.startswith("loss_")]
        assert len(names) == 6
        assert [theirs[name] for name in names] == pytest.approx([mine[name] for name in names], abs=3e-5)
    weights, others = weights_of(alone), weights_of(together)
    assert weights.keys() == others.keys()
    for name, weight in weights.items():
        moved = SETTINGS["steps"] * SETTINGS["learning_rate"]  # at most, as Adam goes
        apart = 1e-3 if "running" in name else 0.05 * moved
        assert (weight - others[name]).abs().double().mean() < apart, name


def partner_of(processes, folder):
    """Return the process that trains together with the one that writes the run folder."""
    children = psutil.Process(processes.pid).children(recursive=True)
    workers = [child for child in children if "napari_sharpgan.cli" in child.cmdline()]
    (partner,) = (worker for worker in workers if worker.pid != running_process(folder))
    return partner


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="stopping and killing are signals")
def test_two_processes_that_stop_or_of_which_one_is_killed_go_on_to_the_same_weights(
    together, tissue_folder, tmp_path
):
    folder = tmp_path / "run"
    processes = torchrun(tissue_folder, folder)
    wait_until(lambda: events(folder) or processes.poll() is not None)
    assert ask_to_stop(folder), said_of(folder)
    assert processes.wait(100) != 0  # one of them was stopped, says torchrun
    assert running_process(folder) is None
    stopped = len(events(folder))

    processes = torchrun(tissue_folder, folder, "--checkpoint-every", "1")
    wait_until(lambda: len(events(folder)) > stopped or processes.poll() is not None)
    partner_of(processes, folder).kill()
    assert processes.wait(100) != 0
    sentence = (
        r"sharpgan: another process of this training ended \(.*\); the same command goes on from the last"
    )
    assert len(re.findall(sentence, said_of(folder))) == 1
    assert "parallel.py" not in said_of(folder), "a sentence, no traceback"
    assert running_process(folder) is None
    assert len(events(folder)) < SETTINGS["steps"], "one was to be killed before the end"

    assert torchrun(tissue_folder, folder).wait(400) == 0, said_of(folder)
    assert [event["step"] for event in events(folder)] == [1, 2, 3, 4, 5]
    weights, others = weights_of(together), weights_of(folder)
    assert all(torch.equal(weights[name], others[name]) for name in weights)


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
