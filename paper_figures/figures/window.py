"""The window under each signal on a real mini-batch loss, beside a coin flip's and that of unrelated losses.

A share of moves up near 1/2, a lag-one correlation near -1/3 and a variance growth near 1/3 are what losses
without any trend give; a fair coin has 1/2, 0 and 1.

Softmax regression on scikit-learn's digits, batches of 64 shuffled afresh every epoch; cap delta = 100 as in the
released CIFAR-10 script, alpha = 1e-3, omega0 = 5, gamma = 0.9. Under `loss` the window only fills up. Eight
shuffles each for `increase` and `decrease`; means come with Student's 95 % interval. The coin's mean window is
exact; unrelated losses (independent, from one distribution) are simulated, 2000 walks.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.frames import Frame
from analysis.stats.statistics import lag_one
from analysis.stats.tuning import interval, sweep
from analysis.stats.window_walk import coin_mean, coin_moves, moves_of, spread, unrelated_moves, window_of
from dwmgrad_ref import problems
from dwmgrad_ref.rules.base import Source
from paper_figures.lib.style import BLUE, GREEN, METHODS, PAGE, Look, panel_letters

SOURCE = Source("dwmgrad", "Algorithm 1's window, followed as run")
SIZE = (PAGE, 4.6)
KEYS = ("walk", "statistic", "lag", "t")

STEPS, CAP, OMEGA0 = 5000, 100, 5
SEEDS = range(8)
SETTLED = 1000  # statistics leave out the first steps, while the loss still falls fast
LAGS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
WALKS = 2000
SHOWN = 3000
LOOKS = {
    "loss": METHODS["dwmgrad-loss"]._replace(label="loss"),
    "decrease": METHODS["dwmgrad-decrease"]._replace(label="decrease"),
    "increase": METHODS["dwmgrad-increase"]._replace(label="increase"),
    "coin": Look("coin flip", BLUE, (0, (3, 1.2))),
    "unrelated": Look("unrelated losses", GREEN, (0, (1, 1))),
}
STATISTICS = {"up": "share of moves up", "agreement": "lag-one correlation", "mean": "mean window, late"}


def data() -> dict[str, Frame]:
    windows = {signal: _windows(signal, STEPS, SEEDS) for signal in ("decrease", "increase")}
    windows["loss"] = _windows("loss", STEPS, SEEDS[:1])
    return {
        "paths": _paths(windows),
        "means": pd.concat([_means(windows), _reference_means()], ignore_index=True),
        "spread": pd.concat([_per_seed(windows, _spreads), _reference_spread()], ignore_index=True),
        "statistics": pd.concat([_per_seed(windows, _statistics), _reference_statistics()], ignore_index=True),
    }


def sample() -> dict[str, Frame]:
    """The first 500 steps of the paths; the exact references."""
    paths = _paths({signal: _windows(signal, 500, SEEDS[:1]) for signal in ("decrease", "increase", "loss")})
    return {"paths": paths[paths.t <= 500], "spread": _reference_spread()}


def _windows(signal: str, steps: int, seeds: Any) -> np.ndarray:
    """omega_1..omega_T under the signal, (seeds, T)."""
    job = {"rule": "dwmgrad", "signal": signal, "delta": CAP, "omega0": OMEGA0, "steps": steps, "grid": 1}
    job |= {"observe": ("window",)}
    epochs = STEPS * 64 // 1797 + 1
    settings = [
        ({"seed": s}, {**job, "problem": problems.get("minibatch-softmax-digits", seed=s, epochs=epochs)})
        for s in seeds
    ]
    return sweep(settings, ["window"]).window.to_numpy().reshape(len(settings), steps)


def _paths(windows: dict[str, np.ndarray]) -> Frame:
    """The window of seed 0, every fourth step, and one coin's."""
    coin = window_of(coin_moves(1, STEPS, seed=0), CAP, OMEGA0)
    steps = np.arange(1, SHOWN + 1, 4)
    parts = []
    for walk, window in {**windows, "coin": coin}.items():
        t = steps[steps <= window.shape[1]]
        parts.append(pd.DataFrame({"walk": walk, "t": t, "window": window[0, t - 1]}))
    return pd.concat(parts, ignore_index=True)


def _marks() -> np.ndarray:
    return np.unique(np.rint(np.geomspace(1, STEPS, 60)).astype(int))


def _means(windows: dict[str, np.ndarray]) -> Frame:
    parts = [
        pd.DataFrame({"walk": walk, "t": t, "window": window[:, t - 1]})
        for walk, window in windows.items()
        for t in _marks()
    ]
    return interval(pd.concat(parts), ["walk", "t"], "window")


def _reference_means() -> Frame:
    """The coin's mean, exact, and that of unrelated losses, simulated."""
    t = _marks()
    unrelated = window_of(unrelated_moves(WALKS, STEPS, seed=1), CAP, OMEGA0).mean(axis=0)
    means = {"coin": coin_mean(CAP, OMEGA0, STEPS), "unrelated": unrelated}
    parts = [pd.DataFrame({"walk": walk, "t": t, "mean": mean[t - 1]}) for walk, mean in means.items()]
    return pd.concat(parts).assign(low=lambda f: f["mean"], high=lambda f: f["mean"], seeds=0)


