"""R6 under the released signals: what the window does at a spike, and whether the failure happens.

`increase` narrows the window to 1 on every step but the spike (2): sign descent that a large loss cannot correct.
`decrease` widens it to delta on every step but the spike (delta - 1) until the iterate touches the upper end.
Both are stated without momentum and for C > 3, where a spike's loss exceeds every other loss on the box.
"""

from typing import Any

import flint
import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.claims.r6_capped_window import bounded
from proofs.engines.by_arb import ball, rigorous, shown
from proofs.engines.by_exact import Found
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, advance, clip, record, step
from proofs.simulation import in_balls, periodic_run

CODE = Source(
    "dwmgrad-code",
    "the MNIST and CIFAR-10 scripts (increase), the Rosenbrock script (decrease)",
    also=(Source("dwmgradnotes", "R6"),),
)


def _windows(signal: str) -> Obligation:
    """omega_t at the spike, right after it, and later where theta did not fall."""
    omega, delta, C, theta, before, gain = reals("omega delta C theta before gain")
    o = record(DWMGRAD, signal=signal, delta=delta)

    def window(loss: Any, last: Any) -> Any:
        return advance(DWMGRAD, o, loss, {"omega": omega, "last": last, "e": 1}).omega

    wider, narrower = z3.If(omega + 1 > delta, delta, omega + 1), z3.If(omega - 1 < 1, z3.RealVal(1), omega - 1)
    up, down = (wider, narrower) if signal == "increase" else (narrower, wider)
    later = window(2 - (before + gain), 2 - before)
    given = {
        "iterates in [-1, 1]": z3.And(theta >= -1, theta <= 1, before >= -1, before <= 1),
        "C > 3": C > 3,
        "theta rose or stayed": gain >= 0,
        "1 <= omega <= delta": z3.And(omega >= 1, omega <= delta),
    }
    goal = z3.And(
        window(C * (theta + 2), 2 - before) == up,
        window(2 - theta, C * (before + 2)) == down,
        later == (narrower if signal == "increase" else z3.If(gain > 0, wider, narrower)),
    )
    return Obligation(given, goal)


def rises_between() -> Obligation:
    """Without momentum every step but the spike raises the iterate, strictly unless the projection stops it."""
    omega, G, alpha, eps, theta = reals("omega G alpha eps theta")
    _, free = step(g=-1, omega=omega, G=G, alpha=alpha, eps=eps, x=theta)
    after = clip(free, -1, 1)
    given = {
        "theta in [-1, 1]": z3.And(theta >= -1, theta <= 1),
        "omega >= 1, G >= 0, eps >= 0": z3.And(omega >= 1, G >= 0, eps >= 0),
        "alpha > 0": alpha > 0,
    }
    return Obligation(given, z3.And(after >= theta, z3.Or(after > theta, theta == 1)))


def collapse() -> Obligation:
    """omega at the spikes: at most max(omega - k + 2, 2) a period later, so 2 after delta periods."""
    omega, n, low = reals("omega n low")
    given = {
        "n = k - 1 >= 2 steps down": n >= 2,
        "low = max(omega - n, 1)": low == z3.If(omega - n < 1, z3.RealVal(1), omega - n),
        "omega >= 2": omega >= 2,
    }
    return Obligation(given, z3.And(low + 1 >= 2, z3.Or(low + 1 == 2, low + 1 <= omega - 1)))


def unit_limit() -> tuple[Any, Any, Any]:
    G, C, x = sympy.symbols("G C x", positive=True)
    between, spike = step(omega=1, G=G, g=-1)[0].G, step(omega=2, G=1, g=C)[0].G
    return between + x * spike, 1 + x * (1 + C**2) / 2, 1 + x * C**2 / 2


def unit_drift() -> Obligation:
    """(k-1)/(1+eps) > C/(r+eps), r² = (1+C²)/2, multiplied out."""
    k, C, eps, r = reals("k C eps r")
    given = {
        "k >= 3": k >= 3,
        "r² = (1+C²)/2": z3.And(r > 0, 2 * r * r == 1 + C * C),
        "C > 0": C > 0,
        "0 <= eps <= 2/5": z3.And(eps >= 0, 5 * eps <= 2),
    }
    return Obligation(given, (k - 1) * (r + eps) > C * (1 + eps), {"twice": (k - 1) * (r + eps) > 2 * C * (1 + eps)})


