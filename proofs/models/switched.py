"""LCAM on a quadratic: the two recurrences that the claims R9 are about, taken from the rule's own code.

Coordinate i has curvature kappa_i and minimum m_i, both of the loss with its weight decay. With x = theta - m and
w = alpha V a step is w' = mu w + a x, x' = x - w', where a = alpha kappa: only a and the coefficients matter.
"""

from collections.abc import Mapping
from typing import Any

import sympy

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    both,
    discharge,
    follows,
    for_all,
    induction,
    lemma,
    part,
    under,
    use,
)
from proofs.inference.limits import limit_of
from proofs.models.polygon import Switched
from proofs.models.symbolic_run import Run
from proofs.models.window import equal, every_step
from proofs.statements.statement import ForAll, Tends, reals, sequences, substitute
from proofs.statements.vocabulary import V, alpha, g, i, lam, mu_t, t, theta

LCAM = rules.get("lcam")
SOURCE = Source("lcam", "the LCAM update", also=(Source("dwmgradnotes", "R9"),))

below, above, epoch = reals("below above epoch")
RUN = Run(LCAM, box=False, alpha=alpha, below=below, above=above, weight_decay=lam, epoch=epoch)
ENDLESS = Run(LCAM, box=False, alpha=alpha, below=below, above=above, weight_decay=lam)

kappa, m, x, w = sequences("kappa m x w")
A = alpha * kappa(i)
QUADRATIC = equal(g(t, i) + lam * theta(t, i), kappa(i) * (theta(t, i) - m(i)))
MOMENTUM, MOVE = RUN.coord("V").then, RUN.iterate().then
STEPS = (every_step(MOMENTUM), every_step(MOVE), every_step(QUADRATIC))
WHERE = (
    (kappa, "curvature in coordinate i of the loss with its weight decay; coordinates are along the eigenvectors"),
    (m, "minimum in coordinate i of the loss with its weight decay"),
    (lam, "weight decay"),
    (mu_t, "coefficient of step t"),
)

a = reals("a")
NEXT_W, NEXT_X = equal(w(t), mu_t(t) * w(t - 1) + a * x(t)), equal(x(t + 1), x(t) - w(t))
u, v, letter = reals("u v mu")  # theta - m, alpha V and the coefficient of one step
NEXT_VELOCITY = letter * v + a * u
SWITCHED = Switched((x, w), (u - NEXT_VELOCITY, NEXT_VELOCITY), mu_t, t, (u, v, letter, a))
VANISHES = Tends(t, theta(t, i), m(i)) & Tends(t, V(t, i), sympy.S.Zero)


def among(*coefficients: Any) -> ForAll:
    """Every step's coefficient is one of these."""
    return every_step(sympy.Or(*(equal(mu_t(t), sympy.sympify(c)) for c in coefficients)))


def scaled() -> Mapping[Any, Any]:
    """x, w and a for coordinate i of a run."""
    return {x: sympy.Lambda((t,), theta(t, i) - m(i)), w: sympy.Lambda((t,), alpha * V(t, i)), a: A}


def recurrences() -> tuple[Fact, Fact]:
    """NEXT_W and NEXT_X of a run's x and w, for every t."""
    known = [at(assume(e), t) for e in STEPS]
    first = follows("R9.w", "The velocity times the step size takes the step's coefficient and the gradient.",
                    [known[0], known[2]], substituted(NEXT_W))  # fmt: skip
    second = follows("R9.x", "The iterate moves by it.", [known[0], known[1]], substituted(NEXT_X))
    return tuple(for_all(under(fact, t >= 1), t, t >= 1) for fact in (first, second))  # type: ignore[return-value]


def substituted(e: Any) -> Any:
    """What speaks of x, w and a, for coordinate i of a run."""
    head = {function: body for function, body in scaled().items() if function is not a}
    for function, body in head.items():
        e = e.replace(lambda p, f=function: getattr(p, "func", None) == f, lambda p, b=body: b(*p.args))
    return e.subs(a, A)


def of_run(fact: Fact) -> Fact:
    """A fact about x and w of NEXT_W and NEXT_X, for every t, used for coordinate i of a run."""
    return discharge(use(fact, scaled()), *recurrences())


def of_switched(found: Fact) -> Fact:
    """A fact that x and w of SWITCHED tend to 0, used for coordinate i of a run: its iterate and its velocity do."""
    known = [at(assume(every_step(e)), t) for e in (NEXT_W, NEXT_X)]
    moved = follows("R9.move", "The iterate's move is the velocity of the step.", known,
                    SWITCHED.steps[0].args[2])  # fmt: skip
    found = of_run(discharge(found, for_all(under(moved, t >= 1), t, t >= 1)))
    x_to_zero, w_to_zero = (part(found, Tends(t, substituted(e), sympy.S.Zero)) for e in (x(t), w(t)))
    return vanishes(x_to_zero, w_to_zero)


def coefficients(run: Run) -> Fact:
    """The rule's own coefficients are the two options, whatever its losses and epochs."""

    def one(field: str, when: Any = t) -> Any:
        value = run.sequence(field)(when)
        return equal(value, below) | equal(value, above)

    start = follows("R9.start", "The first coefficient is one of the two.", [run.shared_start("next")],
                    substitute(one("next"), {t: 0}), [equal(run.sequence("next")(0), below)])  # fmt: skip
    chosen = follows("R9.next", "Whatever the loss, the next one is one of the two.",
                     [use(run.shared("next"), {t: t + 1})],
                     substitute(one("next"), {t: t + 1}), [equal(run.sequence("next")(t + 1), below)])  # fmt: skip
    chosen = under(chosen, t >= 0)
    kept = induction(one("next"), t, 0, start, chosen)
    taken = follows("R9.taken", "A step takes the coefficient that the step before it chose.",
                    [run.shared("mu"), use(kept, {t: t - 1})], one("mu"), [equal(mu_t(t), below)])  # fmt: skip
    return for_all(under(taken, t >= 1), t, t >= 1)


def vanishes(x_to_zero: Fact, w_to_zero: Fact) -> Fact:
    """From x and w of a run to its iterate and its velocity."""
    p = reals("p")
    iterate = limit_of(p + m(i), {p: x_to_zero})
    divides = lemma("R9.divides", "The step size is not 0.", [alpha > 0], sympy.Ne(alpha, 0), [alpha > 1])
    return both(iterate, discharge(limit_of(p / alpha, {p: w_to_zero}), divides))
