"""The page that compares two results directories: one file that loads nothing else."""

from pathlib import Path

from bench.analysis.before_after import BeforeAfter, median_run
from bench.report import matplotlib_kept_out_of_home
from bench.report.changes import (
    VERDICT_WORDS,
    caveats,
    describe_ratio,
    detail_verdict,
    difference_lines,
    own_differences,
    summarize,
)
from bench.report.figures.palette import colors_for
from bench.report.rendering import digest, make_environment, read_style
from bench.results import write_atomically


def write_comparison(comparison: BeforeAfter, names: tuple[str, str], path: Path, *, same: bool) -> Path:
    """Render the comparison of two directories with these names into ``path``, whose directory must exist."""
    strategies = [change.strategy for change in comparison.changes]
    with matplotlib_kept_out_of_home(), colors_for(strategies):
        html = _render(comparison, names, same=same)
    write_atomically(path, html.encode())
    return path


def _render(comparison: BeforeAfter, names: tuple[str, str], *, same: bool) -> str:
    from bench.report.figures.ratios import draw_ratios  # noqa: PLC0415 (loads matplotlib)

    style = read_style("style.css")
    environment = make_environment(
        median_run=median_run,
        ratio=describe_ratio,
        details=detail_verdict,
        verdict=lambda change: VERDICT_WORDS[change.verdict],
        own_differences=lambda change: own_differences(comparison, change),
    )
    workloads = dict.fromkeys(change.workload for change in comparison.changes)
    groups = [[c for c in comparison.changes if c.workload == workload] for workload in workloads]
    return environment.get_template("compare.html.jinja").render(
        alpha_of_each=comparison.alpha,
        names=names,
        answers=summarize(comparison),
        caveats=caveats(comparison, same=same),
        everywhere=difference_lines(comparison.differences_everywhere),
        groups=[(changes, draw_ratios(changes)) for changes in groups],
        style=style,
        style_hash=f"sha256-{digest(style)}",
    )
