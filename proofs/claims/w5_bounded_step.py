"""W5: a window of omega bounds the step by alpha sqrt(omega)."""

from typing import Any

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals

RULE = rules.get("dwmgrad")


def stepped(omega: Any, mu: Any, alpha: Any, G: Any, V: Any, g: Any, eps: Any = 0) -> Any:
    """One coordinate of one DWMGrad step, by the formula that runs, on whatever numbers come."""
    options = RULE.encode(RULE.options())._replace(eps=eps)
    k = RULE.start(options)._replace(omega=omega, mu=mu, alpha=alpha)
    return RULE.coord(options, k, RULE.Coord(G=G, V=V), 0, g)[0]


def second_moment() -> Obligation:
    omega, G, g = reals("omega G g")
    new = stepped(omega, 0, 1, G, 0, g, eps=1)
    given = {"omega >= 1": omega >= 1, "G >= 0": G >= 0}
    return Obligation(given, g * g <= omega * new.G, {"g² <= (omega - ½) G": g * g <= (omega - 0.5) * new.G})


def velocity() -> Obligation:
    """|V| <= B and B >= alpha sqrt(delta)/(1 - gamma) are preserved; sqrt(delta) is a number r with r² = delta."""
    omega, mu, alpha, G, V, g, r, gamma, eps = reals("omega mu alpha G V g r gamma eps")
    given = {
        "1 <= omega <= delta = r²": ops_and(omega >= 1, omega <= r * r, r > 0),
        "0 <= mu <= gamma < 1": ops_and(mu >= 0, mu <= gamma, gamma < 1),
        "alpha > 0": alpha > 0,
        "eps >= 0 and some gradient": ops_and(eps >= 0, G >= 0, g != 0),
        "|V| (1 - gamma) <= alpha r": ops_and(V * (1 - gamma) <= alpha * r, -V * (1 - gamma) <= alpha * r),
    }
    root, step = reals("root step")
    # step = g/(sqrt(G')+eps): |step| <= r follows from the lemma above; what remains is linear in it
    given["|g/(sqrt(G) + eps)| <= r"] = ops_and(step <= r, -step <= r)
    new = mu * V + alpha * step
    return Obligation(given, ops_and(new * (1 - gamma) <= alpha * r, -new * (1 - gamma) <= alpha * r))


def ops_and(*terms: Any) -> Any:
    import z3

    return z3.And(*terms)


CLAIM = Claim(
    id="W5",
    title="bounded step",
    statement="g_t² <= omega_t G_t, hence |alpha g_t/sqrt(G_t)| <= alpha sqrt(omega_t) and "
    "|V_t| <= alpha sqrt(delta)/(1-gamma)",
    latex=r"g_t^2 \le \omega_t G_t,\qquad |V_t| \le \frac{\alpha\sqrt{\delta}}{1-\gamma}",
    source=Source("dwmgrad", "Algorithm 1; theory notes W5"),
    kind="inequality",
    hypotheses=("omega_t >= 1", "G_0 = V_0 = 0", "gamma < 1"),
    proof=(
        forall("W5.moment", "G_t is at least its newest term g_t²/omega_t", second_moment),
        forall("W5.velocity", "the bound on V survives a step with mu_t <= gamma", velocity),
    ),
)
