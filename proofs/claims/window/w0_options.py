"""W0: what DWMGrad's options do to the step size, the momentum, the signal and the count of an epoch's steps."""

from fractions import Fraction
from itertools import product
from typing import Any

import sympy
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_smt import Obligation, forall
from proofs.checkers.by_smt import reals as unknowns
from proofs.checkers.solver_terms import Translation
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    follows,
    induction,
    lemma,
    replace,
    restate,
    under,
    use,
)
from proofs.inference.logic import implies
from proofs.models.symbolic_run import Run
from proofs.models.window import equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, advance, record
from proofs.statements.statement import Statement, integers, reals, sequences, substitute
from proofs.statements.vocabulary import alpha, alpha_t, delta, f, gamma, j, k, mu_t, n, omega0, t

ALGORITHM = Source("dwmgrad", "Algorithm 1")
CODE = Source("dwmgrad-code", "the signals, their epochs and the guard", also=(Source("dwmgradnotes", "section 1"),))
LATER = {t: t + 1}
scale, e, last, signal, jumps = sequences("scale e last s jumps")
E = integers("E")
limit = reals("limit")


def recurrence(run: Run, field: str) -> Any:
    """How the rule makes a field of its shared state, at every step."""
    return every_step(run.shared(field).then)


# --- the step size ----------------------------------------------------------------------------------------------


WHOLE = Run(DWMGRAD, box=False).shared_start("scale").then


def step_size(schedule: str, size: Any) -> Claim:
    """alpha_t under a schedule, without the guard."""
    run = Run(DWMGRAD, box=False, schedule=schedule, alpha=alpha)
    untouched = equal(scale(t), 1)
    base = follows(f"W0-{schedule}.start", "Nothing of alpha is lost at the start.", [assume(WHOLE)],
                   substitute(untouched, {t: 0}))  # fmt: skip
    kept = follows(f"W0-{schedule}.kept", "Without the guard nothing is ever lost.",
                   [at(assume(recurrence(run, "scale")), t + 1)], substitute(untouched, LATER),
                   given=[untouched])  # fmt: skip
    before = use(induction(untouched, t, 0, base, kept), {t: t - 1})
    size_now = replace(at(assume(recurrence(run, "alpha")), t), before)
    return Claim(
        id=f"W0-{schedule}",
        title=f"step size under the schedule {schedule}",
        statement=Statement(
            given=(recurrence(run, "alpha"), recurrence(run, "scale"), WHOLE, t >= 1),
            then=equal(alpha_t(t), size),
            where=((scale, "what the guard has left of alpha"),),
        ),
        source=ALGORITHM,
        kind="identity",
        proof=(under(size_now, t >= 1),),
        note="Without the guard. The recurrences are those that run.",
    )


SQRT_SCHEDULE = step_size("sqrt", alpha / sympy.sqrt(t))
CONSTANT_SCHEDULE = step_size("constant", alpha)


# --- the momentum -----------------------------------------------------------------------------------------------

CONSTANT = Run(DWMGRAD, box=False, momentum="constant", gamma=gamma, delta=delta, omega0=omega0)
PLAIN = Run(DWMGRAD, box=False, signal="loss", gamma=gamma, delta=delta, omega0=omega0)


def replayed(field: str, wanted: str) -> Any:
    """Ten steps of the formula that runs, on fractions: whether a field is an option or the loss of the step."""

    def build() -> Found:
        momentum = "constant" if field == "mu" else "tied"
        o = record(DWMGRAD, momentum=momentum, gamma=Fraction(1, 3), delta=Fraction(7), omega0=Fraction(2), alpha=1)
        k, agree, broken = DWMGRAD.start(o), True, True
        for step in range(10):
            loss = Fraction((-2) ** step, 5)
            k = DWMGRAD.shared(o, k, loss)
            expected = o.gamma if wanted == "gamma" else loss
            agree &= getattr(k, field) == expected
            broken &= getattr(k, field) == expected + Fraction(1, 100)
        return agree, not broken, f"{field} is {wanted} at 10 steps", None

    return build


MOMENTUM = Claim(
    id="W0-momentum",
    title="constant momentum",
    statement=Statement(given=(CONSTANT.hypothesis, t >= 1), then=equal(mu_t(t), gamma)),
    source=CODE,
    kind="identity",
    proof=(CONSTANT.shared("mu"),),
    controls=(exact("W0-momentum.run", "The formula that runs, on fractions.", replayed("mu", "gamma")),),
    note="The window has no part in it. The tied momentum is W1-momentum.",
)

