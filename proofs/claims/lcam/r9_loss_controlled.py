"""R9e, R9f: what LCAM's own switching does on a quadratic where each coefficient alone is stable.

The loss is homogeneous, so a multiple of a state switches alike: what matters is the direction V/theta. An orbit
whose direction comes back after two epochs while theta has grown diverges, and if a whole interval of directions
is mapped into itself, that is stable against perturbation and can be proved with balls.
"""

from fractions import Fraction
from typing import Any

import flint

from dwmgrad_ref import rules
from dwmgrad_ref.ops import Undecided
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_search import searched
from proofs.inference.worded import claim as Claim
from proofs.statements.formulas import record

LCAM = rules.get("lcam")
EPOCH, PERIOD = 5, 10
CURVATURE, HALF_WIDTH = Fraction(373, 100), Fraction(1, 10**6)
LOW, HIGH = Fraction(9, 10), Fraction(19, 20)
TRANSIENT = 4000  # steps from rest until the direction has settled


class Orbit:
    """LCAM on ½ curvature theta² with alpha = 1, step by step, on any kind of number."""

    def __init__(
        self, number: Any, below: Any = HIGH, above: Any = LOW, epoch: Any = EPOCH, curvature: Any = CURVATURE
    ):
        self.lam = number(curvature)
        self.o = record(LCAM, alpha=number(1), below=number(below), above=number(above), weight_decay=0)
        self.o = self.o._replace(epoch=epoch)
        self.k, self.theta, self.V = LCAM.start(self.o), number(1), number(0)

    def step(self) -> Any:
        """Take a step; returns the coefficient it used."""
        self.k = LCAM.shared(self.o, self.k, self.lam * self.theta * self.theta / 2)
        c, self.theta = LCAM.coord(self.o, self.k, LCAM.Coord(V=self.V), self.theta, self.lam * self.theta)
        self.V = c.V
        return self.k.mu

    def rescale(self) -> float:
        """Divide the state by its size at an epoch's end (the switching does not change); returns the size."""
        size = (self.theta * self.theta + self.V * self.V) ** 0.5
        self.theta, self.V = self.theta / size, self.V / size
        return size


def settled() -> tuple[Fraction, Orbit]:
    """The direction V/theta that the run from rest settles on, as a fraction, in floats."""
    orbit = Orbit(float)
    for t in range(TRANSIENT):
        orbit.step()
        if (t + 1) % PERIOD == 0:
            orbit.rescale()
    return Fraction(round(orbit.V / orbit.theta * 10**9), 10**9), orbit


class Direction:
    """A polynomial in v = V_0/theta_0 with rational coefficients, compared for all v of an interval at once."""

    interval: Any = None  # a ball

    def __init__(self, value: Any):
        self.p = value.p if isinstance(value, Direction) else flint.fmpq_poly([_fmpq(value)])

    def __add__(self, other: Any) -> "Direction":
        return _direction(self.p + Direction(other).p)

    def __sub__(self, other: Any) -> "Direction":
        return _direction(self.p - Direction(other).p)

    def __mul__(self, other: Any) -> "Direction":
        return _direction(self.p * Direction(other).p)

    def __truediv__(self, other: Any) -> "Direction":
        divisor = Direction(other).p
        if divisor.degree() > 0:
            raise Undecided("the rule divides by the state; only numbers can be divided by here")
        return _direction(self.p / divisor[0])

    def __rsub__(self, other: Any) -> "Direction":
        return Direction(other) - self

    __radd__, __rmul__ = __add__, __mul__

    def __gt__(self, other: Any) -> bool:
        difference = self.p - Direction(other).p
        if difference.degree() < 0:  # equal for every v, as the first loss of an epoch and its mean are
            return False
        ball = flint.arb_poly(difference)(Direction.interval)
        if ball > 0 or ball < 0:
            return bool(ball > 0)
        raise Undecided("the states of the interval do not all switch alike; narrow it")

    def __lt__(self, other: Any) -> bool:
        return Direction(other) > self


