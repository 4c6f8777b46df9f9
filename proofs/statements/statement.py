"""What a claim says, as data: named symbols, hypotheses and a conclusion, all SymPy expressions.

Nothing here is a language of its own. Numbers are real SymPy symbols, sequences are applied functions such as
g(t, i), sums are sympy.Sum, and the connectives are SymPy's And, Or, Implies, Equivalent. Only what SymPy lacks is
added: `ForAll`, `Exists`, `Eventually`, `Tends` and named predicates (`Named`). `rendering.py` prints all of it.
"""
# SymPy's classes have attributes that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportReturnType=false

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy
from sympy.logic.boolalg import Boolean, BooleanFunction

Mapping = dict[Any, Any]


def reals(names: str) -> Any:
    """Real symbols of these names; one symbol for one name, else a tuple."""
    return sympy.symbols(names, real=True)


def integers(names: str) -> Any:
    """Integer symbols of these names."""
    return sympy.symbols(names, integer=True)


def sequences(names: str) -> Any:
    """Real sequences: functions to be applied to a step t and, where they have one, a coordinate i."""
    found = tuple(sympy.Function(name, real=True) for name in names.split())
    return found if len(found) > 1 else found[0]


class RandomVariable(sympy.Symbol):
    """A symbol that stands for a random variable; every other one stands for a number that is not random."""


class Quantified(BooleanFunction):
    """A statement that binds its first argument, a symbol."""

    @classmethod
    def eval(cls, *args: Any) -> None:
        return None

    @property
    def bound_symbols(self) -> list[Any]:
        return [self.args[0]]

    @property
    def free_symbols(self) -> set[Any]:
        return set().union(*(a.free_symbols for a in self.args[1:])) - {self.args[0]}


class ForAll(Quantified):
    """ForAll(n, domain, body): body holds for every n with `domain`."""

    nargs = 3


class Exists(Quantified):
    """Exists(n, domain, body): body holds for some n with `domain`."""

    nargs = 3


class Eventually(Quantified):
    """Eventually(n, body): there is an N such that body holds for every whole n >= N."""

    nargs = 2


class Tends(Quantified):
    """Tends(n, expression, limit): the expression tends to the limit as the whole number n grows."""

    nargs = 3


class BigO(Quantified):
    """BigO(n, expression, scale): |expression| <= c scale for some c and all large n."""

    nargs = 3


class Named(BooleanFunction):
    """Named(words, ...): a hypothesis that has a name, such as convexity, and the expressions it is about.

    Its meaning is what the rules of `derivation.py` allow to be concluded from it; the words are for the reader.
    In the words {0}, {1}, ... stand for the expressions.
    """

    def __new__(cls, words: Any, *about: Any) -> Any:
        return sympy.Basic.__new__(cls, words if isinstance(words, sympy.Basic) else sympy.Symbol(str(words)), *about)

    @property
    def words(self) -> str:
        return self.args[0].name

    @property
    def about(self) -> tuple[Any, ...]:
        return self.args[1:]

    @property
    def free_symbols(self) -> set[Any]:
        return set().union(*(a.free_symbols for a in self.about)) if self.about else set()


@dataclass(frozen=True)
class Statement:
    """What is claimed: `then` holds for all values of the free symbols that satisfy every one of `given`.

    where    the meaning of symbols that `vocabulary.py` does not explain, by symbol or sequence
    """

    then: Boolean
    given: tuple[Boolean, ...] = ()
    where: tuple[tuple[Any, str], ...] = ()


def conjuncts(expression: Any) -> Iterator[Any]:
    """The parts of a conjunction, nested ones too, also below a ForAll; nothing for `true`."""
    if isinstance(expression, sympy.And):
        for part in expression.args:
            yield from conjuncts(part)
    elif isinstance(expression, ForAll):
        n, domain, body = expression.args
        yield from (ForAll(n, domain, part) for part in conjuncts(body))
    elif expression != sympy.true:
        yield expression


