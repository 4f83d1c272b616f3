"""Sets of tiles as a run sees them: quickly surveyed, refused where broken, each format trains the same."""

import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import CropSource, TileSet, read_samples
from napari_sharpgan.data.tile_sets import READERS, read_finished
from napari_sharpgan.maps import binary_map
from napari_sharpgan.training import (
    GanConfig,
    SavePolicy,
    SegmenterConfig,
    SegmenterTrainer,
    read_record,
    survey,
    train,
)
from napari_sharpgan.training.held_out import HeldOutImages
from napari_sharpgan.training.segmenter import TissueSources

formats = pytest.mark.parametrize("name", READERS)
TINY = SegmenterConfig(
    width=1, batch_size=2, steps=4, crop=64, precision="float32", samples=0, synthetic_share=0.5
)


@pytest.fixture
def copied(tile_sets, tmp_path):
    return lambda name: shutil.copytree(tile_sets[name], tmp_path / name)


@formats
def test_its_counts_are_true(name, tile_sets):
    found = run_to_end(survey(tile_sets[name], validation=0.4))
    samples = read_samples(tile_sets["folder"])
    assert found.nuclei == sum(len(np.unique(sample.labels)) - 1 for sample in samples)
    assert (len(found.train), len(found.validation), len(found.samples)) == (5, 3, 8)
    assert found.pixels == 8 * 64**2
    assert found.layouts == (f"set of tiles ({name})",)
    assert found.notes == (
        "tiles are 64 × 64, and mirrored at the borders",
        "hashes and counts are those of manifest.json, and the last tile of each shard was read",
    )


@formats
def test_it_reads_one_tile_a_shard(name, tile_sets, monkeypatch):
    read, steps, once = [], [], TileSet._read
    monkeypatch.setattr(TileSet, "_read", lambda self, *tile: read.append(tile[1]) or once(self, *tile))
    run_to_end(survey(tile_sets[name]), steps.append)
    assert sorted(read) == [2, 5, 7]
    assert [(step.done, step.total) for step in steps] == [(1, 3), (2, 3), (3, 3)]


@formats
def test_the_run_keeps_the_hash_of_each_shard(name, tile_sets):
    files = run_to_end(survey(tile_sets[name], validation=0)).manifest.train
    noted = read_finished(tile_sets[name])
    assert [file.image_sha256 for file in files] == [one.sha256 for one in noted]
    assert [(file.tiles, file.nuclei) for file in files] == [(one.count, one.nuclei) for one in noted]
    assert [file.image.partition(" (")[2] for file in files] == [
        f"tiles {k})" for k in ("0 to 2", "3 to 5", "6 to 7")
    ]


def test_nuclei_that_were_not_noted_are_estimated(copied):
    folder = copied("zarr")
    path = folder / "manifest-shards.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    true = sum(line.pop("nuclei") for line in lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = run_to_end(survey(folder, validation=0))
    assert found.nuclei == pytest.approx(true, rel=0.5)
    assert "the nuclei are estimated" in found.notes


@formats
def test_broken_shards_are_all_told_at_once(name, copied):
    folder = copied(name)
    for one in read_finished(folder)[1:]:
        shard = one.as_shard
        last = READERS[name].pair(replace(shard, first=shard.first + shard.count - 1))[0]
        (folder / last).write_bytes(b"broken")
    with pytest.raises(ValueError, match=r"2 of 3 shards in .* cannot be used: shard 1 \(") as told:
        run_to_end(survey(folder))
    assert "shard 2 (" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_missing_file_in_the_middle_of_a_shard_is_told(copied):
    folder = copied("folder")
    (folder / "labels" / "0000001.png").unlink()
    with pytest.raises(ValueError, match=r"1 of 3 shards .* shard 0 \(labels/0000001\.png is missing\)"):
        run_to_end(survey(folder))


def test_a_set_that_was_copied_without_its_outlines_is_as_good(tile_sets, copied):
    folder = copied("folder")
    shutil.rmtree(folder / "geojson")
    assert run_to_end(survey(folder)).manifest.train == run_to_end(survey(tile_sets["folder"])).manifest.train


