"""Control: heavy ball's regret bounds, on a box for any convex losses, and without one for one convex loss."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claims.adamomentum.r8_lemma import STEADY
from proofs.claims.controls.c_means import (
    ALMOST,
    DISTANCE,
    EMPTY,
    FIRST_INSIDE,
    LATER,
    MEAN,
    MOVES,
    SPREAD,
    SQUARE,
    entered,
    equal,
    m,
    regret,
)  # fmt: skip
from proofs.claims.controls.c_means import CLAIM as MEANS
from proofs.claims.controls.c_ogd import nonnegative
from proofs.claims.controls.c_regret import HYPOTHESES
from proofs.claims.regret.r2_a_posteriori import each
from proofs.claims.regret.r2_linear import QUADRATIC, TERM, every, total
from proofs.claims.regret.r4_any_preconditioner import CLAIM as MIRRORED
from proofs.claims.regret.r4_any_preconditioner import PART as GENERAL_PART
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    discharge,
    equation,
    follows,
    for_all,
    induction,
    lemma,
    linear,
    restate,
    root_of_squares,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.inference.fixed_loss import ONE_LOSS
from proofs.models.adamomentum import beta
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals, substitute
from proofs.statements.vocabulary import (  # fmt: skip
    CONVEX,
    D,
    R,
    S,
    T,
    V,
    alpha,
    beta1,
    d,
    g,
    gamma,
    h,
    i,
    mu,
    s,
    squares,
    t,
    theta,
    u,
)

HEAVY_BALL = rules.get("heavy-ball")
BOXED = Run(HEAVY_BALL, box=True, alpha=alpha, mu=mu, weight_decay=0)
FREE = Run(HEAVY_BALL, box=False, alpha=alpha, mu=mu, weight_decay=0)
OPTIONS = (alpha > 0, 0 <= mu, mu < 1)
KEPT = 1 - mu
c, x, y, v, w, A, D2, E, Q, rate, slope = reals("c x y v w A D² E q alpha g")


def all_steps(fact: Fact) -> Fact:
    return for_all(fact, t, (t >= 1) & (t <= T))


class Preconditioner:
    """h_t = 1/alpha, the rule's own, which is 0 before the first step; `factor` multiplies it."""

    def __init__(self, run: Run, name: str, factor: Any = sympy.S.One):
        self.run, self.name, self.factor = run, name, factor
        self.form = run.potential("h", h)

    def positive(self) -> Fact:
        known = lemma(f"{self.name}.positive", "The step size and what momentum leaves are positive.",
                      [rate > 0, c < 1], (1 - c) / rate > 0, [(1 - c) / rate > 1])  # fmt: skip
        known = use(known, {rate: alpha, c: 1 - self.factor})
        return restate(known, self.factor * h(t, i) > 0, self.form)

    def monotone(self) -> Fact:
        """It rises from 0 and then stays."""
        scaled = self.factor * h(t, i) >= self.factor * h(t - 1, i)
        first = follows(f"{self.name}.rises", "From 0 it rises to something positive.",
                        [use(self.positive(), {t: sympy.S.One}), self.run.no_potential_yet(h)], scaled.subs({t: 1}),
                        [scaled.subs({t: 1}).lhs >= scaled.subs({t: 1}).rhs + 1])  # fmt: skip
        later = follows(f"{self.name}.stays", "It does not depend on the step.", [use(self.form, LATER), self.form],
                        scaled.subs(LATER), [self.factor * h(t + 1, i) >= self.factor * h(t, i) + 1])  # fmt: skip
        return induction(scaled, t, 1, first, under(later, t >= 1))

    def zero(self) -> Fact:
        return follows(f"{self.name}.zero", "Before the first step it is 0.", [self.run.no_potential_yet(h)],
                       equal(self.factor * h(0, i), 0))  # fmt: skip


n, j = sympy.symbols("m j", integer=True)
AVERAGES = {m: sympy.Lambda((n, j), KEPT * V(n, j)), h: sympy.Lambda((n, j), KEPT * h(n, j)), beta1: mu}


def square_of_size(name: str) -> Fact:
    """S_T² is the sum of squares."""
    return follows(f"{name}.size", "S_T is the root of the sum of squares.",
                   [use(root_of_squares(), {t: T}), nonnegative(name)], equal(S(T, i) ** 2, squares(T, i)))  # fmt: skip


# --- on a box ---------------------------------------------------------------------------------------------------

BOX = Preconditioner(BOXED, "C-heavy-ball-box", KEPT)


