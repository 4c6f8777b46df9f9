"""R8e: without v_t <= v_{t+1} AdaMomentum goes to the worst point, with beta_{1,t} -> 0 and with a constant beta1."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous, shown
from proofs.checkers.by_exact import Found
from proofs.claims.adamomentum.r8_cycle import (
    BOUNDED,
    CYCLE,
    HIGH,
    LIMIT_PUSH,
    NEXT,
    NOW,
    B,
    M,
    W,
    equal,
    floor,
    of_phase,
)
from proofs.claims.adamomentum.r8_cycle import CLAIM as SETTLES
from proofs.claims.adamomentum.r8_cycle import WHERE as CYCLE_WHERE
from proofs.claims.adamomentum.r8_oracle import c1, c2, correction, positive, power1, power2
from proofs.claims.failure.capped_limit import limit_bounds, limit_step
from proofs.claims.failure.r6_drift_lemma import box, d, x
from proofs.claims.failure.r6_periodic_push import CLAIM as PERIODIC
from proofs.claims.failure.r6_periodic_push import p
from proofs.claims.failure.repeating import (
    ENDS,
    SLOPES,
    SPIKE,
    SPIKES,
    START,
    C,
    Repeating,
    best,
)
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    eventually,
    follows,
    for_all,
    induction,
    lemma,
    part,
    replace,
    restate,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.inference.limits import (
    antecedent,
    contraction,
    dominated,
    implication,
    inverse_of_limit,
    limit_of,
    root_of_limit,
)
from proofs.models import periodic
from proofs.models.adamomentum import MEANING, MOMENT, MOMENTUM, RULE, STEP, beta, every, m, v
from proofs.models.simulation import in_balls, periodic_run
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, Tends, reals, sequences, substitute
from proofs.statements.vocabulary import T, alpha, alpha_t, beta1, beta2, eps, g, high, i, j, k, low, t, theta

vstar = sequences("vstar")
a, b, c, n, y, z, r = reals("a b c n y z r")
ALMOST = sympy.Rational(99, 100)
ONE = {i: sympy.S.One}
SHARE = eps / (1 - beta2)
LIMIT = ForAll(j, j >= 0, equal(vstar(j), periodic.after_spike(C, k, 1 / (1 - beta2), j) + SHARE))
ZERO = equal(m(0, i), 0)
BETWEEN = every((0 <= beta(t)) & (beta(t) <= 1))
VANISHES = Tends(t, beta(t), sympy.S.Zero)
OPTIONS = (alpha > 0, eps >= 0, 0 <= beta2, beta2 < 1)
PUSHES = sympy.Sum(1 / sympy.sqrt(vstar(j)), (j, 1, k - 1))
DOWN = C / sympy.sqrt(vstar(0))
DIRECTION = sympy.Lambda(j, sympy.Piecewise((C, sympy.Eq(j, 0)), (-1, True)))  # the slope, by its phase
LATER = {t: t + 1}


# --- the momentum -----------------------------------------------------------------------------------------------


def steepest() -> Fact:
    """|g_t| <= C for t >= 1."""
    known = lemma("R8e.slopes", "No slope is larger than the spike's.", [SLOPES.args[2], C > 1],
                  sympy.Abs(g(t, i)) <= C, [sympy.Abs(g(t, i)) <= ALMOST * C])  # fmt: skip
    return discharge(known, at(assume(SLOPES), t), SPIKES)


@cache
def bounded() -> Fact:
    """|m_t| <= C for t >= 0."""
    said = sympy.Abs(m(t, i)) <= C
    base = follows("R8e.rest", "The momentum starts at 0.", [assume(ZERO), SPIKES], said.subs({t: 0}),
                   [sympy.Abs(m(0, i)) + 1 <= ALMOST * C])  # fmt: skip
    mean = lemma("R8e.mean", "A mean is no larger than the larger of the two.",
                 [0 <= c, c <= 1, sympy.Abs(a) <= r, sympy.Abs(b) <= r, equal(y, (1 - c) * b + c * a)],
                 sympy.Abs(y) <= r, [sympy.Abs(y) <= ALMOST * r])  # fmt: skip
    mean = use(mean, {c: beta(t + 1), a: m(t, i), b: g(t + 1, i), y: m(t + 1, i), r: C})
    known = [at(assume(e), t + 1) for e in (BETWEEN, every(MOMENTUM))]
    step = under(discharge(mean, *known, use(steepest(), LATER)), t >= 0)
    return induction(said, t, 0, base, step)


def follows_gradient() -> Fact:
    """m_t - g_t tends to 0: the coefficient does, and the rest is bounded."""
    off = lemma("R8e.off", "The mean differs from the gradient by its coefficient times something bounded.",
                [0 <= c, sympy.Abs(a) <= r, sympy.Abs(b) <= r, equal(y, (1 - c) * b + c * a)],
                sympy.Abs(y - b) <= 2 * r * c, [sympy.Abs(y - b) <= ALMOST * 2 * r * c])  # fmt: skip
    off = use(off, {c: beta(t), a: m(t - 1, i), b: g(t, i), y: m(t, i), r: C})
    known = [at(assume(e), t) for e in (BETWEEN, every(MOMENTUM))]
    off = discharge(off, *known, steepest(), under(use(bounded(), {t: t - 1}), t >= 1))
    off = restate(off, sympy.Abs(m(t, i) - DIRECTION(NOW)) <= 2 * C * beta(t), at(assume(SLOPES), t))
    to_zero = limit_of(2 * C * r, {r: assume(VANISHES)})
    return dominated(eventually(under(off, t >= 1), t), to_zero, m(t, i) - DIRECTION(NOW))


# --- the cycle of the second moment -----------------------------------------------------------------------------

CLOSED = {sequences("Gstar"): sympy.Lambda(j, vstar(j) - SHARE), reals("delta"): 1 / (1 - beta2)}
CAP = lemma("R8e.cap", "The memory of the second moment is at least one step.", [0 <= c, c < 1], 1 / (1 - c) >= 1,
            [1 / (1 - c) >= sympy.Rational(101, 100)])  # fmt: skip


def cycle() -> Fact:
    """v* after t + 1 from v* after t."""
    step = discharge(use(limit_step(), CLOSED), use(CAP, {c: beta2}))
    then = equal(vstar(NEXT), beta2 * vstar(NOW) + (1 - beta2) * DIRECTION(NEXT) ** 2 + eps)
    slope_then = at(assume(SLOPES), t + 1)
    return for_all(follows("R8e.cycle", "R6's periodic moment and the share of eps make a cycle of the formula.",
                           [step, slope_then], then, given=[beta2 < 1], parts={y: vstar(NEXT), z: vstar(NOW)}),
                   t, t >= 1)  # fmt: skip


def never_small() -> Fact:
    """v* >= 1 at every phase."""
    known = discharge(use(limit_bounds(), CLOSED), use(CAP, {c: beta2}))
    share = lemma("R8e.share", "The share of eps is not negative.", [eps >= 0, c < 1, z - eps / (1 - c) >= 1], z >= 1,
                  [z >= sympy.Rational(101, 100)])  # fmt: skip
    share = discharge(use(share, {c: beta2, z: vstar(j)}), part(known, vstar(j) - SHARE >= 1))
    return for_all(share, j, (j >= 0) & (j <= k - 1))


def steep() -> Fact:
    """The direction is at most C at every phase."""
    known = lemma("R8e.direction", "No slope of a period is larger than the spike's.", [C > 1],
                  sympy.Abs(DIRECTION(j)) <= C, [sympy.Abs(DIRECTION(j)) <= ALMOST * C])  # fmt: skip
    return for_all(discharge(known, SPIKES), j, (j >= 0) & (j <= k - 1))


def push_settles() -> Fact:
    """m_t/√v_t less its periodic limit tends to 0."""
    known = use(theorem(SETTLES), {M: DIRECTION, W: sympy.Lambda(j, vstar(j)), B: C, floor: 1})
    return discharge(known, follows_gradient(), steep(), cycle(), never_small())


# --- the iterate ------------------------------------------------------------------------------------------------

EVERY_STEP = {alpha_t: sympy.Lambda(t, alpha / sympy.sqrt(t))}


class Ended(Repeating):
    """R6's average regret, for an iterate of which only its limit is known."""

    def __init__(self, towards: Fact) -> None:
        self.made: dict[Any, Any] = {}
        self.towards = towards

    def limit(self, sign: int) -> Fact:
        return limit_of(r - sign, {r: self.towards})


