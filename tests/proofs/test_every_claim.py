"""Every claim's checks, run again and compared with the committed ledger."""

import pytest

from proofs import ledger
from proofs.claim import verdict
from proofs.claims import registry

CLAIMS = list(registry().values())
IDS = [claim.id for claim in CLAIMS]


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_checks_come_out_as_committed(claim):
    committed = ledger.expected()[claim.id]["checks"]
    found = {f.check: (f.status, f.detail) for f in ledger.run([claim], jobs=1)}
    assert {name: status for name, (status, _) in found.items()} == {n: c["status"] for n, c in committed.items()}, (
        found
    )


def test_verdicts_follow_from_the_committed_statuses():
    committed, found = ledger.expected(), {}
    assert committed.keys() == registry().keys()
    for claim in CLAIMS:
        statuses = {name: check["status"] for name, check in committed[claim.id]["checks"].items()}
        found[claim.id] = verdict(claim, statuses, found)
    assert found == {name: entry["verdict"] for name, entry in committed.items()}


def test_page_is_not_stale():
    assert ledger.PAGE.read_text() == ledger.page(), "run `dwmgrad verify --accept`"


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_claim_is_written_down_in_full(claim):
    assert claim.statement and claim.latex and claim.title and claim.checks
    names = [check.name for check in claim.checks]
    assert len(set(names)) == len(names) and all(name.startswith(claim.id) for name in names)
    assert all(check.says and check.engine for check in claim.checks)
