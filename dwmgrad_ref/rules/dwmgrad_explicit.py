"""DWMGrad with a stored window: G_t is the plain mean of the last omega_t squared gradients.

    G_t = (g_t² + g_{t-1}² + ... + g_{t-omega_t+1}²) / omega_t       gradients before the first count as 0

Everything else is DWMGrad's. It is a comparator only: the published recursion stores no gradients, one
secondary summary of it does, at the price of delta numbers per coordinate. The two agree while the window
has only grown (W4) and part as soon as it is full or shrinks.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.errors import BadOption
from dwmgrad_ref.rules.base import Rule, Source
from dwmgrad_ref.rules.dwmgrad import STEP_BOUNDS, Options, Shared, potential, shared, start
from dwmgrad_ref.rules.dwmgrad import check as check_window


class Coord(NamedTuple):
    G: float
    V: float
    past: tuple[float, ...]  # g_t², g_{t-1}², ...: what the next step needs


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    G = ops.mean_of_last(c.past, g * g, k.omega)
    V = k.mu * c.V + k.alpha * g / (ops.sqrt(G) + o.eps)
    return Coord(G=G, V=V, past=ops.pushed(c.past, g * g)), x - V


def history(o: Any) -> int:
    return max(int(float(o.delta)) - 1, 1)


def check(o: Any) -> None:
    check_window(o)
    for name, value in (("delta", o.delta), ("omega0", o.omega0)):
        if value != value // 1:  # inf // 1 is nan, so inf is refused too
            raise BadOption(f"{name}={value:g} is not allowed; it must be a finite integer")


EXPLICIT = Rule(
    name="dwmgrad-explicit-window",
    title="DWMGrad with a stored window of squared gradients (comparator)",
    source=Source("dwmgrad", "Algorithm 1, with the window taken literally"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    check=check,
    history=history,
    # g_t² is one of the omega_t terms of the mean, so W5's argument serves here too.
    step_bounds=tuple(replace(bound, claim="W5-stored") for bound in STEP_BOUNDS),
    departs="the paper's recursion weights all past gradients and stores none",
)
