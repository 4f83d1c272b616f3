"""What a finished row came to, in a file of its own: scores, and all that is needed to make it again."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from napari_sharpgan._fields import from_json
from napari_sharpgan._files import sha256_of, written_whole
from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.experiments.hashes import hash_of, hash_of_files, hash_of_training_data, settings_of
from napari_sharpgan.experiments.test_images import TestImages
from napari_sharpgan.inference import choose_device, device_name
from napari_sharpgan.metrics.evaluation import combined_score, mean_scores
from napari_sharpgan.run_folders.events import EVENTS, read_events
from napari_sharpgan.training import GanConfig, SegmenterConfig, generator_path, read_record

ROWS = "rows"

Config = GanConfig | SegmenterConfig
Scores = dict[str, float]
Views = dict[str, dict[str, Scores]]  # how it was looked at -> name of an image -> scores


@dataclass(frozen=True)
class Work:
    """What all rows of a table have in common.

    Parameters
    ----------
    data : path
        The data folder.
    out : path
        ``runs/`` gets a run folder a row, ``rows/`` the result of each that is finished.
    test : TestImages
        What is scored on.
    device : str
        "auto", "cuda", "mps" or "cpu".
    should_stop : callable
        Asked between the steps.
    """

    data: Path
    out: Path
    test: TestImages
    device: str = "auto"
    should_stop: ShouldStop = never


@dataclass(frozen=True)
class Result:
    """A row that is finished.

    Parameters
    ----------
    title : str
        Name of the row, with its seed.
    config : dict
        All settings that it follows from.
    config_sha256, train_sha256, test_sha256, weights_sha256 : str
        Hashes of the settings, of the images and labels trained and tested on, and of the weights.
    code : dict
        Versions of what trained it.
    device : str
        That scored it.
    seconds : float
        That the steps of its training took.
    views : dict
        Scores of each test image, by name, for each way that it was looked at. NaN is what is undefined, or
        a ratio to nothing.
    """

    title: str
    config: dict[str, Any]
    config_sha256: str
    train_sha256: str
    test_sha256: str
    weights_sha256: str
    code: dict[str, Any]
    device: str
    seconds: float
    views: Views

    def scores(self, view: str) -> Scores:
        """Return the mean over the test images; the ``score`` of tissue is that of the other means."""
        scores = mean_scores(self.views[view].values())
        return scores | {"score": combined_score(scores)} if "score" in scores else scores


def read_result(title: str, config: Config, work: Work) -> Result | None:
    """Return what a row came to, or None if it is not finished.

    Raises
    ------
    ValueError
        If the file is no result, or one of other settings, training images or test images.
    """
    path = work.out / ROWS / f"{title}.json"
    if not path.is_file():
        return None
    try:
        found = from_json(Result, json.loads(path.read_text(encoding="utf-8")), "result")
        found = replace(found, views=_with_nan(found.views))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is no result of a row: {error}; remove it and it is made again") from error
    settings = settings_of(config)
    if found.config_sha256 != hash_of(settings):
        told = f"other settings{_differences(found.config, settings)}"
    elif found.train_sha256 != hash_of_training_data(work.data, config):
        told = "other images to train on"
    elif found.test_sha256 != work.test.sha256:
        told = "other images to test on"
    else:
        return found
    raise ValueError(f"{path} was made with {told}; keep to that or choose another folder")


def keep_result(title: str, config: Config, work: Work, run: Path, views: Views) -> Result:
    """Write what the training in a run folder came to, whole or not at all, and return it."""
    record, weights = read_record(run), generator_path(run)
    if record is None or record.data is None:
        raise FileNotFoundError(f"{run} holds no training that was made from a data folder")
    settings = settings_of(config)
    result = Result(
        title,
        settings,
        hash_of(settings),
        hash_of_files(record.data.train),
        work.test.sha256,
        sha256_of(weights),
        record.code,
        device_name(choose_device(work.device)),
        round(sum(event["seconds"] for event in read_events(run / EVENTS)), 1),
        _with_nan(_without_nan(views)),  # as it will be read again
    )
    (work.out / ROWS).mkdir(parents=True, exist_ok=True)
    with written_whole(work.out / ROWS / f"{title}.json") as temporary:
        write_json(vars(result), temporary)
    return result


def write_json(facts: Any, path: Path) -> None:
    """Write facts as JSON that any program can read: numbers that are not finite become null."""
    path.write_text(json.dumps(_without_nan(facts), indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _without_nan(facts: Any) -> Any:
    """Return facts with None for NaN and infinity."""
    if isinstance(facts, Mapping):
        return {name: _without_nan(value) for name, value in facts.items()}
    if isinstance(facts, list | tuple):
        return [_without_nan(value) for value in facts]
    return None if isinstance(facts, float) and not math.isfinite(facts) else facts


def _with_nan(views: Views) -> Views:
    """Return scores with NaN for None."""
    return {
        view: {
            image: {name: math.nan if value is None else float(value) for name, value in scores.items()}
            for image, scores in images.items()
        }
        for view, images in views.items()
    }


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say which settings differ."""
    changed = [
        f"{name} {before.get(name)}, now {now.get(name)}"
        for name in {**before, **now}
        if before.get(name) != now.get(name)
    ]
    return f" ({'; '.join(changed)})" if changed else ""
