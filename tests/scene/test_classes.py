import pytest

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.scene import Scene
from napari_sharpgan.scene.classes import CLASSES, PLAIN_COLOR, NucleusClass, classes_of, classify, lock

SQUARE = [[0, 0], [0, 5], [5, 5], [5, 0]]


@pytest.fixture
def scene():
    scene = Scene((30, 30))
    scene.add_many([SQUARE] * 3)
    return scene


def test_the_first_classes_are_qupath_s_in_its_colors():
    packed = {"Tumor": -3670016, "Stroma": -6895466, "Immune cells": -6268256, "Necrosis": -13487566}
    packed["Other"] = -14336  # the ARGB numbers that QuPath writes into GeoJSON
    for name, number in packed.items():
        color = tuple((number >> shift) & 255 for shift in (16, 8, 0))
        assert CLASSES[name] == NucleusClass(name, color)


def test_a_class_is_given_and_taken_in_one_step_each_to_locked_nuclei_too(scene):
    lock(scene, [1, 2], True)
    assert [info.is_locked for info in scene.info.values()] == [True, True, False]
    classify(scene, [1, 3], CLASSES["Stroma"])
    assert scene.info[1].class_name == scene.info[3].class_name == "Stroma"
    assert scene.info[1].class_color == CLASSES["Stroma"].color
    assert scene.info[1].is_locked
    classify(scene, [1], None)
    assert scene.info[1].class_name == ""
    assert scene.info[1].class_color is None
    for _ in range(3):
        scene.undo()
    assert all(info == NucleusInfo() for info in scene.info.values())


def test_classes_that_came_with_nuclei_are_known_in_the_colors_that_they_came_with(scene):
    scene.inform(
        {
            1: NucleusInfo(class_name="Mitosis", class_color=(1, 2, 3)),
            2: NucleusInfo(class_name="Tumor", class_color=(9, 9, 9)),
            3: NucleusInfo(class_name="7"),
        }
    )
    found = classes_of(scene)
    assert list(found) == [*CLASSES, "Mitosis", "7"]
    assert found["Mitosis"].color == (1, 2, 3)
    assert found["Tumor"].color == (9, 9, 9)
    assert found["7"].color == PLAIN_COLOR


@pytest.mark.parametrize(
    ("name", "color", "sentence"),
    [(" ", (1, 2, 3), "needs a name"), ("A", (1, 2, 256), "0 to 255"), ("A", (1, 2), "0 to 255")],
)
def test_what_is_no_class_is_refused(name, color, sentence):
    with pytest.raises(ValueError, match=sentence):
        NucleusClass(name, color)
