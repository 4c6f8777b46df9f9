"""Where SymPy cancels: alpha (x/alpha) is written x, which is true only if alpha is not 0.

A statement that divides by 0 means nothing in particular: 1/0 is some number, and nothing else is known of it. So a
rule that puts expressions into others must not lose a division on the way, or must assume that the divisor is not 0.
The same goes for roots: sqrt(x) sqrt(x) is written x, which is true only if x is not negative.
"""

from collections.abc import Callable
from typing import Any

import sympy

from proofs.statements.statement import Quantified


def lost(before: Any, put: Callable[[Any], Any], after: Any) -> list[Any]:
    """What must be assumed so that `after` is `before` with `put` for its symbols: divisors that are not 0.

    Both are built again with a symbol of its own in place of every reciprocal and root, about which nothing is known.
    They are then the same unless a reciprocal or a root was cancelled. Two powers of one base share the symbol.

    Args:
        put: what stands for a symbol or for a sequence at a step (itself, if nothing does).
        after: SymPy's result of putting them in.
    """
    known: dict[tuple[Any, Any], Any] = {}
    held, plain = _rebuilt(before, put, known), _rebuilt(after, _itself, known)
    if held == plain:
        return []
    used, needed = held.free_symbols | plain.free_symbols, []
    for (base, exponent), symbol in reversed(known.items()):  # a symbol's base was met before it
        if symbol in used:
            used |= base.free_symbols
            original = _original(base, known)
            needed.append(sympy.Ne(original, 0) if exponent == -1 else original > 0)
    return [e for e in dict.fromkeys(needed) if e != sympy.true]


def _itself(e: Any) -> Any:
    return e


def _rebuilt(e: Any, put: Callable[[Any], Any], known: dict[tuple[Any, Any], Any]) -> Any:
    if not e.args or isinstance(e, sympy.core.function.AppliedUndef):
        value = put(e)
        if value != e:
            return _rebuilt(value, _itself, known)
        if not e.args:
            return e
    if isinstance(e, Quantified | sympy.Sum):
        inner = put
        bound = {e.args[0]} if isinstance(e, Quantified) else {limit[0] for limit in e.limits}
        put = lambda symbol: symbol if symbol in bound else inner(symbol)  # noqa: E731
    if isinstance(e, sympy.Pow) and not (e.exp.is_integer and e.exp.is_nonnegative):
        return _power(_rebuilt(e.base, put, known), _rebuilt(e.exp, put, known), known)
    return e.func(*(_rebuilt(a, put, known) for a in e.args), **_unevaluated(e))


def _unevaluated(e: Any) -> dict[str, bool]:
    return {"evaluate": False} if isinstance(e, sympy.core.relational.Relational) else {}


def _power(base: Any, exponent: Any, known: dict[tuple[Any, Any], Any]) -> Any:
    """The power as a product of symbols that stand for reciprocals of its factors, or for roots of the whole."""
    number, rest = base.as_coeff_Mul()
    if number.is_zero or not exponent.is_integer and number.is_negative:
        number, rest = sympy.S.One, base
    found = number**exponent
    for factor in sympy.Mul.make_args(rest) if exponent.is_integer else (rest,):
        inner, outer = factor.as_base_exp()
        if not (exponent.is_integer and outer.is_Integer and outer > 0):
            inner, outer = factor, sympy.S.One
        if inner == 1:
            continue
        unit, times = exponent, outer
        if exponent.is_Rational:
            unit = sympy.Rational(1 if exponent > 0 else -1, exponent.q)
            times = outer * abs(exponent.p)
        found *= known.setdefault((inner, unit), sympy.Dummy(real=True)) ** times
    return found


def _original(e: Any, known: dict[tuple[Any, Any], Any]) -> Any:
    back = {symbol: base**exponent for (base, exponent), symbol in known.items()}
    while e.free_symbols & back.keys():
        e = e.xreplace(back)
    return e
