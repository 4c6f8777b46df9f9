"""D-sizes: the sizes of the gradients that the observer hands to an a-priori bound are what the bound means by them."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import Fact, both, empty_sum, follows, induction, longer_sum, under, use
from proofs.models.driven import Driven
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, sequences
from proofs.statements.vocabulary import T, g, i, s, t

RUN = Driven(box=True)
largest, first = sequences("largest first")
ALMOST = sympy.Rational(99, 100)


def now(fact: Fact) -> Fact:
    return use(fact, {t: t + 1})


def both_parts(field: str, which: str) -> Fact:
    """A sum and its rest, at the start or at step t + 1."""
    if which == "start":
        return both(RUN.start(field), RUN.start(f"{field}_rest"))
    return both(now(RUN.step(field)), now(RUN.step(f"{field}_rest")))


def squares() -> Fact:
    """The sum of squares with its rest, for every t >= 0."""

    def said(n: Any) -> Any:
        memory = RUN.watched_at(n)
        return sympy.Eq(memory.squares + memory.squares_rest, sympy.Sum(g(s, i) ** 2, (s, 1, n)), evaluate=False)

    start = follows("D-sizes.none", "Before the first step there is none.",
                    [both_parts("squares", "start"), empty_sum(g(s, i) ** 2, s)], said(0))  # fmt: skip
    kept = follows("D-sizes.squares", "A step adds its square.",
                   [both_parts("squares", "step"), longer_sum(g(s, i) ** 2, s, t)], said(t + 1),
                   given=[said(t)])  # fmt: skip
    return under(use(induction(said(t), t, 0, start, kept), {t: T}), T >= 1)


def newest() -> Fact:
    """The largest size is at least the newest one and never shrinks, t >= 1."""
    then = (sympy.Abs(g(t, i)) <= largest(t, i)) & (largest(t - 1, i) <= largest(t, i))
    return follows("D-sizes.largest", "A maximum is at least both.", [RUN.step("largest")], then,
                   [ALMOST * largest(t, i) >= sympy.Abs(g(t, i)), largest(t, i) <= ALMOST * largest(t, i)])  # fmt: skip


def attained() -> Fact:
    """And it is one of the two: the old one or the newest, t >= 1."""
    newest = sympy.Eq(largest(t, i), sympy.Abs(g(t, i)), evaluate=False)
    then = newest | sympy.Eq(largest(t, i), largest(t - 1, i), evaluate=False)
    return follows("D-sizes.attained", "A maximum is one of both.", [RUN.step("largest")], then, [newest])


def beginning() -> Fact:
    """|g_1|, for every t >= 1."""
    said = sympy.Eq(first(t, i), sympy.Abs(g(1, i)), evaluate=False)
    start = follows("D-sizes.first", "The first step stores it.", [use(RUN.step("first"), {t: 1})], said.subs({t: 1}))
    kept = follows("D-sizes.first-kept", "Later steps leave it.", [now(RUN.step("first"))], said.subs({t: t + 1}),
                   given=[said, t >= 1])  # fmt: skip
    return induction(said, t, 1, start, kept)


PARTS = (squares(), newest(), attained(), beginning())
CLAIM = Claim(
    id="D-sizes",
    title="the observer's sizes of the gradients: their squares, the largest and the first",
    statement=Statement(
        given=(RUN.hypothesis, t >= 1, T >= 1),
        then=sympy.And(*(part.then for part in PARTS)),
        where=((largest, "largest |g_{s,i}| so far"), (first, "|g_{1,i}| as stored")),
    ),
    source=Source("dwmgradnotes", "R2 and R3: what a bound may use"),
    kind="identity",
    proof=PARTS,
    note="So S and G of an a-priori bound are those of the very run, before rounding.",
)
