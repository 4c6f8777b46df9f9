"""The engines must not be fooled: false, vacuous, trivial and undecided statements never pass."""

import pytest
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.errors import DwmgradError
from proofs import ledger
from proofs.claim import Check, Claim, Outcome, verdict
from proofs.engines.by_smt import Obligation, exists, forall, reals
from proofs.engines.by_sympy import identity


def prove(build):
    return forall("t", "", build).run()


def test_true_inequality_holds_and_names_what_it_needs():
    def build():
        a, b = reals("a b")
        return Obligation({"a > 0": a > 0, "b > 0": b > 0}, (a + b) * (a + b) >= 4 * a * b - a * b)

    outcome = prove(build)
    assert outcome.status == "unknown"  # true without its hypotheses: nothing broken is refuted

    def needed():
        a, b = reals("a b")
        return Obligation({"a > 0": a > 0, "b > 0": b > 0}, a * a + b * b + a * b * (a + b) > 0)

    outcome = prove(needed)
    assert outcome.status == "holds" and "without 'a > 0'" in outcome.detail


def test_false_inequality_fails_with_a_counterexample():
    def build():
        a, b = reals("a b")
        return Obligation({"a > 0": a > 0}, a * a >= a * b)

    outcome = prove(build)
    assert outcome.status == "fails" and set(outcome.witness) == {"a", "b"}


def test_vacuous_hypotheses_do_not_prove():
    def build():
        (a,) = reals("a")
        return Obligation({"a > 1": a > 1, "a < 0": a < 0}, a > 5)

    assert prove(build).status == "unknown"


def test_root_of_a_possibly_negative_number_does_not_prove():
    """sqrt(a) exists only for a >= 0, so without the check `a >= 0` would be 'proved' of every real."""

    def build():
        a, b = reals("a b")
        return Obligation({"b > 0": b > 0}, ops.sqrt(a) + a + b > 0)

    outcome = prove(build)
    assert outcome.status == "unknown" and "negative" in outcome.detail


def test_exists_gives_a_rational_witness():
    def build():
        (a,) = reals("a")
        return [2 * a == 1]

    assert exists("t", "", build).run() == Outcome("holds", "sat for z3, sat for cvc5", {"a": "1/2"})
    impossible = exists("t", "", lambda: [z3.Real("a") ** 2 < 0]).run()
    assert impossible.status == "fails"


def test_identity_is_told_from_its_broken_variant():
    from sympy import symbols

    a, b = symbols("a b")
    assert identity("t", "", lambda: ((a + b) ** 2, a**2 + 2 * a * b + b**2, a**2 + b**2)).run().status == "holds"
    assert identity("t", "", lambda: ((a + b) ** 2, a**2 + b**2, a**2)).run().status == "unknown"
    assert identity("t", "", lambda: (a, a, a)).run().status == "unknown"
    assert identity("t", "", lambda: (a / 2, a / 2 + 1, a)).run().status == "fails"


def outcome_check(name, status):
    return Check(name, "none", "", lambda: Outcome(status, ""))


@pytest.mark.parametrize(
    "proof, refutation, search, other, expected",
    [
        (["holds"], [], [], "proved", "proved"),
        (["holds", "unknown"], [], [], "proved", "open"),
        (["holds"], [], [], "open", "open"),
        (["holds"], [], [], "supported", "open"),
        ([], ["holds"], [], "open", "refuted"),
        ([], ["holds", "fails"], [], "proved", "open"),
        ([], [], ["holds"], "proved", "supported"),
        ([], [], ["fails"], "proved", "open"),
        (["unknown"], [], ["holds"], "proved", "open"),
        ([], [], [], "proved", "open"),
    ],
)
def test_verdict(proof, refutation, search, other, expected):
    groups = {"proof": proof, "refutation": refutation, "search": search}
    checks = {g: tuple(outcome_check(f"{g}{i}", s) for i, s in enumerate(ss)) for g, ss in groups.items()}
    claim = Claim("X", "", "", "", None, "identity", depends=("Y",), **checks)
    statuses = {c.name: c.run().status for c in claim.checks}
    assert verdict(claim, statuses, {"Y": other}) == expected


def test_proved_and_refuted_at_once_is_an_alarm():
    claim = Claim("X", "", "", "", None, "identity", proof=(outcome_check("p", "holds"),),
                  refutation=(outcome_check("r", "holds"),))  # fmt: skip
    with pytest.raises(AssertionError, match="both proved and refuted"):
        verdict(claim, {"p": "holds", "r": "holds"}, {})


def test_a_check_that_raises_is_unknown():
    def broken():
        raise ZeroDivisionError("no")

    assert ledger._outcome(Check("x", "none", "", broken)) == Outcome("unknown", "ZeroDivisionError: no")


def test_a_check_that_hangs_is_ended_and_named(monkeypatch):
    """No check comes back in a microsecond: the limit must end the run with a message, not wait."""
    monkeypatch.setattr(ledger, "LIMIT", 1e-6)
    with pytest.raises(DwmgradError, match=r"W1\.base was still running"):
        ledger.run(ledger.select(["W5"]), jobs=2)
