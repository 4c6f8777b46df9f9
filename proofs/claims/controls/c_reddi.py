"""Controls: Reddi et al.'s sequence on which Adam stays at the worst point, and AMSGrad's repair.

On [-1, 1], C >= 2, losses C x at t = 1, 4, 7, ... and -x otherwise, so -1 is best; beta1 = 0, b = beta2 = 1/(1+C²),
alpha_t = alpha/sqrt(t), alpha < sqrt(1-b). Each period of three starts at 1: the step of the large gradient is
taken back by the two small ones. The paper has no bias correction; the rule has, and the proof covers both: all
it needs of the correction c_t = sqrt(1 - b^t) is that it does not decrease.
"""

from typing import Any

import flint
import sympy
import z3

from dwmgrad_ref import ops, rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import Found
from proofs.checkers.by_smt import Obligation, forall, reals
from proofs.checkers.by_sympy import identity
from proofs.inference.worded import claim as Claim
from proofs.statements.formulas import advance, clip, record

ADAM, AMSGRAD = rules.get("adam"), rules.get("amsgrad")


def moved(v: Any, g: Any, x: Any, b: Any, a: Any, c: Any) -> tuple[Any, Any]:
    """(v_t, unprojected theta_{t+1}) of one Adam step with beta1 = 0, step size a and correction c."""
    o = record(ADAM, alpha=1, beta1=0, beta2=b, eps=0)
    k = ADAM.start(o)._replace(alpha=a, c1=1, c2=c)
    new, after = ADAM.coord(o, k, ADAM.Coord(m=0, v=v), x, g)
    return new.v, after


def _beta(b: Any, C: Any) -> dict[str, Any]:
    return {"b = 1/(1+C²), C >= 2": z3.And(b > 0, b * (1 + C * C) == 1, C >= 2)}


def memory() -> Obligation:
    """v after each of the three steps, from v <= C²."""
    b, C, v = reals("b C v")
    with ops.side_conditions():  # the roots of the step itself play no part here
        v1 = moved(v, C, 0, b, 1, 1)[0]
        v2 = moved(v1, -1, 0, b, 1, 1)[0]
        v3 = moved(v2, -1, 0, b, 1, 1)[0]
    given = _beta(b, C) | {"0 <= v <= C²": z3.And(v >= 0, v <= C * C)}
    bounds = [v1 >= (1 - b) * C * C, v2 <= 2 * (1 - b), v3 <= (1 + 2 * b) * (1 - b), v3 <= C * C, v3 > 0, v2 > 0]
    return Obligation(given, z3.And(*bounds), {"v2 <= 1 - b": v2 <= 1 - b})


def large_step() -> Obligation:
    """g = C takes the iterate down by at most a c/s, s = sqrt(1-b); v_{t-1} >= 0 is all that is known."""
    b, C, v, a, c, s = reals("b C v a c s")
    after = moved(v, C, 1, b, a, c)[1]
    given = {
        "0 < b < 1, C > 0": z3.And(b > 0, b < 1, C > 0),
        "s = sqrt(1-b)": z3.And(s > 0, s * s == 1 - b),
        "v >= 0, a > 0, c > 0": z3.And(v >= 0, a > 0, c > 0),
    }
    return Obligation(given, (1 - after) * s <= a * c, {"half": 2 * (1 - after) * s <= a * c})


def small_step() -> Obligation:
    """g = -1 takes it up by at least a c/(w s) if v_t <= w² (1-b)."""
    b, v, a, c, s, w, x = reals("b v a c s w x")
    new, after = moved(v, -1, x, b, a, c)
    given = {
        "0 < b < 1": z3.And(b > 0, b < 1),
        "s = sqrt(1-b)": z3.And(s > 0, s * s == 1 - b),
        "v >= 0, a > 0, c > 0": z3.And(v >= 0, a > 0, c > 0),
        "v_t <= w² (1-b)": z3.And(w > 0, new <= w * w * s * s),
    }
    return Obligation(given, (after - x) * w * s >= a * c, {"twice": (after - x) * w * s >= 2 * a * c})


