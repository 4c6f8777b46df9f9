"""W6: once the window is saturated, DWMGrad is RMSProp with momentum."""

from typing import Any

import flint
import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import Found
from proofs.checkers.by_smt import exists
from proofs.checkers.by_smt import reals as unknowns
from proofs.inference.derivation import Fact, assume, at, discharge, follows, induction, lemma, replace, under, use
from proofs.models.symbolic_run import Run
from proofs.models.window import AT_REST, ITERATE, MOMENT, ROOT_SCHEDULE, TIED, VELOCITY, equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, record, step
from proofs.statements.statement import Statement, reals, sequences, substitute
from proofs.statements.vocabulary import G, V, alpha, alpha_t, delta, eps, g, gamma, i, mu_t, omega, t, theta

RMSPROP = rules.get("rmsprop")
Q, buf, x = sequences("Q buf x")
NAMES = ((Q, "RMSProp's second moment"), (buf, "RMSProp's velocity"), (x, "RMSProp's iterate"))
scaling = reals("p")
LATER = {t: t + 1}


def rmsprop(size: Any) -> Any:
    """RMSProp's step t by its own formula: (Q_t, buf_t) and its next iterate."""
    o = record(RMSPROP, alpha=size, beta2=1 - 1 / delta, mu=gamma, eps=eps)
    return RMSPROP.coord(o, RMSPROP.start(o), RMSPROP.Coord(G=Q(t - 1, i), V=buf(t - 1, i)), x(t, i), g(t, i))


def theirs(size: Any) -> list[Any]:
    memory, after = rmsprop(size)
    return [every_step(equal(Q(t, i), memory.G)), every_step(equal(buf(t, i), memory.V)),
            every_step(equal(x(t + 1, i), after))]  # fmt: skip


FULL = every_step(equal(omega(t), delta))
SAME_SIZE = every_step(equal(alpha_t(t), alpha))
EITHER = every_step(TIED.args[2] | equal(mu_t(t), gamma))  # a tied or a constant momentum
SAME_START = equal(G(0, i), Q(0, i)) & equal(V(0, i), alpha * buf(0, i)) & equal(theta(1, i), x(1, i))
INVARIANT = equal(G(t, i), Q(t, i)) & equal(V(t, i), alpha * buf(t, i)) & equal(theta(t + 1, i), x(t + 1, i))


def same_run() -> Fact:
    """The three equalities, for t >= 0 by induction."""
    full, size = at(assume(FULL), t + 1), at(assume(SAME_SIZE), t + 1)
    momentum = follows("W6.momentum", "At the cap the tied momentum is the constant one.",
                       [full, at(assume(EITHER), t + 1)], equal(mu_t(t + 1), gamma), given=[delta >= 1])  # fmt: skip

    def ours(recurrence: Any) -> Fact:
        fact = at(assume(recurrence), t + 1)
        if recurrence is not MOMENT:  # the moment by its name, then what the window, momentum and step size are
            fact = replace(fact, at(assume(MOMENT), t + 1), backwards=True)
        for known in (full, size, momentum):
            fact = replace(fact, known) if fact.then.rhs.has(known.then.lhs) else fact
        return fact

    their_moment, *their_rest = (at(assume(e), t + 1) for e in theirs(alpha))
    moment = follows("W6.moment", "From one moment and one gradient a step gives one moment.",
                     [ours(MOMENT), their_moment], equal(G(t + 1, i), Q(t + 1, i)), given=[INVARIANT])  # fmt: skip
    their_rest = [replace(replace(e, their_moment, backwards=True), moment, backwards=True) for e in their_rest]
    rest = follows("W6.step", "From one velocity and one push a step gives one velocity and one iterate.",
                   [moment, ours(VELOCITY), ours(ITERATE), *their_rest], substitute(INVARIANT, LATER),
                   given=[INVARIANT], parts={scaling: 1 / (sympy.sqrt(G(t + 1, i)) + eps)})  # fmt: skip
    return induction(INVARIANT, t, 0, assume(SAME_START), rest)


CLAIM = Claim(
    id="W6",
    title="saturated DWMGrad is RMSProp with momentum",
    statement=Statement(
        given=(MOMENT, VELOCITY, ITERATE, *theirs(alpha), FULL, SAME_SIZE, EITHER, SAME_START, delta >= 1, t >= 0),
        then=INVARIANT,
        where=NAMES,
    ),
    source=Source("dwmgrad", "Algorithm 1 with omega = delta", also=(Source("dwmgradnotes", "W6"),)),
    kind="identity",
    proof=(same_run(),),
    note="Both methods see the same gradients, which they do as long as their iterates agree. RMSProp's beta2 is "
    "1 - 1/delta, its momentum gamma. Positive losses keep the window at delta from omega_0 = delta on (W2), or from "
    "t = delta - omega_0 on, counted anew from there with RMSProp handed DWMGrad's state; the steps before differ. "
    "Under alpha/sqrt(t) it fails: see W6-schedule.",
)


