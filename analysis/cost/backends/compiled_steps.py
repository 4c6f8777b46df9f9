"""The formula as machine code: one pass over memory a step, one C call a tensor."""

from typing import Any

import numpy as np

from analysis.cost.backends.base import LOSS, Engine, Work, by_name, gradient
from dwmgrad_ref.execution import compiled as c

_step = c.caller(c.STEP)


@c.compiled
def _advance(step, p, k, state, x, g, d, rows, loss, n):
    for _ in range(n):
        _step(step, (p, k, state, x, g, d, rows, loss))


class CompiledSteps:
    def __init__(self, work: Work):
        rule = by_name(work.rule)
        options = rule.options(**work.options)
        code = rule.encode(options)
        rows = len(rule.Coord._fields) + max(rule.history(options) - 1, 0)
        self.calls: list[tuple[Any, ...]] = []
        for d in work.sizes:
            k, state, x = np.array(rule.start(code), dtype=float), np.zeros((rows, d)), np.zeros(d)
            self.calls.append(
                (c.step_of(rule).address, np.array(code, dtype=float), k, state, x, gradient(d), d, rows, LOSS)
            )

    def advance(self, n: int) -> None:
        if len(self.calls) == 1:
            _advance(*self.calls[0], n)
            return
        for _ in range(n):
            for call in self.calls:
                _advance(*call, 1)

    def state_bytes(self) -> int:
        return sum(call[3].nbytes for call in self.calls)


COMPILED = Engine("compiled", "the formula compiled", None, CompiledSteps, 8, 1 << 20, 1000, 10_000_000, "fused")
