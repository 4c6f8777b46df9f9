"""R3 sharpened: the exact constant of its second sum, and AdaGrad's leading constant for bounded gradients."""

from typing import Any

import flint
import sympy
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_arb import rigorous
from proofs.engines.by_exact import Found
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity

T, omega0, S, D, alpha, v, c, Gmax = sympy.symbols("T omega0 S D alpha v c G", positive=True)


def next_constant(v: Any, c: Any) -> Any:
    """v_t = v_{t-1} + (2 c_t - v_{t-1})_+²/(4 c_t)."""
    gap = ops.maximum(2 * c - v, 0)
    return v + gap * gap / (4 * c)


def base() -> tuple[Any, Any, Any]:
    """From v_0 = 0, S_0 = 0: v_1 = c_1 is the whole first term c_1 g_1²/S_1 = c_1 S_1."""
    return next_constant(sympy.Integer(0), c) * S, c * S**2 / S, 2 * c * S


def induction() -> Obligation:
    """A = sum c_s g_s²/S_s <= v_t S_t; the new term is q = c g²/S'."""
    A, v, c, S, new, g, q = reals("A v c S new g q")
    given = {
        "A <= v S": A <= v * S,
        "c > 0, v >= 0": z3.And(c > 0, v >= 0),
        "S'² = S² + g², S >= 0, S' > 0": z3.And(new * new == S * S + g * g, S >= 0, new > 0),
        "q = c g²/S'": q * new == c * g * g,
    }
    then = A + q <= next_constant(v, c) * new
    return Obligation(given, then, {"with 99 % of the growth": A + q <= (0.99 * next_constant(v, c) + 0.01 * v) * new})


def attained() -> tuple[Any, Any, Any]:
    """Equality for v <= 2c at S = S' v/(2c), that is g² = S'² (1 - v²/(4c²))."""
    old = S * v / (2 * c)
    reached = v * old + c * (S**2 - old**2) / S
    return reached, (v + (2 * c - v) ** 2 / (4 * c)) * S, (v + (2 * c - v) ** 2 / (3 * c)) * S


def below_crude() -> Obligation:
    """v_t <= 2 c_1: the constant of R3 is never better."""
    v, c, C = reals("v c C")
    given = {"0 <= v <= 2 C": z3.And(v >= 0, v <= 2 * C), "0 < c <= C": z3.And(c > 0, c <= C)}
    return Obligation(given, next_constant(v, c) <= 2 * C, {"v' <= 1.9 C": next_constant(v, c) <= 1.9 * C})


def stays() -> Obligation:
    """Once v >= 2c it moves no more, since c only decreases."""
    v, c, later = reals("v c later")
    given = {"v >= 2 c": v >= 2 * c, "0 < later <= c": z3.And(later > 0, later <= c)}
    return Obligation(given, next_constant(v, later) == v)


def defaults() -> Found:
    v, steps = flint.arb(0), 0
    for t in range(1, 100):
        factor = (1 + flint.arb(5) / t).sqrt()
        if v > 2 * factor:
            break
        v, steps = next_constant(v, factor), t
    crude = 2 * flint.arb(6).sqrt()
    limit, too_low = flint.arb("2.7404"), flint.arb("2.7403")
    detail = f"omega_0 = 5: v_T <= {v.str(8)} for every T, reached at T = {steps}; R3 has {crude.str(6)}"
    return v < limit, not v < too_low, detail, {"omega0": 5, "v": v.str(12), "last growth at t": steps}


def composed() -> tuple[Any, Any, Any]:
    first = D**2 / 2 * sympy.sqrt(T / (omega0 + T)) * S / alpha
    ours = first + alpha * v * S / 2
    printed = (D**2 / (2 * alpha) * sympy.sqrt(T / (T + omega0)) + alpha * v / 2) * S
    return ours, printed, printed + alpha * v * S / 2


def best_alpha() -> tuple[Any, Any, Any]:
    value, best = D**2 / (2 * alpha) + alpha * v / 2, D / sympy.sqrt(v)
    excess = (alpha - best) ** 2 * v / (2 * alpha)
    return value, D * sympy.sqrt(v) + excess, 2 * D * sympy.sqrt(v) + excess


