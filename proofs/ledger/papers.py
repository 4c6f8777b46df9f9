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


PAPERS: tuple[PaperStatement, ...] = (
    PaperStatement(
        "dwmgrad",
        "convergence under convexity, by a potential function",
        "DWMGrad converges on convex losses",
        "refuted as stated",
        "For every finite cap of the window there are convex losses on which the average regret does not vanish, with "
        "any momentum and at the paper's own defaults. A window that stays at least t has regret O(sqrt T).",
        {"R6": "proved", "R6-region": "proved", "R6-run": "proved", "R3-any": "proved", "R3-rate": "proved"},
    ),
    PaperStatement(
        "dwmgrad",
        "Algorithm 1, the window",
        "The window follows the progress of training: it widens when the loss is favourable",
        "refuted as stated",
        "With the signal of Algorithm 1 every positive loss widens the window, so it only counts steps up to its cap. "
        "With the signals of the released scripts it answers to the sign of a difference of two losses, which under "
        "exchangeable noise is up or down with equal probability.",
        {"W2": "proved", "W2-condition": "proved", "W9": "proved"},
    ),
    PaperStatement(
        "dwmgrad",
        "analysis of the computational cost",
        "A run of n steps on d coordinates costs O(n d), as with standard optimizers",
        "holds",
        "The operations of n steps are n (d c + s) with constants that do not depend on the window, and the "
        "recursion keeps two numbers a coordinate whatever the cap.",
        {"S-cost": "proved", "S-memory": "proved"},
    ),
    PaperStatement(
        "dwmgrad",
        "abstract",
        "faster convergence rates and higher accuracies under a multitude of scenarios",
        "a claim about measurements",
        "No proof can settle it; REPRODUCTION.md has the published numbers beside ours.",
        {},
    ),
    PaperStatement(
        "adamomentum",
        "convex regret theorem (supplement of the ICDM 2023 version, Theorem 4)",
        "The regret bound follows from the printed proof",
        "the printed proof fails",
        "Two of its steps are false for runs of AdaMomentum itself. Without the assumption that the second moment does "
        "not decrease, the average regret need not vanish, whatever schedule of beta_{1,t} tends to 0.",
        {"R8a": "refuted", "R8b": "refuted", "R8e": "proved"},
    ),
    PaperStatement(
        "adamomentum",
        "convex regret theorem (supplement of the ICDM 2023 version, Theorem 4)",
        "The regret is O(sqrt(T log T)) if the second moment over the squared step size does not decrease",
        "holds with a repaired proof",
        "Another bound of the sum proves every printed term, without the printed condition on beta1 and beta2.",
        {"R8d": "proved", "R8": "proved"},
    ),
)
