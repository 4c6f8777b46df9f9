"""D-bias: on a constant gradient the bias-corrected moments are that gradient and its square, from step 1 on."""

from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule, Source
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    equation,
    follows,
    induction,
    replace,
    restate,
    under,
    use,
    weaken,
)
from proofs.models.symbolic_run import Run, numbers
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, sequences
from proofs.statements.vocabulary import alpha_t, beta1, beta2, eps, g, i, t, theta

slope = sequences("a")  # the constant gradient of coordinate i
m, v, vhat, c1, c2, power1, power2 = sequences("m v vhat c1 c2 power1 power2")
CONSTANT = ForAll(t, t >= 1, sympy.Eq(g(t, i), slope(i), evaluate=False))
RANGE = ((0 <= beta1) & (beta1 < 1), (0 <= beta2) & (beta2 < 1))
RATES = {power1: beta1, power2: beta2}
SOURCE = Source("kingma2015", "Section 3, initialization bias correction")


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


def now(fact: Fact) -> Fact:
    return use(fact, {t: t + 1})


class Corrected:
    """A rule with bias corrections, run on a constant gradient."""

    def __init__(self, rule: Rule, **choices: Any):
        self.rule, self.run = rule, Run(rule, box=False, **numbers(rule), **choices)

    def name(self, step: str) -> str:
        return f"D-bias-{self.rule.name}.{step}"

    def power(self, power: Any) -> Fact:
        """The running product is the power beta^t, for every t >= 0."""
        field, rate = power.__name__, RATES[power]
        said = equal(power(t), rate**t)
        grown = replace(now(self.run.shared(field)), assume(said))
        longer = equation(self.name(f"{field}-longer"), "One more factor raises the exponent by one.",
                          rate * rate**t, rate ** (t + 1), rate ** (t + 2), given=[t >= 0])  # fmt: skip
        kept = replace(grown, longer)
        return induction(said, t, 0, self.run.shared_start(field), kept)

    def small(self, power: Any) -> Fact:
        """0 <= beta^t < 1 for every t >= 1."""
        field, rate = power.__name__, RATES[power]
        said = (0 <= power(t)) & (power(t) < 1)
        first = follows(self.name(f"{field}-first"), "The first power is beta itself.",
                        [use(self.run.shared(field), {t: 1}), self.run.shared_start(field)], said.subs({t: 1}),
                        [power(1) <= 0, power(1) < rate], given=[0 <= rate, rate < 1])  # fmt: skip
        kept = follows(self.name(f"{field}-small"), "Another factor below 1 keeps it below 1.",
                       [now(self.run.shared(field))], said.subs({t: t + 1}),
                       [power(t + 1) <= 0, power(t + 1) < power(t)], given=[said, 0 <= rate, rate < 1])  # fmt: skip
        return induction(said, t, 1, first, kept)

    def share(self, power: Any) -> Fact:
        """0 <= beta^t <= 1 for every t >= 0."""
        field, rate = power.__name__, RATES[power]
        said = (0 <= power(t)) & (power(t) <= 1)
        start = follows(self.name(f"{field}-one"), "It starts at 1.", [self.run.shared_start(field)],
                        said.subs({t: 0}), [power(0) < 1])  # fmt: skip
        kept = follows(self.name(f"{field}-share"), "A factor of at most 1 keeps it at most 1.",
                       [now(self.run.shared(field))], said.subs({t: t + 1}), [power(t + 1) < power(t)],
                       given=[said, 0 <= rate, rate < 1])  # fmt: skip
        return induction(said, t, 0, start, kept)

    def first_moment(self) -> Fact:
        """m_t = (1 - beta1^t) times the gradient, for every t >= 0."""
        return self._moment(m, power1, slope(i))

    def second_moment(self) -> Fact:
        """v_t = (1 - beta2^t) times its square."""
        return self._moment(v, power2, slope(i) ** 2)

    def _moment(self, moment: Any, power: Any, mean: Any) -> Fact:
        field = moment.__name__
        said = equal(moment(t, i), (1 - power(t)) * mean)
        start = follows(self.name(f"{field}-start"), "Before the first step both are 0.",
                        [self.run.coord_start(field), self.run.shared_start(power.__name__)],
                        said.subs({t: 0}))  # fmt: skip
        kept = follows(self.name(f"{field}-kept"), "A mean of the gradient and of a share of it is a larger share.",
                       [now(self.run.coord(field)), now(self.run.shared(power.__name__)), at(assume(CONSTANT), t + 1)],
                       said.subs({t: t + 1}), given=[said])  # fmt: skip
        return induction(said, t, 0, start, kept)

    def correction(self, field: str, power: Any) -> Fact:
        """What the rule divides a moment by, from the power of this step, t >= 1."""
        share = 1 - power(t)
        by_root = field == "c2" and self.rule.name != "adamomentum"
        wanted = equal(sequences(field)(t), sympy.sqrt(share) if by_root else share)
        return restate(self.run.shared(field), wanted, self.run.shared(power.__name__))

    def corrected(self, moment: Any, field: str, power: Any, divisor: Any, mean: Any) -> Fact:
        """moment / divisor = mean, t >= 1."""
        filled = self.first_moment() if moment == m else self.second_moment()
        facts = [under(filled, t >= 1), self.correction(field, power), self.small(power)]
        return follows(self.name(f"{moment.__name__}-corrected"), "The correction is the share that is there.",
                       facts, equal(moment(t, i) / divisor, mean))  # fmt: skip

    def divisor(self, field: str, power: Any) -> Fact:
        """The divisor by the options alone, t >= 1."""
        return replace(self.correction(field, power), under(self.power(power), t >= 1))

    def claim(self, title: str, parts: tuple[Fact, ...], given: tuple[Any, ...] = (), note: str = "") -> Claim:
        return Claim(
            id=f"D-bias-{self.rule.name}",
            title=title,
            statement=Statement(
                given=(self.run.hypothesis, CONSTANT, *RANGE, t >= 1, *given),
                then=sympy.And(*(part.then for part in parts)),
                where=((slope, "the constant gradient, by coordinate"), (m, "first moment"), (v, "second moment"),
                       (c1, "what the first is divided by"), (c2, "what the second or its root is divided by")),
            ),
            source=SOURCE,
            kind="identity",
            proof=parts,
            note=note,
        )  # fmt: skip


