"""What `watch` records, against the formulas written out with NumPy in float64."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.torch import LCAM, AdaMomentum, DWMGrad, watch
from dwmgrad_ref.torch.watch import BLOCK, Watch, _blocks

SIZES = [(3, 4), (5,), (0,), ()]


def parameters(dtype=torch.float64, sizes=SIZES):
    generator = torch.Generator().manual_seed(5)
    return [torch.nn.Parameter(torch.randn(s, generator=generator, dtype=torch.float64).to(dtype)) for s in sizes]


def flat(tensors):
    return np.concatenate([t.detach().double().numpy().reshape(-1) for t in tensors])


def steps(optimizer, params, losses, seed=6, shrink=0.5):
    """Step with seeded gradients, smaller and smaller; yields (step, gradient, theta before and after)."""
    rng = np.random.default_rng(seed)
    for t, loss in enumerate(losses, start=1):
        for p in params:
            p.grad = torch.as_tensor(rng.standard_normal(tuple(p.shape)) * shrink**t).to(p.dtype)
        before, g = flat(params), flat([p.grad for p in params])
        optimizer.step(loss=loss)
        yield t, g, before, flat(params)


@pytest.mark.parametrize("capturable", [False, True], ids=["on the host", "on tensors"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_dwmgrad_against_its_formula_written_out(dtype, capturable):
    params, seen = parameters(dtype), {}
    optimizer = DWMGrad(params, lr=0.01, delta=20.0, eps=1e-3, capturable=capturable)
    watch(optimizer, every=1, callback=seen.__setitem__)
    omega, G, h_before = 5.0, 0.0, None
    for t, g, before, after in steps(optimizer, params, [1.0, 2.0, -1.0, 1.0, -3.0, -1.0]):
        omega = min(omega + 1, 20) if [1, 2, -1, 1, -3, -1][t - 1] > 0 else max(omega - 1, 1)
        mu, G = 0.9 * omega / 20, (1 - 1 / omega) * G + g**2 / omega
        h = (np.sqrt(G) + 1e-3) / 0.01
        step = 1 / ((1 - mu) * h)
        expected = {
            "window": omega,
            "momentum": mu,
            "step_size": 0.01,
            "gradient_norm": np.linalg.norm(g),
            "update_to_weight": np.linalg.norm(after - before) / np.linalg.norm(before),
            "potential_violated": np.nan if h_before is None else np.mean(h < h_before),
            **{f"effective_step_q{q:02}": np.quantile(step, q / 100, method="nearest") for q in (5, 50, 95)},
        }
        assert seen[t].keys() == expected.keys()
        tolerance = 1e-12 if dtype == torch.float64 else 2e-6
        for name, value in expected.items():
            assert seen[t][name] == pytest.approx(value, rel=tolerance, nan_ok=True), (t, name)
        h_before = h
    assert 0 < seen[3]["potential_violated"] < 1  # the case has both kinds of coordinates


def test_adamomentum_and_lcam():
    params, seen = parameters(), {}
    optimizer = AdaMomentum(params, lr=0.01)
    with watch(optimizer, every=1, callback=seen.__setitem__):
        m = v = 0.0
        for t, g, _, _ in steps(optimizer, params, [1.0] * 4):
            m = 0.9 * m + 0.1 * g
            v = 0.999 * v + 0.001 * m**2 + 1e-8
            step = 0.01 / (np.sqrt(v / (1 - 0.999**t)) * (1 - 0.9**t))
            assert seen[t]["effective_step_q50"] == pytest.approx(np.quantile(step, 0.5, method="nearest"), rel=1e-9)
            assert seen[t]["momentum"] == 0.9 and "window" not in seen[t]
    params, seen = parameters(), {}
    optimizer = LCAM(params, lr=0.3, below=0.95, above=0.9)
    watch(optimizer, every=1, callback=seen.__setitem__)
    for _ in steps(optimizer, params, [4.0, 1.0, 5.0]):
        pass
    assert [seen[t]["momentum"] for t in (1, 2, 3)] == [0.9, 0.9, 0.95]  # a loss below the mean tells on the next step
    assert seen[3]["effective_step_q05"] == pytest.approx(0.3 / 0.05, rel=1e-12)
    assert seen[3]["potential_violated"] == 0  # h = 1/α does not move


@pytest.mark.parametrize("way", [{}, {"foreach": True}, {"capturable": True}, {"foreach": False}], ids=str)
def test_only_chosen_steps_are_looked_at_and_none_is_changed(way, monkeypatch):
    looks = []
    look = Watch._look
    monkeypatch.setattr(Watch, "_look", lambda self, *a, **k: (looks.append(self.step), look(self, *a, **k))[1])
    seen, results = {}, []
    for watching in (False, True):
        params = parameters()
        optimizer = DWMGrad(params, **way)
        if watching:
            watch(optimizer, every=3, callback=seen.__setitem__)
        for _ in steps(optimizer, params, [1.0] * 8):
            pass
        results.append(flat([*params, *optimizer.state[params[0]].values()]))
    assert looks == [2, 3, 5, 6]  # before and after steps 3 and 6
    assert list(seen) == [3, 6]
    assert np.array_equal(*results)


class Reads(TorchDispatchMode):
    """Counts how often a number is read back from a tensor."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


