"""What a run is going to be trained with, read from its folder once, and compared with it once."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from napari_sharpgan._checks import choose
from napari_sharpgan.data import Manifest
from napari_sharpgan.run_folders.names import CONFIG
from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.kinds import KINDS, Kind, kind_of
from napari_sharpgan.training.record import (
    RunRecord,
    changed_settings,
    check_kind,
    keep_record,
    read_record,
)
from napari_sharpgan.training.trainer import Config


@dataclass(frozen=True)
class RunPlan:
    """Settings for a run folder, and what the run was begun with if it was begun before.

    Parameters
    ----------
    run : Path
        The run folder.
    config : GanConfig or SegmenterConfig
        All settings.
    recipe : str or None
        Name of the recipe that they were made from.
    before : RunRecord or None
        What the run was begun with; None if it is new.
    data : Manifest or None
        The files that are trained on and held out, once they are known.

    Raises
    ------
    ValueError
        If the run trains something else, was begun with other settings, or on other data, wherever that lies
        now.
    """

    run: Path
    config: Config
    recipe: str | None = None
    before: RunRecord | None = None
    data: Manifest | None = None

    def __post_init__(self) -> None:
        """Refuse to go on with a run under other settings, or on other data."""
        before = self.before
        if before is None:
            return
        check_kind(before, self.run, kind_of(self.config))
        told = changed_settings(asdict(before.config), asdict(self.config))
        if told:
            raise ValueError(
                f"the run in {self.run} was begun with {told}; keep that or choose another folder"
            )
        if before.data is None or self.data is None:
            return
        told = before.data.changes(self.data)
        if told:
            raise ValueError(
                f"the data in {self.data.folder} is not what the run in {self.run} was begun with: {told}; "
                "put it back or choose another run folder"
            )

    def on(self, data: Manifest) -> RunPlan:
        """Return the plan with its data."""
        return replace(self, data=data)

    def data_folder(self) -> Path:
        """Return the data folder that a run which was begun before knows.

        Raises
        ------
        FileNotFoundError, ValueError
            If it knows none, or its data lies there no more.
        """
        if self.before is None or self.before.data is None:
            raise ValueError(
                f"no run was begun in {self.run}, so it knows no data; say which data folder to train on"
            )
        data = Path(self.before.data.folder)
        if not data.is_dir():
            raise FileNotFoundError(
                f"the data of the run in {self.run} lay in {data}, which is no folder any more; "
                "say where it lies now"
            )
        return data

    def keep(self) -> None:
        """Write the record of a new run; one begun before has its own."""
        if self.before is not None:
            return
        if (self.run / CONFIG).is_file():
            raise ValueError(
                f"another process began a run in {self.run} meanwhile; "
                "start again to go on with it, or choose another folder"
            )
        keep_record(RunRecord(self.config, self.recipe, self.data), self.run)


def plan_run(run: Path, recipe: str | None = None, *, kind: str = "generator", **settings: Any) -> RunPlan:
    """Return the plan for a run folder with settings as `choose_config` takes them."""
    before = read_record(run)
    config = _chosen(before, run, KINDS[kind], recipe, settings)
    return RunPlan(run, config, recipe or KINDS[kind].default_recipe, before)


def choose_config(run: Path, recipe: str | None = None, **settings: Any) -> GanConfig:
    """Return the settings for a run of a generator: its own if it was begun before, else those of a recipe.

    Parameters
    ----------
    run : Path
        The run folder.
    recipe : str, optional
        A name in `RECIPES`; by default that of a run begun before, else "sharp-gan".
    **settings
        Fields of `GanConfig` that differ. With ``start`` those of the network are that generator's.
    """
    config: GanConfig = _chosen(read_record(run), run, KINDS["generator"], recipe, settings)
    return config


def _chosen(
    before: RunRecord | None, run: Path, kind: Kind, recipe: str | None, settings: dict[str, Any]
) -> Any:
    """Return the settings for a run that was begun with ``before``, or for a new one."""
    if before is not None:
        check_kind(before, run, kind.name)
        if recipe is None:
            return replace(before.config, **settings)
    config = replace(choose("recipe", recipe or kind.default_recipe, kind.recipes), **settings)
    is_begun = before is not None and before.config.start == config.start
    return config if is_begun else kind.fitted(config, settings)
