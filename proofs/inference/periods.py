"""Rules about what repeats with period k: the phase of a step, sums over periods, and powers.

`Phase(t, k)` is (t - 1) mod k, the number of steps since the last of the steps 1, k + 1, 2k + 1, ...
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from proofs.inference.derivation import Fact, WrongShape, _fact
from proofs.statements.statement import Tends


class Phase(sympy.Function):
    """(t - 1) mod k for whole numbers t and k >= 1: it is 0 at t = 1 and grows by one a step until k - 1."""

    nargs = 2
    is_integer = True
    is_real = True


def phase_range(t: Any, k: Any) -> Fact:
    """The phase lies between 0 and k - 1: it is a remainder."""
    return _fact([k >= 1], (Phase(t, k) >= 0) & (Phase(t, k) <= k - 1), "phase", any_values=True)


def first_phase(k: Any) -> Fact:
    """The phase of step 1 is 0."""
    return _fact([k >= 1], sympy.Eq(Phase(1, k), 0, evaluate=False), "phase", any_values=True)


def phase_wraps(t: Any, k: Any) -> Fact:
    """After the phase k - 1 comes the phase 0."""
    last = sympy.Eq(Phase(t, k), k - 1, evaluate=False)
    return _fact([k >= 1, last], sympy.Eq(Phase(t + 1, k), 0, evaluate=False), "phase", any_values=True)


def phase_grows(t: Any, k: Any) -> Fact:
    """After any other phase comes the next one."""
    last = sympy.Ne(Phase(t, k), k - 1, evaluate=False)
    return _fact([k >= 1, last], sympy.Eq(Phase(t + 1, k), Phase(t, k) + 1, evaluate=False), "phase", any_values=True)


def power_range(q: Any, n: Any) -> Fact:
    """0 <= q^n <= 1 where 0 <= q <= 1 and n >= 0 is a whole number (0^0 is 1)."""
    if not n.is_integer:
        raise WrongShape(f"{n} need not be a whole number")
    return _fact([q >= 0, q <= 1, n >= 0], (q**n >= 0) & (q**n <= 1), "power", any_values=True)


def power_positive(q: Any, n: Any) -> Fact:
    """q^n > 0 where q > 0."""
    return _fact([q > 0], q**n > 0, "power", any_values=True)


def power_at_most(q: Any, n: Any) -> Fact:
    """0 <= q^n <= q where 0 <= q <= 1 and n >= 1 is a whole number."""
    if not n.is_integer:
        raise WrongShape(f"{n} need not be a whole number")
    return _fact([q >= 0, q <= 1, n >= 1], (q**n >= 0) & (q**n <= q), "power", any_values=True)


def power_falls(q: Any, m: Any, n: Any) -> Fact:
    """q^n <= q^m where 0 <= q <= 1 and 0 <= m <= n are whole numbers: q^n = q^m q^(n - m)."""
    m, n = map(sympy.sympify, (m, n))
    if not (m.is_integer and n.is_integer):
        raise WrongShape(f"{m} and {n} need not be whole numbers")
    return _fact([q >= 0, q <= 1, m >= 0, n >= m], q**n <= q**m, "power")


def power_next(q: Any, n: Any) -> Fact:
    """q q^(n-1) = q^n for whole n >= 1."""
    if not n.is_integer:
        raise WrongShape(f"{n} need not be a whole number")
    return _fact([n >= 1], sympy.Eq(q * q ** (n - 1), q**n, evaluate=False), "power", any_values=True)


def _of_phase(body: Any, t: Any, k: Any) -> Any:
    """The function of the phase that the body is, as (symbol for the phase, expression)."""
    j = sympy.Dummy("j", integer=True)
    inside = body.xreplace({Phase(t, k): j})
    if t in inside.free_symbols:
        raise WrongShape(f"{body} depends on {t} not only through its phase")
    return j, inside


def partial_sums(body: Any, s: Any, k: Any, t: Any) -> Fact:
    """|sum_{s < t} x_s| <= sum over one period of |x_s| for x of period k whose sum over a period is 0, t >= 1.

    The sum over whole periods is 0, so what is left is a sum over the first j < k steps of a period.
    """
    _of_phase(body, s, k)
    whole = sympy.Sum(body, (s, 1, k))
    then = sympy.Abs(sympy.Sum(body, (s, 1, t - 1))) <= sympy.Sum(sympy.Abs(body), (s, 1, k))
    return _fact(
        [k >= 1, t >= 1, sympy.Eq(whole, 0, evaluate=False)], then, "partial sums of a period", any_values=True
    )


def one_period(body: Any, s: Any, k: Any, j: Any) -> Fact:
    """Over a period the phase runs once through 0, 1, ..., k - 1."""
    phase, inside = _of_phase(body, s, k)
    if j in body.free_symbols or not j.is_integer:
        raise WrongShape(f"{j} must be a new whole number")
    whole = sympy.Sum(body, (s, 1, k))
    rest = sympy.Sum(inside.xreplace({phase: j}), (j, 1, k - 1))
    then = sympy.Eq(whole, inside.xreplace({phase: sympy.S.Zero}) + rest, evaluate=False)
    return _fact([k >= 1], then, "one period", any_values=True)


def average_over_periods(body: Any, s: Any, k: Any, T: Any) -> Fact:
    """The average over s = 1..T of what has period k tends to the average over a period.

    Whole periods give it exactly; fewer than k steps are left, and k times the largest term over T tends to 0.
    """
    _of_phase(body, s, k)
    if T in body.free_symbols or T == k or not T.is_integer:
        raise WrongShape(f"{T} must be a new whole number")
    along, whole = sympy.Sum(body, (s, 1, T)) / T, sympy.Sum(body, (s, 1, k)) / k
    return _fact([k >= 1], Tends(T, along, whole), "average over periods", any_values=True)


def constant_sum(value: Any, j: Any, first: Any, last: Any) -> Fact:
    """A sum of equal terms is their number times the term, where last >= first - 1."""
    if j in value.free_symbols:
        raise WrongShape(f"{value} depends on {j}")
    total = sympy.Sum(value, (j, first, last))
    return _fact(
        [last >= first - 1],
        sympy.Eq(total, value * (last - first + 1), evaluate=False),
        "sum of a constant",
        any_values=True,
    )


def power_at_least_one(base: Any, r: Any) -> Fact:
    """base^r >= 1 where base >= 1 and r >= 0: the logarithm r log(base) is not negative."""
    return _fact([base >= 1, r >= 0], base**r >= 1, "power", any_values=True)
