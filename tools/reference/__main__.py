"""Takes a results directory as the reference, and rewrites README's table and picture from it."""

import argparse
from pathlib import Path

from bench.experiment.reference import write_probe
from bench.report import write_report
from tools.reference.files import keep
from tools.reference.picture import take_picture
from tools.reference.readme import TABLE, table

ROOT = Path(__file__).parent.parent.parent


def main(results: Path) -> None:
    """Remake the report there, copy what is worth keeping, rewrite README and its picture.

    It is to be run on the machine of the results: how fast that is stands beside them.
    """
    write_report(results)
    reference = ROOT / "results" / "reference"
    keep(results, reference)
    write_probe(reference)
    readme = ROOT / "README.md"
    readme.write_text(TABLE.replaced(readme.read_text(encoding="utf-8"), table(reference)), encoding="utf-8")
    take_picture(reference / "report.html", ROOT / "docs" / "report.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.reference", description=__doc__)
    parser.add_argument("results", type=Path, help="results directory to keep")
    main(parser.parse_args().results)
