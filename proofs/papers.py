"""The papers' own statements, each with what was found and the claims that carry it: what a reviewer asks first."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PaperStatement:
    """A statement of a paper.

    said     the statement, in the paper's words or close to them
    found    one sentence: what holds and what does not
    claims   the claims that carry `found`, with the verdict each must have for `verdict` to stand
    verdict  refuted, holds, holds with conditions, not decided
    """

    key: str
    place: str
    said: str
    verdict: str
    found: str
    claims: dict[str, str]


def judged(row: PaperStatement, committed: dict[str, Any]) -> str:
    """The row's verdict, or which claim it can no longer rest on."""
    off = [name for name, wanted in row.claims.items() if committed.get(name, {}).get("verdict") != wanted]
    return row.verdict if not off else f"not decided ({', '.join(off)})"


PAPERS: tuple[PaperStatement, ...] = ()
