"""A two-layer graph convolutional network with 16 hidden units on three citation graphs, with and without dropout.

What the authors' repository has (example/RCN/Core.py, commit e57618b), for Cora only: `GCNConv(1433, 16)`, ReLU,
dropout 0.5 (commented out in the file; its folder has one figure with and one without), `GCNConv(16, 7)`, the mean
negative log-likelihood over the 140 training nodes; features as they are, not normalized by row; no weight decay; no
seed, and the two methods start from different weights; 100 epochs in the file, 200 in the published figure. Step size
0.001 for Adam and for DWMGrad, which is DynamicWinMoAdaGradv3 with its own defaults: window cap 10, fed the loss
itself (our signal `loss`, delta=10). What the file calls training accuracy is taken over the test nodes, after every
step, in evaluation mode. No file covers CiteSeer or PubMed; the same network on them is the GCN paper's [kipf2017].
"""

import warnings
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import relu

from analysis.training.randomness import Dropout
from analysis.training.tasks.graph import NodeClassification
from dwmgrad_ref.rules.base import Source


def _gcn_conv() -> Any:
    """torch_geometric's layer, imported late: it takes seconds, and only these tasks need it."""
    with warnings.catch_warnings():
        # Importing it scripts some of its own classes, which torch has deprecated; nothing here can change that.
        warnings.filterwarnings("ignore", "`torch.jit.*is deprecated", DeprecationWarning)
        from torch_geometric.nn import GCNConv
    return GCNConv


class Network(nn.Module):
    """Two GCNConv layers with 16 units between; `dropout` acts on those units, as in the authors' script."""

    def __init__(self, features: int, classes: int, dropout: float) -> None:
        super().__init__()
        GCNConv = _gcn_conv()
        # cached: the normalized adjacency is computed once, because a task has one graph
        self.first, self.second = GCNConv(features, 16, cached=True), GCNConv(16, classes, cached=True)
        self.dropout = Dropout(dropout) if dropout else nn.Identity()

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        return self.second(self.dropout(relu(self.first(x, edges))), edges)


def _task(dataset: str, title: str, features: int, classes: int, dropout: float, source: Source) -> NodeClassification:
    return NodeClassification(
        name=f"{dataset}-gcn" + ("-dropout" if dropout else ""),
        title=f"two-layer GCN with{'' if dropout else 'out'} dropout on {title}",
        source=source,
        dataset=dataset,
        build=lambda: Network(features, classes, dropout),
        epochs=200,
    )


SCRIPT = Source("dwmgrad-code", "example/RCN/Core.py")
ORIGINAL = Source("kipf2017", "Section 5: the graphs, the split, 16 hidden units")
CORA = _task("cora", "Cora", 1433, 7, 0, SCRIPT)
CORA_DROPOUT = _task("cora", "Cora", 1433, 7, 0.5, SCRIPT)
CITESEER = _task("citeseer", "CiteSeer", 3703, 6, 0, ORIGINAL)
CITESEER_DROPOUT = _task("citeseer", "CiteSeer", 3703, 6, 0.5, ORIGINAL)
PUBMED = _task("pubmed", "PubMed", 500, 3, 0, ORIGINAL)
PUBMED_DROPOUT = _task("pubmed", "PubMed", 500, 3, 0.5, ORIGINAL)
