"""Cost of a step, counted: DWMGrad's O(n d) time and its memory, and what LCAM costs beside heavy ball."""

from itertools import product
from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.cost.counting import count
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    computed,
    evident,
    follows,
    induction,
    longer_sum,
    replace,
)
from proofs.models.window import equal, every_step
from proofs.statements.claim import Check, Claim, Outcome
from proofs.statements.formulas import record
from proofs.statements.statement import ForAll, Statement, integers, sequences, substitute
from proofs.statements.vocabulary import d, n, t

COMPARATOR, DWMGRAD, LCAM, HEAVY_BALL = (
    rules.get(name) for name in ("dwmgrad-explicit-window", "dwmgrad", "lcam", "heavy-ball")
)
each, once, operations = sequences("each once operations")
EACH, SHARED = 11, 30  # operations of a DWMGrad step for a coordinate, and at most so many besides
WHERE = (
    (each, "operations of step t for every coordinate"),
    (once, "operations of step t whatever the number of coordinates"),
    (operations, "operations of n steps; the loss and its gradient are not counted"),
)


def cost(rule: rules.Rule, **options: Any) -> tuple[int, int]:
    """Operations of one step: (once, for every coordinate), whatever the numbers."""
    found = count(rule, **options)
    return found.once.total(), found.each.total()


def every_choice() -> list[tuple[int, int]]:
    """DWMGrad's cost under every choice of signal, reset, guard, schedule and momentum, for all numbers."""
    names = {name: rules.get("dwmgrad").choices(name) or (True, False) for name in
             ("signal", "reset", "guard", "schedule", "momentum")}  # fmt: skip
    return [cost(DWMGRAD, **dict(zip(names, values, strict=True))) for values in product(*names.values())]


def counted() -> Found:
    found = every_choice()
    shared, coordinate = {a for a, _ in found}, {b for _, b in found}
    growing = [count(COMPARATOR, delta=delta).each.total() for delta in (10.0, 100.0, 1000.0)]
    detail = f"{len(found)} sets of choices: {sorted(coordinate)} a coordinate, {min(shared)} to {max(shared)} besides"
    witness = {"each": sorted(coordinate), "once_at_most": max(shared), "stored_window": growing}
    return coordinate == {EACH} and max(shared) == SHARED, growing[0] < growing[2], detail, witness


STEP = every_step(equal(each(t), EACH) & (0 <= once(t)) & (once(t) <= SHARED))
TOTAL = equal(operations(n), sympy.Sum(d * each(t) + once(t), (t, 1, n)))


def one_step() -> Fact:
    check = exact("S-cost.count", "Counted by running the formula on numbers that nobody may look at.", counted)
    return computed(check, STEP)


def linear_time() -> Fact:
    """Between n c d and n (c d + s), by induction over n."""
    total = TOTAL.rhs
    invariant = (n * EACH * d <= total) & (total <= n * (EACH * d + SHARED))
    base = evident(substitute(invariant, {n: sympy.Integer(0)}))  # no step costs nothing
    kept = follows("S-cost.step", "One more step adds its cost.",
                   [longer_sum(total.function, t, n), at(one_step(), n + 1)], substitute(invariant, {n: n + 1}),
                   [substitute(total, {n: n + 1}) <= (n + 1) * (EACH * d + SHARED - 1),
                    (n + 1) * (EACH * d + 1) <= substitute(total, {n: n + 1})],
                   given=[invariant, d >= 1])  # fmt: skip
    return replace(induction(invariant, n, 0, base, kept), assume(TOTAL), backwards=True)


COST = Claim(
    id="S-cost",
    title="DWMGrad takes O(n d) time",
    statement=Statement(
        given=(TOTAL, d >= 1, n >= 0),
        then=sympy.And(STEP, n * EACH * d <= operations(n), operations(n) <= n * (EACH * d + SHARED)),
        where=WHERE,
    ),
    source=Source("dwmgrad", "the statement on time complexity"),
    kind="identity",
    proof=(one_step(), linear_time()),
    note="Neither number depends on delta or on the window. Operations are counted by running the rule's formula on "
    "numbers that raise an error when the formula looks at them, so the count is that of every step. A stored window "
    "needs more operations the larger delta is.",
)


kept, stored, cap = sequences("words stored")[0], sequences("words stored")[1], integers("delta")
LARGEST = 1000
WORDS = ForAll(cap, cap >= 1, equal(kept(cap), 2))
STORED = ForAll(cap, (2 <= cap) & (cap <= LARGEST), equal(stored(cap), cap + 1))


def no_history() -> Found:
    """The words are the fields of Coord, whatever the options: nothing is stored besides."""
    ours = {count(DWMGRAD, signal=name).state for name in DWMGRAD.choices("signal")}
    history = {DWMGRAD.history(DWMGRAD.options(delta=delta)) for delta in (10.0, 1000.0, float("inf"))}
    return ours == {2} and history == {0}, COMPARATOR.history(COMPARATOR.options()) > 0, f"{ours} numbers", None


