"""R6-drift: a push whose mean is positive takes the iterate to the upper end of the box, whatever the schedule.

x_{t+1} = P(x_t + alpha_t d_t) on [-1, 1]; d_t comes as near as one likes to some e_t whose sums stay within F of a
line of slope m. With E_{t+1} = E_t + e_t - m watch Y_t = x_t - alpha_t E_t: late steps raise it by alpha_t m/2 or the
projection puts it above 1 - alpha_t F, and once Y_t >= 1 - 2 F alpha_t this is so for ever.
"""

from functools import cache
from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    eventually,
    eventually_both,
    eventually_near,
    eventually_so,
    follows,
    for_all,
    induction,
    lemma,
    longer_sum,
    part,
    replace,
    use,
)
from proofs.inference.limits import from_then_on, implication, limit_of, shifted
from proofs.statements.claim import Claim
from proofs.statements.formulas import clip
from proofs.statements.statement import Eventually, ForAll, Statement, Tends, integers, reals, sequences, substitute
from proofs.statements.vocabulary import alpha_t, s, t

x, d, e, E = sequences("x d e E")
m, F, c = reals("m F c")
t0 = integers("t0")
place, now, later, before, height, clock, clock0, push, mean_push, clock1, offset, after, first = reals(
    "z a b x Y A A0 d e A1 E Z a0"
)


def every(statement: Any) -> ForAll:
    return ForAll(t, t >= 1, statement)


def box(value: Any) -> Any:
    return clip(value, -1, 1)


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


def elapsed(t: Any) -> Any:
    """The sum of the step sizes before step t."""
    return sympy.Sum(alpha_t(s), (s, 1, t - 1))


MOVES = every(equal(x(t + 1), box(x(t) + alpha_t(t) * d(t))))
POSITIVE = every(alpha_t(t) > 0)
SHRINKS = every(alpha_t(t + 1) <= alpha_t(t))
SLOWLY = Tends(t, alpha_t(t + 1) / alpha_t(t), sympy.S.One)
FOR_EVER = ForAll(c, c > 0, Eventually(t, c <= elapsed(t)))
SUMS = every(equal(E(t + 1), E(t) + e(t) - m))
BOUNDED = Eventually(t, sympy.Abs(E(t)) <= F)
NEAR = Tends(t, d(t) - e(t), sympy.S.Zero)
PUSHED = sympy.Or(d(t) - e(t) >= -m / 4, equal(x(t + 1), 1))  # enough, or the projection stops at the top
ENOUGH_PUSH = Eventually(t, PUSHED)
SCHEDULE = (MOVES, POSITIVE, SHRINKS, SLOWLY, FOR_EVER)
GIVEN = (*SCHEDULE, SUMS, F > 0, BOUNDED, NEAR)
TOP = Eventually(t, 1 - x(t) <= 3 * F * alpha_t(t))
BOTTOM = Eventually(t, 1 + x(t) <= 3 * F * alpha_t(t))

Y = x(t) - alpha_t(t) * E(t)
Y_AFTER = x(t + 1) - alpha_t(t + 1) * E(t + 1)
INSIDE = Y >= 1 - 2 * F * alpha_t(t)
CLIMBING = Y >= -1 - F * alpha_t(t0) + m / 2 * (elapsed(t) - elapsed(t0))
INVARIANT = sympy.Or(INSIDE, CLIMBING)
WITHIN = sympy.Abs(E(t)) <= F
SLOW = 4 * F * (alpha_t(t) - alpha_t(t + 1)) <= m * alpha_t(t)
HALF = alpha_t(t) <= 2 * alpha_t(t + 1)
# what the climb needs of one late step
LATE = PUSHED & WITHIN & (sympy.Abs(E(t + 1)) <= F) & SLOW & HALF
FROM_T0 = ForAll(t, t >= t0, LATE)


