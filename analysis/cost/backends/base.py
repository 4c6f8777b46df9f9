"""What an engine is here: a way to take n steps of a rule on tensors of given sizes, with a fixed gradient and loss.

Only the step is timed, not the loss or gradient, so the same work is asked of every engine. Gradients are random,
fixed and not small; the loss is 1, so a window grows to its cap and stays there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule

LOSS = 1.0


class Stepper(Protocol):
    """An optimizer with its tensors, ready to go."""

    def advance(self, n: int) -> None:
        """Take n steps."""
        ...

    def state_bytes(self) -> int:
        """Bytes kept between steps besides parameters and gradients."""
        ...


@dataclass(frozen=True)
class Work:
    """What is stepped: a rule's name (or a file), its options, the coordinates of each tensor, and the device."""

    rule: str
    sizes: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    device: str = "cpu"

    @property
    def d(self) -> int:
        return sum(self.sizes)


@dataclass(frozen=True, eq=False)
class Engine:
    """A way to step, by name.

    rules    names of what it steps; None for every rule, a user's file too
    start    the stepper for some work
    itemsize bytes of a number
    chunk    coordinates times steps of one timed call, and `most` the most steps in it
    longest  most steps of the measurement against n, more would take minutes
    passes   "fused": one pass over memory a step; "unfused": one an operation; "its own": another's code, not counted
    missing  why it cannot run on a device, or None
    only     for comparators of one section: the sections it belongs to
    history  whether it steps rules that keep past gradients
    """

    name: str
    title: str
    rules: tuple[str, ...] | None
    start: Callable[[Work], Stepper]
    itemsize: int
    chunk: int
    most: int
    longest: int
    passes: str
    missing: Callable[[str], str | None] = lambda device: None if device == "cpu" else "not run: CPU only"
    only: tuple[str, ...] = ()
    history: bool = True

    def steps(self, rule: str) -> bool:
        """Whether it can step the rule of that name or file."""
        if self.rules is not None:
            return rule in self.rules
        return self.history or "past" not in by_name(rule).Coord._fields

    def steps_a_call(self, d: int) -> int:
        """Steps of one timed call: as many as keep the call's own cost out of the step's, no more than `most`."""
        return int(np.clip(self.chunk // d, 1, self.most))


def by_name(rule: str) -> Rule:
    """The rule of that name, or in that file."""
    return rules.get(rule)


@lru_cache(maxsize=2)
def gradient(d: int, dtype: Any = np.float64) -> np.ndarray:
    """(d,) fixed random gradient of size about one, none of it near zero; a seeded block, repeated; read only."""
    block = np.random.default_rng(0).uniform(0.5, 1.5, min(d, 1 << 16)).astype(dtype)
    return np.resize(block, d)
