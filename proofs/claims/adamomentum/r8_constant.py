"""R8-constant, R8-first-step: AdaMomentum's formula that runs, bias corrections included, with a constant beta1."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.controls.c_means import (
    ALMOST,
    DISTANCE,
    FIRST_INSIDE,
    LATER,
    MOVES,
    ONE,
    RATE,
    ROOTS,
    SPREAD,
    STEEP,
    entered,
    equal,
    regret,
)  # fmt: skip
from proofs.claims.controls.c_means import CLAIM as MEANS
from proofs.claims.controls.c_regret import HYPOTHESES, MONOTONE
from proofs.claims.regret.r2_a_posteriori import each
from proofs.claims.regret.r2_linear import TERM, every, total
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    equation,
    follows,
    for_all,
    induction,
    lemma,
    replace,
    restate,
    theorem,
    under,
    use,
)
from proofs.inference.limits import either
from proofs.models.adamomentum import MEANING, RULE, m, v
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, reals, sequences
from proofs.statements.vocabulary import POSITIVE, D, R, S, T, alpha, beta1, beta2, d, eps, g, h, i, t, theta

RUN = Run(RULE, box=True, alpha=alpha, beta1=beta1, beta2=beta2, eps=eps, schedule="sqrt")
SOURCE = Source("alacaoglu2020", "the shift of m_{t-1} by one step", also=(Source("dwmgradnotes", "R8"),))
power1, power2 = sequences("power1 power2")
RATES = {power1: beta1, power2: beta2}
OPTIONS = (alpha > 0, eps >= 0, *RATE, 0 <= beta2, beta2 < 1)
b, c, x, y, z, w, root, steps, size, rate, slope, kept, D2, Q, big = reals("b c x y z w root r size alpha g k D² q G")


def H(when: Any) -> Any:
    """The rule's preconditioner over step size, h_t, with the bias corrections written out."""
    corrected = v(when, i) / (1 - beta2**when)
    return sympy.sqrt(corrected) * (1 - beta1**when) * sympy.sqrt(when) / alpha


NONZERO = v(t, i) > 0
NOT_FALLING = ForAll(t, (t >= 1) & (t + 1 <= T), H(t) <= H(t + 1))


@cache
def power(field: Any) -> Fact:
    """The running product is the power beta^t, for t >= 0."""
    said = equal(field(t), RATES[field] ** t)
    grown = replace(use(RUN.shared(field.__name__), LATER), assume(said))
    longer = equation(f"R8-constant.{field.__name__}", "One more factor raises the exponent by one.",
                      kept * kept**t, kept ** (t + 1), kept ** (t + 2), given=[t >= 0])  # fmt: skip
    return induction(said, t, 0, RUN.shared_start(field.__name__), replace(grown, use(longer, {kept: RATES[field]})))


@cache
def small(field: Any) -> Fact:
    """0 <= beta^t <= beta for t >= 1."""
    base = RATES[field]
    said = (0 <= field(t)) & (field(t) <= base)
    first = follows(f"R8-constant.{field.__name__}-first", "The first power is beta itself.",
                    [use(RUN.shared(field.__name__), {t: ONE}), RUN.shared_start(field.__name__)], said.subs({t: 1}),
                    [field(1) <= ALMOST * base], given=[0 <= base, base < 1])  # fmt: skip
    later = follows(f"R8-constant.{field.__name__}-small", "Another factor below 1 keeps it no larger.",
                    [use(RUN.shared(field.__name__), LATER)], said.subs(LATER), [field(t + 1) < field(t)],
                    given=[said, 0 <= base, base < 1])  # fmt: skip
    return induction(said, t, 1, first, under(later, t >= 1))


@cache
def powers() -> tuple[Fact, ...]:
    """c1 = 1 - beta1^t and c2 = 1 - beta2^t, and 0 <= beta^t <= beta, all for t >= 1, by the powers themselves."""
    found = []
    for field, divisor in ((power1, "c1"), (power2, "c2")):
        closed = under(power(field), t >= 1)
        same = restate(RUN.shared(divisor), equal(sequences(divisor)(t), 1 - field(t)), RUN.shared(field.__name__))
        found += [replace(same, closed), replace(small(field), closed)]
    return tuple(found)


@cache
def form() -> Fact:
    """h_t by v_t and the options alone."""
    first, _, second, _ = powers()
    return restate(RUN.potential("h", h), equal(h(t, i), H(t)), RUN.shared("alpha"), first, second)


