"""The comparison of promised and reached recall goes on where it was interrupted."""

from pathlib import Path

import pytest

from tools import compare_recall

SMALL = ["-n", "3000", "--kinds", "uniform", "--recalls", "0.8,0.9", "--threads", "1"]


def run_lines(directory: Path) -> list[str]:
    (file,) = directory.glob("*.jsonl")
    return file.read_text().splitlines()


def test_finished_runs_are_not_done_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*SMALL, "--runs", str(tmp_path)]
    compare_recall.main([*words, "--seeds", "1"])
    first = run_lines(tmp_path)
    capsys.readouterr()
    compare_recall.main([*words, "--seeds", "0:2"])
    assert run_lines(tmp_path)[:2] == first
    assert len(run_lines(tmp_path)) == 4
    said = capsys.readouterr().out
    assert "uniform      16   0.80    2" in said
    assert "of 4 runs below the recall asked for, allowed are 2" in said


def test_the_bound_is_that_of_a_binomial_test_at_one_percent() -> None:
    assert compare_recall.most_below(400) == 31


def test_an_unknown_kind_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        compare_recall.options(["--kinds", "patchs"])
    assert "unknown kind 'patchs', there are patches, manifold" in capsys.readouterr().err
