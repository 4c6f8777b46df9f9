"""Data sets: sizes as published, and what a missing or damaged file gets."""

import bz2
import os
import shutil
from pathlib import Path

import numpy as np
import pooch
import pytest
from sklearn.datasets import load_svmlight_file

from dwmgrad_ref import data, problems
from dwmgrad_ref.data import libsvm, store
from dwmgrad_ref.errors import MissingData, UnknownName
from tests.dwmgrad_ref.problems.problem_tools import DATA

TEXT = b"+1 1:1 3:0.5\n-1 2:1\n-1 1:1 2:-2\n"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A published set of three rows, no way out to the network, and a folder to put it in."""
    source = tmp_path / "source"
    source.write_bytes(TEXT)
    sha256 = libsvm.content_sha256(*load_svmlight_file(str(source), n_features=3))
    labels = {-1.0: 2, 1.0: 1}
    sets = {
        **data._registry(),
        "tiny": libsvm.libsvm("tiny", "three rows", 3, labels, sha256, "https://example.invalid/"),
    }
    monkeypatch.setattr(data, "_registry", lambda: sets)
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("DWMGRAD_DATA", raising=False)

    def refuse(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr(pooch, "retrieve", refuse)
    folder = tmp_path / "data"
    (folder / "libsvm").mkdir(parents=True)
    return folder


EXPECTED = np.array([[1, 0, 0.5], [0, 1, 0], [1, -2, 0]])


@pytest.mark.parametrize("file", ["tiny", "tiny.bz2"])
@pytest.mark.parametrize("by", ["argument", "environment"])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_found_where_it_is_looked_for(tiny, monkeypatch, file, by, ends):
    """Plain or compressed, and with either line end: it is the content that is checked."""
    text = TEXT.replace(b"\n", ends)
    (tiny / "libsvm" / file).write_bytes(bz2.compress(text) if file.endswith("bz2") else text)
    if by == "environment":
        monkeypatch.setenv("DWMGRAD_DATA", str(tiny))
    table = data.load("tiny", tiny if by == "argument" else None)
    assert np.array_equal(table.X, EXPECTED) and table.y.tolist() == [1, -1, -1]
    with pytest.raises(ValueError, match="read-only"):
        table.X[0, 0] = 5


def test_the_argument_comes_before_the_environment(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("DWMGRAD_DATA", str(tmp_path / "elsewhere"))
    (tiny / "libsvm" / "tiny").write_bytes(TEXT)
    assert data.load("tiny", tiny).X.shape == (3, 3)


def test_downloaded_when_found_nowhere(tiny, tmp_path, monkeypatch):
    asked = []

    def retrieve(url, known_hash, fname, path, **options):
        asked.append(url)
        path.mkdir(parents=True)
        (path / fname).write_bytes(TEXT)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    assert data.load("tiny").X.shape == (3, 3)
    assert asked == ["https://example.invalid/tiny"]
    assert (tmp_path / "cache" / "libsvm" / "tiny").read_bytes() == TEXT


def test_missing_says_where_and_what_to_do(tiny, tmp_path):
    with pytest.raises(MissingData) as caught:
        data.load("tiny", tiny)
    for part in ("'tiny'", str(tiny / "libsvm" / "tiny"), str(tmp_path / "cache" / "libsvm" / "tiny"), "no network",
                 "https://example.invalid/tiny", "dwmgrad data fetch tiny", "DWMGRAD_DATA=FOLDER"):  # fmt: skip
        assert part in str(caught.value)
    with pytest.raises(MissingData, match="DWMGRAD_DATA is not set"):
        data.load("tiny")


def test_without_fetch_nothing_is_asked_of_the_network(tiny, monkeypatch):
    monkeypatch.setattr(pooch, "retrieve", lambda *args, **kwargs: pytest.fail("asked"))
    with pytest.raises(MissingData, match="looked for"):
        data.load("tiny", tiny, fetch=False)


DAMAGE = {
    "other values": (TEXT.replace(b"-2", b"-3"), "published size but other values"),
    "a row short": (TEXT[: TEXT.index(b"-1 1")], "has 2 rows"),
    "a label flipped": (TEXT.replace(b"-1 2", b"+1 2"), "labels"),
    "not svmlight": (b"hello world\n", "cannot be read"),
    "a column too many": (TEXT.replace(b"3:", b"4:"), "cannot be read"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_content_is_refused(tiny, damage):
    text, message = DAMAGE[damage]
    (tiny / "libsvm" / "tiny").write_bytes(text)
    with pytest.raises(MissingData, match=message):
        data.load("tiny", tiny)


def test_a_file_cut_in_half_is_refused(tiny):
    packed = bz2.compress(TEXT)
    (tiny / "libsvm" / "tiny.bz2").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(MissingData, match="cannot be read"):
        data.load("tiny", tiny)


def test_unknown_set():
    with pytest.raises(UnknownName, match="mushrooms"):
        data.load("mushroms")


def test_a_problem_passes_the_error_on(tiny, monkeypatch):
    monkeypatch.setitem(data._registry(), "mushrooms", data.get("tiny"))
    with pytest.raises(MissingData, match="'tiny'"):
        problems.get("logistic-mushrooms", data_dir=str(tiny))


def test_problems_say_which_data_they_need():
    for family in problems.families():
        from_files = [name for name in data.names() if data.get(name).files and family.name.endswith(name)]
        assert family.data == (from_files[0] if from_files else None)
        assert ("data_dir" in family.parameters) == (family.data is not None)


@pytest.mark.parametrize(
    ("name", "shape", "counts"),
    [
        ("diabetes", (442, 10), None),
        ("breast-cancer", (569, 30), {0: 212, 1: 357}),
        ("digits", (1797, 64), None),
        pytest.param("a9a", (32561, 123), {-1: 24720, 1: 7841}, marks=DATA),
        pytest.param("mushrooms", (8124, 112), {1: 3916, 2: 4208}, marks=DATA),
    ],
)
def test_published_sizes(name, shape, counts):
    table = data.load(name)
    assert table.X.shape == shape and table.y.shape == shape[:1]
    if counts:
        assert dict(zip(*np.unique(table.y, return_counts=True), strict=True)) == counts
    assert data.load(name).X is table.X


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("DWMGRAD_DATA"), reason="the data folder is not there (DWMGRAD_DATA)")
def test_one_changed_feature_of_a_real_set_is_noticed(tmp_path):
    (tmp_path / "libsvm").mkdir()
    source = Path(os.environ["DWMGRAD_DATA"]) / "libsvm" / "mushrooms.bz2"
    text = bz2.decompress(source.read_bytes())
    (tmp_path / "libsvm" / "mushrooms").write_bytes(text.replace(b":1", b":2", 1))
    with pytest.raises(MissingData, match="other values"):
        data.load("mushrooms", tmp_path)
    shutil.copy(source, tmp_path / "libsvm")
    (tmp_path / "libsvm" / "mushrooms").unlink()
    assert data.load("mushrooms", tmp_path).X.shape == (8124, 112)
