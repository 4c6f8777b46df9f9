"""The seeds' statements about cost: DWMGrad's O(n d) time, its memory, LCAM's "no additional computational cost"."""

from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claim import Check, Claim, Outcome
from proofs.counting import count, straight
from proofs.engines.by_exact import Found, exact
from proofs.formulas import record

CAPS = (10.0, 100.0, 1000.0, float("inf"))
COMPARATOR, DWMGRAD, LCAM, HEAVY_BALL = (
    rules.get(name) for name in ("dwmgrad-explicit-window", "dwmgrad", "lcam", "heavy-ball")
)


def cost(rule: rules.Rule, **options: Any) -> tuple[int, int]:
    """Operations of one step: (once, for every coordinate)."""
    found = count(rule, **options)
    return found.once.total(), found.each.total()


def constant_cost() -> Found:
    found = [cost(DWMGRAD, delta=delta, signal=signal) for delta in CAPS for signal in ("loss", "increase", "decrease")]
    coordinate = {each for _, each in found}
    shared = max(once for once, _ in found)
    growing = [cost(COMPARATOR, delta=delta)[1] for delta in (10.0, 100.0, 1000.0)]
    detail = f"{sorted(coordinate)} per coordinate, at most {shared} shared; stored window: {growing}"
    witness = {"per_coordinate": sorted(coordinate), "shared_at_most": shared, "stored_window": growing}
    return len(coordinate) == 1, growing[0] < growing[1] < growing[2], detail, witness


def no_loops() -> Found:
    parts = (DWMGRAD.shared, DWMGRAD.coord)
    from dwmgrad_ref import ops

    helpers = (ops.sqrt, ops.greater, ops.where, ops.minimum, ops.maximum, ops.absolute)
    ours = all(straight(part) for part in (*parts, *helpers[1:], DWMGRAD.shared.__globals__["loss_signal"]))
    return ours, not straight(ops.mean_of_last), "no instruction jumps back; the stored window's mean does", None


def memory() -> Found:
    ours = {count(DWMGRAD, delta=delta).state for delta in CAPS}
    stored = {int(delta): count(COMPARATOR, delta=delta).state for delta in CAPS[:3]}
    detail = f"{ours} numbers per coordinate for every delta; stored window: {stored}"
    return ours == {2}, all(n == delta + 1 for delta, n in stored.items()), detail, {"stored": list(stored.values())}


COST = Claim(
    id="S-cost",
    title="DWMGrad takes O(n d) time",
    statement="n steps on d coordinates take n (d c + s) operations, c and s constants that depend neither on delta "
    "nor on the window; the loss and gradient are not counted",
    latex=r"\text{operations}=n\,(c\,d+s)=O(nd)",
    source=Source("dwmgrad", "the statement on time complexity"),
    kind="identity",
    proof=(
        exact(
            "S-cost.loops", "the formula of a step and of a coordinate has no loop, so its cost is bounded", no_loops
        ),
        exact("S-cost.count", "counted by running it: the same for every delta and signal", constant_cost),
    ),
)

MEMORY = Claim(
    id="S-memory",
    title="DWMGrad's memory does not depend on δ",
    statement="DWMGrad keeps two numbers per coordinate (G, V) and a fixed number besides, whatever delta; a stored "
    "window of squared gradients keeps delta + 1",
    latex=r"2d+O(1)\quad\text{against}\quad(\delta+1)d",
    source=Source("dwmgrad", "Algorithm 1"),
    kind="identity",
    proof=(exact("S-memory.words", "words that a step hands on to the next, by running it", memory),),
)


def extra() -> Found:
    (ours, each), (theirs, plain) = cost(LCAM), cost(HEAVY_BALL)
    witness = {"lcam": [ours, each], "heavy_ball": [theirs, plain]}
    return (
        each == plain and ours > theirs,
        each + 1 != plain,
        f"+{ours - theirs} shared, +{each - plain} a coordinate",
        witness,
    )


def free() -> Found:
    """The literal reading: no operation more at all."""
    (ours, each), (theirs, plain) = cost(LCAM), cost(HEAVY_BALL)
    witness = {"shared_operations": ours, "heavy_ball_shared_operations": theirs}
    return ours > theirs, each == plain, f"{ours} shared operations a step against {theirs}", witness


def free_again() -> Outcome:
    """sympy counts the operations of the same formulas, drawn as expressions."""

    def count(rule: rules.Rule, **values: object) -> int:
        symbols = {name: sympy.Symbol(name) for name in rule.Options._fields}
        o = record(rule, **symbols)
        k = rule.Shared(*(sympy.Symbol(f"k_{name}") for name in rule.Shared._fields))
        return sum(int(sympy.count_ops(value)) for value in rule.shared(o, k, sympy.Symbol("loss")))

    ours, theirs = count(LCAM), count(HEAVY_BALL)
    return Outcome("holds" if ours > theirs else "fails", f"sympy counts {ours} against {theirs}")


LCAM_COST = Claim(
    id="S-lcam",
    title="LCAM costs a constant per step more than heavy ball, and nothing per coordinate",
    statement="LCAM's step has exactly heavy ball's operations per coordinate, and a constant number more per step, "
    "independent of d, provided that the loss is known",
    latex=r"\text{cost}_{\mathrm{LCAM}}-\text{cost}_{\mathrm{HB}}=O(1)\ \text{per step}",
    source=Source("lcam", "the statement on computational cost"),
    kind="identity",
    hypotheses=("the loss f_t(theta_t) comes with the gradient",),
    proof=(exact("S-lcam.count", "counted by running both formulas", extra),),
)

LCAM_FREE = Claim(
    id="S-lcam-free",
    title="LCAM has no additional computational cost at all",
    statement="An LCAM step takes no operation more than a heavy-ball step",
    latex=r"\text{cost}_{\mathrm{LCAM}}=\text{cost}_{\mathrm{HB}}",
    source=Source("lcam", "the statement on computational cost, taken literally"),
    kind="identity",
    refutation=(
        exact("S-lcam-free.count", "the running mean and the comparison are operations", free),
        Check("S-lcam-free.sympy", "sympy", "sympy counts more operations in LCAM's shared formula too", free_again),
    ),
    note="A refutation of the words only: the cost is a few operations a step for any d (S-lcam). Where the loss is "
    "not otherwise evaluated, that evaluation comes on top.",
)