LOSS = Claim(
    id="W0-loss",
    title="the signal `loss`",
    statement=Statement(given=(PLAIN.hypothesis, t >= 1), then=equal(signal(t), f(t)), where=(
        (signal, "the signal"), (f, "loss of step t at the iterate"))),
    source=ALGORITHM,
    kind="identity",
    proof=(PLAIN.shared("s"),),
    controls=(exact("W0-loss.run", "The formula that runs, on fractions.", replayed("s", "the loss")),),
)  # fmt: skip


# --- epochs and signals -----------------------------------------------------------------------------------------

EPOCHS = {name: Run(DWMGRAD, box=False, signal=name, epoch=E) for name in ("increase", "decrease")}
COUNTS = recurrence(EPOCHS["increase"], "e")
REMEMBERS = recurrence(EPOCHS["increase"], "last")
NOT_BEGUN = equal(e(0), 0)
BEGINS = equal(e(j), 0)
INSIDE = sympy.Implies(n < E, equal(e(j + n), n))
NTH = {j: E * k}


def inside() -> Fact:
    """n steps into an epoch the counter is n, for n < E, by induction over n."""
    base = follows("W0-epoch.begin", "No step of the epoch is taken.", [assume(BEGINS)], substitute(INSIDE, {n: 0}))
    later = lemma("W0-epoch.later", "A later step has a larger number.", [j >= 0, n >= 0], j + n + 1 >= 1,
                  [j + n >= 1])  # fmt: skip
    counted = discharge(at(assume(COUNTS), j + n + 1), later)
    kept = follows("W0-epoch.count", "Every step adds one before the epoch is full.", [counted],
                   substitute(INSIDE, {n: n + 1}), given=[INSIDE])  # fmt: skip
    return induction(INSIDE, n, 0, base, kept)


def begins() -> Fact:
    """Epoch k + 1 begins after step k E, by induction over k."""
    last_step = use(inside(), {n: E - 1})
    later = lemma("W0-epoch.end", "An epoch has a step.", [j >= 0, E >= 1], j + E >= 1, [j + E >= 2])
    counted = discharge(at(assume(COUNTS), j + E), later)
    full = follows("W0-epoch.full", "The counter goes back to 0 with the last step of an epoch.", [counted, last_step],
                   equal(e(j + E), 0))  # fmt: skip
    positive = lemma("W0-epoch.number", "Products of numbers that are not negative are not negative.",
                     [k >= 0, E >= 1], E * k >= 0, [E * k >= 1])  # fmt: skip
    invariant = equal(e(E * k), 0)
    kept = restate(discharge(use(full, NTH), positive), substitute(invariant, {k: k + 1}))
    return induction(invariant, k, 0, assume(NOT_BEGUN), kept)


AT = E * k + n + 1  # step n + 1 of epoch k + 1
DIFFERENCE = {"increase": f(AT) - f(AT - 1), "decrease": f(AT - 1) - f(AT)}
ALONE = {"increase": f(AT), "decrease": sympy.Integer(0)}


def signals(name: str) -> tuple[Fact, Fact]:
    """The signal at the first and at the later steps of an epoch."""
    positive = lemma("W0-epoch.number", "Products of numbers that are not negative are not negative.",
                     [k >= 0, E >= 1], E * k >= 0, [E * k >= 1])  # fmt: skip
    counted = discharge(use(inside(), NTH), begins(), positive)
    further = lemma("W0-epoch.further", "Products of numbers that are not negative are not negative.",
                    [k >= 0, E >= 1, n >= 0], AT >= 1, [AT >= 2])  # fmt: skip
    made = discharge(at(assume(recurrence(EPOCHS[name], "s")), AT), further)
    first = follows(
        f"W0-{name}.first", "The first step of an epoch has no loss before it.",
        [use(made, {n: 0}), use(counted, {n: 0})],
        equal(substitute(signal(AT), {n: 0}), substitute(ALONE[name], {n: 0})), given=[E >= 1],
    )  # fmt: skip
    earlier = lemma("W0-epoch.earlier", "Products of numbers that are not negative are not negative.",
                    [k >= 0, E >= 1, n >= 1], AT - 1 >= 1, [AT - 1 >= 2])  # fmt: skip
    remembered = discharge(at(assume(REMEMBERS), AT - 1), earlier)
    later = follows(
        f"W0-{name}.later", "Every later step compares with the loss before it.", [made, counted, remembered],
        equal(signal(AT), DIFFERENCE[name]), given=[n >= 1, n < E],
    )  # fmt: skip
    return under(first, k >= 0), implies(under(later, n >= 1), n >= 1, n < E)


