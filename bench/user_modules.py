"""A strategy in a user's file as a module, which processes that it starts can import, too."""

import ast
import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

OUTSIDE = "_allknn_strategy_"
"""Before the file's name, the module name of a strategy outside the project."""


def make_importable(path: Path, folder: Path) -> None:
    """Let processes that this one starts import a user's file, which they do by its module's name.

    In ``folder`` a module of that name loads the file; the file itself is not on the path, where its name
    could hide a library's. Code for Spark's workers, which may be elsewhere, travels by value.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = _module_name(path)
    (folder / f"{name}.py").write_text(
        _LOADER.format(path=str(path), folder=str(path.parent)), encoding="utf-8"
    )
    sys.path.append(str(folder))
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{others}{os.pathsep}{folder}" if others else str(folder)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else a session of its own takes any python3
    for package in ("cloudpickle", "pyspark.cloudpickle"):
        if package.partition(".")[0] in sys.modules:
            importlib.import_module(package).register_pickle_by_value(sys.modules[name])


_LOADER = """import importlib.util, sys
sys.path.append({folder!r})
_spec = importlib.util.spec_from_file_location(__name__, {path!r})
_module = importlib.util.module_from_spec(_spec)
sys.modules[__name__] = _module
_spec.loader.exec_module(_module)
"""


def _module_name(path: Path) -> str:
    return OUTSIDE + re.sub(r"\W", "_", path.stem)


def _check_name(path: Path) -> None:
    """Raise where a file is named like a library that it imports: it would import itself."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        if any(name.partition(".")[0] == path.stem for name in names):
            raise ValueError(f"{path.name} is named like the library {path.stem} that it imports: rename it")


def opener_of(path: Path) -> Callable[[], ModuleType]:
    """What imports a user's file, when called, under a name that no library has; modules beside it are found.

    Raises ValueError where the file's name would make it import itself.
    """
    with suppress(SyntaxError):  # said when it is imported
        _check_name(path)
    name = _module_name(path)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is not a Python file")
    module, loader = importlib.util.module_from_spec(spec), spec.loader
    sys.modules[name] = module  # dataclasses look their module up by name

    def run() -> ModuleType:
        if str(path.parent) not in sys.path:
            sys.path.append(str(path.parent))  # last: what lies there hides no library
        loader.exec_module(module)
        return module

    return run
