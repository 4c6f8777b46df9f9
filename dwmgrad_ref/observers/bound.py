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
so the bound holds against every u in the box; without a box it is the distance to the comparator. The ledger proves it
about the functions below ([dwmgradnotes] R2+), whatever the rule and its Potential are.

Rounding: z_{t+1} and w_{t+1} are the same float, or the projection of one, so the inequality above holds for the floats
themselves; H is whatever float it is. Only the sums are rounded, and `bound_error` says how far: bound + bound_error is
a bound of Σ g_t·(theta_t - u) for the very floats g_t and theta_t of the run. Where the problem computes its gradient
with rounding, the regret itself may differ from that by D Σ |error of g_t|, about which nothing is said here.
"""

from typing import Any, NamedTuple

import numpy as np

from dwmgrad_ref import ops
from dwmgrad_ref.arithmetic import added
from dwmgrad_ref.observers.base import Observer, View
from dwmgrad_ref.rules.bounds import Facts

UNIT, TINY = 2.0**-53, 2.0**-1022  # largest relative error of one rounding, smallest normal float


class Watched(NamedTuple):
    """One coordinate's sums after step t; a row of `rows` each. A sum's rest is what rounding took from it."""

    least: Any  # z_s, s <= t
    most: Any
    H: Any  # H_t
    largest: Any  # |g_s|
    first: Any  # |g_1|
    variation: Any  # H_1 + sum of (H_s - H_{s-1})_+
    variation_rest: Any
    quadratic: Any  # sum of ½ ghat_s (z_s - w_{s+1})
    quadratic_rest: Any
    residual: Any  # sum of |g_s - ghat_s|
    residual_rest: Any
    squares: Any  # sum of g_s²
    squares_rest: Any


def watched(s: Watched, t: Any, g: Any, h: Any, damp: Any, z: Any, w: Any) -> Watched:
    """Step t of one coordinate. A negative H, which no potential has, is taken for 0, so that any H is valid."""
    H = ops.maximum(0, damp * h)
    step = z - w
    ghat = H * step
    variation = added(s.variation, s.variation_rest, ops.maximum(0, H - s.H))
    quadratic = added(s.quadratic, s.quadratic_rest, ghat / 2 * step)
    residual = added(s.residual, s.residual_rest, ops.absolute(g - ghat))
    squares = added(s.squares, s.squares_rest, g * g)
    return Watched(
        ops.where(ops.greater(t, 1), ops.minimum(z, s.least), z),
        ops.where(ops.greater(t, 1), ops.maximum(z, s.most), z),
        H, ops.maximum(ops.absolute(g), s.largest), ops.where(ops.greater(t, 1), s.first, ops.absolute(g)),
        variation[0], variation[1], quadratic[0], quadratic[1], residual[0], residual[1], squares[0], squares[1],
    )  # fmt: skip


def lag(x: Any, z: Any, g: Any) -> Any:
    """g_t (theta_t - z_t) of one coordinate."""
    return g * (x - z)


def certify(t: Any, x: Any, g: Any, h: Any, damp: Any, z: Any, w: Any, u: Any, rows: Any, totals: Any) -> None:
    lags = sizes = 0.0
    for i in range(x.size):
        s = Watched(rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i], rows[5, i], rows[6, i], rows[7, i],
                    rows[8, i], rows[9, i], rows[10, i], rows[11, i], rows[12, i])  # fmt: skip
        s = watched(s, t, g[i], h[i], damp[i], z[i], w[i])
        for row in range(len(s)):
            rows[row, i] = s[row]
        newest = lag(x[i], z[i], g[i])
        lags += newest
        sizes += ops.absolute(newest)
    totals[0], totals[1] = added(totals[0], totals[1], lags)
    totals[2] += sizes


def farthest(s: Watched, low: Any, high: Any) -> Any:
    """D: no z_s is farther than this from any point of [low, high]."""
    return ops.maximum(s.most - low, high - s.least)


def certificate(s: Watched, low: Any, high: Any) -> Any:
    """One coordinate's part of the bound, against every u in [low, high]."""
    D = farthest(s, low, high)
    return (
        D**2 / 2 * (s.variation + s.variation_rest)
        + (s.quadratic + s.quadratic_rest)
        + D * (s.residual + s.residual_rest)
    )


def reach(parts: Any, lags: Any, drift: Any, widest: Any, t: Any, d: Any, unit: Any = UNIT, tiny: Any = TINY) -> Any:
    """How far the rounding of all sums can have moved the bound after t steps in d coordinates.

    With gamma = t u/(1 - t u), from the standard model of rounding and [ogita2005], Proposition 4.5, for compensated
    sums: a coordinate's part has relative error 8 u + gamma², and besides 2 u D Σ |ghat| from the residuals, where
    Σ |ghat| <= Σ |g - ghat| + Σ |g|; adding d parts and the lags adds (d + 1) u. The factor 2 is for terms of second
    order and for the rounding here, the last term for products too small for a normal float.

    Args:
        parts: sum of the coordinates' parts.
        lags: sum of |g (theta - z)|.
        drift: sum over coordinates of D sqrt(t Σ g²), which is at least D Σ |g|.
        widest: largest D.
        unit, tiny: largest relative error of one rounding, smallest normal float.
    """
    relative = (d + 9) * unit + (t * unit / (1 - t * unit)) ** 2
    return 2 * (relative * (parts + lags) + 2 * unit * drift + t * d * (1 + widest) * tiny)


def posterior(view: View) -> tuple[float, float]:
    """The bound against every comparator of the box, or without a box against view.u, and how far rounding reaches."""
    s, box = Watched(*view.sums), view.problem.box
    low, high = (view.u, view.u) if box is None else (view.problem.lower, view.problem.upper)
    parts, D = certificate(s, low, high), farthest(s, low, high)
    drift = (D * np.sqrt(view.t * (s.squares + s.squares_rest))).sum()
    error = reach(parts.sum(), view.totals[2], drift, D.max(), view.t, D.size)
    return float(parts.sum() + view.totals[0] + view.totals[1]), float(error)


def columns(view: View) -> dict[str, float]:
    """`bound` (a posteriori), `bound_error` and `bound_apriori`, objective units; nan where losses are not convex.

    The certificate needs the rule's potential and is nan without one.
    """
    if not view.problem.convex:
        return {"bound": np.nan, "bound_error": np.nan, "bound_apriori": np.nan}
    bound, error = posterior(view)
    return {"bound": bound, "bound_error": error, "bound_apriori": _apriori(view)}


def certified(view: View) -> dict[str, float]:
    """`certificate`, objective units: bound + bound_error, rounded up; nan where the losses are not convex."""
    if not view.problem.convex:
        return {"certificate": np.nan}
    bound, error = posterior(view)
    return {"certificate": float(np.nextafter(bound + error, np.inf))}


def _apriori(view: View) -> float:
    s, problem = Watched(*view.sums), view.problem
    D = farthest(s, view.u, view.u) if problem.box is None else problem.upper - problem.lower
    facts = Facts(D, np.sqrt(s.squares + s.squares_rest), view.t, view.first_loss, view.loss,
                  problem.fixed, problem.box is not None, s.largest, s.first)  # fmt: skip
    return view.rule.bound(view.options, view.k, facts)


BOUND = Observer("bound", "a-posteriori certificate and a-priori regret bound", columns, certify, len(Watched._fields))
CERTIFICATE = Observer(
    "certificate",
    "the a-posteriori certificate with all its rounding counted",
    certified,
    certify,
    len(Watched._fields),
)
