"""What cannot be right is refused with a message that says what to do, before anything is modified."""

import pytest
import torch

from dwmgrad_ref.errors import BadInput, BadOption, UnknownName
from dwmgrad_ref.torch import LCAM, AdaMomentum, DWMGrad, torch_optimizer
from tests.dwmgrad_ref.torch.small_network import CLASSES, frozen, loss_of, network, train

p = torch.nn.Parameter(torch.ones(3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DWMGrad([p], delta=0.5), r"delta=0.5 is not allowed; it must lie in \[1, inf\]"),
        (lambda: DWMGrad([p], delta=3), r"omega0=5 is not allowed; it must lie in \[0, delta=3\]"),
        (lambda: DWMGrad([p], gamma=1.0), r"gamma=1.0 is not allowed; it must lie in \[0, 1\)"),
        (lambda: DWMGrad([p], signal="up"), "signal='up' is not allowed; it must be one of loss, increase, decrease"),
        (lambda: DWMGrad([p], lr=-1.0), r"lr=-1.0 is not allowed; it must lie in \[0, inf\)"),
        (lambda: DWMGrad([p], lr=float("inf")), r"lr=inf is not allowed"),
        (
            lambda: DWMGrad([p], lr=torch.ones(2)),
            r"Tensor lr must be 1-element and real; got torch.float32, shape \(2,\)",
        ),
        (lambda: DWMGrad([p], weight_decay=-0.1), r"weight_decay=-0.1 is not allowed; it must lie in \[0, inf\)"),
        (lambda: LCAM([p], weight_decay=-0.1), r"weight_decay=-0.1 is not allowed; it must lie in \[0, inf\)"),
        (lambda: LCAM([p], above=1), r"above=1 is not allowed; it must lie in \[0, 1\)"),
        (lambda: AdaMomentum([p], beta1=-0.1), r"beta1=-0.1 is not allowed; it must lie in \[0, 1\)"),
        (lambda: DWMGrad([p], maximize="yes"), "maximize='yes' is not allowed; it must be true or false"),
        (lambda: DWMGrad([p], foreach=True, fused=True), "foreach and fused cannot both be true"),
        (lambda: DWMGrad([{"params": [p], "gamma": 2.0}]), r"gamma=2.0 is not allowed"),
        (lambda: DWMGrad([{"params": [p], "alpha": 0.1}]), "alpha=0.1 is not allowed; in a group it is lr"),
    ],
)
def test_options_outside_their_range_name_it(make, message):
    with pytest.raises(BadOption, match=message):
        make()


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(UnknownName, match="did you mean gamma"):
        torch_optimizer("dwmgrad-released-mnist")([p], gama=0.5)
    with pytest.raises(UnknownName, match="did you mean dwmgrad"):
        torch_optimizer("dwmgrd")


def test_an_option_set_between_steps_is_checked_before_the_step():
    model = network()
    optimizer = DWMGrad(model.parameters())
    train(model, optimizer, 2)
    for name, value in (("gamma", 1.5), ("lr", -1.0), ("momentum", 0.85), ("momentum_mode", "x")):
        right, optimizer.param_groups[0][name] = optimizer.param_groups[0].get(name), value
        before = frozen([optimizer.state_dict(), model.state_dict()])
        with pytest.raises(BadOption, match=name.removesuffix("_mode")):
            train(model, optimizer, 1)
        assert frozen([optimizer.state_dict(), model.state_dict()]) == before
        optimizer.param_groups[0][name] = right
        if right is None:
            del optimizer.param_groups[0][name]
    train(model, optimizer, 1)


def test_mixed_signals_are_refused():
    a, b = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
    with pytest.raises(BadOption, match="mix the loss signals increase, loss"):
        DWMGrad([{"params": [a]}, {"params": [b], "signal": "increase"}])
    optimizer = DWMGrad([a])
    with pytest.raises(BadOption, match="mix the loss signals"):
        optimizer.add_param_group({"params": [b], "signal": "decrease"})
    assert len(optimizer.param_groups) == 1
    optimizer.add_param_group({"params": [b], "delta": 50.0})
    optimizer.param_groups[1]["signal"] = "decrease"
    with pytest.raises(BadOption, match="mix the loss signals"):
        optimizer.step(loss=1.0)


LOSSES = [
    (float("nan"), "got the loss nan; nothing was changed"),
    (torch.tensor(float("inf")), "got the loss inf; nothing was changed"),
    (torch.ones(2), r"a loss of shape \(2,\); expected one number, such as loss.mean\(\)"),
    (torch.ones((), dtype=torch.complex64), "expected a real number"),
    (torch.ones((), dtype=torch.bool), "expected a real number"),
    (torch.empty((), device="meta"), "a loss on meta, its parameters are on cpu"),
    ("1.0x", "a loss of type str"),
    (None, "needs the loss of this step and got none"),
]


