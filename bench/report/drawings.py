"""The figures of a page: the last report's where what they show is unchanged, others where asked for."""

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench import analysis, report, units
from bench.analysis.scaling import Scaling
from bench.analysis.summary import Group
from bench.catalog import version
from bench.report.figures.palette import color, colors_for, marker
from bench.report.figures.samples import SAMPLES

_MANIFEST = ".drawn.json"
"""Among the plots: what the last report drew, by what it was drawn of."""
_FORMS = ("png", "svg")
_FEWEST_FOR_A_POOL = 3
"""A process that draws loads matplotlib first, which takes longer than one group's figures."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure, drawn and saved in memory."""

    name: str
    """What it shows, as part of a file's name."""
    title: str
    caption: str
    """One sentence: what to see."""
    png: bytes
    svg: bytes


@dataclass(frozen=True, slots=True)
class Figures:
    """What is drawn of one group of rows, or of the growth of one kind of points."""

    drawings: list[Drawing] | None
    """None where nobody asked to have them drawn."""
    chart: dict[str, Any] | None = None
    """The interactive chart, as Bokeh's script takes it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Figures that a page shows: how they are drawn, and of what."""

    draw: Callable[..., list[Drawing]]
    chart: Callable[..., dict[str, Any] | None]
    arguments: tuple[Any, ...]
    """What both take."""
    of: str
    """A hash of all that they show and of the code that draws them."""

    strategies: tuple[str, ...]
    """All of the page, which share its colors."""
    run_ids: frozenset[str]
    """The runs that they show."""

    def drawn(self) -> Figures:
        """Draw them."""
        with colors_for(self.strategies):
            return Figures(self.draw(*self.arguments), self.chart(*self.arguments))

    def undrawn(self) -> Figures:
        """Describe the interactive chart alone, which takes no time."""
        with colors_for(self.strategies):
            return Figures(None, self.chart(*self.arguments))


@dataclass(frozen=True, slots=True)
class KeptFigures:
    """What the last report drew into a directory of plots."""

    plots: Path
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, plots: Path) -> "KeptFigures":
        """Read what a report left; nothing where it left nothing that can be read."""
        try:
            return cls(plots, dict(json.loads((plots / _MANIFEST).read_bytes())))
        except (OSError, ValueError, TypeError):
            return cls(plots)

    def of(self, wanted: Wanted) -> Figures | None:
        """Return the figures if all that were drawn are there, and none was changed since."""
        entry = self.entries.get(wanted.of)
        if entry is None:
            return None
        if entry["drawings"] is None:
            return Figures(None, entry["chart"])
        drawings = []
        for name, title, caption, *digests in entry["drawings"]:
            try:
                files = [(self.plots / plot_name(entry["slug"], name, form)).read_bytes() for form in _FORMS]
            except OSError:
                return None
            if [_digest(content) for content in files] != digests:
                return None
            drawings.append(Drawing(name, title, caption, *files))
        return Figures(drawings, entry["chart"])


def plot_name(slug: str, name: str, form: str) -> str:
    """Name the file of a drawing."""
    return f"{slug}-{name}.{form}"


def plots_of(named: Iterable[tuple[str, Wanted, Figures]]) -> dict[str, bytes]:
    """Return the files of figures, named by a slug, with the manifest by which the next report finds them."""
    files: dict[str, bytes] = {}
    entries: dict[str, dict[str, Any]] = {}
    for slug, wanted, figures in named:
        drawings: list[list[str]] | None = None if figures.drawings is None else []
        for drawing in figures.drawings or ():
            contents = (drawing.png, drawing.svg)
            files |= {plot_name(slug, drawing.name, f): c for f, c in zip(_FORMS, contents, strict=True)}
            digests = map(_digest, contents)
            drawings = [*(drawings or ()), [drawing.name, drawing.title, drawing.caption, *digests]]
        entries[wanted.of] = {"slug": slug, "chart": figures.chart, "drawings": drawings}
    return files | {_MANIFEST: json.dumps(entries).encode()}


