"""A file beyond 2 GiB on its way to Spark's workers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.strategies.test_distributed import HERE, java_environment

pytestmark = pytest.mark.acceptance


def test_a_file_of_two_and_a_half_gib_arrives_whole_in_both_ways(tmp_path: Path) -> None:
    command = [sys.executable, HERE / "ship_files.py", "2560", tmp_path]
    ran = subprocess.run(command, env=java_environment(tmp_path), stdout=subprocess.PIPE, check=True)
    for said in json.loads(ran.stdout):
        assert said["found"] == [[said["sent"]] * 2] * 2
