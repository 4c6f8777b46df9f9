"""Gradient sequences on which implementations of one method tell themselves apart.

The gradients are given and do not depend on the iterates. A difference between two implementations therefore comes
from their own arithmetic, and it is not amplified by the loss.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

STEPS, D = 24, 6


class Sequence(NamedTuple):
    """Gradients (T, d), losses (T,) and the first iterate (d,); every number is a float64."""

    name: str
    g: np.ndarray
    losses: np.ndarray
    x: np.ndarray


def _random(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((STEPS, D))


def _sparse(rng: np.random.Generator) -> np.ndarray:
    """About four of five entries are zero, the first gradient is not."""
    kept = rng.random((STEPS, D)) < 0.2
    kept[0] = True
    return np.where(kept, rng.standard_normal((STEPS, D)), 0.0)


def _alternating(rng: np.random.Generator) -> np.ndarray:
    """The sign changes at every step. The sizes are random, so that no running mean is exactly zero."""
    signs = np.where(np.arange(STEPS) % 2 == 0, 1.0, -1.0)
    return signs[:, None] * rng.uniform(0.5, 2.0, (STEPS, D))


def _constant(rng: np.random.Generator) -> np.ndarray:
    return np.tile(rng.uniform(-2.0, 2.0, D), (STEPS, 1))


def _late(rng: np.random.Generator) -> np.ndarray:
    """The first gradient is zero in every coordinate, the first three are zero in half of them."""
    g = rng.standard_normal((STEPS, D))
    g[0], g[:3, ::2] = 0.0, 0.0
    return g


SHAPES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "random": _random,
    "sparse": _sparse,
    "sign-changing": _alternating,
    "tiny": lambda rng: 1e-7 * _random(rng),
    "large": lambda rng: 1e5 * _random(rng),
    "constant": _constant,
    "first gradient zero": _late,
}


def sequences(seed: int = 0) -> list[Sequence]:
    """One sequence of every shape, drawn from the seed."""
    drawn = []
    for number, (name, shape) in enumerate(SHAPES.items()):
        rng = np.random.default_rng([seed, number])
        drawn.append(Sequence(name, shape(rng), rng.uniform(0.5, 2.0, STEPS), rng.standard_normal(D)))
    return drawn
