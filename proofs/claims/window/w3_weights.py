"""W3: G_t is a weighted sum of squared gradients, with weights that are not negative and sum to at most 1."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    empty_sum,
    follows,
    for_all,
    induction,
    lemma,
    linear,
    longer_sum,
    sum_over,
    use,
)
from proofs.models.window import AT_LEAST_ONE, EMPTY, MOMENT, equal, every_step, moment
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, sequences, substitute
from proofs.statements.vocabulary import G, g, i, n, omega, s, t

SOURCE = Source("dwmgrad", "Algorithm 1, G_t", also=(Source("dwmgradnotes", "W3"),))
LATER = {t: t + 1}


def never_negative() -> Fact:
    start = follows("W3-sign.start", "The second moment starts at 0.", [assume(EMPTY)], G(0, i) >= 0, [G(0, i) > 0])
    kept = follows(
        "W3-sign.kept", "A step forms a weighted mean of the old moment and a square.",
        [at(assume(MOMENT), t + 1), at(assume(AT_LEAST_ONE), t + 1)], G(t + 1, i) >= 0,
        [G(t + 1, i) > 0, G(t + 1, i) >= g(t + 1, i) ** 2, G(t + 1, i) >= G(t, i) / omega(t + 1)],
        given=[G(t, i) >= 0],
    )  # fmt: skip
    return induction(G(t, i) >= 0, t, 0, start, kept)


SIGN = Claim(
    id="W3-sign",
    title="sign of the second moment",
    statement=Statement(given=(MOMENT, EMPTY, AT_LEAST_ONE, t >= 0), then=G(t, i) >= 0),
    source=SOURCE,
    kind="inequality",
    proof=(never_negative(),),
)

MORE = sympy.Rational(101, 100)
weight, left = sequences("weight left")  # of step s after step t; what no gradient has after step t
OLD = every_step(ForAll(s, (1 <= s) & (s <= t - 1), equal(weight(t, s), moment(omega(t), weight(t - 1, s), 0))))
NEW = every_step(equal(weight(t, t), moment(omega(t), 0, 1)))
LEFT = every_step(equal(left(t), moment(omega(t), left(t - 1), 0)))
ALL_LEFT = equal(left(0), 1)
SQUARE = g(s, i) ** 2


def weighted(last: Any) -> Any:
    return sympy.Sum(weight(t, s) * SQUARE, (s, 1, last))


def summed(body: sympy.Expr, name: str, words: str) -> Fact:
    """The sum of weight(t + 1, s) times body to t + 1, by the sum of weight(t, s) times body to t."""
    older = at(at(assume(OLD), t + 1), s)
    each = follows(f"{name}.each", "Every old weight is scaled by the same number.", [older],
                   equal(weight(t + 1, s) * body, (1 - 1 / omega(t + 1)) * (weight(t, s) * body)),
                   given=[omega(t + 1) >= 1])  # fmt: skip
    scaled = sum_over(each, s, 1, t)
    old = follows(
        f"{name}.old", words, [scaled, linear(scaled.then.rhs)],
        equal(scaled.then.lhs, (1 - 1 / omega(t + 1)) * sympy.Sum(weight(t, s) * body, (s, 1, t))),
        given=[omega(t + 1) >= 1],
    )  # fmt: skip
    return follows(f"{name}.longer", "The newest weight is 1/omega_t.",
                   [old, longer_sum(weight(t + 1, s) * body, s, t), at(assume(NEW), t + 1)],
                   equal(sympy.Sum(weight(t + 1, s) * body, (s, 1, t + 1)),
                         (1 - 1 / omega(t + 1)) * sympy.Sum(weight(t, s) * body, (s, 1, t))
                         + substitute(sympy.sympify(body), {s: t + 1}) / omega(t + 1)),
                   given=[omega(t + 1) >= 1])  # fmt: skip


def moment_is_sum() -> Fact:
    invariant = equal(G(t, i), weighted(t))
    base = follows("W3.base", "Before the first step both are 0.", [assume(EMPTY), empty_sum(weight(0, s) * SQUARE, s)],
                   substitute(invariant, {t: sympy.Integer(0)}))  # fmt: skip
    longer = discharge(summed(SQUARE, "W3", "Scaling the terms scales the sum."), at(assume(AT_LEAST_ONE), t + 1))
    kept = follows("W3.step", "A step does to the moment what it does to the sum.",
                   [at(assume(MOMENT), t + 1), longer], substitute(invariant, LATER), given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, base, kept)


def weights_sum() -> Fact:
    invariant = equal(sympy.Sum(weight(t, s), (s, 1, t)), 1 - left(t))
    base = follows("W3.none", "Before the first step nothing has a weight.",
                   [assume(ALL_LEFT), empty_sum(weight(0, s), s)],
                   substitute(invariant, {t: sympy.Integer(0)}))  # fmt: skip
    longer = discharge(summed(sympy.Integer(1), "W3.total", "Scaling the weights scales their sum."),
                       at(assume(AT_LEAST_ONE), t + 1))  # fmt: skip
    kept = follows("W3.total", "A step scales what the weights leave of 1.",
                   [longer, at(assume(LEFT), t + 1), at(assume(AT_LEAST_ONE), t + 1)],
                   substitute(invariant, LATER), given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, base, kept)


def rest() -> Fact:
    """The product stays in [0, 1]."""
    invariant = (0 <= left(t)) & (left(t) <= 1)
    base = follows("W3.all", "The empty product is 1.", [assume(ALL_LEFT)],
                   substitute(invariant, {t: sympy.Integer(0)}), 
                   [left(0) >= MORE, left(0) <= 1 / MORE])  # fmt: skip
    kept = follows("W3.rest", "Every factor lies in [0, 1].",
                   [at(assume(LEFT), t + 1), at(assume(AT_LEAST_ONE), t + 1)],
                   substitute(invariant, LATER), [left(t + 1) > 0, left(t + 1) <= 1 / MORE],
                   given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, base, kept)


def signs() -> Fact:
    """The weight of step s after n further steps, by induction over n."""
    aged = weight(s + n, s) >= 0
    base = follows("W3.newest", "The newest weight is 1/omega_s.", [at(assume(NEW), s), at(assume(AT_LEAST_ONE), s)],
                   weight(s, s) >= 0, [weight(s, s) >= 1 / MORE])  # fmt: skip
    later = [lemma("W3.later", "A later step has a larger number.", [s >= 1, n >= 0], s + n + 1 >= 1, [s + n >= 2]),
             lemma("W3.older", "A later step has a larger number.", [s >= 1, n >= 0], (s >= 1) & (s <= s + n + 1 - 1),
                   [(s >= 2) & (n >= 0)])]  # fmt: skip
    kept = follows("W3.signs", "A step scales an old weight by a number in [0, 1].",
                   [discharge(at(at(assume(OLD), s + n + 1), s), *later),
                    discharge(at(assume(AT_LEAST_ONE), s + n + 1), later[0])],
                   substitute(aged, {n: n + 1}), [weight(s + n + 1, s) > 0], given=[aged])  # fmt: skip
    return use(induction(aged, n, 0, base, kept), {n: t - s})


CLAIM = Claim(
    id="W3",
    title="weights of the second moment",
    statement=Statement(
        given=(MOMENT, EMPTY, AT_LEAST_ONE, NEW, OLD, ALL_LEFT, LEFT, t >= 0),
        then=sympy.And(
            equal(G(t, i), weighted(t)),
            equal(sympy.Sum(weight(t, s), (s, 1, t)), 1 - left(t)),
            (0 <= left(t)) & (left(t) <= 1),
            ForAll(s, (1 <= s) & (s <= t), weight(t, s) >= 0),
        ),
        where=((weight, "weight of g_s² in G_t: 1/omega_s times the product of 1 - 1/omega_r over r = s+1..t"),
               (left, "product of 1 - 1/omega_r over r = 1..t")),
    ),
    source=SOURCE,
    kind="identity",
    proof=(moment_is_sum(), weights_sum(), rest(), for_all(signs(), s, (1 <= s) & (s <= t))),
    note="The products are given by their recursions. The weights sum to 1 from the first step with omega_t = 1 on; "
    "with omega_0 > 0 they sum to less before, so G_t is biased low and, unlike Adam's moment, not corrected.",
)  # fmt: skip
