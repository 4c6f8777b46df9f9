"""Concrete inequalities with every rounding enclosed: Arb balls (python-flint)."""

from collections.abc import Callable

import flint

from dwmgrad_ref.ops import Undecided
from proofs.claim import Check, Outcome
from proofs.engines.by_exact import Found, judged


def rigorous(name: str, says: str, build: Callable[[], Found], bits: int = 128) -> Check:
    """A statement about balls.

    `build` returns whether it is certainly true, whether a broken variant is certainly false (both must be so),
    one line of detail, and a witness as plain JSON values or None. It runs with `bits` of precision.
    """
    return Check(name, "Arb", says, lambda: _run(build, bits))


def _run(build: Callable[[], Found], bits: int) -> Outcome:
    before, flint.ctx.prec = flint.ctx.prec, bits
    try:
        return judged(build())
    except Undecided as error:
        return Outcome("unknown", str(error))
    finally:
        flint.ctx.prec = before
