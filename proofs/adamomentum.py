"""AdaMomentum's formula handed whatever numbers a proof needs."""

from typing import Any

from dwmgrad_ref import rules
from proofs.formulas import record

RULE = rules.get("adamomentum")


def momentum_step(
    *, g: Any, m: Any = 0, v: Any = 0, x: Any = 0, beta1: Any, beta2: Any, eps: Any = 0, alpha: Any = 1
) -> tuple[Any, Any]:
    """One coordinate of a step without bias correction, as in the convex theorem: (m_t, v_t), theta_{t+1}."""
    o = record(RULE, beta1=beta1, beta2=beta2, eps=eps)
    k = RULE.start(o)._replace(alpha=alpha, c1=1, c2=1)
    return RULE.coord(o, k, RULE.Coord(m=m, v=v), x, g)
