"""Does a kernel proof break when a formula does? `python -m proofs.sabotage.kernel_gate N [--seed S]`.

N of the known breaks (`mutants.py`), drawn with the seed, are made one by one; the definitions are generated anew from
the broken formula, and Coq is asked for the proofs that speak of the rule. What becomes of a break:

    broken        a proof no longer compiles, or the formula no longer runs on Coq terms
    equivalent    every proof compiles, and z3 and cvc5 prove that the formula computes the same
    survived      every proof compiles: no theorem speaks of what was changed
    not generated the definitions stay the same: the break is in code that the kernel does not speak of

A broken formula is noticed even if it survives here, because the committed definitions differ from it (`build.stale`).
Interfaces are compiled without proofs (`coqc -vos`), and then the proofs of one file at a time (`coqc -vok`).
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dwmgrad_ref.files import with_checksum, write_atomic
from proofs.kernel import build, generate
from proofs.sabotage import mutants
from proofs.sabotage.mutants import Mutant

RESULT = Path(__file__).parents[1] / "measured" / "kernel_sabotage.json"
FATES = ("broken", "equivalent", "survived", "not generated")
GENERATED = ("Generated", "Rounded")
LIMIT = 600.0  # seconds for the proofs of one file
# Run in a process of its own: the definitions of the broken formula, or the error of generating them. Whatever else
# goes wrong there ends the process with another status, and is never taken for a break that was noticed.
CHILD = """
import importlib, json, sys
from proofs.kernel import generate
from proofs.sabotage import mutants
from proofs.sabotage.equivalence import proved_equal
mutant = mutants.Mutant(**json.loads(sys.argv[1]))
if sys.argv[2] == "equal":
    print(json.dumps(proved_equal(mutant)))
    sys.exit()
importlib.import_module(mutant.module)
mutants.put(mutant.module, mutants.tree(mutant), mutants.live(mutant.module))
try:
    answer = {path.stem: text for path, text in generate.files().items()}
except Exception as error:
    answer = f"{type(error).__name__}: {error}"[:200]
