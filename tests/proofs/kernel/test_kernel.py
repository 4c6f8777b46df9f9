"""The kernel engine must not be fooled: stale definitions, new axioms, changed statements, a missing Coq never pass."""

import re
import shutil

import numpy as np
import pytest

from dwmgrad_ref import arithmetic, ops, rules
from dwmgrad_ref.cli import main
from dwmgrad_ref.rules.base import replace
from proofs.checkers import by_kernel
from proofs.kernel import build, generate, theorems
from proofs.kernel.terms import Rounded, Term, written
from proofs.ledger import page, records, verification

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
    changed = replace(rule, coord=lambda o, k, c, x, g: rule.coord(o, k, c, x, 2 * g))
    assert generate._module(changed) != text


def test_a_rounded_formula_rounds_every_operation_and_nothing_else():
    x, y = Rounded("x"), Rounded("y")
    assert written(1 - x / y) == "(rnd (1 - (rnd (x / y))))"
    assert written(-abs(x)) == "(- (Rabs x))"
    assert written(ops.sqrt(x) * ops.maximum(y, 0)) == "(rnd ((rnd (sqrt x)) * (if_greater y 0 y 0)))"
    low, high = Rounded("low"), Rounded("high")
    assert (
        written(arithmetic.projected(x, low, high))
        == generate._driver().split("clip (low high x : R) : R := ")[1].split(".\n")[0]
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_run_in_floats_keeps_the_bound_of_the_theorem(seed):
    """F_iterates for linear losses against a run with 64 binary digits, whose own error is 2^11 times smaller."""
    rule, random, T = rules.get("dwmgrad"), np.random.default_rng(seed), 300
    gradients = random.normal(size=T) * 10.0 ** random.integers(-6, 7, size=T)
    alpha, omega0, B = 0.1, 3.0, 1.0

    def run(kind):
        o = rule.options(alpha=alpha, omega0=omega0, delta=float("inf"), schedule="sqrt")
        o = o._replace(alpha=kind(alpha), omega0=kind(omega0), eps=kind(o.eps))
        k, c, x = rule.start(o), rule.Coord(kind(0), kind(0)), kind(0.3)
        for g in gradients:
            k = rule.shared(o, k, kind(1))
            c, x = rule.coord(o, k, c, x, kind(g))
            x = arithmetic.projected(x, kind(-B), kind(B))
            yield x

    far = [abs(float(a - np.longdouble(b))) for a, b in zip(run(np.longdouble), run(float), strict=True)]
    u, step = 2.0**-53 * (1 + 2.0**-11), alpha * np.sqrt(1 + omega0)
    assert all(d <= t * u * (B + (10 * T + 18) * step) for t, d in enumerate(far, 1))
    assert max(far) > 2.0**-56


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


def test_no_theorem_is_missed():
    texts = [file.read_text() for file in build.SOURCES.glob("*.v")]
    assert (
        set(re.findall(r"^Theorem (\w+)_proof\b", "\n".join(texts), re.MULTILINE)) == build.record()["theorems"].keys()
    )


def outcome(theorem="R3_general", compile=True):
    return by_kernel.examine([theorem], compile)[theorem]


def test_without_coq_nothing_passes(monkeypatch):
    monkeypatch.setenv("PATH", "")
    found = outcome()
    assert found.status == "unknown" and found.witness == build.record()["theorems"]["R3_general"]
    assert "not re-checked here: no Coq" in found.detail and build.INSTALL in found.detail
    assert by_kernel.news({"R3_general": found}) == []
    assert by_kernel.told("R3-any", {"R3_general": found}) == "not re-checked"


def test_the_page_does_not_depend_on_coq(monkeypatch):
    whole = page.pages()
    monkeypatch.setenv("PATH", "")
    assert page.pages() == whole


def test_the_record_is_of_the_committed_files():
    assert build.stale() == ""


@pytest.mark.parametrize("what", ["formula", "proof"])
def test_a_change_that_was_not_rebuilt_fails_without_coq(monkeypatch, what, tmp_path):
    """A committed change of a formula or of a Coq file with the old record is news on every machine."""
    monkeypatch.setenv("PATH", "")
    build.stale.cache_clear()
    if what == "formula":
        monkeypatch.setattr(generate, "source", lambda: generate.FILE.read_text() + "(* changed *)")
    else:
        shutil.copytree(build.SOURCES, tmp_path / "coq")
        with (tmp_path / "coq" / "Regret.v").open("a") as file:
            file.write("(* changed *)")
        monkeypatch.setattr(build, "SOURCES", tmp_path / "coq")
    found = outcome()
    build.stale.cache_clear()
    assert found.status == "fails" and by_kernel.news({"R3_general": found}) == [f"R3_general (coq): {found.detail}"]
    assert by_kernel.told("R3-any", {"R3_general": found}) == "differs from the record"


def test_every_theorem_stands_beside_a_claim_or_is_a_lemma():
    placed = {name for claim in theorems.BY_CLAIM for name in theorems.names(claim)}
    assert placed | theorems.LEMMAS.keys() == build.record()["theorems"].keys()
    assert not placed & theorems.LEMMAS.keys()
    assert theorems.BY_CLAIM.keys() <= records.ledger().keys()


def test_the_page_and_the_terminal_show_the_statements(capsys):
    statement = build.record()["theorems"]["R3_general"]["statement"]
    section = "\n".join(page.section("R3-any", records.ledger()["R3-any"]))
    assert f"```coq\n{statement}\n```" in section
    assert "Also checked by Coq, of the formula that runs:\n\n1. theorem R3_general (" in section
    shown = list(records.lines("R3-any", records.ledger()["R3-any"]))
    assert all(f"   {line}" in shown for line in statement.splitlines())
    assert "Coq" not in "\n".join(page.section("C-gd", records.ledger()["C-gd"]))


def test_a_verdict_does_not_depend_on_coq(monkeypatch):
    """The engine coq runs no check of the ledger, so no finding and no verdict comes of it."""
    assert verification.run(verification.select(["R3"], "coq"), "coq", jobs=1) == []


def test_a_run_that_may_not_compile_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("DWMGRAD_CACHE", str(tmp_path))
    monkeypatch.setattr(build, "version", lambda: "8.16.1")
    monkeypatch.setattr(build, "build", lambda: pytest.fail("it compiled"))
    found = outcome(compile=False)
    assert found.status == "unknown" and "dwmgrad verify --engine coq" in found.detail


@needs_coq
def test_the_development_is_as_recorded():
    found, expected = build.build(), build.record()
    assert found["theorems"].keys() == expected["theorems"].keys()
    assert [line for name in found["theorems"] for line in build.differences(found, expected, name)] == []
    assert outcome().status == "holds" == outcome(compile=False).status


@needs_coq
def test_a_theorem_that_does_not_exist_fails():
    found = outcome("R99")
    assert found.status == "fails" and "no theorem R99" in found.detail


@needs_coq
def test_the_command_tells_what_coq_found(capsys):
    assert main(["verify", "R3-any", "--engine", "coq"]) == 0
    assert f"theorems (coq): re-checked by Coq {build.version()}" in " ".join(capsys.readouterr().out.split())


def test_the_command_tells_where_coq_is_missing(capsys, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert main(["verify", "R3-any", "--engine", "coq"]) == 0
    assert "not re-checked here: no Coq" in " ".join(capsys.readouterr().out.split())


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
