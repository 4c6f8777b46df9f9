"""Smallest and largest effective step size 1/h over the coordinates and over all steps since the last row."""

from typing import Any

from dwmgrad_ref.observers.base import Observer, View


def extremes(t: Any, x: Any, g: Any, h: Any, damp: Any, z: Any, w: Any, u: Any, rows: Any, totals: Any) -> None:
    low, high = (h[0], h[0]) if totals[0] == 0.0 else (totals[1], totals[2])
    for i in range(x.size):
        low = min(low, h[i])
        high = max(high, h[i])
    totals[0], totals[1], totals[2] = 1.0, low, high


def columns(view: View) -> dict[str, float]:
    """Effective steps 1/h_{t,i}: what one unit of gradient moves a coordinate by, before momentum."""
    low, high = view.totals[1], view.totals[2]
    view.totals[0] = 0.0
    return {"step_min": 1 / high if high else float("inf"), "step_max": 1 / low if low else float("inf")}


STEP_SIZE = Observer("step-size", "smallest and largest effective step", columns, extremes)
