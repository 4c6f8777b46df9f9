"""Control: AMSGrad's regret bounds with a constant beta1, without bias corrections and with alpha/sqrt(t)."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claims.controls.c_means import (
    ALMOST,
    DISTANCE,
    FIRST_INSIDE,
    LATER,
    MOVES,
    ONE,
    RATE,
    ROOTS,
    SPREAD,
    STEEP,
    entered,
    equal,
    regret,
)  # fmt: skip
from proofs.claims.controls.c_means import CLAIM as MEANS
from proofs.claims.controls.c_ogd import BOUNDED
from proofs.claims.controls.c_regret import HYPOTHESES, MONOTONE
from proofs.claims.regret.r2_a_posteriori import each
from proofs.claims.regret.r2_linear import TERM, every, total
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    empty_sum,
    equation,
    follows,
    for_all,
    induction,
    lemma,
    longer_sum,
    restate,
    root_of_squares,
    theorem,
    under,
    use,
)
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals, sequences
from proofs.statements.vocabulary import (  # fmt: skip
    POSITIVE,
    D,
    Gmax,
    R,
    S,
    T,
    alpha,
    beta1,
    beta2,
    d,
    eps,
    g,
    h,
    i,
    s,
    squares,
    t,
)

AMSGRAD = rules.get("amsgrad")
RUN = Run(AMSGRAD, box=True, alpha=alpha, beta1=beta1, beta2=beta2, eps=eps, schedule="sqrt", bias_correction=False)
SOURCE = Source("alacaoglu2020", "the analysis of AMSGrad with a constant beta1")
m, v, vhat = sequences("m v vhat")
OPTIONS = (alpha > 0, eps >= 0, *RATE, 0 <= beta2, beta2 < 1, beta1**2 < beta2)
DIVIDES = (eps > 0) | sympy.Ne(g(1, i), 0)
a, b, old, new, slope, x, y, z, c, w, root, steps, size, rate, small, first, D2, A, E, N, Q, big = reals(
    "a b old new g x y z c w root r size alpha epsilon g_1 D² A E n q G"
)
FACTOR = (1 - beta2) * (1 - beta1**2 / beta2)  # what the mean's square, over (1 - beta1)² v, is at least divided by


def named(step: str) -> str:
    return f"C-amsgrad-momentum.{step}"


def settled(fact: Fact, *given: Any) -> Fact:
    return under(use(fact, {t: T}), T >= 1, *given)


# --- the second moments -----------------------------------------------------------------------------------------


@cache
def sign() -> Fact:
    """0 <= v_t <= vhat_t, for t >= 0."""
    base = follows(named("start"), "Both moments start at 0.", [RUN.coord_start("v"), RUN.coord_start("vhat")],
                   (v(0, i) >= 0) & (v(0, i) <= vhat(0, i)), [v(0, i) > 0])  # fmt: skip
    kept = follows(
        named("sign"), "A square is added, and the larger moment is kept.",
        [use(RUN.coord("v"), LATER), use(RUN.coord("vhat"), LATER)],
        (v(t + 1, i) >= 0) & (v(t + 1, i) <= vhat(t + 1, i)), [v(t + 1, i) > 0, v(t + 1, i) <= ALMOST * vhat(t + 1, i)],
        given=[v(t, i) >= 0, 0 <= beta2, beta2 < 1],
    )  # fmt: skip
    return induction((v(t, i) >= 0) & (v(t, i) <= vhat(t, i)), t, 0, base, under(kept, t >= 0))


@cache
def above_first() -> Fact:
    """vhat_t >= (1 - beta2) g_1² for t >= 1, so no step divides by 0."""
    floor = (1 - beta2) * g(1, i) ** 2
    invariant = vhat(t, i) >= floor
    base = follows(named("first"), "After the first step the moment holds the first square.",
                   [use(RUN.coord("vhat"), {t: ONE}), RUN.coord_start("v"), RUN.coord_start("vhat")],
                   invariant.subs({t: 1}), [vhat(1, i) >= sympy.Rational(101, 100) * floor],
                   given=[beta2 < 1])  # fmt: skip
    step = follows(named("later"), "The larger moment never decreases.", [use(RUN.coord("vhat"), LATER)],
                   invariant.subs(LATER), [vhat(t + 1, i) > floor], given=[invariant])  # fmt: skip
    return induction(invariant, t, 1, base, under(step, t >= 1))


@cache
def numerator() -> Fact:
    """sqrt(vhat_t) + eps > 0 for t >= 1."""
    positive = lemma(named("positive"), "The root of the larger moment or eps is positive.",
                     [big >= (1 - c) * first**2, c < 1, small >= 0, (small > 0) | sympy.Ne(first, 0)],
                     sympy.sqrt(big) + small > 0, [sympy.sqrt(big) > 0])  # fmt: skip
    return discharge(use(positive, {big: vhat(t, i), first: g(1, i), small: eps, c: beta2}), above_first())


# --- the preconditioner -----------------------------------------------------------------------------------------


@cache
def form() -> Fact:
    """h_t = (sqrt(vhat_t) + eps) sqrt(t)/alpha."""
    known = RUN.potential("h", h), RUN.shared("alpha"), RUN.shared("c1"), RUN.shared("c2")
    return restate(known[0], equal(h(t, i), (sympy.sqrt(vhat(t, i)) + eps) * sympy.sqrt(t) / alpha), *known[1:])


def moves() -> Fact:
    """The step that runs is m_t/h_t, projected."""
    shared = (RUN.shared(field) for field in ("alpha", "c1", "c2"))
    return restate(RUN.iterate(), MOVES, form(), *shared, RUN.coord("vhat"), RUN.coord("m"))


def root_of_step() -> Fact:
    return lemma(named("step"), "The root of a step's number is positive.", [t >= 1], sympy.sqrt(t) > 0,
                 [sympy.sqrt(t) > 1])  # fmt: skip


@cache
def positive() -> Fact:
    known = lemma(named("divided"), "A product of positive numbers over a positive step size is positive.",
                  [root > 0, steps > 0, rate > 0], root * steps / rate > 0, [root * steps / rate > 1])  # fmt: skip
    known = use(known, {root: sympy.sqrt(vhat(t, i)) + eps, steps: sympy.sqrt(t), rate: alpha})
    return restate(discharge(known, numerator(), root_of_step()), POSITIVE, form())


def monotone() -> Fact:
    """h_t >= h_{t-1}, also from h_0 = 0 to h_1."""
    first_step = follows(named("rises"), "From 0 h rises to something positive.",
                         [use(positive(), {t: ONE}), RUN.no_potential_yet(h)], h(1, i) >= h(0, i),
                         [h(1, i) >= h(0, i) + 1])  # fmt: skip
    rising = lemma(named("monotone"), "Both roots grow.",
                   [0 <= old, old <= new, 0 <= x, x <= y, small >= 0, rate > 0],
                   (sympy.sqrt(new) + small) * y / rate >= (sympy.sqrt(old) + small) * x / rate,
                   [(sympy.sqrt(new) + small) * y / rate >= sympy.Rational(101, 100) * (sympy.sqrt(old) + small) * x
                    / rate])  # fmt: skip
    rising = use(rising, {new: vhat(t + 1, i), old: vhat(t, i), x: sympy.sqrt(t), y: sympy.sqrt(t + 1), rate: alpha,
                          small: eps})  # fmt: skip
    grows = follows(named("grows"), "The larger moment never decreases.", [use(RUN.coord("vhat"), LATER)],
                    vhat(t + 1, i) >= vhat(t, i), [vhat(t + 1, i) > vhat(t, i)])  # fmt: skip
    roots = lemma(named("roots"), "So does the root of the step's number.", [t >= 1],
                  (0 <= sympy.sqrt(t)) & (sympy.sqrt(t) <= sympy.sqrt(t + 1)),
                  [sympy.sqrt(t) <= ALMOST * sympy.sqrt(t + 1)])  # fmt: skip
    not_negative = follows(named("larger"), "It is at least the other moment.", [sign()], vhat(t, i) >= 0,
                           [vhat(t, i) > 0])  # fmt: skip
    later = discharge(rising, grows, under(not_negative, t >= 1), roots)
    later = restate(later, h(t + 1, i) >= h(t, i), use(form(), LATER), form())
    return induction(MONOTONE, t, 1, first_step, under(later, t >= 1))


# --- the sum of m²/h --------------------------------------------------------------------------------------------


def mean_square() -> Fact:
    """m_t² (1 - beta2)(1 - beta1²/beta2) <= (1 - beta1)² v_t, for t >= 0: by weights of Cauchy's inequality."""
    invariant = (1 - beta2) * (beta2 - beta1**2) * m(t, i) ** 2 <= beta2 * (1 - beta1) ** 2 * v(t, i)
    base = follows(named("rest"), "Both start at 0.", [RUN.coord_start("m"), RUN.coord_start("v")],
                   invariant.subs({t: 0}), [invariant.subs({t: 0}).lhs < invariant.subs({t: 0}).rhs])  # fmt: skip
    # x = m_{t-1}, y = (1 - beta1) g_t, c = beta1, w = beta2
    spread = lemma(named("spread"), "The square of a sum is at most a weighted sum of the squares.", [c**2 < w],
                   (w - c**2) * (c * x + y) ** 2 <= w * (w - c**2) * x**2 + w * y**2,
                   [(w - c**2) * (c * x + y) ** 2 <= ALMOST * (w * (w - c**2) * x**2 + w * y**2)])  # fmt: skip
    joined = lemma(
        named("contraction"), "The second moment decays at the rate that the weights allow.",
        [0 <= w, w < 1, A <= w * E + w * Q, (1 - w) * E <= w * N, equal(z, w * N + (1 - w) * Q)], (1 - w) * A <= w * z,
        [(1 - w) * A <= ALMOST * w * z],
    )  # fmt: skip
    after, fresh = m(t + 1, i), (1 - beta1) * g(t + 1, i)
    spread = use(spread, {c: beta1, w: beta2, x: m(t, i), y: fresh})
    moved = use(RUN.coord("m"), LATER)
    squared = (beta2 - beta1**2) * after**2
    then = squared <= beta2 * ((beta2 - beta1**2) * m(t, i) ** 2) + beta2 * fresh**2
    spread = restate(spread, then, moved)
    joined = use(joined, {w: beta2, A: squared, E: (beta2 - beta1**2) * m(t, i) ** 2, Q: fresh**2,
                          N: (1 - beta1) ** 2 * v(t, i), z: (1 - beta1) ** 2 * v(t + 1, i)})  # fmt: skip
    weighted = follows(named("weighted"), "The second moment takes the newest square.", [use(RUN.coord("v"), LATER)],
                       equal((1 - beta1) ** 2 * v(t + 1, i),
                             beta2 * (1 - beta1) ** 2 * v(t, i) + (1 - beta2) * fresh**2))  # fmt: skip
    kept = discharge(joined, spread, weighted)
    whole = induction(invariant, t, 0, base, under(restate(kept, invariant.subs(LATER)), t >= 0))
    divided = lemma(named("divide"), "Divided by beta2.",
                    [c**2 < w, (1 - w) * (w - c**2) * x <= w * y], (1 - w) * (1 - c**2 / w) * x <= y,
                    [(1 - w) * (1 - c**2 / w) * x <= ALMOST * y])  # fmt: skip
    divided = use(divided, {c: beta1, w: beta2, x: m(t, i) ** 2, y: (1 - beta1) ** 2 * v(t, i)})
    return discharge(divided, whole)


