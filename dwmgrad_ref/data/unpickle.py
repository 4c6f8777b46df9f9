"""Pickles that were downloaded, read without running what is in them.

A pickle may name any function and have it called. Here a pickle may name the things listed below and nothing else;
every name in the published CIFAR-10 and Planetoid files is one of them. Sparse matrices come back as `Sparse`, a
record without methods of scipy's.
"""

import io
import pickle
from collections import defaultdict
from typing import Any

import numpy as np
from numpy._core.multiarray import _reconstruct  # type: ignore[attr-defined]  # what numpy's own pickles name


class Sparse:
    """The attributes of a pickled scipy.sparse.csr_matrix, unchecked."""

    def dense(self) -> np.ndarray:
        """The matrix (n, m), float32.

        Raises:
            ValueError: rows, columns and values do not fit together.
        """
        shape, starts, columns, values = (vars(self).get(name) for name in ("_shape", "indptr", "indices", "data"))
        if not (isinstance(shape, tuple) and len(shape) == 2 and all(isinstance(n, int) and n >= 0 for n in shape)):
            raise ValueError(f"a sparse matrix of shape {shape!r}")
        if not (isinstance(starts, np.ndarray) and isinstance(columns, np.ndarray) and isinstance(values, np.ndarray)):
            raise ValueError("a sparse matrix without row starts, columns and values")
        rows = np.repeat(np.arange(shape[0]), np.diff(starts))
        if not len(rows) == len(columns) == len(values):
            raise ValueError("a sparse matrix whose row starts, columns and values differ in length")
        matrix = np.zeros(shape, np.float32)
        np.add.at(matrix, (rows, columns), values)
        return matrix


def _latin1(text: Any, encoding: Any) -> bytes:
    """Python 3 writes bytes into protocol 2 as `_codecs.encode(text, "latin1")`; other codecs are not for data."""
    if not isinstance(text, str) or encoding != "latin1":
        raise pickle.UnpicklingError(f"a pickle asks for the codec {encoding!r}; only latin1 is admitted")
    return text.encode("latin1")


ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,  # numpy 1's name
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,  # numpy 2's
    ("scipy.sparse.csr", "csr_matrix"): Sparse,  # Planetoid's features
    ("collections", "defaultdict"): defaultdict,  # Planetoid's graph: node -> list of neighbours
    ("__builtin__", "list"): list,  # its factory, by Python 2's name
    ("_codecs", "encode"): _latin1,  # bytes written in protocol 2
}


class Restricted(pickle.Unpickler):
    """An unpickler that refuses every name outside ADMITTED."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return ADMITTED[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"a data pickle names {module_name}.{global_name}; only arrays, lists and strings are admitted"
            ) from None

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("a data pickle refers to something outside itself")


def loads(content: bytes) -> Any:
    """The object in a pickle of Python 2 or 3; byte strings of Python 2 come back as str, latin-1.

    Raises:
        pickle.UnpicklingError: it names something that data does not need, or is no pickle.
    """
    return Restricted(io.BytesIO(content), encoding="latin1").load()