def test_it_can_be_stopped(tile_sets):
    assert len(run_to_end(survey(tile_sets["zarr"], should_stop=lambda: True)).samples) == 0


def test_each_format_gives_the_same_weights_after_a_kill_too(tissue_folder, tile_sets, tmp_path):
    """The plain way, image by image in memory, is the reference."""
    plain = tmp_path / "plain"
    for kind in ("images", "labels"):
        shutil.copytree(tile_sets["folder"] / kind, plain / kind)
    weights = []
    for name, folder in {"plain": plain, **tile_sets}.items():
        config = replace(TINY, synthetic=str(folder))
        task = train(tissue_folder, tmp_path / f"run {name}", config, device="cpu", save=SavePolicy(steps=1))
        for _ in range(3):
            next(task)
        task.close()
        run_to_end(train(None, tmp_path / f"run {name}", device="cpu"))
        weights.append(load_file(tmp_path / f"run {name}" / "checkpoints" / "last.safetensors"))
    for other in weights[1:]:
        assert all(torch.equal(weights[0][key], other[key]) for key in weights[0])


def test_the_shares_of_several_processes_are_the_batch_of_one(tile_sets):
    def trainer(name):
        crops = CropSource(run_to_end(survey(tile_sets[name])).train, binary_map, size=64, stain_jitter=0.1)
        return SegmenterTrainer(TINY, TissueSources(None, crops, 1.0), device=torch.device("cpu"))

    whole = trainer("zarr").drawn(7, range(4))
    parts = [trainer(name).drawn(7, crops) for name, crops in (("webdataset", (0, 1)), ("folder", (2, 3)))]
    for name in ("tissue", "plane"):
        assert torch.equal(getattr(whole, name), torch.cat([getattr(part, name) for part in parts]))


def test_a_run_does_not_go_on_with_a_set_that_has_grown(tissue_folder, copied, tmp_path):
    folder = copied("webdataset")
    shards = folder / "manifest-shards.jsonl"
    lines = shards.read_text()
    shards.write_text("".join(lines.splitlines(keepends=True)[:2]))
    config = replace(TINY, steps=1, synthetic=os.pathsep.join([str(folder)] * 2))
    told = []
    run_to_end(train(tissue_folder, tmp_path / "run", config, device="cpu", on_survey=told.append))
    assert "the set is not finished: 6 of its 8 tiles are there" in told[1].notes
    names = [file.image for file in read_record(tmp_path / "run").data.train]
    assert names[1:3] == [f"synthetic 1/shards/00000{k}.tar (tiles {k * 3} to {k * 3 + 2})" for k in (0, 1)]
    shards.write_text(lines)
    with pytest.raises(ValueError, match=r"begun with: 2 new \(synthetic 1/shards/000002\.tar"):
        next(train(None, tmp_path / "run", device="cpu"))


def test_a_generator_is_trained_on_a_set_and_scored_on_shards_held_out(tile_sets, tmp_path):
    config = GanConfig(width=1, batch_size=1, steps=1, samples=1, precision="float32", validation=0.4)
    run_to_end(train(tile_sets["zarr"], tmp_path, config, device="cpu"))
    event = json.loads((tmp_path / "events.jsonl").read_text())
    assert "held_out_score" in event
    page = (tmp_path / "report.html").read_text()
    assert "Trained on: 5 images" in page
    assert "Held out: 3 images" in page


def test_of_many_tiles_a_few_are_looked_at(tile_sets, monkeypatch):
    read, once = [], TileSet._read
    monkeypatch.setattr(TileSet, "_read", lambda self, *tile: read.append(tile[1]) or once(self, *tile))
    monkeypatch.setattr("napari_sharpgan.training.held_out.CANDIDATES", 2)
    found = run_to_end(survey(tile_sets["zarr"], validation=0))
    read.clear()
    assert HeldOutImages.chosen(found.train, found.validation).names
    assert set(read) == {2, 6}
