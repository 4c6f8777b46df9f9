"""W9, the comparison: what a window moved by a fair coin does, exactly."""

from fractions import Fraction
from math import comb
from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_exact import Found, exact
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, advance, record

SOURCE = Source(
    "dwmgrad-code", "the signals increase and decrease, replaced by a coin", also=(Source("dwmgradnotes", "W9"),)
)
n, k, m = sympy.symbols("n k m", integer=True, positive=True)


def moved(omega: Any, rises: bool, delta: Any = 1000) -> Any:
    o = record(DWMGRAD, signal="increase", delta=delta, gamma=0, alpha=1)
    return advance(DWMGRAD, o, Fraction(1 if rises else -1), {"omega": omega, "e": 1, "last": Fraction(0)}).omega


def step() -> Obligation:
    """A rise adds one; a fall takes one, and holds at omega = 1."""
    omega, delta = reals("omega delta")
    given = {"1 <= omega": omega >= 1, "omega + 1 <= delta": omega + 1 <= delta, "whole": z3.Or(omega == 1, omega >= 2)}
    up, down = moved(omega, True, delta), moved(omega, False, delta)
    return Obligation(given, z3.And(up == omega + 1, down == z3.If(omega >= 2, omega - 1, 1)))


def pascal() -> tuple[Any, Any, Any]:
    """j >= 1: both neighbours of omega - 1 = j feed it, k = floor((t + j)/2)."""
    new = sympy.binomial(n + 1, k + 1)
    return (sympy.binomial(n, k) + sympy.binomial(n, k + 1)) / new, sympy.Integer(1), sympy.Integer(2)


def pascal_at_end() -> tuple[Any, Any, Any]:
    """j = 0, odd t = 2m + 1: C(t, m + 1) = C(t, m), so the holding step is Pascal's too (even t: the same k)."""
    return sympy.binomial(2 * m + 1, m + 1) / sympy.binomial(2 * m + 1, m), sympy.Integer(1), sympy.Integer(2)


def ratio() -> tuple[Any, Any, Any]:
    """b_m = C(2m, m)/4^m: b_{m+1}/b_m = (2m + 1)/(2m + 2)."""
    fraction = sympy.binomial(2 * m + 2, m + 1) / sympy.binomial(2 * m, m) / 4
    return sympy.combsimp(fraction), (2 * m + 1) / (2 * m + 2), (2 * m + 1) / (2 * m + 3)


def odd_end() -> tuple[Any, Any, Any]:
    """P(omega_{2m+1} = 1) = C(2m+1, m+1)/2^(2m+1) = b_{m+1}."""
    fraction = sympy.binomial(2 * m + 1, m + 1) * 2 / sympy.binomial(2 * m + 2, m + 1)
    return sympy.combsimp(fraction), sympy.Integer(1), sympy.Integer(2)


def mean_step() -> tuple[Any, Any, Any]:
    """E grows by ½ P(omega = 1) a step: (2m + ½) b_m - ½ gains ½ (b_m + b_{m+1}) in two."""
    b = sympy.Symbol("b", positive=True)
    after = b * (2 * m + 1) / (2 * m + 2)
    half = sympy.Rational(1, 2)
    return (2 * m + 2 + half) * after - (2 * m + half) * b, half * (b + after), half * b


