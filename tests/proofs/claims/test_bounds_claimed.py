"""A bound that a rule offers under a claim's name is that claim's, and the ledger has proved it."""

import pytest

from dwmgrad_ref import rules
from proofs.ledger import records

NAMED = [
    (name, b.claim)
    for name in rules.names()
    for b in (*rules.get(name).bounds, *rules.get(name).step_bounds)
    if b.claim
]
WITHOUT = {
    name for name in rules.names() for b in (*rules.get(name).bounds, *rules.get(name).step_bounds) if not b.claim
}


@pytest.mark.parametrize("rule, claim", NAMED)
def test_the_ledger_has_proved_it(rule, claim):
    assert records.ledger()[claim]["verdict"] == "proved"


def test_every_bound_names_the_claim_that_proves_it():
    assert not WITHOUT
