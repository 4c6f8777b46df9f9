"""Checkpoints: bitwise the same afterwards, also across dtypes and copies; anything that does not fit is refused."""

import copy
import io
from typing import Any

import pytest
import torch
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict, set_state_dict

from dwmgrad_ref.errors import BadInput, BadOption
from dwmgrad_ref.torch import LCAM, AdaMomentum, DWMGrad, torch_optimizer
from tests.dwmgrad_ref.torch.small_network import CLASSES, frozen, network, same, train

WAYS: list[dict[str, Any]] = [{}, {"foreach": True}, {"foreach": False}, {"capturable": True}]


def saved_and_loaded(state: dict[str, Any]) -> dict[str, Any]:
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("name", ["dwmgrad", "adamomentum", "lcam", "dwmgrad-explicit-window", "adadelta"])
def test_restart_is_bitwise_the_same(name, way):
    """Saved in the middle of an epoch, under a schedule, with two groups."""

    def begin() -> tuple[Any, Any, Any]:
        model = network()
        groups = [{"params": model[0].parameters()}, {"params": model[2].parameters(), "weight_decay": 0.1}]
        optimizer = torch_optimizer(name)(groups, lr=1e-2, **way)
        return model, optimizer, torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)

    def go(model: Any, optimizer: Any, schedule: Any, first: int) -> None:
        for step in range(first, first + 6):
            train(model, optimizer, 1, step)
            schedule.step()

    whole, restarted = begin(), begin()
    go(*whole, 0), go(*restarted, 0)
    states = saved_and_loaded({str(i): part.state_dict() for i, part in enumerate(restarted)})
    again = begin()
    for i, part in enumerate(again):
        part.load_state_dict(states[str(i)])
    go(*whole, 6), go(*again, 6)
    assert same(whole[0], again[0])
    assert frozen(whole[1].state_dict()) == frozen(again[1].state_dict())


@pytest.mark.parametrize("cls", CLASSES)
def test_a_loaded_state_is_a_copy(cls):
    model, other = network(), network()
    one, two = cls(model.parameters()), cls(other.parameters())
    train(model, one, 3)
    two.load_state_dict(one.state_dict())
    before = frozen(one.state_dict())
    train(other, two, 3)
    assert frozen(one.state_dict()) == before


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("cls", CLASSES)
def test_state_moves_between_dtypes(cls, dtype):
    """Loaded for half precision the state is single precision's, not the parameter's."""
    model, narrow = network(), network(dtype)
    one, two = cls(model.parameters(), lr=1e-2), cls(narrow.parameters())
    train(model, one, 3)
    two.load_state_dict(one.state_dict())
    for p, q in zip(model.parameters(), narrow.parameters(), strict=True):
        for name, value in one.state[p].items():
            assert torch.equal(two.state[q][name], value.float())
    assert two.param_groups[0]["shared"] == one.param_groups[0]["shared"]
    train(narrow, two, 1)


@pytest.mark.parametrize(("before", "after"), [({}, {"capturable": True}), ({"capturable": True}, {})])
def test_shared_state_moves_between_floats_and_tensors(before, after):
    """The loaded flag decides, as in torch; the arithmetic is the same."""
    model, other = network(), network()
    one, two = DWMGrad(model.parameters(), **before), DWMGrad(other.parameters(), **after)
    train(model, one, 3)
    other.load_state_dict(model.state_dict())
    two.load_state_dict(one.state_dict())
    assert two.param_groups[0]["capturable"] == one.param_groups[0]["capturable"]
    train(model, one, 3), train(other, two, 3)
    assert same(model, other)


def test_tensors_that_a_graph_may_know_are_written_in_place():
    model = network()
    optimizer = DWMGrad(model.parameters(), capturable=True)
    train(model, optimizer, 2)
    places = [optimizer.param_groups[0]["shared"]["omega"].data_ptr()]
    places += [v.data_ptr() for p in model.parameters() for v in optimizer.state[p].values()]
    state = copy.deepcopy(optimizer.state_dict())
    train(model, optimizer, 2)
    optimizer.load_state_dict(state)
    train(model, optimizer, 2)
    now = [optimizer.param_groups[0]["shared"]["omega"].data_ptr()]
    assert places == now + [v.data_ptr() for p in model.parameters() for v in optimizer.state[p].values()]


def test_a_deep_copy_goes_its_own_way():
    model = network()
    optimizer = DWMGrad(model.parameters(), average_loss=False)
    train(model, optimizer, 2)
    twin, clone = copy.deepcopy((model, optimizer))
    assert clone.average_loss is False
    train(model, optimizer, 3, 2), train(twin, clone, 3, 2)
    assert same(model, twin) and twin[0].weight is not model[0].weight


