"""How much room the bound R3 leaves: worst sequences found and replayed, and certified for few steps."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from fractions import Fraction
from typing import Any

import flint
import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from dwmgrad_ref.rules.bounds import Facts
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_branching import enclosed
from proofs.checkers.by_exact import Found
from proofs.checkers.by_search import searched, worst_sequence
from proofs.inference.derivation import Fact, argued, computed, equation
from proofs.models.worst_case import certified_ratio
from proofs.statements.claim import Claim
from proofs.statements.formulas import advance, clip, record, step, step_size
from proofs.statements.statement import Statement, reals, sequences

RULE = rules.get("dwmgrad")
OPTIONS = {"alpha": 2**0.5, "gamma": 0.0, "delta": float("inf"), "omega0": 0.0, "eps": 0.0, "schedule": "sqrt"}
SOURCE = Source("duchi2011", "Theorem 5", also=(Source("dwmgradnotes", "R3, the form used here"),))
# Found by analysis.worst_case.adversary and rounded: thousandths, start 1. The sign of all may be flipped.
TIGHT = (306, -36, -38, -45, -37, -67, -98, 425, -118, -143, -197, 493, -159, -237, -123, 800, -229, -259, -355, 797,
         -138, -133, -169, -107, -264, 1000, 514, 374, 338, 322)  # fmt: skip
ENCLOSED = {1: ("0.7071", "0.7072"), 2: ("0.7368", "0.7516"), 3: ("0.7421", "0.7570"), 4: ("0.7443", "0.7593")}
REACHED = sympy.Rational(84, 100)
rho, phi = sequences("rho phi")
MEANT = (
    (rho, "supremum of R_T over the bound R3 for DWMGrad with omega_0 = 0, delta = inf, no momentum, eps = 0, alpha_t "
          "= sqrt(2/t), on the box [-1, 1] in one coordinate, over linear losses g_t theta with g_1 != 0, starts and "
          "comparators"),
)  # fmt: skip
n, total, rate, at, slope, r = reals("t s alpha x g r")


def between(name: Any) -> sympy.logic.boolalg.Boolean:
    """low <= name(T) <= high for every T of ENCLOSED."""
    return sympy.And(*(part for T, (low, high) in ENCLOSED.items()
                       for part in (sympy.Rational(low) <= name(T), name(T) <= sympy.Rational(high))))  # fmt: skip


def few_steps() -> Found:
    """T = 1..4, each from what the adversary finds there; the enclosures must lie in those that are printed."""
    intervals, good, broken = [], True, False
    for T, (low, high) in ENCLOSED.items():
        found = worst_sequence(RULE, T, count=16, iterations=100, polish=3000, **OPTIONS)
        e = certified_ratio(T, guess=(found.g, found.start))
        good &= e.done and Fraction(low) <= Fraction(e.low) and Fraction(e.high) <= Fraction(high)
        broken |= Fraction(e.high) <= Fraction(low) or Fraction(e.low) >= Fraction(high)
        intervals.append([round(e.low, 6), round(e.high, 6)])
    text = "; ".join(f"T = {T}: [{low:.6f}, {high:.6f}]" for T, (low, high) in zip(ENCLOSED, intervals, strict=True))
    return good, not broken, text, {"enclosures": intervals}


def certified() -> tuple[Fact, ...]:
    c, after = step(g=r * total, omega=n, G=total**2 * (1 - r**2) / (n - 1), x=at, alpha=step_size(n, rate))
    given = [n > 1, total > 0, rate > 0]
    moved = equation("X-certified.step", "From s_{t-1}² = s_t² (1 - r²) the gradient r s_t moves theta by alpha r.",
                     after, at - rate * r, at - rate * r / n, given)  # fmt: skip
    moment = equation("X-certified.moment", "The moment after the step is s_t² over the step's number.",
                      c.G, total**2 / n, total**2, given)  # fmt: skip
    after = step(g=slope, omega=1, G=0, x=at, alpha=step_size(1, rate))[1]
    first = equation("X-certified.first", "The first gradient moves theta by alpha, whatever its size.",
                     after, at - rate, at - rate / 2, [slope > 0])  # fmt: skip
    mirrored = step(g=-slope, omega=1, G=0, x=at, alpha=step_size(1, rate))[1]
    back = equation("X-certified.back", "A negative first gradient moves it the other way.", mirrored, at + rate,
                    at + rate / 2, [slope > 0])  # fmt: skip
    branch = computed(
        enclosed("X-certified.branch", "Branch and bound over r_2, ..., r_T and the start encloses the largest ratio "
                 "phi_T of the runs that are written in them.", few_steps), between(phi))  # fmt: skip
    return argued(
        "With s_t² = g_1² + ... + g_t² and r_t = g_t/s_t every run is one that the branching looks at; each of those "
        "is a run or a limit of runs; the ratio does not depend on s_T, and flipping all signs makes -1 the best "
        "comparator.",
        [branch], between(rho)), moved, moment, first, back  # fmt: skip


def replayed() -> Found:
    """The rule itself in balls on the committed sequence, over the rule's own bound."""
    x, summed, squares, suffered = flint.arb(1), flint.arb(0), flint.arb(0), flint.arb(0)
    G, alpha = flint.arb(0), flint.arb(2).sqrt()
    for t, thousandths in enumerate(TIGHT, 1):
        g = flint.arb(thousandths) / 1000
        suffered, summed, squares = suffered + g * x, summed + g, squares + g * g
        c, x = step(g=g, omega=window(t), G=G, x=x, alpha=step_size(flint.arb(t), alpha))
        G, x = c.G, clip(x, -1, 1)
    ratio = (suffered + abs(summed)) / bound(alpha, squares.sqrt(), len(TIGHT))
    witness = {"g_in_thousandths": list(TIGHT), "start": 1, "ratio": ratio.str(8)}
    claimed = flint.arb(REACHED.p) / REACHED.q
    return bool(ratio > claimed), bool(ratio < 1), f"ratio {ratio.str(6)} at T = {len(TIGHT)}", witness


