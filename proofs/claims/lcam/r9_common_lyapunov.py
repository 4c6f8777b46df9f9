"""R9b: the exact largest alpha lambda at which LCAM's two coefficients share a quadratic Lyapunov function.

a = alpha lambda. The two step matrices differ by a matrix of rank one, so the discrete circle criterion decides
the question: a common P exists iff f(c) = Re p_1 conj(p_2) > 0 on the unit circle, c = cos of the angle, p_i the
characteristic polynomials. f is quadratic in c, which gives the threshold in closed form. Neither direction is
taken from the literature here: P is written down where it exists, and where it does not, matrices Q_1, Q_2 that
rule it out.
"""

from fractions import Fraction
from typing import Any

import sympy
import z3

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_smt import Obligation, forall, reals
from proofs.checkers.by_sympy import identity
from proofs.inference.worded import claim as Claim
from proofs.models.step_matrix import Matrix, decrease, det, minus, step_matrix, times, trace, transposed

LCAM = rules.get("lcam")
LOW, HIGH = Fraction(9, 10), Fraction(19, 20)
S, GAP = LOW + HIGH, LOW + HIGH - 2 * LOW * HIGH  # mu_1 + mu_2 and mu_1(1 - mu_2) + mu_2(1 - mu_1)
BELOW, ABOVE = Fraction(342092, 100000), Fraction(342093, 100000)  # around the threshold


def rational(x: Fraction) -> Any:
    return z3.RealVal(str(x))


def lyapunov(a: Any, root: Any, number: Any = rational) -> Matrix:
    """P on (theta, V); root = sqrt(2(mu_1 + mu_2)), or any number near it."""
    return (a * number((2 - S) / GAP), a * (root - number(S)) / number(GAP)), (a * (root - number(S)) / number(GAP), 1)


def positive(M: Matrix) -> Any:
    return z3.And(M[0][0] > 0, det(M) > 0)


def exists_below() -> Obligation:
    """a < a* is written (2 - root)² a < 4(1 - mu_1)(1 - mu_2): no division."""
    a, root = reals("a root")
    P = lyapunov(a, root)
    given = {
        "a > 0": a > 0,
        "a < a*": (2 - root) * (2 - root) * a < rational(4 * (1 - LOW) * (1 - HIGH)),
        "root = sqrt(2(mu_1 + mu_2))": z3.And(root > 0, root * root == rational(2 * S)),
    }
    common = [positive(decrease(P, step_matrix(LCAM, rational(mu), a))) for mu in (LOW, HIGH)]
    return Obligation(given, z3.And(positive(P), *common))


def parts(a: Any, c: Any, mu_1: Any = LOW, mu_2: Any = HIGH) -> tuple[Matrix, Matrix, Any, Any]:
    """d R (Q_1, Q_2), the factor d R, and f(c); in coordinates (theta_t, theta_{t-1}) = (theta, theta + V).

    With z = c + is on the unit circle: Y = Re conj(p_1(z)) (z, 1), R = Re p_1(z) conj(z - 1), d = mu_2 - mu_1,
    X = Re (z,1)(z,1)*, Q_2 = Y Yᵀ/(d R), Q_1 = X - Q_2.
    """
    tau_1, tau_2, d = 1 + mu_1 - a, 1 + mu_2 - a, mu_2 - mu_1
    Y = (c * (1 + mu_1) - tau_1, 2 * c * c - 1 - tau_1 * c + mu_1)
    scale = d * (Y[0] - Y[1])
    Q_2 = ((Y[0] * Y[0], Y[0] * Y[1]), (Y[0] * Y[1], Y[1] * Y[1]))
    Q_1 = minus(((scale, c * scale), (c * scale, scale)), Q_2)
    f = 1 + mu_1 * mu_2 + tau_1 * tau_2 - mu_1 - mu_2 + 2 * (mu_1 + mu_2) * c * c
    return Q_1, Q_2, scale, f - (tau_1 + tau_2 + tau_2 * mu_1 + tau_1 * mu_2) * c


