"""Tensors that are not plain memory: lazy views, zero, fake and meta tensors, wrappers. Right, or a clear error."""

from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils._pytree import tree_map

from dwmgrad_ref.errors import BadInput, BadOption
from dwmgrad_ref.torch import DWMGrad
from tests.dwmgrad_ref.torch.small_network import CLASSES, frozen, network, same, train

WAYS: dict[str, dict[str, Any]] = {
    "default": {},
    "fused": {"fused": True},
    "foreach": {"foreach": True},
    "loop": {"foreach": False},
    "capturable": {"capturable": True},
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
every_class = pytest.mark.parametrize("cls", CLASSES)


class Wrapper(torch.Tensor):
    """A tensor without memory of its own: every operation is done on the tensor inside."""

    inside: torch.Tensor

    @staticmethod
    def __new__(cls, inside: torch.Tensor) -> "Wrapper":
        made = torch.Tensor._make_wrapper_subclass(cls, inside.shape, dtype=inside.dtype, device=inside.device)
        made.inside = inside
        return made

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        found = func(*tree_map(opened, args), **tree_map(opened, kwargs or {}))
        if found is args[0].inside if args and isinstance(args[0], cls) else False:  # in place
            return args[0]
        return tree_map(lambda x: cls(x) if isinstance(x, torch.Tensor) else x, found)


def opened(x: Any) -> Any:
    return x.inside if isinstance(x, Wrapper) else x


def stepped(cls: Any, way: dict[str, Any], gradient: Any, steps: int = 3) -> list[torch.Tensor]:
    """Parameters, state and shared state after steps with gradient(step, parameter)."""
    params = [torch.nn.Parameter(torch.linspace(-1, 2, n, dtype=torch.float64)) for n in (1, 7)]
    optimizer = cls(params, lr=0.1, **way)
    for step in range(steps):
        for p in params:
            p.grad = gradient(step, p)
        optimizer.step(loss=1.0 + step)
    shared = torch.tensor([float(value) for value in optimizer.param_groups[0]["shared"].values()])
    return [*(p.detach() for p in params), *(v for p in params for v in optimizer.state[p].values()), shared]


def plain(step: int, p: torch.Tensor) -> torch.Tensor:
    return torch.arange(1.0, p.numel() + 1, dtype=p.dtype) * (-1) ** step


# --- lazy views --------------------------------------------------------------------------------------------


@every_way
@every_class
def test_a_gradient_negated_lazily_is_its_negative(cls, way):
    def strided(step: int, p: torch.Tensor) -> torch.Tensor:
        g = torch.complex(torch.zeros(p.shape, dtype=p.dtype), -plain(step, p)).conj().imag
        assert g.is_neg()
        return g

    def contiguous(step: int, p: torch.Tensor) -> torch.Tensor:
        g = torch._neg_view(-plain(step, p))
        assert g.is_neg() and g.is_contiguous()
        return g

    expected = stepped(cls, way, plain)
    for lazy in (strided, contiguous):
        assert all(map(torch.equal, stepped(cls, way, lazy), expected))


@every_way
@every_class
def test_autograd_gives_such_gradients_and_the_step_descends(cls, way):
    """f(p) = p, written with a conjugate: its gradient is 1, held as -1 and a bit."""
    p = torch.nn.Parameter(torch.ones(1))
    optimizer = cls([p], lr=0.1, **way)
    for _ in range(3):
        optimizer.zero_grad()
        loss = (1j * torch.complex(torch.zeros(1), p).conj()).real.sum()
        loss.backward()
        assert p.grad is not None and p.grad.item() == 1
        before = p.item()
        optimizer.step(loss=loss)
        assert p.item() < before


@pytest.mark.parametrize("bits", ["conjugated", "negated", "both"])
@every_way
@every_class
def test_a_lazy_complex_gradient_is_its_value(cls, way, bits):
    results = []
    for lazy in (False, True):
        z = torch.nn.Parameter(torch.tensor([1 + 2j, -3 + 1j, 0.5 - 2j], dtype=torch.complex128))
        optimizer = cls([z], lr=0.1, **way)
        for step in range(3):
            g = torch.tensor([1 - 1j, 2 + 3j, -1 + 0.5j], dtype=torch.complex128) * (1 + step)
            g = g if bits == "negated" else g.conj()
            g = g if bits == "conjugated" else torch._neg_view(g)
            z.grad = g if lazy else g.resolve_conj().resolve_neg()
            assert (z.grad.is_conj(), z.grad.is_neg()) == (lazy and bits != "negated", lazy and bits != "conjugated")
            optimizer.step(loss=1.0)
        results.append(frozen([z, optimizer.state[z]]))
    assert results[0] == results[1]


@pytest.mark.parametrize("lazy", [lambda z: z.conj(), lambda z: z.conj().imag, torch._neg_view])
@every_class
def test_a_lazy_view_as_a_parameter_is_refused(cls, lazy):
    """Its step would be made on a copy and be lost."""
    with pytest.raises(BadInput, match="a parameter that is a .* view of other memory; .*resolve_conj"):
        cls([torch.nn.Parameter(lazy(torch.ones(2, dtype=torch.complex64)))])
    z = torch.nn.Parameter(torch.ones(2, dtype=torch.complex64))
    optimizer = cls([z])
    z.grad = torch.ones(2, dtype=torch.complex64)
    optimizer.step(loss=1.0)
    z.data = z.data.conj()  # the same memory
    with pytest.raises(BadInput, match="a conjugated view"):
        optimizer.step(loss=1.0)


# --- no memory ---------------------------------------------------------------------------------------------


@every_way
@every_class
def test_a_zero_tensor_is_a_gradient_of_zeros(cls, way):
    def zero(step: int, p: torch.Tensor) -> torch.Tensor:
        return torch._efficientzerotensor(tuple(p.shape), dtype=p.dtype) if step == 1 else plain(step, p)

    def zeros(step: int, p: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(p) if step == 1 else plain(step, p)

    for found, expected in zip(stepped(cls, way, zero), stepped(cls, way, zeros), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-14, atol=0)


@every_way
@every_class
def test_a_wrapped_gradient_is_the_gradient_inside(cls, way):
    def wrapped(step: int, p: torch.Tensor) -> torch.Tensor:
        return Wrapper(plain(step, p)) if step == 1 else plain(step, p)

    for found, expected in zip(stepped(cls, way, wrapped), stepped(cls, way, plain), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize("way", [{}, {"foreach": True}, {"foreach": False}, {"capturable": True}], ids=str)
@every_class
def test_wrapped_parameters_are_stepped_inside(cls, way):
    inside, twin = torch.linspace(-1, 2, 7, dtype=torch.float64), torch.linspace(-1, 2, 7, dtype=torch.float64)
    p, q = torch.nn.Parameter(Wrapper(inside)), torch.nn.Parameter(twin)
    ours, theirs = cls([p], lr=0.1, **way), cls([q], lr=0.1, foreach=True)
    for step in range(3):
        q.grad = plain(step, q)
        p.grad = Wrapper(q.grad)
        ours.step(loss=1.0)
        theirs.step(loss=1.0)
    torch.testing.assert_close(inside, twin, rtol=1e-14, atol=0)
    with pytest.raises(BadOption, match="not in memory of its own"):
        cls([p], fused=True).step(loss=1.0)


@pytest.mark.parametrize("way", [{}, {"foreach": False}, {"capturable": True}], ids=str)
@every_class
def test_fake_tensors_step_without_values(cls, way):
    """As where memory is estimated before a run: also the loss is fake, and nothing is read from it."""
    with FakeTensorMode():
        p = torch.nn.Parameter(torch.ones(3))
        optimizer = cls([p], **way)
        for _ in range(2):
            p.grad = torch.ones(3)
            optimizer.step(loss=torch.ones(()))
        with pytest.raises(BadOption, match="not in memory of its own"):
            cls([p], fused=True).step(loss=1.0)
    held = [*optimizer.state[p].values(), *optimizer.param_groups[0]["shared"].values()]
    assert all(isinstance(value, FakeTensor) for value in held)


@pytest.mark.parametrize("what", ["parameter", "gradient"])
@every_class
def test_freed_memory_is_refused_before_anything_is_changed(cls, what):
    """As FSDP frees a parameter between uses. The first group has taken no step then either."""
    first, second = (torch.nn.Parameter(torch.ones(3)) for _ in range(2))
    optimizer = cls([{"params": [first]}, {"params": [second]}])
    for last in (False, True):
        first.grad, second.grad = torch.ones(3), torch.ones(3)
        if last:
            (second if what == "parameter" else second.grad).untyped_storage().resize_(0)
            before = frozen([first, optimizer.state[first], [g["shared"] for g in optimizer.param_groups]])
            with pytest.raises(BadInput, match="no memory|in memory of the CPU"):
                optimizer.step(loss=1.0)
            assert frozen([first, optimizer.state[first], [g["shared"] for g in optimizer.param_groups]]) == before
        else:
            optimizer.step(loss=1.0)


# --- meta, filled later ------------------------------------------------------------------------------------


@pytest.fixture
def swapping():
    torch.__future__.set_swap_module_params_on_conversion(True)
    yield
    torch.__future__.set_swap_module_params_on_conversion(False)


@pytest.mark.parametrize("rehearsed", [False, True])
@pytest.mark.parametrize("way", [{}, {"fused": True}, {"foreach": False}, {"capturable": True}], ids=str)
@every_class
def test_made_on_meta_and_filled_later(cls, way, rehearsed, swapping):
    """The parameters stay the same objects, so the optimizer goes on as if made now; steps on meta left no values."""
    model, twin = network().to("meta"), network()
    optimizer = cls(model.parameters(), lr=0.01, **way)
    if rehearsed and not way.get("fused"):
        for p in model.parameters():
            p.grad = torch.empty_like(p)
        optimizer.step(loss=1.0)
        optimizer.zero_grad()
    model.to_empty(device="cpu")
    model.load_state_dict(twin.state_dict())
    train(model, optimizer, 4)
    train(twin, cls(twin.parameters(), lr=0.01, **way), 4)
    assert same(model, twin)


def test_fake_and_filled_later(swapping):
    with FakeTensorMode():
        p = torch.nn.Parameter(torch.ones(3))
        optimizer = DWMGrad([p])
        p.grad = torch.ones(3)
        optimizer.step(loss=1.0)
    q = torch.nn.Parameter(torch.ones(3))
    p.grad = None
    torch.utils.swap_tensors(p, q)
    p.grad = torch.ones(3)
    optimizer.step(loss=1.0)
    assert optimizer.param_groups[0]["shared"]["t"] == 1 and (p < 1).all()


@every_class
def test_some_parameters_still_on_meta(cls):
    """Those with values have a state with values, and step as they would alone."""
    here, alone = (torch.nn.Parameter(torch.ones(3)) for _ in range(2))
    together, single = cls([torch.nn.Parameter(torch.empty(2, device="meta")), here]), cls([alone])
    for _ in range(2):
        here.grad, alone.grad = torch.ones(3), torch.ones(3)
        together.step(loss=1.0)
        single.step(loss=1.0)
    assert torch.equal(here, alone)


@every_class
def test_fused_on_meta_is_refused_in_torchs_words(cls):
    p = torch.nn.Parameter(torch.empty(3, device="meta"))
    optimizer = cls([p], fused=True)
    p.grad = torch.empty_like(p)
    with pytest.raises(RuntimeError, match="`fused=True` requires all the params to be floating point Tensors"):
        optimizer.step(loss=1.0)


@every_class
def test_made_before_a_lazy_module_has_its_shape(cls):
    models = [torch.nn.LazyLinear(2, dtype=torch.float64) for _ in range(2)]
    early = cls(models[0].parameters(), lr=0.1)
    assert not early.state
    x = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(4, 3)
    for model in models:
        torch.manual_seed(0)
        model(x)
    for model, optimizer in zip(models, (early, cls(models[1].parameters(), lr=0.1)), strict=True):
        for _ in range(3):
            optimizer.zero_grad()
            loss = (model(x) ** 2).sum()
            loss.backward()
            optimizer.step(loss=loss)
    assert same(*models)


def test_a_model_filled_with_new_parameters_is_said_to_have_them():
    """Without swapping, to_empty() makes new parameters, which the optimizer does not know."""
    model = network().to("meta")
    optimizer = DWMGrad(model.parameters())
    model.to_empty(device="cpu")
    with pytest.raises(BadInput, match="on meta; if the model has been filled since, make the optimizer anew"):
        optimizer.step(loss=torch.ones(()))


@every_class
def test_a_checkpoint_is_not_loaded_into_parameters_without_values(cls):
    """It would be lost: meta holds no numbers."""
    model = network()
    optimizer = cls(model.parameters())
    train(model, optimizer, 2)
    with pytest.raises(BadInput, match="has no values to hold it.*nothing loaded"):
        cls(network().to("meta").parameters()).load_state_dict(optimizer.state_dict())
