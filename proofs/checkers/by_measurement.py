"""Measurements: what a machine was seen to do, read from the committed profile. They only ever support a claim.

Nothing is measured here: a check reads the recorded times again, fits them again, and says which machine they are from.
"""

from collections.abc import Callable
from typing import Any

from proofs.cost import measurements
from proofs.statements.claim import Check, Outcome, Status

Reading = tuple[Status, str, dict[str, Any] | None]


def measured(name: str, says: str, read: Callable[[dict[str, Any]], Reading]) -> Check:
    """A reading of the committed profile: `read` returns (status, one line of detail, the numbers).

    The status is unknown where the measurement is too coarse to tell, or was not made.
    """
    return Check(name, "measurement", says, lambda: _outcome(read(measurements.load())))


def _outcome(reading: Reading) -> Outcome:
    return Outcome(*reading)
