"""What the claims about the window share: one coordinate's moment, its window and its step size, as hypotheses.

They are the recurrences of `rules/dwmgrad.py`, written by its own functions handed symbols, and say nothing of the
other options. So a theorem about them serves every run: `of_run.py` reads them off the run at hand.
"""

from typing import Any

import sympy

from dwmgrad_ref import rules
from proofs.statements.formulas import DWMGRAD, advance, read, record, step
from proofs.statements.statement import ForAll, sequences
from proofs.statements.vocabulary import G, V, alpha, alpha_t, delta, eps, g, gamma, h, i, mu_t, omega, omega0, t, theta

ADAGRAD = rules.get("adagrad")
b = sequences("b")  # the signal summed since the last reset, this step's included
A = sequences("A")  # AdaGrad's accumulator


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


def every_step(statement: Any) -> ForAll:
    """The statement about step t, for every step t >= 1."""
    return ForAll(t, t >= 1, statement)


def moment(window: Any, last: Any, new: Any) -> Any:
    """G_t by the formula that runs, from the window omega_t, G_{t-1} and g_t."""
    return step(omega=window, G=last, g=new, eps=1)[0].G


def moved(last: Any, total: Any, cap: Any) -> Any:
    """omega_t by the formula that runs, from omega_{t-1}, the sum of the signal and the cap."""
    return advance(DWMGRAD, record(DWMGRAD, delta=cap, gamma=0, alpha=1), 0, {"omega": last, "beta": total}).omega


def tied(window: Any, cap: Any) -> Any:
    """mu_t by the formula that runs, from omega_t and the cap."""
    after = advance(DWMGRAD, record(DWMGRAD, delta=cap, gamma=gamma, alpha=1), 0, {"omega": omega(t - 1)})
    return after.mu.xreplace({after.omega: window})


MOMENT = every_step(equal(G(t, i), moment(omega(t), G(t - 1, i), g(t, i))))
EMPTY = equal(G(0, i), 0)  # no moment before the first step
MOVES = every_step(equal(omega(t), moved(omega(t - 1), b(t), delta)))
FIRST = equal(omega(0), omega0)
RANGE = (delta >= 1) & (0 <= omega0) & (omega0 <= delta)  # of the window's options
AT_LEAST_ONE = every_step(omega(t) >= 1)
AT_MOST_ONE_WIDER = every_step(omega(t) <= omega(t - 1) + 1)
EXPANDING = every_step(equal(omega(t), omega0 + t))
PRECONDITIONER = every_step(equal(h(t, i), read(G=G(t, i), alpha=alpha_t(t), eps=eps).h))
ROOT_SCHEDULE = every_step(equal(alpha_t(t), alpha / sympy.sqrt(t)))
VELOCITY = every_step(
    equal(
        V(t, i),
        step(omega=omega(t), G=G(t - 1, i), V=V(t - 1, i), mu=mu_t(t), g=g(t, i), alpha=alpha_t(t), eps=eps)[0].V,
    )
)
ITERATE = every_step(
    equal(
        theta(t + 1, i),
        step(omega=omega(t), G=G(t - 1, i), V=V(t - 1, i), x=theta(t, i), mu=mu_t(t), g=g(t, i), alpha=alpha_t(t),
             eps=eps)[1],
    )
)  # fmt: skip
AT_REST = equal(V(0, i), 0)  # no velocity before the first step
NOT_ZERO = every_step(sympy.sqrt(G(t, i)) + eps > 0)  # eps > 0, or a gradient that is not 0 came by step t
UNCAPPED = every_step(equal(omega(t), moved(omega(t - 1), b(t), sympy.oo)))  # delta = inf
TIED = every_step(equal(mu_t(t), tied(omega(t), delta)))
