"""The engines must not be fooled: false, vacuous, trivial and undecided statements never pass."""

import pytest
import sympy
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.errors import DwmgradError
from proofs.checkers import by_smt
from proofs.checkers.by_smt import Obligation, exists, forall
from proofs.checkers.by_smt import reals as z3_reals
from proofs.checkers.by_sympy import identity
from proofs.checkers.solver_terms import Translation
from proofs.inference import derivation
from proofs.ledger import verification
from proofs.statements.claim import Check, Claim, Outcome, verdict
from proofs.statements.statement import Statement, integers, reals, sequences


def prove(build):
    return forall("t", "", build).run()


def test_true_inequality_holds_and_names_what_it_needs():
    def build():
        a, b = z3_reals("a b")
        return Obligation({"a > 0": a > 0, "b > 0": b > 0}, (a + b) * (a + b) >= 4 * a * b - a * b)

    outcome = prove(build)
    assert outcome.status == "unknown"  # true without its hypotheses: nothing broken is refuted

    def needed():
        a, b = z3_reals("a b")
        return Obligation({"a > 0": a > 0, "b > 0": b > 0}, a * a + b * b + a * b * (a + b) > 0)

    outcome = prove(needed)
    assert outcome.status == "holds" and "without 'a > 0'" in outcome.detail


def test_false_inequality_fails_with_a_counterexample():
    def build():
        a, b = z3_reals("a b")
        return Obligation({"a > 0": a > 0}, a * a >= a * b)

    outcome = prove(build)
    assert outcome.status == "fails" and set(outcome.witness) == {"a", "b"}


def test_vacuous_hypotheses_do_not_prove():
    def build():
        (a,) = z3_reals("a")
        return Obligation({"a > 1": a > 1, "a < 0": a < 0}, a > 5)

    assert prove(build).status == "unknown"


def test_root_of_a_possibly_negative_number_does_not_prove():
    """sqrt(a) exists only for a >= 0, so without the check `a >= 0` would be 'proved' of every real."""

    def build():
        a, b = z3_reals("a b")
        return Obligation({"b > 0": b > 0}, ops.sqrt(a) + a + b > 0)

    outcome = prove(build)
    assert outcome.status == "unknown" and "negative" in outcome.detail


def test_sums_that_differ_in_their_bound_variable_are_one_unknown():
    n, m, k = integers("n m k")
    x, f = reals("x"), sequences("f")
    one, other, third = (sympy.Sum(f(j), (j, 1, last)) for j, last in ((n, k), (m, k), (n, k + 1)))
    term = Translation()
    assert term(one).eq(term(other)) and not term(one).eq(term(third))
    assert len({str(term(e)) for e in (one, third, x, sympy.Symbol("x1", real=True), sympy.Symbol("x"))}) == 5


def test_exists_gives_a_rational_witness():
    def build():
        (a,) = z3_reals("a")
        return [2 * a == 1]

    assert exists("t", "", build).run() == Outcome("holds", "sat for z3, sat for cvc5", {"a": "1/2"})
    impossible = exists("t", "", lambda: [z3.Real("a") ** 2 < 0]).run()
    assert impossible.status == "fails"


def test_z3_is_interrupted_by_processor_time_and_answers_afterwards():
    """The constraints of degree 7 take z3 some 5 s of processor time."""
    x, y, z = z3_reals("x y z")
    hard = [x**5 * y**3 + z**7 - x * y * z > 3, x**2 * z**3 + y**5 - z * x**3 < -2, x * y * z + x**4 * y == 1.5]
    hard += [z**5 + x**3 * y**4 - 3 * x > 0, x**2 + y**2 < z**3]
    assert by_smt._z3(hard, seconds=0.2) == ("unknown", None)
    assert by_smt._z3([x > y, y > x + 1], seconds=0.2) == ("unsat", None)


