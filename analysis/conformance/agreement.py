"""Two plays of one method side by side: agreement up to rounding, or the first step and quantity that differ."""

from typing import NamedTuple

import numpy as np

from analysis.conformance.ours import Play

# Two orders of the same operations differ by rounding. It stays below ROUNDING ulps of the iterate a step, and below
# RELATIVE of the way gone so far. A formula that differs leaves that on some sequence: eps = 1e-8 moves a step by 1e-8.
RELATIVE, ROUNDING = 1e-10, 4.0


class Agreement(NamedTuple):
    """What comparing two plays gave.

    step       the first step after which something differs; 0 if nothing does
    quantity   what differs there: "the iterate" or a number kept by the implementation, with our name for it
    ours, theirs   the two values of the worst coordinate there
    relative   the largest difference of the iterates over the way gone so far; inf where only one is finite
    ulps       the largest difference of the iterates in units in the last place of the iterate
    """

    step: int
    quantity: str
    ours: float
    theirs: float
    relative: float
    ulps: float

    @property
    def agrees(self) -> bool:
        return self.step == 0


def compare(ours: Play, theirs: Play) -> Agreement:
    """The iterates decide whether two plays agree; where they do not, the numbers kept may differ first."""
    relative, ulps, broken = _differences(ours.x, theirs.x)
    if not broken.any():
        return Agreement(0, "", np.nan, np.nan, float(relative.max(initial=0.0)), float(ulps.max(initial=0.0)))
    step = int(np.argmax(broken.any(axis=1)))
    place = int(np.argmax(np.where(broken[step], relative[step], -1.0)))
    found = (step, "the iterate", float(ours.x[step, place]), float(theirs.x[step, place]))
    earlier = _first_state(ours, theirs, step)
    return Agreement(*(earlier or found), float(relative.max()), float(ulps.max()))


def agreed_steps(ours: np.ndarray, theirs: np.ndarray) -> int:
    """The number of steps after which the iterates (T+1, d) of both sides still agree."""
    broken = np.atleast_1d(_differences(ours, theirs)[2].any(axis=1))
    return int(np.argmax(broken)) - 1 if broken.any() else len(broken) - 1


def _differences(ours: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For iterates (T+1, d) each: difference over the way gone, difference in ulps, and whether it is a divergence."""
    n = min(len(ours), len(theirs))
    a, b = ours[:n], theirs[:n]
    with np.errstate(all="ignore"):
        way = np.maximum.accumulate(np.maximum(np.abs(a - a[0]), np.abs(b - a[0])), axis=0)
        gap = np.where(np.isnan(a) & np.isnan(b) | (a == b), 0.0, np.abs(a - b))
        size = np.maximum.accumulate(np.maximum(np.abs(a), np.abs(b)), axis=0)
        ulp = np.spacing(np.where(np.isfinite(size), size, 1.0))
        gap = np.where(np.isnan(gap), np.inf, gap)
        floor = ROUNDING * ulp * np.arange(1, n + 1)[:, None]
        relative = np.where(gap == 0, 0.0, gap / np.where(way > 0, way, ulp))
        return np.where(gap <= floor, 0.0, relative), gap / ulp, gap > RELATIVE * np.nan_to_num(way, posinf=1.0) + floor


def _first_state(ours: Play, theirs: Play, last: int) -> tuple[int, str, float, float] | None:
    """The number kept by both whose first difference is earliest and not after step `last`.

    The implementation's numbers have names of their own. Each of ours belongs to the one that equals it for the
    longest time, if that time is at least one step on which it is not zero.
    """
    best: tuple[int, str, float, float] | None = None
    for mine, a in ours.state.items():
        matches = []
        for name, b in theirs.state.items():
            n = min(len(a), len(b), last)
            with np.errstate(all="ignore"):
                bad = ~np.isclose(a[:n], b[:n], rtol=1e-9, atol=1e-12 * np.abs(a[:n]).max(initial=0.0), equal_nan=True)
            same = int(np.argmax(bad.any(axis=1))) if bad.any() else n
            if same and np.any(a[:same] != 0):
                matches.append((same, name, bad))
        if not matches:
            continue
        same, name, bad = max(matches, key=lambda match: match[0])
        if bad.any() and (best is None or same + 1 < best[0]):
            place = int(np.argmax(bad[same]))
            best = same + 1, f"{name} ({mine})", float(a[same, place]), float(theirs.state[name][same, place])
    return best
