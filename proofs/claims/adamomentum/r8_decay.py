"""R8f: how fast beta_{1,t} must decay for AdaMomentum's printed results, from the sum of beta_{1,t} √t."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    discharge,
    evident,
    follows,
    for_all,
    induction,
    lemma,
    limit,
    longer_sum,
    part,
    restate,
    single_sum,
    sum_over,
    under,
    use,
)
from proofs.inference.limits import average_to_zero, implication, limit_of
from proofs.inference.periods import constant_sum, power_at_least_one, power_next, power_range
from proofs.models.adamomentum import beta
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, Tends, reals
from proofs.statements.vocabulary import T, s, t

SOURCE = Source("adam3", "supplement, Theorem 4 and its corollaries", also=(Source("dwmgradnotes", "R8 (f)"),))
ALMOST = sympy.Rational(99, 100)
LATER = {t: t + 1}
lam, e, c, a, b, n, p, r, A = reals("lambda e c a b n p r A")
ROOT = sympy.sqrt(s)


def total(term: Any, last: Any) -> sympy.Sum:
    return sympy.Sum(term, (s, 1, last))


def constant() -> Fact:
    """√1 + ... + √T >= (2/3) T √T."""
    said = total(ROOT, t) >= sympy.Rational(2, 3) * t * sympy.sqrt(t)
    base = restate(evident(sympy.true), said.subs({t: 1}), single_sum(ROOT, s))
    grows = lemma("R8f.constant", "A root exceeds what two thirds of the power 3/2 gain.",
                  [b >= 0, a >= 0, sympy.Eq(a**2, b**2 + 1, evaluate=False),
                   A >= sympy.Rational(2, 3) * b**3], A + a >= sympy.Rational(2, 3) * a**3,
                  [A + ALMOST * a >= sympy.Rational(2, 3) * a**3])  # fmt: skip
    roots = lemma("R8f.roots", "Roots are not negative.", [n >= 0],
                  (sympy.sqrt(n) >= 0) & (sympy.sqrt(n + 1) >= 0)
                  & sympy.Eq(sympy.sqrt(n + 1) ** 2, sympy.sqrt(n) ** 2 + 1, evaluate=False),
                  [sympy.sqrt(n) > 0])  # fmt: skip
    step = use(grows, {a: sympy.sqrt(t + 1), b: sympy.sqrt(t), A: total(ROOT, t)})
    step = discharge(step, use(roots, {n: t}))
    return use(
        induction(said, t, 1, base, restate(under(step, t >= 1), said.subs(LATER), longer_sum(ROOT, s, t))), {t: T}
    )


def geometric() -> Fact:
    """The sum of lambda^t √t is at most lambda/(1 - lambda)²."""

    def tail(power: Any, when: Any) -> Any:
        return lam * power * (1 + when * (1 - lam)) / (1 - lam) ** 2

    whole = lam / (1 - lam) ** 2
    term = lam**s * ROOT
    said = total(term, t) <= whole - tail(lam**t, t)
    first = lemma("R8f.first", "The first term and what follows it are less than the whole.", [0 <= lam, lam < 1],
                  lam <= whole - tail(lam, 1), [lam <= ALMOST * (whole - tail(lam, 1))])  # fmt: skip
    base = restate(first, said.subs({t: 1}), single_sum(term, s))
    kept = lemma("R8f.geometric", "A term is at most what the tail of the sum of t lambda^t loses.",
                 [0 <= lam, lam < 1, p >= 0, a >= 0, a <= n + 1, A <= whole - tail(p, n),
                  sympy.Eq(lam * p, b, evaluate=False)], A + b * a <= whole - tail(b, n + 1),
                 [A + b * a <= whole - tail(b, n + 1) - b / 100])  # fmt: skip
    roots = lemma(
        "R8f.root",
        "A root is at most the number itself.",
        [n >= 0],
        (sympy.sqrt(n + 1) >= 0) & (sympy.sqrt(n + 1) <= n + 1),
        [sympy.sqrt(n + 1) <= ALMOST * (n + 1)],
    )
    powers = part(power_range(lam, t), lam**t >= 0)
    step = use(kept, {p: lam**t, b: lam ** (t + 1), a: sympy.sqrt(t + 1), n: t, A: total(term, t)})
    step = discharge(step, powers, use(roots, {n: t}), power_next(lam, t + 1))
    step = under(restate(step, said.subs(LATER), longer_sum(term, s, t)), t >= 1, lam < 1)
    bounded = use(induction(said, t, 1, base, step), {t: T})
    dropped = lemma("R8f.tail", "The tail is not negative.", [0 <= lam, lam < 1, p >= 0, n >= 1,
                    A <= whole - tail(p, n)],
                    A <= whole, [A <= ALMOST * whole])  # fmt: skip
    dropped = use(dropped, {p: lam**T, n: T, A: total(term, T)})
    return under(discharge(dropped, bounded, part(power_range(lam, T), lam**T >= 0)), T >= 1, lam < 1)


POWER = s ** (-e)  # β_{1,t} √t for β_{1,t} = t^{-1/2-e}
AVERAGE = total(POWER, T) / T


def fast() -> Fact:
    """The average tends to 0 if e > 0."""
    vanishes = limit("R8f.fast", "A negative power tends to 0.", t ** (-e), t, 0, 1)
    return restate(average_to_zero(vanishes, T), Tends(T, AVERAGE, sympy.S.Zero))


def slow() -> Fact:
    """The average is at least 1 if e <= 0."""
    least = under(use(power_at_least_one(c, -e), {c: s}), s >= 1)
    summed = sum_over(least, s, 1, T)
    number = constant_sum(sympy.S.One, s, 1, T)
    then = AVERAGE >= 1
    return follows("R8f.slow", "Each term is at least 1.", [summed, under(number, T >= 1)], then,
                   [AVERAGE >= sympy.Rational(101, 100)], given=[T >= 1], parts={A: total(POWER, T)})  # fmt: skip


def exclusive() -> Fact:
    """If beta_t tends to 0 then 1 - beta_t tends to 1, not to 0."""
    to_zero = Tends(t, beta(t), sympy.S.Zero)
    return implication(limit_of(1 - r, {r: assume(to_zero)}), to_zero)


def proved() -> tuple[Fact, ...]:
    long = for_all(constant(), T, T >= 1)
    decaying = implication(for_all(geometric(), T, T >= 1), lam >= 0, lam < 1)
    not_slow = implication(for_all(slow(), T, T >= 1), e <= 0)
    return long, decaying, implication(fast(), e > 0), not_slow, exclusive()


CLAIM = Claim(
    id="R8f",
    title="which decay of beta_{1,t} each printed result needs",
    statement=Statement(
        then=sympy.And(*(fact.then for fact in proved())),
        where=((beta, "momentum coefficient of step t"), (lam, "rate of a decay beta_{1,t} = beta1 lambda^t"),
               (e, "excess over 1/2 of the exponent of a decay beta_{1,t} = beta1 t^(-1/2-e)")),
    ),
    source=SOURCE,
    kind="rate",
    proof=proved(),
    note="The printed bound's second term is the sum of beta_{1,t} √t √v_t over alpha. Where √v_t lies between two "
    "positive numbers it is o(T) for beta_{1,t} = beta1 t^(-p) only if p > 1/2, bounded for beta1 lambda^t, and of "
    "order T^(3/2) for the constant 0.9 used in practice. The printed corollary without convexity wants 1 - beta_{1,t} "
    "= beta/√t, which tends to 0: no schedule serves both. With a constant beta1 R8-constant bounds the regret.",
)  # fmt: skip
