"""The atlas' rules against independent restatements of their papers, and against torch.optim where it has them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from dwmgrad_ref import rules
from tests.dwmgrad_ref.rules import atlas_oracles as oracles

STEPS, D = 30, 5
# Both sides round and order their operations differently: 30 steps of a few units in the last place each, in units of
# the largest value of theta seen so far.
ULPS = 64
TOLERANCE = ULPS * float(np.finfo(float).eps)

# rule, its options, the oracle and its parameters
PAPERS: list[tuple[str, dict[str, Any], Callable[..., Iterator[Any]], dict[str, Any]]] = [
    ("signsgd", {}, oracles.signsgd, {"lr": 1e-4}),
    ("signsgd", {"alpha": 0.1, "schedule": "sqrt"}, oracles.signsgd, {"lr": 0.1, "root": True}),
    ("signum", {}, oracles.signum, {"lr": 1e-4, "beta": 0.9}),
    ("signum", {"weight_decay": 0.1, "alpha": 0.1, "beta1": 0.5}, oracles.signum,
     {"lr": 0.1, "beta": 0.5, "decay": 0.1}),
    ("tiger", {}, oracles.signum, {"lr": 1e-3, "beta": 0.965, "decay": 0.01}),
    ("lion", {}, oracles.lion, {"lr": 1e-4, "b1": 0.9, "b2": 0.99}),
    ("lion", {"alpha": 0.1, "beta1": 0.95, "beta2": 0.98, "weight_decay": 0.3}, oracles.lion,
     {"lr": 0.1, "b1": 0.95, "b2": 0.98, "decay": 0.3}),
    ("adamax", {"eps": 0.0}, oracles.adamax_of_the_paper, {"lr": 2e-3, "b1": 0.9, "b2": 0.999}),
    ("radam", {"eps": 0.0, "tractable": 4.0}, oracles.radam_of_the_paper, {"lr": 1e-3, "b1": 0.9, "b2": 0.999}),
    ("radam", {"eps": 0.0, "tractable": 4.0, "beta2": 0.5}, oracles.radam_of_the_paper,
     {"lr": 1e-3, "b1": 0.9, "b2": 0.5}),
    ("yogi", {}, oracles.yogi, {"lr": 1e-2, "b1": 0.9, "b2": 0.999, "eps": 1e-3}),
    ("yogi", {"v0": 1e-6, "bias_correction": True, "beta2": 0.9}, oracles.yogi,
     {"lr": 1e-2, "b1": 0.9, "b2": 0.9, "eps": 1e-3, "v0": 1e-6, "corrected": True}),
    ("adabelief", {}, oracles.adabelief, {"lr": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8}),
    ("adabelief", {"eps": 1e-3, "eps_inside": False, "beta2": 0.9}, oracles.adabelief,
     {"lr": 1e-3, "b1": 0.9, "b2": 0.9, "eps": 1e-3, "inside": False}),
    ("adabound", {"alpha": 0.1, "closing": 0.3}, oracles.adabound_released,
     {"lr": 0.1, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "final": 0.1, "gamma": 0.3}),
    ("adabound", {"alpha": 0.1, "eps": 0.0, "bias_correction": False, "schedule": "sqrt", "closing": 0.3},
     oracles.adabound_of_the_paper, {"lr": 0.1, "b1": 0.9, "b2": 0.999, "final": 0.1, "gamma": 0.3}),
    ("amsbound", {"alpha": 0.1, "eps": 0.0, "bias_correction": False, "schedule": "sqrt", "closing": 0.3, "beta2": 0.5},
     oracles.adabound_of_the_paper, {"lr": 0.1, "b1": 0.9, "b2": 0.5, "final": 0.1, "gamma": 0.3, "largest": True}),
    ("qhm", {}, oracles.qhm, {"lr": 1.0, "beta": 0.999, "nu": 0.7}),
    ("qhadam", {}, oracles.qhadam, {"lr": 1e-3, "b1": 0.995, "b2": 0.999, "nu1": 0.7, "nu2": 1.0, "eps": 1e-8}),
    ("qhadam", {"nu1": 0.9, "nu2": 0.6, "beta1": 0.5}, oracles.qhadam,
     {"lr": 1e-3, "b1": 0.5, "b2": 0.999, "nu1": 0.9, "nu2": 0.6, "eps": 1e-8}),
    ("aggmo", {}, oracles.aggmo, {"lr": 0.1, "betas": (0.0, 0.9, 0.99)}),
    ("adan", {"bias_correction": False, "weight_decay": 0.2, "alpha": 0.1}, oracles.adan_of_the_paper,
     {"lr": 0.1, "b1": 0.02, "b2": 0.08, "b3": 0.01, "eps": 1e-8, "decay": 0.2}),
    ("adan", {}, oracles.adan_of_the_paper,
     {"lr": 1e-3, "b1": 0.02, "b2": 0.08, "b3": 0.01, "eps": 1e-8, "decay": 0.0, "corrected": True}),
    ("adan", {"proximal": False, "weight_decay": 0.2, "alpha": 0.1}, oracles.adan_of_the_paper,
     {"lr": 0.1, "b1": 0.02, "b2": 0.08, "b3": 0.01, "eps": 1e-8, "decay": 0.2, "corrected": True, "proximal": False}),
    ("adopt", {}, oracles.adopt, {"lr": 1e-3, "b1": 0.9, "b2": 0.9999, "eps": 1e-6}),
    ("adopt", {"clip": False, "beta2": 0.5}, oracles.adopt,
     {"lr": 1e-3, "b1": 0.9, "b2": 0.5, "eps": 1e-6, "clip": False}),
    ("ademamix", {"weight_decay": 0.1}, oracles.ademamix,
     {"lr": 1e-3, "b1": 0.9, "b2": 0.999, "b3": 0.9999, "alpha": 5.0, "eps": 1e-8, "decay": 0.1}),
    ("ademamix", {"ramp_up": "growing", "warmup": 20.0}, oracles.ademamix,
     {"lr": 1e-3, "b1": 0.9, "b2": 0.999, "b3": 0.9999, "alpha": 5.0, "eps": 1e-8, "warmup": 20.0}),
    ("schedule-free-sgd", {}, oracles.schedule_free_sgd, {"lr": 1.0, "beta": 0.9}),
    ("schedule-free-sgd", {"beta1": 0.3, "warmup": 10.0, "weight_decay": 0.2, "count_start": True, "alpha": 0.1},
     oracles.schedule_free_sgd, {"lr": 0.1, "beta": 0.3, "decay": 0.2, "warmup": 10, "start": True}),
    ("schedule-free-adamw", {"weight_decay": 0.2, "warmup": 7.0}, oracles.schedule_free_adamw,
     {"lr": 2.5e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "decay": 0.2, "warmup": 7}),
    ("schedule-free-adamw", {"corrected_moment": True}, oracles.schedule_free_adamw,
     {"lr": 2.5e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "corrected": True}),
    ("cautious-adam", {"weight_decay": 0.1}, oracles.cautious_adamw,
     {"lr": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-6, "decay": 0.1}),
    ("adafactor", {}, oracles.adafactor, {"lr": 1e-2, "c": 0.8, "eps": 1e-30}),
    ("adafactor", {"alpha": 0.3}, oracles.adafactor, {"lr": 0.3, "c": 0.8, "eps": 1e-30}),
    ("adafactor", {"step": "constant", "decay": 0.5, "eps": 1e-3}, oracles.adafactor,
     {"lr": 1e-2, "c": 0.5, "eps": 1e-3, "decreasing": False}),
]  # fmt: skip

# rule, its options, torch's optimizer, its options
TORCH: list[tuple[str, dict[str, Any], Any, dict[str, Any]]] = [
    ("adamax", {}, torch.optim.Adamax, {}),
    ("adamax", {"alpha": 0.1, "beta1": 0.5, "beta2": 0.7, "eps": 0.1}, torch.optim.Adamax,
     {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1}),
    ("nadam", {}, torch.optim.NAdam, {}),
    ("nadam", {"ramp": 0.96**0.1, "beta1": 0.8, "eps": 1e-3}, torch.optim.NAdam,
     {"momentum_decay": 0.1, "betas": (0.8, 0.999), "eps": 1e-3}),
    ("radam", {}, torch.optim.RAdam, {}),
    ("radam", {"alpha": 0.1, "beta2": 0.9, "eps": 1e-3}, torch.optim.RAdam,
     {"lr": 0.1, "betas": (0.9, 0.9), "eps": 1e-3}),
]  # fmt: skip


def stream(seed: int) -> tuple[Any, Any]:
    """theta_1 (D,) and gradients (STEPS, D) of sizes from 1e-2 to 1e2, some exactly 0 after the first."""
    rng = np.random.default_rng(seed)
    g = rng.standard_normal((STEPS, D)) * 10.0 ** rng.uniform(-2, 2, (STEPS, 1))
    g[1:] *= rng.random((STEPS - 1, D)) < 0.9
    return rng.standard_normal(D), g


def ours(name: str, given: dict[str, Any], x: Any, gradients: Any) -> Iterator[Any]:
    rule = rules.get(name)
    o = rule.encode(rule.options(**given))
    k, c = rule.begin(o, x)
    for g in gradients:
        k, c, x = rule.step(o, k, c, x, g, 1.0)
        yield x


def assert_same(found: Iterator[Any], expected: Iterator[Any]) -> None:
    scale = 1.0
    for t, (a, b) in enumerate(zip(found, expected, strict=True), 1):
        scale = max(scale, float(np.max(np.abs(b))))
        apart = float(np.max(np.abs(a - b)))
        assert apart <= TOLERANCE * scale, f"theta after step {t} is off by {apart} at scale {scale}"


@pytest.mark.parametrize("case", range(len(PAPERS)), ids=lambda i: f"{PAPERS[i][0]}-{','.join(PAPERS[i][1])}")
def test_agrees_with_the_paper(case: int) -> None:
    name, given, oracle, parameters = PAPERS[case]
    x, gradients = stream(case)
    assert_same(ours(name, given, x, gradients), oracle(x, gradients, **parameters))


@pytest.fixture
def in_double():
    """torch.optim.NAdam keeps the product of its coefficients in float32, unless float64 is the default."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.parametrize("case", range(len(TORCH)), ids=lambda i: f"{TORCH[i][0]}-{','.join(TORCH[i][1])}")
