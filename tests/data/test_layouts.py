import json

import numpy as np
import pytest
import scipy.io
from PIL import Image

from napari_sharpgan.data import LAYOUTS, find_pairs, read_sample, read_samples, search
from napari_sharpgan.formats import write_nuclei
from napari_sharpgan.formats.record import Nuclei

LABELS = np.zeros((6, 7), np.uint8)
LABELS[1:3, 1:4], LABELS[4:6, 2:5] = 1, 2


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (6, 7, 4), dtype=np.uint8)
    Image.fromarray(pixels, "RGBA" if "cpm15" in str(path) else None).save(path)


def make_cpm15(folder, name):
    picture(folder / f"{name}.png")
    text = "7 6\n" + "\n".join(str(value) for value in LABELS.ravel()) + "\n"
    (folder / f"{name}_mask.txt").write_text(text)


def make_cpm17(folder, name):
    picture(folder / "Images" / f"{name}.png")
    (folder / "Labels").mkdir(exist_ok=True)
    scipy.io.savemat(folder / "Labels" / f"{name}.mat", {"inst_map": LABELS.astype(float)})


def make_folders(folder, name):
    picture(folder / "images" / f"{name}.png")
    (folder / "labels").mkdir(exist_ok=True)
    Image.fromarray(LABELS).save(folder / "labels" / f"{name}.png")


MAKERS = {
    "images/ + labels/": make_folders,
    "CPM-17 (Images/ + Labels/*.mat)": make_cpm17,
    "CPM-15 (*_mask.txt)": make_cpm15,
}


@pytest.fixture(params=sorted(LAYOUTS))
def make(request):
    return MAKERS[request.param]


def test_every_layout_gives_images_with_their_labels(make, tmp_path):
    for name in ("b", "a"):
        make(tmp_path, name)
    samples = read_samples(tmp_path)
    assert [sample.name.rpartition("/")[2] for sample in samples] == ["a.png", "b.png"]
    for sample in samples:
        assert sample.image.shape == (6, 7, 3)
        np.testing.assert_array_equal(sample.labels, LABELS)


def test_every_layout_may_be_split_into_folders(make, tmp_path):
    make(tmp_path / "train", "a")
    make(tmp_path / "test", "b")
    assert [image.name for image, _ in find_pairs(tmp_path)] == ["a.png"]
    assert [image.name for image, _ in find_pairs(tmp_path, "test")] == ["b.png"]


def test_a_split_names_the_images_of_each_subset_in_its_order(tmp_path):
    make_cpm15(tmp_path / "one", "x")
    make_folders(tmp_path / "two", "y")
    make_folders(tmp_path / "two", "z")
    split = {"train": ["two/images/z.png", "one/x.png"], "test": ["two/images/y.png"]}
    (tmp_path / "split.json").write_text(json.dumps(split))
    assert [image.name for image, _ in find_pairs(tmp_path)] == ["z.png", "x.png"]
    assert [image.name for image, _ in find_pairs(tmp_path, "test")] == ["y.png"]
    with pytest.raises(ValueError, match="has no list 'validation', only train, test"):
        find_pairs(tmp_path, "validation")


@pytest.mark.parametrize("text", ["{", "[1, 2]", '"train"', '{"train": "a.png"}', '{"train": [1]}'])
def test_a_split_that_is_none_is_named(tmp_path, text):
    (tmp_path / "split.json").write_text(text)
    with pytest.raises((TypeError, ValueError), match=r"split\.json"):
        find_pairs(tmp_path)


def test_a_split_with_a_missing_image_or_labels_is_named(tmp_path):
    picture(tmp_path / "images" / "a.png")
    (tmp_path / "split.json").write_text('{"train": ["images/b.png"]}')
    with pytest.raises(FileNotFoundError, match=r"b\.png stands in split\.json but does not exist"):
        find_pairs(tmp_path)
    (tmp_path / "split.json").write_text('{"train": ["images/a.png"]}')
    with pytest.raises(FileNotFoundError, match=r"a\.png stands in split\.json but has no labels"):
        find_pairs(tmp_path)


def test_images_without_labels_are_left_out(tmp_path):
    make_folders(tmp_path, "a")
    picture(tmp_path / "images" / "alone.png")
    assert [image.name for image, _ in find_pairs(tmp_path)] == ["a.png"]


def test_folders_without_data_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="is no folder"):
        find_pairs(tmp_path / "missing")
    with pytest.raises(FileNotFoundError, match="holds no image with labels; expected one of the layouts"):
        find_pairs(tmp_path)


