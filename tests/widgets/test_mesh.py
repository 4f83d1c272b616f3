"""What a mesh draws when it is told all that napari may tell it: the same as without us."""

from itertools import pairwise

import numpy as np
import pytest

from napari_sharpgan.widgets._mesh import SpareMesh

pytestmark = pytest.mark.gui
CORNERS = np.array([[10.0, 10], [60, 10], [60, 60], [10, 60], [20, 20], [90, 30], [30, 90]], np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6]], np.uint32)
RED, BLUE, CLEAR = (1, 0, 0, 1), (0, 0, 1, 0.5), (0, 0, 0, 0)


@pytest.fixture(scope="module")
def canvas(qapp):
    """A canvas with a mesh as vispy draws it, and one that is spared; a picture of each on its own."""
    from vispy.scene import SceneCanvas
    from vispy.scene.visuals import Mesh

    canvas = SceneCanvas(size=(100, 100), bgcolor="black", show=True)
    meshes = Mesh(parent=canvas.scene), Mesh(parent=canvas.scene)
    for mesh in meshes:
        mesh.set_gl_state("translucent", depth_test=False)  # as napari draws layers
    SpareMesh(meshes[1])

    def pictures(**facts):
        drawn = []
        for mesh in meshes:
            for other in meshes:
                other.visible = other is mesh
            mesh.set_data(**facts)
            drawn.append(canvas.render(alpha=False))
        return drawn

    def tell(**facts):
        for mesh in meshes:
            mesh.set_data(**facts)

    canvas.unfreeze()
    canvas.pictures, canvas.tell = pictures, tell
    yield canvas
    canvas.close()


@pytest.mark.parametrize(
    "colors",
    [(RED, RED, BLUE), (BLUE, BLUE, RED), (CLEAR, CLEAR, BLUE), (CLEAR, CLEAR, CLEAR)],
    ids=["fill and edge", "below", "clear ones are left out", "all clear"],
)
@pytest.mark.parametrize("dims", [2, 3])
def test_triangles_in_colors_look_the_same(canvas, colors, dims):
    corners = np.pad(CORNERS, ((0, 0), (0, dims - 2)))
    plain, spared = canvas.pictures(vertices=corners, faces=FACES, face_colors=np.array(colors))
    np.testing.assert_array_equal(spared, plain)
    assert plain.any() == (colors != (CLEAR, CLEAR, CLEAR))


def test_fewer_and_more_triangles_and_a_reversed_view_of_them_look_the_same(canvas):
    for count in (1, 3, 2):
        facts = {"faces": FACES[:count], "face_colors": np.array((RED, RED, BLUE))[:count]}
        plain, spared = canvas.pictures(vertices=CORNERS[:, ::-1], **facts)
        np.testing.assert_array_equal(spared, plain)
        assert plain.any()


def test_moved_corners_look_the_same_whatever_else_changed_before_they_were_drawn(canvas):
    one, other = np.array((CLEAR, CLEAR, BLUE), np.float32), np.array((BLUE, BLUE, RED), np.float32)
    canvas.pictures(vertices=CORNERS, faces=FACES, face_colors=one)
    shown = []
    for step, changed in enumerate((one, one, other, other)):
        facts = {"faces": FACES.copy(), "face_colors": changed.copy()}
        plain, spared = canvas.pictures(vertices=CORNERS + np.float32(3 * step), **facts)
        np.testing.assert_array_equal(spared, plain)
        shown.append(spared)
    assert all((one != other).any() for one, other in pairwise(shown))


def test_of_what_is_told_twice_before_it_is_drawn_all_is_drawn(canvas):
    colors = np.array((RED, RED, BLUE), np.float32)
    canvas.pictures(vertices=CORNERS, faces=FACES, face_colors=np.array((BLUE, BLUE, RED), np.float32))
    canvas.tell(vertices=CORNERS, faces=FACES.copy(), face_colors=colors.copy())
    plain, spared = canvas.pictures(vertices=CORNERS + 5, faces=FACES.copy(), face_colors=colors.copy())
    np.testing.assert_array_equal(spared, plain)


def test_what_is_told_in_another_way_looks_the_same_and_so_does_what_comes_after(canvas):
    for facts in (
        {"vertices": CORNERS, "faces": FACES, "color": "yellow"},
        {"vertices": CORNERS, "faces": FACES, "face_colors": np.array((RED, RED, BLUE))},
        {"vertices": CORNERS, "faces": FACES, "vertex_colors": np.ones((7, 4), np.float32)},
    ):
        plain, spared = canvas.pictures(**facts)
        np.testing.assert_array_equal(spared, plain)
        assert plain.any()
