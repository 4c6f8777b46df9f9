"""Refutations found by machine: what is a theorem is never refuted, what fails is, and a changed witness is caught."""

import json
import time
from dataclasses import replace
from functools import cache

import pytest

from analysis.worst_case import replay as again
from analysis.worst_case.enclosures import Intervals, balls
from analysis.worst_case.refutation import certified, refute, with_run
from analysis.worst_case.replay import replay
from analysis.worst_case.scaled import Late
from analysis.worst_case.witness import KIND, Witness, read, write
from analysis.worst_case.words import Candidate, Pushes, slopes
from dwmgrad_ref import files, ops, rules
from dwmgrad_ref.cli import main
from dwmgrad_ref.errors import BadInput, DamagedFile
from proofs.checkers.by_search import regret_of
from proofs.models import periodic

SEVEN = ((7.0, 1), (-1.0, 6))
EXPANDING = {"delta": float("inf"), "gamma": 0.0}
THEOREMS = [
    ("adagrad", "constant", {}),
    ("sgd", "sqrt", {}),
    ("amsgrad", "sqrt", {"bias_correction": False}),
    ("dwmgrad", "sqrt", EXPANDING),
]
FAILURES = [
    ("dwmgrad", {}, SEVEN, 0.0),
    ("dwmgrad", {"gamma": 0.0}, SEVEN, 0.0),
    ("dwmgrad", {"signal": "increase"}, ((6.125, 1), (-1.0, 2)), 24.5),
    ("dwmgrad", {"signal": "decrease"}, ((6.125, 1), (-1.0, 2)), -24.5),
    ("rmsprop", {}, ((54.125, 1), (-1.0, 49)), 0.0),
    ("adam", {"beta1": 0.0, "beta2": 0.9}, SEVEN, 0.0),
    ("adam", {"beta1": 0.9, "beta2": 0.99}, ((105.0, 1), (-1.0, 99)), 0.0),
]


@cache
def found(name: str = "dwmgrad", schedule: str = "sqrt", word=SEVEN, ramp: float = 0.0, options=()) -> Witness | None:
    rule = rules.get(name)
    candidate = Candidate(word, ramp, 1.0, 1.0)
    with balls() as engine:
        return certified(rule, rule.options(**dict(options)), schedule, candidate, engine, time.monotonic() + 60)


def seven() -> Witness:
    witness = found()
    assert witness is not None
    return witness


@pytest.mark.parametrize(("name", "schedule", "options"), THEOREMS)
def test_a_rule_with_a_theorem_is_never_refuted(name, schedule, options):
    assert refute(name, schedule, seconds=0.5, **options) is None
    rule = rules.get(name)
    candidate = Candidate(SEVEN, 0.0, 1.0, 1.0)  # the certificate itself says no, whatever the search proposes
    with balls() as engine:
        assert certified(rule, rule.options(**options), schedule, candidate, engine, time.monotonic() + 0.5) is None


@pytest.mark.parametrize("schedule", ["sqrt", "constant"])
@pytest.mark.parametrize(("name", "options", "word", "ramp"), FAILURES)
def test_a_known_failure_is_refuted(name, options, word, ramp, schedule):
    witness = found(name, schedule, word, ramp, tuple(options.items()))
    assert witness is not None
    assert 0 < witness.mean_push <= Pushes(rules.get(name), rules.get(name).options(**options))(word, ramp).mean()


@pytest.mark.parametrize("gamma", [0.0, 0.9])
def test_the_certified_push_is_the_closed_form_of_the_periodic_limit(gamma):
    witness = found("dwmgrad", "constant", SEVEN, 0.0, (("gamma", gamma),))
    exact = sum(periodic.velocities(periodic.pushes(7.0, 7, 10.0, 1e-8), gamma)) / 7
    assert witness is not None
    assert 0.99 * exact <= witness.mean_push <= exact


def test_what_it_costs_at_the_worst_end():
    assert float(seven().limit) == pytest.approx(2 / 7)
    assert seven().worst == 1


def test_the_search_finds_the_capped_window_and_its_witness_is_replayed():
    witness = refute("dwmgrad", seconds=20)
    assert witness is not None and witness.finite is not None
    short = replace(witness, finite=None)
    assert all(check.holds for check in replay(short))


def test_alpha_does_not_change_the_verdict():
    one, other = (found("rmsprop", "sqrt", FAILURES[4][2], 0.0, (("alpha", alpha),)) for alpha in (1e-5, 10.0))
    assert one is not None and one == other


