"""Made-up measurements whose truth is known."""

import numpy as np

from proofs.cost.measurements import FORMAT

MACHINE = {"processor": "made up", "cores": 2, "caches": {"1": 32 << 10, "2": 1 << 20, "3": 4 << 20}, "memory_gib": 8}


def times(rng, x, p, c1=1e-9, crossing=4, noise=0.03, repeats=9, outliers=1 / 12):
    """Repeats of c0 + c1 x^p at every x; c0 is what the power law has at x[crossing]. Outliers are 1.5 to 6 times."""
    c0 = 0.0 if crossing is None else c1 * x[crossing] ** p
    t = (c0 + c1 * x**p)[:, None] * np.exp(noise * rng.standard_normal((x.size, repeats)))
    return list(np.where(rng.random(t.shape) < outliers, t * rng.uniform(1.5, 6, t.shape), t))


def record(section, engine, rule, d, median, *, n=1, calls=1, itemsize=8, observer="", rounds=None, size=None, delta=0):
    rounds = rounds or [0.99 * median, median, 1.01 * median]
    return {
        "section": section, "engine": engine, "rule": rule, "d": d, "n": n, "delta": delta, "tensors": 1, "runs": 1,
        "observer": observer, "device": "cpu", "calls": calls, "itemsize": itemsize, "bytes": size, "median": median,
        "low": min(rounds), "high": max(rounds), "unstable": False, "rounds": rounds,
    }  # fmt: skip


def result(timed, memory=()):
    provenance = {"machine": MACHINE, "load_at_start": 0.0, "load_at_end": 0.0, "left_out": []}
    return {"format": FORMAT, "provenance": provenance, "timed": list(timed), "memory": list(memory)}


def profile(p_n=1.0, p_d=1.0, p_large=1.0, engines=(("compiled", 8, 1e-8), ("torch fused", 4, 5e-6))):
    """DWMGrad's times with these exponents, some overhead, and half a per cent of scatter."""
    rng = np.random.default_rng(0)
    timed = []
    for engine, itemsize, overhead in engines:
        for n in np.geomspace(100, 1e5, 7).astype(int):
            t = 2e-6 + 2e-8 * float(n) ** p_n
            timed.append(record("n", engine, "dwmgrad", 16, t * np.exp(0.005 * rng.standard_normal()), n=int(n)))
        for d in 2 ** np.arange(4, 26):
            edge = 4 * 2**20 / (4 * itemsize)  # where the last cache is full
            t = overhead + (1e-9 * float(d) ** p_d if d <= edge else 2e-9 * edge * (d / edge) ** p_large)
            t *= np.exp(0.005 * rng.standard_normal())
            timed.append(record("d", engine, "dwmgrad", int(d), t * 10, calls=10, itemsize=itemsize))
    return result(timed)
