"""Controls: the regret bounds of AdaGrad and of online gradient descent, as chains from the formulas that run."""

from typing import Any

import sympy
import z3

from dwmgrad_ref import ops, rules
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import advance, clip, record

ADAGRAD, SGD = rules.get("adagrad"), rules.get("sgd")


# --- the potential argument, for any step theta' = P(theta - g/h) with h that never decreases ----------------


def projection() -> Obligation:
    y, u, low, high = reals("y u low high")
    given = {"u in the box": z3.And(low <= u, u <= high)}
    a = clip(y, low, high) - u
    return Obligation(given, a * a <= (y - u) * (y - u), {"strictly": a * a < (y - u) * (y - u)})


def weighted() -> Obligation:
    """p = g/h' is the step before projection, a = theta - u."""
    h, a, new_a, p = reals("h1 a a1 p")
    given = {"h' >= 0": h >= 0, "projection brings nearer": new_a * new_a <= (a - p) * (a - p)}
    return Obligation(given, h * (new_a * new_a) <= h * ((a - p) * (a - p)))


def widened() -> Obligation:
    gain, a, D = reals("gain a D")
    given = {"h' - h >= 0": gain >= 0, "|theta - u| <= D": z3.And(a <= D, -a <= D)}
    return Obligation(given, gain * (a * a) <= gain * (D * D))


def induction() -> Obligation:
    """Invariant: regret + ½ h a² <= ½ D² h + B; products of the two checks before are named, the rest is linear."""
    regret, B, loss = reals("regret B loss")
    old, kept, new, cross, square, wide, wider = reals("ha2 h1a2 h1a12 ga g2_h1 D2h D2h1")
    given = {
        "invariant": 2 * regret + old <= wide + 2 * B,
        "h' a'² <= h' (a - g/h')²": new <= kept - 2 * cross + square,
        "(h' - h) a² <= (h' - h) D²": kept - old <= wider - wide,
        "convexity: f(theta) - f(u) <= g (theta - u)": loss <= cross,
    }
    return Obligation(given, 2 * (regret + loss) + new <= wider + 2 * B + square)


POTENTIAL = Claim(
    id="C-potential",
    title="control: the potential argument",
    statement="If theta_{t+1} = P(theta_t - g_t/h_t) on a box of width D with h_t >= h_{t-1} >= 0 for all t, then "
    "R_T <= ½ D² h_T + ½ Σ g_t²/h_t, per coordinate",
    latex=r"R_T\le\tfrac12D^2h_T+\tfrac12\sum_{t\le T}\frac{g_t^2}{h_t}",
    source=Source("mcmahan2010", "the diagonal analysis; theory notes R1, R2"),
    kind="inequality",
    hypotheses=("convex losses", "h_t > 0 where g_t is not 0"),
    proof=(
        forall("C-potential.projection", "projecting onto a box brings nearer to every point of it", projection),
        forall("C-potential.weighted", "so h' a'² <= h' (a - g/h')²", weighted),
        forall("C-potential.widened", "(h' - h) a² <= (h' - h) D² where h does not decrease", widened),
        forall("C-potential.step", "so regret + ½ h a² <= ½ D² h + ½ Σ g²/h survives a step", induction),
    ),
    note="The induction starts with regret = h = B = 0; drop the potential on the left for the bound.",
)


# --- AdaGrad -------------------------------------------------------------------------------------------------


def adagrad_step(G: Any, g: Any, x: Any, alpha: Any, eps: Any) -> tuple[Any, Any]:
    o = record(ADAGRAD, alpha=alpha, eps=eps)
    c, after = ADAGRAD.coord(o, ADAGRAD.start(o), ADAGRAD.Coord(G=G), x, g)
    return after, ADAGRAD.reading(o, ADAGRAD.start(o), c).h


def adagrad_is_descent() -> tuple[Any, Any, Any]:
    G, g, x, alpha, eps = sympy.symbols("G g x alpha epsilon", positive=True)
    after, h = adagrad_step(G, g, x, alpha, eps)
    return after, x - g / h, x + g / h


