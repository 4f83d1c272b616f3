import re
from pathlib import Path

import pytest
from app_model.types import KeyBinding, KeyCode, KeyMod
from napari.layers import Shapes
from napari.utils.shortcuts import default_shortcuts

from napari_sharpgan.widgets._keys import KEYS, NUCLEI, table

PAGE = Path(__file__).parents[2] / "docs" / "pathologist.md"


def test_the_page_for_pathologists_lists_the_keys_as_they_are():
    text = PAGE.read_text(encoding="utf-8").split("## Keys")[1]
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", text, re.MULTILINE)[2:]
    assert [(layer, key.strip("`"), words) for key, layer, words in rows] == table()


def test_no_key_of_ours_takes_one_that_napari_has_for_the_whole_window():
    viewer = {"console", "ndisplay", "theme", "reset_view", "layer", "dims", "axes", "grid", "visibility"}
    everywhere = {
        str(binding)
        for name, bindings in default_shortcuts.items()
        if any(word in name for word in viewer)
        for binding in bindings
    }
    ours = {str(KeyBinding.from_int(code)) for key in KEYS if key.act for code in key.codes}
    assert ours & everywhere == {str(KeyBinding.from_int(KeyMod.CtrlCmd | KeyCode.KeyY))}, "redo, as ever"


def test_a_key_does_one_thing_on_a_layer():
    for layer in {key.layer for key in KEYS}:
        codes = [code for key in KEYS if key.layer == layer for code in key.codes]
        assert len(codes) == len(set(codes))


@pytest.mark.gui
def test_keys_are_bound_on_our_own_layers_only(window):
    from napari.layers import Labels

    own = window.session.layers.nuclei
    bound = {str(binding) for binding in own.keymap}
    wanted = {str(KeyBinding.from_int(code)) for key in KEYS if key.act for code in key.codes}
    assert {k for key in KEYS if key.act and key.layer == NUCLEI for k in map(_name, key.codes)} <= bound
    assert bound <= wanted
    assert not window.viewer.keymap
    assert not bound & {str(binding) for binding in window.viewer.add_shapes().keymap}
    assert KeyBinding.from_int(KeyCode.KeyK) not in {*Shapes.class_keymap, *Labels.class_keymap}


def _name(code):
    return str(KeyBinding.from_int(code))
