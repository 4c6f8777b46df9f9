"""R7: with a constant step size a saturated window does not converge: exact cycles, and when they are stable."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from fractions import Fraction
from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous, shown
from proofs.checkers.by_exact import Found, exact
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    both,
    computed,
    discharge,
    equation,
    follows,
    for_all,
    induction,
    lemma,
    part,
    replace,
    use,
)
from proofs.inference.limits import chained, equivalent, schur_cohn
from proofs.inference.periods import power_positive
from proofs.models.simulation import in_balls
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, step
from proofs.statements.statement import ForAll, Named, Statement, integers, reals, substitute
from proofs.statements.vocabulary import G, V, alpha, eps, g, gamma, i, mu, omega, t, theta

SOURCE = Source("dwmgrad", "Algorithm 1 with constant alpha", also=(Source("dwmgradnotes", "R7"),))
a, c, q = reals("a c q")
ONE = sympy.S.One
z = sympy.Symbol("z")


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


def every(statement: Any) -> ForAll:
    return ForAll(t, t >= 1, statement)


# --- the 2-cycle on c x²/2 --------------------------------------------------------------------------------------------

NEW, MOVED = step(g=g(t, i), omega=omega(t), G=G(t - 1, i), V=V(t - 1, i), x=theta(t, i), mu=mu, alpha=alpha, eps=eps)
MOMENT = every(equal(G(t, i), NEW.G))
VELOCITY = every(equal(V(t, i), NEW.V))
MOVES = every(equal(theta(t + 1, i), MOVED))
GRADIENT = every(equal(g(t, i), c * theta(t, i)))
WINDOW = every(omega(t) >= 1)
OPTIONS = (c > 0) & (mu >= 0) & (mu < 1) & (eps >= 0) & (eps < c * alpha / (2 * (1 + mu)))
AMPLITUDE = equal(a, alpha / (2 * (1 + mu)) - eps / c)
STARTS = equal(theta(1, i), a) & equal(G(0, i), c**2 * a**2) & equal(V(0, i), -2 * a)
ON_CYCLE = equal(theta(t, i) ** 2, a**2) & equal(G(t - 1, i), c**2 * a**2) & equal(V(t - 1, i), -2 * theta(t, i))


def cycle() -> Fact:
    """Every step turns theta around."""
    x, root = reals("x r")
    moment, velocity, moves, slope, window = (at(assume(e), t) for e in (MOMENT, VELOCITY, MOVES, GRADIENT, WINDOW))
    kept = follows(
        "R7.moment",
        "A gradient whose square is the moment leaves the moment.",
        [moment, slope, window],
        equal(G(t, i), c**2 * a**2),
        given=[ON_CYCLE],
        parts={x: 1 / omega(t)},
    )
    positive = lemma(
        "R7.amplitude",
        "A small eps leaves an amplitude.",
        [AMPLITUDE, OPTIONS],
        (a > 0) & (c > 0) & (eps >= 0),
        [a > sympy.Rational(1, 100)],
    )
    newest = replace(velocity, moment, backwards=True)
    rooted = lemma(
        "R7.root",
        "The root of the moment on the cycle.",
        [equal(x, c**2 * a**2), a > 0, c > 0],
        equal(sympy.sqrt(x), c * a),
        [],
    )
    rooted = discharge(use(rooted, {x: G(t, i)}), kept, positive)
    pushed = lemma(
        "R7.push",
        "The step size makes the push 2 (1 + mu) times the iterate.",
        [AMPLITUDE, a > 0, c > 0, eps >= 0, mu >= 0, equal(root, c * a)],
        equal(alpha * c / (root + eps), 2 * (1 + mu)),
        [],
    )
    pushed = discharge(use(pushed, {root: sympy.sqrt(G(t, i))}), rooted, positive)
    turns = follows(
        "R7.cycle",
        "So the velocity is twice the iterate.",
        [newest, slope, pushed],
        equal(V(t, i), 2 * theta(t, i)),
        given=[ON_CYCLE],
        parts={x: 1 / (sympy.sqrt(G(t, i)) + eps)},
    )
    away = follows(
        "R7.turns",
        "The step takes the iterate to the other side.",
        [moves, velocity, turns],
        equal(theta(t + 1, i), -theta(t, i)),
        parts={x: 1 / (sympy.sqrt(NEW.G) + eps)},
    )
    following = follows(
        "R7.stays",
        "There the same holds with all signs turned.",
        [away, turns, kept],
        substitute(ON_CYCLE, {t: t + 1}),
        given=[ON_CYCLE],
    )
    base = follows("R7.starts", "The start is on the cycle.", [assume(STARTS)], substitute(ON_CYCLE, {t: 1}))
    on_cycle = induction(ON_CYCLE, t, 1, base, following)
    return for_all(discharge(both(away, part(on_cycle, equal(theta(t, i) ** 2, a**2))), on_cycle), t, t >= 1)


# --- linear stability of the 2-cycle on x²/2 -----------------------------------------------------------------------


def alternating() -> tuple[Any, Any]:
    """The map of (G, w, y), y = |theta| and w = |V| of an alternating run on x²/2, alpha = 2(1+mu), eps = 0, and its
    Jacobian at the cycle (1, 2, 1)."""
    state = sympy.symbols("G w y", positive=True)
    old, w, y = state
    m, p = sympy.symbols("mu q", positive=True)
    new, after = step(g=y, omega=1 / (1 - p), G=old, V=-w, x=y, mu=m, alpha=2 * (1 + m))
    jacobian = sympy.Matrix([new.G, new.V, -after]).jacobian(list(state)).subs({old: 1, w: 2, y: 1})
    return jacobian.applyfunc(sympy.simplify).subs({m: mu, p: q}), state


POLYNOMIAL = sympy.collect(sympy.expand((z * sympy.eye(3) - alternating()[0]).det()), z)
ATTRACTS, REPELS = (
    Named(
        f"the 2-cycle on x²/2 with eps = 0, momentum {{0}} and window 1/(1 - {{1}}) is linearly {word}: {roots} {{2}}",
        mu,
        q,
        POLYNOMIAL,
    )
    for word, roots in (
        ("stable", "inside the unit circle lies every root of"),
        ("unstable", "outside the unit circle lies a root of"),
    )
)

STEADY, RESTLESS = mu * (3 + mu) * q < 1 - mu, mu * (3 + mu) * q > 1 - mu
WINDOWS = (q > 0) & (q < 1) & (mu >= 0) & (mu < 1)


def stability() -> Fact:
    """Jury's conditions come down to one."""
    inside, outside = schur_cohn(ATTRACTS, REPELS, POLYNOMIAL, z)
    conditions = next(e for e in inside.then.args if e != ATTRACTS)
    weaker = STEADY.func(STEADY.lhs * sympy.Rational(101, 100), STEADY.rhs)
    one = lemma(
        "R7-stable.jury",
        "Of Jury's conditions only one can fail, and it factors.",
        [WINDOWS],
        sympy.Equivalent(conditions, STEADY),
        [sympy.Equivalent(conditions, weaker)],
    )
    violated = outside.then.args[0]
    fails = lemma(
        "R7-stable.unstable",
        "Beyond the boundary that condition is violated.",
        [WINDOWS],
        sympy.Implies(RESTLESS, violated),
        [sympy.Implies(mu * (3 + mu) * q > (1 - mu) * 99 / 100, violated)],
    )
    return both(equivalent(inside, one), chained(fails, outside))


