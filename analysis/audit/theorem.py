"""A regret bound found by machine: its constants, its hypotheses, its value on numbers, and its words."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from analysis.audit.growth import Lower, Upper

CLAIMS = ("C-means", "C-potential")  # of the ledger: with momentum, and without


@dataclass(frozen=True)
class Theorem:
    """R_T <= sum over coordinates of [D² (K U_T + E W_T) + (1 + beta) (alpha²/kappa) sums_T] / (2 (1 - beta) alpha).

    It is the ledger's C-potential (C-means with a mean of the gradients, of rate beta) with h_T and the sum of d_t²/h_t
    replaced by what the growth lemmas say. It holds for every step size alpha > 0, every number of steps T >= 1 and
    every sequence of losses that satisfies `hypotheses`.

    K, E, kappa    constants of the growth lemmas
    beta           rate of the mean that the step follows; 0 for the gradient itself
    """

    lower: Lower
    upper: Upper
    kappa: Fraction
    K: Fraction
    E: Fraction
    beta: Fraction
    hypotheses: tuple[str, ...]

    @property
    def claim(self) -> str:
        """The claim of the ledger that the lemmas are put into."""
        return CLAIMS[0] if self.beta else CLAIMS[1]

    @property
    def no_regret(self) -> bool:
        """Whether the bound is of the order sqrt(T), so that the average regret tends to 0."""
        return self.lower.root and self.upper.root

    def bound(self, alpha: float, D: Any, G: Any, S: Any, T: float) -> float:
        """The bound on numbers, in units of the losses.

        Args:
            alpha: step size, before any schedule.
            D: (d,) width of the box in each coordinate.
            G: (d,) bound of |g_t| in each coordinate.
            S: (d,) sqrt(sum of g_t² over t <= T).
            T: number of steps.
        """
        D, G, S = (np.asarray(a, dtype=float) for a in (D, G, S))
        U, W = self.upper.last(G, S, T)
        kept = 1 - float(self.beta)
        distance = D**2 * (float(self.K) * U + float(self.E) * W) / (2 * alpha * kept)
        steps = (1 + float(self.beta)) / (2 * kept) * alpha / float(self.kappa) * self.lower.sums(G, S, T)
        return float(np.sum(distance + steps))

    def __str__(self) -> str:
        """The bound as mathematics; where a constant has too many digits, it is rounded so that the bound is larger."""
        heights = [_times(c, w) for c, w in zip((self.K, self.E), self.upper.last_words, strict=True) if c]
        factor, sums = self.lower.sums_words
        kept = _decimal(2 * (1 - self.beta), up=False)
        gained = factor * (1 + self.beta) / (2 * (1 - self.beta)) / self.kappa
        height = heights[0] if len(heights) == 1 else f"({' + '.join(heights)})"
        distance = [f"D_i²/({kept} alpha) {height}"] if heights else []
        return f"R_T <= sum over i of [{' + '.join([*distance, _times(gained, f'alpha {sums}')])}]"

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "bound": str(self),
            "hypotheses": list(self.hypotheses),
            "lower": f"alpha h_t >= {_decimal(self.kappa, up=False)} {self.lower.words}",
            "upper": f"alpha h_t <= {_decimal(self.K)} {self.upper.words[0]} + {_decimal(self.E)} "
            f"{self.upper.words[1]}",
            "kappa": str(self.kappa),
            "K": str(self.K),
            "E": str(self.E),
            "beta": str(self.beta),
            "claim": self.claim,
            "no_regret": self.no_regret,
        }


def _times(c: Fraction, words: str) -> str:
    return f"{_decimal(c)} {words}".removeprefix("1 ")


def _decimal(x: Fraction, up: bool = True, digits: int = 4) -> str:
    """A number >= 0 as a decimal, exact if it has few digits; else the next one of so many digits above or below it."""
    if x == 0:
        return "0"
    with localcontext(prec=digits, rounding=ROUND_CEILING if up else ROUND_FLOOR):
        return f"{float(Decimal(x.numerator) / Decimal(x.denominator)):g}"
