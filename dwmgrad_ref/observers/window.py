"""The window and the momentum."""

from dwmgrad_ref.observers.base import Observer, View


def columns(view: View) -> dict[str, float]:
    """Window omega_t and momentum mu_t, dimensionless; nan for rules without one.

    The momentum is that of the rule's own `mu`, else what its potential damps by. Adam and its like, which average
    gradients without either, have none of this kind.
    """
    damping = 1.0 - float(view.damp[0])
    momentum = float(getattr(view.k, "mu", damping if damping else float("nan")))
    return {"window": float(getattr(view.k, "omega", float("nan"))), "momentum": momentum}


WINDOW = Observer("window", "window and momentum", columns)
