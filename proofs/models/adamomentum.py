"""AdaMomentum's formula handed whatever numbers a proof needs, and the run that the convex theorem is about."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref import rules
from proofs.statements.formulas import clip, record
from proofs.statements.statement import ForAll, sequences
from proofs.statements.vocabulary import alpha, beta1, beta2, d, eps, g, high, i, low, t, theta

RULE = rules.get("adamomentum")
m, v = sequences("m v")
beta = sequences("beta_t")  # the momentum coefficient of step t, printed as beta_{1,t}

MEANING = (
    (m, "momentum after step t, coordinate i"),
    (v, "second moment after step t, coordinate i"),
    (beta, "momentum coefficient of step t"),
)


def momentum_step(
    *, g: Any, m: Any = 0, v: Any = 0, x: Any = 0, beta1: Any, beta2: Any, eps: Any = 0, alpha: Any = 1
) -> tuple[Any, Any]:
    """One coordinate of a step without bias correction, as in the convex theorem: (m_t, v_t), theta_{t+1}."""
    o = record(RULE, beta1=beta1, beta2=beta2, eps=eps)
    k = RULE.start(o)._replace(alpha=alpha, c1=1, c2=1)
    return RULE.coord(o, k, RULE.Coord(m=m, v=v), x, g)


def _equations() -> tuple[Any, Any, Any]:
    """m_t, v_t and theta_{t+1} of the theorem's run, each by the rule's own code, m_t and v_t written as such."""
    new, after = momentum_step(g=g(t, i), m=m(t - 1, i), v=v(t - 1, i), x=theta(t, i), beta1=beta(t), beta2=beta2,
                               eps=eps, alpha=alpha / sympy.sqrt(t))  # fmt: skip
    moment = new.v.xreplace({new.m: m(t, i)})
    moved = after.xreplace({new.v: v(t, i)}).xreplace({new.m: m(t, i)})
    pairs = ((m(t, i), new.m), (v(t, i), moment), (theta(t + 1, i), clip(moved, low(i), high(i))))
    first, second, third = (sympy.Eq(left, right, evaluate=False) for left, right in pairs)
    return first, second, third


MOMENTUM, MOMENT, STEP = _equations()
START = sympy.Eq(m(0, i), 0, evaluate=False) & sympy.Eq(v(0, i), 0, evaluate=False)
COEFFICIENTS = (0 <= beta(t)) & (beta(t) <= beta1)
RATES = (beta1 < 1, 0 <= beta2, beta2 < 1, eps >= 0, alpha > 0)
H = sympy.Lambda((t, i), sympy.sqrt(v(t, i)) * sympy.sqrt(t) / alpha)  # sqrt(v_t)/alpha_t with alpha_t = alpha/sqrt(t)
GROWING = H(t, i) <= H(t + 1, i)


def every(statement: Any) -> ForAll:
    """The statement about step t, for every step."""
    return ForAll(t, t >= 1, statement)


def each(statement: Any) -> ForAll:
    """For every coordinate."""
    return ForAll(i, (1 <= i) & (i <= d), statement)
