import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QObject, Qt

from napari_sharpgan._tasks import never, run_to_end
from napari_sharpgan.data import DataFile, Manifest
from napari_sharpgan.training import survey
from napari_sharpgan.widgets._thumbnails import MOST, SIDE, Thumbnails, TileOpener, outlined, thumbnails


@pytest.fixture(scope="module")
def data(tissue_folder):
    return run_to_end(survey(tissue_folder, validation=0)).manifest


def test_outlines_are_yellow_green_and_the_inside_of_a_nucleus_keeps_its_color():
    labels = np.zeros((2 * SIDE, 2 * SIDE), np.int32)
    labels[60:140, 60:140] = 1
    picture = outlined(np.full((2 * SIDE, 2 * SIDE, 3), 100, np.uint8), labels)
    assert picture.shape == (SIDE, SIDE, 3)
    red, green, blue = picture[30, 50].astype(int)
    assert green > red > blue
    assert tuple(picture[50, 50]) == (100, 100, 100)
    assert tuple(picture[5, 5]) == (100, 100, 100)


def test_an_image_smaller_than_a_thumbnail_fills_it():
    assert outlined(np.zeros((40, 90, 3), np.uint8), np.zeros((40, 90), np.int32)).shape == (SIDE, SIDE, 3)


def test_of_a_folder_each_tile_is_pictured_with_its_number_of_nuclei(data):
    made = run_to_end(thumbnails(data, should_stop=never))
    assert [(tile.name, tile.nuclei) for tile in made] == [("0", 2), ("1", 2)]


def test_of_a_set_of_tiles_the_first_of_each_shard_is_pictured(tile_sets):
    for folder in tile_sets.values():
        made = run_to_end(thumbnails(run_to_end(survey(folder, validation=0.5)).manifest, should_stop=never))
        assert [tile.name for tile in made] == ["0000000", "0000003", "0000006"]
        assert made[1].read().image.shape == (64, 64, 3)


def test_of_many_tiles_six_are_spread_evenly_and_broken_ones_left_out(data):
    many = [DataFile(f"{number}.png", "none.png", "", "", 9, 9, 1) for number in range(1, 11)]
    many[0] = many[-1] = data.train[0]
    made = run_to_end(thumbnails(Manifest(data.folder, tuple(many), ()), should_stop=never))
    assert [tile.name for tile in made] == ["0", "0"]
    assert MOST == 6


def test_a_click_picks_a_tile(qtbot, data):
    widget = Thumbnails()
    qtbot.addWidget(widget)
    tiles = run_to_end(thumbnails(data, should_stop=never))
    for tile in tiles:
        widget.add(tile)
    assert "0, 2 nuclei" in widget.buttons[0].toolTip()
    with qtbot.waitSignal(widget.picked) as picked:
        qtbot.mouseClick(widget.buttons[1], Qt.MouseButton.LeftButton)
    assert picked.args[0] is tiles[1]
    widget.clear()
    assert not widget.buttons


@pytest.mark.parametrize("picked", [0, 1])
def test_a_tile_opens_with_its_labels(qtbot, data, picked):
    viewer, owner = ViewerModel(), QObject()
    tile = run_to_end(thumbnails(data, should_stop=never))[picked]
    TileOpener(viewer, owner).open(tile)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2)
    assert [layer.name for layer in viewer.layers] == [str(picked), f"{picked} nuclei"]
    assert viewer.layers[0].data.shape == (270, 280, 3)
    assert viewer.layers[1].data.max() == 2
    owner.deleteLater()
