"""Nesterov's momentum in the form of torch.optim.SGD(nesterov=True).

V_t         = mu V_{t-1} + g_t + lambda theta_t
theta_{t+1} = theta_t - alpha (g_t + lambda theta_t + mu V_t)
"""

from typing import Any

from dwmgrad_ref.rules.base import Potential, Rule, Source
from dwmgrad_ref.rules.heavy_ball import Coord, Options, Shared, shared, start


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    decayed = g + o.weight_decay * x
    V = k.mu * c.V + decayed
    return Coord(V=V), x - o.alpha * (decayed + k.mu * V)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # z = theta - mu²/(1-mu) alpha V moves by exactly alpha g/(1-mu): the look-ahead leaves mu² where heavy ball has mu.
    return Potential(h=1 / o.alpha, damp=1 - k.mu, shift=-k.mu * k.mu / (1 - k.mu) * o.alpha * c.V)


NESTEROV = Rule(
    name="nesterov",
    title="gradient descent with Nesterov's momentum",
    source=Source("sutskever2013", "Equations 3-4, after [nesterov1983]"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="theta is the look-ahead point at which the gradient is taken, as in torch.optim.SGD; mu is constant",
)
