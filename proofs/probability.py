"""Rules for means of random variables. A random variable is a RandomVariable, its mean E(x) an applied function.

All other symbols are constants. `derivation.use` puts no random variable in the place of a constant, because what is
proved of constants, such as E(c x) = c E(x), is false of them. E is the mean over one probability space on which all the symbols named in a hypothesis live. A hypothesis such as
INDEPENDENT says what is known of their joint law; that the means exist is part of it.
"""

from collections.abc import Sequence
from typing import Any

import sympy

from proofs.derivation import Fact, WrongShape, _fact
from proofs.statement import Named, RandomVariable, sequences

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
        apart: those of its random variables that are independent. A monomial in them alone is split into a product of means; any
            other monomial's mean is left whole.

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
    return _fact(given, sympy.Eq(E(expression), total, evaluate=False), "mean")
