"""Control: AdaGrad's regret bound and step bound, from the formula that runs."""

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claims.controls.c_regret import HYPOTHESES, MONOTONE, regret
from proofs.claims.regret.r2_a_posteriori import QUADRATIC, each, total
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    discharge,
    empty_sum,
    follows,
    induction,
    lemma,
    longer_sum,
    restate,
    root_of_squares,
    under,
    use,
)  # fmt: skip
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import DESCENT, POSITIVE, G, R, S, T, alpha, d, eps, g, h, i, s, squares, t, theta

ADAGRAD = rules.get("adagrad")
RUN = Run(ADAGRAD, box=True, alpha=alpha, eps=eps)
FREE = Run(ADAGRAD, box=False, alpha=alpha, eps=eps)
DIVIDES = (eps > 0) | sympy.Ne(g(1, i), 0)
ONE = sympy.Integer(1)
old, new, slope, rate, small, first = reals("a b g alpha epsilon g_1")


def moment(run: Run) -> Fact:
    """G_t is the sum of the squared gradients, so S_t = sqrt(G_t)."""
    invariant = sympy.Eq(G(t, i), squares(t, i), evaluate=False)
    base = follows("C-adagrad.start", "Both start at 0.", [run.coord_start("G"), empty_sum(g(s, i) ** 2, s)],
                   invariant.subs({t: 0}))  # fmt: skip
    step = follows("C-adagrad.moment", "A step adds the newest square to both.",
                   [use(run.coord("G"), {t: t + 1}), longer_sum(g(s, i) ** 2, s, t)], invariant.subs({t: t + 1}),
                   given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, base, step)


def never_negative(run: Run) -> Fact:
    base = follows("C-adagrad.zero", "The moment starts at 0.", [run.coord_start("G")], G(0, i) >= 0, [G(0, i) > 0])
    step = follows("C-adagrad.sign", "A square keeps it from being negative.", [use(run.coord("G"), {t: t + 1})],
                   G(t + 1, i) >= 0, [G(t + 1, i) > 0], given=[G(t, i) >= 0])  # fmt: skip
    return induction(G(t, i) >= 0, t, 0, base, step)


def above_first() -> Fact:
    """G_t >= g_1² for t >= 1, so no step divides by 0."""
    invariant = G(t, i) >= g(1, i) ** 2
    base = follows("C-adagrad.first", "After the first step the moment is the first square.",
                   [use(RUN.coord("G"), {t: ONE}), RUN.coord_start("G")], invariant.subs({t: 1}),
                   [G(1, i) >= 2 * g(1, i) ** 2])  # fmt: skip
    step = follows("C-adagrad.later", "The moment never decreases.", [use(RUN.coord("G"), {t: t + 1})],
                   invariant.subs({t: t + 1}), [G(t + 1, i) > g(1, i) ** 2], given=[invariant])  # fmt: skip
    return induction(invariant, t, 1, base, step)


def numerator() -> Fact:
    """sqrt(G_t) + eps > 0 for t >= 1."""
    positive = lemma("C-adagrad.positive", "The root of the moment or eps is positive.",
                     [old >= first**2, small >= 0, (small > 0) | sympy.Ne(first, 0)], sympy.sqrt(old) + small > 0,
                     [sympy.sqrt(old) > 0])  # fmt: skip
    return discharge(use(positive, {old: G(t, i), first: g(1, i), small: eps}), above_first())


def positive() -> Fact:
    divided = lemma("C-adagrad.divided", "A positive number over a positive step size is positive.",
                    [slope > 0, rate > 0], slope / rate > 0, [slope / rate > 1])  # fmt: skip
    known = discharge(use(divided, {slope: sympy.sqrt(G(t, i)) + eps, rate: alpha}), numerator())
    return restate(known, POSITIVE, RUN.potential("h", h))


def descent() -> Fact:
    """The step that runs is g_t/h_t, projected."""
    return restate(RUN.iterate(), DESCENT, RUN.potential("h", h), RUN.coord("G"))


def monotone() -> Fact:
    """h_t >= h_{t-1}, also from h_0 = 0 to h_1."""
    first_step = follows("C-adagrad.rises", "From 0 h rises to something positive.",
                         [use(positive(), {t: ONE}), RUN.no_potential_yet(h)], h(1, i) >= h(0, i),
                         [h(1, i) >= h(0, i) + 1])  # fmt: skip
    larger = (sympy.sqrt(new) + small) / rate, (sympy.sqrt(old) + small) / rate
    rising = lemma("C-adagrad.monotone", "A larger moment has a larger root.", [new >= old, old >= 0, rate > 0],
                   larger[0] >= larger[1], [larger[0] > larger[1]])  # fmt: skip
    used = use(rising, {new: G(t + 1, i), old: G(t, i), rate: alpha, small: eps})
    grows = follows("C-adagrad.grows", "The moment gains a square.", [use(RUN.coord("G"), {t: t + 1})],
                    G(t + 1, i) >= G(t, i), [G(t + 1, i) > G(t, i)])  # fmt: skip
    later = restate(discharge(used, grows, never_negative(RUN)), h(t + 1, i) >= h(t, i),
                    use(RUN.potential("h", h), {t: t + 1}), RUN.potential("h", h))  # fmt: skip
    return induction(MONOTONE, t, 1, first_step, later)


