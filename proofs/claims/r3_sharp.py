"""R3 sharpened: the exact constant of its second sum, and AdaGrad's leading constant for bounded gradients."""

from typing import Any

import flint
import sympy

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.claims.c_regret import regret
from proofs.claims.r2_a_posteriori import QUADRATIC, ZERO, each, every, total
from proofs.claims.r3_any_window import ALMOST, NEXT, ONE, C, form, lower, monotone, numerator, positive
from proofs.claims.r3_any_window import root_grows, root_sign, every_sum
from proofs.claims.r3_expanding_window import CLAIM as R3
from proofs.claims.r3_expanding_window import BOUNDED, GROWN, all_steps, expanding, least, minimal, room, shares, wide
from proofs.claims.c_ogd import root_below
from proofs.claims.w3_sign import CLAIM as SIGN
from proofs.claims.w4_expanding_window import UPPER
from proofs.derivation import (
    Fact, assume, at, discharge, empty_sum, equation, evident, follows, induction, lemma, longer_sum, restate, root_of_squares,
    single_sum, theorem, under, use,
)  # fmt: skip
from proofs.engines.by_arb import rigorous
from proofs.engines.by_exact import Found
from proofs.statement import ForAll, Statement, keys, reals, sequences
from proofs.vocabulary import DESCENT, D, G, Gmax, L, R, S, T, alpha, d, eps, g, h, i, omega0, s, squares, t
from proofs.window import equal

SOURCE = Source("duchi2011", "Lemma 4, the case of constant factors",
                also=(Source("dwmgradnotes", "R3, sharpened here"),))  # fmt: skip
v = sequences("v")
A, V, c, old, new, slope, q, m, r, a, e, x = reals("A v c S S' g q G r a e x")


def factor(t: Any) -> Any:
    """c_t = sqrt(1 + omega0/t)."""
    return sympy.sqrt(1 + omega0 / t)


def next_constant(v: Any, c: Any) -> Any:
    """v_t = v_{t-1} + (2 c_t - v_{t-1})_+²/(4 c_t)."""
    gap = ops.maximum(2 * c - v, 0)
    return v + gap * gap / (4 * c)


NOTHING = equal(v(0), 0)
CONSTANTS = ForAll(t, t >= 1, equal(v(t), next_constant(v(t - 1), factor(t))))


def settled(fact: Fact) -> Fact:
    """A fact about any window, for the window that expands: L_t = 1 and C = 1 + omega0."""
    speaks = [x for e in (*fact.given, fact.then) for x in sympy.preorder_traversal(e)]
    put = {L: sympy.Lambda(t, 1)} if any(getattr(x, "func", None) == L for x in speaks) else {}
    put |= {C: 1 + omega0} if C in speaks else {}
    fact = use(fact, put) if put else fact
    for premise in (shares(), all_steps(wide()), all_steps(room())):
        if keys([premise.then]).keys() & keys(fact.given).keys():
            fact = discharge(fact, premise)
    return fact


def above_one(t: Any) -> Fact:
    known = lemma("R3-sharp.factor", "The factor is the root of at least 1.", [r >= 1, omega0 >= 0],
                  sympy.sqrt(1 + omega0 / r) >= 1, [sympy.sqrt(1 + omega0 / r) > 1])  # fmt: skip
    return use(known, {r: t})


def root_of_moment() -> Fact:
    """S_t <= c_t sqrt(t) sqrt(G_t) for 1 <= t <= T."""
    rooted = lemma(
        "R3-sharp.root", "Roots keep the order.", [r >= 1, omega0 >= 0, m >= 0, q >= 0, (omega0 + r) * m >= q],
        sympy.sqrt(q) <= sympy.sqrt(1 + omega0 / r) * sympy.sqrt(r) * sympy.sqrt(m),
        [sympy.sqrt(q) <= ALMOST * sympy.sqrt(1 + omega0 / r) * sympy.sqrt(r) * sympy.sqrt(m)],
    )  # fmt: skip
    squared = restate(settled(lower()), (omega0 + t) * G(t, i) >= squares(t, i), expanding())
    rooted = discharge(use(rooted, {r: t, m: G(t, i), q: squares(t, i)}), squared, theorem(SIGN), every_sum())
    rooted = restate(rooted, S(t, i) <= factor(t) * sympy.sqrt(t) * sympy.sqrt(G(t, i)), root_of_squares())
    return under(rooted, t >= 1)


