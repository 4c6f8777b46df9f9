"""R5: how long the proof of R3 lasts when the window is capped."""

from fractions import Fraction

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.claims.controls.c_regret import HYPOTHESES
from proofs.claims.regret.r2_a_posteriori import each
from proofs.claims.regret.r3_any_window import ALMOST, RAW, lower
from proofs.claims.regret.r3_expanding_window import CLAIM as R3
from proofs.claims.regret.r3_expanding_window import PART
from proofs.claims.regret.r3_sharp import settled
from proofs.claims.window.w1_window_invariants import CLAIM as WINDOW
from proofs.claims.window.w2_saturation import POSITIVE, TOTAL
from proofs.claims.window.w2_saturation import SATURATION as W2
from proofs.claims.window.w4_expanding_window import UPPER
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    follows,
    for_all,
    longer_sum,
    theorem,
    under,
    use,
)
from proofs.inference.logic import implies
from proofs.models.window import EMPTY, FIRST, MOMENT, MOVES, RANGE, ROOT_SCHEDULE, equal  # fmt: skip
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, record
from proofs.statements.statement import Statement
from proofs.statements.vocabulary import G, R, T, alpha, d, delta, eps, g, i, omega, omega0, s, squares, t

SOURCE = Source("dwmgrad", "Algorithm 1 with the cap delta", also=(Source("dwmgradnotes", "R5"),))
SATURATED = (MOVES, FIRST, RANGE, POSITIVE)
SQUARE = g(s, i) ** 2


def saturated() -> Fact:
    """omega_t = min(omega0 + t, delta)."""
    return follows("R5.window", "The window saturates.", [theorem(W2)], equal(omega(t), sympy.Min(omega0 + t, delta)))


def window() -> tuple[Fact, Fact]:
    """The window is at least 1 and widens by at most one, at every step."""
    least = follows("R5.least", "The window is at least 1.", [theorem(WINDOW)], omega(t) >= 1, [omega(t) >= 1 / ALMOST])
    wider = follows("R5.wider", "It moves by at most one.", [theorem(WINDOW)], omega(t) <= omega(t - 1) + 1,
                    [omega(t) <= omega(t - 1) + ALMOST])  # fmt: skip
    return for_all(least, t, t >= 1), for_all(wider, t, t >= 1)


def horizon() -> Fact:
    """R3 up to T = delta - omega0."""
    grown = follows("R5.grown", "Up to the horizon the window is omega0 + T.", [use(saturated(), {t: T})],
                    equal(omega(T), omega0 + T), given=[T <= delta - omega0])  # fmt: skip
    start = follows("R5.start", "The window starts in its range.", [assume(RANGE)], omega0 >= 0,
                    [omega0 >= sympy.Rational(1, 100)])  # fmt: skip
    return under(discharge(theorem(R3), under(grown, T >= 1), start, *window()), T >= 1)


HORIZON = Claim(
    id="R5",
    title="capped window: the horizon of the proof",
    statement=Statement(
        given=(*HYPOTHESES, *map(each, RAW), ROOT_SCHEDULE, *SATURATED, alpha > 0, eps >= 0, T <= delta - omega0),
        then=R(T) <= sympy.Sum(PART, (i, 1, d)),
        where=TOTAL,
    ),
    source=SOURCE,
    kind="rate",
    proof=(horizon(),),
    note="R3's bound holds as long as the window has only grown, which is 5 steps at the defaults and 995 in the "
    "released MNIST script (and there the signal is `increase`). R5-end says what fails at the next step; R5-longer "
    "gives a bound up to T = delta.",
)


UP_TO_HORIZON = sympy.Equivalent(equal(omega(t), omega0 + t), t <= delta - omega0)
UP_TO_CAP = sympy.Equivalent(omega(t) >= t, t <= delta)
FIRST_AT_CAP = (t <= delta - omega0) & (delta - omega0 < t + 1)
SHORTFALL = sympy.Implies(
    FIRST_AT_CAP, equal(squares(t + 1, i) - omega(t + 1) * G(t + 1, i), (omega0 + t + 1 - delta) * G(t, i))
)


def exactly() -> Fact:
    """The window by its two phases."""
    told = follows(
        "R5-end.exactly", "It is the smaller of omega0 + t and delta.", [saturated(), assume(RANGE)],
        UP_TO_HORIZON & UP_TO_CAP,
        [sympy.Equivalent(equal(omega(t), omega0 + t), t <= delta - omega0 + sympy.Rational(1, 100)),
         sympy.Equivalent(omega(t) >= t, t <= delta - sympy.Rational(1, 100))],
        given=[t >= 1],
    )  # fmt: skip
    return under(told, t >= 1)


