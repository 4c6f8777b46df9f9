"""The stored window done well: a ring of squared gradients and their running sum. O(d) time a step like the
recursion, for the memory of the whole window; the running sum collects rounding errors that a plain mean does not.
"""

import numpy as np

from analysis.cost.backends.base import LOSS, Engine, Work, gradient
from dwmgrad_ref import rules

RULE = "dwmgrad-explicit-window"


class Ring:
    """DWMGrad over the last omega squared gradients, for positive losses: the window grows to its cap and stays."""

    def __init__(self, work: Work):
        rule = rules.get(work.rule)
        self.rule, self.o = rule, rule.encode(rule.options(**work.options))
        self.k = rule.start(self.o)
        self.g = gradient(work.d)
        self.x, self.V, self.total = (np.zeros(work.d) for _ in range(3))
        self.ring, self.at = np.zeros((int(self.o.delta), work.d)), 0
        self.ring += 0.0  # touched, so that it is resident before anything is timed

    def advance(self, n: int) -> None:
        o, g = self.o, self.g
        for _ in range(n):
            before = self.k.omega
            self.k = k = self.rule.shared(o, self.k, LOSS)
            new = g * g
            if k.omega == before:  # full: the oldest leaves
                self.total -= self.ring[self.at - int(k.omega)]
            self.total += new
            self.ring[self.at] = new
            self.at = (self.at + 1) % len(self.ring)
            self.V = k.mu * self.V + k.alpha * g / (np.sqrt(self.total / k.omega) + o.eps)
            self.x = self.x - self.V

    def state_bytes(self) -> int:
        return self.V.nbytes + self.total.nbytes + self.ring.nbytes


RING = Engine(
    "numpy ring", "the stored window with a running sum", (RULE,), Ring, 8, 1 << 17, 20, 10_000, "unfused",
    only=("delta",),
)  # fmt: skip
