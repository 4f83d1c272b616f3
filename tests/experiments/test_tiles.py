"""Synthetic tiles follow from seed and number alone, and are made once."""

import json

import numpy as np
import pytest

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import read_samples
from napari_sharpgan.experiments import SyntheticSets, make_tiles
from napari_sharpgan.experiments.results import Work
from napari_sharpgan.experiments.tiles import TILES
from napari_sharpgan.formats import read_image, read_nuclei, read_provenance


@pytest.fixture(scope="module")
def samples(split_folder):
    return read_samples(split_folder)


@pytest.fixture(scope="module")
def tiles(samples, tiny_generator, tmp_path_factory):
    """Six tiles: two, and four more."""
    work = at(tmp_path_factory.mktemp("tiles"))
    assert run_to_end(make_tiles(SyntheticSets(tiny_generator, (2, 6), seed=3), samples, work)) == 6
    return work.out / TILES


def at(out, **settings):
    """Work in a folder, of which tiles need no more."""
    return Work(out, out, None, "cpu", **settings)


def with_models(out, tiles):
    """A folder in which the nuclei are fitted already."""
    (out / TILES).mkdir()
    (out / TILES / "nuclei.json").write_bytes((tiles / "nuclei.json").read_bytes())
    return out


def files(place):
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*.png")}


def test_sets_share_their_first_tiles(tiles):
    assert sorted(files(tiles)) == sorted(
        f"{folder}/{part}/{number:05}.png"
        for folder, numbers in (("0-2", range(2)), ("2-6", range(2, 6)))
        for part in ("images", "labels")
        for number in numbers
    )


def test_a_tile_follows_from_seed_and_number(tiles, samples, tiny_generator, tmp_path):
    work = at(with_models(tmp_path, tiles))
    run_to_end(make_tiles(SyntheticSets(tiny_generator, (4,), seed=3), samples, work))
    first, second = (
        {name.split("/", 1)[1]: data for name, data in files(p).items()} for p in (tmp_path / TILES, tiles)
    )
    assert len(first) == 8
    assert first.items() <= second.items()


def test_it_goes_on_after_a_stop(tiles, samples, tiny_generator, tmp_path):
    out = with_models(tmp_path, tiles)
    sets, asked = SyntheticSets(tiny_generator, (2, 6), seed=3), iter([False] * 4 + [True] * 9)
    stopped = make_tiles(sets, samples, at(out, should_stop=lambda: next(asked)))
    assert 0 < run_to_end(stopped) < 6
    assert run_to_end(make_tiles(sets, samples, at(out))) == 6
    assert files(out / TILES) == files(tiles)


def test_nuclei_are_like_those_of_a_real_image_in_its_stain(tiles, samples):
    by_name = {sample.name: sample for sample in samples}
    for path in sorted((tiles / "2-6" / "images").iterdir()):
        note = read_provenance(path)
        assert note["synthetic"] is True
        sample = by_name[note["nuclei"].removeprefix("like ")]
        assert note["stain"] == [round(float(value), 4) for value in sample.stain]
        labels = read_nuclei(path.parents[1] / "labels" / path.name).to_labels()
        assert labels.shape == read_image(path).shape[:2] == (256, 256)
        real = np.unique(sample.labels).size / sample.labels.size * labels.size
        assert real / 2 < np.unique(labels).size < 2 * real


def test_tiles_of_another_kind_are_refused(tiles, samples, tiny_generator):
    with pytest.raises(ValueError, match="holds tiles of another generator, seed or other images"):
        run_to_end(make_tiles(SyntheticSets(tiny_generator, (2,), seed=4), samples, at(tiles.parent)))


@pytest.mark.parametrize("sizes", [(), (0,), (5, -1)])
def test_sizes_below_1_are_refused(sizes, tmp_path):
    with pytest.raises(ValueError, match="whole numbers from 1 on"):
        SyntheticSets("x", sizes).folders(tmp_path)


def test_images_with_few_nuclei_are_no_model(tiny_generator, tissue_folder, tmp_path):
    with pytest.raises(ValueError, match="at least one image with 10 nuclei"):
        run_to_end(make_tiles(SyntheticSets(tiny_generator, (1,)), read_samples(tissue_folder), at(tmp_path)))


def test_models_are_fitted_once(tiles, samples):
    kept = json.loads((tiles / "nuclei.json").read_text())
    assert [model["like"] for model in kept["models"]] == [sample.name for sample in samples]