@pytest.mark.parametrize("capturable", [False, True])
@pytest.mark.parametrize(("loss", "message"), LOSSES, ids=[m[:20] for _, m in LOSSES])
@pytest.mark.parametrize("cls", [DWMGrad, LCAM])
def test_a_loss_that_is_none_changes_nothing(cls, loss, message, capturable):
    model = network()
    optimizer = cls(model.parameters(), capturable=capturable)
    train(model, optimizer, 2)
    before = frozen([optimizer.state_dict(), model.state_dict()])
    for step in (lambda: optimizer.step(loss=loss), lambda: optimizer.step(lambda: loss)):
        with pytest.raises(BadInput, match=message):
            step()
    assert frozen([optimizer.state_dict(), model.state_dict()]) == before
    train(model, optimizer, 1)


def test_a_loss_and_a_closure_that_returns_one_are_one_too_many():
    with pytest.raises(BadInput, match="the loss and a closure that returns one"):
        DWMGrad([p]).step(lambda: 1.0, loss=1.0)


@pytest.mark.parametrize("way", [{}, {"foreach": True}, {"foreach": False}], ids=["default", "foreach", "loop"])
@pytest.mark.parametrize("cls", CLASSES)
def test_sparse_gradients_are_refused(cls, way):
    embedding = torch.nn.Embedding(5, 3, sparse=True)
    dense = torch.nn.Parameter(torch.ones(2))
    optimizer = cls([dense, embedding.weight], **way)
    (embedding(torch.tensor([1, 3])).sum() + dense.sum()).backward()
    before = frozen([optimizer.state_dict(), dense])
    with pytest.raises(BadInput, match="sparse=False"):
        optimizer.step(loss=1.0)
    assert frozen([optimizer.state_dict(), dense]) == before


@pytest.mark.parametrize("way", [{}, {"foreach": True}, {"foreach": False}], ids=["default", "foreach", "loop"])
@pytest.mark.parametrize("change", ["shape", "dtype", "gradient"])
@pytest.mark.parametrize("cls", CLASSES)
def test_parameters_changed_between_steps_are_refused(cls, change, way):
    a, b = (torch.nn.Parameter(torch.ones(3)) for _ in range(2))
    optimizer = cls([a, b], **way)
    a.grad, b.grad = torch.ones(3), torch.ones(3)
    optimizer.step(loss=1.0)
    match change:
        case "shape":
            b.grad, b.data = None, torch.ones(4)
            b.grad = torch.ones(4)
        case "dtype":
            b.grad, b.data = None, torch.ones(3, dtype=torch.float64)
            b.grad = torch.ones(3, dtype=torch.float64)
        case "gradient":
            b.grad.data = torch.ones(4)
    before = frozen([a, b, optimizer.param_groups[0]["shared"], *optimizer.state.values()])
    with pytest.raises(BadInput, match="(parameter 1 |a gradient).*nothing was changed"):
        optimizer.step(loss=1.0)
    assert frozen([a, b, optimizer.param_groups[0]["shared"], *optimizer.state.values()]) == before


def test_a_model_cast_before_the_first_step_is_no_mistake():
    model = network(torch.float32)
    optimizer = DWMGrad(model.parameters())
    model.double()
    train(model, optimizer, 2)
    assert all(v.dtype == torch.float64 for q in model.parameters() for v in optimizer.state[q].values())


@pytest.mark.parametrize("bad", [torch.ones(3, dtype=torch.int64), torch.eye(3).to_sparse()])
def test_parameters_that_no_formula_can_move_are_refused(bad):
    with pytest.raises(BadInput, match="expected a dense one of float64, float32"):
        DWMGrad([bad])
    optimizer = DWMGrad([p])
    with pytest.raises(BadInput, match="expected a dense one"):
        optimizer.add_param_group({"params": [bad]})
    assert len(optimizer.param_groups) == 1


def test_a_loss_is_checked_with_the_gradients_of_the_model():
    """Any number will do as a loss: a Python float, a tensor of one element, one of another precision."""
    for loss in (1, 1.5, torch.ones(1), torch.tensor(2.0, dtype=torch.float16), torch.tensor(3)):
        model = network()
        loss_of(model, 0).backward()
        assert DWMGrad(model.parameters()).step(loss=loss) is loss
