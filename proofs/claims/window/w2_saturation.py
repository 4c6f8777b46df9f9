"""W2: positive losses saturate the window; one loss of exactly 0 narrows it."""

from fractions import Fraction
from typing import Any

import flint
import sympy

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_smt import exists
from proofs.checkers.by_smt import reals as unknowns
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    follows,
    for_all,
    induction,
    lemma,
    theorem,
    under,
    use,
)
from proofs.inference.logic import equivalent, implies
from proofs.models.symbolic_run import Run
from proofs.models.window import FIRST, MOVES, RANGE, UNCAPPED, b, equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, advance, record
from proofs.statements.statement import ForAll, Statement, reals, sequences, substitute
from proofs.statements.vocabulary import delta, f, omega, omega0, t

SOURCE = Source("dwmgrad", "Algorithm 1, the window", also=(Source("dwmgradnotes", "W2"),))
TOTAL = ((b, "the signal summed since the last reset, step t's included"),)
LATER = {t: t + 1}
w, total, keep, count = reals("w b keep t")
WIDEST = equal(omega(t), sympy.Min(omega0 + t, delta))
POSITIVE = every_step(b(t) > 0)


PHASES = (
    sympy.Implies(t <= delta - omega0, equal(omega(t), omega0 + t)),
    sympy.Implies(t >= delta - omega0, equal(omega(t), delta)),
)
ALL_POSITIVE_GIVEN = (MOVES, FIRST, RANGE, POSITIVE, t >= 0)


def widening() -> Fact:
    """omega_t = min(omega_0 + t, delta) while every sum is positive, for t >= 0 by induction."""
    base = follows("W2.base", "The window starts at omega_0, which is at most delta.", [assume(FIRST), assume(RANGE)],
                   substitute(WIDEST, {t: 0}))  # fmt: skip
    kept = follows("W2.step", "A positive sum widens the window by one up to the cap.",
                   [at(assume(MOVES), t + 1), at(assume(POSITIVE), t + 1)], substitute(WIDEST, LATER),
                   given=[WIDEST])  # fmt: skip
    return induction(WIDEST, t, 0, base, kept)


def phases() -> Fact:
    """Before and after the cap is reached."""
    return follows(
        "W2.phases", "The smaller of the two is one or the other.", [widening()], sympy.And(*PHASES),
        [sympy.Implies(t <= delta - omega0 + sympy.Rational(1, 100), PHASES[0].args[1]),
         sympy.Implies(t >= delta - omega0 - sympy.Rational(1, 100), PHASES[1].args[1])],
    )  # fmt: skip


SATURATION = Claim(
    id="W2",
    title="saturation",
    statement=Statement(given=ALL_POSITIVE_GIVEN, then=sympy.And(WIDEST, *PHASES), where=TOTAL),
    source=SOURCE,
    kind="identity",
    proof=(widening(), phases()),
    note="From t = delta - omega_0 on the window never moves again. W2-loss says when the signal `loss` keeps every "
    "sum positive.",
)


def unlimited() -> Fact:
    """Without a cap the window grows for ever."""
    grown = equal(omega(t), omega0 + t)
    base = follows("W2-uncapped.base", "The window starts at omega_0.", [assume(FIRST)], substitute(grown, {t: 0}))
    kept = follows("W2-uncapped.step", "A positive sum widens the window by one.",
                   [at(assume(UNCAPPED), t + 1), at(assume(POSITIVE), t + 1)], substitute(grown, LATER),
                   given=[grown])  # fmt: skip
    return induction(grown, t, 0, base, kept)


WITHOUT_CAP = Claim(
    id="W2-uncapped",
    title="a window without cap grows for ever on positive sums",
    statement=Statement(given=(UNCAPPED, FIRST, POSITIVE, t >= 0), then=equal(omega(t), omega0 + t), where=TOTAL),
    source=SOURCE,
    kind="identity",
    proof=(unlimited(),),
)


beta = sequences("beta")
ADDED = equal(b(t), beta(t - 1) + f(t))  # the sum that step t tests, under the signal `loss`
KEPT = every_step(equal(beta(t), keep * b(t)))
NOTHING = equal(beta(0), 0)
LOSSES = every_step(f(t) > 0)


def positive_sums() -> Fact:
    """Positive losses keep every sum positive, whether or not the sum is reset after a step."""
    base = follows("W2-loss.base", "The sum starts at 0.", [assume(NOTHING)], beta(0) >= 0, [beta(0) > 0])
    one = follows("W2-loss.sum", "A positive loss on a sum that is not negative gives a positive one.",
                  [at(assume(every_step(ADDED)), t), at(assume(LOSSES), t)], b(t) > 0,
                  [b(t) > sympy.Rational(1, 100)], given=[beta(t - 1) >= 0])  # fmt: skip
    kept = follows("W2-loss.kept", "What is kept of it is not negative.",
                   [use(one, LATER), at(assume(KEPT), t + 1)], beta(t + 1) >= 0, [beta(t + 1) > 0],
                   given=[keep >= 0])  # fmt: skip
    never_negative = induction(beta(t) >= 0, t, 0, base, kept)
    return under(discharge(one, use(never_negative, {t: t - 1})), t >= 1)