def test_the_stated_run_is_that_of_the_interpreted_formula(monkeypatch):
    monkeypatch.setattr("analysis.worst_case.refutation.STEPS", 700)
    rule = rules.get("rmsprop")
    witness = found("rmsprop", "constant", FAILURES[4][2])
    assert witness is not None
    with balls() as engine:
        run = with_run(witness, rule, rule.options(), engine).finite
    assert run is not None
    g = slopes(witness.word)[[t % 50 for t in range(700)]]
    average = regret_of("rmsprop", g, run.start, alpha=run.alpha) / 700
    assert 0.998 * average <= run.average <= average
    assert again._run(replace(witness, finite=run), driven(witness)).holds
    assert not again._run(replace(witness, finite=replace(run, average=average * 1.001)), driven(witness)).holds


def driven(witness: Witness) -> again.Driven:
    rule = witness.load_rule()
    options = rule.options(**witness.options)
    return again.Driven(rule, options, witness.schedule, witness.word, Intervals(), witness.ramp)


def confirmed(witness: Witness) -> bool:
    return all(check.holds for check in replay(witness))


def narrower(witness: Witness) -> Witness:
    last = witness.box[-1]
    shift = last.high - last.low
    return replace(
        witness, box=(*witness.box[:-1], last._replace(low=last.low + 2 * shift, high=last.high + 2 * shift))
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda w: replace(w, word=((6.0, 1), (-1.0, 6))),
        lambda w: replace(w, word=((40.0, 1), (-1.0, 6))),
        lambda w: replace(w, mean_push=w.mean_push * 1.2),
        lambda w: replace(w, spread=w.spread / 2),
        lambda w: replace(w, first=7),
        lambda w: replace(w, options={**w.options, "delta": float("inf")}),
        lambda w: replace(w, box=w.box[:-1]),
        lambda w: replace(w, schedule="other"),
        narrower,
    ],
)
def test_a_changed_witness_is_not_confirmed(change):
    assert confirmed(seven())
    assert not confirmed(change(seven()))


def test_a_witness_of_another_version_of_the_rule_is_refused():
    with pytest.raises(BadInput, match="audit this version"):
        replay(replace(seven(), result_version="file 0123"))


def test_a_witness_is_read_as_it_was_written(tmp_path):
    witness = found("dwmgrad", "constant")
    assert witness is not None
    assert read(write(witness, tmp_path / "w.json")) == witness


def test_replay_tells_damaged_and_unknown_files_apart(tmp_path, capsys):
    path = write(seven(), tmp_path / "w.json")
    assert main(["replay", str(path)]) == 0
    assert capsys.readouterr().out.startswith("Confirmed: dwmgrad is refuted.")
    path.write_text(path.read_text().replace("7.0", "8.0"))
    assert main(["replay", str(path)]) == 1
    assert "its content does not match its checksum" in capsys.readouterr().err
    path.write_text(files.with_checksum(json.dumps({"kind": "something else"})))
    assert main(["replay", str(path)]) == 2
    assert "is not a witness of a refutation" in capsys.readouterr().err
    assert main(["replay", str(tmp_path / "none.json")]) == 2
    write(replace(seven(), mean_push=1.0), path)  # with a checksum of its own
    assert main(["replay", str(path)]) == 1
    assert capsys.readouterr().out.startswith("NOT confirmed")


def test_a_witness_without_a_part_is_damaged(tmp_path):
    path = tmp_path / "w.json"
    path.write_text(files.with_checksum(json.dumps({"kind": KIND, "rule": "adam"})))
    with pytest.raises(DamagedFile, match="lacks a part"):
        read(path)


@pytest.mark.parametrize("engine", [Intervals(), "balls"])
def test_numbers_with_powers_of_the_time_enclose_every_late_step(engine):
    with balls() as arb:
        late = Late(arb if engine == "balls" else engine, 100)
        t = (late.power(q=-8) - 1) + 1
        for exact, number in [
            (lambda t: 1 / (3 * t + 1) * t, 1 / (t * 3 + 1) * t),
            (lambda t: (t * t + 2) ** 0.5 / t, ops.sqrt(t * t + 2) / t),
            (lambda t: 1 - 1 / t, 1 - 1 / t),
            (lambda t: max(0.001, 1 / t), ops.maximum(late.number("0.001"), 1 / t)),
        ]:
            low, high = late.engine.ends(number.coefficient(0, 0))
            assert all(low - 1e-12 <= exact(float(at)) <= high + 1e-12 for at in (100, 101, 1000, 10**9))
