"""The regret of DWMGrad's expanding window over its bound R3, as a function that intervals can follow.

With s_t² = Σ_{r<=t} g_r² and r_t = g_t/s_t in [-1, 1] the step is theta - alpha r_t exactly (the claim X-certified
checks this on the formula that runs), and with s_T = 1 backwards s_{t-1} = s_t sqrt(1 - r_t²): no quotient is left
that a gradient near 0 would spoil. r_1 = ±1.
"""

from typing import Any

import numpy as np

from dwmgrad_ref import ops
from proofs.checkers.by_branching import Enclosure, Interval, maximize


def ratio(first: Any, r: list[Any], start: Any) -> Any:
    """R_T against u = -1 over [D²/(2 alpha) + alpha] S_T = 2 sqrt(2) S_T, alpha = D/sqrt(2), D = 2, omega_0 = 0.

    The sign of everything can be flipped, so u = -1 is no restriction.
    """
    alpha = Interval(2.0).sqrt()
    sizes: list[Any] = [Interval(1.0)]
    for value in reversed(r):
        sizes.insert(0, sizes[0] * ops.sqrt(1.0 - value * value))
    x, suffered = start, 0.0
    for value, size in zip([first, *r], sizes, strict=True):
        suffered = (x + 1.0) * (value * size) + suffered
        x = (x - alpha * value).clipped(-1.0, 1.0)
    return suffered / Interval(8.0).sqrt()


def certified_ratio(T: int, tolerance: float = 0.02, guess: Any = None, budget: int = 5_000_000) -> Enclosure:
    """Enclose the largest ratio over all gradients and starts, in the variables (r_1, ..., r_T, start).

    Args:
        tolerance: relative width of the enclosure.
        guess: (g, start) to begin with, such as the adversary's; the better it is, the fewer boxes are needed.
    """
    lo, hi = np.full((2, T + 1), -1.0), np.full((2, T + 1), 1.0)
    lo[:, 0] = hi[:, 0] = (-1.0, 1.0)
    at = None
    if guess is not None:
        g, start = guess
        flip = -1.0 if g.sum() < 0 else 1.0  # so that -1 is the best point
        at = np.append(flip * g / np.sqrt(np.cumsum(g * g)), flip * start).clip(-1.0, 1.0)
    return maximize(lambda v: ratio(v[0], v[1:-1], v[-1]), lo, hi, tolerance, at, budget)
