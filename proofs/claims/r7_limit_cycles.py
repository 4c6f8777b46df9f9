"""R7: with a constant step size a saturated window does not converge: exact cycles, and when they are stable."""

from fractions import Fraction
from typing import Any

import flint
import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_arb import rigorous, shown
from proofs.engines.by_exact import Found, exact
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import DWMGRAD, step
from proofs.simulation import in_balls

SOURCE = Source("dwmgrad", "Algorithm 1 with constant alpha", also=(Source("dwmgradnotes", "R7"),))


def _cycle(broken: Any = 0) -> tuple[Any, Any]:
    """The step from (theta, G, V) = (a, c²a², -2a) on c x²/2, alpha = 2(1+mu)(a + eps/c); and what it must give."""
    a, mu, eps, c, omega, x = sympy.symbols("a mu eps c omega x", positive=True)
    alpha = 2 * (1 + mu - broken * mu) * (a + eps / c)
    new, after = step(g=c * a, omega=omega, G=c**2 * a**2, V=-2 * a, x=a, mu=mu, alpha=alpha, eps=eps)
    return after + x * new.G + x**2 * new.V, -a + x * c**2 * a**2 + x**2 * 2 * a


def cycle() -> tuple[Any, Any, Any]:
    found, expected = _cycle()
    return found, expected, _cycle(broken=1)[1] + sympy.Symbol("mu", positive=True)


def cycle_needs_momentum() -> tuple[Any, Any, Any]:
    """The amplitude alpha/2 of mu = 0 is not a cycle when mu > 0: theta would move to -a (1 + mu) instead of -a."""
    a, mu = sympy.symbols("a mu", positive=True)
    after = step(g=a, omega=2, G=a**2, V=-2 * a, x=a, mu=mu, alpha=2 * a)[1]
    return after, -a + 2 * a * mu, -a


def _alternating() -> tuple[Any, Any]:
    """The map of (G, w, y), y = |theta| and w = |V| of an alternating run on x²/2, alpha = 2(1+mu), eps = 0."""
    G, w, y, q, mu = sympy.symbols("G w y q mu", positive=True)
    new, after = step(g=y, omega=1 / (1 - q), G=G, V=-w, x=y, mu=mu, alpha=2 * (1 + mu))
    at = {G: 1, w: 2, y: 1}
    jacobian = sympy.Matrix([new.G, new.V, -after]).jacobian([G, w, y]).subs(at)
    return jacobian.applyfunc(sympy.simplify), (q, mu)


def characteristic() -> tuple[Any, Any, Any]:
    jacobian, (q, mu) = _alternating()
    z = sympy.Symbol("z")
    a2, a1, a0 = 1 + mu - 3 * q - 2 * mu * q, mu * q + mu + q, -mu * q
    return (z * sympy.eye(3) - jacobian).det(), z**3 + a2 * z**2 + a1 * z + a0, z**3 + a2 * z**2 + a1 * z - a0


def jury() -> tuple[Any, Any, Any]:
    """1 - a0² - (a1 - a0 a2) factors; it is the only one of Jury's conditions that can fail."""
    q, mu = sympy.symbols("q mu", positive=True)
    a2, a1, a0 = 1 + mu - 3 * q - 2 * mu * q, mu * q + mu + q, -mu * q
    factored = (1 - q) * (1 - mu - mu * (3 + mu) * q)
    return 1 - a0**2 - (a1 - a0 * a2), factored, (1 - q) * (1 - mu - 3 * mu * q)


def other_conditions() -> Obligation:
    """p(1) > 0, -p(-1) > 0, |a0| < 1 always; and 1 - a0² > -(a1 - a0 a2) where the last condition holds."""
    q, mu = reals("q mu")
    a2, a1, a0 = 1 + mu - 3 * q - 2 * mu * q, mu * q + mu + q, -mu * q
    given = {
        "0 < q < 1": z3.And(q > 0, q < 1),
        "0 <= mu < 1": z3.And(mu >= 0, mu < 1),
        "mu (3 + mu) q < 1 - mu": mu * (3 + mu) * q < 1 - mu,
    }
    goal = z3.And(1 + a2 + a1 + a0 > 0, 1 - a2 + a1 - a0 > 0, a0 < 1, a0 > -1, 1 - a0 * a0 + (a1 - a0 * a2) > 0)
    return Obligation(given, goal, {"p(1) > 1": 1 + a2 + a1 + a0 > 1})


