"""The cost of the optimizers as tables: counted operations, and measured times from the committed profile."""

from typing import Any, NamedTuple

from analysis.cost import findings
from paper_figures.lib import build
from proofs.cost import measurements, table


class CostTable(NamedTuple):
    """A table with a caption, the headings of its columns, and rows of text whose first cell names the row."""

    title: str
    caption: str
    heads: list[str]
    rows: list[list[str]]


def cost_tables() -> list[CostTable]:
    return [_counted(), _exponents(), _ratios(), _watching()]


def _counted() -> CostTable:
    rows = []
    for record in table.records():
        each, options = record["each"], [f"{n}={v:g}" for n, v in record["options"].items()]
        rows.append([
            " ".join([record["rule"], *options]), record["state"], sum(each.values()), each.get("sqrt", 0),
            each.get("divide", 0), record["ideal"]["read"] + record["ideal"]["written"],
        ])  # fmt: skip
    return CostTable(
        "Counted cost of a step",
        "Operations are counted by running each rule on a number type that counts them. All columns are for each"
        " coordinate; the bytes are those of one pass over memory in double precision.",
        ["rule", "numbers kept", "operations", "square roots", "divisions", "bytes moved"],
        [[str(cell) for cell in row] for row in rows],
    )


def _exponents() -> CostTable:
    found: Any = build.table("cost_time")
    rows = found["exponents"]
    rows = rows[rows.rule.isin(["dwmgrad", "dwmgrad-released-torch"])]
    return CostTable(
        "How the time grows",
        "The fitted exponent p of the time t = c₀ + c₁ xᵖ with its 95 % interval, for DWMGrad. The exponent 1 means"
        " that the time is proportional to x.",
        ["engine", "x", "sizes", "exponent", "interval"],
        [[r.engine, {"n": "steps n", "d": "coordinates d"}[r.against], f"{r['from']:,} to {r.to:,} ({r.segment})",
          f"{r.p:.3f}", f"{r.low:.3f} to {r.high:.3f}"] for _, r in rows.iterrows()],
    )  # fmt: skip


def _ratios() -> CostTable:
    found = findings.ratios(measurements.load())
    return CostTable(
        "DWMGrad beside Adam",
        "Time of a step of DWMGrad divided by that of Adam on the named engine, at three numbers of coordinates. The"
        " range is that of the processes.",
        ["engine of DWMGrad", "engine of Adam", "coordinates", "ratio", "range"],
        [[r["engine"], r["beside"], f"{r['d']:,}", f"{r['ratio']:.2f}", f"{r['least']:.2f} to {r['most']:.2f}"]
         for r in found],
    )  # fmt: skip


def _watching() -> CostTable:
    found: Any = build.table("cost_watching")
    return CostTable(
        "What watching a run costs",
        "Time that an observer adds to a step of DWMGrad on linear losses in 100 dimensions, as a share of the step"
        " without any, with the range of the processes.",
        ["observer", "nanoseconds for each step", "added", "range", "bytes kept for each coordinate"],
        [[r.observer, f"{r.seconds * 1e9:.0f}", f"{r.added:+.0%}", f"{r.least:+.0%} to {r.most:+.0%}", f"{r.bytes:.0f}"]
         for _, r in found.iterrows()],
    )  # fmt: skip
