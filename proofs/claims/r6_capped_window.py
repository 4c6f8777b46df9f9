"""R6: a window capped at delta, on the periodic family, goes to the worst point of the box.

The chain: the window saturates; G tends to a periodic limit in closed form, at rate q^t; so does V_t/alpha_t, whatever
the momentum; its mean has the sign of the drift D = sum_{j>=1} 1/(sqrt(G*_j)+eps) - C/(sqrt(G*_0)+eps); the lemma
R6-drift takes the iterate to the end of the box on that side; the regret follows.
"""

from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs import periodic
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, advance, record, step, step_size

SOURCE = Source("reddi2018", "Theorem 1, its periodic losses", also=(Source("dwmgradnotes", "R6"),))


def saturating() -> Obligation:
    """On the box every loss is positive, so the window grows by one until delta and stays."""
    omega, delta, loss, theta, C = reals("omega delta loss theta C")
    k = advance(DWMGRAD, record(DWMGRAD, delta=delta), loss, {"omega": omega})
    given = {
        "theta in [-1, 1], C > 0": z3.And(theta >= -1, theta <= 1, C > 0),
        "a loss of the family": z3.Or(loss == C * (theta + 2), loss == 2 - theta),
    }
    return Obligation(given, k.omega == z3.If(omega + 1 > delta, delta, omega + 1))


def _symbols() -> Any:
    q, C = sympy.symbols("q C", positive=True)
    j, k = sympy.symbols("j k", positive=True, integer=True)
    return q, C, j, k, 1 / (1 - q)


def limit_between() -> tuple[Any, Any, Any]:
    q, C, j, k, delta = _symbols()
    after = step(omega=delta, G=periodic.after_spike(C, k, delta, j), g=-1)[0].G
    return after, periodic.after_spike(C, k, delta, j + 1), periodic.after_spike(C, k, delta, j)


def limit_closes() -> tuple[Any, Any, Any]:
    q, C, j, k, delta = _symbols()
    after = step(omega=delta, G=periodic.after_spike(C, k, delta, k - 1), g=C)[0].G
    return after, periodic.at_spike(C, k, delta), periodic.at_spike(C, k + 1, delta)


def contraction() -> tuple[Any, Any, Any]:
    q, G, H, g = sympy.symbols("q G H g")
    gap = step(omega=1 / (1 - q), G=G, g=g)[0].G - step(omega=1 / (1 - q), G=H, g=g)[0].G
    return gap, q * (G - H), q**2 * (G - H)


def bounded() -> Obligation:
    omega, G, g, C = reals("omega G g C")
    given = {"0 <= G <= C²": z3.And(G >= 0, G <= C * C), "g² <= C²": g * g <= C * C, "omega >= 1": omega >= 1}
    new = step(omega=omega, G=G, g=g)[0].G
    return Obligation(given, z3.And(new >= 0, new <= C * C), {"G <= C²/2": new <= C * C / 2})


def limit_bounded() -> Obligation:
    """Q = q^k <= q and p = q^j: (1 - Q) G*_0 = q - Q + (1 - q) C², G*_j = p G*_0 + 1 - p."""
    q, Q, p, C, G0 = reals("q Q p C G0")
    given = {
        "0 <= Q <= q < 1, 0 <= p <= 1": z3.And(Q >= 0, Q <= q, q < 1, p >= 0, p <= 1),
        "G*_0 in closed form": (1 - Q) * G0 == q - Q + (1 - q) * C * C,
        "C >= 1": C >= 1,
    }
    Gj = p * G0 + 1 - p
    return Obligation(given, z3.And(Gj >= 1, Gj <= C * C), {"G*_j >= 2": Gj >= 2})


def roots() -> Obligation:
    """0 <= 1/(r + eps) - 1/(s + eps) <= 2 (s² - r²) for r² = G, s² = H, G <= H, multiplied out."""
    r, s, eps = reals("r s eps")
    given = {"½ <= r², 0 < r <= s": z3.And(2 * r * r >= 1, r > 0, r <= s), "eps >= 0": eps >= 0}
    bound = 2 * (s * s - r * r) * (r + eps) * (s + eps)
    return Obligation(given, s - r <= bound, {"2 -> ½": s - r <= bound / 4})


