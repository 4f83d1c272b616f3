"""Sets of tiles, made by `synthesize` in each format, read again: any tile, equal crops, clear errors."""

import json
import shutil

import numpy as np
import pytest

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import CropSource, joined, read_samples, store, tile_set_in
from napari_sharpgan.data.tile_sets import READERS
from napari_sharpgan.maps import binary_map, distance_map
from napari_sharpgan.synthesis import TilePlan, TileSettings, random_models, synthesize_tiles

formats = pytest.mark.parametrize("name", READERS)


@pytest.fixture
def copied(tile_sets, tmp_path):
    """Return a function that copies the set of a format, to be broken."""
    return lambda name: shutil.copytree(tile_sets[name], tmp_path / name)


def all_of(folder):
    return tile_set_in(folder).divided(0)[0]


def planes(batch):
    return [getattr(batch, name) for name in ("condition", "contour", "pixels", "jitter", "stain")]


@formats
def test_every_tile_is_that_of_the_folder_read_image_by_image(name, tile_sets):
    tiles, images = all_of(tile_sets[name]), read_samples(tile_sets["folder"])
    assert len(tiles) == len(images) == 8
    for tile, image in zip(tiles, images, strict=True):
        assert tile.labels.dtype == np.int32
        assert tile.labels.any()
        np.testing.assert_array_equal(tile.image, image.image)
        np.testing.assert_array_equal(tile.labels, image.labels)
    np.testing.assert_array_equal(tiles[-1].image, images[7].image)
    with pytest.raises(IndexError, match="tile 8 was asked for, there are 8"):
        tiles[8]


@formats
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_crops_are_those_of_the_same_samples_in_memory(name, share, tile_sets, monkeypatch):
    """Whether tiles are read each time or kept, and in whatever order the crops are drawn."""
    monkeypatch.setattr(store, "KEPT_SHARE", share)
    in_memory, on_disk = (
        CropSource(samples, distance_map, size=48, stain_jitter=0.2)
        for samples in (read_samples(tile_sets["folder"]), all_of(tile_sets[name]))
    )
    for number in (5, 0, 3, 5):
        one, other = (source.draw(6, np.random.default_rng([4, number])) for source in (in_memory, on_disk))
        for expected, found in zip(planes(one), planes(other), strict=True):
            np.testing.assert_array_equal(found, expected)
    assert on_disk.crops_per_epoch == in_memory.crops_per_epoch == round(8 * 64**2 / 48**2)
    np.testing.assert_array_equal(on_disk.typical_stain(), in_memory.typical_stain())


def test_tiles_smaller_than_a_crop_are_mirrored_as_in_memory(tile_sets):
    sources = (read_samples(tile_sets["folder"]), all_of(tile_sets["zarr"]))
    one, other = (CropSource(s, binary_map, size=96).draw(4, np.random.default_rng(0)) for s in sources)
    np.testing.assert_array_equal(one.pixels, other.pixels)


def test_of_sets_and_lists_together_crops_are_those_of_one_list(tile_sets):
    images = read_samples(tile_sets["folder"])
    mixed = joined([images[:3], [], all_of(tile_sets["zarr"])])
    assert len(mixed) == 11
    np.testing.assert_array_equal(mixed[4].image, images[1].image)
    sources = [*images[:3], *images], mixed
    one, other = (CropSource(s, binary_map, size=32).draw(40, np.random.default_rng(1)) for s in sources)
    np.testing.assert_array_equal(one.pixels, other.pixels)
    assert joined([images[:3], images[3:]]) == images


def test_no_more_tiles_are_kept_than_memory_is_given(tile_sets, monkeypatch):
    of_a_tile = store.BYTES_A_PIXEL * 64**2
    monkeypatch.setattr(store, "kept_bytes", lambda: 3 * of_a_tile + 1)
    read = []
    tiles = all_of(tile_sets["zarr"])
    monkeypatch.setattr(type(tiles), "__getitem__", lambda self, k: read.append(k) or images[k])
    images = read_samples(tile_sets["folder"])
    kept = CropSource(tiles, binary_map, size=64)._store
    sizes = [kept[number].layers for number in (0, 1, 2, 0, 1, 2, 3, 0)]
    assert read == [0, 1, 2, 3, 0], "of three tiles the one that was used longest ago is forgotten"
    assert sum(layer.nbytes for layer in sizes[0]) == of_a_tile