def _direction(polynomial: Any) -> Direction:
    made = Direction(0)
    made.p = polynomial
    return made


def _fmpq(x: Any) -> Any:
    return flint.fmpq(Fraction(x).numerator, Fraction(x).denominator)


def _mu(coefficient: Any) -> Fraction:
    return HIGH if coefficient > 0.92 else LOW


def returning() -> Found:
    """Every direction in [r - w, r + w] comes back into it after two epochs, theta larger in absolute value."""
    r, before = settled()
    low, high = r - HALF_WIDTH, r + HALF_WIDTH
    Direction.interval = flint.arb(_fmpq(r)) + flint.arb(0, str(float(HALF_WIDTH)))
    inside, grows, word, theta = _period(r, low, high, before, CURVATURE)
    witness = {
        "alpha_lambda": str(CURVATURE), "below": str(HIGH), "above": str(LOW), "epoch": EPOCH, "theta": 1,
        "V": str(r), "half_width": str(HALF_WIDTH), "next_coefficient": str(_mu(before.k.next)), "word": word,
    }  # fmt: skip
    detail = f"word {word}, |theta| times {theta} in two epochs"
    return inside and grows, not _period(r, low, high, before, CURVATURE - Fraction(1, 200))[0], detail, witness


def _period(r: Any, low: Any, high: Any, before: Orbit, curvature: Fraction) -> tuple[bool, bool, str, str]:
    """Two epochs from all directions at once: (all back inside, all grown, word, growth)."""
    orbit = Orbit(Direction, curvature=curvature)
    orbit.V = _direction(flint.fmpq_poly([0, 1]))
    first = _mu(before.k.next)
    orbit.k = orbit.k._replace(next=Direction(first))
    word = "".join("h" if orbit.step() > Fraction(92, 100) else "l" for _ in range(PERIOD))
    theta = orbit.theta if orbit.theta > 0 else 0 - orbit.theta
    V = orbit.V if orbit.theta > 0 else 0 - orbit.V
    back = V > low * theta and high * theta > V
    same = orbit.k.e == 0 and Direction(orbit.k.next).p == Direction(first).p
    grown = flint.arb_poly(theta.p)(Direction.interval)
    return back and same, theta > Fraction("1.003"), word, grown.str(6)


def replayed() -> Found:
    """The same orbit in fractions for ten periods, from the middle of the interval."""
    r, before = settled()
    orbit = Orbit(Fraction)
    orbit.V = r
    orbit.k = orbit.k._replace(next=HIGH if before.k.next > 0.92 else LOW)
    periods = ["".join("h" if orbit.step() == HIGH else "l" for _ in range(PERIOD)) for _ in range(10)]
    direction = abs(orbit.V / orbit.theta - r) < HALF_WIDTH
    grown = abs(orbit.theta)
    same = len(set(periods)) == 1 and direction
    return same and grown > Fraction("1.03"), grown < 2, f"ten times {periods[0]}, |theta| = {float(grown):.4f}", None


def from_rest() -> Found:
    """The ordinary start theta_1 = 1, V_0 = 0 reaches the interval."""
    r, before = settled()
    orbit, wanted = Orbit(_fmpq), _mu(before.k.next)
    for t in range(1, TRANSIENT + 1):
        orbit.step()
        if t % EPOCH == 0 and orbit.k.next == _fmpq(wanted):
            direction = orbit.V / orbit.theta
            if abs(direction - _fmpq(r)) < _fmpq(HALF_WIDTH):
                never = abs(direction + _fmpq(r)) > _fmpq(HALF_WIDTH)
                return True, bool(never), f"inside after {t} steps", {"steps": t}
    return False, True, "not reached", None


