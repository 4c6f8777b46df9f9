"""The Planetoid citation graphs: Cora, CiteSeer, PubMed, with the split that the GCN paper made standard.

Each is eight files: features x, tx, allx (sparse matrices) and one-hot classes y, ty, ally of the labelled training
nodes, the test nodes and all nodes but those; graph, a dict of neighbours; and test.index, the test nodes' numbers as
text. No checksums are published: those of Cora and CiteSeer are the SHA-256 of the files in the publisher's repository;
PubMed's were not to be had, so its counts and format are all that is checked.
"""

from collections.abc import Mapping

import numpy as np

from dwmgrad_ref.data.base import Damaged, DataSet, Download, File, Graph
from dwmgrad_ref.data.unpickle import Sparse, loads

SITE = "https://github.com/kimiyoung/planetoid"
PARTS = ("x", "tx", "allx", "y", "ty", "ally", "graph", "test.index")
VALIDATION = 500  # the nodes after the labelled training nodes


def _features(part: object) -> np.ndarray:
    if not isinstance(part, Sparse):
        raise Damaged(f"features are a {type(part).__name__}; expected a sparse matrix")
    return part.dense()


def _edges(content: bytes, nodes: int) -> np.ndarray:
    """Edges (2, k) sorted, both directions, without self-loops and repetitions, both of which the files have."""
    neighbours = loads(content)
    if sum(len(listed) for listed in neighbours.values()) > len(content):
        raise Damaged("more edges than the file has bytes")
    pairs = np.array([(a, b) for a, listed in neighbours.items() for b in listed if a != b], np.int64).reshape(-1, 2)
    if pairs.size and not 0 <= pairs.min() <= pairs.max() < nodes:
        raise Damaged(f"an edge of node {pairs.max()}, where there are {nodes}")
    return np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0).T.copy()


def graph(parts: Mapping[str, bytes]) -> Graph:
    """The graph in those eight contents. Test nodes that no file describes (15 in CiteSeer) get zero features and
    class 0, as everybody does; they are in no split."""
    x, allx, tx = (loads(parts[name]) for name in ("x", "allx", "tx"))
    known, tested = _features(allx), _features(tx)
    test = np.array(parts["test.index"].split(), np.int64)
    train = np.arange(len(_features(x)))
    n = max(int(test.max()) + 1, len(known))
    if not 0 <= test.min() or n > 2 * (len(known) + len(tested)):
        raise Damaged(f"test nodes from {test.min()} to {test.max()}, where {len(known) + len(tested)} are described")
    features = np.zeros((n, known.shape[1]), np.float32)
    features[: len(known)], features[test] = known, tested
    classes = np.zeros(n, np.int64)
    classes[: len(known)], classes[test] = loads(parts["ally"]).argmax(1), loads(parts["ty"]).argmax(1)
    validation = np.arange(len(train), len(train) + VALIDATION)
    return Graph(features, classes, _edges(parts["graph"], n), train, validation, np.sort(test))


def planetoid(folder: str, counts: tuple[int, int, int, int], sha256: Mapping[str, str]) -> DataSet:
    """A citation graph with these numbers of nodes, features, edges (both directions) and training nodes."""
    name = folder.lower()
    files = {part: f"Planetoid/{folder}/raw/ind.{name}.{part}" for part in PARTS}
    published = dict(zip(("nodes", "features", "edges", "train"), counts, strict=True))
    return DataSet(
        name=name,
        title=f"citation graph, {counts[0]:,} papers with {counts[1]:,} words",
        publisher=SITE,
        counts={**published, "validation": VALIDATION, "test": 1000},
        read=lambda contents: graph({part: contents[path] for part, path in files.items()}),
        files=tuple(File(path, f"sha256:{sha256[part]}" if part in sha256 else None) for part, path in files.items()),
        downloads=tuple(
            Download((f"{SITE}/raw/master/data/ind.{name}.{part}",), path,
                     f"sha256:{sha256[part]}" if part in sha256 else None)
            for part, path in files.items()
        ),
    )  # fmt: skip


CORA = planetoid("Cora", (2708, 1433, 10556, 140), {
    "x": "23cfa55d91c6f624233f5eb7b6e3f141f1bd2b2ae39608a63cf5d084bb27baab",
    "tx": "b9afbaa4a400df991f6f02ef677e1e44da55ffc04801fd02f9e673987829226a",
    "allx": "9419ba2f26f5c35243db64aba110e0f35a04851609e0dc5433450676ca6b8543",
    "y": "94465c14eb53e04ca262198dcbb2521ee8af60fb3f3d546cd6ca24a511b0e7d1",
    "ty": "41f5ac76596a1699cc33f53084a2419e92961c42bb75f36fc38e616d348532ad",
    "ally": "2b998f5cc7fedc86e7f97ca2498f47a1ffc1462c29e2d578b23bf3f62b6e7d71",
    "graph": "58f13302f39dde8852dad6fe6d15b89b077b6d7f837626bce671ef80344b383d",
    "test.index": "297ce89af2b51a6a194181c7dbe1796c6a1cf9cd9349a88383b1b1e227867875",
})  # fmt: skip
CITESEER = planetoid("CiteSeer", (3327, 3703, 9104, 120), {
    "x": "d20de19150741e555de0ed037195630fc194114ebc7fd72ced62810148aa22f6",
    "tx": "539a8906a2da97628d212f2fdd668c109a8b3f0d36574b59e5d3fd5b5303da21",
    "allx": "2ac30345d95c9ec933a817ee0bdd6a5f077f8c184a20e696910192d534414668",
    "y": "8ba87e515d8e3ee3cf52f6d2c5b86aa73f11ecad825a808455209ec26cd54924",
    "ty": "55e5bd1ba1e733a04598753ad1a8d57957f4b8f89e74519f41f4f4938767e4ce",
    "ally": "f704b2d986dde6c2669934de1f3ae5696a6cf9455c0f6b2646a2d135ea0a1c95",
    "graph": "d79a4ef9d3e7169aee8946145f6b7306e35bc79bffad26346cfb94e10e9912a7",
    "test.index": "2af990671580b6b2df5d158d1038f8292e30c9cd821b5453f399659b25b723d4",
})  # fmt: skip
PUBMED = planetoid("PubMed", (19717, 500, 88648, 60), {})
