"""What we need of napari's Shapes layer and it has no public word for: only this file touches its insides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers.base._base_constants import ActionType
from napari.layers.shapes._shapes_models import Polygon
from numpy.typing import NDArray

if TYPE_CHECKING:
    from napari.layers import Shapes

ONE_BY_ONE = 3  # up to so many shapes are reshaped one by one; more cost less together

Outline = NDArray[np.float64]


def is_drawing(layer: Shapes) -> bool:
    """Return whether the last shape is one that is not finished yet."""
    return bool(layer._is_creating)


def is_gesture(layer: Shapes) -> bool:
    """Return whether a shape is being drawn, moved or reshaped."""
    return bool(layer._is_creating or layer._is_moving)


def is_pressed(layer: Shapes) -> bool:
    """Return whether a button of the mouse is down, so that napari keeps indices of shapes in mind."""
    return bool(layer._mouse_drag_gen)


def end_gesture(layer: Shapes) -> None:
    """End what is being drawn, moved or reshaped, as the Escape key does; a button that is down is forgotten.

    Else napari looks for the shape that it was drawing when the button is let go.
    """
    layer._mouse_drag_gen.clear()
    layer._finish_drawing()


def see_anew(layer: Shapes) -> None:
    """Let napari find out anew which shapes lie where, before it picks some with a box.

    A thread of napari's, which asks for what is under the mouse, may have kept the places of shapes that were
    added or taken out meanwhile; picking then fails for good.
    """
    layer._data_view._clear_cache()


def shape_at(layer: Shapes, index: int) -> tuple[NDArray[Any], str]:
    """Return the points of one shape and what kind it is; ``layer.data`` gathers those of all."""
    shape = layer._data_view.shapes[index]
    return shape.data, str(shape.name)


def polygon(layer: Shapes, outline: Outline, height: int) -> Polygon:
    """Return a polygon as the layer holds it, cut into triangles: most of the work of showing it.

    Parameters
    ----------
    layer : Shapes
        Where it is to be.
    outline : (N, 2) array
        Rows and columns.
    height : int
        Its height in the drawing order.
    """
    seen = layer._slice_input
    return Polygon(
        outline,
        edge_width=layer.current_edge_width,
        z_index=int(height),
        dims_order=seen.order,
        ndisplay=seen.ndisplay,
    )


def is_fit(layer: Shapes, made: Polygon) -> bool:
    """Return whether a polygon is still as `polygon` would make it for how the layer is seen now."""
    seen = layer._slice_input
    return tuple(made.dims_order) == tuple(seen.order) and made.ndisplay == seen.ndisplay


def add(layer: Shapes, made: Sequence[Polygon], colors: NDArray[np.float32], *, seen: bool = True) -> None:
    """Put polygons at the end of the layer, with a color (N, 4) each; they are not ``seen`` before `see`."""
    shapes = layer._data_view
    layer._feature_table.resize(layer.nshapes + len(made))
    layer.text.apply(layer.features)
    faces = layer._get_new_shape_color(len(made), attribute="face")
    for one in made:
        one.edge_width = layer.current_edge_width
    with shapes.batched_updates():
        shapes._add_multiple_shapes(made, face_colors=faces, edge_colors=colors)
    if seen:
        see(layer)
    layer.events.data(value=layer.data, action=ActionType.ADDED, data_indices=(-1,), vertex_indices=((),))


def see(layer: Shapes) -> None:
    """Let what was added be painted."""
    layer.refresh(thumbnail=False)


def reshape(layer: Shapes, made: Mapping[int, Polygon]) -> None:
    """Put these polygons in the place of the shapes at these indices; their features and colors stay."""
    selected = set(layer.selected_data)
    layer.selected_data = set()  # the box around them is made anew below
    shapes = layer._data_view
    for index, one in made.items():
        one.edge_width = shapes.shapes[index].edge_width
        one.z_index = shapes.shapes[index].z_index
    with shapes.batched_updates():
        if len(made) <= ONE_BY_ONE:
            for index, one in made.items():
                shapes.shapes[index] = one
                shapes.update(index)
            shapes._update_z_order()
        else:
            _put_together(shapes, made)
    layer.selected_data = selected
    layer.refresh(thumbnail=False)


def _put_together(shapes: Any, made: Mapping[int, Polygon]) -> None:
    """Put all shapes, which keep their triangles, into one mesh again, with others in the place of some."""
    new = [made.get(index, shape) for index, shape in enumerate(shapes.shapes)]
    colors = {"face_colors": shapes._face_color, "edge_colors": shapes._edge_color}
    shapes.remove_all()
    shapes._add_multiple_shapes(new, **colors)


def take_out(layer: Shapes, indices: Iterable[int]) -> None:
    """Take shapes out, also while napari is at finishing one of them, when its own ``remove`` fails.

    What else is selected stays selected.
    """
    gone = sorted(indices, reverse=True)
    shapes = layer._data_view
    kept = np.array(sorted(set(layer.selected_data).difference(gone)), int)
    layer.selected_data = set()
    layer._value = layer._moving_value = (None, None)
    shapes.remove_multiple(gone)
    forget(layer, gone)
    kept = kept[kept < layer.nshapes + len(gone)]
    layer.selected_data = set((kept - np.searchsorted(gone[::-1], kept)).tolist())
    layer.refresh(thumbnail=False)


def forget(layer: Shapes, gone: Iterable[int] = ()) -> None:
    """Take the features and colors of shapes that are gone away, where napari leaves some."""
    rows, shapes, count = list(gone), layer._data_view, layer.nshapes
    if rows and len(layer.features) > count:
        layer._feature_table.remove(rows)
    if len(layer.features) > count:
        layer._feature_table.remove(list(range(count, len(layer.features))))
    for name in ("_edge_color", "_face_color"):
        colors = getattr(shapes, name)
        if rows and len(colors) > count:
            colors = np.delete(colors, rows, axis=0)
        setattr(shapes, name, colors[:count])


def recolor(layer: Shapes, colors: Mapping[int, NDArray[np.float32]]) -> None:
    """Give the outlines of shapes other colors (4,), if they have not got them."""
    if not colors:
        return
    indices, wanted = np.array(list(colors)), np.array(list(colors.values()))
    other = ~np.isclose(layer._data_view._edge_color[indices], wanted, atol=1e-3).all(axis=1)
    if other.any():
        layer._data_view.update_edge_colors(indices[other].tolist(), wanted[other])
        layer.events.edge_color()


def write_features(layer: Shapes, columns: Mapping[str, Sequence[Any] | NDArray[Any] | None]) -> None:
    """Set columns of the feature table in which each shape has a row, or drop those that are None."""
    table, has_changed = layer._feature_table.values, False
    for name, values in columns.items():
        if values is None:
            if name in table:
                del table[name]
                has_changed = True
            continue
        new = np.array(values, dtype=object if name == "class" else None)
        if name not in table or not _same(table[name].to_numpy(), new):
            table[name] = new
            has_changed = True
    if has_changed:
        layer.events.features()


def _same(old: NDArray[Any], new: NDArray[Any]) -> bool:
    """Return whether two columns say the same; a number that is not known is one that is not known."""
    both_numbers = old.dtype.kind == new.dtype.kind == "f"
    return bool(np.array_equal(old, new, equal_nan=both_numbers))
