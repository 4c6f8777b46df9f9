"""The ledger: every claim with its verdict and evidence, run anew or read from the committed file.

`ledger.json` beside this file holds what is expected: for every claim its statement as rendered and the hash of the
statement's data, its verdict, and for every check its status, its detail and its witness. A run that differs from it
in any of these is news and fails. CLAIMS.md, the pages of docs/claims and `dwmgrad claims` show what the file says.
"""

import hashlib
import importlib.metadata
import json
import multiprocessing
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import sympy
from joblib import Parallel, delayed

from dwmgrad_ref.errors import DwmgradError, UnknownName
from dwmgrad_ref.files import with_checksum, write_atomic
from proofs.checkers import by_kernel
from proofs.claims import get, registry
from proofs.ledger import records
from proofs.statements import rendering
from proofs.statements.claim import Check, Claim, Outcome, Verdict, verdict
from proofs.statements.statement import canonical

ENGINES = ("sympy", "z3-solver", "cvc5", "python-flint", "PEPit")
LIMIT = 600.0  # seconds on the clock for one check, waiting for a free process included; a loaded machine needs many
NUMERICAL = ("PEPit", "search")  # their numbers may differ in the last digits between machines
AGREE = 1e-3


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


def select(identifiers: Iterable[str] = (), engine: str | None = None) -> list[Claim]:
    """The named claims and all they depend on, in order of dependence; all claims if none is named."""
    wanted = set(identifiers) or set(registry())
    for claim in reversed(list(registry().values())):
        if claim.id in wanted:
            wanted |= set(claim.depends)
    for identifier in wanted:
        get(identifier)  # an unknown name is an error, with the nearest
    engines = {e for c in registry().values() for k in c.checks for e in k.engine.split(" + ")} | {by_kernel.ENGINE}
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
    return found(identifier, next(k for k in get(identifier).checks if k.name == name))


def found(identifier: str, check: Check) -> Finding:
    """What comes of one check of a claim."""
    began = time.perf_counter()
    outcome = _outcome(check)
    seconds = round(time.perf_counter() - began, 3)
    return Finding(identifier, check.name, check.engine, outcome.status, outcome.detail, outcome.witness, seconds)


def _outcome(check: Check) -> Outcome:
    try:
        return check.run()
    except Exception as error:  # a check that breaks proves nothing, and must not stop the others
        return Outcome("unknown", f"{type(error).__name__}: {error}")


def verdicts(findings: Iterable[Finding]) -> dict[str, Verdict]:
    """The verdict of every claim all of whose checks and dependencies were run."""
    outcomes: dict[str, dict[str, Any]] = {}
    for f in findings:
        outcomes.setdefault(f.claim, {})[f.check] = (f.status, bool(f.witness), f.engine)
    found: dict[str, Verdict] = {}
    for claim in registry().values():
        complete = outcomes.get(claim.id, {}).keys() == {k.name for k in claim.checks}
        if complete and all(other in found for other in claim.depends):
            found[claim.id] = verdict(claim, outcomes.get(claim.id, {}), found)
    return found


def expected() -> dict[str, Any]:
    """The committed ledger: per claim an entry as `entry` makes it."""
    return records.ledger()


def changes(findings: list[Finding]) -> list[str]:
    """How this run differs from the committed ledger, one line each; empty when nothing is news."""
    committed, news = expected(), []
    for finding in findings:
        was = committed.get(finding.claim, {}).get("checks", {}).get(finding.check)
        news += [f"{finding.check}: {line}" for line in differences(was, finding)]
    for identifier in {finding.claim for finding in findings}:
        now, was = fingerprint(get(identifier)), committed.get(identifier, {}).get("hash", "absent")
        if now != was:
            news.append(
                f"{identifier}: the statement changed; it now says: {rendering.sentence(get(identifier).statement)}"
            )
    for identifier, now in verdicts(findings).items():
        was = committed.get(identifier, {}).get("verdict", "absent")
        if was != now:
            news.append(f"{identifier}: was {was}, is {now}")
    return news + [f"{identifier}: in the ledger but no longer a claim" for identifier in committed.keys() - registry()]


