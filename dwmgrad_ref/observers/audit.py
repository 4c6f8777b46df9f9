"""The potential condition ([dwmgradnotes] W8): does h ever decrease?"""

from typing import Any

from dwmgrad_ref.observers.base import Observer, View

# h is computed with a handful of roundings, each at most 2^-53 relative. A decrease below 1e-12 cannot be told
# from rounding; the expanding window, for which h provably never decreases, shows such flutter when g is tiny.
TOLERANCE = 1e-12


def decreases(t: Any, x: Any, g: Any, h: Any, damp: Any, z: Any, w: Any, u: Any, rows: Any, totals: Any) -> None:
    count = 0.0
    for i in range(x.size):
        count += 1.0 if h[i] < rows[0, i] * (1.0 - TOLERANCE) else 0.0
        rows[0, i] = h[i]
    if count > 0.0:
        totals[0] += count
        totals[1] += 1.0
        if totals[2] == 0.0:
            totals[2] = t


def columns(view: View) -> dict[str, float]:
    """Coordinate-steps and steps at which h decreased so far, and the first such step (nan if none).

    All nan for a rule without potential.
    """
    if view.rule.potential is None:
        return dict.fromkeys(("violations", "violating_steps", "first_violation"), float("nan"))
    first = view.totals[2] or float("nan")
    return {"violations": view.totals[0], "violating_steps": view.totals[1], "first_violation": first}


AUDIT = Observer("audit", "where the potential condition h_t >= h_{t-1} breaks", columns, decreases, 1)
