"""The publishers' formats, read exactly: by hand on small ones, against an independent reading on the real files."""

import gzip
import hashlib
import pickle
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dwmgrad_ref import data
from dwmgrad_ref.data import cifar10, mnist, planetoid, store
from dwmgrad_ref.data.base import Damaged, File
from dwmgrad_ref.errors import MissingData
from tests.dwmgrad_ref.data.test_unpickle import pickled_sparse


@pytest.fixture
def only(tmp_path, monkeypatch):
    """A function that makes one description the only set there is, without cache and network."""
    monkeypatch.delenv("DWMGRAD_DATA", raising=False)
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path / "cache")

    def make(wanted):
        monkeypatch.setattr(data, "_registry", lambda: {wanted.name: wanted})
        data._load.cache_clear()

    yield make
    data._load.cache_clear()


# --- MNIST ---


def test_idx_by_hand():
    content = b"\0\0\x08\x03" + struct.pack(">III", 2, 1, 3) + bytes(range(6))
    assert mnist.idx(content).tolist() == [[[0, 1, 2]], [[3, 4, 5]]]


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x0d\x01\0\0\0\0", b"\0\0\x08\x01\0\0\0\x02a", b"\0\0\x08\x01\0\0\0\x02abc"]
)
def test_what_is_no_idx_file_of_bytes_is_refused(content):
    with pytest.raises(Damaged):
        mnist.idx(content)


@pytest.mark.parametrize("packing", [lambda content: content, lambda content: gzip.compress(content, mtime=1)])
def test_mnist_is_known_by_its_content_packed_or_not(tmp_path, only, packing):
    """Two .gz of one content differ in their time stamps, so it is the content that is compared."""
    contents = {
        "train-images-idx3-ubyte": b"\0\0\x08\x03" + struct.pack(">III", 2, 2, 1) + b"\1\2\3\4",
        "train-labels-idx1-ubyte": b"\0\0\x08\x01" + struct.pack(">I", 2) + b"\7\5",
        "t10k-images-idx3-ubyte": b"\0\0\x08\x03" + struct.pack(">III", 1, 2, 1) + b"\5\6",
        "t10k-labels-idx1-ubyte": b"\0\0\x08\x01" + struct.pack(">I", 1) + b"\x09",
    }
    files = tuple(
        File(f"MNIST/raw/{name}", f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}", ".gz")
        for name, content in contents.items()
    )
    only(replace(mnist.MNIST, files=files, counts={"train": 2, "test": 1}))
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    suffix = "" if packing(b"x") == b"x" else ".gz"
    for name, content in contents.items():
        (raw / (name + suffix)).write_bytes(packing(content))
    found = data.load("mnist", tmp_path)
    assert found.train_x.tolist() == [[[[1], [2]]], [[[3], [4]]]] and found.train_y.tolist() == [7, 5]
    assert found.test_x.shape == (1, 1, 2, 1) and found.test_y.tolist() == [9]
    assert found.provenance.complete and not found.provenance.note
    with pytest.raises(ValueError, match="read-only"):
        found.train_x[0] = 0
    (raw / ("t10k-labels-idx1-ubyte" + suffix)).write_bytes(packing(contents["t10k-labels-idx1-ubyte"][:-1] + b"\x08"))
    data._load.cache_clear()
    with pytest.raises(MissingData, match="t10k-labels-idx1-ubyte.*checksum differs"):
        data.load("mnist", tmp_path)


@pytest.mark.data
def test_mnist_itself(data_folder):
    found, raw = data.load("mnist"), data_folder / "MNIST" / "raw"
    assert found.counts() == {"train": 60000, "test": 10000} and found.provenance.complete
    assert found.train_y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert found.test_y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    for x, name in ((found.train_x, "train-images-idx3-ubyte"), (found.test_x, "t10k-images-idx3-ubyte")):
        content = (raw / name).read_bytes()
        assert struct.unpack(">IIII", content[:16]) == (2051, len(x), 28, 28) and x.shape[1:] == (1, 28, 28)
        assert x.tobytes() == content[16:]


# --- CIFAR-10 ---


def batch(n, start=0, text=str):
    """A batch as Python 2 wrote it (keys str) or as other tools write it (keys bytes)."""
    key = (lambda k: k) if text is str else (lambda k: k.encode())
    x = (np.arange(n * 3072) % 251).astype(np.uint8).reshape(n, 3072)
    labels = [(start + i) % 10 for i in range(n)]
    return {key("data"): x, key("labels"): labels, key("batch_label"): b"b", key("filenames"): [b"a.png"] * n}


@pytest.mark.parametrize("text", [str, bytes])
def test_cifar_rows_are_red_green_blue(text):
    record = batch(2, 3, text)
    x, y = cifar10.batch(pickle.dumps(record, protocol=2))
    rows = next(iter(record.values()))
    assert y.tolist() == [3, 4] and y.dtype == np.int64
    for channel, row, column in ((0, 0, 0), (1, 0, 0), (2, 31, 31), (1, 7, 20)):
        assert (x[:, channel, row, column] == rows[:, 1024 * channel + 32 * row + column]).all()


