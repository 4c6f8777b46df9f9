"""D-bound: the number that a rule offers as its a-priori bound is the smallest of those it may offer, added up."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from dwmgrad_ref.rules.bounds import Bound, Requirement
from proofs.checkers.by_exact import Found, exact
from proofs.inference.derivation import Fact, _fact
from proofs.statements.claim import Claim
from proofs.statements.statement import Named, Statement, reals

parts = reals("p_1 p_2 p_3")
once, together, alone = reals("e B B'")
ADDED = Named(
    "{0} is what Bound.total makes of the coordinates' parts {1}, {2}, {3} and of {4}, which is added once; {5} is "
    "what it makes of the parts where nothing is added",
    together, *parts, once, alone,
)  # fmt: skip


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


def added_up() -> tuple[Fact, ...]:
    """What the code returns for symbols."""
    bound = Bound("", (), lambda o, k, facts: np.array(parts, dtype=object), lambda o, k, facts: once)
    found: Any = None
    return tuple(
        _fact([ADDED], equal(name, b.total(None, None, found)), "the bound's own sum")
        for name, b in ((together, bound), (alone, replace(bound, once=None)))
    )


def smallest() -> Found:
    """Four bounds, 4, 3, 2 and 1, of which the last two have a requirement that does not hold."""
    yes, no = (Requirement(str(answer), lambda o, k, facts, answer=answer: answer) for answer in (True, False))
    offered = tuple(
        Bound("", requires, lambda o, k, facts, size=size: np.array([size]))
        for size, requires in ((4, ()), (3, (yes,)), (2, (yes, no)), (1, (no,)))
    )
    rule, none = (replace(rules.get("sgd"), bounds=bounds) for bounds in (offered, offered[2:]))
    found: Any = None
    value, absent = rule.bound(found, found, found), none.bound(found, found, found)
    return value == 3 and math.isnan(absent), value != 1, f"{value:g} of 4, 3, 2, 1; {absent} where none holds", None


FACTS = added_up()
CLAIM = Claim(
    id="D-bound",
    title="an a-priori bound is the sum of its coordinates' parts and of what it adds once",
    statement=Statement(
        given=(ADDED,), then=equal(together, sympy.Add(*parts, once)) & equal(alone, sympy.Add(*parts))
    ),
    source=Source("dwmgradnotes", "R2 and R3: what a bound may use"),
    kind="identity",
    proof=FACTS,
    controls=(
        exact("D-bound.smallest", "A rule offers the smallest of its bounds whose requirements all hold.", smallest),
    ),
    note="Three coordinates stand for any number of them; NumPy adds them up.",
)
