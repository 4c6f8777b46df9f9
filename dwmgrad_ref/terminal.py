"""A trace in a few numbers, and those as tables for the terminal."""

import json
import math
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from dwmgrad_ref.files import write_atomic

if TYPE_CHECKING:
    from dwmgrad_ref.execution.trace import Trace  # pandas is not needed to list rules

PIPED_WIDTH = 200  # a pipe has no width; rows stay on one line for grep

# key of `summary`, how a person calls it
ROWS = {
    "loss": "final loss",
    "gap": "  above the minimum",
    "regret": "regret R_T",
    "regret_per_step": "  R_T / T",
    "bound": "bound, a posteriori",
    "bound_error": "  its rounding, at most",
    "certificate": "  rounding counted",
    "slack": "  slack: bound - regret",
    "bound_apriori": "bound, a priori",
    "first_violation": "first step with h falling",
    "violating_steps": "  steps with h falling",
    "step_min": "effective step, smallest",
    "step_max": "effective step, largest",
    "window": "window",
    "momentum": "heavy-ball momentum",
    "speed": "steps a second",
}
FROM_POTENTIAL = ("bound", "bound_error", "first_violation", "violating_steps", "step_min", "step_max")
COUNTS = ("first_violation", "violating_steps", "speed")


def summary(trace: "Trace", minimum: float | None = None) -> dict[str, float]:
    """The last row of a trace, and what follows from it; a key is there only if it was observed.

    Args:
        minimum: f*, for the gap of the final loss above it.

    Returns:
        Values under the keys of ROWS, in objective units, steps or steps a second; empty if no row was logged.
    """
    if trace.frame.empty:
        return {}
    last = {str(name): float(value) for name, value in trace.final.items()}
    lost = FROM_POTENTIAL if trace.meta.get("no_potential") else ()
    found = {name: last[name] for name in ROWS if name in last and name not in lost}
    if minimum is not None:
        found["gap"] = last["loss"] - minimum
    if "regret" in last:
        found["regret_per_step"] = last["regret"] / last["t"]
    if "regret" in last and "bound" in found:
        found["slack"] = last["bound"] - last["regret"]
    for name, worst in (("step_min", min), ("step_max", max)):  # each row covers the steps since the row before
        if name in found:
            found[name] = worst(float(value) for value in trace.frame[name])
    if trace.meta["steps_timed"]:
        found["speed"] = trace.meta["steps_timed"] / max(trace.meta["seconds"], 1e-9)
    return {name: found[name] for name in ROWS if name in found}


def side_by_side(summaries: Mapping[str, Mapping[str, float]]) -> Table:
    """One column a run if there are few, else one row a run."""
    known = [name for name in ROWS if any(not math.isnan(s.get(name, math.nan)) for s in summaries.values())]
    # That no step breaks the potential condition is worth a line; that a bound is not known is not.
    known = [n for n in ROWS if n in known or (n == "first_violation" and any(n in s for s in summaries.values()))]
    table = Table(box=None, pad_edge=False, show_header=len(summaries) > 1)
    if len(summaries) <= 4:
        table.add_column("")
        for label in summaries:
            table.add_column(Text(label), justify="right")
        for name in known:
            table.add_row(ROWS[name], *(shown(name, s.get(name)) for s in summaries.values()))
        return table
    table.add_column("run")
    brief = [
        n for n in known if n in ("loss", "regret", "regret_per_step", "bound", "bound_apriori", "first_violation")
    ]
    for name in brief:
        table.add_column(ROWS[name].strip(), justify="right")
    for label, values in summaries.items():
        table.add_row(Text(label), *(shown(name, values.get(name)) for name in brief))
    return table


def shown(name: str, value: float | None) -> str:
    """A number for people: five digits, counts with separators."""
    if name == "first_violation" and value is not None and math.isnan(value):
        return "never"
    if value is None or math.isnan(value):
        return "–"
    if name in COUNTS:
        return f"{float(f'{value:.3g}') if name == 'speed' else value:,.0f}"
    return f"{value:.5g}"


def console(stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else PIPED_WIDTH, highlight=False)


