"""How far a computed curve is from one read off a published image, in units of the reading error."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dwmgrad_ref.errors import BadInput

ROSENBROCK_ERROR = 0.3  # half the line's width, in units of the loss
SLACK = 0.5  # the points give whole steps, so each may have been read up to half a step away


class Distance(NamedTuple):
    """Distances of the published points to a curve, divided by the reading error.

    rms, worst              vertical, at the step the point gives
    rms_slack, worst_slack  vertical, to the nearest value of the curve within half a step on either side
    points                  how many points were compared
    """

    rms: float
    worst: float
    rms_slack: float
    worst_slack: float
    points: int


def read(path: Path) -> pd.DataFrame:
    """Published curves as columns optimizer, step, loss.

    Raises:
        BadInput: the file is missing or has other columns.
    """
    if not path.is_file():
        raise BadInput(f"the published curves {path.name} are missing from {path.parent}; restore the file from git")
    frame = pd.read_csv(path)
    if list(frame.columns) != ["optimizer", "step", "loss"]:
        raise BadInput(f"{path.name} has columns {list(frame.columns)}; expected optimizer, step, loss")
    return frame


def distance(steps: np.ndarray, losses: np.ndarray, curve: np.ndarray, error: float) -> Distance:
    """Distance of published points to a computed curve.

    Args:
        steps, losses: the published points, (n,) each; steps are whole numbers.
        curve: computed losses after 0, 1, 2, ... steps; it must reach the last published step.
        error: reading error, in units of the loss.

    The curve is taken as linear between steps. A curve that is nan or infinite at a point is infinitely far.

    Raises:
        BadInput: a published step lies beyond the curve, or the error is not positive.
    """
    steps, losses, curve = np.asarray(steps, dtype=int), np.asarray(losses, float), np.asarray(curve, float)
    if not error > 0:
        raise BadInput(f"error={error!r} is not allowed; expected a positive reading error")
    if steps.min() < 0 or steps.max() >= curve.size:
        raise BadInput(f"points at steps {steps.min()}..{steps.max()}; the curve has steps 0..{curve.size - 1}")
    curve = np.where(np.isfinite(curve), curve, np.inf)
    exact = np.abs(curve[steps] - losses) / error
    within = np.stack([_between(curve, steps - SLACK), curve[steps], _between(curve, steps + SLACK)])
    with np.errstate(invalid="ignore"):
        outside = np.maximum(within.min(axis=0) - losses, losses - within.max(axis=0))
    slack = np.where(np.isinf(exact), np.inf, np.maximum(outside, 0.0) / error)
    return Distance(_rms(exact), float(exact.max()), _rms(slack), float(slack.max()), steps.size)


def _between(curve: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The curve at fractional steps, held constant beyond its ends."""
    at = np.clip(at, 0, curve.size - 1)
    left, right = np.floor(at).astype(int), np.ceil(at).astype(int)
    with np.errstate(invalid="ignore"):  # inf - inf beyond a point where the run diverged
        return np.where(left == right, curve[left], curve[left] + (at - left) * (curve[right] - curve[left]))


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))
