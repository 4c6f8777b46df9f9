"""R5: how long the proof of R3 lasts when the window is capped."""

from fractions import Fraction
from typing import Any

import sympy
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_exact import Found, exact
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, record, step

S, D, T, alpha, eps, kept, omega0 = sympy.symbols("S D T alpha epsilon kept omega0", positive=True)


def grows_until() -> Obligation:
    omega0, delta, t = reals("omega0 delta t")
    window = ops.minimum(omega0 + t, delta)
    given = {"delta >= 1": delta >= 1, "t >= 0": t >= 0, "omega_0 >= 0": omega0 >= 0}
    return Obligation(given, (window == omega0 + t) == (t <= delta - omega0), {"for all t": window == omega0 + t})


def wide_until() -> Obligation:
    """omega_t >= t, W8's condition, exactly up to t = delta."""
    omega0, delta, t = reals("omega0 delta t")
    given = {"omega_0 >= 0": omega0 >= 0, "t >= 1": t >= 1}
    return Obligation(given, (ops.minimum(omega0 + t, delta) >= t) == (t <= delta), {"longer": t <= delta - omega0})


def falls_short() -> tuple[Any, Any, Any]:
    """The first step at the cap: delta G' = (delta G + g²) - G, where W4 needs delta G + g² = Q_t."""
    delta, G, g = sympy.symbols("delta G g", positive=True)
    new = step(omega=delta, G=G, g=g)[0].G
    return delta * new, delta * G + g**2 - G, delta * G + g**2


def at_the_cap() -> Found:
    """delta = 10, omega_0 = 5, every gradient 1, every loss 1: W4 to t = 5; then h falls on a zero gradient at t = "
    "11."""
    o = record(DWMGRAD, delta=Fraction(10), omega0=Fraction(5), gamma=0, alpha=1, eps=1)
    k, c, means, h2 = DWMGRAD.start(o), DWMGRAD.Coord(Fraction(0), 0), [], [Fraction(0)]
    for t in range(1, 12):
        k = DWMGRAD.shared(o, k, Fraction(1))
        square = 0 if t == 11 else 1
        c = c._replace(G=DWMGRAD.coord(o, k, c, 0, Fraction(square))[0].G)
        means.append(c.G == Fraction(t, 5 + t))
        h2.append(t * c.G)  # (alpha h_t)²
    held, rose = means[:5], all(b >= a for a, b in zip(h2[:11], h2[1:11], strict=False))
    witness = {"G_t = t/(5+t) for t <=": sum(means), "(alpha h_10)²": str(h2[10]), "(alpha h_11)²": str(h2[11])}
    detail = f"the mean holds for t <= {sum(means)}, h rises to t = 10 and falls from {h2[10]} to {h2[11]} (squared)"
    return all(held) and not means[5] and rose and h2[11] < h2[10], not means[6], detail, witness


def lower_growing() -> Obligation:
    """P = omega_t G_t >= L_t Q_t while the window grows, P' = P + g² (W4.step): L stays."""
    P, Q, square, L = reals("P Q square L")
    given = {"P >= L Q": P >= L * Q, "L <= 1": L <= 1, "square = g² >= 0": square >= 0}
    return Obligation(given, P + square >= L * (Q + square))


def capped_moment() -> tuple[Any, Any, Any]:
    """A step at the cap: P' = (1 - 1/delta) P + g²."""
    delta, P, g = sympy.symbols("delta P g", positive=True)
    new = step(omega=delta, G=P / delta, g=g)[0].G
    return delta * new, (1 - 1 / delta) * P + g**2, P + g**2


def lower_capped() -> Obligation:
    """At the cap L falls by the factor q = 1 - 1/delta."""
    P, Q, square, L, q = reals("P Q square L q")
    given = {
        "P >= L Q": P >= L * Q,
        "0 <= L <= 1": z3.And(L >= 0, L <= 1),
        "0 <= q <= 1": z3.And(q >= 0, q <= 1),
        "square = g² >= 0": square >= 0,
    }
    return Obligation(given, q * P + square >= q * L * (Q + square), {"without q": q * P + square >= L * (Q + square)})


def term() -> Obligation:
    """S_t <= (c/k) alpha h_t for k² = L_t: with P = omega G >= k² S² and omega <= c² t, t G >= (k S/c)²."""
    S, k, c, t, omega, G = reals("S k c t omega G")
    given = {
        "omega_t G_t >= k² S²": omega * G >= k * k * S * S,
        "0 < omega_t <= c² t": z3.And(omega > 0, omega <= c * c * t),
        "G >= 0": G >= 0,
    }
    return Obligation(given, k * k * S * S <= c * c * t * G)


def term_root() -> Obligation:
    """The roots of W8.form's alpha h >= m = sqrt(t G): k S <= c alpha h."""
    S, k, c, h, m = reals("S k c h m")
    given = {
        "k² S² <= c² m² (R5-longer.term)": k * k * S * S <= c * c * m * m,
        "alpha h >= m >= 0": z3.And(h >= m, m >= 0),
        "S, k, c >= 0": z3.And(S >= 0, k >= 0, c >= 0),
    }
    return Obligation(given, k * S <= c * h)


