"""The thread budget and the BLAS kernel: set before a worker imports anything, checked afterwards."""

from collections.abc import Iterable

from bench.measure.messages import ThreadPool

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)

KERNEL_VARIABLES = ("OPENBLAS_CORETYPE",)
"""Not inherited from the user's shell: a row names the kernel that was asked for."""

_AVX512 = {"avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"}
_SSE = (
    "Prescott Core2 Penryn Dunnington Atom Nehalem Opteron Opteron_SSE3 Barcelona Bobcat Nano Banias Katmai"
)
_KERNELS = {
    # OpenBLAS's names of its x86-64 kernels, by the widest instructions they use
    **dict.fromkeys(_SSE.lower().split(), 0),
    **dict.fromkeys(("sandybridge", "bulldozer", "piledriver", "steamroller"), 1),
    **dict.fromkeys(("haswell", "zen", "excavator"), 2),
    **dict.fromkeys(("skylakex", "cooperlake", "sapphirerapids"), 3),
}
_WIDTHS = ("SSE", "AVX", "AVX2", "AVX-512")


def budget(threads: int) -> dict[str, str]:
    """Environment variables that hold every known library to so many threads."""
    return dict.fromkeys(_VARIABLES, str(threads))


def right_kernel(flags: Iterable[str]) -> str | None:
    """OpenBLAS's name of the widest kernel this CPU supports; None where its own choice is the best."""
    supported = set(flags)
    if supported >= _AVX512:
        return "SkylakeX"
    return "Haswell" if {"avx2", "fma"} <= supported else None


def kernel_variables(kernel: str) -> dict[str, str]:
    """Environment variables that force an OpenBLAS kernel."""
    return {"OPENBLAS_CORETYPE": kernel}


def narrow_kernels(pools: Iterable[ThreadPool], flags: Iterable[str]) -> list[str]:
    """One warning for each BLAS kernel below the CPU's capability."""
    widest = right_kernel(flags)
    if widest is None:
        return []
    possible = _KERNELS[widest.lower()]
    return [
        f"{pool.file} runs OpenBLAS's {pool.kernel} kernel ({_WIDTHS[width]}) on a CPU that has "
        f"{_WIDTHS[possible]}: --fix-blas takes {widest}"
        for pool in pools
        if pool.library == "openblas"
        and (width := _KERNELS.get(str(pool.kernel).lower(), possible)) < possible
    ]