ADAM = Corrected(rules.get("adam"))
AMSGRAD = Corrected(rules.get("amsgrad"))
ADAMOMENTUM = Corrected(rules.get("adamomentum"))
mean1, mean2 = slope(i), slope(i) ** 2
MOVES = sympy.Abs(mean1) + eps > 0  # else the step is 0/0


def two(rule: Corrected) -> tuple[Fact, ...]:
    """Both moments of a rule that divides by 1 - beta1^t and by the root of 1 - beta2^t."""
    return (
        rule.corrected(m, "c1", power1, c1(t), mean1), rule.corrected(v, "c2", power2, c2(t) ** 2, mean2),
        rule.divisor("c1", power1), rule.divisor("c2", power2),
    )  # fmt: skip


def step_of_adam() -> Fact:
    """Adam's step is then sign descent, up to eps."""
    moved = ADAM.run.iterate()
    for field in ("m", "v"):
        moved = replace(moved, ADAM.run.coord(field), backwards=True)
    facts = [under(ADAM.second_moment(), t >= 1), ADAM.correction("c2", power2), ADAM.small(power2)]
    root = follows(ADAM.name("root"), "The root of the corrected second moment is the gradient's size.", facts,
                   equal(sympy.sqrt(v(t, i)) / c2(t), sympy.Abs(mean1)))  # fmt: skip
    mean = restate(under(ADAM.first_moment(), t >= 1), equal(m(t, i), c1(t) * mean1), ADAM.correction("c1", power1))
    divides = weaken(mean, 0 <= beta1, beta1 < 1)  # so that c1 > 0, by `small`
    signed = equal(theta(t + 1, i), theta(t, i) - alpha_t(t) * mean1 / (sympy.Abs(mean1) + eps))
    return weaken(restate(moved, signed, root, divides), MOVES)


def largest_so_far() -> Fact:
    """AMSGrad's largest second moment is the newest one, for every t >= 0: the share grows."""
    said = equal(vhat(t, i), v(t, i))
    start = follows(AMSGRAD.name("vhat-start"), "Before the first step both are 0.",
                    [AMSGRAD.run.coord_start("vhat"), AMSGRAD.run.coord_start("v")], said.subs({t: 0}))  # fmt: skip
    filled = [AMSGRAD.second_moment(), now(AMSGRAD.second_moment())]
    grown = replace(now(AMSGRAD.run.coord("vhat")), now(AMSGRAD.run.coord("v")), backwards=True)
    kept = follows(AMSGRAD.name("vhat-kept"), "The newest second moment is the largest.",
                   [grown, now(AMSGRAD.run.shared("power2")), AMSGRAD.share(power2), *filled],
                   said.subs({t: t + 1}), given=[said, 0 <= beta2, beta2 < 1])  # fmt: skip
    return under(induction(said, t, 0, start, kept), t >= 1)


OF_ADAM = ADAM.claim(
    "Adam's bias corrections: the moments of a constant gradient are exact from step 1 on, and it descends signs",
    (*two(ADAM), step_of_adam()), (MOVES,),
)  # fmt: skip
OF_AMSGRAD = AMSGRAD.claim(
    "AMSGrad's bias corrections: on a constant gradient the moments are exact from step 1 on",
    (*two(AMSGRAD), largest_so_far()), note="With bias_correction = true, as torch has it.",
)  # fmt: skip
OF_ADAMOMENTUM = ADAMOMENTUM.claim(
    "AdaMomentum's bias corrections: on a constant gradient the first moment is exact from step 1 on",
    (ADAMOMENTUM.corrected(m, "c1", power1, c1(t), mean1), ADAMOMENTUM.divisor("c1", power1),
     ADAMOMENTUM.divisor("c2", power2)),
    note="The second moment is of the momentum, uncorrected, and holds eps: 1 - beta2^t corrects it only in the limit.",
)  # fmt: skip
