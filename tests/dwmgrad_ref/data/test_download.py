"""Downloads, against a server on this machine: whole, cut and resumed, from a mirror, damaged, unpacked."""

import hashlib
import io
import re
import tarfile
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from dwmgrad_ref import data
from dwmgrad_ref.data import store
from dwmgrad_ref.data.base import DataSet, Download, File, Table
from dwmgrad_ref.data.download import Resuming
from dwmgrad_ref.errors import MissingData

BODY = np.random.default_rng(0).bytes(300_000)  # several chunks


class Server:
    """Serves `files`; `cut` ends the next answer after so many bytes; `ranges` False: the whole file, always."""

    def __init__(self):
        self.files, self.asked, self.cut, self.ranges = {"/body": BODY}, [], None, True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def answer(self, request):
        asked = request.headers.get("Range")
        self.asked.append((request.path, asked))
        body = self.files.get(request.path)
        if body is None:
            return request.send_error(404)
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and self.ranges else 0
        if start and start >= len(body):
            return request.send_error(416)
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        request.wfile.write(body[start:][: self.cut])
        self.cut = None

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server():
    running = Server()
    yield running
    running.close()


@pytest.fixture
def wanted(server, tmp_path, monkeypatch):
    """A one-file set that the server publishes, with its checksum."""
    monkeypatch.delenv("DWMGRAD_DATA", raising=False)
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path / "cache")
    sha256 = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
    made = DataSet(
        "served", "bytes", server.url, {"rows": len(BODY)},
        lambda contents: Table(np.zeros((len(BODY), 1)), np.frombuffer(contents["served/body"], np.uint8)),
        (File("served/body", sha256),), (Download((f"{server.url}/body",), "served/body", sha256),),
    )  # fmt: skip
    sets = {"served": made}
    monkeypatch.setattr(data, "_registry", lambda: sets)
    return made


def no_leftovers(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_fetched_once_and_then_read_from_the_cache(server, wanted, tmp_path):
    first = data.load("served")
    assert first.y.tobytes() == BODY and no_leftovers(tmp_path) == ["body"]
    data._load.cache_clear()
    assert data.load("served").y.tobytes() == BODY
    assert server.asked == [("/body", None)]


@pytest.mark.parametrize("ranges", [True, False])
def test_an_interrupted_download_goes_on_where_it_stopped(server, wanted, tmp_path, ranges):
    server.cut, server.ranges = 100_000, ranges
    with pytest.raises(MissingData, match="100,000 of 300,000 bytes|IncompleteRead"):
        data.load("served")
    assert no_leftovers(tmp_path) == [".body.download"]
    assert data.load("served").y.tobytes() == BODY
    assert server.asked == [("/body", None), ("/body", "bytes=100000-")]
    assert no_leftovers(tmp_path) == ["body"]


@pytest.mark.parametrize("length", [len(BODY), len(BODY) + 5])
def test_a_leftover_as_long_as_the_file_is_fetched_anew(server, wanted, tmp_path, length):
    left = tmp_path / "cache" / "served" / ".body.download"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x" * length)
    assert data.load("served").y.tobytes() == BODY
    assert [asked for _, asked in server.asked] == [f"bytes={length}-", None]


def test_a_leftover_of_another_file_is_noticed_and_gone(server, wanted, tmp_path):
    left = tmp_path / "cache" / "served" / ".body.download"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x" * 1000)
    with pytest.raises(MissingData, match="does not match the known hash"):
        data.load("served")
    assert no_leftovers(tmp_path) == []
    assert data.load("served").y.tobytes() == BODY


def test_damaged_on_the_way(server, wanted, tmp_path):
    server.files["/body"] = BODY[:-1] + b"?"
    with pytest.raises(MissingData, match="does not match the known hash"):
        data.load("served")
    assert no_leftovers(tmp_path) == []


def test_damaged_on_disk(server, wanted, tmp_path):
    data.load("served")
    (tmp_path / "cache" / "served" / "body").write_bytes(BODY[:-1] + b"?")
    data._load.cache_clear()
    with pytest.raises(
        MissingData, match="checksum differs, so nothing was read; replace it by the published set .* or delete it"
    ):
        data.load("served")


def test_the_next_mirror_is_asked_when_one_fails(server, wanted, tmp_path):
    urls = (f"{server.url}/gone", f"{server.url}/body")
    mirrored = replace(wanted, downloads=(replace(wanted.downloads[0], urls=urls),))
    store.fetch(mirrored, tmp_path)
    assert [path for path, _ in server.asked] == ["/gone", "/body"]
    assert (tmp_path / "served" / "body").read_bytes() == BODY


def test_when_all_fail_each_is_named(server, wanted, tmp_path):
    urls = (f"{server.url}/gone", f"{server.url}/away")
    with pytest.raises(MissingData) as caught:
        store.fetch(replace(wanted, downloads=(replace(wanted.downloads[0], urls=urls),)), tmp_path)
    for part in (*urls, "404", str(tmp_path / "served" / "body"), "DWMGRAD_DATA"):
        assert part in str(caught.value)


def test_of_an_archive_only_the_sets_files_are_unpacked(server, wanted, tmp_path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name in ("served/body", "served/else", "../outside", "/absolute"):
            member = tarfile.TarInfo(name)
            member.size = len(BODY)
            tar.addfile(member, io.BytesIO(BODY))
        link = tarfile.TarInfo("served/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/"
        tar.addfile(link)
    server.files["/all.tar.gz"] = packed.getvalue()
    md5 = f"md5:{hashlib.md5(packed.getvalue(), usedforsecurity=False).hexdigest()}"
    archived = replace(wanted, downloads=(Download((f"{server.url}/all.tar.gz",), "all.tar.gz", md5),))
    root = tmp_path / "in" / "here"
    assert store.fetch(archived, root) == {"served/body": root / "served" / "body"}
    assert no_leftovers(tmp_path) == ["body"]


def test_what_is_there_is_not_fetched_again(server, wanted, tmp_path):
    store.fetch(wanted, tmp_path)
    store.fetch(wanted, tmp_path)
    assert len(server.asked) == 1


def test_pooch_may_ask_without_downloading(server, tmp_path):
    Resuming(tmp_path / "x")(f"{server.url}/body", tmp_path / "x", check_only=True)
    assert server.asked == [] and no_leftovers(tmp_path) == []
