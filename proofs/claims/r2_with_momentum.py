"""R2+: the same certificate for any rule at all, through a mirrored iterate (dwmgrad_ref/observers/bound.py)."""

from typing import Any

import sympy
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import clip

x, z, w, u, g, H = sympy.symbols("x z w u g H", real=True)


def split() -> tuple[Any, Any, Any]:
    ghat = H * (z - w)
    return g * (x - u), g * (x - z) + (g - ghat) * (z - u) + ghat * (z - u), g * (x - z) + (g + ghat) * (z - u)


def square() -> tuple[Any, Any, Any]:
    """ghat²/(2H) = ½ ghat (z - w), which needs no division and so allows H = 0."""
    ghat = H * (z - w)
    half = H * ((z - u) ** 2 - (w - u) ** 2) / 2
    return ghat * (z - u), half + ghat * (z - w) / 2, half - ghat * (z - w) / 2


def residual() -> Obligation:
    e, a, D = reals("e a D")
    given = {"|z - u| <= D": z3.And(a <= D, -a <= D)}
    return Obligation(given, e * a <= D * ops.absolute(e), {"with ½ D": e * a <= D * ops.absolute(e) / 2})


def moved() -> Obligation:
    """w = x' and z' = clip(x') where the shift is 0, else w = clip(x') + shift = z'."""
    after, shift, u, low, high = reals("after shift u low high")
    z = clip(after, low, high) + shift
    w = ops.where(shift == 0, after, clip(after, low, high) + shift)
    given = {"u in the box": z3.And(low <= u, u <= high)}
    return Obligation(given, (z - u) * (z - u) <= (w - u) * (w - u))


def farther_end() -> Obligation:
    z, u, low, high, least, most = reals("z u low high least most")
    D = ops.maximum(most - low, high - least)
    given = {"u in the box": z3.And(low <= u, u <= high), "least <= z_t <= most": z3.And(least <= z, z <= most)}
    return Obligation(given, z3.And(z - u <= D, u - z <= D), {"D of the lower end": z3.And(u - z <= most - low)})


def induction() -> Obligation:
    """As R2.step; m = g (theta - z), e = D |g - ghat|, q = ½ ghat (z - w), far = (w - u)²."""
    D, a, b, far, h, new, S, V, rest, r, m, e, q = reals("D a b far h new S V rest r m e q")
    given = {
        "S + ½ H a <= ½ D² V + rest": S + h * a / 2 <= D * D / 2 * V + rest,
        "r <= m + e + ½ H' (a - far) + q": r <= m + e + new * (a - far) / 2 + q,
        "b <= far": b <= far,
        "0 <= a <= D²": z3.And(a >= 0, a <= D * D),
        "H' >= 0": new >= 0,
    }
    grown = V + ops.maximum(new - h, 0)
    then = S + r + new * b / 2 <= D * D / 2 * grown + rest + m + e + q
    return Obligation(given, then, {"without the residual": S + r + new * b / 2 <= D * D / 2 * grown + rest + m + q})


def last() -> Obligation:
    D, a, h, S, V, rest = reals("D a h S V rest")
    given = {"the invariant": S + h * a / 2 <= D * D / 2 * V + rest, "H, a >= 0": z3.And(h >= 0, a >= 0)}
    return Obligation(given, S <= D * D / 2 * V + rest)


CLAIM = Claim(
    id="R2+",
    title="a-posteriori regret bound, any rule with any momentum",
    statement="Let z_t = theta_t + shift_{t-1} with any shifts, H_t >= 0 any numbers, w_{t+1} any point with "
    "|z_{t+1} - u| <= |w_{t+1} - u|, and ghat_t = H_t (z_t - w_{t+1}). For convex losses and |z_t - u| <= D: R_T <= "
    "sum over "
    "coordinates of ½ D² [H_1 + sum (H_t - H_{t-1})_+] + ½ sum ghat_t (z_t - w_{t+1}) + D sum |g_t - ghat_t| "
    "+ sum g_t (theta_t - z_t)",
    latex=r"R_T\le\sum_i\Bigl\{\tfrac12D_i^2\Bigl[H_1+\sum_{t\ge2}(H_t-H_{t-1})_+\Bigr]+\sum_t\frac{\hat g_t^2}{2H_t}"
    r"+D_i\sum_t|g_t-\hat g_t|+\sum_tg_t(\theta_t-z_t)\Bigr\}",
    source=Source("duchi2011", "the argument of Theorem 5, extended here to a mirrored iterate; observers/bound.py"),
    kind="inequality",
    hypotheses=("every f_t convex", "H_t >= 0", "|z_{t,i} - u_i| <= D_i for t <= T", "u in the box, or no box"),
    depends=("R2",),
    proof=(
        identity("R2+.split", "g (theta - u) = g (theta - z) + (g - ghat)(z - u) + ghat (z - u)", split),
        identity("R2+.square", "ghat (z - u) = ½ H [(z - u)² - (w - u)²] + ½ ghat (z - w), as in R1", square),
        forall("R2+.residual", "(g - ghat)(z - u) <= D |g - ghat|", residual),
        forall("R2+.moved", "the w that the driver hands the observer is no nearer to u than z_{t+1}", moved),
        forall(
            "R2+.distance", "on a box D, the distance from z to the farther end, serves every u of the box", farther_end
        ),
        forall("R2+.step", "so S + ½ H (z - u)² <= ½ D² V + rest survives a step; it starts as in R2", induction),
        forall("R2+.last", "at the end the square is dropped; coordinates add up as in R2", last),
    ),
    note="With shift = 0, H = h, w = theta_{t+1} before projection it is R2. Valid for any H: a rule's Potential that "
    "is wrong costs tightness, never validity.",
)
