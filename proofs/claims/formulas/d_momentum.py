"""D-momentum: the coefficient of every rule whose momentum is constant, and when LCAM's is chosen."""

from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule, Source
from proofs.inference.derivation import Fact, assume, at, empty_sum, follows, induction, longer_sum, replace, under, use
from proofs.models.symbolic_run import Run, numbers
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, reals, sequences
from proofs.statements.vocabulary import f, gamma, mu, mu_t, s, t


def constant(rule: Rule, coefficient: Any, source: Source, **choices: Any) -> Claim:
    """mu_t is the option, at every step."""
    run = Run(rule, box=False, **numbers(rule), **choices)
    said: Any = sympy.Eq(mu_t(t), coefficient, evaluate=False)
    return Claim(
        id=f"D-momentum-{rule.name}",
        title=f"{rule.title}: constant momentum",
        statement=Statement(given=(run.hypothesis, t >= 1), then=said),
        source=source,
        kind="identity",
        proof=(run.shared("mu"),),
    )


HEAVY_BALL = constant(rules.get("heavy-ball"), mu, Source("polyak1964", "the two-step method"))
NESTEROV = constant(rules.get("nesterov"), mu, Source("sutskever2013", "Equations 3-4, with one coefficient"))
RMSPROP = constant(rules.get("rmsprop"), mu, Source("graves2013", "the RMSProp update with momentum"))
DWMGRAD = constant(
    rules.get("dwmgrad"), gamma, Source("dwmgrad", "Algorithm 1, momentum not tied"), momentum="constant"
)

# --- LCAM -------------------------------------------------------------------------------------------------------

below, above, epoch = reals("below above epoch")
steps, total, following = sequences("e total next")
LCAM_RUN = Run(rules.get("lcam"), box=False, **numbers(rules.get("lcam")))
ONE_EPOCH = ForAll(t, t >= 1, epoch > t)
LOSSES = sympy.Sum(f(s), (s, 1, t))


def counted() -> Fact:
    """Within one epoch e_t = t, for every t >= 0."""
    said = sympy.Eq(steps(t), t, evaluate=False)
    kept = follows("D-lcam.counted", "A step that does not end the epoch is counted.",
                   [use(LCAM_RUN.shared("e"), {t: t + 1}), at(assume(ONE_EPOCH), t + 1)], said.subs({t: t + 1}),
                   given=[said])  # fmt: skip
    return induction(said, t, 0, LCAM_RUN.shared_start("e"), kept)


def summed() -> Fact:
    """total_t is the sum of the losses, for every t >= 0."""
    said = sympy.Eq(total(t), LOSSES, evaluate=False)
    start = follows("D-lcam.no-loss", "Before the first step there is none.",
                    [LCAM_RUN.shared_start("total"), empty_sum(f(s), s)], said.subs({t: 0}))  # fmt: skip
    kept = follows("D-lcam.summed", "A step adds its loss.",
                   [use(LCAM_RUN.shared("total"), {t: t + 1}), at(assume(ONE_EPOCH), t + 1), counted(),
                    longer_sum(f(s), s, t)], said.subs({t: t + 1}), given=[said])  # fmt: skip
    return induction(said, t, 0, start, kept)


def chosen() -> Fact:
    """The coefficient of the step after next is chosen from the loss and the mean, t >= 1."""
    facts = [LCAM_RUN.shared("next"), use(counted(), {t: t - 1}), use(summed(), {t: t - 1}),
             use(longer_sum(f(s), s, t), {t: t - 1})]  # fmt: skip
    coefficient = sympy.Piecewise((below, f(t) < LOSSES / t), (above, True))
    after = follows("D-lcam.chosen", "The epoch's mean has the newest loss in it.", facts,
                    sympy.Eq(following(t), coefficient, evaluate=False), given=[t >= 1])  # fmt: skip
    handed = use(LCAM_RUN.shared("mu"), {t: t + 1})
    return under(replace(handed, after), t >= 1)


def first() -> Fact:
    return replace(use(LCAM_RUN.shared("mu"), {t: 1}), LCAM_RUN.shared_start("next"))


LCAM = Claim(
    id="D-lcam",
    title="LCAM's coefficient is set after the step, by the loss against the mean of its epoch",
    statement=Statement(
        given=(LCAM_RUN.hypothesis, ONE_EPOCH, t >= 1),
        then=sympy.And(chosen().then, first().then),
        where=((below, "coefficient after a loss below the mean"), (above, "coefficient after any other loss"),
               (epoch, "steps in an epoch"), (f, "f_t is the loss at the iterate theta_t")),
    ),
    source=Source("lcam", "the LCAM update"),
    kind="identity",
    proof=(chosen(), first()),
    note="Within one epoch. The loss of step t changes the momentum of step t + 1, never its own.",
)  # fmt: skip