def test_agrees_with_torch(case: int, in_double: None) -> None:
    name, given, Optimizer, theirs = TORCH[case]
    x, gradients = stream(100 + case)
    parameter = torch.nn.Parameter(torch.tensor(x))
    optimizer = Optimizer([parameter], **theirs)

    def expected() -> Iterator[Any]:
        for g in gradients:
            parameter.grad = torch.tensor(g)
            optimizer.step()
            yield parameter.detach().numpy().copy()

    assert_same(ours(name, given, x, gradients), expected())


@pytest.mark.parametrize("name", [name for name in rules.names() if "schedule" in rules.get(name).Options._fields])
def test_with_the_root_schedule_step_t_is_the_constant_ones_over_the_root_of_t(name: str) -> None:
    """Of every rule that has the option: with given gradients and no weight decay its state is that of a constant step.

    The steps are taken at theta = 0, where nothing of them is rounded away. What DWMGrad adds up are steps, of
    different sizes, so that it is tested without momentum.
    """
    rule = rules.get(name)
    plain = {n: 0.0 for n in ("weight_decay", "gamma") if n in rule.Options._fields}
    _, gradients = stream(7)
    steps = []
    for schedule in ("constant", "sqrt"):
        o = rule.encode(rule.options(schedule=schedule, **plain))
        k, c = rule.begin(o, 0 * gradients[0])
        for g in gradients:
            k, c, moved = rule.step(o, k, c, 0 * g, g, 1.0)
            steps.append(moved)
    roots = np.sqrt(np.arange(1, STEPS + 1))[:, None]
    np.testing.assert_allclose(np.array(steps[STEPS:]) * roots, steps[:STEPS], rtol=TOLERANCE, atol=0)