def later_periods() -> Obligation:
    """1/sqrt(2(m+1)) + 1/sqrt((1+2b)(m+2)) >= 1/sqrt(m) for m >= 4, b <= 1/5."""
    m, b, p, q, n = reals("m b p q n")
    given = {
        "m >= 4": m >= 4,
        "0 < b <= 1/5": z3.And(b > 0, 5 * b <= 1),
        "n = sqrt(m)": z3.And(n > 0, n * n == m),
        "p = sqrt(2(m+1)), q = sqrt((1+2b)(m+2))": z3.And(
            p > 0, p * p == 2 * (m + 1), q > 0, q * q == (1 + 2 * b) * (m + 2)
        ),
        "p <= 1.6 n, q <= 1.5 n (next check)": z3.And(10 * p <= 16 * n, 10 * q <= 15 * n),
    }
    return Obligation(given, (p + q) * n >= p * q, {"with a margin of 2": (p + q) * n >= 2 * p * q})


def roots() -> Obligation:
    m, b, x, n = reals("m b x n")
    given = {
        "m >= 4": m >= 4,
        "0 < b <= 1/5": z3.And(b > 0, 5 * b <= 1),
        "n = sqrt(m), x >= 0": z3.And(n > 0, n * n == m, x >= 0),
    }
    p, q = (
        z3.Implies(x * x == 2 * (m + 1), 10 * x <= 16 * n),
        z3.Implies(x * x == (1 + 2 * b) * (m + 2), 2 * x <= 3 * n),
    )
    return Obligation(given, z3.And(p, q))


def first_period() -> Obligation:
    """From v = 0 the bounds are v2 = (1-b)(2-b), v3 = (1-b)(1+2b-b²), and m = 1."""
    b, C, p, q = reals("b C p q")
    with ops.side_conditions():
        v1 = moved(0, C, 0, b, 1, 1)[0]
        v2 = moved(v1, -1, 0, b, 1, 1)[0]
        v3 = moved(v2, -1, 0, b, 1, 1)[0]
    given = _beta(b, C) | {
        "p = sqrt(2(2-b)), q = sqrt(3(1+2b-b²))": z3.And(
            p > 0, p * p == 2 * (2 - b), q > 0, q * q == 3 * (1 + 2 * b - b * b)
        )
    }
    goal = z3.And(v2 == (1 - b) * (2 - b), v3 == (1 - b) * (1 + 2 * b - b * b), p + q >= p * q)
    return Obligation(given, goal, {"with a margin": p + q >= 2 * p * q})


def correction() -> Obligation:
    """c_t = sqrt(1 - b^t) by the rule's running product."""
    b, power = reals("b power")
    o = record(ADAM, beta1=0, beta2=b)
    k = ADAM.shared(o, ADAM.start(o)._replace(power2=power), 0)
    later = ADAM.shared(o, k, 0)
    given = {"0 < b < 1": z3.And(b > 0, b < 1), "0 < b^(t-1) <= 1": z3.And(power > 0, power <= 1)}
    return Obligation(given, z3.And(later.c2 >= k.c2, k.c2 > 0, later.c2 <= 1), {"c = 1": later.c2 <= k.c2})


def composed() -> Obligation:
    """The three moves are u d, u e, u f with u = alpha/s. Each c_t is at least the one before, so e + f >= d."""
    d, e, f, n, p, q, u, c1, c2, c3 = reals("d e f n p q u c1 c2 c3")
    given = {
        "0 < d <= c_m/n": z3.And(d > 0, d * n <= c1),
        "e >= c_{m+1}/p, f >= c_{m+2}/q": z3.And(e * p >= c2, f * q >= c3),
        "n >= 1, 1/p + 1/q >= 1/n": z3.And(n >= 1, p > 0, q > 0, (p + q) * n >= p * q),
        "c does not decrease, c <= 1": z3.And(c1 > 0, c2 >= c1, c3 >= c2, c1 <= 1),
        "0 < u < 1": z3.And(u > 0, u < 1),
    }
    after = clip(clip(clip(1 - u * d, -1, 1) + u * e, -1, 1) + u * f, -1, 1)
    return Obligation(given, after == 1)


def regret() -> Obligation:
    C, x, y = reals("C x y")
    given = {"x, y <= 1": z3.And(x <= 1, y <= 1), "C >= 2": C >= 2}
    suffered, best = C * 1 - x - y, C * (-1) - (-1) - (-1)
    return Obligation(given, suffered - best >= 2 * C - 4, {"2C - 3": suffered - best >= 2 * C - 3})