def back(Q: Matrix) -> Matrix:
    """Q of (theta_t, theta_{t-1}) as a matrix of (theta, V), V = theta_{t-1} - theta_t."""
    T = ((1, 0), (-1, 1))
    return times(T, times(Q, transposed(T)))


def balance() -> tuple[Any, Any, Any]:
    """Σ tr(Q_i (P - A_iᵀ P A_i)) for every symmetric P."""
    a, c, m1, m2, p, q, r = sympy.symbols("a c mu_1 mu_2 p q r")
    P = ((p, q), (q, r))
    Q_1, Q_2, scale, f = parts(a, c, m1, m2)
    total = sum(trace(times(back(Q), decrease(P, step_matrix(LCAM, mu, a)))) for Q, mu in ((Q_1, m1), (Q_2, m2)))
    quadratic = p - 2 * q + r
    return total, f * scale * quadratic, f * scale * quadratic + q


def f_is_the_product() -> tuple[Any, Any, Any]:
    """f(c) = Re p_1(z) conj p_2(z) for the characteristic polynomials of the step that runs."""
    a, c, s, m1, m2 = sympy.symbols("a c s mu_1 mu_2", real=True)
    z = c + sympy.I * s
    p = [z**2 - trace(step_matrix(LCAM, mu, a)) * z + det(step_matrix(LCAM, mu, a)) for mu in (m1, m2)]
    product = sympy.expand(sympy.re(sympy.expand(p[0] * sympy.conjugate(p[1])))).subs(s, sympy.sqrt(1 - c**2))
    f = parts(a, c, m1, m2)[3]
    return product, f, f + c


def nonnegative() -> Obligation:
    """Where f(c) <= 0 the Q_i are positive semidefinite, and not both 0."""
    a, c = reals("a c")
    Q_1, Q_2, scale, f = parts(a, c, rational(LOW), rational(HIGH))
    given = {
        "0 < a < 2(1 + mu_1): each is stable": z3.And(a > 0, a < rational(2 * (1 + LOW))),
        "-1 < c < 1": z3.And(c > -1, c < 1),
        "f(c) <= 0": f <= 0,
    }
    semidefinite = [z3.And(Q[0][0] >= 0, Q[1][1] >= 0, det(Q) >= 0) for Q in (Q_1, Q_2)]
    return Obligation(given, z3.And(*semidefinite, scale > 0))


def vertex() -> Obligation:
    """From a* on f is not positive at c = its vertex, which lies in (-1, 1)."""
    a, root = reals("a root")
    given = {
        "a >= a*": (2 - root) * (2 - root) * a >= rational(4 * (1 - LOW) * (1 - HIGH)),
        "a < 2(1 + mu_1)": a < rational(2 * (1 + LOW)),
        "root = sqrt(2(mu_1 + mu_2))": z3.And(root > 0, root * root == rational(2 * S)),
    }
    c = (rational(2 * (1 + LOW) * (1 + HIGH)) - a * rational(2 + S)) / rational(4 * S)
    f = parts(a, c, rational(LOW), rational(HIGH))[3]
    return Obligation(given, z3.And(f <= 0, c > -1, c < 1))


def traces() -> Obligation:
    """tr(Q M) > 0 for M positive definite and Q positive semidefinite, not 0."""
    m, n, k, p, q, r = reals("m n k p q r")
    given = {
        "M > 0": z3.And(m > 0, m * k > n * n),
        "Q >= 0": z3.And(p >= 0, r >= 0, p * r >= q * q),
        "Q is not 0": p + r > 0,
    }
    return Obligation(given, m * p + 2 * n * q + k * r > 0)


def contradiction() -> Obligation:
    """u_i = tr(Q_i (P - A_iᵀ P A_i)) >= 0, one of them > 0, although f(c) <= 0."""
    u_1, u_2, f, scale, quadratic = reals("u_1 u_2 f dR ePe")
    given = {
        "u_1 + u_2 = f(c) dR ePe": u_1 + u_2 == f * scale * quadratic,
        "dR > 0": scale > 0,
        "P > 0": quadratic > 0,
        "each u_i >= 0, one > 0": z3.And(u_1 >= 0, u_2 >= 0, u_1 + u_2 > 0),
    }
    return Obligation(given, f > 0, {"f(c) > 1": f > 1})


