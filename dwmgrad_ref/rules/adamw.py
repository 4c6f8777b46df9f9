"""AdamW: Adam with the weight decay outside the gradient, as torch.optim.AdamW has it.

theta'_t    = (1 - alpha_t lambda) theta_t
theta_{t+1} = theta'_t - (Adam's step)
"""

from typing import Any, NamedTuple

from dwmgrad_ref.rules.adam import Coord, Shared, potential, shared, start
from dwmgrad_ref.rules.adam import coord as adam_coord
from dwmgrad_ref.rules.base import Decay, Epsilon, Rule, Schedule, Source, StepSize, WeightDecay


class Options(NamedTuple):
    alpha: StepSize = 1e-3
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-8
    weight_decay: WeightDecay = 1e-2
    schedule: Schedule = "constant"


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    return adam_coord(o, k, c, x * (1 - k.alpha * o.weight_decay), g)


ADAMW = Rule(
    name="adamw",
    title="Adam with decoupled weight decay",
    source=Source("loshchilov2019", "Algorithm 2"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,  # Adam's: the decay is a move of its own and no part of the gradient step
    departs="the decay is multiplied by the step size, as in torch.optim.AdamW",
)