def factor_gap() -> tuple[Any, Any, Any]:
    """(c_t - c_{t+1})(c_t + c_{t+1}) t (t + 1) = omega_0."""
    t = sympy.Symbol("t", positive=True)
    now, then = sympy.sqrt(1 + omega0 / t), sympy.sqrt(1 + omega0 / (t + 1))
    return (now - then) * (now + then) * t * (t + 1), omega0, omega0 + t


def factor_half() -> Obligation:
    gap, c, new, P, omega0 = reals("gap c new P omega0")
    given = {
        "gap (c + c') t (t + 1) = omega_0": gap * (c + new) * P == omega0,
        "c, c' >= 1": z3.And(c >= 1, new >= 1),
        "omega_0 >= 0, t (t + 1) > 0": z3.And(omega0 >= 0, P > 0),
    }
    return Obligation(given, 2 * gap * P <= omega0, {"3 gap t (t + 1) <= omega_0": 3 * gap * P <= omega0})


def roots_step() -> Obligation:
    r, q = reals("r q")
    given = {"q² = r² + 1": q * q == r * r + 1, "q > r >= 0": z3.And(q > r, r >= 0)}
    return Obligation(given, 1 <= 2 * q * (q - r), {"1 <= q (q - r)": q * (q - r) >= 1})


def factor_step() -> Obligation:
    """With L = gap t q, where q = sqrt(t+1) and d = q - sqrt(t), so that 2 q L = 2 gap t (t + 1)."""
    L, q, d, omega0 = reals("L q d omega0")
    given = {
        "2 q L <= omega_0 (R3-leading.half)": 2 * q * L <= omega0,
        "1 <= 2 q d (R3-leading.roots)": 1 <= 2 * q * d,
        "q > 0, omega_0 >= 0": z3.And(q > 0, omega0 >= 0),
    }
    return Obligation(given, L <= omega0 * d)


def leading_step() -> Obligation:
    """A <= 2 c S + 2 G w, w = omega_0 (1 - 1/sqrt t): after the step with the new c', S', w'."""
    A, c, new_c, S, new, g, q, G, w, new_w, r = reals("A c new_c S new g q G w new_w r")
    given = {
        "A <= 2 c S + 2 G w": A <= 2 * c * S + 2 * G * w,
        "(c - c') sqrt(t) <= w' - w (R3-leading.factor)": (c - new_c) * r <= new_w - w,
        "c >= c' > 0": z3.And(c >= new_c, new_c > 0),
        "S <= G sqrt(t)": z3.And(S <= G * r, S >= 0, G >= 0),
        "q <= 2 c' (S' - S) (R3-leading.term)": q <= 2 * new_c * (new - S),
    }
    return Obligation(given, A + q <= 2 * new_c * new + 2 * G * new_w)


def leading_term() -> Obligation:
    c, S, new, g, q = reals("c S new g q")
    given = {
        "c > 0": c > 0,
        "S'² = S² + g², S >= 0, S' > 0": z3.And(new * new == S * S + g * g, S >= 0, new > 0),
        "q = c g²/S'": q * new == c * g * g,
    }
    return Obligation(given, q <= 2 * c * (new - S), {"with 3/2": q <= 1.5 * c * (new - S)})


def leading_composed() -> tuple[Any, Any, Any]:
    factor = sympy.sqrt(1 + omega0 / T)
    ours = D**2 / (2 * alpha) * S + alpha / 2 * (2 * factor * S + 2 * Gmax * omega0)
    printed = (D**2 / (2 * alpha) + alpha * factor) * S + alpha * omega0 * Gmax
    return ours, printed, printed + alpha * S


