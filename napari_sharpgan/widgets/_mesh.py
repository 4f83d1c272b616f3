"""A mesh of vispy that is given to the graphics card with each of its vertices once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vispy.gloo import IndexBuffer, VertexBuffer  # type: ignore[import-untyped]


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
        self._facts: tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None = None
        self._positions = {dims: VertexBuffer() for dims in (2, 3)}
        self._colors, self._corners = VertexBuffer(), IndexBuffer()
        mesh.set_data, mesh._update_data = self.set_data, self._update_data

    def set_data(
        self, vertices: Any = None, faces: Any = None, face_colors: Any = None, **options: Any
    ) -> None:
        """Draw triangles with the corners ``faces`` (M, 3) in colors (M, 4); anything else as vispy does."""
        if faces is None or face_colors is None or options:
            self._facts = self._mesh._index_buffer = None
            given = {"vertices": vertices, "faces": faces, "face_colors": face_colors, **options}
            self._plainly[0](**given)
            return
        colors = np.asarray(face_colors, np.float32)
        opaque = colors[:, 3] > 0
        if not opaque.all() and opaque.any():
            faces, colors = faces[opaque], colors[opaque]
        self._facts = np.ascontiguousarray(vertices, np.float32), np.asarray(faces, np.uint32), colors
        self._mesh._bounds = None
        self._mesh.mesh_data_changed()

    def _update_data(self) -> Any:
        """Hand over what is to be drawn; vispy calls it before it draws something new."""
        if self._facts is None:
            return self._plainly[1]()
        (positions, faces, triangle_colors), mesh = self._facts, self._mesh
        colors = np.empty((len(positions), 4), np.float32)
        for corner in faces.T:
            colors[corner] = triangle_colors
        buffer = self._positions[positions.shape[1]]
        buffer.set_data(positions)
        self._colors.set_data(colors)
        self._corners.set_data(faces)
        vertex = mesh.shared_program.vert
        vertex["position"], vertex["base_color"] = buffer, self._colors
        vertex["to_vec4"] = mesh._ensure_vec4_func(positions.shape[1])
        vertex["color_transform"] = mesh._build_color_transform(colors)
        mesh.shared_program["texture2D_LUT"] = mesh._cmap.texture_lut()
        mesh._index_buffer = self._corners
        mesh._data_changed = False
        mesh.events.data_updated()
        return None
