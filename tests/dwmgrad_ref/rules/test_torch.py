"""The baselines against torch.optim, at every step, parameters and state, in float64."""

from typing import Any

import numpy as np
import pytest
import torch

from dwmgrad_ref import rules

STEPS, D = 300, 7
# Both sides round; torch orders some operations differently. 300 steps of a few 1e-16, amplified by at most
# 1/(1-mu) = 20, stay below 1e-12 of the largest value seen; a wrong formula does not.
TOLERANCE = 1e-12

# rule, its options, torch's optimizer, its options, our state field -> torch's state (None: same name as nothing)
CASES: list[tuple[str, dict[str, Any], Any, dict[str, Any], dict[str, str]]] = [
    ("sgd", {}, torch.optim.SGD, {}, {}),
    ("sgd", {"alpha": 0.1, "weight_decay": 0.3}, torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.3}, {}),
]
for alpha, mu, decay in [(1e-3, 0.9, 0.0), (0.1, 0.5, 0.0), (0.01, 0.95, 5e-4), (0.2, 0.0, 0.1)]:
    ours = {"alpha": alpha, "mu": mu, "weight_decay": decay}
    theirs = {"lr": alpha, "momentum": mu, "weight_decay": decay}
    CASES.append(("heavy-ball", ours, torch.optim.SGD, theirs, {"V": "momentum_buffer"} if mu else {}))
    if mu:
        CASES.append(("nesterov", ours, torch.optim.SGD, {**theirs, "nesterov": True}, {"V": "momentum_buffer"}))
for ours, theirs in [({}, {}), ({"alpha": 0.5, "eps": 1e-3}, {"lr": 0.5, "eps": 1e-3})]:
    CASES.append(("adagrad", ours, torch.optim.Adagrad, theirs, {"G": "sum"}))
for name, ours, theirs in [
    ("rmsprop", {}, {}),
    ("rmsprop", {"alpha": 0.1, "beta2": 0.5, "eps": 1e-3}, {"lr": 0.1, "alpha": 0.5, "eps": 1e-3}),
    ("rmsprop", {"mu": 0.7}, {"momentum": 0.7}),
    ("rmsprop-momentum", {}, {"momentum": 0.9}),
    ("rmsprop-momentum", {"beta2": 0.0, "alpha": 1e-3}, {"momentum": 0.9, "alpha": 0.0, "lr": 1e-3}),
]:
    state = {"G": "square_avg", "V": "momentum_buffer"} if theirs.get("momentum") else {"G": "square_avg"}
    CASES.append((name, ours, torch.optim.RMSprop, theirs, state))
for ours, theirs in [({}, {}), ({"alpha": 0.1, "rho": 0.5, "eps": 1e-3}, {"lr": 0.1, "rho": 0.5, "eps": 1e-3})]:
    CASES.append(("adadelta", ours, torch.optim.Adadelta, theirs, {"G": "square_avg", "U": "acc_delta"}))
ADAM = {"m": "exp_avg", "v": "exp_avg_sq"}
for ours, theirs in [
    ({}, {}),
    ({"alpha": 0.1, "beta1": 0.0, "beta2": 0.9}, {"lr": 0.1, "betas": (0.0, 0.9)}),
    ({"beta1": 0.99, "beta2": 0.5, "eps": 1e-2}, {"betas": (0.99, 0.5), "eps": 1e-2}),
]:
    CASES.append(("adam", ours, torch.optim.Adam, theirs, ADAM))
    CASES.append(("amsgrad", ours, torch.optim.Adam, {**theirs, "amsgrad": True}, {**ADAM, "vhat": "max_exp_avg_sq"}))
    CASES.append(("adamw", ours, torch.optim.AdamW, theirs, ADAM))
CASES.append(("adamw", {"weight_decay": 1.5, "alpha": 0.1}, torch.optim.AdamW, {"weight_decay": 1.5, "lr": 0.1}, ADAM))


def gradients(seed: int) -> np.ndarray:
    """(STEPS, D): sizes from 1e-3 to 1e3, one coordinate often 0, one constant, a few steps entirely 0."""
    rng = np.random.default_rng(seed)
    g = rng.standard_normal((STEPS, D)) * 10.0 ** rng.uniform(-3, 3, (STEPS, 1))
    g[:, 0] *= rng.random(STEPS) < 0.2
    g[:, 1] = 0.7
    g[10::50] = 0
    return g


