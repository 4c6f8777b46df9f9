"""R8-oracle: AdaMomentum's exact step size on alternating gradients."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import ball, rigorous, shown
from proofs.checkers.by_exact import Found
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    eventually,
    eventually_both,
    eventually_near,
    eventually_so,
    evident,
    follows,
    induction,
    lemma,
    restate,
    under,
    use,
)
from proofs.inference.limits import (  # fmt: skip
    contraction,
    dominated,
    forced_contraction,
    inverse_of_limit,
    limit_of,
    restated_limit,
    root_of_limit,
    shifted,
)
from proofs.models.adamomentum import RULE, m, v
from proofs.models.simulation import in_balls
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, Tends, reals, sequences
from proofs.statements.vocabulary import alpha, alpha_t, beta1, beta2, eps, g, i, t, theta

RUN = Run(RULE, box=False, alpha=alpha, beta1=beta1, beta2=beta2, eps=eps)
power1, power2, c1, c2 = sequences("power1 power2 c1 c2")
RATES = {power1: beta1, power2: beta2}
LATER = {t: t + 1}
ALMOST = sympy.Rational(99, 100)
ALTERNATE = ForAll(t, t >= 1, sympy.Eq(g(t + 1, i), -g(t, i), evaluate=False))
FIRST = g(1, i)
SHARE = (1 - beta1) / (1 + beta1)  # what the mean keeps of a gradient that alternates
OPTIONS = (alpha > 0, eps >= 0, 0 <= beta1, beta1 < 1, 0 <= beta2, beta2 < 1)
MOVING = sympy.Ne(FIRST, 0)
LEVEL = SHARE**2 * FIRST**2 + eps / (1 - beta2)  # the limit of v_t
SIZE = alpha * SHARE * sympy.Abs(FIRST) / sympy.sqrt(LEVEL)
a, b, c, p, q, x, y, z, w, G = reals("a b c p q x y z w G")


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


def now(fact: Fact) -> Fact:
    return use(fact, LATER)


# --- the powers -------------------------------------------------------------------------------------------------


@cache
def small(power: Any, run: Run = RUN) -> Fact:
    """0 <= beta^t < 1 for t >= 1."""
    rate, field = RATES[power], power.__name__
    said = (0 <= power(t)) & (power(t) < 1)
    first = follows(f"R8-oracle.{field}-first", "The first power is beta itself.",
                    [use(run.shared(field), {t: sympy.S.One}), run.shared_start(field)], said.subs({t: 1}),
                    [power(1) < rate], given=[0 <= rate, rate < 1])  # fmt: skip
    kept = follows(f"R8-oracle.{field}-small", "Another factor below 1 keeps it below 1.", [now(run.shared(field))],
                   said.subs(LATER), [power(t + 1) < power(t)], given=[said, 0 <= rate, rate < 1])  # fmt: skip
    return induction(said, t, 1, first, under(kept, t >= 1))


@cache
def vanishes(power: Any, run: Run = RUN) -> Fact:
    """beta^t tends to 0."""
    rate, field = RATES[power], power.__name__
    shrinks = follows(f"R8-oracle.{field}-shrinks", "A power shrinks by the same factor at every step.",
                      [now(run.shared(field))], sympy.Abs(power(t + 1)) <= rate * sympy.Abs(power(t)),
                      [sympy.Abs(power(t + 1)) <= ALMOST * rate * sympy.Abs(power(t))], given=[0 <= rate])  # fmt: skip
    return contraction(eventually(shrinks, t), power(t), rate)


def correction(field: str, power: Any, run: Run = RUN) -> Fact:
    """1 - beta^t tends to 1; the rule divides by it."""
    same = restate(run.shared(field), equal(sequences(field)(t), 1 - power(t)), run.shared(power.__name__))
    limit = limit_of(1 - x, {x: vanishes(power, run)})
    return restated_limit(limit, eventually(same, t))


def positive(field: str, power: Any, run: Run = RUN) -> Fact:
    """1 - beta^t > 0 for t >= 1."""
    return follows(f"R8-oracle.{field}", "A correction is positive.",
                   [run.shared(field), run.shared(power.__name__), small(power, run)], sequences(field)(t) > 0,
                   [sequences(field)(t) > 1])  # fmt: skip


# --- the moments ------------------------------------------------------------------------------------------------


@cache
def sizes() -> Fact:
    """g_t² = g_1² for t >= 1."""
    said = equal(g(t, i) ** 2, FIRST**2)
    kept = follows("R8-oracle.sizes", "Only the sign changes.", [at(assume(ALTERNATE), t)], said.subs(LATER),
                   given=[said])  # fmt: skip
    return induction(said, t, 1, evident(said.subs({t: 1})), kept)


@cache
def mean() -> Fact:
    """m_t = (1 - beta1)/(1 + beta1) (g_t + beta1^t g_1) for t >= 1."""

    def said(when: Any) -> Any:
        return equal(m(when, i), SHARE * (g(when, i) + power1(when) * FIRST))

    start = follows("R8-oracle.first", "The first mean is a share of the first gradient.",
                    [use(RUN.coord("m"), {t: sympy.S.One}), RUN.coord_start("m"),
                     use(RUN.shared("power1"), {t: sympy.S.One}), RUN.shared_start("power1")], said(sympy.S.One),
                    given=[0 <= beta1])  # fmt: skip
    kept = follows("R8-oracle.mean", "A step turns the sign of what alternates and shrinks the rest.",
                   [now(RUN.coord("m")), now(RUN.shared("power1")), at(assume(ALTERNATE), t)], said(t + 1),
                   given=[said(t), 0 <= beta1])  # fmt: skip
    return induction(said(t), t, 1, start, under(kept, t >= 1))


def near(name: str, words: str, left: Any, most: Any) -> Fact:
    """|left| <= most times beta1^t, for all large t, so it tends to 0."""
    bound = lemma(
        f"R8-oracle.{name}", words,
        [equal(y, a * (x + p * G)), equal(x**2, G**2), 0 <= p, p < 1, 0 < a, a <= 1],
        sympy.Abs(left) <= most * p, [sympy.Abs(left) <= most * p / 2],
    )  # fmt: skip
    share = lemma("R8-oracle.share", "The share lies between 0 and 1.", [0 <= c, c < 1],
                  (0 < (1 - c) / (1 + c)) & ((1 - c) / (1 + c) <= 1), [(1 - c) / (1 + c) <= ALMOST])  # fmt: skip
    here = {y: m(t, i), a: SHARE, x: g(t, i), p: power1(t), G: FIRST}
    bound = discharge(use(bound, here), mean(), sizes(), small(power1), use(share, {c: beta1}))
    to_zero = limit_of(most.subs({G: FIRST}) * p, {p: vanishes(power1)})
    return dominated(eventually(under(bound, t >= 1), t), to_zero, bound.then.lhs.args[0])


@cache
def level() -> Fact:
    """v_t tends to the level that the momentum's square and eps hold."""
    off = near("square", "The momentum's square comes near to that of the share.", y**2 - a**2 * G**2, 3 * G**2)
    gap = v(t, i) - LEVEL
    newest = restate(now(RUN.coord("v")), equal(v(t + 1, i), beta2 * v(t, i) + (1 - beta2) * m(t + 1, i) ** 2 + eps),
                     now(RUN.coord("m")))  # fmt: skip
    driven = lemma(
        "R8-oracle.driven", "The distance to the level shrinks, but for what the momentum is off.",
        [equal(x, c * y + (1 - c) * z + w), 0 <= c, c < 1],
        sympy.Abs(x - (q + w / (1 - c))) <= c * sympy.Abs(y - (q + w / (1 - c))) + sympy.Abs(z - q),
        [sympy.Abs(x - (q + w / (1 - c))) <= ALMOST * c * sympy.Abs(y - (q + w / (1 - c))) + sympy.Abs(z - q) / 2],
    )  # fmt: skip
    driven = use(driven, {x: v(t + 1, i), y: v(t, i), z: m(t + 1, i) ** 2, w: eps, c: beta2, q: SHARE**2 * FIRST**2})
    driven = discharge(driven, newest)
    forcing = limit_of(sympy.Abs(x), {x: shifted(off, 1)})
    settles = forced_contraction(eventually(driven, t), forcing, gap, beta2)
    return limit_of(x + LEVEL, {x: settles})


