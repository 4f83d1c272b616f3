from pathlib import Path

import pytest
from npe2 import PluginManifest

DOCKS = ["Nuclei", "Tissue", "Sharpness", "Train", "Segment", "Score"]
MANIFEST = PluginManifest.from_file(Path(__file__).parents[2] / "napari.yaml")


def test_napari_finds_the_manifest_and_its_docks():
    assert MANIFEST.name == "napari-sharpgan"
    assert [widget.display_name for widget in MANIFEST.contributions.widgets] == DOCKS


def test_the_link_at_the_top_and_the_manifest_inside_the_package_are_the_same():
    inside = Path(__file__).parents[2] / "napari_sharpgan" / "napari.yaml"
    assert PluginManifest.from_file(inside) == MANIFEST


@pytest.mark.parametrize("command", MANIFEST.contributions.commands, ids=lambda command: command.id)
def test_every_command_can_be_imported(command):
    from npe2.types import PythonName

    module, name = PythonName(command.python_name).split(":")
    assert callable(getattr(__import__(module, fromlist=[name]), name))


@pytest.mark.gui
def test_docks_of_the_menu_are_tabs_of_one_column_until_they_are_dragged_apart(open_window):
    from qtpy.QtCore import Qt

    window = open_window(size=(1200, 800))
    main, docks = window.viewer.window._qt_window, []
    for name in DOCKS[:3]:
        docks.append(window.viewer.window.add_plugin_dock_widget("napari-sharpgan", name)[0])
        window.turn(0.1)
    assert set(main.tabifiedDockWidgets(docks[0])) == set(docks[1:])
    assert [dock.isVisible() and not dock.visibleRegion().isEmpty() for dock in docks] == [False, False, True]
    main.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, docks[1])
    docks[1].hide()
    docks[1].show()
    window.turn(0.1)
    assert set(main.tabifiedDockWidgets(docks[0])) == {docks[2]}


@pytest.mark.gui
def test_the_name_of_each_dock_can_be_read_on_its_tab(open_window):
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QTabBar

    window = open_window(size=(1500, 900))
    for name in DOCKS:
        window.viewer.window.add_plugin_dock_widget("napari-sharpgan", name)
        window.turn(0.1)
    (bar,) = window.viewer.window._qt_window.findChildren(
        QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly
    )
    assert [bar.tabText(place) for place in range(bar.count())] == DOCKS
    assert bar.tabRect(len(DOCKS) - 1).right() <= bar.width()
    for place, name in enumerate(DOCKS):
        assert bar.tabRect(place).width() >= bar.fontMetrics().horizontalAdvance(name)


@pytest.mark.gui
@pytest.mark.parametrize("names", [DOCKS, DOCKS[::-1]], ids=["as in the menu", "the other way around"])
def test_docks_open_from_the_menu_in_any_order_and_are_narrow(open_window, names):
    from napari_sharpgan.widgets._parts import WIDEST

    window = open_window()
    for name in names:
        _dock, widget = window.viewer.window.add_plugin_dock_widget("napari-sharpgan", name, tabify=True)
        assert widget.minimumSizeHint().width() <= WIDEST
    window.sampled()
    window.rendered()
    assert len([layer for layer in window.viewer.layers if layer.name == "nuclei"]) == 1
