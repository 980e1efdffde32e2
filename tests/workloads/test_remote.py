"""Files at URLs: fetched once, resumed, checked, from a server on this machine."""

import hashlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.experiment.points import workload
from bench.workloads import PointsRequest, cache_size, clear_cache, stage, transfer
from bench.workloads.remote import fetch
from tests.workloads.stores import put_into_store


class Files(BaseHTTPRequestHandler):
    """Serves ``server.content``, in ranges or not; breaks off after ``server.break_at`` bytes."""

    def do_HEAD(self):
        self._answer(head=True)

    def do_GET(self):
        self._answer(head=False)

    def _answer(self, *, head):
        server = self.server
        self.path = self.path.partition("?")[0]
        if self.path not in server.content:
            self.send_error(404)
            return
        content, start = server.content[self.path], 0
        span = self.headers.get("Range") if server.ranges else None
        body = content
        if span is not None:
            start, stop = (int(x) for x in span.removeprefix("bytes=").split("-"))
            body = content[start : stop + 1]
        self.send_response(206 if span is not None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", server.kind)
        if server.tagged:
            self.send_header("ETag", hashlib.sha256(content).hexdigest())
        if span is not None:
            self.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{len(content)}")
        self.end_headers()
        if head:
            return
        server.gets.append(start)
        if server.breaks and start + len(body) > server.break_at:
            server.breaks -= 1
            self.wfile.write(body[: max(0, server.break_at - start)])
            self.close_connection = True
            self.connection.close()
            return
        self.wfile.write(body)
        server.after()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(transfer, "_BLOCK_BYTES", 1000)
    monkeypatch.setattr(transfer, "_WAITS", (0.0, 0.0))
    served = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    served.content, served.ranges, served.tagged, served.kind = {}, True, True, "application/octet-stream"
    served.breaks, served.break_at, served.gets, served.after = 0, 0, [], lambda: None
    served.url = f"http://127.0.0.1:{served.server_port}"
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield served
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.fixture
def content(tmp_path, points, server):
    np.save(tmp_path / "a.npy", points)
    server.content["/a.npy"] = (tmp_path / "a.npy").read_bytes()
    return server.content["/a.npy"]


def test_a_file_is_fetched_once_and_staged_as_one_of_this_machine(tmp_path, server, content, points):
    seen = []
    path, notes = fetch(f"{server.url}/a.npy?download=true", tmp_path / "c", lambda *done: seen.append(done))
    assert path.read_bytes() == content
    assert (path.name, notes, seen[-1]) == ("a.npy", (), (len(content), len(content)))
    assert hashlib.sha256(content).hexdigest().startswith(path.parent.name)
    gets = len(server.gets)
    assert fetch(f"{server.url}/a.npy?download=true", tmp_path / "c") == (path, ())
    assert len(server.gets) == gets
    found = stage(
        workload(PointsRequest(data=f"{server.url}/a.npy", k=3), str(tmp_path / "c")), tmp_path / "c"
    )
    np.testing.assert_array_equal(np.load(found.path), points)
    assert found.id.name == "a.npy"
    assert clear_cache(tmp_path / "c") > len(content)
    assert cache_size(tmp_path / "c") == 0
    assert list((tmp_path / "c").rglob("*")) == []


def test_a_connection_that_breaks_is_taken_up_where_it_broke(tmp_path, server, content):
    server.breaks, server.break_at = 2, 2500
    path, _ = fetch(f"{server.url}/a.npy", tmp_path)
    assert path.read_bytes() == content
    assert server.gets.count(0) == 1


def test_what_has_come_is_kept_for_the_next_command(tmp_path, server, content):
    server.breaks, server.break_at = 99, 2500
    with pytest.raises(
        ValueError, match=r"2,000 of 6,296 bytes are there, the same command goes on"
    ) as error:
        fetch(f"{server.url}/a.npy", tmp_path)
    assert "\n" not in str(error.value)
    server.breaks, server.gets = 0, []
    assert fetch(f"{server.url}/a.npy", tmp_path)[0].read_bytes() == content
    assert 0 not in server.gets


def test_what_has_come_of_another_version_is_not_used(tmp_path, server, content):
    server.breaks, server.break_at = 99, 2500
    with pytest.raises(ValueError, match="bytes are there"):
        fetch(f"{server.url}/a.npy", tmp_path)
    server.breaks, server.content["/a.npy"] = 0, content[::-1]
    assert fetch(f"{server.url}/a.npy", tmp_path)[0].read_bytes() == content[::-1]


@pytest.mark.parametrize("tagged", [True, False])
def test_a_file_that_changed_is_fetched_again(tmp_path, server, content, tagged):
    server.tagged = tagged
    fetch(f"{server.url}/a.npy", tmp_path)
    server.content["/a.npy"] = content[:-1] + b"\x01"
    assert fetch(f"{server.url}/a.npy", tmp_path)[0].read_bytes() == content[:-1] + b"\x01"


def test_a_file_that_changes_meanwhile_is_refused(tmp_path, server, content):
    server.after = lambda: server.content.update({"/a.npy": content[:-1] + b"\x01"})
    with pytest.raises(ValueError, match=r"a\.npy changed while it was fetched"):
        fetch(f"{server.url}/a.npy", tmp_path)
    assert [p for p in tmp_path.rglob("*") if p.is_file() and p.name not in (".lock", "a.npy")] == []


@pytest.mark.parametrize("breaks", [0, 1])
def test_a_server_without_ranges_is_read_in_one_go(tmp_path, server, content, breaks):
    server.ranges, server.breaks, server.break_at = False, breaks, 2500
    assert fetch(f"{server.url}/a.npy", tmp_path)[0].read_bytes() == content


def test_what_is_no_data_is_one_line_and_nothing_is_written(tmp_path, server, content):
    with pytest.raises(FileNotFoundError, match=r"there is no file http://.*/b\.npy"):
        fetch(f"{server.url}/b.npy", tmp_path)
    with pytest.raises(ValueError, match=r"b\.xyz is of no known format"):
        fetch(f"{server.url}/b.xyz", tmp_path)
    with pytest.raises(ValueError, match="names no file"):
        fetch(f"{server.url}/", tmp_path)
    server.content["/page.npy"] = b"<html>Sign in</html>"
    with pytest.raises(ValueError, match=r"page\.npy is a web page, not data: was the download refused"):
        fetch(f"{server.url}/page.npy", tmp_path)
    server.kind = "text/html"
    with pytest.raises(ValueError, match=r"a\.npy is a web page, not data: does it need a login"):
        fetch(f"{server.url}/a.npy", tmp_path)
    assert cache_size(tmp_path) == 0


def test_without_an_answer_the_copy_that_is_there_is_read_and_said(tmp_path, server, content):
    path, _ = fetch(f"{server.url}/a.npy", tmp_path)
    gone, server.content = server.content, {}
    server.content = {"/a.npy": gone["/a.npy"]}
    server.shutdown()
    server.server_close()
    again, notes = fetch(f"{server.url}/a.npy", tmp_path)
    assert again == path
    assert "the copy that was fetched before is read" in notes[0]
    with pytest.raises(ValueError, match=r"other\.npy: "):
        fetch(f"{server.url}/other.npy", tmp_path)


@pytest.mark.parametrize("scheme", ["s3", "gs", "hf"])
def test_other_stores_are_read_in_the_same_way(tmp_path, content, scheme, monkeypatch):
    put_into_store(monkeypatch, scheme, {"bucket/folder/a.npy": content})
    assert fetch(f"{scheme}://bucket/folder/a.npy", tmp_path)[0].read_bytes() == content
    with pytest.raises(FileNotFoundError, match="there is no file"):
        fetch(f"{scheme}://bucket/b.npy", tmp_path)


@pytest.mark.parametrize(("scheme", "package", "extra"),
                         [("https", "aiohttp", "data"), ("s3", "s3fs", "remote"), ("gs", "gcsfs", "remote"),
                          ("hf", "huggingface_hub", "remote")])  # fmt: skip
def test_a_missing_package_is_one_line(tmp_path, monkeypatch, scheme, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    expected = rf"reading {scheme}:// needs the packages fsspec and {package}: `pip install '\.\[{extra}\]'`"
    with pytest.raises(ValueError, match=expected):
        fetch(f"{scheme}://host/a.npy", tmp_path)


def test_a_folder_in_a_store_is_fetched_part_by_part(tmp_path, points, monkeypatch):
    table = pa.table({"v": list(points)})
    parts = {}
    for number, rows in ((10, table.slice(200)), (2, table.slice(0, 200))):
        pq.write_table(rows, tmp_path / "part.parquet")
        parts[f"bucket/set/part-{number}.parquet"] = (tmp_path / "part.parquet").read_bytes()
    put_into_store(monkeypatch, "s3", {**parts, "bucket/set/_SUCCESS": b"", "bucket/set/README.md": b"#"})
    for url in ("s3://bucket/set", "s3://bucket/set/"):
        chosen = workload(PointsRequest(data=url, k=3), str(tmp_path / "c"))
        np.testing.assert_array_equal(np.load(stage(chosen, tmp_path / "c").path), points)
    clear_cache(tmp_path / "c")
    assert list((tmp_path / "c").rglob("*")) == []
    put_into_store(monkeypatch, "s3", {"bucket/other/README.md": b"#"})
    with pytest.raises(ValueError, match="s3://bucket/other has no parts"):
        fetch("s3://bucket/other", tmp_path / "c")