def polynomial_at(at_q: Fraction, at_mu: Fraction) -> Any:
    """The characteristic polynomial for numbers, as python-flint's."""
    values = {q: sympy.Rational(at_q), mu: sympy.Rational(at_mu)}
    coefficients = [sympy.Rational(e.subs(values)) for e in reversed(sympy.Poly(POLYNOMIAL, z).all_coeffs())]
    return flint.fmpq_poly([flint.fmpq(int(e.p), int(e.q)) for e in coefficients])


def largest_root(at_q: Fraction, at_mu: Fraction) -> Any:
    size = flint.arb(0)
    roots: Any = polynomial_at(at_q, at_mu).complex_roots()  # typed as one ball
    for root, _ in roots:
        size = size.max(abs(root))
    return size


def at_defaults() -> Found:
    """Roots of the characteristic polynomial: inside the unit circle at mu = 0, one outside at gamma = 0.9."""
    p = Fraction(9, 10)
    plain, momentum, low = largest_root(p, Fraction(0)), largest_root(p, p), largest_root(p, Fraction(1, 4))
    detail = f"delta = 10: spectral radius {shown(plain)} at mu = 0, {shown(low)} at 0.25, {shown(momentum)} at 0.9"
    witness = {"mu=0": shown(plain), "mu=0.9": shown(momentum)}
    return bool(plain < 1) and bool(low < 1), bool(momentum > 1), detail, witness


