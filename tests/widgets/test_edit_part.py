import pytest
from qtpy.QtWidgets import QPushButton

from napari_sharpgan.widgets._edit_part import TOOLS, EditPart
from napari_sharpgan.widgets._parts import WIDTH

pytestmark = pytest.mark.gui


@pytest.fixture
def part(window, monkeypatch, tmp_path, qtbot):
    """The part of the dock, for a window; what is set in it is forgotten again."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path))
    made = EditPart(window.session)
    qtbot.addWidget(made)
    return made


def click(part, text):
    next(button for button in part.findChildren(QPushButton) if button.text() == text).click()


def checked(part):
    return [name for name, button in part.modes.items() if button.isChecked()]


def test_the_part_is_as_narrow_as_a_dock(part):
    assert part.minimumSizeHint().width() <= WIDTH


def test_one_tool_is_checked_also_when_napari_or_a_key_takes_it_up(window, part):
    for name, (text, _) in TOOLS.items():
        click(part, text)
        assert checked(part) == [name]
    click(part, "Knife")
    assert checked(part) == ["knife"], "a second click leaves it"
    window.session.layers.nuclei.mode = "direct"
    assert checked(part) == ["direct"]
    window.key("B")
    assert checked(part) == ["brush"]


def test_the_slider_is_the_size_of_the_brush(window, part):
    part.size.setValue(31)
    assert window.session.tools.size == 31
    window.session.tools.size = 12
    assert part.size.value() == 12
    assert part.size_words.text() == "12 px"


def test_the_list_shows_the_class_of_the_selected_and_gives_another(window, part):
    session, choice = window.session, part.classes.choice
    first, second = list(session.scene.polygons)[:2]
    part.classes.add("Mitosis", (0, 160, 220))
    session.select([first])
    choice.activated.emit(choice.findText("Mitosis", flags=_contains()))
    assert session.scene.info[first].class_name == "Mitosis"
    assert session.scene.info[first].class_color == (0, 160, 220)
    assert choice.currentText().endswith("Mitosis")
    session.select([second])
    assert choice.currentText() == "no class"
    session.select([first, second])
    assert choice.currentIndex() == -1, "they have several"


def test_a_class_without_a_name_is_one_sentence(part, told):
    part.classes.add("", (0, 0, 0))
    assert len(told) == 1
    assert "needs a name" in told[0]


def test_a_lock_is_undone_by_the_same_button(window, part):
    key = next(iter(window.session.scene.polygons))
    window.session.select([key])
    click(part, "Lock")
    assert window.session.scene.info[key].is_locked
    click(part, "Unlock")
    assert not window.session.scene.info[key].is_locked


def test_where_nuclei_meet_is_chosen_from_a_list(window, part):
    part.meeting.activated.emit(part.meeting.findData("overwrite"))
    assert window.session.scene.meeting == "overwrite"
    window.session.tools.meeting = "overlap"
    assert part.meeting.currentData() == "overlap"


def _contains():
    from qtpy.QtCore import Qt

    return Qt.MatchFlag.MatchContains
