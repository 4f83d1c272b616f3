import pytest

from napari_sharpgan.widgets._remembered import remember, remembered


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))


def test_what_is_set_is_there_the_next_time():
    assert remembered("train/data", "nothing yet") == "nothing yet"
    remember("train/data", "/some where/ü, and a comma")
    assert remembered("train/data") == "/some where/ü, and a comma"


def test_a_place_that_cannot_be_written_to_is_no_error(tmp_path):
    (tmp_path / "state").touch()
    remember("train/data", "x")
    assert remembered("train/data") == ""
