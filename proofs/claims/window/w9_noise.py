"""W9: what the window does when the losses are noise. Its moves are fair, but they are not independent."""

from fractions import Fraction
from itertools import permutations
from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_smt import Obligation, forall
from proofs.checkers.by_smt import reals as unknowns
from proofs.checkers.by_sympy import identity
from proofs.claims.window.w2_saturation import CONDITION, exactly_when
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    empty_sum,
    follows,
    induction,
    lemma,
    linear,
    longer_sum,
    part,
    replace,
    sum_over,
    theorem,
    under,
    use,
    weaken,
)
from proofs.inference.probability import EXCHANGEABLE, average_over_orders
from proofs.models.window import b, equal
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, advance, record
from proofs.statements.statement import ForAll, Statement, integers, sequences, substitute
from proofs.statements.vocabulary import f, s, t

SOURCE = Source("dwmgrad-code", "the signals increase and decrease", also=(Source("dwmgradnotes", "W9"),))
THIRD = sympy.Rational(1, 3)


# --- only the order counts --------------------------------------------------------------------------------------


def order(difference: Any) -> Fact:
    """b_t > 0 in the exact condition for widening is a comparison of two losses."""
    return replace(part(theorem(CONDITION), exactly_when().then), assume(equal(b(t), difference)))


def order_only() -> Obligation:
    """Inside an epoch, with reset: `increase` widens iff the loss rose, `decrease` iff it fell; a tie narrows."""
    omega, delta, last, loss, e = unknowns("omega delta last loss e")
    before = {"omega": omega, "last": last, "e": e}
    up, down = (
        advance(DWMGRAD, record(DWMGRAD, signal=s, delta=delta, gamma=0, alpha=1, epoch=e + 2), loss, before).omega
        for s in ("increase", "decrease")
    )
    given = {"e >= 1": e >= 1, "1 <= omega <= delta, delta > 1": z3.And(omega >= 1, omega <= delta, delta > 1)}
    wide = z3.If(omega + 1 < delta, omega + 1, delta)
    goal = z3.And((up == wide) == (loss > last), (down == wide) == (loss < last))
    return Obligation(given, goal, {"a tie widens": (up == wide) == (loss >= last)})


def ordered(id: str, name: str, difference: Any, verb: str) -> Claim:
    fact = order(difference)
    return Claim(
        id=id,
        title=f"the signal `{name}` sees only whether the loss {verb}",
        statement=Statement(given=(*CONDITION.statement.given, equal(b(t), difference)), then=fact.then,
                            where=((b, "the signal summed since the last reset"), (f, "loss of step t")),
        ),
        source=SOURCE,
        kind="identity",
        proof=(fact,),
        controls=(forall(f"{id}.formula", "The formula that runs, with reset and inside an epoch.", order_only),),
        note="With reset and inside an epoch b_t is the difference of two losses (W0-increase, W0-decrease). A tie "
        "narrows the window. So what the window does depends on the order of the losses alone.",
    )  # fmt: skip


ORDER = ordered("W9-order", "increase", f(t) - f(t - 1), "rose")
ORDER_DOWN = ordered("W9-order-decrease", "decrease", f(t - 1) - f(t), "fell")


# --- the law of the moves ---------------------------------------------------------------------------------------

average, product, joint, apart_joint = sequences("mean c P Q")
WHERE = (
    (average, "mean of move s of the window, +1 or -1, away from both ends"),
    (product, "mean of the product of moves r and s"),
    (joint, "probability that a move goes up or down (+1 or -1) and the next one up or down"),
    (apart_joint, "the same of two moves that share no loss"),
)
j, m = integers("j m")
LAW = {(1, 1): Fraction(1, 6), (1, -1): Fraction(1, 3), (-1, 1): Fraction(1, 3), (-1, -1): Fraction(1, 6)}
NEIGHBOURS, APART = equal(product(s, s + 1), -THIRD), equal(product(s, s + 1 + j), 0)


def moves(losses: tuple[int, ...], signal: str = "increase") -> tuple[int, ...]:
    """The moves of the window between consecutive losses, far from both ends, by the formula that runs."""
    o = record(DWMGRAD, signal=signal, delta=Fraction(1000), omega0=Fraction(500), gamma=0, alpha=1)
    k, windows = DWMGRAD.start(o), []
    for loss in losses:
        k = DWMGRAD.shared(o, k, Fraction(loss))
        windows.append(k.omega)
    return tuple(int(b - a) for a, b in zip(windows, windows[1:], strict=False))


def law() -> list[Fact]:
    """Means over the orders of the losses that two moves see: two, three, or four."""
    pairs = [
        average_over_orders(f"W9.pair{a:+d}{b:+d}", "Two successive moves see three losses, whose six orders tell.", 3,
                            lambda p, a=a, b=b: moves(p) == (a, b), joint(a, b), value)
        for (a, b), value in LAW.items()
    ]  # fmt: skip
    pairs += [
        average_over_orders(f"W9.four{a:+d}{b:+d}", "Two moves that share no loss see four.", 4,
                            lambda p, a=a, b=b: moves(p)[::2] == (a, b), apart_joint(a, b), Fraction(1, 4))
        for a, b in LAW
    ]  # fmt: skip
    return [
        *pairs,
        average_over_orders("W9.fair", "One move sees two losses.", 2, lambda p: moves(p)[0], average(s), 0),
        average_over_orders("W9.square", "The square of a move is 1.", 2, lambda p: moves(p)[0] ** 2, product(s, s), 1),
        average_over_orders("W9.next", "Neighbours share a loss.", 3, lambda p: moves(p)[0] * moves(p)[1],
                            NEIGHBOURS.lhs, -THIRD),
        weaken(average_over_orders("W9.apart", "Other moves see four losses and share none.", 4,
                                   lambda p: moves(p)[0] * moves(p)[2], APART.lhs, 0), j >= 1),
    ]  # fmt: skip