def moves() -> Fact:
    """The step is m_t/h_t, projected."""
    first, _, second, _ = powers()
    return restate(RUN.iterate(), MOVES, form(), RUN.shared("alpha"), first, second, RUN.coord("v"), RUN.coord("m"))


@cache
def never_negative() -> Fact:
    base = follows("R8-constant.start", "The second moment starts at 0.", [RUN.coord_start("v")], v(0, i) >= 0,
                   [v(0, i) > 0])  # fmt: skip
    step = follows("R8-constant.sign", "A square is added.", [use(RUN.coord("v"), LATER)], v(t + 1, i) >= 0,
                   [v(t + 1, i) > 0], given=[v(t, i) >= 0, 0 <= beta2, beta2 < 1, eps >= 0])  # fmt: skip
    return induction(v(t, i) >= 0, t, 0, base, under(step, t >= 0))


@cache
def moment() -> Fact:
    """v_t >= (1 - beta2) m_t², for t >= 1."""
    newest = restate(RUN.coord("v"), equal(v(t, i), beta2 * v(t - 1, i) + (1 - beta2) * m(t, i) ** 2 + eps),
                     RUN.coord("m"))  # fmt: skip
    before = under(use(never_negative(), {t: t - 1}), t >= 1)
    then = (1 - beta2) * m(t, i) ** 2 <= v(t, i)
    return follows("R8-constant.moment", "The second moment is at least its newest term.", [newest, before], then,
                   [then.lhs <= ALMOST * then.rhs], given=[0 <= beta2, beta2 < 1, eps >= 0])  # fmt: skip


def corrections() -> list[Fact]:
    """Both corrections lie in (0, 1], the first at least at 1 - beta1."""
    _, first, _, second = powers()
    room = lemma("R8-constant.room", "A power of a rate below 1 leaves something.", [0 <= x, x <= c, c < 1],
                 (1 - x > 0) & (1 - x <= 1) & (1 - x >= 1 - c), [1 - x >= 1 - ALMOST * c])  # fmt: skip
    return [discharge(use(room, {x: beta1**t, c: beta1}), first), discharge(use(room, {x: beta2**t, c: beta2}), second)]


def root_of_step() -> Fact:
    return lemma("R8-constant.step", "The root of a step's number is positive.", [t >= 1], sympy.sqrt(t) > 0,
                 [sympy.sqrt(t) > 1])  # fmt: skip


def positive() -> Fact:
    """h_t > 0 where v_t > 0."""
    known = lemma("R8-constant.positive", "Positive numbers make a positive preconditioner.",
                  [x > 0, y > 0, z > 0, steps > 0, rate > 0], sympy.sqrt(x / y) * z * steps / rate > 0,
                  [sympy.sqrt(x / y) * z * steps / rate > 1])  # fmt: skip
    known = use(known, {x: v(t, i), y: 1 - beta2**t, z: 1 - beta1**t, steps: sympy.sqrt(t), rate: alpha})
    known = discharge(known, at(assume(every(NONZERO)), t), *corrections(), root_of_step())
    return restate(known, POSITIVE, form())


def monotone() -> Fact:
    first = follows("R8-constant.rises", "From 0 h rises to something positive.",
                    [use(positive(), {t: ONE}), RUN.no_potential_yet(h)], h(1, i) >= h(0, i),
                    [h(1, i) >= h(0, i) + 1])  # fmt: skip
    later = restate(at(assume(NOT_FALLING), t), h(t + 1, i) >= h(t, i), use(form(), LATER), form())
    return induction(MONOTONE, t, 1, first, under(later, t >= 1), last=T)


CONSTANT = alpha / ((1 - beta1) * sympy.sqrt(1 - beta2))