def length() -> Fact:
    """|theta_{t+1} - theta_t| tends to SIZE."""
    off = near("mean-size", "The momentum's size comes near to that of the share.", sympy.Abs(y) - a * sympy.Abs(G),
               sympy.Abs(G))  # fmt: skip
    size = limit_of(x + SHARE * sympy.Abs(FIRST), {x: off})
    inverse = inverse_of_limit(correction("c2", power2))
    corrected = limit_of(x * y, {x: level(), y: inverse})
    root = inverse_of_limit(discharge(root_of_limit(corrected), positive_level()))
    rooted = lemma("R8-oracle.root", "So is its root.", [x > 0], sympy.sqrt(x) > 0, [sympy.sqrt(x) > 1])
    root = discharge(root, discharge(use(rooted, {x: LEVEL}), positive_level()))
    first = inverse_of_limit(correction("c1", power1))
    whole = limit_of(alpha * x * y * z, {x: size, y: first, z: root})
    return restated_limit(whole, moved())


def positive_level() -> Fact:
    known = lemma("R8-oracle.level", "The level is positive.", [0 <= c, c < 1, b < 1, w >= 0, sympy.Ne(G, 0)],
                  ((1 - c) / (1 + c)) ** 2 * G**2 + w / (1 - b) > 0,
                  [((1 - c) / (1 + c)) ** 2 * G**2 + w / (1 - b) > 1])  # fmt: skip
    return use(known, {c: beta1, b: beta2, w: eps, G: FIRST})