def spike_velocity() -> Obligation:
    C, V, mu, alpha, eps = reals("C V mu alpha eps")
    new = step(omega=2, G=1, g=C, V=V, mu=mu, alpha=alpha, eps=eps)[0].V
    given = {
        "V <= 0, mu >= 0": z3.And(V <= 0, mu >= 0),
        "alpha > 0, C > 0, eps >= 0": z3.And(alpha > 0, C > 0, eps >= 0),
    }
    return Obligation(given, 100 * new <= 142 * alpha, {"V <= 1.4 alpha": 10 * new <= 14 * alpha})


def velocity_after() -> Obligation:
    """The step after the spike already moves up, and so does every later one."""
    V, mu, before, alpha, eps = reals("V mu before alpha eps")
    new = step(omega=1, g=-1, V=V, mu=mu, alpha=alpha, eps=eps)[0].V
    given = {
        "V <= 1.42 alpha_{t-1}": 100 * V <= 142 * before,
        "0 < alpha_t, alpha_{t-1} <= 2 alpha_t": z3.And(alpha > 0, before <= 2 * alpha, before >= alpha),
        "0 <= mu <= 1/4": z3.And(mu >= 0, 4 * mu <= 1),
        "0 <= eps <= 1/100": z3.And(eps >= 0, 100 * eps <= 1),
    }
    return Obligation(given, new <= 0, {"new <= -alpha": new <= -alpha})


def momentum_mean() -> Obligation:
    """S = sum_{j>=1} b*_j = m (b*_0 + S - b*_{k-1}) - (k-1)/(1+eps), all b*_j <= 0 for j >= 1; b*_0 <= 1.42."""
    S, first, last, m, k, eps = reals("S first last m k eps")
    given = {
        "S = m (b_0 + S - b_last) - (k-1)/(1+eps)": (1 + eps) * (S - m * (first + S - last)) == -(k - 1),
        "b_0 <= 1.42": 100 * first <= 142,
        "S <= b_last <= 0": z3.And(S <= last, last <= 0),
        "k >= 3": k >= 3,
        "0 <= m <= 1/4": z3.And(m >= 0, 4 * m <= 1),
        "0 <= eps <= 1/100": z3.And(eps >= 0, 100 * eps <= 1),
    }
    return Obligation(given, first + S < 0, {"< -1": first + S < -1})


def increase_run() -> Found:
    """At the paper's defaults the pattern 2, 1, ..., 1 is entered, and the top reached from the best point."""
    C, k, steps, settled = 7, 7, 5000, 3000
    total, lowest, pattern = flint.arb(0), flint.arb(1), True
    o = in_balls(DWMGRAD, signal="increase")
    for moment in periodic_run(DWMGRAD, o, flint.arb(C), k, steps, flint.arb(-1)):
        total += moment.regret
        if moment.t > settled:
            lowest = lowest.min(moment.after)
            pattern &= bool(moment.shared.omega == (2 if (moment.t - 1) % k == 0 else 1))
    certain = pattern and bool(lowest > 0.99) and bool(total > steps * flint.arb("0.15"))
    detail = f"C = k = 7: theta > {shown(lowest)} after {settled} steps, R_T/T = {shown(total / steps)} at T = {steps}"
    return certain, bool(total < steps * flint.arb(2) / 7), detail, {"C": C, "k": k, "steps": steps, "start": -1}


def _decrease_limit(j: Any) -> Any:
    """G*_j under `decrease` before the top is touched: the spike has the window delta - 1."""
    q, p, C = sympy.symbols("q p C", positive=True)
    k = sympy.Symbol("k", positive=True, integer=True)
    spike = (p * (1 - q ** (k - 1)) + (1 - p) * C**2) / (1 - p * q ** (k - 1))
    return q**j * spike + 1 - q**j


def decrease_between() -> tuple[Any, Any, Any]:
    q, j = sympy.Symbol("q", positive=True), sympy.Symbol("j", positive=True, integer=True)
    after = step(omega=1 / (1 - q), G=_decrease_limit(j), g=-1)[0].G
    return after, _decrease_limit(j + 1), _decrease_limit(j)


def decrease_closes() -> tuple[Any, Any, Any]:
    p, C = sympy.symbols("p C", positive=True)
    k = sympy.Symbol("k", positive=True, integer=True)
    after = step(omega=1 / (1 - p), G=_decrease_limit(k - 1), g=C)[0].G
    return after, _decrease_limit(sympy.Integer(0)), _decrease_limit(sympy.Integer(1))


