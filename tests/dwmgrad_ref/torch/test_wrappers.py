"""Frameworks that call step() themselves: their patterns of calls, and the line that supplies the loss.

The wrappers here make the calls of accelerate's AcceleratedOptimizer, of Lightning's precision plugins and
LightningOptimizer, and of optimizers that step inside the backward pass.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.torch import LCAM, AdaMomentum, DWMGrad, RuleOptimizer, watch
from tests.dwmgrad_ref.torch.small_network import CLASSES, frozen, loss_of, network, same, train

every_class = pytest.mark.parametrize("cls", CLASSES)
STEPS = 6


def scaler_of(scaled: bool) -> torch.amp.GradScaler | None:
    """Its scale is a power of two, so that the unscaled gradients are the unscaled loss's to the last bit."""
    return torch.amp.GradScaler("cpu", init_scale=2.0**10) if scaled else None


def trained_plainly(cls: Any, steps: int = STEPS) -> tuple[torch.nn.Module, RuleOptimizer]:
    model = network(torch.float32)
    optimizer = cls(model.parameters(), lr=1e-2)
    train(model, optimizer, steps)
    return model, optimizer


def assert_trained_as(model: torch.nn.Module, optimizer: RuleOptimizer, steps: int = STEPS) -> None:
    twin, plain = trained_plainly(type(optimizer), steps)
    assert same(model, twin)
    assert optimizer.param_groups[0]["shared"] == plain.param_groups[0]["shared"]


class Accelerated(torch.optim.Optimizer):
    """accelerate's: step() takes a closure only, handed to the scaler by position, through a patched method."""

    def __init__(self, optimizer: RuleOptimizer, scaler: torch.amp.GradScaler | None):
        self.optimizer, self.scaler, self.steps = optimizer, scaler, 0
        optimizer.load_state_dict(optimizer.state_dict())  # after it was moved to the device

    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        if self.scaler is None:
            self.optimizer.step(closure)
            return
        original = self.optimizer.step

        def patched(*args: Any, **kwargs: Any) -> Any:
            self.steps += 1
            return original(*args, **kwargs)

        self.optimizer.step = patched  # type: ignore[method-assign]
        self.scaler.step(self.optimizer, closure)
        self.scaler.update()
        self.optimizer.step = original  # type: ignore[method-assign]

    @property
    def param_groups(self) -> Any:
        return self.optimizer.param_groups


@pytest.mark.parametrize("how", ["supplied", "closure", "bare"])
@pytest.mark.parametrize("scaled", [False, True])
@every_class
def test_accelerate(cls, scaled, how):
    model = network(torch.float32)
    optimizer = cls(model.parameters(), lr=1e-2)
    scaler = scaler_of(scaled)
    wrapped = Accelerated(optimizer, scaler)
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(model, step)
        (loss if scaler is None else scaler.scale(loss)).backward()
        if how == "supplied":
            wrapped.optimizer.supply_loss(loss)
        if how == "bare" and cls is not AdaMomentum:
            with pytest.raises(BadInput, match=r"optimizer\.supply_loss\(loss\)"):
                wrapped.step()
            return
        wrapped.step(partial(lambda x: x, loss) if how == "closure" else None)
    assert_trained_as(model, optimizer)
    assert wrapped.steps == (STEPS if scaled else 0)


class Lightning:
    """LightningOptimizer: another instance of the same class, whose attributes are the optimizer's own."""

    def __init__(self, optimizer: RuleOptimizer, scaler: torch.amp.GradScaler | None):
        self._optimizer, self._scaler = optimizer, scaler
        self.__class__ = type("Lightning", (self.__class__, optimizer.__class__), {})

    def __getattr__(self, item: str) -> Any:
        return getattr(self._optimizer, item)

    def step(self, closure: Any = None, **kwargs: Any) -> Any:
        closure = closure or (lambda: None)
        if self._scaler is None:
            return self._optimizer.step(closure=partial(lambda inner: inner(), closure), **kwargs)
        closure()
        self._scaler.unscale_(self._optimizer)
        found = self._scaler.step(self._optimizer, **kwargs)
        self._scaler.update()
        return found


@pytest.mark.parametrize("scaled", [False, True])
@every_class
def test_lightning_automatic(cls, scaled):
    """The closure is training_step and backward; with a scaler its loss reaches no step unless it is supplied."""
    model = network(torch.float32)
    optimizer = cls(model.parameters(), lr=1e-2)
    scaler = scaler_of(scaled)
    wrapped: Any = Lightning(optimizer, scaler)
    seen = {}

    def closure(step: int) -> torch.Tensor:
        loss = loss_of(model, step)
        wrapped.supply_loss(loss)  # the line in training_step
        optimizer.zero_grad()
        (loss if scaler is None else scaler.scale(loss)).backward()
        return loss

    with watch(wrapped, every=1, callback=seen.__setitem__):
        for step in range(STEPS):
            wrapped.step(partial(closure, step))
    assert_trained_as(model, optimizer)
    assert len(seen) == STEPS and all(values["gradient_norm"] > 0 for values in seen.values())