def sums() -> Fact:
    """The sum of g_t²/(2 h_t) is at most alpha S_T."""
    invariant = total(QUADRATIC, t) <= alpha * sympy.sqrt(G(t, i))
    base = follows("C-adagrad.empty", "Both are 0 before the first step.",
                   [empty_sum(QUADRATIC, s), RUN.coord_start("G")], invariant.subs({t: 0}),
                   [total(QUADRATIC, 0) < alpha * sympy.sqrt(G(0, i))])  # fmt: skip
    left = slope**2 / (2 * ((sympy.sqrt(new) + small) / rate))
    gain = rate * (sympy.sqrt(new) - sympy.sqrt(old))
    term = lemma("C-adagrad.term", "A term is at most what the root of the moment gains, times the step size.",
                 [old >= 0, sympy.Eq(new, old + slope**2), rate > 0, small >= 0, sympy.sqrt(new) + small > 0],
                 left <= gain, [left <= gain * sympy.Rational(99, 100)])  # fmt: skip
    term = use(term, {new: G(t + 1, i), old: G(t, i), slope: g(t + 1, i), rate: alpha, small: eps})
    later = {t: t + 1}
    term = discharge(term, use(RUN.coord("G"), later), never_negative(RUN), use(numerator(), later))
    term = restate(term, QUADRATIC.subs({s: t + 1}) <= alpha * (sympy.sqrt(G(t + 1, i)) - sympy.sqrt(G(t, i))),
                   use(RUN.potential("h", h), later))  # fmt: skip
    a, b, q = reals("a b q")
    step = follows("C-adagrad.sum", "The gains add up.", [term, longer_sum(QUADRATIC, s, t)],
                   invariant.subs(later), [invariant.subs(later).lhs <= alpha * sympy.sqrt(G(t, i))],
                   given=[invariant], parts={a: sympy.sqrt(G(t, i)), b: sympy.sqrt(G(t + 1, i)),
                                             q: QUADRATIC.subs({s: t + 1})})  # fmt: skip
    whole = under(use(induction(invariant, t, 0, base, step), {t: T}), T >= 1)
    return restate(whole, total(QUADRATIC, T) <= alpha * S(T, i), use(root_of_squares(), {t: T}), end(moment(RUN)))


def end(fact: Fact) -> Fact:
    return under(use(fact, {t: T}), T >= 1)


def last() -> Fact:
    """h_T = (S_T + eps)/alpha."""
    at_end = use(RUN.potential("h", h), {t: T})
    return restate(at_end, sympy.Eq(h(T, i), (S(T, i) + eps) / alpha, evaluate=False), use(root_of_squares(), {t: T}),
                   end(moment(RUN)))  # fmt: skip


PART = RUN.bound("C-adagrad")
CLAIM = Claim(
    id="C-adagrad",
    title="control: AdaGrad's regret bound",
    statement=Statement(
        given=(RUN.hypothesis, *HYPOTHESES, alpha > 0, eps >= 0, each(DIVIDES)),
        then=R(T) <= sympy.Sum(PART, (i, 1, d)),
    ),
    source=Source("duchi2011", "Theorem 5"),
    kind="rate",
    proof=(
        regret(
            "C-adagrad", descent(), positive(), monotone(), RUN.no_potential_yet(h), last(), sums(), PART, (alpha > 0,)
        ),
    ),
    note="The term with eps stands inside the sum over coordinates: eps is added to every root.",
)

(STEP_BOUND,) = ADAGRAD.step_bounds


def length() -> Fact:
    """|theta_{t+1} - theta_t| <= alpha, without projection."""
    step = rate * slope / (sympy.sqrt(new) + small)
    short = lemma("C-adagrad-step.short", "The newest square is a term of the moment, so its root is no larger.",
                  [old >= 0, sympy.Eq(new, old + slope**2, evaluate=False), rate > 0, small > 0],
                  sympy.Abs(step) <= rate, [sympy.Abs(step) <= rate * sympy.Rational(99, 100)])  # fmt: skip
    last = {t: t - 1}
    short = use(short, {new: G(t, i), old: G(t - 1, i), slope: g(t, i), rate: alpha, small: eps})
    short = discharge(short, FREE.coord("G"), use(never_negative(FREE), last))
    bound = alpha * STEP_BOUND.value(FREE.o)
    wanted = sympy.Abs(theta(t + 1, i) - theta(t, i)) <= bound
    return under(restate(short, wanted, FREE.iterate(), FREE.coord("G")), t >= 1)


STEP = Claim(
    id="C-adagrad-step",
    title="control: AdaGrad's bounded step",
    statement=Statement(given=(FREE.hypothesis, alpha > 0, eps > 0, t >= 1), then=length().then),
    source=Source("dwmgradnotes", "W5, for AdaGrad"),
    kind="inequality",
    proof=(length(),),
    note="Without eps the first step is 0/0 where the first gradient is 0. With eps = 0 the bound is attained by the "
    "first step.",
)
