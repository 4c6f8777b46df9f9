"""What a claim is, and how its evidence turns into a verdict.

    proved     every check of the derivation holds, so does every claim it uses, and the facts derived are the
               statement, symbol for symbol
    argued     as proved, but the derivation has steps that are argued in words; the page prints and counts them
    refuted    every check of the refutation holds; one of them shows a witness, and two engines look at it
    supported  no proof is offered; searches or measurements speak for it
    open       a check could not decide, or nothing was offered
    broken     a check failed, or a search found a counterexample of what is proved: something is wrong, red

`unknown`, a timeout or an exception is never a pass.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dwmgrad_ref.rules.base import Source
from proofs.statements.statement import Statement, keys

if TYPE_CHECKING:
    from proofs.inference.derivation import Fact

Status = Literal["holds", "fails", "unknown"]
Verdict = Literal["proved", "argued", "refuted", "supported", "open", "broken"]
Kind = Literal["identity", "inequality", "rate", "impossibility"]


@dataclass(frozen=True)
class Outcome:
    """What an engine found: status, one line for the reader, and a witness as plain JSON values if there is one."""

    status: Status
    detail: str
    witness: dict[str, Any] | None = None


@dataclass(frozen=True)
class Check:
    """One step that a machine can take.

    says          the idea of the step in words, without the formulas
    given, then   what is checked, where it is a SymPy statement; the page renders the formulas from it
    """

    name: str
    engine: str
    says: str
    run: Callable[[], Outcome]
    given: tuple[Any, ...] = ()
    then: Any = None


class Mismatch(ValueError):
    """A claim's derivation is not a derivation of its statement."""


@dataclass(frozen=True, eq=False)
class Claim:
    """A statement, where it was made, and what would settle it.

    proof       facts (`derivation.py`) that together are the statement
    refutation  every check must hold for the verdict refuted
    search      checks that can only support: adversarial search, measurements
    controls    checks that the verdict also needs but that are no part of the derivation: the formula that runs, the
                sharpness of a constant told in the note
    note        what the reader should know: corrections, what is open and what would close it
    """

    id: str
    title: str
    statement: Statement
    source: Source
    kind: Kind
    proof: "tuple[Fact, ...]" = ()
    refutation: tuple[Check, ...] = ()
    search: tuple[Check, ...] = ()
    controls: tuple[Check, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if self.proof:
            _require_derivation(self)
            _require_names(self)
        names = [check.name for check in self.checks]
        if twice := {name for name in names if names.count(name) > 1}:
            raise Mismatch(f"{self.id} has two checks of one name: {sorted(twice)}")

    @property
    def derivation(self) -> "list[Fact]":
        """Every step of the proof, premises first, each once."""
        found: dict[int, Any] = {}
        for fact in self.proof:
            found |= {id(step): step for step in fact.steps() if id(step) not in found}
        return list(found.values())

    @property
    def depends(self) -> tuple[str, ...]:
        """The claims whose statements the proof uses."""
        return tuple(dict.fromkeys(step.claim for step in self.derivation if step.claim))

    @property
    def proof_checks(self) -> tuple[Check, ...]:
        return tuple({check.name: check for step in self.derivation if (check := step.check)}.values())

    @property
    def checks(self) -> tuple[Check, ...]:
        return self.proof_checks + self.controls + self.refutation + self.search

    @property
    def arguments(self) -> list[str]:
        """The steps of the proof that are argued in words."""
        return [step.words for step in self.derivation if step.rule == "argued"]


def _require_derivation(claim: Claim) -> None:
    """Every part of the conclusion is what a fact concludes, from hypotheses that the statement has."""
    allowed = keys(claim.statement.given)
    if not keys([claim.statement.then]):
        raise Mismatch(f"{claim.id} says nothing: its conclusion is true by itself")
    concluded = {}
    for fact in claim.proof:
        concluded |= keys([fact.then])
        for key, hypothesis in keys(fact.given).items():
            if key not in allowed:
                raise Mismatch(f"{claim.id}: the proof of {fact.then} needs {hypothesis}, which is not given")
    for key, part in keys([claim.statement.then]).items():
        if key not in concluded:
            raise Mismatch(f"{claim.id}: {part} is claimed; derived is {'; '.join(map(str, concluded.values()))}")


def _require_names(claim: Claim) -> None:
    """Steps that are called the same are the same: a name stands for one statement."""
    known: dict[str, Any] = {}
    for check in (step.check for step in claim.derivation if step.check):
        said = (keys(check.given).keys(), keys([] if check.then is None else [check.then]).keys(), check.engine)
        if known.setdefault(check.name, said) != said:
            raise Mismatch(f"{claim.id}: {check.name} is the name of two different steps")


def verdict(claim: Claim, outcomes: Mapping[str, tuple[Status, bool, str]], others: Mapping[str, Verdict]) -> Verdict:
    """The verdict from what came of the claim's checks and the verdicts of the claims it uses.

    Args:
        outcomes: per check its status, whether it showed a witness, and its engine.
    """

    def all_hold(checks: Iterable[Check]) -> bool:
        checks = list(checks)
        return bool(checks) and all(outcomes[check.name][0] == "holds" for check in checks)

    if any(status == "fails" for status, _, _ in outcomes.values()):
        return "broken"
    proved = bool(claim.proof) and all(outcomes[c.name][0] == "holds" for c in claim.proof_checks + claim.controls)
    proved = proved and all(others[other] in ("proved", "argued") for other in claim.depends)
    if proved and claim.refutation and all_hold(claim.refutation):
        return "broken"  # proved and refuted: an engine or a claim file is wrong
    if proved:
        words = claim.arguments or any(others[other] == "argued" for other in claim.depends)
        return "argued" if words else "proved"
    if all_hold(claim.refutation + claim.controls) and claim.refutation:
        seen = [outcomes[check.name] for check in claim.refutation]
        witnessed = any(witness for _, witness, _ in seen)
        return "refuted" if witnessed and len({engine for _, _, engine in seen}) > 1 else "open"
    return "supported" if not claim.proof and all_hold(claim.search) and not claim.refutation else "open"
