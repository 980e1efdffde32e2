"""Real points without a download: passages of what Python and its packages bring to read."""

import hashlib
import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.workloads.stream import Stream

_SUFFIXES = {".py", ".pyi", ".rst", ".md", ".txt"}
_LARGEST_FILE_BYTES = 2_000_000
_PASSAGE_WORDS = 60
_FEWEST_WORDS = 15
_VOCABULARY = 30_000
_BLOCK_ROWS = 8192
_WORD = re.compile(r"[A-Za-z]{2,30}")


@dataclass(frozen=True, slots=True)
class Text:
    """Passages as TF-IDF vectors reduced to d dimensions, in random order."""

    n: int | None
    """None: all there are."""
    d: int
    seed: int

    def key(self) -> dict[str, Any]:
        """All that decides what the points are: the installed versions are part of it."""
        return {
            "family": "text",
            "version": 1,
            "n": self.n,
            "d": self.d,
            "seed": self.seed,
            "versions": _versions(),
        }

    def open(self) -> Stream:
        """Read, cut, count and reduce; raises ValueError where there are fewer than n passages."""
        points = _points(self.d, self.seed)
        n = len(points) if self.n is None else self.n
        if n > len(points):
            raise ValueError(f"text has {len(points)} passages on this machine, n must not be more; got {n}")
        note = (
            f"passages from Python {sys.version.split()[0]} and {len(_versions()) - 1} installed packages: "
            "other versions give other points"
        )
        blocks = (points[start : min(start + _BLOCK_ROWS, n)] for start in range(0, n, _BLOCK_ROWS))
        return Stream(n, self.d, "float64", blocks, (note,))


def _versions() -> dict[str, str]:
    installed = {d.metadata["Name"]: d.version for d in metadata.distributions()}
    return {"python": sys.version.split()[0], **dict(sorted(installed.items()))}


def _points(d: int, seed: int) -> NDArray[np.float64]:
    """TF-IDF and truncated SVD (latent semantic analysis, Deerwester et al. 1990); rows without a word go."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 (takes a second, and few need it)
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 (as above)

    vectorizer = TfidfVectorizer(
        tokenizer=str.split,
        token_pattern=None,
        lowercase=False,
        max_features=_VOCABULARY,
        min_df=2,
        sublinear_tf=True,
        dtype=np.float32,
    )
    weights = vectorizer.fit_transform(_passages())
    weights = weights[np.flatnonzero(np.diff(weights.indptr))]
    order = np.argsort(np.random.Philox(key=seed).random_raw(weights.shape[0]), kind="stable")
    reduced: NDArray[np.float64] = TruncatedSVD(d, n_iter=3, random_state=seed % 2**32).fit_transform(weights)
    return reduced[order]


def _passages() -> Iterator[str]:
    """Passages of _PASSAGE_WORDS lower-case words, each once."""
    seen: set[bytes] = set()
    for path in _files():
        words = [word.lower() for word in _WORD.findall(path.read_text(encoding="utf-8", errors="ignore"))]
        for start in range(0, len(words), _PASSAGE_WORDS):
            passage = words[start : start + _PASSAGE_WORDS]
            text = " ".join(passage)
            digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
            if len(passage) >= _FEWEST_WORDS and digest not in seen:
                seen.add(digest)
                yield text


def _files() -> Iterator[Path]:
    """Source and documentation of Python and of what is installed, in a fixed order."""
    seen: set[Path] = set()
    for folder in _folders():
        for path in sorted(folder.rglob("*")):
            wanted = path.suffix in _SUFFIXES or path.name == "METADATA"
            if wanted and path not in seen and _is_readable(path):
                seen.add(path)
                yield path


def _folders() -> list[Path]:
    paths = (Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platlib", "purelib"))
    return list(dict.fromkeys(paths))


def _is_readable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.R_OK) and path.stat().st_size <= _LARGEST_FILE_BYTES
