"""What a training script does with an optimizer: groups, schedules, closures, mixed precision, unusual tensors."""

import copy

import pytest
import torch

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.torch import LCAM, AdaMomentum, DWMGrad, torch_optimizer
from tests.dwmgrad_ref.torch.small_network import CLASSES, batch, frozen, loss_of, network, same, train


@pytest.mark.parametrize("cls", CLASSES)
def test_training_lowers_the_loss(cls):
    model = network(torch.float32)
    losses = train(model, cls(model.parameters(), lr=1e-2), 150)
    assert sum(losses[-10:]) < 0.2 * sum(losses[:10])


@pytest.mark.parametrize("cls", CLASSES)
def test_a_closure_is_called_once_and_gives_the_same_step(cls):
    one, two = network(), network()
    given, closed = cls(one.parameters()), cls(two.parameters())
    calls = []
    for step in range(5):
        train(one, given, 1, step)

        def closure(step: int = step) -> torch.Tensor:
            closed.zero_grad()
            loss = loss_of(two, step)
            loss.backward()
            calls.append(step)
            return loss

        with torch.no_grad():  # the closure runs with gradients nevertheless
            assert closed.step(closure).grad_fn is not None
    assert calls == list(range(5)) and same(one, two)


def test_accumulated_gradients_step_with_the_mean_loss():
    """Four quarters of a batch, their losses averaged, are the whole batch."""
    one, two = network(), network()
    whole, parts = (DWMGrad(m.parameters(), signal="increase") for m in (one, two))
    for step in range(6):
        x = batch(step)
        whole.zero_grad()
        loss = (one(x) ** 2).mean()
        loss.backward()
        whole.step(loss=loss)
        parts.zero_grad()
        total = torch.zeros((), dtype=torch.float64)
        for quarter in x.chunk(4):
            part = (two(quarter) ** 2).mean() / 4
            part.backward()
            total += part.detach()
        parts.step(loss=total)
    assert all(torch.allclose(p, q, 1e-10, 1e-12) for p, q in zip(one.parameters(), two.parameters(), strict=True))
    assert whole.param_groups[0]["shared"]["omega"] == parts.param_groups[0]["shared"]["omega"]


@pytest.mark.parametrize("cls", CLASSES)
def test_groups_are_optimizers_of_their_own(cls):
    """Two groups with different options move as two optimizers would; one added later starts its window then."""
    joint, apart = network(), network()
    together = cls(
        [{"params": joint[0].parameters(), "lr": 1e-2}, {"params": joint[2].parameters(), "weight_decay": 0.1}]
    )
    first, second = cls(apart[0].parameters(), lr=1e-2), cls(apart[2].parameters(), weight_decay=0.1)
    for step in range(8):
        train(joint, together, 1, step)
        apart.zero_grad()
        loss = loss_of(apart, step)
        loss.backward()
        first.step(loss=loss)
        second.step(loss=loss)
    assert same(joint, apart)
    late = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    together.add_param_group({"params": [late], "lr": 0.5})
    assert together.param_groups[2]["shared"]["t"] == 0
    late.grad = torch.ones(2, dtype=torch.float64)
    together.step(loss=1.0)
    assert together.param_groups[2]["shared"]["t"] == 1 and together.param_groups[0]["shared"]["t"] == 9


def test_named_parameters_are_taken():
    model = network()
    optimizer = DWMGrad(model.named_parameters())
    train(model, optimizer, 2)
    assert optimizer.state_dict()["param_groups"][0]["param_names"][0] == "0.weight"


@pytest.mark.parametrize("tensor", [False, True])
@pytest.mark.parametrize("cls", CLASSES)
def test_schedules_change_the_step_size(cls, tensor):
    """A schedule's step sizes are those that a new value of lr gives by hand, also lr = 0 and lr in a tensor."""
    one, two = network(), network()
    scheduled = cls(one.parameters(), lr=torch.tensor(1e-2, dtype=torch.float64) if tensor else 1e-2)
    schedule = torch.optim.lr_scheduler.LambdaLR(scheduled, lambda t: [0.0, 0.5, 1.0, 0.25][t % 4])
    manual = cls(two.parameters(), lr=1e-2)
    for step in range(8):
        manual.param_groups[0]["lr"] = 1e-2 * [0.0, 0.5, 1.0, 0.25][step % 4]
        train(one, scheduled, 1, step)
        train(two, manual, 1, step)
        schedule.step()
    assert same(one, two) and not same(one, network())


def test_hooks_run_around_a_step():
    model, seen = network(), []
    optimizer = DWMGrad(model.parameters())
    optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append(sorted(kwargs)))
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(o.param_groups[0]["shared"]["t"]))
    train(model, optimizer, 1)
    assert seen == [["loss"], 1.0]


