"""Regret against its bounds for the window expanding or capped, under each signal, T up to 10^6.

Step size alpha/sqrt(t), omega0 = 5. Two versions:

equal   gamma = 0, which the a-priori bound demands, and the alpha = D/sqrt(2 sqrt(1 + omega0)) that minimizes it
        on a box of width D, for every window alike
tuned   gamma 0 or 0.9 (tied to the window, as the paper has it) and alpha from one grid for every window, by the
        regret after 10^4 steps on seed 0

On two problems the smallest alpha of the grid wins, for a reason that no wider grid would change: the sign
adversary charges |theta|, so never leaving 0 costs nothing, and under `increase` the periodic losses lead to the
worst point, the later the better. The adversary's gradients are +-1, so G is 1 under any window and all windows
but for their momentum do the same; it shows that sqrt(T) is the right rate. Its loss is 0 now and then, at which
`loss` narrows the window, so that the a-priori bound has nothing to say there.

The real problems are run with five shuffled orders of the rows, the same for every window; a mean over them comes
with Student's 95 % interval. The adversarial ones have no randomness.
"""

from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from analysis.frames import Frame
from analysis.stats.tuning import choose, interval, sweep
from dwmgrad_ref import problems
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.rules.base import Source
from paper_figures.lib.style import CAPS, INK, PAGE, panel_letters

SOURCE = Source("dwmgrad", "the regret bound of its convergence theorem, checked as run")
SIZE = (PAGE, 6.6)
KEYS = ("problem", "delta", "signal", "gamma", "factor", "t")

STEPS, TRIAL = 10**6, 10**4
SEEDS = range(5)
REAL = ("stream-logistic-breast-cancer", "stream-logistic-digits")
ADVERSARIAL = ("periodic", "linear-adversarial")
TITLES = dict(
    zip((*REAL, *ADVERSARIAL), ("breast cancer", "digits", "periodic, C = k = 7", "sign adversary"), strict=True)
)
DELTAS = ("inf", "1000", "100", "10")  # text, so that a file keeps them as they are
SIGNALS = ("loss", "decrease", "increase")
DASHES = {"loss": "-", "decrease": (0, (4, 1.5)), "increase": (0, (1, 1))}
OMEGA0 = 5.0
FACTORS = tuple(float(2.0**k) for k in range(-7, 4))  # of the alpha that minimizes the a-priori bound
GAMMAS = (0.0, 0.9)


def data() -> dict[str, Frame]:
    windows = [(delta, signal) for delta in DELTAS for signal in SIGNALS]
    tuning = _tuning(tuple(TITLES), windows)
    best = tuning[tuning.chosen == 1].set_index(["problem", "delta", "signal"])
    equal = [(p, *w, 0.0, 1.0) for p in TITLES for w in windows]
    tuned = [(p, *w, float(best.gamma[p, *w]), float(best.factor[p, *w])) for p in TITLES for w in windows]
    return {"equal": _curves(equal, STEPS, bounds=True), "tuned": _curves(tuned, STEPS, bounds=False), "tuning": tuning}


def sample() -> dict[str, Frame]:
    """The periodic problem, and one curve of a real one."""
    equal = [("periodic", delta, signal, 0.0, 1.0) for delta in DELTAS for signal in SIGNALS]
    equal.append((REAL[0], "10", "loss", 0.0, 1.0))
    return {"equal": _curves(equal, 20_000, bounds=True), "tuning": _tuning(("periodic",), [("10", "loss")])}


@cache
def _problem(name: str, seed: int) -> Problem:
    """One object for all runs, so that its best fixed points are solved for once."""
    return problems.get(name, seed=seed) if name in REAL else problems.get(name)


def best_alpha(problem: Problem) -> float:
    """The alpha that minimizes the a-priori bound of an expanding window, D/sqrt(2 sqrt(1 + omega0))."""
    assert problem.D is not None
    return problem.D / np.sqrt(2 * np.sqrt(1 + OMEGA0))


def _job(name: str, seed: int, delta: str, signal: str, gamma: float, factor: float) -> dict[str, Any]:
    problem = _problem(name, seed)
    return {
        "rule": "dwmgrad", "problem": problem, "alpha": factor * best_alpha(problem), "omega0": OMEGA0,
        "delta": float(delta), "signal": signal, "gamma": gamma, "schedule": "sqrt",
    }  # fmt: skip


