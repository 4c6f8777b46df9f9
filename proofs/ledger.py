"""The ledger: every claim with its verdict and evidence, run anew or read from the committed file.

`ledger.json` beside this file holds what is expected: the verdict of every claim and the status of every check.
A run that differs from it, in either direction, is news and fails. CLAIMS.md is rendered from both.
"""

import importlib.metadata
import json
import multiprocessing
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from dwmgrad_ref.errors import DwmgradError, UnknownName
from dwmgrad_ref.files import checked, with_checksum, write_atomic
from proofs.claim import Check, Claim, Outcome, Verdict, verdict
from proofs.claims import get, registry
from proofs.markdown import cell, kept

LEDGER = Path(__file__).with_name("ledger.json")
EMPIRICAL = Path(__file__).with_name("empirical.json")
PAGE = Path(__file__).resolve().parent.parent / "CLAIMS.md"
ENGINES = ("sympy", "z3-solver", "cvc5", "python-flint", "PEPit")
LIMIT = 180.0  # seconds for one check, waiting for a free process included
SYMBOL = {"proved": "✔", "refuted": "✘", "supported": "~", "open": "?"}


@dataclass(frozen=True)
class Finding:
    """What came of one check."""

    claim: str
    check: str
    engine: str
    status: str
    detail: str
    witness: dict[str, Any] | None
    seconds: float


def empirical() -> dict[str, dict[str, Any]]:
    """Rows of the reproduction table by id: claims about measurements, which no proof can settle.

    `dwmgrad reproduction --write` renews them from the figures' committed tables.
    """
    if not EMPIRICAL.is_file():
        return {}
    remedy = "restore it from git, or run `dwmgrad reproduction --write`"
    return {row["id"]: row for row in checked(EMPIRICAL.read_bytes(), str(EMPIRICAL), remedy)}


def select(identifiers: Iterable[str] = (), engine: str | None = None) -> list[Claim]:
    """The named claims and all they depend on, in order of dependence; all claims if none is named."""
    wanted = set(identifiers) or set(registry())
    for claim in reversed(list(registry().values())):
        if claim.id in wanted:
            wanted |= set(claim.depends)
    for identifier in wanted:
        get(identifier)  # an unknown name is an error, with the nearest
    engines = {e for c in registry().values() for k in c.checks for e in k.engine.split(" + ")}
    if engine is not None and engine not in engines:
        raise UnknownName("engine", engine, engines)
    return [claim for claim in registry().values() if claim.id in wanted]


def run(
    claims: Iterable[Claim],
    engine: str | None = None,
    jobs: int = -1,
    progress: Callable[[Finding], None] | None = None,
) -> list[Finding]:
    """Run the claims' checks (only those of `engine` if given), on `jobs` processes, in the order of the claims.

    Raises:
        DwmgradError: a check did not come back within LIMIT seconds (with jobs = 1 there is no limit).
    """
    work = [(c.id, k.name) for c in claims for k in c.checks if engine is None or engine in k.engine.split(" + ")]
    findings: list[Finding] = []
    # Solvers do not always keep their own time limits, so a process that outlives this one is ended from outside.
    options: dict[str, Any] = {"return_as": "generator", "batch_size": 1, "timeout": None if jobs == 1 else LIMIT}
    parallel: Any = Parallel(n_jobs=jobs, **options)
    try:
        for finding in parallel(delayed(_run)(*item) for item in work):
            findings.append(finding)
            if progress:
                progress(finding)
    except multiprocessing.TimeoutError:
        stuck = work[len(findings)][1]
        raise DwmgradError(
            f"{stuck} was still running after {LIMIT:g} s; no verdict. Run it alone to see why"
        ) from None
    return findings


def _run(identifier: str, name: str) -> Finding:
    check = next(k for k in get(identifier).checks if k.name == name)
    began = time.perf_counter()
    outcome = _outcome(check)
    seconds = round(time.perf_counter() - began, 3)
    return Finding(identifier, name, check.engine, outcome.status, outcome.detail, outcome.witness, seconds)


def _outcome(check: Check) -> Outcome:
    try:
        return check.run()
    except Exception as error:  # a check that breaks proves nothing, and must not stop the others
        return Outcome("unknown", f"{type(error).__name__}: {error}")


def verdicts(findings: Iterable[Finding]) -> dict[str, Verdict]:
    """The verdict of every claim all of whose checks and dependencies were run."""
    statuses: dict[str, dict[str, Any]] = {}
    for finding in findings:
        statuses.setdefault(finding.claim, {})[finding.check] = finding.status
    found: dict[str, Verdict] = {}
    for claim in registry().values():
        complete = statuses.get(claim.id, {}).keys() == {k.name for k in claim.checks}
        if complete and all(other in found for other in claim.depends):
            found[claim.id] = verdict(claim, statuses.get(claim.id, {}), found)
    return found


