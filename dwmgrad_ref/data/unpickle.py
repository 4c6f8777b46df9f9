"""Pickles that were downloaded, read without running what is in them.

A pickle may name any function and have it called, and numpy's own functions believe what they are told: an array of
objects made from a file's bytes is an array of forged pointers. So a pickle may name the things listed in
`Restricted` and nothing else, and each stands for a part of this module: arrays of numbers are rebuilt from bytes that
are there, and no more bytes come out than went in. Every name in the published CIFAR-10 and Planetoid files is one of
those. Sparse matrices come back as `Sparse`, a record without methods of scipy's.
"""

import io
import math
import pickle
import pickletools
from typing import Any

import numpy as np

NUMBERS = "biuf"  # kinds of dtype: bool, integers and floats; none of them holds a pointer
ENTRIES = 1 << 28  # most entries of a dense matrix, 1 GiB; the largest one published, PubMed's, has 10 million
NAME = object()  # a name that is only ever an argument, such as numpy.ndarray: no call and no state can reach it


class Sparse:
    """The attributes of a pickled scipy.sparse.csr_matrix, unchecked."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A pickle can ask for the class's state as well as for an instance's; having this method, it cannot set it.
        vars(self).update(state)

    def dense(self) -> np.ndarray:
        """The matrix (n, m), float32.

        Raises:
            ValueError: rows, columns and values do not fit together.
        """
        shape, starts, columns, values = (vars(self).get(name) for name in ("_shape", "indptr", "indices", "data"))
        if not (isinstance(shape, tuple) and len(shape) == 2 and all(isinstance(n, int) and n >= 0 for n in shape)):
            raise ValueError(f"a sparse matrix of shape {shape!r}")
        if math.prod(shape) > ENTRIES:
            raise ValueError(f"a sparse matrix of shape {shape}; at most {ENTRIES:,} entries are made dense")
        if not (isinstance(starts, np.ndarray) and isinstance(columns, np.ndarray) and isinstance(values, np.ndarray)):
            raise ValueError("a sparse matrix without row starts, columns and values")
        if not (starts.shape == (shape[0] + 1,) and starts[0] == 0 and np.all(np.diff(starts) >= 0)):
            raise ValueError(f"a sparse matrix of {shape[0]} rows whose row starts do not fit")
        if not columns.shape == values.shape == (starts[-1],):
            raise ValueError("a sparse matrix whose row starts, columns and values differ in length")
        matrix = np.zeros(shape, np.float32)
        np.add.at(matrix, (np.repeat(np.arange(shape[0]), np.diff(starts)), columns), values)
        return matrix


class _Kind:
    """What a pickle tells of a dtype: its letter and width, then the order of its bytes."""

    def __init__(self, code: Any, align: Any = False, copy: Any = False) -> None:
        if not (isinstance(code, str) and code[:1] in tuple(NUMBERS) and code[1:].isdecimal()):
            raise pickle.UnpicklingError(f"an array of dtype {code!r}; only numbers are admitted")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: Any) -> None:
        parts: tuple[Any, ...] = state[1:5] if isinstance(state, tuple) else ()
        if len(parts) < 4 or parts[1:] != (None, None, None) or parts[0] not in ("<", ">", "|", "="):
            raise pickle.UnpicklingError("an array of a dtype with parts; only numbers are admitted")
        self.dtype = self.dtype.newbyteorder(parts[0])


class _Array(np.ndarray):
    """An array as a pickle makes it, empty and filled afterwards."""

    left: dict[str, int]  # how many bytes may still come out of this pickle

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, fortran, content = state
        content = content.encode("latin1") if isinstance(content, str) else content  # as Python 2 wrote it
        if not (isinstance(kind, _Kind) and isinstance(content, bytes)):
            raise pickle.UnpicklingError("an array without dtype and bytes; only arrays of numbers are admitted")
        if not (isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)):
            raise pickle.UnpicklingError(f"an array of shape {shape!r}")
        if math.prod(shape) * kind.dtype.itemsize != len(content):
            raise pickle.UnpicklingError(f"an array of shape {shape} and {kind.dtype} in {len(content)} bytes")
        _spend(self.left, "arrays", len(content))
        super().__setstate__((1, shape, kind.dtype, bool(fortran), content))  # type: ignore[misc]  # numpy's own


class Restricted(pickle.Unpickler):
    """An unpickler that refuses every name outside `admitted`, and whatever would be larger than the pickle."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="latin1")
        self.left = {"arrays": len(content), "strings": len(content)}
        self.admitted: dict[tuple[str, str], Any] = {
            ("numpy", "ndarray"): NAME,
            ("numpy", "dtype"): _Kind,
            ("numpy.core.multiarray", "_reconstruct"): self.array,  # numpy 1's name
            ("numpy._core.multiarray", "_reconstruct"): self.array,  # numpy 2's
            ("scipy.sparse.csr", "csr_matrix"): Sparse,  # Planetoid's features
            ("collections", "defaultdict"): self.neighbours,  # Planetoid's graph: node -> list of neighbours
            ("__builtin__", "list"): NAME,  # its factory, by Python 2's name
            ("_codecs", "encode"): self.latin1,  # bytes written in protocol 2
        }

    def array(self, kind: Any, shape: Any, code: Any) -> _Array:
        """numpy's `_reconstruct`: an empty array, whatever else is asked for."""
        made = np.zeros(0, np.uint8).view(_Array)
        made.left = self.left
        return made

    def neighbours(self, factory: Any) -> dict[Any, Any]:
        """defaultdict(list), which needs no default once it is filled."""
        return {}

    def latin1(self, text: Any, encoding: Any) -> bytes:
        """Python 3 writes bytes into protocol 2 as `_codecs.encode(text, "latin1")`; other codecs are not for data."""
        if not isinstance(text, str) or encoding != "latin1":
            raise pickle.UnpicklingError(f"a pickle asks for the codec {encoding!r}; only latin1 is admitted")
        _spend(self.left, "strings", len(text))
        return text.encode("latin1")

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return self.admitted[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"a data pickle names {module_name}.{global_name}; only arrays, lists and strings are admitted"
            ) from None

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("a data pickle refers to something outside itself")


def _spend(left: dict[str, int], what: str, size: int) -> None:
    """A pickle can use one string again and again; what comes out of it may not exceed what is in it."""
    left[what] -= size
    if left[what] < 0:
        raise pickle.UnpicklingError(f"a pickle whose {what} would be larger than the pickle")


def _scan(content: bytes) -> None:
    """Walk over the opcodes without carrying them out: no length beyond the end, no place beyond what can be filled."""
    try:
        for opcode, argument, _ in pickletools.genops(content):
            # C's unpickler allocates its memo up to the largest place named
            if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and argument > len(content):  # type: ignore[operator]
                raise pickle.UnpicklingError(f"a pickle of {len(content)} bytes remembers {argument:,} things")
    except (ValueError, IndexError) as error:
        raise pickle.UnpicklingError(f"not a whole pickle ({error})") from None


def loads(content: bytes) -> Any:
    """The object in a pickle of Python 2 or 3; byte strings of Python 2 come back as str, latin-1.

    Arrays are of a subclass of numpy.ndarray that only this module needs; np.asarray gives the plain array.

    Raises:
        pickle.UnpicklingError: it names something that data does not need, would be larger in memory than it is as
            a file, or is no pickle. Damaged bytes may raise anything else that an unpickler raises.
    """
    _scan(content)
    return Restricted(content).load()