def window(t: int) -> Any:
    """omega_t by the rule, from omega_0 = 0."""
    o = record(
        RULE, omega0=flint.arb(0), delta=flint.arb(10**6), gamma=flint.arb(0), alpha=flint.arb(1), schedule="sqrt"
    )
    return advance(RULE, o, 1, {"t": t - 1, "omega": flint.arb(t - 1)}).omega


def bound(alpha: Any, S: Any, T: int) -> Any:
    """R3's bound as the rule states it, D = 2."""
    o = record(RULE, alpha=alpha, omega0=flint.arb(0), eps=flint.arb(0), gamma=flint.arb(0), schedule="sqrt")
    facts = Facts(D=flint.arb(2), S=S, T=flint.arb(T), first=0, last=0, fixed=False, projected=True)
    return {b.claim: b for b in RULE.bounds}["R3"].coordinate(o, RULE.start(o), facts)


def adversary() -> tuple[bool, str, dict[str, Any] | None]:
    worst = worst_sequence(RULE, 30, iterations=60, **OPTIONS)
    found = {"g": [round(float(v), 6) for v in worst.g], "start": worst.start} if worst.ratio > 1 else None
    return bool(worst.ratio <= 1), f"largest ratio found at T = 30: {worst.ratio:.3f}", found


MAIN, *STEPS = certified()
CERTIFIED = Claim(
    id="X-certified",
    title="worst case of the expanding window for T ≤ 4, certified",
    statement=Statement(between(rho), where=MEANT),
    source=SOURCE,
    kind="rate",
    proof=(MAIN,),
    controls=tuple(fact.check for fact in STEPS if fact.check),
    note="What the adversary finds is the truth to within 2 %.",
)

TIGHTNESS = Claim(
    id="X-tight",
    title="the constant of R3 cannot be lowered by more than 16 % where omega_0 = 0",
    statement=Statement(rho(len(TIGHT)) > REACHED, where=MEANT),
    source=SOURCE,
    kind="rate",
    proof=(computed(rigorous("X-tight.replay", "One sequence, played by the rule in balls, reaches it.", replayed),
                    rho(len(TIGHT)) > REACHED),),
    search=(searched("X-tight.adversary", "The adversary finds no ratio above 1.", adversary),),
    note="The step size makes R3's bound least at omega_0 = 0. For omega_0 > 0 nothing is said here. The "
    "adversary finds more with more effort and more steps: 0.866 at T = 30, 0.891 at T = 100, 0.897 at T = 1000 "
    "(analysis.worst_case.adversary).",
)  # fmt: skip
