"""R9c: LCAM's two coefficients in an order that diverges although each alone is stable."""

from fractions import Fraction
from typing import Any

import sympy

from dwmgrad_ref import rules
from proofs.checkers.by_search import searched
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    for_all,
    induction,
    lemma,
    part,
    replace,
    under,
    use,
)
from proofs.models.step_matrix import Matrix, det, step_matrix, times, trace
from proofs.models.switched import NEXT_W, NEXT_X, SOURCE, STEPS, WHERE, A, a, m, of_run, w, x
from proofs.models.window import equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, reals
from proofs.statements.vocabulary import V, alpha, i, mu_t, n, theta

LCAM = rules.get("lcam")
MU = {"l": Fraction(9, 10), "h": Fraction(19, 20)}  # the low and the high coefficient
WORD = "lllhhhh"
UNSTABLE, STABLE = Fraction(366107, 10**5), Fraction(365, 100)  # what the figure shows
FROM, TO = Fraction(3661067, 10**6), Fraction(3672, 1000)  # where WORD diverges, and its growth at least
GROWTH = 1 + Fraction(1, 10**8)


def steps(a: Any, number: Any = Fraction) -> dict[str, Matrix]:
    return {letter: step_matrix(LCAM, number(mu), number(a)) for letter, mu in MU.items()}


def product(word: str, A: dict[str, Matrix]) -> Matrix:
    """The matrix of a word, its first letter applied first."""
    M: Matrix = ((1, 0), (0, 1))
    for letter in word:
        M = times(A[letter], M)
    return M


def unstable(M: Matrix) -> bool:
    """Jury's conditions (R9a) fail strictly: a root of z² - T z + D lies outside the unit circle."""
    return abs(trace(M)) > 1 + det(M) or det(M) > 1


def words(longest: int) -> list[str]:
    """Words up to that length that are the smallest of their rotations and no power of a shorter one (Lyndon)."""
    found, word = [], [-1]
    while word:
        word[-1] += 1
        found.append("".join("lh"[i] for i in word))
        n = len(word)
        while len(word) < longest:
            word.append(word[-n])
        while word and word[-1] == 1:
            word.pop()
    return found


def no_smaller() -> tuple[bool, str, dict[str, Any] | None]:
    """The same words on a grid of alpha lambda in (0, 3.66], in floats."""
    points, tried = 60, words(12)
    for point in range(1, points + 1):
        value = 3.66 * point / points
        matrices = steps(value, float)
        for word in tried:
            if unstable(product(word, matrices)):
                return False, f"{word} is unstable at {value}", {"alpha_lambda": value, "word": word}
    return True, f"none of {len(tried)} words up to 12 letters at {points} values of alpha lambda", None


LENGTH = len(WORD)
FIRST = LENGTH * n + 1  # the first step of a round
ORDER = ForAll(n, n >= 0, sympy.And(*(equal(mu_t(LENGTH * n + j), sympy.Rational(MU[letter]))
                                      for j, letter in enumerate(WORD, 1))))  # fmt: skip
RATE = sympy.Rational(GROWTH)
INSIDE = (a >= sympy.Rational(FROM), a <= sympy.Rational(TO))


def one_round() -> tuple[Fact, Fact]:
    """What a round makes of x and w: a linear map whose entries are polynomials in a."""
    late = lemma("R9c.late", "A round begins after the start.", [n >= 0], FIRST >= 1, [FIRST >= 2])
    letters, begun = at(assume(ORDER), n), (x(FIRST), w(FIRST - 1))
    x_now = w_now = None
    for j, letter in enumerate(WORD):
        step = FIRST + j
        next_w, next_x = (_late(at(assume(every_step(e)), step), late) for e in (NEXT_W, NEXT_X))
        next_w = replace(next_w, part(letters, equal(mu_t(step), sympy.Rational(MU[letter]))))
        if x_now and w_now:
            next_w, next_x = _simple(replace(replace(next_w, x_now), w_now), begun), replace(next_x, x_now)
        x_now, w_now = _simple(replace(next_x, next_w), begun), next_w
    assert x_now and w_now
    return x_now, w_now


def _late(fact: Fact, late: Fact) -> Fact:
    return discharge(under(fact, FIRST >= 1), late)


def _simple(fact: Fact, begun: tuple[Any, Any]) -> Fact:
    """The right side as a multiple of x plus a multiple of w at the round's begin."""
    right = sympy.expand(fact.then.rhs)
    return part(fact, equal(fact.then.lhs, sum(right.coeff(e) * e for e in begun)))