@pytest.mark.parametrize("cls", CLASSES)
def test_grad_scaler_skips_infinite_gradients(cls):
    """A skipped step leaves parameters, state and window; the others are those without a scaler, to the last bit."""
    scaled, plain = network(torch.float32), network(torch.float32)
    optimizer, reference = (cls(m.parameters(), lr=1e-2) for m in (scaled, plain))
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    for step in range(6):
        optimizer.zero_grad(), reference.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            loss, unscaled = loss_of(scaled, step), loss_of(plain, step)
        scaler.scale(loss).backward()
        unscaled.backward()
        before = frozen((optimizer.state_dict(), scaled.state_dict()))
        if step == 3:
            scaled[0].weight.grad[0, 0] = float("inf")
        scaler.step(optimizer, loss=loss)
        scaler.update()
        if step == 3:
            assert frozen((optimizer.state_dict(), scaled.state_dict())) == before
        else:
            reference.step(loss=unscaled)
    assert scaler.get_scale() == 2.0**9 and same(scaled, plain)
    assert optimizer.param_groups[0]["shared"] == reference.param_groups[0]["shared"]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("way", [{}, {"foreach": True}, {"foreach": False}], ids=["default", "foreach", "loop"])
@pytest.mark.parametrize("cls", CLASSES)
def test_half_precision_parameters_have_single_precision_state(cls, way, dtype):
    """The step is float32's on the parameter as it is, rounded to the parameter's dtype once, at the end."""
    p = torch.nn.Parameter(torch.linspace(-2, 2, 17, dtype=dtype))
    q = torch.nn.Parameter(p.detach().float())
    mine, single = cls([p], lr=0.05, **way), cls([q], lr=0.05, **way)
    for step in range(20):
        p.grad = torch.randn(17, generator=torch.Generator().manual_seed(step)).to(dtype)
        with torch.no_grad():
            q.copy_(p.float())
        q.grad = p.grad.float()
        mine.step(loss=1.0)
        single.step(loss=1.0)
        torch.testing.assert_close(p.float(), q, rtol=torch.finfo(dtype).eps, atol=0)
    assert all(v.dtype == torch.float32 for v in mine.state[p].values())
    for name in mine.state[p]:  # compiled for another dtype, the loop may round elsewhere
        torch.testing.assert_close(mine.state[p][name], single.state[q][name], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("way", [{}, {"foreach": True}, {"foreach": False}], ids=["default", "foreach", "loop"])
@pytest.mark.parametrize("cls", CLASSES)
def test_complex_parameters_are_pairs_of_reals(cls, way):
    torch.manual_seed(1)
    z = torch.nn.Parameter(torch.randn(3, 2, dtype=torch.complex128))
    r = torch.nn.Parameter(torch.view_as_real(z.detach()).clone())
    ours, real = cls([z], lr=0.1, **way), cls([r], lr=0.1, **way)
    for _ in range(10):
        z.grad = torch.randn(3, 2, dtype=torch.complex128)
        r.grad = torch.view_as_real(z.grad).clone()
        ours.step(loss=1.0)
        real.step(loss=1.0)
    assert torch.equal(torch.view_as_real(z), r)


@pytest.mark.parametrize("way", [{}, {"foreach": True}, {"foreach": False}], ids=["default", "foreach", "loop"])
@pytest.mark.parametrize("cls", CLASSES)
def test_memory_layout_does_not_matter(cls, way):
    """Transposed, channels-last, sliced and expanded-gradient tensors move as contiguous ones."""
    base = torch.randn(4, 6, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    odd = [
        torch.nn.Parameter(base.clone().to(memory_format=torch.channels_last)),
        torch.nn.Parameter(base[0, 0].clone().t()),
        torch.nn.Parameter(base.clone()[:, ::2]),
        torch.nn.Parameter(base[1].clone()),
    ]
    plain = [torch.nn.Parameter(p.detach().clone(memory_format=torch.contiguous_format)) for p in odd]
    ours, theirs = cls(odd, lr=0.1, **way), cls(plain, lr=0.1, foreach=False)
    for step in range(6):
        for p, q in zip(odd, plain, strict=True):
            q.grad = torch.randn(q.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(step))
            p.grad = q.grad.clone() if step % 2 else torch.empty_like(p).copy_(q.grad)
        odd[3].grad, plain[3].grad = torch.ones((), dtype=torch.float64).expand(6, 3, 5), torch.ones_like(plain[3])
        ours.step(loss=1.0)
        theirs.step(loss=1.0)
    for p, q in zip(odd, plain, strict=True):
        torch.testing.assert_close(p, q, rtol=1e-13, atol=1e-14)
    buckets = ours._running(ours.param_groups[0]).plan.buckets
    assert {position for bucket in buckets if bucket.dense for position in bucket.where} == {0, 1, 3}  # 2 has gaps


@pytest.mark.parametrize("cls", CLASSES)
def test_a_parameter_without_gradient_stays_and_the_window_moves(cls):
    a, b = (torch.nn.Parameter(torch.ones(3)) for _ in range(2))
    frozen, empty = torch.nn.Parameter(torch.ones(2), requires_grad=False), torch.nn.Parameter(torch.empty(0, 3))
    optimizer = cls([a, b, frozen, empty])
    assert frozen not in optimizer.state
    for step in range(4):
        a.grad, empty.grad = torch.ones(3), torch.empty(0, 3)
        b.grad = torch.ones(3) if step == 2 else None
        before = b.detach().clone()
        optimizer.step(loss=1.0)
        assert torch.equal(b, before) == (step != 2)
    assert optimizer.param_groups[0]["shared"]["t"] == 4
    frozen.requires_grad_()  # thawed in the middle of training
    frozen.grad = torch.ones(2)
    optimizer.step(loss=1.0)
    assert not torch.equal(frozen, torch.ones(2))


def test_data_replaced_between_steps_is_the_parameter():
    """`p.data = ...`, as torch.nn.utils.vector_to_parameters writes, gives a parameter new memory."""
    one, two = network(), network()
    ours, theirs = DWMGrad(one.parameters()), DWMGrad(two.parameters())
    for step in range(4):
        for p in one.parameters():
            p.data = p.detach().clone()
        train(one, ours, 1, step)
        train(two, theirs, 1, step)
    assert same(one, two)


def test_state_replaced_between_steps_is_the_state():
    one, two = network(), network()
    ours, theirs = DWMGrad(one.parameters()), DWMGrad(two.parameters())
    train(one, ours, 3), train(two, theirs, 3)
    for p, q in zip(one.parameters(), two.parameters(), strict=True):
        ours.state[p]["V"] = torch.zeros_like(p)
        theirs.state[q]["V"].zero_()
    train(one, ours, 2, 3), train(two, theirs, 2, 3)
    assert same(one, two)


@pytest.mark.parametrize("capturable", [False, True])
def test_an_epoch_starts_by_hand_or_by_count(capturable):
    """`start_epoch()` every 5 steps is `epoch=5`; for a rule without epochs it does nothing."""
    for cls, more in ((LCAM, {}), (DWMGrad, {"signal": "increase"})):
        one, two = network(), network()
        counted = cls(one.parameters(), lr=1e-2, epoch=5, capturable=capturable, **more)
        by_hand = cls(two.parameters(), lr=1e-2, capturable=capturable, **more)
        for epoch in range(3):
            by_hand.start_epoch()
            train(one, counted, 5, 5 * epoch)
            train(two, by_hand, 5, 5 * epoch)
        assert same(one, two)
    model = network()
    plain = AdaMomentum(model.parameters())
    train(model, plain, 2)
    before = copy.deepcopy(plain.param_groups[0]["shared"])
    plain.start_epoch()
    assert plain.param_groups[0]["shared"] == before


def test_a_new_epoch_is_not_the_old_one():
    model, other = network(), network()
    one, two = LCAM(model.parameters()), LCAM(other.parameters())
    train(model, one, 3), train(other, two, 3)
    one.start_epoch()
    assert (one.param_groups[0]["shared"]["total"], one.param_groups[0]["shared"]["e"]) == (0, 0)
    assert two.param_groups[0]["shared"]["e"] == 3


def test_adamomentum_needs_no_loss_and_the_others_say_how():
    model = network()
    loss_of(model, 0).backward()
    AdaMomentum(model.parameters()).step()
    torch_optimizer("adam")(model.parameters()).step()
    for cls in (DWMGrad, LCAM, torch_optimizer("dwmgrad-released-torch")):
        with pytest.raises(BadInput, match=r"optimizer\.step\(loss=loss\)"):
            cls(model.parameters()).step()


@pytest.mark.parametrize("cls", CLASSES)
def test_autograd_goes_through_the_step(cls):
    """The derivative of theta after three steps by lr, against a difference quotient."""

    def after(lr: torch.Tensor) -> torch.Tensor:
        theta = torch.tensor([1.0, -2.0], dtype=torch.float64).clone()
        optimizer = cls([theta], lr=lr, differentiable=True)
        for step in range(3):
            theta.grad = torch.tensor([0.5, 1.0 + step], dtype=torch.float64) + 0.1 * theta
            optimizer.step(loss=1.0)
        return theta.sum()

    lr = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(after, lr, eps=1e-6, atol=1e-6)
