"""Rules side by side on one problem, each at the best value of one option on a grid that all share.

A rule whose best value lies at an end of the grid may do better beyond it. The table marks it, and the command warns.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from analysis.frames import Frame
from analysis.stats.tuning import choose
from dwmgrad_ref import Trace, plot, run_many
from dwmgrad_ref.errors import BadInput, UnknownName
from dwmgrad_ref.files import write_atomic
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.rules.base import Rule

PER_DECADE = 2
KEPT = ("loss", "regret", "bound", "first_violation")


class Entry(NamedTuple):
    """A rule as it was named, and the options that are not tuned."""

    label: str
    rule: Rule
    options: dict[str, Any]


class Grid(NamedTuple):
    """The option that is tuned, and its values in increasing order."""

    option: str
    values: tuple[float, ...]


class Comparison(NamedTuple):
    """Every run as a row, and the traces of the chosen runs by the rule's label.

    Columns of `runs`: rule; the option tuned; loss, regret, bound, first_violation at the last step (nan if the run
    stopped at a value that was not finite); stopped, the step of that; chosen (1 for least regret of the rule);
    at_end (1 if the chosen value is the least or the greatest of the grid).
    """

    grid: Grid
    runs: Frame
    best: dict[str, Trace]


def grid(word: str) -> Grid:
    """`alpha=1e-3:1` or `alpha=1e-3:1:7` (7 values) to the grid, evenly spaced on the logarithm; ends included.

    Without a count there are two values per decade, rounded to four digits.

    Raises:
        BadInput: it does not read so, or not 0 < low < high, or fewer than three values.
    """
    option, _, ends = word.partition("=")
    try:
        low, high, *rest = (float(part) for part in ends.split(":"))
        count = int(rest[0]) if rest else round(PER_DECADE * math.log10(high / low)) + 1
        if not 0 < low < high < math.inf or count < 3 or len(rest) > 1:
            raise ValueError
    except (ValueError, ZeroDivisionError, OverflowError):
        raise BadInput(
            f"--tune {word} is not understood; expected OPTION=LOW:HIGH or OPTION=LOW:HIGH:COUNT with 0 < LOW < HIGH "
            "and at least three values, such as alpha=1e-3:1"
        ) from None
    return Grid(option, tuple(float(f"{value:.4g}") for value in np.geomspace(low, high, count)))


def compare(
    entries: Sequence[Entry], problem: Problem, tuned: Grid, steps: int,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:  # fmt: skip
    """Run every rule at every value of the grid, and choose the value of least regret for each rule.

    Args:
        steps: steps of each run.
        progress: called with (runs finished, runs in all).

    Raises:
        UnknownName: a rule has no such option.
        BadInput: a rule is named twice, or all of its runs stopped at a value that was not finite.
    """
    labels = [entry.label for entry in entries]
    if len(set(labels)) < len(labels):
        raise BadInput(f"a rule is named twice: {', '.join(labels)}")
    for entry in entries:
        if tuned.option not in entry.rule.fields:
            raise UnknownName(f"option of {entry.rule.name}", tuned.option, entry.rule.fields)
    points = [(entry, value) for entry in entries for value in tuned.values]
    jobs = [
        {"rule": e.rule, "problem": problem, "steps": steps, **e.options, tuned.option: value} for e, value in points
    ]
    traces = run_many(jobs, progress=progress)
    rows = [_row(e.label, tuned.option, value, trace) for (e, value), trace in zip(points, traces, strict=True)]
    runs = choose(pd.DataFrame(rows), ["rule"], "regret")
    ends = runs[tuned.option].isin([tuned.values[0], tuned.values[-1]])
    runs["at_end"] = (ends & (runs["chosen"] == 1)).astype(int)
    best = {rows[n]["rule"]: traces[n] for n in np.flatnonzero(runs["chosen"])}
    return Comparison(tuned, runs, best)


def _row(label: str, option: str, value: float, trace: Trace) -> dict[str, Any]:
    stopped = trace.stopped["step"] if trace.stopped else math.nan
    last = {} if trace.stopped or trace.frame.empty else trace.final.to_dict()
    return {"rule": label, option: value, **{k: last.get(k, math.nan) for k in KEPT}, "stopped": stopped}


def chosen(found: Comparison) -> Frame:
    """The rows of the chosen runs, least regret first."""
    return found.runs[found.runs["chosen"] == 1].sort_values("regret", kind="stable")


def latex(found: Comparison) -> str:
    """The chosen runs as a LaTeX `tabular`; a value at an end of the grid carries a star."""
    option = found.grid.option.replace("_", r"\_")
    lines = [r"\begin{tabular}{lrrr}", rf"rule & {option} & regret $R_T$ & bound \\", r"\hline"]
    for row in chosen(found).to_dict("records"):
        star = "$^*$" if row["at_end"] else ""
        bound = "--" if math.isnan(row["bound"]) else f"{row['bound']:.4g}"
        rule = str(row["rule"]).replace("_", r"\_")
        lines.append(rf"{rule} & {row[found.grid.option]:g}{star} & {row['regret']:.4g} & {bound} \\")
    return "\n".join([*lines, r"\end{tabular}", ""])


def draw(found: Comparison, title: str) -> Figure:
    """Left: regret against the tuned option, the chosen values marked. Right: regret over the steps at those values."""
    with matplotlib.rc_context(plot.STYLE):
        figure = Figure(figsize=(plot.WIDTH, plot.HEIGHT + 0.5), layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        option = found.grid.option
        for n, (label, rows) in enumerate(found.runs.groupby("rule", sort=False)):
            colour, best = plot.COLOURS[n % len(plot.COLOURS)], rows[rows["chosen"] == 1]
            left.plot(
                rows[option], rows["regret"].where(rows["regret"] > 0), color=colour, marker=".", label=str(label)
            )
            left.plot(best[option], best["regret"].where(best["regret"] > 0), color=colour, marker="o", ls="", ms=6)
            frame = found.best[str(label)].frame
            right.plot(frame["t"], frame["regret"].where(frame["regret"] > 0), color=colour)
        left.set(xscale="log", yscale="log", xlabel=option, ylabel="regret R$_T$", title="regret after the last step")
        right.set(xscale="log", yscale="log", xlabel="step t", ylabel="regret R$_t$", title=f"at the best {option}")
        figure.legend(loc="outside upper center", ncols=4, title=title)
    return figure


def save(found: Comparison, stem: Path, title: str) -> list[Path]:
    """Write stem.csv (every run), stem.tex (the table of chosen runs), stem.pdf and stem.png; returns the paths."""
    text = found.runs.to_csv(index=False, lineterminator="\n").encode()
    written = [
        write_atomic(stem.with_suffix(".csv"), lambda file: file.write(text)),
        write_atomic(stem.with_suffix(".tex"), lambda file: file.write(latex(found).encode())),
    ]
    return [*written, *plot.save(draw(found, title), stem)]
