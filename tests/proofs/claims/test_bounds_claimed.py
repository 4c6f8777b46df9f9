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


def test_bounds_without_a_proof_are_known():
    """Each of these is derived in its docstring and tested on runs, and `dwmgrad show` says that it is not proved."""
    assert WITHOUT == {"adagrad", "amsgrad", "dwmgrad-explicit-window", "heavy-ball"}