def moved() -> Fact:
    """One late step moves the iterate up by nearly alpha_t e_t, or it ends at 1."""
    least = mean_push - m / 4
    return lemma(
        "R6-drift.moved",
        "The iterate moves up by nearly what the comparison says, or it ends at the top.",
        [
            equal(place, box(before + now * push)),
            sympy.Or(push - mean_push >= -m / 4, equal(place, 1)),
            now > 0,
        ],
        sympy.Or(place >= before + now * least, equal(place, 1)),
        [sympy.Or(place >= before + now * (least + m / 100), equal(place, 1))],
    )


def rising() -> Fact:
    """One late step raises Y by alpha_t m/2, or Y is above 1 - alpha_t F after it."""
    after = place - later * (offset + mean_push - m)
    bounds = [
        sympy.Or(place >= before + now * (mean_push - m / 4), equal(place, 1)),
        m > 0,
        later > 0,
        later <= now,
        sympy.Abs(offset + mean_push - m) <= F,
        4 * F * (now - later) <= m * now,
    ]

    def gain(share: Any) -> Any:
        return sympy.Or(after >= before - now * offset + share * now * m, after >= 1 - now * F)

    half = sympy.Rational(1, 2)
    risen = lemma(
        "R6-drift.rising",
        "A late step raises Y, or the projection puts Y near the top.",
        bounds,
        gain(half),
        [gain(half + sympy.Rational(1, 100))],
    )
    return discharge(risen, moved())


def from_start(given: Any) -> Fact:
    """A hypothesis about every step, for a step t >= t0."""
    return discharge(at(assume(given), t), PAST)


PAST = lemma("R6-drift.past", "A step from t0 on is a step.", [t >= t0, t0 >= 2], t >= 1, [t >= 3])


START = lemma("R6-drift.first", "t0 is a step.", [t0 >= 2], t0 >= 1, [t0 >= 3])


def late(wanted: Any) -> Fact:
    """One of the properties of a late step, for t >= t0."""
    return part(at(assume(FROM_T0), t), wanted)


def climb() -> Fact:
    """The invariant after a step, from the invariant before it."""
    moves, positive, shrinks, sums = (from_start(given) for given in (MOVES, POSITIVE, SHRINKS, SUMS))
    again = lemma("R6-drift.next", "So is the step after it.", [t >= t0, t0 >= 2], t + 1 >= 1, [t + 1 >= 4])
    next_positive = discharge(at(assume(POSITIVE), t + 1), again)
    sums_there = replace(late(sympy.Abs(E(t + 1)) <= F), sums)
    there = {before: x(t), place: x(t + 1), now: alpha_t(t), later: alpha_t(t + 1), push: d(t), mean_push: e(t)}
    up = replace(use(rising(), {**there, offset: E(t)}), sums, backwards=True)
    up = discharge(up, moves, positive, next_positive, shrinks, sums_there, *map(late, (PUSHED, SLOW)))
    here = {
        now: alpha_t(t),
        later: alpha_t(t + 1),
        clock: elapsed(t),
        clock1: elapsed(t + 1),
        clock0: elapsed(t0),
        height: Y,
        after: Y_AFTER,
        first: alpha_t(t0),
    }
    longer = longer_sum(alpha_t(s), s, t - 1)
    positions = [up, longer, positive, next_positive, late(SLOW), late(HALF)]
    long_enough = lemma("R6-drift.length", "There is such a sum.", [t >= t0, t0 >= 2], t - 1 >= 0, [t - 1 >= 2])
    return discharge(discharge(use(climbing(), here), *positions), long_enough)


def climbing() -> Fact:
    """The invariant's step as a lemma about numbers."""

    def invariant(height: Any, a: Any, clock: Any, share: Any) -> Any:
        return sympy.Or(height >= 1 - 2 * F * a, height >= -1 - F * first + share * m * (clock - clock0))

    half = sympy.Rational(1, 2)
    given = [
        sympy.Or(after >= height + now * m / 2, after >= 1 - now * F),
        invariant(height, now, clock, half),
        equal(clock1, clock + now),
        now > 0,
        later > 0,
        4 * F * (now - later) <= m * now,
        now <= 2 * later,
        F > 0,
        m > 0,
    ]
    return lemma(
        "R6-drift.climb",
        "Y stays near the top, or it is as high as the step sizes so far can take it.",
        given,
        invariant(after, later, clock1, half),
        [invariant(after, later, clock1, half + sympy.Rational(1, 100))],
    )


