"""Whether a published curve is that of a method run here, and of no other method in the same figure.

The noise model. The published curve is one run of unknown seed, read off an image. In block j of the epochs (the
points are cut into `BLOCKS` blocks of equal size) its mean is z_j = m_j + u_j + b_j. Here m_j is the mean over all
seeds, u is normal with the covariance that the claimed method's seeds have, and |b_j| <= 1 is the reading error, which
may have one sign throughout because the calibration of the axes is common to all points. Everything is in units of
the reading error. Our n seeds give the mean c_j and the standard deviation s_j, so that (z_j - b_j - c_j) divided by
s_j sqrt(1 + 1/n) is Student's t with n - 1 degrees of freedom, whatever the covariance along the epochs is.

Three questions, each at the level of 5 %:

rejected     is z further from c than reading error and one seed's noise explain? Bonferroni over the blocks.
equivalent   is the curve behind z within `MARGIN` of c in every block? The one-sided tests of an equivalence; a union
             of intersections needs no correction. More noise makes this harder, never easier.
reproduced   equivalent to the claimed method, and every rival of the figure is rejected.

A covariance estimated from five seeds is not used for a verdict, only to draw curves for the error rates: a
Mahalanobis distance with Ledoit and Wolf's shrunk estimate, taken as chi-squared, rejects a method's own run in about
half of all cases (a test measures it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from analysis.stats.statistics import FEWEST
from dwmgrad_ref.errors import BadInput

LEVEL = 0.05
BLOCKS = 4
MARGIN = 5.0  # reading errors, that is two and a half widths of the published line
FAR = 4 * MARGIN  # with fewer seeds than FEWEST only this much is told apart
DRAWS = 10_000  # fixes a rate of 5 % to +-0.4 % at two standard errors
SEARCH = 2000  # draws for each count of seeds that is tried
SKEWED_RATE = 0.13  # bounds either error for log-normal noise of skewness 1.75, by simulation
WANTED = 0.8  # the power that a recommended number of seeds has
COUNTS = (5, 10, 20, 50, 100)

CurveVerdict = Literal["reproduced", "compatible", "not reproduced", "inconclusive"]


@dataclass(frozen=True)
class Judged:
    """A verdict and what it rests on; lengths are in reading errors.

    wider        the verdict at twice the margin, which tells how much hangs on it
    off          largest distance of a block's mean from ours
    noise        largest standard deviation over seeds of a block's mean; nan below FEWEST seeds
    kept         rivals that are not rejected
    power        probability of "reproduced" if the published run is one of the claimed method
    false_rival  the largest probability of "reproduced" if it is a run of one of the rivals
    false_shift  the largest probability of "reproduced" if its mean is MARGIN away in one block
    needed       the smallest of COUNTS at which the power reaches WANTED; nan if none does
    """

    verdict: CurveVerdict
    wider: CurveVerdict
    off: float
    noise: float
    kept: tuple[str, ...]
    power: float
    false_rival: float
    false_shift: float
    needed: float


def blocks(values: np.ndarray, count: int = BLOCKS) -> np.ndarray:
    """Means over `count` blocks of equal size along the last axis, (..., p) -> (..., min(count, p))."""
    values = np.asarray(values, float)
    parts = np.array_split(values, min(count, values.shape[-1]), axis=-1)
    return np.stack([part.mean(axis=-1) for part in parts], axis=-1)


def rejected(published: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Whether the published block means cannot be one run of the method.

    Args:
        published: (..., q), in reading errors.
        seeds: (..., n, q), our runs.

    Returns:
        (...) of booleans. The size is at most LEVEL for n >= FEWEST. A run that diverged rejects the method.
    """
    off, spread, n = _off_and_spread(published, seeds)
    off = off - 1.0  # the reading error
    if n < FEWEST:
        return np.asarray((off > FAR).any(axis=-1))
    quantile = stats.t.ppf(1 - LEVEL / (2 * off.shape[-1]), n - 1)
    return np.asarray((off > quantile * spread).any(axis=-1))


def equivalent(published: np.ndarray, seeds: np.ndarray, margin: float = MARGIN) -> np.ndarray:
    """Whether the curve behind the published run is shown to be within `margin` of ours; shapes as `rejected`."""
    off, spread, n = _off_and_spread(published, seeds)
    if n < FEWEST:
        return np.zeros(off.shape[:-1], dtype=bool)
    return np.asarray((off + 1.0 + stats.t.ppf(1 - LEVEL, n - 1) * spread <= margin).all(axis=-1))


