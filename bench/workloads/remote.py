"""Files at a URL, fetched into the cache once: resumed where it broke off, again when the file changed."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from bench.workloads.cache import DOWNLOADS, locked, unfinished
from bench.workloads.formats import FORMATS, format_of
from bench.workloads.formats.stand_ins import check_content
from bench.workloads.stream import Progress, UnreadableError
from bench.workloads.transfer import cause_of, transfer

_PACKAGES = {
    "http": "aiohttp",
    "https": "aiohttp",
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "hf": "huggingface_hub",
}
"""Schemes that are fetched, and what fsspec needs for each."""
ON_CLUSTERS = ("s3", "gs", "gcs")
"""Those that a cluster's Spark reads by itself."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SECONDS_TO_ANSWER = 60
_VERSION = ("etag", "content-md5", "digest", "last-modified", "lastmodified", "md5hash", "updated",
            "generation", "blob_id", "created", "mtime")  # fmt: skip
"""What file systems call that which changes with a file's content."""


@dataclass(frozen=True, slots=True)
class _Record:
    """What the cache knows of a file it holds."""

    content_hash: str
    name: str
    size: int
    version: dict[str, str]


def scheme_of(data: str) -> str | None:
    """The scheme of a URL that is fetched, in small letters; None for all else."""
    match = _SCHEME.match(data.strip())
    scheme = match[1].lower() if match else ""
    return scheme if scheme in _PACKAGES else None


def fetch(url: str, cache: Path, progress: Progress | None = None) -> tuple[Path, tuple[str, ...]]:
    """Fetch a file or a folder, unless the cache holds it as it is now; say where it lies, with notes.

    ``progress`` is told bytes. Raises UnreadableError, FileNotFoundError where there is no such file, OSError
    where the cache does not take it.
    """
    url = url.strip().rstrip("/")
    name = unquote(PurePosixPath(urlsplit(url).path).name)
    with_folders = _PACKAGES[scheme_of(url) or ""] != "aiohttp"
    if not name:
        raise UnreadableError(f"{url} names no file")
    if not with_folders:
        format_of(Path(name))
    files, path = _file_system(url)
    folder = cache / DOWNLOADS
    with locked(folder):
        if with_folders and _is_folder(files, path):
            return _fetch_folder(files, path, url, folder, progress)
        format_of(Path(name))
        return _fetch_file(files, path, url, folder, progress)


def _fetch_folder(
    files: Any, path: str, url: str, folder: Path, progress: Progress | None
) -> tuple[Path, tuple[str, ...]]:
    """Fetch what a reader would take of a folder, and put it together under the hash of all its content."""
    name, places = url.rpartition("/")[2], {}
    notes: tuple[str, ...] = ()
    try:
        found = sorted(files.find(path))
    except Exception as error:
        raise UnreadableError(f"{url}: {cause_of(error)}") from error
    for below in found:
        inner = below.removeprefix(path).strip("/")
        hidden = any(part.startswith((".", "_")) for part in inner.split("/"))
        if name.endswith(".zarr") or (not hidden and inner.lower().endswith(tuple(FORMATS))):
            places[inner], notes = _fetch_file(files, below, f"{url}/{inner}", folder, progress)
    if not places:
        raise UnreadableError(f"{url} has no parts: files ending in {' '.join(FORMATS)}")
    home = folder / _hash_of({inner: place.parent.name for inner, place in places.items()}) / name
    with _cache_errors(folder):
        for inner, place in places.items():
            target = home / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                target.hardlink_to(place)
    return home, notes


def _fetch_file(
    files: Any, path: str, url: str, folder: Path, progress: Progress | None
) -> tuple[Path, tuple[str, ...]]:
    """Fetch one file; the lock is held."""
    name = unquote(PurePosixPath(urlsplit(url).path).name)
    ident = hashlib.sha256(url.encode()).hexdigest()[:32]
    known = _recall(folder, ident)
    try:
        info = _info(files, path, url)
    except UnreadableError as error:
        if known is None:
            raise
        return _place(folder, known), (f"{error}: the copy that was fetched before is read",)
    version = {key: str(value) for key, value in info.items() if key.lower() in _VERSION}
    if known is not None and version and (known.size, known.version) == (info["size"], version):
        return _place(folder, known), ()
    draft = unfinished(folder, f"{ident}-{_hash_of([info['size'], version])}")
    for other in folder.glob(f"{unfinished(folder, ident).name}-*"):
        if other != draft or not version:
            other.unlink()
    with _cache_errors(folder):
        content_hash = transfer(files, path, url, info["size"], draft, progress)
        record = _Record(content_hash, name, draft.stat().st_size, version)
        _check_same(files, path, url, info, draft)
        place = _put(draft, _place(folder, record))
        (folder / f"{ident}.json").write_text(json.dumps(asdict(record)))
    return place, ()


