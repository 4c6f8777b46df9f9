"""R8c, R8e, R8f: what the theorem's assumptions cost. v_t <= v_{t+1} fails in practice, and it carries the theorem."""

from typing import Any

import flint
import sympy
import z3

from dwmgrad_ref import run
from dwmgrad_ref.observers.base import Observer, View
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous, shown
from proofs.checkers.by_exact import Found
from proofs.checkers.by_smt import Obligation, forall, reals
from proofs.checkers.by_sympy import identity
from proofs.inference.worded import claim as Claim
from proofs.models.adamomentum import RULE, momentum_step
from proofs.models.simulation import in_balls, periodic_run
from proofs.statements.claim import Check, Outcome

SOURCE = Source("adam3", "supplement, Theorem 4 and its corollaries", also=(Source("dwmgradnotes", "R8"),))
MEASURED = ("logistic-breast-cancer", "quadratic-diagonal", "quadratic-dense", "rosenbrock")
STEPS = 5000  # five times the memory 1/(1 - beta2) of the second moment


def _watch(t: Any, x: Any, g: Any, h: Any, damp: Any, z: Any, w: Any, u: Any, rows: Any, totals: Any) -> None:
    """Kernel: rows 0, 1 hold √v_t and √v_t √t (h_t but for alpha), rows 2, 3 count their decreases above rounding."""
    for i in range(x.size):
        root = h[i] / (1.0 - 0.9**t) * (1.0 - 0.999**t) ** 0.5 / t**0.5  # the bias corrections and 1/alpha_t undone
        scaled = root * t**0.5
        if root < rows[0, i] * (1.0 - 1e-12):
            rows[2, i] += 1.0
        if scaled < rows[1, i] * (1.0 - 1e-12):
            rows[3, i] += 1.0
        rows[0, i] = root
        rows[1, i] = scaled


def _shares(view: View) -> dict[str, float]:
    return {"v": float(view.sums[2].mean() / (view.t - 1)), "h": float(view.sums[3].mean() / (view.t - 1))}


MOMENTS = Observer("moments", "how often v_t and h_t decrease", _shares, _watch, rows=4)


def decreases(problem: str, steps: int, alpha: float = 1e-3) -> tuple[float, float]:
    """Shares of (step, coordinate) pairs at which v_t and √v_t/alpha_t decrease; default rates, alpha/√t."""
    row = run("adamomentum", problem, steps, [MOMENTS], grid=[steps], alpha=alpha, schedule="sqrt").frame.iloc[-1]
    return float(row["v"]), float(row["h"])


def measure() -> Outcome:
    shares = {f"{p}, alpha {a}": decreases(p, STEPS, a) for p in MEASURED for a in (1e-3, 1e-2, 1e-1)}
    v = [share for share, _ in shares.values()]
    detail = (
        f"T = {STEPS}: v_t decreases on {min(v):.0%} to {max(v):.0%} of steps, on most in {sum(x > 0.5 for x in v)} of"
    )
    witness = {name: {"v": round(v, 3), "h": round(h, 3)} for name, (v, h) in shares.items()}
    return Outcome("holds" if min(v) > 0.25 else "fails", f"{detail} {len(v)} settings", witness)


