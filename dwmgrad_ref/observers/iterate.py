"""The iterate itself, one column a coordinate."""

from dwmgrad_ref.observers.base import Observer, View


def columns(view: View) -> dict[str, float]:
    """theta_t as theta_0, theta_1, ..."""
    return {f"theta_{i}": float(value) for i, value in enumerate(view.theta)}


ITERATE = Observer("iterate", "every coordinate of theta_t", columns)
