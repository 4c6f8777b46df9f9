"""One run as the command line spells it: from words to arguments, and back to words and to Python."""

import hashlib
import json
import math
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dwmgrad_ref import observers, problems, rules
from dwmgrad_ref.cli.rule_options import flag, plain
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.rules.base import Rule

DEFAULT_RULE = "dwmgrad"


@dataclass(frozen=True)
class Job:
    """A rule with options on a problem. `word` is how the user named the rule, `own` the options named with it."""

    word: str
    rule: Rule
    options: Mapping[str, Any]
    own: Mapping[str, Any]
    problem: Problem
    settings: Mapping[str, Any]
    steps: float
    grid: str | int | Sequence[int]
    observe: tuple[str, ...]

    @property
    def label(self) -> str:
        """Rule, the options given with it, and the seed: what tells runs side by side apart."""
        told = [f"{name}={plain(value)}" for name, value in self.own.items()]
        return " ".join([self.rule.name, *told])

    @property
    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of `dwmgrad_ref.run`."""
        shared = {"rule": self.rule, "problem": self.problem, "steps": self.steps}
        return {**shared, "observe": self.observe, "grid": self.grid, **self.options}

    @property
    def stem(self) -> str:
        """Name for the run's files: the same for the same run, different for any other."""
        filled = self.rule.options(**self.options)._asdict()
        told = [self.rule.name, self.rule.result_version, filled, self.problem.name, dict(self.problem.parameters),
                float(self.steps), self.grid, self.observe]  # fmt: skip
        digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:8]
        return f"{self.rule.name}-{self.problem.name}-{digest}"

    @property
    def _python_rule(self) -> str:
        return f"rules.load({_literal(self.word)})" if self.word.endswith(".py") else _literal(self.word)

    @property
    def _python_problem(self) -> str:
        told = [_literal(self.problem.name), *_keywords(self.settings)]
        return f"problems.get({', '.join(told)})" if self.settings else told[0]

    @property
    def _python_options(self) -> dict[str, Any]:
        told = dict(self.options) | ({"grid": self.grid} if self.grid != "log" else {})
        return told | ({"observe": list(self.observe)} if self.observe != observers.DEFAULT else {})


# --- jobs to words and to Python ---------------------------------------------------------------------------


def command(jobs: Sequence[Job]) -> str:
    """The command line that makes these runs of one problem again."""
    first, words = jobs[0], ["dwmgrad", "run", jobs[0].problem.name]
    if len({id(job.rule) for job in jobs}) == 1 and all(job.options == first.options for job in jobs):
        words += ["--rule", first.word]
        for name, value in first.options.items():
            words += [flag(name, value)] if isinstance(value, bool) else [flag(name), plain(value)]
    else:
        for rule in dict.fromkeys(_rule_word(job) for job in jobs):
            words += ["--rule", rule]
    words += ["--steps", plain(first.steps)]
    seeds = len({job.settings.get("seed") for job in jobs})
    for name, value in first.settings.items():
        words += ["--seeds", str(seeds)] if seeds > 1 and name == "seed" else ["--set", f"{name}={plain(value)}"]
    if first.grid != "log":
        words += ["--grid", ",".join(map(str, [first.grid] if isinstance(first.grid, int) else first.grid))]
    for name in first.observe if first.observe != observers.DEFAULT else ():
        words += ["--observe", name]
    return shlex.join(words)


def python(jobs: Sequence[Job]) -> str:
    """The same in Python: one run as `trace`, several as a list `traces`."""
    first = jobs[0]
    names = {"run" if len(jobs) == 1 else "run_many"} | ({"problems"} if first.settings else set())
    names |= {"rules" for job in jobs if job.word.endswith(".py")}
    head = f"from dwmgrad_ref import {', '.join(sorted(names))}\n"
    steps = f"{int(first.steps):_}"
    if len(jobs) == 1:
        told = [first._python_rule, first._python_problem, steps, *_keywords(first._python_options)]
        return f"{head}trace = run({', '.join(told)})"
    shared = "" if len({j._python_problem for j in jobs}) > 1 else f", problem={first._python_problem}"
    lines = []
    for job in jobs:
        told = [f"rule={job._python_rule}", *([] if shared else [f"problem={job._python_problem}"])]
        lines.append(f"    dict({', '.join(told + _keywords(job._python_options))})")
    lines = ",\n".join(lines)
    return f"{head}jobs = [\n{lines},\n]\ntraces = run_many([dict(job{shared}, steps={steps}) for job in jobs])"


def _rule_word(job: Job) -> str:
    told = ",".join(f"{name}={plain(value)}" for name, value in job.options.items())
    return f"{job.word}:{told}" if told else job.word


# --- words to values ---------------------------------------------------------------------------------------


def rule_words(words: Sequence[str]) -> list[str]:
    """The rules that a command line names with --rule, its default if it names none."""
    named = [w for before, w in zip(words, words[1:], strict=False) if before in ("--rule", "-r")]
    named += [w.partition("=")[2] for w in words if w.startswith("--rule=")]
    return named or [DEFAULT_RULE]


def parse_rule(word: str) -> tuple[str, Rule, dict[str, Any]]:
    """`adam`, `my_rule.py` or `adam:alpha=0.01,beta1=0.8` to (name as given, rule, options given with it)."""
    name, colon, tail = word.rpartition(":")
    if not colon or "=" not in tail:
        name, tail = word, ""
    rule = rules.load(name) if name.endswith(".py") else rules.get(name)
    return name, rule, settings(tail.split(",") if tail else [])


def settings(pairs: Iterable[str]) -> dict[str, Any]:
    """`["d=50", "name=x"]` to {"d": 50, "name": "x"}."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise BadInput(f"{pair!r} is not understood; expected NAME=VALUE, such as d=50")
        found[name] = _value(value)
    return found


def grid(word: str) -> str | int | list[int]:
    """`log`, `1000` (every 1000th step) or `1,10,100` (these steps)."""
    try:
        steps = [int(float(part)) for part in word.split(",")] if word != "log" else []
    except ValueError:
        raise BadInput(f"grid={word!r} is not understood; expected log, a step count or steps such as 1,10") from None
    return word if word == "log" else steps[0] if len(steps) == 1 else steps


def make(
    problem: str, rule: Sequence[str], steps: float, pairs: Sequence[str], seeds: int, grid_word: str,
    observe: Sequence[str], options: Mapping[str, Any],
) -> list[Job]:  # fmt: skip
    """One job for every rule and seed.

    Raises:
        UnknownName, BadOption, BadInput: before anything runs.
    """
    chosen, watched = settings(pairs), tuple(observe) or observers.DEFAULT
    observers.get_all(watched)
    parsed = [parse_rule(word) for word in rule]
    jobs = []
    for seed in range(seeds) if seeds else [None]:
        filled = chosen if seed is None else {**chosen, "seed": seed}
        made = problems.get(problem, **filled)
        for word, r, own in parsed:
            mine = {name: value for name, value in options.items() if name in r.fields} | own
            r.options(**mine)
            told = own if seed is None else {**own, "seed": seed}
            jobs.append(Job(word, r, mine, told, made, filled, steps, grid(grid_word), watched))
    return jobs


def _value(word: str) -> Any:
    """A number or bool if it reads as one, else the word."""
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            pass
    return word


def _keywords(values: Mapping[str, Any]) -> list[str]:
    return [f"{name}={_literal(value)}" for name, value in values.items()]


def _literal(value: Any) -> str:
    """The value as Python writes it."""
    if isinstance(value, float) and math.isinf(value):
        return f'float("{value}")'
    return json.dumps(value) if isinstance(value, str | list) else repr(value)
