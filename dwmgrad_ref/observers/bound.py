"""Regret bounds along a run: the a-posteriori certificate for any rule, and the a-priori bound if one is known.

The certificate extends [dwmgradnotes] R2 to momentum. Let z_t = theta_t + shift_{t-1} mirror the iterate
and H_t = damp_t h_t > 0, any numbers at all. Write the move of z as a preconditioned step:

    ghat_t = H_t (z_t - w_{t+1}),    |z_{t+1} - u| <= |w_{t+1} - u| for every comparator u of the domain

(w is z before the projection where there is no shift, z itself otherwise). Then, coordinate by coordinate,

    g_t (theta_t - u) = g_t (theta_t - z_t) + (g_t - ghat_t)(z_t - u) + ghat_t (z_t - u)
    ghat_t (z_t - u) <= ½ H_t [(z_t - u)² - (z_{t+1} - u)²] + ghat_t² / (2 H_t)

and summing by parts with |z_t - u| <= D for t <= T

    R_T <= Σ_i { ½ D² [H_1 + Σ (H_t - H_{t-1})_+] + Σ ghat_t²/(2 H_t) + D Σ |g_t - ghat_t| } + Σ g_t·(theta_t - z_t).

Without momentum z = theta and ghat = g, and this is R2. On a box D is the distance from z to the farther end,
so the bound holds against every u in the box; without a box it is the distance to the comparator.
"""

from typing import Any

import numpy as np

from dwmgrad_ref.observers.base import Observer, View, add, total
from dwmgrad_ref.rules.bounds import Facts

# rows of `rows`; the last four are sums and take two each, the second for the rounding error
LOW, HIGH, LAST, LARGEST, FIRST, VARIATION, QUADRATIC, RESIDUAL, SQUARES = 0, 1, 2, 3, 4, 5, 7, 9, 11


def certify(t: Any, x: Any, g: Any, h: Any, damp: Any, z: Any, w: Any, u: Any, rows: Any, totals: Any) -> None:
    mirrored = 0.0
    for i in range(x.size):
        H = damp[i] * h[i]
        step = z[i] - w[i]
        ghat = H * step
        rows[LOW, i] = min(rows[LOW, i], z[i]) if t > 1 else z[i]
        rows[HIGH, i] = max(rows[HIGH, i], z[i]) if t > 1 else z[i]
        add(rows, VARIATION, i, max(H - rows[LAST, i], 0.0))
        rows[LAST, i] = H
        add(rows, QUADRATIC, i, 0.5 * ghat * step)
        add(rows, RESIDUAL, i, abs(g[i] - ghat))
        add(rows, SQUARES, i, g[i] * g[i])
        rows[LARGEST, i] = max(rows[LARGEST, i], abs(g[i]))
        rows[FIRST, i] = rows[FIRST, i] if t > 1 else abs(g[i])
        mirrored += g[i] * (x[i] - z[i])
    old = totals[0]
    totals[0] = old + mirrored
    part = totals[0] - old
    totals[1] += (old - (totals[0] - part)) + (mirrored - part)


def columns(view: View) -> dict[str, float]:
    """`bound` (a posteriori) and `bound_apriori`, objective units; nan where the losses are not convex."""
    if not view.problem.convex:
        return {"bound": np.nan, "bound_apriori": np.nan}
    sums, box = view.sums, view.problem.box
    low, high = (view.u, view.u) if box is None else (view.problem.lower, view.problem.upper)
    D = np.maximum(sums[HIGH] - low, high - sums[LOW])
    certificate = 0.5 * D**2 * total(sums, VARIATION) + total(sums, QUADRATIC) + D * total(sums, RESIDUAL)
    bound = float(certificate.sum() + view.totals[0] + view.totals[1])
    return {"bound": bound, "bound_apriori": _apriori(view, D if box is None else high - low)}


def _apriori(view: View, D: np.ndarray) -> float:
    sums = view.sums
    facts = Facts(D, np.sqrt(total(sums, SQUARES)), view.t, view.first_loss, view.loss,
                  view.problem.fixed, view.problem.box is not None, sums[LARGEST], sums[FIRST])  # fmt: skip
    return view.rule.bound(view.options, view.k, facts)


BOUND = Observer("bound", "a-posteriori certificate and a-priori regret bound", columns, certify, 13)