def test_identity_is_told_from_its_broken_variant():
    from sympy import symbols

    a, b = symbols("a b")
    assert identity("t", "", lambda: ((a + b) ** 2, a**2 + 2 * a * b + b**2, a**2 + b**2)).run().status == "holds"
    assert identity("t", "", lambda: ((a + b) ** 2, a**2 + b**2, a**2)).run().status == "unknown"
    assert identity("t", "", lambda: (a, a, a)).run().status == "unknown"
    assert identity("t", "", lambda: (a / 2, a / 2 + 1, a)).run().status == "fails"


X = sympy.Symbol("x", real=True)


def judged(proof=(), controls=(), refutation=(), search=(), other="proved", words=False):
    """The verdict of a claim whose checks came out so; a refutation's checks have engines of their own."""

    def checks(group, statuses):
        return tuple(
            Check(f"{group}{i}", f"engine {i}", "", lambda: Outcome("holds", "")) for i in range(len(statuses))
        )

    used = derivation.theorem(Claim("Y", "", Statement(X >= 1), None, "identity"))
    facts = [derivation.computed(check, X >= 1) for check in checks("proof", proof)]
    if words:
        facts.append(derivation.argued("In words.", [], X >= 1))
    whole = (derivation.part(derivation.both(*facts, used), X >= 1),) if facts else ()
    claim = Claim("T", "", Statement(X >= 1), None, "identity", proof=whole, controls=checks("controls", controls),
                  refutation=checks("refutation", refutation), search=checks("search", search))  # fmt: skip
    came = {f"{group}{i}": (status, group == "refutation", f"engine {i}")
            for group, statuses in (("proof", proof), ("controls", controls), ("refutation", refutation),
                                    ("search", search)) for i, status in enumerate(statuses)}  # fmt: skip
    return verdict(claim, came, {"Y": other})


@pytest.mark.parametrize(
    "evidence, expected",
    [
        ({"proof": ["holds"]}, "proved"),
        ({"proof": ["holds"], "words": True}, "argued"),
        ({"proof": ["holds"], "other": "argued"}, "argued"),
        ({"proof": ["holds", "unknown"]}, "open"),
        ({"proof": ["holds", "fails"]}, "broken"),
        ({"proof": ["holds"], "other": "open"}, "open"),
        ({"proof": ["holds"], "other": "supported"}, "open"),
        ({"proof": ["holds"], "other": "broken"}, "open"),
        ({"proof": ["holds"], "controls": ["unknown"]}, "open"),
        ({"proof": ["holds"], "search": ["holds"]}, "proved"),
        ({"proof": ["holds"], "search": ["fails"]}, "broken"),
        ({"proof": ["holds"], "refutation": ["holds", "holds"]}, "broken"),
        ({"refutation": ["holds", "holds"]}, "refuted"),
        ({"refutation": ["holds"]}, "open"),  # one engine is not enough
        ({"refutation": ["holds", "fails"]}, "broken"),
        ({"refutation": ["holds", "holds"], "search": ["holds"]}, "refuted"),
        ({"search": ["holds"]}, "supported"),
        ({"search": ["fails"]}, "broken"),
        ({"search": ["unknown"]}, "open"),
        ({}, "open"),
    ],
)
def test_verdict(evidence, expected):
    assert judged(**evidence) == expected


def test_refuted_needs_a_witness():
    checks = tuple(Check(f"r{i}", f"engine {i}", "", lambda: Outcome("holds", "")) for i in range(2))
    claim = Claim("T", "", Statement(X >= 1), None, "identity", refutation=checks)
    for witnessed, expected in ((True, "refuted"), (False, "open")):
        came = {check.name: ("holds", witnessed, check.engine) for check in checks}
        assert verdict(claim, came, {}) == expected


def test_a_check_that_raises_is_unknown():
    def broken():
        raise ZeroDivisionError("no")

    assert verification._outcome(Check("x", "none", "", broken)) == Outcome("unknown", "ZeroDivisionError: no")


def test_a_check_that_hangs_is_ended_and_named(monkeypatch):
    """No check comes back in a microsecond: the limit must end the run with a message, not wait."""
    monkeypatch.setattr(verification, "LIMIT", 1e-6)
    with pytest.raises(DwmgradError, match=r"was still running"):
        verification.run(verification.select(["W5"]), jobs=2)
