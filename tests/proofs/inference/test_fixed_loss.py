"""The rules about one convex loss: true of a run on a real one, and refused where they do not apply."""

import numpy as np
import pytest

from proofs.inference.derivation import WrongShape
from proofs.inference.fixed_loss import above_minimum, f_u, regret_of_one, subgradient
from proofs.statements.statement import integers, reals
from proofs.statements.vocabulary import R, T, d, f, g, i, s, t, theta

POINTS = np.array([[1.5, -2.0], [-0.5, 0.25], [3.0, 1.0]])  # theta_1..theta_3; f = |x| + y², f(u) = 0 at the origin
LOSS = np.abs(POINTS[:, 0]) + POINTS[:, 1] ** 2
SLOPE = np.column_stack([np.sign(POINTS[:, 0]), 2 * POINTS[:, 1]])


def on_numbers(fact, **steps):
    e = fact.then.subs({d: 2, **{{"t": t, "T": T}[k]: v for k, v in steps.items()}}).doit()
    values = {f_u: 0, R(3): LOSS.sum()}
    for a in range(3):
        values[f(a + 1)] = LOSS[a]
        values |= {theta(a + 1, b + 1): POINTS[a, b] for b in range(2)}
        values |= {g(a + 1, b + 1): SLOPE[a, b] for b in range(2)}
    return e.subs(values)


def test_the_rules_are_true_of_a_run():
    for a in (1, 2, 3):
        assert on_numbers(above_minimum(t), t=a) == True  # noqa: E712  SymPy's own truth
        for b in (1, 2, 3):
            assert on_numbers(subgradient(t, b), t=a) == True  # noqa: E712
    left, right = on_numbers(regret_of_one(), T=3).args or (0, 0)
    total = regret_of_one().then
    assert on_numbers(regret_of_one(), T=3) == True, total  # noqa: E712


def test_they_ask_for_whole_steps_from_the_first_on():
    assert {t >= 1, s >= 1} <= set(subgradient(t, s).given)
    for wrong in (reals("x"), i, t / integers("n")):
        with pytest.raises(WrongShape):
            subgradient(wrong, t)
    with pytest.raises(WrongShape):
        above_minimum(reals("x"))
