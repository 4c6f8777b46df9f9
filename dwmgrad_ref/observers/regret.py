"""Regret against the best fixed point in hindsight."""

from typing import Any

from dwmgrad_ref.observers.base import Observer, View, add, total


def gradient_sum(t: Any, x: Any, g: Any, h: Any, damp: Any, z: Any, w: Any, u: Any, rows: Any, totals: Any) -> None:
    for i in range(x.size):
        add(rows, 0, i, g[i])


def columns(view: View) -> dict[str, float]:
    """R_t = sum of f_s(theta_s) - min over fixed points of sum of f_s(u), s = 1..t, objective units."""
    best = view.problem.best_fixed(view.t, total(view.sums, 0) if view.problem.linear else None)
    regret = view.loss_sum.minus(best.total)
    return {"loss_sum": view.loss_sum.minus(0.0), "regret": regret}


REGRET = Observer("regret", "regret against the best fixed point in hindsight", columns, gradient_sum, 2,
                  wanted=lambda problem: problem.linear)  # fmt: skip