def scheduled() -> list[Any]:
    """A step size that halves: from V = alpha buf the velocities are not V' = (alpha/2) buf'."""
    buf, alpha, V, new = unknowns("buf alpha V new")
    ours = step(omega=10, G=1, V=V, g=1, mu=0.5, alpha=alpha / 2, eps=1)[0].V
    p = record(RMSPROP, beta2=0.9, mu=0.5, eps=1)
    theirs = RMSPROP.coord(p, RMSPROP.start(p), RMSPROP.Coord(G=1, V=buf), 0, 1)[0].V
    return [alpha > 0, buf > 0, V == alpha * buf, new == ours, new != alpha / 2 * theirs]


def two_steps() -> Found:
    """Gradients 1, 1 from zero, delta = 10, gamma = 9/10, eps = 0: steps 1 and 2 by both formulas, in balls."""
    ten = flint.arb(10)
    o = record(DWMGRAD, delta=ten, omega0=ten, gamma=9 / ten, alpha=flint.arb(1), eps=0, schedule="sqrt")
    p = record(RMSPROP, alpha=flint.arb(1), beta2=9 / ten, mu=9 / ten, eps=0)
    k, c, d = DWMGRAD.start(o), DWMGRAD.Coord(0, 0), RMSPROP.Coord(0, 0)
    ours, theirs = [], []
    for _ in range(2):
        k = DWMGRAD.shared(o, k._replace(t=flint.arb(k.t)), 1)
        c, d = DWMGRAD.coord(o, k, c, 0, flint.arb(1))[0], RMSPROP.coord(p, RMSPROP.start(p), d, 0, flint.arb(1))[0]
        ours.append(c.V)
        theirs.append(k.alpha * d.V)
    detail = f"V_2 = {ours[1].str(6)}, alpha_2 buf_2 = {theirs[1].str(6)}"
    witness = {"gradients": [1, 1], "V_2": ours[1].str(12), "alpha_2 buf_2": theirs[1].str(12)}
    return ours[1] > theirs[1], ours[0] < 2 * theirs[0], detail, witness


SCHEDULE = Claim(
    id="W6-schedule",
    title="saturated DWMGrad under alpha/sqrt(t) is RMSProp with the scheduled step size",
    statement=Statement(
        given=(MOMENT, VELOCITY, *theirs(alpha_t(t))[:2], FULL, ROOT_SCHEDULE, EITHER, AT_REST, equal(G(0, i), 0),
               equal(Q(0, i), 0), equal(buf(0, i), 0), delta >= 1, t >= 1),
        then=equal(V(t, i), alpha_t(t) * buf(t, i)),
        where=NAMES,
    ),
    source=Source("dwmgradnotes", "W6, read without 'constant alpha'"),
    kind="identity",
    refutation=(
        exists("W6-schedule.found", "A step that halves the step size tells the velocities apart.", scheduled),
        rigorous("W6-schedule.replay", "From rest the second of two equal gradients does.", two_steps),
    ),
    note="A reading of our own notes, not of a paper. DWMGrad keeps past step sizes inside the velocity, RMSProp "
    "rescales its whole velocity by the present one.",
)  # fmt: skip


beta2, mu, last, most, kept, pushed, rate = reals("beta2 mu a G k p r")
ALMOST = sympy.Rational(99, 100)
PLAIN = Run(RMSPROP, box=False, names={"G": Q, "V": buf}, alpha=alpha, beta2=beta2, mu=mu, eps=eps)
OPTIONS = (beta2 >= 0, beta2 < 1, mu >= 0, mu < 1, eps > 0, alpha > 0)
(BOUND,) = RMSPROP.step_bounds
FARTHEST = BOUND.value(PLAIN.o)


def never_negative() -> Fact:
    """RMSProp's moment, for t >= 0 by induction."""
    later = use(PLAIN.coord("G"), {t: t + 1})
    base = follows("W6-step.start", "The moment starts at 0.", [PLAIN.coord_start("G")], Q(0, i) >= 0, [Q(0, i) > 0])
    step_ = follows("W6-step.sign", "A step forms a weighted mean of the old moment and a square.", [later],
                    Q(t + 1, i) >= 0, [Q(t + 1, i) > 0], given=[Q(t, i) >= 0, *OPTIONS[:2]])  # fmt: skip
    return induction(Q(t, i) >= 0, t, 0, base, step_)


