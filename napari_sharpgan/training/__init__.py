"""Train a generator or a segmenter.

`train` is the whole way from a data folder to a run folder that holds a network; `RECIPES` and
`SEGMENTER_RECIPES` have settings by name; `train_steps` is the loop itself. A run can be stopped, killed and
gone on with at any time.
"""

from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.gan import GanTrainer
from napari_sharpgan.training.held_out import spread
from napari_sharpgan.training.plan import RunPlan, choose_config, plan_run
from napari_sharpgan.training.recipes import DEFAULT_RECIPE, RECIPES
from napari_sharpgan.training.record import RunRecord, read_record
from napari_sharpgan.training.report import write_report
from napari_sharpgan.training.run import SavePolicy, generator_path, train_run
from napari_sharpgan.training.segmenter import SegmenterTrainer
from napari_sharpgan.training.segmenter_config import SegmenterConfig
from napari_sharpgan.training.segmenter_held_out import outlined
from napari_sharpgan.training.segmenter_recipes import DEFAULT_SEGMENTER_RECIPE, SEGMENTER_RECIPES
from napari_sharpgan.training.session import TrainResult, carry_out, train
from napari_sharpgan.training.survey import survey
from napari_sharpgan.training.surveyed import Survey, SurveyStep
from napari_sharpgan.training.trainer import Trainer, TrainStep, settled, train_steps

__all__ = [
    "DEFAULT_RECIPE",
    "DEFAULT_SEGMENTER_RECIPE",
    "RECIPES",
    "SEGMENTER_RECIPES",
    "GanConfig",
    "GanTrainer",
    "RunPlan",
    "RunRecord",
    "SavePolicy",
    "SegmenterConfig",
    "SegmenterTrainer",
    "Survey",
    "SurveyStep",
    "TrainResult",
    "TrainStep",
    "Trainer",
    "carry_out",
    "choose_config",
    "generator_path",
    "outlined",
    "plan_run",
    "read_record",
    "settled",
    "spread",
    "survey",
    "train",
    "train_run",
    "train_steps",
    "write_report",
]