def put(statement: Any) -> Any:
    """A hypothesis of C-means about the means (1 - mu) V_t and the preconditioner (1 - mu) h_t."""
    for sequence, body in AVERAGES.items():
        if sequence is not beta1:
            statement = statement.replace(lambda e, s=sequence: getattr(e, "func", None) == s,
                                          lambda e, b=body: b(*e.args))  # fmt: skip
    return substitute(statement, {beta1: mu})


def averages() -> tuple[Fact, Fact]:
    """(1 - mu) V_t is a running mean of the gradients, which starts at 0."""
    velocity, coefficient = BOXED.coord("V"), BOXED.shared("mu")
    mean = follows("C-heavy-ball-box.mean", "The velocity is a sum of gradients; scaled it is their mean.",
                   [velocity, coefficient], put(MEAN))  # fmt: skip
    rest = follows("C-heavy-ball-box.rest", "The velocity starts at 0.", [BOXED.coord_start("V")], put(EMPTY))
    return mean, rest


def moves() -> Fact:
    """The step is the mean over (1 - mu) h_t, projected."""
    return restate(BOXED.iterate(), put(MOVES), BOX.form, BOXED.coord("V"))


def averaged_squares() -> Fact:
    """The sum of the means' squares over the preconditioner is at most alpha/(1 - mu) S_T²."""
    mean, rest = averages()
    steady = use(use(theorem(STEADY), {beta: sympy.Lambda(n, beta1)}), {m: AVERAGES[m], beta1: mu})
    steady = discharge(steady, all_steps(mean), rest)
    here = use(BOX.form, {t: s})
    term = put(SQUARE)
    factor = alpha / KEPT
    each_term = equation("C-heavy-ball-box.term", "A term is a multiple of the mean's square.", y * x**2 / (1 / rate),
                         rate / y * (y * x) ** 2, rate * (y * x) ** 2, given=[rate > 0, y > 0])  # fmt: skip
    kept = lemma("C-heavy-ball-box.kept", "Momentum leaves something.", [c < 1], 1 - c > 0, [1 - c > 1])
    each_term = discharge(use(each_term, {x: V(s, i), y: KEPT, rate: alpha}), use(kept, {c: mu}))
    each_term = restate(each_term, equal(term, factor * (KEPT * V(s, i)) ** 2), here)
    summed = sum_over(each_term, s, 1, T)
    outside = linear(sympy.Sum(factor * (KEPT * V(s, i)) ** 2, (s, 1, T)))
    inside = linear(sympy.Sum((KEPT * V(s, i)) ** 2, (s, 1, T)))
    then = total(term, T) <= factor * S(T, i) ** 2
    return follows("C-heavy-ball-box.squares", "The means are no larger than the gradients.",
                   [summed, outside, inside, steady, square_of_size("C-heavy-ball-box")], then,
                   [then.lhs <= ALMOST * then.rhs], given=[alpha > 0, mu < 1])  # fmt: skip


def boxed() -> Fact:
    """The linear sum of one coordinate is at most its part of the bound."""
    mean, rest = averages()
    known = use(theorem(MEANS), AVERAGES)
    known = discharge(known, *map(all_steps, (moves(), BOX.positive(), BOX.monotone(), mean)), BOX.zero(), rest)
    last = follows("C-heavy-ball-box.last", "The preconditioner does not depend on the step.", [use(BOX.form, {t: T})],
                   KEPT * h(T, i) <= KEPT / alpha, [KEPT * h(T, i) < KEPT / alpha], given=[alpha > 0])  # fmt: skip
    form = equation("C-heavy-ball-box.form", "The factors are multiplied out.",
                    DISTANCE * ((1 - c) / rate) + SPREAD * (rate / (1 - c) * Q),
                    D2 / (2 * rate) + rate * (1 + c) / (2 * (1 - c) ** 2) * Q, D2 / rate + SPREAD * Q,
                    given=[rate > 0, c < 1])  # fmt: skip
    ours = {c: mu, D2: D(i) ** 2}
    form = use(form, {**ours, rate: alpha, Q: S(T, i) ** 2})
    joined = entered(known, under(last, T >= 1), averaged_squares(), ours)
    return restate(joined, total(TERM, T) <= BOXED.bound(BOX.name), form)


CLAIM = Claim(
    id=BOX.name,
    title="control: heavy ball's regret bound on a box",
    statement=Statement(
        given=(BOXED.hypothesis, *HYPOTHESES, each(FIRST_INSIDE), *OPTIONS),
        then=R(T) <= sympy.Sum(BOXED.bound(BOX.name), (i, 1, d)),
    ),
    source=Source("alacaoglu2020", "the argument for AMSGrad", also=(Source("dwmgradnotes", "R8, for heavy ball"),)),
    kind="rate",
    proof=(regret(BOX.name, boxed()),),
    note="The step size is constant, so the bound is of order √T only for a step size that is chosen for T. With "
    "mu = 0 it serves runs without projection too: a box that holds every iterate and u changes no step.",
)