def adagrad_monotone() -> Obligation:
    G, g, alpha, eps = reals("G g alpha eps")
    o = record(ADAGRAD, alpha=alpha, eps=eps)
    before = ADAGRAD.reading(o, ADAGRAD.start(o), ADAGRAD.Coord(G=G)).h
    after = adagrad_step(G, g, 0, alpha, eps)[1]
    given = {"G >= 0": G >= 0, "alpha > 0, eps >= 0": z3.And(alpha > 0, eps >= 0)}
    return Obligation(given, z3.And(after >= before, before >= 0), {"h' > h": after > before})


def adagrad_sum() -> Obligation:
    """½ g²/h' <= alpha (sqrt(G') - sqrt(G)), written without the division."""
    G, g, alpha, eps = reals("G g alpha eps")
    h = adagrad_step(G, g, 0, alpha, eps)[1]
    growth = ops.sqrt(G + g * g) - ops.sqrt(G)
    given = {"G >= 0": G >= 0, "alpha > 0": alpha > 0, "eps >= 0": eps >= 0}
    return Obligation(given, g * g <= 2 * alpha * growth * h, {"half of it": g * g <= alpha * growth * h})


def adagrad_bound() -> tuple[Any, Any, Any]:
    D, S, alpha, eps = sympy.symbols("D S alpha epsilon", positive=True)
    o = record(ADAGRAD, alpha=alpha, eps=eps)
    h = ADAGRAD.reading(o, ADAGRAD.start(o), ADAGRAD.Coord(G=S**2)).h
    bound = (D**2 / (2 * alpha) + alpha) * S + D**2 * eps / (2 * alpha)
    return D**2 * h / 2 + alpha * S, bound, bound - alpha * S / 2


ADAGRAD_BOUND = Claim(
    id="C-adagrad",
    title="control: AdaGrad's regret bound",
    statement="AdaGrad on a box of width D has R_T <= Σ_i [D²/(2 alpha) + alpha] S_i + D² eps/(2 alpha), "
    "S_i² = Σ_t g_t²",
    latex=r"R_T\le\sum_i\Bigl[\frac{D^2}{2\alpha}+\alpha\Bigr]S_{T,i}+\frac{D^2\varepsilon}{2\alpha}",
    source=Source("duchi2011", "Theorem 5"),
    kind="rate",
    hypotheses=("convex losses", "alpha > 0", "eps >= 0"),
    depends=("C-potential",),
    proof=(
        identity("C-adagrad.step", "the step that runs is g/h with h = (sqrt(G) + eps)/alpha", adagrad_is_descent),
        forall("C-adagrad.monotone", "h never decreases", adagrad_monotone),
        forall(
            "C-adagrad.sum", "½ g²/h <= alpha (sqrt(G_t) - sqrt(G_{t-1})), so the sum is at most alpha S", adagrad_sum
        ),
        identity("C-adagrad.bound", "½ D² h_T + alpha S is the printed bound", adagrad_bound),
    ),
)


# --- online gradient descent ---------------------------------------------------------------------------------


def sgd_step(t: Any, alpha: Any, schedule: str) -> tuple[Any, Any]:
    """h at step t and theta' of one step from theta = 0 with g = 1."""
    o = record(SGD, alpha=alpha, weight_decay=0, schedule=schedule)
    k = advance(SGD, o, 0, {"t": t - 1})
    return SGD.reading(o, k, SGD.Coord()).h, SGD.coord(o, k, SGD.Coord(), 0, 1)[1]


def sgd_is_descent() -> tuple[Any, Any, Any]:
    t, alpha, w = sympy.symbols("t alpha w", positive=True)
    (h1, x1), (h2, x2) = sgd_step(t, alpha, "constant"), sgd_step(t, alpha, "sqrt")
    return x1 + w * x2, -1 / h1 - w / h2, -1 / h1 + w / h2