def growth(below: Any, above: Any, epoch: Any, curvature: float, V: float, periods: int = 80) -> float:
    """log |state| per step over many epochs from theta = 1 and that V."""
    import math

    orbit, total, length = Orbit(float, below, above, epoch, curvature), 0.0, int(min(epoch, 40))
    orbit.V = V
    for _ in range(periods):
        for _ in range(length):
            orbit.step()
        if math.isinf(epoch):  # the running mean is carried on, so it is scaled with the loss
            size = orbit.rescale()
            orbit.k = orbit.k._replace(total=orbit.k.total / size**2)
        else:
            size = orbit.rescale()
        total += math.log(size)
        if total < -100:
            break
    return total / (periods * length)


def reverse_never() -> tuple[bool, str, dict[str, Any] | None]:
    return _none_grows(LOW, HIGH, [2, 3, 5, 7, 10, 15, 25])


def one_epoch_never() -> tuple[bool, str, dict[str, Any] | None]:
    return _none_grows(HIGH, LOW, [float("inf")])


def _none_grows(below: Any, above: Any, epochs: list[float]) -> tuple[bool, str, dict[str, Any] | None]:
    worst, tried = (-1.0, {}), 0
    for epoch in epochs:
        for curvature in (3.62, 3.7, 3.73, 3.76, 3.78, 3.795):
            for V in (0.0, -1.5, -2.0):
                rate = growth(below, above, epoch, curvature, V)
                worst = max(worst, (rate, {"epoch": str(epoch), "alpha_lambda": curvature, "V": V}), key=lambda w: w[0])
                tried += 1
    return worst[0] < 0, f"{tried} runs; slowest decay {worst[0]:.4f} a step", worst[1]


SOURCE = Source("lcam", "the LCAM update", also=(Source("dwmgradnotes", "R9"),))

DIVERGES = Claim(
    id="R9e",
    title="LCAM itself diverges on a quadratic where both coefficients are stable",
    statement="With (below, above) = (0.95, 0.9) and epochs of 5 steps LCAM diverges on ½ lambda theta² at "
    "alpha lambda = 3.73 from the ordinary start, although each coefficient alone is stable up to 3.8",
    latex=r"|\theta_t|\to\infty\ \text{at}\ \alpha\lambda=3.73<3.8,\quad\text{epochs of 5 steps}",
    source=SOURCE,
    kind="impossibility",
    hypotheses=("one coordinate", "theta_1 = 1, V_0 = 0", "no weight decay"),
    proof=(
        rigorous(
            "R9e.cone",
            "an interval of directions V/theta is mapped into itself by two epochs, which all its "
            "states switch alike, and |theta| grows by a factor: so it grows for ever",
            returning,
        ),
        exact("R9e.start", "the run from theta_1 = 1, V_0 = 0 enters the interval", from_rest),
        exact("R9e.replay", "ten periods of the orbit in fractions", replayed),
    ),  # fmt: skip
    note="A float scan of 700 values of alpha lambda in [3.66, 3.8) and epochs of 2 to 30 steps found growth for every "
    "epoch length, in windows; for long epochs only close to 3.8. On that grid the first was 3.7286 (epochs of 5 "
    "steps), which is no threshold: divergence has been reported from about 3.7279 on, "
    "and this ledger has not checked that.",
)

HARMLESS = Claim(
    id="R9f",
    title="LCAM: the reversed pair and a single epoch were never seen to diverge",
    statement="With (below, above) = (0.9, 0.95), or with (0.95, 0.9) and one endless epoch, LCAM converges on "
    "½ lambda theta² for every alpha lambda < 3.8",
    latex=r"\theta_t\to0\quad(0<\alpha\lambda<3.8)",
    source=SOURCE,
    kind="rate",
    hypotheses=("one coordinate", "no weight decay"),
    search=(
        searched("R9f.reversed", "(0.9, 0.95): every run decays, epochs of 2 to 25 steps", reverse_never),
        searched("R9f.endless", "(0.95, 0.9) without epochs: every run decays", one_epoch_never),
    ),
    note="Open. With an endless epoch a growing loss lies above its mean almost always, so the coefficient would stay "
    "at 0.9, which is stable; turning that into a proof would close the second part.",
)