def _off_and_spread(published: np.ndarray, seeds: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Distance from our mean and the standard error of one more run; a diverged run is infinitely far."""
    n = seeds.shape[-2]
    spread = seeds.std(axis=-2, ddof=1) * np.sqrt(1 + 1 / n) if n > 1 else np.zeros(seeds.shape[:-2] + seeds.shape[-1:])
    off = np.abs(published - seeds.mean(axis=-2))
    return np.where(np.isfinite(off), off, np.inf), np.nan_to_num(spread), n


def reproduced(published: np.ndarray, claimed: np.ndarray, rivals: Sequence[np.ndarray]) -> np.ndarray:
    """Equivalent to the claimed method, and every rival rejected; shapes as in `rejected`."""
    found = equivalent(published, claimed)
    for rival in rivals:
        found = found & rejected(published, rival)
    return found


def judge(
    published: np.ndarray, claimed: np.ndarray, rivals: Mapping[str, np.ndarray], draws: int = DRAWS, seed: int = 0
) -> Judged:
    """The verdict on one published curve.

    Args:
        published: (p,), the points in units of the reading error.
        claimed: (n, p), our runs of the method that the curve is said to be.
        rivals: by name, (m, p), our runs of the other methods of the same figure; a run that diverged is left out.
        draws, seed: of the simulation behind power and error rates.

    Raises:
        BadInput: the point counts differ.
    """
    if any(runs.ndim != 2 or runs.shape[1] != len(published) for runs in (claimed, *rivals.values())):
        raise BadInput(f"the published curve has {len(published)} points; every run needs as many, one row a seed")
    z, ours = blocks(published), blocks(claimed)
    finite = {name: runs[np.isfinite(runs).all(axis=1)] for name, runs in rivals.items()}
    others = {name: blocks(runs) for name, runs in finite.items() if len(runs)}
    kept = tuple(name for name, runs in others.items() if not rejected(z, runs))
    off, n = float(np.max(_off_and_spread(z, ours)[0])), len(ours)
    if n < FEWEST or not np.isfinite(ours).all():
        out = bool(rejected(z, ours))
        alone: CurveVerdict = "not reproduced" if out else "inconclusive"
        return Judged(alone, alone, off, np.nan, kept, np.nan, np.nan, np.nan, np.nan if out else float(FEWEST))
    noise, others_ = float(ours.std(axis=0, ddof=1).max()), list(others.values())
    verdict, wider = _decided(z, ours, kept, MARGIN), _decided(z, ours, kept, 2 * MARGIN)
    rates, needed = error_rates(ours, others_, n, draws, seed), np.nan
    if verdict in ("compatible", "inconclusive"):
        needed = next((c for c in COUNTS if _rate(ours, ours, others_, c, SEARCH, seed) >= WANTED), np.nan)
    return Judged(verdict, wider, off, noise, kept, *rates, float(needed))


def _decided(z: np.ndarray, ours: np.ndarray, kept: Sequence[str], margin: float) -> CurveVerdict:
    """Within the margin a difference that is significant does not matter, unless a rival is there that fits better."""
    if not kept and equivalent(z, ours, margin):
        return "reproduced"
    if rejected(z, ours):
        return "not reproduced"
    return "compatible" if kept else "inconclusive"


def error_rates(
    ours: np.ndarray, others: Sequence[np.ndarray], n: int, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float, float]:
    """Power, and the probabilities of a false "reproduced", with n seeds of every method.

    Block means are drawn as normal, with the means and shrunk covariances of the runs given: ours (k, q), each of
    others (k_i, q). The published run is drawn from ours (power), from a rival, whose largest rate is the second
    number, and from ours moved by MARGIN in one block, with no rival, whose largest rate is the third. The reading
    error is +-1 in all blocks alike; in the third case it points back to ours, its worst sign.
    """
    rivals = [runs for runs in others if len(runs) >= FEWEST]
    by_rival = [_rate(runs, ours, others, n, draws, seed) for runs in rivals]
    moves = (MARGIN - 1) * np.eye(ours.shape[1])
    by_shift = [_rate(ours, ours, [], n, draws, seed, move) for move in moves]
    return _rate(ours, ours, others, n, draws, seed), max(by_rival, default=np.nan), max(by_shift)


def _rate(
    truth: np.ndarray, ours: np.ndarray, others: Sequence[np.ndarray], n: int, draws: int, seed: int,
    move: np.ndarray | None = None,
) -> float:  # fmt: skip
    """The share of simulated papers and replications, (draws,), that end in "reproduced"."""
    rng = np.random.default_rng(seed)
    sign = rng.choice([-1.0, 1.0], size=(draws, 1)) if move is None else move
    published = _normal(rng, truth, (draws,)) + sign
    claimed = _normal(rng, ours, (draws, n))
    rivals = [_normal(rng, runs, (draws, n)) if len(runs) >= FEWEST else runs for runs in others]
    return float(reproduced(published, claimed, rivals).mean())


def _normal(rng: np.random.Generator, runs: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Runs drawn with the mean and standard deviations of `runs` (k, q), their correlation shrunk: (*size, q).

    The shrinkage is Ledoit and Wolf's, of the standardized blocks, so that it leaves the standard deviations alone.
    """
    from sklearn.covariance import LedoitWolf  # late: it takes a second

    mean, sd = runs.mean(axis=0), runs.std(axis=0, ddof=1)
    standard = (runs - mean) / np.where(sd > 0, sd, 1.0)
    covariance = LedoitWolf(assume_centered=True).fit(standard).covariance_
    scale = np.sqrt(np.where(sd > 0, np.diag(covariance), 1.0))
    covariance = covariance / np.outer(scale, scale) * np.outer(sd, sd)
    return rng.multivariate_normal(mean, covariance, size=size, method="eigh")
