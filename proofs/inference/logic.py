"""Rules of logic beside those of `derivation.py`: from hypotheses to implications, equivalences and existence."""

from typing import Any

import sympy

from proofs.inference.derivation import Fact, WrongShape, _fact
from proofs.statements.statement import Exists, keys, substitute


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


def some(fact: Fact, n: Any, value: Any, domain: Any, body: Any) -> Fact:
    """domain and body hold for one value of n, hence for some n.

    Raises:
        WrongShape: the fact does not conclude them for that value, or n is a whole number and the value need not be.
    """
    value = sympy.sympify(value)
    if n.is_integer and not value.is_integer:
        raise WrongShape(f"{n} is a whole number, {value} need not be one")
    wanted = [substitute(e, {n: value}) for e in (domain, body)]
    if missing := [e for k, e in keys(wanted).items() if k not in keys([fact.then])]:
        raise WrongShape(f"{missing[0]} is not concluded by {fact.then}")
    return _fact(fact.given, Exists(n, domain, body), "some", premises=(fact,))


def whichever(fact: Fact, n: Any, domain: Any, body: Any) -> Fact:
    """The conclusion follows from domain and body whatever n is, so it follows from their holding for some n.

    Raises:
        WrongShape: the conclusion or a further hypothesis speaks of n, or the fact needs neither domain nor body.
    """
    had, used = keys(fact.given), keys([domain, body])
    rest = [e for k, e in had.items() if k not in used]
    if len(rest) == len(had):
        raise WrongShape(f"{fact.then} needs neither {domain} nor {body}")
    if speaking := [e for e in (fact.then, *rest) if n in e.free_symbols]:
        raise WrongShape(f"{speaking[0]} speaks of {n}")
    return _fact([*rest, Exists(n, domain, body)], fact.then, "whichever", premises=(fact,))