def steep() -> Fact:
    """m_t²/h_t <= alpha/((1 - beta1) sqrt(1 - beta2)) |m_t|/sqrt(t)."""
    # b = sqrt(1 - beta2), size = |m_t|, x = v_t, y and z the corrections, c = beta1
    root_ = sympy.sqrt(x / y)
    bounded = lemma("R8-constant.mean", "The root of the corrected moment is at least a multiple of the mean.",
                    [size >= 0, b > 0, b**2 * size**2 <= x, 0 < y, y <= 1, x > 0], b * size <= root_,
                    [b * size <= ALMOST * root_])  # fmt: skip
    divided = lemma("R8-constant.steep", "So a term is at most a multiple of the mean over the root of t.",
                    [size >= 0, b > 0, b * size <= root, root > 0, 1 - c > 0, z >= 1 - c, steps > 0, rate > 0],
                    size**2 / (root * z * steps / rate) <= rate / ((1 - c) * b) * (size / steps),
                    [size**2 / (root * z * steps / rate)
                     <= ALMOST * rate / ((1 - c) * b) * (size / steps)])  # fmt: skip
    here = {size: sympy.Abs(m(t, i)), b: sympy.sqrt(1 - beta2)}
    corrected = v(t, i) / (1 - beta2**t)
    nonzero = at(assume(every(NONZERO)), t)
    quotient = lemma("R8-constant.corrected", "The corrected moment is positive.", [x > 0, y > 0],
                     sympy.sqrt(x / y) > 0,
                     [sympy.sqrt(x / y) > 1])  # fmt: skip
    second = corrections()[1]
    rooted = discharge(use(quotient, {x: v(t, i), y: 1 - beta2**t}), nonzero, second)
    bounded = use(bounded, {**here, x: v(t, i), y: 1 - beta2**t})
    bounded = discharge(bounded, moment(), nonzero, second, factor())
    divided = use(divided, {**here, root: sympy.sqrt(corrected), z: 1 - beta1**t, c: beta1, steps: sympy.sqrt(t),
                            rate: alpha})  # fmt: skip
    divided = discharge(divided, bounded, rooted, corrections()[0], factor(), root_of_step())
    return restate(divided, STEEP.subs({reals("a"): CONSTANT}), form())


def factor() -> Fact:
    known = lemma("R8-constant.factor", "The root of a positive number is positive.", [c < 1], sympy.sqrt(1 - c) > 0,
                  [sympy.sqrt(1 - c) > 1])  # fmt: skip
    return use(known, {c: beta2})


PART = D(i) ** 2 / (2 * (1 - beta1)) * H(T) + alpha * (1 + beta1) / (
    2 * (1 - beta1) ** 2 * sympy.sqrt(1 - beta2)
) * sympy.sqrt(1 + sympy.log(T)) * S(T, i)


def coordinate() -> Fact:
    facts = [for_all(fact, t, (t >= 1) & (t <= T)) for fact in (moves(), positive(), monotone(), RUN.coord("m"))]
    known = discharge(theorem(MEANS), *facts, RUN.no_potential_yet(h), RUN.coord_start("m"))
    ratio = lemma("R8-constant.ratio", "The constant is not negative.", [rate > 0, c < 1, b > 0],
                  rate / ((1 - c) * b) >= 0, [rate / ((1 - c) * b) >= 1])  # fmt: skip
    ratio = discharge(use(ratio, {rate: alpha, c: beta1, b: sympy.sqrt(1 - beta2)}), factor())
    rooted = discharge(use(theorem(ROOTS), {reals("a"): CONSTANT}), for_all(steep(), t, (t >= 1) & (t <= T)), ratio,
                       facts[3], RUN.coord_start("m"))  # fmt: skip
    last = follows("R8-constant.last", "The last preconditioner is written out.", [use(form(), {t: T})],
                   h(T, i) <= H(T), [h(T, i) < H(T)], parts={x: H(T)})  # fmt: skip
    shape = equation("R8-constant.form", "The factors are multiplied out.",
                     DISTANCE * x + SPREAD * (rate / ((1 - c) * b) * Q),
                     DISTANCE * x + rate * (1 + c) / (2 * (1 - c) ** 2 * b) * Q, DISTANCE * x + SPREAD * Q,
                     given=[b > 0, c < 1])  # fmt: skip
    ours = {c: beta1, D2: D(i) ** 2}
    shape = use(shape, {**ours, x: H(T), rate: alpha, b: sympy.sqrt(1 - beta2),
                        Q: sympy.sqrt(1 + sympy.log(T)) * S(T, i)})  # fmt: skip
    joined = entered(known, under(last, T >= 1), rooted, ours)
    return restate(joined, total(TERM, T) <= PART, discharge(shape, factor()))


