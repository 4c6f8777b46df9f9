"""Control: the regret bounds of online gradient descent, for a constant step size and for alpha/sqrt(t)."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claims.controls.c_regret import HYPOTHESES, MONOTONE, regret
from proofs.claims.regret.r2_a_posteriori import QUADRATIC, each, every, total
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    evident,
    follows,
    induction,
    lemma,
    longer_sum,
    restate,
    root_of_squares,
    single_sum,
    theorem,
    under,
    use,
)
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import DESCENT, POSITIVE, D, Gmax, R, S, T, alpha, d, g, h, i, s, squares, t

SGD = rules.get("sgd")
SOURCE = Source("zinkevich2003", "Theorem 1")
BOUNDED = (g(t, i) <= Gmax(i)) & (-g(t, i) <= Gmax(i))
ONE = sympy.Integer(1)
slope, rate, now, later, before, after, size, root, q = reals("g alpha a b S S' G r q")


def runs(schedule: str) -> Run:
    return Run(SGD, box=True, alpha=alpha, weight_decay=0, schedule=schedule)


class Descent:
    """What the potential argument needs to know of gradient descent with one schedule; `name` is that of the claim."""

    def __init__(self, name: str, schedule: str):
        self.name, self.run, self.decaying = name, runs(schedule), schedule == "sqrt"
        step_size = self.run.shared("alpha")
        self.h = restate(self.run.potential("h", h), self._h(t), step_size)

    def _h(self, t: Any) -> Any:
        return sympy.Eq(h(t, i), (sympy.sqrt(t) if self.decaying else 1) / alpha, evaluate=False)

    def descent(self) -> Fact:
        return restate(self.run.iterate(), DESCENT, self.h, self.run.shared("alpha"))

    def positive(self) -> Fact:
        known = lemma(f"{self.name}.positive", "The step size is positive.", [rate > 0, root > 0], root / rate > 0,
                      [root / rate > 1])  # fmt: skip
        known = use(known, {rate: alpha, root: sympy.sqrt(t) if self.decaying else ONE})
        if self.decaying:
            known = discharge(known, lemma(f"{self.name}.root", "So is the root of the step's number.", [t >= 1],
                                           sympy.sqrt(t) > 0, [sympy.sqrt(t) > 1]))  # fmt: skip
        return restate(known, POSITIVE, self.h)

    def monotone(self) -> Fact:
        first = follows(f"{self.name}.rises", "From 0 h rises to something positive.",
                        [use(self.positive(), {t: ONE}), self.run.no_potential_yet(h)], h(1, i) >= h(0, i),
                        [h(1, i) >= h(0, i) + 1])  # fmt: skip
        facts = [use(self.h, {t: t + 1}), self.h]
        then = h(t + 1, i) >= h(t, i)
        rising = follows(f"{self.name}.monotone", "The step size does not increase.", facts, then,
                         [h(t + 1, i) > h(t, i) + sympy.Rational(1, 2) / alpha], given=[alpha > 0, t >= 1])  # fmt: skip
        return induction(MONOTONE, t, 1, first, rising)

    def largest_sums(self) -> Fact:
        """The sum of g_t²/(2 h_t) is at most alpha G S_T where |g_t| <= G; for the schedule sqrt."""
        invariant = total(QUADRATIC, t) <= alpha * Gmax(i) * S(t, i)
        start = total(QUADRATIC, 0) <= alpha * Gmax(i) * sympy.sqrt(squares(0, i))
        base = restate(evident(start), invariant.subs({t: 0}), use(root_of_squares(), {t: sympy.Integer(0)}))
        gap = reals("gap")
        square = lemma(
            f"{self.name}.square", "A squared gradient is at most 2 G sqrt(t) times what S_t gains.",
            [root > 0, before >= 0, after >= 0, size >= 0, after <= size * root,
             sympy.Eq(after**2, before**2 + slope**2)], slope**2 <= 2 * size * root * (after - before),
            [slope**2 <= sympy.Rational(199, 100) * size * root * (after - before)],
        )  # fmt: skip
        left = slope**2 / (2 * (root / rate))
        divided = lemma(f"{self.name}.gain", "Dividing by the root turns it into a term of the sum.",
                        [rate > 0, root > 0, slope**2 <= 2 * size * root * gap], left <= rate * size * gap,
                        [left <= rate * size * gap * sympy.Rational(99, 100)])  # fmt: skip
        term = discharge(use(divided, {gap: after - before}), square)
        following = {t: t + 1}
        term = use(term, {rate: alpha, root: sympy.sqrt(t + 1), before: S(t, i), after: S(t + 1, i),
                          size: Gmax(i), slope: g(t + 1, i)})  # fmt: skip
        term = discharge(term, self.root_positive(), root_grows(self.name), use(root_positive(self.name), following),
                         root_positive(self.name), use(root_below(self.name), following))  # fmt: skip
        term = restate(term, QUADRATIC.subs({s: t + 1}) <= alpha * Gmax(i) * (S(t + 1, i) - S(t, i)),
                       use(self.h, following))  # fmt: skip
        step = follows(f"{self.name}.gains", "The gains add up.", [term, longer_sum(QUADRATIC, s, t)],
                       invariant.subs(following), [invariant.subs(following).lhs <= alpha * Gmax(i) * S(t, i)],
                       given=[invariant], parts={q: QUADRATIC.subs({s: t + 1})})  # fmt: skip
        whole = under(use(induction(invariant, t, 0, base, step, last=T), {t: T}), T >= 1)
        small = self.sums(sympy.Rational(99, 100))
        least = sympy.Min(S(T, i) ** 2, 2 * Gmax(i) * S(T, i))
        return follows(f"{self.name}.least", "Both bounds of the sum hold, so the smaller does.", [whole, small],
                       total(QUADRATIC, T) <= alpha / 2 * least,
                       [total(QUADRATIC, T) <= alpha / 2 * least * sympy.Rational(99, 100)],
                       given=[alpha > 0])  # fmt: skip

    def root_positive(self) -> Fact:
        return lemma(f"{self.name}.step", "The root of a step's number is positive.", [t >= 0], sympy.sqrt(t + 1) > 0,
                     [sympy.sqrt(t + 1) > 1])  # fmt: skip

    def last(self) -> Fact:
        return under(use(self.h, {t: T}), T >= 1)

    def sums(self, factor: Any) -> Fact:
        """The sum of g_t²/(2 h_t) is at most alpha/2 S_T²."""
        invariant = total(QUADRATIC, t) <= alpha / 2 * squares(t, i)
        base = evident(invariant.subs({t: 0}))
        term = lemma(f"{self.name}.term", "The step size is at most alpha.", [rate > 0, root >= 1],
                     slope**2 / (2 * (root / rate)) <= rate / 2 * slope**2,
                     [slope**2 / (2 * (root / rate)) <= factor * rate / 2 * slope**2])  # fmt: skip
        term = use(term, {slope: g(t + 1, i), rate: alpha, root: sympy.sqrt(t + 1) if self.decaying else ONE})
        if self.decaying:
            term = discharge(term, lemma(f"{self.name}.one", "The root of a step's number is at least 1.", [t >= 0],
                                         sympy.sqrt(t + 1) >= 1, [sympy.sqrt(t + 1) > 1]))  # fmt: skip
        term = restate(term, QUADRATIC.subs({s: t + 1}) <= alpha / 2 * g(t + 1, i) ** 2, use(self.h, {t: t + 1}))
        step = follows(f"{self.name}.sum", "The terms add up.",
                       [term, longer_sum(QUADRATIC, s, t), longer_sum(g(s, i) ** 2, s, t)], invariant.subs({t: t + 1}),
                       [total(QUADRATIC, t + 1) <= alpha / 2 * squares(t, i)], given=[invariant],
                       parts={q: QUADRATIC.subs({s: t + 1})})  # fmt: skip
        whole = under(use(induction(invariant, t, 0, base, step), {t: T}), T >= 1)
        return follows(f"{self.name}.squares", "S_T is the root of the sum of squares.",
                       [whole, use(root_of_squares(), {t: T}), nonnegative(self.name)],
                       total(QUADRATIC, T) <= alpha / 2 * S(T, i) ** 2,
                       [total(QUADRATIC, T) <= alpha / 2 * S(T, i) ** 2 * factor], given=[alpha > 0])  # fmt: skip

    def claim(self, title: str, sums: Fact, *given: Any, G: Any = None, note: str = "") -> Claim:
        part = self.run.bound(self.name, **({"G": G} if G is not None else {}))
        proof = regret(self.name, self.descent(), self.positive(), self.monotone(), self.run.no_potential_yet(h),
                       self.last(), sums, part, (alpha > 0, T >= 1))  # fmt: skip
        statement = Statement(
            given=(self.run.hypothesis, *HYPOTHESES, alpha > 0, *given), then=R(T) <= sympy.Sum(part, (i, 1, d))
        )
        return Claim(self.name, title, statement, SOURCE, "rate", (proof,), note=note)


def root_positive(name: str) -> Fact:
    """S_t >= 0."""
    known = lemma(f"{name}.roots", "A root is not negative.", [before >= 0], sympy.sqrt(before) >= 0,
                  [sympy.sqrt(before) > 0])  # fmt: skip
    known = discharge(use(known, {before: squares(t, i)}), every_sum(name))
    return restate(known, S(t, i) >= 0, root_of_squares())


def root_grows(name: str) -> Fact:
    """S_{t+1}² = S_t² + g_{t+1}²."""
    following = {t: t + 1}
    known = follows(f"{name}.grows", "The sum of squares gains the newest one.",
                    [every_sum(name), use(every_sum(name), following), longer_sum(g(s, i) ** 2, s, t)],
                    sympy.Eq(sympy.sqrt(squares(t + 1, i)) ** 2, sympy.sqrt(squares(t, i)) ** 2 + g(t + 1, i) ** 2,
                             evaluate=False))  # fmt: skip
    wanted = sympy.Eq(S(t + 1, i) ** 2, S(t, i) ** 2 + g(t + 1, i) ** 2, evaluate=False)
    return restate(known, wanted, use(root_of_squares(), following), root_of_squares())


def root_below(name: str) -> Fact:
    """S_t <= G sqrt(t)."""
    invariant = squares(t, i) <= Gmax(i) ** 2 * t
    known = at(assume(every(BOUNDED)), t + 1)
    step = follows(f"{name}.squares_below", "Each square is at most G².", [known, longer_sum(g(s, i) ** 2, s, t)],
                   invariant.subs({t: t + 1}), [squares(t + 1, i) <= Gmax(i) ** 2 * t],
                   given=[invariant])  # fmt: skip
    below = induction(invariant, t, 0, evident(invariant.subs({t: 0})), step, last=T)
    rooted = lemma(f"{name}.rooted", "So is the root.", [before <= size**2 * root, before >= 0, size >= 0, root >= 0],
                   sympy.sqrt(before) <= size * sympy.sqrt(root),
                   [sympy.sqrt(before) <= size * sympy.sqrt(root) * sympy.Rational(99, 100)])  # fmt: skip
    rooted = discharge(use(rooted, {before: squares(t, i), size: Gmax(i), root: t}), below, every_sum(name))
    return restate(rooted, S(t, i) <= Gmax(i) * sympy.sqrt(t), root_of_squares())


def every_sum(name: str) -> Fact:
    """A sum of squares is not negative."""
    invariant = squares(t, i) >= 0
    step = follows(f"{name}.sign", "Every square adds to it.", [longer_sum(g(s, i) ** 2, s, t)],
                   invariant.subs({t: t + 1}), [squares(t + 1, i) > 0], given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, evident(invariant.subs({t: 0})), step)


def nonnegative(name: str) -> Fact:
    """The sum of squares up to T is not negative."""
    return under(use(every_sum(name), {t: T}), T >= 1)


CONSTANT = Descent("C-ogd-constant", "constant")
CONSTANT_CLAIM = CONSTANT.claim("control: online gradient descent with a constant step size",
                                CONSTANT.sums(sympy.Rational(99, 100)))  # fmt: skip
DECAYING = Descent("C-ogd-sqrt", "sqrt")
DECAYING_CLAIM = DECAYING.claim("control: online gradient descent with the step size alpha/sqrt(t)",
                                DECAYING.sums(sympy.Rational(99, 100)))  # fmt: skip
LARGEST = Descent("C-ogd-largest", "sqrt")
LARGEST_CLAIM = LARGEST.claim(
    "control: online gradient descent with alpha/sqrt(t), where a bound of the gradients is known",
    LARGEST.largest_sums(), each(every(BOUNDED)), each(Gmax(i) >= 0), G=Gmax(i),
)  # fmt: skip


# --- the best step sizes, in one coordinate -----------------------------------------------------------------------

WIDTH, LARGE = D(ONE), Gmax(ONE)
w, big, n, known_root = reals("D G n S")


def below_one() -> Fact:
    """S_T <= G sqrt(T) in the only coordinate."""
    return under(use(root_below("C-ogd"), {t: T, i: ONE}), T >= 1)


def corollary(claim: Claim, step_size: Any, bound: Any, name: str) -> Fact:
    """R_T <= bound: a claim's bound in one coordinate, with this step size."""
    known = use(theorem(claim), {d: ONE, alpha: step_size})
    one = single_sum(claim.statement.then.rhs.function.subs({alpha: step_size}), i)
    ranges = [WIDTH > 0, LARGE > 0, T >= 1]
    positive = follows(f"{name}.positive", "The step size is positive.", [], step_size > 0, [step_size > 1],
                       given=ranges, parts={w: WIDTH, big: LARGE} | ({n: T} if step_size.has(T) else {}))  # fmt: skip
    joined = follows(f"{name}.joined", "A sum over one coordinate is its term.", [known, one], R(T) <= one.then.rhs,
                     [R(T) <= one.then.rhs - 1], given=[T >= 1])  # fmt: skip
    value = follows(
        f"{name}.value", "S_T is at most G sqrt(T), and the step size balances the two terms.",
        [joined, below_one(), at_least_zero()], R(T) <= bound, [R(T) <= bound * sympy.Rational(99, 100)],
        given=[WIDTH > 0, LARGE > 0, root >= 1],
        parts={w: WIDTH, big: LARGE, known_root: S(T, ONE), root: sympy.sqrt(T)},
    )  # fmt: skip
    late = lemma("C-ogd.late", "The root of a number of steps is at least 1.", [T >= 1], sympy.sqrt(T) >= 1,
                 [sympy.sqrt(T) > 1])  # fmt: skip
    large = lemma("C-ogd.large", "A positive bound is not negative.", [LARGE > 0], LARGE >= 0, [LARGE >= 1])
    return under(discharge(value, positive, late, large), T >= 1)


