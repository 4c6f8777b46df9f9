"""The exponent in t = c0 + c1 x^p from measured times, with an interval that outliers do not move.

Times have an additive overhead c0 >= 0, relative noise, and now and then a disturbance that is many times the
noise. So: the median of the repeats at each x, residuals on the logarithm, Huber weights from a scale that is a
median too, and the interval by profiling: all p whose weighted sum of squares, minimized over c0 and c1, stays
under the F quantile's multiple of the least one. A profile, unlike a standard error, follows the bend that c0 puts
into the model, and needs no care where c0 is zero.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, stats

from dwmgrad_ref.errors import BadInput

HUBER = 1.345  # 95 % efficiency under normal noise
EXPONENTS = (0.05, 4.0)  # searched for times


@dataclass(frozen=True)
class PowerLaw:
    """t = c0 + c1 x^p in the units of t; low and high bound p with the given level.

    spread   robust relative scatter of the points about the curve
    points   how many x were fitted
    """

    p: float
    low: float
    high: float
    c0: float
    c1: float
    spread: float
    points: int

    def at(self, x: Any) -> Any:
        return self.c0 + self.c1 * np.asarray(x, dtype=float) ** self.p

    def within(self, exponent: float, tolerance: float) -> bool:
        """Whether the whole interval lies within `tolerance` of an exponent."""
        return abs(self.low - exponent) <= tolerance and abs(self.high - exponent) <= tolerance


def fit(
    x: Any, t: Any, *, overhead: float | None = None, level: float = 0.95, search: tuple[float, float] = EXPONENTS
) -> PowerLaw:
    """Fit t = c0 + c1 x^p.

    Args:
        x: (m,) positive, distinct.
        t: (m,) positive times, or m sequences of repeats; of these the median counts.
        overhead: c0 if it is known from elsewhere, in the units of t; None fits it.
        level: of the interval for p.
        search: the exponents among which p is looked for; one that is not positive needs a known overhead.

    Raises:
        BadInput: fewer points than parameters plus one, or values that are not positive and finite.
    """
    x = np.asarray(x, dtype=float)
    t = np.array([np.median(np.asarray(repeats, dtype=float)) for repeats in t])
    free = 3 if overhead is None else 2
    t = t - (overhead or 0.0)
    if x.size != t.size or x.size <= free:
        raise BadInput(f"{x.size} points are too few for an exponent; expected at least {free + 1} of x and of t")
    if not (np.all(x > 0) and np.all(t > 0) and np.all(np.isfinite(x)) and np.all(np.isfinite(t))):
        raise BadInput("a point is not positive and finite (or lies below the overhead); leave it out")
    line = _Line(np.log(x) - np.log(x).mean(), np.log(t), overhead is None, search)
    p, weights = line.robust(free)
    rho, log_c1 = line.inner(p, weights)
    least, freedom = line.squares(p, weights), max(float(weights.sum()) - free, 1.0)
    limit = max(least, 1e-28) * (1 + float(stats.f.ppf(level, 1, freedom)) / freedom)
    low, high = (_edge(lambda q: line.squares(q, weights) - limit, p, end) for end in search)
    c1 = float(np.exp(log_c1 - p * np.log(x).mean()))
    c0 = float(np.exp(log_c1) * rho) if overhead is None else overhead
    return PowerLaw(p, low, high, c0, c1, _scale(line.residuals(p, weights), free), x.size)


@dataclass(frozen=True)
class _Line:
    """log t against log x for t = C (rho + x^p), rho >= 0: given p and rho, log C is a weighted mean."""

    u: np.ndarray  # log x, centred
    y: np.ndarray  # log t
    with_overhead: bool
    search: tuple[float, float]

    def inner(self, p: float, weights: np.ndarray) -> tuple[float, float]:
        """The best (rho, log C): a grid over rho, refined twice."""
        z = np.exp(p * self.u)
        if not self.with_overhead:
            return 0.0, float(np.average(self.y - np.log(z), weights=weights))
        low, high = np.log(z.min()) - 7.0, np.log(z.max()) + 3.0
        best = 0.0
        for _ in range(3):
            rhos = np.concatenate(([0.0], np.exp(np.linspace(low, high, 24))))
            gaps = self.y - np.log(rhos[:, None] + z)
            gaps -= (gaps @ weights / weights.sum())[:, None]
            best = float(rhos[np.argmin((gaps * gaps) @ weights)])
            if best == 0.0:
                break
            width = (high - low) / 23
            low, high = np.log(best) - width, np.log(best) + width
        return best, float(np.average(self.y - np.log(best + z), weights=weights))

    def residuals(self, p: float, weights: np.ndarray) -> np.ndarray:
        rho, log_c = self.inner(p, weights)
        return self.y - log_c - np.log(rho + np.exp(p * self.u))

    def squares(self, p: float, weights: np.ndarray) -> float:
        return float(weights @ self.residuals(p, weights) ** 2)

    def robust(self, free: int) -> tuple[float, np.ndarray]:
        """The exponent and Huber's weights, each found from the other until neither moves."""
        weights = np.ones(self.u.size)
        p = float(min(np.linspace(*self.search, 40), key=lambda p: self.squares(p, weights)))
        for _ in range(10):
            p = self._near(p, weights)
            residuals = self.residuals(p, weights)
            limit = max(HUBER * _scale(residuals, free), 1e-12)  # an exact fit leaves rounding, whose scale may be 0
            before, weights = weights, np.minimum(1.0, limit / np.maximum(np.abs(residuals), limit))
            if np.abs(weights - before).max() < 0.01:
                break
        return self._near(p, weights), weights

    def _near(self, p: float, weights: np.ndarray) -> float:
        """The exponent of least weighted squares within 0.2 of p."""
        ends = (max(p - 0.2, self.search[0]), min(p + 0.2, self.search[1]))
        found: Any = optimize.minimize_scalar(
            lambda q: self.squares(q, weights), bounds=ends, method="bounded", options={"xatol": 1e-5}
        )
        return float(found.x)


def _scale(residuals: np.ndarray, free: int) -> float:
    """Median absolute deviation as a standard deviation, enlarged for the parameters fitted."""
    return float(1.4826 * np.median(np.abs(residuals)) * np.sqrt(residuals.size / (residuals.size - free)))


def _edge(excess: Callable[[float], float], inside: float, end: float) -> float:
    """Where the profile leaves the allowed region, going from the optimum towards the end of the search."""
    step = np.sign(end - inside) * 1e-4
    there = inside
    while excess(there) <= 0:
        inside, there = there, there + step
        step *= 2
        if (there - end) * np.sign(step) >= 0:
            if excess(end) <= 0:
                return end
            there = end
            break
    crossing: Any = optimize.brentq(excess, inside, there, xtol=1e-6)
    return float(crossing)