def _tuning(names: tuple[str, ...], windows: list[tuple[str, str]]) -> Frame:
    shared = {"steps": TRIAL, "grid": TRIAL, "observe": ("regret",)}
    settings = []
    for name in names:
        for delta, signal in windows:
            for gamma in GAMMAS:
                for factor in FACTORS:
                    job = _job(name, 0, delta, signal, gamma, factor)
                    label = {"problem": name, "delta": delta, "signal": signal, "gamma": gamma, "factor": factor}
                    settings.append(({**label, "alpha": job["alpha"]}, {**job, **shared}))
    table = sweep(settings, ["regret"]).drop(columns="t")
    return choose(table, ["problem", "delta", "signal"], "regret")


def _curves(settings: list[tuple[str, str, str, float, float]], steps: int, bounds: bool) -> Frame:
    """Regret, and with `bounds` the a-posteriori and a-priori bound, at about six steps a decade up to `steps`."""
    marks = np.unique(np.rint(np.geomspace(1, STEPS, 37)).astype(int))
    shared = {"steps": steps, "grid": sorted({*marks[marks <= steps].tolist(), steps})}
    shared["observe"] = ("regret", "bound") if bounds else ("regret",)
    names = ("problem", "delta", "signal", "gamma", "factor")
    runs = sweep(
        [
            ({**dict(zip(names, setting, strict=True)), "seed": seed},
             {**_job(setting[0], seed, *setting[1:]), **shared})
            for setting in settings
            for seed in (SEEDS if setting[0] in REAL else [0])
        ],
        ["regret", *(["bound", "bound_apriori"] if bounds else [])],
    )  # fmt: skip
    runs = runs[runs.t.isin(marks)].astype({"t": int})
    keys = [*names, "t"]
    table = interval(runs, keys, "regret").rename(columns={"mean": "regret"})
    if bounds:
        means = runs.groupby(keys, sort=False)[["bound", "bound_apriori"]].mean().reset_index()
        table = table.merge(means, on=keys)
    return table


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    axes = figure.subplots(3, 4, sharex=True, sharey="row")
    for column, (name, title) in enumerate(TITLES.items()):
        equal = table["equal"][table["equal"].problem == name]
        tuned = table["tuned"][table["tuned"].problem == name]
        _curves_on(axes[0, column], equal, "regret")
        _curves_on(axes[1, column], equal, "bound")
        _curves_on(axes[2, column], tuned, "regret")
        _apriori(axes[:2, column], equal)
        axes[0, column].set_title(title)
        axes[2, column].set_xlabel("T")
    labels = ("regret / T, equal α", "certificate / T, equal α", "regret / T, tuned α, γ")
    for row, label in enumerate(labels):
        axes[row, 0].set_ylabel(label)
    axes[0, 0].set(xscale="log", xlim=(10, STEPS), xticks=[10.0**k for k in range(1, 7)])
    for row, limits in enumerate(((1e-3, 30), (3e-3, 1e4), (3e-5, 30))):
        axes[row, 0].set(yscale="log", ylim=limits)
        for ax in axes[row]:
            ax.plot([10, STEPS], 3 / np.sqrt([10, STEPS]), color="#999999", linewidth=0.6, zorder=0)
            ax.minorticks_off()
    panel_letters(axes.flat)
    _legend(figure)


def _curves_on(ax: Any, part: Frame, value: str) -> None:
    for (delta, signal), curve in part.groupby(["delta", "signal"], sort=False):
        look = CAPS[f"{float(delta):g}"]
        t = curve.t.to_numpy()
        ax.plot(
            t,
            curve[value] / t,
            color=look.color,
            linestyle=DASHES[signal],
            linewidth=1.1,
            label=f"{look.label}, {signal}",
        )
        if value == "regret" and (curve.seeds > 1).all():
            ax.fill_between(t, curve.low.clip(lower=1e-9) / t, curve.high / t, color=look.color, alpha=0.2, linewidth=0)


def _apriori(axes: Any, part: Frame) -> None:
    known = part[(part.signal == "loss") & np.isinf(part.delta.astype(float)) & part.bound_apriori.notna()]
    for ax in axes:
        ax.plot(known.t, known.bound_apriori / known.t, "+", color=INK, markersize=3.5, mew=0.6)


def _legend(figure: Figure) -> None:
    ax = figure.axes[0]
    handles = [ax.plot([], [], color=look.color, linewidth=2.5, label=look.label)[0] for look in CAPS.values()]
    handles += [ax.plot([], [], color="#555555", linestyle=d, label=f"signal {s}")[0] for s, d in DASHES.items()]
    handles.append(ax.plot([], [], "+", color=INK, label="a-priori bound (expanding, loss)")[0])
    handles.append(ax.plot([], [], color="#999999", linewidth=0.6, label="rate 1/√T")[0])
    figure.legend(handles=handles, loc="outside lower center", ncols=5)