def scaled() -> tuple[Any, Any, Any]:
    """b_t = V_t/alpha_t = mu (alpha_{t-1}/alpha_t) b_{t-1} + g_t/(√G_t + eps), and theta moves by -alpha_t b_t."""
    b, mu, g, G, eps, t, alpha, omega = sympy.symbols("b mu g G eps t alpha omega", positive=True)
    theta, x = sympy.symbols("theta x")
    before, now = step_size(t - 1, alpha), step_size(t, alpha)
    c, after = step(omega=omega, g=g, G=G, V=before * b, mu=mu, alpha=now, eps=eps, x=theta)
    push = mu * before / now * b + g / (sympy.sqrt(c.G) + eps)
    return c.V / now + x * (theta - after), push + x * now * push, push - x * now * push


def near_one() -> Obligation:
    """rho_t = alpha_{t-1}/alpha_t = sqrt(t/(t-1)) lies between 1 and 1 + 1/(2(t-1))."""
    t, alpha = reals("t alpha")
    before, now = step_size(t - 1, alpha), step_size(t, alpha)
    given = {"t >= 2": t >= 2, "alpha > 0": alpha > 0}
    gap = 2 * (t - 1) * (before - now)
    return Obligation(given, z3.And(gap >= 0, gap <= now), {"twice as near": 2 * gap <= now})


def settling() -> Obligation:
    """e = b - b*: an error above E shrinks towards E by (1+gamma)/2 a step; below E it stays below."""
    e, E, gamma, rho, b, push = reals("e E gamma rho b push")
    given = {
        "0 <= gamma < 1 <= rho, gamma rho <= (1+gamma)/2": z3.And(
            gamma >= 0, gamma < 1, rho >= 1, 2 * gamma * rho <= 1 + gamma
        ),
        "|gamma (rho-1) b* + u - u*| <= (1-gamma) E/2": z3.And(
            2 * (gamma * (rho - 1) * b + push) <= (1 - gamma) * E,
            -2 * (gamma * (rho - 1) * b + push) <= (1 - gamma) * E,
        ),
    }
    after = gamma * rho * (b + e) + push - gamma * b
    size, before = z3.If(after < 0, -after, after), z3.If(e < 0, -e, e)
    goal = 2 * (size - E) <= (1 + gamma) * (z3.If(before > E, before, E) - E)
    return Obligation(given, goal, {"rate gamma/2": 2 * (size - E) <= gamma * (z3.If(before > E, before, E) - E)})


def mean() -> tuple[Any, Any, Any]:
    """Sum b*_j = gamma b*_{j-1} + u*_j over a period: S = gamma S + U; here k = 4, by proofs.periodic itself."""
    gamma = sympy.Symbol("gamma", positive=True)
    moves = list(sympy.symbols("u0:4"))
    total = sum(periodic.velocities(moves, gamma))
    return total, sum(moves) / (1 - gamma), sum(moves) / (1 - gamma**2)


def mean_general() -> Obligation:
    S, U, gamma = reals("S U gamma")
    given = {"S = gamma S + U": S == gamma * S + U, "gamma < 1": gamma < 1, "gamma >= 0": gamma >= 0}
    return Obligation(given, z3.And((S > 0) == (U > 0), S * (1 - gamma) == U), {"S = U": S == U})


def best_point() -> Obligation:
    """The sum of the first T <= k h gradients, h of them spikes, is positive, so -1 is best."""
    C, k, T, h = reals("C k T h")
    given = {"h >= 1, h <= T <= k h": z3.And(h >= 1, h <= T, T <= k * h), "C > k - 1": C > k - 1}
    return Obligation(given, C * h - (T - h) > 0, {">= 1": C * h - (T - h) >= 1})


