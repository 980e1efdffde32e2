"""``list``: the strategies, their parameters with defaults, and whether they can run here."""

import json
from argparse import Namespace

from rich.console import Console
from rich.table import Table

from bench import catalog
from bench.catalog import Listing
from bench.cli.terminal import print_lines
from bench.measure import java


def command(arguments: Namespace) -> int:
    """Print one line a strategy; imports none of their libraries."""
    found = java.find()
    listings = [catalog.load(name) for name in catalog.names()]
    if arguments.json:
        print_lines(json.dumps(_as_dict(listing, found)) for listing in listings)
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("strategy", "answer", "parameters", "here"):
        table.add_column(column, overflow="fold")
    for listing in listings:
        parameters = " ".join(f"{name}={value}" for name, value in listing.parameters.items())
        kind = "exact" if listing.entry.exact else "approximate"
        table.add_row(
            listing.name, kind, parameters, catalog.why_unavailable(listing.entry, found) or "can run"
        )
    Console(highlight=False).print(table, markup=False)
    return 0


def _as_dict(listing: Listing, found: java.Java | str) -> dict[str, object]:
    return {
        "strategy": listing.name,
        "exact": listing.entry.exact,
        "parameters": listing.parameters,
        "requires": listing.entry.requires,
        "unavailable": catalog.why_unavailable(listing.entry, found),
    }
