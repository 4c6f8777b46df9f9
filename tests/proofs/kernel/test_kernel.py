"""The kernel engine must not be fooled: stale definitions, new axioms, changed statements, a missing Coq never pass."""

import re
import shutil

import pytest

from dwmgrad_ref import rules
from proofs.checkers.by_kernel import kernel
from proofs.kernel import build, generate
from proofs.kernel.terms import Term, written

needs_coq = pytest.mark.skipif(not shutil.which("coqc"), reason=f"no Coq; {build.INSTALL}")

TRUE = "From Coq Require Import Reals.\nOpen Scope R_scope.\nDefinition Two : Prop := 1 + 1 = 2.\n"
PROOF = "From Coq Require Import Reals Lra.\nFrom Kernel Require Import Statements.\nTheorem Two_proof : Two.\n"


@pytest.fixture
def little(tmp_path):
    """A development of one theorem; `proof` replaces the end of its proof."""

    def make(proof="Proof. unfold Two; lra.\nQed.\n", statement=TRUE):
        folder = tmp_path / "coq"
        folder.mkdir(exist_ok=True)
        (folder / "Statements.v").write_text(statement)
        (folder / "Proofs.v").write_text(PROOF + proof)
        return build.build(folder, tmp_path / "cache")

    return make


def test_generated_definitions_are_the_formulas():
    assert generate.FILE.read_text() == generate.source()


def test_a_changed_formula_changes_the_definitions():
    rule = rules.get("adagrad")
    text = generate._module(rule)
    changed = rules.base.replace(rule, coord=lambda o, k, c, x, g: rule.coord(o, k, c, x, 2 * g))
    assert generate._module(changed) != text


def test_terms_refuse_to_decide():
    with pytest.raises(TypeError, match="ops.where"):
        bool(Term("a") > Term("b"))
    assert written(Term("x") / float("inf")) == "0" and (Term("x") < float("inf")) is True
    assert written(0.5) == "(1 / 2)" and written(-1) == "(-1)"


def test_no_proof_is_admitted_or_long():
    for file in build.SOURCES.glob("*.v"):
        text = file.read_text()
        assert not re.search(r"\b(Admitted|admit|Axiom|Axioms|Parameter|Conjecture)\b", text), file.name
        for proof in re.findall(r"^Proof\.(.*?)Qed\.", text, re.MULTILINE | re.DOTALL):
            assert proof.count("\n") <= 60, f"{file.name}: {proof[:200]}"


def test_every_recorded_theorem_rests_on_the_reals_alone():
    recorded = build.record()["theorems"]
    assert len(recorded) >= 50
    for name, theorem in recorded.items():
        assert set(theorem["assumptions"]) <= build.ALLOWED, name


def test_without_coq_nothing_passes(monkeypatch):
    monkeypatch.setenv("PATH", "")
    outcome = kernel("t", "", theorem="R3_general").run()
    assert outcome.status == "unknown" and "not re-checked here" in outcome.detail
    assert outcome.witness == build.record()["theorems"]["R3_general"]


def test_stale_definitions_fail(monkeypatch):
    monkeypatch.setattr(build, "stale", lambda: True)
    assert kernel("t", "", theorem="R3_general").run().status == "fails"


@needs_coq
def test_the_development_is_as_recorded():
    found, expected = build.build(), build.record()
    assert found["theorems"].keys() == expected["theorems"].keys()
    assert [line for name in found["theorems"] for line in build.differences(found, expected, name)] == []
    assert kernel("t", "", theorem="R3_general").run().status == "holds"


@needs_coq
def test_a_theorem_that_does_not_exist_fails():
    outcome = kernel("t", "", theorem="R99").run()
    assert outcome.status == "fails" and "no theorem R99" in outcome.detail


@needs_coq
def test_a_wrong_proof_is_broken(little):
    with pytest.raises(build.Broken):
        little("Proof. exact I.\nQed.\n")


@needs_coq
def test_axioms_and_admitted_proofs_are_news(little):
    honest = little()
    assert build.differences(honest, honest, "Two") == []
    cheat = little("Proof. exact cheat.\nQed.\n", TRUE + "Axiom cheat : Two.\n")
    assert build.differences(cheat, honest, "Two")[0] == "Two assumes cheat"


@needs_coq
def test_a_changed_statement_is_news(little):
    honest = little()
    weaker = little("Proof. unfold Two; lra.\nQed.\n", TRUE.replace("= 2", "<= 3"))
    assert build.differences(weaker, honest, "Two") == [
        "Two: statement changed since the record",
        "Two: Statements.v changed since the record",
    ]