def chain() -> Found:
    """The distribution by stepping the rule's own window, against the closed forms."""
    law, true, means = {Fraction(1): Fraction(1)}, True, []
    for t in range(1, 41):
        new: dict[Any, Fraction] = {}
        for omega, p in law.items():
            for rises in (True, False):
                after = moved(omega, rises)
                new[after] = new.get(after, Fraction(0)) + p / 2
        law = new
        true &= all(p == Fraction(comb(t, (t + int(w)) // 2), 2**t) for w, p in law.items())
        means.append(sum(w * p for w, p in law.items()) - 1)
        if t % 2 == 0:
            half = Fraction(1, 2)
            true &= means[-1] == (t + half) * Fraction(comb(t, t // 2), 2**t) - half
    told = {str(t): str(means[t - 1]) for t in (1, 2, 3, 4, 10)}
    return true, means[39] != 20, f"40 steps agree; the mean of omega - 1 after 40 is {float(means[39]):.4f}", told


def by_parts() -> tuple[Any, Any, Any]:
    """W_n, the integral of sin^n over [0, pi/2]: (n + 2) W_{n+2} = (n + 1) W_n, as cos sin^(n+1) is 0 at both ends."""
    x, sine = sympy.symbols("x s", positive=True)
    slope = sympy.diff(sympy.cos(x) * sympy.sin(x) ** (n + 1), x)
    slope = sympy.expand(slope.subs(sympy.cos(x) ** 2, 1 - sympy.sin(x) ** 2)).subs(sympy.sin(x), sine)
    return slope, (n + 1) * sine**n - (n + 2) * sine ** (n + 2), (n + 1) * sine**n - (n + 1) * sine ** (n + 2)


def wallis() -> tuple[Any, Any, Any]:
    """(n + 1) W_n W_{n+1} = (n + 2) W_{n+1} W_{n+2}: a constant, pi/2 as n = 0 shows."""
    now, later, x = sympy.symbols("now later x", positive=True)
    change = (n + 2) * later * (n + 1) / (n + 2) * now - (n + 1) * now * later
    first = sympy.integrate(1, (x, 0, sympy.pi / 2)) * sympy.integrate(sympy.sin(x), (x, 0, sympy.pi / 2))
    return first + change, sympy.pi / 2, sympy.pi / 2 + now


def squeezed() -> Obligation:
    """b_m = (2/pi) W_{2m}, with W falling: a >= b >= c for W_{2m-1}, W_{2m}, W_{2m+1}; p is pi."""
    m, a, b, c, p, value = reals("m a b c p value")
    given = {
        "2m W_{2m-1} W_{2m} = pi/2": 4 * m * a * b == p,
        "(2m+1) W_{2m} W_{2m+1} = pi/2": (4 * m + 2) * b * c == p,
        "W falls, as 0 <= sin <= 1": z3.And(a >= b, b >= c, c > 0),
        "b_m = 2/pi W_{2m}": value * p == 2 * b,
        "m >= 1, pi > 0": z3.And(m >= 1, p > 0),
    }
    return Obligation(given, z3.And(m * p * value * value <= 1, (m + 0.5) * p * value * value >= 1))


def bounds() -> Obligation:
    """With b = b_m, w = sqrt(1/pi), r = sqrt(m), q = sqrt(m + ½): 2 r w - ½ <= (2m + ½) b - ½ <= 2 r w."""
    b, w, r, q = reals("b w r q")
    given = {
        "b r <= w": b * r <= w,
        "b q >= w": b * q >= w,
        "m >= 1": z3.And(r >= 1, q * q == r * r + 0.5, q > 0),
        "0 < w <= 3/5, b > 0": z3.And(w > 0, w <= 0.6, b > 0),
    }
    mean = (2 * r * r + 0.5) * b - 0.5
    return Obligation(
        given, z3.And(2 * r * w - 0.5 <= mean, mean <= 2 * r * w), {"within 0.2": mean >= 2 * r * w - 0.2}
    )


CLAIM = Claim(
    id="W9-coin",
    title="the window of a fair coin",
    statement="If each move is an independent fair coin's, from omega_0 = 1 and before the cap: P(omega_t - 1 = j) = "
    "C(t, floor((t+j+1)/2))/2^t, E omega_t - 1 = (t + ½) C(t, t/2)/2^t - ½ for even t, and "
    "sqrt(2t/pi) - ½ <= E omega_t - 1 <= sqrt(2t/pi) for even t >= 2",
    latex=r"P(\omega_t-1=j)=2^{-t}\binom{t}{\lfloor (t+j+1)/2\rfloor},\qquad "
    r"\sqrt{2t/\pi}-\tfrac12\le\mathbb E\,\omega_t-1\le\sqrt{2t/\pi}",
    source=SOURCE,
    kind="identity",
    hypotheses=("independent fair moves", "omega_0 = 1", "t < delta", "t even for the mean; it does not fall between"),
    depends=("W1",),
    proof=(
        forall("W9-coin.step", "a rise adds one, a fall takes one and holds at 1", step),
        identity("W9-coin.pascal", "so P_{t+1}(j) = ½ (P_t(j-1) + P_t(j+1)), solved by Pascal's rule", pascal),
        identity("W9-coin.end", "and at j = 0, where a fall holds, by the symmetry of the row", pascal_at_end),
        exact("W9-coin.chain", "the rule's own window, stepped 40 times, has this law and this mean", chain),
        identity("W9-coin.ratio", "b_m = C(2m, m)/4^m has b_{m+1}/b_m = (2m+1)/(2m+2)", ratio),
        identity("W9-coin.odd", "P(omega = 1) is b_m at t = 2m and b_{m+1} at t = 2m + 1", odd_end),
        identity(
            "W9-coin.mean", "the mean grows by ½ P(omega = 1) a step, so at t = 2m it is (2m+½) b_m - ½", mean_step
        ),
        identity("W9-coin.parts", "(2/pi) W_{2m}, W_n the integral of sin^n, has the same ratio: it is b_m", by_parts),
        identity("W9-coin.wallis", "(n+1) W_n W_{n+1} = pi/2 for all n", wallis),
        forall("W9-coin.squeezed", "W falls, so 1/(pi (m + ½)) <= b_m² <= 1/(pi m)", squeezed),
        forall("W9-coin.bounds", "so the mean lies within ½ below sqrt(2t/pi) = 2 sqrt(m/pi)", bounds),
    ),
    note="The coin's window is sqrt(3) times wider than that of exchangeable losses (W9), which is the null to "
    "compare with.",
)
