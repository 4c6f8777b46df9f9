"""R2+: the number in the column `bound` is above the regret, for any rule whatever, mirrored or not."""

from typing import Any

import sympy

from dwmgrad_ref.observers.bound import farthest
from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    both,
    convexity,
    discharge,
    empty_sum,
    equation,
    evident,
    exchange,
    follows,
    induction,
    lemma,
    longer_sum,
    part,
    replace,
    sum_over,
    under,
    use,
)
from proofs.models.driven import MEANING, Driven, lags, lags_rest
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, reals
from proofs.statements.vocabulary import CONVEX, H, R, T, d, g, high, i, low, n, s, t, theta, u, w, z

x, mid, end, c, slope, scale, wide, e, near, far = reals("x z w c g H D e near far")
total, old, new, grow, small, large, sums = reals("V H_0 H_1 v D_0 D_1 E")
ALMOST = sympy.Rational(99, 100)
TERM = g(s, i) * (theta(s, i) - u(i))
LAG = g(s, i) * (theta(s, i) - z(s, i))


def now(fact: Fact) -> Fact:
    """The fact about step t + 1."""
    return use(fact, {t: t + 1})


# --- facts about real numbers -----------------------------------------------------------------------------------


def split() -> Fact:
    """One term of the regret by what the observer adds up; the identity needs no division and so allows H = 0."""
    ghat = scale * (mid - end)
    left = slope * (x - c)
    right = (
        slope * (x - mid)
        + (slope - ghat) * (mid - c)
        + scale * ((mid - c) ** 2 - (end - c) ** 2) / 2
        + ghat * (mid - end) / 2
    )
    return equation("R2+.split", "The move of z is read as a step with the preconditioner H.", left, right,
                    right - ghat * (mid - end))  # fmt: skip


def residual() -> Fact:
    """What the step did not follow costs at most the distance each time."""
    return lemma("R2+.residual", "A residual gradient acts over at most the distance D.",
                 [(mid - c) ** 2 <= wide**2, wide >= 0], e * (mid - c) <= wide * sympy.Abs(e),
                 [e * (mid - c) <= ALMOST * wide * sympy.Abs(e)])  # fmt: skip


def growth() -> Fact:
    """Where H grows, the distance is paid for; where it falls, nothing is."""
    return lemma("R2+.growth", "The growth of H times the squared distance is at most its positive part times D².",
                 [0 <= near, near <= wide**2], (new - old) * near <= wide**2 * sympy.Max(0, new - old),
                 [(new - old) * near <= ALMOST * wide**2 * sympy.Max(0, new - old)])  # fmt: skip


def nearer() -> Fact:
    """The projection makes the square at the end smaller."""
    return lemma("R2+.nearer", "A nearer end only lowers the square.", [near <= far, scale >= 0],
                 scale * near <= scale * far, [scale * near <= ALMOST * scale * far])  # fmt: skip


def wider() -> Fact:
    """All sums may be read with the later, larger distance."""
    return lemma(
        "R2+.wider", "A larger distance enlarges what it multiplies.",
        [0 <= small, small <= large, total >= 0, sums >= 0],
        small**2 * total / 2 + small * sums <= large**2 * total / 2 + large * sums,
        [small**2 * total / 2 + small * sums <= ALMOST * large**2 * total / 2 + large * sums],
    )  # fmt: skip


def one_step() -> Fact:
    """The inequality of one step, about real numbers."""
    ghat = scale * (mid - end)
    facts = [split(), use(residual(), {e: slope - ghat}), use(nearer(), {far: (end - c) ** 2})]
    paid = (
        slope * (x - mid) + wide * sympy.Abs(slope - ghat) + scale * (mid - c) ** 2 / 2 + scale * (mid - end) ** 2 / 2
    )
    return follows(
        "R2+.one-step", "The residual costs the distance, and a smaller square replaces the one at the end.", facts,
        slope * (x - c) + scale * near / 2 <= paid,
        [slope * (x - c) + scale * near / 2 <= paid - scale * (mid - end) ** 2 / 100],
        parts={e: sympy.Abs(slope - ghat)},
    )  # fmt: skip


# --- a run ------------------------------------------------------------------------------------------------------


