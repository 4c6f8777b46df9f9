"""The potential function of the convergence proof."""

import numpy as np

from dwmgrad_ref.observers.base import Observer, View


def columns(view: View) -> dict[str, float]:
    """Φ_t = ½ Σ_i h_{t,i} (z_{t,i} - u_i)², where z mirrors the iterate through the momentum."""
    return {"potential": 0.5 * float(np.sum(view.h * (view.z - view.u) ** 2))}


POTENTIAL = Observer("potential", "the potential ½ Σ h (z - u)²", columns)
