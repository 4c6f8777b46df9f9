"""One step of a rule as its own code takes it, on numbers of any kind: what the audit states its conditions about.

Beside the rule's state after step t stand quantities that the rule need not keep: t and its root, A = g_1² + ... + g_t²
and a bound G of |g_t|. Step sizes are alpha_t = alpha, or alpha/sqrt(t); a rule with an option `schedule` has them by
that option, any other rule is handed alpha_t as its alpha. The audit's unknowns are one coordinate's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import SQRT, Potential, Rule

SCHEDULES = ("constant", "sqrt")


@dataclass(frozen=True)
class View:
    """The state after step t. `state` has "k.NAME" for what all coordinates share, "c.NAME" for a coordinate's own."""

    state: Mapping[str, Any]
    t: Any
    root_t: Any
    squares: Any  # A
    alpha: Any
    G: Any
    options: Any  # encoded, alpha the step size of step t


@dataclass(frozen=True)
class Taken:
    """Step t: the state before and after it, and what the step read and did."""

    before: View
    after: View
    g: Any
    x: Any
    moved: Any  # theta_{t+1} - theta_t before projection


def scheduled(rule: Rule, schedule: str | None, options: Mapping[str, Any]) -> tuple[Rule, str]:
    """The rule with these options as its defaults, and the schedule of its step sizes.

    None asks for the schedule that the options say, which is the constant one for a rule without that option.
    """
    own = "schedule" in rule.Options._fields
    if own and schedule:
        options = {**options, "schedule": schedule}
    chosen = rule.options(**options)
    schedule = str(chosen.schedule) if own else schedule or "constant"
    return replace(rule, defaults={**rule.defaults, **options}), schedule


class Stepping:
    """A rule with a schedule, to be stepped on any kind of number."""

    def __init__(self, rule: Rule, schedule: str, number: Callable[[Any], Any] = float):
        self.rule, self.schedule, self.number = rule, schedule, number
        self.encoded = rule.encode(rule.options(), number)
        self.handed = schedule == "sqrt" and "schedule" not in rule.Options._fields
        self.scaled = "alpha" in rule.Options._fields
        self.fields = [f"k.{f}" for f in rule.Shared._fields] + [f"c.{f}" for f in rule.Coord._fields]

    def options(self, alpha: Any, root_t: Any) -> Any:
        if not self.scaled:
            return self.encoded
        return self.encoded._replace(alpha=alpha / root_t if self.handed else alpha)

    def start(self, alpha: Any, G: Any) -> View:
        zero, one = self.number(0), self.number(1)
        o = self.options(alpha, one)
        k = self.rule.start(o)
        state = self._state(*k, *[zero] * len(self.rule.Coord._fields))
        return View(state, zero, zero, zero, alpha, G, o)

    def _state(self, *values: Any) -> dict[str, Any]:
        """The state by field, where what a formula writes as a plain number is one of this kind as well."""
        return {f: self.number(v) if isinstance(v, int | float) else v
                for f, v in zip(self.fields, values, strict=True)}  # fmt: skip

    def parts(self, view: View) -> tuple[Any, Any]:
        """(Shared, Coord) of a view."""
        k = self.rule.Shared(*(view.state[f"k.{f}"] for f in self.rule.Shared._fields))
        return k, self.rule.Coord(*(view.state[f"c.{f}"] for f in self.rule.Coord._fields))

    def step(self, before: View, x: Any, g: Any, loss: Any) -> Taken:
        t = before.t + 1
        root_t = ops.sqrt(t)
        o = self.options(before.alpha, root_t)
        k, c, free = self.rule.step(o, *self.parts(before), x, g, loss)
        state = self._state(*k, *c)
        after = View(state, t, root_t, before.squares + g * g, before.alpha, before.G, o)
        return Taken(before, after, g, x, free - x)

    def potential(self, view: View) -> Potential:
        assert self.rule.potential
        return self.rule.potential(view.options, *self.parts(view))


COORDINATES, SHORT, LONG = 48, 40, 1500


def runs(rule: Rule, schedule: str, positive: bool, seed: int = 0, long: int = LONG) -> list[list[Taken]]:
    """Runs on floats that candidates are held against: many sizes and patterns of gradients, several step sizes.

    Each of the coordinates of a run has a pattern of its own. `positive` makes all losses positive.
    """
    rng = np.random.default_rng(seed)
    return [
        _run(Stepping(rule, schedule, np.float64), alpha, steps, positive, rng)
        for alpha, steps in ((1e-3, SHORT), (0.1, long), (10.0, SHORT))
    ]


def _run(stepping: Stepping, alpha: float, steps: int, positive: bool, rng: np.random.Generator) -> list[Taken]:
    G, g = patterns(steps, rng)
    view, taken = stepping.start(np.float64(alpha), G), []
    losses = np.exp(rng.normal(0, 1, steps)) if positive else rng.normal(0, 2, steps)
    with np.errstate(all="ignore"):
        for t in range(steps):
            one = stepping.step(view, rng.uniform(-1, 1, COORDINATES), g[t], losses[t])
            view = one.after
            if t < 60 or t % 25 == 0:
                taken.append(one)
    return taken


def patterns(steps: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Bounds G (coordinates,) and gradients (steps, coordinates) within them; the first coordinate has none but 0."""
    t, g = np.arange(steps), np.zeros((steps, COORDINATES))
    for i in range(1, COORDINATES):
        sign = rng.choice([-1.0, 1.0], steps) if i % 2 else np.ones(steps)
        g[:, i] = (
            sign
            * (
                np.ones(steps),
                rng.uniform(0, 1, steps),
                rng.random(steps) < 0.05,
                np.exp(-t / rng.uniform(1, 100)),
                np.where(t < rng.integers(1, 30), 1.0, 0.0),
                np.where(t >= rng.integers(1, 30), 1.0, 0.0),
                10.0 ** rng.uniform(-4, 0, steps),
                np.where(t % rng.integers(2, 30) == 0, 1.0, 0.05),
            )[i % 8]
        )
    G = 10.0 ** rng.uniform(-3, 3, COORDINATES)
    return G, g * G


def is_root(stepping: Stepping) -> bool:
    """Whether the step sizes are alpha/sqrt(t) by the rule's own option."""
    return getattr(stepping.encoded, "schedule", None) == SQRT
