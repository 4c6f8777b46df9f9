"""Schedule-free SGD: gradient descent on z, its average x, and gradients at a point y between them.

    y_t     = (1 - beta1) z_t + beta1 x_t                   theta_t is y_t, where the gradient is taken
    z_{t+1} = z_t - alpha_t (g_t + lambda y_t)
    x_{t+1} = (1 - c_t) x_t + c_t z_{t+1}                   c_t = alpha_t² / (alpha_1² + ... + alpha_t²)

With d = z - x, all that a coordinate remembers besides theta is one number:

    theta_{t+1} = theta_t + beta1 c_t d_{t-1} - alpha_t (1 - beta1 (1 - c_t)) (g_t + lambda theta_t)
    d_t         = (1 - c_t) (d_{t-1} - alpha_t (g_t + lambda theta_t))

The model that the paper evaluates is x_{t+1} = theta_{t+1} - (1 - beta1) d_t. A projection of theta moves all three.
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Decay, Potential, Rule, Source, StepSize, WeightDecay, option

Warmup = Annotated[
    float, option("steps over which α_t = α min(t/warmup, 1) grows; 1 is none", ge=1, allow_inf_nan=False)
]


class Options(NamedTuple):
    alpha: StepSize = 1.0  # the released code's, as the following ones
    beta1: Decay = 0.9  # the paper's β, the weight of the average in y
    weight_decay: WeightDecay = 0.0
    warmup: Warmup = 1.0
    count_start: Annotated[bool, option("count x_1 in the average, c_t = 1/(t + 1), as in the paper's Equation 5")] = (
        False
    )


class Shared(NamedTuple):
    t: float
    alpha: float
    total: float  # sum of alpha_t²
    c: float


class Coord(NamedTuple):
    d: float


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, total=o.alpha * o.alpha if o.count_start else 0, c=1)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    alpha = o.alpha * ops.minimum(t / o.warmup, 1)
    total = k.total + alpha * alpha
    return Shared(t=t, alpha=alpha, total=total, c=alpha * alpha / total)


def moved(o: Any, k: Any, d: Any, x: Any, step: Any) -> tuple[Any, Any]:
    """d_t and theta_{t+1}, where z moves by -alpha_t step."""
    return (1 - k.c) * (d - k.alpha * step), x + o.beta1 * k.c * d - k.alpha * (1 - o.beta1 * (1 - k.c)) * step


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    d, x = moved(o, k, c.d, x, g + o.weight_decay * x)
    return Coord(d=d), x


def potential(o: Any, k: Any, c: Any) -> Potential:
    # z = theta + beta1 d moves by exactly alpha_t g.
    return Potential(h=1 / k.alpha, damp=1, shift=o.beta1 * c.d)


SCHEDULE_FREE_SGD = Rule(
    name="schedule-free-sgd",
    title="schedule-free SGD",
    source=Source("defazio2024", "the schedule-free SGD update, with the weights of Algorithm 1"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="c_1 = 1 as in Algorithm 1 and in released code; count_start = true is Equation 5",
)
