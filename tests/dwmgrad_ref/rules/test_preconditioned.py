"""Potentials held against the rule's steps: the package's hold, made-up ones do not, and none means no number."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from analysis.audit import rule_audit
from dwmgrad_ref import cli, ops, plot, preconditioned, problems, rules, run, terminal
from dwmgrad_ref.rules.base import Potential, Rule
from dwmgrad_ref.torch import torch_optimizer, watch
from tests.dwmgrad_ref.rules.rule_cases import CASES

MORE: list[tuple[str, dict[str, Any]]] = [
    ("adam", {"beta1": 0.999, "schedule": "sqrt"}), ("adam", {"beta1": 0.0, "eps": 0.0}),
    ("amsgrad", {"bias_correction": False, "beta1": 0.99, "schedule": "sqrt"}), ("lcam", {"below": 0.0}),
    ("lcam", {"above": 0.0}), ("dwmgrad", {"delta": float("inf")}), ("dwmgrad", {"delta": 1.0, "omega0": 1.0}),
    ("dwmgrad", {"omega0": 0.0, "signal": "decrease"}), ("nesterov", {"mu": 0.99}), ("adagrad", {"eps": 0.0}),
]  # fmt: skip


@pytest.mark.parametrize("name, options", CASES + MORE, ids=[f"{n}-{o}" for n, o in CASES + MORE])
@pytest.mark.parametrize("alpha", [1e-5, 0.1, 10.0])
def test_the_packages_potentials_are_their_rules_own(name, options, alpha):
    rule = rules.get(name)
    told = f"{name} declares no potential, {preconditioned.LOST}" if rule.potential is None else ""
    assert preconditioned.flaw(rule, rule.options(alpha=alpha, **options)) == told


def changed(name: str, **changes: Any) -> Rule:
    """The rule with parts of its potential changed: each a function of (o, k, c, potential)."""
    rule = rules.get(name)

    def potential(o: Any, k: Any, c: Any) -> Potential:
        own = rule.reading(o, k, c)
        return own._replace(**{part: change(o, k, c, own) for part, change in changes.items()})

    return replace(rule, potential=potential)


INVENTED = {
    "twice h": changed("sgd", h=lambda o, k, c, own: 2 * own.h),
    "h of alpha, not of alpha_t": changed("sgd", h=lambda o, k, c, own: 1 / o.alpha),
    "h of the gradient's size": changed("rmsprop", h=lambda o, k, c, own: own.h + 0.1 * ops.absolute(c.V)),
    "eps inside the root": changed("rmsprop", h=lambda o, k, c, own: ops.sqrt(c.G + o.eps * o.eps) / o.alpha),
    "a constant h": changed("adagrad", h=lambda o, k, c, own: 1 / o.alpha + 0 * c.G),
    "no momentum told": changed("heavy-ball", damp=lambda *_: 1, shift=lambda *_: 0),
    "momentum not mirrored": changed("heavy-ball", shift=lambda *_: 0),
    "mirrored the wrong way": changed("heavy-ball", shift=lambda o, k, c, own: -own.shift),
    "mirrored too far": changed("heavy-ball", shift=lambda o, k, c, own: 2 * own.shift),
    "another momentum": changed("rmsprop-momentum", damp=lambda o, k, c, own: 1.01 * own.damp),
    "another rule's shift": changed("nesterov", shift=lambda o, k, c, own: -k.mu / (1 - k.mu) * o.alpha * c.V),
    "no bias correction": changed("adam", h=lambda o, k, c, own: (ops.sqrt(c.v) + o.eps) / k.alpha),
    "Adam's mean not mirrored": changed("adam", shift=lambda *_: 0),
    "the second moment for its root": changed("amsgrad", h=lambda o, k, c, own: own.h * own.h),
    "the present for the largest": changed("amsgrad", h=lambda o, k, c, own: rules.get("adam").reading(o, k, c).h),
    "a negative h": changed("sgd", h=lambda o, k, c, own: -own.h),
    "nothing finite": changed("sgd", h=lambda *_: float("inf")),
    "a start carried over": changed("sgd", shift=lambda *_: 1.0),
}  # fmt: skip


@pytest.mark.parametrize("what", INVENTED)
def test_what_is_made_up_is_refused(what):
    rule = INVENTED[what]
    options = {"schedule": "sqrt"} if "schedule" in rule.Options._fields else {}
    options |= {"eps": 0.1} if what == "eps inside the root" else {}
    told = preconditioned.flaw(rule, rule.options(**options))
    assert f"what {rule.name} declares is not a potential of this rule (" in told and "cannot be computed" in told


# --- a run without one ---------------------------------------------------------------------------------------

FROM_H = {"bound", "bound_error", "potential", "step_min", "step_max"}
FROM_H |= {"violations", "violating_steps", "first_violation"}
WITHOUT = {
    "none": replace(rules.get("adagrad"), potential=None),
    "made up": INVENTED["a constant h"],
}


@pytest.mark.parametrize("what", WITHOUT)
def test_a_run_leaves_out_what_needs_h_and_nothing_else(what):
    own = run("adagrad", "periodic", 300, grid=1)
    found = run(WITHOUT[what], "periodic", 300, grid=1)
    assert own.meta["no_potential"] == "" and "adagrad declares" in found.meta["no_potential"]
    assert set(own.frame) == set(found.frame)
    for column in found.frame:
        if column in FROM_H:
            assert found.frame[column].isna().all(), column
        else:
            np.testing.assert_array_equal(found.frame[column], own.frame[column], err_msg=column)
    assert np.isfinite(found.final["bound_apriori"])  # the rule's theorem needs no h along the run
    told = terminal.summary(found)
    assert not FROM_H & told.keys() and {"regret", "bound_apriori"} <= told.keys() and "slack" not in told
    titles = {axes.get_title(loc="left") for axes in plot.plot(found).axes}
    assert "regret beside its bounds" in titles and not {"potential", "effective step, smallest to largest"} & titles


def test_a_rule_with_momentum_and_no_potential_has_its_own_momentum():
    found = run(replace(rules.get("heavy-ball"), potential=None), "quadratic-diagonal", 20)
    assert found.final["momentum"] == 0.9


SIGNS = """
from typing import NamedTuple
from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Potential, Rule, Source, StepSize

