"""R5-longer: a capped window's bound up to T = delta, from the share of the past that the cap has kept."""

from typing import Any

import sympy

from proofs.claims.controls.c_regret import HYPOTHESES
from proofs.claims.regret.r2_a_posteriori import each
from proofs.claims.regret.r3_any_window import ALMOST, FIRST_SHARE, NEXT, RAW, SHARES, C, part
from proofs.claims.regret.r3_any_window import CLAIM as ANY
from proofs.claims.regret.r3_expanding_window import all_steps
from proofs.claims.regret.r5_horizon import SATURATED, SOURCE, TOTAL, saturated, window
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    apart,
    assume,
    at,
    defined,
    discharge,
    evident,
    follows,
    induction,
    lemma,
    power_sum,
    restate,
    theorem,
    under,
    use,
)
from proofs.inference.logic import implies
from proofs.models.window import RANGE, ROOT_SCHEDULE, equal
from proofs.statements.claim import Claim
from proofs.statements.statement import Named, Statement, integers, reals, substitute
from proofs.statements.vocabulary import L, R, T, alpha, d, eps, i, n, omega, omega0, t
from proofs.statements.vocabulary import delta as any_delta

delta, start = integers("delta omega0")  # whole numbers here, written as the options that they are
WHOLE = {any_delta: delta, omega0: start}
BEGUN = delta - start  # the last step before the cap holds the window
Q = 1 - 1 / delta
q, x, y, w, w1, c = reals("q x y w w' c")


WINDOW = use(saturated(), WHOLE)
OPTIONS = substitute(RANGE, WHOLE)


KEPT = equal(q, 1 - 1 / delta)


def keeps() -> Fact:
    return follows("R5-longer.keep", "A step at the cap keeps a positive part of the past.", [assume(KEPT)],
                   (q > 0) & (q <= 1), [q <= ALMOST], given=[delta >= 2])  # fmt: skip


def power(exponent: Any) -> Fact:
    """0 < q^n <= 1 for whole n >= 0."""
    invariant = (q**n > 0) & (q**n <= 1)
    times = lemma("R5-longer.power", "A product of numbers in (0, 1] lies there.", [x > 0, x <= 1, q > 0, q <= 1],
                  (q * x > 0) & (q * x <= 1), [q * x <= ALMOST])  # fmt: skip
    step = restate(use(times, {x: q**n}), substitute(invariant, {n: n + 1}), power_sum(q, n, 1))
    known = induction(invariant, n, 0, evident(substitute(invariant, {n: sympy.Integer(0)})), step)
    return discharge(use(known, {n: exponent}), keeps())


def powers(m: Any, n: Any) -> Fact:
    return discharge(power_sum(q, m, n), keeps())


def before_cap() -> Fact:
    """L_t = 1 for t <= delta - omega0."""
    invariant = sympy.Implies(t <= BEGUN, equal(L(t), 1))
    base = follows("R5-longer.first", "The first share is the whole.", [assume(FIRST_SHARE)], invariant.subs({t: 1}))
    step = follows(
        "R5-longer.growing",
        "While the window grows the window less one is the window before.",
        [at(assume(SHARES), t), WINDOW, use(WINDOW, NEXT), assume(OPTIONS)],
        invariant.subs(NEXT),
        given=[invariant, t >= 1],
    )
    return induction(invariant, t, 1, base, step, last=T)