def _is_folder(files: Any, path: str) -> bool:
    """Whether a store has a folder there; one that does not answer is asked again for the file."""
    with suppress(Exception):
        return bool(files.isdir(path))
    return False


def _file_system(url: str) -> tuple[Any, str]:
    """What reads a URL, and the path in it."""
    scheme = scheme_of(url) or ""
    try:
        import fsspec  # noqa: PLC0415 (an extra that few need)

        options: dict[str, Any] = {}
        if _PACKAGES[scheme] == "aiohttp":
            import aiohttp  # noqa: PLC0415 (as above)

            limits = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=_SECONDS_TO_ANSWER)
            options = {"client_kwargs": {"timeout": limits, "trust_env": True}, "skip_instance_cache": True}
        files, path = fsspec.core.url_to_fs(url, **options)
    except ImportError as error:
        package = _PACKAGES[scheme]
        extra = "data" if package == "aiohttp" else "remote"
        raise UnreadableError(
            f"reading {scheme}:// needs the packages fsspec and {package}: `pip install '.[{extra}]'`"
        ) from error
    except Exception as error:
        raise UnreadableError(f"{url}: {cause_of(error)}") from error
    return files, path


def _info(files: Any, path: str, url: str) -> dict[str, Any]:
    """Size and marks of version of a file, as its server says them now."""
    files.invalidate_cache()
    try:
        info: dict[str, Any] = files.info(path)
    except Exception as error:
        cause = error.__cause__ or error
        plain = isinstance(error, FileNotFoundError) and error.__cause__ is None
        if plain or getattr(cause, "status", None) in (404, 410):
            raise FileNotFoundError(f"there is no file {url}") from error
        raise UnreadableError(f"{url}: {cause_of(cause)}") from error
    if str(info.get("mimetype")) in ("text/html", "application/xhtml+xml"):
        raise UnreadableError(f"{url} is a web page, not data: does it need a login, or another link?")
    return {**info, "size": info.get("size")}


def _check_same(files: Any, path: str, url: str, before: dict[str, Any], draft: Path) -> None:
    """Raise where the file changed meanwhile, or what came is not all of it."""
    after = _info(files, path, url)
    size = before["size"]
    same = all(after.get(key) == before.get(key) for key in before if key.lower() in (*_VERSION, "size"))
    if same and (size is None or draft.stat().st_size == size):
        return
    draft.unlink()
    raise UnreadableError(f"{url} changed while it was fetched")


def _put(draft: Path, place: Path) -> Path:
    """Give a file that is whole its name, unless it is not what that says."""
    place.parent.mkdir(exist_ok=True)
    draft.replace(place)
    try:
        check_content(place)
    except UnreadableError:
        place.unlink()
        place.parent.rmdir()
        raise
    return place


def _recall(folder: Path, ident: str) -> _Record | None:
    """What was fetched from a URL, where it is still there."""
    with suppress(OSError, ValueError, TypeError):
        record = _Record(**json.loads((folder / f"{ident}.json").read_text()))
        if _place(folder, record).stat().st_size == record.size:
            return record
    return None


def _place(folder: Path, record: _Record) -> Path:
    return folder / record.content_hash / record.name


def _hash_of(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


@contextmanager
def _cache_errors(folder: Path) -> Iterator[None]:
    """Say of the cache's disk that it is the cache's."""
    try:
        yield
    except OSError as error:
        if error.errno is None or isinstance(error, FileNotFoundError):
            raise
        raise OSError(f"the cache {folder.parent} cannot be written: {error.strerror}") from error