CONSTANT = alpha * (1 - beta1) / sympy.sqrt(FACTOR)


def steep() -> Fact:
    """m_t²/h_t <= alpha (1 - beta1)/sqrt((1 - beta2)(1 - beta1²/beta2)) |m_t|/sqrt(t), for t >= 1."""
    # b = sqrt((1 - beta2)(1 - beta1²/beta2)), root = sqrt(vhat_t) + eps, size = |m_t|, c = beta1
    bounded = lemma(named("mean"), "The mean is at most a multiple of the root of the larger moment.",
                    [size >= 0, b > 0, c < 1, b**2 * size**2 <= (1 - c) ** 2 * x, x <= y, x >= 0, small >= 0],
                    b * size <= (1 - c) * (sympy.sqrt(y) + small),
                    [b * size <= ALMOST * (1 - c) * (sympy.sqrt(y) + small)])  # fmt: skip
    divided = lemma(named("steep"), "So a term is at most a multiple of the mean over the root of t.",
                    [size >= 0, b > 0, root > 0, steps > 0, rate > 0, b * size <= w * root],
                    size**2 / (root * steps / rate) <= rate * w / b * (size / steps),
                    [size**2 / (root * steps / rate) <= ALMOST * rate * w / b * (size / steps)])  # fmt: skip
    kept, scale = sympy.Abs(m(t, i)), sympy.sqrt(FACTOR)
    bounded = use(bounded, {size: kept, b: scale, c: beta1, x: v(t, i), y: vhat(t, i), small: eps})
    bounded = discharge(bounded, under(mean_square(), t >= 1), under(sign(), t >= 1), scale_positive())
    divided = use(divided, {size: kept, b: scale, root: sympy.sqrt(vhat(t, i)) + eps, steps: sympy.sqrt(t), rate: alpha,
                            w: 1 - beta1})  # fmt: skip
    divided = discharge(divided, bounded, scale_positive(), numerator(), root_of_step())
    return restate(divided, STEEP.subs({reals("a"): CONSTANT}), form())


