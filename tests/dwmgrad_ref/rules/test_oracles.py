"""The paper methods against 50-digit restatements, at every step, parameters and state."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from dwmgrad_ref import rules
from tests.dwmgrad_ref.rules import oracles

STEPS, D = 120, 3
INF = float("inf")
# 120 steps of a few rounding errors of 1e-16 each, amplified by at most 1/(1-mu) = 20: well under 1e-12 of the
# largest value seen, and anything but rounding is far above it.
TOLERANCE = 1e-12

CHOICES = ("loss", "increase", "decrease"), (True, False), ("tied", "constant"), ("constant", "sqrt")
NAMES = "signal", "reset", "momentum", "schedule"
DWMGRAD = [dict(zip(NAMES, chosen, strict=True)) for chosen in product(*CHOICES)] + [
    {"delta": INF, "momentum": "constant", "schedule": "sqrt"},
    {"delta": INF},
    {"delta": INF, "signal": "increase", "omega0": 0.0},
    {"delta": 1.0, "omega0": 1.0},
    {"delta": 3.5, "omega0": 0.5, "signal": "decrease"},
    {"eps": 0.0, "signal": "increase", "reset": False},
    {"epoch": 7.0, "signal": "increase"},
    {"epoch": 1.0, "signal": "increase"},
    {"epoch": 10.0, "signal": "decrease", "reset": False},
    {"guard": True},
    {"guard": True, "guard_threshold": 0.6, "signal": "increase", "epoch": 9.0, "schedule": "sqrt"},
    {"guard": True, "guard_threshold": INF},
]  # fmt: skip
EXPLICIT = [
    {},
    {"signal": "increase"},
    {"signal": "decrease", "delta": 4.0, "omega0": 2.0, "momentum": "constant"},
    {"delta": 1.0, "omega0": 0.0},
    {"delta": 40.0, "signal": "increase", "reset": False, "epoch": 11.0, "schedule": "sqrt"},
]
RELEASED = ["mnist", "cifar10", "rosenbrock", "torch"]
ADAMOMENTUM = [{}, {"schedule": "sqrt"}, {"beta1": 0.0, "alpha": 0.1}, {"beta1": 0.5, "beta2": 0.9, "eps": 1e-3}]
LCAM = [
    {},
    {"below": 0.9, "above": 0.95, "epoch": 8.0, "alpha": 0.01},
    {"epoch": 1.0},
    {"weight_decay": 5e-4, "epoch": 13.0},
]
CASES = (
    [("dwmgrad", oracles.dwmgrad, o) for o in DWMGRAD]
    + [("dwmgrad-explicit-window", lambda *a, **o: oracles.dwmgrad(*a, stored=True, **o), o) for o in EXPLICIT]
    + [(f"dwmgrad-released-{name}", oracles.dwmgrad, {}) for name in RELEASED]
    + [("dwmgrad-released-mnist", oracles.dwmgrad, {"epoch": 30.0})]
    + [("adamomentum", oracles.adamomentum, o) for o in ADAMOMENTUM]
    + [("lcam", oracles.lcam, o) for o in LCAM]
)


def stream(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """theta_1, gradients of sizes from 1e-3 to 1e3 with some zeros (never at step 1), losses of both signs."""
    rng = np.random.default_rng(seed)
    gradients = rng.standard_normal((STEPS, D)) * 10.0 ** rng.uniform(-3, 3, (STEPS, 1))
    gradients[5::9] = 0
    return rng.standard_normal(D), gradients, rng.uniform(-1, 2, STEPS)


def assert_close(name: str, t: int, got: Any, wanted: Any, scale: dict[str, float]) -> None:
    wanted = np.array(wanted, dtype=float)
    scale[name] = max(scale.get(name, 0.0), float(np.max(np.abs(wanted))))
    error = np.max(np.abs(np.asarray(got) - wanted))
    assert error <= TOLERANCE * scale[name], f"{name} after step {t}: off by {error} at scale {scale[name]}"


@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda i: f"{CASES[i][0]}-{CASES[i][2]}")
def test_agrees_with_fifty_digits(case: int) -> None:
    name, oracle, given = CASES[case]
    rule = rules.get(name)
    options = rule.options(**given)
    x, gradients, losses = stream(case)
    o = rule.encode(options)
    k, c = rule.begin(o, x)
    scale = {"theta": float(np.max(np.abs(x)))}
    expected = oracle(x.tolist(), gradients.tolist(), losses.tolist(), **options._asdict())
    for t, (g, loss, wanted) in enumerate(zip(gradients, losses, expected, strict=True), start=1):
        k, c, x = rule.step(o, k, c, x, g, loss)
        got = {**k._asdict(), **c._asdict(), "theta": x}
        for field, value in wanted.items():
            assert_close(field, t, got[field], value, scale)


def test_the_window_moves_both_ways_in_the_streams_used() -> None:
    """Otherwise the comparison above would not see a wrong narrowing, or a guard that never fires."""
    rule = rules.get("dwmgrad")
    x, gradients, losses = stream(0)
    o = rule.encode(rule.options(signal="increase", guard=True))
    k, c = rule.begin(o, x)
    windows, scales = [], []
    for g, loss in zip(gradients, losses, strict=True):
        k, c, x = rule.step(o, k, c, x, g, loss)
        windows.append(k.omega)
        scales.append(k.scale)
    assert {-1, 1} <= set(np.diff(windows)) and scales[-1] < scales[0]