def test_variants_of_a_formula_exchange_their_states():
    model, other = network(), network()
    released, ours = torch_optimizer("dwmgrad-released-mnist")(model.parameters()), DWMGrad(other.parameters())
    train(model, released, 3)
    other.load_state_dict(model.state_dict())
    ours.load_state_dict(released.state_dict())
    assert ours.param_groups[0]["delta"] == 1000 and ours.param_groups[0]["signal"] == "increase"
    train(model, released, 3), train(other, ours, 3)
    assert same(model, other)


def corrupted(state: dict[str, Any], how: str) -> dict[str, Any]:
    state = copy.deepcopy(state)
    match how:
        case "groups":
            state["param_groups"] = state["param_groups"] * 2
        case "parameters":
            state["param_groups"][0]["params"] = [0, 1]
        case "shape":
            state["state"][1]["V"] = torch.zeros(9)
        case "field":
            del state["state"][2]["G"]
        case "shared":
            del state["param_groups"][0]["shared"]["omega"]
        case "option":
            state["param_groups"][0]["gamma"] = 1.5
    return state


@pytest.mark.parametrize("how", ["groups", "parameters", "shape", "field", "shared", "option", "rule", "foreign"])
def test_what_does_not_fit_is_refused_and_changes_nothing(how):
    model = network()
    optimizer = DWMGrad(model.parameters())
    train(model, optimizer, 3)
    source = {"rule": AdaMomentum, "foreign": torch.optim.Adam}.get(how, DWMGrad)(network().parameters())
    state = corrupted(optimizer.state_dict(), how) if type(source) is DWMGrad else source.state_dict()
    before = frozen(optimizer.state_dict())
    with pytest.raises(
        BadOption if how == "option" else BadInput, match="nothing loaded" if how != "option" else "gamma"
    ):
        optimizer.load_state_dict(state)
    assert frozen(optimizer.state_dict()) == before


def test_same_fields_do_not_make_the_same_optimizer():
    """Adam and AdaMomentum have the same state under the same names, and another formula."""
    model = network()
    with pytest.raises(BadInput, match="of the rule 'adam'"):
        AdaMomentum(model.parameters()).load_state_dict(torch_optimizer("adam")(model.parameters()).state_dict())


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("cls", CLASSES)
def test_distributed_checkpoints_hold_it_too(cls, flat):
    """torch.distributed.checkpoint names parameters instead of numbering them, and makes no step of its own."""
    how = StateDictOptions(flatten_optimizer_state_dict=flat)
    model, other = network(), network()
    one, two = cls(model.parameters(), lr=1e-2), cls(other.parameters())
    train(model, one, 3)
    one.zero_grad()
    weights, state = get_state_dict(model, one, options=how)
    set_state_dict(other, two, model_state_dict=weights, optim_state_dict=state, options=how)
    train(model, one, 3, 3), train(other, two, 3, 3)
    assert same(model, other)


def test_load_hooks_see_the_state_dict():
    model = network()
    optimizer, seen = LCAM(model.parameters()), []
    optimizer.register_load_state_dict_pre_hook(lambda o, state: seen.append(sorted(state)))
    optimizer.register_load_state_dict_post_hook(lambda o: seen.append(type(o).__name__))
    optimizer.load_state_dict(optimizer.state_dict())
    assert seen == [["param_groups", "state"], "LCAM"]


@pytest.mark.parametrize("cls", CLASSES)
def test_what_others_keep_in_the_state_is_kept(cls):
    """As in torch.optim: entries beside a parameter's own, entries of no parameter, and keys of a group."""
    model, other = network(), network(torch.float32)
    one, two = cls(model.parameters()), cls(other.parameters())
    train(model, one, 2)
    first = next(iter(model.parameters()))
    one.state[first] |= {"calls": 3, "ema": torch.ones(2)}
    one.state["note"] = {"seen": [1, 2]}  # type: ignore[index]
    one.param_groups[0]["schedule_of_another"] = "cosine"
    train(model, one, 1)
    two.load_state_dict(saved_and_loaded(one.state_dict()))
    mine = two.state[next(iter(other.parameters()))]
    assert mine["calls"] == 3 and torch.equal(mine["ema"], torch.ones(2)) and mine["ema"] is not one.state[first]["ema"]
    assert two.state["note"] == {"seen": [1, 2]}  # type: ignore[index]
    assert two.param_groups[0]["schedule_of_another"] == "cosine"
    train(other, two, 1)
    assert two.state_dict()["state"][0]["calls"] == 3


@pytest.mark.parametrize("name", ["dwmgrad", "adamomentum", "lcam", "sgd"])
def test_what_others_keep_there_outlives_a_new_state(name):
    """State is made anew for a parameter that was frozen, or cast before the first step."""
    p = torch.nn.Parameter(torch.ones(3), requires_grad=False)
    optimizer = torch_optimizer(name)([p])
    optimizer.state[p]["calls"] = 3
    p.requires_grad_()
    p.data = p.data.double()
    for _ in range(2):
        p.grad = torch.ones(3, dtype=torch.float64)
        optimizer.step(loss=1.0)
    assert optimizer.state[p]["calls"] == 3 and (p < 1).all()
