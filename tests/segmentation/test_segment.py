import numpy as np
import pytest
import torch
from torch import nn

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.inference import in_batches
from napari_sharpgan.models import UNet
from napari_sharpgan.segmentation import (
    TARGETS,
    Predictor,
    SegmentStep,
    load_segmenter,
    predict_windows,
    segment,
    segment_windows,
)


class Dark(nn.Module):
    """Foreground is what is dark, exactly; of more than ``most`` pictures at once the memory is full."""

    def __init__(self, most=100):
        super().__init__()
        self.most = most

    def forward(self, image):
        if len(image) > self.most:
            raise torch.OutOfMemoryError("out of memory")
        return -40 * image.mean(dim=1, keepdim=True)


def picture_of(labels):
    return np.repeat(np.where(labels > 0, 40, 215)[..., None], 3, axis=-1).astype(np.uint8)


def many(shape):
    """Disks of radius 11 on a lattice of 40 pixels, which lies across all seams of windows."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return ((rows % 40 - 20) ** 2 + (columns % 40 - 20) ** 2 <= 121).astype(np.int32)


def test_nuclei_are_whole_over_seams():
    mask = many((600, 480))
    labels = segment(picture_of(mask), Dark(), device="cpu")
    np.testing.assert_array_equal(labels > 0, mask > 0)
    areas = np.bincount(labels.ravel())[1:]
    assert len(areas) == 15 * 12
    assert set(areas) == {np.count_nonzero(mask[:40, :40])}


@pytest.mark.parametrize("shape", [(1, 1), (40, 300), (257, 90)])
def test_any_size_will_do(shape, tiny_segmenter):
    labels = segment(np.zeros((*shape, 3), np.uint8), tiny_segmenter, device="cpu")
    assert (labels.shape, labels.dtype) == (shape, np.int32)


def test_blended_probabilities_are_those_of_the_windows(tiny_segmenter):
    """Where one window lies alone the blend is what the network says; between two it lies between theirs."""
    image = np.random.default_rng(0).integers(0, 256, (256, 448, 3)).astype(np.uint8)
    predictor = Predictor(tiny_segmenter, device="cpu", precision="float32")
    blended = run_to_end(predict_windows(image, predictor))
    first, second = predictor(np.stack([image[:, :256], image[:, 192:]]))
    np.testing.assert_allclose(blended[..., :192], first[..., :192], atol=1e-6)
    np.testing.assert_allclose(blended[..., 256:], second[..., 64:], atol=1e-6)
    seam = np.stack([first[..., 192:], second[..., :64]])
    assert (blended[..., 192:256] >= seam.min(axis=0) - 1e-6).all()
    assert (blended[..., 192:256] <= seam.max(axis=0) + 1e-6).all()


def test_progress_is_told_and_a_stop_leaves_what_was_seen():
    mask = many((600, 256))
    predictor = Predictor(Dark(), device="cpu", batch_size=1)
    seen = []
    labels = run_to_end(
        segment_windows(picture_of(mask), predictor, should_stop=lambda: len(seen) == 1), seen.append
    )
    assert seen == [SegmentStep(1, 3)]
    assert labels[:200].any()
    assert not labels[256:].any()


def test_as_many_windows_as_fill_the_device_are_seen_at_once(monkeypatch):
    monkeypatch.setitem(in_batches.AT_ONCE, "cpu", 9)
    assert Predictor(Dark(), device="cpu").batch_size == 9


def test_no_window_is_left_out_when_the_memory_is_full():
    picture = picture_of(many((640, 640)))
    predictor = Predictor(Dark(most=1), device="cpu", batch_size=4)
    seen = []
    labels = run_to_end(segment_windows(picture, predictor), seen.append)
    assert predictor.batch_size == 1
    assert seen[-1] == SegmentStep(9, 9)
    np.testing.assert_array_equal(labels, segment(picture, Dark(), device="cpu"))


def test_a_plain_network_is_taken_by_its_number_of_logits():
    for name, target in TARGETS.items():
        assert Predictor(UNet(target.channels, 1), device="cpu").target is TARGETS[name]
    with pytest.raises(ValueError, match=r"1, 2 or 3 logits, .* got \(1, 4, 256, 256\)"):
        Predictor(UNet(4, 1), device="cpu")


def test_the_segmenter_of_the_caller_stays_as_it_is(tiny_segmenter):
    segmenter = load_segmenter(tiny_segmenter).train()
    before = {name: value.clone() for name, value in segmenter.state_dict().items()}
    segment(np.zeros((40, 40, 3), np.uint8), segmenter, device="cpu", precision="bfloat16")
    assert segmenter.training
    assert all(torch.equal(before[name], value) for name, value in segmenter.state_dict().items())


@pytest.mark.parametrize(
    "image", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3)), np.zeros((0, 8, 3), np.uint8)]
)
def test_what_is_no_picture_is_refused(image, tiny_segmenter):
    with pytest.raises(ValueError, match=r"image must be RGB, \(H, W, 3\) of uint8, .* got"):
        segment(image, tiny_segmenter, device="cpu")
