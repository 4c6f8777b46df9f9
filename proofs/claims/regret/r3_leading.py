"""R3 for bounded gradients: AdaGrad's leading constant, omega0 costs a constant and not a factor."""

from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import Found
from proofs.claims.controls.c_ogd import root_below
from proofs.claims.regret.r2_a_posteriori import QUADRATIC, each, total
from proofs.claims.regret.r3_any_window import ALMOST, NEXT, ONE, root_sign
from proofs.claims.regret.r3_any_window import last as last_h
from proofs.claims.regret.r3_expanding_window import BOUNDED, least, minimal
from proofs.claims.regret.r3_expanding_window import CLAIM as R3
from proofs.claims.regret.r3_sharp import (  # fmt: skip
    DISTANCE,
    EPS,
    STEP,
    TERM,
    above_one,
    bound,
    c,
    factor,
    longer,
    new,
    of_step,
    old,
    positive_root,
    scaled,
    settled,
    x,
)
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    discharge,
    empty_sum,
    evident,
    follows,
    induction,
    lemma,
    restate,
    root_of_squares,
    under,
    use,
)
from proofs.models.window import equal
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import D, Gmax, R, S, T, alpha, d, eps, i, omega0, s, squares, t

SOURCE = Source("duchi2011", "Theorem 5 for omega0 = 0", also=(Source("dwmgradnotes", "R3, sharpened here"),))
DEBT = omega0 * (1 - 1 / sympy.sqrt(t))
A, k, K, p, r, y, w, w1, size, q = reals("A c c' p r y w w' G q")
ROOT, NEXT_ROOT = sympy.sqrt(t), sympy.sqrt(t + 1)


def falls() -> tuple[Fact, Fact]:
    """(c_t - c_{t+1}) sqrt(t) is at most omega0 (1/sqrt(t) - 1/sqrt(t+1))."""
    gap = factor(t) - factor(t + 1)
    product = lemma(
        "R3-leading.gap", "The difference of the squares is omega0 over t (t + 1), and both factors are at least 1.",
        [t >= 1, omega0 >= 0], (2 * gap * t * (t + 1) <= omega0) & (gap >= 0),
        [2 * gap * t * (t + 1) <= ALMOST * omega0, gap > 0],
    )  # fmt: skip
    roots = lemma(
        "R3-leading.roots", "The roots of consecutive numbers differ by at least half the inverse of the larger one.",
        [t >= 1], (1 <= 2 * NEXT_ROOT * (NEXT_ROOT - ROOT)) & (ROOT > 0) & (NEXT_ROOT > 0),
        [sympy.Rational(101, 100) <= 2 * NEXT_ROOT * (NEXT_ROOT - ROOT)],
    )  # fmt: skip
    joined = lemma(
        "R3-leading.factor", "Divided by the roots of t and t + 1, which are positive.",
        [r > 0, p > 0, omega0 >= 0, 2 * y * r**2 * p**2 <= omega0, 1 <= 2 * p * (p - r)],
        y * r <= omega0 * (1 / r - 1 / p), [y * r <= ALMOST * omega0 * (1 / r - 1 / p)],
    )  # fmt: skip
    return discharge(use(joined, {y: gap, r: ROOT, p: NEXT_ROOT}), product, roots), product


def gained() -> Fact:
    """The term of step t + 1 is at most 2 c_{t+1} (S_{t+1} - S_t)."""
    term = lemma("R3-leading.term", "A square is the gain of S_t² and so at most the gain of S_t times twice S_t.",
                 STEP, x <= 2 * c * (new - old), [x <= 2 * ALMOST * c * (new - old)])  # fmt: skip
    return of_step(term, {})


