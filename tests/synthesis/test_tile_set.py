"""Sets of tiles: equal whoever makes them, gone on with after a kill, refused where they do not fit."""

import hashlib
import json

import numpy as np
import pytest

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data.tile_sets import SHARDS
from napari_sharpgan.synthesis import TILE_FORMATS, LabeledTile, TilePlan, Workers, synthesize_tiles

formats = pytest.mark.parametrize("name", TILE_FORMATS)


def make(out, plan, count, **settings):
    return run_to_end(synthesize_tiles(out, plan, count, device="cpu", **settings))


@formats
def test_a_set_may_grow_and_is_then_as_if_made_at_once(name, plan, tmp_path, contents):
    assert make(tmp_path / "grown", plan(format=name), 4) == 4
    assert make(tmp_path / "grown", plan(format=name), 8) == 8
    assert make(tmp_path / "whole", plan(format=name), 8) == 8
    assert contents(tmp_path / "grown") == contents(tmp_path / "whole")


@formats
def test_it_goes_on_after_a_stop(name, plan, tmp_path, contents):
    asked = iter([False] * 6 + [True] * 99)
    assert make(tmp_path / "set", plan(format=name), 8, should_stop=lambda: next(asked)) == 3
    assert json.loads((tmp_path / "set" / "manifest.json").read_text())["complete"] is False
    steps = []
    task = synthesize_tiles(tmp_path / "set", plan(format=name), 8, device="cpu")
    assert run_to_end(task, steps.append) == 8
    assert [(step.done, step.made, step.total) for step in steps] == [(3, 0, 8), (6, 3, 8), (8, 5, 8)]
    make(tmp_path / "whole", plan(format=name), 8)
    assert contents(tmp_path / "set") == contents(tmp_path / "whole")


@formats
def test_what_was_lost_or_half_written_is_made_again(name, plan, tmp_path, contents):
    out = tmp_path / "set"
    make(out, plan(format=name), 8)
    before = contents(out)
    lines = (out / SHARDS).read_text().splitlines(keepends=True)
    first = TILE_FORMATS[name].files(_shard_of(lines[0]))[0]
    (out / first).unlink()
    (out / SHARDS).write_text("".join(lines[:2]) + lines[2][:20])  # as a killed process leaves it
    (out / first).parent.joinpath(".0000000-abc.png").write_bytes(b"half")
    assert make(out, plan(format=name), 8) == 8
    after = contents(out)
    assert {key: after[key] for key in before} == before
    if name != "zarr":
        assert set(after) == set(before)


def _shard_of(line):
    from napari_sharpgan.data.tile_sets import Finished

    return Finished(**json.loads(line)).as_shard


@formats
def test_the_manifest_has_a_hash_of_every_shard(name, plan, tmp_path):
    out = tmp_path / "set"
    make(out, plan(format=name), 7)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["synthetic"] is True
    assert (manifest["tiles"], manifest["complete"]) == (7, True)
    assert manifest["plan"]["settings"] == {"seed": 5, "size": 64, "format": name, "shard": 3}
    assert len(manifest["plan"]["weights_sha256"]) == 64
    assert manifest["plan"]["software"].startswith("napari-sharpgan ")
    text = (out / SHARDS).read_bytes()
    assert manifest["shards_sha256"] == hashlib.sha256(text).hexdigest()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["shard"], line["first"], line["count"]) for line in lines] == [
        (0, 0, 3),
        (1, 3, 3),
        (2, 6, 1),
    ]
    if name == "webdataset":
        tar = (out / "shards" / "000002.tar").read_bytes()
        assert lines[2]["sha256"] == hashlib.sha256(tar).hexdigest()
    else:
        files = TILE_FORMATS[name].files(_shard_of(text.splitlines()[2]))
        sums = "".join(f"{hashlib.sha256((out / one).read_bytes()).hexdigest()}  {one}\n" for one in files)
        assert lines[2]["sha256"] == hashlib.sha256(sums.encode()).hexdigest()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": 6}, "seed 5, asked for 6"),
        ({"size": 32}, "size 64, asked for 32"),
        ({"shard": 4}, "shard 3, asked for 4"),
        ({"format": "zarr"}, "format folder, asked for zarr"),
        ({"nuclei": {"level": 1.0}}, "other nuclei or stains"),
    ],
)
def test_a_set_of_another_kind_is_refused_and_kept(changed, told, plan, tmp_path, contents):
    make(tmp_path / "set", plan(), 2)
    before = contents(tmp_path / "set")
    with pytest.raises(ValueError, match=told):
        make(tmp_path / "set", plan(**changed), 2)
    assert contents(tmp_path / "set") == before


