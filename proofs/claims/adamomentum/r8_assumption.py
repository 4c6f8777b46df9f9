"""R8c: what the assumption v_t <= v_{t+1} of AdaMomentum's theorems demands of the momentum, and how often it fails."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref import run
from dwmgrad_ref.observers.base import Observer, View
from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import Fact, assume, at, discharge, evident, follows, for_all, induction, lemma
from proofs.inference.limits import implication
from proofs.models.adamomentum import MEANING, MOMENT, every, m, v
from proofs.statements.claim import Check, Claim, Outcome
from proofs.statements.statement import Statement
from proofs.statements.vocabulary import beta2, eps, i, k, t

SOURCE = Source("adam3", "supplement, Theorem 4 and its corollaries", also=(Source("dwmgradnotes", "R8"),))
MEASURED = ("logistic-breast-cancer", "quadratic-diagonal", "quadratic-dense", "rosenbrock")
STEPS = 5000  # five times the memory 1/(1 - beta2) of the second moment


def _watch(t: Any, x: Any, g: Any, h: Any, damp: Any, z: Any, w: Any, u: Any, rows: Any, totals: Any) -> None:
    """Kernel: rows 0, 1 hold √v_t and √v_t √t (h_t but for alpha), rows 2, 3 count their decreases above rounding."""
    for n in range(x.size):
        root = h[n] / (1.0 - 0.9**t) * (1.0 - 0.999**t) ** 0.5 / t**0.5  # the bias corrections and 1/alpha_t undone
        scaled = root * t**0.5
        if root < rows[0, n] * (1.0 - 1e-12):
            rows[2, n] += 1.0
        if scaled < rows[1, n] * (1.0 - 1e-12):
            rows[3, n] += 1.0
        rows[0, n] = root
        rows[1, n] = scaled


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


GROWS = every(v(t, i) <= v(t + 1, i))
SHARE = eps / (1 - beta2)  # what eps alone makes of v_t in the long run
LATER = {t: t + 1}
ALMOST = sympy.Rational(99, 100)


def ahead() -> Fact:
    """The formula of the second moment at step t + 1, for t >= 1."""
    later = lemma("R8c.later", "The step after a step is a step.", [t >= 1], t + 1 >= 1, [t + 1 >= 3])
    return discharge(at(assume(every(MOMENT)), t + 1), later)


def falls() -> Fact:
    """v_{t+1} < v_t exactly if m_{t+1}² < v_t - eps/(1 - beta2), for t >= 1."""
    then = sympy.Equivalent(v(t + 1, i) < v(t, i), m(t + 1, i) ** 2 < v(t, i) - SHARE)
    sharper = sympy.Equivalent(v(t + 1, i) < v(t, i), m(t + 1, i) ** 2 < v(t, i) - eps)
    fact = follows("R8c.falls", "The second moment falls where the momentum's square is below what it holds.",
                   [ahead()], then, [sharper], given=[beta2 < 1])  # fmt: skip
    return for_all(fact, t, t >= 1)


def floor() -> Fact:
    """If v never falls, then m_{t+1}² >= v_k - eps/(1 - beta2) for t >= k >= 1."""
    above = v(t, i) >= v(k, i)
    past = lemma("R8c.past", "A step from k on is a step.", [t >= k, k >= 1], t >= 1, [t >= 2])
    grows = discharge(at(assume(GROWS), t), past)
    kept = follows("R8c.kept", "What never falls stays above where it was.", [grows], above.subs(LATER),
                   [v(t + 1, i) > v(k, i)], given=[above])  # fmt: skip
    stays = induction(above, t, k, evident(sympy.true), kept)
    then = m(t + 1, i) ** 2 >= v(k, i) - SHARE
    fact = follows("R8c.floor", "So the momentum's square is never below what the second moment once held.",
                   [discharge(ahead(), past), grows, stays], then, [then.lhs >= v(k, i) - ALMOST * SHARE],
                   given=[beta2 < 1])  # fmt: skip
    return for_all(for_all(fact, t, t >= k), k, k >= 1)


CLAIM = Claim(
    id="R8c",
    title="what v_t <= v_{t+1} demands: the momentum never falls below what the second moment held",
    statement=Statement(
        given=(every(MOMENT), beta2 < 1),
        then=falls().then & sympy.Implies(GROWS, floor().then),
        where=MEANING,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(falls(), implication(floor(), GROWS)),
    search=(Check("R8c.measured", "measurement", "In compiled runs every step is looked at.", measure),),
    note="So the assumption excludes every run whose momentum comes to rest after v_t once exceeded eps/(1 - beta2). "
    "With alpha/√t, alpha in {0.001, 0.01, 0.1} and the default rates v_t falls on more than a quarter of all steps "
    "and coordinates of ordinary runs (measured: logistic regression, two quadratics, Rosenbrock, 5000 steps), on "
    "most in 8 of the 12 settings. The share depends on length and step size: in the first 1000 steps v_t still fills "
    "(from 0 %), at 20000 it is 30-99.8 %, at 100000 6-97 % as eps/(1-beta2) takes over. √v_t/alpha_t, all that R8's "
    "proof needs, falls less often: on less than 0.1 % in 5 of the 12.",
)