# --- without a box ----------------------------------------------------------------------------------------------

ONE_LOSS_NAME = "C-heavy-ball-one-loss"
PLAIN = Preconditioner(FREE, ONE_LOSS_NAME)
BOUND = {bound.claim: bound for bound in HEAVY_BALL.bounds}[ONE_LOSS_NAME]
EARNED = BOUND.once(FREE.o, FREE.shared_at(T), FREE.facts(fixed=True)) if BOUND.once else sympy.Integer(0)
SCALED = {V: sympy.Lambda((n, j), alpha * V(n, j)), gamma: mu}
NEAR_MIRRORED = (theta(t, i) - mu / (1 - mu) * (alpha * V(t - 1, i)) - u(i)) ** 2 <= D(i) ** 2


def pushed() -> tuple[Fact, Fact, Fact]:
    """alpha V_t = mu alpha V_{t-1} + g_t/h_t, which is the move of a step, and starts at 0."""
    known = [FREE.coord("V"), FREE.shared("mu"), PLAIN.form]
    push = lemma(f"{ONE_LOSS_NAME}.push", "The step size times the gradient is the gradient over h.",
                 [equal(v, c * w + slope), equal(x, 1 / rate), rate > 0], equal(rate * v, c * (rate * w) + slope / x),
                 [])  # fmt: skip
    push = use(push, {v: V(t, i), c: mu, w: V(t - 1, i), slope: g(t, i), x: h(t, i), rate: alpha})
    velocity = restate(known[0], equal(V(t, i), mu * V(t - 1, i) + g(t, i)), known[1])
    push = discharge(push, velocity, known[2])
    move = restate(FREE.iterate(), equal(theta(t + 1, i), theta(t, i) - alpha * V(t, i)), known[0])
    rest = follows(f"{ONE_LOSS_NAME}.rest", "The velocity starts at 0.", [FREE.coord_start("V")],
                   equal(alpha * V(0, i), 0))  # fmt: skip
    return push, move, rest


def one_loss() -> Fact:
    """R4-any with h_t = 1/alpha."""
    everywhere = (PLAIN.positive(), PLAIN.monotone(), *pushed()[:2])
    starts = (FREE.no_potential_yet(h), pushed()[2])
    known = use(theorem(MIRRORED), SCALED)
    facts = (*map(all_steps, everywhere), *starts)
    known = discharge(known, *(for_all(fact, i, (1 <= i) & (i <= d)) for fact in facts))
    terms = sum_over(restate(use(equation(
        f"{ONE_LOSS_NAME}.term", "A term is half the step size times the square.", slope**2 / (2 * (1 / rate)),
        rate / 2 * slope**2, rate * slope**2, given=[rate > 0]), {slope: g(s, i), rate: alpha}),
        equal(QUADRATIC, alpha / 2 * g(s, i) ** 2), use(PLAIN.form, {t: s})), s, 1, T)  # fmt: skip
    part = FREE.bound(ONE_LOSS_NAME)
    last = under(use(PLAIN.form, {t: T}), T >= 1)
    general = substitute(GENERAL_PART, {gamma: mu})
    one = follows(f"{ONE_LOSS_NAME}.coordinate", "The last preconditioner and the sum of squares are put in.",
                  [last, terms, linear(terms.then.rhs), linear(terms.then.lhs), square_of_size(ONE_LOSS_NAME)],
                  equal(general, part), given=[alpha > 0, mu < 1], parts={D2: D(i) ** 2})  # fmt: skip
    then = R(T) <= sympy.Sum(part, (i, 1, d)) + EARNED
    return follows(f"{ONE_LOSS_NAME}.regret", "The coordinates are added up.", [known, sum_over(one, i, 1, d)], then,
                   [then.lhs <= then.rhs - 1], given=[mu < 1])  # fmt: skip


ONE = Claim(
    id=ONE_LOSS_NAME,
    title="control: heavy ball's regret bound for one convex loss without projection",
    statement=Statement(
        given=(CONVEX, ONE_LOSS, FREE.hypothesis, *OPTIONS, each(every(NEAR_MIRRORED)), T >= 1),
        then=R(T) <= sympy.Sum(FREE.bound(ONE_LOSS_NAME), (i, 1, d)) + EARNED,
    ),
    source=Source("dwmgradnotes", "R4, with h constant"),
    kind="rate",
    proof=(one_loss(),),
    note="D bounds the distance of the mirrored iterate z_t = theta_t - mu/(1 - mu) alpha V_{t-1}, not of theta_t.",
)
