"""The reproduction table: what was published, what came out here, and a plain verdict.

A figure's `reproduction()` gives its rows; `paper_figures.lib.reproduction` gathers them into REPRODUCTION.md.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["reproduced", "not reproduced", "partly", "not run"]


@dataclass(frozen=True)
class Row:
    """One claim.

    id          short name, unique, such as "mnist-loss"
    claim       what was published, in words, and where
    published   the published number or shape
    reproduced  what came out here, with its interval, seeds and profile; empty if not run
    verdict     and `how`, which "partly" and "not run" must have
    """

    id: str
    claim: str
    published: str
    reproduced: str
    verdict: Verdict
    how: str = ""

    def __post_init__(self) -> None:
        if self.verdict in ("partly", "not run") and not self.how:
            raise ValueError(f"{self.id}: the verdict {self.verdict!r} must say how or why")
        if (self.verdict == "not run") != (not self.reproduced):
            raise ValueError(f"{self.id}: a claim that was run has a result, and one that was not has none")

    @property
    def told(self) -> str:
        return f"{self.verdict}: {self.how}" if self.how else self.verdict

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
