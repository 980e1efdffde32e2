"""The exit code, and why the program cannot even start, nothing else."""

import os
import sys
from pathlib import Path

CANNOT_START = 2


def run() -> None:
    """Entry point of the console script."""
    try:
        from bench.cli import main  # noqa: PLC0415 (what fails here is said below)
    except Exception as error:
        if not (reason := _in_the_way(error)):
            raise
        sys.stderr.write(f"allknn-bench: {reason}\n")
        sys.exit(CANNOT_START)
    sys.exit(main(sys.argv[1:]))


def _in_the_way(error: Exception) -> str:
    """Which setting of the user keeps a library from being imported; empty where none is known."""
    if isinstance(error, ImportError) and any(place in str(error) for place in _places("LD_LIBRARY_PATH")):
        return f"LD_LIBRARY_PATH has a library that does not fit: {error}"
    from importlib import metadata  # noqa: PLC0415 (it needs shared libraries itself)

    names = {*metadata.packages_distributions(), *sys.stdlib_module_names}
    places = [*_places("PYTHONPATH"), *sys.path[:1]]
    for path in (path for place in places for path in sorted(Path(place).glob("*.py"))):
        if path.stem in names:
            return (
                f"{str(path)!r} has the name of a library and is imported instead of it: "
                "rename it, or take its directory out of PYTHONPATH"
            )
    return ""


def _places(variable: str) -> list[str]:
    return [place for place in os.environ.get(variable, "").split(os.pathsep) if place]


if __name__ == "__main__":
    run()
