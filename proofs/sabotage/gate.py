"""Which deliberate breaks of the code does no claim notice? `dwmgrad verify --sabotage [N]`.

A mutant (`mutants.py`) is noticed if a claim no longer loads, its statement is another one, or one of its checks comes
out otherwise than the committed ledger says. A mutant that nothing notices is either proved to compute the same
(`equivalence.py`), or it survives: then a claim is missing.

A worker has everything imported but the claims, and knows which functions that has run. Every mutant is put
in a process forked from it, which asks the claims that touch the function (`Plan`), the quickest check first, until one
notices. Searches and measurements are left out: they run compiled code, which is kept on disk for the unchanged files.
"""

import gc
import hashlib
import importlib
import json
import os
import pkgutil
import random
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dwmgrad_ref.files import checked
from proofs.sabotage import mutants
from proofs.sabotage.mutants import Mutant

RESULT = Path(__file__).parents[1] / "measured" / "sabotage.json"
LIMIT = 180  # seconds of processor time for one check or one import; a mutant that takes more hangs it and is noticed
PATIENCE = 10  # so many times as long on the clock: other work on the machine must not look like a mutant that hangs
SKIPPED = ("search", "measurement", "PEPit")
QUICK = 2  # so many files of claims are asked before a mutant is held against the original by solvers


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: killed, equivalent, or survived; by which claim or solver; how long it took."""

    mutant: Mutant
    fate: str
    by: str
    seconds: float


@dataclass(frozen=True)
class Plan:
    """Where to look first.

    order    per function of the mutated modules what touches it, the quickest first: a file of claims, or one check of
             a file, "file: check"
    seconds  what each check takes, and the import of each file
    """

    order: dict[str, list[str]]
    seconds: dict[str, float]


def chosen(count: int | None, seed: int) -> list[Mutant]:
    """All mutants, or a seeded sample of `count`."""
    known = [mutant for module in mutants.modules() for mutant in mutants.every(module)]
    return known if count is None else sorted(random.Random(seed).sample(known, min(count, len(known))))


def committed() -> dict[str, Any]:
    """The committed result with its plan; empty if there is none.

    Raises:
        DamagedFile: it is not as it was written.
    """
    remedy = "restore it from git, or run `dwmgrad verify --sabotage all --renew`"
    return checked(RESULT.read_bytes(), str(RESULT), remedy) if RESULT.is_file() else {}


def planned() -> Plan | None:
    """The committed plan; None if there is none, or if it speaks of files that are no longer there."""
    found = committed().get("plan", {})
    if found.keys() != {"order", "seconds"}:
        return None
    named = {place.partition(":")[0] for places in found["order"].values() for place in places}
    return Plan(**found) if named <= {*files()} else None


def files() -> list[str]:
    """The files of claims, as module names below `proofs.claims`."""
    prefix = "proofs.claims."
    path = [str(mutants.PACKAGE / "proofs" / "claims")]
    return sorted(m.name.removeprefix(prefix) for m in pkgutil.walk_packages(path, prefix) if not m.ispkg)


def digest() -> str:
    """A hash of all that the fate of a mutant depends on: the package, the claims and the committed ledger."""
    found = hashlib.sha256()
    for folder in ("dwmgrad_ref", "proofs"):
        for file in sorted((mutants.PACKAGE / folder).rglob("*.py")):
            found.update(str(file.relative_to(mutants.PACKAGE)).encode() + file.read_bytes())
    found.update((mutants.PACKAGE / "proofs" / "ledger" / "ledger.json").read_bytes())
    return found.hexdigest()[:16]


def survey(jobs: int = 1) -> Plan:
    """The plan, found by running every file's claims once on the unchanged code.

    Raises:
        RuntimeError: the unchanged code already differs from the committed ledger.
    """
    touched: dict[str, list[tuple[float, str]]] = {}
    seconds: dict[str, float] = {}
    for question, answer in _answers([{"survey": file} for file in files()], jobs):
        file = question["survey"]
        if news := answer.get("news", [answer.get("by", "")]):
            raise RuntimeError(f"the unchanged code differs from the committed ledger: {'; '.join(news[:3])}")
        seconds |= answer["seconds"]
        whole = sum(answer["seconds"].values())
        for function in answer["imported"]:
            touched.setdefault(function, []).append((whole, file))
        for function, checks in answer["checked"].items():
            if function not in answer["imported"]:
                touched.setdefault(function, []).extend(
                    (answer["seconds"][file] + answer["seconds"][check], f"{file}: {check}") for check in checks
                )
    return Plan({function: [place for _, place in sorted(places)] for function, places in sorted(touched.items())},
                dict(sorted(seconds.items())))  # fmt: skip


def run(
    subjects: Iterable[Mutant], plan: Plan, jobs: int, tell: Callable[[Fate], None] = lambda fate: None
) -> list[Fate]:
    """The fate of every mutant, on `jobs` processes."""
    found: list[Fate] = []
    questions = []
    for mutant in subjects:
        order = plan.order.get(f"{mutant.module}.{mutant.function}", [])
        questions.append({"mutant": asdict(mutant), "order": order, "seconds": plan.seconds})
    for question, answer in _answers(questions, jobs):
        found.append(Fate(Mutant(**question["mutant"]), answer["fate"], answer["by"], answer["took"]))
        tell(found[-1])
    return sorted(found, key=lambda fate: fate.mutant)


def _answers(questions: list[dict[str, Any]], jobs: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every question with its answer, as they come in, from `jobs` workers."""
    waiting = questions[:]
    workers = [_Worker() for _ in range(max(1, min(jobs, len(waiting))))]
    try:
        busy: dict[Any, tuple[_Worker, dict[str, Any], float]] = {}
        idle = workers[:]
        while waiting or busy:
            while waiting and idle:
                worker, question = idle.pop(), waiting.pop(0)
                worker.ask(question)
                busy[worker.out] = (worker, question, time.monotonic())
            for stream in select.select(list(busy), [], [], 5.0)[0]:
                worker, question, began = busy.pop(stream)
                answer = worker.answer()
                yield question, {**answer, "took": round(time.monotonic() - began, 2)}
                idle.append(worker)
    finally:
        for worker in workers:
            worker.close()


