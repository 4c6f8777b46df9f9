"""The formulas that run, handed whatever numbers a proof needs: symbols, z3 terms, balls or fractions."""

from collections.abc import Mapping
from typing import Any

from dwmgrad_ref import rules
from dwmgrad_ref.arithmetic import projected
from dwmgrad_ref.rules.base import Rule

clip = projected  # the projection that the driver does after every step
DWMGRAD = rules.get("dwmgrad")


def record(rule: Rule, **values: Any) -> Any:
    """The rule's options as its formula sees them. Choices and flags are checked; numbers may be of any kind."""
    chosen = {name: value for name, value in values.items() if isinstance(value, str | bool)}
    numbers = {name: value for name, value in values.items() if name not in chosen}
    return rule.encode(rule.options(**chosen))._replace(**numbers)


def advance(rule: Rule, o: Any, loss: Any, before: Mapping[str, Any] | None = None) -> Any:
    """The shared state one step after `before`, whose fields not given are those of the start."""
    return rule.shared(o, rule.start(o)._replace(**(before or {})), loss)


def step(*, g: Any, omega: Any, G: Any = 0, V: Any = 0, x: Any = 0, mu: Any = 0, alpha: Any = 1, eps: Any = 0) -> Any:
    """One coordinate of a DWMGrad step with window omega_t, momentum mu_t and step size alpha_t.

    Returns the coordinate's memory (G_t, V_t) and theta_{t+1} before any projection.
    """
    o = record(DWMGRAD, eps=eps)
    k = DWMGRAD.start(o)._replace(omega=omega, mu=mu, alpha=alpha)
    c, after = DWMGRAD.coord(o, k, DWMGRAD.Coord(G=G, V=V), x, g)
    return c, after


def read(*, G: Any, alpha: Any, V: Any = 0, mu: Any = 0, eps: Any = 0) -> Any:
    """DWMGrad's Potential (h_t, 1 - mu_t, shift_t) where G_t = G, V_t = V."""
    o = record(DWMGRAD, eps=eps)
    return DWMGRAD.reading(o, DWMGRAD.start(o)._replace(mu=mu, alpha=alpha), DWMGRAD.Coord(G=G, V=V))


def step_size(t: Any, alpha: Any) -> Any:
    """alpha_t at step t under the schedule sqrt, by the formula that runs."""
    o = record(DWMGRAD, schedule="sqrt", alpha=alpha)
    return advance(DWMGRAD, o, 1, {"t": t - 1}).alpha
