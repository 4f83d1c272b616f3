"""What napari calls for files and samples: readers, writers and sample data, as plain layer data."""

from napari_sharpgan.napari_io.grid import Grid, grid_of, micrometers_per_pixel
from napari_sharpgan.napari_io.readers import get_reader, read_layers
from napari_sharpgan.napari_io.samples import sample_nuclei, sample_tissue, sample_tnbc
from napari_sharpgan.napari_io.writers import write_labels_layer, write_shapes_layer

__all__ = [
    "Grid",
    "get_reader",
    "grid_of",
    "micrometers_per_pixel",
    "read_layers",
    "sample_nuclei",
    "sample_tissue",
    "sample_tnbc",
    "write_labels_layer",
    "write_shapes_layer",
]
