"""Random data of the form that a data set has, for tests of what does not depend on its content."""

from typing import Any

import numpy as np

from dwmgrad_ref import data
from dwmgrad_ref.data import Graph, Images, Sounds, Text
from dwmgrad_ref.data.base import Provenance

SHAPES = {"mnist": (1, 28, 28), "cifar10": (3, 32, 32)}
GRAPHS = {"cora": (1433, 7), "citeseer": (3703, 6), "pubmed": (500, 3)}  # features and classes
SYMBOLS = {"tinyshakespeare": 65, "ptb": 50}
# Options of tasks whose own sizes would take minutes where the content of the data does not matter.
SMALL = {
    "ptb-lstm": {"vocabulary": 50, "embedding": 8, "hidden": 12, "last": 8},
    "shakespeare-lstm": {"hidden": 16, "last": 16},
    "shakespeare-transformer": {"width": 16, "heads": 2, "layers": 1},
    "cifar10-resnet": {"depth": 8},
    "cifar10-wide-resnet": {"depth": 10},
}
HELD_OUT = 100  # examples that validate; the drawn sets are smaller than the number that the tasks hold out


def pretend(name: str) -> Any:
    """The digits, which come with a library; for another set a few drawn examples or nodes of its shape."""
    if name == "digits":
        return data.load(name)
    rng = np.random.default_rng(3)
    known = Provenance(name, {}, {}, {})
    if name in SHAPES:
        n = 900 if name == "mnist" else 300  # convolutions take their time
        draw = lambda n: rng.integers(0, 256, (n, *SHAPES[name]), np.uint8)  # noqa: E731
        labels = lambda n: rng.integers(0, 10, n)  # noqa: E731
        return Images(draw(n), labels(n), draw(40), labels(40), provenance=known)
    if name in SYMBOLS:
        draw = lambda n: rng.integers(0, SYMBOLS[name], n)  # noqa: E731
        symbols = tuple(map(str, range(SYMBOLS[name])))
        return Text(draw(9000), draw(4500), draw(4500), symbols, provenance=known)
    if name == "fsdd":
        draw = lambda n: rng.integers(-3000, 3000, (n, 8000), np.int16)  # noqa: E731
        return Sounds(draw(260), rng.integers(0, 10, 260), draw(40), rng.integers(0, 10, 40), 8000, provenance=known)
    features, classes = GRAPHS[name]
    pairs = np.unique(rng.integers(0, 30, (60, 2)), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    edges = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0).T.copy()
    x = (rng.random((30, features)) < 0.05).astype(np.float32)
    nodes = np.arange(30)
    return Graph(x, rng.integers(0, classes, 30), edges, nodes[:10], nodes[10:15], nodes[15:], provenance=known)
