"""Rows of the reproduction table: what was published, what came out here, and a verdict whose words are defined.

A figure's `reproduction()` gives its rows; `paper_figures.lib.reproduction` gathers them into REPRODUCTION.md.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["reproduced", "compatible", "not reproduced", "inconclusive", "not run", "the same by theorem"]

MEANING: dict[Verdict, str] = {
    "reproduced": "A published curve or number: our runs of the claimed method are shown to be within the margin of "
    "it, and every rival of the same figure is rejected. An order: every pair is ordered as published, each at 5 %.",
    "compatible": "Our runs of the claimed method are not rejected, and neither are those of a rival that is named: "
    "no evidence for the claimed method against that rival.",
    "not reproduced": "The claimed method is rejected at 5 %; or some pair is ordered the other way at 5 %; or a "
    "printed setting is not the one in the authors' own logs.",
    "inconclusive": "Neither. The row says how many seeds would decide with a probability of 80 %, or that none would.",
    "not run": "Nothing was run, and the row says why.",
    "the same by theorem": "The two sides are one method by a proved claim, so a comparison would measure seeds only.",
}


@dataclass(frozen=True)
class Row:
    """One claim.

    id          short name, unique, such as "mnist-loss"
    claim       what was published, in words, and where
    published   the published number or shape
    reproduced  what came out, with its interval; empty if not run
    verdict     one of MEANING, and `how`, which every verdict but "reproduced" and "not reproduced" must have
    budget      epochs and seeds behind the result, and whether the epochs are the published ones
    settings    where each hyperparameter comes from: published, script, log, read back, or guess
    who         who made the runs: "our runs" or "the authors' logs"
    """

    id: str
    claim: str
    published: str
    reproduced: str
    verdict: Verdict
    how: str = ""
    budget: str = ""
    settings: str = ""
    who: Literal["our runs", "the authors' logs"] = "our runs"

    def __post_init__(self) -> None:
        if self.verdict not in MEANING:
            raise ValueError(f"{self.id}: the verdict {self.verdict!r} is none of {', '.join(MEANING)}")
        if self.verdict not in ("reproduced", "not reproduced") and not self.how:
            raise ValueError(f"{self.id}: the verdict {self.verdict!r} must say how or why")
        if (self.verdict == "not run") != (not self.reproduced):
            raise ValueError(f"{self.id}: a claim that was run has a result, and one that was not has none")
        if self.verdict != "not run" and not (self.budget and self.settings):
            raise ValueError(f"{self.id}: a row with a result names its budget and where its settings come from")

    @property
    def told(self) -> str:
        return f"{self.verdict}: {self.how}" if self.how else self.verdict

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