@formats
def test_whole_shards_are_held_out(name, tile_sets):
    train, held_out = tile_set_in(tile_sets[name]).divided(0.4)
    assert [(shard.first, shard.count) for shard in train.shards] == [(0, 3), (6, 2)]
    assert [(shard.first, shard.count) for shard in held_out.shards] == [(3, 3)]
    assert [sample.name for sample in held_out] == ["0000003", "0000004", "0000005"]


def test_of_one_shard_the_last_tiles_are_held_out(tiny_generator, tmp_path):
    plan = TilePlan.of(TileSettings(str(tiny_generator), size=32, format="webdataset"), random_models())
    run_to_end(synthesize_tiles(tmp_path / "set", plan, 10, device="cpu"))
    train, held_out = tile_set_in(tmp_path / "set").divided(0.2)
    assert (len(train), len(held_out)) == (8, 2)
    assert [sample.name for sample in held_out] == ["0000008", "0000009"]
    (file,) = held_out.files([7])
    assert (file.image, file.tiles, file.nuclei) == ("shards/000000.tar (tiles 8 to 9)", 2, 7)


@formats
def test_a_set_that_is_not_finished_has_the_tiles_that_are(name, copied):
    folder = copied(name)
    shards = folder / "manifest-shards.jsonl"
    lines = shards.read_text().splitlines(keepends=True)
    shards.write_text(lines[0] + lines[1][:30])
    found = tile_set_in(folder)
    assert (found.count, found.total, len(all_of(folder))) == (3, 8, 3)
    shards.unlink()
    with pytest.raises(ValueError, match=r"no shard of the tiles in .* is finished"):
        tile_set_in(folder)


OF_TILE_2 = {
    "folder": "images/0000002.png",
    "webdataset": "shards/000000.tar",
    "zarr": "tiles.zarr/labels/c/0/0/0",
}


@formats
def test_a_file_that_is_missing_cut_or_broken_is_said_in_a_sentence(name, copied):
    folder = copied(name)
    path = folder / OF_TILE_2[name]
    content = path.read_bytes()
    within = content.rfind(b"IDAT") + 8 if name != "zarr" else len(content) // 2
    for broken in (content[:within], bytes(len(content)), b""):
        path.write_bytes(broken)
        with pytest.raises(ValueError, match=r"tile 2 in shard 0 of .* cannot be used: .* cannot be") as told:
            all_of(folder)[2]
        assert "\n" not in str(told.value)
        assert OF_TILE_2[name] in str(told.value)
    path.unlink()
    with pytest.raises(ValueError, match=r"is missing; delete what is broken, and the same 'sharpgan "):
        all_of(folder)[2]


@pytest.mark.parametrize("name", ["webdataset", "zarr"])
def test_shards_without_their_manifest_are_told_from_a_folder_of_images(name, copied):
    folder = copied(name)
    manifest = folder / "manifest.json"
    kept = json.loads(manifest.read_text())
    for text in ("{", "[]", json.dumps(kept | {"plan": {}})):
        manifest.write_text(text)
        with pytest.raises(ValueError, match=r"manifest\.json does not say what tiles there are"):
            tile_set_in(folder)
    manifest.unlink()
    with pytest.raises(FileNotFoundError, match=r"holds shards of tiles but no manifest"):
        tile_set_in(folder)


def test_a_folder_of_images_is_no_set(tissue_folder, copied):
    assert tile_set_in(tissue_folder) is None
    folder = copied("folder")
    (folder / "split.json").write_text('{"train": ["images/0000000.png"]}')
    assert tile_set_in(folder) is None, "a split says which images are wanted"
    (folder / "split.json").unlink()
    (folder / "manifest.json").write_text('{"of": "another program"}')
    assert tile_set_in(folder) is None


def test_a_zarr_is_read_as_its_library_reads_it(tile_sets):
    import zarr

    group = zarr.open_group(str(tile_sets["zarr"] / "tiles.zarr"), mode="r")
    for number, tile in enumerate(all_of(tile_sets["zarr"])):
        np.testing.assert_array_equal(tile.image, group["images"][number])
        np.testing.assert_array_equal(tile.labels, group["labels"][number])
