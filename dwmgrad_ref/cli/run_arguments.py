"""One run as the command line spells it: from words to arguments, and back to words and to Python."""

import hashlib
import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dwmgrad_ref.cli.rule_options import flag, plain
from dwmgrad_ref.errors import BadInput

if TYPE_CHECKING:
    from dwmgrad_ref.problems.base import Problem
    from dwmgrad_ref.rules.base import Rule

DEFAULT_RULE = "dwmgrad"


@dataclass(frozen=True)
class Job:
    """A rule with options on a problem.

    `word` and `problem_word` are how the user named the two: by a name or by a file. `own` are the options that were
    named with the rule.
    """

    word: str
    rule: "Rule"
    options: Mapping[str, Any]
    own: Mapping[str, Any]
    problem_word: str
    problem: "Problem"
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
        told += [self.problem.result_version] if self.problem.result_version != 1 else []
        digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:8]
        return f"{self.rule.name}-{self.problem.name}-{digest}"

    @property
    def _python_problem(self) -> str:
        told = [_literal(self.problem_word), *_keywords(self.settings)]
        return f"problems.get({', '.join(told)})" if self.settings else told[0]

    @property
    def _python_options(self) -> dict[str, Any]:
        told = dict(self.options) | ({"grid": self.grid} if self.grid != "log" else {})
        return told | ({"observe": list(self._chosen_observers)} if self._chosen_observers else {})

    @property
    def _chosen_observers(self) -> tuple[str, ...]:
        """The observers if they are not the default ones."""
        from dwmgrad_ref import observers

        return self.observe if self.observe != observers.DEFAULT else ()


# --- jobs to words and to Python ---------------------------------------------------------------------------


def command(jobs: Sequence[Job]) -> str:
    """The command line that makes these runs of one problem again."""
    first, seeds = jobs[0], len({job.settings.get("seed") for job in jobs})
    settings = {name: value for name, value in first.settings.items() if seeds == 1 or name != "seed"}
    words = ["dwmgrad", "run", "--problem", word(first.problem_word, settings)]
    if len({id(job.rule) for job in jobs}) == 1 and all(job.options == first.options for job in jobs):
        words += ["--rule", first.word]
        for name, value in first.options.items():
            words += [flag(name, value)] if isinstance(value, bool) else [flag(name), plain(value)]
    else:
        for rule in dict.fromkeys(word(job.word, job.options) for job in jobs):
            words += ["--rule", rule]
    words += ["--steps", plain(first.steps)]
    if seeds > 1:
        words += ["--seeds", str(seeds)]
    if first.grid != "log":
        words += ["--grid", ",".join(map(str, [first.grid] if isinstance(first.grid, int) else first.grid))]
    for name in first._chosen_observers:
        words += ["--observe", name]
    return shlex.join(words)


def python(jobs: Sequence[Job]) -> str:
    """The same in Python: one run as `trace`, several as a list `traces`."""
    first = jobs[0]
    names = {"run" if len(jobs) == 1 else "run_many"} | ({"problems"} if first.settings else set())
    head = f"from dwmgrad_ref import {', '.join(sorted(names))}\n"
    steps = f"{int(first.steps):_}"
    if len(jobs) == 1:
        told = [_literal(first.word), first._python_problem, steps, *_keywords(first._python_options)]
        return f"{head}trace = run({', '.join(told)})"
    shared = "" if len({j._python_problem for j in jobs}) > 1 else f", problem={first._python_problem}"
    lines = []
    for job in jobs:
        told = [f"rule={_literal(job.word)}", *([] if shared else [f"problem={job._python_problem}"])]
        lines.append(f"    dict({', '.join(told + _keywords(job._python_options))})")
    lines = ",\n".join(lines)
    return f"{head}jobs = [\n{lines},\n]\ntraces = run_many([dict(job{shared}, steps={steps}) for job in jobs])"


# --- words to values ---------------------------------------------------------------------------------------


def rule_words(words: Sequence[str]) -> list[str]:
    """The rules that a command line names with --rule, its default if it names none."""
    named = [w for before, w in zip(words, words[1:], strict=False) if before in ("--rule", "-r")]
    named += [w.partition("=")[2] for w in words if w.startswith("--rule=")]
    return named or [DEFAULT_RULE]


def split(word: str) -> tuple[str, dict[str, Any]]:
    """A rule or a problem as every command takes it, NAME or NAME:key=value,..., to its name and its settings.

    >>> split("quadratic-dense:d=50,seed=2")
    ('quadratic-dense', {'d': 50, 'seed': 2})

    Raises:
        BadInput: what follows the colon does not read key=value,...
    """
    name, colon, tail = word.rpartition(":")
    if not colon or name == "torch":  # torch:package.Class names a class
        return word, {}
    found: dict[str, Any] = {}
    for pair in tail.split(","):
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise BadInput(f"{pair!r} in {word!r} is not understood; expected NAME:key=value,... such as {name}:d=50")
        found[key] = _value(value)
    return name, found


def word(name: str, settings: Mapping[str, Any]) -> str:
    """The inverse of `split`."""
    told = ",".join(f"{key}={plain(value)}" for key, value in settings.items())
    return f"{name}:{told}" if told else name


def parse_rule(word: str) -> "tuple[str, Rule, dict[str, Any]]":
    """`adam`, `my_rule.py` or `adam:alpha=0.01,beta1=0.8` to (name as given, rule, options given with it).

    Raises:
        UnknownName, BadInput: there is no such rule, or the word does not read NAME:key=value,...
    """
    from dwmgrad_ref import rules

    name, options = split(word)
    return name, rules.get(name), options


def grid(word: str) -> str | int | list[int]:
    """`log`, `1000` (every 1000th step) or `1,10,100` (these steps)."""
    try:
        steps = [int(float(part)) for part in word.split(",")] if word != "log" else []
    except ValueError:
        raise BadInput(f"grid={word!r} is not understood; expected log, a step count or steps such as 1,10") from None
    return word if word == "log" else steps[0] if len(steps) == 1 else steps


def make(
    problem: str, rule: Sequence[str], steps: float, seeds: int, grid_word: str, observe: Sequence[str],
    options: Mapping[str, Any],
) -> list[Job]:  # fmt: skip
    """One job for every rule and seed.

    Raises:
        UnknownName, BadOption, BadInput: before anything runs.
    """
    from dwmgrad_ref import observers, problems

    (name, chosen), watched = split(problem), tuple(observe) or observers.DEFAULT
    observers.get_all(watched)
    parsed = [parse_rule(word) for word in rule]
    jobs = []
    for seed in range(seeds) if seeds else [None]:
        filled = chosen if seed is None else {**chosen, "seed": seed}
        made = problems.get(name, **filled)
        for word, r, own in parsed:
            mine = {option: value for option, value in options.items() if option in r.fields} | own
            r.options(**mine)
            told = own if seed is None else {**own, "seed": seed}
            jobs.append(Job(word, r, mine, told, name, made, filled, steps, grid(grid_word), watched))
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
