"""What it takes to run a network over a picture: device, engine, number format, windows that blend, weights.

Rendering and segmentation stand on it.
"""

from napari_sharpgan.inference.devices import DEVICES, choose_device, device_name, is_faster_in_bfloat16
from napari_sharpgan.inference.engines import PRECISIONS, Engine, choose_engine, computes_in_bfloat16
from napari_sharpgan.inference.in_batches import InBatches
from napari_sharpgan.inference.openvino_network import OpenVINONetwork
from napari_sharpgan.inference.recorded import Recorded
from napari_sharpgan.inference.transfers import download, surroundings, upload
from napari_sharpgan.inference.weights_file import card_of, read_weights, round_to_half, write_weights
from napari_sharpgan.light.engine import ENGINES
from napari_sharpgan.light.grid import WindowGrid, blend_weights, mirrored
from napari_sharpgan.light.tensors_file import HEADER, fitting

__all__ = [
    "DEVICES",
    "ENGINES",
    "HEADER",
    "PRECISIONS",
    "Engine",
    "InBatches",
    "OpenVINONetwork",
    "Recorded",
    "WindowGrid",
    "blend_weights",
    "card_of",
    "choose_device",
    "choose_engine",
    "computes_in_bfloat16",
    "device_name",
    "download",
    "fitting",
    "is_faster_in_bfloat16",
    "mirrored",
    "read_weights",
    "round_to_half",
    "surroundings",
    "upload",
    "write_weights",
]
