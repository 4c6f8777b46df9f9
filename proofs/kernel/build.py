"""Compile the Coq development and compare it with the record: `python -m proofs.kernel.build [--renew]`.

A theorem NAME is a `Definition NAME : Prop` of Statements.v with a `Theorem NAME_proof : NAME` elsewhere. After
compiling, `coqchk` re-checks the compiled files with a kernel of its own, and Coq prints every statement with all it
assumes. `record.json` keeps what was printed; a difference is news. Compiled files are kept in the user's cache under a
hash of their text and of all they build on, so only what changed is compiled again.
"""

import fcntl
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs

from dwmgrad_ref.errors import DwmgradError
from dwmgrad_ref.files import write_atomic
from proofs.kernel import generate

SOURCES = Path(__file__).parent / "coq"
RECORD = Path(__file__).with_name("record.json")
INSTALL = "Debian: apt-get install coq libcoq-flocq; opam: opam install coq.8.16.1 coq-flocq"
# The axioms of Coq's classical real numbers and functional extensionality; nothing else may be assumed.
ALLOWED = {
    "ClassicalDedekindReals.sig_not_dec",
    "ClassicalDedekindReals.sig_forall_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
}

# The files that say what a statement means.
MEANING = ("Model", "Generated", "Statements", "Rounded", "FloatStatements", "PotentialStatements")

Report = dict[str, Any]  # coq: version, files: seconds, meaning: file -> hash, theorems: name -> statement ...


class NoCoq(DwmgradError):
    """There is no Coq, or not all of it; the message says how to install it."""


class Broken(DwmgradError):
    """The development does not compile, or coqchk refuses it; the message is Coq's own."""


def version() -> str:
    """The version of the coqc on the path.

    Raises:
        NoCoq: there is none, or not the library that the proofs about floats need.
    """
    if not shutil.which("coqc") or not shutil.which("coqchk"):
        raise NoCoq(f"no Coq ({INSTALL})")
    if not (Path(_run(["coqc", "-where"], Path.cwd()).strip()) / "user-contrib" / "Flocq").is_dir():
        raise NoCoq(f"Coq without its library Flocq ({INSTALL})")
    return _run(["coqc", "--print-version"], Path.cwd()).split()[0]


def record() -> Report:
    """What the last recorded build printed."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {"theorems": {}, "meaning": {}}


@functools.cache
def stale() -> str:
    """In words, what has changed since the last build was recorded; empty if nothing. It needs no Coq.

    The committed definitions must be what the formulas give now, and the record must be of these very files.
    """
    for file, text in generate.files().items():
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            return f"{file.name} differs from the formulas: run `python -m proofs.kernel.generate`"
    if record().get("sources") != stamp(read(SOURCES)):
        return "the Coq files changed since the record: run `python -m proofs.kernel.build --renew`"
    return ""


def stamp(texts: dict[str, str]) -> str:
    """A hash of all files of the development."""
    return _digest(json.dumps(texts, sort_keys=True))


def kept(sources: Path = SOURCES, cache: Path | None = None) -> Report | None:
    """The report of an earlier build of the same sources with the Coq that is here, if there was one.

    Raises:
        NoCoq
    """
    report = _report(_keys(read(sources), version()), cache)
    return json.loads(report.read_text(encoding="utf-8")) if report.is_file() else None


def build(sources: Path = SOURCES, cache: Path | None = None) -> Report:
    """Compile what changed, check it and print every theorem; the same sources are not checked twice.

    Raises:
        NoCoq, Broken
    """
    coq, texts = version(), read(sources)
    keys = _keys(texts, coq)
    report = _report(keys, cache)
    folder = report.parent
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock"):
        if report.is_file():
            return json.loads(report.read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory(prefix="dwmgrad-kernel-") as work:
            found = _checked(texts, keys, folder, Path(work))
        meaning = {name: _digest(texts[name]) for name in MEANING if name in texts}
        found = {"coq": coq, "sources": stamp(texts), "meaning": meaning, **found}
        write_atomic(report, lambda file: file.write(json.dumps(found).encode()))
    return found


def renew() -> Report:
    """Write the generated files anew, build, and keep what is printed as the record."""
    generate.write()
    found = build()
    kept = {part: found[part] for part in ("coq", "sources", "meaning", "theorems")}
    text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    write_atomic(RECORD, lambda file: file.write(text.encode()))
    return found


def differences(found: Report, expected: Report, name: str) -> list[str]:
    """In words, how a theorem differs from the record or from what may be assumed; empty if in nothing."""
    if name not in found["theorems"]:
        return [f"there is no theorem {name}"]
    now, then = found["theorems"][name], expected["theorems"].get(name)
    news = [f"{name} assumes {axiom}" for axiom in now["assumptions"] if axiom not in ALLOWED]
    if then is None:
        return [*news, f"{name} is not in the record"]
    parts = [part for part in ("statement", "assumptions") if now[part] != then[part]]
    files = [file for file, digest in found["meaning"].items() if digest != expected["meaning"].get(file)]
    return news + [f"{name}: {part} changed since the record" for part in [*parts, *(f"{file}.v" for file in files)]]


def read(sources: Path = SOURCES) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(sources.glob("*.v"))}


def _report(keys: dict[str, str], cache: Path | None) -> Path:
    """Where the report of a build is kept: under a hash of the files, of Coq's version and of this module."""
    folder = cache or Path(os.environ.get("DWMGRAD_CACHE") or platformdirs.user_cache_dir("dwmgrad"))
    return folder / "kernel" / f"{_digest(json.dumps(keys) + Path(__file__).read_text(encoding='utf-8'))}.json"


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One build at a time: the checks of a ledger run in several processes."""
    with open(lock, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def required(text: str) -> list[str]:
    found = re.search(r"From Kernel Require Import ([\w\s]+)\.", text)
    return found[1].split() if found else []


def _order(texts: dict[str, str]) -> list[str]:
    """The files so that each comes after what it needs."""
    done: list[str] = []

    def visit(name: str) -> None:
        for other in required(texts[name]):
            if other not in done:
                visit(other)
        if name not in done:
            done.append(name)

    for name in texts:
        visit(name)
    return done


def _keys(texts: dict[str, str], coq: str) -> dict[str, str]:
    """Per file the hash of everything its compiled form depends on, in order of dependence."""
    keys: dict[str, str] = {}
    for name in _order(texts):
        keys[name] = _digest("".join([coq, texts[name], *(keys[other] for other in required(texts[name]))]))
    return keys


def _checked(texts: dict[str, str], keys: dict[str, str], folder: Path, work: Path) -> Report:
    """Compile in order of dependence, then coqchk and the printing, on all cores."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        compiled: dict[str, Future[float]] = {}
        for name, key in keys.items():  # in order of dependence, so a job only ever waits for earlier ones
            (work / f"{name}.v").write_text(texts[name], encoding="utf-8")
            needs = [compiled[other] for other in required(texts[name])]
            compiled[name] = pool.submit(_compile, name, folder / f"{key}.vo", work, needs)
        seconds = {name: done.result() for name, done in compiled.items()}
        own = [a for n in keys for a in ("-norec", f"Kernel.{n}")]
        check = pool.submit(_run, ["coqchk", "-silent", "-R", ".", "Kernel", *own], work)
        theorems = _theorems(texts)
        groups = {
            file: [n for n, t in theorems.items() if t["file"] == file]
            for file in {t["file"] for t in theorems.values()}
        }
        printed = [pool.submit(_printed, names, list(texts), work) for names in groups.values()]
        check.result()
        found = {name: {**text, **theorems[name]} for part in printed for name, text in part.result().items()}
    return {"files": {n: round(s, 1) for n, s in seconds.items()}, "theorems": found}


