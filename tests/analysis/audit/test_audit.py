"""The audit: known values, a user's rule outside the package, torch classes, and what is told when a file is broken."""

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.audit import rule_audit, torch_audit
from analysis.training import optimizers
from dwmgrad_ref import cli, problems, rules
from dwmgrad_ref.errors import BadInput, BadOption
from proofs.checkers.by_search import OFFSET, regret_of

MINE = """
from typing import NamedTuple
from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Potential, Rule, Source, StepSize
from dwmgrad_ref.rules.bounds import StepBound

class Options(NamedTuple):
    alpha: StepSize = 0.1

class Shared(NamedTuple):
    t: float
    window: float

class Coord(NamedTuple):
    last: float

def start(o): return Shared(t=0, window=0)
def shared(o, k, loss): return Shared(t=k.t + 1, window=ops.minimum(k.window + 2, 7))
def coord(o, k, c, x, g): return Coord(last=g), x - o.alpha * g
def potential(o, k, c): return Potential(h=1 / o.alpha, damp=1, shift=0)

RULE = Rule("mine", "descent", Source("mine", ""), Options, Shared, Coord, start, shared, coord, potential,
            step_bounds=(StepBound("", (), lambda o: float("inf")),))
"""


@pytest.mark.parametrize("name", rule_audit.PROBLEMS)
def test_compiled_losses_are_the_problems_own(name):
    problem = problems.get(name)
    x = np.random.default_rng(0).uniform(-1, 1, problem.d)
    loss, g = rule_audit.compiled_loss(problem)(x, 3)
    expected, slope = problem.value_grad(x, 3)
    assert loss == pytest.approx(expected, rel=1e-13) and np.allclose(g, slope, rtol=1e-12, atol=1e-15)


def test_sizes_of_plain_descent_are_its_gradients():
    found = rule_audit.sizes(rules.get("sgd"), 4, alpha=1e-3).set_index("problem")
    # theta_{t+1} - theta_t = -alpha g_t: on +-1 losses the size is 1, on 1, 10, 100, 1000 it is 1000.
    assert found.step_per_alpha["linear-adversarial"] == pytest.approx(1)
    assert found.step_per_alpha["growing gradients"] == pytest.approx(1000)
    assert found.step_per_alpha["quadratic-diagonal"] == pytest.approx(
        np.abs(problems.get("quadratic-diagonal").value_grad(problems.get("quadratic-diagonal").x0)[1]).max()
    )
    assert found.window_min.isna().all() and found.step_bound.isna().all()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["dwmgrad", "adagrad", "rmsprop-momentum", "dwmgrad-explicit-window"]),
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=30),
)
def test_no_step_exceeds_its_proved_bound(name, gradients):
    rule = rules.get(name)
    o = rule.encode(rule.options())
    assert rule.step_bounds
    k, c = rule.begin(o, np.zeros(1))
    for g in gradients:
        k, c, x = rule.step(o, k, c, np.zeros(1), np.array([g]), 1.0)
        assert abs(x[0]) <= o.alpha * rule.step_bound(o) * (1 + 1e-12)


@pytest.mark.parametrize(("name", "bound"), [("dwmgrad", 10**0.5 / 0.1), ("rmsprop", 10.0), ("adagrad", 1.0)])
def test_growing_gradients_come_near_the_step_bound(name, bound):
    found = rule_audit.sizes(rules.get(name), 200).set_index("problem").loc["growing gradients"]
    assert found.step_bound == pytest.approx(bound) and 0.99 * bound < found.step_per_alpha <= bound


def test_window_of_dwmgrad_stays_in_its_bounds():
    found = rule_audit.sizes(rules.get("dwmgrad"), 40, delta=7.0)
    assert found.window_min.min() >= 1 and found.window_max.max() == 7


def test_worst_case_of_plain_descent_that_cannot_move():
    # alpha = 1e-9: theta stays at the start, so the worst is T steps of 1 from 1: regret 2 T, and no sequence beats it.
    (row,) = rule_audit.worst(rules.get("sgd"), (6,), alpha=1e-9)
    assert row["regret"] == pytest.approx(12, rel=1e-6)
    assert row["regret"] == regret_of("sgd", np.array(row["gradients"]), row["start"], alpha=1e-9)


def test_potential_condition_of_rules_known():
    assert rule_audit.potential_break(rules.get("adagrad")) is None
    assert rule_audit.potential_break(rules.get("rmsprop"))["step"] == 4  # type: ignore[index]  # the first 0 after ones


ADAM = {"schedule": "sqrt", "alpha": 0.1}


