"""A refutation as a small file: the losses, what they do to the rule, and the box of states that shows it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from analysis.worst_case.invariant import Part
from analysis.worst_case.words import Word, length
from dwmgrad_ref import files, rules
from dwmgrad_ref.errors import BadInput, DamagedFile
from dwmgrad_ref.rules.base import Rule

KIND = "dwmgrad refutation, format 1"
REMEDY = "write it again with `dwmgrad audit`, or fetch it again"


@dataclass(frozen=True)
class Finite:
    """From theta_1 = start with this step size, R_T/T after `steps` steps is at least `average`."""

    alpha: float
    start: float
    steps: int
    average: float


@dataclass(frozen=True)
class Witness:
    """Losses f_t(x) = g_t x + b_t on [-1, 1], g_t repeating `word`, b_t as in `words.offsets`, that defeat the rule.

    rule, file, result_version    the rule's name, the file it is in if not one of ours, and its version
    options       all but the step size and its schedule
    schedule      "sqrt": alpha/sqrt(t); "constant"; the statement holds for every alpha > 0
    word, ramp    ((slope, count), ...), and what the losses fall by within a period, for rules that compare losses
    first, box    from step `first` on, the state at the start of each period lies in `box`
    mean_push     theta_{t+1} = P(theta_t + alpha_t d_t), and the mean of d_t towards the worst end is at least this
    spread        F: in the end theta_t is within 3 F alpha_t of the worst end (claim R6-drift-below)
    finite        a statement about a run, or None
    versions      of what wrote it
    """

    rule: str
    options: Mapping[str, Any]
    schedule: str
    word: Word
    first: int
    box: tuple[Part, ...]
    mean_push: float
    spread: float
    ramp: float = 0.0
    file: str | None = None
    result_version: int | str = 1
    finite: Finite | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def limit(self) -> Fraction:
        """What a step costs in the mean at the worst end: twice the mean slope's size."""
        return 2 * abs(_total(self.word)) / length(self.word)

    @property
    def worst(self) -> int:
        """The end of the box at which the losses are worst, 1 or -1."""
        return 1 if _total(self.word) > 0 else -1

    @property
    def floor(self) -> tuple[float, float]:
        """(a, b): with the constant step size alpha, R_T/T is in the end at least a - b alpha."""
        towards = sum((abs(Fraction(g)) * n for g, n in self.word if g * self.worst > 0), Fraction(0))
        return float(self.limit), float(3 * Fraction(self.spread) * towards / length(self.word)) * (1 + 1e-12)

    def statement(self) -> str:
        """What is refuted, in words."""
        losses = ", then ".join(f"{n} x slope {g:g}" if n > 1 else f"slope {g:g}" for g, n in self.word)
        ramp = (
            f", which {'fall' if self.ramp > 0 else 'rise'} by {abs(self.ramp):g} a step within a period"
            if self.ramp
            else ""
        )
        given = f"On [-1, 1], losses g x + |g| + 1{ramp}, where the slopes g repeat ({losses}), any start"
        if self.schedule == "sqrt":
            return (
                f"{given}, step size alpha/sqrt(t): for every alpha > 0 the iterate tends to {self.worst}, the worst "
                f"point, and R_T/T tends to {float(self.limit):.6g} > 0."
            )
        least, slope = self.floor
        return (
            f"{given}, constant step size: for every alpha > 0 the iterate stays in the end within "
            f"{3 * self.spread:.4g} alpha of {self.worst}, the worst point, and R_T/T stays above {least:.6g} - "
            f"{slope:.4g} alpha, which is positive for alpha < {least / slope:.4g} and does not vanish with alpha."
        )

    def finite_statement(self) -> str:
        """What is stated about a run, in words; empty if nothing is."""
        if self.finite is None:
            return ""
        f = self.finite
        given = f"With alpha = {f.alpha:g} from theta_1 = {f.start:g}"
        return f"{given}, R_T/T is at least {f.average:.6g} at T = {f.steps:,}."

    def load_rule(self, file: str | None = None) -> Rule:
        """The rule that it is about.

        Args:
            file: where the rule's file is now, if it is one.

        Raises:
            UnknownName, BadInput: there is no such rule, no such file, or it is another version of the rule.
        """
        where = file or self.file
        rule = rules.load(where) if where else rules.get(self.rule)
        if rule.result_version != self.result_version:
            raise BadInput(
                f"the witness is about version {self.result_version} of {self.rule} and this is version "
                f"{rule.result_version}; audit this version to get a witness of its own"
            )
        return rule


def write(witness: Witness, path: str | Path) -> Path:
    """Write it as JSON with a checksum."""
    told: dict[str, Any] = {
        "kind": KIND,
        "statement": witness.statement(),
        "finite_statement": witness.finite_statement(),
    }
    told |= {name: _plain(value) for name, value in asdict(witness).items()}
    told["box"] = [list(part) for part in witness.box]
    text = files.with_checksum(json.dumps(told, indent=1))
    return files.write_atomic(path, lambda file: file.write(text.encode()))


def read(path: str | Path) -> Witness:
    """The witness in a file.

    Raises:
        BadInput: there is no such file, or it is a file of another kind.
        DamagedFile: it is cut or was changed.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path} is not a file; expected a witness that `dwmgrad audit` wrote")
    told = files.checked(path.read_bytes(), str(path), REMEDY)
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise BadInput(
            f"{path} is not a witness of a refutation (kind {KIND!r}); give a file that `dwmgrad audit` wrote"
        )
    try:
        return _witness(told)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedFile(f"{path} lacks a part of a witness ({error!r}); {REMEDY}") from None


def _witness(told: Mapping[str, Any]) -> Witness:
    finite = told["finite"]
    return Witness(
        rule=told["rule"],
        options={name: float("inf") if value == "inf" else value for name, value in told["options"].items()},
        schedule=told["schedule"],
        word=tuple((float(g), int(n)) for g, n in told["word"]),
        first=int(told["first"]),
        box=tuple(Part(int(p), int(q), float(low), float(high), bool(clock)) for p, q, low, high, clock in told["box"]),
        mean_push=float(told["mean_push"]),
        spread=float(told["spread"]),
        ramp=float(told["ramp"]),
        file=told["file"],
        result_version=told["result_version"],
        finite=None if finite is None else Finite(**finite),
        versions=told["versions"],
    )


def _total(word: Word) -> Fraction:
    return sum((Fraction(g) * n for g, n in word), Fraction(0))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return "inf" if value == float("inf") else value
