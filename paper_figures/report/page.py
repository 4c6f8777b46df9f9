"""The report as one HTML file: everything is inside, so it needs no network and no other file."""

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from analysis.comparison.verdicts import MEANING
from dwmgrad_ref.files import write_atomic
from paper_figures.lib import reproduction
from paper_figures.report import claims, costs, graph, literature, periodic_run, pictures, provenance
from paper_figures.report.mathematics import plain
from proofs.ledger import papers, records
from proofs.ledger.page import WORDS as VERDICTS

HERE = Path(__file__).resolve().parent
NAME = "report.html"


def html() -> str:
    """The report's text.

    Raises:
        DamagedFile, BadInput: a committed file that it reads is damaged or missing.
    """
    template = _environment().get_template("report.html.j2")
    themed = claims.by_theme()
    known = literature.works()
    page, works = literature.cited(template.render(**_content(themed), works=[]), known)
    return page.replace(_WORKS, _environment().from_string(_LITERATURE).render(works=works, entry=literature.entry))


_WORKS = "<!-- works -->"
_LITERATURE = """<ul class="plain">
{%- for work in works %}
<li id="work-{{ work.key }}"><strong>[{{ work.key }}]</strong> {{ entry(work) }}</li>
{%- endfor %}
</ul>"""


def write(out: str | Path) -> Path:
    """Write the report into the folder `out` and return its path."""
    content = html().encode()
    return write_atomic(Path(out) / NAME, lambda file: file.write(content))


def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    found.filters |= {"plain": plain, "anchor": claims.anchor}
    found.globals |= {"inline": _inline}
    return found


def _inline(file: str) -> Markup:
    """A file of this folder, put into the page as it is."""
    return Markup((HERE / file).read_text(encoding="utf-8"))


def _content(themed: list[tuple[Any, list[claims.Claim]]]) -> dict[str, Any]:
    ledger = records.ledger()
    depends = {name: entry["depends"] for name, entry in ledger.items()}
    verdicts = {name: entry["verdict"] for name, entry in ledger.items()}
    return {
        "papers": [(row, papers.judged(row, ledger)) for row in papers.PAPERS],
        "themes": themed,
        "counts": {word: n for word in VERDICTS if (n := sum(v == word for v in verdicts.values()))},
        "verdicts": VERDICTS,
        "graph": graph.layout(depends, verdicts),
        "size": graph,
        "pictures": list(pictures.pictures()),
        "rows": reproduction.rows(),
        "row_verdicts": MEANING,
        "costs": costs.cost_tables(),
        "facts": provenance.facts(),
        "trainings": provenance.trainings(),
        "recorded": _recorded(),
        "script": Markup(periodic_run.script()),
    }


def _recorded() -> list[dict[str, Any]]:
    """Runs of the recorded settings, which the page's script repeats and compares to the last bit."""
    found = []
    for words, setting in periodic_run.recorded():
        run = periodic_run.run(setting)
        found.append({
            "words": words, "setting": setting, "run": run,
            "script": {"setting": _finite(periodic_run.for_script(setting)), "expected": periodic_run.summary(run)},
        })  # fmt: skip
    return found


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no infinity; the page's script reads the word."""
    return {name: "Infinity" if value == float("inf") else value for name, value in values.items()}
