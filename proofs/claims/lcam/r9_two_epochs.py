"""R9e: LCAM's own switching diverges on a quadratic where each coefficient alone is stable.

One coordinate, epochs of five steps. At the end of every second epoch the state (x, w) = (theta - m, alpha V) lies in
the cone 0 <= w/x <= 6, the start at rest on its edge. All states of the cone take the same ten coefficients, so two
epochs are one linear map there; it maps the cone into itself, and the weighted sum x + 219/400 w grows.
"""

from fractions import Fraction
from typing import Any

import sympy

from proofs.checkers.by_exact import Found, exact
from proofs.claims.lcam.r9_loss_controlled import EPOCH, HIGH, LCAM, LOW, ONE_LOSS, SLOPE, WHERE, Orbit
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
    replace,
    under,
    use,
)
from proofs.models.switched import NEXT_W, NEXT_X, SOURCE, A, a, kappa, m, substituted, w, x
from proofs.models.symbolic_run import Run
from proofs.models.window import equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, reals, substitute
from proofs.statements.vocabulary import V, alpha, f, i, n, t, theta

PERIOD = 2 * EPOCH
FROM, TO = Fraction(37277, 10**4), Fraction(37325, 10**4)
WORD = "hllllllhhh"  # the coefficients of two epochs; the first one multiplies V_0 = 0 at the start
R = sympy.Rational
OWN = Run(LCAM, box=False, alpha=alpha, below=R(HIGH), above=R(LOW), epoch=EPOCH)
E, TOTAL, NEXT = (OWN.sequence(field) for field in ("e", "total", "next"))
LOOP = {field: every_step(OWN.shared(field).then) for field in ("e", "total", "mu", "next")}
c = reals("c")  # half the curvature
LOSS = every_step(equal(f(t), c * x(t) ** 2))
MOVES = [every_step(e) for e in (NEXT_W, NEXT_X)]
COEFFICIENT = {"l": R(LOW), "h": R(HIGH)}

FIRST = PERIOD * n + 1
X, W = x(FIRST), w(FIRST - 1)
WIDEST, WEIGHT, FACTOR, LEAST = R(6), R(5475, 10000), R(10005, 10000), R(1, 19)
RATE = FACTOR**2
CONE = (X * W >= 0, X * W <= WIDEST * X**2, X**2 > 0)
INSIDE = (a >= R(FROM), a <= R(TO))
FRESH = (equal(E(FIRST - 1), 0), equal(TOTAL(FIRST - 1), 0), equal(NEXT(FIRST - 1) * W, COEFFICIENT["h"] * W))
LATE = lemma("R9e.late", "Two epochs begin after the start.", [n >= 0], FIRST >= 1, [FIRST >= 2])


def of_step(statement: Any, step: Any) -> Fact:
    """What holds at every step, at a step of the two epochs."""
    found = at(assume(statement), step)
    return discharge(found if step == FIRST else under(found, FIRST >= 1), LATE)


def linear(fact: Fact) -> Fact:
    """The right side as a multiple of X plus a multiple of W."""
    right = sympy.expand(fact.then.rhs)
    return part(fact, equal(fact.then.lhs, right.coeff(X) * X + right.coeff(W) * W))