print(json.dumps(answer))
"""


def drawn(count: int, seed: int) -> list[Mutant]:
    """The breaks in the order in which they are made; a shorter draw is the beginning of a longer one."""
    known = [mutant for module in mutants.modules() for mutant in mutants.every(module)]
    random.Random(seed).shuffle(known)
    return known[:count]


def fate(mutant: Mutant, texts: dict[str, str], tried: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """What becomes of a break, and by what.

    Args:
        texts: the development as it is committed, file by file.
        tried: what came of definitions that were generated before; breaks may give the same.
    """
    answer = _asked(mutant, "files")
    if isinstance(answer, str):
        return "broken", f"the formula does not run on Coq terms: {answer}"
    if all(texts[name] == text for name, text in answer.items()):
        return "not generated", unseen(mutant)
    key = json.dumps(answer, sort_keys=True)
    if key not in tried:
        refusal = refused(texts | answer, changed_modules(texts, answer))
        tried[key] = ("broken", refusal) if refusal else ("survived", "")
    if tried[key][0] == "survived" and _asked(mutant, "equal") is True:
        return "equivalent", "z3 + cvc5"
    return tried[key]


def unseen(mutant: Mutant) -> str:
    """Why the definitions do not change: the kernel has no such rule, or they do not depend on what changed."""
    name = mutant.module.rpartition(".")[2].replace("_", "-")
    rules = {module.rpartition(".")[2].replace("_", "-") for module in mutants.modules() if ".rules." in module}
    if name in rules - {"base", "bounds", *generate.RULES}:
        return "no theorem is about this rule"
    return f"the definitions stay the same when {mutant.function} changes so"


def _asked(mutant: Mutant, what: str) -> Any:
    """The child's answer.

    Raises:
        RuntimeError: the child itself failed, so nothing is known of the break.
    """
    command = [sys.executable, "-c", CHILD, json.dumps(asdict(mutant)), what]
    environment = os.environ | {"PYTHONPATH": str(mutants.PACKAGE)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=LIMIT)
    if done.returncode != 0:
        raise RuntimeError(f"{mutant} could not be made: {done.stderr.strip().splitlines()[-1][:200]}")
    return json.loads(done.stdout)


def changed_modules(texts: dict[str, str], answer: dict[str, str]) -> set[str]:
    """Names of the generated modules and definitions that differ; those outside of modules by their own names."""

    def parts(text: str) -> dict[str, str]:
        blocks = re.split(r"^Module (\w+)\.$", text, flags=re.MULTILINE)
        driver = dict(re.findall(r"^Definition (\w+) (.*)$", blocks[0], re.MULTILINE))
        return driver | dict(zip(blocks[1::2], blocks[2::2], strict=True))

    pairs = [(parts(texts[name]), parts(text)) for name, text in answer.items()]
    return {part for old, new in pairs for part in old.keys() | new.keys() if old.get(part) != new.get(part)}


def speaking(texts: dict[str, str], names: set[str]) -> list[str]:
    """The files that mention the names, or a statement or notion that does, those that need fewest others first."""
    notions = [part for name in build.MEANING if name not in GENERATED
               for part in re.split(r"^(?=Definition|Fixpoint)", texts.get(name, ""), flags=re.MULTILINE)]  # fmt: skip
    known = set(names)
    for _ in notions:
        more = {part.split()[1] for part in notions if len(part.split()) > 1 and _mentions(part, known)}
        if more <= known:
            break
        known |= more
    found = [name for name, text in texts.items() if name not in GENERATED and _mentions(text, known)]
    return sorted(found, key=lambda name: len(set(_needed(texts, name))))


def _mentions(text: str, names: set[str]) -> int:
    return len(re.findall(rf"\b(?:{'|'.join(map(re.escape, names))})\b", text))


def refused(texts: dict[str, str], names: set[str]) -> str:
    """The first file whose proofs Coq refuses, with its words; empty if it accepts all that speak of the names."""
    wanted = speaking(texts, names)
    with tempfile.TemporaryDirectory(prefix="dwmgrad-sabotage-") as folder:
        work, done = Path(folder), set()
        for name, text in texts.items():
            (work / f"{name}.v").write_text(text, encoding="utf-8")
        for target in wanted:
            for name in [*_needed(texts, target), target]:
                if name not in done:
                    done.add(name)
                    if words := _coqc("-vos", name, work):
                        return words
            if words := _coqc("-vok", target, work):
                return words
    return ""


def _needed(texts: dict[str, str], name: str) -> Iterator[str]:
    for other in build.required(texts[name]):
        yield from _needed(texts, other)
        yield other


def _coqc(mode: str, name: str, work: Path) -> str:
    command = ["coqc", mode, "-R", ".", "Kernel", f"{name}.v"]
    try:
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"{name}.v: no proof within {LIMIT:g} s"
    if done.returncode == 0:
        return ""
    line = re.search(r"line (\d+)", done.stderr)
    return f"{name}.v, {_where((work / f'{name}.v').read_text(encoding='utf-8'), int(line[1]) if line else 0)}"


def _where(text: str, line: int) -> str:
    """The definition or lemma that a line belongs to."""
    before = "\n".join(text.splitlines()[:line])
    found = re.findall(r"^(?:Lemma|Theorem|Definition|Fixpoint) (\w+)", before, re.MULTILINE)
    return found[-1] if found else f"line {line}"


def summary(fates: list[tuple[Mutant, str, str]], seed: int) -> dict[str, Any]:
    """The result as plain values: counts, counts by module, and every break with its fate."""
    modules: dict[str, Counter[str]] = {}
    for mutant, word, _ in fates:
        modules.setdefault(mutant.module.removeprefix("dwmgrad_ref."), Counter())[word] += 1
    return {
        "seed": seed,
        "mutants": len(fates),
        **{word: sum(w == word for _, w, _ in fates) for word in FATES},
        "modules": {module: {word: count[word] for word in FATES} for module, count in sorted(modules.items())},
        "causes": dict(Counter(by for _, word, by in fates if word == "not generated")),
        "survivors": [str(m) for m, word, _ in sorted(fates) if word == "survived"],
        "fates": [{"mutant": str(m), "fate": word, "by": by} for m, word, by in sorted(fates)],
    }


def main(arguments: list[str]) -> int:
    """Make the breaks, tell each, and write the table after every one; the exit status is 0."""
    parser = argparse.ArgumentParser(prog="proofs.sabotage.kernel_gate", description=str(__doc__).partition("\n")[0])
    parser.add_argument("count", type=int, help="how many breaks to make")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw")
    parser.add_argument("--out", type=Path, default=RESULT, help="where the table is written")
    asked = parser.parse_args(arguments)
    texts, tried, fates = build.read(), {}, []
    for mutant in drawn(asked.count, asked.seed):
        word, by = fate(mutant, texts, tried)
        fates.append((mutant, word, by))
        print(f"{len(fates)} {word}: {mutant}" + (f" ({by})" if by else ""), flush=True)
        text = with_checksum(json.dumps(summary(fates, asked.seed), indent=1, ensure_ascii=False))
        write_atomic(asked.out, lambda file, text=text: file.write(text.encode()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
