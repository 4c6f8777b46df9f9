"""Whether a formula gives the solvers' numbers what it gives floats.

What is proved is proved of the terms that the formula makes of the solvers' numbers. A formula that asks of which
kind its numbers are may make other terms of them than it calculates on floats, and then nothing is proved of the
method. So the terms of a step are compared with a step on floats, at states drawn at random, late ones among them.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import z3

from analysis.audit.invariants import Induction
from analysis.audit.solver_numbers import Number, World
from analysis.audit.step_model import Stepping, View

DRAWS, TOLERANCE = 40, 1e-6


def differs(floats: Stepping, steps: Induction, seed: int = 0) -> str:
    """What of a step the solvers see otherwise than floats, in words; empty if nothing."""
    rng = np.random.default_rng(seed)
    for _ in range(DRAWS):
        values = _drawn(floats, rng)
        with np.errstate(all="ignore"):
            read = _Values(steps.world, values)
            view = steps.taken.before
            state = {f: np.float64(read(v)) for f, v in view.state.items()}
            root_t = np.float64(values["root_t"])
            alpha, G = np.float64(values["alpha"]), np.float64(values["G"])
            before = View(state, root_t**2, root_t, np.float64(0), alpha, G, floats.options(alpha, root_t))
            try:
                taken = floats.step(before, *(np.float64(values[name]) for name in ("x", "g", "loss")))
            except (ValueError, ZeroDivisionError):  # a state that no run comes to
                continue
            pairs = [(f, taken.after.state[f], steps.taken.after.state[f]) for f in floats.fields]
            pairs.append(("the step", taken.moved, steps.taken.moved))
            for what, seen, term in pairs:
                said = read(term)
                if np.isfinite(seen) and np.isfinite(said) and not np.isclose(seen, said, TOLERANCE, TOLERANCE):
                    return (
                        f"{what.partition('.')[2] or what} is {seen:.6g} on floats and {said:.6g} on the solvers' terms"
                    )
    return ""


def _drawn(floats: Stepping, rng: np.random.Generator) -> dict[str, float]:
    """Values of the unknowns of a step."""
    values = {f.replace(".", "_"): float(10.0 ** rng.uniform(-2, 2)) for f in floats.fields}
    G = float(10.0 ** rng.uniform(-1, 1))
    return values | {
        "alpha": float(10.0 ** rng.uniform(-2, 1)), "G": G, "root_t": float(np.sqrt(int(10.0 ** rng.uniform(0, 9)))),
        "A": float(G * G), "x": float(rng.uniform(-1, 1)), "g": float(rng.uniform(-G, G)),
        "loss": float(rng.normal()),
    }  # fmt: skip


class _Values:
    """The value of a number where its unknowns have these values; nan where a root of it is not defined."""

    def __init__(self, world: World, values: dict[str, float]):
        self.known = [(z3.Real(name), _rational(value)) for name, value in values.items()]
        for root, x in world.roots.values():
            radicand = self(x)
            value = float(np.sqrt(radicand)) if radicand >= 0 else np.nan
            if not np.isfinite(value):
                break  # what names the roots after it is nan as well
            self.known.append((root, _rational(value)))

    def __call__(self, number: Any) -> float:
        if not isinstance(number, Number):
            return float(number)
        if number.infinite:
            return float(number.value)
        found: list[Any] = [z3.simplify(z3.substitute(e, *self.known)) for e in (number.above, number.below)]
        above, below = found
        if not (z3.is_rational_value(above) and z3.is_rational_value(below)) or below.numerator_as_long() == 0:
            return float("nan")
        return float(above.as_fraction() / below.as_fraction())


def _rational(value: float) -> Any:
    exact = Fraction(value)
    return z3.Q(exact.numerator, exact.denominator)