def recurrence() -> tuple[Fact, Fact]:
    """What a round makes of x, and two of them: x is then the trace times the last x minus the determinant times x."""
    x_next, w_next = one_round()
    (p, q), (r, s) = ([fact.then.rhs.coeff(e) for e in (x(FIRST), w(FIRST - 1))] for fact in (x_next, w_next))
    round_after = lemma("R9c.after", "After a round comes a round.", [n >= 0], n + 1 >= 0, [n >= 1])
    x_after = discharge(use(x_next, {n: n + 1}), round_after)
    M11, M12, M21, M22, T, D = reals("M_11 M_12 M_21 M_22 T D")
    x0, x1, x2, w0, w1 = reals("x_0 x_1 x_2 w_0 w_1")
    found = lemma("R9c.recurrence", "Two rounds of a linear map make a recurrence of second order.",
                  [equal(x1, M11 * x0 + M12 * w0), equal(w1, M21 * x0 + M22 * w0), equal(x2, M11 * x1 + M12 * w1),
                   equal(T, M11 + M22), equal(D, M11 * M22 - M12 * M21)],
                  equal(x2, T * x1 - D * x0), [])  # fmt: skip
    values: dict[Any, Any] = {M11: p, M12: q, M21: r, M22: s, T: sympy.expand(p + s), D: sympy.expand(p * s - q * r),
              x0: x(FIRST), x1: x(FIRST + LENGTH), x2: x(FIRST + 2 * LENGTH), w0: w(FIRST - 1),
              w1: w(FIRST + LENGTH - 1)}  # fmt: skip
    return x_next, discharge(use(found, values), x_next, w_next, x_after)


def grows() -> Fact:
    """|x| is multiplied by RATE at least in every round, from a start at rest on."""
    x_next, two = recurrence()
    x0, x1, x2, y, power, T = reals("x_0 x_1 x_2 y P T")
    trace_of, det_of = two.then.rhs.coeff(x(FIRST + LENGTH)), -two.then.rhs.coeff(x(FIRST))
    large = lemma("R9c.trace", "The trace is large enough for growth.", INSIDE, trace_of >= RATE + det_of / RATE,
                  [trace_of >= RATE**10 + det_of / RATE**10])  # fmt: skip
    corner = x_next.then.rhs.coeff(x(FIRST))
    first = lemma("R9c.first", "The first round multiplies by more.", INSIDE, corner >= RATE, [corner >= 2])
    larger = lemma(
        "R9c.step", "What two rounds add up to is again larger by the factor.",
        [x1 * y >= RATE * x0 * y, x0 * y >= power * y**2, power > 0, equal(x2, T * x1 - det_of * x0),
         T >= RATE + det_of / RATE],
        (x2 * y >= RATE * x1 * y) & (x1 * y >= RATE * power * y**2),
        [x2 * y >= RATE**10 * x1 * y],
    )  # fmt: skip
    start, now, after = x(1), x(FIRST), x(FIRST + LENGTH)
    invariant = (after * start >= RATE * now * start) & (now * start >= RATE**n * start**2)
    here = {x0: now, x1: after, x2: x(FIRST + 2 * LENGTH), y: start, power: RATE**n, T: trace_of}
    step = discharge(use(larger, here), two, large)
    rest = lemma("R9c.rest", "From rest the first round multiplies by its first entry.",
                 [equal(x1, T * x0 + power * y), equal(y, 0), T >= RATE], x1 * x0 >= RATE * x0**2,
                 [x1 * x0 >= RATE**2 * x0**2 + x0**2 / 10**10])  # fmt: skip
    here = {x1: x(1 + LENGTH), x0: start, T: corner, y: w(0), power: x_next.then.rhs.coeff(w(FIRST - 1))}
    base = discharge(use(rest, here), use(x_next, {n: 0}), first)
    whole = induction(invariant, n, 0, base, step)
    size = lemma("R9c.size", "In absolute values.", [x0 * y >= power * y**2, power > 0],
                 sympy.Abs(x0) >= power * sympy.Abs(y), [sympy.Abs(x0) >= RATE * power * sympy.Abs(y)])  # fmt: skip
    found = discharge(use(size, {x0: now, y: start, power: RATE**n}), part(whole, now * start >= RATE**n * start**2))
    return for_all(found, n, n >= 0)


def of_the_run() -> Fact:
    """The same of the run: its iterate's distance to the minimum."""
    still = lemma("R9c.still", "At rest.", [equal(V(0, i), 0)], equal(alpha * V(0, i), 0), [])
    return discharge(of_run(grows()), still)


CLAIM = Claim(
    id="R9c",
    title="LCAM switching: 0.9³0.95⁴ repeated diverges for 3.661067 ≤ αλ ≤ 3.672",
    statement=Statement(
        given=(*STEPS, ORDER, equal(V(0, i), 0), *(e.subs(a, A) for e in INSIDE)),
        then=ForAll(n, n >= 0, sympy.Abs(theta(FIRST, i) - m(i)) >= RATE**n * sympy.Abs(theta(1, i) - m(i))),
        where=(*WHERE, (n, "number of rounds of seven steps")),
    ),
    source=SOURCE,
    kind="impossibility",
    proof=(of_the_run(),),
    search=(searched("R9c.smaller", "no word is unstable at any smaller alpha lambda on a grid", no_smaller),),
    note="Each coefficient alone is stable up to 3.8 and 3.9 (R9a). The distance is multiplied by 1 + 1e-8 at least in "
    "every seven steps, unless the run starts at the minimum; inside the range by much more. No order at all diverges "
    "up to 3.661066 (R9g). [dwmgradnotes] R9, as first written, looked near 3.75.",
)  # fmt: skip
