"""R9b: when LCAM's two coefficients share a quadratic Lyapunov function on a quadratic, exactly; what follows.

The state is (u, v) = (theta - m, alpha V) and a = alpha kappa. Below a threshold a common function is written down. In
the other direction let f = Re p_1 conj p_2, p_j the characteristic polynomials of the two steps on the unit circle, as
a function of the cosine c. A common function makes f positive for every c: an identity shows it from the decrease at
four states. Above the threshold f is not positive at the c where it is smallest.
"""

from fractions import Fraction
from typing import Any

import sympy

from proofs.checkers.by_sympy import identity
from proofs.inference.derivation import Fact, assume, at, both, discharge, equation, for_all, lemma, part, use
from proofs.inference.limits import cases
from proofs.inference.logic import equivalent, implies, some, whichever
from proofs.models.step_matrix import det as determinant
from proofs.models.step_matrix import step_matrix, trace
from proofs.models.switched import LCAM, SOURCE, a, u, v
from proofs.models.window import equal
from proofs.statements.claim import Claim
from proofs.statements.statement import Exists, ForAll, Statement, reals, substitute

LOW, HIGH = Fraction(9, 10), Fraction(19, 20)  # LCAM's own pair
S = LOW + HIGH

p, q, k, r, c, d, e, f = reals("p q k r c d e f")
m1, m2 = reals("mu_1 mu_2")
SUM, GAP = m1 + m2, m1 * (1 - m2) + m2 * (1 - m1)
ROOT = sympy.sqrt(2 * SUM)
NOT_ZERO = u**2 + v**2 > 0


def moved(m: Any, x: Any = u, w: Any = v) -> tuple[Any, Any]:
    """The next state, by the rule's own formula."""
    (first, second), (third, fourth) = step_matrix(LCAM, m, a)
    return first * x + second * w, third * x + fourth * w


def form(x: Any = u, w: Any = v) -> Any:
    return p * x**2 + 2 * q * x * w + k * w**2


def lost(m: Any, x: Any = u, w: Any = v) -> Any:
    """What a step takes from the form."""
    return form(x, w) - form(*moved(m, x, w))


def entries(m: Any) -> dict[Any, Any]:
    """What a step takes from the form is d u² + 2 e u v + f v²."""
    taken = sympy.Poly(sympy.expand(lost(m)), u, v)
    return {d: taken.coeff_monomial(u**2), e: taken.coeff_monomial(u * v) / 2, f: taken.coeff_monomial(v**2)}


def minor(m: Any) -> Any:
    return (d * f - e**2).subs(entries(m), simultaneous=True)


DECREASES = ForAll(
    u, sympy.true, ForAll(v, NOT_ZERO, sympy.And(form() > 0, *(form(*moved(m)) < form() for m in (m1, m2))))
)
COMMON = Exists(p, sympy.true, Exists(q, sympy.true, Exists(k, sympy.true, DECREASES)))
RANGE = (m1 >= 0, m1 < 1, m2 >= 0, m2 < 1)
OF_ROOT = (r >= 0, equal(r**2, 2 * SUM))
STRICT: tuple[Any, ...] = (sympy.Ne(ROOT, 2 * m1), sympy.Ne(ROOT, 2 * m2))


def wide(root: Any) -> Any:
    """The threshold is below 2 sqrt(2(mu_1 + mu_2))."""
    return 2 * (1 - m1) * (1 - m2) < root * (2 - root) ** 2


def below(root: Any) -> Any:
    """a is below the threshold 4(1 - mu_1)(1 - mu_2)/(2 - sqrt(2(mu_1 + mu_2)))²."""
    return a * (2 - root) ** 2 < 4 * (1 - m1) * (1 - m2)


def rooted(fact: Fact) -> Fact:
    """A fact about an r >= 0 with r² = 2(mu_1 + mu_2), for the root itself."""
    n = reals("n")
    root = lemma("R9b.root", "A root is not negative.", [n >= 0], sympy.sqrt(n) >= 0, [sympy.sqrt(n) > 0])
    total = lemma("R9b.sum", "The sum of the coefficients is not negative.", [m1 >= 0, m2 >= 0], 2 * SUM >= 0,
                  [2 * SUM >= sympy.Rational(1, 100)])  # fmt: skip
    return discharge(use(fact, {r: ROOT}), discharge(use(root, {n: 2 * SUM}), total))


