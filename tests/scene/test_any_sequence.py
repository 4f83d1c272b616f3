"""Whatever is done to a scene in whatever order, its rasters are those of its outlines."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from napari_sharpgan.maps import contour_map, distance_map
from napari_sharpgan.nuclei import rasterize
from napari_sharpgan.scene import Scene

SHAPE = 26, 33
REPLAY = "an undo or redo in parts"


@st.composite
def any_outlines(draw):
    """Outlines of any form, crossing themselves or not, thin as a line, some beyond the canvas."""
    center = [draw(st.integers(-6, side + 6)) for side in SHAPE]
    offsets = st.integers(-36, 36).map(lambda quarter: quarter / 4)
    points = draw(st.lists(st.tuples(offsets, offsets), min_size=3, max_size=9, unique=True))
    return np.array(center) + np.array(points)


def outlines():
    """Those of them that enclose an area."""
    return any_outlines().filter(lambda outline: np.linalg.matrix_rank(outline[1:] - outline[0]) == 2)


def arrays(scene):
    return scene.labels, scene.distance, scene.contour


def outlines_of(scene):
    return {key: outline.tolist() for key, outline in scene.polygons.items()}


A_PATTERN = np.kron([[0, 4, 9], [4, 4, 0]], np.ones((5, 5), int))


class AnySequence(RuleBasedStateMachine):
    @initialize(labels=st.sampled_from([None, np.pad(A_PATTERN, ((0, 16), (3, 15)))]))
    def begin(self, labels):
        self.scene = Scene(SHAPE)
        if labels is not None:
            self.scene = Scene.from_labels(labels)
        self.past, self.future = [outlines_of(self.scene)], []
        self.mirror = outlines_of(self.scene)
        self.seen = [array.copy() for array in arrays(self.scene)]
        self.windows = ()
        self.going_on = None
        self.scene.edited.connect(self.follow)
        self.scene.changed.connect(self.look)

    def follow(self, edit):
        """Follow key by key, as a layer does."""
        for key in edit.removed:
            del self.mirror[key]
        for key in edit.added:
            assert key not in self.mirror
        for key in edit.moved:
            assert key in self.mirror
        for key in edit.added + edit.moved:
            self.mirror[key] = self.scene.polygons[key].tolist()
        self.windows = edit.windows

    def look(self, window):
        """Every pixel that changed lies in the window, and in one of the smaller ones."""
        unseen = np.ones(SHAPE, bool)
        for smaller in self.windows:
            unseen[smaller] = False
        outside = np.ones(SHAPE, bool)
        outside[window] = False
        assert not (outside & ~unseen).any()
        for before, now in zip(self.seen, arrays(self.scene), strict=True):
            assert not (before != now)[unseen].any()
            before[...] = now

    def begun(self, what=None):
        """Note that another edit begins, which ends what was going on."""
        if self.going_on is not None and self.going_on != what:
            if self.going_on is not REPLAY:  # any edit has to end that by itself
                self.scene.commit()
            self.done()
        self.going_on = what

    @property
    def has_keys(self):
        """Whether there are nuclei, all of which stay."""
        return len(self.scene) > 0 and self.going_on is not REPLAY

    def done(self):
        was, self.going_on = self.going_on, None
        if was is not REPLAY and outlines_of(self.scene) != self.past[-1]:
            self.past.append(outlines_of(self.scene))
            self.future.clear()

    def some_key(self, data):
        return data.draw(st.sampled_from(list(self.scene.polygons)))

    @rule(outline=outlines())
    def add(self, outline):
        self.begun()
        assert self.scene.add(outline) in self.scene.polygons
        self.done()

    @rule(several=st.lists(outlines(), max_size=4))
    def add_many(self, several):
        self.begun()
        self.scene.commit()
        before = list(self.scene.polygons)
        assert before + self.scene.add_many(several) == list(self.scene.polygons)
        self.done()

    @precondition(lambda self: self.has_keys)
    @rule(data=st.data(), outline=outlines())
    def move(self, data, outline):
        key = self.some_key(data)
        self.begun({key})
        self.scene.move(key, outline)
        self.done()

    @precondition(lambda self: self.has_keys)
    @rule(data=st.data(), outline=any_outlines())
    def drag(self, data, outline):
        key = self.some_key(data)
        self.begun({key})
        self.scene.drag(key, outline)

    @precondition(lambda self: self.has_keys)
    @rule(step=st.integers(-9, 9), live=st.booleans())
    def move_all_a_little(self, step, live):
        moved = {key: outline + step / 2 for key, outline in self.scene.polygons.items()}
        self.begun(set(moved))
        (self.scene.drag_many if live else self.scene.move_many)(moved)
        if not live:
            self.done()

    @precondition(lambda self: self.has_keys)
    @rule(data=st.data())
    def remove(self, data):
        key = self.some_key(data)
        self.begun()
        self.scene.remove(key)
        self.done()

    @precondition(lambda self: self.has_keys)
    @rule(data=st.data())
    def remove_many(self, data):
        keys = data.draw(st.sets(st.sampled_from(list(self.scene.polygons))))
        self.begun()
        self.scene.remove_many(keys)
        self.done()

    @rule(several=st.lists(outlines(), max_size=4))
    def replace_all(self, several):
        self.begun("replace")
        assert self.scene.replace_all(several) == list(self.scene.polygons)
        self.done()

    @rule(several=st.lists(any_outlines(), max_size=4))
    def replace_all_live(self, several):
        self.begun("replace")
        assert self.scene.replace_all(several, live=True) == list(self.scene.polygons)

    @rule(several=st.lists(outlines(), min_size=1, max_size=3))
    def several_in_one_step(self, several):
        self.begun()
        with self.scene.one_step():
            keys = self.scene.add_many(several)
            self.scene.drag(keys[0], several[-1])
            self.scene.add(several[0])
        self.done()

    @rule()
    def commit(self):
        self.begun("something else")
        self.scene.commit()
        self.done()

    @rule()
    def undo(self):
        self.begun()
        assert self.scene.undo() == (len(self.past) > 1)
        if len(self.past) > 1:
            self.future.append(self.past.pop())
        assert outlines_of(self.scene) == self.past[-1]

    @rule()
    def redo(self):
        self.begun()
        assert self.scene.redo() == bool(self.future)
        if self.future:
            self.past.append(self.future.pop())
        assert outlines_of(self.scene) == self.past[-1]

    @rule(back=st.booleans(), parts=st.integers(1, 4))
    def begin_to_undo_or_redo_in_parts(self, back, parts):
        self.begun()
        steps = self.scene.replay(back=back, many=1)
        for _ in range(parts):
            next(steps, None)
        if back and len(self.past) > 1:
            self.future.append(self.past.pop())
        elif not back and self.future:
            self.past.append(self.future.pop())
        self.going_on = REPLAY

    @invariant()
    def rasters_are_those_of_the_outlines(self):
        if not hasattr(self, "scene"):
            return
        keys = np.array([0, *self.scene.polygons], np.int32)
        labels = keys[rasterize(list(self.scene.polygons.values()), SHAPE)]
        np.testing.assert_array_equal(self.scene.labels, labels)
        np.testing.assert_allclose(self.scene.distance, distance_map(labels), atol=1e-4)
        np.testing.assert_array_equal(self.scene.contour, contour_map(labels))

    @invariant()
    def nothing_changes_unsaid(self):
        if hasattr(self, "scene"):
            assert self.mirror == outlines_of(self.scene)
            assert list(self.scene.polygons) == sorted(self.mirror)
            for seen, now in zip(self.seen, arrays(self.scene), strict=True):
                np.testing.assert_array_equal(seen, now)

    def teardown(self):
        """All undos lead to the first arrays, all redos to the last."""
        if not hasattr(self, "scene"):
            return
        self.scene.commit()
        last = [array.copy() for array in arrays(self.scene)]
        steps = 0
        while self.scene.undo():
            steps += 1
        assert outlines_of(self.scene) == self.past[0]
        self.rasters_are_those_of_the_outlines()
        assert all(self.scene.redo() for _ in range(steps))
        for before, now in zip(last, arrays(self.scene), strict=True):
            np.testing.assert_allclose(before, now, atol=1e-4)


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