def push() -> Fact:
    """|g_t|/(sqrt(G_t) + eps) <= 1/sqrt(1 - beta2), division-free in the roots."""
    newest = follows("W6-step.newest", "The newest square is a term of the moment.",
                     [PLAIN.coord("G"), use(never_negative(), {t: t - 1})], (1 - beta2) * g(t, i) ** 2 <= Q(t, i),
                     [(1 - beta2) * g(t, i) ** 2 <= ALMOST * Q(t, i)], given=OPTIONS[:2])  # fmt: skip
    bounded = lemma("W6-step.push", "The root of the moment is at least the gradient times the root of 1 - beta2.",
                    [most >= 0, kept > 0, eps > 0, kept**2 * last**2 <= most],
                    sympy.Abs(last / (sympy.sqrt(most) + eps)) <= 1 / kept,
                    [sympy.Abs(last / (sympy.sqrt(most) + eps)) <= ALMOST / kept])  # fmt: skip
    root = follows("W6-step.root", "The root of a positive number is positive.", [], sympy.sqrt(1 - beta2) > 0,
                   [sympy.sqrt(1 - beta2) > sympy.Rational(1, 10)], given=[beta2 < 1])  # fmt: skip
    here = use(bounded, {most: Q(t, i), kept: sympy.sqrt(1 - beta2), last: g(t, i)})
    return under(discharge(here, newest, root, never_negative()), t >= 1)


def length() -> Fact:
    """The geometric sum of the pushes bounds the velocity, and the velocity the step."""
    invariant = sympy.Abs(buf(t, i)) <= FARTHEST
    later = use(PLAIN.coord("V"), {t: t + 1})
    made = replace(later, use(PLAIN.coord("G"), {t: t + 1}), backwards=True)
    made = replace(made, use(PLAIN.shared("mu"), {t: t + 1}))
    root = follows("W6-step.far", "The bound is positive.", [], FARTHEST > 0, [FARTHEST > 1 / ALMOST],
                   given=OPTIONS[:4])  # fmt: skip
    base = follows("W6-step.rest", "The velocity starts at 0.", [PLAIN.coord_start("V"), root],
                   substitute(invariant, {t: sympy.Integer(0)}), [1 / ALMOST <= FARTHEST + sympy.Abs(buf(0, i))],
                   parts={most: FARTHEST})  # fmt: skip
    sums = lemma("W6-step.sum", "A step keeps mu of the velocity and adds one push.",
                 [sympy.Abs(last) <= most, sympy.Abs(pushed) <= rate, 0 <= mu, mu < 1, (1 - mu) * most >= rate],
                 sympy.Abs(mu * last + pushed) <= most, [sympy.Abs(mu * last + pushed) <= ALMOST * most])  # fmt: skip
    fraction = g(t + 1, i) / (sympy.sqrt(Q(t + 1, i)) + eps)
    kept_ = use(sums, {last: buf(t, i), most: FARTHEST, pushed: fraction, rate: 1 / sympy.sqrt(1 - beta2)})
    kept_ = replace(discharge(kept_, use(push(), {t: t + 1})), made, backwards=True)
    velocity = under(induction(invariant, t, 0, base, kept_), t >= 1)
    moved = follows("W6-step.length", "The iterate moves by alpha times the velocity.",
                    [PLAIN.iterate(), PLAIN.coord("V")], equal(theta(t, i) - theta(t + 1, i), alpha * buf(t, i)),
                    parts={scaling: 1 / (sympy.sqrt(PLAIN.coord("G").then.rhs) + eps)})  # fmt: skip
    scaled = lemma("W6-step.scaled", "A positive factor keeps the order.",
                   [sympy.Abs(last) <= most, alpha > 0, equal(pushed, alpha * last)],
                   sympy.Abs(pushed) <= alpha * most, [sympy.Abs(pushed) <= ALMOST * alpha * most])  # fmt: skip
    scaled = use(scaled, {last: buf(t, i), most: FARTHEST, pushed: theta(t, i) - theta(t + 1, i)})
    return discharge(scaled, velocity, moved)


STEP = Claim(
    id="W6-step",
    title="bounded step of RMSProp",
    statement=Statement(given=(PLAIN.hypothesis, *OPTIONS, t >= 1), then=length().then),
    source=Source("dwmgradnotes", "W5 and W6"),
    kind="inequality",
    proof=(length(),),
    note="It is W5 with a window of 1/(1 - beta2), by W6.",
)
