"""W9, continued: under exchangeable noise the window grows like sqrt(t) and says nothing about progress."""

from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity

SOURCE = Source("dwmgrad-code", "the signals increase and decrease", also=(Source("dwmgradnotes", "W9"),))
x, y, X = sympy.symbols("x y X", positive=True)


def expectation(down: Any, up: Any) -> Any:
    """E over a uniform next loss y, given that the last was x: `down` where y < x, `up` where y > x."""
    return sympy.integrate(sympy.expand(down), (y, 0, x)) + sympy.integrate(sympy.expand(up), (y, x, 1))


def phi(loss: Any) -> Any:
    """The expected next move after that loss: P(rise) - P(fall)."""
    return 1 - 2 * loss


def martingale() -> tuple[Any, Any, Any]:
    """W + phi(loss) has mean increment 0, where W is the sum of the moves."""
    return expectation(-1 + phi(y), 1 + phi(y)) - phi(x), sympy.Integer(0), x


def third() -> tuple[Any, Any, Any]:
    """Its increment d = move + phi(y) - phi(x) has E d² = 1/3 after every loss x."""
    d = phi(y) - phi(x)
    return expectation((d - 1) ** 2, (d + 1) ** 2), sympy.Rational(1, 3), sympy.Integer(1)


def inside() -> tuple[Any, Any, Any]:
    """Z = omega - 1 + phi. Away from the end omega = 1, E Z'² = Z² + 1/3."""
    new = expectation((X - 1 + phi(y)) ** 2, (X + 1 + phi(y)) ** 2)
    return new - (X + phi(x)) ** 2, sympy.Rational(1, 3), sympy.Rational(1, 2)


def at_end() -> tuple[Any, Any, Any]:
    """At omega = 1 a fall holds the window: E Z'² - Z² = 1/3 + x - 2x², a polynomial in the last loss."""
    new = expectation(phi(y) ** 2, (1 + phi(y)) ** 2)
    return new - phi(x) ** 2, sympy.Rational(1, 3) + x - 2 * x**2, sympy.Rational(1, 3) + x


def at_most_half() -> Obligation:
    loss = reals("loss")[0]
    given = {"0 <= loss <= 1": z3.And(loss >= 0, loss <= 1)}
    growth = z3.RealVal("1/3") + loss - 2 * loss * loss
    return Obligation(given, growth < z3.RealVal("1/2"), {"at most 2/5": growth <= z3.RealVal("2/5")})


def bounded_increment() -> Obligation:
    old, new, d = reals("old new d")
    given = {
        "losses in [0, 1]": z3.And(old >= 0, old <= 1, new >= 0, new <= 1),
        "d = move + phi(new) - phi(old)": d == z3.If(new > old, 1 - 2 * (new - old), -1 - 2 * (new - old)),
    }
    return Obligation(given, z3.And(d <= 1, d >= -1), {"|d| <= 9/10": z3.And(d <= 0.9, d >= -0.9)})


def fourth() -> Obligation:
    """F = E M⁴ <= 4/9 t² + t: F' <= F + 6 (1/3) t/3 + 4 (1/3) E|M| + 1/3, and E|M| <= (1 + E M²)/2."""
    t, F, new, size = reals("t F new size")
    third = z3.RealVal("1/3")
    given = {
        "F <= 4/9 t² + t": F <= z3.RealVal("4/9") * t * t + t,
        "E|M| <= (1 + t/3)/2": size <= (1 + t * third) / 2,
        "F' <= F + 6 (1/3)(t/3) + 4 (1/3) E|M| + 1/3": new <= F + 2 * t * third + 4 * third * size + third,
        "t >= 0": t >= 0,
    }
    return Obligation(given, new <= z3.RealVal("4/9") * (t + 1) * (t + 1) + t + 1)


def interpolation() -> Obligation:
    """|M| >= 5/2 (M²/a - M⁴/a³), with m = |M|/a."""
    m = reals("m")[0]
    return Obligation({"m >= 0": m >= 0}, m >= 2.5 * (m * m - m**4), {"with 13/5": m >= 2.6 * (m * m - m**4)})


def root_t() -> Obligation:
    """a = 2 r, r = sqrt(t), t >= 9: E|M| >= 5/2 (t/3/(2r) - (4/9 t² + t)/(8 r³)) >= 6/25 r, E M² = t/3."""
    r, size = reals("r size")
    lower = 2.5 * (r / 6 - (z3.RealVal("4/9") * r * r + 1) / (8 * r))
    given = {"t >= 9": r >= 3, "W9-growth.interpolation at a = 2 r": size >= lower}
    return Obligation(given, size >= z3.RealVal("6/25") * r, {"0.28 r": size >= 0.28 * r})


GROWTH = Claim(
    id="W9-growth",
    title="under exchangeable noise the window grows like sqrt(t)",
    statement="Without cap, from omega_0 = 1 and after t comparisons of exchangeable losses without ties: "
    "3/25 sqrt(t) - 1 <= E omega_t - 1 <= sqrt(t/2 + 1) + 1 for t >= 9, whether or not any progress is made",
    latex=r"\tfrac{3}{25}\sqrt t-1\le\mathbb E\,\omega_t-1\le\sqrt{t/2+1}+1",
    source=SOURCE,
    kind="rate",
    hypotheses=("as W9", "t < delta", "t >= 9 for the lower bound"),
    depends=("W9-order", "W9"),
    proof=(
        identity(
            "W9-growth.martingale",
            "losses may be taken uniform (W9-order); M = W + phi(f_t) - phi(f_0) is a "
            "martingale for phi(f) = 1 - 2f, the expected next move",
            martingale,
        ),
        identity("W9-growth.third", "its increments have second moment 1/3 after every loss, so E M_t² = t/3", third),
        identity("W9-growth.inside", "Z = omega - 1 + phi: inside, E Z² grows by 1/3 a step", inside),
        identity("W9-growth.end", "at omega = 1, where a fall holds the window, by 1/3 + x - 2x²", at_end),
        forall(
            "W9-growth.half", "less than 1/2: E Z_t² <= t/2 + 1, and E omega_t - 1 <= sqrt(E Z_t²) + 1", at_most_half
        ),
        forall(
            "W9-growth.increment",
            "increments of M lie in [-1, 1], so their third and fourth moments are at most 1/3",
            bounded_increment,
        ),
        forall("W9-growth.fourth", "so E M_t⁴ <= 4/9 t² + t", fourth),
        forall("W9-growth.interpolation", "|M| >= 5/2 (M²/a - M⁴/a³)", interpolation),
        forall(
            "W9-growth.root",
            "at a = 2 sqrt(t): E|M_t| >= 6/25 sqrt(t); omega_t - 1 >= W_t, E W_t^+ = ½ E|W_t| and "
            "|W_t - M_t| <= 2 give the lower bound",
            root_t,
        ),
    ),
    note="The constant of the limit should be sqrt(2/(3 pi)) = 0.461, by the invariance principle; not proved here.",
)