def not_the_root() -> Found:
    """Without momentum the spectral radius is sqrt(q) only from q = 1/9 on: at q = 1/16 it is larger."""
    late, early = largest_root(Fraction(9, 10), Fraction(0)), largest_root(Fraction(1, 16), Fraction(0))
    from_ninth = (late * late - flint.arb(9) / 10).contains(0)
    below = bool(early > flint.arb("0.72")) and bool(early < 1)
    detail = f"spectral radius {shown(late)} at q = 9/10 and {shown(early)} at q = 1/16, where sqrt(q) is 0.25"
    return (
        from_ninth and below,
        not (early - flint.arb("0.25")).contains(0),
        detail,
        {"q": "1/16", "radius": shown(early)},
    )


def threshold() -> Found:
    """At gamma = 9/10 stability needs q < (1/10)/(9/10 · 39/10), a window below 1.03."""
    m = Fraction(9, 10)
    boundary = (1 - m) / (m * (3 + m))
    delta = 1 / (1 - boundary)
    at_boundary = (STEADY.lhs - STEADY.rhs).subs({mu: sympy.Rational(m), q: sympy.Rational(boundary)}) == 0
    return (
        at_boundary and delta < Fraction(103, 100),
        not delta < Fraction(102, 100),
        f"stable only for delta < {delta} = {float(delta):.4f}",
        {"delta": str(delta)},
    )


# --- what the paper's defaults do on x²/2 ------------------------------------------------------------------------

STEPS, LAST = 4000, 2000
LOW, HIGH, WIDEST = sympy.Rational(415, 10000), sympy.Rational(424, 10000), sympy.Rational(43, 100)
DEFAULTS_RUN = Named(
    f"the run of dwmgrad with the paper's defaults on x²/2 from theta_1 = 1/10 has a mean loss between {{0}} alpha² "
    f"and "
    f"{{1}} alpha² over steps {STEPS - LAST + 1} to {STEPS}, above the {{2}} alpha² of the 2-cycle, and |theta_t| "
    f"below "
    "{3} alpha there",
    LOW,
    HIGH,
    sympy.Rational(100, 2888),
    WIDEST,
)


def ball_of(number: Any) -> Any:
    return flint.arb(int(number.p)) / int(number.q)


def floor_run() -> Found:
    """The paper's defaults on x²/2 from 1/10: mean loss over the last steps, in units of alpha²."""
    o, one = in_balls(DWMGRAD), flint.arb(1)
    k = DWMGRAD.start(o)
    c, x, total, widest = DWMGRAD.Coord(0 * one, 0 * one), one / 10, flint.arb(0), flint.arb(0)
    for n in range(1, STEPS + 1):
        if n > STEPS - LAST:
            total, widest = total + x * x / 2, widest.max(abs(x))
        k = DWMGRAD.shared(o, k, x * x / 2)
        c, x = DWMGRAD.coord(o, k, c, x, x)
    low, high, cycle_loss, wide = map(ball_of, DEFAULTS_RUN.about)
    floor = total / LAST / o.alpha**2
    detail = (
        f"mean loss {shown(floor)} alpha², |theta| <= {shown(widest / o.alpha)} alpha; "
        f"the 2-cycle's loss is {shown(cycle_loss)} alpha²"
    )
    certain = bool(floor > low) and bool(floor < high) and bool(widest < o.alpha * wide) and bool(cycle_loss < low)
    witness = {"start": 0.1, "steps": STEPS, "mean_loss_over_alpha2": shown(floor, 8)}
    return certain, bool(floor > cycle_loss), detail, witness


