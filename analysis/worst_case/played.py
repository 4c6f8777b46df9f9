"""A run of a rule on a word from the start, in enclosures: a statement about one step size and one number of steps."""

from analysis.worst_case.invariant import Driven
from analysis.worst_case.scaled import Late, Scaled, settled
from analysis.worst_case.witness import Finite


def average_regret(driven: Driven, run: Finite) -> tuple[float, float]:
    """An enclosure of R_T/T against the best end of the box."""
    engine, late = driven.engine, Late(driven.engine, 1)
    alpha, x = late.number(str(run.alpha)), late.number(run.start)
    o = driven.encoded(late, alpha)
    k, c = driven.started(late, o)
    suffered, one = late.number(0), engine.number(1)
    for t in range(1, run.steps + 1):
        if driven.outer:
            o = o._replace(alpha=alpha / late.number(t).sqrt())
        slope = driven.g[(t - 1) % len(driven.g)]
        suffered = suffered + slope * x
        k, c, free = driven.step(late, o, k, c, t, x)
        k, c = settled(k, late), settled(c, late)
        x = Scaled({0: engine.smaller(engine.larger(free.coefficient(0, 0), -one), one)}, late)
    total = abs(sum(driven.g[t % len(driven.g)] for t in range(run.steps)))
    return engine.ends(((suffered + total) / run.steps).coefficient(0, 0))