BAD = {
    "no dict": [1],
    "no images": {"labels": [1]},
    "floats": {**batch(2), "data": np.zeros((2, 3072))},
    "another size": {**batch(2), "data": np.zeros((2, 3073), np.uint8)},
    "a label short": {**batch(2), "labels": [1]},
    "label 10": {**batch(2), "labels": [1, 10]},
    "text for labels": {**batch(2), "labels": ["a", "b"]},
}


@pytest.mark.parametrize("what", BAD)
def test_a_batch_of_another_form_is_refused(what):
    with pytest.raises(Damaged):
        cifar10.batch(pickle.dumps(BAD[what], protocol=2))


def small_cifar(folder: Path, sizes=(3, 3, 3, 3, 3, 2)):
    """Six batches, and the description of a CIFAR-10 of three images a batch and two to test."""
    (folder / cifar10.FOLDER).mkdir(parents=True)
    files = []
    for number, (name, size) in enumerate(zip([*cifar10.TRAIN, "test_batch"], sizes, strict=True)):
        whole = pickle.dumps(batch(2 if name == "test_batch" else 3, number), protocol=2)
        files.append(File(f"{cifar10.FOLDER}/{name}", "md5:" + hashlib.md5(whole, usedforsecurity=False).hexdigest()))
        (folder / cifar10.FOLDER / name).write_bytes(pickle.dumps(batch(size, number), protocol=2))
    return replace(cifar10.CIFAR10, files=tuple(files), counts={"train": 15, "test": 2})


def test_a_complete_cifar(tmp_path, only):
    only(small_cifar(tmp_path))
    found = data.load("cifar10", tmp_path)
    assert found.provenance.complete and found.train_y.tolist() == [0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6]
    assert found.test_y.tolist() == [5, 6] and len(found.provenance.sha256) == 6


def test_missing_images_are_accepted_only_when_told_to(tmp_path, only, caplog):
    only(small_cifar(tmp_path, (3, 2, 3, 3, 3, 1)))
    with pytest.raises(MissingData, match=r"data_batch_2 \(and 1 more\).*nothing was read.*--allow-incomplete"):
        data.load("cifar10", tmp_path)
    caplog.clear()
    found = data.load("cifar10", tmp_path, allow_incomplete=True)
    assert found.provenance.counts == {"train": 14, "test": 1} and not found.provenance.complete
    assert found.provenance.note in caplog.text and "14 of 15 train, 1 of 2 test" in found.provenance.note
    caplog.clear()
    data.load("cifar10", tmp_path, allow_incomplete=True)
    assert "14 of 15" in caplog.text  # said every time, not only when it is read


def test_a_changed_image_is_damage_whatever_was_told(tmp_path, only):
    only(small_cifar(tmp_path))
    path = tmp_path / cifar10.FOLDER / "data_batch_3"
    content = path.read_bytes()
    at = content.index(bytes(range(100, 120)))
    path.write_bytes(content[:at] + b"\0" + content[at + 1 :])
    with pytest.raises(MissingData, match="data_batch_3 is not the published file"):
        data.load("cifar10", tmp_path)
    with pytest.raises(MissingData, match="data_batch_3 has the published size but other content"):
        data.load("cifar10", tmp_path, allow_incomplete=True)


def test_a_file_of_another_checksum_is_not_read(tmp_path, only):
    """The decision falls before a byte of any file is interpreted."""
    read = []
    only(replace(small_cifar(tmp_path), read=lambda contents: read.append(contents)))
    path = tmp_path / cifar10.FOLDER / "test_batch"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(MissingData, match="test_batch is not the published file"):
        data.load("cifar10", tmp_path)
    assert not read


def test_more_images_than_published_are_not_an_incomplete_set(tmp_path, only):
    only(small_cifar(tmp_path, (4, 3, 3, 3, 3, 1)))
    with pytest.raises(MissingData, match="more than were published"):
        data.load("cifar10", tmp_path, allow_incomplete=True)


def test_a_cut_batch_is_damage_whatever_was_told(tmp_path, only):
    only(small_cifar(tmp_path))
    path = tmp_path / cifar10.FOLDER / "data_batch_1"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(MissingData, match="cannot be read"):
        data.load("cifar10", tmp_path, allow_incomplete=True)