# --- below the threshold there is one ------------------------------------------------------------------------------

CHOSEN = {p: a * (2 - SUM), q: a * (r - SUM), k: GAP}
SLACK = 4 * (1 - m1) * (1 - m2) - a * (2 - r) ** 2


def chosen(expression: Any) -> Any:
    return sympy.expand(expression.subs(CHOSEN, simultaneous=True))


def definite(corner: Any, product: Any, form_of: dict[Any, Any]) -> Fact:
    """A quadratic form with those minors is positive at every state that is not 0."""
    value = d * u**2 + 2 * e * u * v + f * v**2
    found = lemma("R9b.definite", "A quadratic form with positive minors is positive.",
                  [d > 0, d * f - e**2 > 0, NOT_ZERO], value > 0, [value > d / 100])  # fmt: skip
    return discharge(use(found, form_of), corner, product)


def gap() -> Fact:
    given = [*RANGE, *OF_ROOT, sympy.Ne(r, 2 * m1)]
    return lemma("R9b.gap", "The form's last coefficient is positive.", given, GAP > 0,
                 [GAP > sympy.Rational(1, 100)])  # fmt: skip


def positive() -> Fact:
    given = [*RANGE, *OF_ROOT, a > 0, SLACK > 0]
    corner = lemma("R9b.corner", "The form's first coefficient is positive.", [*RANGE, a > 0], chosen(p) > 0,
                   [chosen(p) > a / 100])  # fmt: skip
    value = (2 - SUM) * GAP - a * (r - SUM) ** 2
    product = lemma("R9b.minor", "So is its determinant, up to a factor.", [*given, GAP > 0], value > 0,
                    [value > GAP * SUM / 2])  # fmt: skip
    times = lemma("R9b.times", "A product of positive numbers is positive.", [d > 0, e > 0], d * e > 0, [d * e > e])
    product = discharge(use(times, {d: a, e: value}), product)
    return definite(corner, product, {d: chosen(p), e: chosen(q), f: chosen(k)})


def decrease(name: str, m: Any) -> Fact:
    """The step with m takes something from the form at every state that is not 0."""
    first, product = chosen(entries(m)[d]), chosen(minor(m))
    says = "The minors of what a step takes from the form, as products."
    corner = lemma(f"R9b.{name}-corner", says, OF_ROOT, equal(2 * first, a**2 * (SLACK + (2 - r) ** 2)), [])
    whole = lemma(f"R9b.{name}-minor", says, OF_ROOT, equal(4 * product, a**2 * (r - 2 * m) ** 2 * SLACK), [])
    s, n = reals("s n")
    left = lemma("R9b.corner-sign", "So they are positive below the threshold.",
                 [equal(2 * d, a**2 * (s + n**2)), a > 0, s > 0], d > 0, [d > a**2 * s])  # fmt: skip
    right = lemma("R9b.minor-sign", "So they are positive below the threshold.",
                  [equal(4 * d, a**2 * n**2 * s), a > 0, s > 0, sympy.Ne(n, 0)], d > 0, [d > s])  # fmt: skip
    shifted = lemma(f"R9b.{name}-strict", "The factor is not 0.", [sympy.Ne(r, 2 * m)], sympy.Ne(r - 2 * m, 0),
                    [r - 2 * m > 0])  # fmt: skip
    corner = discharge(use(left, {d: first, s: SLACK, n: 2 - r}), corner)
    whole = discharge(use(right, {d: product, s: SLACK, n: r - 2 * m}), whole, shifted)
    return definite(corner, whole, {key: chosen(value) for key, value in entries(m).items()})


def works() -> Fact:
    """The chosen form is positive and either step makes it smaller, at every state that is not 0."""
    slack = lemma("R9b.slack", "Below the threshold the slack is positive.", [below(r)], SLACK > 0, [SLACK > 1])
    found = both(discharge(positive(), gap()), decrease("first", m1), decrease("second", m2))
    found = rooted(discharge(found, slack))
    return part(found, DECREASES.args[2].args[2].subs(rooted_choice(), simultaneous=True))


