"""D-requires: the test of a bound's requirement passes exactly where the hypothesis of its claim holds."""

import re
from dataclasses import dataclass
from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules import amsgrad, bounds, dwmgrad, heavy_ball, sgd
from dwmgrad_ref.rules.base import Source
from dwmgrad_ref.rules.bounds import Facts, Requirement
from proofs.checkers.by_paths import decided
from proofs.inference.derivation import Fact, _fact
from proofs.statements.claim import Claim
from proofs.statements.formulas import record
from proofs.statements.statement import Named, Statement, reals
from proofs.statements.vocabulary import beta1, beta2, delta, eps, gamma, lam, mu, omega0

window, steps, first, second = reals("omega_T n a b")
YES, NO = sympy.true, sympy.false
EXACT = sympy.Integer(2) ** 53  # below it a float and one more are different floats


@dataclass(frozen=True)
class Case:
    """A requirement's test under some settings: when it passes.

    settings   options and facts by name: words, flags, numbers, or symbols for numbers that are left open
    passes     the condition on the open numbers
    broken     a condition nearby that it must not be
    """

    requirement: Requirement
    rule: str
    settings: dict[str, Any]
    passes: Any
    broken: Any


KNOWN = {"D": 1, "S": 1, "T": 1, "first": 0, "last": 0, "fixed": False, "projected": False}


def run(case: Case, unknown: Any) -> bool:
    """What the requirement's test says, with an unknown number for every symbol."""

    def put(value: Any) -> Any:
        if isinstance(value, tuple):
            return [put(part) for part in value]
        return unknown(value) if isinstance(value, sympy.Symbol) else value

    rule = rules.get(case.rule)
    given = {name: put(value) for name, value in case.settings.items()}
    o = record(rule, **{name: given.pop(name) for name in case.settings if name in rule.Options._fields})
    k = rule.start(o)
    k = k._replace(**{name: given.pop(name) for name in tuple(given) if name in rule.Shared._fields})
    return bool(case.requirement.holds(o, k, Facts(**{**KNOWN, **given})))


def proved(name: str, case: Case) -> Fact:
    """The test passes if and only if the condition holds."""
    about = [value for setting in case.settings.values() for value in (setting if isinstance(setting, tuple) else
             (setting,)) if isinstance(value, sympy.Symbol)]  # fmt: skip
    names = {symbol: f"{{{place}}}" for place, symbol in enumerate(about)}

    def shown(value: Any) -> str:
        if isinstance(value, tuple):
            return f"({', '.join(map(shown, value))})"
        return names.get(value, str(value)) if isinstance(value, sympy.Symbol) else str(value)

    listed = ", ".join(f"{name} = {shown(value)}" for name, value in case.settings.items())
    told = re.sub(r"[{}]", lambda brace: 2 * brace[0], case.requirement.words)
    passes = Named(f"the test of `{told}` passes for {case.rule} with {listed}", *about)
    check = decided(name, "Every way through the test, on unknown numbers.",
                    lambda unknown: run(case, unknown), case.passes, case.broken)  # fmt: skip
    return _fact([], sympy.Equivalent(passes, case.passes), "decided", words=check.says, check=check)


def flag(requirement: Requirement, name: str, wanted: bool = True) -> list[Case]:
    """A fact that is true or false must be `wanted`."""
    return [Case(requirement, "sgd", {name: value}, YES if value is wanted else NO, NO if value is wanted else YES)
            for value in (True, False)]  # fmt: skip


def word(requirement: Requirement, rule: str, name: str, wanted: str, **rest: Any) -> list[Case]:
    """A choice must be the one that is wanted."""
    return [Case(requirement, rule, {name: value, **rest}, *((YES, NO) if value == wanted else (NO, YES)))
            for value in rules.get(rule).choices(name)]  # fmt: skip


def boxed(requirement: Requirement, rule: str, name: str, rate: Any) -> list[Case]:
    """Either there is a box, or the rate is 0."""
    free = sympy.Eq(rate, 0)
    return [Case(requirement, rule, {"projected": True, name: rate}, YES, free),
            Case(requirement, rule, {"projected": False, name: rate}, free, NO)]  # fmt: skip


