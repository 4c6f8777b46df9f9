"""The fused step: equal to the loop over the rule's own formula, and never outside its tensors."""

import copy
import warnings
from dataclasses import replace
from typing import Any

import pytest
import torch

from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadInput, BadOption
from dwmgrad_ref.torch import AdaMomentum, DWMGrad, RuleOptimizer, torch_optimizer
from dwmgrad_ref.torch.kernels import fused, implementations, llvm, machine_code, recording, threads
from dwmgrad_ref.torch.kernels.coordinate import Around

TOLERANCE = {torch.float64: 1e-12, torch.float32: 2e-6}
FUSIBLE = [name for name in rules.names() if "past" not in rules.get(name).Coord._fields]
LOSSES = [1.0, -2.0, 3.0, 0.5, 0.25, -0.125]


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def parameters(sizes: Any, dtype: torch.dtype) -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(7)
    return [torch.nn.Parameter(torch.randn(n, generator=generator).to(dtype)) for n in sizes]


def trained(cls: Any, sizes: Any, dtype: torch.dtype, steps: int = 6, **options: Any) -> list[torch.Tensor]:
    """All parameters and states after some steps with seeded gradients."""
    params = parameters(sizes, dtype)
    optimizer = cls(params, **options)
    generator = torch.Generator().manual_seed(8)
    for step in range(steps):
        for p in params:
            p.grad = torch.randn(p.shape, generator=generator).mul_(10.0 ** (step - 3)).to(dtype)
        optimizer.step(loss=LOSSES[step % 6])
    return [*params, *(value for p in params for value in optimizer.state[p].values())]


def assert_close(found: list[torch.Tensor], expected: list[torch.Tensor], tolerance: float) -> None:
    """Equal up to rounding, in units of each tensor's largest number; NaN and infinities at the same places."""
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        scale = b[b.isfinite()].abs().max().item() if b.isfinite().any() else 1.0
        torch.testing.assert_close(a, b, rtol=0, atol=tolerance * scale, equal_nan=True)


def formula(name: str, coord: Any) -> Any:
    """An optimizer class of SGD's options with another formula."""
    return type(name, (RuleOptimizer,), {"rule": replace(rules.get("sgd"), name=name, coord=coord)})


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("name", FUSIBLE)
def test_every_rule_agrees_with_the_loop_over_its_formula(name, dtype):
    cls = torch_optimizer(name)
    sizes = [0, 1, 7, 64, 129]
    for options in ({}, {"maximize": True, "weight_decay": 0.1}, {"weight_decay": 0.1, "decoupled_weight_decay": True}):
        found = trained(cls, sizes, dtype, fused=True, **options)
        assert_close(found, trained(cls, sizes, dtype, foreach=False, **options), TOLERANCE[dtype])


@pytest.mark.parametrize(
    "sizes", [(0, 1, 7, 1_000_003), tuple(range(1, 150)), (1 << 15,) * 9, (0,), (0, 0, 3)], ids=len
)
def test_sizes_and_thread_counts(sizes, two_threads):
    expected = trained(DWMGrad, sizes, torch.float32, foreach=False)
    assert_close(shared := trained(DWMGrad, sizes, torch.float32, fused=True), expected, TOLERANCE[torch.float32])
    torch.set_num_threads(1)
    alone = trained(DWMGrad, sizes, torch.float32, fused=True)
    assert all(torch.equal(a, b) for a, b in zip(alone, shared, strict=True))  # who computes it changes no bit


def test_threads_are_torchs_in_number_and_kind(two_threads, monkeypatch):
    asked, run = [], threads.runner()
    monkeypatch.setattr(threads, "runner", lambda: lambda f, job, count: (asked.append(count), run(f, job, count)))
    expected = trained(AdaMomentum, [500_000], torch.float32, foreach=False)
    assert_close(trained(AdaMomentum, [500_000], torch.float32, fused=True), expected, 2e-6)
    assert asked == [2] * 6
    trained(AdaMomentum, [1000] * 100, torch.float32, fused=True)  # too little to wake anyone for
    torch.set_num_threads(1)
    trained(AdaMomentum, [500_000], torch.float32, fused=True)
    assert asked == [2] * 6


