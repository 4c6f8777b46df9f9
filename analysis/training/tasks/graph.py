"""Tasks that put the nodes of one graph into classes; an epoch is one step over the whole graph."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from analysis.training.randomness import Randomness
from analysis.training.tasks import scores
from analysis.training.tasks.base import Splits, Task
from dwmgrad_ref.data import Graph


@dataclass(frozen=True)
class Nodes:
    """A graph, its features x (n, m), edges (2, k) and classes y (n,), and which nodes belong to the split."""

    x: Tensor
    edges: Tensor
    y: Tensor
    nodes: Tensor


@dataclass(frozen=True, kw_only=True)
class NodeClassification(Task):
    """Cross-entropy over the training nodes. The published split has a validation set, so `holdout` takes nothing."""

    def split(self, loaded: Graph, holdout: bool, device: torch.device) -> Splits:
        on = lambda array: torch.tensor(array, device=device)  # noqa: E731
        x, edges, y = on(loaded.x), on(loaded.edges), on(loaded.y)
        part = lambda nodes: Nodes(x, edges, y, on(nodes))  # noqa: E731
        return Splits(part(loaded.train), part(loaded.validation), part(loaded.test), loaded.provenance)

    def steps(self, split: Nodes) -> int:
        return 1

    def batches(self, split: Nodes, randomness: Randomness | None = None) -> Iterator[Nodes]:
        yield split

    def loss(self, model: nn.Module, batch: Nodes) -> Tensor:
        return cross_entropy(model(batch.x, batch.edges)[batch.nodes], batch.y[batch.nodes])

    @torch.no_grad()
    def evaluate(self, model: nn.Module, split: Nodes) -> dict[str, float]:
        model.eval()
        return scores.classification(model(split.x, split.edges)[split.nodes], split.y[split.nodes])
