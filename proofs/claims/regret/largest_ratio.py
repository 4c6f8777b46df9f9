"""A rule for the worst case of few steps: what branch and bound encloses is the supremum over runs.

It is about DWMGrad with omega_t = t, no momentum, eps = 0 and alpha_t = alpha/sqrt(t), alpha = sqrt(2), on the box
[-1, 1] in one coordinate, over linear losses with slopes g_t, g_1 != 0, starts and comparators in the box. The losses
have a constant that makes them positive at the iterate, so the window expands; it is no part of the regret.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from dwmgrad_ref.rules.bounds import Facts
from proofs.checkers.by_branching import enclosed
from proofs.checkers.by_exact import Found
from proofs.inference.derivation import Fact, WrongShape, _fact, equation
from proofs.models.worst_case import certified_ratio
from proofs.statements.formulas import DWMGRAD, advance, record, step, step_size
from proofs.statements.statement import reals

n, total, rate, at, slope, r = reals("t s alpha x g r")


@cache
def reduced(name: str) -> tuple[Fact, ...]:
    """The window, the bound and the step that runs in the variables of `worst_case.ratio`, for t > 1 and for t = 1.

    With s_t² = g_1² + ... + g_t² and r_t = g_t/s_t, so that s_{t-1}² = s_t² (1 - r_t²) = (t - 1) G_{t-1}.
    """
    c, after = step(g=r * total, omega=n, G=total**2 * (1 - r**2) / (n - 1), x=at, alpha=step_size(n, rate))
    given = [n > 1, total > 0, rate > 0]
    forth = step(g=slope, omega=1, G=0, x=at, alpha=step_size(1, rate))[1]
    back = step(g=-slope, omega=1, G=0, x=at, alpha=step_size(1, rate))[1]
    free = record(DWMGRAD, delta=sympy.oo, omega0=0, eps=0, gamma=0, alpha=sympy.sqrt(2), schedule="sqrt")
    window = advance(DWMGRAD, free, 1, {"t": n - 1, "omega": n - 1}).omega
    facts = Facts(D=2, S=total, T=n, first=0, last=0, fixed=False, projected=True)
    (bound,) = (b for b in DWMGRAD.bounds if b.claim == "R3")
    return (
        equation(f"{name}.window", "Under a positive loss omega_{t-1} = t - 1 grows to t.", window, n, n - 1),
        equation(f"{name}.bound", "The rule's own bound R3, with D = 2.",
                 bound.coordinate(free, DWMGRAD.start(free), facts), sympy.sqrt(8) * total, 3 * total),
        equation(f"{name}.step", "From s_{t-1}² = s_t² (1 - r²) the gradient r s_t moves theta by alpha r.", after,
                 at - rate * r, at - rate * r / n, given),
        equation(f"{name}.moment", "The moment after the step is s_t² over the step's number.", c.G, total**2 / n,
                 total**2, given),
        equation(f"{name}.first", "The first gradient moves theta by alpha, whatever its size.", forth, at - rate,
                 at - rate / 2, [slope > 0]),
        equation(f"{name}.back", "A negative first gradient moves it the other way.", back, at + rate, at + rate / 2,
                 [slope > 0]),
    )  # fmt: skip


def largest(
    name: str, words: str, rho: Any, printed: Mapping[int, tuple[str, str]], guess: Callable[[int], Any]
) -> Fact:
    """low <= rho(T) <= high for every T of `printed`, where rho(T) is the supremum of R_T over the bound R3.

    Upper end. Take any run of T steps; g_1 != 0, so s_t > 0 for all t >= 1, r_t lies in [-1, 1] and r_1 is 1 or -1.
    By `reduced` theta moves by alpha r_t before it is projected, so theta_t is what `ratio` computes from r and the
    start. The regret is linear in u, so one end of the box is the best comparator; a change of all signs, of the
    start's and of u's too, leaves regret and bound as they are, so let it be -1. Then R_T is the sum of g_t (theta_t
    + 1), and g_t = r_t s_t with s_{t-1} = s_t sqrt(1 - r_t²). R_T and the bound are both proportional to s_T, so
    R_T over the bound is `ratio` at (r, start), which lies in the box that is branched over: at most its largest value.

    Lower end. A point of that box with |r_t| < 1 for t >= 2 is a run: take s_T = 1 and the s_t backwards, all positive.
    Its supremum over u is at least the value against u = -1. Every other point of the box is a limit of such points,
    and `ratio` is continuous, so the supremum over runs is at least every value that `ratio` attains in the box.

    Args:
        rho: the sequence that stands for the supremum.
        printed: the ends of the enclosure for T, as decimals.
        guess: gradients and a start to begin with, for T; any will do.
    """
    if not printed or any(T < 1 for T in printed):
        raise WrongShape(f"{printed} must name numbers of steps")

    def build() -> Found:
        shown, good, broken = [], True, False
        for T, (low, high) in printed.items():
            e = certified_ratio(T, guess=guess(T))
            good &= e.done and Fraction(low) <= Fraction(e.low) and Fraction(e.high) <= Fraction(high)
            broken |= Fraction(e.high) <= Fraction(low) or Fraction(e.low) >= Fraction(high)
            shown.append([round(e.low, 6), round(e.high, 6)])
        text = "; ".join(f"T = {T}: [{low:.6f}, {high:.6f}]" for T, (low, high) in zip(printed, shown, strict=True))
        return good, not broken, text, {"enclosures": shown}

    then = sympy.And(*(part for T, (low, high) in printed.items()
                       for part in (sympy.Rational(low) <= rho(T), rho(T) <= sympy.Rational(high))))  # fmt: skip
    check = enclosed(f"{name}.branch", words, build)
    return _fact([], then, "largest ratio", words=words, premises=reduced(name), check=check, meant=frozenset({rho}))