def test_a_mask_of_another_size_is_an_error_with_both_sizes(tmp_path):
    picture(tmp_path / "image.png")
    np.save(tmp_path / "labels.npy", np.zeros((6, 8), np.int32))
    with pytest.raises(ValueError, match="mask is 6 × 8 but the image is 6 × 7"):
        read_sample(tmp_path / "image.png", tmp_path / "labels.npy")


def test_the_split_of_the_real_data_has_51_and_18_images(real_data):
    assert len(find_pairs(real_data)) == 51
    assert len(find_pairs(real_data, "test")) == 18


def test_real_cpm15_is_rgb_with_its_131_nuclei(real_data):
    folder = real_data / "cpm15"
    sample = read_sample(folder / "image12.png", folder / "image12_mask.txt")
    assert sample.image.shape == (*sample.labels.shape, 3)
    assert len(np.unique(sample.labels)) - 1 == 131


def names(pairs):
    return [image.stem for image, _ in pairs]


@pytest.mark.parametrize(
    ("share", "held_out"),
    [(0.1, "f"), (0.3, ["b", "f", "j"]), (0.0, []), (0.01, "f"), (0.9, "abcdefghij")],
)
def test_a_share_of_the_images_is_held_out_evenly_spread(tmp_path, share, held_out):
    for name in "abcdefghijk":
        make_cpm15(tmp_path, name)
    found = search(tmp_path, share)
    assert len(found.validation) == len(held_out)
    if len(held_out) < 9:
        assert names(found.validation) == list(held_out)
    assert sorted(names(found.train + found.validation)) == list("abcdefghijk")


def test_of_two_images_one_is_held_out_and_of_one_none(tmp_path):
    make_cpm15(tmp_path, "a")
    assert (names(search(tmp_path, 0.9).train), search(tmp_path, 0.9).validation) == (["a"], [])
    make_cpm15(tmp_path, "b")
    assert (names(search(tmp_path, 0.1).train), names(search(tmp_path, 0.1).validation)) == (["a"], ["b"])


def test_the_validation_list_of_a_split_is_held_out_whatever_the_share(tmp_path):
    for name in "abc":
        make_cpm15(tmp_path, name)
    (tmp_path / "split.json").write_text('{"train": ["c.png", "a.png"], "validation": ["b.png"]}')
    for share in (0.0, 0.5):
        found = search(tmp_path, share)
        assert (names(found.train), names(found.validation)) == (["c", "a"], ["b"])


def test_an_image_in_two_lists_is_named(tmp_path):
    make_cpm15(tmp_path, "a")
    (tmp_path / "split.json").write_text('{"train": ["a.png"], "test": ["a.png"]}')
    with pytest.raises(ValueError, match=r"a\.png stands in train and in test in .*split\.json"):
        search(tmp_path, 0.1)
    (tmp_path / "split.json").write_text('{"train": ["a.png", "a.png"]}')
    with pytest.raises(ValueError, match=r"a\.png stands twice in train"):
        search(tmp_path, 0.1)


def test_images_without_labels_are_counted_and_files_of_labels_are_not(tmp_path):
    make_folders(tmp_path, "a")
    picture(tmp_path / "images" / "alone.png")
    (tmp_path / "images" / "._a.png").write_bytes(b"what a Mac leaves behind")
    picture(tmp_path / "labels" / "orphan.png")
    found = search(tmp_path, 0.1)
    assert names(found.train) == ["a"]
    assert [image.name for image in found.without_labels] == ["alone.png"]


def test_a_split_tells_all_images_that_cannot_be_used(tmp_path):
    make_folders(tmp_path, "a")
    picture(tmp_path / "images" / "alone.png")
    (tmp_path / "split.json").write_text('{"train": ["images/a.png", "images/alone.png", "b.png"]}')
    assert search(tmp_path, 0).problems == {"images/alone.png": "has no labels", "b.png": "does not exist"}


def test_outlines_are_painted_on_their_image(tmp_path):
    picture(tmp_path / "images" / "a.png")
    (tmp_path / "labels").mkdir()
    square = np.array([[0, 0], [0, 3], [3, 3], [3, 0]], float)
    write_nuclei(Nuclei(polygons=[square]), tmp_path / "labels" / "a.geojson")
    (sample,) = read_samples(tmp_path)
    assert sample.labels.shape == (6, 7)
    assert sample.labels.max() == 1
