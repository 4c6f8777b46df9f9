"""One and the same convex loss at every step: what its subgradients say of two iterates, and of a minimizer."""

from typing import Any

import sympy

from proofs.inference.derivation import Fact, WrongShape, _fact
from proofs.statements.statement import Named, reals
from proofs.statements.vocabulary import CONVEX, R, T, d, f, g, i, s, theta

ONE_LOSS = Named("all losses f_t are one function")


def subgradient(t: Any, s: Any) -> Fact:
    """f(theta_t) - f(theta_s) <= sum over i of g_{t,i} (theta_{t,i} - theta_{s,i}), for steps t, s >= 1.

    It is the subgradient inequality at theta_t, read at theta_s, which both losses share.
    """
    t, s = sympy.sympify(t), sympy.sympify(s)
    if not (t.is_integer and s.is_integer) or i in t.free_symbols | s.free_symbols:
        raise WrongShape(f"{t} and {s} are not both steps")
    moved = sympy.Sum(g(t, i) * (theta(t, i) - theta(s, i)), (i, 1, d))
    return _fact([CONVEX, ONE_LOSS, t >= 1, s >= 1], f(t) - f(s) <= moved, "subgradient inequality")


f_u = reals("f_u")
MINIMIZER = Named("u minimizes that function, and {0} is its value there", f_u)


def regret_of_one() -> Fact:
    """R_T is the sum of f(theta_t) - f(u), where all losses are one function f and f(u) is called f_u."""
    total = sympy.Sum(f(s) - f_u, (s, 1, T))
    return _fact([ONE_LOSS, MINIMIZER], sympy.Eq(R(T), total, evaluate=False), "regret of one loss")


def above_minimum(t: Any) -> Fact:
    """f(theta_t) >= f(u), for steps t >= 1."""
    t = sympy.sympify(t)
    if not t.is_integer:
        raise WrongShape(f"{t} is no step")
    return _fact([ONE_LOSS, MINIMIZER, t >= 1], f(t) >= f_u, "minimum")
