"""Conformance: torch.optim agrees with our rules, and every deliberate fault is found and named."""

import json

import numpy as np
import pytest

from analysis.conformance import edits, gradients, sources
from analysis.conformance.agreement import compare
from analysis.conformance.ours import Play
from analysis.conformance.study import study
from dwmgrad_ref import cli, rules
from dwmgrad_ref.errors import BadInput

BROKEN = "torch:tests.analysis.conformance.broken.Adam"


@pytest.mark.parametrize(
    ("name", "rule", "own", "decay"),
    [
        ("Adam", "adam", {}, "decay added to the gradient"),
        ("Adam", "amsgrad", {"amsgrad": True}, "decay added to the gradient"),
        ("AdamW", "adamw", {}, "the rule's"),
        ("SGD", "heavy-ball", {"momentum": 0.9}, "the rule's"),
        ("SGD", "nesterov", {"momentum": 0.9, "nesterov": True}, "the rule's"),
        ("Adagrad", "adagrad", {}, "decay added to the gradient"),
        ("Adadelta", "adadelta", {}, "decay added to the gradient"),
    ],
)
def test_torch_has_our_rules(name, rule, own, decay):
    found = study(sources.get(f"torch:torch.optim.{name}"), rules.get(rule), own=own)
    assert found["formula"] == "agrees" and found["decay"] == decay
    assert "divergence" not in found and found["ulps"] < 16


def test_two_faults_at_once_are_both_told():
    found = study(sources.get(BROKEN), rules.get("adam"), own={"fault": "inside old-m"})
    (first, *_) = found["reproduced"]
    assert "the m before the step: m → c.m" in first and "ops.sqrt(v + o.eps)" in first


def test_what_nothing_reproduces_is_said_to_differ():
    found = study(sources.get(BROKEN), rules.get("adam"), own={"clip": True}, tries=300)
    assert found["verdict"] == "differs; not reproduced" and found["reproduced"] == [] and found["search_cut"]


def test_a_setting_of_theirs_that_hides_the_method_is_told():
    found = study(sources.get("torch:tests.analysis.conformance.broken.Rooted"), rules.get("adam"))
    assert found["their_settings"] == {"eps_root": 0.0} and found["formula"] == "agrees with its eps_root=0.0"


# fault, the step after which it shows, how it is named, and the expression of ours that it changes
FAULTS = [
    ("uncorrected", 1, "no bias correction", "m / k.c1 → m"),
    ("inside", 1, "eps inside the root", "ops.sqrt(v + o.eps)"),
    ("hat", 1, "eps over c2", "o.eps / k.c2"),
    ("rate", 1, "the rate, not one minus it", "1 - o.beta1 → o.beta1"),
    ("momentum-squared", 1, "another variable", "g → m"),
    ("old-m", 1, "the m before the step", "m → c.m"),
    ("old-v", 1, "the v before the step", "v → c.v"),
]


@pytest.mark.parametrize(("fault", "step", "name", "change"), FAULTS, ids=[f[0] for f in FAULTS])
def test_every_fault_is_found_and_named(fault, step, name, change):
    found = study(sources.get(BROKEN), rules.get("adam"), own={"fault": fault})
    assert found["formula"].startswith("differs; reproduced by")
    assert found["divergence"]["step"] == step
    assert name in found["reproduced"][0] and change in found["reproduced"][0]


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        ("", "decay of the iterate by α λ before the step"),
        ("coupled", "decay added to the gradient"),
        ("fixed", "decay of the iterate by λ before the step"),
        ("late", "decay of the iterate by α λ after the step"),
    ],
)
def test_the_place_of_the_decay_is_told(fault, place):
    found = study(sources.get(BROKEN), rules.get("adam"), own={"fault": fault})
    assert found["formula"] == "agrees" and found["decay"] == place and found["verdict"] == f"agrees; {place}"


def test_a_play_that_is_not_finite_on_one_side_only_is_a_divergence():
    x = np.zeros((3, 2))
    broken = x.copy()
    broken[2, 1] = np.nan
    found = compare(Play(x, {}), Play(broken, {}))
    assert not found.agrees and found.step == 2 and found.relative == np.inf
    assert compare(Play(broken, {}), Play(broken, {})).agrees


def test_a_difference_of_rounding_is_none_and_a_small_eps_is_one():
    x = np.linspace(1, 2, 10)[:, None]
    assert compare(Play(x, {}), Play(np.nextafter(x, 3), {})).agrees
    assert not compare(Play(x, {}), Play(x + 1e-8 * (x - 1), {})).agrees


def test_changes_leave_the_rule_as_it_was():
    rule = rules.get("adamw")  # its step calls Adam's, so that a change lies in another file
    (sequence,) = gradients.sequences()[:1]
    o, every = rule.encode(rule.options()), edits.edits(rule)
    before = rule.step(o, *rule.begin(o, sequence.x), sequence.x, sequence.g[0], 1.0)
    (dropped,) = [
        e
        for e in every
        if e.what == "no bias correction"
        and e.change.startswith("m / k.c1")
        and "return" in e.within
        and len(e.places) == 1
    ]
    changed = edits.edited(rule, [dropped])
    after = changed.step(o, *rule.begin(o, sequence.x), sequence.x, sequence.g[0], 1.0)
    decayed = sequence.x * (1 - o.alpha * o.weight_decay)
    assert np.allclose(after[2] - decayed, (before[2] - decayed) * (1 - o.beta1), rtol=1e-9)  # m/(1 - beta1) becomes m
    again = rule.step(o, *rule.begin(o, sequence.x), sequence.x, sequence.g[0], 1.0)
    assert np.array_equal(again[2], before[2])


def test_the_command_tells_the_verdict_first(capsys, tmp_path):
    assert cli.main(["conform", f"{BROKEN}:fault=rate", "--rule", "adam", "--json", str(tmp_path / "a.json")]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[0].startswith(f"{BROKEN} (tests) against adam: differs; reproduced by the rate")
    assert json.loads((tmp_path / "a.json").read_text())["divergence"]["step"] == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["torch:no_such_package.Adam"], "pip install no_such_package"),
        (["adam"], "expected torch:module.Class or optax:name"),
        (["torch:torch.optim.LBFGS"], "--rule"),
        (["torch:torch.optim.Adam", "--name", "beta9=alpha"], "no option 'beta9'"),
        (["torch:torch.optim.Adam", "--name", "beta2=gamma"], "no setting 'gamma'"),
    ],
)
def test_what_cannot_be_compared_is_an_error_that_says_why(words, told, capsys):
    assert cli.main(["conform", *words]) != 0
    assert told in capsys.readouterr().err


def test_sequences_are_drawn_from_their_seed():
    a, b, c = gradients.sequences(1), gradients.sequences(1), gradients.sequences(2)
    assert all(np.array_equal(p.g, q.g) for p, q in zip(a, b, strict=True))
    assert not np.array_equal(a[0].g, c[0].g)
    late = {s.name: s for s in a}["first gradient zero"]
    assert not late.g[0].any() and late.g[3:].all()


def test_a_wrong_word_raises():
    with pytest.raises(BadInput, match="names no implementation"):
        sources.get("jax:adam")