def widening() -> Obligation:
    """Net k - 2 >= 1 a period: omega_spike + 1, and after at most delta periods delta - 1 at the spike."""
    omega, delta, n, high, low = reals("omega delta n high low")
    given = {
        "n = k - 1 >= 2 steps up": n >= 2,
        "high = min(omega + n, delta)": high == z3.If(omega + n > delta, delta, omega + n),
        "low = max(high - 1, 1)": low == z3.If(high - 1 < 1, z3.RealVal(1), high - 1),
        "1 <= omega <= delta, delta >= 2": z3.And(omega >= 1, omega <= delta, delta >= 2),
    }
    return Obligation(given, z3.Or(low == delta - 1, low >= omega + 1))


def excursion_start() -> Obligation:
    """Within N steps of touching the top: Y_t >= 1 - alpha_t (F + 2 L n) is preserved with n one larger."""
    Y, after, a, later, F, L, n, N = reals("Y after a later F L n N")
    given = {
        "0 < alpha_{t+1} <= alpha_t": z3.And(later > 0, later <= a),
        "(alpha_t - alpha_{t+1}) (F + 2 L N + L) <= alpha_{t+1} L": (a - later) * (F + 2 * L * N + L) <= later * L,
        "a step costs at most alpha_t L": after >= Y - a * L,
        "0 <= n <= N, F >= 0, L > 0": z3.And(n >= 0, n <= N, F >= 0, L > 0),
        "Y_t >= 1 - alpha_t (F + 2 L n)": Y >= 1 - a * (F + 2 * L * n),
    }
    return Obligation(given, after >= 1 - later * (F + 2 * L * (n + 1)), {"n": after >= 1 - later * (F + 2 * L * n)})


def excursion_goes_on() -> Obligation:
    """After N steps d is near d*: a step gains alpha_t m/2 (R6-drift.rising), which covers the decay of alpha_t."""
    Y, after, a, later, m, M = reals("Y after a later m M")
    given = {
        "(alpha_t - alpha_{t+1}) M <= alpha_t m/2": 2 * (a - later) * M <= a * m,
        "gain": after >= Y + a * m / 2,
        "Y_t >= 1 - alpha_t M": Y >= 1 - a * M,
    }
    return Obligation(given, after >= 1 - later * M, {"M/2": after >= 1 - later * M / 2})


def decrease_drift() -> Found:
    """The drift of `decrease` at delta = 10, from the run of the formula on its periodic limit."""
    found = {}
    for C, k in ((100, 50), (7, 7), (6, 6)):
        q, p = flint.arb(9) / 10, flint.arb(8) / 9
        G = (p * (1 - q ** (k - 1)) + (1 - p) * C * C) / (1 - p * q ** (k - 1))
        drift = -C / G.sqrt()
        for _ in range(1, k):
            G = q * G + 1 - q
            drift += 1 / G.sqrt()
        found[f"C={C}, k={k}"] = drift
    signs = [bool(d > 0) for d in found.values()], [bool(d < 0) for d in found.values()]
    detail = "; ".join(f"{n}: {shown(d)}" for n, d in found.items())
    return signs[0][0] and signs[0][1], signs[1][2], detail, {n: shown(d) for n, d in found.items()}


def decrease_run() -> Found:
    C, k, steps, settled = 100, 50, 6000, 3000
    total, lowest = flint.arb(0), flint.arb(1)
    for moment in periodic_run(DWMGRAD, in_balls(DWMGRAD, signal="decrease"), flint.arb(C), k, steps, flint.arb(-1)):
        total += moment.regret
        lowest = lowest.min(moment.after) if moment.t > settled else lowest
    detail = (
        f"C = 100, k = 50: theta > {shown(lowest)} after {settled} steps, R_T/T = {shown(total / steps)} at T = {steps}"
    )
    certain = bool(lowest > 0.99) and bool(total > steps * flint.arb("1.5"))
    return certain, bool(total < steps * ball("2.04")), detail, {"C": C, "k": k, "steps": steps, "start": -1}


