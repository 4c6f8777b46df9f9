"""R8d: the repaired lemma of AdaMomentum's convex theorem, for a coordinate of any run of its moments."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.regret.r2_linear import every
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    empty_sum,
    evident,
    follows,
    induction,
    lemma,
    linear,
    longer_sum,
    restate,
    single_sum,
    sum_over,
    under,
    use,
)
from proofs.inference.logarithm import growth
from proofs.models.adamomentum import COEFFICIENTS, MEANING, MOMENT, MOMENTUM, START, beta, m, momentum_step, v
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, keys, reals, substitute
from proofs.statements.vocabulary import T, beta1, beta2, eps, g, i, s, t

SOURCE = Source("adam3", "supplement, Theorem 4", also=(Source("dwmgradnotes", "R8"),))
NONZERO = v(t, i) > 0
RATIO = m(s, i) ** 2 / (sympy.sqrt(s) * sympy.sqrt(v(s, i)))
SIZE = sympy.Abs(m(s, i)) / sympy.sqrt(s)
b, size, root, steps, low, high = reals("b size root r low high")
A, B, E, x, y, N = reals("A B E x y N")


def total(term: Any, last: Any) -> sympy.Sum:
    return sympy.Sum(term, (s, 1, last))


MOMENTA, GRADIENTS = total(m(s, i) ** 2, T), total(g(s, i) ** 2, T)


def later(statement: Any) -> Fact:
    """The hypothesis about every step, at step t + 1."""
    return at(assume(every(statement)), t + 1)


def never_negative() -> Fact:
    """v_t >= 0 for 0 <= t <= T: it starts at 0 and is positive at every step."""
    first = follows("R8d.start", "The second moment starts at 0.", [assume(sympy.Eq(v(0, i), 0, evaluate=False))],
                    v(0, i) >= 0, [v(0, i) > 0])  # fmt: skip
    kept = follows("R8d.kept", "Afterwards it is positive.", [later(NONZERO)], v(t + 1, i) >= 0, [v(t + 1, i) >= 1])
    return induction(v(t, i) >= 0, t, 0, first, kept, last=T)


def moment() -> Fact:
    """v_t >= (1 - beta2) m_t² for 1 <= t <= T, from the formula."""
    before = under(use(never_negative(), {t: t - 1}), t <= T)
    then = (1 - beta2) * m(t, i) ** 2 <= v(t, i)
    return follows("R8d.moment", "The second moment is at least its newest term.",
                   [at(assume(every(MOMENT)), t), before], then, [2 * then.lhs <= then.rhs],
                   given=[beta2 >= 0, beta2 < 1, eps >= 0])  # fmt: skip


def ratio() -> Fact:
    """m_t²/√(t v_t) <= |m_t|/(√(1-beta2) √t), for 1 <= t <= T."""
    # b = √(1 - beta2), root = √v_t, r = √t, size = |m_t|
    proved = lemma("R8d.ratio", "So the root of the second moment is at least a multiple of the momentum.",
                   [b**2 * size**2 <= root**2, root > 0, b > 0, steps > 0, size >= 0],
                   size**2 / (steps * root) <= size / (b * steps),
                   [size**2 / (steps * root) <= sympy.Rational(9, 10) * size / (b * steps)])  # fmt: skip
    proved = use(proved, {b: sympy.sqrt(1 - beta2), root: sympy.sqrt(v(t, i)), steps: sympy.sqrt(t),
                          size: sympy.Abs(m(t, i))})  # fmt: skip
    return discharge(proved, moment(), positive_root(v(t, i), at(assume(every(NONZERO)), t)),
                     positive_root(1 - beta2, assume(beta2 < 1)), positive_root(t, assume(t >= 1)))  # fmt: skip


def positive_root(of: Any, known: Fact) -> Fact:
    """The root of a positive number is positive."""
    proved = lemma("R8d.root", "The root of a positive number is positive.", [x > 0], sympy.sqrt(x) > 0,
                   [sympy.sqrt(x) > 1])  # fmt: skip
    proved = use(proved, {x: of})
    return discharge(proved, known) if known.then != (t >= 1) else under(proved, t >= 1)


def inverse_root(of: Any, known: Fact) -> Fact:
    """The inverse root of a positive number is not negative."""
    proved = lemma("R8d.inverse", "The inverse root of a positive number is not negative.", [x > 0],
                   1 / sympy.sqrt(x) >= 0, [1 / sympy.sqrt(x) >= 1])  # fmt: skip
    return discharge(use(proved, {x: of}), known)


def products() -> Fact:
    """(sum |m_t|/√t)² <= (sum 1/t)(sum m_t²) for n >= 0 terms."""
    sums = (total(SIZE, t), total(1 / s, t), total(m(s, i) ** 2, t))
    then = (sums[0] ** 2 <= sums[1] * sums[2]) & (sums[0] >= 0) & (sums[1] >= 0) & (sums[2] >= 0)
    empty = [empty_sum(e, s) for e in (SIZE, 1 / s, m(s, i) ** 2)]
    start = then.subs({t: 0})
    base = evident(start) if not keys([start]) else follows(
        "R8d.none", "Sums of no terms are 0.", empty, start, [sums[0].subs({t: 0}) > 0])  # fmt: skip
    longer = [longer_sum(e, s, t) for e in (SIZE, 1 / s, m(s, i) ** 2)]
    after = then.subs({t: t + 1})
    kept = lemma("R8d.cauchy", "A product and two squares enter the sums, and the inequality is kept.",
                 [A**2 <= B * E, A >= 0, B >= 0, E >= 0, x >= 0, y >= 0],
                 ((A + x * y) ** 2 <= (B + y**2) * (E + x**2)) & (A + x * y >= 0) & (B + y**2 >= 0) & (E + x**2 >= 0),
                 [(A + x * y) ** 2 <= (B + y**2) * E])  # fmt: skip
    inverse = 1 / sympy.sqrt(t + 1)
    kept = use(kept, {A: sums[0], B: sums[1], E: sums[2], x: sympy.Abs(m(t + 1, i)), y: inverse})
    sign = lemma("R8d.inverse", "The inverse root of a positive number is not negative.", [x > 0],
                 1 / sympy.sqrt(x) >= 0, [1 / sympy.sqrt(x) >= 1])  # fmt: skip
    kept = discharge(kept, under(use(sign, {x: t + 1}), t >= 0))
    return induction(then, t, 0, base, restate(kept, after, *longer))


def harmonic() -> Fact:
    """1 + 1/2 + ... + 1/T <= 1 + log T."""
    then = total(1 / s, t) <= 1 + sympy.log(t)
    base = restate(evident(sympy.true), then.subs({t: 1}), single_sum(1 / s, s))
    grown = under(use(growth(x, y), {x: t, y: t + 1}), t >= 1)
    step = follows("R8d.harmonic", "The logarithm grows by at least the newest term.",
                   [longer_sum(1 / s, s, t), grown], then.subs({t: t + 1}),
                   [total(1 / s, t + 1) <= sympy.Rational(9, 10) + sympy.log(t + 1)], given=[then])  # fmt: skip
    return induction(then, t, 1, base, step)


def bounded() -> Fact:
    """sum m_t²/√(t v_t) <= √(1 + log T)/√(1 - beta2) √(sum m_t²)."""
    summed = sum_over(ratio(), t, 1, T)
    apart = linear(summed.then.rhs)
    sums = under(use(products(), {t: T}), T >= 1)
    ends = use(harmonic(), {t: T})
    r1 = 1 / sympy.sqrt(1 - beta2)
    then = total(RATIO, T) <= r1 * sympy.sqrt(1 + sympy.log(T)) * sympy.sqrt(MOMENTA)
    sign = inverse_root(1 - beta2, assume(beta2 < 1))
    return follows(
        "R8d.sum", "The inequality of Cauchy and Schwarz separates the harmonic sum from the momenta.",
        [restate(summed, total(RATIO, T) <= r1 * total(SIZE, T), apart), sign, sums, ends],
        then, [total(RATIO, T) <= sympy.Rational(9, 10) * then.rhs],
        parts={x: r1, A: total(SIZE, T), B: total(1 / s, T), E: MOMENTA, N: total(RATIO, T), y: sympy.log(T)},
    )  # fmt: skip


def mean(most: Any) -> Fact:
    """m_t² <= beta_t m_{t-1}² + (1 - beta_t) g_t²: a square of a mean is at most the mean of the squares."""
    before, new, c = reals("m g c")
    after = momentum_step(g=new, m=before, beta1=c, beta2=0, eps=1)[0].m
    right = c * before**2 + (1 - c) * new**2
    proved = lemma("R8d.averaged", "The square of a mean is at most the mean of the squares.", [0 <= c, c <= 1],
                   after**2 <= right, [after**2 <= sympy.Rational(9, 10) * right])  # fmt: skip
    here = {before: m(t, i), new: g(t + 1, i), c: beta(t + 1)}
    known = follows("R8d.coefficient", "The coefficient lies between 0 and 1.", [later(most)],
                    (beta(t + 1) >= 0) & (beta(t + 1) <= 1), [beta(t + 1) > 0],
                    given=[0 <= beta1, beta1 < 1])  # fmt: skip
    proved = discharge(use(proved, here), known)
    return restate(proved, m(t + 1, i) ** 2 <= substitute(right, here), later(MOMENTUM))


def norms(most: Any, name: str, scale: Any) -> Fact:
    """(1 - beta1) sum m_t² + beta1 m_T² <= scale sum g_t²; scale is 1, or 1 - beta1 if beta1 is constant."""
    squares = (total(m(s, i) ** 2, t), total(g(s, i) ** 2, t))
    then = (1 - beta1) * squares[0] + beta1 * m(t, i) ** 2 <= scale * squares[1]
    start = assume(sympy.Eq(m(0, i), 0, evaluate=False))
    base = restate(evident(sympy.true), then.subs({t: 0}), start)
    longer = [longer_sum(term(s, i) ** 2, s, t) for term in (m, g)]
    after = then.subs({t: t + 1})
    step = follows(
        name, "Weights that add up to at most 1 turn the sum of means into the sum of the squares.",
        [mean(most), later(most), *longer], after, [after.lhs <= sympy.Rational(9, 10) * after.rhs],
        given=[then, beta1 < 1, 0 <= beta1, x >= 0, N >= 0],
        parts={x: m(t, i) ** 2, y: m(t + 1, i) ** 2, N: g(t + 1, i) ** 2, A: squares[0], E: squares[1]},
    )  # fmt: skip
    return induction(then, t, 0, base, step, last=T)


def momenta(most: Any, name: str, scale: Any, bound: Any) -> Fact:
    """What is left of `norms` at the end: the newest square is dropped."""
    whole = use(norms(most, name, scale), {t: T})
    return follows(f"{name}.end", "The newest square is not negative.", [under(whole, T >= 1)], bound,
                   [bound.lhs <= sympy.Rational(9, 10) * bound.rhs], given=[0 <= beta1, beta1 < 1, x >= 0],
                   parts={x: m(T, i) ** 2, A: MOMENTA, E: GRADIENTS})  # fmt: skip


CONSTANT = sympy.Eq(beta(t), beta1, evaluate=False)
GIVEN = (every(MOMENT), START, beta1 < 1, 0 <= beta1, 0 <= beta2, beta2 < 1, eps >= 0, every(NONZERO), T >= 1)
BOUND = total(RATIO, T) <= sympy.sqrt(1 + sympy.log(T)) * sympy.sqrt(MOMENTA) / sympy.sqrt(1 - beta2)

CLAIM = Claim(
    id="R8d",
    title="the repaired lemma: no condition on gamma = beta1/√beta2",
    statement=Statement(
        given=(every(MOMENTUM), every(COEFFICIENTS), *GIVEN),
        then=BOUND & ((1 - beta1) * MOMENTA <= GRADIENTS),
        where=MEANING,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(bounded(), momenta(COEFFICIENTS, "R8d.norms", sympy.S.One, (1 - beta1) * MOMENTA <= GRADIENTS)),
    note="v_t > 0 holds whenever eps > 0, and otherwise from the first gradient on that is not 0.",
)
STEADY = Claim(
    id="R8d-constant",
    title="with a constant beta1 the momenta are no larger than the gradients",
    statement=Statement(
        given=(every(MOMENTUM), every(CONSTANT), sympy.Eq(m(0, i), 0, evaluate=False), beta1 < 1, 0 <= beta1, T >= 1),
        then=MOMENTA <= GRADIENTS,
        where=MEANING,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(momenta(CONSTANT, "R8d.constant", 1 - beta1, MOMENTA <= GRADIENTS),),
)