def at_cap() -> Fact:
    """L_t >= q^(t - delta + omega0) for t >= delta - omega0."""
    invariant = sympy.Implies(t >= BEGUN, L(t) >= q ** (t - BEGUN))
    base = follows(
        "R5-longer.start", "The first share is the whole, which no power exceeds.",
        [assume(FIRST_SHARE), implies(power(1 - BEGUN), 1 - BEGUN >= 0)], invariant.subs({t: 1}),
        [sympy.Implies(1 >= BEGUN, L(1) >= q ** (1 - BEGUN) + sympy.Rational(1, 100))],
    )  # fmt: skip
    grown = implies(power(t + 1 - BEGUN), t + 1 - BEGUN >= 0)
    step = follows(
        "R5-longer.capped", "At the cap a step keeps 1 - 1/delta of the share.",
        [at(assume(SHARES), t), WINDOW, use(WINDOW, NEXT), assume(OPTIONS), before_cap(), apart(t, BEGUN), grown,
         powers(t - BEGUN, 1), keeps(), assume(KEPT)],
        invariant.subs(NEXT), [sympy.Implies(t + 1 >= BEGUN, ALMOST * L(t + 1) >= q ** (t + 1 - BEGUN))],
        given=[invariant, t >= 1],
    )  # fmt: skip
    return induction(invariant, t, 1, base, step, last=T)


def share() -> Fact:
    """L_t >= q^omega0 for 1 <= t <= T <= delta."""
    return follows(
        "R5-longer.share", "At most omega0 of the steps up to delta are at the cap.",
        [before_cap(), at_cap(), implies(power(t - BEGUN), t - BEGUN >= 0), implies(power(delta - t), delta - t >= 0),
         powers(t - BEGUN, delta - t), power_of_start()],
        L(t) >= q**start, [L(t) >= q**start + sympy.Rational(1, 100)], given=[t <= T, T <= delta],
    )  # fmt: skip


def power_of_start() -> Fact:
    return discharge(
        power(start),
        follows("R5-longer.range", "The start is not negative.", [assume(OPTIONS)], start >= 0, [start >= 1]),
    )


def room() -> Fact:
    """omega_t is at most C t L_t for C = (1 + omega0) q^(-omega0)."""
    known = lemma(
        "R5-longer.room", "The window is at most omega0 + t, and the share at least y.",
        [w <= start + t, start >= 0, t >= 1, x >= y, y > 0], w <= (1 + start) / y * t * x,
        [w <= ALMOST * (1 + start) / y * t * x],
    )  # fmt: skip
    known = use(known, {w: omega(t), x: L(t), y: q**start})
    below = follows(
        "R5-longer.below",
        "The window is the smaller of omega0 + t and delta.",
        [WINDOW],
        omega(t) <= start + t,
        [omega(t) <= ALMOST * (start + t)],
    )
    positive = power_of_start()
    signs = follows(
        "R5-longer.signs",
        "The power is positive.",
        [positive, assume(OPTIONS)],
        (q**start > 0) & (start >= 0),
        [q**start >= sympy.Rational(1, 100)],
    )
    return discharge(known, below, signs, share())


def wide() -> Fact:
    return follows("R5-longer.wide", "Up to delta the window is at least t.", [WINDOW, assume(OPTIONS)], omega(t) >= t,
                   [omega(t) >= t + sympy.Rational(1, 100)], given=[t <= T, T <= delta])  # fmt: skip


def bound() -> Fact:
    general = use(theorem(ANY), {C: (1 + start) * q**-start})
    steps = [use(fact, WHOLE) for fact in window()]
    found = discharge(general, all_steps(under(wide(), t >= 1)), all_steps(room()), *steps)
    return defined(use(found, {q: 1 - 1 / delta}), L)


LARGEST = (1 + start) * (1 - 1 / delta) ** -start
CLAIM = Claim(
    id="R5-longer",
    title="capped window: a bound up to T = delta",
    statement=Statement(
        given=(*HYPOTHESES, *map(each, RAW), ROOT_SCHEDULE, *(substitute(e, WHOLE) for e in SATURATED),
               Named("delta and omega_0 are whole numbers"), delta >= 2, alpha > 0, eps >= 0, T <= delta),
        then=R(T) <= sympy.Sum(part(LARGEST), (i, 1, d)),
        where=TOTAL,
    ),
    source=SOURCE,
    kind="rate",
    proof=(bound(),),
    note="The cap costs the factor (1 - 1/delta)^(-omega0/2), 1.302 at the defaults. Beyond T = delta h can fall "
    "(W8-necessary), and R6 shows linear regret.",
)  # fmt: skip
