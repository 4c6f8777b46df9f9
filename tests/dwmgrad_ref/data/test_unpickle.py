"""Downloaded pickles: data comes out whole, anything else is refused before it runs."""

import builtins
import codecs
import operator
import os
import pickle
import subprocess
import sys
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


def filled(shape, dtype, content):
    """An array as numpy's own pickles make one, with any shape, dtype and bytes."""
    make, told, _ = np.empty(0).__reduce__()

    class Filled:
        def __reduce__(self):
            return make, told, (1, shape, dtype, False, content)

    return Filled()


FORGED = {
    "objects over bytes": Calls(np.ndarray, (1,), "O", b"A" * 8),
    "objects in place": filled((1,), np.dtype("O"), [1]),
    "objects as a field": filled((1,), np.dtype([("a", "O")]), b"A" * 8),
    "a dtype from a list of fields": Calls(np.dtype, [("a", "O")]),
    "numbers in parts": filled((1,), np.dtype("2u1"), b"AA"),
    "records of numbers": filled((1,), np.dtype([("a", "u1")]), b"A"),
    "text": filled((1,), np.dtype("U1"), b"AAAA"),
    "times": filled((1,), np.dtype("M8[s]"), b"A" * 8),
    "more than the bytes": filled((1 << 40,), np.dtype("u1"), b"A"),
    "a size that wraps round": filled((1 << 32, 1 << 32), np.dtype("u1"), b""),
    "a negative size": filled((-1, -8), np.dtype("u1"), b"A" * 8),
    "fewer than the bytes": filled((1,), np.dtype("u1"), b"AA"),
    "memory by a shape": Calls(np.ndarray, (1 << 40,), "u1"),
    "one string many times": [filled((1000,), np.dtype("u1"), x) for x in [b"A" * 1000] for _ in range(9)],
    "one text many times": [Calls(codecs.encode, x, "latin1") for x in ["A" * 1000] for _ in range(9)],
}


@pytest.mark.parametrize("what", FORGED)
def test_no_array_but_of_numbers_that_are_there(what):
    with pytest.raises((pickle.UnpicklingError, TypeError)):
        unpickle.loads(pickle.dumps(FORGED[what], protocol=2))


def test_forged_pointers_end_in_an_error_and_not_the_process(tmp_path):
    """Labels made from bytes as an array of objects: copied, they are followed to wherever the bytes point."""
    content = pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": FORGED["objects over bytes"]}, protocol=2)
    (tmp_path / "data_batch_1").write_bytes(content)
    program = "import sys; from dwmgrad_ref.data import cifar10; cifar10.batch(open(sys.argv[1], 'rb').read())"
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path / "data_batch_1")], capture_output=True)
    assert ended.returncode == 1, f"the process ended by signal {-ended.returncode}"
    assert b"not callable" in ended.stderr or b"only numbers are admitted" in ended.stderr


@pytest.mark.parametrize("place", [b"r\xff\xff\xff\xff", b"p4000000000\n"])
def test_no_memo_larger_than_the_pickle(place):
    with pytest.raises(pickle.UnpicklingError, match="remembers 4,"):
        unpickle.loads(b"\x80\x02N" + place + b".")


def test_no_length_beyond_the_end():
    with pytest.raises(pickle.UnpicklingError, match="not a whole pickle"):
        unpickle.loads(b"\x80\x04\x8e" + (1 << 60).to_bytes(8, "little") + b"abc.")


@pytest.mark.parametrize("name", ["scipy.sparse.csr\ncsr_matrix", "numpy\ndtype", "numpy\nndarray"])
def test_a_pickle_cannot_change_what_a_name_means(name):
    """BUILD sets attributes, on a class as on an instance."""
    before = dict(vars(unpickle.Sparse)), dict(vars(unpickle._Kind))
    with pytest.raises((pickle.UnpicklingError, TypeError, AttributeError)):
        unpickle.loads(b"\x80\x02c" + name.encode() + b"\nN}X\x05\x00\x00\x00denseK\x01s\x86b.")
    assert before == (dict(vars(unpickle.Sparse)), dict(vars(unpickle._Kind)))


@pytest.mark.parametrize("dtype", ["?", "u1", "<i8", ">i4", "<f4", ">f8", "f2"])
@pytest.mark.parametrize("order", "CF")
def test_arrays_of_numbers_come_out_as_under_the_ordinary_unpickler(dtype, order):
    content = pickle.dumps(np.asarray(np.arange(6).reshape(2, 3).astype(dtype), order=order), protocol=2)
    found, expected = np.asarray(unpickle.loads(content)), pickle.loads(content)
    assert type(found) is np.ndarray and found.dtype == expected.dtype and found.strides == expected.strides
    assert found.tobytes() == expected.tobytes() and found.tolist()[1][2] == min(5, np.array(5).astype(dtype))


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
        ({"indptr": np.array([0, 1, 3, 3])}, "row starts do not fit"),
        ({"indptr": np.array([0, 2, 1])}, "row starts do not fit"),
        ({"_shape": (2, 1 << 40)}, "made dense"),
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
