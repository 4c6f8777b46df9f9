"""The slow way: the same formulas, run by the interpreter, one plain loop, everything kept."""

from typing import Any, NamedTuple

import numpy as np

from dwmgrad_ref import problems, rules


class History(NamedTuple):
    """Per step t (first axis): theta_t, gradient, loss, h, damp, z and theta_{t+1} before projection."""

    theta: np.ndarray
    g: np.ndarray
    loss: np.ndarray
    h: np.ndarray
    damp: np.ndarray
    shift: np.ndarray
    free: np.ndarray
    omega: np.ndarray
    last: np.ndarray


def interpret(rule: Any, problem: Any, steps: int, **options: Any) -> History:
    rule, problem = rules.get(rule), problems.get(problem)
    o = rule.encode(rule.options(**options))
    k, x = rule.start(o), problem.x0.copy()
    c = rule.Coord(*(np.zeros(problem.d) for _ in rule.Coord._fields))
    rows = []
    for t in range(1, steps + 1):
        loss, g = problem.value_grad(x, t)
        k = rule.shared(o, k, loss)
        c, free = rule.coord(o, k, c, x, g)
        h, damp, shift = (np.broadcast_to(v, x.shape) for v in rule.potential(o, k, c))
        rows.append((x, g, loss, h, damp, shift, free, getattr(k, "omega", np.nan)))
        x = np.clip(free, problem.lower, problem.upper)
    return History(*(np.array(column) for column in zip(*rows, strict=True)), last=x)
