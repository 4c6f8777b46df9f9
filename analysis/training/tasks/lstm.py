"""Recurrent language models: embedding, LSTM layers with dropout around each, and a linear read-out.

Penn Treebank follows what the AdaMomentum authors' logs have: embeddings of 400, 1 to 3 layers of
1,150 units of which the last has 400, batches of 20 sequences of 70 words, gradients clipped at norm 0.25. Their script
is the AWD-LSTM's; of its regularizers this network has the dropout of inputs, layers and outputs. It has neither the
dropout of weights and of whole words, nor the tied read-out, the random lengths of sequences and the penalties on
activations, so its perplexities are not comparable with the published ones.

Tiny Shakespeare by characters is ours: no published curve belongs to it.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from analysis.training.randomness import Dropout
from analysis.training.tasks.language import LanguageModel
from dwmgrad_ref.rules.base import Source

State = tuple[Tensor, Tensor]


class Network(nn.Module):
    """Logits (sequences, length, vocabulary) for symbols (sequences, length); keeps its state until `first`.

    The state that is kept carries no gradient: back-propagation through time is cut at the batch.
    """

    def __init__(self, vocabulary: int, embedding: int, hidden: int, layers: int, last: int, dropout: float) -> None:
        super().__init__()
        sizes = [embedding, *[hidden] * (layers - 1), last]
        self.embedding = nn.Embedding(vocabulary, embedding)
        # one nn.LSTM a layer: between its own layers it would draw dropout from torch's global generator
        self.layers = nn.ModuleList(nn.LSTM(a, b, batch_first=True) for a, b in zip(sizes, sizes[1:], strict=False))
        self.dropout = Dropout(dropout) if dropout else nn.Identity()
        self.out = nn.Linear(last, vocabulary)
        self.carried: list[State] = []

    def forward(self, x: Tensor, first: bool) -> Tensor:
        before = [None] * len(self.layers) if first else self.carried
        hidden, after = self.dropout(self.embedding(x)), []
        for layer, state in zip(self.layers, before, strict=True):
            hidden, (h, c) = layer(hidden, state)
            hidden = self.dropout(hidden)
            after.append((h.detach(), c.detach()))
        self.carried = after
        return self.out(hidden)


@dataclass(frozen=True, kw_only=True)
class RecurrentModel(LanguageModel):
    """A language model with an LSTM.

    Attributes:
        embedding, hidden, last: units of the embedding, of the layers, and of the last layer.
        layers: how many.
        dropout: the probability, on the embedding and on every layer's output; 0 for none.
    """

    embedding: int
    hidden: int
    last: int
    layers: int
    dropout: float

    def network(self) -> nn.Module:
        return self.build(self.vocabulary, self.embedding, self.hidden, self.layers, self.last, self.dropout)


SHAKESPEARE_LSTM = RecurrentModel(
    name="shakespeare-lstm",
    title="LSTM over the characters of tiny Shakespeare",
    source=Source("karpathy2015", "the data; the sizes are ours"),
    dataset="tinyshakespeare",
    build=Network,
    epochs=10,
    vocabulary=65,
    batch_size=32,
    bptt=64,
    carry=True,
    embedding=32,
    hidden=128,
    last=128,
    layers=1,
    dropout=0.0,
)
PTB_LSTM = RecurrentModel(
    name="ptb-lstm",
    title="LSTM over the words of Penn Treebank",
    source=Source("adamomentum", "LSTM on Penn Treebank: appendix, and the logs beside the code"),
    dataset="ptb",
    build=Network,
    epochs=200,
    vocabulary=10_000,
    batch_size=20,
    bptt=70,
    carry=True,
    embedding=400,
    hidden=1150,
    last=400,
    layers=2,
    dropout=0.4,
)