def scale_positive() -> Fact:
    known = lemma(named("factor"), "The factor is positive.", [c**2 < w, w < 1], (1 - w) * (1 - c**2 / w) > 0,
                  [(1 - w) * (1 - c**2 / w) > sympy.Rational(1, 2)])  # fmt: skip
    rooted = lemma(named("rooted"), "So is its root.", [x > 0], sympy.sqrt(x) > 0, [sympy.sqrt(x) > 1])
    return discharge(use(rooted, {x: FACTOR}), use(known, {c: beta1, w: beta2}))


# --- bounds of the last preconditioner --------------------------------------------------------------------------


def squares_below() -> Fact:
    """v_t and vhat_t are at most (1 - beta2) times the sum of squares, for t >= 0."""
    most = (1 - beta2) * squares(t, i)
    invariant = (v(t, i) <= most) & (vhat(t, i) <= most) & (squares(t, i) >= 0)
    base = follows(named("empty"), "Both are 0 before the first step.",
                   [RUN.coord_start("v"), RUN.coord_start("vhat"), empty_sum(g(s, i) ** 2, s)], invariant.subs({t: 0}),
                   [v(0, i) < most.subs({t: 0})])  # fmt: skip
    kept = follows(
        named("sums"), "A step adds the newest square, and the second moment forgets.",
        [use(RUN.coord("v"), LATER), use(RUN.coord("vhat"), LATER), longer_sum(g(s, i) ** 2, s, t), sign()],
        invariant.subs(LATER), [vhat(t + 1, i) <= ALMOST * most.subs(LATER)],
        given=[invariant, 0 <= beta2, beta2 < 1, x >= 0],
        parts={x: g(t + 1, i) ** 2, y: squares(t, i)},
    )  # fmt: skip
    return induction(invariant, t, 0, base, under(kept, t >= 0))


