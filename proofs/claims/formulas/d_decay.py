"""D-decay: what weight decay does in every rule that has it."""

from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Rule, Source
from proofs.inference.derivation import Fact, assume, follows, replace, under
from proofs.models.symbolic_run import Run, numbers
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, sequences
from proofs.statements.vocabulary import alpha_t, eps, g, i, lam, t, theta

penalized, m, v, c1, c2 = sequences("ghat m v c1 c2")
# the gradient at theta_t of f_t + lambda/2 |theta|²
PENALIZED: Any = sympy.Eq(penalized(t, i), g(t, i) + lam * theta(t, i), evaluate=False)


def told(name: str, words: str, facts: list[Fact], left: Any, right: Any) -> Fact:
    """left = right for every step, from what the rule's own step computes."""
    return under(follows(name, words, facts, sympy.Eq(left, right, evaluate=False)), t >= 1)


def coupled(rule: Rule) -> Claim:
    """A step with decay is a step without, on the gradient of the penalized loss."""
    run, plain = Run(rule, box=False, **numbers(rule)), Run(rule, box=False, **{**numbers(rule), "weight_decay": 0})
    memory, moved = plain.stepped(g=penalized(t, i))
    wanted = [(run.iterate(), moved), *((run.coord(f), getattr(memory, f)) for f in rule.Coord._fields)]
    parts = [
        told(f"D-decay-{rule.name}.{fact.then.lhs.func}", "The decay enters through the gradient and nowhere else.",
             [fact, assume(PENALIZED)], fact.then.lhs, right)
        for fact, right in wanted
    ]  # fmt: skip
    return Claim(
        id=f"D-decay-{rule.name}",
        title=f"{rule.title}: weight decay descends the loss plus lambda/2 |theta|²",
        statement=Statement(
            given=(run.hypothesis, PENALIZED, t >= 1),
            then=sympy.And(*(part.then for part in parts)),
            where=((penalized, "gradient of f_t + lambda/2 |theta|² at theta_t"), (lam, "weight decay")),
        ),
        source=Source("loshchilov2019", "Section 2, on decay that is added to the gradient"),
        kind="identity",
        proof=tuple(parts),
        note="The recurrence on the right is the rule's own without decay, with the penalized gradient for g_t.",
    )


SGD, HEAVY_BALL, NESTEROV, LCAM = (coupled(rules.get(name)) for name in ("sgd", "heavy-ball", "nesterov", "lcam"))


def decoupled() -> Claim:
    """AdamW: the iterate shrinks, and what Adam then does has not seen the decay."""
    adamw, adam = rules.get("adamw"), rules.get("adam")
    run, plain = Run(adamw, box=False, **numbers(adamw)), Run(adam, box=False, **numbers(adam))
    memory, _ = plain.stepped()
    adams: Any = sympy.Eq(m(t, i), memory.m, evaluate=False) & sympy.Eq(v(t, i), memory.v, evaluate=False)
    step = alpha_t(t) * (m(t, i) / c1(t)) / (sympy.sqrt(v(t, i)) / c2(t) + eps)
    moved: Any = sympy.Eq(theta(t + 1, i), (1 - alpha_t(t) * lam) * theta(t, i) - step, evaluate=False)
    moments = run.coord("m"), run.coord("v")
    return Claim(
        id="D-decay-adamw",
        title="AdamW: the decay shrinks the iterate by 1 - alpha_t lambda and enters no moment",
        statement=Statement(
            given=(run.hypothesis, t >= 1),
            then=adams & moved,
            where=((m, "first moment"), (v, "second moment"), (lam, "weight decay"), (c1, "bias correction"),
                   (c2, "bias correction, its root")),
        ),
        source=Source("loshchilov2019", "Algorithm 2, with the decay multiplied by the step size"),
        kind="identity",
        proof=(*moments, replace(replace(run.iterate(), moments[0], backwards=True), moments[1], backwards=True)),
        note="The moments are Adam's own, of the gradient alone.",
    )  # fmt: skip


ADAMW = decoupled()
