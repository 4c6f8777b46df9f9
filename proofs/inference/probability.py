"""Rules for means of random variables. A random variable is a RandomVariable, its mean E(x) an applied function.

All other symbols are constants. `derivation.use` puts no random variable in the place of a constant, because what is
proved of constants, such as E(c x) = c E(x), is false of them. E is the mean over one probability space on which all
the symbols named in a hypothesis live. A hypothesis such as `independent` says what is known of their joint law; that
the means exist is part of it.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import sympy

from proofs.checkers.by_exact import Found, exact
from proofs.inference.derivation import Fact, WrongShape, _fact
from proofs.statements.statement import Named, RandomVariable, sequences

E = sequences("E")


def random_variables(names: str) -> tuple[RandomVariable, ...]:
    return tuple(RandomVariable(name, real=True) for name in names.split())


def independent(*variables: Any) -> Named:
    """The hypothesis that variables are independent and have all the means that are spoken of."""
    shown = ", ".join(f"{{{i}}}" for i in range(len(variables)))
    return Named(f"{shown} are independent random variables with finite means and second moments", *variables)


def mean(expression: Any, apart: Sequence[Any] = ()) -> Fact:
    """E of a polynomial in random variables is the same polynomial of means: linearity, and E x y = E x E y.

    Args:
        apart: those of its random variables that are independent. A monomial in them alone is split into a product of
            means; any other monomial's mean is left whole.

    Raises:
        WrongShape: the expression is no polynomial in the variables, or of a degree above 2 in one of `apart`.
    """
    expression = sympy.sympify(expression)
    variables = sorted(expression.atoms(RandomVariable), key=str)
    hidden = set().union(*(a.free_symbols for a in expression.atoms(sympy.Function)), set()) & set(variables)
    if hidden or not expression.is_polynomial(*variables):
        raise WrongShape(f"{expression} is no polynomial in {', '.join(map(str, variables))}")
    total = sympy.Integer(0)
    for powers, factor in sympy.Poly(expression, *variables).terms():
        found = dict(zip(variables, powers, strict=True))
        if any(found.get(x, 0) > 2 for x in apart):
            raise WrongShape(f"{expression} is of a degree above 2 in one of {', '.join(map(str, apart))}")
        used = {x: power for x, power in found.items() if power}
        if set(used) <= set(apart):
            moments = sympy.Mul(*(E(x**power) for x, power in used.items()))
        else:
            moments = E(sympy.Mul(*(x**power for x, power in used.items())))
        total += factor * moments
    given = [independent(*apart)] if apart else []
    then = sympy.Eq(E(expression), total, evaluate=False)
    return _fact(given, then, "mean", any_values=True, meant=frozenset({E}))  # whatever the variables and constants


EXCHANGEABLE = Named("the losses are exchangeable random variables, and two of them are equal with probability 0")


def average_over_orders(name: str, words: str, size: int, statistic: Any, of: Any, value: Any) -> Fact:
    """The mean `of` a function of the order of `size` losses is its average over all orders.

    Exchangeable losses without ties have every order of any `size` of them with probability 1/size!, so the mean of
    what depends on their order only is the average over all permutations, whichever losses they are.

    Args:
        statistic: the function, of a tuple of distinct numbers.
        of: the symbol or sequence that stands for the mean.
        value: the average, a rational number; the check computes it again.
    """
    value = sympy.Rational(value)

    def run() -> Found:
        found = [sympy.Rational(statistic(order)) for order in permutations(range(1, size + 1))]
        average = sympy.Add(*found) / len(found)
        return average == value, average != value + sympy.Rational(1, 100), f"{average} over {len(found)} orders", {
            "orders": len(found), "average": str(average)}  # fmt: skip

    then = sympy.Eq(of, value, evaluate=False)
    return _fact([EXCHANGEABLE], then, "orders", words=words, check=exact(name, words, run))