INF = float("inf")
FREE = sympy.Eq(gamma, 0)
CASES = [
    Case(bounds.EPS_POSITIVE, "dwmgrad", {"eps": eps}, eps > 0, eps >= 0),
    Case(bounds.NO_DECAY, "sgd", {"weight_decay": lam}, sympy.Eq(lam, 0), lam <= 0),
    Case(bounds.DIVIDES, "dwmgrad", {"eps": eps, "g1": None}, eps > 0, eps >= 0),
    Case(bounds.DIVIDES, "dwmgrad", {"eps": eps, "g1": (first, second)},
         (eps > 0) | (sympy.Ne(first, 0) & sympy.Ne(second, 0)), (eps > 0) | sympy.Ne(first, 0) | sympy.Ne(second, 0)),
    *flag(bounds.BOX, "projected"), *flag(bounds.NO_BOX, "projected", False), *flag(bounds.ONE_LOSS, "fixed"),
    Case(bounds.LARGEST, "sgd", {"G": None}, NO, YES), Case(bounds.LARGEST, "sgd", {"G": (first, second)}, YES, NO),
    *word(sgd.CONSTANT_SCHEDULE, "sgd", "schedule", "constant"), *word(sgd.SQRT_SCHEDULE, "sgd", "schedule", "sqrt"),
    *word(dwmgrad.SQRT_SCHEDULE, "dwmgrad", "schedule", "sqrt", guard=False),
    *word(dwmgrad.SQRT_SCHEDULE, "dwmgrad", "schedule", "neither", guard=True),
    Case(dwmgrad.EXPANDING, "dwmgrad", {"omega0": omega0, "omega": window, "T": steps},
         sympy.Eq(window, omega0 + steps) & (window < EXACT), sympy.Eq(window, omega0 + steps) & (window <= EXACT)),
    *(Case(dwmgrad.NO_MOMENTUM, "dwmgrad", {"gamma": gamma, "momentum": kind, "delta": cap},
           YES if (kind, cap) == ("tied", INF) else FREE, FREE if (kind, cap) == ("tied", INF) else NO)
      for kind in ("tied", "constant") for cap in (delta, INF)),
    *word(dwmgrad.CONSTANT_MOMENTUM, "dwmgrad", "momentum", "constant"),
    Case(dwmgrad.FINITE_CAP, "dwmgrad", {"delta": delta}, YES, NO),
    Case(dwmgrad.FINITE_CAP, "dwmgrad", {"delta": INF}, NO, YES),
    *word(amsgrad.PRINTED_FORM, "amsgrad", "schedule", "sqrt", bias_correction=False),
    *word(amsgrad.PRINTED_FORM, "amsgrad", "schedule", "neither", bias_correction=True),
    Case(amsgrad.RATES, "amsgrad", {"beta1": beta1, "beta2": beta2}, beta1**2 < beta2, beta1**2 <= beta2),
    *boxed(amsgrad.BOX_OR_NO_MOMENTUM, "amsgrad", "beta1", beta1),
    *boxed(heavy_ball.BOX_OR_NO_MOMENTUM, "heavy-ball", "mu", mu),
]  # fmt: skip
SHARED = [case for case in CASES if case.requirement in vars(bounds).values()]
GROUPS = {
    "shared": ("what several rules require of a bound", SHARED),
    **{rule: (f"what {rule} requires of its own bounds", [c for c in CASES if c.rule == rule and c not in SHARED])
       for rule in ("sgd", "dwmgrad", "amsgrad", "heavy-ball")},
}  # fmt: skip


def claim(name: str, title: str, cases: list[Case]) -> Claim:
    facts = tuple(proved(f"D-requires-{name}.{number}", case) for number, case in enumerate(cases, 1))
    return Claim(
        id=f"D-requires-{name}",
        title=title,
        statement=Statement(
            then=sympy.And(*(fact.then for fact in facts)),
            where=((window, "window after the last step"), (steps, "number of steps"),
                   *((number, "|g_1| of a coordinate") for number in (first, second))),
        ),
        source=Source("dwmgradnotes", "R2 and R3: what a bound may use"),
        kind="identity",
        proof=facts,
        note="The numbers are real; two coordinates stand for any number of them.",
    )  # fmt: skip


CLAIMS = [claim(name, *group) for name, group in GROUPS.items()]
