"""Concrete inequalities with every rounding enclosed: Arb balls (python-flint).

A comparison of balls is true only if it holds for every pair of numbers inside. So True is certain, and False
decides nothing: a statement that does not come out certain is unknown, never refuted.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flint

from dwmgrad_ref.ops import Undecided
from proofs.checkers.by_exact import Found, judged
from proofs.statements.claim import Check, Outcome


def rigorous(name: str, says: str, build: Callable[[], Found], bits: int = 128) -> Check:
    """A statement about balls.

    `build` returns whether it is certainly true, whether a broken variant is certainly false (both must be so),
    one line of detail, and a witness as plain JSON values or None. It runs with `bits` of precision.
    """
    return Check(name, "Arb", says, lambda: _run(build, bits))


def ball(number: Any) -> Any:
    """The ball of a number as it is written: 0.9 is nine tenths, not the float beside it."""
    return number if isinstance(number, flint.arb) else flint.arb(str(number))


def shown(number: Any, places: int = 6) -> str:
    """A ball's midpoint to so many digits, for a detail or a witness."""
    return number.str(places, radius=False)


def _run(build: Callable[[], Found], bits: int) -> Outcome:
    before, flint.ctx.prec = flint.ctx.prec, bits
    try:
        found = judged(build())
    except Undecided as error:
        return Outcome("unknown", str(error))
    finally:
        flint.ctx.prec = before
    return replace(found, status="unknown") if found.status == "fails" else found
