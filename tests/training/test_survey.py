import hashlib
import shutil

import numpy as np
import pytest
import scipy.io
import tifffile
from PIL import Image

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.training import survey


def test_it_counts_images_nuclei_and_crops(tissue_folder):
    seen = []
    found = run_to_end(survey(tissue_folder), lambda step: seen.append((step.done, step.total)))
    assert seen == [(1, 2), (2, 2)]
    assert (len(found.samples), found.nuclei, found.layouts) == (2, 4, ("images/ + labels/",))
    assert found.crops_per_epoch == round(270 * 280 / 256**2)
    assert (len(found.train), len(found.validation)) == (1, 1)
    assert found.pixels == 2 * 270 * 280
    assert found.diameter == pytest.approx(np.median([np.sqrt(4 / np.pi * area) for area in (2000,) * 4]))
    assert found.magnification == 80
    assert str(found) == (
        "2 images with 4 nuclei, 50 px across in the median (about 80×), 0.2 megapixels; "
        "1 to train on (1 crop an epoch), 1 held out; layout images/ + labels/"
    )


def test_the_real_split_has_the_epoch_of_its_results(real_data):
    found = run_to_end(survey(real_data, validation=0))
    assert (len(found.train), found.validation, found.crops_per_epoch) == (51, [], 235)
    assert found.notes == ("CPM-15: 11 of its 15 images, 2,318 of its 2,905 nuclei",)
    assert found.magnification == 40


def test_cpm15_is_known_when_it_is_complete(real_data):
    found = run_to_end(survey(real_data / "cpm15"))
    assert found.notes == ("CPM-15: complete, 15 images with 2,905 nuclei",)
    assert (len(found.train), len(found.validation)) == (13, 2)


def test_the_magnification_of_20x_is_told_from_40x(real_data, tmp_path):
    for number in range(1, 16):
        folder = tmp_path / ("20" if number < 8 else "40")
        folder.mkdir(exist_ok=True)
        for end in (".png", "_mask.txt"):
            (folder / f"image{number:02}{end}").symlink_to(real_data / "cpm15" / f"image{number:02}{end}")
    assert run_to_end(survey(tmp_path / "20")).magnification == 20
    assert run_to_end(survey(tmp_path / "40")).magnification == 40


def test_cpm17_says_how_many_of_its_images_are_there(tissue_folder, tmp_path):
    for subset, count in (("train", 3), ("test", 2)):
        for kind in ("Images", "Labels"):
            (tmp_path / subset / kind).mkdir(parents=True)
        for number in range(count):
            shutil.copy(
                tissue_folder / "images" / "0.png", tmp_path / subset / "Images" / f"image_0{number}.png"
            )
            labels = np.asarray(Image.open(tissue_folder / "labels" / "0.png"))
            scipy.io.savemat(tmp_path / subset / "Labels" / f"image_0{number}.mat", {"inst_map": labels})
    (note,) = run_to_end(survey(tmp_path)).notes
    assert note == (
        "CPM-17: 3 images with 6 nuclei read, 3 of its 32 train images are there, "
        "2 of its 32 test images are there"
    )


def test_it_can_be_stopped(tissue_folder):
    assert len(run_to_end(survey(tissue_folder, should_stop=lambda: True)).samples) == 0


@pytest.fixture
def broken(tissue_folder, tmp_path):
    return shutil.copytree(tissue_folder, tmp_path / "broken")


def test_labels_of_another_size_are_said_with_both_sizes(broken):
    Image.fromarray(np.ones((200, 280), np.uint8)).save(broken / "labels" / "1.png")
    with pytest.raises(
        ValueError,
        match=r"1 of 2 images .* cannot be used: images/1\.png \(the mask is 200 × 280 but",
    ):
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


def test_all_that_is_broken_is_told_at_once(broken):
    for number in range(2, 40):
        for kind in ("images", "labels"):
            shutil.copy(broken / kind / "1.png", broken / kind / f"{number}.png")
    (broken / "images" / "3.png").write_bytes(b"no picture")
    np.save(broken / "labels" / "5.npy", np.zeros((2, 2)))
    (broken / "labels" / "5.png").unlink()
    Image.fromarray(np.ones((10, 10), np.uint8)).save(broken / "labels" / "7.png")
    with pytest.raises(ValueError, match="cannot be used") as told:
        run_to_end(survey(broken))
    sentence = str(told.value)
    assert sentence.startswith(f"3 of 40 images in {broken} cannot be used: images/3.png (cannot be read as")
    assert "images/5.png (" in sentence or "images/7.png (" in sentence
    assert sentence.endswith("and 1 more; mend or remove them")
    assert "\n" not in sentence