def scaled(last: Any) -> Any:
    """The sum of g_t²/(alpha h_t)."""
    return 2 * total(QUADRATIC, last) / alpha


def never_negative() -> Fact:
    """v_t >= 0."""
    start = follows("R3-sharp.nothing", "The constants start at 0.", [assume(NOTHING)], v(0) >= 0, [v(0) > 0])
    later = lemma("R3-sharp.rises", "A square over a positive number is added.", [V >= 0, c >= 1],
                  next_constant(V, c) >= V, [next_constant(V, c) >= V + sympy.Rational(1, 100)])  # fmt: skip
    later = discharge(use(later, {V: v(t), c: factor(t + 1)}), above_one(t + 1))
    rises = restate(later, v(t + 1) >= v(t), at(assume(CONSTANTS), t + 1))
    step = follows("R3-sharp.sign", "They never fall.", [rises], v(t + 1) >= 0, [v(t + 1) > 0], given=[v(t) >= 0])
    return induction(v(t) >= 0, t, 0, start, under(step, t >= 0))


TERM = 2 * QUADRATIC / alpha
HERE = {r: sympy.sqrt(t + 1), a: sympy.sqrt(G(t + 1, i)), e: eps, c: factor(t + 1), old: S(t, i), new: S(t + 1, i),
        slope: g(t + 1, i), x: TERM.subs({s: t + 1})}  # fmt: skip
STEP = [r > 0, a >= 0, e >= 0, a + e > 0, c >= 1, new <= c * r * a, old >= 0, new >= 0,
        equal(new**2, old**2 + slope**2), equal(x * r * (a + e), slope**2)]  # fmt: skip


def of_step(fact: Fact, more: dict[Any, Any]) -> Fact:
    """A lemma about STEP, for step t + 1 of the run: its hypotheses are what is known of the run."""
    signs = follows("R3-sharp.signs", "Roots are not negative.", [use(theorem(SIGN), NEXT)],
                    (sympy.sqrt(t + 1) > 0) & (sympy.sqrt(G(t + 1, i)) >= 0), [sympy.sqrt(t + 1) > 1],
                    given=[t >= 0])  # fmt: skip
    written = slope**2 / (alpha * (r * (a + e) / alpha)) * r * (a + e)
    divided = equation("R3-sharp.term", "The step size cancels.", written, slope**2, slope**2 / 2,
                       given=[r > 0, a + e > 0, alpha > 0])  # fmt: skip
    divided = use(divided, {k: HERE[k] for k in (r, a, e, slope)})
    numerators = use(settled(numerator()), NEXT)
    first = follows("R3-sharp.first", "So is the root of a step's number.", [], sympy.sqrt(t + 1) > 0,
                    [sympy.sqrt(t + 1) > 1], given=[t >= 0])  # fmt: skip
    divided = discharge(divided, first, numerators)
    value = equal(HERE[x] * sympy.sqrt(t + 1) * (sympy.sqrt(G(t + 1, i)) + eps), g(t + 1, i) ** 2)
    divided = restate(divided, value, use(form(), NEXT))
    known = use(fact, {k: e for k, e in {**HERE, **more}.items() if k in free_of(fact)})
    return discharge(known, signs, numerators, above_one(t + 1), use(root_of_moment(), NEXT), root_sign(),
                     use(root_sign(), NEXT), root_grows(), divided)  # fmt: skip


def free_of(fact: Fact) -> set[Any]:
    return set().union(*(e.free_symbols for e in (*fact.given, fact.then)))


