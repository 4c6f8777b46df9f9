"""Every engine steps the method it says: the same iterate as the formula run on plain numbers."""

from pathlib import Path

import numpy as np
import pytest
import torch

from analysis.cost import backends
from analysis.cost.backends.base import LOSS, Work, by_name, gradient
from proofs.cost import counting

SIZES, STEPS = (5, 3), 23
RULES = (
    "sgd", "heavy-ball", "rmsprop", "adam", "adamw", "amsgrad", "lcam", "dwmgrad", "dwmgrad-explicit-window",
    "dwmgrad-released-torch",
)  # fmt: skip
PAIRS = [(name, rule) for name, engine in backends.registry().items() for rule in RULES if engine.steps(rule)]
# torch.optim's AdamW decays weights by default, ours by another default; both start at zero where decay does little.
PEER = {"adamw": {"weight_decay": 0.01}}


def iterates(stepper):
    """theta of every tensor, from whatever the engine keeps it in."""
    for name, get in (("parameters", lambda p: p.detach().numpy()), ("x", np.atleast_1d)):
        if hasattr(stepper, name):
            kept = getattr(stepper, name)
            return [get(x) for x in (kept if isinstance(kept, list) else [kept])]
    return [call[4] for call in stepper.calls]


def plain(rule, d, options):
    """theta after STEPS steps, coordinate by coordinate on floats."""
    rule = by_name(rule)
    o = rule.encode(rule.options(**options))
    found = []
    for g in gradient(d):
        k, c = rule.begin(o, 0.0)
        x = 0.0
        for _ in range(STEPS):
            k, c, x = rule.step(o, k, c, x, float(g), LOSS)
        found.append(x)
    return np.array(found)


@pytest.mark.parametrize(("name", "rule"), PAIRS)
def test_engine_steps_the_rule(name, rule):
    engine = backends.get(name)
    if reason := engine.missing("cpu"):
        pytest.skip(reason)
    sizes = SIZES if name != "numpy ring" else SIZES[:1]
    stepper = engine.start(Work(rule, sizes))
    stepper.advance(STEPS)
    options = PEER.get(rule, {}) if name.startswith("torch.optim") else {}
    # Both run the same few operations a step in other orders: some roundings of 2^-53 or 2^-24 each, 23 steps.
    tolerance = 1e-12 if engine.itemsize == 8 else 2e-5
    for found, d in zip(iterates(stepper), sizes, strict=True):
        np.testing.assert_allclose(found, plain(rule, d, options), rtol=tolerance)


@pytest.mark.parametrize(("name", "rule"), [pair for pair in PAIRS if not pair[0].startswith("torch.optim")])
def test_state_is_what_the_formula_counts(name, rule):
    engine = backends.get(name)
    if reason := engine.missing("cpu"):
        pytest.skip(reason)
    stepper = engine.start(Work(rule, (64,)))
    stepper.advance(1)
    words = counting.count(by_name(rule)).state
    if name == "numpy ring":
        words = 12  # a ring of delta = 10 squares, their sum, V
    assert stepper.state_bytes() == 64 * words * engine.itemsize


def test_the_ring_is_the_stored_window_while_it_grows_and_when_it_is_full():
    ring = backends.get("numpy ring").start(Work("dwmgrad-explicit-window", (4,), {"delta": 7.0, "omega0": 2.0}))
    stored = backends.get("numpy").start(Work("dwmgrad-explicit-window", (4,), {"delta": 7.0, "omega0": 2.0}))
    for _ in range(20):
        ring.advance(1)
        stored.advance(1)
        # The running sum has rounded at every step, the mean once.
        np.testing.assert_allclose(iterates(ring)[0], iterates(stored)[0], rtol=1e-13)


def test_a_rule_from_a_file_is_stepped(tmp_path):
    source = by_name("sgd").coord.__code__.co_filename
    path = tmp_path / "mine.py"
    path.write_text(Path(source).read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("numpy", "compiled", "torch loop"):
        stepper = backends.get(name).start(Work(str(path), (6,)))
        stepper.advance(3)
        np.testing.assert_allclose(iterates(stepper)[0], -3e-3 * gradient(6), rtol=1e-6)


def test_steps_of_a_call_keep_its_own_cost_small():
    for engine in backends.registry().values():
        assert engine.steps_a_call(16) == engine.most and engine.steps_a_call(1 << 25) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_every_engine_says_so():
    assert {e.missing("cuda") for e in backends.registry().values()} == {"not run: CPU only", "not run: no GPU"}