def at_defaults() -> Found:
    """Roots of the characteristic polynomial: inside the unit circle at mu = 0, one outside at gamma = 0.9."""

    def largest(q: Fraction, mu: Fraction) -> Any:
        coefficients = [-mu * q, mu * q + mu + q, 1 + mu - 3 * q - 2 * mu * q, Fraction(1)]
        poly = flint.fmpq_poly([flint.fmpq(c.numerator, c.denominator) for c in coefficients])
        size = flint.arb(0)
        roots: Any = poly.complex_roots()  # typed as one ball
        for root, _ in roots:
            size = size.max(abs(root))
        return size

    q = Fraction(9, 10)
    plain, momentum, low = largest(q, Fraction(0)), largest(q, q), largest(q, Fraction(1, 4))
    detail = f"delta = 10: spectral radius {shown(plain)} at mu = 0, {shown(low)} at 0.25, {shown(momentum)} at 0.9"
    return (
        bool(plain < 1) and bool(low < 1),
        bool(momentum > 1),
        detail,
        {"mu=0": shown(plain), "mu=0.9": shown(momentum)},
    )


def threshold() -> Found:
    """At gamma = 9/10 stability needs q < (1/10)/(9/10 · 39/10), a window below 1.03."""
    mu = Fraction(9, 10)
    q = (1 - mu) / (mu * (3 + mu))
    delta = 1 / (1 - q)
    return (
        delta < Fraction(103, 100),
        not delta > 2,
        f"stable only for delta < {delta} = {float(delta):.4f}",
        {"delta": str(delta)},
    )


def floor_run() -> Found:
    """The paper's defaults on x²/2 from 1/10: mean loss over the last 2000 of 4000 steps, in units of alpha²."""
    o, one = in_balls(DWMGRAD), flint.arb(1)
    k = DWMGRAD.start(o)
    c, x, total, widest, steps = DWMGRAD.Coord(0 * one, 0 * one), one / 10, flint.arb(0), flint.arb(0), 4000
    for t in range(1, steps + 1):
        k = DWMGRAD.shared(o, k, x * x / 2)
        c, x = DWMGRAD.coord(o, k, c, x, x)
        if t > steps - 2000:
            total, widest = total + x * x / 2, widest.max(abs(x))
    floor, cycle = total / 2000 / o.alpha**2, 1 / (8 * flint.arb("1.9") ** 2)
    detail = (
        f"mean loss {shown(floor)} alpha², |theta| <= {shown(widest / o.alpha)} alpha; the 2-cycle's"
        f" floor is {shown(cycle)} alpha²"
    )
    certain = (
        bool(floor > flint.arb("0.0415"))
        and bool(floor < flint.arb("0.0424"))
        and bool(widest < o.alpha * flint.arb("0.43"))
    )
    return (
        certain,
        bool(floor > cycle),
        detail,
        {"start": 0.1, "steps": steps, "mean_loss_over_alpha2": shown(floor, 8)},
    )


def _abs_velocity(c: Any, gamma: Any, p: Any, j: Any) -> Any:
    """V_j, j steps into a phase of p steps of one sign on |x|: c = alpha/((1-gamma)(1+eps))."""
    return c * (1 - 2 * gamma**j / (1 + gamma**p))


def abs_phase() -> tuple[Any, Any, Any]:
    gamma, alpha, eps = sympy.symbols("gamma alpha eps", positive=True)
    j, p = sympy.symbols("j p", positive=True, integer=True)
    c = alpha / ((1 - gamma) * (1 + eps))
    V = step(g=1, omega=7, G=1, V=_abs_velocity(c, gamma, p, j), mu=gamma, alpha=alpha, eps=eps)[0].V
    return V, _abs_velocity(c, gamma, p, j + 1), _abs_velocity(c, gamma, p + 1, j + 1)