class _Worker:
    """A process that forks one child a question."""

    def __init__(self) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(mutants.PACKAGE), *filter(None, [
            os.environ.get("PYTHONPATH")])])}  # fmt: skip
        self.process = subprocess.Popen([sys.executable, "-m", "proofs.sabotage.gate"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)  # fmt: skip
        self.out = self.process.stdout

    def ask(self, question: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        line = self.out.readline() if self.out else ""
        if not line:
            raise RuntimeError("the sabotage worker ended; run `python -m proofs.sabotage.gate` to see why")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"the sabotage worker failed: {answer['error']}")
        return answer

    def close(self) -> None:
        for stream in (self.process.stdin, self.out):
            if stream:
                stream.close()
        self.process.wait()


# --- inside the worker ----------------------------------------------------------------------------------------------

# What the children of a worker need not import again.
PRELOADED = ("cvc5", "flint", "numba", "pydantic", "sympy", "z3", "dwmgrad_ref.discovery", "dwmgrad_ref.observers",
             "proofs.ledger.verification", "proofs.inference.derivation", "proofs.inference.limits",
             "proofs.inference.logic", "proofs.models.driven", "proofs.models.published", "proofs.models.symbolic_run",
             "proofs.checkers.by_arb", "proofs.checkers.by_exact", "proofs.claims.controls.c_regret")  # fmt: skip
NOTED: set[str] = set()  # functions of the mutated modules that have run
EARLY: set[str] = set()  # those that the import of what is preloaded runs
LIVE: dict[str, list[Any]] = {}  # functions of the mutated modules


def _serve() -> None:
    """Answer questions from standard input, each in a forked child."""
    import builtins

    for name in mutants.modules():
        importlib.import_module(name)
        LIVE[name] = mutants.live(name)
    plain = {f: f.__code__ for functions in LIVE.values() for f in functions}
    builtins._noted = NOTED.add  # type: ignore[attr-defined]
    _note()
    for name in PRELOADED:
        importlib.import_module(name)
    from proofs.ledger import verification

    verification.expected()
    EARLY.update(NOTED)
    for function, code in plain.items():
        function.__code__ = code
    gc.freeze()  # a child's collector leaves what it shares with the worker alone, and so copies none of it
    for line in sys.stdin:
        print(json.dumps(_in_child(json.loads(line))), flush=True)


def _forget_claims() -> None:
    """Import all of `proofs` again when it is next needed, because what has run there is of the unchanged code."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "proofs" and name != mutants.__name__]:
        del sys.modules[name]


def _note() -> None:
    """From here on every function that can be mutated notes that it runs."""
    for name, functions in LIVE.items():
        if any(True for _ in mutants._functions_of(name)):
            mutants.put(name, mutants.noting(name), functions)


def _in_child(question: dict[str, Any]) -> dict[str, Any]:
    """The answer of a forked child, which says before every step what it is at."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        sys.stdout = sys.stderr

        def at(step: str) -> None:
            os.write(write, f"{json.dumps({'at': step})}\n".encode())
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + LIMIT, hard))

        try:
            answer = _surveyed(question["survey"], at) if "survey" in question else _fate(question, at)
        except BaseException as error:
            answer = {"error": f"{question}: {type(error).__name__}: {error}"[:1000]}
        with os.fdopen(write, "w") as file:
            file.write(json.dumps(answer) + "\n")
        os._exit(0)
    os.close(write)
    try:
        return _last_line(read, PATIENCE * LIMIT)
    finally:
        os.close(read)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _last_line(read: int, limit: int) -> dict[str, Any]:
    """What the child says at the end; a step that takes longer than the limit, or ends the process, is noticed."""
    text, step = b"", "the start"
    while select.select([read], [], [], limit)[0]:
        if not (more := os.read(read, 1 << 20)):
            return {"fate": "killed", "by": f"{step}: the process ended, perhaps after {LIMIT} s"}
        *lines, text = (text + more).split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "at" not in said:
                return said
            step = said["at"]
    return {"fate": "killed", "by": f"{step}: no answer within {limit:g} s on the clock"}


