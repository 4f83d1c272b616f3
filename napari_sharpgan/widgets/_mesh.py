"""A mesh of vispy that is given to the graphics card with each of its vertices once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vispy.gloo import IndexBuffer, VertexBuffer  # type: ignore[import-untyped]

Array = NDArray[Any]


class SpareMesh:
    """Draws what napari tells a mesh in a third of the memory, and without triangles that are transparent.

    vispy writes out position and color of all corners of all triangles, and compiles the shaders anew, for
    each change. Here corners are numbers of vertices, and each vertex has the color of its triangles: those
    that share one have the same, as napari lets no two shapes, nor fill and edge of one, share a vertex.

    Parameters
    ----------
    mesh : vispy MeshVisual
        Is told what to draw by `set_data`, and draws it when its canvas is painted.
    """

    def __init__(self, mesh: Any) -> None:
        self._mesh = mesh
        self._plainly: tuple[Callable[..., None], Callable[[], Any]] = (mesh.set_data, mesh._update_data)
        self._given: tuple[Array, Array] | None = None  # the triangles and their colors, as they were told
        self._facts: tuple[Array, Array, Array] | None = None
        self._is_handed_over = False  # whether the card has the triangles and their colors already
        self._positions = {dims: VertexBuffer() for dims in (2, 3)}
        self._colors, self._corners = VertexBuffer(), IndexBuffer()
        mesh.set_data, mesh._update_data = self.set_data, self._update_data

    def set_data(
        self, vertices: Any = None, faces: Any = None, face_colors: Any = None, **options: Any
    ) -> None:
        """Draw triangles with the corners ``faces`` (M, 3) in colors (M, 4); anything else as vispy does."""
        if faces is None or face_colors is None or options:
            self._given = self._facts = self._mesh._index_buffer = None
            given = {"vertices": vertices, "faces": faces, "face_colors": face_colors, **options}
            self._plainly[0](**given)
            return
        positions, before = np.ascontiguousarray(vertices, np.float32), self._facts
        if before and len(before[0]) == len(positions) and self._is_told_again(faces, face_colors):
            self._facts = positions, *before[1:]
        else:
            self._facts = positions, *_opaque(faces, face_colors)
            self._is_handed_over = False
        self._given = faces, face_colors
        self._mesh._bounds = None
        self._mesh.mesh_data_changed()

    def _is_told_again(self, *given: Array) -> bool:
        """Return whether other arrays are told than before that hold the same: then only corners moved."""
        pairs = zip(given, self._given or (), strict=True)
        return all(new is not old and np.array_equal(new, old) for new, old in pairs)

    def _update_data(self) -> Any:
        """Hand over what is to be drawn; vispy calls it before it draws something new."""
        if self._facts is None:
            return self._plainly[1]()
        positions, mesh = self._facts[0], self._mesh
        buffer = self._positions[positions.shape[1]]
        buffer.set_data(positions)
        vertex = mesh.shared_program.vert
        vertex["position"] = buffer
        vertex["to_vec4"] = mesh._ensure_vec4_func(positions.shape[1])
        if not self._is_handed_over:
            self._hand_over_colors()
        mesh._data_changed = False
        mesh.events.data_updated()
        return None

    def _hand_over_colors(self) -> None:
        """Hand over which corners triangles have, and the colors of these."""
        assert self._facts is not None
        (positions, faces, triangle_colors), mesh = self._facts, self._mesh
        colors = np.empty((len(positions), 4), np.float32)
        for corner in faces.T:
            colors[corner] = triangle_colors
        self._colors.set_data(colors)
        self._corners.set_data(faces)
        vertex = mesh.shared_program.vert
        vertex["base_color"] = self._colors
        vertex["color_transform"] = mesh._build_color_transform(colors)
        mesh.shared_program["texture2D_LUT"] = mesh._cmap.texture_lut()
        mesh._index_buffer = self._corners
        self._is_handed_over = True


def _opaque(faces: Any, face_colors: Any) -> tuple[Array, Array]:
    """Return triangles and their colors without those that are transparent, but for all of them."""
    colors = np.asarray(face_colors, np.float32)
    opaque = colors[:, 3] > 0
    if not opaque.all() and opaque.any():
        faces, colors = faces[opaque], colors[opaque]
    return np.asarray(faces, np.uint32), colors