CLAIM = Claim(
    id="R8-constant",
    title="AdaMomentum with a constant beta1: the formula that runs has a regret bound while h_t does not decrease",
    statement=Statement(
        given=(RUN.hypothesis, *HYPOTHESES, each(FIRST_INSIDE), *OPTIONS, each(every(NONZERO)), each(NOT_FALLING)),
        then=R(T) <= sympy.Sum(PART, (i, 1, d)),
        where=MEANING,
    ),
    source=SOURCE,
    kind="rate",
    proof=(regret("R8-constant", coordinate()),),
    note="So the decay of beta_{1,t} is needed by the printed proof only (R8f). That h_t does not decrease cannot be "
    "left out (R8e).",
)  # fmt: skip


# --- the first step ---------------------------------------------------------------------------------------------

FREE = {schedule: Run(RULE, box=False, alpha=alpha, beta1=beta1, beta2=beta2, eps=eps, schedule=schedule)
        for schedule in ("constant", "sqrt")}  # fmt: skip
ANY = sympy.Or(*(run.hypothesis for run in FREE.values()))
LENGTH = alpha * g(1, i) / sympy.sqrt((1 - beta1) ** 2 * g(1, i) ** 2 + eps / (1 - beta2))
FIRST_STEP = equal(theta(2, i), theta(1, i) - LENGTH)
FARTHEST = alpha / (1 - beta1)


def first_step(run: Run) -> Fact:
    """theta_2 by the options and g_1: both corrections at step 1 undo the factors of the means."""
    names = ("c1", "c2", "alpha")
    shared = [use(run.shared(field), {t: ONE}) for field in names]
    powers_ = [use(run.shared(field.__name__), {t: ONE}) for field in RATES]
    starts = [run.shared_start(field.__name__) for field in RATES] + [run.coord_start(field) for field in ("m", "v")]
    moved = use(run.iterate(), {t: ONE})
    quotient = lemma("R8-first-step.corrected", "The correction of the second moment undoes its factor.", [c < 1],
                     equal(((1 - c) * x + y) / (1 - c), x + y / (1 - c)), [])  # fmt: skip
    fresh = (1 - beta1) ** 2 * g(1, i) ** 2
    quotient = use(quotient, {c: beta2, x: fresh, y: eps})
    plain = restate(moved, equal(theta(2, i), theta(1, i) - alpha * g(1, i) / sympy.sqrt(quotient.then.lhs)), *shared,
                    *powers_, *starts)  # fmt: skip
    return replace(plain, quotient)


STEPPED = either(*map(first_step, FREE.values()), *(run.hypothesis for run in FREE.values()))
MOVED = sympy.Abs(theta(2, i) - theta(1, i))


def length() -> Fact:
    """The size of the step is at most alpha/(1 - beta1), and it is that if eps = 0."""
    size_ = rate * slope / sympy.sqrt((1 - c) ** 2 * slope**2 + x / (1 - w))
    far = lemma("R8-first-step.far", "The root is at least what the gradient contributes, and that if eps is 0.",
                [equal(y, z - size_), c < 1, w < 1, rate > 0, x >= 0, sympy.Ne(slope, 0)],
                (sympy.Abs(y - z) <= rate / (1 - c))
                & sympy.Implies(equal(x, 0), equal(sympy.Abs(y - z), rate / (1 - c))),
                [sympy.Abs(y - z) <= ALMOST * rate / (1 - c), equal(sympy.Abs(y - z), rate / (1 - c))])  # fmt: skip
    far = use(far, {y: theta(2, i), z: theta(1, i), c: beta1, w: beta2, rate: alpha, slope: g(1, i), x: eps})
    return restate(discharge(far, STEPPED), (MOVED <= FARTHEST) & sympy.Implies(equal(eps, 0), equal(MOVED, FARTHEST)))


FIRST = Claim(
    id="R8-first-step",
    title="AdaMomentum's first step: 1/(1 - beta1) times the step size, ten times at the default",
    statement=Statement(
        given=(ANY, alpha > 0, eps >= 0, *RATE, 0 <= beta2, beta2 < 1, sympy.Ne(g(1, i), 0)),
        then=STEPPED.then & length().then,
    ),
    source=Source("adamomentum", "the AdaMomentum algorithm", also=(Source("dwmgradnotes", "R8"),)),
    kind="identity",
    proof=(STEPPED, length()),
    note="Adam's first step is alpha, because there the gradient's own square is corrected; here it is the square of "
    "(1 - beta1) g_1, while the momentum's correction takes the factor 1 - beta1 out of the numerator.",
)  # fmt: skip
