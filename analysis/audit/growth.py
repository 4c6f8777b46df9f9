"""How fast a preconditioner grows, as lemmas of a rule, and what each lemma says of the regret.

A lower lemma alpha h_t >= kappa L_t makes the sum of d_t²/h_t small, where the step is d_t/h_t: each d_t²/h_t is at
most what a multiple of S_t = sqrt(g_1² + ... + g_t²), of sqrt(t) or of t grew by at step t. An upper lemma
alpha h_t <= K U_t + E W_t makes the distance paid for at the end small. The constants are measured on runs, rounded
outwards and proved; where the solvers do not confirm one, it is widened.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import z3

from analysis.audit.invariants import rounded
from analysis.audit.step_model import View
from dwmgrad_ref import ops

WIDER = (Fraction(1), Fraction(9, 10), Fraction(1, 2))
Measure = Callable[[View, Any], Any]  # of the state after step t and d_t
Sums = Callable[[Any, Any, Any], Any]  # of G, S_T, T


@dataclass(frozen=True)
class Lower:
    """alpha h_t >= kappa L_t. Then the sum of d_t²/h_t up to T is at most (alpha/kappa) sums(G, S_T, T)."""

    words: str
    measure: Measure
    sums: Sums
    sums_words: tuple[int, str]  # a number, and what it multiplies in coordinate i
    means: bool  # whether d_t may be a mean of the gradients
    root: bool  # whether the sums are of the order sqrt(T)

    def grown(self, now: dict[str, Any]) -> tuple[Any, Any]:
        """L_t, and by how much the sums grow at step t, from d, G, S_t, S_{t-1}, the roots of t and t - 1."""
        d = z3.If(now["d"] < 0, -now["d"], now["d"])
        return {
            "S_t": (now["S"], 2 * (now["S"] - now["S_before"])),
            "sqrt(t) |d_t|": (now["root"] * d, 2 * now["G"] * (now["root"] - now["root_before"])),
            "sqrt(t)": (now["root"], 2 * now["G"] * now["G"] * (now["root"] - now["root_before"])),
            "1": (z3.RealVal(1), now["d"] * now["d"]),
        }[self.words]


@dataclass(frozen=True)
class Upper:
    """alpha h_t <= K U_t + E W_t."""

    words: tuple[str, str]
    last_words: tuple[str, str]  # of the same at the last step, in coordinate i
    measure: Callable[[View], tuple[Any, Any]]
    last: Callable[[Any, Any, Any], tuple[Any, Any]]  # U_T and W_T from G, S_T, T
    root: bool


SQUARES = Lower("S_t", lambda v, d: ops.sqrt(v.squares), lambda G, S, T: 2 * S, (2, "S_i"), False, True)
LARGEST = Lower("sqrt(t) |d_t|", lambda v, d: v.root_t * ops.absolute(d), lambda G, S, T: 2 * G * T**0.5,
                (2, "G_i sqrt(T)"), True, True)  # fmt: skip
ROOT = Lower("sqrt(t)", lambda v, d: v.root_t, lambda G, S, T: 2 * G**2 * T**0.5, (2, "G_i² sqrt(T)"), True, True)
ONE = Lower("1", lambda v, d: 1 + 0 * v.root_t, lambda G, S, T: S**2, (1, "S_i²"), False, False)
LOWER = (SQUARES, LARGEST, ROOT, ONE)

BY_SQUARES = Upper(("S_t", "sqrt(t)"), ("S_i", "sqrt(T)"), lambda v: (ops.sqrt(v.squares), v.root_t),
                   lambda G, S, T: (S, T**0.5), True)  # fmt: skip
BY_LARGEST = Upper(("G sqrt(t)", "sqrt(t)"), ("G_i sqrt(T)", "sqrt(T)"), lambda v: (v.root_t * v.G, v.root_t),
                   lambda G, S, T: (G * T**0.5, T**0.5), True)  # fmt: skip
UPPER = (BY_SQUARES, BY_LARGEST)


def summable(lower: Lower) -> tuple[list[Any], Any]:
    """For all reals: the lemma at step t bounds d_t²/h_t by (alpha/kappa) times what the sums grow by.

    Returns:
        Hypotheses and conclusion, as the solvers' terms: kappa d_t² <= alpha h_t growth_t.
    """
    names = ("d", "G", "S", "S_before", "root", "root_before", "h", "alpha", "kappa")
    now: dict[str, Any] = dict(zip(names, z3.Reals(" ".join(names)), strict=True))
    d, G, S, S0, r, r0, h, alpha, kappa = now.values()
    L, growth = lower.grown(now)
    given = [h > 0, alpha > 0, kappa > 0, G > 0, d <= G, -G <= d, alpha * h >= kappa * L]
    if lower is SQUARES:
        given += [S0 >= 0, S >= 0, S * S == S0 * S0 + d * d]
    elif lower is not ONE:
        given += [r0 >= 0, r >= 0, r * r == r0 * r0 + 1]
    return given, kappa * d * d <= alpha * h * growth


def kappas(heights: Sequence[Any], measures: Sequence[Any]) -> list[Fraction]:
    """Constants to try for a lower lemma, the largest first; none where the ratio comes down to 0."""
    least = _extreme(heights, measures, np.nanmin)
    return [rounded(least, up=False) * c for c in WIDER] if np.isfinite(least) and least > 1e-7 else []


def largest_constants(heights: Sequence[Any], U: Sequence[Any], W: Sequence[Any]) -> list[tuple[Fraction, Fraction]]:
    """(K, E) to try for an upper lemma, the smallest first: E from the coordinate without gradients, then K."""
    E = _extreme([h[0] for h in heights], [np.broadcast_to(w, h.shape)[0] for h, w in zip(heights, W, strict=True)],
                 np.nanmax)  # fmt: skip
    if not np.isfinite(E) or E > 1e7:
        return []
    E = rounded(max(E, 0.0), up=True)
    K = _extreme([h - float(E) * w for h, w in zip(heights, W, strict=True)], U, np.nanmax)
    if not np.isfinite(K) or K > 1e7:
        return []
    K = rounded(K, up=True) if K > 1e-9 else Fraction(0)
    return [(K / c, E / c) for c in WIDER]


def _extreme(above: Sequence[Any], below: Sequence[Any], choose: Callable[[Any], Any]) -> float:
    with np.errstate(all="ignore"):
        ratios = [np.where(np.asarray(b) > 1e-12, a / b, np.nan) for a, b in zip(above, below, strict=True)]
    ratios = [r for r in ratios if np.any(~np.isnan(r))]
    return float(choose([choose(r) for r in ratios])) if ratios else float("nan")