def simulated() -> Found:
    """C = 3, alpha = 1/2, with the bias correction, 100 periods of the rule in balls."""
    C, x = flint.arb(3), flint.arb(1)
    o = record(ADAM, alpha=flint.arb("0.5"), beta1=0, beta2=flint.arb(1) / 10, eps=0, schedule="sqrt")
    k, c, back, total = (
        ADAM.start(o)._replace(c1=flint.arb(1)),
        ADAM.Coord(m=flint.arb(0), v=flint.arb(0)),
        0,
        flint.arb(0),
    )
    for t in range(300):
        g = C if t % 3 == 0 else flint.arb(-1)
        total += g * (x + 1)  # against u = -1
        k = ADAM.shared(o, k._replace(t=flint.arb(k.t)), 0)
        c, x = ADAM.coord(o, k, c, x, g)
        x = flint.arb(1) if x > 1 else x
        back += bool(t % 3 == 2 and x == 1)
    return (
        back == 100 and bool(total > 200),
        bool(total < 300),
        f"1 again {back} times of 100; R_300 = {total.str(6)}",
        None,
    )


COUNTEREXAMPLE = Claim(
    id="C-reddi",
    title="control: Reddi et al.'s counterexample to Adam",
    statement="On [-1, 1] with losses C x, -x, -x, C x, ..., C >= 2, beta1 = 0, beta2 = 1/(1+C²), alpha_t = "
    "alpha/sqrt(t), alpha < sqrt(1-beta2), eps = 0 and start 1, Adam is at 1 before every large loss; the best point "
    "is -1, and the regret grows by at least 2C - 4 every three steps",
    latex=r"\theta_{3j+1}=1\ \forall j,\qquad R_T/T\ge(2C-4)/3\not\to0\quad(C>2)",
    source=Source("reddi2018", "Theorem 1"),
    kind="impossibility",
    hypotheses=("with Adam's bias correction or without", "eps = 0"),
    proof=(
        forall(
            "C-reddi.memory",
            "v >= (1-b)C² after the large gradient, <= 2(1-b) and (1+2b)(1-b) after the others",
            memory,
        ),
        forall("C-reddi.large", "the large gradient takes theta down by at most alpha c_m/(sqrt(m) s)", large_step),
        forall("C-reddi.small", "a small one takes it up by at least alpha c_t/(sqrt(t) w s)", small_step),
        forall("C-reddi.roots", "sqrt(2(m+1)) <= 1.6 sqrt(m), sqrt((1+2b)(m+2)) <= 1.5 sqrt(m) from m = 4", roots),
        forall("C-reddi.later", "so 1/sqrt(2(m+1)) + 1/sqrt((1+2b)(m+2)) >= 1/sqrt(m) from m = 4", later_periods),
        forall("C-reddi.first", "in the first period v is smaller, and the same holds at m = 1", first_period),
        forall("C-reddi.correction", "the bias correction c_t does not decrease and is at most 1", correction),
        forall("C-reddi.period", "so the two small steps take it back to 1, where the projection holds it", composed),
        forall("C-reddi.regret", "a period that starts at 1 adds at least 2C - 4 to the regret against -1", regret),
        rigorous("C-reddi.run", "100 periods of the rule itself, bias correction on", simulated),
    ),
    note="The paper writes v_t without bias correction (c_t = 1) and states C > 2; C = 2 gives regret 0 per period.",
)


# --- AMSGrad -------------------------------------------------------------------------------------------------


def ams(t: Any, vhat: Any, v: Any, g: Any, b: Any, alpha: Any) -> tuple[Any, Any, Any]:
    """(state, unprojected move, h) of AMSGrad at step t: beta1 = 0, no bias correction, eps = 0, alpha/sqrt(t)."""
    o = record(AMSGRAD, alpha=alpha, beta1=0, beta2=b, eps=0, schedule="sqrt", bias_correction=False)
    k = advance(AMSGRAD, o, 0, {"t": t - 1})
    c, after = AMSGRAD.coord(o, k, AMSGRAD.Coord(m=0, v=v, vhat=vhat), 0, g)
    return c, after, h_of(t, c.vhat, alpha)


def h_of(t: Any, vhat: Any, alpha: Any) -> Any:
    o = record(AMSGRAD, alpha=alpha, beta1=0, eps=0, schedule="sqrt", bias_correction=False)
    k = advance(AMSGRAD, o, 0, {"t": t - 1})
    return ops.sqrt(vhat) * k.c1 / (k.c2 * k.alpha)


