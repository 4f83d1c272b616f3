"""Each format is read back by a program that is not ours: Pillow, json and shapely, tarfile, zarr."""

import io
import json
import tarfile

import numpy as np
import pytest
import shapely
import zarr
from PIL import Image

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.formats import read_provenance
from napari_sharpgan.rendering import Renderer
from napari_sharpgan.synthesis import TILE_FORMATS, synthesize_tiles

COUNT = 4  # the last shard has one tile


@pytest.fixture
def made(plan, tmp_path):
    """Return a set in some format, and the tiles that it should hold."""

    def make(name, **settings):
        asked = plan(format=name, nuclei={"level": 2.0}, **settings)
        assert run_to_end(synthesize_tiles(tmp_path / "set", asked, COUNT, device="cpu")) == COUNT
        renderer = Renderer(asked.settings.generator, device="cpu")
        return tmp_path / "set", [asked.tile(number, renderer) for number in range(COUNT)]

    return make


def test_a_folder_has_pictures_labels_and_outlines(made):
    out, tiles = made("folder", size=256)
    for number, tile in enumerate(tiles):
        key = f"{number:07}"
        assert np.array_equal(np.asarray(Image.open(out / "images" / f"{key}.png")), tile.tissue)
        labels = Image.open(out / "labels" / f"{key}.png")
        assert labels.mode == "I;16"
        assert np.array_equal(np.asarray(labels), tile.labels)
        outlines = json.loads((out / "geojson" / f"{key}.geojson").read_text())["features"]
        assert len(outlines) == np.unique(tile.labels).size - 1 == tile.labels.max()
        areas = [shapely.from_geojson(json.dumps(outline["geometry"])).area for outline in outlines]
        assert areas == pytest.approx(list(np.bincount(tile.labels.ravel())[1:]), rel=0.25)
        note = read_provenance(out / "images" / f"{key}.png")
        assert note["synthetic"] is True
        assert note["seed"] == tile.facts["seed"]
    assert [path.name for path in sorted((out / "images").iterdir())] == [f"{n:07}.png" for n in range(COUNT)]


def test_tar_files_keep_to_webdatasets_conventions(made):
    out, tiles = made("webdataset")
    shards = sorted((out / "shards").iterdir())
    assert [path.name for path in shards] == ["000000.tar", "000001.tar"]
    found = {}
    for path in shards:
        with tarfile.open(path) as tar:
            members = tar.getmembers()
            assert {(one.mtime, one.uid, one.gid, one.uname) for one in members} == {(0, 0, 0, "")}
            keys = [one.name.split(".", 1)[0] for one in members]
            assert keys == sorted(keys)  # files of a sample follow each other
            for one in members:
                key, extension = one.name.split(".", 1)
                found.setdefault(int(key), {})[extension] = tar.extractfile(one).read()
    assert sorted(found) == list(range(COUNT))
    for number, files in found.items():
        assert set(files) == {"png", "labels.png", "json"}
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(files["png"]))), tiles[number].tissue)
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(files["labels.png"]))), tiles[number].labels)
        note = json.loads(files["json"])
        assert note["synthetic"] is True
        assert note["number"] == number
        assert note["nuclei_count"] == tiles[number].labels.max()


def test_a_zarr_has_a_chunk_a_tile_and_a_file_a_shard(made):
    out, tiles = made("zarr")
    group = zarr.open_group(str(out / "tiles.zarr"), mode="r")
    assert group.attrs["provenance"]["synthetic"] is True
    images, labels = group["images"], group["labels"]
    assert (images.shape, images.dtype) == ((COUNT, 64, 64, 3), np.uint8)
    assert (labels.shape, labels.dtype) == ((COUNT, 64, 64), np.uint16)
    assert (images.chunks, images.shards) == ((1, 64, 64, 3), (3, 64, 64, 3))
    assert np.array_equal(images[:], [tile.tissue for tile in tiles])
    assert np.array_equal(labels[:], [tile.labels for tile in tiles])
    assert sorted(path.name for path in (out / "tiles.zarr" / "images" / "c").iterdir()) == ["0", "1"]


def test_tiles_without_nuclei_can_be_written_too(plan, tmp_path):
    none = {"density": 1e-9, "level": 0.0}
    for name in TILE_FORMATS:
        asked = plan(format=name, nuclei=none, size=32)
        assert run_to_end(synthesize_tiles(tmp_path / name, asked, 2, device="cpu")) == 2
    assert not zarr.open_group(str(tmp_path / "zarr" / "tiles.zarr"), mode="r")["labels"][:].any()