def replayed() -> Found:
    """The certificates in plain fractions, five digits on either side of the threshold."""
    below, above = [], []
    root = Fraction(1923538406167134, 10**15)
    P = lyapunov(BELOW, root, Fraction)
    for a, into in ((BELOW, below), (ABOVE, above)):
        losses = [decrease(P, step_matrix(LCAM, mu, a)) for mu in (LOW, HIGH)]
        into += [M[0][0] > 0 and det(M) > 0 for M in losses]
    c = (2 * (1 + LOW) * (1 + HIGH) - ABOVE * (2 + S)) / (4 * S)
    Q_1, Q_2, scale, f = parts(ABOVE, c)
    ruled_out = scale > 0 and f < 0 and all(Q[0][0] >= 0 and det(Q) >= 0 for Q in (Q_1, Q_2))
    witness = {
        "alpha_lambda_with": str(BELOW),
        "P": [[str(x) for x in row] for row in P],
        "alpha_lambda_without": str(ABOVE),
        "Q1": [[str(x / scale) for x in row] for row in Q_1],
        "Q2": [[str(x / scale) for x in row] for row in Q_2],
    }
    detail = f"P works at {float(BELOW)}; Q_1, Q_2 rule out every P at {float(ABOVE)}; that P fails there"
    return all(below) and ruled_out, not all(above), detail, witness


CLAIM = Claim(
    id="R9b",
    title="LCAM switching: a common quadratic Lyapunov function up to αλ = (2/9)(2+√3.7)² ≈ 3.42092",
    statement="The step matrices with coefficients 0.9 and 0.95 have a common quadratic Lyapunov function if and only "
    "if 0 < alpha lambda < a* = 4(1 - mu_1)(1 - mu_2)/(2 - sqrt(2(mu_1 + mu_2)))² = 3.420923...; so LCAM converges on "
    "every quadratic with alpha lambda < a*, in whatever order it switches",
    latex=r"\exists P\succ0:\ A_\mu^\top PA_\mu\prec P\ (\mu=0.9,0.95)\iff 0<\alpha\lambda<"
    r"\frac{4(1-\mu_1)(1-\mu_2)}{\bigl(2-\sqrt{2(\mu_1+\mu_2)}\bigr)^2}=\tfrac29\bigl(2+\sqrt{3.7}\bigr)^2",
    source=Source("lcam", "the LCAM update", also=(Source("dwmgradnotes", "R9"),)),
    kind="inequality",
    hypotheses=("mu in {0.9, 0.95} at every step, in any order", "0 < alpha lambda < 3.8: each is stable (R9a)"),
    depends=("R9a",),
    proof=(
        forall("R9b.exists", "below a* a matrix P, linear in alpha lambda, decreases under both steps", exists_below),
        identity("R9b.product", "f(c) is Re p_1 conj p_2 on the unit circle", f_is_the_product),
        identity(
            "R9b.balance", "Σ tr(Q_i(P - A_iᵀPA_i)) = f(c) dR eᵀPe, e = (1, -1), for every P, mu_1, mu_2", balance
        ),
        forall("R9b.cone", "where f(c) <= 0 both Q_i are positive semidefinite and Q_1 + Q_2 is not 0", nonnegative),
        forall("R9b.vertex", "from a* on there is such a c", vertex),
        forall("R9b.traces", "a positive definite M has tr(QM) > 0 for every such Q that is not 0", traces),
        forall(
            "R9b.impossible",
            "so a common P would make f(c) > 0, which it is not: there is none from a* on",
            contradiction,
        ),
        exact("R9b.replay", "both certificates in fractions, five digits around the threshold", replayed),
    ),
    note="Sharper than [dwmgradnotes] R9 as first written, which asks for a numerical bisection: the threshold "
    "has a closed form.",
)