def last_h() -> Obligation:
    """sqrt(T G_T) <= S_T for omega_T >= T, as omega_T G_T <= S_T² (W4-upper)."""
    T, omega, G, S, m = reals("T omega G S m")
    given = {
        "omega_T G_T <= S²": omega * G <= S * S,
        "omega_T >= T > 0": z3.And(omega >= T, T > 0),
        "m = sqrt(T G_T)": z3.And(m >= 0, m * m == T * G),
        "S, G >= 0": z3.And(S >= 0, G >= 0),
    }
    return Obligation(given, m <= S)


def composed() -> tuple[Any, Any, Any]:
    root = sympy.sqrt(1 + omega0)
    ours = D**2 / 2 * (S + eps * sympy.sqrt(T)) / alpha + (alpha / kept) * (2 * root * S) / 2
    printed = (D**2 / (2 * alpha) + alpha * root / kept) * S + D**2 * eps * sympy.sqrt(T) / (2 * alpha)
    return ours, printed, printed + S


SOURCE = Source("dwmgrad", "Algorithm 1 with the cap delta", also=(Source("dwmgradnotes", "R5"),))
HORIZON = Claim(
    id="R5",
    title="capped window: the horizon of the proof",
    statement="With positive losses and the signal `loss`, omega_t = omega_0 + t exactly for t <= delta - omega_0: "
    "R3 holds up to "
    "T = delta - omega_0. At the next step W4 fails, delta G_t falling short of the sum of squares by G_{t-1}; W8's "
    "condition "
    "lasts exactly up to t = delta",
    latex=r"\omega_t=\omega_0+t\iff t\le\delta-\omega_0;\qquad \omega_t\ge t\iff t\le\delta",
    source=SOURCE,
    kind="rate",
    hypotheses=("f_t(theta_t) > 0", "0 <= omega_0 <= delta"),
    depends=("W2", "R3"),
    proof=(
        forall("R5.grows", "min(omega_0 + t, delta) is omega_0 + t exactly while t <= delta - omega_0", grows_until),
        identity(
            "R5.short", "a step at the cap: delta G_t = delta G_{t-1} + g_t² - G_{t-1}, no longer the sum", falls_short
        ),
        forall("R5.wide", "omega_t >= t, the potential condition, holds exactly up to t = delta", wide_until),
        exact("R5.cap", "at the defaults: the mean lasts 5 steps, h rises for 10 and falls at 11 on g = 0", at_the_cap),
    ),
    note="5 steps at the defaults, 995 in the released MNIST script (and there the signal is `increase`). See "
    "R5-longer.",
)

LONGER = Claim(
    id="R5-longer",
    title="capped window: a bound up to T = delta",
    statement="With positive losses and the signal `loss`, whole omega_0 and delta, and R3's other hypotheses, for "
    "every T <= delta: "
    "R_T <= sum_i [D_i²/(2 alpha) + alpha sqrt(1+omega_0) (1-1/delta)^(-omega_0/2)] S_{T,i} + D_i² eps sqrt(T)/(2 "
    "alpha)",
    latex=r"R_T\le\sum_i\Bigl[\frac{D_i^2}{2\alpha}+\alpha\sqrt{1+\omega_0}\,(1-\tfrac1\delta)^{-\omega_0/2}"
    r"\Bigr]S_{T,i}"
    r"+\frac{D_i^2\varepsilon\sqrt T}{2\alpha},\qquad T\le\delta",
    source=SOURCE,
    kind="rate",
    hypotheses=("as R3, with omega_t = min(omega_0 + t, delta)", "T <= delta", "delta > 1", "omega_0, delta whole"),
    depends=("R2", "R3", "R5", "W4-upper", "W8"),
    proof=(
        forall("R5-longer.last", "alpha h_T <= S_T + eps sqrt(T), as omega_T >= T and omega_T G_T <= S_T²", last_h),
        forall("R5-longer.growing", "omega_t G_t >= L_t S_t² with L_t = 1 while the window grows", lower_growing),
        identity("R5-longer.moment", "at the cap omega_t G_t becomes (1-1/delta) omega_t G_t + g²", capped_moment),
        forall(
            "R5-longer.capped",
            "so L_t = (1-1/delta) L_{t-1} at the cap, for at most omega_0 steps up to delta",
            lower_capped,
        ),
        forall("R5-longer.term", "omega_t <= omega_0 + t = c_t² t, so L_t S_t² <= c_t² t G_t", term),
        forall(
            "R5-longer.root", "so sqrt(L_t) S_t <= c_t alpha h_t and g²/h_t <= alpha c_t/sqrt(L_t) g²/S_t", term_root
        ),
        identity(
            "R5-longer.composed", "with R3.sum, h never decreasing (R5.wide, W8), the bound; kept² = L_T", composed
        ),
    ),
    note="The factor is 1.302 at the defaults. Beyond T = delta, h can fall and R6 shows linear regret.",
)
