"""LIBSVM's sets. It publishes no checksums, and copies differ in line ends and compression, so what is checked is
the parsed content: rows, labels, indices and values."""

import hashlib
import io
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from dwmgrad_ref.data.base import Damaged, DataSet, Download, File, Table

SITE = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/"


def libsvm(name: str, title: str, features: int, labels: Mapping[float, int], sha256: str, site: str = SITE) -> DataSet:
    """A set in svmlight text, whose parsed content has that SHA-256 (see `content_sha256`)."""
    path, rows = f"libsvm/{name}", sum(labels.values())

    def read(contents: Mapping[str, bytes]) -> Table:
        from sklearn.datasets import load_svmlight_file  # late: listing sets does not need it

        X, y = cast("Any", load_svmlight_file(io.BytesIO(contents[path]), n_features=features))
        found = {float(label): int(count) for label, count in zip(*np.unique(y, return_counts=True), strict=True)}
        if X.shape[0] != rows or found != labels:
            raise Damaged(f"it has {X.shape[0]} rows with labels {found}; expected {rows} rows with labels {labels}")
        if content_sha256(X, y) != sha256:
            raise Damaged(f"published size but other values (SHA-256 of the content {content_sha256(X, y)})")
        return Table(X.toarray(), y)

    file, download = File(path, packed=".bz2"), Download((site + name,), path)
    return DataSet(name, title, site, {"rows": rows}, read, (file,), (download,))


def content_sha256(X: Any, y: np.ndarray) -> str:
    """SHA-256 of labels and a CSR matrix: row starts, column indices and values, little-endian."""
    digest = hashlib.sha256()
    for array, kind in ((y, "<f8"), (X.indptr, "<i8"), (X.indices, "<i8"), (X.data, "<f8")):
        digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return digest.hexdigest()


A9A = libsvm(
    "a9a", "census records, income above 50,000 or not", 123, {-1.0: 24720, 1.0: 7841},
    "6e5185cecd7829df8cf37437adece2edbe58a4102dc0e95aeb3b275359df8a6b",
)  # fmt: skip
MUSHROOMS = libsvm(
    "mushrooms", "mushrooms, edible or poisonous", 112, {1.0: 3916, 2.0: 4208},
    "89ca8acd811c3bf412320f4207ee20200bf70a896090b76efe0f66db9487e7c0",
)  # fmt: skip
