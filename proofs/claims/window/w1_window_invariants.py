"""W1: the window stays in [1, delta], moves by at most one, and the momentum stays in [0, gamma]."""

from itertools import product
from typing import Any

import sympy
import z3

from dwmgrad_ref.errors import BadOption
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_smt import Obligation, exists, forall
from proofs.checkers.by_smt import reals as unknowns
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    follows,
    induction,
    lemma,
    replace,
    theorem,
    under,
    use,
)
from proofs.models.window import FIRST, MOVES, RANGE, TIED, UNCAPPED, b, moved, tied
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, advance, record
from proofs.statements.statement import Statement, conjuncts, reals, substitute
from proofs.statements.vocabulary import delta, gamma, mu_t, omega, omega0, t

SOURCE = Source("dwmgrad", "Algorithm 1, the window and the momentum", also=(Source("dwmgradnotes", "W1"),))
ALMOST = sympy.Rational(99, 100)
TOTAL = ((b, "the signal summed since the last reset, step t's included; any number"),)
w, total, cap = reals("w b delta")
INSIDE = (0 <= omega(t)) & (omega(t) <= delta)
LATER = {t: t + 1}


def step(cap: Any, given: list[Any], then: list[Any], sharper: list[Any], name: str) -> Fact:
    """One move of the window from omega_{t-1}, by the formula that runs."""
    after = moved(w, total, cap)
    put = {omega(t): after, omega(t - 1): w}
    found = lemma(name, "A move adds or takes one and then goes to the nearer end of the range.", given,
                  sympy.And(*then).xreplace(put), [e.xreplace(put) for e in sharper])  # fmt: skip
    return use(found, {w: omega(t - 1), total: b(t)})


MOVE = sympy.Abs(omega(t) - omega(t - 1))
THEN = [omega(t) >= 1, omega(t) <= delta, MOVE <= 1]


def one_move() -> Fact:
    """The whole conclusion for step t, from omega_{t-1} in [0, delta]."""
    sharper = [omega(t) >= 1 / ALMOST, omega(t) <= ALMOST * delta, MOVE <= ALMOST]
    moves = step(delta, [delta >= 1, 0 <= w, w <= delta], THEN, sharper, "W1.step")
    return replace(moves, at(assume(MOVES), t), backwards=True)


def inside() -> Fact:
    """omega_t in [0, delta] for t >= 0 by induction."""
    base = follows("W1.base", "The window starts at omega_0.", [assume(FIRST), assume(RANGE)],
                   substitute(INSIDE, {t: 0}),
                   [omega(0) >= sympy.Rational(1, 10), omega(0) <= ALMOST * delta])  # fmt: skip
    after = use(one_move(), LATER)
    wider = follows("W1.inside", "What is at least 1 is not negative.", [after], substitute(INSIDE, LATER),
                    [omega(t + 1) >= 1 / ALMOST, omega(t + 1) <= ALMOST * delta])  # fmt: skip
    return induction(INSIDE, t, 0, base, wider)


def window() -> Fact:
    return under(discharge(one_move(), use(inside(), {t: t - 1})), t >= 1)


