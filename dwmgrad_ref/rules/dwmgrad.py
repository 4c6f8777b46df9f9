"""DWMGrad: a second moment over a window that the loss widens and narrows, momentum tied to the window.

    beta    = beta + s_t                                     s_t: the loss signal
    omega_t = min(omega_{t-1} + 1, delta) if beta > 0 else max(omega_{t-1} - 1, 1);  beta = 0
    G_t     = (1 - 1/omega_t) G_{t-1} + g_t² / omega_t
    mu_t    = gamma omega_t / delta
    V_t     = mu_t V_{t-1} + alpha_t g_t / (sqrt(G_t) + eps)
    theta_{t+1} = theta_t - V_t

The sources disagree on s_t, and the choice changes the algorithm, so it is an option and never hidden:
`loss` f_t(theta_t); `increase` f_t(theta_t) - f_{t-1}(theta_{t-1}), the first step of an epoch f_t itself;
`decrease` the negative of that, first step 0. Whether beta is reset after every step is an option too: the
released code does, the paper does not say.
"""

from typing import Annotated, Any, Literal, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.errors import BadOption
from dwmgrad_ref.rules.base import SQRT, Epoch, Epsilon, Potential, Rule, Schedule, Source, StepSize, option
from dwmgrad_ref.rules.bounds import DIVIDES, EPS_POSITIVE, NO_BOX, ONE_LOSS, Bound, Facts, Requirement, StepBound

LOSS, INCREASE, DECREASE = range(3)
TIED, FREE = range(2)


class Options(NamedTuple):
    alpha: StepSize = 1e-3
    gamma: Annotated[float, option("base momentum γ", ge=0, lt=1)] = 0.9
    delta: Annotated[float, option("window cap δ; inf lets the window grow for ever", ge=1)] = 10.0
    omega0: Annotated[float, option("window before the first step ω_0, at most δ", ge=0, allow_inf_nan=False)] = 5.0
    eps: Epsilon = 1e-8
    signal: Annotated[Literal["loss", "increase", "decrease"], option("loss signal s_t")] = "loss"
    reset: Annotated[bool, option("set β to 0 after every step")] = True
    schedule: Schedule = "constant"
    momentum: Annotated[Literal["tied", "constant"], option("μ_t = γ ω_t/δ, or γ")] = "tied"
    epoch: Epoch = float("inf")
    guard: Annotated[bool, option("halve α after two consecutive |s_t - s_{t-1}| > guard_threshold")] = False
    guard_threshold: Annotated[float, option("threshold of the guard", ge=0)] = 0.1


class Shared(NamedTuple):
    t: float
    e: float  # steps taken in the current epoch
    last: float  # f_{t-1}(theta_{t-1})
    s: float  # the signal s_t
    jumps: float  # consecutive large changes of the signal
    beta: float
    omega: float
    scale: float  # what the guard has left of alpha
    alpha: float
    mu: float


class Coord(NamedTuple):
    G: float
    V: float


def start(o: Any) -> Shared:
    return Shared(t=0, e=0, last=0, s=0, jumps=0, beta=0, omega=o.omega0, scale=1, alpha=o.alpha, mu=0)


def loss_signal(o: Any, k: Any, loss: Any) -> Any:
    """s_t; an epoch's first step has no previous loss."""
    first = ops.greater(1, k.e)
    if o.signal == LOSS:
        return loss
    if o.signal == INCREASE:
        return ops.where(first, loss, loss - k.last)
    return ops.where(first, 0 * loss, k.last - loss)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    s = loss_signal(o, k, loss)
    e = ops.where(ops.greater(o.epoch, k.e + 1), k.e + 1, 0 * k.e)
    beta = k.beta + s
    omega = ops.where(ops.greater(beta, 0), ops.minimum(k.omega + 1, o.delta), ops.maximum(k.omega - 1, 1))
    if o.reset:
        beta = 0 * beta
    jumps, scale = k.jumps, k.scale
    if o.guard:
        jump = ops.greater(ops.absolute(s - k.s), o.guard_threshold)
        jumps = ops.where(ops.greater(t, 1), ops.where(jump, k.jumps + 1, 0 * k.jumps), k.jumps)
        scale = ops.where(ops.greater(jumps, 1), k.scale / 2, k.scale)
    alpha = o.alpha * scale
    if o.schedule == SQRT:
        alpha = alpha / ops.sqrt(t)
    mu = o.gamma * omega / o.delta if o.momentum == TIED else o.gamma + 0 * omega
    return Shared(t=t, e=e, last=loss, s=s, jumps=jumps, beta=beta, omega=omega, scale=scale, alpha=alpha, mu=mu)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    G = (1 - 1 / k.omega) * c.G + g * g / k.omega
    V = k.mu * c.V + k.alpha * g / (ops.sqrt(G) + o.eps)
    return Coord(G=G, V=V), x - V


