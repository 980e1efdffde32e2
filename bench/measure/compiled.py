"""Code that a library compiles once and keeps, as Numba does: what a first start leaves for later ones.

The cache has a folder of it for each version of code, libraries and processor. A run works on a copy: it
begins with what was kept, whatever other runs compile meanwhile.
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.measure.environment import Environment
from bench.workloads.cache import COMPILED, FIRST_START, locked, unfinished

_CODE = "code"


@dataclass(frozen=True, slots=True)
class KeptCode:
    """The folder of one version of a strategy on one processor; it need not be there yet."""

    folder: Path

    @classmethod
    def of(cls, cache: Path, code_hash: str, environment: Environment) -> "KeptCode":
        """Name the folder by all that compiled code depends on."""
        machine = environment.machine
        versions = {
            "code": code_hash,
            "python": environment.python,
            "packages": environment.packages,
            "variables": environment.variables,
            "processor": [machine.architecture, machine.cpu, *machine.flags],
        }
        digest = hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()
        return cls(cache / COMPILED / digest[:32])

    def copy_to(self, folder: Path) -> float | None:
        """Copy what is kept; return the seconds of the start that compiled it, None where nothing is kept."""
        if not self.folder.is_dir():
            return None
        with locked(self.folder.parent):
            try:
                start = json.loads((self.folder / FIRST_START).read_text(encoding="utf-8"))
                shutil.copytree(self.folder / _CODE, folder, dirs_exist_ok=True)
            except FileNotFoundError:  # cleared meanwhile
                return None
        return float(start["first_start_seconds"])

    def keep(self, folder: Path, first_start_seconds: float) -> None:
        """Keep a copy of what a start compiled, in place of what was kept before.

        Raises OSError where the cache does not take it.
        """
        folders = self.folder.parent
        with locked(folders):
            draft = Path(
                tempfile.mkdtemp(prefix=unfinished(folders, f"{self.folder.name}-").name, dir=folders)
            )
            start = {"first_start_seconds": first_start_seconds}
            (draft / FIRST_START).write_text(json.dumps(start), encoding="utf-8")
            try:
                shutil.copytree(folder, draft / _CODE)
                if self.folder.is_dir():
                    shutil.rmtree(self.folder)
                draft.rename(self.folder)
            except OSError:
                shutil.rmtree(draft, ignore_errors=True)
                raise
