"""Control: Reddi et al.'s losses on which Adam is at the worst point before every large gradient.

On [-1, 1], C >= 2, the losses are C x, -x, -x, C x, ..., so -1 is the best point. Every period of three steps starts at
1: what the step of the large gradient takes is given back by the two small ones. The paper has no bias correction; the
rule has, and all that is needed of the correction c_t = sqrt(1 - b^t) is that it does not decrease.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import flint
import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import Found
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    apart,
    assume,
    at,
    both,
    discharge,
    evident,
    follows,
    for_all,
    induction,
    lemma,
    longer_sum,
    part,
    replace,
    use,
)
from proofs.inference.limits import cases, congruence
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.formulas import record
from proofs.statements.statement import ForAll, Statement, reals, sequences, substitute
from proofs.statements.vocabulary import alpha, beta2, g, high, i, low, n, t, theta

ADAM = rules.get("adam")
RUN = Run(ADAM, box=True, alpha=alpha, beta1=0, beta2=beta2, eps=0, schedule="sqrt")
C = reals("C")
v, c1, c2, power2 = sequences("v c1 c2 power2")
b = beta2
Z = sympy.S
R = sympy.Rational
ONE = {i: Z.One}


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


x, G = (lambda t: theta(t, 1)), (lambda t: g(t, 1))
SLOPES = ForAll(
    n, n >= 0, equal(G(3 * n + 1), C) & equal(G(3 * n + 2), -1) & equal(G(3 * n + 3), -1)
)  # one large slope and two small ones
ENDS = equal(low(1), -1) & equal(high(1), 1)
OPTIONS = (alpha > 0) & (C >= 2) & (b > 0) & equal(b * (1 + C**2), 1)
GIVEN = (RUN.hypothesis, SLOPES, ENDS, equal(x(1), 1), OPTIONS)
SUM = sympy.Sum(G(t) * (x(t) + 1), (t, 1, 3 * n))
AT_ONE = equal(x(3 * n + 1), 1)
MEMORY = (v(3 * n, 1) >= 0) & (v(3 * n, 1) <= C**2)

a_, c_, r, s, y, y0, N, W, p, v0, v1, v2, v3 = reals("a c r s y y0 N W p v0 v1 v2 v3")
ROOT = sympy.sqrt(1 - b)
SMALL = lemma(
    "C-reddi.decay",
    "The decay of the second moment is at most 1/5.",
    [b > 0, equal(b * (1 + C**2), 1), C >= 2],
    (5 * b <= 1) & (b < 1),
    [5 * b <= R(99, 100)],
)


# --- the run ----------------------------------------------------------------------------------------------------


@cache
def moves() -> Fact:
    """theta_{t+1} = P(theta_t - alpha c_t g_t/(sqrt(t) sqrt(v_t))) for t >= 1."""
    step = replace(RUN.iterate(), RUN.coord("v"), backwards=True)
    step = replace(replace(step, RUN.shared("c1")), RUN.shared("alpha"))
    there = sympy.Min(sympy.Max(x(t) - alpha / sympy.sqrt(t) * c2(t) * G(t) / sympy.sqrt(v(t, 1)), -1), 1)
    return follows(
        "C-reddi.moves",
        "The step divides by the root of the second moment.",
        [use(step, ONE), assume(ENDS)],
        equal(x(t + 1), there),
        parts={y: 1 / sympy.sqrt(v(t, 1)), p: 1 / sympy.sqrt(t)},
    )


@cache
def in_box() -> Fact:
    """-1 <= theta_{t+1} <= 1 for t >= 1."""
    return follows(
        "C-reddi.box",
        "The projection keeps the iterate in the box.",
        [moves()],
        (x(t + 1) >= -1) & (x(t + 1) <= 1),
        [x(t + 1) <= R(99, 100)],
        parts={y: moves().then.rhs.args[1].args[1]},
    )


@cache
def correction() -> Fact:
    """0 < c_t <= c_{t+1} for t >= 1."""
    power = (power2(t) > 0) & (power2(t) <= 1)
    base = follows(
        "C-reddi.first power",
        "The running power starts at 1.",
        [RUN.shared_start("power2")],
        substitute(power, {t: Z.Zero}),
        [power2(0) <= R(99, 100)],
    )
    next_power = use(RUN.shared("power2"), {t: t + 1})
    falls = follows(
        "C-reddi.next power",
        "A decay below 1 makes it smaller.",
        [next_power, SMALL],
        substitute(power, {t: t + 1}),
        [power2(t + 1) <= R(99, 100) * power2(t) / 5],
        given=[power, b > 0],
    )
    always = induction(power, t, 0, base, falls)
    before = use(always, {t: t - 1})
    root, later = RUN.shared("c2"), use(RUN.shared("c2"), {t: t + 1})
    return follows(
        "C-reddi.correction",
        "So the bias correction is positive and does not decrease.",
        [root, later, RUN.shared("power2"), before, SMALL],
        (c2(t) > 0) & (c2(t) <= c2(t + 1)),
        [c2(t) <= c2(t + 1) * R(99, 100)],
        given=[b > 0],
        parts={v0: power2(t - 1), v1: power2(t), y: c2(t), r: c2(t + 1)},
    )


def remembered(index: Any) -> Fact:
    """v_t at that step."""
    return use(use(RUN.coord("v"), ONE), {t: index})


# --- one step ---------------------------------------------------------------------------------------------------


@cache
def large_step() -> Fact:
    """From 1, g = C takes the iterate down by at most a c/s times 1/sqrt(t)."""
    root = lemma(
        "C-reddi.root",
        "The newest gradient is part of the second moment that divides it.",
        [equal(v1, b * v0 + (1 - b) * C**2), v0 >= 0, b > 0, b < 1, C >= 2],
        (sympy.sqrt(v1) >= sympy.sqrt(1 - b) * C) & (sympy.sqrt(1 - b) > 0),
        [sympy.sqrt(v1) >= sympy.sqrt(1 - b) * C * R(101, 100)],
    )
    down = lemma(
        "C-reddi.large",
        "The large gradient takes the iterate down by no more than the step size over the root.",
        [equal(y, sympy.Min(sympy.Max(y0 - a_ * c_ * N * C / r, -1), 1)), equal(y0, 1), r >= s * C, s > 0, C >= 2,
         a_ > 0, c_ > 0, N > 0],
        (1 - y) * s <= a_ * c_ * N,
        [(1 - y) * s <= a_ * c_ * N * R(99, 100)],
    )  # fmt: skip
    first = 3 * n + 1
    down = use(down, {y: x(first + 1), y0: x(first), a_: alpha, c_: c2(first), N: 1 / sympy.sqrt(first),
                      r: sympy.sqrt(v(first, 1)), s: ROOT})  # fmt: skip
    root = use(root, {v1: v(first, 1), v0: v(first - 1, 1)})
    moment = replace(remembered(first), at_slope(0))
    step = replace(use(moves(), {t: first}), at_slope(0))
    root = discharge(root, moment, SMALL)
    return discharge(down, step, root, positive(first), inverse_root(first))


def at_slope(place: int) -> Fact:
    """The slope of that step of period n."""
    wanted = SLOPES.args[2].args[place]
    return part(at(assume(SLOPES), n), wanted)


def positive(index: Any) -> Fact:
    """c_t > 0 at that step."""
    found = use(correction(), {t: index})
    return part(found, c2(index) > 0)


def inverse_root(index: Any) -> Fact:
    found = lemma(
        "C-reddi.time", "Steps are counted from 1.", [N >= 1],
        (1 / sympy.sqrt(N) > 0) & (N >= 1), [1 / sympy.sqrt(N) > R(101, 100)],
    )  # fmt: skip
    return part(use(found, {N: index}), 1 / sympy.sqrt(index) > 0)


def small_step(place: int, W: Any) -> Fact:
    """g = -1 takes the iterate up by at least a c/s times 1/sqrt(t W), or to 1, if v_t <= (1-b) W."""
    root = lemma(
        "C-reddi.small root",
        "A small second moment has a small root.",
        [v1 > 0, v1 <= (1 - b) * W_, b < 1, W_ > 0, N >= 1],
        (sympy.sqrt(v1) * sympy.sqrt(N) <= sympy.sqrt(1 - b) * sympy.sqrt(N * W_))
        & (sympy.sqrt(v1) > 0)
        & (sympy.sqrt(N * W_) > 0)
        & (sympy.sqrt(1 - b) > 0),
        [sympy.sqrt(v1) * sympy.sqrt(N) <= sympy.sqrt(1 - b) * sympy.sqrt(N * W_) * R(99, 100)],
    )
    up = lemma(
        "C-reddi.small",
        "A small gradient takes the iterate up by at least the step size over this root, or to the end of the box.",
        [equal(y, sympy.Min(sympy.Max(y0 + a_ * c_ / (N * r), -1), 1)), y0 >= -1, y0 <= 1, N > 0, r > 0, s > 0, p > 0,
         r * N <= s * p, a_ > 0, c_ > 0],
        sympy.Or(equal(y, 1), (y - y0) * s >= a_ * c_ / p) & (y >= y0),
        [sympy.Or(equal(y, 1), (y - y0) * s >= a_ * c_ / p * R(101, 100))],
    )  # fmt: skip
    index = 3 * n + 1 + place
    root = use(root, {v1: v(index, 1), W_: W, N: index})
    up = use(up, {y: x(index + 1), y0: x(index), a_: alpha, c_: c2(index), N: sympy.sqrt(index), s: ROOT,
                  r: sympy.sqrt(v(index, 1)), p: sympy.sqrt(index * W)})  # fmt: skip
    step = replace(use(moves(), {t: index}), at_slope(place))
    here = use(in_box(), {t: index - 1})
    time = lemma("C-reddi.root of time", "So is the root of the time.", [N >= 1], sympy.sqrt(N) > 0,
                 [sympy.sqrt(N) > R(101, 100)])  # fmt: skip
    root = discharge(root, SMALL)
    return discharge(up, step, here, root, positive(index), use(time, {N: index}))


W_, W2, W3 = reals("W W2 W3")
HERE, FIRST, SECOND = 1 / sympy.sqrt(3 * n + 1), 1 / sympy.sqrt((3 * n + 2) * W2), 1 / sympy.sqrt((3 * n + 3) * W3)
ENOUGH = HERE <= FIRST + SECOND


@cache
def period() -> Fact:
    """theta_{3n+4} = 1 from theta_{3n+1} = 1, if v_{3n+2} <= (1-b) W2, v_{3n+3} <= (1-b) W3 and ENOUGH."""
    k1, k2, k3, h1, h2, h3, y1, y2, y3 = reals("K1 K2 K3 h1 h2 h3 y1 y2 y3")
    back = lemma(
        "C-reddi.period",
        "So the two small steps bring the iterate back to 1, where the projection holds it.",
        [(1 - y1) * s <= k1 * h1, sympy.Or(equal(y2, 1), (y2 - y1) * s >= k2 * h2),
         sympy.Or(equal(y3, 1), (y3 - y2) * s >= k3 * h3), y3 >= y2, y3 <= 1, h1 <= h2 + h3, h2 > 0, h3 > 0, k1 > 0,
         k2 >= k1, k3 >= k2, s > 0],
        equal(y3, 1),
        [],
    )  # fmt: skip
    there = {s: ROOT, h1: HERE, h2: FIRST, h3: SECOND, y1: x(3 * n + 2), y2: x(3 * n + 3), y3: x(3 * n + 4),
             k1: alpha * c2(3 * n + 1), k2: alpha * c2(3 * n + 2), k3: alpha * c2(3 * n + 3)}  # fmt: skip
    grows = lemma(
        "C-reddi.scaled",
        "The step size times the correction does not decrease either.",
        [c_ > 0, c_ <= r, a_ > 0],
        (a_ * c_ > 0) & (a_ * c_ <= a_ * r),
        [a_ * c_ <= a_ * r * R(99, 100)],
    )
    scaled = [
        discharge(use(grows, {a_: alpha, c_: c2(m), r: c2(m + 1)}), use(correction(), {t: m}))
        for m in (3 * n + 1, 3 * n + 2)
    ]
    inverse = lemma(
        "C-reddi.inverse", "An inverse root is positive.", [N >= 1, W_ > 0], 1 / sympy.sqrt(N * W_) > 0,
        [1 / sympy.sqrt(N * W_) > R(1, 100)],
    )  # fmt: skip
    inverses = [use(inverse, {N: 3 * n + 2, W_: W2}), use(inverse, {N: 3 * n + 3, W_: W3})]
    root = lemma("C-reddi.below 1", "A decay below 1.", [b < 1], sympy.sqrt(1 - b) > 0, [sympy.sqrt(1 - b) > R(1, 100)])
    back = use(back, there)
    steps = [large_step(), small_step(1, W2), small_step(2, W3), use(in_box(), {t: 3 * n + 3})]
    return discharge(back, *steps, *scaled, *inverses, discharge(root, SMALL))


# --- the second moment and the roots of the time ---------------------------------------------------------------


def moments() -> list[Fact]:
    """The second moment in period n: what it is made of."""
    return [replace(remembered(3 * n + 1 + place), at_slope(place)) for place in range(3)]


def memory(start: Any, second: Any, third: Any, name: str, words: str, sharper: Any) -> Fact:
    """Bounds on v_{3n+2} and v_{3n+3}, and the invariant after the period."""
    after = (v3 >= 0) & (v3 <= C**2)
    bounds = (v2 > 0) & (v3 > 0) & (v2 <= (1 - b) * second) & (v3 <= (1 - b) * third) & after
    found = lemma(
        name,
        words,
        [equal(v1, b * v0 + (1 - b) * C**2), equal(v2, b * v1 + (1 - b)), equal(v3, b * v2 + (1 - b)), start,
         equal(b * (1 + C**2), 1), C >= 2, b > 0, b < 1],
        bounds,
        [sharper],
    )  # fmt: skip
    found = use(found, {v0: v(3 * n, 1), v1: v(3 * n + 1, 1), v2: v(3 * n + 2, 1), v3: v(3 * n + 3, 1)})
    return discharge(found, *moments(), SMALL)


@cache
def later_period() -> Fact:
    """The invariant after period n >= 1 from the one before it."""
    second, third = Z(2), 1 + 2 * b
    bounds = memory(
        (v0 >= 0) & (v0 <= C**2), second, third, "C-reddi.memory",
        "The second moment is small after the small steps, whatever it was before the period.",
        v2 <= (1 - b) * second * R(99, 100),
    )  # fmt: skip
    return joined(bounds, second, third, later_roots())


@cache
def later_roots() -> Fact:
    m, p1, p2, q1 = reals("m n p q")
    known = [m >= 4, b > 0, 5 * b <= 1, p1 > 0, equal(p1**2, m)]
    bounds = [
        lemma(
            f"C-reddi.{name} root", words, [*known, W_ > 0, equal(W_**2, square)], W_ <= p1 * most,
            [W_ <= p1 * most * R(9, 10)],
        )
        for name, words, square, most in (
            ("second", "The root of twice the time of the second step is small against that of the first,",
             2 * (m + 1), R(16, 10)),
            ("third", "and so is the third one.", (1 + 2 * b) * (m + 2), R(15, 10)),
        )
    ]  # fmt: skip
    shares = lemma(
        "C-reddi.later",
        "From the second period on the inverse roots of the small steps exceed that of the large one.",
        [p1 > 0, p2 > 0, q1 > 0, p2 <= p1 * R(16, 10), q1 <= p1 * R(15, 10)],
        1 / p1 <= 1 / p2 + 1 / q1,
        [1 / p1 <= (1 / p2 + 1 / q1) * R(3, 4)],
    )
    first, second, third = 3 * n + 1, (3 * n + 2) * Z(2), (3 * n + 3) * (1 + 2 * b)
    roots = lemma(
        "C-reddi.positive roots", "They are roots of positive numbers.", [m >= 4, b > 0],
        (sympy.sqrt(m) > 0) & (sympy.sqrt(2 * m + 2) > 0) & (sympy.sqrt((1 + 2 * b) * (m + 2)) > 0),
        [sympy.sqrt(m) > R(201, 100)],
    )  # fmt: skip
    shares = use(shares, {p1: sympy.sqrt(first), p2: sympy.sqrt(second), q1: sympy.sqrt(third)})
    size = lemma("C-reddi.second period", "The second period begins at step 4.", [n >= 1], 3 * n + 1 >= 4,
                 [3 * n + 1 >= 5])  # fmt: skip
    there = [
        use(e, {m: first, p1: sympy.sqrt(first), W_: sympy.sqrt(radicand)})
        for e, radicand in zip(bounds, (second, third), strict=True)
    ]
    roots = use(roots, {m: first})
    there = [discharge(e, roots, SMALL) for e in there]
    return discharge(discharge(shares, *there, roots), size)


def joined(bounds: Fact, second: Any, third: Any, roots: Fact, first: bool = False) -> Fact:
    """theta_{3n+4} = 1 and the bounds on v_{3n+3}, which are the invariant of the next period."""
    weights = lemma("C-reddi.weights", "These bounds are of something positive.", [b > 0, b < 1],
                    (2 - b > 0) & (2 * b + 1 > 0) & (1 + 2 * b - b**2 > 0), [2 - b > R(101, 100)])  # fmt: skip
    back = use(period(), {W2: second, W3: third, **({n: 0} if first else {})})
    back = discharge(back, discharge(weights, SMALL), bounds, roots)
    return both(back, part(bounds, substitute(NEXT_MEMORY, {n: Z.Zero}) if first else NEXT_MEMORY))


NEXT_MEMORY = substitute(MEMORY, {n: n + 1})


@cache
def first_period() -> Fact:
    """The invariant after the first period: v_0 = 0, so the second moment is smaller and the same holds at step 1."""
    second, third = 2 - b, 1 + 2 * b - b**2
    start = use(RUN.coord_start("v"), ONE)
    bounds = memory(
        equal(v0, 0), second, third, "C-reddi.first memory",
        "In the first period the second moment is smaller.", v2 <= (1 - b) * second * R(99, 100),
    )  # fmt: skip
    bounds = discharge(use(bounds, {n: 0}), start)
    p1, p2 = reals("p q")
    roots = lemma(
        "C-reddi.first",
        "So the inverse roots of the small steps exceed that of the large one in the first period too.",
        [b > 0, 5 * b <= 1, p1 > 0, equal(p1**2, 2 * (2 - b)), p2 > 0, equal(p2**2, 3 * (1 + 2 * b - b**2))],
        1 <= 1 / p1 + 1 / p2,
        [1 <= (1 / p1 + 1 / p2) * R(9, 10)],
    )
    squares = [2 * second, 3 * third]
    positive_ = lemma(
        "C-reddi.first roots", "They are roots of positive numbers.", [b > 0, 5 * b <= 1],
        (sympy.sqrt(squares[0]) > 0) & (sympy.sqrt(squares[1]) > 0), [sympy.sqrt(squares[0]) > 2],
    )  # fmt: skip
    roots = discharge(use(roots, {p1: sympy.sqrt(squares[0]), p2: sympy.sqrt(squares[1])}), discharge(positive_, SMALL))
    roots = discharge(roots, SMALL)
    empty = lemma("C-reddi.empty", "Nothing is not negative.", [equal(v0, 0)], v0 >= 0, [v0 >= R(1, 100)])
    found = joined(bounds, second, third, roots, first=True)
    return discharge(found, discharge(use(empty, {v0: v(0, 1)}), start))


@cache
def every_period() -> Fact:
    """theta_{3n+1} = 1 for n >= 0."""
    invariant = AT_ONE & MEMORY
    one = lemma("C-reddi.counted", "Steps are counted from 1.", [n >= 1],
                (3 * n + 1 >= 1) & (3 * n + 2 >= 1) & (3 * n + 3 >= 1) & (3 * n + 4 >= 1) & (n >= 0),
                [n >= 2])  # fmt: skip
    step = discharge(later_period(), one)
    later = induction(invariant, n, 1, first_period(), step)
    first = replace(congruence(x(3 * n + 1), assume(equal(n, 0))), assume(equal(x(1), 1)))
    late = follows(
        "C-reddi.late",
        "A period that is not the first has a number of at least 1.",
        [apart(n, Z.One)],
        n >= 1,
        [n >= 2],
        given=[n >= 0, sympy.Ne(n, 0)],
    )
    return cases(first, discharge(part(later, AT_ONE), late), equal(n, 0))


# --- the regret -------------------------------------------------------------------------------------------------


@cache
def regret() -> Fact:
    """The regret of n periods is at least n (2 C - 4)."""
    goal = SUM >= (2 * C - 4) * n
    base = evident(substitute(goal, {n: Z.Zero}))  # before the first step nothing is summed
    body, sums = G(t) * (x(t) + 1), []
    for place in range(3):
        sums.append(replace(longer_sum(body, t, 3 * n + place), at_slope(place)))
    s0, s1, s2, s3, x1, x2, x3 = reals("S0 S1 S2 S3 x1 x2 x3")
    more = lemma(
        "C-reddi.regret",
        "A period that starts at 1 adds at least 2 C - 4 to the regret against -1.",
        [s0 >= (2 * C - 4) * n, equal(s1, s0 + C * (x1 + 1)), equal(s2, s1 - (x2 + 1)), equal(s3, s2 - (x3 + 1)),
         equal(x1, 1), x2 <= 1, x3 <= 1],
        s3 >= (2 * C - 4) * (n + 1),
        [s3 >= (2 * C - 4) * (n + 1) + R(1, 100)],
    )  # fmt: skip
    total = [sympy.Sum(body, (t, 1, 3 * n + place)) for place in range(4)]
    more = use(more, {**dict(zip((s0, s1, s2, s3), total, strict=True)),
                      x1: x(3 * n + 1), x2: x(3 * n + 2), x3: x(3 * n + 3)})  # fmt: skip
    inside = [part(use(in_box(), {t: m}), x(m + 1) <= 1) for m in (3 * n + 1, 3 * n + 2)]
    step = discharge(more, *sums, every_period(), *inside)
    there = lemma("C-reddi.there", "Steps are counted from 1.", [n >= 0],
                  (3 * n >= 0) & (3 * n + 1 >= 0) & (3 * n + 2 >= 0) & (3 * n + 1 >= 1) & (3 * n + 2 >= 1),
                  [3 * n + 1 >= 2])  # fmt: skip
    return induction(goal, n, 0, base, discharge(step, there))


def simulated() -> Found:
    """C = 3, alpha = 1/2, with the bias correction, 100 periods of the rule in balls."""
    C, x = flint.arb(3), flint.arb(1)
    o = record(ADAM, alpha=flint.arb("0.5"), beta1=0, beta2=flint.arb(1) / 10, eps=0, schedule="sqrt")
    k, c = ADAM.start(o)._replace(c1=flint.arb(1)), ADAM.Coord(m=flint.arb(0), v=flint.arb(0))
    back, total = 0, flint.arb(0)
    for done in range(300):
        g = C if done % 3 == 0 else flint.arb(-1)
        total += g * (x + 1)  # against u = -1
        k = ADAM.shared(o, k._replace(t=flint.arb(k.t)), 0)
        c, x = ADAM.coord(o, k, c, x, g)
        x = flint.arb(1) if x > 1 else x
        back += bool(done % 3 == 2 and x == 1)
    shown = f"1 again {back} times of 100; R_300 = {total.str(6)}"
    return back == 100 and bool(total >= 200), bool(total < 300), shown, None


CLAIM = Claim(
    id="C-reddi",
    title="control: Reddi et al.'s counterexample to Adam",
    statement=Statement(
        given=GIVEN,
        then=ForAll(n, n >= 0, AT_ONE) & ForAll(n, n >= 0, SUM >= (2 * C - 4) * n),
        where=((C, "slope of the large loss"), (n, "number of periods of three steps")),
    ),
    source=Source("reddi2018", "Theorem 1"),
    kind="impossibility",
    proof=(for_all(every_period(), n, n >= 0), for_all(regret(), n, n >= 0)),
    controls=(rigorous("C-reddi.run", "The rule itself returns to 1 for 100 periods, bias correction on.", simulated),),
    note="The losses are f_t(x) = g_t x, so -1 is the best point, 1 the worst, and the sum is the regret against -1: "
    "for C > 2 it grows linearly. The run has Adam's bias correction, the paper's has none; the paper also asks "
    "alpha < sqrt(1 - beta2), which the projection makes needless here. At C = 2 nothing is lost.",
)
