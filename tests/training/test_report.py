import base64
import json
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import pytest
from PIL import Image

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import DataFile, Manifest
from napari_sharpgan.training import GanConfig, RunRecord, train_run, write_report
from napari_sharpgan.training.held_out import HeldOutImages
from napari_sharpgan.training.report.curves import Binned, chart

VOID = {"meta", "img", "line", "path", "circle"}


class Page(HTMLParser):
    """Text, attributes and open elements of a page; an element that is closed out of turn is an error."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def write_run(folder, events, record=None):
    folder.mkdir(parents=True)
    record = record or RunRecord(GanConfig(steps=9))
    (folder / "config.json").write_text(json.dumps(record.to_json()))
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return folder


def event(step, **more):
    losses = {"loss_generator": 2.0 / step, "loss_discriminator": 0.5, "loss_sharpness": 0.3}
    return {"step": step, "time": 1e9 + step, "seconds": 0.5, "images_per_second": 4.0, **losses, **more}


def test_a_run_ends_with_a_report_of_its_scores_and_pictures(trainer_for, samples, tmp_path):
    folder = tmp_path / "first run"
    run_to_end(train_run(trainer_for(steps=2, samples=2), folder, held_out=HeldOutImages(samples)))
    page = page_of(folder)
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    best = min(events, key=lambda one: one["held_out_score"])
    assert "first run" in page.text
    assert f"step {best['step']}" in page.text
    assert f"{best['held_out_score']:.3f}" in page.text
    assert "Synthetic tissue" in page.text
    assert "for research use" in page.text
    pictures = [image["src"].removeprefix("data:image/png;base64,") for image in page.all("img")]
    names = ["real.png", "masks.png", "000001.png", "000002.png"]
    assert [base64.b64decode(data) for data in pictures] == [
        (folder / "samples" / name).read_bytes() for name in names
    ]
    assert all(Image.open(BytesIO(base64.b64decode(data))).size == (512, 256) for data in pictures)


def test_a_report_loads_nothing_and_runs_nothing(tmp_path):
    folder = write_run(tmp_path / "run", [event(1), event(2)])
    write_report(folder)
    page = page_of(folder)
    assert not page.all("script")
    assert not page.all("link")
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "http" not in text
    assert "url(" not in text
    assert len(page.all("svg")) == 4  # three losses and the speed: nothing was held out
    assert "no images were held out" in page.text


def test_what_comes_from_files_cannot_become_markup(tmp_path):
    bad = '<script>alert("x")</script> & co'
    file = DataFile(bad, bad, "ab", "cd", 300, 400, 7)
    record = RunRecord(GanConfig(), bad, Manifest(bad, (file,), ()))
    folder = write_run(tmp_path / "a <b> & c", [event(1, sample="../../" + bad)], record)
    write_report(folder)
    page = page_of(folder)
    assert not page.all("script")
    assert "a <b> & c" in page.text
    assert page.text.count(bad) >= 3


def test_settings_that_differ_from_the_recipe_stand_first(tmp_path):
    record = RunRecord(replace(GanConfig(), width=7, noise=False), "sharp-gan")
    folder = write_run(tmp_path / "run", [], record)
    write_report(folder)
    text = page_of(folder).text
    before_fold = text[text.index("Other than in the recipe sharp-gan") : text.index("All ")]
    assert "width 7 32 Channels" in before_fold
    assert "noise no yes" in before_fold
    assert "batch_size" not in before_fold
    assert "batch_size 8" in text


def test_a_report_can_be_written_of_a_run_that_was_killed(tmp_path):
    """A half-written line, a picture that is missing, no generator yet."""
    folder = write_run(tmp_path / "run", [event(1, sample="000001.png", held_out_score=2.5), event(2)])
    with (folder / "events.jsonl").open("a") as file:
        file.write('{"step": 3, "lo')
    assert write_report(folder) == folder / "report.html"
    page = page_of(folder)
    assert "2 of 9 steps done" in page.text
    assert "2.500" in page.text
    assert not page.all("img")


def test_a_run_that_has_not_begun_to_learn_has_a_report(tmp_path):
    write_report(write_run(tmp_path / "run", []))
    assert "No step was done yet" in page_of(tmp_path / "run").text


def test_at_most_ten_samples_are_shown_the_first_the_best_and_the_last_among_them(tmp_path):
    events = [event(s, sample=f"{s:06}.png", held_out_score=abs(s - 17) + 1.0) for s in range(1, 41)]
    folder = write_run(tmp_path / "run", events)
    (folder / "samples").mkdir()
    for one in events:
        Image.new("RGB", (8, 8)).save(folder / "samples" / one["sample"])
    write_report(folder)
    shown = [image["alt"] for image in page_of(folder).all("img")]
    assert len(shown) == 10
    assert shown[0] == "Synthetic tissue, step 1"
    assert shown[-1] == "Synthetic tissue, step 40"
    assert "the best" in " ".join(shown)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_a_run_is_said(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"no run was begun in .*; choose a run folder"):
        write_report(tmp_path / name)


def test_long_curves_are_averaged_without_losing_their_ends():
    curve = Binned.of(range(100_000), [float(step % 2) for step in range(100_000)])
    assert len(curve.steps) == 240
    assert curve.mean == pytest.approx(0.5, abs=0.01)
    assert (curve.low.min(), curve.high.max()) == (0.0, 1.0)


def test_values_that_are_not_finite_are_left_out_of_a_curve():
    assert chart("loss", {"loss": ([1, 2], [float("nan"), float("inf")])}) == ""
    assert "NaN" not in chart("loss", {"loss": ([1, 2, 3], [1.0, float("nan"), 2.0])})


def test_better_is_drawn_higher_and_later_further_right():
    drawn = Page(chart("SSIM", {"ssim": ([10, 20], [0.2, 0.8])}))
    (path,) = [one["d"] for one in drawn.all("path")]
    (x1, y1), (x2, y2) = (map(float, point.split(",")) for point in path.removeprefix("M").split("L"))
    assert x1 < x2
    assert y1 > y2  # SVG counts downwards
