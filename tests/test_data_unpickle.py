"""Downloaded pickles: data comes out whole, anything else is refused before it runs."""

import builtins
import operator
import os
import pickle
import subprocess
from collections import defaultdict

import numpy as np
import pytest
from scipy import sparse

from dwmgrad_ref.data import unpickle

RAN = []


class Calls:
    """Pickles as a call of `function(*args)`, as malware does."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def mark(*args):
    RAN.append(args)


MALICIOUS = {
    "shell": Calls(os.system, "exit 1"),
    "process": Calls(subprocess.Popen, ["false"]),
    "eval": Calls(eval, "1"),
    "getattr": Calls(getattr, "x", "format"),
    "attribute of an admitted name": Calls(np.ndarray.tofile, np.zeros(1), "x"),
    "numpy's own reader": Calls(np.load, "x"),
    "open": Calls(builtins.open, "x", "w"),
    "any function": Calls(mark, 1),
    "operator": Calls(operator.attrgetter, "x"),
    "inside a list": [1, {"data": [Calls(mark, 2)]}],
    "a set's class": Calls(bytearray, 3),
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("what", MALICIOUS)
def test_whatever_names_code_is_refused_and_not_run(what, protocol):
    content = pickle.dumps(MALICIOUS[what], protocol=protocol)
    RAN.clear()
    with pytest.raises(pickle.UnpicklingError, match="only arrays, lists and strings are admitted"):
        unpickle.loads(content)
    assert RAN == []


def test_the_same_pickle_does_run_under_the_ordinary_unpickler():
    """So that the test above would notice if nothing were malicious in it."""
    RAN.clear()
    pickle.loads(pickle.dumps(MALICIOUS["inside a list"]))
    assert RAN == [(2,)]


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'exit 1'\ntR.",  # protocol 0, by hand
        b"(S'exit 1'\nios\nsystem\n.",  # INST
        b"\x80\x02(cos\nsystem\nU\x06exit 1o.",  # OBJ
        b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.",  # STACK_GLOBAL with a dotted name
    ],
)
def test_every_opcode_that_names_something_is_guarded(content):
    with pytest.raises(pickle.UnpicklingError, match="only arrays, lists and strings are admitted"):
        unpickle.loads(content)


def test_references_outside_the_file_are_refused():
    with pytest.raises(pickle.UnpicklingError, match="outside itself"):
        unpickle.loads(b"Psomewhere\n.")


def test_only_latin1_is_a_codec():
    assert unpickle.loads(pickle.dumps(b"a\xff\x00", protocol=2)) == b"a\xff\x00"
    for codec in ("rot13", "zlib", "utf-8"):
        content = b"c_codecs\nencode\n(Vx\nV" + codec.encode() + b"\ntR."
        with pytest.raises(pickle.UnpicklingError, match="only latin1"):
            unpickle.loads(content)


@pytest.mark.parametrize("protocol", [2, 4])
def test_data_comes_out_as_it_went_in(protocol):
    graph = defaultdict(list, {0: [1, 2], 1: [0]})
    value = {"a": np.arange(6, dtype=np.uint8).reshape(2, 3), "b": [1, 2.5, "x", b"y"], "c": (None, True)}
    found = unpickle.loads(pickle.dumps(value, protocol=protocol))
    assert found.keys() == value.keys() and found["b"] == value["b"] and found["c"] == value["c"]
    assert np.array_equal(found["a"], value["a"]) and found["a"].dtype == np.uint8
    assert unpickle.loads(pickle.dumps(graph, protocol=2)) == graph  # 2: with Python 2's name of list


def pickled_sparse(matrix) -> bytes:
    """As scipy wrote it when the Planetoid files were made."""
    return pickle.dumps(matrix, protocol=2).replace(b"cscipy.sparse._csr\n", b"cscipy.sparse.csr\n")


def test_sparse_matrices_come_out_dense():
    rng = np.random.default_rng(0)
    matrix = sparse.csr_matrix(np.round(rng.random((7, 5)) * (rng.random((7, 5)) < 0.4), 3).astype(np.float32))
    assert matrix.nnz > 3
    found = unpickle.loads(pickled_sparse(matrix))
    assert isinstance(found, unpickle.Sparse)
    assert np.array_equal(found.dense(), matrix.toarray())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"_shape": (2, -1)}, "shape"),
        ({"_shape": "2x2"}, "shape"),
        ({"data": [1.0]}, "without row starts"),
        ({"indices": np.array([0])}, "differ in length"),
        ({"indptr": np.array([0, 1, 3, 3])}, "broadcast"),
        ({"indices": np.array([0, 9])}, "out of bounds"),
    ],
)
def test_an_inconsistent_sparse_matrix_is_refused(change, message):
    found = unpickle.Sparse()
    good = {"_shape": (2, 2), "indptr": np.array([0, 1, 2]), "indices": np.array([0, 1]), "data": np.ones(2)}
    vars(found).update(good)
    assert found.dense().tolist() == [[1, 0], [0, 1]]
    vars(found).update(change)
    with pytest.raises((ValueError, IndexError), match=message):
        found.dense()