def moved() -> Fact:
    """|theta_{t+1} - theta_t| by the moments, for all large t."""
    root = sympy.sqrt(v(t, i) / c2(t))
    plain = restate(RUN.iterate(), equal(theta(t + 1, i), theta(t, i) - alpha_t(t) * (m(t, i) / c1(t)) / root),
                    RUN.coord("v"), RUN.coord("m"))  # fmt: skip
    plain = restate(plain, equal(theta(t + 1, i), theta(t, i) - alpha * (m(t, i) / c1(t)) / root), RUN.shared("alpha"))
    length_ = lemma(
        "R8-oracle.length", "The step is the mean over the root, both corrected.",
        [equal(x, y - a * (z / p) / sympy.sqrt(w / q)), a > 0, p > 0, w > 0, q > 0],
        equal(sympy.Abs(x - y), a * sympy.Abs(z) * (1 / p) * (1 / sympy.sqrt(w * (1 / q)))), [],
    )  # fmt: skip
    length_ = use(length_, {x: theta(t + 1, i), y: theta(t, i), a: alpha, z: m(t, i), p: c1(t), w: v(t, i), q: c2(t)})
    divides = [positive("c1", power1), positive("c2", power2)]
    high = lemma("R8-oracle.high", "What is near a positive number is positive.",
                 [sympy.Abs(x - y) <= y / 2, y > 0], x > 0, [x > y / ALMOST])  # fmt: skip
    high = discharge(use(high, {x: v(t, i), y: LEVEL}), positive_level())
    half = lemma("R8-oracle.half", "Half of it is positive.", [y > 0], y / 2 > 0, [y / 2 > 1])
    close = discharge(eventually_near(level(), LEVEL / 2), discharge(use(half, {y: LEVEL}), positive_level()))
    late = eventually_both(eventually_so(close, high), eventually(assume(t >= 1), t))
    return eventually_so(late, discharge(length_, plain, *divides))


WITHOUT_EPS = sympy.Implies(equal(eps, 0), equal(SIZE, alpha))


def without_eps() -> Fact:
    size = a * c * sympy.Abs(G) / sympy.sqrt(c**2 * G**2 + w / (1 - b))
    plain = lemma("R8-oracle.without-eps", "Without eps the root is the share of the gradient.",
                  [sympy.Ne(G, 0), c > 0, w >= 0, b < 1], sympy.Implies(equal(w, 0), equal(size, a)),
                  [equal(size, a)])  # fmt: skip
    share = lemma("R8-oracle.share", "The share lies between 0 and 1.", [0 <= c, c < 1],
                  (0 < (1 - c) / (1 + c)) & ((1 - c) / (1 + c) <= 1), [(1 - c) / (1 + c) <= ALMOST])  # fmt: skip
    return discharge(use(plain, {a: alpha, c: SHARE, G: FIRST, w: eps, b: beta2}), use(share, {c: beta1}))


def run_long() -> Found:
    """20000 steps of the algorithm itself with its defaults, G = 3."""
    o, G = in_balls(RULE, alpha="0.001"), flint.arb(3)
    k, c, x = RULE.start(o), RULE.Coord(flint.arb(0), flint.arb(0)), flint.arb(0)
    before = x
    for step in range(20000):
        k = RULE.shared(o, k, flint.arb(1))
        before, (c, x) = x, RULE.coord(o, k, c, x, G if step % 2 == 0 else -G)
    a = (1 - o.beta1) / (1 + o.beta1)
    expected = o.alpha * a * G / (a * a * G * G + o.eps / (1 - o.beta2)).sqrt()
    gap = abs(abs(x - before) - expected)
    detail = f"step 20000 has size {shown(abs(x - before), 10)}; the limit is {shown(expected, 10)}"
    without_eps = abs(abs(x - before) - o.alpha)
    return bool(gap < ball("1e-11")), bool(without_eps > ball("1e-8")), detail, {"G": 3, "steps": 20000}


CLAIM = Claim(
    id="R8-oracle",
    title="exact step size on alternating gradients",
    statement=Statement(
        given=(RUN.hypothesis, ALTERNATE, MOVING, *OPTIONS),
        then=Tends(t, sympy.Abs(theta(t + 1, i) - theta(t, i)), SIZE) & WITHOUT_EPS,
    ),
    source=Source("adamomentum", "the AdaMomentum algorithm", also=(Source("dwmgradnotes", "R8"),)),
    kind="identity",
    proof=(length(), without_eps()),
    controls=(
        rigorous("R8-oracle.run", "The algorithm itself agrees after 20000 steps, to 1e-11.", run_long),
    ),
    note="With eps = 0 the step is alpha for ever, though the gradients cancel.",
)  # fmt: skip