class Epochs:
    """Two epochs step by step: what x, w, the loss and the shared state are, as facts about X and W.

    x, w    before the step; w is None before the first one
    count   e after the last step; total, chosen likewise, for the loop of the rule
    """

    def __init__(self) -> None:
        self.x: Fact | None = None
        self.w: Fact | None = None
        self.count, self.total, self.chosen = (assume(e) for e in FRESH)
        for j, letter in enumerate(WORD):
            self._step(FIRST + j, letter, WORD[j + 1] if j + 1 < PERIOD else WORD[0])

    def _step(self, step: Any, letter: str, following: str) -> None:
        loss = of_step(LOSS, step)
        loss = replace(loss, self.x) if self.x else loss
        self._choose(step, loss, following)
        self._move(step, letter)
        self._count(step, loss)

    def _choose(self, step: Any, loss: Fact, following: str) -> None:
        """The next coefficient: whether the loss is below the mean of this epoch's losses."""
        rule = replace(of_step(LOOP["next"], step), self.count)
        known = [fact for fact in (rule, loss, self.total) if fact.then.rhs != 0 or fact is rule]
        if self.total.then.rhs == 0:
            known = [replace(rule, self.total), loss]
        name = f"R9e.choice {step - FIRST + 1}"
        self.following = follows(name, "All states of the cone choose alike.", known,
                                 equal(NEXT(step), COEFFICIENT[following]), given=[*CONE, *INSIDE, c > 0])  # fmt: skip

    def _move(self, step: Any, letter: str) -> None:
        taken = of_step(LOOP["mu"], step)
        next_w, next_x = (of_step(e, step) for e in MOVES)
        if self.x and self.w:
            next_w = replace(replace(replace(replace(next_w, taken), self.chosen), self.x), self.w)
            next_x = replace(next_x, self.x)
        else:
            says = "The first coefficient is 0.95, or multiplies 0."
            next_w = follows("R9e.first", says, [next_w, taken, self.chosen],
                             equal(w(step), COEFFICIENT[letter] * W + a * X))  # fmt: skip
        self.w = linear(next_w)
        self.x = linear(replace(next_x, self.w))
        self.chosen = self.following

    def _count(self, step: Any, loss: Fact) -> None:
        total = replace(of_step(LOOP["total"], step), self.count)
        if total.then.rhs != 0:
            total = replace(total, loss)
            total = replace(total, self.total) if total.then.has(self.total.then.lhs) else total
        self.count, self.total = replace(of_step(LOOP["e"], step), self.count), total


LARGE = (X + WEIGHT * W) ** 2 >= RATE**n * x(1) ** 2
INVARIANT = sympy.And(*FRESH, *CONE, LARGE)


def mixed(first: tuple[Any, Any], second: tuple[Any, Any]) -> Fact:
    """p x + q w <= r x + s w, times x, in the cone, from the same at the two edges of the cone."""
    p, q, r, s, k, b = reals("p q r s k b")
    found = lemma("R9e.mixed", "What is linear lies between its values at the edges of the cone.",
                  [p <= r, p + WIDEST * q <= r + WIDEST * s, b >= 0, b <= WIDEST * k], p * k + q * b <= r * k + s * b,
                  [p * k + q * b <= R(9, 10) * (r * k + s * b)])  # fmt: skip
    return use(found, {p: first[0], q: first[1], r: second[0], s: second[1], k: X**2, b: X * W})


def map_of(done: Epochs) -> tuple[Fact, Fact, Fact, Any, Any]:
    """What the two epochs' matrix fulfils everywhere in the range of a; its rows, with the sign changed."""
    assert done.x and done.w
    rows = [[-fact.then.rhs.coeff(e) for e in (X, W)] for fact in (done.x, done.w)]
    (p, q), (r, s) = rows
    inside = lemma("R9e.inside", "All entries of the map of two epochs are negative.", INSIDE,
                   sympy.And(*(e > 0 for row in rows for e in row)), [p > R(9, 10)])  # fmt: skip
    edges = lemma("R9e.edges", "The edges of the cone are mapped into the cone.", INSIDE,
                  (r <= WIDEST * p) & (r + WIDEST * s <= WIDEST * (p + WIDEST * q)),
                  [r + WIDEST * s <= R(9, 10) * WIDEST * (p + WIDEST * q)])  # fmt: skip
    growth = lemma("R9e.growth", "At the edges the weighted sum grows.", INSIDE,
                   (FACTOR <= p + WEIGHT * r)
                   & (FACTOR * (1 + WIDEST * WEIGHT) <= p + WIDEST * q + WEIGHT * (r + WIDEST * s)),
                   [FACTOR + R(2, 1000) <= p + WEIGHT * r])  # fmt: skip
    return inside, edges, growth, rows[0], rows[1]