def expected() -> dict[str, Any]:
    """The committed ledger: per claim its verdict and, per check, its status and detail.

    Raises:
        DamagedFile: it is not as `accept` wrote it.
    """
    remedy = "restore it from git, or run `dwmgrad verify --accept`"
    return checked(LEDGER.read_bytes(), str(LEDGER), remedy) if LEDGER.exists() else {}


def changes(findings: list[Finding]) -> list[str]:
    """How this run differs from the committed ledger, one line each; empty when nothing is news."""
    committed, news = expected(), []
    for finding in findings:
        was = committed.get(finding.claim, {}).get("checks", {}).get(finding.check, {}).get("status", "absent")
        if was != finding.status:
            news.append(f"{finding.check}: was {was}, is {finding.status} ({finding.detail})")
    for identifier, now in verdicts(findings).items():
        was = committed.get(identifier, {}).get("verdict", "absent")
        if was != now:
            news.append(f"{identifier}: was {was}, is {now}")
    return news + [f"{identifier}: in the ledger but no longer a claim" for identifier in committed.keys() - registry()]


def accept(findings: list[Finding]) -> None:
    """Write this run as the committed ledger, and the page made from it. Times are left out: they are not news."""
    found = verdicts(findings)
    content = {
        claim.id: {
            "verdict": found[claim.id],
            "checks": {
                f.check: {"engine": f.engine, "status": f.status, "detail": f.detail, "witness": f.witness}
                for f in findings
                if f.claim == claim.id
            },
        }
        for claim in registry().values()
    }
    text = with_checksum(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=False))
    write_atomic(LEDGER, lambda file: file.write(text.encode()))
    write_atomic(PAGE, lambda file: file.write(page().encode()))


def as_json(findings: list[Finding]) -> dict[str, Any]:
    """A run as plain values: verdicts, evidence, engine versions, seconds."""
    versions = {}
    for package in ENGINES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    return {"versions": versions, "verdicts": verdicts(findings), "findings": [asdict(f) for f in findings]}


def page() -> str:
    """CLAIMS.md: a table of all claims and, below it, each claim with its derivation and evidence."""
    committed = expected()
    count = {v: sum(entry["verdict"] == v for entry in committed.values()) for v in SYMBOL}
    lines = [
        "# Claims",
        "",
        "Generated by `dwmgrad verify --accept`; `dwmgrad verify` runs every check again and fails on any change.",
        ", ".join(f"{n} {v}" for v, n in count.items()) + ".",
        "",
        "| claim | says | verdict | engines |",
        "|---|---|---|---|",
    ]
    for claim in registry().values():
        found = committed.get(claim.id, {}).get("verdict", "open")
        engines = ", ".join(sorted({k.engine for k in claim.checks}))
        lines.append(f"| [{claim.id}](#{anchor(claim)}) | {cell(claim.title)} | {SYMBOL[found]} {found} | {engines} |")
    for claim in registry().values():
        lines += ["", *section(claim, committed.get(claim.id, {}))]
    return "\n".join(lines) + "\n"


def anchor(claim: Claim) -> str:
    """The fragment by which a link reaches the claim's section of the page."""
    kept = "".join(c for c in f"{claim.id} {claim.title}".lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def section(claim: Claim, entry: dict[str, Any]) -> list[str]:
    lines = [
        f"## {claim.id} {kept(claim.title)}",
        "",
        f"**{entry.get('verdict', 'open')}** · {claim.kind} · {kept(str(claim.source))}",
        "",
        kept(claim.statement),
        "",
        f"$$ {claim.latex} $$",
    ]
    if claim.hypotheses:
        lines += ["", "Hypotheses: " + "; ".join(map(kept, claim.hypotheses)) + "."]
    if claim.depends:
        lines += ["", "Depends on: " + ", ".join(claim.depends) + "."]
    for title, checks in (("Proof", claim.proof), ("Refutation", claim.refutation), ("Search", claim.search)):
        for number, check in enumerate(checks, 1):
            found = entry.get("checks", {}).get(check.name, {})
            heading = ["", f"{title}:", ""] if number == 1 else []
            lines += [*heading, f"{number}. {kept(check.says)}  "]
            lines += [
                f"   `{check.name}` ({check.engine}): {found.get('status', 'not run')}; {kept(found.get('detail', ''))}"
            ]
            if found.get("witness"):
                lines += [f"   Witness: `{json.dumps(found['witness'], ensure_ascii=False)}`"]
    return [*lines, "", kept(claim.note)] if claim.note else lines
