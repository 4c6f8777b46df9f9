"""One training run: all that determines it, and the key under which its result is stored."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

# What is evaluated besides the training loss: "test" after every epoch, as the published curves were made;
# "validation" after every epoch and nothing else, to choose by; "final": validation, and test once after the last.
Watch = Literal["test", "validation", "final"]


class Place(NamedTuple):
    """Where the data lie, whether a set known to be incomplete will do, and whether one that is nowhere is fetched.

    No part of what determines a run.
    """

    folder: str | None = None
    allow_incomplete: bool = False
    fetch: bool = True


ANYWHERE = Place()


@dataclass(frozen=True)
class Run:
    """A run as an experiment asks for it.

    task, task_options  a task's name and options
    optimizer           {"optimizer": rule or torch class, **options}
    seed                of the initial weights, the order of the data and dropout
    watch               what is evaluated, and so on which data is trained
    training            what of the recipe (analysis/training/recipe.py) is not the default
    """

    task: str
    optimizer: dict[str, Any]
    seed: int
    epochs: int
    watch: Watch = "test"
    task_options: dict[str, Any] = field(default_factory=dict)
    threads: int = 1
    device: str = "cpu"
    training: dict[str, Any] = field(default_factory=dict)

    def asked(self) -> dict[str, Any]:
        """The run as plain values."""
        # a recipe of defaults is not told, so that runs made before there were recipes keep their keys
        recipe = {"training": self.training} if self.training else {}
        return {
            **recipe,
            "task": self.task,
            "task_options": self.task_options,
            "optimizer": self.optimizer,
            "seed": self.seed,
            "epochs": self.epochs,
            "watch": self.watch,
            "threads": self.threads,
            "device": self.device,
        }

    def identity(self, data: dict[str, Any], result_version: dict[str, Any], torch: str) -> dict[str, Any]:
        """All that determines the result, as plain values.

        Args:
            data: the data's fingerprint and counts.
            result_version: the version that each part of the code declares for the numbers it gives.
            torch: its version.
        """
        return {**self.asked(), "data": data, "result_version": result_version, "torch": torch}


def key(identity: dict[str, Any]) -> str:
    """The name of a run's files: 24 hexadecimal digits of the SHA-256 of its identity."""
    return hashlib.sha256(canonical(identity).encode()).hexdigest()[:24]


def canonical(identity: dict[str, Any]) -> str:
    """One text for equal identities: keys sorted, floats by their shortest decimal, and 1.0 written as 1."""
    return json.dumps(_plain(identity), sort_keys=True, allow_nan=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        if value.is_integer():
            return int(value)
        return value if abs(value) < float("inf") else str(value)  # JSON has no infinity
    return value
