"""Which deliberate breaks of the code does no claim notice? `dwmgrad verify --sabotage [N]`.

A mutant (`mutants.py`) is noticed if a claim no longer loads, its statement is another one, or one of its checks comes
out otherwise than the committed ledger says. A mutant that nothing notices is either proved to compute the same
(`equivalence.py`), or it survives: then a claim is missing.

Every mutant has a process of its own, forked from one that has imported the solvers but nothing of this project.
Searches and measurements are left out: they run compiled code, which is kept on disk for the unchanged files.
"""

import importlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dwmgrad_ref.files import checked
from proofs.sabotage import mutants
from proofs.sabotage.mutants import Mutant

RESULT = Path(__file__).parents[1] / "measured" / "sabotage.json"
LIMIT = 150.0  # seconds for one mutant; one that hangs the claims is noticed
SKIPPED = ("search", "measurement", "PEPit")
CLAIMS = Path(__file__).parents[1] / "claims"


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: killed, equivalent, or survived; by which claim or solver; how long it took."""

    mutant: Mutant
    fate: str
    by: str
    seconds: float


def chosen(count: int | None, seed: int) -> list[Mutant]:
    """All mutants, or a seeded sample of `count`."""
    known = [mutant for module in mutants.modules() for mutant in mutants.every(module)]
    return known if count is None else sorted(random.Random(seed).sample(known, min(count, len(known))))


Plan = dict[str, list[str]]  # per function of the mutated modules the claim files that touch it, the quickest first


def committed() -> dict[str, Any]:
    """The committed result with its plan; empty if there is none.

    Raises:
        DamagedFile: it is not as it was written.
    """
    remedy = "restore it from git, or run `dwmgrad verify --sabotage all --accept`"
    return checked(RESULT.read_bytes(), str(RESULT), remedy) if RESULT.is_file() else {}


def survey() -> Plan:
    """The plan, found by running every claim once on the unchanged code.

    Raises:
        RuntimeError: the unchanged code already differs from the committed ledger.
    """
    worker = _Worker()
    try:
        return worker.baseline()
    finally:
        worker.close()


def run(
    subjects: Iterable[Mutant], plan: Plan, jobs: int, tell: Callable[[Fate], None] = lambda fate: None
) -> list[Fate]:
    """The fate of every mutant, on `jobs` processes."""
    waiting = list(subjects)
    workers = [_Worker() for _ in range(max(1, min(jobs, len(waiting))))]
    try:
        found: list[Fate] = []
        busy: dict[Any, tuple[_Worker, Mutant, float]] = {}
        idle = workers[:]
        while waiting or busy:
            while waiting and idle:
                worker, mutant = idle.pop(), waiting.pop(0)
                worker.ask({"mutant": asdict(mutant), "order": plan.get(f"{mutant.module}.{mutant.function}", [])})
                busy[worker.out] = (worker, mutant, time.monotonic())
            ready, _, _ = select.select(list(busy), [], [], 5.0)
            for stream in ready:
                worker, mutant, began = busy.pop(stream)
                answer = worker.answer()
                fate = Fate(mutant, answer["fate"], answer["by"], round(time.monotonic() - began, 2))
                found.append(fate)
                tell(fate)
                idle.append(worker)
        return sorted(found, key=lambda fate: fate.mutant)
    finally:
        for worker in workers:
            worker.close()


class _Worker:
    """A process that forks one child a mutant."""

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

    def baseline(self) -> Plan:
        self.ask({"baseline": True})
        answer = self.answer()
        if news := answer["news"]:
            raise RuntimeError(f"the unchanged code differs from the committed ledger: {'; '.join(news[:3])}")
        return answer["plan"]

    def close(self) -> None:
        for stream in (self.process.stdin, self.out):
            if stream:
                stream.close()
        self.process.wait()


# --- inside the worker ----------------------------------------------------------------------------------------------


def _serve() -> None:
    """Answer questions from standard input, each in a forked child."""
    import cvc5  # noqa: F401  loaded before the fork, so that no child loads them again
    import flint  # noqa: F401
    import numba  # noqa: F401
    import pydantic  # noqa: F401
    import sympy  # noqa: F401
    import z3  # noqa: F401

    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(_in_child(question)), flush=True)


def _in_child(question: dict[str, Any]) -> dict[str, Any]:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        sys.stdout = sys.stderr
        try:
            answer = _baseline() if "baseline" in question else _fate(question)
        except BaseException as error:  # whatever a mutant does, the worker goes on
            answer = {
                "fate": "killed",
                "by": f"{type(error).__name__}: {error}"[:300],
                "news": [str(error)],
                "plan": {},
            }
        with os.fdopen(write, "w") as file:
            file.write(json.dumps(answer))
        os._exit(0)
    os.close(write)
    limit = 30 * LIMIT if "baseline" in question else LIMIT
    with os.fdopen(read) as file:
        ready, _, _ = select.select([file], [], [], limit)
        text = file.read() if ready else ""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return (
        json.loads(text) if text else {"fate": "killed", "by": f"no answer within {LIMIT:g} s", "news": [], "plan": {}}
    )


def _fate(question: dict[str, Any]) -> dict[str, Any]:
    mutant = Mutant(**question["mutant"])
    mutants.Overlay(mutant.module, mutants.tree(mutant)).install()
    try:
        importlib.import_module(mutant.module)
    except Exception as error:
        return {"fate": "killed", "by": f"the module does not load: {type(error).__name__}: {error}"[:300]}
    for file in question["order"]:
        if news := _first_news(file):
            return {"fate": "killed", "by": news}
    from proofs.sabotage.equivalence import proved_equal

    return {"fate": "equivalent", "by": "z3 + cvc5"} if proved_equal(mutant) else {"fate": "survived", "by": ""}


def _first_news(file: str) -> str:
    """The first way in which the claims of one file differ from the committed ledger; empty if in none."""
    try:
        module = importlib.import_module(f"proofs.claims.{file}")
    except Exception as error:
        return f"{file} does not load: {type(error).__name__}: {error}"[:300]
    return next(_news(module), "")


def _news(module: Any):
    """Differences of the module's claims from the ledger, the statements first."""
    from dwmgrad_ref.discovery import defined_in
    from proofs.ledger import verification
    from proofs.statements.claim import Claim

    claims = defined_in(module, Claim)
    committed = verification.expected()
    for claim in claims:
        if claim.id in committed and verification.fingerprint(claim) != committed[claim.id]["hash"]:
            yield f"{claim.id}: the statement is another one"
    for claim in claims:
        for check in claim.checks:
            if claim.id in committed and check.engine not in SKIPPED:
                finding = verification.found(claim.id, check)
                for line in verification.differences(committed[claim.id]["checks"].get(check.name), finding):
                    yield f"{check.name}: {line}"[:300]