def root_by_squares() -> Fact:
    """sqrt(vhat_T) <= sqrt(1 - beta2) S_T."""
    rooted = lemma(named("by_squares"), "The root of the moment is at most that multiple of the root of the sum.",
                   [0 <= x, x <= (1 - c) * y, c < 1, y >= 0], sympy.sqrt(x) <= sympy.sqrt(1 - c) * sympy.sqrt(y),
                   [sympy.sqrt(x) <= ALMOST * sympy.sqrt(1 - c) * sympy.sqrt(y)])  # fmt: skip
    rooted = use(rooted, {x: vhat(T, i), c: beta2, y: squares(T, i)})
    not_negative = follows(named("end"), "The larger moment is not negative.", [settled(sign())], vhat(T, i) >= 0,
                           [vhat(T, i) > 0])  # fmt: skip
    below = settled(squares_below())
    rooted = discharge(rooted, not_negative, below)
    return restate(rooted, sympy.sqrt(vhat(T, i)) <= sympy.sqrt(1 - beta2) * S(T, i), use(root_of_squares(), {t: T}))


def root_by_largest() -> Fact:
    """sqrt(vhat_T) <= G, where |g_t| <= G."""
    most = Gmax(i) ** 2
    invariant = (v(t, i) <= most) & (vhat(t, i) <= most)
    base = follows(named("nothing"), "Both moments start at 0.", [RUN.coord_start("v"), RUN.coord_start("vhat")],
                   invariant.subs({t: 0}), [v(0, i) < most], given=[])  # fmt: skip
    kept = follows(named("largest"), "A mean of squares is at most the largest one.",
                   [use(RUN.coord("v"), LATER), use(RUN.coord("vhat"), LATER), at(assume(every(BOUNDED)), t + 1)],
                   invariant.subs(LATER), [vhat(t + 1, i) <= ALMOST * most],
                   given=[invariant, 0 <= beta2, beta2 < 1])  # fmt: skip
    below = settled(induction(invariant, t, 0, base, under(kept, t >= 0), last=T))
    rooted = lemma(named("by_largest"), "So is its root.", [0 <= x, x <= y**2, y >= 0], sympy.sqrt(x) <= y,
                   [sympy.sqrt(x) <= ALMOST * y])  # fmt: skip
    not_negative = follows(named("end"), "The larger moment is not negative.", [settled(sign())], vhat(T, i) >= 0,
                           [vhat(T, i) > 0])  # fmt: skip
    large = follows(named("large"), "A bound of an absolute value is not negative.", [at(assume(every(BOUNDED)), ONE)],
                    Gmax(i) >= 0, [Gmax(i) > 0])  # fmt: skip
    return discharge(use(rooted, {x: vhat(T, i), y: Gmax(i)}), not_negative, below, large)


# --- the bounds -------------------------------------------------------------------------------------------------


