"""Identities for all symbols: sympy. A broken right-hand side must be told apart from the true one."""
# SymPy's classes have attributes that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportReturnType=false

from collections.abc import Callable
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from proofs.statements.claim import Check, Outcome
from proofs.statements.statement import Tends, conjuncts


def identity(name: str, says: str, build: Callable[[], tuple[Any, Any, Any]]) -> Check:
    """lhs = rhs for all values of the symbols; `build` also returns a broken rhs, which must differ."""
    return Check(name, "sympy", says, lambda: _equal(build))


def equal(name: str, says: str, left: Any, right: Any, broken: Any, given: tuple[Any, ...] = ()) -> Check:
    """left = right under `given`, which must keep every denominator from 0 and every radicand from being negative."""
    then = sympy.Eq(left, right, evaluate=False)
    return Check(name, "sympy", says, lambda: _equal_under(left, right, broken, given), given, then)


def _equal_under(left: Any, right: Any, broken: Any, given: tuple[Any, ...]) -> Outcome:
    from proofs.checkers.by_smt import implied
    from proofs.statements.rendering import text

    for part in sympy.preorder_traversal(sympy.Tuple(left, right, broken)):
        if not part.is_Pow or part.exp.is_nonnegative is not False and part.exp.is_integer:
            continue
        if part.exp.is_negative and not part.base.is_nonzero and not implied(given, sympy.Ne(part.base, 0)):
            return Outcome("unknown", f"the hypotheses do not keep {text(part.base)} from being 0")
        if not part.exp.is_integer and not part.base.is_nonnegative and not implied(given, part.base >= 0):
            return Outcome("unknown", f"the hypotheses do not keep {text(part.base)} from being negative")
    signs = _signs(given)
    return _equal(lambda: tuple(sympy.sympify(e).subs(signs, simultaneous=True) for e in (left, right, broken)))


def _signs(given: tuple[Any, ...]) -> dict[Any, Any]:
    """Symbols and applied sequences that `given` says are positive or not negative, as symbols that know it."""
    known: dict[Any, Any] = {}
    for e in given:
        for part in conjuncts(e):
            if getattr(part, "rel_op", None) in (">", ">=", "<", "<="):
                small, large = (part.rhs, part.lhs) if part.rel_op[0] == ">" else (part.lhs, part.rhs)
                if (
                    small.is_number
                    and small >= 0
                    and not large.is_number
                    and not large.args
                    or (small.is_number and small >= 0 and isinstance(large, AppliedUndef))
                ):
                    strict = part.rel_op in (">", "<") or bool(small > 0)
                    sign = {"positive": True} if strict else {"nonnegative": True}
                    known[large] = sympy.Dummy(str(large), **sign)
    return known


def tends(name: str, says: str, expression: Any, n: Any, value: Any, broken: Any) -> Check:
    """The explicit expression tends to `value` as n grows; every other symbol is taken to be positive."""

    def run() -> Outcome:
        positive = {s: sympy.Dummy(s.name, positive=True) for s in expression.free_symbols | value.free_symbols}
        found = sympy.limit(expression.subs(positive), positive[n], sympy.oo)
        if _simplest(found - value.subs(positive)) != 0:
            return Outcome("fails", f"the limit is {found}")
        if _simplest(found - broken.subs(positive)) == 0:
            return Outcome("unknown", "the broken limit could not be told from the true one")
        return Outcome("holds", f"the limit is {found}")

    return Check(name, "sympy", says, run, (), Tends(n, expression, value))


def _equal(build: Callable[[], tuple[Any, Any, Any]]) -> Outcome:
    lhs, rhs, broken = build()
    rest = _simplest(lhs - rhs)
    if rest != 0:
        return Outcome("unknown" if rest.free_symbols else "fails", f"the sides differ by {rest}")
    if _simplest(lhs - broken) == 0:
        return Outcome("unknown", "the broken right-hand side could not be told from the true one")
    return Outcome("holds", f"difference simplifies to 0; broken variant leaves {_simplest(lhs - broken)}")


def _simplest(expression: Any) -> Any:
    expression = sympy.sympify(expression)
    return sympy.simplify(sympy.expand(sympy.together(expression)))
