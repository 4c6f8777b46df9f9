"""What a claim is, and how checks turn into a verdict.

A claim is proved only if every check of its proof holds and every claim it depends on is proved; refuted only
if every check of its refutation holds, which includes a witness that a second engine re-checks; supported if
only searches speak for it; open otherwise. `unknown`, a timeout or an exception is never a pass.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from dwmgrad_ref.rules.base import Source

Status = Literal["holds", "fails", "unknown"]
Verdict = Literal["proved", "refuted", "supported", "open"]
Kind = Literal["identity", "inequality", "rate", "impossibility"]


@dataclass(frozen=True)
class Outcome:
    """What an engine found: status, one line for the reader, and a witness as plain JSON values if there is one."""

    status: Status
    detail: str
    witness: dict[str, Any] | None = None


@dataclass(frozen=True)
class Check:
    """One step that a machine can take. `says` is the step in words, read as part of a derivation."""

    name: str
    engine: str
    says: str
    run: Callable[[], Outcome]


@dataclass(frozen=True, eq=False)
class Claim:
    """A statement, where it was made, and what would settle it.

    proof       every check must hold, together with `depends`, for the verdict proved
    refutation  every check must hold for the verdict refuted
    search      checks that can only support: adversarial search, measurements
    note        what the reader should know: corrections, what is open and what would close it
    """

    id: str
    title: str
    statement: str
    latex: str
    source: Source
    kind: Kind
    hypotheses: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    proof: tuple[Check, ...] = ()
    refutation: tuple[Check, ...] = ()
    search: tuple[Check, ...] = ()
    note: str = ""

    @property
    def checks(self) -> tuple[Check, ...]:
        return self.proof + self.refutation + self.search


def verdict(claim: Claim, statuses: dict[str, Status], others: dict[str, Verdict]) -> Verdict:
    """The verdict from the statuses of the claim's checks and the verdicts of the claims it depends on."""

    def all_hold(checks: Iterable[Check]) -> bool:
        checks = list(checks)
        return bool(checks) and all(statuses[check.name] == "holds" for check in checks)

    proved = all_hold(claim.proof) and all(others[other] == "proved" for other in claim.depends)
    refuted = all_hold(claim.refutation)
    if proved and refuted:
        raise AssertionError(f"{claim.id} is both proved and refuted: an engine or a claim file is wrong")
    if proved or refuted:
        return "proved" if proved else "refuted"
    return "supported" if all_hold(claim.search) and not claim.proof else "open"
