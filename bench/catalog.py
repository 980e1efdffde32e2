"""Which strategies there are: a file in ``strategies/`` is one, and so is any file named by its path."""

import difflib
import importlib
import importlib.util
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.strategy import Entry, SparkQuery
from bench.user_modules import opener_of

FILLED = ("threads", "master", "shared_dir", "shared_scratch", "neighbors_to", "queries_from", "by_products")
"""Fields that the harness fills, and a user does not set."""

DIRECTORY = Path(__file__).resolve().parent.parent / "strategies"


@dataclass(frozen=True, slots=True)
class Listing:
    """One strategy: its name, its file and what its module declares."""

    name: str
    path: Path
    entry: Entry

    @property
    def defaults(self) -> dict[str, Any]:
        """The parameters and their defaults; a MISSING default is an error of the file."""
        parameters = fields(self.entry.factory)  # type: ignore[arg-type]
        return {
            f.name: f.default_factory() if f.default_factory is not MISSING else f.default for f in parameters
        }

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters a user may set: all but those that the harness fills."""
        return {name: value for name, value in self.defaults.items() if name not in FILLED}

    @property
    def takes_threads(self) -> bool:
        """Whether the harness fills a field ``threads``."""
        return "threads" in self.defaults

    @property
    def takes_master(self) -> bool:
        """Whether the harness fills a field ``master``."""
        return "master" in self.defaults


def names() -> list[str]:
    """All strategies of the project, in alphabetical order; importing none."""
    return sorted(path.stem for path in DIRECTORY.glob("*.py") if not path.stem.startswith("_"))


def load(name: str) -> Listing:
    """Load a strategy by its name, or by the path of a Python file.

    Raises ValueError where there is no such strategy, or the file does not declare one.
    """
    if name.endswith(".py"):
        path = Path(name).resolve()
        if not path.is_file():
            raise ValueError(f"no strategy file {name!r}")
        module = _imported(path, opener_of(path))
    else:
        if new_name := importlib.import_module("strategies").MOVED.get(name):
            raise ValueError(f"strategy {name!r} has moved: it is {new_name!r} now")
        if name not in names():
            raise ValueError(
                f"unknown strategy {name!r}{near_match(name, names())}; there are {', '.join(names())}"
            )
        path = DIRECTORY / f"{name}.py"
        module = _imported(path, lambda: importlib.import_module(f"strategies.{name}"))
    entry = getattr(module, "strategy", None)
    if not isinstance(entry, Entry):
        raise ValueError(  # noqa: TRY004 (the user's mistake is a wrong file)
            f"{path.name} declares no strategy: its last line must be `strategy = Entry(...)`"
        )
    listing = Listing(path.stem, path, entry)
    if not is_dataclass(entry.factory):
        raise ValueError(f"{path.name}: the strategy must be a dataclass, its fields are its parameters")
    for parameter, default in listing.defaults.items():
        if not isinstance(default, bool | int | float | str | list | None):
            raise ValueError(  # noqa: TRY004 (the user's mistake is a wrong file)
                f"{path.name}: {parameter} needs a default that is a number, text or list"
            )
    return listing


def _imported(path: Path, import_: Callable[[], ModuleType]) -> ModuleType:
    try:
        return import_()
    except Exception as error:
        raise ValueError(f"{path.name} cannot be imported: {type(error).__name__}: {error}") from error


def distinct_names(paths: Collection[Path]) -> dict[Path, str]:
    """Name files by as much of their path as keeps them apart; strategies of the project by their name."""
    names: dict[Path, str] = {}
    for path in paths:
        parts, length = path.with_suffix("").parts, 1
        others = [p.with_suffix("").parts for p in paths if p != path]
        while path.parent != DIRECTORY and any(parts[-length:] == other[-length:] for other in others):
            length += 1
        names[path] = "/".join(parts[-length:])
    return names


def near_match(word: str, words: list[str]) -> str:
    """`` (did you mean …?)`` if one of the words is close, else nothing."""
    close = difflib.get_close_matches(word, words, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def missing_packages(entry: Entry) -> list[str]:
    """The distributions that it requires and that are not installed."""
    return [name for name in entry.requires if name != "java" and version(name) is None]


def why_unavailable(entry: Entry, java: object) -> str | None:
    """One line on what a strategy lacks here, None if it can run; ``java`` is a text if there is no Java."""
    if missing := missing_packages(entry):
        return f"not installed: {', '.join(missing)}; `{install_command()}` brings it"
    return java if "java" in entry.requires and isinstance(java, str) else None


def why_not_asked(listing: Listing, metric: str, *, queries: bool) -> str | None:
    """One line where a strategy finds only every point's nearest others, and more is asked for, else None."""
    if queries and "queries_from" not in listing.defaults:
        return "it finds the neighbors of all points, not those of --queries"
    if metric == "inner_product" and "by_products" not in listing.defaults:
        return "it finds the nearest points, not the largest inner products"
    return None


def why_refused(params: Mapping[str, Any], n_samples: int) -> str | None:
    """One line where a strategy with these parameters does not take so many points, else None."""
    most = params.get("most_points")
    if most is None or n_samples <= most:
        return None
    return f"{n_samples:,} points, most_points is {most:,}: set it higher to wait for them all the same"


def planner(
    name: str, params: Mapping[str, Any], n_features: int, k: int
) -> Callable[[int, int], dict[str, tuple[int, int]]]:
    """Return how a strategy plans a query: (points, slots) -> jobs and tasks of each phase.

    One that is no longer there, or has other parameters now, plans nothing.
    """
    try:
        strategy = load(name).entry.factory(**params)
    except (TypeError, ValueError):
        return lambda _n, _slots: {}

    def planned(n: int, slots: int) -> dict[str, tuple[int, int]]:
        phases = strategy.planned(SparkQuery(n, n_features, k, slots))
        return {phase: (of.jobs, of.tasks) for phase, of in phases.items()}

    return planned


def install_command() -> str:
    """What installs the libraries of all strategies: a checkout has a target for it, a package an extra."""
    in_checkout = (DIRECTORY.parent / "Makefile").is_file()
    return "make install-all" if in_checkout else 'pip install "allknn-bench[contenders]"'


def version(distribution: str) -> str | None:
    """The installed version of a distribution, None if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