def _baseline() -> dict[str, Any]:
    """Run every claim file on the unchanged code, noting which functions each touches and how long it takes."""
    from dwmgrad_ref.discovery import defined_in, modules_in
    from proofs.statements.claim import Claim

    touched: dict[str, set[str]] = {}
    where = [""]
    for name in mutants.modules():
        mutants.Overlay(name, _noting(name)).install()
    import builtins

    builtins._sabotage_touch = lambda function: touched.setdefault(function, set()).add(where[0])  # type: ignore
    seconds, news, without = {}, [], set()
    for name in modules_in("proofs.claims", [str(CLAIMS)]):
        where[0] = name.removeprefix("proofs.claims.")
        began = time.perf_counter()
        module = importlib.import_module(name)
        importlib.reload(module)  # an earlier file may have imported it: what it touches is noted again
        news += list(_news(module))
        without |= set() if defined_in(module, Claim) else {where[0]}
        seconds[where[0]] = time.perf_counter() - began
    shared = {file for files in touched.values() for file in files if not file}
    for files in touched.values():  # what a file without claims touches, all claims of its folder may rest on
        for helper in files & without:
            folder = helper.rpartition(".")[0]
            files |= {file for file in seconds if file.rpartition(".")[0] == folder}
        files -= without
    plan = {function: sorted(files - shared, key=lambda file: seconds[file]) for function, files in touched.items()}
    return {"news": news, "plan": plan}


def _noting(module: str) -> Any:
    """The module's tree with a note at the start of each function that can be mutated."""
    import ast

    whole = ast.parse(mutants._file(module).read_text(encoding="utf-8"))
    for name, function in mutants._functions(whole):
        if function.args is not None:
            call = ast.parse(f"_sabotage_touch({f'{module}.{name}'!r})").body
            function.body[:0] = call if not _documented(function) else []
            if _documented(function):
                function.body[1:1] = call
    return ast.fix_missing_locations(whole)


def _documented(function: Any) -> bool:
    import ast

    first = function.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)


if __name__ == "__main__":
    _serve()
