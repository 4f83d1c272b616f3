import shutil

import numpy as np
import pytest
from PIL import Image

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.training import survey


def test_it_counts_images_nuclei_and_crops(tissue_folder):
    seen = []
    found = run_to_end(survey(tissue_folder), lambda step: seen.append((step.done, step.total)))
    assert seen == [(1, 2), (2, 2)]
    assert (len(found.samples), found.nuclei, found.layouts) == (2, 4, ("images/ + labels/",))
    assert found.crops_per_epoch == round(2 * 270 * 280 / 256**2)
    assert str(found) == "2 images with 4 nuclei, 2 crops an epoch; layout images/ + labels/"


def test_the_real_split_has_the_epoch_of_its_results(real_data):
    found = run_to_end(survey(real_data))
    assert (len(found.samples), found.crops_per_epoch) == (51, 235)


def test_it_can_be_stopped(tissue_folder):
    assert len(run_to_end(survey(tissue_folder, should_stop=lambda: True)).samples) == 0


@pytest.fixture
def broken(tissue_folder, tmp_path):
    return shutil.copytree(tissue_folder, tmp_path / "broken")


def test_labels_of_another_size_are_said_with_both_sizes(broken):
    Image.fromarray(np.ones((200, 280), np.uint8)).save(broken / "labels" / "1.png")
    with pytest.raises(ValueError, match=r"1\.png: the mask is 200 × 280 but the image is 270 × 280"):
        run_to_end(survey(broken))


def test_a_folder_without_one_nucleus_is_refused(broken):
    for number in range(2):
        Image.fromarray(np.zeros((270, 280), np.uint8)).save(broken / "labels" / f"{number}.png")
    with pytest.raises(ValueError, match="holds 2 images but not one nucleus"):
        run_to_end(survey(broken))


def test_a_cut_image_is_said_by_name(broken):
    path = broken / "images" / "0.png"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ValueError, match=r"0\.png"):
        run_to_end(survey(broken))
