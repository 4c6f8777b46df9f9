"""The step sizes of a run with the schedule alpha/sqrt(t) or constant: what the drift lemma asks of them."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from collections.abc import Callable
from functools import wraps
from typing import Any

import sympy

from proofs.claims.failure.r6_drift_lemma import c, elapsed
from proofs.inference.derivation import (
    Fact,
    assume,
    discharge,
    eventually,
    evident,
    follows,
    for_all,
    induction,
    limit,
    longer_sum,
    replace,
    under,
    use,
)
from proofs.inference.limits import constant_limit, restated_limit
from proofs.models.symbolic_run import Run
from proofs.statements.statement import reals, substitute
from proofs.statements.vocabulary import alpha, alpha_t, s, t


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


def kept(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of `Capped` whose facts are made once, so that a step of the proof is one step wherever it is used."""

    @wraps(method)
    def found(self: Any, *args: Any) -> Any:
        key = (method.__name__, *args)
        if key not in self.made:
            self.made[key] = method(self, *args)
        return self.made[key]

    return found


x, y = reals("x y")
FROM_ONE = eventually(assume(t >= 1), t)

FROM_ZERO = eventually(assume(t >= 0), t)


class Scheduled:
    """The facts about alpha_t of one run; `constant` says whether the step size is.

    Without the guard, for a positive alpha.
    """

    def __init__(self, run: Run, constant: bool):
        self.made: dict[Any, Any] = {}
        self.run, self.constant = run, constant

    @kept
    def step_size(self) -> Fact:
        """alpha_t = alpha/sqrt(t), or alpha, for t >= 1: the guard is off."""
        scale = self.run.sequence("scale")
        kept = follows(
            "R6.scale",
            "The guard takes nothing from the step size.",
            [use(self.run.shared("scale"), {t: t + 1})],
            equal(scale(t + 1), 1),
            given=[equal(scale(t), 1)],
        )
        one = induction(equal(scale(t), 1), t, 0, self.run.shared_start("scale"), kept)
        return replace(self.run.shared("alpha"), discharge(use(one, {t: t - 1})))

    @kept
    def schedule(self) -> tuple[Fact, ...]:
        """What R6-drift asks of the step size: positive, never growing, slowly falling, with a sum without bound."""
        now, later = self.step_size(), use(self.step_size(), {t: t + 1})
        step = sympy.sqrt(t) if not self.constant else sympy.S.One
        following = sympy.sqrt(t + 1) if not self.constant else sympy.S.One
        positive = follows(
            "R6.positive",
            "The step size is positive.",
            [now],
            alpha_t(t) > 0,
            [alpha_t(t) > sympy.Rational(1, 100)],
            given=[alpha > 0, t >= 1],
        )
        shrinks = follows(
            "R6.shrinks",
            "It never grows.",
            [now, later],
            alpha_t(t + 1) <= alpha_t(t),
            [alpha_t(t + 1) <= alpha_t(t) * 99 / 100],
            given=[alpha > 0, t >= 1],
        )
        ratios = []
        for name, over, limit_ratio in (
            ("ratio", alpha_t(t + 1) / alpha_t(t), step / following),
            ("inverse", alpha_t(t) / alpha_t(t + 1), following / step),
        ):
            same = follows(
                f"R6.{name}",
                "Two steps that follow each other differ by the ratio of their roots.",
                [now, later],
                equal(over, limit_ratio),
                given=[alpha > 0, t >= 1],
            )
            tends = (
                constant_limit(1, t)
                if self.constant
                else limit(f"R6.{name} limit", "It tends to 1.", limit_ratio, t, 1, 2)
            )
            ratios.append(restated_limit(tends, eventually(same, t)))
        return for_all(positive, t, t >= 1), for_all(under(shrinks, t >= 1), t, t >= 1), *ratios, self.without_bound()

    @kept
    def without_bound(self) -> Fact:
        """The sums of the step sizes exceed every number."""
        total = elapsed(t)
        least = alpha * (t - 1) if self.constant else 2 * alpha * (sympy.sqrt(t) - 1)
        base = evident(substitute(total >= least, {t: sympy.S.One}))  # before the first step nothing is summed
        more = longer_sum(alpha_t(s), s, t - 1)
        step = follows(
            "R6.steps",
            "A step adds at least what the bound grows by.",
            [more, self.step_size()],
            substitute(total >= least, {t: t + 1}),
            [substitute(total >= least, {t: t + 1}).lhs >= substitute(least, {t: t + 1}) + alpha / 100],
            given=[total >= least, alpha > 0, t >= 1],
            parts={x: total, y: substitute(total, {t: t + 1})},
        )
        grows = induction(total >= least, t, 1, base, step)
        enough = c / alpha + 1 if self.constant else (c / (2 * alpha) + 1) ** 2
        exceeds = follows(
            "R6.exceeds",
            "So it exceeds any number from some step on.",
            [grows],
            c <= total,
            [c <= total * 99 / 100],
            given=[t >= enough, alpha > 0, c > 0],
            parts={x: total},
        )
        return for_all(eventually(exceeds, t), c, c > 0)

    @kept
    def step_size_vanishes(self) -> Fact:
        """alpha_t tends to 0 under the schedule alpha/sqrt(t)."""
        tends = limit("R6.vanishing", "The step size tends to 0.", alpha / sympy.sqrt(t), t, 0, 1)
        return restated_limit(tends, eventually(self.step_size(), t))