def loss() -> Fact:
    return discharge(theorem(SATURATION), for_all(positive_sums(), t, t >= 1))


LOSS = Claim(
    id="W2-loss",
    title="positive losses saturate the window",
    statement=Statement(
        given=(MOVES, every_step(ADDED), KEPT, NOTHING, keep >= 0, LOSSES, FIRST, RANGE, t >= 0),
        then=sympy.And(WIDEST, *PHASES),
        where=(*TOTAL, (f, "loss of step t at the iterate"), (beta, "what is kept of the sum after step t"),
               (keep, "0 if the sum is reset after every step, 1 if it never is")),
    ),
    source=SOURCE,
    kind="identity",
    proof=(loss(),),
    note="With the defaults, delta = 10 and omega_0 = 5, the window stands still after 5 steps.",
)  # fmt: skip


POSITIVE_START = (delta > 1, omega0 > 0, omega0 <= delta)


def exactly_when() -> Fact:
    """One step widens as far as it can if and only if the sum is positive."""
    inside = (omega(t) > 0) & (omega(t) <= delta)
    base = follows("W2-condition.base", "The window starts at omega_0.", [assume(FIRST)], substitute(inside, {t: 0}),
                   [omega(0) >= sympy.Rational(1, 10)], given=POSITIVE_START[1:])  # fmt: skip
    kept = follows("W2-condition.inside", "A move stays above 0 and below the cap.", [at(assume(MOVES), t + 1)],
                   substitute(inside, LATER), [omega(t + 1) >= sympy.Rational(101, 100)],
                   given=[inside, delta > 1])  # fmt: skip
    earlier = use(induction(inside, t, 0, base, kept), {t: t - 1})
    widest = sympy.Equivalent(b(t) > 0, equal(omega(t), sympy.Min(omega(t - 1) + 1, delta)))
    one = follows(
        "W2-condition.step", "A narrowing step ends below the widest one, because the cap is above 1.",
        [at(assume(MOVES), t), earlier], widest,
        [sympy.Equivalent(b(t) >= 0, widest.args[1]), sympy.Equivalent(b(t) > sympy.Rational(1, 100), widest.args[1])],
        given=[delta > 1],
    )  # fmt: skip
    return under(one, t >= 1)


SATURATED = ForAll(t, t >= 0, WIDEST)


def for_all_steps() -> Fact:
    """The whole path is the widest one if and only if every sum is positive."""
    if_positive = for_all(weaker_range(widening()), t, t >= 0)
    at_both = [at(assume(SATURATED), t), at(assume(SATURATED), t - 1)]
    only_if = follows("W2-condition.path", "A step that narrows leaves the widest path.",
                      [at(assume(MOVES), t), *at_both],
                      b(t) > 0, [b(t) > sympy.Rational(1, 100)], given=[*POSITIVE_START[:2], t >= 1])  # fmt: skip
    only_if = for_all(under(only_if, t >= 1), t, t >= 1)
    return equivalent(implies(if_positive, POSITIVE), implies(only_if, SATURATED))


def weaker_range(fact: Fact) -> Fact:
    """delta > 1 and omega_0 > 0 imply the range of W2."""
    wide = lemma("W2-condition.range", "Strict inequalities imply the others.", POSITIVE_START, RANGE,
                 [(delta >= sympy.Rational(101, 100)) & (omega0 >= 0)])  # fmt: skip
    return discharge(fact, wide)


CONDITION = Claim(
    id="W2-condition",
    title="the exact condition for saturation",
    statement=Statement(
        given=(MOVES, FIRST, *POSITIVE_START, t >= 1),
        then=exactly_when().then & for_all_steps().then,
        where=TOTAL,
    ),
    source=SOURCE,
    kind="identity",
    proof=(exactly_when(), for_all_steps()),
    note="From omega_0 = 0 the first step leads to 1 either way. Under the signal `loss` with reset b_t is the loss "
    "f_t(theta_t) itself.",
)


def stepped(omega: Any, delta: Any, loss: Any) -> Any:
    return advance(DWMGRAD, record(DWMGRAD, delta=delta, gamma=0, alpha=1), loss, {"omega": omega, "beta": 0})


def zero_found() -> list[Any]:
    omega, delta, loss, new = unknowns("omega delta loss new")
    window = [omega >= 1, omega < delta, delta <= 1000]
    return [*window, loss >= 0, new == stepped(omega, delta, loss).omega, new < omega]


def zero_replayed() -> Found:
    after = stepped(Fraction(5), Fraction(10), Fraction(0))
    tiny = stepped(Fraction(5), Fraction(10), Fraction(1, 10**300))
    witness = {"omega": 5, "delta": 10, "loss": 0, "omega_next": int(after.omega), "claimed": 6}
    return after.omega == 4, tiny.omega == 6, "a loss of 0 takes the window from 5 to 4; 1e-300 takes it to 6", witness


