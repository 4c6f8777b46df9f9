"""Rules about binomial coefficients, halves of whole numbers, and integrals of powers of the sine.

n and k are whole numbers; Binomial(n, k) is 0 for k > n >= 0. Each docstring is the rule's own proof.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false

from typing import Any

import sympy

from proofs.inference.derivation import Fact, WrongShape, _fact
from proofs.statements.statement import sequences


class Binomial(sympy.Function):
    """The binomial coefficient of whole numbers n >= 0 and k.

    It is not sympy.binomial, whose assumptions are wrong: SymPy 1.14 takes binomial(n, 3) for negative.
    """

    nargs = 2
    is_integer = True
    is_real = True

    @classmethod
    def eval(cls, *numbers: Any) -> Any:
        n, k = numbers
        if n.is_Integer and k.is_Integer and n >= 0:
            return sympy.binomial(n, k)
        return None


wallis = sequences("W")  # wallis(n): the integral of sin^n over [0, pi/2]


def _whole(*numbers: Any) -> list[Any]:
    found = [sympy.sympify(n) for n in numbers]
    for n in found:
        if not n.is_integer:
            raise WrongShape(f"{n} need not be a whole number")
    return found


def _law(given: list[Any], left: Any, right: Any) -> Fact:
    return _fact(given, sympy.Eq(left, right, evaluate=False), "binomial coefficients", any_values=True)


def pascal(n: Any, k: Any) -> Fact:
    """Of k + 1 things among n + 1 the last one is among them, with k others, or it is not."""
    n, k = _whole(n, k)
    return _law([n >= 0, k >= 0], Binomial(n, k) + Binomial(n, k + 1), Binomial(n + 1, k + 1))


def mirrored(n: Any, k: Any) -> Fact:
    """To choose k of n is to leave n - k."""
    n, k = _whole(n, k)
    return _law([k >= 0, k <= n], Binomial(n, k), Binomial(n, n - k))


def absorbed(n: Any, k: Any) -> Fact:
    """Choose k + 1 of n + 1 and one of those, or first the one and then k of the other n."""
    n, k = _whole(n, k)
    return _law([n >= 0, k >= 0], (k + 1) * Binomial(n + 1, k + 1), (n + 1) * Binomial(n, k))


def too_many(n: Any, k: Any) -> Fact:
    """Nobody chooses more than there are."""
    n, k = _whole(n, k)
    return _law([n >= 0, k >= n + 1], Binomial(n, k), sympy.S.Zero)


def halved(n: Any) -> Fact:
    """n = 2 q or n = 2 q + 1 for q = floor(n/2). In the first case (n + 1)/2 has the floor q too, else q + 1."""
    (n,) = _whole(n)
    q, later = sympy.floor(n / 2), sympy.floor((n + 1) / 2)
    even, odd = (sympy.Eq(n, value, evaluate=False) for value in (2 * q, 2 * q + 1))
    same, next_ = (sympy.Eq(later, value, evaluate=False) for value in (q, q + 1))
    return _fact([], (even & same) | (odd & next_), "half of a whole number", any_values=True)


def floor_next(x: Any) -> Fact:
    """The floor of x + 1 is one more than that of x."""
    x = sympy.sympify(x)
    left, right = sympy.floor(x + 1), sympy.floor(x) + 1
    return _fact([], sympy.Eq(left, right, evaluate=False), "floor", any_values=True)


def sine_powers(n: Any) -> Fact:
    """What is known of W_n, the integral of sin^n over [0, pi/2], for n >= 0.

    W_0 = pi/2 and W_1 = 1. The slope of cos sin^(n+1) is (n + 1) sin^n - (n + 2) sin^(n+2), because cos² = 1 - sin²,
    and cos sin^(n+1) is 0 at both ends. W falls because 0 <= sin <= 1, and sin is positive inside.
    """
    (n,) = _whole(n)
    W = wallis
    then = sympy.And(
        sympy.Eq(2 * W(0), sympy.pi, evaluate=False), sympy.Eq(W(1), 1, evaluate=False),
        sympy.Eq((n + 2) * W(n + 2), (n + 1) * W(n), evaluate=False), W(n + 1) <= W(n), W(n) > 0,
    )  # fmt: skip
    return _fact([n >= 0], then, "powers of the sine")