@pytest.mark.data
def test_cifar_itself(data_folder):
    found = data.load("cifar10", allow_incomplete=True)
    assert found.train_y[:10].tolist() == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]
    assert found.test_y[:10].tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]
    read = [
        pickle.loads((data_folder / cifar10.FOLDER / name).read_bytes(), encoding="bytes") for name in cifar10.TRAIN
    ]
    assert found.train_x.tobytes() == b"".join(part[b"data"].tobytes() for part in read)
    assert found.train_y.tolist() == [label for part in read for label in part[b"labels"]]
    assert found.provenance.counts == found.counts() == {"train": len(found.train_y), "test": len(found.test_y)}
    missing = 60000 - sum(found.counts().values())
    assert found.provenance.complete == (missing == 0) and missing in (0, 111)
    if missing:
        assert "49,914 of 50,000 train, 9,975 of 10,000 test" in found.provenance.note
        with pytest.raises(MissingData, match="checksum differs, so nothing was read"):
            data.load("cifar10")


# --- Planetoid ---


def little_graph():
    """Six nodes: one to train on, two more known, and tests 5 and 3, so that nobody describes node 4."""
    from collections import defaultdict

    from scipy import sparse

    one_hot = np.eye(3, dtype=np.int32)
    allx = np.array([[1, 0], [0, 2], [3, 3]], np.float32)
    parts = {
        "x": pickled_sparse(sparse.csr_matrix(allx[:1])),
        "allx": pickled_sparse(sparse.csr_matrix(allx)),
        "tx": pickled_sparse(sparse.csr_matrix(np.array([[5, 0], [0, 4]], np.float32))),
        "y": pickle.dumps(one_hot[[2]], protocol=2),
        "ally": pickle.dumps(one_hot[[2, 0, 1]], protocol=2),
        "ty": pickle.dumps(one_hot[[1, 2]], protocol=2),
        # 0-1 twice and from both ends, a self-loop at 2, and 3-5 from one end only
        "graph": pickle.dumps(defaultdict(list, {0: [1, 1], 1: [0], 2: [2], 3: [5]}), protocol=2),
        "test.index": b"5\n3\n",
    }
    return parts


def test_planetoid_by_hand(monkeypatch):
    monkeypatch.setattr(planetoid, "VALIDATION", 2)
    found = planetoid.graph(little_graph())
    assert found.x.tolist() == [[1, 0], [0, 2], [3, 3], [0, 4], [0, 0], [5, 0]]
    assert found.y.tolist() == [2, 0, 1, 2, 0, 1]
    assert found.edges.tolist() == [[0, 1, 3, 5], [1, 0, 5, 3]]
    assert (found.train.tolist(), found.validation.tolist(), found.test.tolist()) == ([0], [1, 2], [3, 5])


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("x", pickle.dumps([1])),
        ("graph", pickle.dumps({0: [17]})),
        ("graph", pickle.dumps((lambda one: {i: one for i in range(5)})([1] * 1000))),
        ("test.index", b"five"),
        ("test.index", b"5\n3000000000000"),
        ("ally", pickle.dumps([1])),
    ],
)
def test_a_damaged_part_is_refused(part, content):
    with pytest.raises((Damaged, ValueError, AttributeError)):
        planetoid.graph({**little_graph(), part: content})


@pytest.mark.data
@pytest.mark.parametrize(("name", "folder"), [("cora", "Cora"), ("citeseer", "CiteSeer")])
def test_planetoid_as_torch_geometric_reads_it(data_folder, tmp_path, name, folder):
    import shutil
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from torch_geometric.datasets import Planetoid

    shutil.copytree(data_folder / "Planetoid" / folder, tmp_path / folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = Planetoid(str(tmp_path), folder)[0]
    found = data.load(name)
    assert np.array_equal(found.x, oracle.x.numpy()) and np.array_equal(found.y, oracle.y.numpy())
    edges = oracle.edge_index.numpy()
    assert np.array_equal(found.edges, edges[:, np.lexsort(edges[::-1])])
    for nodes, mask in (
        (found.train, oracle.train_mask),
        (found.validation, oracle.val_mask),
        (found.test, oracle.test_mask),
    ):
        assert nodes.tolist() == mask.nonzero().flatten().tolist()


# --- what all share ---


def test_every_set_says_what_it_is():
    for name in data.names():
        wanted = data.get(name)
        assert wanted.title and wanted.publisher and wanted.counts
        assert wanted.files or not wanted.downloads
        for file in wanted.files:
            assert not Path(file.path).is_absolute() and ".." not in file.path


@pytest.mark.parametrize("name", ["digits", "diabetes", "breast-cancer"])
def test_embedded_sets_carry_what_they_are_too(name):
    found = data.load(name)
    assert found.provenance.complete and found.provenance.name == name
    assert all(len(digest) == 64 for digest in found.provenance.sha256.values()) and len(found.provenance.sha256) == 2


def test_pubmed_is_told_like_any_missing_set(tmp_path, only):
    only(planetoid.PUBMED)
    with pytest.raises(MissingData, match="ind.pubmed.x and 7 more.*kimiyoung/planetoid"):
        data.load("pubmed", tmp_path, fetch=False)