def potential(o: Any, k: Any, c: Any) -> Potential:
    return Potential(h=(ops.sqrt(c.G) + o.eps) / k.alpha, damp=1 - k.mu, shift=-k.mu / (1 - k.mu) * c.V)


def check(o: Any) -> None:
    if o.omega0 > o.delta:
        raise BadOption(f"omega0={o.omega0:g} is not allowed; it must lie in [0, delta={o.delta:g}]")


# --- proved bounds ----------------------------------------------------------------------------------------------

SQRT_SCHEDULE = Requirement(
    "alpha_t = alpha/sqrt(t), without the guard", lambda o, k, facts: o.schedule == SQRT and not o.guard
)
EXPANDING = Requirement(  # a window moves by at most one, so the last one tells; beyond 2^53 floats do not move by one
    "the window has grown by one at every step: omega_T = omega0 + T",
    lambda o, k, facts: k.omega == o.omega0 + facts.T and k.omega < 2**53,
)
NO_MOMENTUM = Requirement(
    "no momentum: gamma = 0, or a tied one with delta = inf",
    lambda o, k, facts: o.gamma == 0 or (o.momentum == TIED and o.delta == float("inf")),
)
CONSTANT_MOMENTUM = Requirement("momentum = constant", lambda o, k, facts: o.momentum == FREE)
FINITE_CAP = Requirement("delta < inf", lambda o, k, facts: o.delta < float("inf"))


def expanding_bound(o: Any, k: Any, facts: Facts) -> Any:
    """R3: [D²/(2 alpha) + alpha sqrt(1 + omega0)] S_T + D² eps sqrt(T)/(2 alpha)."""
    distance = facts.D**2 / (2 * o.alpha)
    return (distance + o.alpha * ops.sqrt(1 + o.omega0)) * facts.S + distance * o.eps * ops.sqrt(facts.T)


def momentum_bound(o: Any, k: Any, facts: Facts) -> Any:
    """R4: the first two terms of R3 divided by 1/(1 - mu) and 1 - mu."""
    kept = 1 - o.gamma
    distance = kept * facts.D**2 / (2 * o.alpha)
    return (distance + o.alpha * ops.sqrt(1 + o.omega0) / kept) * facts.S + distance * o.eps * ops.sqrt(facts.T)


def momentum_gain(o: Any, k: Any, facts: Facts) -> Any:
    return o.gamma / (1 - o.gamma) * (facts.first - facts.last)


def step_bound(o: Any) -> Any:
    """W5: |V_t| <= alpha sqrt(delta)/(1 - gamma)."""
    return ops.sqrt(o.delta) / (1 - o.gamma)


BOUNDS = (
    Bound("R3", (SQRT_SCHEDULE, EXPANDING, NO_MOMENTUM, DIVIDES), expanding_bound),
    Bound("R4", (SQRT_SCHEDULE, EXPANDING, CONSTANT_MOMENTUM, ONE_LOSS, NO_BOX, DIVIDES), momentum_bound,
          momentum_gain),
)  # fmt: skip
STEP_BOUNDS = (StepBound("W5", (EPS_POSITIVE, FINITE_CAP), step_bound),)


DWMGRAD = Rule(
    name="dwmgrad",
    title="DWMGrad as the paper's Algorithm writes it, every ambiguity an option",
    source=Source("dwmgrad", "Algorithm 1"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    check=check,
    bounds=BOUNDS,
    step_bounds=STEP_BOUNDS,
    departs="the guard option is the one that was meant; the released code's can never fire",
)
