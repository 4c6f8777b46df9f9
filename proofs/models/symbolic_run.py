"""A run of a rule as sequences of symbols: the recurrences are the rule's own functions, handed symbols.

So a claim about "G_t" is about what `rules/dwmgrad.py` computes: change the formula and the facts here change.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import sympy

from dwmgrad_ref.errors import UnknownName
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.rules.bounds import Facts
from proofs.inference.derivation import Fact, WrongShape, _fact
from proofs.statements import vocabulary as v
from proofs.statements.formulas import clip, record
from proofs.statements.statement import Named, reals

KNOWN = {"alpha": v.alpha_t, "mu": v.mu_t, "omega": v.omega, "G": v.G, "V": v.V}


def numbers(rule: Rule) -> dict[str, Any]:
    """A symbol for every option of the rule that is a number, by the option's name."""
    defaults = rule.options()._asdict()
    known = {"eps": v.eps, "weight_decay": v.lam}
    return {name: known.get(name) or reals(name) for name, value in defaults.items()
            if not rule.choices(name) and not isinstance(value, bool)}  # fmt: skip


def _words(rule: Rule, options: Mapping[str, Any], box: bool, about: list[Any]) -> str:
    """The hypothesis in words; symbols among the options are put into `about` and named by their place there."""
    shown = []
    for name, value in options.items():
        if isinstance(value, str | bool) or not sympy.sympify(value).free_symbols:
            shown.append(f"{name} = {str(value).lower() if isinstance(value, bool) else value}")
        else:
            shown.append(f"{name} = {{{len(about)}}}")
            about.append(value)
    rest = [name for name in rule.Options._fields if name not in options]
    listed = ", ".join(shown) + ("; the other options as they are by default" if rest and shown else "")
    words = f"theta is a run of {rule.name}" + (f" ({listed})" if listed else "")
    return words + (", projected onto the box [low_i, high_i]" if box else ", without projection")


class Run:
    """One rule with options, its quantities named by sequences of the step t (and of the coordinate i).

    Args:
        options: choices and flags as the rule names them, numbers as symbols; what is left out is the default.
        names: sequences for the rule's fields where they are not called as the field, such as {"v": second}.
        box: whether the driver projects onto [low_i, high_i] after every step.
    """

    def __init__(self, rule: Rule, box: bool, names: Mapping[str, Any] | None = None, **options: Any):
        self.rule, self.box, self.names = rule, box, dict(names or {})
        self.o = record(rule, **options)
        about: list[Any] = []
        self.hypothesis = Named(_words(rule, options, box, about), *about)
        self._require_counter()

    def _require_counter(self) -> None:
        """The field t, which stands for the step itself in all facts here, starts at 0 and goes up by one a step."""
        if "t" in self.rule.Shared._fields:
            counts = self.rule.start(self.o).t, self.rule.shared(self.o, self.shared_at(v.t - 1), v.f(v.t)).t
            if counts != (0, v.t):
                raise WrongShape(f"{self.rule.name} starts its counter at {counts[0]} and then counts {counts[1]}")

    def sequence(self, field: str) -> Any:
        """The sequence that stands for a field of Shared or Coord."""
        if field in self.names:
            return self.names[field]
        return KNOWN.get(field) or sympy.Function(field, real=True)

    def shared_at(self, t: Any) -> Any:
        """The shared state after step t; its counter, where there is one, is t itself."""
        return self.rule.Shared(*(t if f == "t" else self.sequence(f)(t) for f in self.rule.Shared._fields))

    def coord_at(self, t: Any, i: Any) -> Any:
        return self.rule.Coord(*(self.sequence(f)(t, i) for f in self.rule.Coord._fields))

    def shared(self, field: str) -> Fact:
        """field_t from the state of step t - 1 and the loss f_t(theta_t), for t >= 1."""
        return self._defined(self.sequence(field)(v.t), getattr(self._shared_after, field), v.t >= 1)

    @cached_property
    def _shared_after(self) -> Any:
        return self.rule.shared(self.o, self.shared_at(v.t - 1), v.f(v.t))

    def shared_start(self, field: str) -> Fact:
        return self._defined(self.sequence(field)(0), getattr(self.rule.start(self.o), field))

    def coord(self, field: str) -> Fact:
        """field_{t,i} from the coordinate's state of step t - 1 and g_{t,i}, for t >= 1."""
        return self._defined(self.sequence(field)(v.t, v.i), getattr(self._stepped[0], field), v.t >= 1)

    def coord_start(self, field: str) -> Fact:
        return self._defined(self.sequence(field)(0, v.i), sympy.Integer(0))

    def iterate(self) -> Fact:
        """theta_{t+1,i}, projected if there is a box, for t >= 1."""
        after = self._stepped[1]
        return self._defined(
            v.theta(v.t + 1, v.i), clip(after, v.low(v.i), v.high(v.i)) if self.box else after, v.t >= 1
        )

    def potential(self, field: str, name: Any) -> Fact:
        """name_{t,i} is the rule's own Potential after step t >= 1: h, damp or shift."""
        read = self.rule.reading(self.o, self.shared_at(v.t), self.coord_at(v.t, v.i))
        return self._defined(name(v.t, v.i), getattr(read, field), v.t >= 1)

    def no_potential_yet(self, name: Any) -> Fact:
        """name_{0,i} = 0: before the first step there is no Potential, and 0 is what sums of differences start from."""
        return self._defined(name(0, v.i), sympy.Integer(0))

    def bound(self, claim: str, **facts: Any) -> Any:
        """One coordinate's part of the bound that the rule states under that claim's name, on symbols after T steps.

        Raises:
            UnknownName: the rule states no bound of that name.
        """
        named = {bound.claim: bound for bound in self.rule.bounds}
        if claim not in named:
            raise UnknownName(f"bound of {self.rule.name}", claim, named)
        return sympy.sympify(named[claim].coordinate(self.o, self.shared_at(v.T), self.facts(**facts)))

    def facts(self, **facts: Any) -> Facts:
        """What a bound may use, as symbols: D_i, S_{T,i}, T; losses at both ends; G_i where given."""
        known = {"D": v.D(v.i), "S": v.S(v.T, v.i), "T": v.T, "first": v.f(1), "last": v.f(v.T)}
        return Facts(**{**known, "fixed": False, "projected": self.box, **facts})

    @cached_property
    def _stepped(self) -> Any:
        return self.stepped()

    def stepped(self, g: Any = None, x: Any = None) -> Any:
        """What the rule's own step t makes of a coordinate, (Coord, theta'), or of another gradient and point."""
        k, c = self.shared_at(v.t), self.coord_at(v.t - 1, v.i)
        return self.rule.coord(self.o, k, c, v.theta(v.t, v.i) if x is None else x, v.g(v.t, v.i) if g is None else g)

    def _defined(self, left: Any, right: Any, *given: Any) -> Fact:
        equal = sympy.Eq(left, sympy.sympify(right), evaluate=False)
        return _fact([self.hypothesis, *given], equal, f"run of {self.rule.name}")
