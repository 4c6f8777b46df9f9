"""R6 under the released signal `decrease`: the failure is that of `loss`, with the window delta - 1 at the spike."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import ball, rigorous, shown
from proofs.checkers.by_exact import Found
from proofs.claims.failure.capped import WHERE
from proofs.claims.failure.decreasing import Decreasing
from proofs.claims.failure.decreasing_limit import PUSH, Hstar
from proofs.claims.failure.r6_increase import LOST, PLACE, given, goes_to_the_worst_point
from proofs.claims.failure.r6_simulation import Failure
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement

SOURCE = Source("dwmgrad-code", "the Rosenbrock script", also=(Source("dwmgradnotes", "R6"),))
R = sympy.Rational
RUN = Decreasing()
DEFAULTS = Failure(
    "R6-decrease.run",
    "The run at every default of the paper but the signal, in balls.",
    100,
    50,
    6000,
    3000,
    R(99, 100),
    R(15, 10),
    {"signal": "decrease"},
)


def decrease_drift(eps: flint.arb) -> dict[str, flint.arb]:
    """The drift of `decrease` at delta = 10, from the formula's own periodic limit."""
    found = {}
    for size, period in ((100, 50), (7, 7), (6, 6)):
        q, p = flint.arb(9) / 10, flint.arb(8) / 9
        G = (p * (1 - q ** (period - 1)) + (1 - p) * size * size) / (1 - p * q ** (period - 1))
        drift = -size / (G.sqrt() + eps)
        for _ in range(1, period):
            G = q * G + 1 - q
            drift += 1 / (G.sqrt() + eps)
        found[f"C={size}, k={period}"] = drift
    return found


def decrease_holds() -> Found:
    found = decrease_drift(flint.arb(0))
    detail = "; ".join(f"{name}: {shown(drift)}" for name, drift in found.items())
    first, second, third = found.values()
    return (
        bool(first > 0) and bool(second > 0),
        bool(third < 0),
        detail,
        {name: shown(drift) for name, drift in found.items()},
    )


def eps_matters() -> Found:
    """The condition needs eps: at delta = 10, C = k = 7 it holds for eps = 0 and not for eps = 1/2."""
    plain, with_eps = (decrease_drift(e)["C=7, k=7"] for e in (flint.arb(0), ball("0.5")))
    detail = f"drift {shown(plain)} at eps = 0, {shown(with_eps)} at eps = 1/2"
    return (
        bool(plain > 0) and bool(with_eps < 0),
        not bool(with_eps > 0),
        detail,
        {"eps": "1/2", "drift": shown(with_eps)},
    )


CLAIM = Claim(
    id="R6-decrease",
    title="signal `decrease`: failure as for `loss`, with window delta - 1 at the spike",
    statement=Statement(
        given=given(RUN, PUSH.ups > PUSH.down),
        then=PLACE & LOST & DEFAULTS.statement(),
        where=(*WHERE[:3], (Hstar, "the second moment so many steps after a spike, in the periodic limit")),
    ),
    source=SOURCE,
    kind="impossibility",
    proof=(*goes_to_the_worst_point(RUN), DEFAULTS.fact()),
    controls=(
        rigorous(
            "R6-decrease.drift",
            "The condition holds at delta = 10 and eps = 0 for C = 100, k = 50 and C = k = 7, not for C = k = 6.",
            decrease_holds,
        ),
        rigorous(
            "R6-decrease.eps",
            "The condition must contain eps: without it C = k = 7 would be said to fail at eps = 1/2.",
            eps_matters,
        ),
    ),
    note="The window never settles at the top, so this is not R6 with another cap: the proof follows a distance to the "
    "periodic limit that falls at every step below the top. With momentum only the run is shown.",
)