def abs_turns() -> tuple[Any, Any, Any]:
    c, gamma, p = sympy.symbols("c gamma p", positive=True)
    return _abs_velocity(c, gamma, p, p), -_abs_velocity(c, gamma, p, 0), _abs_velocity(c, gamma, p, 0)


def abs_exist() -> Found:
    """theta_0 > max_j S_j and theta_0 - S_p + max_j S_j < 0, S_j = V_1 + ... + V_j, leave an interval for theta_0."""
    gamma, c = flint.arb(9) / 10, flint.arb(10)
    floors, certain = {}, True
    for p in range(1, 8):
        sums = [flint.arb(0)]
        for j in range(1, p + 1):
            sums.append(sums[-1] + _abs_velocity(c, gamma, p, j))
        highest = flint.arb(0)
        for S in sums[:p]:
            highest = highest.max(S)
        certain &= bool(sums[p] > 2 * highest)
        floors[str(2 * p)] = shown(sum((sums[p] - 2 * S for S in sums[:p]), start=flint.arb(0)) / (2 * p))
    detail = "gamma = 0.9, mean |theta|/alpha by period: " + ", ".join(f"{n}: {v}" for n, v in floors.items())
    return certain, bool(flint.arb(floors["14"]) > 1), detail, floors


def huber_outer() -> tuple[Any, Any, Any]:
    """Huber with threshold h, both points beyond it: g = ±h, G = h², V = ∓v, v = alpha h/((1+mu)(h+eps))."""
    h, mu, alpha, eps, theta, x = sympy.symbols("h mu alpha eps theta x", positive=True)
    v = alpha * h / ((1 + mu) * (h + eps))
    new, after = step(g=h, omega=5, G=h**2, V=-v, x=theta, mu=mu, alpha=alpha, eps=eps)
    back, home = step(g=-h, omega=5, G=new.G, V=new.V, x=after, mu=mu, alpha=alpha, eps=eps)
    return after + x * home + x**2 * back.V + x**3 * back.G, theta - v + x * theta - x**2 * v + x**3 * h**2, theta


CYCLE = Claim(
    id="R7",
    title="exact 2-cycle on a quadratic",
    statement="On c x²/2 with constant alpha, momentum mu, any window and eps < c alpha/(2(1+mu)): theta ="
    " ±a, G = c²a², V = ±2a"
    " with a = alpha/(2(1+mu)) - eps/c is an exact 2-cycle. Its loss c a²/2 is a floor: alpha²/8 for c = 1,"
    " mu = eps = 0;"
    " with tied momentum mu = gamma, since the positive loss saturates the window",
    latex=r"\theta=\pm a,\quad a=\frac{\alpha}{2(1+\mu)}-\frac{\varepsilon}{c}",
    source=SOURCE,
    kind="identity",
    hypotheses=("alpha constant", "0 <= mu < 1", "c > 0", "0 <= eps < c alpha/(2(1+mu))"),
    proof=(
        identity(
            "R7.cycle",
            "one step takes (a, c²a², -2a) to (-a, c²a², 2a); the formula is odd, so the next goes back",
            cycle,
        ),
        identity("R7.momentum", "with momentum the amplitude alpha/2 is no cycle", cycle_needs_momentum),
    ),
)

