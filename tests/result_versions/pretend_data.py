"""Random data of the form that a data set has, for tests of what does not depend on its content."""

from typing import Any

import numpy as np

from dwmgrad_ref import data
from dwmgrad_ref.data import Graph, Images
from dwmgrad_ref.data.base import Provenance

SHAPES = {"mnist": (1, 28, 28), "cifar10": (3, 32, 32)}
GRAPHS = {"cora": (1433, 7), "citeseer": (3703, 6), "pubmed": (500, 3)}  # features and classes
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
    features, classes = GRAPHS[name]
    pairs = np.unique(rng.integers(0, 30, (60, 2)), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    edges = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0).T.copy()
    x = (rng.random((30, features)) < 0.05).astype(np.float32)
    nodes = np.arange(30)
    return Graph(x, rng.integers(0, classes, 30), edges, nodes[:10], nodes[10:15], nodes[15:], provenance=known)
