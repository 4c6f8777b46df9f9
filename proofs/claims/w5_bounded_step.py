"""W5: a window of omega bounds the step by alpha sqrt(omega), whatever the gradients."""

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.derivation import assume, at, discharge, follows, induction, lemma, replace, use
from proofs.formulas import DWMGRAD, read, step
from proofs.run import Run
from proofs.statement import ForAll, Statement, reals
from proofs.vocabulary import G, V, alpha, alpha_t, delta, eps, g, gamma, h, i, mu_t, omega, t

RUN = Run(DWMGRAD, box=False, alpha=alpha, gamma=gamma, delta=delta, eps=eps)
WINDOW = ForAll(t, t >= 1, (1 <= omega(t)) & (omega(t) <= delta))
MOMENTUM = ForAll(t, t >= 1, (0 <= mu_t(t)) & (mu_t(t) <= gamma))
STEP_SIZE = ForAll(t, t >= 1, (0 < alpha_t(t)) & (alpha_t(t) <= alpha))

last, new, window, r, rate, moved, velocity, momentum, most = reals("G g omega r alpha p V mu A")

# G_t is never negative: induction over the formula.
later_window = at(assume(WINDOW), t + 1)
later_moment = use(RUN.coord("G"), {t: t + 1})
NEVER_NEGATIVE = induction(
    G(t, i) >= 0, t, 0,
    follows("W5.start", "the second moment starts at 0", [RUN.coord_start("G")], G(0, i) >= 0, [G(0, i) > 0]),
    follows("W5.kept", "a step forms a mean of the old moment and a square", [later_moment, later_window],
            G(t + 1, i) >= 0, [G(t + 1, i) > 0], given=[G(t, i) >= 0]),
)  # fmt: skip

# g_t² <= omega_t G_t
after = step(omega=window, G=last, g=new, eps=1)[0].G
newest = lemma("W5.moment", "the second moment is at least its newest term", [window >= 1, last >= 0],
               new**2 <= window * after, [new**2 <= (window - sympy.Rational(1, 2)) * after])  # fmt: skip
newest = use(newest, {window: omega(t), last: G(t - 1, i), new: g(t, i)})
newest = discharge(newest, use(NEVER_NEGATIVE, {t: t - 1}))
MOMENT = replace(newest, RUN.coord("G"), backwards=True)

# |V_t| <= alpha sqrt(delta)/(1 - gamma): the push of each step is at most alpha_t r, r = sqrt(delta), by the moment.
push = rate * new / (sympy.sqrt(most) + eps)
BOUNDED_PUSH = lemma(
    "W5.push", "So a step's push is at most alpha_t times the root of the window's cap.",
    [rate > 0, eps > 0, most >= 0, r >= 0, new**2 <= window * most, window <= r**2],
    sympy.Abs(push) <= rate * r, [sympy.Abs(push) <= rate * r / 2],
)  # fmt: skip