def everywhere() -> Any:
    """Every signal, reset, guard and momentum: one step of the whole shared state from any state."""
    omega, delta, gamma = unknowns("omega delta gamma")
    names = "e last s beta jumps loss alpha epoch guard_threshold"
    e, last, s, beta, jumps, loss, alpha, epoch, threshold = unknowns(names)
    before = {"t": 1, "e": e, "last": last, "s": s, "beta": beta, "jumps": jumps, "omega": omega}
    after = []
    choices = product(DWMGRAD.choices("signal"), (True, False), (True, False), DWMGRAD.choices("momentum"))
    for signal, reset, guard, momentum in choices:
        o = record(DWMGRAD, signal=signal, reset=reset, guard=guard, momentum=momentum, alpha=alpha, epoch=epoch,
                   guard_threshold=threshold, delta=delta, gamma=gamma)  # fmt: skip
        after.append(advance(DWMGRAD, o, loss, before))
    given = {
        "delta >= 1": delta >= 1,
        "0 <= omega <= delta": z3.And(omega >= 0, omega <= delta),
        "0 <= gamma < 1": z3.And(gamma >= 0, gamma < 1),
    }
    inside = z3.And(*(z3.And(k.omega >= 1, k.omega <= delta, k.mu >= 0, k.mu <= gamma) for k in after))
    near = z3.And(*(z3.And(k.omega - omega <= 1, omega - k.omega <= 1) for k in after))
    sharper = {
        "omega' <= 99/100 delta": z3.And(*(k.omega <= 0.99 * delta for k in after)),
        "|move| <= 99/100": z3.And(*(k.omega - omega <= 0.99 for k in after)),
        "mu' <= 99/100 gamma": z3.And(*(k.mu <= 0.99 * gamma for k in after)),
    }
    return Obligation(given, z3.And(inside, near), sharper)


def same_range() -> Found:
    """The rule accepts options exactly where the hypotheses on them hold, at the ends of the ranges and beside them."""
    hypotheses = [*conjuncts(RANGE), gamma >= 0, gamma < 1]
    values = {delta: (0, sympy.Rational(1, 2), 1, 2, sympy.oo), omega0: (-1, 0, 1, sympy.Rational(3, 2), 2, 3),
              gamma: (sympy.Rational(-1, 10), 0, sympy.Rational(1, 2), 1, 2)}  # fmt: skip
    agree, refused = True, 0
    for point in product(*values.values()):
        at_point = dict(zip(values, point, strict=True))
        holds = all(bool(h.subs(at_point)) for h in hypotheses)
        try:
            DWMGRAD.options(**{symbol.name: float(value) for symbol, value in at_point.items()})
            agree &= holds
        except BadOption:
            agree, refused = agree and not holds, refused + 1
    return agree, refused > 0, f"accepted exactly in the range; {refused} of {5 * 6 * 5} points are outside", None


def beyond() -> Found:
    """Beside the range the statement fails, so the rule is right to refuse."""
    wide = moved(5, sympy.Integer(1), 3)  # omega_0 = 5 > delta = 3
    low = moved(sympy.Rational(1, 2), sympy.Integer(-1), sympy.Rational(1, 2))  # delta = 1/2 < 1
    witness = {"omega_0": 5, "delta": 3, "omega_1": str(wide), "delta below 1": "1/2", "omega_1 there": str(low)}
    return (
        abs(wide - 5) > 1 and low > sympy.Rational(1, 2),
        abs(moved(3, sympy.Integer(1), 3) - 3) <= 1,
        f"from omega_0 = 5 with delta = 3 the window jumps to {wide}; with delta = 1/2 it is {low}",
        witness,
    )


CLAIM = Claim(
    id="W1",
    title="window invariants",
    statement=Statement(given=(MOVES, FIRST, RANGE, t >= 1), then=sympy.And(*THEN), where=TOTAL),
    source=SOURCE,
    kind="inequality",
    proof=(window(),),
    controls=(
        forall("W1.signals", "Every signal, with or without reset and guard, moves the window so.", everywhere),
        exact("W1.options", "The rule accepts exactly the options for which the claim is made.", same_range),
        exact("W1.beyond", "Outside that range the claim fails.", beyond),
    ),
    note="It does not ask how b_t comes about, so it holds for every loss signal, with or without reset and guard. "
    "omega_0 < 1 is allowed (R3 needs omega_0 = 0); from such a start a narrowing step widens to 1. delta = inf is "
    "W1-uncapped.",
)


