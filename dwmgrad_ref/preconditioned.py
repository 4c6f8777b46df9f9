"""Whether a rule's potential is its own: preconditioned descent, held against the steps that the rule takes.

A potential (h, damp, shift) says that the mirrored iterate z_t = theta_t + shift_{t-1} moves by the preconditioned
gradient, and by what is left of its memory where the momentum or h changes:

    z_{t+1} - z_t + g_t / (damp_t h_t) = shift_{t-1} (q_t - 1)

q_t = 1 where nothing is remembered or nothing changes. A velocity that sums preconditioned gradients has
q_t = r_t / r_{t-1} with r = (1 - damp)/damp, a preconditioned mean of gradients q_t = h_{t-1} / h_t, and a mean with
a momentum that changes the product of both. The residual is always a multiple of what is remembered: an h that is
made up leaves one where nothing is. Random gradients of many sizes, from the start of a run, show it.
"""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from dwmgrad_ref.rules.base import Potential, Rule

D, STEPS = 4, 12
ROUNDING = 1e-7  # relative to the largest term; z moves by a difference that cancels up to nine digits
LOST = "so the potential, the a-posteriori certificate, the effective step and where h falls cannot be computed"


def flaw(rule: Rule, options: Any) -> str:
    """Why no number may be derived from the rule's h with these options; empty if its potential is its own.

    Args:
        options: validated options of the rule.
    """
    if rule.potential is None:
        return f"{rule.name} declares no potential, {LOST}"
    found = _flaw(rule, options)
    return f"what {rule.name} declares is not a potential of this rule ({found}), {LOST}" if found else ""


@cache
def without(rule: Rule) -> Rule:
    """The same rule with no potential."""
    return replace(rule, potential=None)


@cache
def _flaw(rule: Rule, options: Any) -> str:
    rng, nothing = np.random.default_rng(0), np.zeros(D)
    o = rule.encode(options, np.float64)  # floats that divide by zero without complaint, as the engine's do
    with np.errstate(all="ignore"):
        k, c = rule.begin(o, nothing)
        k = rule.Shared(*map(np.float64, k))
        before = _read(rule, o, k, c)
        if np.any(before.shift != 0):
            return "it carries something over before the first step"
        forms = [(a, b) for a in (0, 1) for b in (0, 1)]
        for t in range(1, STEPS + 1):
            g = rng.standard_normal(D) * 10 ** rng.uniform(-2, 2, D)
            # At theta = 0, where weight decay, which is no part of the gradient step, moves nothing.
            k, c, moved = rule.step(o, k, c, nothing, g, float(rng.uniform(-1, 2)))
            after = _read(rule, o, k, c)
            if not (np.all(np.isfinite([moved, *after])) and np.all(after.h > 0) and np.all(after.damp > 0)):
                return f"at step {t} of random gradients h = {after.h[0]:.6g}, damp = {after.damp[0]:.6g}"
            if not (kept := [form for form in forms if _holds(form, t, before, after, moved, g)]):
                move, wanted = moved + after.shift - before.shift, -g / (after.damp * after.h)
                i = int(np.argmax(np.abs(move - wanted) / np.abs(wanted)))
                return f"at step {t} of random gradients z moves by {move[i]:.6g}; -g/(damp h) is {wanted[i]:.6g}"
            forms, before = kept, after
    return ""


def _read(rule: Rule, o: Any, k: Any, c: Any) -> Potential:
    return Potential(*(np.broadcast_to(np.asarray(part, dtype=float), D) for part in rule.reading(o, k, c)))


def _holds(form: tuple[int, int], t: int, before: Potential, after: Potential, moved: np.ndarray, g: np.ndarray) -> Any:
    """Whether z moves as it says if what is remembered changes by (r_t/r_{t-1})^a (h_{t-1}/h_t)^b, form = (a, b)."""
    a, b = form
    memory = before.shift
    r_before, r = ((1 - seen.damp) / seen.damp for seen in (before, after))
    if t > 1 and np.any((r_before == 0) & (r != 0)):
        return True  # momentum that sets in: what it remembers was in no shift before
    q = np.where(r_before != 0, r / np.where(r_before != 0, r_before, 1), 1) ** a
    q = q * np.where(memory != 0, before.h / after.h, 1) ** b
    terms = np.array([moved, after.shift, -memory, g / (after.damp * after.h), -memory * (q - 1)])
    return np.all(np.abs(terms.sum(axis=0)) <= ROUNDING * np.abs(terms).max(axis=0))
