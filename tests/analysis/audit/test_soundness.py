"""Verdicts contradict neither each other nor the literature: what was run is committed, and its checks bite."""

from dataclasses import replace
from fractions import Fraction
from itertools import islice

import pandas as pd
import pytest

from analysis.audit import growth, soundness, step_model
from analysis.audit.theorem import Theorem
from dwmgrad_ref import rules


@pytest.fixture(scope="module")
def table() -> list[dict]:
    return [dict(line) for _, line in pd.read_csv(soundness.RESULTS, keep_default_na=False).iterrows()]


def said(line: dict) -> dict:
    return {**line, "share": float(line["share"] or 0)}


def test_no_rule_is_both_and_nothing_known_is_contradicted(table):
    assert soundness.wrong([said(line) for line in table]) == []
    known = [(line["rule"], line["schedule"], line["known"]) for line in table if line["known"]]
    assert known == [(case.name, case.schedule, case.known) for case in soundness.KNOWN]


def test_some_of_the_drawn_rules_are_proved_and_some_refuted(table):
    drawn = [line for line in table if not line["known"]]
    assert any(line["proved"] for line in drawn) and any(line["refuted"] for line in drawn)


def test_the_drawn_rules_are_those_of_their_seeds(table):
    drawn = [line for line in table if not line["known"]]
    for number, line in enumerate(drawn):
        one = soundness.drawn(int(line["seed"]), number)
        assert (line["formula"], line["schedule"]) == (one.formula, one.schedule)


@pytest.mark.parametrize(("proved", "refuted", "known", "share", "bad"), [
    (True, True, "", 0.5, True),
    (True, False, "failure", 0.5, True),
    (False, True, "theorem", 0, True),
    (True, False, "", 1.01, True),
    (True, False, "theorem", 0.9, False),
    (False, True, "failure", 0, False),
])  # fmt: skip
def test_what_counts_as_wrong(proved, refuted, known, share, bad):
    line = {"proved": proved, "refuted": refuted, "known": known, "share": share}
    assert bool(soundness.wrong([line])) == bad


def test_a_bound_that_is_too_small_is_exceeded_by_runs():
    """Zinkevich's bound, D²/(2 alpha) sqrt(T) + alpha G² sqrt(T), holds; with a quarter of each term it does not."""
    rule, schedule = step_model.scheduled(rules.get("sgd"), "sqrt", {})
    theorem = Theorem(growth.ROOT, growth.BY_SQUARES, Fraction(1), Fraction(0), Fraction(1), Fraction(0), ())
    assert 0.5 < soundness.share(rule, schedule, theorem, steps=100) <= 1
    assert soundness.share(rule, schedule, replace(theorem, kappa=Fraction(4), E=Fraction(1, 4)), steps=100) > 1


def test_a_rule_of_the_grammar_is_a_rule_file(tmp_path):
    one = soundness.drawn(0, 3)
    file = tmp_path / "drawn.py"
    file.write_text(one.text)
    rule = rules.load(file)
    o = rule.encode(rule.options())
    k, c = rule.begin(o, 0.5)
    assert len(list(islice(rule.step(o, k, c, 0.5, 1.0, 1.0), 3))) == 3
