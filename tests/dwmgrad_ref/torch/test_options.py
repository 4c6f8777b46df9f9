"""Options as people and schedules write them: NumPy's numbers, tensors for lr, and names that schedules know."""

import io
import math
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from dwmgrad_ref import ops, rules
from dwmgrad_ref.errors import BadOption
from dwmgrad_ref.rules.base import Rule, Schedule, Source, StepSize
from dwmgrad_ref.torch import DWMGrad, shared_state
from tests.dwmgrad_ref.torch.small_network import CLASSES, frozen, network, same, train

every_class = pytest.mark.parametrize("cls", CLASSES)
KINDS = {
    "float64": np.float64,
    "float32": np.float32,
    "0-d array": lambda x: np.array(x, np.float32),
    "0-d integers": lambda x: np.array(round(x), np.int64),
}


def numbers(cls: Any) -> dict[str, float]:
    """Every numeric option of the class, with a value exact in float32."""
    rule = cls.rule
    own = {n: v for n, v in rule.options()._asdict().items() if type(v) is float}
    small = {"alpha": 2.0**-5, "eps": 2.0**-20, "weight_decay": 0.125, "epoch": 3.0, "delta": 16.0, "omega0": 4.0}
    found = {("lr" if n == "alpha" else n): small.get(n, 0.5) for n in own}
    return {**found, "weight_decay": 0.125}


@pytest.mark.parametrize("kind", KINDS)
@every_class
def test_numpys_numbers_are_numbers(cls, kind):
    """In the constructor, in a group's dict and set between steps, for every option at once."""
    given = numbers(cls)
    if kind == "0-d integers":
        given = {name: max(1, round(value)) for name, value in given.items() if value >= 1 or name in ("lr", "eps")}
    results = []
    for options in (given, {name: KINDS[kind](value) for name, value in given.items()}):
        one, two, three = network(), network(), network()
        whole, grouped = cls(one.parameters(), **options), cls([{"params": two.parameters(), **options}])
        later = cls(three.parameters(), **{name: value for name, value in given.items() if name in ("delta", "omega0")})
        later.param_groups[0].update(options)
        train(one, whole, 3), train(two, grouped, 3), train(three, later, 3)
        assert same(one, two) and same(one, three)
        results.append(frozen([one.state_dict(), *(o.state_dict() for o in (whole, grouped, later))]))
        for optimizer in (whole, grouped, later):
            file = io.BytesIO()
            torch.save(optimizer.state_dict(), file)
            file.seek(0)
            torch.load(file, weights_only=True)  # which refuses NumPy's scalars
    assert results[0] == results[1]


@every_class
def test_numpys_truth_values_are_flags(cls):
    model = network()
    group = cls(model.parameters(), maximize=np.bool_(True), foreach=np.True_).param_groups[0]
    assert group["maximize"] is True and group["foreach"] is True


@pytest.mark.parametrize("value", [np.ones(2), np.ones(1), "x", None, 1j, torch.ones(())], ids=repr)
@every_class
def test_what_is_no_number_is_refused_by_name(cls, value):
    model = network()
    optimizer = cls(model.parameters())
    train(model, optimizer, 1)
    for name in sorted({*numbers(cls), "lr", "weight_decay"}):
        if isinstance(value, torch.Tensor) and name == "lr":
            continue
        with pytest.raises(BadOption, match=f"{name}=.* is not allowed"):
            cls(model.parameters(), **{name: value})
        right, optimizer.param_groups[0][name] = optimizer.param_groups[0][name], value
        before = frozen(model.state_dict())
        with pytest.raises(BadOption, match="is not allowed"):
            train(model, optimizer, 1)
        assert frozen(model.state_dict()) == before
        optimizer.param_groups[0][name] = right
    train(model, optimizer, 1)


# --- a tensor as lr ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [{}, {"capturable": True}, {"foreach": False}, {"differentiable": True}], ids=str)
@pytest.mark.parametrize("bad", [-0.1, math.inf, math.nan])
@every_class
def test_a_tensor_lr_outside_its_range_is_refused(cls, bad, way):
    """At construction, in a group, put in place of another, and changed in place."""
    p = torch.ones(3) if way.get("differentiable") else torch.nn.Parameter(torch.ones(3))
    with pytest.raises(BadOption, match=rf"lr={bad}.* is not allowed; it must lie in \[0, inf\)"):
        cls([p], lr=torch.tensor(bad, dtype=torch.float64), **way)
    with pytest.raises(BadOption, match=rf"lr={bad}"):
        cls([{"params": [p], "lr": torch.tensor(bad, dtype=torch.float64)}], **way)
    lr = torch.tensor(0.1, dtype=torch.float64)
    optimizer = cls([p], lr=lr, **way)
    p.grad = torch.ones(3)
    optimizer.step(loss=1.0)
    lr.fill_(bad)
    before = frozen([p, optimizer.param_groups[0]["shared"]])
    with pytest.raises(BadOption, match=rf"lr={bad}"):
        optimizer.step(loss=1.0)
    assert frozen([p, optimizer.param_groups[0]["shared"]]) == before


@pytest.mark.parametrize("dims", [0, 1, 2])
@pytest.mark.parametrize(
    "way", [{}, {"fused": True}, {"foreach": True}, {"foreach": False}, {"capturable": True}], ids=str
)
@every_class
def test_a_tensor_lr_is_its_number(cls, way, dims):
    one, two = network(), network()
    tensor = cls(one.parameters(), lr=torch.full([1] * dims, 0.0625), **way)
    number = cls(two.parameters(), lr=0.0625, **way)
    train(one, tensor, 4), train(two, number, 4)
    assert all(torch.allclose(p, q, 1e-12, 1e-14) for p, q in zip(one.parameters(), two.parameters(), strict=True))


