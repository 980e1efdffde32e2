"""Turns the rows of a results directory into figures and one page that opens anywhere.

page.py           the page: sections, scaling and method in one file
sections.py       what the page says of one group of rows
compare_page.py   the page of two results directories; changes.py says what differs
markdown.py       the same comparison as Markdown
rendering.py      the Jinja environment of both pages; templates/ holds HTML, CSS and scripts
scripts.py        the scripts inside the page and its security policy; payload.py is their data

answer.py         the sentences that answer first: what to use under limits
drawings.py       which figures are drawn, and the drawing of several at once
comparisons.py    which strategies repeats can distinguish
table_bars.py     the bars in the cells of the table
scaling.py        the table of growth with the number of points
verdicts.py       the claims checked against the rows
details.py        all fields of one row, and the end of its log
commands.py       the command that repeats a run
own_settings.py   what was set for a run and is not the strategy's default
time_spent.py     where the time of each strategy went
point_facts.py    how hard the points are
records.py        rows of one or several results directories, and what lies beside them
slugs.py          short names for files and for places in the page
wording.py        what a row says, in words
figures/          all figures, and the interactive chart
"""

import json
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from bench.report.records import read
from bench.results import ROWS, write_atomically

PAGE = "report.html"
PLOTS = "plots"
_WRITTEN = ".written.json"
"""In PLOTS: what the last report wrote there, by name and hash; only that is a report's to delete."""


def write_report(results: Path, *others: Path, plots_of: Collection[str] | None = None) -> Path:
    """Remake figures and page in ``results`` from the rows there and in ``others``; return the page's path.

    Plots are drawn of the runs with the ids ``plots_of``, by default of all; others stay as long as what
    they show is unchanged.

    Raises ValueError where there are no rows, OSError where nothing can be written.
    """
    records = read([results, *others])
    if not records.rows:
        places = " or ".join(str(directory / ROWS) for directory in (results, *others))
        odd = f"; {records.misunderstood[0]}" if records.misunderstood else ""
        raise ValueError(f"no measurements in {places}: `allknn-bench run` makes some{odd}")
    from bench.report.drawings import KeptFigures  # noqa: PLC0415 (many modules)
    from bench.report.page import make_page  # noqa: PLC0415 (many modules)

    plots = results / PLOTS
    with matplotlib_kept_out_of_home():
        page = make_page(records, KeptFigures.read(plots), plots_of)
    plots.mkdir(exist_ok=True)
    _replace_plots(plots, page.plots)
    write_atomically(results / PAGE, page.html.encode())
    return results / PAGE


def _replace_plots(plots: Path, contents: Mapping[str, bytes]) -> None:
    """Write the plots, and delete those of the last report that are no more, unless changed since."""
    written = plots / _WRITTEN
    earlier: dict[str, str] = json.loads(written.read_text()) if written.exists() else {}
    digests = {name: sha256(content).hexdigest() for name, content in contents.items()}
    write_atomically(written, json.dumps(earlier | digests).encode())
    for name, content in contents.items():
        path = plots / name
        if not path.is_file() or path.read_bytes() != content:
            write_atomically(path, content)
    for name in earlier.keys() - contents.keys():
        path = plots / Path(name).name
        if path.is_file() and sha256(path.read_bytes()).hexdigest() == earlier[name]:
            path.unlink()
    write_atomically(written, json.dumps(digests).encode())


@contextmanager
def matplotlib_kept_out_of_home() -> Iterator[None]:
    """Have matplotlib draw into files, and keep its font list where the user said, or where it goes away.

    In a notebook's shell MPLBACKEND names a module that may not be installed here.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="bench-matplotlib-") as directory:
        os.environ.setdefault("MPLCONFIGDIR", directory)
        os.environ.setdefault("HOME", directory)  # Bokeh looks there
        os.environ["MPLBACKEND"] = "Agg"
        try:
            yield
        finally:
            for name in ("MPLCONFIGDIR", "MPLBACKEND", "HOME"):
                os.environ.pop(name, None)
                os.environ.update({name: before[name]} if name in before else {})