def uncapped() -> Fact:
    """Without cap, from omega_0 >= 0."""
    inside = omega(t) >= 0
    base = follows("W1-uncapped.base", "The window starts at omega_0.", [assume(FIRST)], substitute(inside, {t: 0}),
                   [omega(0) >= sympy.Rational(1, 10)], given=[omega0 >= 0])  # fmt: skip
    moves = step(sympy.oo, [w >= 0], [THEN[0], THEN[2]], [omega(t) >= 1 / ALMOST, MOVE <= ALMOST], "W1-uncapped.step")
    moves = replace(moves, at(assume(UNCAPPED), t), backwards=True)
    kept = follows("W1-uncapped.inside", "What is at least 1 is not negative.", [use(moves, LATER)],
                   substitute(inside, LATER), [omega(t + 1) >= 1 / ALMOST])  # fmt: skip
    never_negative = induction(inside, t, 0, base, kept)
    return under(discharge(moves, use(never_negative, {t: t - 1})), t >= 1)


UNBOUNDED = Claim(
    id="W1-uncapped",
    title="window invariants without a cap",
    statement=Statement(given=(UNCAPPED, FIRST, omega0 >= 0, t >= 1), then=THEN[0] & THEN[2], where=TOTAL),
    source=SOURCE,
    kind="inequality",
    proof=(uncapped(),),
    note="With delta = inf a tied momentum gamma omega_t/delta is 0.",
)


def momentum() -> Fact:
    """gamma omega_t/delta for a window in [1, delta]."""
    mu = tied(w, delta)
    bounded = lemma(
        "W1-momentum.tied", "The tied momentum is the share of the cap that the window has.",
        [delta >= 1, 1 <= w, w <= delta, 0 <= gamma, gamma < 1],
        (gamma / delta <= mu) & (mu <= gamma), [gamma / delta <= ALMOST * mu, mu <= ALMOST * gamma],
    )  # fmt: skip
    here = discharge(use(bounded, {w: omega(t)}), theorem(CLAIM))
    return under(replace(here, at(assume(TIED), t), backwards=True), t >= 1)


MOMENTUM = Claim(
    id="W1-momentum",
    title="range of the tied momentum",
    statement=Statement(
        given=(MOVES, FIRST, RANGE, TIED, 0 <= gamma, gamma < 1, t >= 1),
        then=(gamma / delta <= mu_t(t)) & (mu_t(t) <= gamma),
        where=TOTAL,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(momentum(),),
    note="So it is positive exactly if gamma is. The constant momentum is gamma itself (W0-momentum).",
)


PRINTED_STATEMENT = Statement(given=(delta >= 1, gamma >= 0, gamma < 1, MOVES, TIED), then=mu_t(1) > 0, where=TOTAL)


def no_momentum() -> list[Any]:
    gamma, mu = unknowns("gamma mu")
    after = advance(DWMGRAD, record(DWMGRAD, gamma=gamma, alpha=1), 1, {"omega": 5})
    return [gamma >= 0, gamma < 1, mu == after.mu, z3.Not(mu > 0)]


def printed_fails() -> Found:
    after = advance(DWMGRAD, record(DWMGRAD, gamma=0, alpha=1), 1)
    usual = advance(DWMGRAD, record(DWMGRAD, gamma=sympy.Rational(1, 10), delta=10, alpha=1), 1)
    witness = {"gamma": 0, "mu_1": int(after.mu)}
    return after.mu == 0, usual.mu > 0, "mu_1 = 0 at gamma = 0, which the rule accepts", witness


PRINTED = Claim(
    id="W1-printed",
    title="positive momentum for every gamma in [0, 1)",
    statement=PRINTED_STATEMENT,
    source=Source("dwmgradnotes", "W1, as first written"),
    kind="inequality",
    refutation=(
        exists("W1-printed.zero", "Some gamma in [0, 1) gives a momentum that is not positive.", no_momentum),
        exact("W1-printed.replay", "The witness, replayed by the formula that runs.", printed_fails),
    ),
    note="A statement of our own notes, not of a paper; corrected as W1-momentum. The notes also had omega_t >= 1 for "
    "t = 0, which omega_0 = 0 refutes.",
)