square = sequences("q")
BEFORE: Any = sympy.Sum(product(s, m + 1), (s, 1, m))  # the products of move m + 1 and those before it
GROWS = ForAll(m, m >= 0, equal(square(m + 1), square(m) + 2 * BEFORE + product(m + 1, m + 1)))
NOTHING = equal(square(0), 0)


def covariances() -> Fact:
    """A further move has covariance -1/3 with all moves before it, together."""
    *_, nearest, apart = law()
    far = lemma("W9.far", "Moves before the last but one share no loss.", [s <= m - 1], m - s >= 1,
                [m - s >= 2])  # fmt: skip
    none = discharge(use(apart, {j: m - s}), far)
    zeros = sum_over(none, s, 1, m - 1)
    older = follows("W9.older", "A sum of zeros is 0.", [zeros, linear(zeros.then.rhs)], equal(zeros.then.lhs, 0))
    longer = longer_sum(product(s, m + 1), s, m - 1)
    return follows("W9.covariances", "Only the nearest one counts.", [older, longer, use(nearest, {s: m})],
                   equal(sympy.Sum(product(s, m + 1), (s, 1, m)), -THIRD))  # fmt: skip


def variance() -> Fact:
    """The square of the sum of m moves has the mean (m + 2)/3, by induction over m >= 1."""
    invariant = equal(square(m), (m + 2) * THIRD)
    *_, one, _, _ = law()
    first = follows("W9.first", "One move has variance 1.",
                    [at(assume(GROWS), 0), assume(NOTHING), use(one, {s: sympy.Integer(1)}),
                     empty_sum(product(s, 1), s)], substitute(invariant, {m: sympy.Integer(1)}))  # fmt: skip
    step = follows("W9.variance", "A further move adds 1 and twice -1/3.",
                   [at(assume(GROWS), m), covariances(), use(one, {s: m + 1})], substitute(invariant, {m: m + 1}),
                   given=[invariant])  # fmt: skip
    return induction(invariant, m, 1, first, under(step, m >= 1))


def enumerated() -> Found:
    """The mean square of the sum, over all orders of up to 6 losses, for both signals."""
    found = {}
    for size in range(2, 7):
        sums = [sum(moves(p, signal)) for p in permutations(range(size)) for signal in ("increase", "decrease")]
        found[size] = Fraction(sum(total**2 for total in sums), len(sums))
    told = {str(k): str(v) for k, v in found.items()}
    right = all(v == Fraction(size + 1, 3) for size, v in found.items())
    return right, found[6] != Fraction(5 + 1, 3), f"all orders of up to 6 losses: {', '.join(told.values())}", told


def with_ties() -> Found:
    """Losses 1, 1, 2 in any order: two of them are equal, and the law is another one."""
    seen = [moves(p) for p in permutations((1, 1, 2))]
    rises = Fraction(sum(first == 1 for first, _ in seen), len(seen))
    return rises == THIRD, rises != Fraction(1, 2), f"a move goes up with probability {rises}", {"losses": [1, 1, 2]}


MOVES = Claim(
    id="W9",
    title="moves of the window under exchangeable noise",
    statement=Statement(
        given=(EXCHANGEABLE, GROWS, NOTHING, j >= 1, m >= 1),
        then=sympy.And(*(fact.then for fact in law()), variance().then),
        where=(*WHERE, (square, "mean of the square of the sum of m moves, which m + 1 losses make")),
    ),
    source=SOURCE,
    kind="identity",
    proof=(*law(), variance()),
    controls=(
        exact("W9.enumerated", "The mean square of the sum, over all orders of a few losses.", enumerated),
        exact("W9.ties", "With ties the law is another one, so the hypothesis is needed.", with_ties),
    ),
    note="So n losses move the window by a sum of variance (n + 1)/3, not n - 1: the reflected random walk of our "
    "notes, as first written, has the right mean and a standard deviation sqrt(3) too large (W9-printed). The moves "
    "are those of `increase` with reset, away from both ends; those of `decrease` are their negatives.",
)


def three() -> Found:
    found = Fraction(sum(moves(p) == (1, 1) for p in permutations((1, 2, 3))), 6)
    witness = {"orders": 6, "with two rises": 1, "P(up, up)": str(found), "claimed": "1/4"}
    return found == Fraction(1, 6), found != Fraction(17, 100), f"P(up, up) = {found}", witness


def integral() -> tuple[Any, Any, Any]:
    """P(two rises) for independent uniform losses, by integration."""
    a, b, c = sympy.symbols("a b c")
    inner = sympy.integrate(sympy.integrate(sympy.integrate(1, (a, 0, b)), (b, 0, c)), (c, 0, 1))
    return inner, sympy.Rational(1, 6), sympy.Rational(17, 100)


PRINTED = Claim(
    id="W9-printed",
    title="under exchangeable noise the window is a reflected simple random walk",
    statement=Statement(given=(EXCHANGEABLE,), then=equal(joint(1, 1), sympy.Rational(1, 4)), where=WHERE[2:3]),
    source=Source("dwmgradnotes", "W9, as first written"),
    kind="identity",
    refutation=(
        exact("W9-printed.orders", "One of the six orders of three losses has two rises.", three),
        identity("W9-printed.integral", "The same by integration over independent uniform losses.", integral),
    ),
    note="A statement of our own notes, not of a paper. It is true in a weaker sense: fair moves, growth like sqrt(t) "
    "(W9-growth), blind to progress (W9-order).",
)