STABLE = Claim(
    id="R7-stable",
    title="when the 2-cycle attracts",
    statement="The 2-cycle on x²/2 (eps = 0), window delta, q = 1 - 1/delta > 0, is linearly stable if mu"
    " (3 + mu) q < 1 - mu and"
    " unstable if >: always stable without momentum (spectral radius √q); at gamma = 0.9 unstable for every"
    " delta >= 1.03",
    latex=r"\text{stable}\iff q<\frac{1-\mu}{\mu(3+\mu)}",
    source=Source("jury1964", "stability criterion for cubics", also=(Source("dwmgradnotes", "R7"),)),
    kind="identity",
    hypotheses=("0 < q < 1", "0 <= mu < 1", "eps = 0"),
    depends=("R7",),
    proof=(
        identity(
            "R7-stable.jacobian",
            "linearised formula, G included: z³ + (1+mu-3q-2mu q)z² + (mu q+mu+q)z - mu q",
            characteristic,
        ),
        identity("R7-stable.jury", "Jury: 1 - a0² - (a1 - a0 a2) = (1-q)(1 - mu - mu(3+mu)q)", jury),
        forall("R7-stable.others", "the other conditions of Jury's criterion hold", other_conditions),
        rigorous("R7-stable.defaults", "roots at delta = 10: inside the circle at mu = 0, outside at 0.9", at_defaults),
        exact("R7-stable.threshold", "at gamma = 0.9 only windows below 1.03 would be stable", threshold),
    ),
    note="So the amplitude alpha/(2(1+mu)) of [dwmgradnotes] R7 is right as a cycle, but the paper's gamma "
    "never reaches it.",
)

FLOOR = Claim(
    id="R7-floor",
    title="the floor at gamma = 0.9 is 0.042 alpha²",
    statement="With the paper's defaults on x²/2 from theta_1 = 1/10, the mean loss over steps 2001-4000"
    " lies in [0.0415, 0.0424]"
    " alpha², above the unstable 2-cycle's alpha²/28.88 = 0.0346 alpha², and |theta| stays below 0.43 alpha",
    latex=r"\tfrac1{2000}\sum_{t=2001}^{4000}\tfrac12\theta_t^2\in[0.0415,0.0424]\,\alpha^2",
    source=SOURCE,
    kind="inequality",
    depends=("R7-stable",),
    proof=(rigorous("R7-floor.run", "4000 steps in balls, every rounding enclosed", floor_run, bits=16384),),
    note="Measured to 10^6 steps the motion is quasi-periodic (nearest return 48 steps, off by 0.003 alpha;"
    " no period below"
    " 1500 to 1e-6), so there is no cycle to prove exact at gamma = 0.9. Open: that it never converges, for"
    " every start.",
)

KINK = Claim(
    id="R7-abs",
    title="exact cycles on |x| and Huber losses",
    statement="On |x|, G = 1 and momentum gamma: for p steps of each sign V_j = c(1 - 2"
    " gamma^j/(1+gamma^p)), c = alpha/((1-gamma)"
    "(1+eps)), is an exact cycle of period 2p for an interval of theta; at gamma = 0.9 it exists for p ="
    " 1..7, with mean"
    " loss from 0.26 alpha (p = 1) up. Huber with threshold h: the cycle of x²/2 when a <= h, and theta, theta - v with"
    " v = alpha h/((1+mu)(h+eps)) when both lie beyond h",
    latex=r"V_j=\frac{\alpha}{(1-\gamma)(1+\varepsilon)}\Bigl(1-\frac{2\gamma^j}{1+\gamma^p}\Bigr)",
    source=Source("huber1964", "the loss", also=(Source("dwmgradnotes", "R7"),)),
    kind="identity",
    hypotheses=("alpha constant", "0 < gamma < 1; mu = 0 is p = 1"),
    depends=("R7",),
    proof=(
        identity("R7-abs.phase", "within a phase the formula takes V_j to V_(j+1)", abs_phase),
        identity("R7-abs.turn", "V_p = -V_0: the next phase is the mirror image", abs_turns),
        rigorous("R7-abs.exist", "at gamma = 0.9 the signs fit for an interval of theta, p = 1..7", abs_exist),
        identity("R7-abs.huber", "Huber beyond its threshold: two steps return to theta, V and G", huber_outer),
    ),
    note="These cycles are neutral: which one is reached depends on the start (seen at gamma = 0.9, delta ="
    " 10: periods 4, 6,"
    " 12). At 0 the subgradient is taken as 0, and a run that lands there exactly stays if V = 0.",
)
