"""What the tests over all rules share: every rule with every choice, streams of gradients, states as flat lists."""

from typing import Any

import numpy as np

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule

D, STEPS = 3, 200


def variations(rule: Rule) -> list[dict[str, Any]]:
    """The defaults, every choice taken once, short epochs and weight decay where the rule has them.

    A variant has no formula of its own, only other defaults, and those are all that is tried of it.
    """
    if rule.defaults:
        return [{}]
    found: list[dict[str, Any]] = [{}]
    for name, default in rule.options()._asdict().items():
        choices = rule.choices(name) or ((False, True) if isinstance(default, bool) else ())
        found += [{name: choice} for choice in choices if choice != default]
    extra = {"epoch": 4.0, "weight_decay": 0.125}
    found += [{name: value} for name, value in extra.items() if name in rule.Options._fields]
    if "signal" in rule.Options._fields:
        found += [{"signal": "increase", "guard": True, "guard_threshold": 0.25, "epoch": 5.0, "reset": False}]
        found += [{"signal": "decrease", "momentum": "constant", "schedule": "sqrt"}]
    return found


CASES = [(name, given) for name in rules.names() for given in variations(rules.get(name))]


def stream(seed: int, steps: int = STEPS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """theta_1 (D,), gradients (steps, D) with exact zeros among them, losses (steps,) of both signs."""
    rng = np.random.default_rng(seed)
    gradients = rng.standard_normal((steps, D)) * (rng.random((steps, D)) < 0.9)
    return rng.standard_normal(D), gradients, rng.uniform(-1, 2, steps)


def run(rule: Rule, o: Any, x: Any, gradients: Any, losses: Any, state: Any = None) -> tuple[Any, Any, Any]:
    k, c = state or rule.begin(o, x)
    for g, loss in zip(gradients, losses, strict=True):
        k, c, x = rule.step(o, k, c, x, g, loss)
    return k, c, x


def flat(c: Any) -> list[Any]:
    """A coordinate state's values, history included, in the order of the compiled state's rows."""
    values = c._asdict()
    return [v for name, v in values.items() if name != "past"] + list(values.get("past", ()))


def unflat(like: Any, values: list[Any]) -> Any:
    """The inverse of `flat`, shaped like the state given."""
    scalars = [name for name in like._fields if name != "past"]
    rebuilt = like._replace(**dict(zip(scalars, values, strict=False)))
    return rebuilt._replace(past=tuple(values[len(scalars) :])) if "past" in like._fields else rebuilt


def bits(values: Any) -> bytes:
    return np.array(values, dtype=float).tobytes()


class Point:
    """A float step of one coordinate in the middle of a run, and its inputs under names."""

    def __init__(self, name: str, given_options: Any):
        self.rule = rules.get(name)
        self.o = self.rule.encode(self.rule.options(**given_options))
        x, gradients, losses = stream(3, 8)
        gradients[-1] = [0.75, -1.5, 2.0]
        self.k, self.c, self.x = run(self.rule, self.o, float(x[0]), gradients[:7, 0].tolist(), losses[:7].tolist())
        self.g, self.loss = float(gradients[7, 0]), float(losses[7])
        self.after = outputs(*self.rule.step(self.o, self.k, self.c, self.x, self.g, self.loss))

    def inputs(self) -> dict[str, float]:
        """Value of every numeric input; choices and bools stay numbers, since they choose the code's path."""
        options = {f"o_{n}": v for n, v in self.o._asdict().items() if not self.chooses(n)}
        shared = {f"k_{n}": float(v) for n, v in self.k._asdict().items()}
        coordinate = {f"c_{j}": float(v) for j, v in enumerate(flat(self.c))}
        return {**options, **shared, **coordinate, "x": self.x, "g": self.g, "loss": self.loss}

    def chooses(self, option: str) -> bool:
        return bool(self.rule.choices(option)) or isinstance(self.rule.options()._asdict()[option], bool)

    def step_on(self, values: dict[str, Any]) -> list[Any]:
        """The step's outputs with these inputs, on whatever kind of number they are."""
        o, k, c = self._state(values)
        return outputs(*self.rule.step(o, k, c, values["x"], values["g"], values["loss"]))

    def shared_on(self, values: dict[str, Any]) -> list[Any]:
        """What the shared formula alone gives with these inputs."""
        o, k, _ = self._state(values)
        return [*self.rule.shared(o, k, values["loss"])]

    def coord_on(self, values: dict[str, Any]) -> list[Any]:
        """What the coordinate's formula alone gives with these inputs and the float step's shared state."""
        o, k, c = self._state(values)
        c, x = self.rule.coord(o, k._make(float(v) for v in self.after[: len(k)]), c, values["x"], values["g"])
        return [*flat(c), x]

    def _state(self, values: dict[str, Any]) -> tuple[Any, Any, Any]:
        """Options, shared and coordinate's state before the step, made of these values."""
        o = self.o._replace(**{n: values[f"o_{n}"] for n in self.o._fields if f"o_{n}" in values})
        k = self.k._replace(**{n: values[f"k_{n}"] for n in self.k._fields})
        return o, k, unflat(self.c, [values[f"c_{j}"] for j in range(len(flat(self.c)))])


def outputs(k: Any, c: Any, x: Any) -> list[Any]:
    return [*k, *flat(c), x]
