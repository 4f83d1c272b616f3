"""Many labeled synthetic tiles, on one machine or many: each follows from seed and number alone."""

from napari_sharpgan.synthesis.workers import Workers, run_jobs

__all__ = ["Workers", "run_jobs"]
