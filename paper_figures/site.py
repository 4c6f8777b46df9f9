"""The documentation site: its pages assembled from docs/, the code and the committed data, then built by MkDocs.

`python -m paper_figures.site` writes build/site-source and build/site. Every warning of MkDocs is an error. Formulas
become MathML here, which browsers draw without a script, so the site is complete without a network.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dwmgrad_ref import formula, rules
from dwmgrad_ref.cli import rule_options
from dwmgrad_ref.rules.base import Rule
from paper_figures.report import pictures
from paper_figures.report.mathematics import mathml
from proofs.cost import table as cost_table
from proofs.ledger import records

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "build" / "site-source"
PAGES = ("CLAIMS.md", "REPRODUCTION.md", "CONTRIBUTING.md")
# The modules of the reference: what a user imports, and what a new rule, problem or observer is written with.
MODULES = (
    "dwmgrad_ref", "dwmgrad_ref.rules", "dwmgrad_ref.rules.base", "dwmgrad_ref.rules.bounds", "dwmgrad_ref.ops",
    "dwmgrad_ref.problems", "dwmgrad_ref.problems.base", "dwmgrad_ref.observers", "dwmgrad_ref.observers.base",
    "dwmgrad_ref.execution.runner", "dwmgrad_ref.execution.parallel", "dwmgrad_ref.execution.trace",
    "dwmgrad_ref.formula", "dwmgrad_ref.plot", "dwmgrad_ref.torch", "dwmgrad_ref.torch.optimizers",
    "dwmgrad_ref.torch.rule_optimizer", "dwmgrad_ref.torch.watch", "dwmgrad_ref.data", "dwmgrad_ref.errors",
)  # fmt: skip


def assemble(source: Path = SOURCE) -> None:
    """Write all pages of the site and its navigation into the folder `source`, which is emptied first."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(ROOT / "docs", source / "docs", ignore=shutil.ignore_patterns("*.json"))
    for name in PAGES:
        shutil.copy(ROOT / name, source)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _put(source / "index.md", re.sub(r"\[(`?[\w.]+`?)\]\((?!docs/|https?:|CLAIMS|REPRO)[\w.]+\)", r"\1", readme))
    _put(source / "cite.md", "# How to cite\n\n" + readme.partition("## How to cite\n")[2].replace(
        "[references.bib](references.bib)", "`references.bib`"))  # fmt: skip
    for page in source.rglob("*.md"):
        _put(page, with_mathematics(page.read_text(encoding="utf-8")))
    for name in rules.names():
        _put(source / "rules" / f"{name}.md", rule_page(rules.get(name)))
    for module in MODULES:
        _put(source / "reference" / f"{module}.md", f"# {module}\n\n::: {module}\n")
    _gallery(source)
    _put(source / "mkdocs.yml", _configuration(source))


def with_mathematics(text: str) -> str:
    """Markdown with each $...$ outside of code replaced by MathML."""
    text = re.sub(r"\$\$(.+?)\$\$", lambda found: str(mathml(found[1].strip(), display=True)), text, flags=re.S)
    fenced = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
    return "".join(block if n % 2 else "\n".join(map(_drawn, block.split("\n"))) for n, block in enumerate(fenced))


def _drawn(line: str) -> str:
    """One line outside of fenced code. A formula ends at the first dollar that stands in no braces."""
    if line.startswith("    ") or "$" not in line:
        return line
    out, start, depth, code = [], -1, 0, False
    for n, sign in enumerate(line):
        code ^= sign == "`" and start < 0
        if start >= 0 and line[n - 1] != "\\":
            depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign != "$" or code:
            out += [sign] if start < 0 else []
        elif start < 0:
            start, depth = n + 1, 0
        elif depth == 0:
            out.append(str(mathml(line[start:n])))
            start = -1
    return "".join(out) + (line[start - 1 :] if start >= 0 else "")


