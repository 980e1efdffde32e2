"""Which strategies there are: a file in ``strategies/`` is one, and so is any file named by its path."""

import ast
import difflib
import hashlib
import importlib
import importlib.util
import sys
import tokenize
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from allknn import _library
from bench.strategy import Entry

OUTSIDE = "_allknn_strategy_"
"""Before the file's name, the module name of a strategy outside the project."""

FILLED = ("threads", "master", "shared_dir", "neighbors_to")
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
        module = _import_file(path)
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


def _import_file(path: Path) -> ModuleType:
    """Import a user's file under a name that no library has."""
    name = OUTSIDE + path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is not a Python file")
    module, loader = importlib.util.module_from_spec(spec), spec.loader
    sys.modules[name] = module  # dataclasses look their module up by name

    def run() -> ModuleType:
        loader.exec_module(module)
        return module

    return _imported(path, run)


def _imported(path: Path, import_: Callable[[], ModuleType]) -> ModuleType:
    try:
        return import_()
    except Exception as error:
        raise ValueError(f"{path.name} cannot be imported: {type(error).__name__}: {error}") from error


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


def code_hash(path: Path) -> str:
    """Hash of a strategy's file and of what it imports, directly or not, of its folder and our library.

    Of our library the compiled core is part, and the instruction set that it uses here.
    """
    digest = hashlib.sha256()
    files = _with_imports(path.resolve(), set())
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    if Path(_library.__file__) in files:
        digest.update(_library.identity())
    return digest.hexdigest()[:16]


def code_lines(path: Path) -> int:
    """Count the lines of a file that hold code: not blank ones, comments and texts that stand alone."""
    texts = {
        (node.lineno, node.col_offset)
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    nothing = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    with tokenize.open(path) as file:
        return len(
            {
                token.start[0]
                for token in tokenize.generate_tokens(file.readline)
                if token.type not in (*nothing, tokenize.ENDMARKER) and token.start not in texts
            }
        )


def _with_imports(path: Path, files: set[Path]) -> set[Path]:
    """Add a file and what it imports to ``files``."""
    if path in files:
        return files
    files.add(path)
    for node in ast.walk(ast.parse(path.read_bytes())):
        modules: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            for file in _files_of(module, path.parent):
                _with_imports(file, files)
    return files


def _files_of(module: str, folder: Path) -> list[Path]:
    """The file of a module in ``folder``, of the strategies' packages or of our library; none of others."""
    parts = module.split(".")
    root = DIRECTORY.parent if parts[0] in ("strategies", "allknn") else folder
    place = root.joinpath(*parts)
    return [file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()]