def sgd_monotone() -> Obligation:
    t, alpha = reals("t alpha")
    later, now = sgd_step(t + 1, alpha, "sqrt")[0], sgd_step(t, alpha, "sqrt")[0]
    given = {"t >= 1": t >= 1, "alpha > 0": alpha > 0}
    return Obligation(given, z3.And(later >= now, now > 0), {"by a factor 2": later >= 2 * now})


def sgd_sum() -> Obligation:
    """½ g²/h_t <= alpha G² (sqrt(t) - sqrt(t-1))."""
    t, alpha, g, G = reals("t alpha g G")
    h = sgd_step(t, alpha, "sqrt")[0]
    growth = ops.sqrt(t) - ops.sqrt(t - 1)
    given = {"t >= 1": t >= 1, "alpha > 0": alpha > 0, "|g| <= G": z3.And(g <= G, -g <= G)}
    wanted = alpha * G * G * growth
    return Obligation(given, g * g <= 2 * wanted * h, {"half of it": g * g <= wanted * h})


def constant_bound() -> tuple[Any, Any, Any]:
    D, G, T = sympy.symbols("D G T", positive=True)
    h, _ = sgd_step(T, D / (G * sympy.sqrt(T)), "constant")
    return D**2 * h / 2 + T * G**2 / (2 * h), D * G * sympy.sqrt(T), D * G * sympy.sqrt(T) / 2


def decaying_bound() -> tuple[Any, Any, Any]:
    """c = alpha G/D: 3/2 at c = 1, sqrt(2) at c = 1/sqrt(2); w keeps the two apart in one identity."""
    D, G, T, w = sympy.symbols("D G T w", positive=True)

    def bound(c: Any) -> Any:
        alpha = c * D / G
        return D**2 * sgd_step(T, alpha, "sqrt")[0] / 2 + alpha * G**2 * sympy.sqrt(T)

    unit = D * G * sympy.sqrt(T)
    return bound(1) + w * bound(1 / sympy.sqrt(2)), unit * (sympy.Rational(3, 2) + w * sympy.sqrt(2)), unit * (1 + w)


OGD_BOUND = Claim(
    id="C-ogd",
    title="control: online gradient descent, D G √T and 3/2 D G √T",
    statement="On a box of width D with |g_t| <= G: R_T <= D G sqrt(T) for the constant step D/(G sqrt(T)), "
    "R_T <= 3/2 D G sqrt(T) for alpha_t = D/(G sqrt(t)), and sqrt(2) D G sqrt(T) for alpha_t = D/(sqrt(2) G sqrt(t))",
    latex=r"R_T\le DG\sqrt T\ \Bigl(\alpha=\tfrac{D}{G\sqrt T}\Bigr),\qquad"
    r" R_T\le\tfrac32DG\sqrt T\ \Bigl(\alpha_t=\tfrac{D}{G\sqrt t}\Bigr)",
    source=Source("zinkevich2003", "Theorem 1; constants as in [hazan2016], Theorem 3.1"),
    kind="rate",
    hypotheses=("convex losses", "one coordinate, or Euclidean D and G"),
    depends=("C-potential",),
    proof=(
        identity("C-ogd.step", "the step that runs is g/h with h = 1/alpha_t, for both schedules", sgd_is_descent),
        forall("C-ogd.monotone", "h never decreases (constant, or growing like sqrt(t))", sgd_monotone),
        identity("C-ogd.constant", "½ D² h + ½ T G²/h = D G sqrt(T) for the constant step", constant_bound),
        forall("C-ogd.sum", "½ g²/h_t <= alpha G² (sqrt(t) - sqrt(t-1)), so the sum is <= alpha G² sqrt(T)", sgd_sum),
        identity(
            "C-ogd.decaying", "[D²/(2 alpha) + alpha G²] sqrt(T) is 3/2 or sqrt(2) times D G sqrt(T)", decaying_bound
        ),
    ),
    note="The decaying step without knowledge of T pays 3/2; the best constant of this argument is sqrt(2).",
)
