"""Jobs are done once each, whoever does them, and a lost worker costs nothing."""

import os
import signal
import sys
import threading
from dataclasses import dataclass

import cloudpickle
import dask
import psutil
import pytest

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.synthesis import Stopped, Workers, is_stopping, run_jobs, synthesize_tiles

TWO = Workers(2)
pytest.importorskip("distributed", reason="several workers need dask.distributed")


@pytest.fixture(scope="module", autouse=True)
def _jobs_travel():
    """Let what this module defines go to other processes, which cannot import a test."""
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    yield
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def squared(number):
    return number**2


def full(_number):
    raise OSError(28, "No space left on device")


def dead(_number):
    os.kill(os.getpid(), 9)


@dataclass(frozen=True)
class UntilAsked:
    """Notes that it began, and goes on until it is asked to stop."""

    folder: str

    def __call__(self, number):
        import time

        open(f"{self.folder}/{number}", "w").close()
        for _ in range(600):
            if is_stopping():
                raise Stopped
            time.sleep(0.05)
        return number


def test_in_this_process_jobs_are_done_in_order():
    assert list(run_jobs(squared, range(4))) == [(0, 0), (1, 1), (2, 4), (3, 9)]


def test_a_stop_between_jobs_begins_no_other():
    done = []
    asked = iter([False, False, True])
    jobs = (done.append(number) or number for number in range(9))
    assert list(run_jobs(squared, jobs, should_stop=lambda: next(asked))) == [(0, 0), (1, 1)]
    assert done == [0, 1, 2]


def test_a_long_job_may_end_in_the_middle(tmp_path):
    asked = iter([False, False, False, True])
    assert list(run_jobs(UntilAsked(str(tmp_path)), range(9), should_stop=lambda: next(asked))) == []
    assert [path.name for path in tmp_path.iterdir()] == ["0"]
    assert not is_stopping()


def test_two_runs_in_one_process_are_stopped_one_by_one():
    both_begun, first_asked = threading.Barrier(2), threading.Event()

    def first(_job):
        both_begun.wait(10)
        assert is_stopping()
        first_asked.set()
        raise Stopped

    def second(job):
        both_begun.wait(10)
        assert first_asked.wait(10)
        if is_stopping():
            raise Stopped
        return job

    asked, found = iter([False, True]), []
    stopped = threading.Thread(
        target=lambda: found.extend(run_jobs(first, [1], should_stop=lambda: next(asked)))
    )
    stopped.start()
    assert list(run_jobs(second, [2])) == [(2, 2)]
    stopped.join()
    assert found == []


def test_without_distributed_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r'pip install "napari-sharpgan\[cluster\]"'):
        next(run_jobs(squared, range(2), TWO))


@pytest.mark.slow
def test_several_processes_stop_and_tell_errors(tmp_path):
    with pytest.raises(OSError, match="No space left on device"):
        list(run_jobs(full, range(20), TWO))
    begun = UntilAsked(str(tmp_path))
    assert list(run_jobs(begun, range(50), TWO, lambda: len(list(tmp_path.iterdir())) >= 2)) == []
    assert len(list(tmp_path.iterdir())) <= 4


@pytest.mark.slow
def test_a_job_that_kills_its_worker_is_told_in_one_sentence():
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        pytest.raises(RuntimeError, match=r"the process that worked at 7 was lost 1 times"),
    ):
        list(run_jobs(dead, [7], TWO))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_200_tiles_by_two_workers_of_which_one_is_killed_are_those_of_one_process(plan, tmp_path, contents):
    asked = plan(format="webdataset", shard=10)
    killed = []

    def kill_one(step):
        if step.made and not killed:
            worker = next(one for one in _worker_processes() if one.cpu_percent(0.2) > 20)
            worker.send_signal(signal.SIGKILL)
            killed.append(worker)

    cluster = synthesize_tiles(tmp_path / "two", asked, 200, workers=TWO, device="cpu")
    assert run_to_end(cluster, kill_one) == 200
    assert not killed[0].is_running()
    assert run_to_end(synthesize_tiles(tmp_path / "one", asked, 200, device="cpu")) == 200
    two, one = contents(tmp_path / "two"), contents(tmp_path / "one")
    assert len(one) == 22
    assert two == one


def _worker_processes():
    """Return the processes of workers that this one has."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