def differences(was: dict[str, Any] | None, finding: Finding) -> list[str]:
    """How a check came out otherwise than committed: status, detail, witness.

    The solvers' details tell which hypotheses were seen to be needed, which is no number and no news.
    """
    if was is None:
        return [f"not in the ledger, is {finding.status} ({finding.detail})"]
    if was["status"] != finding.status:
        return [f"was {was['status']}, is {finding.status} ({finding.detail})"]
    if finding.engine == "z3 + cvc5" and finding.status == "holds" and not finding.witness:
        return []
    now = json.loads(json.dumps(finding.witness))
    pairs = [("detail", was["detail"], finding.detail), ("witness", was["witness"], now)]
    return [f"{name} was {a}, is {b}" for name, a, b in pairs if not _same(a, b, finding.engine in NUMERICAL)]


def _same(a: Any, b: Any, nearly: bool) -> bool:
    """Equal; with `nearly`, texts whose numbers agree to AGREE."""
    if not nearly or a == b:
        return a == b
    number = r"-?\d+\.?\d*(?:e[+-]?\d+)?"
    texts = [json.dumps(x, ensure_ascii=False) for x in (a, b)]
    first, second = (list(map(float, re.findall(number, x))) for x in texts)
    same_words = re.sub(number, "#", texts[0]) == re.sub(number, "#", texts[1])
    return same_words and all(abs(x - y) <= AGREE * max(abs(x), abs(y)) for x, y in zip(first, second, strict=True))


def fingerprint(claim: Claim) -> str:
    """A hash of the statement's data, whatever it is called or how it is printed."""
    statement = claim.statement
    content = [sympy.srepr(canonical(e)) for e in (*statement.given, statement.then)]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:16]


def renew(findings: list[Finding]) -> None:
    """Write this run as the committed ledger, and the pages made from it. Times are left out: they are not news."""
    from proofs.ledger import page

    found = verdicts(findings)
    content = {claim.id: entry(claim, found[claim.id], findings) for claim in registry().values()}
    text = with_checksum(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=False))
    write_atomic(records.LEDGER, lambda file: file.write(text.encode()))
    for path, said in page.pages().items():
        (page.ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        write_atomic(page.ROOT / path, lambda file, said=said: file.write(said.encode()))


def entry(claim: Claim, found: Verdict, findings: list[Finding]) -> dict[str, Any]:
    """All that is shown of a claim, as plain values, so that showing it needs neither SymPy nor a solver."""
    came = {f.check: f for f in findings if f.claim == claim.id}
    statement = claim.statement

    def shown(checks: Iterable[Check]) -> list[dict[str, Any]]:
        return [{"check": k.name, "words": k.says} for k in checks]

    return {
        "title": claim.title,
        "verdict": found,
        "kind": claim.kind,
        "source": str(claim.source),
        "hash": fingerprint(claim),
        "given": [{"text": rendering.text(e), "markdown": rendering.markdown(e)} for e in statement.given],
        "then": {"text": rendering.text(statement.then), "latex": rendering.display(statement)},
        "where": rendering.meanings(statement),
        "depends": list(claim.depends),
        "argued": claim.arguments,
        "derivation": [
            {"rule": s.rule, "words": s.words, "check": s.check.name if s.check else None, "claim": s.claim,
             "given": [rendering.text(e) for e in s.check.given] if s.check else [],
             "then": rendering.text(s.then)}
            for s in claim.derivation
        ],
        "controls": shown(claim.controls),
        "refutation": shown(claim.refutation),
        "search": shown(claim.search),
        "note": claim.note,
        "checks": {
            name: {"engine": f.engine, "status": f.status, "detail": f.detail, "witness": f.witness}
            for name, f in came.items()
        },
    }  # fmt: skip


def as_json(findings: list[Finding], kernel: dict[str, Outcome]) -> dict[str, Any]:
    """A run as plain values: verdicts, evidence, what Coq said of the theorems, engine versions, seconds."""
    versions = {}
    for package in ENGINES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    return {"versions": versions, "verdicts": verdicts(findings), "findings": [asdict(f) for f in findings],
            "kernel": {name: asdict(outcome) for name, outcome in kernel.items()}}  # fmt: skip
