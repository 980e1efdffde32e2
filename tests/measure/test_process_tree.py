"""Who belongs to a run, as /proc shows it."""

import subprocess
import sys

import pytest

from bench.measure import process_tree
from bench.measure.process_tree import ProcessTree


def test_a_glance_finds_who_came_and_a_look_who_went() -> None:
    processes = ProcessTree()
    processes.refresh()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        processes.glance()
        assert child.pid in processes.members
        assert processes.resident()[child.pid].private_bytes > 0
    assert child.pid not in processes.resident()
    assert child.pid not in processes.members


@pytest.mark.parametrize(("trusted_seconds", "listed"), [(0.0, True), (3600.0, False)])
def test_where_no_new_id_was_given_out_the_list_is_believed_for_a_while(
    monkeypatch: pytest.MonkeyPatch, trusted_seconds: float, listed: bool
) -> None:
    monkeypatch.setattr(process_tree, "_newest_id", lambda: "0")
    monkeypatch.setattr(process_tree, "_TRUST_SECONDS", trusted_seconds)
    processes = ProcessTree()
    processes.refresh()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        processes.glance()
        assert (child.pid in processes.members) == listed


KILLS = """
import subprocess, sys
from bench.measure.process_tree import ProcessTree

processes = ProcessTree()
child = subprocess.Popen(["sleep", "600"])
processes.refresh()
processes.members[int(sys.argv[1])] = "child"  # a number that has been given away since
processes.kill()
print(child.poll() is not None or child.wait() != 0)
"""


def test_a_process_that_has_the_number_of_one_of_the_tree_by_now_is_not_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        ran = subprocess.run(
            [sys.executable, "-c", KILLS, str(other.pid)], capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == "True", ran.stderr
        assert other.poll() is None
