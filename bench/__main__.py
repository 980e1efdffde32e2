"""The exit code, and why the program cannot even start, nothing else."""

import os
import sys
from importlib import metadata
from pathlib import Path

CANNOT_START = 2


def run() -> None:
    """Entry point of the console script."""
    try:
        from bench.cli import main  # noqa: PLC0415 (what fails here is said below)
    except Exception:
        if not (hiding := _hiding_a_library()):
            raise
        sys.stderr.write(
            f"allknn-bench: {str(hiding)!r} has the name of a library and is imported instead of it: "
            "rename it, or take its directory out of PYTHONPATH\n"
        )
        sys.exit(CANNOT_START)
    sys.exit(main(sys.argv[1:]))


def _hiding_a_library() -> Path | None:
    """A file that PYTHONPATH, or the working directory, puts before an installed module of its name."""
    names = {*metadata.packages_distributions(), *sys.stdlib_module_names}
    places = [*os.environ.get("PYTHONPATH", "").split(os.pathsep), *sys.path[:1]]
    files = [path for place in filter(None, places) for path in sorted(Path(place).glob("*.py"))]
    return next((path for path in files if path.stem in names), None)


if __name__ == "__main__":
    run()
