"""What can be said of each nucleus: size, form, neighbors, stain, sharpness; a row a nucleus.

To add a measure, compute its column in `nuclei.form` (from the label image) or in `look` (from the image)
and name it in ``MEASURES``.
"""

from napari_sharpgan.measures.measure import measure_nuclei
from napari_sharpgan.measures.names import MEASURES, Measure
from napari_sharpgan.measures.table import NucleusTable, write_table

__all__ = ["MEASURES", "Measure", "NucleusTable", "measure_nuclei", "write_table"]