def carried(near: Fact, push: Any, move: Fact, direction: Any) -> tuple[Fact, Fact]:
    """theta_t tends to 1 or to -1, by the sign of the sum of a period's pushes, as two implications.

    Args:
        near: the push of a step, downwards and over the step size, less its periodic limit tends to 0.
        push: the push of step t.
        move: the step, theta_{t+1} = P(theta_t - alpha/√t times the push), for t >= 1.
        direction: the limit of the push so many steps after the start of a period.
    """
    upwards = limit_of(-r, {r: near})
    put = {x: sympy.Lambda(t, theta(t, i)), d: sympy.Lambda(t, -push), p: sympy.Lambda(j, -direction(j)), **EVERY_STEP}
    known = discharge(use(theorem(PERIODIC), put), upwards, for_all(move, t, t >= 1))
    up, down = known.then.args
    return part(known, up), part(known, down)


def boxed(step: Fact) -> Fact:
    """A projected step on the family's box."""
    return replace(replace(step, part(assume(ENDS), equal(low(i), -1))), part(assume(ENDS), equal(high(i), 1)))


def period_sum() -> Fact:
    """Over a period the pushes sum to PUSHES - DOWN."""
    body = -DIRECTION(j) / sympy.sqrt(vstar(j))
    plain = follows("R8e.no spike", "The other steps push up.", [], equal(body, 1 / sympy.sqrt(vstar(j))),
                    given=[j >= 1], parts={y: 1 / sympy.sqrt(vstar(j))})  # fmt: skip
    return sum_over(plain, j, 1, k - 1)