@pytest.mark.parametrize("bad", [torch.ones(2), torch.ones(()) > 0, torch.ones((), dtype=torch.complex64)], ids=str)
@every_class
def test_a_tensor_lr_is_one_real_number(cls, bad):
    with pytest.raises(ValueError, match="Tensor lr must be 1-element"):
        cls([torch.nn.Parameter(torch.ones(3))], lr=bad)


# --- implementations ---------------------------------------------------------------------------------------


@every_class
def test_fused_and_capturable_on_the_cpu(cls):
    """The fused step reads the numbers from the tensors, and steps as without them."""
    one, two = network(), network()
    lr = torch.tensor(0.1)  # in float32, while what all coordinates share is computed in float64
    decay = {"weight_decay": 0.3, "decoupled_weight_decay": True}
    both = cls(one.parameters(), lr=lr, fused=True, capturable=True, **decay)
    fused = cls(two.parameters(), lr=lr.item(), fused=True, **decay)
    train(one, both, 5), train(two, fused, 5)
    assert same(one, two)
    shared = both.param_groups[0]["shared"]
    assert all(isinstance(value, torch.Tensor) for value in shared.values())
    assert {n: float(v) for n, v in shared.items()} == fused.param_groups[0]["shared"]
    assert [b.how for b in both._running(both.param_groups[0]).plan.buckets] == ["fused"]


@every_class
def test_a_loss_with_a_graph_under_differentiable(cls):
    """Its number is looked at without torch's warning that this cuts the graph."""
    p = torch.ones(2).requires_grad_().clone()
    loss = (p**2).sum()
    p.grad = torch.ones(2)
    cls([p], differentiable=True).step(loss=loss)
    assert (p < 1).all()


# --- momentum, as schedules and monitors know it -----------------------------------------------------------

CYCLES = {
    "OneCycleLR": lambda o, **k: torch.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=5, **k),
    "CyclicLR": lambda o, **k: torch.optim.lr_scheduler.CyclicLR(o, 0.01, 0.1, step_size_up=2, **k),
}


@pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
@every_class
def test_cycles_of_the_momentum_are_refused_at_construction(cls, cycle):
    """torch's own message names the option to set; set, the step size is cycled."""
    model, twin = network(), network()
    optimizer, by_hand = cls(model.parameters()), cls(twin.parameters())
    with pytest.raises(ValueError, match="cycle_momentum"):
        cycle(optimizer)
    schedule = cycle(optimizer, cycle_momentum=False)
    seen = []
    for step in range(4):
        by_hand.param_groups[0]["lr"] = optimizer.param_groups[0]["lr"]
        train(model, optimizer, 1, step), train(twin, by_hand, 1, step)
        schedule.step()
        seen.append(optimizer.param_groups[0]["lr"])
    assert same(model, twin) and len({*seen}) > 1


@every_class
def test_monitors_find_numbers(cls):
    """What monitors log of a group: lr, weight_decay, and momentum or the first of betas, if it is there."""
    group = cls(network().parameters()).param_groups[0]
    assert all(isinstance(group.get(name, 0), int | float) for name in ("lr", "initial_lr", "weight_decay", "momentum"))
    assert "betas" not in group


def test_momentum_is_a_choice_with_another_name_in_a_group():
    """The constructor's and a dict's `momentum` is the group's `momentum_mode`, also in a state dict of before."""
    p = torch.nn.Parameter(torch.ones(3))
    made = DWMGrad([p], momentum="constant")
    assert made.param_groups[0]["momentum_mode"] == "constant" and "momentum" not in made.param_groups[0]
    assert DWMGrad([{"params": [p], "momentum": "constant"}]).param_groups[0]["momentum_mode"] == "constant"
    older = made.state_dict()
    older["param_groups"][0]["momentum"] = older["param_groups"][0].pop("momentum_mode")
    loaded = DWMGrad([p])
    loaded.load_state_dict(older)
    p.grad = torch.ones(3)
    loaded.step(loss=1.0)
    assert loaded.param_groups[0]["shared"]["mu"] == 0.9
    assert loaded.state_dict()["param_groups"][0].keys() == made.state_dict()["param_groups"][0].keys()


class ChoosingOptions(NamedTuple):
    alpha: StepSize = 0.1
    follow: bool = False
    schedule: Schedule = "constant"


class Kept(NamedTuple):
    t: float
    last: float


def with_shared(shared):
    source = Source("dwmgradnotes", "this test's")
    coord = lambda o, k, c, x, g: (c, x - o.alpha * g)  # noqa: E731
    start = lambda o: Kept(0, 0)  # noqa: E731
    return Rule("r", "r", source, ChoosingOptions, Kept, rules.get("adagrad").Coord, start, shared, coord)


@pytest.mark.parametrize(("shared", "reads"), [
    (lambda o, k, loss: Kept(k.t + 1, 0 * k.last), False),
    (lambda o, k, loss: Kept(k.t + 1, loss), True),
    (lambda o, k, loss: Kept(k.t + 1, loss - k.last if o.follow else k.last), True),
    (lambda o, k, loss: Kept(k.t + 1, ops.where(ops.greater(loss, 1), k.last, k.last)), True),
    (lambda o, k, loss: Kept(k.t + 1, k.last if k.t > 1 else 0), True),  # a branch on a number: nothing is known
])  # fmt: skip
def test_a_loss_is_asked_for_where_some_choice_of_the_formula_uses_it(shared, reads):
    assert shared_state.reads_loss(with_shared(shared)) == reads


def test_the_rules_that_read_the_loss_are_those_of_the_window_and_lcam():
    reading = {name for name in rules.names() if shared_state.reads_loss(rules.get(name))}
    assert reading == {name for name in rules.names() if name.startswith("dwmgrad") or name == "lcam"}
