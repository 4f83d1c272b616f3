"""Score one pair of files after another, as a task that can be watched and stopped."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.scoring.pairs import Arrays, Pair, read_pair
from napari_sharpgan.scoring.score import Scored, score_arrays


@dataclass(frozen=True, eq=False)
class ScoreStep:
    """A pair that was scored, the last of ``done`` of ``total``, and what was read."""

    done: int
    total: int
    scored: Scored
    arrays: Arrays


def score_pairs(
    pairs: Sequence[Pair], kind: str = "auto", *, color: bool = False, should_stop: ShouldStop = never
) -> Generator[ScoreStep, None, list[Scored]]:
    """Score pairs of files.

    Parameters
    ----------
    pairs : sequence of Pair
        What belongs together; see `pairs_of`.
    kind : str
        As for `read_pair`.
    color : bool
        Compute `COLOR_METRICS` of images as well.
    should_stop : callable
        Asked before each pair; what is scored until then is the result.

    Yields
    ------
    ScoreStep
        After each pair.

    Returns
    -------
    list of Scored
        In the order of the pairs. Of masks the error map is only in the steps.

    Raises
    ------
    ValueError, TypeError, OSError
        If a pair cannot be read or scored, or one is of masks and another one of images; it is named.
    """
    done: list[Scored] = []
    for pair in pairs:
        if should_stop():
            break
        arrays = read_pair(pair, kind)
        _check_kind(done, arrays, pair)
        try:
            scored = score_arrays(pair.name, arrays, color=color)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{pair.true.name} and {pair.predicted.name}: {error}") from error
        done.append(replace(scored, errors=None))
        yield ScoreStep(len(done), len(pairs), scored, arrays)
    return done


def _check_kind(before: Sequence[Scored], arrays: Arrays, pair: Pair) -> None:
    """Raise unless a pair is of masks, or of images, as those before."""
    if before and before[0].are_masks != arrays.are_masks:
        words = {True: "masks", False: "images"}
        now = words[arrays.are_masks]
        raise ValueError(
            f"{pair.name} holds {now}, the files before {words[not arrays.are_masks]}; keep them apart"
        )