def test_where_h_falls_is_told_from_the_runs_and_the_probes_only_add():
    """Adam's h falls at most steps of its runs, though none of the probes is long enough to show it."""
    rule = rules.get("adam")
    found, broken = rule_audit.regrets(rule, 2000, **ADAM), rule_audit.potential_break(rule, **ADAM)
    assert broken is None and found.violating_steps.max() > 1500
    told = rule_audit.falls(found, broken)
    for row in found.to_dict("records"):
        assert (f"{row['problem']} at {row['violating_steps']:,.0f} steps" in told) == (row["violating_steps"] > 0)
    assert told.endswith("the short probes do not make it fall") and "no step" not in told


def test_where_h_never_falls_that_is_told_too():
    rule = rules.get("adagrad")
    told = rule_audit.falls(rule_audit.regrets(rule, 200), rule_audit.potential_break(rule))
    assert told == "h falls at no step of the 6 runs that came to their end; no probe made h fall either"


def test_a_probe_adds_to_what_the_runs_show():
    rule = rules.get("rmsprop")
    broken = rule_audit.potential_break(rule)
    none = pd.DataFrame({"problem": ["a", "b"], "violating_steps": [0, np.nan], "stopped": [np.nan, "step 3"]})
    assert rule_audit.falls(none, broken).startswith(
        "h falls at no step of the 1 runs that came to their end; it falls at"
    )
    assert "step 4 of the probe 'ones, then nothing'" in rule_audit.falls(none, broken)


# Every rule with a proved bound and options for which it holds; then rules and options without one.
BOUNDED: list[tuple[str, dict[str, Any]]] = [
    ("sgd", {"schedule": "sqrt"}), ("sgd", {}), ("heavy-ball", {}), ("adagrad", {}),
    ("amsgrad", {"schedule": "sqrt", "bias_correction": False}),
    ("dwmgrad", {"delta": float("inf"), "schedule": "sqrt", "gamma": 0.0}),
    ("dwmgrad", {"delta": float("inf"), "schedule": "sqrt"}),
]  # fmt: skip
UNBOUNDED: list[tuple[str, dict[str, Any]]] = [
    ("amsgrad", {"schedule": "sqrt"}), ("adam", {"schedule": "sqrt"}), ("rmsprop", {}), ("dwmgrad", {}), ("lcam", {}),
]  # fmt: skip


def test_every_rule_with_a_bound_is_among_these():
    """A variant's bound is its rule's."""
    assert {rules.get(n).bounds for n in rules.names()} - {()} == {rules.get(n).bounds for n, _ in BOUNDED}


def words(name: str, alpha: float, steps: int, options: dict[str, Any]) -> str:
    found = rule_audit.periodic(rule_audit.average_regret(rules.get(name), alpha=alpha, **options), steps)
    if found.bound.notna().any():
        assert (found.late <= found.bound).all(), "a run contradicts a theorem"
    return re.sub(r"-?(\d+(,\d{3})*(\.\d+)?(e[+-]?\d+)?|nan|inf)", "#", rule_audit.measured(found, steps))


@pytest.mark.parametrize(("name", "options"), BOUNDED + UNBOUNDED)
def test_no_step_size_and_no_number_of_steps_turns_the_words(name, options):
    """The audit's words are numbers in a fixed frame, and say of no method that it does or does not work."""
    told = {words(name, 10.0**e, T, options) for e in range(-5, 2) for T in (200, 2000, 20_000)}
    cases = ", ".join(["# to # (C = #, k = #)"] * 5)
    known = "An a-priori bound holds for these options, and the regret is at most # of it. "
    unknown = "No a-priori bound is known for these options. "
    assert told == {
        f"average regret from step # to step # of the periodic losses: {cases}. "
        f"{known if (name, options) in BOUNDED else unknown}One step size and one number of steps show no limit: "
        f"they decide neither for nor against no regret"
    }


# --- a file outside the package --------------------------------------------------------------------------------