def test_other_weights_are_refused(plan, tmp_path):
    make(tmp_path / "set", plan(), 2)
    with pytest.raises(ValueError, match="another generator"):
        make(tmp_path / "set", plan().__class__(plan().settings, plan().models, "0" * 64), 2)


def test_weights_that_are_others_where_the_tiles_are_made_are_refused(plan, tmp_path):
    other = plan().__class__(plan().settings, plan().models, "0" * 64)
    with pytest.raises(ValueError, match=r"expected 000000000000…"):
        make(tmp_path / "set", other, 2)


def test_fewer_tiles_than_there_are_are_refused(plan, tmp_path):
    make(tmp_path / "set", plan(), 4)
    with pytest.raises(ValueError, match="is a set of 4 tiles"):
        make(tmp_path / "set", plan(), 3)


def test_a_folder_with_other_things_is_left_alone(plan, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files"):
        make(tmp_path / "set", plan(), 2)
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["thesis.txt"]


def test_a_process_that_was_killed_before_its_manifest_was_written_is_gone_on_with(plan, tmp_path):
    out = tmp_path / "set"
    out.mkdir()
    (out / ".lock").touch()
    (out / ".manifest-a1b2c3d4.json").write_text('{"synth')
    assert make(out, plan(), 2) == 2
    assert not (out / ".manifest-a1b2c3d4.json").exists()


def test_hidden_files_of_others_in_a_set_stay(plan, tmp_path):
    make(tmp_path / "set", plan(), 2)
    mine = tmp_path / "set" / ".pre-commit-config.yaml", tmp_path / "set" / "images" / ".my-notes.txt"
    for path in mine:
        path.touch()
    make(tmp_path / "set", plan(), 4)
    assert all(path.exists() for path in mine)


def test_more_nuclei_than_16_bits_can_number_are_refused(plan, tmp_path):
    class Crowded(TilePlan):
        def tile(self, number, renderer):
            labels = np.full((64, 64), 65_536, np.int32)
            return LabeledTile(np.zeros((64, 64, 3), np.uint8), labels, {})

    asked = plan()
    with pytest.raises(ValueError, match=r"tile 0 has 65,536 nuclei, expected at most 65,535"):
        make(tmp_path / "set", Crowded(asked.settings, asked.models, asked.weights_sha256), 2)


def test_places_that_cannot_be_written_are_told(plan, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="is a file"):
        make(tmp_path / "file", plan(), 2)
    with pytest.raises(FileNotFoundError, match=r"nowhere does not exist"):
        make(tmp_path / "nowhere" / "set", plan(), 2)
    with pytest.raises(ValueError, match="count must be at least 1"):
        make(tmp_path / "set", plan(), 0)


def test_two_at_once_in_one_folder_are_refused(plan, tmp_path):
    first = synthesize_tiles(tmp_path / "set", plan(), 4, device="cpu")
    next(first)
    with pytest.raises(ValueError, match="another process is making the tiles"):
        make(tmp_path / "set", plan(), 4)
    assert run_to_end(first) == 4


def test_number_of_workers_is_checked():
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        Workers(0)