def provide(
    wanted: Sequence[Wanted], kept: KeptFigures, asked: Collection[str] | None = None
) -> list[Figures]:
    """Return all figures that a page wants, several drawn at once where several have to be.

    Those that are neither kept nor show one of the runs ``asked`` for stay undrawn; None asks for all.
    """
    known = [kept.of(one) for one in wanted]
    missing = [
        one
        for one, figures in zip(wanted, known, strict=True)
        if (figures is None or figures.drawings is None)
        and (asked is None or not one.run_ids.isdisjoint(asked))
    ]
    drawn = dict(zip([one.of for one in missing], _draw(missing), strict=True))
    return [drawn.get(one.of) or figures or one.undrawn() for one, figures in zip(wanted, known, strict=True)]


def figures_of_group(group: Group, homes: Mapping[str, Path], strategies: Sequence[str] = ()) -> Wanted:
    """Want all figures of a group.

    ``homes`` gives the directory of each run by its ``run_id``; ``strategies`` are those of the whole page.
    """
    own = {run.run_id: homes[run.run_id] for run in group.rows if run.run_id in homes}
    sampled = [_state(home / SAMPLES / f"{run_id}.csv") for run_id, home in own.items()]
    looks = _looks([outcome.strategy for outcome in group.outcomes], strategies)
    run_ids = frozenset(run.run_id for run in group.rows)
    digest = _digest_of(group, sampled, looks)
    return Wanted(_draw_group, _chart_of_group, (group, own), digest, tuple(strategies), run_ids)


def figures_of_growth(
    title: str, pairs: Sequence[tuple[Scaling, Scaling]], strategies: Sequence[str] = ()
) -> Wanted:
    """Want the figure of growth of one kind of points."""
    looks = _looks([time.curve.setting.strategy for time, _ in pairs], strategies)
    run_ids = frozenset(row.run_id for time, _ in pairs for row in time.curve.rows)
    digest = _digest_of(title, pairs, looks)
    return Wanted(_draw_growth, _no_chart, (title, pairs), digest, tuple(strategies), run_ids)


def _looks(names: Sequence[str], strategies: Sequence[str]) -> list[tuple[str, str, str]]:
    with colors_for(strategies):
        return [(name, color(name), marker(name)) for name in dict.fromkeys(names)]


def _draw(wanted: Sequence[Wanted]) -> list[Figures]:
    processes = min(len(wanted), len(os.sched_getaffinity(0)))
    if len(wanted) < _FEWEST_FOR_A_POOL or processes < 2:
        return [one.drawn() for one in wanted]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(Wanted.drawn, wanted))


def _draw_group(group: Group, homes: Mapping[str, Path]) -> list[Drawing]:
    from bench.report.figures.of_group import draw  # noqa: PLC0415 (loads matplotlib)

    return draw(group, homes)


def _chart_of_group(group: Group, _homes: Mapping[str, Path]) -> dict[str, Any] | None:
    from bench.report.figures.chart import chart  # noqa: PLC0415 (loads Bokeh)

    return chart(group)


def _draw_growth(title: str, pairs: Sequence[tuple[Scaling, Scaling]]) -> list[Drawing]:
    from bench.report.figures.scaling import draw_scaling  # noqa: PLC0415 (loads matplotlib)

    return [draw_scaling(title, pairs)]


def _no_chart(_title: str, _pairs: Sequence[tuple[Scaling, Scaling]]) -> None:
    """Growth has a drawing only."""


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time of a file; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


def _digest_of(*shown: object) -> str:
    return _digest(f"{_drawing_code()}{shown!r}".encode())


@cache
def _drawing_code() -> str:
    """Hash of what draws: the code of report and analysis, and the versions of the libraries."""
    folders = [Path(folder) for package in (report, analysis) for folder in package.__path__]
    files = [Path(units.__file__), *(path for folder in folders for path in sorted(folder.rglob("*.py")))]
    versions = [version(name) for name in ("matplotlib", "seaborn", "bokeh")]
    return _digest(b"\0".join(path.read_bytes() for path in files) + repr(versions).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