def test_a_file_is_audited_in_full(tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text(MINE)
    assert cli.main(["audit", "--rule", f"{file}:alpha=0.05", "--steps", "60", "--seconds", "2", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["options"] == {"alpha": 0.05}
    assert found["costs"]["each"] == {"multiply": 1, "subtract": 1} and found["costs"]["state"] == 1
    assert {(row["window_min"], row["window_max"]) for row in found["sizes"]} == {(2.0, 7.0)}
    assert {row["step_bound"] for row in found["sizes"]} == {"inf"}
    assert [row["T"] for row in found["worst"]] == [10, 30, 100]
    assert found["potential"]["probe"] is None and "h falls at no step of the 6 runs" in found["potential"]["measured"]
    assert found["verdict"]["verdict"] in {"proved", "refuted", "open"}
    assert "average regret from step 6 to step 60" in found["measured"]
    assert found["command"] == f"dwmgrad audit --rule {file}:alpha=0.05 --seconds 2.0 --steps 60"
    # The same formula as sgd's, so the same regrets.
    sgd = rule_audit.regrets(rules.get("sgd"), 60, alpha=0.05)
    assert [row["regret"] for row in found["regrets"]] == pytest.approx(sgd.regret.tolist(), rel=1e-12)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("return Coord(last=g), x - o.alfa * g", "first step fails: AttributeError: 'Options' object has no attribute "
      "'alfa' (line 19)"),
     ("return x", "first step fails:"), ("retrun x", "cannot be read: SyntaxError")],
)  # fmt: skip
def test_a_broken_file_is_told_in_a_line(tmp_path, capsys, wrong, said):
    file = tmp_path / "broken.py"
    file.write_text(re.sub("return Coord.*", wrong, MINE))
    assert cli.main(["audit", "--rule", str(file), "--steps", "60"]) == 2
    told = capsys.readouterr().err
    assert said in told and str(file) in told and "Traceback" not in told


def test_bad_options_are_told(capsys):
    assert cli.main(["audit", "--rule", "sgd:alpha=-1"]) == 2
    assert cli.main(["audit", "--rule", "sgd:beta=1"]) == 2
    assert cli.main(["audit", "--rule", "torch:torch.optim.SGD:momentun=1"]) == 2
    assert "momentun" in capsys.readouterr().err


# --- torch ---------------------------------------------------------------------------------------------------------


def test_torch_descent_is_ours():
    for name in ("quadratic-diagonal", "linear-adversarial"):
        found = torch_audit.torch_run(torch.optim.SGD, problems.get(name), 50, lr=0.01)
        ours = rule_audit.run_many([{"rule": "sgd", "problem": name, "steps": 50, "alpha": 0.01}])[0]
        assert found["regret"] == pytest.approx(float(ours.final["regret"]), rel=1e-9)


def test_words_seen_in_a_torch_state():
    assert torch_audit.words(torch.optim.SGD, lr=0.1) == 0
    assert torch_audit.words(torch.optim.SGD, lr=0.1, momentum=0.9) == 1
    assert torch_audit.words(torch.optim.Adam) == 2 and torch_audit.words(torch.optim.Adam, amsgrad=True) == 3


def test_torch_search_finds_the_worst_of_an_optimizer_that_cannot_move():
    found = torch_audit.torch_worst(torch.optim.SGD, 5, rounds=20, count=16, lr=1e-9)
    assert found["regret"] == pytest.approx(10, rel=1e-6)


def test_torch_search_tells_what_our_rule_suffers_too():
    found = torch_audit.torch_worst(torch.optim.RMSprop, 6, rounds=3, count=8, lr=0.1)
    g = np.array(found["gradients"])
    assert found["regret"] == pytest.approx(regret_of("rmsprop", g, found["start"], alpha=0.1), rel=1e-9)


def test_closure_hands_over_loss_and_gradient():
    """An optimizer that looks around, as line searches do, and one that reads the loss."""

    class Looks(torch.optim.SGD):
        def step(self, closure=None):  # type: ignore[override]
            assert closure is not None
            self.seen = float(closure())
            return super().step()

    assert torch_audit.torch_run(Looks, problems.get("quadratic-diagonal"), 20, lr=0.01) == torch_audit.torch_run(
        torch.optim.SGD, problems.get("quadratic-diagonal"), 20, lr=0.01
    )
    assert OFFSET > 0


@pytest.mark.parametrize("name", ["torch.optim.Nothing", "nowhere.at.All", "math.pi", "plain"])
def test_not_a_torch_class(name):
    with pytest.raises(BadInput):
        optimizers.torch_class(f"torch:{name}")


def test_torch_options_are_checked():
    with pytest.raises(BadOption, match="does not take"):
        torch_audit.words(torch.optim.SGD, lr=-1.0)


@pytest.mark.parametrize("p", [-0.5, 0.0, 0.5, 1.0, 1.5])
def test_the_growth_of_regret_is_the_exponent_of_the_last_decade(p):
    t = np.unique(np.rint(np.geomspace(1, 1e5, 120)))
    regret = np.where(t < 5e3, 7.0, 3.0 * t**p)
    assert rule_audit.growth(t, regret) == pytest.approx(p, abs=1e-4)
    assert np.isnan(rule_audit.growth(t, -regret))


def test_a_witness_is_written_and_replayed(tmp_path, capsys):
    file = tmp_path / "w.json"
    words = ["audit", "rmsprop", "--schedule", "sqrt", "--steps", "50", "--seconds", "20"]
    assert cli.main([*words, "--witness", str(file)]) == 0
    assert f"dwmgrad replay {file}" in capsys.readouterr().out.replace("\n", "")
    assert cli.main(["replay", str(file)]) == 0


def test_a_wrong_option_is_an_error_before_any_verdict(capsys):
    assert cli.main(["audit", "adagrad:schedule=sqrt"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "no option of adagrad is called 'schedule'" in err
