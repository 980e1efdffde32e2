"""A results directory: rows are appended under a lock and never rewritten."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.results.frame import to_frame
from bench.results.lines import append_line, blank_bad_lines, read_lines, write_atomically
from bench.results.measurement import Measurement

ROWS = "measurements.jsonl"
TABLE = "measurements.csv"
ENVIRONMENTS = "environments.jsonl"
WORKLOADS = "workloads.jsonl"
TORN = "measurements.torn"


class Store:
    """A results directory: rows are appended under a lock and never rewritten."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def path(self) -> Path:
        """The file of rows."""
        return self.directory / ROWS

    def append(self, measurement: Measurement, environment: Mapping[str, Any] | None = None) -> None:
        """Add one row, flushed to the disk; all of it or, on an OSError, nothing."""
        if environment is not None:
            self._append_environment(measurement.environment, environment)
        append_line(self.path, json.dumps(asdict(measurement), allow_nan=False), self.directory / TORN)

    def _append_environment(self, key: str, environment: Mapping[str, Any]) -> None:
        path = self.directory / ENVIRONMENTS
        if key not in self.environments():
            append_line(path, json.dumps({"environment": key, **environment}), self.directory / TORN)

    def describe_workload(self, content_hash: str, description: Mapping[str, Any]) -> None:
        """Store the description of a workload's points, once."""
        if content_hash not in self.workloads():
            line = json.dumps({"content_hash": content_hash, **description}, allow_nan=False)
            append_line(self.directory / WORKLOADS, line, self.directory / TORN)

    def workloads(self) -> dict[str, dict[str, Any]]:
        """Descriptions of points (see ``bench.judge.difficulty``), by content hash."""
        return _by("content_hash", read_lines(self.directory / WORKLOADS))

    def rows(self) -> list[Measurement]:
        """All rows in the order of writing, without a torn last line and what is not understood."""
        return self._read()[0]

    def misunderstood(self) -> list[str]:
        """Why lines of the file are left out of the rows, one line each."""
        return self._read()[1]

    def check(self) -> None:
        """Raise ValueError where lines of the file are no JSON: it is for its owner to say what they are."""
        bad: list[str] = []
        read_lines(self.path, bad)
        if bad:
            more = f", and {len(bad) - 1} more are not JSON" if len(bad) > 1 else ""
            raise ValueError(
                f"{self.directory}: {bad[0]}{more}; mend the file, or keep its other lines with "
                f"`allknn-bench report --results {shlex.quote(str(self.directory))} --skip-bad-lines`"
            )

    def skip_bad_lines(self) -> int:
        """Set lines that are no JSON aside, where those are that a crash had cut; return how many."""
        return blank_bad_lines(self.path, self.directory / TORN) if self.path.exists() else 0

    def _read(self) -> tuple[list[Measurement], list[str]]:
        reasons: list[str] = []
        rows = []
        for line in read_lines(self.path, reasons):
            try:
                rows.append(Measurement.from_json(line))
            except ValueError as error:
                reasons.append(f"the row {line.get('run_id') or 'without run_id'}: {error}")
        return rows, reasons

    def latest(self) -> list[Measurement]:
        """The rows that count: the last of those with the same ``run_id``."""
        return list({row.run_id: row for row in self.rows()}.values())

    def torn_lines(self) -> int:
        """How many lines were moved aside because a crash cut them."""
        path = self.directory / TORN
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def environments(self) -> dict[str, dict[str, Any]]:
        """The machines and versions that rows refer to, by key."""
        return _by("environment", read_lines(self.directory / ENVIRONMENTS))

    def write_table(self) -> None:
        """Rebuild the flat table that people open, in one step."""
        text = to_frame(self.rows()).to_csv(index=False)
        write_atomically(self.directory / TABLE, text.encode())


def _by(name: str, rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rows by a text in each; those without it are left out."""
    return {row[name]: row for row in rows if isinstance(row.get(name), str)}
