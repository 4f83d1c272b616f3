import json

import pytest

from napari_sharpgan.run_folders import remember
from napari_sharpgan.run_folders.control import claimed
from napari_sharpgan.run_folders.status import RunStatus
from napari_sharpgan.training import GanConfig
from napari_sharpgan.widgets._run_list import NEW, RunList, RunWatch, look_at_runs, words_of


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """A function that begins runs by name, which nobody but this test remembers."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))

    def begin(name, step=4):
        run = tmp_path / name
        (run / "checkpoints").mkdir(parents=True)
        record = {"format": 1, "recipe": "sharp-gan", "config": vars(GanConfig(steps=8))}
        data = {"folder": str(tmp_path), "train": [], "validation": []}
        (run / "config.json").write_text(json.dumps(record | {"code": {}, "data": data}))
        (run / "events.jsonl").write_text(json.dumps({"step": step, "time": 1.0}) + "\n")
        remember(run)
        return run

    return begin


def texts(box):
    return [box.itemText(index) for index in range(box.count())]


def test_runs_going_on_stand_first_and_then_the_newest(begun):
    old, going, new = begun("old"), begun("going"), begun("new", step=8)
    with claimed(going):
        assert [run.folder for run in look_at_runs([])] == [going, new, old]
        assert [words_of(run) for run in look_at_runs([])] == [
            "going · training, 50%",
            "new · finished",
            "old · stopped at 50%",
        ]


def test_the_list_follows_runs_that_begin_and_end_elsewhere(begun, qtbot):
    box, watch = RunList(), RunWatch()
    qtbot.addWidget(box)
    watch.seen.connect(box.show_runs)
    run = begun("one")
    with claimed(run):
        watch.start()
        qtbot.waitUntil(lambda: texts(box) == [NEW, "one · training, 50%"])
    qtbot.waitUntil(lambda: texts(box) == [NEW, "one · stopped at 50%"], timeout=10_000)
    begun("two")
    qtbot.waitUntil(lambda: texts(box)[1] == "two · stopped at 50%", timeout=10_000)
    watch.stop()
    watch.deleteLater()


def test_what_is_chosen_stays_chosen_while_others_come_and_go(begun, qtbot):
    box = RunList()
    qtbot.addWidget(box)
    one = RunStatus(begun("one"), "stopped", step=1, steps=2)
    two = RunStatus(begun("two"), "running", step=1, steps=2)
    box.show_runs([one])
    box.mark(one.folder)
    box.show_runs([two, one])
    assert box.currentData() == one.folder
    box.show_runs([two])
    assert box.currentText() == NEW


def test_only_a_person_chooses(begun, qtbot):
    box = RunList()
    qtbot.addWidget(box)
    run = RunStatus(begun("one"), "stopped", step=1, steps=2)
    with qtbot.assertNotEmitted(box.chosen):
        box.show_runs([run])
        box.mark(run.folder)
    with qtbot.waitSignal(box.chosen) as chosen:
        box.activated.emit(1)
    assert chosen.args == [run.folder]