def mean() -> Fact:
    """omega_t G_t = S_t² for t up to the horizon."""
    below = use(settled(lower()), {t: T})
    exact_mean = follows("R5-end.mean", "It is at least and at most that.", [below, use(theorem(UPPER), {t: T})],
                         equal(omega(T) * G(T, i), squares(T, i)))  # fmt: skip
    grown = follows("R5.grown", "Up to the horizon the window is omega0 + T.", [use(saturated(), {t: T})],
                    equal(omega(T), omega0 + T), given=[T <= delta - omega0])  # fmt: skip
    start = follows("R5.start", "The window starts in its range.", [assume(RANGE)], omega0 >= 0,
                    [omega0 >= sympy.Rational(1, 100)])  # fmt: skip
    return use(under(discharge(exact_mean, under(grown, T >= 1), start, *window()), T >= 1), {T: t})


def short() -> Fact:
    """The first step at the cap."""
    found = follows(
        "R5-end.short", "The step keeps delta - 1 of the moment, where the mean needs omega0 + t.",
        [mean(), use(saturated(), {t: t + 1}), saturated(), at(assume(MOMENT), t + 1), longer_sum(SQUARE, s, t),
         assume(RANGE)],
        SHORTFALL.args[1], given=[FIRST_AT_CAP, t >= 1],
    )  # fmt: skip
    return implies(under(found, t >= 1), FIRST_AT_CAP)


def at_the_cap() -> Found:
    """delta = 10, omega0 = 5, gradients and losses 1: the mean to t = 5; h falls on a zero gradient at t = 11."""
    o = record(DWMGRAD, delta=Fraction(10), omega0=Fraction(5), gamma=0, alpha=1, eps=1)
    k, c, means, h2 = DWMGRAD.start(o), DWMGRAD.Coord(Fraction(0), 0), [], [Fraction(0)]
    for step in range(1, 12):
        k = DWMGRAD.shared(o, k, Fraction(1))
        square = 0 if step == 11 else 1
        c = c._replace(G=DWMGRAD.coord(o, k, c, 0, Fraction(square))[0].G)
        means.append(c.G == Fraction(step, 5 + step))
        h2.append(step * c.G)  # (alpha h_t)² without eps
    held, rose = means[:5], all(b >= a for a, b in zip(h2[:11], h2[1:11], strict=False))
    witness = {"G_t = t/(5+t) for t <=": sum(means), "(alpha h_10)²": str(h2[10]), "(alpha h_11)²": str(h2[11])}
    detail = f"the mean holds for t <= {sum(means)}, h rises to t = 10 and falls from {h2[10]} to {h2[11]} (squared)"
    return all(held) and not means[5] and rose and h2[11] < h2[10], not means[6], detail, witness


def half_a_step() -> Found:
    """delta = 2, omega0 = 1/2, gradients 1: at the first step at the cap the mean is short by G_1/2, not G_1."""
    o = record(DWMGRAD, delta=Fraction(2), omega0=Fraction(1, 2), gamma=0, alpha=1, eps=1)
    k, c, moments = DWMGRAD.start(o), DWMGRAD.Coord(Fraction(0), 0), []
    for _ in range(2):
        k = DWMGRAD.shared(o, k, Fraction(1))
        c = c._replace(G=DWMGRAD.coord(o, k, c, 0, Fraction(1))[0].G)
        moments.append(c.G)
    short = 2 - k.omega * moments[1]
    witness = {"delta": "2", "omega0": "1/2", "G_1": str(moments[0]), "S_2² - omega_2 G_2": str(short)}
    return short == moments[0] / 2, short != moments[0], f"short by {short}, where G_1 = {moments[0]}", witness


END = Claim(
    id="R5-end",
    title="capped window: what ends at the horizon, and what at the cap",
    statement=Statement(
        given=(*SATURATED, MOMENT, EMPTY, t >= 1), then=UP_TO_HORIZON & UP_TO_CAP & SHORTFALL, where=TOTAL
    ),
    source=SOURCE,
    kind="identity",
    proof=(exactly(), short()),
    controls=(
        exact(
            "R5-end.cap",
            "At the defaults the mean lasts 5 steps; h rises for 10 and falls at 11 on a gradient of 0.",
            at_the_cap,
        ),
        exact("R5-end.half", "Where delta - omega0 is not whole the shortfall is a part of G_t only.", half_a_step),
    ),
    note="The shortfall is G_t itself exactly if delta - omega0 is whole, as in the papers' settings. W8 and "
    "W8-necessary make omega_t >= t the condition under which h cannot fall, so it lasts exactly up to t = delta.",
)