@pytest.mark.parametrize("count", [1, 3], ids=["fewer than asked", "more"])
def test_a_team_of_another_size_still_does_everything_once(count, two_threads, monkeypatch):
    expected = trained(DWMGrad, [500_000], torch.float32, fused=True)
    own = threads.own_threads()
    monkeypatch.setattr(threads, "runner", lambda: lambda f, job, asked: own(f, job, count))
    found = trained(DWMGrad, [500_000], torch.float32, fused=True)
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("gradient", [float("nan"), float("inf"), -float("inf"), 0.0, 1e-30, 3e38])
@pytest.mark.parametrize("name", ["dwmgrad", "adamomentum", "lcam", "amsgrad"])
def test_numbers_at_the_edge_come_out_as_in_the_loop(name, gradient):
    results = []
    for options in ({"fused": True}, {"foreach": False}):
        (p,) = parameters([33], torch.float32)
        optimizer = torch_optimizer(name)([p], **options, **({"eps": 0.0} if name != "lcam" else {}))
        for loss in LOSSES[:3]:
            p.grad = torch.full((33,), gradient)
            optimizer.step(loss=loss)
        results.append([p, *optimizer.state[p].values()])
    assert_close(*results, 2e-6)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_half_precision_is_widened_and_rounded_as_torch_does(dtype):
    if dtype not in fused.DTYPES:
        pytest.skip("this processor does not convert float16")
    every = torch.arange(1 << 16, dtype=torch.int32).to(torch.uint16).view(dtype)
    g = every.flip(0)
    p = torch.nn.Parameter(every.clone())
    p.grad = g
    formula("minus", lambda o, k, c, x, g: (c, x - g))([p], fused=True).step(loss=1.0)
    torch.testing.assert_close(p.detach(), (every.float() - g.float()).to(dtype), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_half_precision_keeps_its_state_in_float32(dtype):
    if dtype not in fused.DTYPES:
        pytest.skip("this processor does not convert float16")
    found, expected = (trained(DWMGrad, [200, 3], dtype, **way) for way in ({"fused": True}, {"foreach": False}))
    assert [t.dtype for t in found] == [dtype] * 2 + [torch.float32] * 4
    assert_close(found[2:], expected[2:], 2e-6)
    assert_close(found[:2], expected[:2], torch.finfo(dtype).eps)  # a last bit of float32 may turn a rounding


def test_nothing_outside_the_tensors_is_written(two_threads):
    sizes, gap = [1, 31, 70_000, 5, 300_000], 17
    memory = torch.full((3, sum(sizes) + gap * (len(sizes) + 1)), 123.0)
    inside, at = torch.zeros_like(memory[0], dtype=torch.bool), gap
    params, optimizer = [], None
    for n in sizes:
        params.append(torch.nn.Parameter(memory[0, at : at + n]))
        inside[at : at + n] = True
        at += n + gap
    optimizer = DWMGrad(params, fused=True)
    at = gap
    for p in params:
        optimizer.state[p] = {"G": memory[1, at : at + p.numel()], "V": memory[2, at : at + p.numel()]}
        p.grad = torch.ones_like(p)
        at += p.numel() + gap
    optimizer.step(loss=1.0)
    assert torch.all(memory[:, ~inside] == 123.0)
    assert torch.all(memory[:, inside] != 123.0)


def test_memory_replaced_between_steps_is_followed():
    params, twins = parameters([10, 20], torch.float32), parameters([10, 20], torch.float32)
    ours, loop = DWMGrad(params, fused=True), DWMGrad(twins, foreach=False)
    left = []
    for step in range(4):
        for p, q in zip(params, twins, strict=True):
            p.grad = torch.full_like(p, step + 1.0)
            q.grad = p.grad.clone()
            if step == 2:
                left.append((p.data, p.data.clone()))
                p.data = p.data.clone()
            if step == 3:
                ours.state[p]["V"] = ours.state[p]["V"].clone()
        ours.step(loss=1.0)
        loop.step(loss=1.0)
    assert_close([p.detach() for p in params], [q.detach() for q in twins], 2e-6)
    assert all(torch.equal(old, copy) for old, copy in left)


@pytest.mark.parametrize("change", ["size", "dtype", "order"])
def test_memory_that_no_longer_fits_is_refused_and_left_alone(change):
    (p,) = parameters([12], torch.float32)
    optimizer = DWMGrad([p], fused=True)
    p.grad = torch.ones_like(p)
    optimizer.step(loss=1.0)
    V, before = optimizer.state[p]["V"], p.detach().clone()
    V.data = {"size": torch.zeros(3), "dtype": torch.zeros(12, dtype=torch.float64), "order": torch.zeros(24)[::2]}[
        change
    ]
    with pytest.raises(BadInput, match="make a new optimizer"):
        optimizer.step(loss=1.0)
    assert torch.equal(p, before)


def test_gradients_of_another_dtype_are_refused():
    (p,) = parameters([12], torch.float32)
    p.grad_dtype = None  # torch then takes gradients of any dtype
    p.grad = torch.ones(12, dtype=torch.float64)
    before = p.detach().clone()
    with pytest.raises(BadInput, match="nothing was changed"):
        DWMGrad([p], fused=True).step(loss=1.0)
    assert torch.equal(p, before)


def test_tensors_in_any_order_of_memory():
    results = []
    for options in ({"fused": True}, {"foreach": False}):
        generator = torch.Generator().manual_seed(3)
        image = torch.randn(2, 3, 4, 5, generator=generator).to(memory_format=torch.channels_last)
        params = [torch.nn.Parameter(image), torch.nn.Parameter(torch.randn(6, 5, generator=generator).t())]
        optimizer = DWMGrad(params, **options)
        for step in range(3):
            for p in params:  # gradients in an order of their own
                p.grad = torch.randn(p.shape, generator=generator)
            optimizer.step(loss=1.0)
            if step == 1:  # and state that was saved in another
                saved = copy.deepcopy(optimizer.state_dict())
                for values in saved["state"].values():
                    values["G"] = values["G"].contiguous()
                optimizer.load_state_dict(saved)
        results.append([p.detach().contiguous() for p in params])
    assert_close(*results, 2e-6)


def test_a_graph_that_needs_the_old_parameters_notices():
    p = torch.nn.Parameter(torch.ones(5))
    loss = (p * p).sum()
    loss.backward(retain_graph=True)
    DWMGrad([p], fused=True).step(loss=loss)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@pytest.fixture
def fresh_kernels(tmp_path, monkeypatch):
    """An empty folder of compiled rules; what every rule shares is compiled before, in the usual folder."""
    trained(DWMGrad, [50], torch.float32, fused=True)
    monkeypatch.setenv("DWMGRAD_CACHE", str(tmp_path))
    fused._kernel.cache_clear()
    yield tmp_path / "kernels"
    fused._kernel.cache_clear()


def test_compiled_code_is_kept_and_a_damaged_file_replaced(fresh_kernels, monkeypatch):
    expected = trained(DWMGrad, [50], torch.float32, fused=True)
    (file,) = fresh_kernels.iterdir()
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    fused._kernel.cache_clear()
    assert all(map(torch.equal, trained(DWMGrad, [50], torch.float32, fused=True), expected))
    assert file.read_bytes()[-32:] == content[-32:]
    fused._kernel.cache_clear()
    monkeypatch.setattr(machine_code, "_optimized", lambda text: pytest.fail("compiled again"))
    assert all(map(torch.equal, trained(DWMGrad, [50], torch.float32, fused=True), expected))
    with pytest.raises(pytest.fail.Exception, match="compiled again"):  # another formula is another file
        trained(DWMGrad, [50], torch.float32, fused=True, maximize=True)


def test_without_code_for_this_machine_foreach_runs_and_says_so_once(monkeypatch):
    monkeypatch.setattr(machine_code, "why_not", lambda: "no code for a toaster")
    implementations._notice.cache_clear()
    expected = trained(DWMGrad, [50], torch.float32, foreach=True)
    with pytest.warns(UserWarning, match="fused step is not available .no code for a toaster"):
        found = trained(DWMGrad, [50], torch.float32)
    assert all(map(torch.equal, found, expected))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained(DWMGrad, [50], torch.float32)
    with pytest.raises(BadOption, match="toaster"):
        trained(DWMGrad, [50], torch.float32, fused=True)


def test_a_formula_that_branches_on_a_number_is_run_by_the_loop():
    Branching = formula("branching", lambda o, k, c, x, g: (c, x - (o.alpha if k.t > 2 else 2 * o.alpha) * g))
    expected = trained(Branching, [5], torch.float64, foreach=False)
    with pytest.warns(UserWarning, match="not available .branching: this formula branches on a number"):
        found = trained(Branching, [5], torch.float64)
    assert all(map(torch.equal, found, expected))


def test_the_loop_over_memory_is_vectorized():
    rule = rules.get("adamomentum")
    recorded = recording.trace(rule, Around(), rule.Options(*(None,) * 4, 0.0))
    kinds = dict.fromkeys(("x", "g", "c.m", "c.v"), "float32")
    text = machine_code.assembly(llvm.program(recorded, kinds).text)
    if "sqrtss" not in text:
        pytest.skip("the names of x86's instructions")
    assert "sqrtps" in text and "divps" in text
    assert "pd\t" not in text  # no number of the loop was widened to double