class Options(NamedTuple):
    alpha: StepSize = 0.01

class Shared(NamedTuple):
    t: float

class Coord(NamedTuple):
    last: float

def start(o): return Shared(t=0)
def shared(o, k, loss): return Shared(t=k.t + 1)
def coord(o, k, c, x, g): return Coord(last=g), x - o.alpha * ops.where(ops.greater(g, 0), 1, -1)
def potential(o, k, c): return Potential(h=1 / o.alpha, damp=1, shift=0)

RULE = Rule("signs", "steps by signs", Source("mine", ""), Options, Shared, Coord, start, shared, coord{})
"""
SAYS = {"": "signs declares no potential, so", ", potential": "what signs declares is not a potential of this rule (at"}


@pytest.fixture(params=SAYS)
def signs(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "signs.py").write_text(SIGNS.replace("{}", request.param))
    return SAYS[request.param]


def test_the_command_line_says_what_is_not_known_and_why(signs, capsys):
    assert cli.main("run --problem periodic --rule signs.py --steps 80 --out a.parquet".split()) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert f"Note: {signs}" in out and "cannot be computed." in out
    assert "never" not in out and "effective step, smallest" not in out and "a posteriori" not in out.split("Note:")[0]
    assert cli.main(["trace", "a.parquet", "--plot"]) == 0
    assert signs in " ".join(capsys.readouterr().out.split())
    assert cli.main("run --problem periodic --rule signs.py --rule sgd --steps 80 --json -".split()) == 0
    mine, sgd = json.loads(capsys.readouterr().out)
    assert mine["no_potential"].startswith(signs) and sgd["no_potential"] == ""
    assert "first_violation" not in mine["summary"] and sgd["summary"]["first_violation"] is None


def test_the_audit_says_so_too(signs, capsys):
    assert cli.main("audit --rule signs.py --steps 60 --json -".split()) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["potential"]["probe"] is None and found["potential"]["measured"].startswith(f"not seen: {signs}")
    assert all(row["bound"] is None and row["step_max"] is None and row["violating_steps"] is None
               for row in found["regrets"])  # fmt: skip
    assert all(row["regret"] is not None for row in found["regrets"])


def test_no_probe_is_told_of_an_h_that_means_nothing():
    falling = changed("sgd", h=lambda o, k, c, own: 1 / (o.alpha * k.t))
    assert rule_audit.potential_break(rules.get("rmsprop")) and rule_audit.potential_break(falling) is None


@pytest.mark.parametrize("what", WITHOUT)
def test_watching_in_torch_leaves_it_out(what):
    theta = torch.nn.Parameter(torch.ones(5))
    optimizer, seen = torch_optimizer(WITHOUT[what])([theta], lr=0.1), {}
    with watch(optimizer, every=1, callback=seen.__setitem__):
        for _ in range(3):
            theta.grad = torch.linspace(-1, 1, 5)
            optimizer.step()
    assert seen[3]["update_to_weight"] > 0
    assert not [name for name in seen[3] if name.startswith(("effective_step", "potential"))]


def test_a_checkpoint_with_a_potential_is_not_gone_on_from_without(tmp_path):
    from dwmgrad_ref.errors import TraceError

    run("adagrad", problems.get("periodic"), 50, checkpoint=tmp_path / "c", checkpoint_seconds=0)
    with pytest.raises(TraceError, match="another run"):
        run(WITHOUT["none"], "periodic", 50, checkpoint=tmp_path / "c")
