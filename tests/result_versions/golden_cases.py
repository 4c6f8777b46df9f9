"""The tiny runs behind `golden.json`: tasks, rules on plain numbers and in their torch form, compiled problems."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np

from analysis.training import optimizer_options, tasks
from analysis.training.runs.plan import result_version
from analysis.training.runs.run import Place, Run
from analysis.training.runs.session import TaskSession
from dwmgrad_ref import data, observers, problems, rules
from dwmgrad_ref.execution import runner
from tests.result_versions.golden import Case
from tests.result_versions.pretend_data import HELD_OUT, SHAPES, SMALL, pretend

EPOCHS, STEPS = 2, 25
DATA_FOLDER = ("a9a", "mushrooms")  # problems on these sets, which no library brings, have no case
SGD = {"optimizer": "torch.optim.SGD", "lr": 0.1, "momentum": 0.9}
DWMGRAD = {"optimizer": "dwmgrad", "lr": 1e-3, "signal": "increase", "epoch": "task", "fused": False}
DRAWN = Place("drawn")  # a place of its own, so that no other test is given the drawn data


def training(task: str, optimizer: dict[str, Any]) -> Case:
    """Two epochs of a task on drawn data (the digits are real): every number that a run records, and the weights."""
    dataset = tasks.get(task).dataset
    options = (
        {"held_out": HELD_OUT} if dataset in {*SHAPES, "fsdd"} else {"examples": 96} if dataset == "digits" else {}
    )
    run = Run(task, optimizer_options.complete(optimizer), 3, EPOCHS, "final", {**options, **SMALL.get(task, {})})
    found = pretend(dataset)
    with patch.object(data, "load", lambda *_, **__: found):
        session = TaskSession(run, DRAWN)
        before = [p.detach().clone() for p in session.model.parameters()]
        rows = [session.epoch() for _ in range(EPOCHS)]
    end = session.finish()
    bits = [
        f"{name}={value.hex()};".encode() for row in (*rows, end) for name, value in row.items() if name != "seconds"
    ]
    numbers = {f"{name} {epoch}": row[name] for epoch, row in enumerate(rows, 1) for name in row if "_loss" in name}
    numbers["test_loss"] = end["test_loss"]
    for place, (then, now) in enumerate(zip(before, session.model.parameters(), strict=True)):
        bits.append(now.detach().numpy().tobytes())
        numbers[f"moved {place}"] = float((now.detach().double() - then.double()).norm())
    return Case(result_version(run), b"".join(bits), numbers)


def formula(name: str) -> Case:
    """A rule's formula on Python floats, one coordinate, for 25 steps of drawn gradients and losses."""
    rule = rules.get(name)
    draw = np.random.default_rng(5)
    o = rule.encode(rule.options())
    x: Any = 1.0
    k, c = rule.begin(o, x)
    bits = []
    for _ in range(STEPS):
        g, loss = (float(v) for v in draw.uniform(-1, 1, 2))
        k, c, x = rule.step(o, k, c, x, g, loss + 1.5)
        bits.append(np.array([x, *k], dtype=float).tobytes())
    assert math.isfinite(x)
    return Case(
        {"rule": rule.result_version},
        b"".join(bits),
        {"x": float(x), **{f: float(v) for f, v in zip(rule.Shared._fields, k, strict=True)}},
    )


def compiled(problem: str) -> Case:
    """DWMGrad for 25 steps on a problem, with every observer: what the compiled driver records at each step."""
    rule, o = rules.get("dwmgrad"), {"alpha": 1e-3}
    frame = runner.run(rule, problem, STEPS, observers.names(), grid=1, **o).frame
    last = {name: float(value) for name, value in frame.iloc[-1].items() if math.isfinite(value)}
    versions = {"run": runner.RESULT_VERSION, "rule": rule.result_version}
    return Case(versions, "".join(frame.columns).encode() + frame.to_numpy(float).tobytes(), last)


def _torch_form(name: str, fused: bool) -> Case:
    keeps = "past" in rules.get(name).Coord._fields
    return training("digits-mlp", {"optimizer": name, "fused": fused and not keeps})


CASES: dict[str, Callable[[], Case]] = {
    **{f"{task} with {o['optimizer']}": partial(training, task, o) for task in tasks.names() for o in (SGD, DWMGRAD)},
    **{f"{rule} by loop": partial(_torch_form, rule, False) for rule in rules.names()},
    **{f"{rule} fused": partial(_torch_form, rule, True) for rule in rules.names()},
    **{f"run on {p}": partial(compiled, p) for p in problems.names() if not p.endswith(DATA_FOLDER)},
    **{f"{rule} on floats": partial(formula, rule) for rule in rules.names()},
}
