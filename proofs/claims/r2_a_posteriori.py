"""R2: the regret of a run is bounded by sums that the run itself shows, whatever the window did."""

import z3

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals


def base() -> Obligation:
    """Before the first step: empty sums, h_0 = 0."""
    D, a, h, S, V, Q = reals("D a h S V Q")
    given = {"h_0 = 0": h == 0, "empty sums": z3.And(S == 0, V == 0, Q == 0)}
    return Obligation(given, S + h * a / 2 <= D * D / 2 * V + Q)


def induction() -> Obligation:
    """S = sum g (theta - u), V = sum (h_t - h_{t-1})_+, Q = sum g²/(2h); a, b: squared distances before, after."""
    D, a, b, h, new, S, V, Q, r, q = reals("D a b h new S V Q r q")
    given = {
        "S + ½ h a <= ½ D² V + Q": S + h * a / 2 <= D * D / 2 * V + Q,
        "r <= ½ h' (a - b) + q (R1)": r <= new * (a - b) / 2 + q,
        "a <= D²": a <= D * D,
        "a >= 0": a >= 0,
    }
    grown = V + ops.maximum(new - h, 0)
    then = S + r + new * b / 2 <= D * D / 2 * grown + Q + q
    return Obligation(given, then, {"without the growth of h": S + r + new * b / 2 <= D * D / 2 * V + Q + q})


def last() -> Obligation:
    D, a, h, S, V, Q = reals("D a h S V Q")
    given = {"S + ½ h a <= ½ D² V + Q": S + h * a / 2 <= D * D / 2 * V + Q, "h, a >= 0": z3.And(h >= 0, a >= 0)}
    return Obligation(given, S <= D * D / 2 * V + Q)


def coordinates() -> Obligation:
    """Adding one coordinate: both sides are sums over coordinates."""
    linear, one, bounds, bound, regret = reals("linear one bounds bound regret")
    given = {
        "R_T <= sum_t g_t . (theta_t - u) (convexity)": regret <= linear + one,
        "coordinates so far": linear <= bounds,
        "one more": one <= bound,
    }
    return Obligation(given, regret <= bounds + bound)


CLAIM = Claim(
    id="R2",
    title="a-posteriori regret bound, any window rule",
    statement="For convex losses, mu_t = 0, h_t > 0 and |theta_t - u| <= D: "
    "R_T <= sum over coordinates of ½ D² [h_1 + sum_{t>=2} (h_t - h_{t-1})_+] + ½ sum_t g_t²/h_t",
    latex=r"R_T\le\sum_i\Bigl\{\tfrac12D_i^2\Bigl[h_1+\sum_{t\ge2}(h_t-h_{t-1})_+\Bigr]+\tfrac12\sum_t"
    r"\frac{g_t^2}{h_t}\Bigr\}",
    source=Source(
        "duchi2011", "the argument of Theorem 5 for any diagonal preconditioner", also=(Source("dwmgradnotes", "R2"),)
    ),
    kind="inequality",
    hypotheses=("every f_t convex", "mu_t = 0", "h_t > 0", "|theta_{t,i} - u_i| <= D_i for t <= T"),
    depends=("R1",),
    proof=(
        forall("R2.base", "before the first step, with h_0 = 0 and empty sums, S + ½ h a <= ½ D² V + Q", base),
        forall("R2.step", "R1 and a <= D² keep it: ½ (h' - h) a is at most ½ D² (h' - h)_+", induction),
        forall("R2.last", "at the end ½ h a >= 0 is dropped", last),
        forall("R2.sum", "convexity bounds the regret by the linear sums, and coordinates add up", coordinates),
    ),
    note="D is the box width, or the largest distance observed; only distances up to theta_T count, not theta_{T+1}.",
)
