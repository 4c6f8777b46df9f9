"""R9a: with a fixed coefficient LCAM is heavy ball, stable on a quadratic iff 0 < alpha lambda < 2(1 + mu)."""

from typing import Any

import sympy
import z3

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claim import Check
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.step_matrix import det, step_matrix, trace
from proofs.worded import claim as Claim

HEAVY_BALL, LCAM = rules.get("heavy-ball"), rules.get("lcam")


def jury(T: Any, D: Any) -> Any:
    """Jury's conditions on z² - T z + D."""
    return z3.And(D < 1, T < 1 + D, -T < 1 + D)


def real_roots() -> Obligation:
    r, s = reals("r s")
    inside = z3.And(r < 1, -r < 1, s < 1, -s < 1)
    without_sign = z3.And(r * s < 1, r + s < 1 + r * s)
    return Obligation({}, inside == jury(r + s, r * s), {"T > -1 - D is not needed": inside == without_sign})


def complex_roots() -> Obligation:
    u, v = reals("u v")
    inside = u * u + v * v < 1
    return Obligation(
        {"v != 0": v != 0}, inside == jury(2 * u, u * u + v * v), {"|T| < 1": z3.Implies(inside, u < 0.5)}
    )


def coefficients(rule: Any) -> Any:
    def build() -> tuple[Any, Any, Any]:
        mu, a, lam, weight = sympy.symbols("mu alpha lambda w")
        A = step_matrix(rule, mu, lam, a)
        # one identity for both: w is free, so the coefficients must agree separately
        return trace(A) + weight * det(A), 1 + mu - a * lam + weight * mu, 1 + mu - a * lam + weight

    return build


def interval(rule: Any) -> Any:
    def build() -> Obligation:
        mu, a, lam = reals("mu alpha lam")
        A = step_matrix(rule, mu, lam, a)
        given = {"0 <= mu < 1": z3.And(mu >= 0, mu < 1)}
        stable = jury(trace(A), det(A))
        inside = z3.And(a * lam > 0, a * lam < 2 * (1 + mu))
        return Obligation(given, stable == inside, {"also at alpha lambda = 2": z3.Implies(stable, a * lam < 2)})

    return build


def derivation(name: str, rule: Any) -> tuple[Check, ...]:
    says = "and this holds iff 0 < alpha lambda < 2(1 + mu)"
    return (
        forall(f"{name}.real", "real roots of z² - Tz + D lie in (-1, 1) iff D < 1 and |T| < 1 + D", real_roots),
        forall(
            f"{name}.complex", "a complex pair u ± iv lies inside the unit circle iff the same holds", complex_roots
        ),
        identity(f"{name}.formula", "the step that runs has T = 1 + mu - alpha lambda and D = mu", coefficients(rule)),
        forall(f"{name}.interval", says, interval(rule)),
    )


FIXED = Claim(
    id="R9a",
    title="LCAM with one coefficient: stable iff αλ < 2(1+μ)",
    statement="On ½ lambda theta² the step matrix of LCAM with a fixed coefficient mu has spectral radius below 1 "
    "if and only if 0 < alpha lambda < 2(1 + mu)",
    latex=r"\rho(A_\mu)<1 \iff 0<\alpha\lambda<2(1+\mu)",
    source=Source("lcam", "the LCAM update", also=(Source("dwmgradnotes", "R9"),)),
    kind="identity",
    hypotheses=("0 <= mu < 1", "no weight decay"),
    proof=derivation("R9a", LCAM),
)

CONTROL = Claim(
    id="C-heavy-ball",
    title="control: heavy ball's stability interval",
    statement="Heavy ball on ½ lambda theta² is stable if and only if 0 < alpha lambda < 2(1 + beta)",
    latex=r"\rho(A_\beta)<1 \iff 0<\alpha\lambda<2(1+\beta)",
    source=Source("polyak1964", "the two-step method on a quadratic"),
    kind="identity",
    hypotheses=("0 <= beta < 1",),
    proof=derivation("C-heavy-ball", HEAVY_BALL),
    note="A known result, here to test the machinery: the same checks on another rule's formula.",
)
