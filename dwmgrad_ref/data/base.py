"""What a data set is, and what is known about the copy of it that was read."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


class Damaged(Exception):
    """Content that is not the published set's; raised by readers, told to the user as MissingData with the path."""


@dataclass(frozen=True)
class File:
    """A file of a set: its place below the data folder, as the publisher lays it out.

    `checksum` ("md5:…" or "sha256:…") is that of the content, decompressed where `packed` names a suffix under which
    a compressed copy is accepted too: two packings of one content differ in the archive's time stamp. None: the
    publisher gives none and we could not get the file, so the counts and the format are all that is checked.
    """

    path: str
    checksum: str | None = None
    packed: str = ""


@dataclass(frozen=True)
class Download:
    """What the publisher offers: mirrors of one file, where it goes below the data folder, and its checksum.

    An archive (`.tar.gz`) is unpacked into that place; of its members only the set's files are written.
    """

    urls: tuple[str, ...]
    path: str
    checksum: str | None = None


@dataclass(frozen=True)
class Provenance:
    """Which copy was read: examples per split, as published and as found, and the SHA-256 of every file's content."""

    name: str
    counts: Mapping[str, int]
    published: Mapping[str, int]
    sha256: Mapping[str, str]

    @property
    def complete(self) -> bool:
        return self.counts == self.published

    @property
    def note(self) -> str:
        """Empty for a complete set; else what a result made with it must say."""
        if self.complete:
            return ""
        found = ", ".join(f"{self.counts[k]:,} of {n:,} {k}" for k, n in self.published.items())
        return f"{self.name} is incomplete here: {found} examples"


@dataclass(frozen=True, eq=False, kw_only=True)
class Loaded:
    """A data set in memory; its arrays are shared between calls and read-only."""

    provenance: Provenance = Provenance("", {}, {}, {})

    def counts(self) -> dict[str, int]:
        raise NotImplementedError

    def arrays(self) -> list[np.ndarray]:
        return [value for value in vars(self).values() if isinstance(value, np.ndarray)]


@dataclass(frozen=True, eq=False)
class Table(Loaded):
    """Features (n, m) and labels or targets (n,), float64, in the publisher's order. Unpacks as `X, y`."""

    X: np.ndarray
    y: np.ndarray

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter((self.X, self.y))

    def counts(self) -> dict[str, int]:
        return {"rows": len(self.y)}


@dataclass(frozen=True, eq=False)
class Images(Loaded):
    """Images (n, channels, height, width) uint8 and labels (n,) int64, in the publisher's order and split."""

    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray

    def counts(self) -> dict[str, int]:
        return {"train": len(self.train_y), "test": len(self.test_y)}


@dataclass(frozen=True, eq=False)
class Graph(Loaded):
    """Node features x (n, m) float32, classes y (n,) int64, edges (2, k) int64 in both directions without
    self-loops and repetitions, and the published split as node numbers."""

    x: np.ndarray
    y: np.ndarray
    edges: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def counts(self) -> dict[str, int]:
        return {
            "nodes": len(self.y), "features": self.x.shape[1], "edges": self.edges.shape[1],
            "train": len(self.train), "validation": len(self.validation), "test": len(self.test),
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Text(Loaded):
    """Three stretches of a text as numbers of its symbols (n,) int64, and the symbols in the order of their numbers."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    symbols: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        return {
            "train": len(self.train), "validation": len(self.validation), "test": len(self.test),
            "symbols": len(self.symbols),
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Sounds(Loaded):
    """Clips of equal length (n, samples) int16 and classes (n,) int64, in the publisher's split; `rate` in hertz."""

    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    rate: int

    def counts(self) -> dict[str, int]:
        return {"train": len(self.train_y), "test": len(self.test_y)}


@dataclass(frozen=True, eq=False)
class DataSet:
    """A set that can be loaded by name; defined at the top level of a module in this folder, it is found by itself.

    `read` gets the contents of `files` by path, checksums already compared, and returns what is in them. It raises
    Damaged, or whatever the format's parser raises. `counts` are the published ones, in `Loaded.counts`'s keys.
    `partial`: copies with missing examples are in use, so one is accepted when the user says so.
    """

    name: str
    title: str
    publisher: str
    counts: Mapping[str, int]
    read: Callable[[Mapping[str, bytes]], Loaded]
    files: tuple[File, ...] = ()
    downloads: tuple[Download, ...] = ()
    partial: bool = False


def checksum(content: bytes, like: str) -> str:
    """The content's checksum by the algorithm that `like` ("md5:…") names, in the same form."""
    algorithm = like.partition(":")[0]
    return f"{algorithm}:{hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()}"


def arrays_sha256(arrays: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of arrays that came from no file: kind, shape and bytes."""
    digests = {}
    for name, value in arrays.items():
        array = np.ascontiguousarray(value)
        digests[name] = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode() + array.tobytes()).hexdigest()
    return digests