def two_epochs() -> Fact:
    """From the begin of two epochs to the begin of the next two."""
    done = Epochs()
    assert done.x and done.w
    inside, edges, growth, (p, q), (r, s) = map_of(done)
    known = (done.x, done.w)
    values = {NOW: X, MINUS: p * X + q * W, LAST: r * X + s * W,
              NEXT_NOW: x(FIRST + PERIOD), NEXT_MOVE: w(FIRST + PERIOD - 1)}  # fmt: skip
    one_sign = [discharge(positive(*row), inside) for row in ((p, q), (r, s))]
    inwards = discharge(mixed((r, s), (WIDEST * p, WIDEST * q)), edges)
    into = discharge(use(cone(), values), *known, *one_sign, inwards)
    power, start = reals("P S")
    larger = discharge(mixed((FACTOR, FACTOR * WEIGHT), (p + WEIGHT * r, q + WEIGHT * s)), growth)
    more = discharge(use(grown(power, start), {**values, MOVE: W, power: RATE**n, start: x(1)}), *known, larger)
    again = follows("R9e.again", "The last coefficient is that of the cone.", [done.chosen],
                    substitute(FRESH[2], {n: n + 1}), [])  # fmt: skip
    return both(into, more, done.count, done.total, again)


NOW, MOVE, MINUS, LAST, NEXT_NOW, NEXT_MOVE = reals("X W y z x_next w_next")
NEXT_STATE = (equal(NEXT_NOW, -MINUS), equal(NEXT_MOVE, -LAST), NOW**2 > 0)


def positive(first: Any, second: Any) -> Fact:
    """first x + second w, times x, in the cone."""
    b, k, p, q = reals("b k p q")
    found = lemma("R9e.sign", "In the cone both have one sign.", [p > 0, q > 0, b >= 0, k > 0], p * k + q * b > 0,
                  [p * k + q * b > k])  # fmt: skip
    return use(found, {p: first, q: second, b: X * W, k: X**2})


def cone() -> Fact:
    """The next state is in the cone."""
    return lemma("R9e.cone", "Two epochs map the cone into itself.",
                 [*NEXT_STATE, MINUS * NOW > 0, LAST * NOW > 0, LAST * NOW <= WIDEST * MINUS * NOW],
                 (NEXT_NOW * NEXT_MOVE >= 0) & (NEXT_NOW * NEXT_MOVE <= WIDEST * NEXT_NOW**2) & (NEXT_NOW**2 > 0),
                 [NEXT_NOW * NEXT_MOVE <= R(9, 10) * WIDEST * NEXT_NOW**2])  # fmt: skip


def grown(power: Any, start: Any) -> Fact:
    """The weighted sum's square is RATE times the last one at least."""
    summed, following = NOW + WEIGHT * MOVE, (NEXT_NOW + WEIGHT * NEXT_MOVE) ** 2
    given = [*NEXT_STATE, NOW * MOVE >= 0, FACTOR * summed * NOW <= (MINUS + WEIGHT * LAST) * NOW,
             summed**2 >= power * start**2, power > 0]  # fmt: skip
    return lemma("R9e.grown", "The weighted sum grows.", given, following >= RATE * power * start**2,
                 [following >= RATE * R(1002, 1000) * power * start**2])  # fmt: skip


def from_rest() -> Fact:
    """The start at rest lies on the edge of the cone."""
    edge = [X * W >= 0, X * W <= WIDEST * X**2]
    first = {n: 0}
    rest = equal(w(0), 0)
    found = lemma("R9e.edge", "The start lies in the cone.", [rest],
                  substitute(sympy.And(*edge, equal(NEXT(0) * W, COEFFICIENT["h"] * W),
                                       (X + WEIGHT * W) ** 2 >= x(1) ** 2), first),
                  [substitute(X * W >= X**2 / 100, first)])  # fmt: skip
    return both(found, assume(substitute(FRESH[0], first)), assume(substitute(FRESH[1], first)), assume(x(1) ** 2 > 0))


