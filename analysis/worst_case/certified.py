"""Certified worst cases for T <= 4, beside what the adversary finds: together they enclose the truth.

python -m analysis.worst_case.certified
"""

from rich.console import Console

from analysis.worst_case.adversary import expanding
from proofs.checkers.by_search import worst_sequence
from proofs.models.worst_case import certified_ratio

STEPS = (1, 2, 3, 4)


def main() -> None:
    console = Console()
    for T in STEPS:
        found = worst_sequence("dwmgrad", T, **expanding(0.0))
        proof = certified_ratio(T, tolerance=0.01, guess=(found.g, found.start))
        gap = proof.high / proof.low - 1
        console.print(
            f"T = {T}: found {found.ratio:.5f}, certified in [{proof.low:.5f}, {proof.high:.5f}] "
            f"({gap:.1%} apart, {proof.boxes:,} boxes{'' if proof.done else ', budget spent'})"
        )


if __name__ == "__main__":
    main()
