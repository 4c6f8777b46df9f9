"""R1: what one preconditioned step, projected or not, does to the distance from any comparator."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.inference.derivation import Fact, assume, discharge, equation, lemma, replace, theorem, use
from proofs.statements.claim import Claim
from proofs.statements.formulas import clip
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import DESCENT, IN_BOX, POSITIVE, g, h, high, i, low, t, theta, u

x, y, c, a, b, slope, scale, near, far = reals("x y c a b slope scale near far")


def square() -> Fact:
    """slope (x - c) written by the squares of the distances before and after an unprojected step."""
    half = scale * ((x - c) ** 2 - (x - slope / scale - c) ** 2) / 2
    return equation(
        "R1.square", "Expanding the square of the unprojected step gives an equality.",
        slope * (x - c), half + slope**2 / (2 * scale), half + slope**2 / scale, given=[scale > 0],
    )  # fmt: skip


def projection() -> Fact:
    """The projection onto [a, b] brings a point no farther from any c in [a, b]."""
    p = clip(y, a, b)
    return lemma("R1.projection", "The projection comes no farther from any point of the box.", [a <= c, c <= b],
                 (p - c) ** 2 <= (y - c) ** 2, [(p - c) ** 2 <= (y - c) ** 2 / 2])  # fmt: skip


def composed() -> Fact:
    """From the equality to the inequality: the farther square is replaced by the nearer one."""
    return lemma(
        "R1.composed", "A smaller square after the step only enlarges the right side.",
        [scale > 0, near <= far, sympy.Eq(slope * (x - c), scale * ((x - c) ** 2 - far) / 2 + y, evaluate=False)],
        slope * (x - c) <= scale * ((x - c) ** 2 - near) / 2 + y,
        [slope * (x - c) <= scale * ((x - c) ** 2 - near) / 2 + y / 2],
    )  # fmt: skip


FREE = theta(t, i) - g(t, i) / h(t, i)  # theta_{t+1} before any projection
NEARER = (theta(t + 1, i) - u(i)) ** 2 <= (FREE - u(i)) ** 2  # the step comes no farther from u than without projection
INEQUALITY = g(t, i) * (theta(t, i) - u(i)) <= h(t, i) * (
    (theta(t, i) - u(i)) ** 2 - (theta(t + 1, i) - u(i)) ** 2
) / 2 + g(t, i) ** 2 / (2 * h(t, i))


def nearer() -> Fact:
    """The inequality for step t and coordinate i of a run whose steps are NEARER."""
    here = {x: theta(t, i), c: u(i), slope: g(t, i), scale: h(t, i)}
    joined = use(composed(), {**here, near: (theta(t + 1, i) - u(i)) ** 2, far: (FREE - u(i)) ** 2,
                              y: g(t, i) ** 2 / (2 * h(t, i))})  # fmt: skip
    return discharge(joined, use(square(), here))


def projected() -> Fact:
    """A run of DESCENT is NEARER to every point of its box."""
    comes = use(projection(), {y: FREE, a: low(i), b: high(i), c: u(i)})
    return replace(comes, assume(DESCENT), backwards=True)


GENERAL = Claim(
    id="R1-nearer",
    title="one-step potential inequality, whatever comes no farther from the comparator",
    statement=Statement(given=(NEARER, POSITIVE), then=INEQUALITY),
    source=Source("zinkevich2003", "proof of Theorem 1, for any diagonal preconditioner",
                  also=(Source("dwmgradnotes", "R1"),)),
    kind="inequality",
    proof=(nearer(),),
    note="Without projection the hypothesis is an equality, so it holds for every u; with projection onto a box that "
    "holds u it is R1's lemma.",
)  # fmt: skip

CLAIM = Claim(
    id="R1",
    title="one-step potential inequality",
    statement=Statement(
        given=(DESCENT, POSITIVE, IN_BOX),
        then=INEQUALITY,
    ),
    source=Source("zinkevich2003", "proof of Theorem 1, for any diagonal preconditioner",
                  also=(Source("dwmgradnotes", "R1"),)),
    kind="inequality",
    proof=(discharge(theorem(GENERAL), projected()),),
    note="Without projection it is an equality (R1.square). h_t = 0 only if eps = 0 and every gradient so far was 0; "
    "then nothing is suffered and the step is 0/0.",
)  # fmt: skip
