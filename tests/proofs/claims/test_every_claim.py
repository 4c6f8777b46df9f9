"""Every claim's checks, run again and compared with the committed ledger."""

import pytest
import sympy
import z3

from dwmgrad_ref import ops
from proofs.checkers.solver_terms import NotArithmetic, Translation
from proofs.claims import registry
from proofs.ledger import page, verification
from proofs.ledger.papers import PAPERS, judged
from proofs.statements import rendering
from proofs.statements.claim import verdict
from proofs.statements.statement import Named, Quantified, conjuncts

CLAIMS = list(registry().values())
IDS = [claim.id for claim in CLAIMS]


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_run_brings_no_news(claim):
    """Statement, verdict's parts, details and witnesses are the committed ones."""
    assert verification.changes(verification.run([claim], jobs=1)) == []


def test_verdicts_follow_from_the_committed_outcomes():
    committed, found = verification.expected(), {}
    assert committed.keys() == registry().keys()
    for claim in CLAIMS:
        checks = committed[claim.id]["checks"]
        outcomes = {name: (k["status"], bool(k["witness"]), k["engine"]) for name, k in checks.items()}
        found[claim.id] = verdict(claim, outcomes, found)
    assert found == {name: entry["verdict"] for name, entry in committed.items()}


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_entry_is_made_from_the_claim(claim):
    """What is shown of a claim (statement, steps, note) is what its file says now."""
    committed = verification.expected()[claim.id]
    made = verification.entry(claim, committed["verdict"], [])
    assert {k: v for k, v in committed.items() if k != "checks"} == {
        k: [list(pair) for pair in v] if k == "where" else v for k, v in made.items() if k != "checks"
    }


def test_pages_are_not_stale():
    for path, said in page.pages().items():
        assert (page.ROOT / path).read_text() == said, f"{path}: run `dwmgrad verify --renew`"
    assert {f"{page.FOLDER}/{file.name}" for file in (page.ROOT / page.FOLDER).iterdir()} < page.pages().keys()


def test_no_claim_is_broken_and_every_paper_statement_rests_on_its_claims():
    committed = verification.expected()
    assert [name for name, entry in committed.items() if entry["verdict"] == "broken"] == []
    assert [row for row in PAPERS if judged(row, committed) != row.verdict] == []


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_claim_is_written_down_in_full(claim):
    assert claim.title and (claim.checks or claim.proof) and rendering.sentence(claim.statement)
    extra = (*claim.refutation, *claim.search, *claim.controls)  # a family's check may serve several of its claims
    assert all(claim.id.startswith(check.name.partition(".")[0]) for check in extra)
    assert all(check.says and check.engine for check in claim.checks)


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_hypotheses_do_not_contradict_each_other(claim):
    """A claim from contradictory hypotheses would be true of nothing; what is no arithmetic is left out."""
    term, given = Translation(), []
    with ops.side_conditions() as sides:
        for part in conjuncts(sympy.And(*claim.statement.given)):
            if not isinstance(part, Quantified | Named):
                try:
                    given.append(term(part))
                except NotArithmetic:
                    pass
    solver = z3.Solver()
    solver.set("timeout", 10_000)
    solver.add(*given, *sides)
    assert str(solver.check()) == "sat"