def history() -> Found:
    besides = len(COMPARATOR.Coord._fields) - 1  # `past` holds the history
    found = {
        delta: COMPARATOR.history(COMPARATOR.options(delta=float(delta), omega0=1.0)) + besides
        for delta in range(1, LARGEST + 1)
    }
    run = {delta: count(COMPARATOR, delta=float(delta), omega0=1.0).state for delta in (1, 2, 3, 10)}
    agree = all(words == delta + 1 for delta, words in found.items() if delta >= 2)
    return (
        agree and all(found[delta] == words for delta, words in run.items()),
        found[1] != 2,
        f"delta + 1 words for delta = 2..{LARGEST}; {found[1]} for delta = 1",
        {"delta": 1, "words": found[1]},
    )


MEMORY = Claim(
    id="S-memory",
    title="DWMGrad's memory does not depend on δ",
    statement=Statement(
        then=WORDS & STORED,
        where=((kept, "numbers that DWMGrad keeps for a coordinate between steps (G and V)"),
               (stored, "numbers that a stored window of squared gradients keeps for a coordinate")),
    ),
    source=Source("dwmgrad", "Algorithm 1"),
    kind="identity",
    proof=(
        computed(exact("S-memory.words", "Counted by running the formula.", no_history), WORDS),
        computed(exact("S-memory.stored", "Counted for every whole cap up to the largest named.", history), STORED),
    ),
    note="The iterate and the gradient come on top for both. For delta = 1 the stored window keeps one unused number.",
)  # fmt: skip


OURS, THEIRS = (8, 6), (1, 6)  # LCAM and heavy ball: operations besides, and for every coordinate
lcam, ball = sequences("lcam heavyball")
MORE = every_step(equal(lcam(t) - ball(t), OURS[0] - THEIRS[0]))


def extra() -> Found:
    ours, theirs = cost(LCAM), cost(HEAVY_BALL)
    detail = f"LCAM {ours[1]} a coordinate and {ours[0]} besides, heavy ball {theirs[1]} and {theirs[0]}"
    return (ours, theirs) == (OURS, THEIRS), ours[1] == theirs[1], detail, {"lcam": [*ours], "heavy_ball": [*theirs]}


LCAM_COST = Claim(
    id="S-lcam",
    title="LCAM costs a constant per step more than heavy ball, and nothing per coordinate",
    statement=Statement(
        then=MORE,
        where=((lcam, "operations of LCAM's step t on any number of coordinates, the loss not counted"),
               (ball, "operations of heavy ball's step t on as many coordinates")),
    ),
    source=Source("lcam", "the statement on computational cost"),
    kind="identity",
    proof=(computed(exact("S-lcam.count", "Counted by running both formulas on blind numbers.", extra), MORE),),
    note="The difference does not depend on d, because both take as many operations for a coordinate. The loss must "
    "come with the gradient; where it is not otherwise evaluated, that evaluation comes on top.",
)  # fmt: skip


def free() -> Found:
    """The literal reading: no operation more at all."""
    (ours, each), (theirs, plain) = cost(LCAM), cost(HEAVY_BALL)
    witness = {"shared_operations": ours, "heavy_ball_shared_operations": theirs}
    return ours > theirs, each == plain, f"{ours} shared operations a step against {theirs}", witness


def free_again() -> Outcome:
    """sympy counts the operations of the same formulas, drawn as expressions."""

    def count(rule: rules.Rule) -> int:
        o = record(rule, **{name: sympy.Symbol(name) for name in rule.Options._fields})
        k = rule.Shared(*(sympy.Symbol(f"k_{name}") for name in rule.Shared._fields))
        return sum(int(sympy.count_ops(value)) for value in rule.shared(o, k, sympy.Symbol("loss")))

    ours, theirs = count(LCAM), count(HEAVY_BALL)
    return Outcome("holds" if ours > theirs else "fails", f"sympy counts {ours} against {theirs}")


LCAM_FREE = Claim(
    id="S-lcam-free",
    title="an LCAM step takes no operation more than a heavy-ball step",
    statement=Statement(then=every_step(lcam(t) <= ball(t)), where=LCAM_COST.statement.where),
    source=Source("dwmgradnotes", "LCAM, a literal reading of 'no cost' that is ours"),
    kind="inequality",
    refutation=(
        exact("S-lcam-free.count", "The running mean and the comparison are operations.", free),
        Check("S-lcam-free.sympy", "sympy", "sympy counts more operations in LCAM's shared formula too.", free_again),
    ),
    note="The sentence is ours, not the paper's: it says what a cost of nothing would mean if it were taken literally. "
    "What LCAM does cost, a few operations a step for any d, is S-lcam.",
)