class Certificate:
    """The derivation for a run with a box, or without one; the names of its steps begin with `name`."""

    def __init__(self, name: str, box: bool):
        self.name, self.run, self.box = name, Driven(box), box
        self.in_box = [(low(i) <= u(i)) & (u(i) <= high(i))] if box else []

    def D(self, n: Any) -> Any:
        return farthest(self.run.watched_at(n), *self.run.against)

    def sum(self, field: str, n: Any) -> Any:
        """An observer's sum with its rest."""
        memory = self.run.watched_at(n)
        return getattr(memory, field) + getattr(memory, f"{field}_rest")

    def start(self, field: str) -> Fact:
        return both(self.run.start(field), self.run.start(f"{field}_rest"))

    def step(self, field: str) -> Fact:
        return both(now(self.run.step(field)), now(self.run.step(f"{field}_rest")))

    def follows(self, step: str, words: str, premises: list[Fact], then: Any, sharper: Any = (), **more: Any) -> Fact:
        return follows(f"{self.name}.{step}", words, premises, then, sharper, **more)

    def not_negative(self, field: str) -> Fact:
        """A sum of what is not negative, for every t >= 0."""
        invariant = self.sum(field, t) >= 0
        base = self.follows(f"{field}-start", "The sum starts at 0.", [self.start(field)], invariant.subs({t: 0}),
                            [self.sum(field, 0) > 0])  # fmt: skip
        kept = self.follows(f"{field}-kept", "What a step adds is not negative.", [self.step(field)],
                            invariant.subs({t: t + 1}), [self.sum(field, t + 1) > 0], given=[invariant])  # fmt: skip
        return induction(invariant, t, 0, base, kept)

    def within(self) -> Fact:
        """z_{t+1} lies within D_{t+1} of u, and D does not shrink once it has begun, t >= 0."""
        ends = [now(self.run.step("least")), now(self.run.step("most"))]
        gap = self.D(t + 1)
        then = ((z(t + 1, i) - u(i)) ** 2 <= gap**2) & (gap >= 0)
        return self.follows("within", "The observer's distance reaches to the farther end.", ends, then,
                            [(z(t + 1, i) - u(i)) ** 2 <= ALMOST * gap**2], given=self.in_box)  # fmt: skip

    def distance(self) -> Fact:
        """D_t serves the sums so far no better than D_{t+1}, t >= 0; before the first step there are no sums."""

        def said(n: Any) -> Any:
            return self.priced(n, self.D(n)) <= self.priced(n, self.D(n + 1))

        starts = [self.start("variation"), self.start("residual")]
        base = self.follows("no-sums", "Before the first step nothing has been added.", starts, said(0),
                            [self.priced(0, self.D(0)) + 1 <= self.priced(0, self.D(1))])  # fmt: skip
        ends = [use(now(self.run.step(field)), {t: t + 1}) for field in ("least", "most")]
        longer = self.follows("widening", "The extremes of z only move apart.", ends, self.D(t + 1) <= self.D(t + 2),
                              [self.D(t + 1) < self.D(t + 2)], given=[t >= 0])  # fmt: skip
        here = use(wider(), {small: self.D(t + 1), large: self.D(t + 2), total: self.sum("variation", t + 1),
                             sums: self.sum("residual", t + 1)})  # fmt: skip
        later = discharge(here, part(self.within(), self.D(t + 1) >= 0), longer, now(self.not_negative("variation")),
                          now(self.not_negative("residual")))  # fmt: skip
        return induction(said(t), t, 0, base, later)

    def priced(self, n: Any, distance: Any) -> Any:
        """The sums after step n that the distance multiplies."""
        return distance**2 * self.sum("variation", n) / 2 + distance * self.sum("residual", n)

    def moved(self) -> Fact:
        """The end of step t + 1 is no nearer to u than z_{t+2}."""
        facts = [now(self.run.end_of_step()), now(now(self.run.mirror())), now(self.run.projection())]
        return self.follows(
            "moved", "The w that the driver shows the observer is no nearer to the comparator than the next z.", facts,
            (z(t + 2, i) - u(i)) ** 2 <= (w(t + 2, i) - u(i)) ** 2,
            [(z(t + 2, i) - u(i)) ** 2 <= ALMOST * (w(t + 2, i) - u(i)) ** 2], given=self.in_box,
        )  # fmt: skip

    def preconditioner(self) -> Fact:
        """H_{t+1} >= 0, t >= 0, whatever the rule's Potential says."""
        return self.follows("preconditioner", "The observer's H is never negative.", [now(self.run.step("H"))],
                            H(t + 1, i) >= 0, [H(t + 1, i) > 0])  # fmt: skip

    def one_step(self) -> Fact:
        """Step t + 1: a term of the regret and the new square, by what the observer adds."""
        known = {mid: z(t + 1, i), c: u(i), wide: self.D(t + 1), scale: H(t + 1, i), slope: g(t + 1, i),
                 x: theta(t + 1, i), end: w(t + 2, i), near: (z(t + 2, i) - u(i)) ** 2}  # fmt: skip
        within = self.within()
        inside = [part(within, e) for e in within.then.args]
        return discharge(use(one_step(), known), self.preconditioner(), self.moved(), *inside)

    def potential(self) -> Fact:
        """What has been suffered and the square that is left are paid for, for every t >= 0."""

        def said(n: Any) -> Any:
            paid = self.priced(n, self.D(n)) + self.sum("quadratic", n) + sympy.Sum(LAG, (s, 1, n))
            return sympy.Sum(TERM, (s, 1, n)) + H(n, i) * (z(n + 1, i) - u(i)) ** 2 / 2 <= paid

        starts = [*(self.start(field) for field in ("variation", "quadratic", "residual")), self.run.start("H")]
        base = self.follows("base", "Before the first step everything is 0.",
                            [*starts, empty_sum(TERM, s), empty_sum(LAG, s)], said(0),
                            [said(0).lhs < said(0).rhs])  # fmt: skip
        grew = use(growth(), {near: (z(t + 1, i) - u(i)) ** 2, wide: self.D(t + 1), new: H(t + 1, i), old: H(t, i)})
        grew = discharge(grew, part(self.within(), (z(t + 1, i) - u(i)) ** 2 <= self.D(t + 1) ** 2),
                         evident((z(t + 1, i) - u(i)) ** 2 >= 0))  # fmt: skip
        sums = [replace(self.step(field), now(self.run.step("H")), backwards=True)
                for field in ("variation", "quadratic", "residual")]  # fmt: skip
        newest = g(t + 1, i) - H(t + 1, i) * (z(t + 1, i) - w(t + 2, i))
        later = self.follows(
            "step", "A step adds its residual, its quadratic term and its growth to the observer's sums.",
            [self.one_step(), grew, self.distance(), *sums, longer_sum(TERM, s, t), longer_sum(LAG, s, t)], said(t + 1),
            [said(t + 1).lhs <= said(t + 1).rhs - ALMOST * self.D(t + 1) * sympy.Abs(newest)], given=[said(t)],
            parts={near: (z(t + 1, i) - u(i)) ** 2, far: (z(t + 2, i) - u(i)) ** 2, wide: self.D(t + 1),
                   small: self.D(t), e: sympy.Abs(newest), grow: sympy.Max(0, H(t + 1, i) - H(t, i)),
                   c: (z(t + 1, i) - w(t + 2, i)) ** 2, x: TERM.subs({s: t + 1}), mid: LAG.subs({s: t + 1})},
        )  # fmt: skip
        return induction(said(t), t, 0, base, later)

    def coordinate(self) -> Fact:
        """The linear regret of one coordinate after T steps: the square at the end is dropped."""
        at_end = under(use(self.potential(), {t: T}), T >= 1)
        not_negative = under(use(self.preconditioner(), {t: T - 1}), T >= 1)
        suffered, paid = sympy.Sum(TERM, (s, 1, T)), self.run.certificate(T) + sympy.Sum(LAG, (s, 1, T))
        return self.follows("last", "The square that is left at the end is not negative.", [at_end, not_negative],
                            suffered <= paid, [suffered <= paid - self.sum("quadratic", T) / 100])  # fmt: skip

    def total_lag(self) -> Fact:
        """The observer's total of what mirroring shifts, for every n >= 0."""
        inner = sympy.Sum(LAG.subs({s: t}), (i, 1, d))

        def said(n: Any) -> Any:
            return sympy.Eq(lags(n) + lags_rest(n), sympy.Sum(inner, (t, 1, n)), evaluate=False)

        base = self.follows("no-lags", "The observer's total starts at 0.",
                            [self.run.lag_start(), empty_sum(inner, t)], said(0))  # fmt: skip
        later = self.follows("lags", "A step adds the lags of all coordinates.",
                             [use(self.run.lag(), {t: n + 1}), longer_sum(inner, t, n)], said(n + 1),
                             given=[said(n)])  # fmt: skip
        return under(use(induction(said(n), n, 0, base, later), {n: T}), T >= 1)

    def regret(self) -> Fact:
        """Summed over coordinates, against convex losses."""
        coordinates = sum_over(self.coordinate(), i, 1, d)
        certificates: Any = sympy.Sum(self.run.certificate(T), (i, 1, d))
        swapped = [exchange(sympy.Sum(sympy.Sum(term, (s, 1, T)), (i, 1, d))) for term in (TERM, LAG)]
        parted = evident(sympy.Eq(coordinates.then.rhs, certificates + swapped[1].then.lhs, evaluate=False))
        then = R(T) <= self.run.printed(T)
        return self.follows("regret", "Convexity bounds the regret by the linear sums of all coordinates.",
                            [convexity(), coordinates, self.total_lag(), *swapped, parted], then,
                            [then.lhs <= then.rhs - certificates / 100])  # fmt: skip


