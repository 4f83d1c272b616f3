"""Lines, their statistics, JSON and Markdown."""

import json
import math
import re

import numpy as np
from PIL import Image

from napari_sharpgan.experiments.table import digits
from napari_sharpgan.formats import read_image, read_provenance


def test_json_holds_what_it_takes_to_make_it_again(made, split_folder):
    out, table = made
    found = json.loads((out / "table1.json").read_text(), parse_constant=lambda text: 1 / 0)
    assert found["table"] == "table1"
    assert [row["name"] for row in found["rows"]] == [line.name for line in table.lines]
    for row in found["rows"]:
        (run,) = row["runs"]
        for name in ("config_sha256", "train_sha256", "test_sha256", "weights_sha256"):
            assert re.fullmatch(r"[0-9a-f]{64}", run[name])
        assert run["seed"] == 1
        assert run["code"]["torch"]
        assert run["device"].startswith("cpu")
        assert run["seconds"] > 0
        assert set(run["images"]) == {"images/2.png"}
        assert row["mean"]["ssim"] == run["images"]["images/2.png"]["ssim"]
    assert found["paper"]["Sharp-GAN"] == [0.756, 0.793, 0.147, 0.230]


def test_markdown_has_a_group_each_its_best_in_bold_and_the_papers_numbers(made):
    out, table = made
    text = (out / "table1.md").read_text()
    assert text == table.to_markdown()
    assert text.index("## To the letter") < text.index("## Ours") < text.index("## The paper")
    ours = [line for line in table.lines if line.name == "sharp-gan"]
    best = max(line.mean["ssim"] for line in ours)
    assert f"**{digits(best)}**" in text
    assert "| Sharp-GAN | .756 | .793 | .147 | .230 |" in text
    assert "| Sharp-GAN, in the stain of each image | 2 |" in text
    assert not re.search(r"nan|inf\b", text)


def test_digits_are_three_without_a_zero_before_the_point():
    assert [digits(value) for value in (0.3456, 1.0, -0.25, 12.3456)] == [".346", "1.000", "-.250", "12.346"]


def test_one_seed_has_no_spread(made):
    assert all(math.isnan(value) for line in made[1].lines for value in line.spread.values())


def test_figures_come_with_and_without_real_tissue(made, split_folder):
    out = made[0] / "figures"
    real = read_image(split_folder / "images" / "2.png")[:256, :256]
    for name in ("figure1", "figure4"):
        whole, synthetic = (read_image(out / f"{name}{ending}.png") for ending in ("", "_synthetic"))
        assert (whole[52:308, :256] == real).all()
        assert synthetic.shape[1] == whole.shape[1] - 264
        assert (whole[:, 264:] == synthetic).all()
        assert read_provenance(out / f"{name}_synthetic.png")["synthetic"] is True
        assert read_provenance(out / f"{name}.png")["synthetic"] is False
    assert np.asarray(Image.open(out / "figure4.png")).std() > 0