def climbed() -> Fact:
    """The invariant from t0 on."""
    arrived = discharge(
        at(assume(MOVES), t0 - 1),
        lemma("R6-drift.before", "A step came before t0.", [t0 >= 2], t0 - 1 >= 1, [t0 - 1 >= 2]),
    )
    low = lemma(
        "R6-drift.inside",
        "The projection keeps the iterate in the box.",
        [equal(before, box(push))],
        (before >= -1) & (before <= 1),
        [before >= sympy.Rational(-99, 100)],
    )
    low = discharge(use(low, {before: x(t0), push: arrived.then.rhs.args[1].args[1]}), arrived)
    positive = discharge(at(assume(POSITIVE), t0), START)
    within = part(at(assume(FROM_T0), t0), substitute(WITHIN, {t: t0}))
    base = follows(
        "R6-drift.base",
        "At worst the iterate starts at the lower end.",
        [low, positive, within],
        substitute(INVARIANT, {t: t0}),
        [substitute(Y, {t: t0}) >= -1 - F * first * 99 / 100],
        given=[F > 0],
        parts={before: x(t0), first: alpha_t(t0), offset: E(t0)},
    )
    return induction(INVARIANT, t, t0, base, climb())


ENOUGH = sympy.Abs(elapsed(t0)) + (4 + 2 * F * alpha_t(t0)) / m


def arrived() -> Fact:
    """Once the step sizes since t0 sum to enough, the iterate is within 3 F alpha_t of the top."""
    near = lemma(
        "R6-drift.near",
        "Then Y is near the top, and the iterate is within F alpha_t of Y.",
        [
            sympy.Or(height >= 1 - 2 * F * now, height >= -1 - F * first + m / 2 * (clock - clock0)),
            equal(height, before - now * offset),
            sympy.Abs(offset) <= F,
            clock >= sympy.Abs(clock0) + (4 + 2 * F * first) / m,
            now > 0,
            F > 0,
            m > 0,
        ],
        1 - before <= 3 * F * now,
        [1 - before <= F * now * 299 / 100],
    )
    near = use(
        near,
        {
            now: alpha_t(t),
            clock: elapsed(t),
            clock0: elapsed(t0),
            height: Y,
            first: alpha_t(t0),
            before: x(t),
            offset: E(t),
        },
    )
    return discharge(near, climbed(), late(WITHIN), from_start(POSITIVE))


def settled() -> Fact:
    """What is so for all large t if every step from t0 on is late."""
    far = lemma(
        "R6-drift.far",
        "Enough is a positive number.",
        [first > 0, F > 0, m > 0],
        sympy.Abs(clock0) + (4 + 2 * F * first) / m > 0,
        [sympy.Abs(clock0) + (4 + 2 * F * first) / m > sympy.Rational(1, 100)],
    )
    first_step = discharge(at(assume(POSITIVE), t0), START)
    far = discharge(use(far, {clock0: elapsed(t0), first: alpha_t(t0)}), first_step)
    enough = discharge(at(assume(FOR_EVER), ENOUGH), far)
    return eventually_so(eventually_both(enough, eventually(assume(t >= t0), t)), arrived())


