import pytest

from napari_sharpgan.scene import Scene


@pytest.fixture
def scene():
    return Scene((12, 20))


@pytest.fixture
def edits(scene):
    seen = []
    scene.edited.connect(seen.append)
    return seen


@pytest.fixture
def windows(scene):
    seen = []
    scene.changed.connect(seen.append)
    return seen