@pytest.mark.parametrize("supplied", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
@every_class
def test_lightning_manual(cls, scaled, supplied):
    """`optimizer.step(loss=loss)` arrives beside a closure that does nothing and returns None."""
    model = network(torch.float32)
    optimizer = cls(model.parameters(), lr=1e-2)
    scaler = scaler_of(scaled)
    wrapped: Any = Lightning(optimizer, scaler)
    for step in range(STEPS):
        wrapped.zero_grad()
        loss = loss_of(model, step)
        (loss if scaler is None else scaler.scale(loss)).backward()
        if supplied:
            wrapped.supply_loss(loss)
            wrapped.step()
        else:
            assert wrapped.step(loss=loss) is loss
    assert_trained_as(model, optimizer)


@every_class
def test_a_skipped_batch_is_no_step(cls):
    """Lightning's training_step may return None: the closure does too, after zero_grad() and without backward()."""
    model = network(torch.float32)
    optimizer = cls(model.parameters(), lr=1e-2)
    train(model, optimizer, 2)
    before = frozen([model.state_dict(), optimizer.state_dict()])
    optimizer.zero_grad()
    assert optimizer.step(lambda: None) is None
    assert optimizer.step(lambda: optimizer.supply_loss(1.0)) is None
    assert frozen([model.state_dict(), optimizer.state_dict()]) == before
    if cls is not AdaMomentum:
        loss_of(model, 2).backward()
        with pytest.raises(BadInput, match="needs the loss"):  # gradients without a loss are a mistake
            optimizer.step(lambda: None)


@pytest.mark.parametrize("supplied", [False, True])
@every_class
def test_grad_scaler(cls, supplied):
    """A step that the scaler skips leaves no loss behind that a later one would take."""
    model = network(torch.float32)
    optimizer = cls(model.parameters(), lr=1e-2)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    for step in [0, 1, 99, *range(2, STEPS)]:
        optimizer.zero_grad()
        loss = loss_of(model, step)
        scaler.scale(loss).backward()
        if step == 99:
            model[0].weight.grad[0, 0] = float("inf")
        if supplied:
            optimizer.supply_loss(loss)
            scaler.step(optimizer)
        else:
            scaler.step(optimizer, loss=loss)
        scaler.update()
    assert_trained_as(model, optimizer)


def stepping_in_backward(model: Any, cls: Any) -> dict[Any, RuleOptimizer]:
    made = {p: cls([p], lr=1e-2) for p in model.parameters()}

    def step(p: torch.Tensor) -> None:
        made[p].step()
        made[p].zero_grad()

    for p in made:
        p.register_post_accumulate_grad_hook(step)
    return made


@every_class
def test_optimizers_that_step_inside_backward(cls):
    """One for each parameter, all with the loss that was supplied before backward(): the step of one for all."""
    model = network(torch.float32)
    optimizers = stepping_in_backward(model, cls)
    for step in range(STEPS):
        loss = loss_of(model, step)
        for optimizer in optimizers.values():
            optimizer.supply_loss(loss)
        loss.backward()
        assert all(p.grad is None for p in model.parameters())
    for optimizer in optimizers.values():
        assert_trained_as(model, optimizer)


@pytest.mark.parametrize("cls", [DWMGrad, LCAM])
def test_a_supplied_loss_is_for_one_step(cls):
    model = network()
    optimizer = cls(model.parameters())
    for move in (copy.copy, copy.deepcopy):
        move(optimizer).supply_loss(1.0)
    loss = loss_of(model, 0)
    loss.backward()
    with pytest.raises(BadInput, match="needs the loss"):  # a copy's is not the original's
        optimizer.step()
    optimizer.supply_loss(7.0)
    optimizer.supply_loss(loss)
    returned = optimizer.step()
    assert torch.equal(returned, loss.detach()) and not returned.requires_grad  # the graph is not kept
    with pytest.raises(BadInput, match="needs the loss"):
        optimizer.step()


@pytest.mark.parametrize(
    ("step", "used", "returned"),
    [
        (lambda o: o.step(loss=-3.0), -3.0, -3.0),
        (lambda o: o.step(lambda: -3.0), 5.0, -3.0),  # with accumulation a framework's closure returns the last part's
        (lambda o: o.step(lambda: None), 5.0, 5.0),
        (lambda o: o.step(lambda: None, loss=-3.0), -3.0, -3.0),
    ],
)
def test_the_loss_given_to_the_step_comes_first_then_a_supplied_one_then_the_closures(step, used, returned):
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = DWMGrad([p])
    p.grad = torch.ones(2)
    optimizer.supply_loss(5.0)
    assert step(optimizer) == returned
    assert optimizer.param_groups[0]["shared"]["last"] == used
    with pytest.raises(BadInput, match="needs the loss"):
        optimizer.step()


def test_a_supplied_loss_is_checked_as_a_given_one():
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = DWMGrad([p])
    p.grad = torch.ones(2)
    for bad in (float("nan"), torch.ones(2), "x"):
        optimizer.supply_loss(bad)
        with pytest.raises(BadInput, match="got (the|a) loss"):
            optimizer.step()
    assert torch.equal(p, torch.ones(2))