def substitute(e: Any, values: Mapping) -> Any:
    """The expression with free symbols replaced at once; bound symbols are renamed where a value would be captured."""
    values = {k: v for k, v in values.items() if k in e.free_symbols}
    if not values:
        return e
    if isinstance(e, Quantified):
        brought = set().union(*(v.free_symbols for v in values.values()))
        symbol, args = e.args[0], e.args[1:]
        if symbol in brought:
            fresh = _fresh(symbol, brought | e.free_symbols)
            symbol, args = fresh, tuple(substitute(a, {symbol: fresh}) for a in args)
        return e.func(symbol, *(substitute(a, values) for a in args))
    if isinstance(e, sympy.Sum):
        body, symbol, *ends = peeled(e)
        ends = [substitute(end, values) for end in ends]
        inside = {k: v for k, v in values.items() if k != symbol}
        brought = set().union(*(v.free_symbols for k, v in inside.items() if k in body.free_symbols), set())
        if symbol in brought:
            fresh = _fresh(symbol, brought | body.free_symbols)
            symbol, body = fresh, substitute(body, {symbol: fresh})
        return sympy.Sum(substitute(body, inside), (symbol, *ends))
    if e.is_Symbol:
        return values[e]
    if not e.has(Quantified, sympy.Sum):
        return e.subs(values, simultaneous=True) if len(values) > 1 else e.subs(values)
    return e.func(*(substitute(a, values) for a in e.args))


def peeled(e: Any) -> tuple[Any, Any, Any, Any]:
    """A sum's outermost range: (what is summed, symbol, first, last). SymPy writes a sum of sums as one Sum."""
    *inner, (symbol, first, last) = e.limits
    return (sympy.Sum(e.function, *inner) if inner else e.function), symbol, first, last


def _fresh(symbol: Any, taken: set[Any]) -> Any:
    """A symbol of the same kind whose name is not taken: t, t', t''."""
    names, name = {s.name for s in taken}, symbol.name
    while name in names:
        name += "'"
    return sympy.Symbol(name, **symbol._assumptions_orig)


@cache
def canonical(expression: Any) -> Any:
    """One form for what is the same statement: a >= b is b <= a, and a <= b is a - b <= 0 multiplied out.

    It renames bound symbols, reorders, moves terms from one side to the other and expands products, which changes no
    statement about real numbers.
    """
    return _canonical(numbered(expression, 0))


def numbered(e: Any, depth: int) -> Any:
    """The expression with its bound symbols named after the depth at which they are bound."""
    if not e.has(Quantified, sympy.Sum):
        return e
    if isinstance(e, Quantified):
        symbol = sympy.Symbol(f"#{depth}", **e.args[0]._assumptions_orig)
        body = [substitute(a, {e.args[0]: symbol}) for a in e.args[1:]]
        return e.func(symbol, *(numbered(a, depth + 1) for a in body))
    if isinstance(e, sympy.Sum):
        inside, old, *ends = peeled(e)
        symbol = sympy.Symbol(f"#{depth}", **old._assumptions_orig)
        body = numbered(substitute(inside, {old: symbol}), depth + 1)
        return sympy.Sum(body, (symbol, *(numbered(end, depth) for end in ends)))
    return e.func(*(numbered(a, depth) for a in e.args))


def _canonical(expression: Any) -> Any:
    if isinstance(expression, sympy.core.relational.Relational):
        if expression.rel_op in (">", ">="):
            expression = expression.reversed
        rest = sympy.expand(expression.lhs - expression.rhs)
        if expression.rel_op in ("==", "!=") and rest.could_extract_minus_sign():
            rest = sympy.expand(-rest)
        return sympy.Tuple(sympy.Symbol(expression.rel_op), rest)
    if isinstance(expression, Quantified):
        symbol, *rest = expression.args
        return sympy.Tuple(sympy.Symbol(type(expression).__name__), symbol, *map(_canonical, rest))
    if isinstance(expression, BooleanFunction) and not isinstance(expression, Named):
        parts = [_canonical(a) for a in expression.args]
        return (
            sympy.Tuple(sympy.Symbol(type(expression).__name__), *sorted(parts, key=str))
            if isinstance(expression, sympy.And | sympy.Or | sympy.Equivalent)
            else sympy.Tuple(sympy.Symbol(type(expression).__name__), *parts)
        )
    return expression


def keys(expressions: Any) -> dict[Any, Any]:
    """The conjuncts of several statements by their canonical form, without those that say 0 = 0 or 0 <= 0."""
    found = {canonical(part): part for expression in expressions for part in conjuncts(expression)}
    return {key: part for key, part in found.items() if key not in _TRIVIAL}


_TRIVIAL = [sympy.true, *(sympy.Tuple(sympy.Symbol(relation), sympy.S.Zero) for relation in ("==", "<="))]