def claim(identifier: str, box: bool, title: str, note: str) -> Claim:
    derivation = Certificate(identifier, box)
    in_box = tuple(ForAll(i, (1 <= i) & (i <= d), e) for e in derivation.in_box)
    return Claim(
        id=identifier,
        title=title,
        statement=Statement(
            given=(CONVEX, derivation.run.hypothesis, *in_box, T >= 1),
            then=R(T) <= derivation.run.printed(T),
            where=MEANING,
        ),
        source=Source("duchi2011", "the argument of Theorem 5", also=(Source("dwmgradnotes", "R2+"),)),
        kind="inequality",
        proof=(derivation.regret(),),
        note=note,
    )


CLAIM = claim(
    "R2+", True, "the printed certificate bounds the regret against every point of the box, for any rule",
    "Nothing is asked of the rule: its next iterate, damping, preconditioner and shift may be any numbers. A Potential "
    "that is wrong costs tightness, never validity. With shift = 0 and w = theta_{t+1} before projection it is R2. "
    "The statement is about exact sums; how far rounding reaches is the column `bound_error`.",
)  # fmt: skip
FREE = claim(
    "R2+free", False, "the printed certificate bounds the regret against the comparator, without projection",
    "Without a box the distance is to one comparator u, and the number bounds the regret against this u alone.",
)  # fmt: skip