def rooted_choice() -> dict[Any, Any]:
    return {symbol: value.subs(r, ROOT) for symbol, value in CHOSEN.items()}


def exists() -> Fact:
    found, left, body = for_all(for_all(works(), v, NOT_ZERO), u, sympy.true), rooted_choice(), DECREASES
    for symbol in (k, q, p):
        value = left.pop(symbol)
        found = some(found, symbol, value, sympy.true, substitute(body, left))
        body = Exists(symbol, sympy.true, body)
    return implies(found, a > 0, below(ROOT))


# --- where there is one, f is positive all around, so a is below the threshold --------------------------------------


def product_of(m: Any) -> tuple[Any, Any]:
    """(trace, determinant) of a step."""
    M = step_matrix(LCAM, m, a)
    return trace(M), determinant(M)


def around() -> Any:
    """f(c) = Re p_1(z) conj p_2(z) at z = c + is on the unit circle, p_j(z) = z² - T_j z + m_j."""
    T1, T2 = 1 + m1 - a, 1 + m2 - a
    return 1 + m1 * m2 + T1 * T2 - SUM + 2 * SUM * c**2 - (T1 + T2 + T2 * m1 + T1 * m2) * c


def product() -> tuple[Any, Any, Any]:
    """`around` against the characteristic polynomials of the step that runs."""
    s = reals("s")
    z = c + sympy.I * s
    one, two = (z**2 - T * z + D for T, D in map(product_of, (m1, m2)))
    value = sympy.expand(sympy.re(sympy.expand(one * sympy.conjugate(two)))).subs(s, sympy.sqrt(1 - c**2))
    return value, around(), around() + c


def instance(x: Any, w: Any) -> Fact:
    """The form is positive and decreases at one state, provided that it is not 0."""
    return at(at(assume(DECREASES), x), w)


def at_least_zero(m: Any, x: Any, w: Any) -> Fact:
    """What a step takes is not negative at any state, 0 included."""
    somewhere = part(instance(x, w), lost(m, x, w) > 0)
    weak = lemma("R9b.weak", "What is positive is not negative.", [d > 0], d >= 0, [d >= 1])
    somewhere = discharge(use(weak, {d: lost(m, x, w)}), somewhere)
    value = d * u**2 + 2 * e * u * v + f * v**2
    nowhere = lemma("R9b.zero", "A form is 0 at 0.", [u**2 + v**2 <= 0], value >= 0, [value > 0])
    nowhere = use(use(nowhere, entries(m)), {u: x, v: w})
    return cases(somewhere, nowhere, x**2 + w**2 > 0)


def apart(x: Any, w: Any) -> Fact:
    """The state (x, w) is not 0 if x > 0."""
    found = lemma("R9b.right", "A state whose first coordinate is positive is not 0.", [d > 0], d**2 + e**2 > 0,
                  [d**2 + e**2 > sympy.Rational(1, 100)])  # fmt: skip
    return use(found, {d: x, e: w})


def minors(values: dict[Any, Any], corner: Fact, vector: Fact) -> Fact:
    """d f - e² > 0 from the form's values at (1, 0) and (-e, d)."""
    found = lemma("R9b.vector", "The form's value at one more state is its determinant up to a factor.",
                  [d > 0, sympy.expand(d * e**2 - 2 * e * e * d + f * d**2) > 0], d * f - e**2 > 0,
                  [d * f - e**2 > d / 100])  # fmt: skip
    return discharge(use(found, values), corner, discharge(vector, discharge(apart(values[d], values[e]), corner)))


