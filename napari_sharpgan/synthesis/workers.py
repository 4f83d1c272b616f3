"""Many jobs at once: in this process, in processes on this machine, or on a dask.distributed cluster."""

from __future__ import annotations

import logging
import os
import re
import signal
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from napari_sharpgan._tasks import ShouldStop, never

Job = TypeVar("Job")
Result = TypeVar("Result")

INSTALL = 'pip install "napari-sharpgan[cluster]"'
AHEAD = 2  # jobs a thread of a worker that are handed out at once: one that runs, one that waits
SECONDS_FOR_WORKERS = 60.0
SECONDS_BETWEEN_LOOKS = 0.05
SECONDS_BETWEEN_COUNTS = 5.0  # of the workers, which may come and go

_SKIPPED = "sharpgan: skipped"
# Whether the job that this thread is at should stop: a process may be at several, of several sets.
_asked: ContextVar[ShouldStop] = ContextVar("asked", default=never)


class Stopped(Exception):
    """A job ended early because `is_stopping` said so, and left nothing half-done."""


@dataclass(frozen=True)
class Workers:
    """Where jobs are done.

    Parameters
    ----------
    count : int
        Processes on this machine; 1 is this process itself.
    scheduler : str
        Address of a dask.distributed scheduler, such as ``tcp://10.0.0.1:8786``; ``count`` is ignored then.
    """

    count: int = 1
    scheduler: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no number of processes."""
        if self.count < 1:
            raise ValueError(f"workers must be at least 1, got {self.count}")

    @property
    def is_here(self) -> bool:
        """Whether this process does the jobs itself."""
        return self.count == 1 and not self.scheduler


HERE = Workers()  # this process itself


def run_jobs(
    work: Callable[[Job], Result],
    jobs: Iterable[Job],
    workers: Workers = HERE,
    should_stop: ShouldStop = never,
) -> Generator[tuple[Job, Result], None, None]:
    """Do jobs, and yield each with what it came to as soon as it is finished, in any order.

    Only a few jobs a worker are handed out at a time. A job whose worker is lost is done by another, so a job
    must come to the same when it is done twice.

    Parameters
    ----------
    work : callable
        Does a job. It goes to other processes: a function of a module, or an instance of a small frozen
        dataclass with ``__call__``. What is heavy, such as a `Renderer`, is made where it is needed and kept
        there (`functools.lru_cache`). A long job may ask `is_stopping` and raise `Stopped`.
    jobs : iterable
        Small things that can be pickled; taken one by one.
    workers : Workers
        Where.
    should_stop : callable
        Asked between the jobs: those that have begun are finished and yielded, no other is begun.

    Raises
    ------
    ImportError
        If other processes are asked for and dask.distributed is not installed.
    OSError
        If no scheduler answers at the address, or it has no workers.
    RuntimeError
        If the workers of one job are lost again and again, or the scheduler is lost.
    """
    if workers.is_here:
        yield from _run_here(work, jobs, should_stop)
        return
    with _client(workers) as client:
        _wait_for_workers(client, workers, should_stop)
        yield from _run_there(client, work, iter(jobs), should_stop)


def is_stopping() -> bool:
    """Return whether the job that this thread is at should stop, at the price of little."""
    return _asked.get()()


def device_here(device: str) -> str:
    """Return the device for a job in this process: of several GPUs one a worker, by the worker's number.

    Workers of a cluster never share one where each sees one (``CUDA_VISIBLE_DEVICES``), or where those of a
    machine are named ``…-0``, ``…-1`` and so on.
    """
    import torch

    number, gpus = _worker_number(), torch.cuda.device_count()
    if number is None or gpus < 2 or device not in ("auto", "cuda"):
        return device
    return f"cuda:{number % gpus}"


def _worker_number() -> int | None:
    """Return the number at the end of the name of the worker that this is; None where it is none."""
    try:
        from distributed import get_worker

        name = str(get_worker().name)
    except (ImportError, ValueError):
        return None
    digits = re.search(r"\d+$", name)
    return int(digits[0]) if digits else 0


def _run_here(
    work: Callable[[Job], Result], jobs: Iterable[Job], should_stop: ShouldStop
) -> Generator[tuple[Job, Result], None, None]:
    """Do jobs one by one."""
    for job in jobs:
        if should_stop():
            return
        try:
            with _asking(should_stop):
                result = work(job)
        except Stopped:
            return
        yield job, result


@contextmanager
def _asking(should_stop: ShouldStop) -> Iterator[None]:
    """Let `is_stopping` say what ``should_stop`` does."""
    before = _asked.set(should_stop)
    try:
        yield
    finally:
        _asked.reset(before)


# ---- other processes


@contextmanager
def _client(workers: Workers) -> Iterator[Any]:
    """Connect to a scheduler, of processes on this machine where no other is named."""
    try:
        import distributed
    except ImportError as error:
        raise ImportError(
            f"several workers need dask.distributed, which is not installed: {INSTALL}"
        ) from error
    if workers.scheduler:
        try:
            client = distributed.Client(workers.scheduler, timeout=20)
        except (OSError, TimeoutError, ValueError) as error:
            raise OSError(
                f"no scheduler answers at {workers.scheduler} ({error}); start one with: dask scheduler"
            ) from error
        with client:
            yield client
        return
    threads = str(max(1, (os.cpu_count() or 1) // workers.count))
    with (
        distributed.LocalCluster(
            n_workers=workers.count,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
            env={"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads},
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.register_plugin(_plugin())
        yield client


def _plugin() -> Any:
    """Return what lets workers on this machine pass over Ctrl-C, which is for the process that leads them."""
    from distributed import WorkerPlugin

    class Calm(WorkerPlugin):  # type: ignore[misc]
        def setup(self, worker: Any) -> None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    return Calm()


def _wait_for_workers(client: Any, workers: Workers, should_stop: ShouldStop) -> None:
    """Wait until there is a worker."""
    end, address = time.monotonic() + SECONDS_FOR_WORKERS, workers.scheduler or client.scheduler.address
    while not client.nthreads() and not should_stop():
        if time.monotonic() > end:
            raise OSError(
                f"the scheduler at {address} has no workers after {SECONDS_FOR_WORKERS:.0f} s; "
                f"start some with: dask worker {address}"
            )
        time.sleep(0.2)


def _run_there(
    client: Any, work: Callable[[Job], Result], jobs: Iterator[Job], should_stop: ShouldStop
) -> Generator[tuple[Job, Result], None, None]:
    """Hand out jobs and yield them as they are finished."""
    from distributed import Event, as_completed

    stop = Event(f"stop-{uuid.uuid4().hex}", client=client)
    remote = _Remote(work, stop.name)
    begun: dict[Any, Job] = {}
    completed = as_completed([], with_results=False)
    room, counted, stopping = 0, -SECONDS_BETWEEN_COUNTS, False
    try:
        while True:
            if not stopping and should_stop():
                stopping = True
                stop.set()
            if time.monotonic() - counted > SECONDS_BETWEEN_COUNTS:
                room, counted = AHEAD * max(1, sum(client.nthreads().values())), time.monotonic()
            for job in islice(jobs, 0 if stopping else max(0, room - len(begun))):
                future = client.submit(remote, job, pure=False)
                begun[future] = job
                completed.add(future)
            if not begun:
                return
            for future in completed.next_batch(block=False):
                job = begun.pop(future)
                result = _result(future, job)
                if not isinstance(result, str) or result != _SKIPPED:
                    yield job, result
            time.sleep(SECONDS_BETWEEN_LOOKS)
    finally:
        _give_up(client, stop, list(begun))


def _give_up(client: Any, stop: Any, begun: list[Any]) -> None:
    """Take back what was handed out; what has begun elsewhere is to end before anyone begins anew."""
    if begun:
        stop.set()
    client.cancel(begun)


def _result(future: Any, job: Any) -> Any:
    """Return what a job came to, or raise what it raised."""
    from distributed import CancelledError
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        raise RuntimeError(
            f"the process that worked at {job} was lost {error.allowed_failures + 1} times (killed, or out "
            "of memory); what is finished stays"
        ) from error
    except CancelledError as error:
        raise RuntimeError("the scheduler of the workers was lost; what is finished stays") from error


@dataclass(frozen=True)
class _Remote:
    """Does a job in another process unless all is to stop.

    Parameters
    ----------
    work : callable
        See `run_jobs`.
    stop : str
        Name of the event that says so.
    """

    work: Callable[[Any], Any]
    stop: str

    def __call__(self, job: Any) -> Any:
        should_stop = _now_and_then(self.stop)
        if should_stop():
            return _SKIPPED
        try:
            with _asking(should_stop):
                return self.work(job)
        except Stopped:
            return _SKIPPED


def _now_and_then(name: str) -> ShouldStop:
    """Return what asks the scheduler, once a second, whether the event of that name is set."""
    from distributed import Event

    event, answer, next_time = Event(name), False, 0.0

    def is_set() -> bool:
        nonlocal answer, next_time
        if not answer and time.monotonic() >= next_time:
            answer, next_time = bool(event.is_set()), time.monotonic() + 1.0
        return answer

    return is_set
