"""Identities for all symbols: sympy. A broken right-hand side must be told apart from the true one."""

from collections.abc import Callable
from typing import Any

import sympy

from proofs.claim import Check, Outcome


def identity(name: str, says: str, build: Callable[[], tuple[Any, Any, Any]]) -> Check:
    """lhs = rhs for all values of the symbols; `build` also returns a broken rhs, which must differ."""
    return Check(name, "sympy", says, lambda: _equal(build))


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