def test_numbers_are_fetched_once_together():
    params, seen = parameters(), {}
    optimizer = DWMGrad(params, capturable=True)  # shared state on tensors, as on an accelerator
    watched = Watch(optimizer, 1, seen.__setitem__, sample=100, seed=0)
    for p in params:
        p.grad = torch.ones_like(p)
    for _ in range(2):
        with Reads() as reads:
            watched._pre(optimizer)
        assert reads.count == 0
        optimizer.step(loss=torch.tensor(1.0))
    with Reads() as reads:
        (group,) = optimizer.param_groups
        values = watched._record(optimizer, group, watched._look(optimizer, group))
    assert reads.count == 0 and values["update_to_weight"] == 0


def test_a_step_that_is_refused_is_not_counted():
    params, seen = parameters(), {}
    optimizer = DWMGrad(params)
    with watch(optimizer, every=2, callback=seen.__setitem__):
        for loss in (1.0, float("nan"), 1.0):
            for p in params:
                p.grad = torch.ones_like(p)
            try:
                optimizer.step(loss=loss)
            except BadInput:
                pass
        assert list(seen) == [2]
    optimizer.step(loss=1.0)
    optimizer.step(loss=1.0)
    assert list(seen) == [2]  # removed


def test_groups_have_names_and_one_without_gradients_says_what_it_can():
    (a, b, c, d), seen = parameters(), {}
    optimizer = DWMGrad([{"params": [a, b]}, {"params": [c, d], "lr": 0.5, "delta": 7.0}])
    watch(optimizer, every=1, callback=seen.__setitem__)
    for _ in steps(optimizer, [a, b], [1.0, 1.0, 1.0]):
        pass
    assert (seen[3]["group0/window"], seen[3]["group1/window"]) == (8.0, 7.0)
    assert seen[3]["group1/step_size"] == 0.5
    assert "group0/gradient_norm" in seen[3] and "group1/gradient_norm" not in seen[3]


def test_a_large_group_is_sampled_in_blocks_each_as_likely():
    sizes = (10 * BLOCK + 3, 1, 0, 5 * BLOCK)
    hits = [torch.zeros(n) for n in sizes]
    for seed in range(400):
        blocks = _blocks(sizes, 4 * BLOCK, torch.Generator().manual_seed(seed))
        assert len(blocks) == 4
        for j, a, b in blocks:
            assert 0 <= a < b <= min(a + BLOCK, sizes[j])
            hits[j][a:b] += 1
    every = torch.cat(hits)  # 17 blocks, so 4/17 of the draws: 94 with a standard deviation of 8.5
    assert every.min() > 94 - 5 * 8.5 and every.max() < 94 + 5 * 8.5
    assert _blocks((3, 0, 2), 5, torch.Generator()) == [(0, 0, 3), (1, 0, 0), (2, 0, 2)]


def test_a_sample_sees_the_sampled_coordinates_in_any_layout():
    results = []
    for order in (torch.contiguous_format, torch.channels_last):
        p = torch.nn.Parameter(torch.randn(2, 8, 32, 32, generator=torch.Generator().manual_seed(1)))
        p.data = p.data.to(memory_format=order)
        optimizer, seen = DWMGrad([p]), {}
        watch(optimizer, every=1, callback=seen.__setitem__, sample=p.numel())
        p.grad = torch.randn(p.shape, generator=torch.Generator().manual_seed(2))
        optimizer.step(loss=1.0)
        results.append(seen[1])
    assert results[0] == pytest.approx(results[1], rel=1e-12, nan_ok=True)


def test_tensorboard_out_of_the_box(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    params = parameters()
    optimizer = DWMGrad(params)
    with watch(optimizer, every=2, writer=tmp_path):
        for _ in steps(optimizer, params, [1.0] * 4):
            pass
    events = EventAccumulator(str(tmp_path)).Reload()
    assert [(e.step, e.value) for e in events.Scalars("optimizer/window")] == [(2, 7.0), (4, 9.0)]
    assert "optimizer/potential_violated" in events.Tags()["scalars"]


@pytest.mark.parametrize("wrong", [{"every": 0}, {"sample": 0}, {"writer": "a", "callback": print}], ids=str)
def test_bad_input(wrong):
    with pytest.raises(BadInput):
        watch(DWMGrad(parameters()), **wrong)
    with pytest.raises(BadInput, match="Adam"):
        watch(torch.optim.Adam(parameters()))
