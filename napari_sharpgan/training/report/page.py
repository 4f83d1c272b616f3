"""The page of a report, section by section. All that comes from files is escaped."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from statistics import median

from napari_sharpgan._fields import field_notes
from napari_sharpgan.data import DataFile, images_in
from napari_sharpgan.run_folders.events import Event
from napari_sharpgan.run_folders.names import MASKS, REAL, SAMPLES
from napari_sharpgan.run_folders.words import clock
from napari_sharpgan.training.held_out import spread
from napari_sharpgan.training.kinds import KINDS
from napari_sharpgan.training.looks import PREFIX, SAMPLE
from napari_sharpgan.training.report.curves import chart
from napari_sharpgan.training.report.facts import RunFacts

MOST_SAMPLES = 10  # rows of sample pictures


def page(run: RunFacts) -> str:
    """Return the whole page."""
    style = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    sections = (_header, _result, _samples, _curves, _settings, _data, _speed, _footer)
    body = "\n".join(section(run) for section in sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(run.name)} · {escape(_recipe(run))}</title>\n"
        f"<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _header(run: RunFacts) -> str:
    steps = run.record.config.steps
    state = f"all {steps:,} steps done" if run.step >= steps else f"{run.step:,} of {steps:,} steps done"
    ended = f", {time.strftime('%d %B %Y, %H:%M', time.localtime(_times(run)[-1]))}" if _times(run) else ""
    return (
        f'<header><div class="eyebrow">Training of a {run.words.network}</div><h1>{escape(run.name)}</h1>'
        f"<p>{escape(_recipe(run))} · {state}{ended}</p></header>"
    )


def _result(run: RunFacts) -> str:
    """Return the scores of the best generator, beside those of the first and the newest look."""
    best = run.best
    if best is None:
        step = run.best_step
        newest = "" if step is None else f"The {run.words.network} is that of step {step:,}. "
        return f'<h2>Result</h2><p class="note">{newest}No scores: no images were held out.</p>'
    shown = {f"step {event['step']:,}": event for event in (run.looks[0], best, run.looks[-1])}
    chosen = f"step {best['step']:,}"
    heads = "".join(
        f'<th class="number">{name}{", the best" if name == chosen else ""}</th>' for name in shown
    )
    rows = []
    for name, (title, better) in run.words.scores.items():
        cells = "".join(
            f'<td class="number{" best" if step == chosen else ""}">{_score(event.get(PREFIX + name))}</td>'
            for step, event in shown.items()
        )
        rows.append(f'<tr><td>{title}</td>{cells}<td class="meaning">{better}</td></tr>')
    looks = _count(len(run.looks), "look")
    return (
        f"<h2>Result</h2><p>The best {run.words.network}, <code>checkpoints/best.safetensors</code>, is that "
        f"of <b>{chosen}</b>: of {looks} at held-out images it has the lowest score.</p>"
        f'<div class="scroll"><table><thead><tr><th>On held-out images</th>{heads}<th>better is</th></tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _samples(run: RunFacts) -> str:
    """Return real tissue on top, then what was made of the same nuclei, step by step."""
    folder = run.folder / SAMPLES
    there = [event for event in run.samples if (folder / Path(event[SAMPLE]).name).is_file()]
    if not there:
        return ""
    rows = [
        _picture(folder / REAL, "real", "real", "Real tissue"),
        _picture(folder / MASKS, run.words.masks, "masks", "Nuclei"),
    ]
    for event in _chosen(there, run.kept_step):
        best = event["step"] == run.kept_step
        title = f"step {event['step']:,}{', the best' if best else ''}"
        words = f"{run.words.sample}, {title}"
        rows.append(_picture(folder / Path(event[SAMPLE]).name, title, "kept" if best else "", words))
    only = " Only the row on top is real." if run.record.kind == "generator" else ""
    note = f'<p class="note">{run.words.note}{only}</p>'
    return f"<h2>Samples over time</h2>{note}{''.join(rows)}"


def _chosen(events: Sequence[Event], best: int | None) -> list[Event]:
    """Return the first, the last, the best, and others evenly between them."""
    if len(events) <= MOST_SAMPLES:
        return list(events)
    fixed = [events[0], events[-1], *(event for event in events if event["step"] == best)]
    chosen = fixed + spread([event for event in events if event not in fixed], MOST_SAMPLES - len(fixed))
    return [event for event in events if event in chosen]


def _picture(path: Path, title: str, kind: str, words: str) -> str:
    """Return a picture, in the page itself, with its title; nothing if it is missing."""
    if not path.is_file():
        return ""
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<figure class="sample {kind}"><figcaption>{escape(title)}</figcaption>'
        f'<img alt="{escape(words)}" src="data:image/png;base64,{data}"></figure>'
    )


def _curves(run: RunFacts) -> str:
    mark = None if run.kept_step is None else float(run.kept_step)

    drawn = [
        chart(
            one.title,
            {name: run.curve(fact) for name, fact in one.facts.items()},
            help_text=one.help_text,
            ideal=one.ideal,
            mark=mark if one.is_marked else None,
            ratios=one.ratios,
        )
        for one in run.words.charts
    ]
    if not any(drawn):
        return "<h2>Curves</h2><p>No step was done yet.</p>"
    says = "By step. The pale band holds 80 % of the steps that a point averages"
    says += f"; the dashed line is the best {run.words.network}." if mark is not None else "."
    return f'<h2>Curves</h2><p class="soft">{says}</p><div class="charts">{"".join(drawn)}</div>'


def _settings(run: RunFacts) -> str:
    """Return the settings that differ from the recipe, and all in a fold."""
    settings, help_of = asdict(run.record.config), field_notes(type(run.record.config))
    base = KINDS[run.record.kind].recipes.get(run.record.recipe or "")
    everything = _table(
        ("setting", "value", "meaning"),
        ((name, _value(value), help_of[name]["help"]) for name, value in settings.items()),
    )
    fold = f"<details><summary>All {len(settings)} settings</summary>{everything}</details>"
    if base is None:
        return f"<h2>Settings</h2>{fold}"
    own = asdict(base)
    changed = [(n, _value(v), _value(own[n]), help_of[n]["help"]) for n, v in settings.items() if v != own[n]]
    if not changed:
        return f"<h2>Settings</h2><p>Those of the recipe {escape(_recipe(run))}.</p>{fold}"
    differing = _table(("setting", "value", "in the recipe", "meaning"), changed)
    return f"<h2>Settings</h2><p>Other than in the recipe {escape(_recipe(run))}:</p>{differing}{fold}"


def _data(run: RunFacts) -> str:
    data = run.record.data
    if data is None:
        return "<h2>Data</h2><p>The images came from no folder.</p>"
    parts = [f'<h2>Data</h2><p class="soft">{escape(data.folder)}</p>']
    for title, files in (("Trained on", data.train), ("Held out", data.validation)):
        nuclei = sum(file.nuclei for file in files)
        told = f"{title}: {_count(images_in(files), 'image')} with {_count(nuclei, 'nucleus', 'nuclei')}"
        parts.append(
            f"<details><summary>{told}</summary>{_files(files)}</details>" if files else f"<p>{told}</p>"
        )
    return "".join(parts)


def _files(files: Sequence[DataFile]) -> str:
    rows = (
        (file.image, f"{file.rows} × {file.columns}", f"{file.nuclei:,}", file.image_sha256[:12])
        for file in files
    )
    return _table(("image", "rows × columns", "nuclei", "SHA-256 begins"), rows)


def _speed(run: RunFacts) -> str:
    """Return how long it took, and with what."""
    seconds, rates = run.curve("seconds")[1], run.curve("images_per_second")[1]
    times = _times(run)
    tiles = {
        "images seen": f"{run.step * run.record.config.batch_size:,}",
        "images a second, median": f"{median(rates):.1f}" if rates else "",
        "in steps": clock(sum(seconds)) if seconds else "",
        "from first to last step": clock(times[-1] - times[0]) if times else "",
    }
    shown = "".join(
        f'<div class="tile"><b>{value}</b><span>{name}</span></div>' for name, value in tiles.items() if value
    )
    versions = _table(("code", "version"), ((n, str(v)) for n, v in run.record.code.items() if v is not None))
    return f'<h2>Speed and time</h2><div class="tiles">{shown}</div>{versions}'


def _footer(run: RunFacts) -> str:
    return (
        "<footer>Written by napari-sharpgan from the files of the run folder. Sharp-GAN: Butte, Wang, Xian, "
        f"Vakanski, ISBI 2022. {run.words.note}</footer>"
    )


def _recipe(run: RunFacts) -> str:
    return run.record.recipe or "settings of its own"


def _times(run: RunFacts) -> list[float]:
    """Return the times of the clock, in order of the steps."""
    return run.curve("time")[1]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts, escaped; the last column is for words."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    lines = ("".join(f'<td class="name">{escape(cell)}</td>' for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _value(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _score(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "–"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
