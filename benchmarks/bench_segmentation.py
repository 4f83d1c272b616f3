"""How fast the nuclei of a picture are found: ``python benchmarks/bench_segmentation.py [--device cpu]``.

A picture of 1024 × 1024, with overlapping windows that blend and touching nuclei taken apart, against the
same network in eager float32 on the 16 bare tiles and connected regions of what is above one half.
"""

from collections.abc import Iterator

import numpy as np
import torch
from _bench import Options, Row, compared, finish_of, in_turns, main
from bench_rendering import tiles_of
from scipy import ndimage

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import image_to_tensor
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import device_name, render
from napari_sharpgan.segmentation import Predictor, load_segmenter, segment_windows


class Plain:
    """The network, tile by tile, and connected regions."""

    def __init__(self, device: torch.device) -> None:
        self._segmenter, self._device = load_segmenter().eval().to(device), device

    @torch.inference_mode()
    def find(self, picture: np.ndarray) -> np.ndarray:
        channels = [tiles_of(picture[..., channel] / np.float32(255)) for channel in range(3)]
        found = []
        for tile in image_to_tensor(np.stack(channels, axis=-1)).to(self._device):
            found.append(self._segmenter(tile[None].contiguous())[0, 0].float().cpu().numpy() > 0)
        count, side = len(picture) // 256, len(picture)
        joined = np.stack(found).reshape(count, count, 256, 256).transpose(0, 2, 1, 3).reshape(side, side)
        return ndimage.label(joined)[0]


def rows(options: Options) -> Iterator[Row]:
    side, count = options.of(1024, 256), options.of(900, 60)
    nuclei = random_nuclei((side, side), count, rounding=2, size_spread=0, seed=0)
    labels = rasterize(nuclei, (side, side))
    picture = render(labels, device=options.device)
    predictor = Predictor(device=options.device)
    plain = Plain(predictor.device)
    ways = {
        "ours": lambda: run_to_end(segment_windows(picture, predictor)),
        "plain": lambda: plain.find(picture),
    }
    times = in_turns(ways, options.of(3, 2), finish_of(predictor.device))
    found, theirs = ways["ours"]().max(), plain.find(picture).max()
    yield compared(
        f"segmenting a picture of {side}², {predictor.device.type}",
        times["ours"],
        times["plain"],
        beside="eager float32, bare tiles, ndimage.label",
        detail=f"{found} and {theirs} found of {labels.max()}; {device_name(predictor.device)}",
    )


if __name__ == "__main__":
    main(rows, __doc__)
