"""The window and the momentum."""

from dwmgrad_ref.observers.base import Observer, View


def columns(view: View) -> dict[str, float]:
    """Window omega_t (nan for rules without one) and momentum mu_t, dimensionless."""
    return {"window": float(getattr(view.k, "omega", float("nan"))), "momentum": 1.0 - float(view.damp[0])}


WINDOW = Observer("window", "window and momentum", columns)
