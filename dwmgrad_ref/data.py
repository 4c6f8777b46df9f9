"""Real data sets: scikit-learn's own at once, LIBSVM's from a folder or, failing that, from its site.

A LIBSVM set is looked for in the folder given, then in the one that DWMGRAD_DATA names, both in the layout
`libsvm/NAME` or `libsvm/NAME.bz2`, and is then downloaded. LIBSVM publishes no checksums, and copies differ
in line ends and compression, so what is checked is the parsed content: rows, labels, indices and values.
"""

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import platformdirs

from dwmgrad_ref.errors import MissingData, UnknownName


class Table(NamedTuple):
    """A data set: features (n, m) and labels or targets (n,), in the publisher's order."""

    X: np.ndarray
    y: np.ndarray


class Published(NamedTuple):
    """What a LIBSVM set must be: its place, size, label counts and the SHA-256 of its parsed content."""

    url: str
    rows: int
    features: int
    labels: dict[float, int]
    sha256: str


LIBSVM = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/"
PUBLISHED = {
    "a9a": Published(
        LIBSVM + "a9a", 32561, 123, {-1.0: 24720, 1.0: 7841},
        "6e5185cecd7829df8cf37437adece2edbe58a4102dc0e95aeb3b275359df8a6b",
    ),
    "mushrooms": Published(
        LIBSVM + "mushrooms", 8124, 112, {1.0: 3916, 2.0: 4208},
        "89ca8acd811c3bf412320f4207ee20200bf70a896090b76efe0f66db9487e7c0",
    ),
}  # fmt: skip
# scikit-learn's loader and its arguments. scikit-learn and pooch are imported late: listing problems needs neither.
EMBEDDED = {
    "diabetes": ("load_diabetes", {"scaled": False}),
    "breast-cancer": ("load_breast_cancer", {}),
    "digits": ("load_digits", {}),
}


def load(name: str, data_dir: str | Path | None = None) -> Table:
    """The data set of that name; arrays are shared between calls and read-only.

    Raises:
        UnknownName: no such set.
        MissingData: it was found nowhere, or what was found is not the published set.
    """
    if name not in EMBEDDED and name not in PUBLISHED:
        raise UnknownName("data set", name, [*EMBEDDED, *PUBLISHED])
    if name in EMBEDDED:
        return _embedded(name)
    return _libsvm(name, tuple(folder for folder in (data_dir, os.environ.get("DWMGRAD_DATA")) if folder))


def _read_only(X: np.ndarray, y: np.ndarray) -> Table:
    table = Table(np.ascontiguousarray(X, dtype=float), np.ascontiguousarray(y, dtype=float))
    for array in table:
        array.flags.writeable = False
    return table


@cache
def _embedded(name: str) -> Table:
    from sklearn import datasets

    loader, arguments = EMBEDDED[name]
    bunch = getattr(datasets, loader)(**arguments)
    return _read_only(bunch.data, bunch.target)


@cache
def _libsvm(name: str, folders: tuple[str | Path, ...]) -> Table:
    from sklearn.datasets import load_svmlight_file

    candidates = [Path(folder) / "libsvm" / file for folder in folders for file in (name, f"{name}.bz2")]
    path = next((path for path in candidates if path.is_file()), None) or _downloaded(name, candidates)
    published = PUBLISHED[name]
    try:
        X, y = cast("Any", load_svmlight_file(str(path), n_features=published.features))
    except (ValueError, OSError, EOFError) as error:
        raise MissingData(f"{path} cannot be read as an svmlight file ({error}); delete it and try again") from None
    _check(path, X, y, published)
    return _read_only(X.toarray(), y)


def _downloaded(name: str, looked: list[Path]) -> Path:
    import pooch

    url, folder = PUBLISHED[name].url, platformdirs.user_cache_path("dwmgrad") / "data"
    try:
        return Path(pooch.retrieve(url, known_hash=None, fname=name, path=folder))
    except Exception as error:  # whatever the network does, the answer is the same
        tried = ", ".join(map(str, looked)) or "no folder (none given, DWMGRAD_DATA not set)"
        raise MissingData(
            f"data set {name!r} is missing: looked for {tried}, then tried {url} ({type(error).__name__}: {error}); "
            f"put the file into FOLDER/libsvm/ and set DWMGRAD_DATA=FOLDER"
        ) from None


def content_sha256(X: Any, y: np.ndarray) -> str:
    """SHA-256 of labels and a CSR matrix: row starts, column indices and values, little-endian."""
    digest = hashlib.sha256()
    for array, kind in ((y, "<f8"), (X.indptr, "<i8"), (X.indices, "<i8"), (X.data, "<f8")):
        digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return digest.hexdigest()


def _check(path: Path, X: Any, y: np.ndarray, published: Published) -> None:
    labels = {float(label): int(count) for label, count in zip(*np.unique(y, return_counts=True), strict=True)}
    if X.shape[0] != published.rows or labels != published.labels:
        raise MissingData(
            f"{path} has {X.shape[0]} rows with labels {labels}; expected {published.rows} rows with labels "
            f"{published.labels}; replace it by the published file, {published.url}"
        )
    if content_sha256(X, y) != published.sha256:
        raise MissingData(
            f"{path} has the published size but other values (SHA-256 of the content {content_sha256(X, y)}, "
            f"expected {published.sha256}); replace it by the published file, {published.url}"
        )
