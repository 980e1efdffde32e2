"""The thread budget, and BLAS kernels below what the CPU can do."""

import pytest

from bench.measure import threads
from bench.measure.messages import ThreadPool

AVX2 = ("avx", "avx2", "fma")
AVX512 = (*AVX2, "avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl")


def pool(kernel: str) -> ThreadPool:
    return ThreadPool("openblas", version=None, kernel=kernel, threads=2, file="libopenblas.so")


@pytest.mark.parametrize(("flags", "kernel"), [((), None), (AVX2, "Haswell"), (AVX512, "SkylakeX")])
def test_the_right_kernel_is_the_widest_the_cpu_can_run(flags: tuple[str, ...], kernel: str | None) -> None:
    assert threads.right_kernel(flags) == kernel


@pytest.mark.parametrize(
    ("kernel", "flags", "narrower"),
    [
        ("Prescott", AVX512, True),
        ("Prescott", AVX2, True),
        ("Haswell", AVX512, True),
        ("Zen", AVX512, True),
        ("Haswell", AVX2, False),
        ("SkylakeX", AVX512, False),
        ("a-kernel-of-the-future", AVX512, False),
        ("Prescott", (), False),
    ],
)
def test_a_kernel_below_the_cpu_is_named(kernel: str, flags: tuple[str, ...], narrower: bool) -> None:
    warnings = threads.narrow_kernels([pool(kernel)], flags)
    assert [kernel in warning and "--fix-blas" in warning for warning in warnings] == [True] * narrower


def test_the_budget_reaches_every_known_library() -> None:
    assert {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"} <= set(
        threads.budget(3)
    )
    assert set(threads.budget(3).values()) == {"3"}