SHARP = Claim(
    id="R3-sharp",
    title="regret of the expanding window, exact constant of the second sum",
    statement="Under R3's hypotheses R_T <= sum_i [D_i²/(2 alpha) sqrt(T/(T + omega_0)) + alpha v_T/2] S_{T,i} + "
    "D_i² eps "
    "sqrt(T)/(2 alpha), where v_0 = 0, v_t = v_{t-1} + (2 c_t - v_{t-1})_+²/(4 c_t), c_t = sqrt(1 + omega_0/t). "
    "v_T is the least number with sum g_t² sqrt(1 + omega_0/t)/S_t <= v_T S_T for all gradients; v_T <= 2 sqrt(1 + "
    "omega_0); "
    "at omega_0 = 5 v_T <= 2.7404 for every T where R3 has 4.899; the best alpha is D/sqrt(v_T)",
    latex=r"\sum_{t\le T}\sqrt{1+\tfrac{\omega_0}t}\,\frac{g_t^2}{S_t}\le v_TS_T,\quad "
    r"v_t=v_{t-1}+\frac{(2c_t-v_{t-1})_+^2}{4c_t},\ v_0=0",
    source=Source(
        "duchi2011", "Lemma 4, the case of constant factors", also=(Source("dwmgradnotes", "R3, sharpened here"),)
    ),
    kind="rate",
    hypotheses=("as R3",),
    depends=("R3",),
    proof=(
        identity("R3-sharp.base", "v_1 = c_1: the first term is c_1 S_1", base),
        forall("R3-sharp.step", "sum c_t g_t²/S_t <= v_t S_t survives a step with v_t as defined", induction),
        identity("R3-sharp.attained", "a gradient with S_{t-1} = S_t v_{t-1}/(2 c_t) makes it an equality", attained),
        forall("R3-sharp.crude", "v_t <= 2 sqrt(1 + omega_0), R3's constant, always", below_crude),
        forall("R3-sharp.stays", "once 2 c_t <= v_{t-1} the constant no longer grows", stays),
        rigorous("R3-sharp.defaults", "at omega_0 = 5 it stops at 2.7404", defaults),
        identity("R3-sharp.composed", "R2 with ½ alpha v_T S_T for the second sum, h_T by R3.form (eps = 0)", composed),
        identity("R3-sharp.alpha", "least at alpha = D/sqrt(v_T), where the bound is D sqrt(v_T) S_T", best_alpha),
    ),
    note="Sharp for the sum, not for the regret: R2's two sums have different worst gradients.",
)

LEADING = Claim(
    id="R3-leading",
    title="regret of the expanding window with AdaGrad's leading constant",
    statement="Under R3's hypotheses and |g_t| <= G: R_T <= sum_i [D_i²/(2 alpha) + alpha sqrt(1 + omega_0/T)] "
    "S_{T,i} + alpha "
    "omega_0 G_i (+ D_i² eps sqrt(T)/(2 alpha)): omega_0 costs a constant, not a factor, and D/sqrt(2) is the best "
    "alpha as "
    "T grows",
    latex=r"R_T\le\sum_i\Bigl[\frac{D_i^2}{2\alpha}+\alpha\sqrt{1+\tfrac{\omega_0}T}\Bigr]S_{T,i}+\alpha\omega_0G_i",
    source=Source("duchi2011", "Theorem 5 for omega_0 = 0", also=(Source("dwmgradnotes", "R3, sharpened here"),)),
    kind="rate",
    hypotheses=("as R3", "|g_{t,i}| <= G_i"),
    depends=("R3",),
    proof=(
        forall(
            "R3-leading.term", "c_t g_t²/S_t <= 2 c_t (S_t - S_{t-1}); so the sum starts below 2 c_1 S_1", leading_term
        ),
        identity("R3-leading.gap", "(c_t - c_{t+1})(c_t + c_{t+1}) t (t + 1) = omega_0", factor_gap),
        forall(
            "R3-leading.half", "so 2 (c_t - c_{t+1}) t (t + 1) <= omega_0, as both factors are at least 1", factor_half
        ),
        forall("R3-leading.roots", "1 <= 2 sqrt(t+1) (sqrt(t+1) - sqrt(t))", roots_step),
        forall(
            "R3-leading.factor",
            "so (c_t - c_{t+1}) t sqrt(t+1) <= omega_0 (sqrt(t+1) - sqrt(t)), which divided by "
            "sqrt(t (t+1)) is (c_t - c_{t+1}) sqrt(t) <= omega_0 (1/sqrt(t) - 1/sqrt(t+1))",
            factor_step,
        ),
        forall(
            "R3-leading.step",
            "summing by parts: the sum stays <= 2 c_t S_t + 2 G omega_0 (1 - 1/sqrt(t))",
            leading_step,
        ),
        identity("R3-leading.composed", "put into R2", leading_composed),
    ),
)
