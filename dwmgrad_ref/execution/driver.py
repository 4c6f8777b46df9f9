"""The driver: one loop for every rule, problem and observer, compiled once.

Per step t it asks the loss and gradient at theta_t, stops before using anything that is not finite, lets the
rule step, shows the step to the observers and projects onto the box. `Workspace` is all there is of a run's
state, so saving its arrays and going on later continues bit for bit.
"""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from dwmgrad_ref.arithmetic import added, mirrored, projected, unprojected
from dwmgrad_ref.execution import compiled as c
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.rules.base import Rule

_step, _potential, _loss, _observe = (caller for caller in map(c.caller, (c.STEP, c.POTENTIAL, c.LOSS, c.OBSERVE)))


for _function in (added, mirrored, projected, unprojected):
    c.compilable(_function)


def _array(*shape: int) -> Any:
    return field(default_factory=lambda: np.zeros(shape))


@dataclass
class Workspace:
    """Every array of a run. `x` is theta_{t+1} after step t; `theta`, `g`, `h`, `damp`, `z`, `w` are of step t.

    h, damp, shift   the rule's Potential after step t, (d,) each
    z                mirrored iterate z_t = theta_t + shift_{t-1}, (d,)
    w                z_{t+1} before a projection that only brings it nearer to any comparator, (d,)
    sums             running loss sum (high part, low part), loss of step t, loss of step 1
    rows, totals     (observers, row, d) and (observers, TOTALS) accumulators
    """

    k: np.ndarray
    state: np.ndarray
    x: np.ndarray
    theta: np.ndarray
    g: np.ndarray
    h: np.ndarray
    damp: np.ndarray
    shift: np.ndarray
    z: np.ndarray
    w: np.ndarray
    sums: np.ndarray
    rows: np.ndarray
    totals: np.ndarray

    @classmethod
    def fresh(cls, rule: Rule, options: Any, x0: np.ndarray, row_counts: list[int]) -> "Workspace":
        """The state before step 1."""
        d, code = x0.size, rule.encode(options)
        state_rows = len(rule.Coord._fields) + max(rule.history(options) - 1, 0)
        vectors = {name: np.zeros(d) for name in ("theta", "g", "h", "damp", "shift", "z", "w")}
        return cls(
            k=np.array(rule.start(code), dtype=float),
            state=np.zeros((state_rows, d)),
            x=np.array(x0, dtype=float),
            sums=np.zeros(4),
            rows=np.zeros((len(row_counts), max(row_counts, default=1), d)),
            totals=np.zeros((len(row_counts), c.TOTALS)),
            **vectors,
        )

    def arrays(self) -> dict[str, np.ndarray]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


@c.compiled
def _advance(
    step, potential, loss, observers, p, k, state, A, b, cc, x, g, theta, h, damp, shift, z, w, u, lower, upper, boxed,
    sums, rows, totals, first, last,
):  # fmt: skip
    """Steps first..last. Returns the step before which it stopped: last + 1, or the first non-finite one."""
    d, state_rows, looks = x.size, state.shape[0], observers.size > 0
    if looks:
        _potential(potential, (p, k, state, h, damp, shift, d, state_rows))
    for t in range(first, last + 1):
        value = _loss(loss, (A, A.shape[0], A.shape[1], b, b.size, cc, cc.size, t, x, g, d))
        finite = abs(value) < np.inf
        for i in range(d):
            finite &= abs(g[i]) < np.inf
        if not finite:
            sums[2] = value
            return t
        sums[0], sums[1] = added(sums[0], sums[1], value)
        sums[2] = value
        if t == 1:
            sums[3] = value
        look = looks or t == last
        if look:
            if not looks:  # the shift of step t - 1; observers already have it
                _potential(potential, (p, k, state, h, damp, shift, d, state_rows))
            for i in range(d):
                theta[i] = x[i]
                z[i] = mirrored(x[i], shift[i])
        _step(step, (p, k, state, x, g, d, state_rows, value))
        if look:
            _potential(potential, (p, k, state, h, damp, shift, d, state_rows))
            for i in range(d):
                w[i] = unprojected(x[i], shift[i], lower[i], upper[i])
            for j in range(observers.size):
                _observe(observers[j], (t, theta, g, h, damp, z, w, u, rows[j], rows.shape[1], totals[j], d))
        if boxed:
            for i in range(d):
                x[i] = projected(x[i], lower[i], upper[i])
    return last + 1


@dataclass
class Engine:
    """A rule with options, a problem, observers' kernels and a comparator, ready to step a workspace."""

    rule: Rule
    options: Any
    problem: Problem
    kernels: list[Any]
    u: np.ndarray

    def __post_init__(self) -> None:
        self.code = self.rule.encode(self.options)
        self.p = np.array(self.code, dtype=float)
        self.step, self.potential = c.step_of(self.rule).address, c.potential_of(self.rule).address
        self.loss = c.loss_of(self.problem.kernel).address
        self.observers = np.array([c.observer_of(k).address for k in self.kernels], dtype=np.int64)

    def advance(self, s: Workspace, first: int, last: int) -> int:
        """Take steps first..last in place; returns last + 1, or the step whose loss or gradient is not finite."""
        problem = self.problem
        return _advance(
            self.step, self.potential, self.loss, self.observers, self.p, s.k, s.state,
            problem.A, problem.b, problem.c, s.x, s.g, s.theta, s.h, s.damp, s.shift, s.z, s.w, self.u,
            problem.lower, problem.upper, problem.box is not None, s.sums, s.rows, s.totals, first, last,
        )  # fmt: skip
