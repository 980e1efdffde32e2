"""Turns the rows of a results directory into figures and one page that opens anywhere.

units.py     seconds, bytes and recall as people read them
wording.py   what rows say, in words; the sentence that answers first
style.py     colors, marks and type of all figures; how one is begun and saved
labels.py    names beside marks, without covering
bars.py, scatter.py, samples.py   the figures; figures.py says which a group has
details.py   one row laid open: its fields, log and command
page.py      the page, by template.html.jinja and style.css
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.results import ROWS, Store, write_atomically

PAGE = "report.html"
PLOTS = "plots"


def write_report(results: Path) -> Path:
    """Remake figures and page from the rows in ``results``; return the page's path.

    Raises ValueError where there are no rows, OSError where nothing can be written.
    """
    rows = Store(results).rows()
    if not rows:
        raise ValueError(f"no measurements in {results / ROWS}: `python -m bench run` makes some")
    with _matplotlib_kept_out_of_home():
        from bench.report.page import make_page  # noqa: PLC0415 (loads matplotlib)

        page = make_page(results, rows)
    plots = results / PLOTS
    plots.mkdir(exist_ok=True)
    for name, content in page.plots.items():
        write_atomically(plots / name, content)
    for path in plots.iterdir():
        if path.name not in page.plots and page.is_plot(path.name):
            path.unlink()  # of a group that is no more, or has another name now
    write_atomically(results / PAGE, page.html.encode())
    return results / PAGE


@contextmanager
def _matplotlib_kept_out_of_home() -> Iterator[None]:
    """Let matplotlib keep its font list in a directory that goes away, unless the user named one."""
    if "MPLCONFIGDIR" in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="bench-matplotlib-") as directory:
        os.environ["MPLCONFIGDIR"] = directory
        try:
            yield
        finally:
            del os.environ["MPLCONFIGDIR"]