def period_regret() -> Obligation:
    """A period with iterates above 1 - rho; S is the sum of the k - 1 iterates after the one at the spike."""
    C, k, rho, first, S = reals("C k rho first S")
    given = {
        "iterates in [1 - rho, 1]": z3.And(first >= 1 - rho, first <= 1, S >= (k - 1) * (1 - rho), S <= k - 1),
        "C > k - 1, k >= 2": z3.And(C > k - 1, k >= 2),
    }
    regret = C * (first + 2) + 2 * (k - 1) - S - (C + 3 * (k - 1))
    slope = 2 * (C - k + 1)
    goal = z3.And(regret >= slope - C * rho, regret <= slope + (k - 1) * rho)
    return Obligation(given, goal, {"regret >= slope": regret >= slope})


def sum_of_steps() -> Obligation:
    t, alpha, r, s = reals("t alpha r s")
    given = {
        "r = sqrt(t), s = sqrt(t-1), t >= 1": z3.And(r > 0, s >= 0, r * r == t, s * s == t - 1, t >= 1),
        "alpha > 0": alpha > 0,
    }
    a = step_size(t, alpha)
    return Obligation(given, a <= 2 * alpha * (r - s), {"alpha_t <= alpha (r - s)": a <= alpha * (r - s)})


def composition() -> tuple[Any, Any, Any]:
    """R_T >= slope (T - T1 - k)/k - 2C(T1 + k) - 3FC 2 alpha sqrt(T), and above the same with signs turned."""
    C, k, F, T, T1, alpha = sympy.symbols("C k F T T1 alpha", positive=True)
    slope, rest = 2 * (C - k + 1), 2 * (C + 1) * (T1 + k) + 6 * F * (C + k) * alpha * sympy.sqrt(T)
    bounds = [slope * (T - T1 - k) / k - rest, slope * T / k + rest]
    limits = [sympy.limit(sympy.expand(bound / T), T, sympy.oo) for bound in bounds]
    x = sympy.Symbol("x")
    return sum(limit * x**i for i, limit in enumerate(limits)), slope / k * (1 + x), slope * (1 + x)


def towards_best() -> Obligation:
    """Iterates within rho of -1: a step's regret is between -rho and C rho."""
    C, theta, rho, regret = reals("C theta rho regret")
    given = {
        "-1 <= theta <= -1 + rho": z3.And(theta >= -1, theta <= -1 + rho),
        "C >= 1": C >= 1,
        "a loss of the family": z3.Or(regret == C * (theta + 2) - C, regret == (2 - theta) - 3),
    }
    return Obligation(given, z3.And(regret <= C * rho, regret >= -rho), {"regret <= rho": regret <= rho})


LIMIT = (
    forall("R6.saturation", "all losses are positive, so omega_t = min(omega_0 + t, delta)", saturating),
    identity(
        "R6.limit", "a step without spike takes G*_j = q^j G*_0 + 1 - q^j to G*_(j+1), for every j", limit_between
    ),
    identity("R6.closes", "and the spike takes G*_(k-1) to G*_0: G* is a cycle of the formula", limit_closes),
    identity("R6.contraction", "two runs on the same gradients have G - H -> q (G - H)", contraction),
    forall("R6.bounded", "0 <= G_t <= C² is preserved by every step", bounded),
    forall("R6.limit_bounded", "1 <= G*_j <= C², so |G_t - G*_j| <= C² q^(t - delta) for t >= delta", limit_bounded),
    forall("R6.roots", "once G_t >= ½: |1/(√G_t + eps) - 1/(√G*_j + eps)| <= 2 |G_t - G*_j| -> 0", roots),
    identity(
        "R6.scaled",
        "theta moves by -alpha_t b_t, b_t = V_t/alpha_t a running sum of these, up to rho_t = alpha_{t-1}/alpha_t",
        scaled,
    ),
    forall("R6.near_one", "rho_t - 1 <= 1/(2(t-1)) -> 0", near_one),
    forall("R6.settling", "so V_t/alpha_t - b*_j falls below every E > 0 and stays there", settling),
    identity("R6.mean", "the periodic limit sums to U/(1 - gamma), U the sum of the pushes (k = 4, closed form)", mean),
    forall("R6.mean_sign", "for every k: S = gamma S + U, so S = U/(1 - gamma) has the sign of U", mean_general),
)

