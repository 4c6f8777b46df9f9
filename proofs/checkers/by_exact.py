"""Concrete statements in exact rational arithmetic: witnesses replayed, finite cases enumerated."""

from collections.abc import Callable
from typing import Any

from proofs.statements.claim import Check, Outcome

Found = tuple[bool, bool, str, dict[str, Any] | None]


def exact(name: str, says: str, build: Callable[[], Found]) -> Check:
    """A statement about given fractions and integers.

    `build` returns whether it is true, whether a broken variant of it is false (both must be so), one line of
    detail, and a witness as plain JSON values or None. It must not round: no floats.
    """
    return Check(name, "exact rationals", says, lambda: judged(build()))


def judged(found: Found) -> Outcome:
    """The outcome of a concrete statement; it holds only if its broken variant was told apart from it."""
    true, broken_is_false, detail, witness = found
    if not true:
        return Outcome("fails", detail, witness)
    if not broken_is_false:
        return Outcome("unknown", f"the broken variant could not be told from the statement: {detail}", witness)
    return Outcome("holds", detail, witness)
