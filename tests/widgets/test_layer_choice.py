"""A combo box of layers never shows one that is not there."""

import numpy as np
import pytest
from napari.components import LayerList
from napari.layers import Image, Labels

from napari_sharpgan.widgets._layer_choice import LayerChoice


@pytest.fixture
def layers():
    return LayerList()


@pytest.fixture
def choice(qtbot, layers):
    choice = LayerChoice(
        layers, lambda layer: isinstance(layer, Image), rank=lambda layer: int(layer.name == "tissue")
    )
    qtbot.addWidget(choice)
    return choice


def image(name):
    return Image(np.zeros((4, 4)), name=name)


def pick(choice, name):
    """Choose an entry as a person does."""
    index = choice.findText(name)
    choice.setCurrentIndex(index)
    choice.activated.emit(index)


def test_nothing_is_chosen_where_nothing_fits(choice, layers):
    layers.append(Labels(np.zeros((4, 4), int)))
    assert choice.layer is None
    assert choice.count() == 0


def test_what_ranks_highest_is_chosen_as_soon_as_it_is_there(choice, layers):
    first, tissue = image("a"), image("tissue")
    heard = []
    choice.layer_changed.connect(heard.append)
    layers.extend([first, image("b")])
    assert choice.layer is first  # it was there, and is no worse
    layers.append(tissue)
    assert choice.layer is tissue
    assert choice.currentText() == "tissue"
    assert heard == [first, tissue]


def test_what_a_person_chose_stays_until_it_is_gone(choice, layers):
    mine, tissue = image("mine"), image("tissue")
    layers.append(mine)
    pick(choice, "mine")
    layers.append(tissue)
    assert choice.layer is mine
    layers.remove(mine)
    assert choice.layer is tissue


def test_a_new_name_is_shown_and_changes_no_choice(choice, layers):
    mine = image("mine")
    layers.append(mine)
    heard = []
    choice.layer_changed.connect(heard.append)
    mine.name = "yours"
    assert choice.currentText() == "yours"
    assert heard == []


def test_topmost_layers_stand_first(choice, layers):
    layers.extend([image("low"), image("high")])
    assert [choice.itemText(i) for i in range(choice.count())] == ["high", "low"]
    layers.move(0, 2)
    assert choice.itemText(0) == "low"


def test_nothing_can_be_a_choice(qtbot, layers):
    choice = LayerChoice(layers, lambda _: True, nothing="none")
    qtbot.addWidget(choice)
    layers.append(image("a"))
    assert choice.layer is None
    pick(choice, "a")
    assert choice.layer is layers[0]
    pick(choice, "none")
    assert choice.layer is None