def hinge() -> Found:
    """f(x) = max(x, 0) from x = 1/100 with the default options: the loss becomes exactly 0 and stays there."""
    o = DWMGRAD.encode(DWMGRAD.options())
    k, c, x = DWMGRAD.start(o), DWMGRAD.Coord(flint.arb(0), flint.arb(0)), flint.arb(1) / 100
    windows, losses = [], []
    for _ in range(20):
        loss = ops.maximum(x, 0)
        k = DWMGRAD.shared(o, k, loss)
        c, x = DWMGRAD.coord(o, k, c, x, flint.arb(1 if loss > 0 else 0))
        windows.append(k.omega)
        losses.append(loss)
    zero = next(t for t, loss in enumerate(losses) if loss == 0)
    narrowed = all(b == max(a - 1, 1) for a, b in zip(windows[zero - 1 :], windows[zero:], strict=False))
    grew = all(windows[t] == min(5 + t + 1, 10) for t in range(zero))
    return (
        windows[-1] == 1 and narrowed and grew,
        windows[zero - 1] != 1,
        f"positive losses for {zero} steps, then 0: the window falls from {max(windows):g} to {windows[-1]:g}",
        {"x_1": "1/100", "f": "max(x, 0)", "windows": [int(w) for w in windows]},
    )


ZERO = Claim(
    id="W2-zero",
    title="saturation from losses that are only non-negative",
    statement=Statement(
        given=(MOVES, every_step(ADDED), KEPT, NOTHING, keep >= 0, every_step(f(t) >= 0), FIRST, RANGE, t >= 0),
        then=WIDEST,
        where=LOSS.statement.where,
    ),
    source=Source("dwmgradnotes", "W2, read with 'non-negative'"),
    kind="identity",
    refutation=(
        exists("W2-zero.found", "A loss that is not negative can narrow the window.", zero_found),
        exact("W2-zero.replay", "A loss of exactly 0, replayed by the formula that runs.", zero_replayed),
        rigorous("W2-zero.hinge", "A hinge from 1/100 with the defaults: the window grows, then falls to 1.", hinge),
    ),
    note="A reading of our own notes, not of a paper. It happens on any problem whose smallest loss is 0 and is "
    "reached, such as a hinge: reaching the minimum narrows the window to 1, where the rule is sign descent (W7).",
)


last, e = sequences("last e")
RISING, FALLING = (Run(DWMGRAD, box=False, signal=signal, reset=False) for signal in ("increase", "decrease"))
ONE_EPOCH = [every_step(RISING.shared(field).then) for field in ("last", "e")]
UNTOUCHED = [equal(beta(0), 0), equal(e(0), 0)]


def telescopes(run: Run, total: Any) -> Fact:
    """beta_t is `total`, for t >= 1 by induction over beta, the last loss and the counter of the epoch."""
    invariant = sympy.And(equal(beta(t), total), equal(last(t), f(t)), e(t) >= 1)
    recurrences = [*ONE_EPOCH, every_step(run.shared("beta").then)]
    name = f"W2-unreset.{DWMGRAD.choices('signal')[int(run.o.signal)]}"
    first = follows(f"{name}.first", "The first step of the epoch has no loss before it.",
                    [at(assume(r), 1) for r in recurrences] + [assume(r) for r in UNTOUCHED],
                    substitute(invariant, {t: 1}),
                    [equal(beta(1), substitute(total, {t: 1})) & (e(1) >= 2)])  # fmt: skip
    later = follows(f"{name}.later", "Every later step adds a difference, and the sum of differences telescopes.",
                    [at(assume(r), t + 1) for r in recurrences], substitute(invariant, LATER),
                    [substitute(invariant, LATER) & (e(t + 1) >= 3)], given=[invariant])  # fmt: skip
    return induction(invariant, t, 1, first, under(later, t >= 1))


def unreset(id: str, title: str, run: Run, total: Any, note: str) -> Claim:
    proof = telescopes(run, total)
    return Claim(
        id=id,
        title=title,
        statement=Statement(
            given=(every_step(run.shared("beta").then), *ONE_EPOCH, *UNTOUCHED, t >= 1),
            then=equal(beta(t), total),
            where=((beta, "the sum of the signal, never reset"), (e, "steps taken in the epoch"),
                   (last, "the last loss")),
        ),
        source=Source("dwmgradnotes", "section 1, on the reset of beta"),
        kind="identity",
        proof=(proof,),
        note=note,
    )  # fmt: skip


UNRESET = unreset(
    "W2-unreset", "without reset the signal `increase` sums to the loss", RISING, f(t),
    "So `increase` without reset is `loss` with reset, and saturates on positive losses (W2). Our notes first let the "
    "sum telescope up to a constant; the constant is 0. One epoch is meant: a further one starts with the loss itself.",
)  # fmt: skip
UNRESET_DOWN = unreset(
    "W2-unreset-decrease", "without reset the signal `decrease` sums to what the loss has fallen", FALLING, f(1) - f(t),
    "So the window widens exactly while the loss is below its first value (W2-condition).",
)  # fmt: skip
