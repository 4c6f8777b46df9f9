"""The formula run by the interpreter on whole arrays: one NumPy call, and one temporary, an operation."""

from typing import Any

from analysis.cost.backends.base import LOSS, Engine, Work, by_name, gradient


class NumpySteps:
    def __init__(self, work: Work):
        self.rule = by_name(work.rule)
        self.o = self.rule.encode(self.rule.options(**work.options))
        self.g = [gradient(d) for d in work.sizes]
        self.x = [0.0 * g for g in self.g]
        self.k: list[Any] = []
        self.c: list[Any] = []
        for x in self.x:
            k, c = self.rule.begin(self.o, x)
            self.k.append(k)
            # An array of its own for each field: `begin` shares one zero, which would hide memory.
            self.c.append(type(c)(*(tuple(x + 0.0 for _ in v) if isinstance(v, tuple) else v + 0.0 for v in c)))

    def advance(self, n: int) -> None:
        for _ in range(n):
            for i in range(len(self.x)):
                self.k[i], self.c[i], self.x[i] = self.rule.step(
                    self.o, self.k[i], self.c[i], self.x[i], self.g[i], LOSS
                )

    def state_bytes(self) -> int:
        arrays = [a for c in self.c for v in c for a in (v if isinstance(v, tuple) else (v,))]
        return sum(a.nbytes for a in arrays)


NUMPY = Engine("numpy", "the formula on NumPy arrays", None, NumpySteps, 8, 1 << 17, 20, 10_000, "unfused")
