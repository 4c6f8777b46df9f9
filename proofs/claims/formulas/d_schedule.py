"""D-schedule: the step size of every rule that has a schedule, from its own functions."""

from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule, Source
from proofs.inference.derivation import Fact, assume, induction, replace, under, use
from proofs.models.symbolic_run import Run, numbers
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement
from proofs.statements.vocabulary import alpha, alpha_t, t


def step_size(run: Run) -> Fact:
    """alpha_t in terms of the options, t >= 1; the guard of DWMGrad, which could halve it, is off."""
    fact = run.shared("alpha")
    if "scale" not in run.rule.Shared._fields:
        return fact
    scale = run.sequence("scale")
    said = sympy.Eq(scale(t), 1, evaluate=False)
    whole = induction(said, t, 0, run.shared_start("scale"),
                      replace(use(run.shared("scale"), {t: t + 1}), assume(said)))  # fmt: skip
    return under(replace(fact, use(whole, {t: t - 1})), t >= 1)


def claim(rule: Rule, schedule: str) -> Claim:
    run = Run(rule, box=False, **numbers(rule), schedule=schedule)
    told = {"sqrt": alpha / sympy.sqrt(t), "constant": alpha}[schedule]
    said: Any = sympy.Eq(alpha_t(t), told, evaluate=False)
    return Claim(
        id=f"D-{schedule}-{rule.name}",
        title=f"{rule.title}: the step size of schedule {schedule}",
        statement=Statement(
            given=(run.hypothesis, t >= 1), then=said
        ),
        source=Source("zinkevich2003", "Theorem 1: step sizes that fall as 1/sqrt(t)"),
        kind="identity",
        proof=(step_size(run),),
    )  # fmt: skip


_WITH_SCHEDULE = [rules.get(name) for name in ("sgd", "adam", "adamw", "amsgrad", "adamomentum", "dwmgrad")]
SGD, ADAM, ADAMW, AMSGRAD, ADAMOMENTUM, DWMGRAD = (claim(rule, "sqrt") for rule in _WITH_SCHEDULE)
SGD_0, ADAM_0, ADAMW_0, AMSGRAD_0, ADAMOMENTUM_0, DWMGRAD_0 = (claim(rule, "constant") for rule in _WITH_SCHEDULE)
