"""``list``: the strategies, what each is, their parameters with defaults, and whether they can run here."""

import argparse
import json
from argparse import Namespace
from typing import TYPE_CHECKING

from bench.cli import options

if TYPE_CHECKING:
    from rich.text import Text

    from bench.catalog import Listing
    from bench.measure.java import Java

HELP = "list the strategies, their parameters and whether they can run here"
USAGE = "[options]"
EXAMPLES = ("list", "list --json")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the choice of JSON."""
    options.json(parser)


def command(arguments: Namespace) -> int:
    """Print what there is to run; imports none of the strategies' libraries."""
    from rich.table import Table
    from rich.text import Text

    from bench import catalog
    from bench.cli import terminal
    from bench.measure import java

    runtime = java.find()
    listings = [catalog.load(name) for name in catalog.names()]
    if arguments.json:
        terminal.print_lines(json.dumps(_as_dict(listing, runtime)) for listing in listings)
        return 0
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column in ("strategy", "answer", "here", "what it is, and its parameters"):
        table.add_column(column)
    for listing in listings:
        why_not = catalog.why_unavailable(listing.entry, runtime)
        kind = "exact" if listing.entry.exact else "approximate"
        table.add_row(Text(listing.name), kind, "no" if why_not else "yes", _text(listing, why_not))
    terminal.print_rich(table)
    return 0


def _text(listing: "Listing", why_not: str | None) -> "Text":
    from rich.text import Text

    from bench.analysis.summary import write_setting

    parameters = " ".join(f"{name}={write_setting(value)}" for name, value in listing.parameters.items())
    lines = [(_description(listing), ""), (parameters, "cyan"), (why_not or "", "red")]
    return Text("\n").join(Text(line, style) for line, style in lines if line)


def _description(listing: "Listing") -> str:
    """The first sentence of a strategy's module."""
    import inspect

    module = inspect.getmodule(listing.entry.factory)
    return (inspect.getdoc(module) or "").partition("\n")[0].replace("``", "`")


def _as_dict(listing: "Listing", runtime: "Java | str") -> dict[str, object]:
    from bench import catalog

    return {
        "strategy": listing.name,
        "description": _description(listing),
        "exact": listing.entry.exact,
        "parameters": listing.parameters,
        "ladder": [dict(step) for step in listing.entry.ladder],
        "requires": listing.entry.requires,
        "asked": [
            option
            for option, field in (("--queries", "queries_from"), ("--metric inner_product", "by_products"))
            if field in listing.defaults
        ],
        "unavailable": catalog.why_unavailable(listing.entry, runtime),
    }
