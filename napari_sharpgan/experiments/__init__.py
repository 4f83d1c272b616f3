"""Experiments that a person asks for as one task: the paper's tables, made again on a data folder.

A table is lines; a line is a system with settings by name (`GENERATORS`, `SEGMENTERS`); a row is a line with
a seed: a run folder, then a result, each made once. To add a line, name it in ``systems``.
"""

from napari_sharpgan.experiments.results import Result
from napari_sharpgan.experiments.rows import Row, TableStep
from napari_sharpgan.experiments.systems import GENERATORS, SEGMENTERS, System
from napari_sharpgan.experiments.table import Column, Line, Table
from napari_sharpgan.experiments.table1 import table1
from napari_sharpgan.experiments.table2 import table2
from napari_sharpgan.experiments.tiles import SyntheticSets, make_tiles

__all__ = [
    "GENERATORS",
    "SEGMENTERS",
    "Column",
    "Line",
    "Result",
    "Row",
    "SyntheticSets",
    "System",
    "Table",
    "TableStep",
    "make_tiles",
    "table1",
    "table2",
]