def sums() -> Fact:
    """The sum of g_t²/(alpha h_t) is at most v_T S_T."""
    invariant = scaled(t) <= v(t) * S(t, i)
    start = invariant.subs({t: 0})
    base = follows("R3-sharp.empty", "Before the first step both sides are 0.", [assume(NOTHING), empty_sum(QUADRATIC, s)],
                   start, [start.lhs + 1 <= start.rhs], given=[alpha > 0])  # fmt: skip
    term = lemma("R3-sharp.step", "The new term is at most what the constant allows.", [*STEP, A <= V * old, V >= 0],
                 A + x <= next_constant(V, c) * new,
                 [A + x <= (ALMOST * next_constant(V, c) + (1 - ALMOST) * V) * new])  # fmt: skip
    term = discharge(of_step(term, {A: scaled(t), V: v(t)}), never_negative())
    longer = follows("R3-sharp.longer", "The sum gains the term.", [longer_sum(QUADRATIC, s, t), use(settled(positive()), NEXT)],
                     equal(scaled(t + 1), scaled(t) + TERM.subs({s: t + 1})), given=[alpha > 0])  # fmt: skip
    step = restate(term, invariant.subs(NEXT), longer, at(assume(CONSTANTS), t + 1))
    whole = under(use(induction(invariant, t, 0, base, under(step, t >= 0), last=T), {t: T}), T >= 1)
    return follows("R3-sharp.sum", "The factor alpha/2 is put back.", [whole], total(QUADRATIC, T) <= alpha / 2 * v(T) * S(T, i),
                   [total(QUADRATIC, T) <= ALMOST * alpha / 2 * v(T) * S(T, i)], given=[alpha > 0])  # fmt: skip


def last() -> Fact:
    """alpha h_T <= sqrt(T/(T + omega0)) S_T + eps sqrt(T)."""
    form_there = sympy.sqrt(T) * (sympy.sqrt(m) + eps) / alpha
    share = sympy.sqrt(T / (T + omega0))
    bounded = lemma(
        "R3-sharp.last", "The window times the moment is at most S_T².",
        [T >= 1, omega0 >= 0, (omega0 + T) * m <= q, m >= 0, q >= 0, alpha > 0],
        form_there <= (share * sympy.sqrt(q) + eps * sympy.sqrt(T)) / alpha,
        [form_there <= (ALMOST * share * sympy.sqrt(q) + eps * sympy.sqrt(T)) / alpha],
    )  # fmt: skip
    bounded = use(bounded, {m: G(T, i), q: squares(T, i)})
    end = {t: T}
    upper = restate(use(theorem(UPPER), end), (omega0 + T) * G(T, i) <= squares(T, i), assume(GROWN))
    bounded = discharge(bounded, upper, use(theorem(SIGN), end), use(every_sum(), end))
    return under(restate(bounded, h(T, i) <= (share * S(T, i) + eps * sympy.sqrt(T)) / alpha, use(form(), end),
                         use(root_of_squares(), end)), T >= 1)  # fmt: skip


def bound(name: str, last: Fact, sums: Fact, part: Any, *given: Any) -> Fact:
    return regret(name, at(assume(every(DESCENT)), t), settled(positive()), settled(monotone()), assume(ZERO), last,
                  sums, part, (alpha > 0, T >= 1, omega0 >= 0, eps >= 0, *given))  # fmt: skip


DISTANCE = D(i) ** 2 / (2 * alpha)
EPS = DISTANCE * eps * sympy.sqrt(T)
SHARP_PART = (DISTANCE * sympy.sqrt(T / (T + omega0)) + alpha * v(T) / 2) * S(T, i) + EPS
SHARP = Claim(
    id="R3-sharp",
    title="regret of the expanding window, exact constant of the second sum",
    statement=Statement(
        given=(*R3.statement.given, NOTHING, CONSTANTS), then=R(T) <= sympy.Sum(SHARP_PART, (i, 1, d)),
        where=((v, "least constant with sum of c_t g_t²/S_t <= v_T S_T for all gradients, c_t = sqrt(1 + omega0/t)"),),
    ),
    source=SOURCE,
    kind="rate",
    proof=(bound("R3-sharp", last(), sums(), SHARP_PART),),
    note="The constant is attained (R3-sharp-attained), is at most 2 sqrt(1 + omega0), R3's (R3-sharp-crude), and at "
    "omega0 = 5 it stays below 2.7404 where R3 has 4.899 (R3-sharp-defaults). It is sharp for the sum, not for the "
    "regret: R2's two sums have different worst gradients.",
)  # fmt: skip
