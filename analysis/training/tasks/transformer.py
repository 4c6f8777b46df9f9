"""A causal transformer over the characters of tiny Shakespeare; ours, no published curve belongs to it.

Blocks as in GPT-2 [radford2019]: normalization before attention and before the two-layer perceptron with GELU, learned
positions, read-out tied to the embedding; torch's own causal attention.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from analysis.training.randomness import Dropout
from analysis.training.tasks.language import LanguageModel
from dwmgrad_ref.rules.base import Source

DEVIATION = 0.02  # of the initial embeddings, as in GPT-2


class Block(nn.Module):
    """Attention and perceptron, each added to what came in."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_perceptron = nn.LayerNorm(width), nn.LayerNorm(width)
        self.asked, self.attended = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.perceptron = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.dropout = Dropout(dropout) if dropout else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        parts = self.asked(self.before_attention(x)).view(n, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.dropout(self.attended(mixed.transpose(1, 2).reshape(n, length, width)))
        return x + self.dropout(self.perceptron(self.before_perceptron(x)))


class Network(nn.Module):
    """Logits (sequences, length, vocabulary) for symbols (sequences, length); each depends on those before it only."""

    def __init__(self, vocabulary: int, length: int, width: int, heads: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.embedding, self.position = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*(Block(width, heads, dropout) for _ in range(layers)))
        self.last = nn.LayerNorm(width)
        for table in (self.embedding, self.position):
            nn.init.normal_(table.weight, std=DEVIATION)

    def forward(self, x: Tensor, first: bool = True) -> Tensor:
        places = torch.arange(x.shape[1], device=x.device)
        hidden = self.blocks(self.embedding(x) + self.position(places))
        return self.last(hidden) @ self.embedding.weight.T


@dataclass(frozen=True, kw_only=True)
class Transformer(LanguageModel):
    """A language model with `layers` blocks of `heads` heads, `width` numbers a symbol, and dropout."""

    width: int
    heads: int
    layers: int
    dropout: float

    def network(self) -> nn.Module:
        return self.build(self.vocabulary, self.bptt, self.width, self.heads, self.layers, self.dropout)


SHAKESPEARE_TRANSFORMER = Transformer(
    name="shakespeare-transformer",
    title="causal transformer over the characters of tiny Shakespeare",
    source=Source("karpathy2015", "the data; the sizes are ours"),
    dataset="tinyshakespeare",
    build=Network,
    epochs=10,
    vocabulary=65,
    batch_size=32,
    bptt=64,
    carry=False,
    width=128,
    heads=4,
    layers=4,
    dropout=0.0,
)
