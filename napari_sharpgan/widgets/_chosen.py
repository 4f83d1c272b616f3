"""Layers whose contours are to be measured: whether they can be, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from napari.layers import Image
from numpy.typing import NDArray

from napari_sharpgan.widgets._heat_layer import is_heat
from napari_sharpgan.widgets._measure import Measured, SharpnessConfig, command_of, measure, unit_levels


@dataclass(frozen=True, eq=False)
class Chosen:
    """An image and its nuclei, and another image to compare it with; what is not chosen is None."""

    image: Any
    labels: Any
    other: Any = None

    @property
    def complaint(self) -> str:
        """What keeps these layers from being measured, as one sentence, or nothing."""
        for layer, kind in ((self.image, "an image"), (self.labels, "a labels")):
            if layer is None:
                return f"Add {kind} layer to measure the sharpness of contours."
            if not is_flat(layer):
                found = "several scales" if layer.multiscale else f"{layer.ndim} dimensions"
                return f"Choose a layer of rows and columns at one scale: '{layer.name}' has {found}."
        if not same_size(self.image, self.labels):
            (rows, columns), (high, wide) = self.image.data.shape[:2], self.labels.data.shape
            return (
                f"Image and nuclei must have the same size: '{self.image.name}' has {rows} × {columns} "
                f"pixels, '{self.labels.name}' {high} × {wide}."
            )
        return ""

    def measured(self, config: SharpnessConfig) -> tuple[Chosen, Measured]:
        """Measure, and tell what was measured as well; for a thread."""
        other = None if self.other is None else _levels(self.other)
        return self, measure(_levels(self.image), self.labels.data, other, config=config)

    def command(self, config: SharpnessConfig) -> str:
        """Return the command that measures the same files, or those that the layers could be saved to."""
        return command_of(_file(self.image), _file(self.labels), config)


def _levels(image: Any) -> NDArray[Any]:
    return unit_levels(image.data, image.contrast_limits)


def _file(layer: Any) -> str:
    return str(layer.source.path or f"{layer.name}.tif")


def is_picture(layer: Any) -> bool:
    """Whether a layer is an image, and not one that shows sharpness."""
    return isinstance(layer, Image) and not is_heat(layer)


def is_flat(layer: Any) -> bool:
    """Whether a layer has rows and columns only, at one scale."""
    return not layer.multiscale and layer.ndim == 2


def same_size(first: Any, second: Any) -> bool:
    """Whether two flat layers have the same rows and columns."""
    return is_flat(first) and is_flat(second) and first.data.shape[:2] == second.data.shape[:2]
