"""Searches: a statement that many attempts failed to break. They only ever support a claim."""

from collections.abc import Callable
from typing import Any

from proofs.claim import Check, Outcome

Attempt = tuple[bool, str, dict[str, Any] | None]


def searched(name: str, says: str, attempt: Callable[[], Attempt]) -> Check:
    """A search for a counterexample, seeded; `attempt` returns (none found, one line of detail, what was found)."""
    return Check(name, "search", says, lambda: _outcome(*attempt()))


def _outcome(none_found: bool, detail: str, found: dict[str, Any] | None) -> Outcome:
    return Outcome("holds" if none_found else "fails", detail, found)
