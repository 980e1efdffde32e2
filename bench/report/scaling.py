"""How time and memory grow with the number of points: a table for each kind of points, with its figure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from bench.analysis.prediction import Interval
from bench.analysis.scaling import Quantity, Scaling, scalings
from bench.report.drawings import Wanted, figures_of_growth
from bench.report.slugs import plain
from bench.results import Measurement
from bench.units import format_bytes, format_interval, format_seconds


@dataclass(frozen=True, slots=True)
class Growth:
    """What the runs of one setting say of its growth, in words."""

    label: str
    strategy: str
    sizes: str
    """The numbers of points measured."""
    time: str
    """Exponent of fit and query, with its interval."""
    memory: str
    expected: str
    """Time and memory at the last n of the lines, with their intervals."""


@dataclass(frozen=True, slots=True)
class GrowthTable:
    """The settings of one kind of points on one machine."""

    slug: str
    title: str
    last_n: str
    rows: list[Growth]
    figure: Wanted


def make_growth_tables(rows: Iterable[Measurement], strategies: Sequence[str] = ()) -> list[GrowthTable]:
    """Describe each kind of points that was measured at two numbers of points or more.

    ``strategies`` are those of the whole page, which share its colors.
    """
    groups: dict[tuple[Hashable, str], list[tuple[Scaling, Scaling]]] = defaultdict(list)
    each = scalings(rows)
    for time, memory in zip(each[::2], each[1::2], strict=True):
        groups[time.curve.setting.family, time.curve.setting.machine].append((time, memory))
    machines = {machine for _, machine in groups}
    titles = [f"{family}, {machine}" if len(machines) > 1 else str(family) for family, machine in groups]
    slugs = [plain(title) for title in titles]
    return [
        _table(f"{slug}-{i}" if slugs.count(slug) > 1 else slug, title, pairs, strategies)
        for i, (slug, title, pairs) in enumerate(zip(slugs, titles, groups.values(), strict=True), 1)
    ]


def _table(
    slug: str, title: str, pairs: Sequence[tuple[Scaling, Scaling]], strategies: Sequence[str]
) -> GrowthTable:
    quickest = sorted(pairs, key=lambda pair: pair[0].line[-1].figure.median)
    last = max(pair[0].line[-1].n for pair in pairs)
    rows = [_growth(*pair) for pair in quickest]
    return GrowthTable(slug, title, f"{last:,}", rows, figures_of_growth(title, quickest, strategies))


def _growth(time: Scaling, memory: Scaling) -> Growth:
    seconds, size = time.line[-1].figure, memory.line[-1].figure
    return Growth(
        label=time.curve.label,
        strategy=time.curve.setting.strategy,
        sizes=", ".join(f"{n:,}" for n in time.curve.sizes),
        time=_exponent(time.exponent),
        memory=_exponent(memory.exponent),
        expected=f"{_write(seconds, 'total_seconds')}; {_write(size, 'peak_memory_bytes')}",
    )


def _exponent(interval: Interval) -> str:
    return f"{interval.median:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _write(interval: Interval, quantity: Quantity) -> str:
    write = format_seconds if quantity == "total_seconds" else format_bytes
    return format_interval(interval.median, interval.low, interval.high, write)
