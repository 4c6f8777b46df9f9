"""Two rules of logic beside those of `derivation.py`: from hypotheses to implications, and to equivalences."""

from typing import Any

import sympy

from proofs.derivation import Fact, WrongShape, _fact
from proofs.statement import keys


def implies(fact: Fact, *hypotheses: Any) -> Fact:
    """The fact without some of its hypotheses, which now stand before its conclusion: given |- if H then C.

    What is claimed for all values that satisfy `given` and H is claimed of the implication for all that satisfy
    `given`, which is the same.

    Raises:
        WrongShape: a hypothesis that the fact does not have.
    """
    had, moved = keys(fact.given), keys(hypotheses)
    if missing := [e for k, e in moved.items() if k not in had]:
        raise WrongShape(f"{missing[0]} is no hypothesis of {fact.then}")
    rest = [e for k, e in had.items() if k not in moved]
    return _fact(rest, sympy.Implies(sympy.And(*hypotheses), fact.then), "implies", premises=(fact,))


def equivalent(one: Fact, other: Fact) -> Fact:
    """if A then B, and if B then A: A if and only if B."""
    if not isinstance(one.then, sympy.Implies) or other.then != sympy.Implies(*reversed(one.then.args)):
        raise WrongShape(f"{one.then} and {other.then} are not implications in both directions")
    return _fact([*one.given, *other.given], sympy.Equivalent(*one.then.args), "equivalent", premises=(one, other))
