"""AMSGrad: Adam whose second moment never decreases.

    m_t         = beta1 m_{t-1} + (1 - beta1) g_t
    v_t         = beta2 v_{t-1} + (1 - beta2) g_t²
    vhat_t      = max(vhat_{t-1}, v_t)
    theta_{t+1} = theta_t - alpha_t m_t/(1 - beta1^t) / (sqrt(vhat_t)/sqrt(1 - beta2^t) + eps)

The two bias corrections are torch.optim.Adam(amsgrad=True)'s; the paper has none, and with
bias_correction=False neither has this rule. Only that form has a regret bound: the corrections make
sqrt(vhat)/sqrt(1 - beta2^t) decrease again, which the maximum was there to prevent.
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Shared, start
from dwmgrad_ref.rules.base import (
    SQRT,
    Decay,
    Epsilon,
    Potential,
    Rule,
    Schedule,
    Source,
    StepSize,
    option,
)
from dwmgrad_ref.rules.bounds import DIVIDES, LARGEST, Bound, Facts, Requirement


class Options(NamedTuple):
    alpha: StepSize = 1e-3
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-8
    schedule: Schedule = "constant"
    bias_correction: Annotated[bool, option("divide the moments by 1 - β^t, as torch does; the paper does not")] = True


class Coord(NamedTuple):
    m: float
    v: float
    vhat: float


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    alpha = o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha
    power1, power2 = k.power1 * o.beta1, k.power2 * o.beta2
    c1 = 1 - power1 if o.bias_correction else 1
    c2 = ops.sqrt(1 - power2) if o.bias_correction else 1
    return Shared(t=t, alpha=alpha, power1=power1, power2=power2, c1=c1, c2=c2)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    vhat = ops.maximum(c.vhat, v)
    return Coord(m=m, v=v, vhat=vhat), x - k.alpha * (m / k.c1) / (ops.sqrt(vhat) / k.c2 + o.eps)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # As for Adam: the step is m/h, and z = theta - beta1/(1-beta1) m/h moves by g/h up to the change of h.
    h = (ops.sqrt(c.vhat) / k.c2 + o.eps) * k.c1 / k.alpha
    step = c.m / ops.where(ops.greater(h, 0), h, 1)  # h = 0 only when eps = 0 and every gradient was 0, and so is m
    return Potential(h=h, damp=1, shift=-o.beta1 / (1 - o.beta1) * step)


PRINTED_FORM = Requirement(
    "schedule = sqrt, no bias correction", lambda o, k, facts: o.schedule == SQRT and not o.bias_correction
)
RATES = Requirement("beta1² < beta2", lambda o, k, facts: o.beta1**2 < o.beta2)
BOX_OR_NO_MOMENTUM = Requirement(
    "projected onto a box that holds theta_1, or beta1 = 0", lambda o, k, facts: facts.projected or o.beta1 == 0
)


def bound(o: Any, k: Any, facts: Facts) -> Any:
    """Regret bound for constant beta1, where vhat_T <= (1-beta2) S².

    Not [reddi2018], Theorem 4, which is of order T^1.5 unless beta1_t -> 0. This is the argument of
    [alacaoglu2020] with our constants. Since h_t = (sqrt(vhat_t) + eps) sqrt(t)/alpha never decreases,
    g_t = (m_t - beta1 m_{t-1})/(1-beta1) summed by parts gives per coordinate
        D² h_T/(2(1-beta1)) + (1+beta1)/(2(1-beta1)) Σ m_t²/h_t,
    and by Cauchy-Schwarz |m_t| <= (1-beta1) sqrt(v_t) / sqrt((1-beta2)(1 - beta1²/beta2)), so that
        Σ m_t²/h_t <= alpha (1-beta1) sqrt(1+log T) S / sqrt((1-beta2)(1 - beta1²/beta2)).
    """
    return _with_root(o, facts, ops.sqrt(1 - o.beta2) * facts.S)


def sharper_bound(o: Any, k: Any, facts: Facts) -> Any:
    """The same, where also vhat_T <= G²."""
    return _with_root(o, facts, ops.minimum(ops.sqrt(1 - o.beta2) * facts.S, facts.G))


def _with_root(o: Any, facts: Facts, root: Any) -> Any:
    distance = facts.D**2 * ops.sqrt(facts.T) * (root + o.eps) / (2 * o.alpha * (1 - o.beta1))
    factor = o.alpha * (1 + o.beta1) / (2 * ops.sqrt((1 - o.beta2) * (1 - o.beta1**2 / o.beta2)))
    return distance + factor * ops.sqrt(1 + ops.log(facts.T)) * facts.S


REQUIRES = (PRINTED_FORM, RATES, BOX_OR_NO_MOMENTUM, DIVIDES)


AMSGRAD = Rule(
    name="amsgrad",
    title="AMSGrad: Adam with a second moment that never decreases",
    source=Source("reddi2018", "Algorithm 2; bound after [alacaoglu2020]"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    bounds=(
        Bound("C-amsgrad-momentum", REQUIRES, bound),
        Bound("C-amsgrad-momentum-largest", (*REQUIRES, LARGEST), sharper_bound),
    ),
    departs="bias corrections and eps as in torch.optim.Adam(amsgrad=True); bias_correction=False is the paper's form",
)