def sums() -> Fact:
    """The sum of g_t²/(alpha h_t) is at most 2 c_t S_t + 2 G omega0 (1 - 1/sqrt(t)), summed by parts."""
    invariant = scaled(t) <= 2 * factor(t) * S(t, i) + 2 * Gmax(i) * DEBT
    zero = {t: sympy.Integer(0)}
    nothing = restate(evident(equal(sympy.sqrt(squares(0, i)), 0)), equal(S(0, i), 0), use(root_of_squares(), zero))
    base = follows(
        "R3-leading.base", "At the first step the debt is 0.",
        [use(gained(), zero), use(longer(), zero), empty_sum(QUADRATIC, s), nothing], invariant.subs({t: 1}),
        [scaled(1) <= 2 * ALMOST * factor(ONE) * S(1, i)], given=[alpha > 0, omega0 >= 0],
    )  # fmt: skip
    step = lemma(
        "R3-leading.step",
        "What the factor falls by, times S_t, is paid by the debt, because S_t is at most G sqrt(t).",
        [
            A <= 2 * k * old + 2 * size * w,
            k >= K,
            K >= 1,
            (k - K) * r <= w1 - w,
            old <= size * r,
            old >= 0,
            size >= 0,
            x <= 2 * K * (new - old),
        ],
        A + x <= 2 * K * new + 2 * size * w1,
        [A + x <= 2 * K * new + 2 * size * (ALMOST * w1 + (1 - ALMOST) * w)],
    )
    here = {A: scaled(t), k: factor(t), K: factor(t + 1), r: sympy.sqrt(t), w: DEBT, w1: DEBT.subs(NEXT), size: Gmax(i),
            old: S(t, i), new: S(t + 1, i), x: TERM.subs({s: t + 1})}  # fmt: skip
    paid, order = falls()
    paid = restate(paid, (factor(t) - factor(t + 1)) * sympy.sqrt(t) <= DEBT.subs(NEXT) - DEBT)
    order = follows("R3-leading.order", "The factor falls.", [order], factor(t) >= factor(t + 1),
                    [factor(t) >= factor(t + 1) + sympy.Rational(1, 100)], given=[t >= 1, omega0 >= 0])  # fmt: skip
    step = discharge(use(step, here), paid, order, above_one(t + 1), root_below("R3-leading"), root_sign(), gained())
    step = restate(step, invariant.subs(NEXT), longer())
    whole = under(use(induction(invariant, t, 1, base, under(step, t >= 1), last=T), {t: T}), T >= 1)
    then = total(QUADRATIC, T) <= alpha * factor(T) * S(T, i) + alpha * omega0 * Gmax(i)
    return follows("R3-leading.sum", "The factor alpha/2 is put back, and the debt is at most omega0.", [whole], then,
                   [total(QUADRATIC, T) <= alpha * factor(T) * S(T, i) + ALMOST * alpha * omega0 * Gmax(i)],
                   given=[alpha > 0, omega0 >= 0, Gmax(i) >= 0, T >= 1])  # fmt: skip


PART = (DISTANCE + alpha * factor(T)) * S(T, i) + alpha * omega0 * Gmax(i) + EPS
CLAIM = Claim(
    id="R3-leading",
    title="regret of the expanding window with AdaGrad's leading constant",
    statement=Statement(
        given=(*R3.statement.given, BOUNDED, each(Gmax(i) >= 0)), then=R(T) <= sympy.Sum(PART, (i, 1, d))
    ),
    source=SOURCE,
    kind="rate",
    proof=(bound("R3-leading", settled(last_h()), sums(), PART),),
    note="omega0 costs a constant, not a factor: the factor sqrt(1 + omega0/T) falls to 1.",
)


WITHOUT_EPS = PART.subs({eps: 0})
COST = factor(T) * S(T, i) + omega0 * Gmax(i)
BEST = D(i) * sympy.sqrt(S(T, i) / 2) / sympy.sqrt(COST)
LEAST = 2 * D(i) * sympy.sqrt(S(T, i) / 2) * sympy.sqrt(COST)
width = reals("D")


def best() -> Fact:
    near = lemma("R3-leading-alpha.near", "A product of positive numbers is positive.", [width > 0, q > 0],
                 width * sympy.sqrt(q / 2) > 0, [width * sympy.sqrt(q / 2) > 1])  # fmt: skip
    near = use(near, {width: D(i), q: S(T, i)})
    cost = follows("R3-leading-alpha.cost", "S_T is positive and its factor at least 1.", [above_one(T)], COST > 0,
                   [COST > S(T, i)], given=[S(T, i) > 0, Gmax(i) >= 0, omega0 >= 0, T >= 1])  # fmt: skip
    far = discharge(use(positive_root("R3-leading-alpha.root"), {q: COST}), cost)
    known = least("R3-leading-alpha", D(i) * sympy.sqrt(S(T, i) / 2), sympy.sqrt(COST), ONE, near, far)
    return restate(known, minimal(WITHOUT_EPS, BEST, LEAST))


def old_step_size() -> Found:
    """One gradient of 1 and then only 0, omega0 = 5, D = 1: S_T = G = 1 for every T, and c_T falls to 1."""
    told, worse = [], True
    for steps in (1, 10**6, 10**12):
        c = (1 + flint.arb(5) / steps).sqrt()

        def part(alpha: Any, c: Any = c) -> Any:
            return 1 / (2 * alpha) + alpha * (c + 5)

        old, new = part(1 / flint.arb(2).sqrt()), part((1 / (2 * (c + 5))).sqrt())
        worse, told = worse and bool(old > new * flint.arb("1.4")), [*told, f"{old.str(5)} against {new.str(5)}"]
    return worse, bool(old <= new * flint.arb("1.5")), "; ".join(told), None


ALPHA = Claim(
    id="R3-leading-alpha",
    title="the step size that makes this bound least",
    statement=Statement(
        given=(alpha > 0, D(i) > 0, S(T, i) > 0, Gmax(i) >= 0, omega0 >= 0, T >= 1),
        then=minimal(WITHOUT_EPS, BEST, LEAST),
    ),
    source=SOURCE,
    kind="identity",
    proof=(best(),),
    controls=(
        rigorous("R3-leading-alpha.old", "D/sqrt(2), as once stated here for large T, stays 1.4 times worse where one "
                 "gradient carries everything.", old_step_size),
    ),
    note="One coordinate, and eps = 0. It approaches D/sqrt(2) as T grows if S_T/G grows beyond all bounds, and not "
    "otherwise.",
)  # fmt: skip
