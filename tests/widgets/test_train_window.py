"""A whole training in a real window, by mouse: begun, watched, paused, left, found again, ended, used."""

import gc
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QDockWidget

from napari_sharpgan.run_folders import EventReader, ask_to_stop, pause, running_process
from napari_sharpgan.training import generator_path
from napari_sharpgan.widgets._run_state import RunState
from napari_sharpgan.widgets.tissue_dock import TissueDock
from napari_sharpgan.widgets.train_dock import TrainDock

pytestmark = [pytest.mark.gui, pytest.mark.timed, pytest.mark.slow, pytest.mark.timeout(1500)]

STEPS, LOOKS = 240, 8  # looks are what keeps a fast machine from coming to the end while it is watched
LONG = 600  # seconds, on a machine that does a lot else
ENDED = RunState.NEW, RunState.RESTING, RunState.FINISHED


class Heart:
    """Beats when the event loop turns; the longest gap is what a hand has to wait for."""

    def __init__(self):
        self._timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._beats = []
        self.gaps, self.work = [], []

    def _beat(self):
        self._beats.append((time.perf_counter(), time.thread_time()))

    def start(self):
        self._beats = []
        self._timer.start()

    def stop(self):
        self._timer.stop()
        for (begun, busy), (now, more) in pairwise(self._beats):
            self.gaps.append(now - begun)
            self.work.append(more - busy)

    def say(self):
        gaps, work = np.array(self.gaps) * 1000, np.array(self.work) * 1000
        return (
            f"{len(gaps)} beats; gaps p99 {np.percentile(gaps, 99):.0f} ms, longest {gaps.max():.0f} ms; "
            f"own work p99 {np.percentile(work, 99):.0f} ms, longest {work.max():.0f} ms"
        )


def is_crowded():
    """Return whether far more wants to run here than window and training: caches are then always cold."""
    return psutil.getloadavg()[1] > 3 * psutil.cpu_count()


@pytest.fixture
def heart(qapp):
    """A heart in a process whose collector need not walk through what the tests before have left."""
    heart = Heart()
    gc.collect()
    gc.freeze()
    yield heart
    gc.unfreeze()
    heart._timer.stop()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where runs of this test are remembered and kept."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SHARPGAN_RUNS", str(tmp_path / "runs"))
    yield tmp_path
    for run in (tmp_path / "runs").glob("*"):
        ask_to_stop(run)


@pytest.fixture
def tiles(tissue_folder):
    """Real tissue if it is there."""
    real = Path(__file__).parents[3] / "shared" / "data" / "lgg"
    return real if real.is_dir() else tissue_folder


def open_docks(open_window):
    """Open a window with the docks *Tissue* and *Train*, rendered and ready."""
    window = open_window(size=(1300, 900))
    tissue, train = TissueDock(window.viewer), TrainDock(window.viewer)
    for name, dock in (("Tissue", tissue), ("Train", train)):
        window.viewer.window.add_dock_widget(dock, name=name, area="right", tabify=name == "Train")
    window.viewer.window._qt_window.findChild(QDockWidget, "Train").raise_()
    window.sampled()
    window.rendered()
    window.until(lambda: train.buttons.copy.isEnabled(), LONG)
    window.turn(0.5)
    return window, tissue, train


class Hand:
    """Clicks, and knows how long the slowest answer took."""

    def __init__(self, qtbot):
        self._qtbot = qtbot
        self.slowest, self.work = 0.0, 0.0

    def click(self, button):
        """Click a button that can be clicked."""
        assert button.isEnabled(), button.text()
        begun, busy = time.perf_counter(), time.thread_time()
        self._qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        QApplication.processEvents()
        self.slowest = max(self.slowest, time.perf_counter() - begun)
        self.work = max(self.work, time.thread_time() - busy)

    def type(self, line, text):
        self._qtbot.keyClicks(line, text)
        self._qtbot.keyClick(line, Qt.Key.Key_Return)


def last_step(run):
    return EventReader(run).read(2**30)[1][-1]["step"]


def reach(window, dock, condition, *, unless=ENDED):
    """Turn the event loop until a condition holds; fail when the run is in a state that cannot lead there.

    However slow the machine is, it may go on as long as steps pass: the patience is one for silence.
    """
    heard = [None, 0.0]

    def is_reached():
        if condition():
            return True
        now, step = time.monotonic(), None if dock.follower is None else dock.follower.step
        if heard[0] != step:
            heard[:] = step, now
        if dock.follower is not None:
            where = f"{dock.state.name} at step {step} of {STEPS}: {dock.watch.status.text()}"
            assert dock.state not in unless, f"it cannot come there any more, the run is {where}"
            assert now - heard[1] < LONG, f"nothing happened in {LONG} s, the run is {where}"
        return False

    window.until(is_reached, 10 * LONG)


def sample_of(window):
    return next((layer for layer in window.viewer.layers if layer.name == "training sample"), None)


def camera_of(window):
    return window.viewer.scene.camera.center, window.viewer.scene.camera.zoom


