"""Generator and map in, tissue out.

`render` takes a label image of any size. `TissueCanvas` keeps the tissue of a canvas and renders only the
windows that an edit touched. `load_generator` and `save_generator` know the files.
"""

from napari_sharpgan._resources import SHIPPED, shipped_generators
from napari_sharpgan.inference import DEVICES, PRECISIONS, WindowGrid, choose_device, device_name
from napari_sharpgan.light.generator_file import weights_path
from napari_sharpgan.light.provenance import software, synthetic_note, training_note
from napari_sharpgan.rendering.render import RenderStep, render, render_windows, together
from napari_sharpgan.rendering.renderer import Renderer
from napari_sharpgan.rendering.tissue import TissueCanvas
from napari_sharpgan.rendering.weights import (
    card_text,
    discriminator_settings,
    load_discriminator,
    load_generator,
    read_card,
    read_settings,
    save_generator,
    weights_hash,
)

__all__ = [
    "DEVICES",
    "PRECISIONS",
    "SHIPPED",
    "RenderStep",
    "Renderer",
    "TissueCanvas",
    "WindowGrid",
    "card_text",
    "choose_device",
    "device_name",
    "discriminator_settings",
    "load_discriminator",
    "load_generator",
    "read_card",
    "read_settings",
    "render",
    "render_windows",
    "save_generator",
    "shipped_generators",
    "software",
    "synthetic_note",
    "together",
    "training_note",
    "weights_hash",
    "weights_path",
]