def coordinate(part: Any, limit: Any, *bounds: Fact) -> Fact:
    """The linear sum of one coordinate is at most that coordinate's part of the bound."""
    each_step = [for_all(fact, t, (t >= 1) & (t <= T)) for fact in (moves(), positive(), monotone(), RUN.coord("m"))]
    known = discharge(theorem(MEANS), *each_step, RUN.no_potential_yet(h), RUN.coord_start("m"))
    rooted = use(theorem(ROOTS), {reals("a"): CONSTANT})
    ratio = lemma(named("ratio"), "The constant is not negative.", [rate > 0, c < 1, b > 0], rate * (1 - c) / b >= 0,
                  [rate * (1 - c) / b >= 1])  # fmt: skip
    ratio = discharge(use(ratio, {rate: alpha, c: beta1, b: sympy.sqrt(FACTOR)}), scale_positive())
    rooted = discharge(rooted, for_all(steep(), t, (t >= 1) & (t <= T)), ratio,
                       for_all(RUN.coord("m"), t, (t >= 1) & (t <= T)), RUN.coord_start("m"))  # fmt: skip
    name = "largest" if len(bounds) > 1 else "squares"
    last = lemma(
        named(f"last-{name}"), "The last preconditioner is at most what the moment's bound gives.",
        [*(root <= e for e in (x, y)[:len(bounds)]), steps > 0, rate > 0],
        (root + small) * steps / rate <= ((sympy.Min(x, y) if len(bounds) > 1 else x) + small) * steps / rate,
        [(root + small) * steps / rate <= ALMOST * (x + small) * steps / rate],
    )  # fmt: skip
    last = use(last, {root: sympy.sqrt(vhat(T, i)), small: eps, steps: sympy.sqrt(T), rate: alpha,
                      **dict(zip((x, y), (bound.then.rhs for bound in bounds), strict=False))})  # fmt: skip
    last = restate(discharge(last, *bounds, use(root_of_step(), {t: T})),
                   h(T, i) <= (limit + eps) * sympy.sqrt(T) / alpha, settled(form()))  # fmt: skip
    return restate(put_in(known, last, rooted, limit), total(TERM, T) <= part)


def put_in(known: Fact, last: Fact, rooted: Fact, limit: Any) -> Fact:
    """The potential argument with both bounds put in, in the form of the rule's bound."""
    height, whole = (z + small) * steps / rate, rate * (1 - c) / b * Q
    form = equation(
        named("form"), "The factors are multiplied out.", DISTANCE * height + SPREAD * whole,
        D2 * steps * (z + small) / (2 * rate * (1 - c)) + rate * (1 + c) / (2 * b) * Q, DISTANCE * height + whole,
        given=[rate > 0, b > 0, c < 1],
    )  # fmt: skip
    ours = {c: beta1, D2: D(i) ** 2}
    form = use(form, {**ours, z: limit, small: eps, steps: sympy.sqrt(T), rate: alpha, b: sympy.sqrt(FACTOR),
                      Q: sympy.sqrt(1 + sympy.log(T)) * S(T, i)})  # fmt: skip
    joined = entered(known, last, rooted, ours)
    return restate(joined, joined.then.lhs <= form.then.rhs, discharge(form, scale_positive()))


def claim(
    name: str, title: str, limit: Any, bounds: tuple[Fact, ...], *given: Any, note: str = "", **facts: Any
) -> Claim:
    part = RUN.bound(name, **facts)
    statement = Statement(
        given=(RUN.hypothesis, *HYPOTHESES, each(FIRST_INSIDE), *OPTIONS, each(DIVIDES), *given),
        then=R(T) <= sympy.Sum(part, (i, 1, d)),
    )
    return Claim(name, title, statement, SOURCE, "rate", (regret(name, coordinate(part, limit, *bounds)),),
                 note=note)  # fmt: skip


BY_SQUARES = sympy.sqrt(1 - beta2) * S(T, i)
NOTE = (
    "[reddi2018], Theorem 4, is of order T^(3/2) for a constant beta1. With beta1 = 0 it serves runs without "
    "projection too: a box that holds every iterate and u changes no step."
)
CLAIM = claim("C-amsgrad-momentum", "control: AMSGrad's regret bound with a constant beta1", BY_SQUARES,
              (root_by_squares(),), note=NOTE)  # fmt: skip
LARGEST = claim(
    "C-amsgrad-momentum-largest", "control: AMSGrad's regret bound where a bound of the gradients is known",
    sympy.Min(BY_SQUARES, Gmax(i)), (root_by_squares(), root_by_largest()), each(every(BOUNDED)), note=NOTE, G=Gmax(i),
)  # fmt: skip