CLAIM = Claim(
    id="R6",
    title="capped window: no-regret fails",
    statement="On [-1, 1] with f_t = C(x+2) every k-th step, else 2 - x, signal `loss`, alpha_t ="
    " alpha/sqrt(t), momentum"
    " gamma in [0, 1) and eps >= 0: if C > k - 1 and sum_{j=1}^{k-1} 1/(√G*_j + eps) > C/(√G*_0 + eps),"
    " then theta_t -> +1,"
    " the worst point, 1 - theta_t = O(alpha_t), and R_T/T -> 2(C - k + 1)/k > 0",
    latex=r"G^*_0=\frac{q(1-q^{k-1})+C^2/\delta}{1-q^k},\quad G^*_j=q^jG^*_0+1-q^j,\quad"
    r" \sum_{j=1}^{k-1}\frac1{\sqrt{G^*_j}}>\frac{C}{\sqrt{G^*_0}} \Rightarrow \frac{R_T}{T}\to\frac{2(C-k+1)}{k}",
    source=SOURCE,
    kind="impossibility",
    hypotheses=("C > k - 1 >= 1", "1 <= delta < inf", "0 <= gamma < 1, tied or constant", "eps >= 0", "any alpha > 0"),
    depends=("R6-drift",),
    proof=(
        *LIMIT,
        forall("R6.best", "C > k - 1 makes -1 the best fixed point for every T", best_point),
        forall(
            "R6.period",
            "R6-drift: theta_t >= 1 - rho; a period's regret is 2(C-k+1) up to -C rho, (k-1) rho",
            period_regret,
        ),
        forall("R6.steps", "the rho sum to O(√T): sum_{t<=T} alpha_t <= 2 alpha √T", sum_of_steps),
        identity("R6.composition", "lower and upper bound of R_T/T have the same limit 2(C-k+1)/k", composition),
    ),
    note="proofs/periodic.py gives an explicit t0 from which R6-drift applies (5190 for C = k = 7, delta ="
    " 10, gamma = 0.9,"
    " whatever alpha). [dwmgradnotes] R6, as first written, takes eps = 0. On the boundary, where the two sides"
    " are equal, the gains are summable and the limit depends on the start.",
)

CONVERSE = Claim(
    id="R6-converse",
    title="below the boundary the iterate goes to the best point",
    statement="With the reverse strict inequality theta_t -> -1 and R_T/T -> 0: the condition of R6 is sharp",
    latex=r"\sum_{j=1}^{k-1}\frac1{\sqrt{G^*_j}}<\frac{C}{\sqrt{G^*_0}} \Rightarrow \theta_t\to-1,\ \frac{R_T}{T}\to 0",
    source=SOURCE,
    kind="rate",
    hypotheses=("those of R6 but for the inequality",),
    depends=("R6-drift", "R6"),
    proof=(
        forall(
            "R6-converse.step",
            "R6-drift for a negative mean: theta_t <= -1 + rho; a step costs at most C rho",
            towards_best,
        ),
        forall("R6-converse.steps", "and the rho = 3 F alpha_t sum to O(√T)", sum_of_steps),
    ),
)

MOMENTUM = Claim(
    id="R6-momentum",
    title="momentum changes the transient, not the limit",
    statement="The verdict of R6 and R6-converse does not depend on gamma in [0, 1): the mean push is"
    " D/((1-gamma) k), D the drift"
    " without momentum, so the end of the box that attracts and the limit of R_T/T are the same",
    latex=r"\frac1k\sum_j b^*_j=\frac{D}{(1-\gamma)k}",
    source=SOURCE,
    kind="identity",
    hypotheses=("those of R6, D != 0", "momentum constant, or tied to the window, which saturates"),
    depends=("R6", "R6-converse"),
    proof=(
        identity("R6-momentum.mean", "the periodic limit of V/alpha sums to U/(1-gamma) (k = 4, closed form)", mean),
        forall("R6-momentum.sign", "for every k it has the sign of U, the sum without momentum", mean_general),
    ),
    note="So the conjecture in [dwmgradnotes] R6, as first written, holds. Momentum speeds the walk up by 1/(1-gamma).",
)
