"""The table of what a cluster would take: every part of the wall time is in one of its columns."""

import re

import pytest

from bench.analysis.cluster import Cluster, on_cluster, spark_curves
from bench.analysis.curves import curves
from tests.analysis.test_cluster_phases import N, planned, ran
from tools import cluster_table


def test_the_parts_add_up_and_the_rows_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_table, "format_seconds", "{:.6f}".format)
    rows = [ran(n, 2) for n in (N // 10, N)]
    (curve,) = spark_curves(curves(rows))
    found = on_cluster(curve, N, Cluster(20, 8), planned)
    cells = cluster_table.line("spark_x", found).strip("| ").split(" | ")
    assert len(cells) == len(re.findall(r"[^|]+", cluster_table.HEADER.splitlines()[0]))
    parts = [float(cell) for cell in cells[3:7]]
    assert sum(parts) == pytest.approx(sum(term.seconds.median for term in found.terms), rel=1e-4)
    assert min(parts) > 0
    assert all(row.run_id in cluster_table.basis(curve) for row in rows)