def worst(got: np.ndarray, wanted: np.ndarray, scale: dict[str, float], name: str) -> float:
    """Largest difference in units of the largest value of that quantity so far."""
    scale[name] = max(scale.get(name, 0.0), float(np.max(np.abs(wanted))))
    return float(np.max(np.abs(got - wanted)) / (scale[name] or 1.0))


@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda i: f"{CASES[i][0]}-{CASES[i][1]}")
def test_agrees_with_torch(case: int) -> None:
    name, ours, Optimizer, theirs, fields = CASES[case]
    rule = rules.get(name)
    o = rule.encode(rule.options(**ours))
    x = np.random.default_rng(1000 + case).standard_normal(D)
    parameter = torch.nn.Parameter(torch.tensor(x))
    optimizer = Optimizer([parameter], **theirs)
    k, c = rule.begin(o, x)
    scale: dict[str, float] = {}
    for t, g in enumerate(gradients(case), start=1):
        k, c, x = rule.step(o, k, c, x, g, 1.0)
        parameter.grad = torch.tensor(g)
        optimizer.step()
        assert worst(x, parameter.detach().numpy(), scale, "theta") <= TOLERANCE, f"theta after step {t}"
        for field, key in fields.items():
            theirs_now = optimizer.state[parameter][key].numpy()
            assert worst(getattr(c, field), theirs_now, scale, field) <= TOLERANCE, f"{field} after step {t}"


def test_defaults_are_torchs() -> None:
    for name, Optimizer, names in [
        ("sgd", torch.optim.SGD, {"alpha": "lr", "weight_decay": "weight_decay"}),
        ("adagrad", torch.optim.Adagrad, {"alpha": "lr", "eps": "eps"}),
        ("rmsprop", torch.optim.RMSprop, {"alpha": "lr", "beta2": "alpha", "eps": "eps", "mu": "momentum"}),
        ("adadelta", torch.optim.Adadelta, {"alpha": "lr", "rho": "rho", "eps": "eps"}),
        ("adam", torch.optim.Adam, {"alpha": "lr", "eps": "eps"}),
        ("amsgrad", torch.optim.Adam, {"alpha": "lr", "eps": "eps"}),
        ("adamw", torch.optim.AdamW, {"alpha": "lr", "eps": "eps", "weight_decay": "weight_decay"}),
    ]:
        theirs = Optimizer([torch.nn.Parameter(torch.zeros(1))]).defaults
        ours = rules.get(name).options()._asdict()
        assert {f: ours[f] for f in names} == {f: theirs[key] for f, key in names.items()}, name
        if "betas" in theirs:
            assert (ours["beta1"], ours["beta2"]) == theirs["betas"]


@pytest.mark.parametrize("delta, gamma, eps", [(10.0, 0.9, 1e-8), (1000.0, 0.9, 1e-8), (8.0, 0.5, 1e-3)])
def test_saturated_dwmgrad_is_rmsprop_with_momentum(delta: float, gamma: float, eps: float) -> None:
    """W6: positive losses saturate the window; from then on the two are one method (V = alpha times its buffer)."""
    rule, alpha = rules.get("dwmgrad"), 1e-3
    o = rule.encode(rule.options(alpha=alpha, gamma=gamma, delta=delta, eps=eps, omega0=delta - 3))
    rng = np.random.default_rng(int(delta))
    x, stream = rng.standard_normal(D), gradients(int(delta))
    k, c = rule.begin(o, x)
    for g in stream[:3]:
        k, c, x = rule.step(o, k, c, x, g, 0.5)
    assert k.omega == delta
    parameter = torch.nn.Parameter(torch.tensor(x))
    optimizer = torch.optim.RMSprop([parameter], lr=alpha, alpha=1 - 1 / delta, momentum=gamma, eps=eps)
    optimizer.state[parameter] = {
        "step": torch.tensor(3.0),
        "square_avg": torch.tensor(c.G),
        "momentum_buffer": torch.tensor(c.V / alpha),
    }
    scale: dict[str, float] = {}
    for g in stream[3:]:
        k, c, x = rule.step(o, k, c, x, g, float(rng.uniform(0.1, 1)))
        parameter.grad = torch.tensor(g)
        optimizer.step()
        state = optimizer.state[parameter]
        assert worst(x, parameter.detach().numpy(), scale, "theta") <= TOLERANCE
        assert worst(c.G, state["square_avg"].numpy(), scale, "G") <= TOLERANCE
        assert worst(c.V, alpha * state["momentum_buffer"].numpy(), scale, "V") <= TOLERANCE
