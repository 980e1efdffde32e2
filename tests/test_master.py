"""What a Spark master's URL says of where tasks run."""

import pytest

from bench.allowed import usable_cores
from bench.master import is_local, local_cores


@pytest.mark.parametrize(
    ("master", "cores"),
    [
        ("local", 1),
        ("local[3]", 3),
        ("local[2,4]", 2),
        ("local[2, 4]", 2),
        ("local[*]", usable_cores()),
    ],
)
def test_a_local_master_says_how_many_cores(master: str, cores: int) -> None:
    assert is_local(master)
    assert local_cores(master) == cores


@pytest.mark.parametrize("master", ["spark://a:7077", "yarn", "k8s://https://a", "local-cluster[2,1,1024]"])
def test_a_cluster_is_not_local_even_on_this_machine(master: str) -> None:
    assert not is_local(master)
    assert local_cores(master) == 0


def test_no_master_is_this_machine() -> None:
    assert is_local(None)