def all_late() -> Fact:
    """Every step is late but for finitely many."""
    within = assume(BOUNDED)
    slowly = discharge(
        eventually_near(assume(SLOWLY), m / (4 * F + m)),
        lemma(
            "R6-drift.share",
            "A share of 1 is positive.",
            [m > 0, F > 0],
            m / (4 * F + m) > 0,
            [m / (4 * F + m) > sympy.Rational(1, 100)],
        ),
    )
    slow = lemma(
        "R6-drift.slow",
        "A ratio near 1 keeps the loss of step size small against the mean.",
        [sympy.Abs(later / now - 1) <= m / (4 * F + m), now > 0, F > 0, m > 0],
        4 * F * (now - later) <= m * now,
        [4 * F * (now - later) <= m * now * 9 / 10],
    )
    half = lemma(
        "R6-drift.half",
        "A ratio above one half.",
        [sympy.Abs(later / now - 1) <= sympy.Rational(1, 2), now > 0],
        now <= 2 * later,
        [now <= later * 199 / 100],
    )
    there = {now: alpha_t(t), later: alpha_t(t + 1)}
    positive = eventually(at(assume(POSITIVE), t), t)
    slow = eventually_so(eventually_both(slowly, positive), use(slow, there))
    half = eventually_so(
        eventually_both(eventually_near(assume(SLOWLY), sympy.Rational(1, 2)), positive), use(half, there)
    )
    return eventually_both(assume(ENOUGH_PUSH), within, shifted(within, 1), slow, half)


@cache
def pushed_up() -> Fact:
    """The lemma for a positive mean, where the push is nearly at least e."""
    return from_then_on(settled(), t0, all_late())


def top() -> Fact:
    """The lemma for a positive mean, where the push comes near to e."""
    quarter = lemma("R6-drift.quarter", "A quarter of the mean is positive.", [m > 0], m / 4 > 0, [m / 4 > 1])
    close = discharge(eventually_near(assume(NEAR), m / 4), quarter)
    enough = lemma(
        "R6-drift.enough",
        "What comes near is not much less.",
        [sympy.Abs(push - mean_push) <= m / 4],
        sympy.Or(push - mean_push >= -m / 4, equal(place, 1)),
        [sympy.Or(push - mean_push >= -m / 5, equal(place, 1))],
    )
    enough = use(enough, {push: d(t), mean_push: e(t), place: x(t + 1)})
    return discharge(pushed_up(), eventually_so(close, enough))


def bottom() -> Fact:
    """The lemma for a negative mean: the same for -x, because the box is symmetric."""
    low, high = reals("l r")
    mirror = lemma(
        "R6-drift.mirror",
        "The projection onto a symmetric box is odd.",
        [equal(after, clip(push, -low, high)), equal(low, high), low >= 0],
        equal(-after, clip(-push, -low, high)),
        [],
    )
    there = {after: x(t + 1), push: x(t) + alpha_t(t) * d(t), low: 1, high: 1}
    moves = for_all(discharge(use(mirror, there), at(assume(MOVES), t)), t, t >= 1)
    near = limit_of(-push, {push: assume(NEAR)})
    turned = {name: sympy.Lambda(t, -name(t)) for name in (x, d, e, E)}
    return discharge(use(top(), {**turned, m: -m}), moves, near)


WHERE = (
    (x, "iterate in [-1, 1]"),
    (d, "the push of step t, over the step size"),
    (e, "what the push is compared with"),
    (m, "mean of e"),
    (E, "sum of e_s - m over the steps before t, up to a constant"),
    (alpha_t, "step size at step t"),
)
SOURCE = Source("reddi2018", "Theorem 1 is of this kind", also=(Source("dwmgradnotes", "R6"),))

CLAIM = Claim(
    id="R6-drift",
    title="a push of positive mean goes to the upper end, one of negative mean to the lower end",
    statement=Statement(
        given=GIVEN,
        then=sympy.Implies(m > 0, TOP) & sympy.Implies(m < 0, BOTTOM),
        where=WHERE,
    ),
    source=SOURCE,
    kind="rate",
    proof=(implication(top(), m > 0), implication(bottom(), m < 0)),
    note="The schedules alpha/sqrt(t) and constant alpha fit (R6, R6-constant). Where e has period k, its sums are "
    "bounded by those of one period.",
)

ONE_SIDED = Claim(
    id="R6-drift-below",
    title="a push that is at least one of positive mean, except where the projection stops it, goes to the upper end",
    statement=Statement(given=(*SCHEDULE, SUMS, F > 0, BOUNDED, ENOUGH_PUSH, m > 0), then=TOP, where=WHERE),
    source=SOURCE,
    kind="rate",
    proof=(pushed_up(),),
    note="Nothing is asked of the push at a step that ends at 1, so the comparison may start anew there.",
)
