"""Tasks that predict the next symbol of a text."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from analysis.training.randomness import Randomness
from analysis.training.tasks.base import Splits, Task
from dwmgrad_ref.data import Text


@dataclass(frozen=True)
class Tokens:
    """A stretch of text as numbers of symbols (n,) int64."""

    ids: Tensor

    def __len__(self) -> int:
        return len(self.ids)


class Segment(NamedTuple):
    """Inputs and the symbols that follow them, both (sequences, length).

    `first`: nothing comes before it, so a model that carries its state across batches begins anew.
    """

    x: Tensor
    y: Tensor
    first: bool


@dataclass(frozen=True, kw_only=True)
class LanguageModel(Task):
    """The mean negative log-likelihood, in nats, of each symbol after those before it.

    Of a text of n symbols, `(n - 1) // batch_size * batch_size` are predicted: what does not fill a batch is left out.

    Attributes:
        vocabulary: how many different symbols there are.
        batch_size: sequences at a time.
        bptt: symbols of a sequence; gradients do not reach further back.
        carry: the text is cut into `batch_size` columns, read in order, and the model keeps its state from one batch
            to the next, as recurrent models are trained. Otherwise an epoch begins at a random symbol below `bptt`,
            the text from there is cut into sequences, and they come in random order.
        metric: perplexity, exp of the loss.
    """

    vocabulary: int
    batch_size: int
    bptt: int
    carry: bool
    metric: str = "perplexity"
    larger_is_better: bool = False

    def split(self, loaded: Text, holdout: bool, device: torch.device) -> Splits:
        """The published split has a validation part, so `holdout` takes nothing."""
        on = lambda part: Tokens(torch.tensor(part, device=device))  # noqa: E731
        return Splits(on(loaded.train), on(loaded.validation), on(loaded.test), loaded.provenance)

    def steps(self, split: Tokens) -> int:
        if self.carry:
            return -(-((len(split) - 1) // self.batch_size) // self.bptt)
        return (len(split) - self.bptt) // self.bptt // self.batch_size

    def batches(self, split: Tokens, randomness: Randomness | None = None) -> Iterator[Segment]:
        if self.carry or randomness is None:
            yield from self._columns(split.ids)
        else:
            yield from self._shuffled(split.ids, randomness)

    def _columns(self, ids: Tensor) -> Iterator[Segment]:
        length = (len(ids) - 1) // self.batch_size
        kept = length * self.batch_size
        x, y = ids[:kept].view(self.batch_size, length), ids[1 : kept + 1].view(self.batch_size, length)
        for start in range(0, length, self.bptt):
            part = slice(start, start + self.bptt)
            yield Segment(x[:, part], y[:, part], start == 0)

    def _shuffled(self, ids: Tensor, randomness: Randomness) -> Iterator[Segment]:
        offset = int(torch.randint(self.bptt, (), generator=randomness.order))
        count = self.steps(Tokens(ids)) * self.batch_size
        stop = offset + count * self.bptt
        x, y = ids[offset:stop].view(count, self.bptt), ids[offset + 1 : stop + 1].view(count, self.bptt)
        for index in torch.randperm(count, generator=randomness.order).split(self.batch_size):
            index = index.to(ids.device)
            yield Segment(x[index], y[index], True)

    def loss(self, model: nn.Module, batch: Segment) -> Tensor:
        logits = model(batch.x, batch.first)
        return cross_entropy(logits.flatten(0, 1), batch.y.flatten())

    @torch.no_grad()
    def evaluate(self, model: nn.Module, split: Tokens) -> dict[str, float]:
        model.eval()
        total, right, count = 0.0, 0, 0
        for segment in self.batches(split):
            logits = model(segment.x, segment.first)
            y = segment.y.flatten()
            total += float(cross_entropy(logits.flatten(0, 1), y, reduction="sum"))
            right += int((logits.argmax(2).flatten() == y).sum())
            count += len(y)
        mean = total / count
        return {"loss": mean, "perplexity": math.exp(min(mean, 700.0)), "accuracy": right / count}
