"""A store in memory in place of one that is elsewhere, for one scheme of URLs."""

import sys
from collections.abc import Mapping

import pytest
from fsspec.implementations.memory import MemoryFileSystem


def put_into_store(monkeypatch: pytest.MonkeyPatch, scheme: str, files: Mapping[str, bytes]) -> None:
    """Let fsspec find files, by host and path, under a scheme."""

    class Store(MemoryFileSystem):
        protocol = scheme
        store, pseudo_dirs = {}, [""]

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            return "/" + path.removeprefix(f"{scheme}://").strip("/")

    monkeypatch.setitem(sys.modules["fsspec.registry"]._registry, scheme, Store)
    for name, content in files.items():
        Store(skip_instance_cache=True).pipe(f"/{name}", content)
