"""The problems of the suite and the region from which their starts are drawn."""

from typing import Any, NamedTuple

import numpy as np

from dwmgrad_ref import problems
from dwmgrad_ref.problems.base import Problem


class Item(NamedTuple):
    """A problem, its parameters, and the box [low, high]^d of its starts, centred at the problem's own if `around`."""

    name: str
    low: float
    high: float
    parameters: dict[str, Any] = {}
    around: bool = False

    @property
    def problem(self) -> Problem:
        return problems.get(self.name, **self.parameters)

    def starts(self, seed: int, count: int) -> np.ndarray:
        """Starts (count, d), uniform in the box, drawn from the seed."""
        made = self.problem
        random = np.random.default_rng([seed, sum(self.name.encode())])
        return random.uniform(self.low, self.high, (count, made.d)) + (made.x0 if self.around else 0.0)


# The boxes are those of [jamilyang2013] or smaller ones; elsewhere they hold the planted solution.
SUITE = (
    Item("rosenbrock-nd", -2.0, 2.0, {"d": 4}),
    Item("ackley", -5.0, 5.0),
    Item("rastrigin", -5.12, 5.12),
    Item("styblinski-tang", -5.0, 5.0),
    Item("himmelblau", -5.0, 5.0),
    Item("saddle", -0.01, 0.01, {"d": 4}, True),
    Item("plateau", -6.0, 6.0, {"d": 2}),
    Item("noisy-valley", -2.0, 2.0),
    Item("matrix-factorization", -1.0, 1.0),
    Item("phase-retrieval", -2.0, 2.0),
    Item("autoencoder", -1.0, 1.0),
)
