import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QObject, Qt

from napari_sharpgan._tasks import never, run_to_end
from napari_sharpgan.data import find_pairs
from napari_sharpgan.widgets._thumbnails import MOST, SIDE, Thumbnails, TileOpener, outlined, thumbnails


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


def test_of_a_folder_each_tile_is_pictured_with_its_number_of_nuclei(tissue_folder):
    made = run_to_end(thumbnails(find_pairs(tissue_folder), should_stop=never))
    assert [tile.nuclei for tile in made] == [2, 2]
    assert [(tile.image, tile.labels) for tile in made] == find_pairs(tissue_folder)


def test_of_many_tiles_six_are_spread_evenly_and_broken_ones_left_out(tissue_folder, tmp_path):
    pair = find_pairs(tissue_folder)[0]
    many = [(tmp_path / f"{number}.png", tmp_path / "none.png") for number in range(1, 11)]
    many[0] = many[-1] = pair
    made = run_to_end(thumbnails(many, should_stop=never))
    assert [tile.image for tile in made] == [pair[0], pair[0]]
    assert MOST == 6


def test_a_click_picks_a_tile(qtbot, tissue_folder):
    widget = Thumbnails()
    qtbot.addWidget(widget)
    tiles = run_to_end(thumbnails(find_pairs(tissue_folder), should_stop=never))
    for tile in tiles:
        widget.add(tile)
    assert "0.png, 2 nuclei" in widget.buttons[0].toolTip()
    with qtbot.waitSignal(widget.picked) as picked:
        qtbot.mouseClick(widget.buttons[1], Qt.MouseButton.LeftButton)
    assert picked.args[0] is tiles[1]
    widget.clear()
    assert not widget.buttons


@pytest.mark.parametrize("picked", [0, 1])
def test_a_tile_opens_with_its_labels(qtbot, tissue_folder, picked):
    viewer, owner = ViewerModel(), QObject()
    tile = run_to_end(thumbnails(find_pairs(tissue_folder), should_stop=never))[picked]
    TileOpener(viewer, owner).open(tile)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2)
    assert [layer.name for layer in viewer.layers] == [str(picked), f"{picked} nuclei"]
    assert viewer.layers[0].data.shape == (270, 280, 3)
    assert viewer.layers[1].data.max() == 2
    owner.deleteLater()