# --- |x| and Huber losses ------------------------------------------------------------------------------------------

p, J = integers("p j")
SCALE = alpha / ((1 - gamma) * (1 + eps))


def abs_velocity(c: Any, gamma: Any, p: Any, j: Any) -> Any:
    """V_j, j steps into a phase of p steps of one sign on |x|: c = alpha/((1-gamma)(1+eps))."""
    return c * (1 - 2 * gamma**j / (1 + gamma**p))


V_J = abs_velocity(SCALE, gamma, p, J)
HUBER = reals("h")
OUTER = alpha * HUBER / ((1 + mu) * (HUBER + eps))


def abs_phase() -> tuple[Fact, Fact]:
    """Within a phase the formula takes V_j to V_{j+1}; at its end the velocity has turned."""
    given = [gamma > 0, gamma < 1, eps >= 0, gamma**p > 0]
    positive = power_positive(gamma, p)
    stepped = step(g=ONE, omega=7 * ONE, G=ONE, V=V_J, mu=gamma, alpha=alpha, eps=eps)[0].V
    grows = equation(
        "R7-abs.phase",
        "Within a phase the formula takes each velocity to the next.",
        stepped,
        substitute(V_J, {J: J + 1}),
        V_J,
        given,
    )
    turns = equation(
        "R7-abs.turn",
        "At the end of a phase the velocity has turned, so the next phase is the mirror image.",
        substitute(V_J, {J: p}),
        -substitute(V_J, {J: sympy.S.Zero}),
        substitute(V_J, {J: sympy.S.Zero}),
        given,
    )
    return tuple(discharge(e, positive) for e in (grows, turns))


def huber_outer() -> Fact:
    """Two steps beyond the threshold bring theta, V and G back."""
    x = theta(1, i)
    there, after = step(g=HUBER, omega=5 * ONE, G=HUBER**2, V=-OUTER, x=x, mu=mu, alpha=alpha, eps=eps)
    back, home = step(g=-HUBER, omega=5 * ONE, G=there.G, V=there.V, x=after, mu=mu, alpha=alpha, eps=eps)
    given = [HUBER > 0, mu >= 0, eps >= 0]
    return both(
        equation("R7-abs.huber", "The second step undoes the first.", home, x, after, given),
        equation("R7-abs.huber velocity", "So does its velocity.", back.V, -OUTER, OUTER, given),
        equation("R7-abs.huber across", "The first step moves by V.", after, x - OUTER, x + OUTER, given),
    )


PERIODS = range(1, 8)
ABS_EXIST = Named(
    "on |x| at gamma = {0} and eps = 0 the velocities of a phase of p steps leave an interval of theta whose "
    "signs fit, for every p from {1} to {2}",
    sympy.Rational(9, 10),
    sympy.Integer(PERIODS[0]),
    sympy.Integer(PERIODS[-1]),
)


def abs_exist() -> Found:
    """theta_0 > max_j S_j and theta_0 - S_p + max_j S_j < 0, S_j = V_1 + ... + V_j, leave an interval for theta_0."""
    gamma = ball_of(ABS_EXIST.about[0])
    unit = 1 / (1 - gamma)
    floors, certain, largest = {}, True, flint.arb(0)
    for p in PERIODS:
        sums = [flint.arb(0)]
        for j in range(1, p + 1):
            sums.append(sums[-1] + abs_velocity(unit, gamma, p, j))
        highest = flint.arb(0)
        for S in sums[:p]:
            highest = highest.max(S)
        certain &= bool(sums[p] > 2 * highest)
        largest = sum((sums[p] - 2 * S for S in sums[:p]), start=flint.arb(0)) / (2 * p)
        floors[str(2 * p)] = shown(largest)
    detail = "gamma = 0.9, mean |theta|/alpha in the middle of the interval, by period: " + ", ".join(
        f"{n}: {v}" for n, v in floors.items()
    )
    return certain, bool(largest > 1), detail, floors


