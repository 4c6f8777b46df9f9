"""Tasks that put single examples into classes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from analysis.training.randomness import AUGMENTATION, Randomness, derived
from analysis.training.tasks import scores
from analysis.training.tasks.base import SPLIT_SEED, Splits, Task
from dwmgrad_ref.data import Images, Table

EVALUATED = 250  # examples at a time in evaluation; with more, convolutions fall out of the cache


@dataclass(frozen=True)
class Examples:
    """Inputs (n, ...) as they are stored, in bytes for images, and classes (n,) int64."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


Batch = tuple[Tensor, Tensor]


def centred(x: Tensor) -> Tensor:
    """Bytes to [-1, 1]: to [0, 1], then mean 0.5 and standard deviation 0.5 taken out, as the authors' scripts do."""
    return x.float().div_(255).sub_(0.5).div_(0.5)


MARGIN = 4  # pixels on each side


def crops(count: int, seed: int, epoch: int) -> Tensor:
    """For each of `count` examples the crop's first row and column, 0 to 8, and whether it is mirrored: (count, 3).

    A function of seed, epoch and the example's place in the training set, whatever the order of the batches.
    """
    generator = torch.Generator().manual_seed(derived(seed, epoch, AUGMENTATION))
    places = torch.randint(2 * MARGIN + 1, (count, 2), generator=generator)
    return torch.cat([places, torch.randint(2, (count, 1), generator=generator)], 1)


def cropped_and_mirrored(x: Tensor, drawn: Tensor) -> Tensor:
    """Images (n, channels, height, width), a margin of 4 zeros around each, cut to their size, some mirrored.

    Args:
        drawn: (n, 3), see `crops`.
    """
    n, _, height, width = x.shape
    padded = pad(x, [MARGIN] * 4)
    rows = drawn[:, :1] + torch.arange(height, device=x.device)
    columns = drawn[:, 1:2] + torch.arange(width, device=x.device)
    columns = torch.where(drawn[:, 2:] == 1, columns.flip(1), columns)
    example = torch.arange(n, device=x.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[example, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


@dataclass(frozen=True, kw_only=True)
class Classification(Task):
    """Cross-entropy over shuffled batches; the last batch of an epoch may be smaller.

    Attributes:
        prepare: stored inputs to what the model gets, a batch at a time: a fraction of a step's time, and memory
            holds bytes instead of floats.
        held_out: how many training examples validate.
        tested: how many test, for a set that comes without a test set.
        augmented: training images are cropped and mirrored at random, see `cropped_and_mirrored`.
        label_smoothing: share of the target that is spread over all classes, in training only [szegedy2016].
    """

    batch_size: int
    prepare: Callable[[Tensor], Tensor]
    held_out: int
    tested: int = 0
    augmented: bool = False
    label_smoothing: float = 0.0

    def split(self, loaded: Images | Table, holdout: bool, device: torch.device) -> Splits:
        rng = np.random.default_rng(SPLIT_SEED)
        if isinstance(loaded, Images):
            x, y, test = loaded.train_x, loaded.train_y, (loaded.test_x, loaded.test_y)
        else:
            order = rng.permutation(len(loaded.y))
            kept, tested = np.sort(order[self.tested :]), np.sort(order[: self.tested])
            X, labels = loaded.X.astype(np.float32), loaded.y.astype(np.int64)
            x, y, test = X[kept], labels[kept], (X[tested], labels[tested])
        order = rng.permutation(len(y))
        cut = self.held_out if holdout else 0
        kept, held = np.sort(order[cut:]), np.sort(order[:cut])
        on = lambda x, y: Examples(torch.tensor(x, device=device), torch.tensor(y, device=device))  # noqa: E731
        return Splits(on(x[kept], y[kept]), on(x[held], y[held]) if holdout else None, on(*test), loaded.provenance)

    def steps(self, split: Examples) -> int:
        return -(-len(split) // self.batch_size)

    def batches(self, split: Examples, randomness: Randomness | None = None) -> Iterator[Batch]:
        if randomness is None:
            chosen = torch.arange(len(split)).split(self.batch_size)
        else:
            chosen = torch.randperm(len(split), generator=randomness.order).split(self.batch_size)
        drawn = None
        if self.augmented and randomness is not None:
            drawn = crops(len(split), randomness.seed, randomness.epoch).to(split.y.device)
        for index in chosen:
            index = index.to(split.y.device)
            x = split.x[index] if drawn is None else cropped_and_mirrored(split.x[index], drawn[index])
            yield self.prepare(x), split.y[index]

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        x, y = batch
        return cross_entropy(model(x), y, label_smoothing=self.label_smoothing)

    @torch.no_grad()
    def evaluate(self, model: nn.Module, split: Examples) -> dict[str, float]:
        model.eval()
        logits = torch.cat([model(self.prepare(x)) for x in split.x.split(EVALUATED)])
        return scores.classification(logits, split.y)
