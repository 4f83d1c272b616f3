"""``report.html`` of a run folder: what a training came to, in one file that needs no network and no script.

`write_report` works from the files of the folder alone, so also for a run that was killed.
"""

from __future__ import annotations

from pathlib import Path

from napari_sharpgan._files import written_whole
from napari_sharpgan.run_folders.disk import writing
from napari_sharpgan.run_folders.names import REPORT
from napari_sharpgan.training.report.facts import RunFacts
from napari_sharpgan.training.report.page import page

__all__ = ["write_report"]


def write_report(folder: str | Path) -> Path:
    """Write the report of a run folder and return its path.

    Raises
    ------
    ValueError
        If no run was begun in the folder, or its ``config.json`` cannot be understood.
    OSError
        If the folder cannot be written to; a report from before is then as it was.
    """
    folder = Path(folder)
    text = page(RunFacts.of(folder))
    with writing(folder), written_whole(folder / REPORT) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return folder / REPORT