def _per_seed(windows: dict[str, np.ndarray], read: Any) -> Frame:
    """Means over seeds of what `read` takes from one window; `loss` does not move and is left out."""
    rows = []
    for walk in ("decrease", "increase"):
        rows += [{"walk": walk, **row} for window in windows[walk] for row in read(window[SETTLED:])]
    table = pd.DataFrame(rows)
    return interval(table, [name for name in table.columns if name != "value"], "value")


def _spreads(window: np.ndarray) -> list[dict[str, Any]]:
    moves = moves_of(window, CAP)
    return [{"lag": lag, "value": spread(moves, lag)} for lag in LAGS]


def _statistics(window: np.ndarray) -> list[dict[str, Any]]:
    moves = moves_of(window, CAP)
    values = {"up": np.mean(moves > 0), "agreement": lag_one(moves), "mean": window.mean()}
    return [{"statistic": name, "value": float(value)} for name, value in values.items()]


def _reference_spread() -> Frame:
    rows = [{"walk": "coin", "lag": lag, "mean": 1.0} for lag in LAGS]
    rows += [{"walk": "unrelated", "lag": lag, "mean": (lag + 2) / (3 * lag)} for lag in LAGS]
    return pd.DataFrame(rows).assign(low=lambda f: f["mean"], high=lambda f: f["mean"], seeds=0)


def _reference_statistics() -> Frame:
    late = {
        "coin": coin_mean(CAP, OMEGA0, STEPS)[SETTLED:].mean(),
        "unrelated": window_of(unrelated_moves(WALKS, STEPS, seed=1), CAP, OMEGA0)[:, SETTLED:].mean(),
    }
    exact = {"coin": {"up": 0.5, "agreement": 0.0}, "unrelated": {"up": 0.5, "agreement": -1 / 3}}
    rows = [
        {"walk": walk, "statistic": name, "mean": value}
        for walk in exact
        for name, value in {**exact[walk], "mean": late[walk]}.items()
    ]
    return pd.DataFrame(rows).assign(low=lambda f: f["mean"], high=lambda f: f["mean"], seeds=0)


def draw(figure: Figure, table: dict[str, Frame]) -> None:
    halves: Any = figure.subfigures(2, 1, height_ratios=(1.25, 1))
    top, bottom = halves
    path, mean, vary = top.subplots(1, 3, width_ratios=(1.5, 1, 1))
    for walk, part in table["paths"].groupby("walk", sort=False):
        path.plot(part.t, part.window, **{**LOOKS[str(walk)].line, "linewidth": 0.9})
    path.set(title="one run each", xlabel="step", ylabel="window", xlim=(0, SHOWN), ylim=(0, CAP + 3))
    _bands(mean, table["means"], "t")
    mean.set(title="mean over shuffles", xscale="log", yscale="log", xlabel="step", ylabel="window", xlim=(1, STEPS))
    _bands(vary, table["spread"], "lag")
    vary.set(title="variance growth", xscale="log", xlabel="k", ylabel="Var(sum of k moves) / k", ylim=(0, 1.1))
    axes = bottom.subplots(1, 3, sharey=True)
    for ax, (name, title) in zip(axes, STATISTICS.items(), strict=True):
        _statistic(ax, table["statistics"][table["statistics"].statistic == name])
        ax.set_xlabel(title)
    panel_letters([path, mean, vary, *axes])
    handles, labels = path.get_legend_handles_labels()
    unrelated = mean.get_legend_handles_labels()
    last = unrelated[1].index(LOOKS["unrelated"].label)
    top.legend([*handles, unrelated[0][last]], [*labels, unrelated[1][last]], loc="outside lower center", ncols=5)


def _bands(ax: Any, table: Frame, x: str) -> None:
    for walk, part in table.groupby("walk", sort=False):
        look = LOOKS[str(walk)]
        ax.plot(part[x], part["mean"], **look.line)
        ax.fill_between(part[x], part.low.clip(lower=1e-3), part.high, color=look.color, alpha=0.2, lw=0)


def _statistic(ax: Any, part: Frame) -> None:
    for at, row in enumerate(part[::-1].itertuples()):
        look = LOOKS[str(row.walk)]
        reach = [[row.mean - row.low], [row.high - row.mean]]
        ax.errorbar(row.mean, at, xerr=reach, fmt="o", color=look.color, markersize=4, capsize=2.5, linewidth=1.2)
        digits = 1 if row.statistic == "mean" else 3
        label = f"{row.mean:.{digits}f}" + (f" [{row.low:.{digits}f}, {row.high:.{digits}f}]" if row.seeds else "")
        ax.annotate(
            label.replace("-", "\N{MINUS SIGN}"),
            (row.mean, at),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=7,
        )
    ax.set_yticks(range(len(part)), [LOOKS[str(walk)].label for walk in part.walk[::-1]])
    ax.set_ylim(-0.5, len(part) - 0.2)
    ax.margins(x=0.8 if part.statistic.iloc[0] == "agreement" else 0.3)
