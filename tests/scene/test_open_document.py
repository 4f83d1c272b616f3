"""What is saved, what is not, and what a file gives back."""

import uuid

import numpy as np
import pytest

from napari_sharpgan.formats import Nuclei, NucleusInfo, read_nuclei, write_nuclei
from napari_sharpgan.scene import Nucleus, Scene
from napari_sharpgan.scene.facts import Facts
from napari_sharpgan.scene.open_document import OpenDocument, check_size, open_nuclei
from napari_sharpgan.scene.recovery import found, recover

SQUARE = np.array([[1.0, 1], [1, 5], [5, 5], [5, 1]])


@pytest.fixture(autouse=True)
def _own_state(monkeypatch, tmp_path):
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))


@pytest.fixture
def document(scene):
    made = OpenDocument(scene, Facts(title="tile_07.png", micrometers_per_pixel=0.25))
    yield made
    made.autosave.close(keep=False)


def test_an_edit_by_hand_is_unsaved_and_undo_back_to_what_was_saved_is_saved(document, scene, tmp_path):
    assert not document.is_unsaved
    scene.add(SQUARE)
    document.save(tmp_path / "nuclei.geojson")
    assert not document.is_unsaved
    assert document.path == tmp_path / "nuclei.geojson"
    scene.move(1, SQUARE + 2)
    assert document.is_unsaved
    scene.undo()
    assert not document.is_unsaved
    scene.redo()
    assert document.is_unsaved
    scene.undo()
    scene.undo()
    assert not document.is_unsaved, "nothing is what it began with"


def test_what_is_said_of_a_nucleus_is_work_too(document, scene, tmp_path):
    scene.add(SQUARE)
    document.save(tmp_path / "nuclei.geojson")
    scene.inform({1: NucleusInfo(class_name="Tumor")})
    assert document.is_unsaved


def test_what_the_machine_draws_is_no_work_but_does_not_hide_any(document, scene):
    with document.by_machine():
        scene.replace_all([SQUARE, SQUARE + 3])
    assert not document.is_unsaved
    scene.remove(1)
    with document.by_machine():
        scene.add_many([SQUARE + 5])
    assert document.is_unsaved, "the nucleus that was removed by hand"
    with document.by_machine():
        scene.replace_all([SQUARE])
    assert not document.is_unsaved, "nothing by hand is left"
    scene.undo()
    assert document.is_unsaved


def test_a_save_that_fails_leaves_it_unsaved(document, scene, tmp_path):
    scene.add(SQUARE)
    with pytest.raises(OSError, match="was not written"):
        document.save(tmp_path / "missing" / "nuclei.geojson")
    assert document.is_unsaved
    assert document.title == "tile_07.png"


def test_an_edit_while_a_file_is_written_stays_unsaved(document, scene, tmp_path):
    scene.add(SQUARE)
    done = document.saving(tmp_path / "nuclei.geojson")()
    scene.add(SQUARE + 3)
    done()
    assert document.is_unsaved
    scene.undo()
    assert not document.is_unsaved
    assert len(read_nuclei(tmp_path / "nuclei.geojson").polygons) == 1


def test_numbers_uuids_and_the_size_of_a_pixel_stay_through_files(document, scene, tmp_path):
    info = NucleusInfo(class_name="Tumor", class_color=(200, 0, 0), is_locked=True, name="a")
    scene.add_many([SQUARE, SQUARE + 3, SQUARE + 6])
    scene.remove(2)
    scene.inform({3: info})
    document.save(tmp_path / "one.geojson")
    again, nuclei = open_nuclei(tmp_path / "one.geojson")
    assert again.shape == scene.shape
    assert list(again.polygons) == [1, 3]
    assert nuclei.micrometers_per_pixel == 0.25
    np.testing.assert_array_equal(again.labels, scene.labels)
    ids = [said.id for said in again.info.values()]
    assert len({uuid.UUID(one) for one in ids}) == 2
    assert again.info[3].is_locked
    assert again.info[3].class_name == "Tumor"
    other = OpenDocument(again, Facts())
    other.save(tmp_path / "two.geojson")
    assert [said.id for said in open_nuclei(tmp_path / "two.geojson")[0].info.values()] == ids
    other.autosave.close(keep=False)


def test_nuclei_of_another_image_are_refused_in_one_sentence(tmp_path):
    write_nuclei(Nuclei(labels=np.eye(9, dtype=np.int32)), tmp_path / "mask.tif")
    with pytest.raises(ValueError, match=r"mask.tif must hold nuclei of an image of 5 × 7 pixels.*9 × 9"):
        open_nuclei(tmp_path / "mask.tif", (5, 7))


def test_outlines_without_a_shape_get_a_canvas_that_holds_them(tmp_path):
    write_nuclei(Nuclei(polygons=[SQUARE + np.array([20, 0])]), tmp_path / "nuclei.geojson")
    assert open_nuclei(tmp_path / "nuclei.geojson", None, (10, 12))[0].shape == (26, 12)


def test_a_canvas_that_memory_cannot_hold_is_refused():
    check_size((8192, 8192), "slide")
    with pytest.raises(ValueError, match="slide has 40000 × 30000; crop it first"):
        check_size((40_000, 30_000), "slide")


@pytest.mark.parametrize(("by_hand", "kept"), [(True, True), (False, True), (None, False)])
def test_what_is_put_aside_can_be_had_back_unless_it_is_the_sample(by_hand, kept):
    document = OpenDocument(Scene((12, 20)), Facts(title="tile"))
    if by_hand:
        document.scene.add(SQUARE)
    else:
        with document.by_machine(sample=by_hand is None):
            document.scene.add(SQUARE)
    document.put_aside()()
    assert len(found()) == kept
    if kept:
        assert not found()[0].is_offered, "it is no crash"
        np.testing.assert_array_equal(recover(found()[0])[0].labels, document.scene.labels)


def test_what_was_recovered_is_unsaved_and_written_again_at_once():
    document = OpenDocument(Scene.of((9, 9), {4: Nucleus(SQUARE)}), Facts(), saved=False)
    assert document.is_unsaved
    document.autosave.close()
    assert found()[0].count == 1
