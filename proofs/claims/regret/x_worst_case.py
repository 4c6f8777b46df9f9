"""How much room the bound R3 leaves: worst sequences found and replayed, and certified for few steps."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import flint
import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from dwmgrad_ref.rules.bounds import Facts
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import Found
from proofs.checkers.by_search import searched, worst_sequence
from proofs.claims.regret.largest_ratio import largest
from proofs.inference.derivation import computed
from proofs.statements.claim import Claim
from proofs.statements.formulas import advance, clip, record, step, step_size
from proofs.statements.statement import Statement, sequences

RULE = rules.get("dwmgrad")
OPTIONS = {"alpha": 2**0.5, "gamma": 0.0, "delta": float("inf"), "omega0": 0.0, "eps": 0.0, "schedule": "sqrt"}
SOURCE = Source("duchi2011", "Theorem 5", also=(Source("dwmgradnotes", "R3, the form used here"),))
# Found by analysis.worst_case.adversary and rounded: thousandths, start 1. The sign of all may be flipped.
TIGHT = (306, -36, -38, -45, -37, -67, -98, 425, -118, -143, -197, 493, -159, -237, -123, 800, -229, -259, -355, 797,
         -138, -133, -169, -107, -264, 1000, 514, 374, 338, 322)  # fmt: skip
ENCLOSED = {1: ("0.7071", "0.7072"), 2: ("0.7368", "0.7516"), 3: ("0.7421", "0.7570"), 4: ("0.7443", "0.7593")}
REACHED = sympy.Rational(84, 100)
rho = sequences("rho")
MEANT = (
    (rho, "supremum of R_T over the bound R3 for DWMGrad with omega_t = t, no momentum, eps = 0, alpha_t = sqrt(2/t), "
          "on the box [-1, 1] in one coordinate, over linear losses, with slopes g_t and g_1 != 0, that are positive "
          "at the iterate, so that the window expands, over starts and comparators"),
)  # fmt: skip


def found(T: int) -> tuple[Any, float]:
    """What the adversary finds for T steps: gradients and a start."""
    worst = worst_sequence(RULE, T, count=16, iterations=100, polish=3000, **OPTIONS)
    return worst.g, worst.start


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


MAIN = largest("X-certified", "Branch and bound over r_2, ..., r_T and the start encloses the largest ratio.", rho,
               ENCLOSED, found)  # fmt: skip
CERTIFIED = Claim(
    id="X-certified",
    title="worst case of the expanding window for T ≤ 4, certified",
    statement=Statement(MAIN.then, where=MEANT),
    source=SOURCE,
    kind="rate",
    proof=(MAIN,),
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