def at_least_zero() -> Fact:
    return under(use(root_positive("C-ogd"), {t: T, i: ONE}), T >= 1)


UNIT = WIDTH * LARGE * sympy.sqrt(T)
CHOICES = {  # step size and bound, in units of D G sqrt(T)
    "C-ogd": (CONSTANT_CLAIM, WIDTH / (LARGE * sympy.sqrt(T)), ONE),
    "C-ogd-decaying": (LARGEST_CLAIM, WIDTH / LARGE, sympy.Rational(3, 2)),
    "C-ogd-best": (LARGEST_CLAIM, WIDTH / (sympy.sqrt(2) * LARGE), sympy.sqrt(2)),
}


def best_claim(name: str, title: str, note: str = "") -> Claim:
    claim, step_size, factor = CHOICES[name]
    fact = corollary(claim, step_size, factor * UNIT, name)
    return Claim(name, title, Statement(fact.then, fact.given), SOURCE, "rate", (fact,), note=note)


OGD = best_claim("C-ogd", "control: D G √T for the constant step size D/(G √T)")
OGD_DECAYING = best_claim(
    "C-ogd-decaying", "control: 3/2 D G √T for the step size D/(G √t)",
    "The constant is that of [hazan2016], Theorem 3.1; it is the price of not knowing T.",
)  # fmt: skip
OGD_BEST = best_claim(
    "C-ogd-best", "control: √2 D G √T for the step size D/(√2 G √t)",
    "This step size balances the two terms, so its constant is the least that this argument gives.",
)  # fmt: skip