def grows() -> Fact:
    """|x|² is at least a growing power times its first value."""
    whole = induction(INVARIANT, n, 0, from_rest(), two_epochs())
    p, q, power, start = reals("p q P y")
    size = lemma("R9e.size", "In the cone the iterate is a part of the weighted sum.",
                 [p * q >= 0, p * q <= WIDEST * p**2, p**2 > 0, (p + WEIGHT * q) ** 2 >= power * start**2],
                 p**2 >= LEAST * power * start**2, [p**2 >= R(18, 17) * LEAST * power * start**2])  # fmt: skip
    found = discharge(use(size, {p: X, q: W, power: RATE**n, start: x(1)}),
                      part(whole, sympy.And(*CONE, LARGE)))  # fmt: skip
    return for_all(found, n, n >= 0)


FAR: Any = sympy.Ne(theta(1, i), m(i))
PLACE = [e.subs(a, A) for e in INSIDE]


def diverges() -> Fact:
    """The same of the run: its iterate's distance to the minimum."""
    velocity, slope = OWN.coord("V"), under(at(assume(SLOPE), t), t >= 1)
    moves = [
        follows("R9e.w", "The velocity times the step size takes the step's coefficient and the gradient.",
                [velocity, slope], substituted(NEXT_W)),
        follows("R9e.x", "The iterate moves by it.", [velocity, OWN.iterate()], substituted(NEXT_X)),
        under(at(assume(ONE_LOSS), t), t >= 1),
        *(OWN.shared(field) for field in LOOP),
    ]  # fmt: skip
    half = kappa(i) / 2
    curved = lemma("R9e.curved", "The curvature is positive.", [PLACE[0], alpha > 0], half > 0, [half > 1])
    away = lemma("R9e.away", "The start is not the minimum.", [FAR], (theta(1, i) - m(i)) ** 2 > 0,
                 [(theta(1, i) - m(i)) ** 2 > R(1, 100)])  # fmt: skip
    still = follows("R9e.still", "The start is at rest.", [OWN.coord_start("V")], equal(alpha * V(0, i), 0), [])
    values = {x: sympy.Lambda((t,), theta(t, i) - m(i)), w: sympy.Lambda((t,), alpha * V(t, i)), a: A, c: half}
    return discharge(use(grows(), values), *(for_all(fact, t, t >= 1) for fact in moves), curved, away, still,
                     OWN.shared_start("e"), OWN.shared_start("total"))  # fmt: skip


def replayed() -> Found:
    """The rule's own code in fractions from theta_1 = 1 on: the word, and the growth of twenty pairs of epochs."""
    orbit, words = Orbit(Fraction), set()
    for _ in range(20):
        words.add("".join("h" if orbit.step() == HIGH else "l" for _ in range(PERIOD)))
    seen = orbit.theta**2
    least, most = (factor * Fraction(str(RATE)) ** 20 for factor in (Fraction(str(LEAST)), 2))
    return words == {WORD, "l" + WORD[1:]} and seen >= least, seen < most, f"theta² = {float(seen):.3f}", None


DIVERGES = Claim(
    id="R9e",
    title="LCAM itself diverges for 3.7277 ≤ αλ ≤ 3.7325, where both coefficients are stable",
    statement=Statement(
        given=(OWN.hypothesis, ONE_LOSS, SLOPE, *PLACE, FAR, alpha > 0),
        then=ForAll(n, n >= 0, (theta(FIRST, i) - m(i)) ** 2 >= LEAST * RATE**n * (theta(1, i) - m(i)) ** 2),
        where=(*WHERE, (n, "number of pairs of epochs")),
    ),
    source=SOURCE,
    kind="impossibility",
    proof=(diverges(),),
    controls=(exact("R9e.replay", "The rule's own code does so for twenty pairs of epochs, in fractions.", replayed),),
    note="Each coefficient alone is stable up to 3.8 and 3.9 (R9a), in any order both are up to 3.661066 (R9g). "
    "A float scan of 700 values of alpha kappa in [3.66, 3.8) and epochs of 2 to 30 steps found growth for every "
    "epoch length, in windows; for long epochs only close to 3.8.",
)  # fmt: skip
