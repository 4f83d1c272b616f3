"""A synthetic slide of any size on the disk, made block by block, by one worker or many."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Generator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data.tile_sets import read_lines
from napari_sharpgan.formats.ome_zarr_slide import SlideArrays, new_slide, read_facts, write_facts
from napari_sharpgan.nuclei import MICRONS_PER_PIXEL
from napari_sharpgan.synthesis.manifest import explained, write_whole
from napari_sharpgan.synthesis.models import TileModel, slide_model
from napari_sharpgan.synthesis.slide_block import BlockDone, BlockWork
from napari_sharpgan.synthesis.slide_plan import Block, SlidePlan, SlideSettings
from napari_sharpgan.synthesis.workers import HERE, Workers, run_jobs

USUAL = SlideSettings()


@dataclass(frozen=True)
class SlideStep:
    """How far a slide is.

    Parameters
    ----------
    done, total : int
        Blocks.
    made : int
        Blocks that were made since it was begun or gone on with.
    pixels : int
        Theirs.
    seconds : float
        Since then.
    """

    done: int
    total: int
    made: int
    pixels: int
    seconds: float


def synthesize_slide(
    out: str | Path,
    shape: tuple[int, int],
    settings: SlideSettings = USUAL,
    model: TileModel | None = None,
    *,
    workers: Workers = HERE,
    device: str = "auto",
    should_stop: ShouldStop = never,
) -> Generator[SlideStep, None, dict[str, Any]]:
    """Make nuclei and tissue of a slide as OME-Zarr: image and label image, with all levels of resolution.

    It can be opened while it is written: what is missing is white. What an earlier call made of the same
    slide is kept, whatever the size of its blocks.

    Parameters
    ----------
    out : str or path
        Ends in ``.ome.zarr``.
    shape : (int, int)
        Rows and columns in pixels of 0.25 µm.
    settings : SlideSettings
        Seed, generator, block.
    model : TileModel, optional
        Settings of nuclei and stain; by default `slide_model`, in the generator's own stain.
    workers : Workers
        Where blocks are made.
    device : str
        "auto", "cuda", "mps" or "cpu".
    should_stop : callable
        Asked often; what is finished stays.

    Yields
    ------
    SlideStep
        When a block is finished.

    Returns
    -------
    dict
        The manifest: ``complete``, ``nuclei``, ``plan`` and so on.

    Raises
    ------
    ValueError
        If there is something else at ``out``, or a slide of other settings; if the slide would have more
        nuclei than 32 bits can number.
    OSError
        If it cannot be written, or another process is writing it.
    """
    out = Path(out)
    if not out.name.lower().endswith(".ome.zarr"):
        raise ValueError(f"a slide must be called ….ome.zarr, got {out.name}")
    plan = SlidePlan.of(shape, settings, model or slide_model())
    if not out.parent.is_dir():
        raise FileNotFoundError(f"the folder {out.parent} does not exist; {out.name} was not written")
    lock = out.with_name(f".{out.name}.lock")
    try:
        with FileLock(lock, blocking=False, thread_local=False):
            try:
                return (yield from _made(_begun(out, plan), workers, device, out, should_stop))
            finally:
                with suppress(OSError):
                    lock.unlink()
    except Timeout as error:
        raise OSError(f"another process is writing {out}") from error


def finished_blocks(out: Path) -> tuple[int, int]:
    """Return how many blocks of a slide that was begun are there, and how many it has."""
    facts = read_facts(out)
    rows, columns = (-(-int(side) // int(facts["block"])) for side in facts["plan"]["shape"])
    return rows * columns if facts.get("complete") else len(
        _Journal(out, facts["plan"]).read()
    ), rows * columns


def _made(
    plan: SlidePlan, workers: Workers, device: str, out: Path, should_stop: ShouldStop
) -> Generator[SlideStep, None, dict[str, Any]]:
    """Make the blocks that are missing."""
    facts = read_facts(out)
    if facts.get("complete"):
        return facts
    journal = _Journal(out, plan.to_json())
    done = journal.mended()
    blocks = plan.blocks()
    missing = [block for block in blocks if block not in done]
    arrays = SlideArrays(out, plan.settings.block)
    start, before, pixels = time.perf_counter(), len(done), 0
    yield SlideStep(len(done), len(blocks), 0, 0, 0.0)
    for block, result in run_jobs(BlockWork(str(out.resolve()), plan, device), missing, workers, should_stop):
        window = plan.window(block)
        with explained(out):
            arrays.write_above(window)
            journal.note(block, result)
        done[block] = result
        pixels += (window[0].stop - window[0].start) * (window[1].stop - window[1].start)
        yield SlideStep(len(done), len(blocks), len(done) - before, pixels, time.perf_counter() - start)
    facts = _facts(plan, done)
    write_facts(out, facts)
    if facts["complete"]:
        for half in out.rglob("*.partial"):  # zarr's, of processes that were killed while they wrote
            half.unlink(missing_ok=True)
        journal.remove()
    return facts


def _begun(out: Path, plan: SlidePlan) -> SlidePlan:
    """Return the plan of the slide at ``out``, begun if nothing is there, else in blocks as before."""
    if not out.exists():
        new_slide(out, plan.shape, plan.note(), MICRONS_PER_PIXEL, _facts(plan, {}))
        return plan
    try:
        kept = read_facts(out)
        before, block = kept["plan"], int(kept["block"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{out} is there, and no synthetic slide; choose another name") from error
    wanted = json.loads(json.dumps(plan.to_json()))
    other = [name for name in wanted if before.get(name) != wanted[name]]
    if other:
        raise ValueError(
            f"{out} is a slide of other settings ({', '.join(other)}); choose another name, or remove it"
        )
    return replace(plan, settings=replace(plan.settings, block=block))


def _facts(plan: SlidePlan, done: dict[Block, BlockDone]) -> dict[str, Any]:
    """Return what the slide follows from, and whether it is complete."""
    return {
        "synthetic": True,
        "complete": len(done) == len(plan.blocks()),
        "nuclei": sum(one.nuclei for one in done.values()),
        "block": plan.settings.block,
        "rendered": sorted({one.rendered for one in done.values()}),
        "plan": plan.to_json(),
    }


class _Journal:
    """Which blocks of a slide are finished: a file beside it, until all are.

    Parameters
    ----------
    out : Path
        The slide.
    plan : dict
        What it follows from, as `SlidePlan.to_json` gives it: lines about another slide do not count.
    """

    def __init__(self, out: Path, plan: dict[str, Any]) -> None:
        self._path = out.with_name(f".{out.name}.blocks.jsonl")
        self._slide = hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:16]

    def note(self, block: Block, result: BlockDone) -> None:
        """Note that a block is finished."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(self._line(block, result))

    def read(self) -> dict[Block, BlockDone]:
        """Return the blocks that are finished; a line that was cut off does not count."""
        return {block: done for slide, block, done in read_lines(self._path, _noted) if slide == self._slide}

    def mended(self) -> dict[Block, BlockDone]:
        """Return the blocks that are finished, after taking away what was cut off: for who writes alone."""
        done = self.read()
        whole = "".join(self._line(block, result) for block, result in done.items())
        if whole != self._text():
            write_whole(self._path, whole)
        return done

    def remove(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)

    def _text(self) -> str:
        return self._path.read_text(encoding="utf-8") if self._path.is_file() else ""

    def _line(self, block: Block, result: BlockDone) -> str:
        return json.dumps({"slide": self._slide, "block": block, **asdict(result)}) + "\n"


def _noted(facts: dict[str, Any]) -> tuple[str, Block, BlockDone]:
    """Return what a line says: of which slide, which block, and what it came to."""
    slide, (row, column) = facts.pop("slide"), facts.pop("block")
    return slide, (int(row), int(column)), BlockDone(**facts)
