"""W5: a window of omega bounds the step by alpha sqrt(omega), whatever the gradients."""

from dwmgrad_ref.rules.base import Source
from proofs.claims.window.w3_weights import SIGN
from proofs.claims.window.w5_any_moment import ALMOST, MOMENTUM, STEP_SIZE, WINDOW, last, new, window
from proofs.claims.window.w5_any_moment import CLAIM as ANY
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    for_all,
    lemma,
    replace,
    restate,
    theorem,
    under,
    use,
)
from proofs.models.window import AT_LEAST_ONE, AT_REST, EMPTY, ITERATE, MOMENT, NOT_ZERO, VELOCITY, equal, moment
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement
from proofs.statements.vocabulary import G, V, alpha, delta, eps, g, gamma, i, omega, t, theta

SOURCE = Source("dwmgrad", "Algorithm 1", also=(Source("dwmgradnotes", "W5"),))


def newest_term() -> Fact:
    """The newest square is one of the terms of the window times the moment."""
    terms = lemma(
        "W5-moment.term", "The moment is at least its newest term.", [window >= 1, last >= 0],
        new**2 <= window * moment(window, last, new), [new**2 <= ALMOST * window * moment(window, last, new)],
    )  # fmt: skip
    terms = use(terms, {window: omega(t), last: G(t - 1, i), new: g(t, i)})
    terms = discharge(terms, use(theorem(SIGN), {t: t - 1}), at(assume(AT_LEAST_ONE), t))
    return under(replace(terms, at(assume(MOMENT), t), backwards=True), t >= 1)


NEWEST = Claim(
    id="W5-moment",
    title="the newest square is at most the window times the moment",
    statement=Statement(
        given=(MOMENT, EMPTY, AT_LEAST_ONE, t >= 1),
        then=g(t, i) ** 2 <= omega(t) * G(t, i),
    ),
    source=SOURCE,
    kind="inequality",
    proof=(newest_term(),),
    note="It is sharp: from G_{t-1} = 0 both sides are equal.",
)  # fmt: skip


SPARSE = (MOMENT, EMPTY, WINDOW, STEP_SIZE, NOT_ZERO, eps >= 0, t >= 1)


def bounded() -> Fact:
    """W5-any for the window's own moment."""
    newest, sign = (for_all(under(theorem(fact), t >= 1), t, t >= 1) for fact in (NEWEST, SIGN))
    here = at(assume(VELOCITY), t)
    velocity = replace(here, at(assume(MOMENT), t), backwards=True)
    moved = restate(at(assume(ITERATE), t), equal(theta(t + 1, i), theta(t, i) - V(t, i)), here)
    known = discharge(theorem(ANY), newest, sign, for_all(velocity, t, t >= 1))
    return discharge(known, for_all(moved, t, t >= 1))


CLAIM = Claim(
    id="W5",
    title="bounded step",
    statement=Statement(
        given=(*SPARSE, VELOCITY, ITERATE, AT_REST, MOMENTUM, alpha > 0, delta >= 1, gamma >= 0, gamma < 1),
        then=bounded().then,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(bounded(),),
    note="No projection is meant. With eps = 0 the step is 0/0 until the first gradient "
    "that is not 0; the rule's floats give nan there.",
)
