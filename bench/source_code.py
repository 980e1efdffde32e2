"""The code that a strategy is: its file and what it imports, as a hash and as a number of lines."""

import ast
import hashlib
import sys
import sysconfig
import tokenize
from pathlib import Path

from allknn import _library
from bench import catalog


def code_hash(path: Path) -> str:
    """Hash of a strategy's file and of what it imports, directly or not, of its folder and our library.

    Of a user's file that is all that belongs to no installed distribution. Of our library the compiled core
    is part, and the instruction set that it uses here.
    """
    digest = hashlib.sha256()
    path = path.resolve()
    inside = path.parent == catalog.DIRECTORY
    files = _with_imports(path, set(), () if inside else (path.parent, *_not_installed()))
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


def _not_installed() -> list[Path]:
    """The folders on the path of modules that hold no installed distributions: a user's own."""
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders = [Path(place or ".").resolve() for place in sys.path]
    ours = catalog.DIRECTORY.parent
    return [
        folder
        for folder in folders
        if folder != ours
        and folder.is_dir()
        and not any(folder.is_relative_to(place) for place in installed)
        and folder.name not in ("site-packages", "dist-packages", "lib-dynload")
    ]


def _with_imports(path: Path, files: set[Path], folders: tuple[Path, ...]) -> set[Path]:
    """Add to ``files`` a file and what it imports of its own folder and of ``folders``."""
    if path in files:
        return files
    files.add(path)
    for node in ast.walk(ast.parse(path.read_bytes())):
        modules: list[str] = []
        places = (path.parent, *folders)
        if isinstance(node, ast.ImportFrom):
            base = [node.module] if node.module else []
            modules = [*base, *(".".join([*base, alias.name]) for alias in node.names)]
            places = (path.parents[node.level - 1],) if node.level else places
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            for file in _files_of(module, places):
                _with_imports(file, files, folders)
    return files


def _files_of(module: str, folders: tuple[Path, ...]) -> list[Path]:
    """The files of a module, from its packages down, in the first of the folders that has it.

    Those of the strategies' packages and of our library lie here.
    """
    parts = module.split(".")
    ours = parts[0] in ("strategies", "allknn")  # their __init__ holds a map, or imports all
    for root in (catalog.DIRECTORY.parent,) if ours else folders:
        lengths = range(len(parts) if ours else 1, len(parts) + 1)
        places = [root.joinpath(*parts[:length]) for length in lengths]
        files = [file for place in places for file in (place.with_suffix(".py"), place / "__init__.py")]
        if found := [file for file in files if file.is_file()]:
            return found
    return []
