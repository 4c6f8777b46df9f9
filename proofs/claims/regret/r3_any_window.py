"""R3-any: the regret of any window that stays at least t, whatever the signal, from the update to the constant."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.controls.c_regret import HYPOTHESES, MONOTONE, regret
from proofs.claims.regret.r2_a_posteriori import QUADRATIC, ZERO, each, every, total
from proofs.claims.window.w3_weights import SIGN
from proofs.claims.window.w4_expanding_window import UPPER
from proofs.claims.window.w8_potential_condition import CLAIM as POTENTIAL_CONDITION
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
    replace,
    restate,
    root_of_squares,
    single_sum,
    theorem,
    under,
    use,
)
from proofs.models.window import AT_LEAST_ONE, AT_MOST_ONE_WIDER, EMPTY, MOMENT, PRECONDITIONER, ROOT_SCHEDULE, equal
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, reals
from proofs.statements.vocabulary import (  # fmt: skip
    DESCENT,
    POSITIVE,
    D,
    G,
    L,
    R,
    S,
    T,
    alpha,
    d,
    eps,
    g,
    h,
    i,
    omega,
    s,
    squares,
    t,
)

C = reals("C")
ONE = sympy.Integer(1)
ALMOST = sympy.Rational(99, 100)
NEXT = {t: t + 1}
SQUARE = g(s, i) ** 2

DIVIDES = (eps > 0) | sympy.Ne(g(1, i), 0)
WIDE = every(omega(t) >= t)
FIRST_SHARE = equal(L(1), 1)
SHARES = ForAll(t, (t >= 1) & (t + 1 <= T), equal(L(t + 1), L(t) * (omega(t + 1) - 1) / omega(t)))
ROOM = every(omega(t) <= C * t * L(t))
RAW = (MOMENT, EMPTY, PRECONDITIONER, every(DESCENT), ZERO, DIVIDES)  # of every coordinate
SHARED = (AT_LEAST_ONE, AT_MOST_ONE_WIDER, ROOT_SCHEDULE)

w, w1, part_kept, later_part, m, q, c, r, a, e = reals("w w' l l' m Q c r a e")
x, old, new, slope, rate, first, p = reals("x S S' g alpha g_1 p")


def positive_share() -> Fact:
    """0 < L_t <= 1 for 1 <= t <= T."""
    invariant = (L(t) > 0) & (L(t) <= 1)
    base = follows("R3-any.share", "The first share is the whole.", [assume(FIRST_SHARE)], invariant.subs({t: 1}),
                   [L(1) > 1])  # fmt: skip
    known = [at(assume(SHARES), t), at(assume(WIDE), t + 1), at(assume(AT_MOST_ONE_WIDER), t + 1),
             at(assume(AT_LEAST_ONE), t)]  # fmt: skip
    step = follows("R3-any.shares", "A window of at least 2 that widens by at most one keeps a part of the share.",
                   known, invariant.subs(NEXT), [L(t + 1) <= ALMOST], given=[invariant, t >= 1])  # fmt: skip
    return induction(invariant, t, 1, base, step, last=T)


def every_sum() -> Fact:
    """A sum of squares is not negative."""
    invariant = squares(t, i) >= 0
    step = follows("R3-any.sign", "Every square adds to it.", [longer_sum(SQUARE, s, t)], invariant.subs(NEXT),
                   [squares(t + 1, i) > 0], given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, evident(invariant.subs({t: 0})), step)


def lower() -> Fact:
    """omega_t G_t >= L_t S_t² for 1 <= t <= T, by induction."""
    invariant = omega(t) * G(t, i) >= L(t) * squares(t, i)
    start = [at(assume(MOMENT), ONE), assume(EMPTY), at(assume(AT_LEAST_ONE), ONE), assume(FIRST_SHARE),
             single_sum(SQUARE, s)]  # fmt: skip
    base = follows("R3-any.first", "The first window holds the first square alone.", start, invariant.subs({t: 1}),
                   [ALMOST * omega(1) * G(1, i) >= L(1) * squares(1, i)])  # fmt: skip
    kept = lemma(
        "R3-any.kept", "What the step keeps of the moment is at least its share of the old sum of squares.",
        [w >= 1, w1 >= 1, w * m >= part_kept * q, equal(later_part, part_kept * (w1 - 1) / w), later_part <= 1],
        w1 * ((1 - 1 / w1) * m + slope**2 / w1) >= later_part * (q + slope**2),
        [ALMOST * w1 * ((1 - 1 / w1) * m + slope**2 / w1) >= later_part * (q + slope**2)],
    )  # fmt: skip
    here = {
        w: omega(t),
        w1: omega(t + 1),
        m: G(t, i),
        part_kept: L(t),
        later_part: L(t + 1),
        q: squares(t, i),
        slope: g(t + 1, i),
    }
    step = discharge(
        use(kept, here),
        at(assume(AT_LEAST_ONE), t),
        at(assume(AT_LEAST_ONE), t + 1),
        at(assume(SHARES), t),
        use(positive_share(), NEXT),
    )
    step = restate(step, invariant.subs(NEXT), at(assume(MOMENT), t + 1), longer_sum(SQUARE, s, t))
    return induction(invariant, t, 1, base, step, last=T)


def room() -> Fact:
    """C is at least the first window, hence positive."""
    return follows(
        "R3-any.room",
        "At the first step the window over t L_t is the window itself.",
        [at(assume(ROOM), ONE), assume(FIRST_SHARE), at(assume(AT_LEAST_ONE), ONE)],
        C >= 1,
        [C > 1],
    )


def root_of_moment() -> Fact:
    """S_t <= sqrt(C) sqrt(t) sqrt(G_t)."""
    known = [at(assume(ROOM), t), lower(), positive_share(), theorem(SIGN)]
    larger = follows("R3-any.room-left", "The window over t L_t is at most C, which leaves t G_t that part of S_t².",
                     known, C * t * G(t, i) >= squares(t, i), [ALMOST * C * t * G(t, i) >= squares(t, i)],
                     given=[t >= 1])  # fmt: skip
    roots = lemma("R3-any.roots", "Roots keep the order.", [C >= 1, t >= 1, m >= 0, q >= 0, C * t * m >= q],
                  sympy.sqrt(q) <= sympy.sqrt(C) * sympy.sqrt(t) * sympy.sqrt(m),
                  [sympy.sqrt(q) <= ALMOST * sympy.sqrt(C) * sympy.sqrt(t) * sympy.sqrt(m)])  # fmt: skip
    rooted = discharge(use(roots, {m: G(t, i), q: squares(t, i)}), larger, room(), theorem(SIGN), every_sum())
    rooted = restate(rooted, S(t, i) <= sympy.sqrt(C) * sympy.sqrt(t) * sympy.sqrt(G(t, i)), root_of_squares())
    return under(rooted, t >= 1)


def form() -> Fact:
    """h_t = sqrt(t) (sqrt(G_t) + eps)/alpha."""
    return replace(at(assume(PRECONDITIONER), t), at(assume(ROOT_SCHEDULE), t))


def numerator() -> Fact:
    """sqrt(G_t) + eps > 0 for 1 <= t <= T."""
    invariant = squares(t, i) >= g(1, i) ** 2
    base = follows("R3-any.one", "The first sum is the first square.", [single_sum(SQUARE, s)],
                   invariant.subs({t: 1}), [squares(1, i) >= g(1, i) ** 2 + 1])  # fmt: skip
    step = follows("R3-any.above", "Every square adds to it.", [longer_sum(SQUARE, s, t)], invariant.subs(NEXT),
                   [squares(t + 1, i) > g(1, i) ** 2], given=[invariant])  # fmt: skip
    first_square = induction(invariant, t, 1, base, step)
    moment = lemma(
        "R3-any.positive",
        "The moment is positive once a gradient was not 0; else eps is.",
        [
            w * m >= part_kept * q,
            part_kept > 0,
            w >= 1,
            m >= 0,
            q >= first**2,
            (eps > 0) | sympy.Ne(first, 0),
            eps >= 0,
        ],
        sympy.sqrt(m) + eps > 0,
        [sympy.sqrt(m) > 0],
    )
    moment = use(moment, {w: omega(t), m: G(t, i), part_kept: L(t), q: squares(t, i), first: g(1, i)})
    return under(discharge(moment, lower(), positive_share(), at(assume(AT_LEAST_ONE), t), theorem(SIGN), first_square),
                 t >= 1)  # fmt: skip


def positive() -> Fact:
    divided = lemma("R3-any.divided", "So is the quotient.", [x > 0, rate > 0, t >= 1], sympy.sqrt(t) * x / rate > 0,
                    [sympy.sqrt(t) * x / rate > 1])  # fmt: skip
    known = discharge(use(divided, {x: sympy.sqrt(G(t, i)) + eps, rate: alpha}), numerator())
    return restate(known, POSITIVE, form())


def monotone() -> Fact:
    """h_t >= h_{t-1}, also from h_0 = 0 to h_1."""
    rises = follows("R3-any.rises", "From 0 h rises to something positive.", [use(positive(), {t: ONE}), assume(ZERO)],
                    MONOTONE.subs({t: 1}), [h(1, i) >= h(0, i) + 1])  # fmt: skip
    later = discharge(use(theorem(POTENTIAL_CONDITION), NEXT), at(assume(WIDE), t + 1))
    return induction(MONOTONE, t, 1, rises, under(later, t >= 1), last=T)


def sums() -> Fact:
    """The sum of g_t²/(2 h_t) is at most alpha sqrt(C) S_T."""
    h_form = r * (a + e) / rate
    left, gain = slope**2 / (2 * h_form), rate * c * (new - old)
    term = lemma(
        "R3-any.term", "A square is the gain of S_t² and so at most the gain of S_t times twice S_t.",
        [r > 0, a >= 0, e >= 0, a + e > 0, rate > 0, c >= 0, new <= c * r * a, old >= 0, new >= 0,
         sympy.Eq(new**2, old**2 + slope**2)], left <= gain, [left <= ALMOST * gain],
    )  # fmt: skip
    here = {r: sympy.sqrt(t + 1), a: sympy.sqrt(G(t + 1, i)), e: eps, rate: alpha, c: sympy.sqrt(C), old: S(t, i),
            new: S(t + 1, i), slope: g(t + 1, i)}  # fmt: skip
    signs = follows("R3-any.signs", "Roots are not negative.", [use(theorem(SIGN), NEXT), room()],
                    (sympy.sqrt(t + 1) > 0) & (sympy.sqrt(G(t + 1, i)) >= 0) & (sympy.sqrt(C) >= 0),
                    [sympy.sqrt(C) > 1], given=[t >= 0])  # fmt: skip
    term = discharge(use(term, here), signs, use(numerator(), NEXT), use(root_of_moment(), NEXT), root_grows(),
                     root_sign(), use(root_sign(), NEXT))  # fmt: skip
    term = restate(term, QUADRATIC.subs({s: t + 1}) <= alpha * sympy.sqrt(C) * (S(t + 1, i) - S(t, i)),
                   use(form(), NEXT))  # fmt: skip
    invariant = total(QUADRATIC, t) <= alpha * sympy.sqrt(C) * S(t, i)
    start = total(QUADRATIC, 0) <= alpha * sympy.sqrt(C) * sympy.sqrt(squares(0, i))
    base = restate(evident(start), invariant.subs({t: 0}), use(root_of_squares(), {t: sympy.Integer(0)}))
    step = follows("R3-any.sum", "The gains add up.", [under(term, t >= 0), longer_sum(QUADRATIC, s, t)],
                   invariant.subs(NEXT), [total(QUADRATIC, t + 1) <= alpha * sympy.sqrt(C) * S(t, i)],
                   given=[invariant], parts={p: QUADRATIC.subs({s: t + 1}), c: sympy.sqrt(C)})  # fmt: skip
    return under(use(induction(invariant, t, 0, base, step, last=T), {t: T}), T >= 1)


def root_sign() -> Fact:
    known = lemma("R3-any.root", "A root is not negative.", [q >= 0], sympy.sqrt(q) >= 0, [sympy.sqrt(q) > 0])
    return restate(discharge(use(known, {q: squares(t, i)}), every_sum()), S(t, i) >= 0, root_of_squares())


def root_grows() -> Fact:
    """S_{t+1}² = S_t² + g_{t+1}²."""
    known = follows(
        "R3-any.grows",
        "The sum of squares gains the newest one.",
        [every_sum(), use(every_sum(), NEXT), longer_sum(SQUARE, s, t)],
        equal(sympy.sqrt(squares(t + 1, i)) ** 2, sympy.sqrt(squares(t, i)) ** 2 + g(t + 1, i) ** 2),
    )
    return restate(known, equal(S(t + 1, i) ** 2, S(t, i) ** 2 + g(t + 1, i) ** 2), use(root_of_squares(), NEXT),
                   root_of_squares())  # fmt: skip


def last() -> Fact:
    """alpha h_T <= S_T + eps sqrt(T)."""
    bounded = lemma(
        "R3-any.last", "The window is at least T, and its product with the moment at most S_T².",
        [w >= T, T >= 1, w * m <= q, m >= 0, q >= 0, rate > 0, eps >= 0],
        sympy.sqrt(T) * (sympy.sqrt(m) + eps) / rate <= (sympy.sqrt(q) + eps * sympy.sqrt(T)) / rate,
        [sympy.sqrt(T) * (sympy.sqrt(m) + eps) / rate <= ALMOST * (sympy.sqrt(q) + eps * sympy.sqrt(T)) / rate],
    )  # fmt: skip
    bounded = use(bounded, {w: omega(T), m: G(T, i), q: squares(T, i), rate: alpha})
    end = {t: T}
    bounded = discharge(bounded, at(assume(WIDE), T), use(theorem(UPPER), end), use(theorem(SIGN), end),
                        use(every_sum(), end))  # fmt: skip
    return under(restate(bounded, h(T, i) <= (S(T, i) + eps * sympy.sqrt(T)) / alpha, use(form(), end),
                         use(root_of_squares(), end)), T >= 1)  # fmt: skip


def part(C: Any) -> Any:
    """One coordinate's part of the bound."""
    distance = D(i) ** 2 / (2 * alpha)
    return (distance + alpha * sympy.sqrt(C)) * S(T, i) + distance * eps * sympy.sqrt(T)


CLAIM = Claim(
    id="R3-any",
    title="regret of any window that stays at least t",
    statement=Statement(
        given=(*HYPOTHESES, *map(each, RAW), *SHARED, WIDE, FIRST_SHARE, SHARES, ROOM, alpha > 0, eps >= 0),
        then=R(T) <= sympy.Sum(part(C), (i, 1, d)),
        where=((L, "share of S_t² that the window times the moment keeps, L_t = L_{t-1} (omega_t - 1)/omega_{t-1}"),
               (C, "bound on omega_t/(t L_t) over the steps up to T")),
    ),
    source=Source("dwmgrad", "convergence under convexity", also=(Source("dwmgradnotes", "R3, for any window"),)),
    kind="rate",
    proof=(discharge(regret("R3-any", at(assume(every(DESCENT)), t), positive(), monotone(), assume(ZERO), last(),
                            sums(), part(C), (alpha > 0, T >= 1, C >= 1, eps >= 0)), room()),),
    note="The signal plays no part: a window with t <= omega_t <= omega_{t-1} + 1 has this bound, and one that narrows "
    "now and then pays through L. R3 and R5-longer are special cases. A run without a box is one on a box that holds "
    "all its iterates.",
)  # fmt: skip