def stable(m: Any) -> Fact:
    """0 < a < 2(1 + m): a common function makes each step stable."""
    here = entries(m)
    corner = part(instance(1, 0), lost(m, 1, 0) > 0)
    taken = minors(here, corner, part(instance(-here[e], here[d]), lost(m, -here[e], here[d]) > 0))
    own = {d: p, e: q, f: k}
    held = minors(own, part(instance(1, 0), p > 0), part(instance(-q, p), form(-q, p) > 0))
    skew = a * k - a * q + m * p - m * q + q
    same = equation("R9b.stein", "The determinant of what a step takes, by the form's.",
                    a * (2 + 2 * m - a) * (p * k - q**2), minor(m) + skew**2, minor(m))  # fmt: skip
    D, P, s, n = reals("D P s n")
    found = lemma("R9b.stable", "Each step is stable by itself.",
                  [D > 0, P > 0, n >= 0, equal(a * (2 + 2 * n - a) * P, D + s**2)], (a > 0) & (a < 2 * (1 + n)),
                  [a < sympy.Rational(199, 100) * (1 + n)])  # fmt: skip
    return discharge(use(found, {D: minor(m), P: p * k - q**2, s: skew, n: m}), same, taken, held)


def positive_around() -> Fact:
    """f(c) > 0 for every c between -1 and 1."""
    T = 1 + m1 - a
    real, imaginary = c * (1 + m1) - T, 2 * c**2 - 1 - T * c + m1
    size = real**2 + (1 - c**2) * (1 - m1) ** 2
    states = ((c, 1 - c), (1, -1), (m1 - 1, T - 2 * c - (m1 - 1)), (real, imaginary - real))
    one, two, three, four = states
    l1, l2, l3, l4, N, y, E, F = reals("l_1 l_2 l_3 l_4 N y E F")
    total, whole = -F * (l1 + y * l2) + y * l3 + l4, F * (N - F) * E
    found = lemma(
        "R9b.around", "Four decreases add up to a product whose sign is that of f.",
        [l1 > 0, l2 > 0, l3 > 0, l4 >= 0, E > 0, N >= 0, y > 0, equal(total, whole)],
        F > 0, [F > sympy.Rational(1, 100)],
    )  # fmt: skip
    values = {l1: lost(m1, *one), l2: lost(m1, *two), l3: lost(m1, *three), l4: lost(m2, *four), E: form(1, -1),
              N: size, y: 1 - c**2, F: around()}  # fmt: skip
    left, right = (side.subs(values, simultaneous=True) for side in (total, whole))
    balance = equation("R9b.balance", "The weighted sum of four decreases.", left, right, right + c)
    inside = lemma(
        "R9b.inside", "The sine is not 0.", [c > -1, c < 1], 1 - c**2 > 0, [1 - c**2 > sympy.Rational(1, 100)]
    )
    sizes = lemma("R9b.size", "A sum of squares is not negative.", [y > 0], d**2 + y * e**2 >= 0, [d**2 + y * e**2 > 0])
    sizes = discharge(use(sizes, {d: real, y: 1 - c**2, e: 1 - m1}), inside)
    first = lemma("R9b.apart", "The state (c, 1 - c) is not 0.", [], c**2 + (1 - c) ** 2 > 0,
                  [c**2 + (1 - c) ** 2 > sympy.Rational(51, 100)])  # fmt: skip
    third = lemma("R9b.left", "A state with a coordinate that is not 0 is not 0.", [d < 1], (d - 1) ** 2 + e**2 > 0,
                  [(d - 1) ** 2 + e**2 > sympy.Rational(1, 100)])  # fmt: skip
    third = use(third, {d: m1, e: three[1]})
    return discharge(
        use(found, values), balance, inside, sizes,
        discharge(part(instance(*one), lost(m1, *one) > 0), first),
        part(instance(*two), (lost(m1, *two) > 0) & (form(1, -1) > 0)),
        discharge(part(instance(*three), lost(m1, *three) > 0), third),
        at_least_zero(m2, *four),
    )  # fmt: skip


LEAST = (2 * (1 + m1) * (1 + m2) - a * (2 + SUM)) / (4 * SUM)  # the cosine where f is smallest


