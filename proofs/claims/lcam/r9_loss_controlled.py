"""R9f: LCAM's own switching where it was never seen to diverge; its loss and its run on one coordinate, for R9e too."""

import math
from fractions import Fraction
from typing import Any

import sympy

from dwmgrad_ref import rules
from proofs.checkers.by_search import searched
from proofs.models.switched import SOURCE, A, kappa, m
from proofs.models.symbolic_run import Run
from proofs.models.window import equal, every_step
from proofs.statements.claim import Claim
from proofs.statements.formulas import record
from proofs.statements.statement import Statement, Tends, reals
from proofs.statements.vocabulary import alpha, f, g, i, t, theta

LCAM = rules.get("lcam")
EPOCH = 5
CURVATURE = Fraction(373, 100)  # what the figure shows, in the range of R9e
LOW, HIGH = Fraction(9, 10), Fraction(19, 20)


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


def growth(below: Any, above: Any, epoch: Any, curvature: float, V: float, periods: int = 80) -> float:
    """log |state| per step over many epochs from theta = 1 and that V."""
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
            for start in (0.0, -1.5, -2.0):
                rate = growth(below, above, epoch, curvature, start)
                found = {"epoch": str(epoch), "alpha_lambda": curvature, "V": start}
                worst = max(worst, (rate, found), key=lambda pair: pair[0])
                tried += 1
    return worst[0] < 0, f"{tried} runs; slowest decay {worst[0]:.4f} a step", worst[1]


ONE_LOSS = every_step(equal(f(t), kappa(i) / 2 * (theta(t, i) - m(i)) ** 2))
SLOPE = every_step(equal(g(t, i), kappa(i) * (theta(t, i) - m(i))))
WHERE = (
    (kappa, "curvature of the loss, which depends on coordinate i alone"),
    (m, "minimum of the loss"),
)

epoch = reals("epoch")
REVERSED = Run(LCAM, box=False, alpha=alpha, below=sympy.Rational(LOW), above=sympy.Rational(HIGH), epoch=epoch)
ENDLESS = Run(LCAM, box=False, alpha=alpha, below=sympy.Rational(HIGH), above=sympy.Rational(LOW))

BOTH_STABLE = 2 * (1 + sympy.Rational(LOW))  # R9a

HARMLESS = Claim(
    id="R9f",
    title="LCAM: the reversed pair and a single epoch were never seen to diverge",
    statement=Statement(
        given=(REVERSED.hypothesis | ENDLESS.hypothesis, ONE_LOSS, SLOPE, A > 0, A < BOTH_STABLE, alpha > 0),
        then=Tends(t, theta(t, i), m(i)), where=WHERE,
    ),
    source=SOURCE,
    kind="rate",
    search=(
        searched("R9f.reversed", "(0.9, 0.95): every run decays, epochs of 2 to 25 steps", reverse_never),
        searched("R9f.endless", "(0.95, 0.9) without epochs: every run decays", one_epoch_never),
    ),
    note="Open: it is proved for alpha kappa up to 3.661066 only (R9h). With an endless epoch a growing loss lies "
    "above its mean almost always, so the coefficient would stay at 0.9, which is stable; turning that into a proof "
    "would close the second part.",
)  # fmt: skip