def ams_step() -> tuple[Any, Any, Any]:
    t, vhat, v, g, b, alpha = sympy.symbols("t vhat v g b alpha", positive=True)
    c, after, h = ams(t, vhat, v, g, b, alpha)
    return after, -g / h, g / h


def ams_monotone() -> Obligation:
    t, vhat, larger, alpha = reals("t vhat larger alpha")
    given = {"t >= 1": t >= 1, "alpha > 0": alpha > 0, "vhat' >= vhat >= 0": z3.And(vhat >= 0, larger >= vhat)}
    return Obligation(given, h_of(t + 1, larger, alpha) >= h_of(t, vhat, alpha))


def ams_state() -> Obligation:
    """vhat never decreases, stays <= G², and g² <= vhat/(1-b)."""
    vhat, v, g, b, G, s = reals("vhat v g b G s")
    with ops.side_conditions():
        c = ams(1, vhat, v, g, b, 1)[0]
    given = {
        "0 <= b < 1": z3.And(b >= 0, b < 1),
        "0 <= v, vhat <= G²": z3.And(v >= 0, v <= G * G, vhat >= 0, vhat <= G * G),
        "|g| <= G": z3.And(g <= G, -g <= G),
    }
    goal = z3.And(c.vhat >= vhat, c.vhat <= G * G, c.v <= G * G, c.v >= 0, (1 - b) * g * g <= c.vhat)
    return Obligation(given, goal, {"g² <= vhat": g * g <= c.vhat})


def ams_sum() -> Obligation:
    """½ g²/h <= alpha G/s (sqrt(t) - sqrt(t-1)); r = sqrt(vhat), so s |g| <= r."""
    t, g, r, s, G, alpha = reals("t g r s G alpha")
    n, before = ops.sqrt(t), ops.sqrt(t - 1)
    given = {
        "t >= 1": t >= 1,
        "s |g| <= r": z3.And(s > 0, s * g <= r, -s * g <= r, r > 0),
        "|g| <= G": z3.And(g <= G, -g <= G),
        "alpha > 0": alpha > 0,
    }
    # h = r n / alpha, so g²/(2h) = alpha g²/(2 r n)
    return Obligation(given, g * g * s <= 2 * r * n * G * (n - before), {"half": g * g * s <= r * n * G * (n - before)})


def ams_bound() -> tuple[Any, Any, Any]:
    D, G, s, alpha, T = sympy.symbols("D G s alpha T", positive=True)
    value = D**2 * h_of(T, G**2, alpha) / 2 + alpha * G / s * sympy.sqrt(T)
    bound = (D**2 * G / (2 * alpha) + alpha * G / s) * sympy.sqrt(T)
    return value, bound, bound / 2


REPAIR = Claim(
    id="C-amsgrad",
    title="control: AMSGrad's repair",
    statement="AMSGrad with beta1 = 0, no bias correction, eps = 0 and alpha_t = alpha/sqrt(t) on a box of width D "
    "with |g_t| <= G has R_T <= [D² G/(2 alpha) + alpha G/sqrt(1-beta2)] sqrt(T) per coordinate",
    latex=r"R_T\le\Bigl[\frac{D^2G}{2\alpha}+\frac{\alpha G}{\sqrt{1-\beta_2}}\Bigr]\sqrt T",
    source=Source("reddi2018", "Theorem 4 with beta1 = 0, constants ours"),
    kind="rate",
    hypotheses=("convex losses", "beta1 = 0"),
    depends=("C-potential",),
    proof=(
        identity("C-amsgrad.step", "the step that runs is g/h with h = sqrt(t vhat)/alpha", ams_step),
        forall("C-amsgrad.state", "vhat never decreases, vhat <= G², (1-b) g² <= vhat", ams_state),
        forall("C-amsgrad.monotone", "so h never decreases", ams_monotone),
        forall("C-amsgrad.sum", "½ g²/h <= alpha G/sqrt(1-b) (sqrt(t) - sqrt(t-1))", ams_sum),
        identity("C-amsgrad.bound", "½ D² h_T + alpha G sqrt(T)/sqrt(1-b) is the bound", ams_bound),
    ),
)
