"""Slides: the same in blocks of any size and by any number of workers, killed and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zarr
from filelock import FileLock

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.formats.ome_zarr_image import open_image, read_note
from napari_sharpgan.nuclei import NucleiConfig
from napari_sharpgan.rendering import Renderer, render
from napari_sharpgan.synthesis import (
    SlidePlan,
    SlideSettings,
    TileModel,
    Workers,
    slide_model,
    synthesize_slide,
    what_is_there,
)

SHAPE = (1300, 1100)
DENSE = TileModel("", NucleiConfig(density=2500))
PROGRAM = Path(sys.executable).with_name("sharpgan")


@pytest.fixture(scope="module")
def settings():
    return SlideSettings(seed=4, block=512)


@pytest.fixture(scope="module")
def slide(settings, tmp_path_factory):
    """A finished slide in blocks of 512, and how it went."""
    out, steps = tmp_path_factory.mktemp("slides") / "a.ome.zarr", []
    facts = run_to_end(synthesize_slide(out, SHAPE, settings, DENSE, device="cpu"), steps.append)
    return out, steps, facts


def arrays(out):
    group = zarr.open_group(out, mode="r")
    names = sorted(name for name, _ in group.arrays())
    return {name: group[name][...] for name in [*names, *(f"labels/nuclei/{name}" for name in names)]}


def assert_equal(one, other):
    one, other = arrays(one), arrays(other)
    assert one.keys() == other.keys()
    for name, pixels in one.items():
        np.testing.assert_array_equal(pixels, other[name], err_msg=name)


def test_it_is_the_tissue_of_its_labels_and_both_are_whole(slide, settings):
    out, steps, facts = slide
    assert [(step.done, step.total) for step in steps] == [(number, 9) for number in range(10)]
    assert facts["complete"]
    found = arrays(out)
    labels, tissue = found["labels/nuclei/0"], np.moveaxis(found["0"], 0, -1)
    assert labels.shape == SHAPE
    plan = SlidePlan.of(SHAPE, settings, DENSE)
    assert facts["nuclei"] == len(plan.nuclei().in_window((slice(0, 1300), slice(0, 1100))))
    np.testing.assert_array_equal(labels, plan.nuclei().labels((slice(0, 1300), slice(0, 1100))))
    numbers = np.unique(labels, return_inverse=True)[1].reshape(SHAPE)
    expected = render(numbers, device="cpu", seed=4)
    inside = slice(0, 1200), slice(0, 1000)  # a nucleus that the border cuts is whole in neither
    np.testing.assert_array_equal(tissue[inside], expected[inside])


def test_levels_halve_the_picture_and_keep_numbers_of_nuclei(slide):
    found = arrays(slide[0])
    np.testing.assert_array_equal(found["labels/nuclei/1"], found["labels/nuclei/0"][::2, ::2])
    sums = found["0"].reshape(3, 650, 2, 550, 2).sum(axis=(2, 4), dtype=int)
    np.testing.assert_array_equal(found["1"], (sums + 2) // 4)


def test_other_programs_find_image_labels_pixel_size_and_that_it_is_synthetic(slide):
    out = slide[0]
    attributes = json.loads((out / ".zattrs").read_text())
    assert attributes["multiscales"][0]["datasets"][0]["coordinateTransformations"][0]["scale"] == [
        1,
        0.25,
        0.25,
    ]
    assert json.loads((out / "labels" / ".zattrs").read_text()) == {"labels": ["nuclei"]}
    pyramid = open_image(out)
    assert (pyramid.shape, pyramid.micrometers_per_pixel) == (SHAPE, 0.25)
    assert read_note(out)["synthetic"] is True
    assert attributes["synthesis"]["plan"]["seed"] == 4


@pytest.mark.parametrize(("block", "workers"), [(1024, 1), (4096, 1), (512, 2)])
def test_blocks_of_any_size_and_any_workers_make_the_same_slide(slide, settings, block, workers, tmp_path):
    out = tmp_path / "b.ome.zarr"
    other = replace(settings, block=block)
    run_to_end(synthesize_slide(out, SHAPE, other, DENSE, workers=Workers(workers), device="cpu"))
    assert_equal(slide[0], out)


def test_it_is_stopped_and_gone_on_with_in_its_own_blocks(slide, settings, tmp_path):
    out, steps = tmp_path / "b.ome.zarr", []
    stopping = synthesize_slide(out, SHAPE, settings, DENSE, device="cpu", should_stop=lambda: len(steps) > 3)
    facts = run_to_end(stopping, steps.append)
    assert not facts["complete"]
    pixels = arrays(out)["0"]
    assert (pixels[:, 1024:] == 255).all()  # nothing there yet
    assert (pixels[:, :512] != 255).any()
    again = []
    larger = replace(settings, block=4096)
    facts = run_to_end(synthesize_slide(out, SHAPE, larger, DENSE, device="cpu"), again.append)
    assert [step.done for step in again] == [3, 4, 5, 6, 7, 8, 9]
    assert (facts["complete"], facts["block"]) == (True, 512)
    assert_equal(slide[0], out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.ome.zarr"]  # no lock, no journal


def test_it_is_killed_and_gone_on_with(slide, settings, tmp_path):
    out = tmp_path / "b.ome.zarr"
    words = [
        "--shape",
        "1300",
        "1100",
        "--seed",
        "4",
        "--block",
        "512",
        "--density",
        "2500",
        "--device",
        "cpu",
    ]
    words += ["--level", "2", "--rounding", "0", "--size-spread", "0.32"]  # as DENSE has them
    command = [PROGRAM, "synthesize", out, *words]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | {"OMP_NUM_THREADS": "1"})
    journal = tmp_path / ".b.ome.zarr.blocks.jsonl"
    end = time.monotonic() + 60
    while time.monotonic() < end and not (journal.is_file() and journal.read_text().count("\n") >= 2):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with journal.open("a") as file:
        file.write('{"block": [2, ')  # as if it had been killed while it wrote a line
    (out / "0" / "0" / "0" / "0.abc.partial").write_bytes(b"half")
    assert not zarr.open_group(out, mode="r").attrs["synthesis"]["complete"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    assert_equal(slide[0], out)
    assert list(out.rglob("*.partial")) == []


def test_who_looks_how_far_a_slide_is_leaves_its_journal_alone(slide, settings, tmp_path):
    out, steps = tmp_path / "b.ome.zarr", []
    task = synthesize_slide(out, SHAPE, settings, DENSE, device="cpu", should_stop=lambda: len(steps) > 2)
    run_to_end(task, steps.append)
    journal = tmp_path / ".b.ome.zarr.blocks.jsonl"
    cut = journal.read_text().rstrip("\n")  # the last line is there but for its end
    for text, done in ((cut, 2), (cut[:-5], 1)):
        journal.write_text(text)
        assert what_is_there(out).done == done
        assert journal.read_text() == text
        steps.clear()
        task = synthesize_slide(out, SHAPE, settings, DENSE, device="cpu", should_stop=lambda: len(steps) > 1)
        run_to_end(task, steps.append)
        assert [step.done for step in steps] == [done, done + 1]
        assert what_is_there(out).done == done + 1


def test_a_slide_of_another_seed_another_folder_and_one_that_is_being_written_are_left_alone(
    slide, settings, tmp_path
):
    out, before = slide[0], arrays(slide[0])
    with pytest.raises(ValueError, match=r"a slide of other settings \(shape, seed\); choose another name"):
        run_to_end(synthesize_slide(out, (1300, 900), replace(settings, seed=5), DENSE))
    assert [path.name for path in out.parent.iterdir()] == [out.name]  # no lock either
    folder = tmp_path / "c.ome.zarr"
    folder.mkdir()
    with pytest.raises(ValueError, match=r"c\.ome\.zarr is there, and no synthetic slide"):
        run_to_end(synthesize_slide(folder, SHAPE, settings, DENSE))
    with (
        FileLock(out.with_name(f".{out.name}.lock")),
        pytest.raises(OSError, match="another process is writing"),
    ):
        run_to_end(synthesize_slide(out, SHAPE, settings, DENSE))
    np.testing.assert_array_equal(arrays(out)["0"], before["0"])


def test_what_no_slide_can_be_is_said(settings, tmp_path):
    with pytest.raises(ValueError, match=r"a slide must be called ….ome.zarr, got a.tif"):
        run_to_end(synthesize_slide(tmp_path / "a.tif", SHAPE, settings))
    with pytest.raises(ValueError, match="block must be one of 512, 1024, 2048, 4096, 8192, got 600"):
        SlideSettings(block=600)
    with pytest.raises(FileNotFoundError, match=r"the folder .* does not exist"):
        run_to_end(synthesize_slide(tmp_path / "no" / "a.ome.zarr", SHAPE, settings))
    with pytest.raises(ValueError, match="ids"):
        run_to_end(synthesize_slide(tmp_path / "a.ome.zarr", (9_000_000, 9_000_000), settings, DENSE))
    assert list(tmp_path.iterdir()) == []


def test_windows_that_share_no_pixel_with_a_block_are_not_rendered(settings):
    plan = SlidePlan.of((100_000, 100_000), replace(settings, block=4096), DENSE)
    assert len(plan.blocks()) == 625
    assert plan.window((24, 24)) == (slice(98_304, 100_000), slice(98_304, 100_000))
    assert plan.renderer("cpu").engine == Renderer(device="cpu").engine


def test_a_slide_of_a_density_class_has_the_mean_of_that_class_whatever_the_seed():
    model = slide_model({"level": 1})
    assert model.nuclei.density == pytest.approx(50 / 0.115**2)
    assert slide_model({"density": 900}).nuclei.density == 900
    assert (slide_model().nuclei.level, slide_model().nuclei.rounding) == (3, 2)


def test_what_is_noted_of_another_slide_of_that_name_does_not_count(settings, tmp_path):
    out = tmp_path / "b.ome.zarr"
    steps = []
    stop = {"should_stop": lambda: len(steps) > 2, "device": "cpu"}
    run_to_end(synthesize_slide(out, SHAPE, settings, DENSE, **stop), steps.append)
    out.rename(tmp_path / "away.ome.zarr")
    other, steps = replace(settings, seed=5), []
    stop["should_stop"] = lambda: len(steps) > 1
    run_to_end(synthesize_slide(out, SHAPE, other, DENSE, **stop), steps.append)
    assert [step.done for step in steps] == [0, 1]