def _compile(name: str, kept: Path, work: Path, needs: list[Future[float]]) -> float:
    """Seconds it took, once what it needs is there; 0 where the compiled file was kept from before."""
    for needed in needs:
        needed.result()
    began = time.perf_counter()
    if kept.is_file():
        shutil.copy(kept, work / f"{name}.vo")
        return 0.0
    _run(["coqc", "-R", ".", "Kernel", f"{name}.v"], work)
    shutil.copy(work / f"{name}.vo", kept)
    return time.perf_counter() - began


def _run(command: list[str], work: Path) -> str:
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Broken(" ".join((done.stderr or done.stdout).split())[-800:])
    return done.stdout


def _theorems(texts: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Per theorem the file that proves it and the lines of that proof."""
    found = {}
    for file, text in texts.items():
        for proof in re.finditer(r"^Theorem (\w+)_proof : \1\.\n(.*?)\bQed\.", text, re.MULTILINE | re.DOTALL):
            found[proof[1]] = {"file": f"{file}.v", "lines": proof[2].rstrip().count("\n") + 1}
    return found


def _printed(names: list[str], files: list[str], work: Path) -> dict[str, dict[str, Any]]:
    """Theorems as Coq prints them: the statement, and what `Print Assumptions` says."""
    lines = ["From Coq Require Import Reals.", f"From Kernel Require Import {' '.join(files)}.", "Open Scope R_scope."]
    lines += ["Set Printing Width 116."]
    for name in names:
        lines += [f'Goal True. idtac "== {name}". Abort.', f"Check ({name}_proof : {name}).", f"Print {name}."]
        lines += ['Goal True. idtac "--". Abort.', f"Print Assumptions {name}_proof."]
    (work / f"Print_{names[0]}.v").write_text("\n".join(lines) + "\n", encoding="utf-8")
    printed = {}
    for part in _run(["coqc", "-R", ".", "Kernel", f"Print_{names[0]}.v"], work).split("== ")[1:]:
        name, _, rest = part.partition("\n")
        statement, _, assumptions = rest.partition("\n--\n")
        body = statement.partition(f"{name} = ")[2].rpartition(": Prop")[0]
        axioms = re.findall(r"^([\w.]+)(?: :|$)", assumptions.replace("Axioms:\n", ""), re.MULTILINE)
        printed[name] = {"statement": body.strip(), "assumptions": sorted(axioms)}
    return printed


def main(arguments: list[str]) -> int:
    """Build and say what differs from the record; --renew writes it. The exit status."""
    renewing = arguments == ["--renew"]
    if not renewing and (changed := stale()):
        print(changed)
        return 1
    try:
        found = renew() if renewing else build()
    except (NoCoq, Broken) as error:
        print(error)
        return 1
    expected = record()
    news = [line for name in found["theorems"] for line in differences(found, expected, name)]
    news += [f"{name} is no longer proved" for name in expected["theorems"] if name not in found["theorems"]]
    for name, theorem in found["theorems"].items():
        print(f"{name:32} {theorem['file']:16} {theorem['lines']:3} lines  {len(theorem['assumptions'])} axioms")
    print(
        f"{len(found['theorems'])} theorems, Coq {found['coq']}, {sum(found['files'].values()):.0f} s: {found['files']}"
    )
    print("\n".join(news) or "as in the record")
    return bool(news)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
