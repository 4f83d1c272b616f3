"""Whatever hands do to a scene, in whatever order: undo leads back, redo forth, rasters stay true."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.maps import contour_map, distance_map
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.scene import MEETINGS, Scene, tools
from napari_sharpgan.scene.classes import CLASSES, classify, lock

SHAPE = 70, 80
TOOLS = ("brush", "erase", "split", "merge", "fill", "smooth", "lighten", "lock", "classify", "paint", "drag")


def random_edit(scene, tool, rng):
    """Use a tool at a random place on random nuclei."""
    keys = rng.permutation(list(scene.polygons)).tolist()
    few, path = keys[: int(rng.integers(1, 4))], rng.uniform(-5, 85, (int(rng.integers(2, 5)), 2))
    if tool in ("brush", "erase"):
        chosen = few[0] if few and rng.random() < 0.5 else None
        stroke = tools.Stroke(scene, float(rng.uniform(1, 6)), chosen, erase=tool == "erase")
        for point in path:
            stroke.to(point)
        stroke.end()
    elif tool == "split":
        tools.split(scene, path)
    elif tool in ("merge", "fill", "smooth", "lighten"):
        getattr(tools, tool)(scene, few)
    elif tool == "lock":
        lock(scene, few, bool(rng.integers(2)))
    elif tool == "classify":
        classify(scene, few, CLASSES[str(rng.choice(list(CLASSES)))])
    elif tool == "paint":
        paint(scene, few, rng)
    else:
        scene.drag_many({key: scene.polygons[key] + rng.uniform(-9, 9, 2) for key in few})
        scene.commit()


def paint(scene, keys, rng):
    """Give half of the pixels of a random window to one of the nuclei, a new one or the background."""
    top, left = (int(value) for value in rng.integers(0, 50, 2))
    window = slice(top, top + 18), slice(left, left + 18)
    values = scene.labels[window].copy()
    values[rng.random(values.shape) < 0.5] = int(rng.choice([0, 999, *keys]))
    scene.paint(window, values)


def state(scene):
    return {key: (outline.tolist(), scene.info[key]) for key, outline in scene.polygons.items()}


def assert_true(scene):
    labels = np.array([0, *scene.polygons], np.int32)[rasterize(list(scene.polygons.values()), SHAPE)]
    np.testing.assert_array_equal(scene.labels, labels)
    np.testing.assert_allclose(scene.distance, distance_map(labels), atol=1e-4)
    np.testing.assert_array_equal(scene.contour, contour_map(labels))


@given(seed=st.integers(0, 10_000), steps=st.lists(st.sampled_from(TOOLS), min_size=1, max_size=25))
@settings(max_examples=10, deadline=None)
def test_undo_and_redo_of_any_tools(seed, steps):
    rng = np.random.default_rng(seed)
    scene = Scene(SHAPE)
    scene.add_many(random_nuclei(SHAPE, 12, max_overlap=0.5, seed=seed))
    past, future = [state(scene)], []
    for tool in steps:
        scene.meeting = str(rng.choice(list(MEETINGS)))
        random_edit(scene, tool, rng)
        assert_true(scene)
        if state(scene) != past[-1]:
            past.append(state(scene))
            future.clear()
        if len(past) > 1 and rng.random() < 0.2:
            scene.undo()
            future.append(past.pop())
            assert state(scene) == past[-1]
    for before in reversed(past[:-1]):
        scene.undo()
        assert state(scene) == before
    assert_true(scene)
    for after in [*past[1:], *reversed(future)]:
        assert scene.redo()
        assert state(scene) == after
    assert_true(scene)


@pytest.mark.slow
def test_hundreds_of_edits_are_all_undone():
    rng = np.random.default_rng(5)
    scene = Scene(SHAPE)
    scene.add_many(random_nuclei(SHAPE, 14, max_overlap=0.3, seed=1))
    begun, done = state(scene), 0
    while done < 500:
        before = scene.revision
        random_edit(scene, str(rng.choice(TOOLS)), rng)
        done += scene.revision != before
        if len(scene) < 6:
            scene.add_many(random_nuclei(SHAPE, 6, seed=done))
            done += 1
    ended = state(scene)
    assert_true(scene)
    steps = 0
    while state(scene) != begun:
        assert scene.undo()
        steps += 1
    assert steps == done
    assert_true(scene)
    for _ in range(steps):
        assert scene.redo()
    assert state(scene) == ended