def begin(window, dock, hand, tiles):
    """Choose data and start a tiny run."""
    hand.type(dock.data.row.line, str(tiles))
    assert dock.data.says.text() == "Looking…"
    window.until(lambda: dock.data.fits and len(dock.data.tiles.buttons) >= 2, LONG)
    for name, value in {"width": 4, "batch_size": 2, "steps": STEPS}.items():
        dock.settings.first.rows[name].value = value
    dock.settings.rest.rows["samples"].value = LOOKS
    hand.click(dock.buttons.main)
    assert dock.state is RunState.STARTING
    assert dock.watch.status.text().startswith("Starting")


def watch(window, dock):
    """See a sample appear and change twice, with the camera where it was."""
    reach(window, dock, lambda: sample_of(window) is not None)
    layer, seen, camera = sample_of(window), [], camera_of(window)
    layer.events.data.connect(lambda event: seen.append(layer.data))
    reach(window, dock, lambda: len(seen) >= 2)
    assert sample_of(window) is layer
    assert not np.array_equal(seen[0], seen[1])
    assert camera == camera_of(window)
    assert window.viewer.layers["real tile"].data.shape == layer.data.shape
    assert dock.watch.curves.scores.steps


def pause_and_go_on(window, dock, hand, run):
    """See no step pass while it is paused, and steps pass after."""
    hand.click(dock.buttons.main)
    assert dock.state is RunState.PAUSED
    assert dock.watch.status.text().startswith("Paused")
    clicked = last_step(run)
    window.turn(4)  # the step that was going on ends, and no other begins
    paused = last_step(run)
    assert paused <= clicked + 1
    hand.click(dock.buttons.main)
    assert dock.state is RunState.TRAINING
    reach(window, dock, lambda: dock.follower.step > paused)


def close_and_pause(window, run):
    """Close the window while the run goes on; see steps pass without it, then pause it from outside."""
    process = running_process(run)
    window.viewer.close()
    closed, deadline = last_step(run), time.monotonic() + LONG
    while last_step(run) == closed:
        assert running_process(run) == process is not None, f"the process ended at step {closed}"
        assert time.monotonic() < deadline, f"no step passed after step {closed}"
        time.sleep(0.01)
    assert pause(run)
    assert running_process(run) == process


def find_again(window, dock, run):
    """See the run come back by itself, paused as it is."""
    window.until(lambda: dock.follower is not None, LONG)
    assert dock.run.path == run
    reach(window, dock, lambda: dock.follower.step == last_step(run))
    assert dock.state is RunState.PAUSED
    assert dock.watch.status.text() == f"Paused after step {dock.follower.step:,}"
    assert dock.settings.config.steps == STEPS
    assert not dock.settings.first.native.isEnabled()
    reach(window, dock, lambda: sample_of(window) is not None)


def stop_and_end(window, dock, hand, run):
    """Go on with the run, stop it, go on with it to its end: each step is there once."""
    paused = dock.follower.step
    hand.click(dock.buttons.main)
    assert dock.state is RunState.TRAINING
    reach(window, dock, lambda: dock.follower.step > paused)
    hand.click(dock.buttons.stop)
    assert dock.watch.status.text().startswith("Stopping")
    reach(window, dock, lambda: dock.state is RunState.RESTING)
    stopped = dock.follower.step
    assert paused < stopped < STEPS
    assert dock.watch.status.text() == f"Stopped and saved at step {stopped:,} of {STEPS}"
    hand.click(dock.buttons.main)
    reach(window, dock, lambda: dock.state is RunState.FINISHED)
    assert dock.watch.status.text() == f"Finished: step {STEPS} of {STEPS}"
    steps = Counter(event["step"] for event in EventReader(run).read(2**30)[1])
    assert steps == Counter(range(1, STEPS + 1))
    assert dock.buttons.report.isEnabled()


def use(window, tissue, dock, hand, run):
    """Render the scene with what the run has learned."""
    before = np.array(window.session.layers.tissue.data)
    hand.click(dock.buttons.use)
    assert window.session.tissue.settings["generator"] == str(generator_path(run))
    assert tissue.generator.currentText() == run.name
    window.until(lambda: not np.array_equal(before, window.session.layers.tissue.data), LONG)
    window.rendered()
    assert not window.session.tissue.trouble


def test_a_training_is_watched_paused_left_found_again_stopped_ended_and_used(
    open_window, place, tiles, heart, qtbot
):
    window, _, dock = open_docks(open_window)
    hand = Hand(qtbot)
    heart.start()
    begin(window, dock, hand, tiles)
    run = dock.run.path
    watch(window, dock)
    pause_and_go_on(window, dock, hand, run)
    heart.stop()
    close_and_pause(window, run)

    window, tissue, dock = open_docks(open_window)
    heart.start()
    find_again(window, dock, run)
    stop_and_end(window, dock, hand, run)
    use(window, tissue, dock, hand, run)
    heart.stop()
    answer = f"slowest answer to a click {1000 * hand.slowest:.0f} ms, own work {1000 * hand.work:.0f} ms"
    sys.stdout.write(f"\n{heart.say()}; {answer}\n")
    assert hand.work <= 0.1
    assert np.percentile(heart.work, 99) <= 0.1
    assert max(heart.work) <= (0.5 if is_crowded() else 0.25)
