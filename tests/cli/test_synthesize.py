"""``sharpgan synthesize``: tiles on disk, stopped and killed and gone on with, mistakes in one sentence."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_sharpgan.formats import Nuclei, read_image, read_provenance, write_image, write_nuclei
from napari_sharpgan.nuclei import random_nuclei, rasterize

PROGRAM = Path(sys.executable).with_name("sharpgan")


@pytest.fixture
def small(tiny_generator):
    """Options of small tiles."""
    return ("--generator", tiny_generator, "--size", 32, "--device", "cpu")


@pytest.fixture
def one_image(tmp_path):
    """An image of 256 × 256 in images/ with its 40 nuclei in labels/."""
    for part in ("images", "labels"):
        (tmp_path / "data" / part).mkdir(parents=True)
    labels = rasterize(random_nuclei((256, 256), 40, seed=1), (256, 256))
    tissue = np.where(labels[..., None] > 0, (70, 40, 120), (190, 150, 200)).astype(np.uint8)
    image = tmp_path / "data" / "images" / "a.png"
    write_image(tissue, image)
    write_nuclei(Nuclei(labels=labels), tmp_path / "data" / "labels" / "a.png")
    return image


def contents(out):
    files = (path for path in out.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def test_tiles_are_made_and_more_of_them_later(sharpgan, small, tmp_path):
    out = tmp_path / "set"
    ended = sharpgan("synthesize", out, "--count", 2, *small)
    assert ended.status == 0, ended.err
    assert f"{out}: 2 of 2 tiles, folder" in ended.out
    assert "2 of 2 tiles (100%)" in ended.err
    before = contents(out)
    assert sharpgan("synthesize", out, "--count", 3, *small).status == 0
    after = contents(out)
    assert len(list((out / "images").iterdir())) == 3
    assert {name: after[name] for name in before if "/" in name} == {
        n: b for n, b in before.items() if "/" in n
    }


def test_tiles_are_like_an_image_and_its_nuclei_are_fitted_once(sharpgan, small, one_image, tmp_path):
    out = tmp_path / "set"
    command = ("synthesize", out, "--count", 1, "--like", one_image, "--rounding", 1, *small)
    assert sharpgan(*command).status == 0
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["source"]["like"] == ["a.png"]
    (model,) = manifest["plan"]["models"]
    assert model["nuclei"]["rounding"] == 1
    mean = read_image(one_image).reshape(-1, 3).mean(axis=0) / 255
    assert model["stain"][:3] == pytest.approx(mean, abs=1e-3)
    assert read_provenance(out / "images" / "0000000.png")["nuclei"] == "like a.png"
    start = time.monotonic()
    again = sharpgan(*command)
    assert again.status == 0
    assert "fitting" not in again.err
    assert time.monotonic() - start < 2
    other = sharpgan(*command[: -len(small)], "--spikiness", 0.1, *small)
    assert other.status == 2
    assert "holds tiles like other images or with other settings" in other.err


def test_a_data_folder_and_one_stain_for_all(sharpgan, small, one_image, tmp_path):
    Image.new("RGB", (8, 8), (200, 100, 150)).save(tmp_path / "pink.png")
    like = ("--like", one_image.parents[1], "--stain-of", tmp_path / "pink.png")
    assert sharpgan("synthesize", tmp_path / "set", "--count", 1, *like, *small).status == 0
    note = read_provenance(tmp_path / "set" / "images" / "0000000.png")
    assert note["nuclei"] == "like images/a.png"
    assert note["stain"][:3] == pytest.approx([200 / 255, 100 / 255, 150 / 255], abs=1e-3)


def test_a_mask_alone_gives_nuclei_but_no_stain(sharpgan, small, one_image, tmp_path):
    mask = one_image.parents[1] / "labels" / "a.png"
    assert sharpgan("synthesize", tmp_path / "set", "--count", 1, "--nuclei-from", mask, *small).status == 0
    note = read_provenance(tmp_path / "set" / "images" / "0000000.png")
    assert (note["nuclei"], note["stain"]) == ("like a.png", None)


def test_a_program_reads_how_far_it_is_and_gives_the_stain_as_numbers(sharpgan, small, tmp_path):
    stain = (0.7, 0.6, 0.75, 0.1, 0.1, 0.05)
    ended = sharpgan("synthesize", tmp_path / "set", "--count", 2, "--json", "--stain", *stain, *small)
    assert ended.status == 0
    last = json.loads(ended.err.splitlines()[-1])
    assert (last["done"], last["total"], last["made"]) == (2, 2, 2)
    assert last["seconds"] > 0
    assert read_provenance(tmp_path / "set" / "images" / "0000001.png")["stain"] == list(stain)
    slide = ("synthesize", tmp_path / "a.ome.zarr", "--shape", 512, 512, "--json", *small[:2])
    ended = sharpgan(*slide, "--stain", *stain)
    assert ended.status == 0
    last = json.loads(ended.err.splitlines()[-1])
    assert (last["done"], last["total"], last["pixels"]) == (1, 1, 512 * 512)
    (tmp_path / "pink.png").touch()
    ended = sharpgan(*slide, "--stain", *stain, "--stain-of", tmp_path / "pink.png")
    assert ended.err == "sharpgan: --stain and --stain-of both say the colors; give one of them\n"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ((), "--count must say how many"),
        (("--count", 0), "count must be at least 1"),
        (("--count", 2, "--size", 8), "size must lie between 32 and 4096"),
        (("--count", 2, "--workers", 0), "workers must be at least 1"),
        (("--count", 2, "--format", "tape"), "invalid choice: 'tape'"),
        (("--count", 2, "--device", "abacus"), "unknown device 'abacus'"),
        (("--count", 2, "--generator", "nonesuch"), "there is no generator 'nonesuch'"),
        (("--count", 2, "--like", "nowhere.png"), "nowhere.png does not exist"),
        (("--count", 2, "--radius-min", 50), "radius_min must not be above radius_max"),
    ],
)
def test_a_mistake_is_one_sentence(sharpgan, tiny_generator, tmp_path, more, told):
    given = () if "--generator" in more else ("--generator", tiny_generator)
    ended = sharpgan("synthesize", tmp_path / "out", *given, *more)
    assert ended.status == 2
    assert told in ended.err
    assert ended.err.splitlines()[-1].startswith("sharpgan: ")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_or_stopped_in_the_middle_it_goes_on_to_the_same_set(sharpgan, small, tmp_path):
    out = tmp_path / "set"
    command = ["synthesize", out, "--count", 200, "--shard", 10, "--format", "webdataset", *small]
    for number in (signal.SIGKILL, signal.SIGINT):
        lines = (out / "manifest-shards.jsonl").read_bytes().count(b"\n") if out.exists() else 0
        with (tmp_path / "log.txt").open("wb") as log:
            process = subprocess.Popen(list(map(str, [PROGRAM, *command])), stdout=log, stderr=log)
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and process.poll() is None:
                path = out / "manifest-shards.jsonl"
                if path.is_file() and path.read_bytes().count(b"\n") > lines:
                    break
                time.sleep(0.01)
            process.send_signal(number)
            status = process.wait(30)
        assert status == (-9 if number == signal.SIGKILL else 130), (tmp_path / "log.txt").read_text()
        assert not json.loads((out / "manifest.json").read_text())["complete"]
    assert sharpgan(*command).status == 0
    assert sharpgan("synthesize", tmp_path / "whole", *command[2:]).status == 0
    assert contents(out) == contents(tmp_path / "whole")


def test_settings_of_tiles_are_refused_for_a_slide_and_the_other_way_round(sharpgan, tmp_path):
    ended = sharpgan("synthesize", tmp_path / "a.ome.zarr", "--shape", 600, 600, "--size", 64)
    assert (ended.status, "--size is for tiles" in ended.err) == (2, True)
    ended = sharpgan("synthesize", tmp_path / "set", "--count", 2, "--patchiness", 1)
    assert (ended.status, "--patchiness is for a slide" in ended.err) == (2, True)
    assert list(tmp_path.iterdir()) == []
