"""Stored results are taken again by their result versions; a change of the numbers must come with a new version."""

import copy
import dataclasses

import pytest
import torch

from analysis.training import tasks, training_loop
from analysis.training.runs import committed_results, plan
from analysis.training.runs.run import ANYWHERE, Run, key
from dwmgrad_ref import rules
from dwmgrad_ref.execution.trace import load
from dwmgrad_ref.torch import rule_optimizer
from tests.result_versions import golden
from tests.result_versions.golden_cases import CASES

torch.set_num_threads(1)


@pytest.mark.parametrize("name", CASES)
def test_results_change_only_with_their_version(name):
    told = golden.difference(CASES[name](), golden.recorded()["cases"].get(name), golden.same_arithmetic())
    assert told is None, f"{name} {told}"


def test_every_recorded_result_has_its_case():
    assert set(golden.recorded()["cases"]) == set(CASES), "run `python -m tests.result_versions.golden`"


def recorded(name):
    return copy.deepcopy(golden.recorded()["cases"][name])


def test_a_changed_bit_is_noticed_where_the_arithmetic_is_the_recorded_one():
    name = "sgd on floats"
    case, then = CASES[name](), recorded(name)
    other = case._replace(bits=case.bits[:-1] + bytes([case.bits[-1] ^ 1]))
    assert "gives other bits than recorded" in (golden.difference(other, then, same_arithmetic=True) or "")
    assert golden.difference(other, then, same_arithmetic=False) is None


@pytest.mark.parametrize(("factor", "noticed"), [(1 + golden.RELATIVE / 2, False), (1 + 2 * golden.RELATIVE, True)])
def test_with_another_arithmetic_numbers_agree_to_the_tolerance(factor, noticed):
    name = "digits-mlp with dwmgrad"
    case, then = CASES[name](), recorded(name)
    numbers = {**case.numbers, "test_loss": case.numbers["test_loss"] * factor}
    told = golden.difference(case._replace(numbers=numbers), then, same_arithmetic=False)
    assert (told is not None) == noticed and ("test_loss" in (told or "")) == noticed


def test_a_raised_version_is_to_be_recorded_and_an_unraised_one_cannot_be(tmp_path, monkeypatch):
    name = "sgd on floats"
    case, file = CASES[name](), tmp_path / "golden.json"
    monkeypatch.setattr(golden, "FILE", file)
    changed = case._replace(bits=b"other")
    assert golden.renew({name: lambda: case}) == [name] and golden.renew({name: lambda: case}) == []
    before = file.read_bytes()
    with pytest.raises(SystemExit, match="raise the result version of what you changed"):
        golden.renew({name: lambda: changed})
    assert file.read_bytes() == before
    raised = changed._replace(versions={"rule": 2})
    assert "recorded" in (golden.difference(raised, recorded(name), same_arithmetic=True) or "")
    assert golden.renew({name: lambda: raised}) == [name]
    assert golden.difference(raised, recorded(name), same_arithmetic=True) is None


@pytest.mark.parametrize("part", ["task", "training", "rule", "torch_form"])
def test_every_version_is_in_the_key(part, monkeypatch):
    run = Run("digits-mlp", {"optimizer": "sgd"}, 0, 1)
    before = plan.identity_of(run, ANYWHERE)
    match part:
        case "task":
            raised = dataclasses.replace(tasks.get("digits-mlp"), result_version=2)
            monkeypatch.setitem(tasks._registry(), "digits-mlp", raised)
        case "training":
            monkeypatch.setattr(training_loop, "RESULT_VERSION", 2)
        case "rule":
            monkeypatch.setitem(rules._registry(), "sgd", dataclasses.replace(rules.get("sgd"), result_version=2))
        case "torch_form":
            monkeypatch.setattr(rule_optimizer, "RESULT_VERSION", 2)
    now = plan.identity_of(run, ANYWHERE)
    assert now["result_version"] == {**before["result_version"], part: 2} and key(now) != key(before)


def test_a_committed_run_lies_under_the_key_of_its_identity():
    for file in sorted(committed_results.HERE.glob("*.parquet")):
        found = load(file)
        for run in found.meta["runs"]:
            identity = {**found.meta["common"]["identity"], **run["identity"]}
            assert key(identity) == run["key"], file.name
            assert set(identity["result_version"]) >= {"task", "training"}