INCREASE = Claim(
    id="R6-increase",
    title="signal `increase`: failure for every C > max(k-1, 3), whatever the cap",
    statement="Without momentum, C > 3, k >= 3, delta >= 2, 0 <= eps <= 2/5: the window becomes 2 at the spike and 1"
    " elsewhere, G is exactly (1+C²)/2 and 1, and if also C > k - 1 the iterate goes to the worst point,"
    " R_T/T -> 2(C-k+1)/k."
    " With tied momentum, gamma/delta <= 1/8 and eps <= 1/100 the same holds once the window has entered this pattern.",
    latex=r"\omega=(2,1,\dots,1),\quad k-1>\frac{\sqrt2\,C}{\sqrt{1+C^2}}\ \Rightarrow\ \theta_t\to+1",
    source=CODE,
    kind="impossibility",
    hypotheses=("C > max(k-1, 3)", "k >= 3", "delta >= 2", "alpha_t = alpha/√t", "gamma = 0, or as stated"),
    depends=("R6-drift", "R6"),
    proof=(
        forall(
            "R6-increase.window",
            "the window widens at the spike and narrows at every step where theta did not fall",
            lambda: _windows("increase"),
        ),
        forall("R6-increase.rises", "without momentum theta never falls between spikes", rises_between),
        forall("R6-increase.collapse", "so the spike's window falls by at least 1 a period until it is 2", collapse),
        identity("R6-increase.limit", "G = 1 between spikes, (1 + C²)/2 at them: exactly, no limit needed", unit_limit),
        forall(
            "R6-increase.drift",
            "the drift is positive for every k >= 3; R6-drift and R6's regret do the rest",
            unit_drift,
        ),
        forall("R6-increase.spike", "with momentum: V <= 1.42 alpha_t at the spike", spike_velocity),
        forall(
            "R6-increase.after",
            "mu = gamma omega/delta <= 1/4: theta rises from the next step on, the pattern stays",
            velocity_after,
        ),
        forall("R6-increase.mean", "and the limit of V/alpha_t has a negative sum", momentum_mean),
        rigorous("R6-increase.run", "every default of the paper but the signal: the pattern is entered", increase_run),
    ),
    note="So the released scripts' signal makes the failure worse: no window cap, however large, protects.",
)

DECREASE = Claim(
    id="R6-decrease",
    title="signal `decrease`: failure as for `loss`, with window delta - 1 at the spike",
    statement="Without momentum, C > 3, k >= 3, delta >= 2: while the top is not touched the window tends"
    " to delta - 1 at"
    " the spike and delta elsewhere, G to the cycle G*_0 = [p(1-q^{k-1}) + (1-p)C²]/(1-pq^{k-1}), p = 1 - 1/(delta-1)."
    " If C > k - 1 and sum_j 1/√G*_j > C/√G*_0, theta_t -> +1 and R_T/T -> 2(C-k+1)/k, though the window"
    " never settles there",
    latex=r"G^*_0=\frac{p(1-q^{k-1})+(1-p)C^2}{1-pq^{k-1}},\quad p=1-\tfrac1{\delta-1}",
    source=CODE,
    kind="impossibility",
    hypotheses=("C > max(k-1, 3)", "k >= 3", "delta >= 2", "gamma = 0", "alpha_t = alpha/√t"),
    depends=("R6-drift", "R6"),
    proof=(
        forall(
            "R6-decrease.window",
            "narrower at the spike, wider after it and wherever theta rose; narrower at rest",
            lambda: _windows("decrease"),
        ),
        forall("R6-decrease.rises", "between spikes theta rises strictly unless it is at 1", rises_between),
        forall(
            "R6-decrease.widening", "off the top the spike's window grows by >= 1 a period until delta - 1", widening
        ),
        identity("R6-decrease.limit", "G* is a cycle: the steps between spikes", decrease_between),
        identity("R6-decrease.closes", "and the spike", decrease_closes),
        forall(
            "R6-decrease.bounded",
            "G stays in [0, C²] and contracts by q or p a step: N steps off the"
            " top bring d to"
            " within m/4 of d*, wherever it was",
            bounded,
        ),
        forall(
            "R6-decrease.excursion",
            "leaving the top costs at most alpha_t (F + 2 L N) in those N steps",
            excursion_start,
        ),
        forall(
            "R6-decrease.back", "and from then on Y_t >= 1 - alpha_t M, M = F + 2 L N, is preserved", excursion_goes_on
        ),
        rigorous(
            "R6-decrease.drift",
            "delta = 10: the condition holds at C = 100, k = 50 and C = k = 7, not at C = k = 6",
            decrease_drift,
        ),
        rigorous("R6-decrease.run", "every default of the paper but the signal, momentum included", decrease_run),
    ),
    note="L >= √delta + 2F bounds what one step takes from Y. With momentum only the run is shown.",
)