def _fate(question: dict[str, Any], at: Callable[[str], None]) -> dict[str, Any]:
    mutant = Mutant(**question["mutant"])
    mutants.put(mutant.module, mutants.tree(mutant), LIVE[mutant.module])
    if f"{mutant.module}.{mutant.function}" in EARLY:
        _forget_claims()
    doubtful, asked = "", set()

    def equivalent() -> bool:
        from proofs.sabotage.equivalence import proved_equal

        at("equivalence")
        return proved_equal(mutant)

    for place in question["order"]:
        file, _, check = place.partition(": ")
        if file not in asked and len(asked) == QUICK and equivalent():
            return {"fate": "equivalent", "by": "z3 + cvc5"}
        asked.add(file)
        for sure, line in _news(file, [check] if check else None, question["seconds"], at):
            if sure:
                return {"fate": "killed", "by": line}
            doubtful = doubtful or line  # a solver may only have run out of time: look for something better
    if len(asked) <= QUICK and equivalent():
        return {"fate": "equivalent", "by": "z3 + cvc5"}
    return {"fate": "killed", "by": doubtful} if doubtful else {"fate": "survived", "by": ""}


def _news(
    file: str, names: list[str] | None, seconds: dict[str, float], at: Callable[[str], None]
) -> Iterator[tuple[bool, str]]:
    """How the claims of a file differ from the committed ledger: the statements, then the checks of these names.

    Every difference with whether it is sure: what solvers do not know may be known on a machine with less to do.
    """
    from dwmgrad_ref.discovery import defined_in
    from proofs.ledger import verification
    from proofs.statements.claim import Claim

    at(file)
    try:
        module = importlib.import_module(f"proofs.claims.{file}")
    except Exception as error:
        yield True, f"{file} does not load: {type(error).__name__}: {error}"[:300]
        return
    claims = [claim for claim in defined_in(module, Claim) if claim.id in verification.expected()]
    for claim in claims:
        if names is None and verification.fingerprint(claim) != verification.expected()[claim.id]["hash"]:
            yield True, f"{claim.id}: the statement is another one"
    checks = [(claim.id, check) for claim in claims for check in claim.checks
              if check.engine not in SKIPPED and (names is None or check.name in names)]  # fmt: skip
    for identifier, check in sorted(checks, key=lambda pair: seconds.get(pair[1].name, 0.0)):
        at(check.name)
        finding = verification.found(identifier, check)
        was = verification.expected()[identifier]["checks"].get(check.name)
        sure = finding.status != "unknown" or check.engine != "z3 + cvc5"
        yield from ((sure, f"{check.name}: {line}"[:300]) for line in verification.differences(was, finding))


def _surveyed(file: str, at: Callable[[str], None]) -> dict[str, Any]:
    """Run one file's claims on the unchanged code, noting which functions its import and each of its checks touch."""
    _forget_claims()
    _note()
    NOTED.clear()
    from dwmgrad_ref.discovery import defined_in
    from proofs.ledger import verification
    from proofs.statements.claim import Claim

    others: dict[str, set[str]] = {}
    import builtins

    def noted(function: str) -> None:
        (others.setdefault(other, set()) if (other := _importing(file)) else NOTED).add(function)

    builtins._noted = noted  # type: ignore[attr-defined]
    began = time.perf_counter()
    module = importlib.import_module(f"proofs.claims.{file}")
    for other, functions in others.items():  # what has claims is in the plan by itself, what helps them is not
        if not defined_in(sys.modules[other], Claim):
            NOTED.update(functions)
    seconds, imported, checked_, news = {file: time.perf_counter() - began}, sorted(NOTED), {}, []
    for claim in defined_in(module, Claim):
        if claim.id not in verification.expected():
            continue
        if verification.fingerprint(claim) != verification.expected()[claim.id]["hash"]:
            news.append(f"{claim.id}: the statement is another one")
        for check in claim.checks:
            if check.engine in SKIPPED:
                continue
            NOTED.clear()
            at(check.name)
            finding = verification.found(claim.id, check)
            seconds[check.name] = finding.seconds
            for function in sorted(NOTED):
                checked_.setdefault(function, []).append(check.name)
            was = verification.expected()[claim.id]["checks"].get(check.name)
            news += [f"{check.name}: {line}" for line in verification.differences(was, finding)]
    return {"imported": imported, "checked": checked_, "news": news,
            "seconds": {name: round(value, 2) for name, value in seconds.items()}}  # fmt: skip


def _importing(file: str) -> str:
    """The other module below proofs.claims whose import runs now; empty if it is the file's own, or none."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if frame.f_code.co_name == "<module>" and name.startswith("proofs.claims."):
            return "" if name == f"proofs.claims.{file}" else name
        frame = frame.f_back
    return ""


if __name__ == "__main__":
    _serve()