def rule_page(rule: Rule) -> str:
    """One rule: formula, source, options, cost, proved bounds, and the claims and figures that name it."""
    shown, cost = formula.rendered(rule), cost_table.record(rule)
    moved = cost["ideal"]["read"] + cost["ideal"]["written"]
    done = ", ".join(f"{n} {kind}" for kind, n in cost["each"].items())
    lines = [
        f"# {rule.name}", "", f"{rule.title[:1].upper()}{rule.title[1:]}.", "", "## Formula", "",
        "The formula is rendered from the code that runs.", "", *(f"    {line}" for line in shown.pretty.splitlines()),
        "", f"Source: {rule.source}. What departs from it: {rule.departs}.", "", "## Options", "",
        "| option | default | allowed | meaning |", "|---|---|---|---|", *_options(rule), "", "## Cost", "",
        f"A step keeps {cost['state']:g} numbers for each coordinate and moves at least {moved} bytes. Its operations",
        f"for each coordinate are {done}.", "", "## Proved regret bounds", "",
        *(f"- `{bound}`" for bound in shown.bounds or ["none that is known before a run"]), "",
    ]  # fmt: skip
    for title, found in (("Claims that name it", _claims(rule)), ("Figures that show it", _figures(rule))):
        lines += [f"## {title}", "", *(found or ["None."]), ""]
    lines += ["## Try it", "", f"    dwmgrad run --problem periodic --rule {rule.name} --plot", ""]
    return "\n".join(lines)


def _options(rule: Rule) -> Iterator[str]:
    chosen = rule.options()
    for name, field in rule.fields.items():
        allowed = rule_options.interval(rule, name).replace("|", ", ")
        yield f"| `{name}` | {rule_options.plain(getattr(chosen, name))} | {allowed} | {field.description} |"


def _claims(rule: Rule) -> list[str]:
    """Claims that prove one of the rule's bounds, or whose title names its method."""
    proving = {bound.claim for bound in (*rule.bounds, *rule.step_bounds)}
    method = re.compile(rf"\b{re.escape(rule.name.partition('-')[0])}\b", re.I)
    return [
        f"- {name}, {entry['verdict']}: {entry['title']}"
        for name, entry in records.ledger().items()
        if name in proving or method.search(entry["title"])
    ]


def _figures(rule: Rule) -> list[str]:
    method = re.compile(rf"\b{re.escape(rule.name.partition('-')[0])}\b", re.I)
    return [
        f"- [{words['title']}](../gallery.md#{name})"
        for name, words in pictures.words().items()
        if method.search(" ".join(words.values()))
    ]


def _gallery(source: Path) -> None:
    lines = ["# Gallery of figures", ""]
    for name, words in pictures.words().items():
        content, _, _ = pictures.drawn(name)
        file = source / "figures" / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        lines += [f"## {words['title']} {{ #{name} }}", "", f"![{words['title']}](figures/{name}.png)", "",
                  words["shows"], "", f"*Published:* {words['published']}", "",
                  f"*A better outcome:* {words['better']}", "", f"*A worse outcome:* {words['worse']}", "",
                  f"    dwmgrad figures {name}", ""]  # fmt: skip
    _put(source / "gallery.md", "\n".join(lines))


def _configuration(source: Path) -> str:
    """mkdocs.yml with the generated pages put into its navigation."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    themes = sorted(path.name for path in (source / "docs" / "claims").glob("*.md"))
    listed: dict[str, Any] = {
        "RULES": [f"rules/{name}.md" for name in rules.names()],
        "THEMES": [f"docs/claims/{name}" for name in themes],
        "REFERENCE": [f"reference/{module}.md" for module in MODULES],
    }
    guides = ["docs/dwmgrad.md", "docs/adamomentum.md", "docs/lcam.md"]
    listed["RULES"] += guides
    for word, pages in listed.items():
        text = text.replace(f": {word}\n", ": [" + ", ".join(pages) + "]\n")
    places = {"docs_dir: build/site-source": f"docs_dir: {source}", "paths: [.]": f"paths: [{ROOT}]",
              "site_dir: build/site": f"site_dir: {source.with_name('site')}"}  # fmt: skip
    for told, place in places.items():
        text = text.replace(told, place)
    return text


def _put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def build(source: Path = SOURCE) -> Path:
    """Assemble and build the site beside `source`, in a folder `site`; returns its first page.

    Raises:
        subprocess.CalledProcessError: MkDocs had a warning or an error, which it has printed.
    """
    assemble(source)
    configuration = source.with_name("mkdocs.yml")
    (source / "mkdocs.yml").rename(configuration)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", str(configuration)]
    subprocess.run(command, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    return source.with_name("site") / "index.html"


if __name__ == "__main__":
    print(build())