def epochs(name: str) -> Claim:
    first, later = signals(name)
    return Claim(
        id=f"W0-{name}",
        title=f"the signal `{name}` within epochs",
        statement=Statement(
            given=(recurrence(EPOCHS[name], "s"), COUNTS, REMEMBERS, NOT_BEGUN, E >= 1, k >= 0),
            then=first.then & later.then,
            where=((e, "steps taken in the epoch"), (E, "steps in an epoch, a whole number"), (signal, "the signal"),
                   (last, "the last loss"), (f, "loss of step t at the iterate"), (k, "epochs that are over"),
                   (n, "steps that the epoch has had")),
        ),
        source=CODE,
        kind="identity",
        proof=(first, later),
    )  # fmt: skip


INCREASE, DECREASE = epochs("increase"), epochs("decrease")


# --- the guard --------------------------------------------------------------------------------------------------


def large(step: Any) -> Any:
    return sympy.Abs(signal(step) - signal(step - 1)) > limit


COUNTED = equal(jumps(t), ops.where(t > 1, ops.where(large(t), jumps(t - 1) + 1, 0), jumps(t - 1)))
HALVED = equal(scale(t), ops.where(jumps(t) > 1, scale(t - 1) / 2, scale(t - 1)))
NO_JUMP = Run(DWMGRAD, box=False).shared_start("jumps").then
TWICE = equal(scale(t), ops.where(large(t) & large(t - 1), scale(t - 1) / 2, scale(t - 1)))
UNTOUCHED = equal(scale(1), 1) & equal(scale(2), 1)


def guarded() -> Any:
    """Every signal and reset: one step of the formula that runs obeys COUNTED and HALVED, as they are printed."""
    names = "t e last s beta jumps loss omega epoch limit scale"
    now, e_, last_, s_, beta_, jumps_, loss_, omega_, epoch_, limit_, scale_ = unknowns(names)
    before = {
        "t": now - 1,
        "e": e_,
        "last": last_,
        "s": s_,
        "beta": beta_,
        "jumps": jumps_,
        "omega": omega_,
        "scale": scale_,
    }
    goals, sharper = [], []
    for name, reset in product(DWMGRAD.choices("signal"), (True, False)):
        o = record(DWMGRAD, signal=name, reset=reset, guard=True, guard_threshold=limit_, epoch=epoch_)
        after = advance(DWMGRAD, o, loss_, before)
        term = Translation()
        term.known |= {t: now, signal(t): after.s, signal(t - 1): s_, jumps(t): after.jumps, jumps(t - 1): jumps_,
                       scale(t): after.scale, scale(t - 1): scale_, limit: limit_}  # fmt: skip
        goals += [term(COUNTED), term(HALVED)]
        sharper.append(term(TWICE.subs({large(t - 1): True})))
    return Obligation({"t >= 1": now >= 1, "limit >= 0": limit_ >= 0}, z3.And(*goals), {"one jump": z3.And(*sharper)})


def guard() -> tuple[Fact, Fact]:
    """Two consecutive jumps are what a counter above 1 means."""
    count, halve = every_step(COUNTED), every_step(HALVED)
    whole = equal(jumps(t), 0) | (jumps(t) >= 1)
    base = follows("W0-guard.start", "The count starts at 0.", [assume(NO_JUMP)], substitute(whole, {t: 0}))
    kept = follows("W0-guard.count", "The count is a whole number.", [at(assume(count), t + 1)],
                   substitute(whole, LATER), given=[whole])  # fmt: skip
    counts = induction(whole, t, 0, base, kept)
    first = follows("W0-guard.first", "The first step is compared with nothing.",
                    [at(assume(count), 1), at(assume(halve), 1), assume(NO_JUMP), assume(WHOLE)],
                    equal(scale(1), 1) & equal(jumps(1), 0))  # fmt: skip
    second = follows("W0-guard.second", "Two jumps in a row need three steps.", [at(assume(count), 2),
                     at(assume(halve), 2), first], UNTOUCHED)  # fmt: skip
    both = follows(
        "W0-guard.twice", "The count is above 1 exactly if this step and the one before it jumped.",
        [at(assume(count), t), at(assume(count), t - 1), at(assume(halve), t), use(counts, {t: t - 2})], TWICE,
        given=[t >= 3],
    )  # fmt: skip
    return second, under(both, t >= 3)


GUARD = Claim(
    id="W0-guard",
    title="the guard halves the step size after two consecutive jumps of the signal",
    statement=Statement(
        given=(every_step(COUNTED), every_step(HALVED), NO_JUMP, WHOLE, t >= 3),
        then=UNTOUCHED & TWICE,
        where=((jumps, "consecutive jumps of the signal"), (scale, "what the guard has left of alpha"),
               (signal, "the signal"), (limit, "threshold of the guard")),
    ),
    source=CODE,
    kind="identity",
    proof=guard(),
    controls=(forall("W0-guard.formula", "The formula that runs counts and halves so, for every signal.", guarded),),
    note="A third jump in a row halves the step size again. The guard of the released code can never fire.",
)  # fmt: skip
