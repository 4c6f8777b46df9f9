"""SymPy statements as z3 terms over the reals, so that the very object that is printed is what the solvers see.

Integer symbols become reals (what holds for all reals holds for whole numbers). A sequence at a step, a sum, or any
other expression that is not arithmetic becomes one unknown real: what the solver is not told it cannot use. Square
roots go through `ops.sqrt`, which records their side conditions; a quotient p/q is z3's own total division, about
which it knows p/q * q = p for q != 0 and nothing else.
"""
# SymPy's classes have attributes that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportReturnType=false

import re
from typing import Any

import sympy
import z3
from sympy.core.relational import Relational

from dwmgrad_ref import ops
from proofs.statements.statement import Quantified, numbered


class NotArithmetic(TypeError):
    """A statement that the solvers cannot be asked: it quantifies over a sequence or a limit."""


class Translation:
    """One problem's terms: equal expressions become the same term."""

    def __init__(self) -> None:
        self.known: dict[Any, Any] = {}
        self.names: dict[Any, str] = {}

    def __call__(self, e: Any) -> Any:
        e = sympy.sympify(e)
        if e not in self.known:
            self.known[e] = self._translated(e)
        return self.known[e]

    def _translated(self, e: Any) -> Any:
        if isinstance(e, Quantified):
            raise NotArithmetic(f"{e} cannot be handed to a solver; instantiate it first (derivation.at)")
        if e in (sympy.true, sympy.false):
            return z3.BoolVal(bool(e))
        if isinstance(e, Relational):
            return _relation(e.rel_op, self(e.lhs), self(e.rhs))
        connective = {sympy.And: z3.And, sympy.Or: z3.Or, sympy.Not: z3.Not, sympy.Implies: z3.Implies,
                      sympy.ITE: z3.If}.get(e.func)  # fmt: skip
        if connective:
            return connective(*map(self, e.args))
        if isinstance(e, sympy.Equivalent):
            first, *rest = map(self, e.args)
            return z3.And(*(first == other for other in rest))
        if isinstance(e, sympy.logic.boolalg.Boolean) and not e.is_Symbol:
            raise NotArithmetic(f"{e} cannot be handed to a solver: it is a named hypothesis")
        return self._number(e)

    def _number(self, e: Any) -> Any:
        if e.is_Rational:
            return z3.Q(int(e.p), int(e.q))
        if e.is_Add:
            return z3.Sum(*map(self, e.args))
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow:
            return self._power(e)
        if isinstance(e, sympy.Max | sympy.Min):
            first, *rest = map(self, e.args)
            for other in rest:
                first = ops.maximum(first, other) if isinstance(e, sympy.Max) else ops.minimum(first, other)
            return first
        if isinstance(e, sympy.Abs):
            return ops.absolute(self(e.args[0]))
        if isinstance(e, sympy.Piecewise):
            *pieces, (value, condition) = e.args
            if condition != sympy.true:
                raise NotArithmetic(f"{e} is not defined everywhere")
            value = self(value)
            for other, condition in reversed(pieces):
                value = z3.If(self(condition), self(other), value)
            return value
        return self._unknown(e)

    def _product(self, e: Any) -> Any:
        above, below = e.as_numer_denom()
        if below.is_number or below == 1 or above == e:
            return z3.Product(*map(self, e.args))
        return self(above) / self(below)

    def _power(self, e: Any) -> Any:
        base, exponent = e.as_base_exp()
        if exponent == sympy.Rational(1, 2):
            return ops.sqrt(self(base))
        if exponent.is_Rational and exponent < 0:
            return 1 / self(base**-exponent)
        if exponent.is_Integer:
            return z3.Product(*[self(base)] * int(exponent))
        if exponent.is_Rational and exponent.q == 2:
            return self(sympy.sqrt(base)) * self(base ** (exponent - sympy.Rational(1, 2)))
        return self._unknown(e)

    def _unknown(self, e: Any) -> Any:
        """A real constant of its own, under a name that every solver can read.

        Symbols keep their names, so that a counterexample can be read; everything else is numbered. Two symbols of one
        name, such as a real and a whole t, stay apart.
        """
        key = numbered(e, 0)  # so two sums that differ in their bound variables only are one unknown
        if key not in self.names:
            plain = e.is_Symbol and re.fullmatch("[A-Za-z][A-Za-z0-9_]*", e.name)
            name = e.name if plain else f"x{len(self.names)}"
            while name in self.names.values():
                name += "_"
            self.names[key] = name
        return z3.Real(self.names[key])


def _relation(symbol: str, a: Any, b: Any) -> Any:
    return {"<=": a <= b, "<": a < b, ">=": a >= b, ">": a > b, "==": a == b, "!=": a != b}[symbol]
