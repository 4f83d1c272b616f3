from pathlib import Path

import pytest

from napari_sharpgan.data import DataFile, Manifest
from napari_sharpgan.training import (
    DEFAULT_RECIPE,
    RECIPES,
    GanConfig,
    RunPlan,
    choose_config,
    plan_run,
    read_record,
    train,
)

FILE = DataFile("a.png", "a.tif", "0" * 64, "1" * 64, 9, 8, 7)


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data").mkdir()
    return Manifest(str(tmp_path / "data"), (FILE,), ())


@pytest.fixture
def run(tmp_path, data):
    """A run that was begun with width 8 and seed 5."""
    folder = tmp_path / "run"
    folder.mkdir()
    RunPlan(folder, GanConfig(width=8, seed=5), "gan-dist").on(data).keep()
    return folder


def test_the_settings_of_a_new_run_are_those_of_a_recipe(tmp_path):
    assert choose_config(tmp_path) == RECIPES[DEFAULT_RECIPE]
    assert choose_config(tmp_path, "gan-dist", width=8).width == 8
    with pytest.raises(ValueError, match="unknown recipe 'gan'; choose one of sharp-gan"):
        choose_config(tmp_path, "gan")


def test_a_new_run_keeps_what_was_planned(run, data):
    record = read_record(run)
    assert (record.config, record.recipe, record.data) == (GanConfig(width=8, seed=5), "gan-dist", data)


def test_a_run_that_was_begun_keeps_its_settings(run):
    assert choose_config(run) == plan_run(run).config == GanConfig(width=8, seed=5)
    assert choose_config(run, width=4).width == 4
    for refused in (
        lambda: plan_run(run, width=4),
        lambda: next(train("nowhere", run, choose_config(run, width=4))),
    ):
        with pytest.raises(ValueError, match=r"begun with width 8 \(now 4\); keep that or choose another"):
            refused()


def test_its_record_is_written_once(run, data):
    written = (run / "config.json").stat().st_mtime_ns
    plan_run(run).on(data).keep()
    assert (run / "config.json").stat().st_mtime_ns == written


def test_a_run_that_another_process_began_meanwhile_is_not_overwritten(tmp_path, data):
    mine, other = plan_run(tmp_path, seed=1), plan_run(tmp_path, seed=2)
    other.keep()
    with pytest.raises(ValueError, match=r"another process began a run in .* meanwhile; start again"):
        mine.on(data).keep()
    assert read_record(tmp_path).config.seed == 2


def test_data_that_was_moved_or_is_not_known_is_said(run, data, tmp_path):
    assert plan_run(run).data_folder() == Path(data.folder)
    Path(data.folder).rmdir()
    with pytest.raises(FileNotFoundError, match=r"lay in .*data, which is no folder any more; say where"):
        plan_run(run).data_folder()
    with pytest.raises(ValueError, match=r"no run was begun in .*; say which data folder to train on"):
        plan_run(tmp_path / "new").data_folder()


def test_other_data_is_refused(run):
    with pytest.raises(ValueError, match=r"is not what the run in .* was begun with: 1 missing \(a\.png\)"):
        plan_run(run).on(Manifest("/elsewhere", (), ()))
