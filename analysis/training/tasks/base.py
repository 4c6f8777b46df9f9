"""What a task is, whatever it learns from."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from analysis.training.randomness import Randomness, initialized
from dwmgrad_ref import data
from dwmgrad_ref.data.base import Provenance
from dwmgrad_ref.rules.base import Source

SPLIT_SEED = 0  # which training examples validate: the same ones for every run of every method


@dataclass(frozen=True)
class Splits:
    """What a run works on, in memory on one device. `validation` is None if nothing was held out.

    Whoever tunes looks at validation only; test is for the one look at the end (or, as published, for every epoch).
    """

    train: Any
    validation: Any
    test: Any
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class Task(ABC):
    """A task. Subclasses say how a kind of data is split, batched and scored; a file fills in the rest.

    Attributes:
        build: makes the model; its initialization draws from torch's global generator, which `model` seeds.
        epochs: the published number.
        metric: what validation selects by, a key of `evaluate`; `larger_is_better` says which way.
        result_version: part of a run's key. Raise it when a change of the task (its split, batches, network, initial
            weights, loss or metrics) changes the numbers of a run, so that stored runs are not taken for new ones.
    """

    name: str
    title: str
    source: Source
    dataset: str
    build: Callable[..., nn.Module]
    epochs: int
    metric: str = "accuracy"
    larger_is_better: bool = True
    result_version: int | str = 1

    def load(
        self, data_dir: str | Path | None = None, allow_incomplete: bool = False, holdout: bool = True,
        device: str | torch.device = "cpu",
    ) -> Splits:  # fmt: skip
        """The task's data.

        Args:
            holdout: carve a validation set from the training set, the same for every seed; False trains on all of
                it, as the papers' scripts do.

        Raises:
            MissingData: as `dwmgrad_ref.data.load`.
        """
        return self.split(data.load(self.dataset, data_dir, allow_incomplete), holdout, torch.device(device))

    @abstractmethod
    def split(self, loaded: Any, holdout: bool, device: torch.device) -> Splits:
        """Training, validation and test data of a loaded set."""

    def model(self, seed: int, device: str | torch.device = "cpu") -> nn.Module:
        """The model, its initial weights a function of the seed alone."""
        return initialized(self.network, seed).to(device)

    def network(self) -> nn.Module:
        """The model with weights from torch's global generator; tasks with sizes among their options pass them."""
        return self.build()

    @abstractmethod
    def batches(self, split: Any, randomness: Randomness | None = None) -> Iterator[Any]:
        """One epoch's batches: in an order that `randomness.order` draws, or, for None, as they lie.

        Augmentation, where a task has it, is a function of the run's seed, the epoch and the example's place.
        """

    @abstractmethod
    def steps(self, split: Any) -> int:
        """Batches in an epoch."""

    @abstractmethod
    def loss(self, model: nn.Module, batch: Any) -> Tensor:
        """The training loss of a batch, a scalar."""

    @abstractmethod
    def evaluate(self, model: nn.Module, split: Any) -> dict[str, float]:
        """Mean loss and the task's metrics over a split, in evaluation mode, without gradients."""