@cache
def ends() -> tuple[Fact, Fact]:
    """The two ends, with the condition in PUSHES and DOWN."""
    direction = sympy.Lambda(j, DIRECTION(j) / sympy.sqrt(vstar(j)))
    push = m(t, i) / sympy.sqrt(v(t, i))
    up, down = carried(push_settles(), push, boxed(at(assume(every(STEP)), t)), direction)
    sums = period_sum()
    return replace(up, sums), replace(down, sums)


def regret(up: Fact) -> Fact:
    """The average regret, if theta_t tends to 1; under the same condition."""
    condition = up.then.args[0]
    return implication(Ended(antecedent(up)).regret_limit(1), condition)


def single(fact: Fact) -> Fact:
    """The fact for the only coordinate."""
    return use(fact, ONE)


def only(*statements: Any) -> tuple[Any, ...]:
    return tuple(substitute(e, ONE) for e in statements)


BEST = ForAll(T, T >= 1, sympy.Sum(g(t, 1), (t, 1, T)) > 0)
SOURCE = Source("reddi2018", "Theorem 1, its losses", also=(Source("dwmgradnotes", "R8 (e)"),))
WHERE = (
    *MEANING,
    (C, "slope of the spike"),
    (k, "period of the losses"),
    (vstar, "the second moment so many steps after a spike, in the periodic limit"),
)
FAMILY_GIVEN = (SLOPES, ENDS, START, SPIKE)


def vanishing() -> tuple[Fact, ...]:
    up, down = ends()
    return tuple(map(single, (best(), up, down, regret(up))))


# --- numbers ----------------------------------------------------------------------------------------------------

