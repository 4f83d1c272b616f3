"""Train a generator on real tissue.

`train` is the whole way from a data folder to a run folder that holds a generator; `RECIPES` has settings by
name; `train_gan` is the loop itself. A run can be stopped, killed and gone on with at any time.
"""

from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.gan import GanStep, GanTrainer, settled, train_gan
from napari_sharpgan.training.plan import DEFAULT_RECIPE, RunPlan, choose_config, plan_run
from napari_sharpgan.training.recipes import RECIPES
from napari_sharpgan.training.record import RunRecord, read_config, read_record
from napari_sharpgan.training.report import write_report
from napari_sharpgan.training.run import SavePolicy, generator_path, train_run
from napari_sharpgan.training.session import TrainResult, carry_out, train
from napari_sharpgan.training.survey import Survey, SurveyStep, survey

__all__ = [
    "DEFAULT_RECIPE",
    "RECIPES",
    "GanConfig",
    "GanStep",
    "GanTrainer",
    "RunPlan",
    "RunRecord",
    "SavePolicy",
    "Survey",
    "SurveyStep",
    "TrainResult",
    "carry_out",
    "choose_config",
    "generator_path",
    "plan_run",
    "read_config",
    "read_record",
    "settled",
    "survey",
    "train",
    "train_gan",
    "train_run",
    "write_report",
]
