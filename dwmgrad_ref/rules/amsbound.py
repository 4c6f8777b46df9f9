"""AMSBound: AdaBound whose second moment never decreases.

m_t, v_t    as in Adam
vhat_t      = max(vhat_{t-1}, v_t)
theta_{t+1} as in AdaBound, with vhat_t in place of v_t
"""

from typing import Any

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adabound import Options, Shared, preconditioner, shared, start
from dwmgrad_ref.rules.amsgrad import Coord
from dwmgrad_ref.rules.base import Potential, Rule, Source


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    vhat = ops.maximum(c.vhat, v)
    return Coord(m=m, v=v, vhat=vhat), x - m / preconditioner(o, k, vhat)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # As for AdaBound.
    h = preconditioner(o, k, c.vhat)
    return Potential(h=h, damp=1, shift=-o.beta1 / (1 - o.beta1) * c.m / h)


AMSBOUND = Rule(
    name="amsbound",
    title="AMSBound: AMSGrad with clipped step sizes",
    source=Source("luo2019", "the AMSBound algorithm"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="bias corrections, eps and no division by sqrt(t), as in released code; the options give the paper's form",
)
