"""Every optimizer follows its reference rule, whatever does the arithmetic; and RMSprop once the window is full."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadOption
from dwmgrad_ref.torch import DWMGrad, torch_optimizer
from tests.dwmgrad_ref.torch.reference import TOLERANCE, WAYS, deviations, gradients, loss_at, parameters
from tests.dwmgrad_ref.torch.small_network import frozen

OPTIONS: dict[str, list[dict[str, Any]]] = {
    "dwmgrad": [
        {},
        {"signal": "increase", "epoch": 7.0, "delta": 20.0, "weight_decay": 0.1},
        {"signal": "decrease", "momentum": "constant", "schedule": "sqrt", "reset": False, "alpha": 0.05},
        {"guard": True, "guard_threshold": 0.5, "weight_decay": 0.1, "decoupled_weight_decay": True},
        {"delta": float("inf"), "maximize": True, "schedule": "sqrt", "weight_decay": 0.2},
    ],
    "adamomentum": [
        {},
        {"schedule": "sqrt", "beta1": 0.5, "alpha": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
        {"eps": 1e-3, "maximize": True, "weight_decay": 0.1},
    ],
    "lcam": [
        {},
        {"epoch": 6.0, "alpha": 0.01, "weight_decay": 0.1},
        {"below": 0.5, "above": 0.99, "alpha": 0.01, "maximize": True},
        {"weight_decay": 0.1, "decoupled_weight_decay": True},
    ],
}
CASES = [(name, options) for name, sets in OPTIONS.items() for options in sets]


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "options"), CASES, ids=[f"{n}-{','.join(o) or 'defaults'}" for n, o in CASES])
def test_follows_the_reference_at_every_step(name, options, way, dtype):
    assert deviations(name, dtype, WAYS[way], options).worst <= TOLERANCE[dtype]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", rules.names())
def test_every_rule_is_an_optimizer(name, way):
    if way == "fused" and "past" in rules.get(name).Coord._fields:
        with pytest.raises(BadOption, match="keeps past gradients"):
            deviations(name, torch.float64, WAYS[way], {}, steps=1)
        return
    assert deviations(name, torch.float64, WAYS[way], {}, steps=15).worst <= TOLERANCE[torch.float64]


def test_the_comparison_sees_an_error_of_a_hundred_billionth():
    rule = rules.get("lcam")
    wrong = replace(rule, coord=lambda o, k, c, x, g: rule.coord(o, k, c, x, g * (1 + 1e-11)))
    assert deviations("lcam", torch.float64, WAYS["loop"], {}, mine=wrong).worst > TOLERANCE[torch.float64]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize(("name", "options"), CASES, ids=[f"{n}-{','.join(o) or 'defaults'}" for n, o in CASES])
def test_foreach_is_the_loop_to_the_last_bit(name, options, dtype):
    given = {("lr" if n == "alpha" else n): v for n, v in options.items()}
    sides = []
    for foreach in (False, True):
        params = parameters(5, dtype)
        optimizer = torch_optimizer(name)(params, foreach=foreach, **given)
        for step in range(12):
            for p, g in zip(params, gradients(5, step, params), strict=True):
                p.grad = g
            optimizer.step(loss=loss_at(5, step))
        sides.append(frozen([params, optimizer.state_dict()["state"], optimizer.param_groups[0]["shared"]]))
    assert sides[0] == sides[1]


ranged = {
    "dwmgrad": st.fixed_dictionaries(
        {
            "alpha": st.floats(1e-4, 0.1),
            "gamma": st.floats(0, 0.95),
            "delta": st.floats(5, 50),
            "eps": st.floats(1e-8, 1e-2),
            "signal": st.sampled_from(["loss", "increase", "decrease"]),
            "reset": st.booleans(),
            "schedule": st.sampled_from(["constant", "sqrt"]),
            "momentum": st.sampled_from(["tied", "constant"]),
            "epoch": st.one_of(st.just(float("inf")), st.integers(1, 9).map(float)),
        }
    ),
    "adamomentum": st.fixed_dictionaries(
        {"alpha": st.floats(1e-4, 0.1), "beta1": st.floats(0, 0.95), "beta2": st.floats(0.5, 0.999)}
    ),
    "lcam": st.fixed_dictionaries(
        {"alpha": st.floats(1e-4, 0.1), "below": st.floats(0, 0.95), "above": st.floats(0, 0.95)}
    ),
}
around = st.fixed_dictionaries(
    {"maximize": st.booleans(), "decoupled_weight_decay": st.booleans(), "weight_decay": st.sampled_from([0.0, 0.1])}
)


shapes = st.lists(st.lists(st.integers(0, 4), max_size=3).map(tuple), min_size=1, max_size=5)


@pytest.mark.parametrize("name", ranged)
@settings(max_examples=12)
@given(data=st.data())
def test_any_options_shapes_dtype_and_groups(name, data):
    options = {**data.draw(ranged[name]), **data.draw(around)}
    way, dtype = data.draw(st.sampled_from([*WAYS])), data.draw(st.sampled_from([*TOLERANCE]))
    seed, sizes = data.draw(st.integers(0, 99)), data.draw(shapes)
    groups = data.draw(st.integers(1, len(sizes)))
    found = deviations(name, dtype, WAYS[way], options, steps=20, seed=seed, shapes=sizes, groups=groups)
    assert found.worst <= TOLERANCE[dtype]


@pytest.mark.parametrize("way", ["loop", "foreach", "fused"])
def test_saturated_dwmgrad_is_rmsprop(way):
    """W6, with momentum γ and decay 1 - 1/δ; V is the step size times RMSprop's buffer."""
    delta, gamma, lr = 10.0, 0.9, 1e-2
    rng = torch.Generator().manual_seed(3)
    ours, theirs = (torch.nn.Parameter(torch.ones(5, dtype=torch.float64)) for _ in range(2))
    optimizer = DWMGrad([ours], lr=lr, gamma=gamma, delta=delta, omega0=delta, **WAYS[way])
    peer = torch.optim.RMSprop([theirs], lr=lr, alpha=1 - 1 / delta, momentum=gamma, eps=1e-8)
    for _ in range(200):
        ours.grad = torch.randn(5, dtype=torch.float64, generator=rng)
        theirs.grad = ours.grad.clone()
        optimizer.step(loss=1.0)
        peer.step()
        assert torch.allclose(ours, theirs, rtol=1e-12, atol=1e-13)
        assert torch.allclose(optimizer.state[ours]["V"], lr * peer.state[theirs]["momentum_buffer"], 1e-12, 1e-15)
    assert optimizer.param_groups[0]["shared"]["omega"] == delta
