"""Compares the judge's truth with ``faiss.knn`` on the same rows, each in a process of its own, in turn.

``python tests/benchmarks/compare_truth.py [N_SAMPLES] [N_FEATURES] [ROWS] [THREADS]``: a million points of 64
dimensions, 4,000 rows and 2 threads by default. faiss runs with each BLAS kernel that may suit the processor;
the fastest counts. Prints seconds, and the truth's peak of anonymous memory above the mapped points.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

K = 10
ROUNDS = 3
KERNELS = ("Haswell", "SkylakeX", "Zen")

READ = """
import sys, threading, time
import numpy as np
points = np.load(sys.argv[1], mmap_mode="r")
rows = np.sort(np.random.default_rng(0).permutation(len(points))[: int(sys.argv[2])])
for start in range(0, len(points), 1 << 16):
    points[start : start + (1 << 16)].max()
def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("RssAnon"))
before, seen, over = anonymous(), [0.0], threading.Event()
def watch():
    while not over.wait(0.01):
        seen.append(anonymous() - before)
watcher = threading.Thread(target=watch)
watcher.start()
"""
TRUTH = """
from bench.judge import exact_neighbors
start = time.perf_counter()
exact_neighbors(points, rows, int(sys.argv[3]), threads=int(sys.argv[4]))
"""
FAISS = """
import faiss
faiss.omp_set_num_threads(int(sys.argv[4]))
queries = np.array(points[rows])
start = time.perf_counter()
faiss.knn(queries, points, int(sys.argv[3]) + 1)
"""
REPORT = """
seconds = time.perf_counter() - start
over.set()
watcher.join()
print(seconds, max(seen))
"""


def measure(code: str, arguments: list[str], threads: str, kernel: str | None = None) -> tuple[float, float]:
    """Run one side; return seconds and MiB."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    if kernel:
        environment["OPENBLAS_CORETYPE"] = kernel
    command = [sys.executable, "-c", READ + code + REPORT, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    seconds, mebibytes = map(float, done.stdout.split())
    return seconds, mebibytes


def main(n_samples: int, n_features: int, rows: int, threads: int) -> None:
    """Measure both sides in turn and print what came out."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "points.npy")
        rng = np.random.default_rng(0)
        latent, directions = rng.standard_normal((n_samples, 8)), rng.standard_normal((8, n_features))
        points = np.tanh(0.3 * latent @ directions) + 0.05 * rng.standard_normal((n_samples, n_features))
        np.save(path, points.astype(np.float32))
        del latent, points
        arguments = [str(path), str(rows), str(K), str(threads)]
        for _ in range(ROUNDS):
            truth, mebibytes = measure(TRUTH, arguments, str(threads))
            by_kernel = {kernel: measure(FAISS, arguments, str(threads), kernel)[0] for kernel in KERNELS}
            fastest = min(by_kernel, key=by_kernel.__getitem__)
            sys.stdout.write(
                f"truth {truth:.2f} s, {mebibytes:.0f} MiB above the points; "
                f"faiss.knn, kernel {fastest}, {by_kernel[fastest]:.2f} s; "
                f"ratio {truth / by_kernel[fastest]:.2f}\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*given, *(1_000_000, 64, 4000, 2)[len(given) :])
