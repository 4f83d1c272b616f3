import json

from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.run_folders import EventReader
from napari_sharpgan.run_folders.events import EVENTS, cut_events


def write(folder, *steps, mode="a"):
    with (folder / EVENTS).open(mode) as file:
        file.writelines(json.dumps({"step": step}) + "\n" for step in steps)


def steps_of(reading):
    return [event["step"] for event in reading[1]]


def test_each_event_is_read_once(tmp_path):
    reader = EventReader(tmp_path)
    assert reader.read() == (False, [])
    write(tmp_path, 1, 2)
    assert steps_of(reader.read()) == [1, 2]
    assert reader.read() == (False, [])
    write(tmp_path, 3)
    assert steps_of(reader.read()) == [3]


def test_a_half_written_event_waits_for_its_other_half(tmp_path):
    reader = EventReader(tmp_path)
    write(tmp_path, 1)
    with (tmp_path / EVENTS).open("a") as file:
        file.write('{"st')
        file.flush()
        assert steps_of(reader.read()) == [1]
        file.write('ep": 2}\n')
    assert steps_of(reader.read()) == [2]


def test_a_file_that_was_cut_back_is_read_anew(tmp_path):
    reader = EventReader(tmp_path)
    write(tmp_path, 1, 2, 3, 4)
    assert reader.read()[0]
    cut_events(tmp_path / EVENTS, 2)
    write(tmp_path, 3)
    renewed, events = reader.read()
    assert renewed
    assert [event["step"] for event in events] == [1, 2, 3]


@settings(deadline=None)
@given(limit=st.integers(20, 200))
def test_a_long_file_is_read_in_pieces(tmp_path_factory, limit):
    folder = tmp_path_factory.mktemp("run")
    write(folder, *range(1, 51))
    reader, seen = EventReader(folder), []
    while steps := steps_of(reader.read(limit)):
        seen += steps
    assert seen == list(range(1, 51))


def test_cutting_drops_what_a_kill_left_half_written(tmp_path):
    write(tmp_path, 1, 2, 3)
    with (tmp_path / EVENTS).open("a") as file:
        file.write('{"step": 4, "loss')
    cut_events(tmp_path / EVENTS, 9)
    assert steps_of(EventReader(tmp_path).read()) == [1, 2, 3]
    assert (tmp_path / EVENTS).read_text().endswith("}\n")