FAMILY = {"C": 5000, "k": 4000, "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}


def _limit() -> list[Any]:
    """Pushes -m*_j/√v*_j over a period of the limit cycle: m* and v* are fixed points of the period's affine maps."""
    o, k = in_balls(RULE, alpha=1), FAMILY["k"]
    now = RULE.start(o)  # no bias correction: c1 = c2 = 1
    gradients = [flint.arb(FAMILY["C"])] + [flint.arb(-1)] * (k - 1)

    def period(m: Any, v: Any) -> tuple[Any, list[Any]]:
        c, pushes = RULE.Coord(m, v), []
        for gradient in gradients:
            c, push = RULE.coord(o, now, c, flint.arb(0), gradient)
            pushes.append(push)
        return c, pushes

    m = period(flint.arb(0), flint.arb(0))[0].m / (1 - o.beta1**k)
    v = period(m, flint.arb(0))[0].v / (1 - o.beta2**k)
    return period(m, v)[1]


def family_drift() -> Found:
    pushes = _limit()
    total = sum(pushes, start=flint.arb(0))
    up = sum((push for push in pushes if push > 0), start=flint.arb(0))
    detail = f"C = 5000, k = 4000: a period moves {shown(total)} alpha_t up ({shown(up)} up, {shown(up - total)} down)"
    return bool(total > 0), bool(total - up < 0), detail, {**FAMILY, "drift": shown(total)}


def family_run() -> Found:
    """Five periods, bias corrections included, from the best point -1: exactly +1 at the spikes from the third on."""
    C, k, alpha = FAMILY["C"], FAMILY["k"], "1"
    total, lowest, falls, steps = flint.arb(0), flint.arb(1), 0, 5 * k
    v = flint.arb(0)
    for moment in periodic_run(
        RULE, in_balls(RULE, schedule="sqrt", alpha=alpha), flint.arb(C), k, steps, flint.arb(-1)
    ):
        total, falls, v = total + moment.regret, falls + bool(moment.coord.v < v), moment.coord.v
        lowest = lowest.min(moment.theta) if moment.t > 2 * k and (moment.t - 1) % k == 0 else lowest
    regret = shown(total / steps)
    detail = (
        f"T = {steps}: theta = {shown(lowest)} at the spikes from period 3 on, R_T/T = {regret}; v_t fell {falls} times"
    )
    certain = bool(lowest == 1) and bool(total > steps * flint.arb("0.5")) and falls > 0.9 * steps
    return certain, bool(total < steps), detail, {**FAMILY, "alpha": alpha, "schedule": "sqrt"}


def vanishing_drift() -> Found:
    """The condition of R8e at FAMILY, in balls: PUSHES against DOWN."""
    C_, k_, beta2_, eps_ = (flint.arb(str(FAMILY[name])) for name in ("C", "k", "beta2", "eps"))
    memory, share = 1 / (1 - beta2_), eps_ / (1 - beta2_)
    first = periodic.at_spike(C_, FAMILY["k"], memory)
    down, up, factor = C_ / (first + share).sqrt(), flint.arb(0), flint.arb(1)
    for _ in range(1, FAMILY["k"]):
        factor *= beta2_
        up += 1 / (factor * first + 1 - factor + share).sqrt()
    detail = f"C = 5000, k = 4000: a period pushes {shown(up)} up and {shown(down)} down, over the step size"
    return bool(up > down), bool(up < 3 * down), detail, {**FAMILY, "up": shown(up), "down": shown(down)}


CLAIM = Claim(
    id="R8e",
    title="without the assumption AdaMomentum goes to the worst point, though beta_{1,t} tends to 0",
    statement=Statement(
        given=only(every(MOMENTUM), every(MOMENT), every(STEP), ZERO, BETWEEN, VANISHES, *OPTIONS, *FAMILY_GIVEN,
                   LIMIT),
        then=sympy.And(*(fact.then for fact in vanishing())),
        where=WHERE,
    ),
    source=SOURCE,
    kind="impossibility",
    proof=vanishing(),
    controls=(
        rigorous("R8e.drift", "The condition holds for C = 5000, k = 4000 and the default rates.", vanishing_drift),
    ),
    note="-1 is the best point and +1 the worst; the sum of g_t (theta_t + 1) is the regret against -1. In the "
    "periodic limit the second moment falls at all steps but the spikes. beta_{1,t} = beta1 lambda^t and beta1/t, for "
    "which the printed bound is "
    "sublinear, are among those that tend to 0. Bias corrections are left out, as in the printed theorem.",
)  # fmt: skip


# --- a constant beta1, by the formula that runs -----------------------------------------------------------------

RUN = Run(RULE, box=True, alpha=alpha, beta1=beta1, beta2=beta2, eps=eps, schedule="sqrt")
MEANS = every(equal(M(NEXT), beta1 * M(NOW) + (1 - beta1) * g(t + 1, i)))
STEADY = (alpha > 0, eps > 0, 0 <= beta1, beta1 < 1, 0 <= beta2, beta2 < 1)


def mean_settles() -> Fact:
    """m_t - M tends to 0."""
    shrinks = lemma("R8e.means", "Two means of the same gradients come nearer by the coefficient.",
                    [equal(a, c * b + (1 - c) * r), equal(y, c * z + (1 - c) * r), 0 <= c],
                    sympy.Abs(a - y) <= c * sympy.Abs(b - z), 
                    [sympy.Abs(a - y) <= ALMOST * c * sympy.Abs(b - z)])  # fmt: skip
    shrinks = use(shrinks, {a: m(t + 1, i), b: m(t, i), c: beta1, r: g(t + 1, i), y: M(NEXT), z: M(NOW)})
    later = lemma("R8e.later", "The step after a step is a step.", [t >= 1], t + 1 >= 1, [t + 1 >= 3])
    shrinks = discharge(shrinks, discharge(use(RUN.coord("m"), LATER), later), at(assume(MEANS), t))
    return contraction(eventually(shrinks, t), m(t, i) - M(NOW), beta1)


def own_moment() -> Fact:
    """MOMENT for the rule that runs."""
    then = equal(v(t, i), beta2 * v(t - 1, i) + (1 - beta2) * m(t, i) ** 2 + eps)
    return restate(RUN.coord("v"), then, RUN.coord("m"))


def positive_moment() -> Fact:
    """v_t > 0 for t >= 1, because eps > 0."""
    said = v(t, i) >= 0
    base = follows("R8e.start", "The second moment starts at 0.", [RUN.coord_start("v")], v(0, i) >= 0, [v(0, i) > 0])
    kept = follows("R8e.sign", "A square is added.", [use(own_moment(), LATER)], said.subs(LATER),
                   [v(t + 1, i) >= 1], given=[said, eps > 0, 0 <= beta2, beta2 < 1])  # fmt: skip
    never = induction(said, t, 0, base, under(kept, t >= 0))
    return follows("R8e.moment", "So is eps.", [own_moment(), under(use(never, {t: t - 1}), t >= 1)], v(t, i) > 0,
                   [v(t, i) > eps], given=[eps > 0, 0 <= beta2, beta2 < 1])  # fmt: skip


def corrected_push() -> Fact:
    """The push with its bias corrections, less M/√W, tends to 0: both corrections tend to 1."""
    near = discharge(theorem(SETTLES), for_all(own_moment(), t, t >= 1), mean_settles())
    factor = limit_of(y * z, {y: root_of_limit(correction("c2", power2, RUN)),
                              z: inverse_of_limit(correction("c1", power1, RUN))})  # fmt: skip
    scale = sympy.sqrt(c2(t)) / c1(t)
    plain = m(t, i) / sympy.sqrt(v(t, i))
    close = lemma("R8e.corrected", "What the corrections change is a share of the push.",
                  [sympy.Abs(b) <= r], sympy.Abs(a * y - b) <= sympy.Abs(a - b) * sympy.Abs(y) + r * sympy.Abs(y - 1),
                  [sympy.Abs(a * y - b)
                   <= sympy.Abs(a - b) * sympy.Abs(y) + ALMOST * r * sympy.Abs(y - 1)])  # fmt: skip
    most = B / sympy.sqrt(floor)
    limited = lemma("R8e.limited", "The periodic push is bounded.", [sympy.Abs(z) <= B, y >= floor, floor > 0],
                    sympy.Abs(z / sympy.sqrt(y)) <= B / sympy.sqrt(floor),
                    [sympy.Abs(z / sympy.sqrt(y)) <= ALMOST * B / sympy.sqrt(floor)])  # fmt: skip
    limited = discharge(use(limited, {z: M(NOW), y: W(NOW)}), of_phase(BOUNDED, NOW, t), of_phase(HIGH, NOW, t))
    close = use(close, {a: plain, b: LIMIT_PUSH, y: scale, r: most})
    close = discharge(close, restate(limited, close.given[0]))
    small = limit_of(sympy.Abs(a) * sympy.Abs(y) + most * sympy.Abs(y - 1), {a: near, y: factor})
    return dominated(eventually(close, t), small, plain * scale - LIMIT_PUSH)


PUSH = m(t, i) / sympy.sqrt(v(t, i)) * (sympy.sqrt(c2(t)) / c1(t))


def own_step() -> Fact:
    """The step that runs, its corrections written as factors of the push."""
    bare = m(t, i) / c1(t) / sympy.sqrt(v(t, i) / c2(t))
    raw = restate(boxed(RUN.iterate()), equal(theta(t + 1, i), box(theta(t, i) - alpha / sympy.sqrt(t) * bare)),
                  RUN.shared("alpha"), RUN.coord("v"), RUN.coord("m"))  # fmt: skip
    split = lemma(
        "R8e.split", "The corrections are factors of the push.",
        [n > 0, y > 0, z > 0, equal(c, box(b - r * (a / z / sympy.sqrt(n / y))))],
        equal(c, box(b - r * (a / sympy.sqrt(n) * (sympy.sqrt(y) / z)))), [],
    )  # fmt: skip
    split = use(split, {a: m(t, i), z: c1(t), n: v(t, i), y: c2(t), r: alpha / sympy.sqrt(t), b: theta(t, i),
                        c: theta(t + 1, i)})  # fmt: skip
    divides = [positive("c1", power1, RUN), positive("c2", power2, RUN)]
    return discharge(split, raw, positive_moment(), *divides)


def steady() -> tuple[Fact, ...]:
    direction = sympy.Lambda(j, M(j) / sympy.sqrt(W(j)))
    up, down = carried(corrected_push(), PUSH, own_step(), direction)
    return tuple(map(single, (best(), up, down, regret(up))))


CONSTANT = Claim(
    id="R8e-constant",
    title="with a constant beta1 the formula that runs goes to the end that its periodic pushes point to",
    statement=Statement(
        given=only(RUN.hypothesis, *STEADY, *FAMILY_GIVEN, MEANS, BOUNDED, CYCLE, HIGH, floor > 0),
        then=sympy.And(*(fact.then for fact in steady())),
        where=(*CYCLE_WHERE, (C, "slope of the spike"), (k, "period of the losses")),
    ),
    source=SOURCE,
    kind="impossibility",
    proof=steady(),
    controls=(
        rigorous("R8e.cycle-found", "At C = 5000, k = 4000 and the default rates the periodic pushes point to +1.",
                 family_drift),
        rigorous("R8e.run", "Five periods in balls with alpha = 1, bias corrections included, from the best point.",
                 family_run),
    ),
    note="M and W are the fixed points of a period's two affine maps, which exist because both rates are below 1; the "
    "control computes them. The printed bound is of order T^(3/2) here and does not contradict a linear regret; "
    "R8-constant's bound would be of order √(T log T) if h_t did not decrease.",
)  # fmt: skip