def test_what_is_left_out_empty_gray_or_small_is_said(broken):
    Image.open(broken / "images" / "1.png").convert("L").save(broken / "images" / "1.png")
    for name, pixels in (("images", np.full((99, 99, 3), 200)), ("labels", np.zeros((99, 99)))):
        Image.fromarray(pixels.astype(np.uint8)).save(broken / name / "empty.png")
    shutil.copy(broken / "images" / "0.png", broken / "images" / "alone.png")
    found = run_to_end(survey(broken))
    assert found.notes == (
        "1 image is left out for want of labels (alone.png)",
        "1 image is without a nucleus (images/empty.png)",
        "2 images are gray, without color (images/empty.png and images/1.png)",
        "1 image is smaller than 256 × 256, and mirrored at the borders (images/empty.png)",
    )


def sixteen_bits(path, largest):
    pixels = np.asarray(Image.open(path.with_suffix(".png")))
    scaled = np.rint(pixels / np.float64(255) * largest).astype(np.uint16)
    tifffile.imwrite(path, scaled, photometric="rgb")
    path.with_suffix(".png").unlink()
    return pixels


def test_images_of_16_bits_are_scaled_if_they_use_them(broken):
    pixels = sixteen_bits(broken / "images" / "0.tif", 65_535)
    found = run_to_end(survey(broken, validation=0))
    np.testing.assert_array_equal(found.train[0].image, pixels)


def test_images_of_12_bits_in_16_are_refused(broken):
    sixteen_bits(broken / "images" / "0.tif", 4_095)
    with pytest.raises(ValueError, match=r"0\.tif \(the brightest value is \d+ of 255, too dark for tissue"):
        run_to_end(survey(broken))


@pytest.mark.parametrize("mode", ["P", "RGBA"])
def test_palettes_and_transparency_become_rgb(broken, mode):
    image = Image.open(broken / "images" / "0.png").convert(mode)
    image.save(broken / "images" / "0.png")
    found = run_to_end(survey(broken, validation=0))
    np.testing.assert_array_equal(found.train[0].image, np.asarray(image.convert("RGB")))


def test_a_mask_of_foreground_is_refused(broken):
    mask = np.zeros((270, 280), np.uint8)
    for place in range(3):
        mask[20:40, 80 * place : 80 * place + 30] = 255
    Image.fromarray(mask).save(broken / "labels" / "0.png")
    with pytest.raises(ValueError, match=r"0\.png \(the labels have one number for 3 regions; expected one"):
        run_to_end(survey(broken))


def test_the_manifest_has_the_hash_of_every_file(tissue_folder):
    found = run_to_end(survey(tissue_folder)).manifest
    assert found.folder == str(tissue_folder.resolve())
    (file,) = found.train
    assert (file.image, file.labels) == ("images/0.png", "labels/0.png")
    for name, digits in ((file.image, file.image_sha256), (file.labels, file.labels_sha256)):
        assert digits == hashlib.sha256((tissue_folder / name).read_bytes()).hexdigest()
    assert (file.rows, file.columns, file.nuclei) == (270, 280, 2)


@pytest.mark.parametrize(("parts", "told"), [(2, True), (1, False)])
def test_a_mask_with_one_number_for_all_nuclei_is_told(tissue_folder, tmp_path, parts, told):
    shutil.copytree(tissue_folder, tmp_path, dirs_exist_ok=True)
    labels = np.array(Image.open(tmp_path / "labels" / "0.png"))
    kept = (labels > 0) & (labels <= parts)
    Image.fromarray(np.where(kept, 255, 0).astype(np.uint8)).save(tmp_path / "labels" / "0.png")
    found = run_to_end(survey(tmp_path))
    note = "1 image is labeled with one number for all nuclei, which count as one (images/0.png)"
    assert found.notes == ((note,) if told else ())
    assert str(found).startswith("2 images with 3 nuclei")