FAMILY = {"C": 5000, "k": 4000, "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}


def _limit() -> list[Any]:
    """Pushes -m*_j/√v*_j over a period of the limit cycle: m* and v* are fixed points of the period's affine maps."""
    o, k = in_balls(RULE, alpha=1), FAMILY["k"]
    now = RULE.start(o)  # no bias correction: c1 = c2 = 1
    gradients = [flint.arb(FAMILY["C"])] + [flint.arb(-1)] * (k - 1)

    def period(m: Any, v: Any) -> tuple[Any, list[Any]]:
        c, pushes = RULE.Coord(m, v), []
        for g in gradients:
            c, push = RULE.coord(o, now, c, flint.arb(0), g)
            pushes.append(push)
        return c, pushes

    m = period(flint.arb(0), flint.arb(0))[0].m / (1 - o.beta1**k)
    v = period(m, flint.arb(0))[0].v / (1 - o.beta2**k)
    return period(m, v)[1]


def family_drift() -> Found:
    pushes = _limit()
    total = sum(pushes, start=flint.arb(0))
    up = sum((push for push in pushes if push > 0), start=flint.arb(0))
    detail = f"C = 5000, k = 4000: a period moves {shown(total)} alpha_t up ({shown(up)} up, {shown(up - total)} down)"
    return bool(total > 0), bool(total - up < 0), detail, {**FAMILY, "drift": shown(total)}


def family_run() -> Found:
    """Five periods, bias corrections included, from the best point -1: exactly +1 at the spikes from the third on."""
    C, k, alpha = FAMILY["C"], FAMILY["k"], "1"
    total, lowest, falls, steps = flint.arb(0), flint.arb(1), 0, 5 * k
    v = flint.arb(0)
    for moment in periodic_run(
        RULE, in_balls(RULE, schedule="sqrt", alpha=alpha), flint.arb(C), k, steps, flint.arb(-1)
    ):
        total, falls, v = total + moment.regret, falls + bool(moment.coord.v < v), moment.coord.v
        lowest = lowest.min(moment.theta) if moment.t > 2 * k and (moment.t - 1) % k == 0 else lowest
    regret = shown(total / steps)
    detail = (
        f"T = {steps}: theta = {shown(lowest)} at the spikes from period 3 on, R_T/T = {regret}; v_t fell {falls} times"
    )
    certain = bool(lowest == 1) and bool(total > steps * flint.arb("0.5")) and falls > 0.9 * steps
    return certain, bool(total < steps), detail, {**FAMILY, "alpha": alpha, "schedule": "sqrt"}


def linear() -> tuple[Any, Any, Any]:
    m, other, v, w, g, beta1, beta2, eps, x = sympy.symbols("m other v w g beta1 beta2 eps x")
    a = momentum_step(g=g, m=m, v=v, beta1=beta1, beta2=beta2, eps=eps)[0]
    b = momentum_step(g=g, m=other, v=w, beta1=beta1, beta2=beta2, eps=eps)[0]
    gap = beta1 * (m - other)
    right = gap + x * (beta2 * (v - w) + (1 - beta2) * gap * (a.m + b.m))
    return a.m - b.m + x * (a.v - b.v), right, gap + x * beta2 * (v - w)


def settles() -> Obligation:
    """|v - v*| shrinks towards any E > 0 by beta2 a step once (1-beta2)|m² - m*²| is below (1-beta2) E."""
    gap, E, beta2, forcing = reals("gap E beta2 forcing")
    given = {
        "|forcing| <= (1-beta2) E": z3.And(forcing <= (1 - beta2) * E, -forcing <= (1 - beta2) * E),
        "0 <= beta2 < 1": z3.And(beta2 >= 0, beta2 < 1),
    }
    new, size = beta2 * gap + forcing, z3.If(gap < 0, -gap, gap)
    return Obligation(given, z3.If(new < 0, -new, new) - E <= beta2 * (size - E))


def power_decay() -> tuple[Any, Any, Any]:
    """T^(-1) times the integral of t^(1/2-p), for p = 1/2 + e, 1/2, 1/2 - e with any 0 < e <= 1/2."""
    T, e, x, t = sympy.symbols("T e x t", positive=True)

    def average(p: Any) -> Any:
        return sympy.integrate(t ** (sympy.Rational(1, 2) - p), (t, 0, T), conds="none") / T

    half = sympy.Rational(1, 2)
    e = 1 / (1 + e) / 2  # any number in (0, 1/2)
    fast = sympy.limit(sympy.simplify(average(half + e)), T, sympy.oo)
    slow = sympy.limit(sympy.simplify(1 / average(half - e)), T, sympy.oo)
    return fast + x * sympy.limit(average(half), T, sympy.oo) + x**2 * slow, x, 2 * x


def root_sum() -> Obligation:
    """2/3 T^{3/2} <= sum √t: a term √t exceeds the growth (2/3)(t√t - (t-1)√(t-1))."""
    r, s = reals("r s")
    given = {"r = √t, s = √(t-1), t >= 1": z3.And(r >= 1, s >= 0, r * r == s * s + 1)}
    return Obligation(given, 3 * r >= 2 * (r**3 - s**3), {"2 r": 2 * r >= 2 * (r**3 - s**3)})


def geometric() -> tuple[Any, Any, Any]:
    """beta_{1,t} = beta1 λ^t: sum λ^t √t <= sum t λ^t = λ/(1-λ)², so the term is bounded."""
    lam, n = sympy.Symbol("lam", positive=True), sympy.Symbol("n", positive=True, integer=True)
    partial = lam * (1 - (n + 1) * lam**n + n * lam ** (n + 1)) / (1 - lam) ** 2
    grown = partial.subs(n, n + 1) - partial
    return grown + partial.subs(n, 1), (n + 1) * lam ** (n + 1) + lam, n * lam ** (n + 1) + lam


def contradiction() -> Obligation:
    """No beta_{1,t} is below ½ and above ½ at once: beta_{1,t} -> 0 and 1 - beta_{1,t} -> 0 exclude each other."""
    beta, small, large = reals("beta small large")
    given = {"convex: beta_{1,t} <= small": beta <= small, "non-convex: 1 - beta_{1,t} <= large": 1 - beta <= large,
             "0 <= small": small >= 0}  # fmt: skip
    return Obligation(given, small + large >= 1, {"> 1": small + large > 1})


ASSUMPTION = Claim(
    id="R8c",
    title="v_t <= v_{t+1} fails on a large share of steps of ordinary runs",
    statement="With alpha_t = alpha/√t, alpha in {0.001, 0.01, 0.1}, default rates and 5000 steps on"
    " logistic regression, two"
    " quadratics and Rosenbrock, v_t decreases on more than a quarter of all (step, coordinate) pairs in every setting",
    latex=r"v_t\le v_{t+1}",
    source=SOURCE,
    kind="inequality",
    search=(Check("R8c.measured", "measurement", "compiled runs, every step looked at", measure),),
    note="[dwmgradnotes] R8 (c), as first written, says `most steps`: true in 8 of the 12 settings. The share"
    " depends on length and step size: in the"
    " first 1000 steps v_t still fills (from 0 %), at 20000 it is 30-99.8 %, at 100000 6-97 % as"
    " eps/(1-beta2) takes over."
    " √v_t/alpha_t, all that R8's proof needs, decreases less often: on less than 0.1 % in 5 of the 12.",
)

FAILS = Claim(
    id="R8e",
    title="without the assumption AdaMomentum goes to the worst point",
    statement="On R6's family with C = 5000, k = 4000, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, alpha_t ="
    " alpha/√t and any alpha:"
    " theta_t -> +1, the worst point, and R_T/T -> 2(C-k+1)/k = 0.5005",
    latex=r"C=5000,\ k=4000:\quad R_T/T\to 0.5005",
    source=Source("reddi2018", "Theorem 1, its losses", also=(Source("dwmgradnotes", "R8 (e)"),)),
    kind="impossibility",
    hypotheses=("alpha_t = alpha/√t", "bias corrections as in the algorithm: they tend to 1"),
    depends=("R6-drift", "R6"),
    proof=(
        identity(
            "R8e.linear",
            "two runs on the same gradients: m differs by beta1 times as much, v by beta2 plus that",
            linear,
        ),
        forall("R8e.settles", "so m_t and v_t tend to a cycle of period k, whatever the start", settles),
        rigorous(
            "R8e.drift", "the pushes -m*_j/√v*_j of the cycle have a positive sum; R6-drift, R6's regret", family_drift
        ),
        rigorous(
            "R8e.run",
            "five periods in balls with alpha = 1, bias corrections included, from the best point",
            family_run,
        ),
    ),
    note="With a constant beta1 the printed bound is of order T^(3/2), which linear regret does not contradict. Whether"
    " the iterate goes to the worst point also when beta_{1,t} tends to 0, where the bound would be sublinear, is not"
    " proved here.",
)

DECAY = Claim(
    id="R8f",
    title="which decay of beta_{1,t} each printed result needs",
    statement="The printed bound's second term is o(T) for beta_{1,t} = beta1 t^{-p} iff p > 1/2, bounded"
    " for beta1 λ^t, and of"
    " order T^{3/2} for the 0.9 used in practice; the non-convex corollary wants 1 - beta_{1,t} = beta/√t"
    " -> 0. No schedule"
    " satisfies both, and practice satisfies neither",
    latex=r"\tfrac1T\sum_t\beta_{1,t}\sqrt t\to0\iff p>\tfrac12",
    source=SOURCE,
    kind="rate",
    hypotheses=("√v_t bounded and bounded away from 0",),
    proof=(
        identity(
            "R8f.power",
            "p = 1/2 + e: the average tends to 0; 1/2: to 1; 1/2 - e: to infinity (0 < e < 1/2)",
            power_decay,
        ),
        forall("R8f.constant", "constant beta1: sum √t >= (2/3) T^{3/2}, by induction", root_sum),
        identity(
            "R8f.geometric", "beta1 λ^t: sum_{t<=n} t λ^t in closed form (start and step), below λ/(1-λ)²", geometric
        ),
        forall("R8f.exclusive", "beta_{1,t} -> 0 and 1 - beta_{1,t} -> 0 exclude each other", contradiction),
    ),
    note="With a constant beta1 the kernel's theorem R8_constant bounds the regret of the formula that runs by"
    " O(√(T log T)) while h_t does not decrease.",
)