CYCLE = Claim(
    id="R7",
    title="exact 2-cycle on a quadratic",
    statement=Statement(
        given=(MOMENT, VELOCITY, MOVES, GRADIENT, WINDOW, OPTIONS, AMPLITUDE, STARTS),
        then=every(equal(theta(t + 1, i), -theta(t, i)) & equal(theta(t, i) ** 2, a**2)),
        where=((a, "amplitude of the cycle"), (c, "curvature of the loss c x²/2")),
    ),
    source=SOURCE,
    kind="identity",
    proof=(cycle(),),
    note="The loss on this cycle is c a²/2 at every step: alpha²/8 for c = 1, mu = eps = 0. It is the loss of the "
    "cycle and no "
    "floor for other starts: at the paper's gamma the cycle repels (R7-stable). With tied momentum mu = gamma, "
    "because a "
    "positive loss saturates the window.",
)

STABLE = Claim(
    id="R7-stable",
    title="when the 2-cycle attracts",
    statement=Statement(
        given=(WINDOWS,),
        then=sympy.Equivalent(ATTRACTS, STEADY) & sympy.Implies(RESTLESS, REPELS),
        where=((q, "1 - 1/delta, the factor of a saturated window"),),
    ),
    source=Source("jury1964", "stability criterion for cubics", also=(Source("dwmgradnotes", "R7"),)),
    kind="identity",
    proof=(stability(),),
    controls=(
        rigorous(
            "R7-stable.defaults", "The roots at delta = 10: inside the circle at mu = 0, outside at 0.9.", at_defaults
        ),
        rigorous(
            "R7-stable.radius", "Without momentum the spectral radius is sqrt(q) only from q = 1/9 on.", not_the_root
        ),
        exact("R7-stable.threshold", "At gamma = 0.9 only windows below 1.03 would be stable.", threshold),
    ),
    note="The polynomial is that of the formula's Jacobian at the cycle, for the alternating run, with G among its "
    "variables. Without momentum the cycle always attracts. The amplitude alpha/(2(1+mu)) of [dwmgradnotes] R7 is "
    "right as "
    "that of a cycle, but runs at the paper's gamma do not come to it.",
)

FLOOR = Claim(
    id="R7-floor",
    title="one run at gamma = 0.9 keeps a mean loss of 0.042 alpha²",
    statement=Statement(then=DEFAULTS_RUN),
    source=SOURCE,
    kind="inequality",
    proof=(
        computed(
            rigorous("R7-floor.run", "The run is computed with every rounding enclosed.", floor_run, bits=16384),
            DEFAULTS_RUN,
        ),
    ),
    note="It is one run from one start, no floor for every start. Measured to 10^6 steps the motion is quasi-periodic "
    "(nearest return 48 steps, off by 0.003 alpha; no period below 1500 to 1e-6). It is open that no start converges.",
)

KINK = Claim(
    id="R7-abs",
    title="exact cycles on |x| and Huber losses",
    statement=Statement(
        given=((gamma > 0) & (gamma < 1) & (eps >= 0), HUBER > 0, mu >= 0, p >= 1),
        then=sympy.And(*(f.then for f in abs_phase()), huber_outer().then, ABS_EXIST),
        where=((HUBER, "threshold of the Huber loss"), (p, "steps of one sign"), (J, "steps into a phase")),
    ),
    source=Source("huber1964", "the loss", also=(Source("dwmgradnotes", "R7"),)),
    kind="identity",
    proof=(
        *abs_phase(),
        huber_outer(),
        computed(rigorous("R7-abs.exist", "The signs of the iterates fit.", abs_exist), ABS_EXIST),
    ),
    note="On |x| the moment is 1 and the velocities of a phase are alpha/((1-gamma)(1+eps)) (1 - 2 gamma^j/(1 + "
    "gamma^p)); with "
    "no momentum p = 1. The cycles are neutral: which one is reached depends on the start (seen at gamma = 0.9, "
    "delta = 10: "
    "periods 4, 6, 12). At 0 the subgradient is taken as 0, and a run that lands there exactly stays if V = 0. Where "
    "the "
    "amplitude of R7 is at most the Huber threshold, its cycle is that of x²/2.",
)