def bounded() -> Fact:
    """a is positive and below the threshold."""
    low, high = stable(m1), stable(m2)
    given = [*RANGE, *OF_ROOT, wide(r)]
    sums = lemma("R9b.sums", "The coefficients are not both 0.", given, (SUM > 0) & (r > 0),
                 [SUM > sympy.Rational(99, 100)])  # fmt: skip
    top = 2 * (1 + m1) * (1 + m2) - a * (2 + SUM)
    beyond = sympy.Not(below(r))
    left = lemma("R9b.vertex-left", "From the threshold on f is smallest at a cosine below 1.",
                 [*given, a > 0, beyond], top < 4 * SUM, [top < 2 * SUM])  # fmt: skip
    right = lemma("R9b.vertex-right", "Where each step is stable it is above -1.",
                  [*given, a < 2 * (1 + m1), a < 2 * (1 + m2)], top > -4 * SUM, [top > -3 * SUM])  # fmt: skip
    n, s, X, Q = reals("n s X Q")
    ratio = lemma("R9b.ratio", "A quotient of numbers of which one is larger in size.", [s > 0, n < 4 * s, n > -4 * s],
                  (n / (4 * s) < 1) & (n / (4 * s) > -1), [n / (4 * s) < sympy.Rational(99, 100)])  # fmt: skip
    ratio = discharge(use(ratio, {n: top, s: SUM}), left, right, part(sums, SUM > 0))
    least = around().subs(c, LEAST)
    one = (1 - m1) * (1 - m2)
    square = equation("R9b.least", "The smallest value of f.", 8 * SUM * least,
                      -(a**2 * (2 - SUM) ** 2 - 4 * one * a * (2 + SUM) + 4 * one**2),
                      -(a**2 * (2 - SUM) ** 2 - 4 * one * a * (2 + SUM) + 5 * one**2), [SUM > 0])  # fmt: skip
    ends = lemma("R9b.ends", "It is positive on one side of the threshold only.",
                 [r > 0, equal(r**2, 2 * s), a > 0, X > 0, Q > 0,
                  equal(8 * s * X, -(a**2 * (2 - s) ** 2 - 4 * Q * a * (2 + s) + 4 * Q**2))],
                 a * (2 - r) ** 2 < 4 * Q, [a * (2 - r) ** 2 < sympy.Rational(39, 10) * Q])  # fmt: skip
    room = lemma("R9b.room", "Neither coefficient is 1.", [m1 < 1, m2 < 1], one > 0, [one > sympy.Rational(1, 100)])
    around_least = discharge(use(positive_around(), {c: LEAST}), ratio)
    second = discharge(use(ends, {X: least, s: SUM, Q: one}), discharge(square, part(sums, SUM > 0)), room,
                       part(sums, r > 0), around_least)  # fmt: skip
    found = cases(assume(below(r)), second, below(r))
    found = discharge(found, part(both(low, high), (a > 0) & (a < 2 * (1 + m1)) & (a < 2 * (1 + m2))))
    return rooted(both(part(low, a > 0), found))


def only() -> Fact:
    found, body = bounded(), DECREASES
    for symbol in (k, q, p):
        found = whichever(found, symbol, sympy.true, body)
        body = Exists(symbol, sympy.true, body)
    return implies(found, COMMON)


MEANINGS = (
    (u, "distance of the iterate to the minimum in one coordinate"),
    (v, "velocity times the step size"),
    (a, "step size times the curvature of the loss with its weight decay"),
    (m1, "LCAM's one coefficient"),
    (m2, "LCAM's other coefficient"),
)

CLAIM = Claim(
    id="R9b",
    title="LCAM switching: when its two coefficients share a quadratic Lyapunov function",
    statement=Statement(
        given=(*RANGE, *STRICT, wide(ROOT)), then=sympy.Equivalent(COMMON, (a > 0) & below(ROOT)), where=MEANINGS,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(equivalent(only(), exists()),),
    controls=(identity("R9b.product", "f is Re p_1 conj p_2 of the step that runs.", product),),
    note="The threshold 4(1 - mu_1)(1 - mu_2)/(2 - sqrt(2(mu_1 + mu_2)))² is 3.42092... for 0.9 and 0.95 (R9b-pair). "
    "That sqrt(2(mu_1 + mu_2)) is neither 2 mu_1 nor 2 mu_2 is needed by the function that is written down, not by the "
    "other direction. The last hypothesis says that the threshold is below 2 sqrt(2(mu_1 + mu_2)); where it fails the "
    "threshold is a sufficient condition only (R9b-converges).",
)  # fmt: skip