class Listing:
    """Rows under heads, readable at the width that there is.

    A table that is too wide for its place is not squeezed. If its cells are short, its columns are shown in parts, each
    beginning with the first column. If they are long, each row is shown as a block of lines "head  value".
    """

    SHORT = 14  # a table of cells up to this length is shown in parts
    TEXT = 30  # the widest column may wrap down to this width
    GAP = 2

    def __init__(self, rows: Sequence[Sequence[Any]], heads: Sequence[str]):
        self.rows, self.heads = [[_cell(value) for value in row] for row in rows], list(heads)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = [self._width(n) for n in range(len(self.heads))]
        if self._needed(widths) <= options.max_width or not self.rows:
            yield self._table(range(len(widths)), widths)
        elif max(widths[1:]) <= self.SHORT:
            for n, part in enumerate(self._parts(widths, options.max_width)):
                yield Text("") if n else Text("", end="")
                yield self._table(part, widths)
        else:
            for n, row in enumerate(self.rows):
                yield Text("") if n else Text("", end="")
                yield self._block(row)

    def _width(self, n: int) -> int:
        words = max((len(word) for word in self.heads[n].split()), default=0)
        return max([words, *(cell_len(row[n].plain) for row in self.rows)])

    def _needed(self, widths: Sequence[int]) -> int:
        widest = max(widths)
        return sum(widths) + self.GAP * len(widths) - widest + min(widest, self.TEXT)

    def _parts(self, widths: Sequence[int], room: int) -> list[list[int]]:
        parts: list[list[int]] = [[0]]
        for n in range(1, len(widths)):
            if len(parts[-1]) > 1 and sum(widths[k] + self.GAP for k in [*parts[-1], n]) > room:
                parts.append([0])
            parts[-1].append(n)
        return parts

    def _table(self, columns: Sequence[int], widths: Sequence[int]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, self.GAP, 0, 0))
        widest = max(columns, key=lambda n: widths[n], default=0)
        for n in columns:
            wraps = n == widest and n > 0
            table.add_column(
                self.heads[n], style="" if n else "cyan", min_width=0 if wraps else widths[n], no_wrap=False
            )
        for row in self.rows:
            table.add_row(*(row[n] for n in columns))
        return table

    def _block(self, row: Sequence[Text]) -> Table:
        block = Table(box=None, pad_edge=False, show_header=False, padding=(0, self.GAP, 0, 0))
        block.add_column(style="cyan", no_wrap=True)
        block.add_column()
        for head, cell in zip(self.heads, row, strict=True):
            block.add_row(Text(head), cell)
        return block


def listing(rows: Sequence[Sequence[Any]], heads: Sequence[str] = ()) -> Table | Listing:
    """A plain table, with "–" for a missing value (None or nan); a cell may be a rich `Text`.

    Under heads it is readable at any width (see `Listing`). Without heads its first column never wraps.
    """
    if heads:
        return Listing(rows, heads)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, Listing.GAP, 0, 0))
    for position in range(len(rows[0]) if rows else 0):
        table.add_column(style="cyan" if position == 0 else "", no_wrap=position == 0)
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def _cell(value: Any) -> Text:
    """A value as a cell; brackets are no markup."""
    if isinstance(value, Text):
        return value
    missing = value is None or isinstance(value, float) and math.isnan(value)
    return Text("–" if missing else str(value))


def command_line(*words: str, **options: Any) -> str:
    """A `dwmgrad` command as typed: data_dir="x" is --data-dir x, True a flag, a list one option for each item.

    None, False and "" are left out.
    """
    told = ["dwmgrad", *words]
    for name, value in options.items():
        if value is not None and value is not False and value != "":
            flag = f"--{name.replace('_', '-')}"
            for item in value if isinstance(value, list) else [value]:
                told += [flag] if item is True else [flag, str(item)]
    return shlex.join(told)


def put_json(target: str | Path | None, content: Any) -> None:
    """Write as JSON to a file, whole or not at all; "-" prints it, None does nothing."""
    if target is None:
        return
    text = json.dumps(standard(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if str(target) == "-":
        print(text, end="")
    else:
        write_atomic(target, lambda file: file.write(text.encode()))


def standard(value: Any) -> Any:
    """JSON knows neither nan nor infinity: null and "inf"."""
    if isinstance(value, dict):
        return {key: standard(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [standard(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
