"""Experiments as files: each NAME.toml in this folder says what is trained, with which optimizers, for how long.

title, source   what it shows, and what it follows
task            a task's name (analysis/training/tasks) or its file, with [task_options] for its options
protocol        "published": options as given, test data seen after every epoch, nothing chosen by it;
                "tuned": step sizes chosen on validation data from one grid for all, test data seen once
[optimizers.X]  optimizer = a rule's name or file, "torch.optim.CLASS" or "torch:package.Class", and options of
                it; `extends = "Y"` begins with the options of Y
[training]      schedule, clipping, accumulation and what decays (analysis/training/recipe.py), the same for all
[tuning]        the grid of step sizes 10^low .. 10^high, `per_decade` values a decade, the same for every optimizer
[budgets.P]    P is smoke (seconds), laptop (two cores, under six hours for everything) or paper (as published):
                epochs, seeds (`fewer` for some optimizers of a published protocol), minutes expected on two cores,
                and `not_run` = why this machine cannot run it
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analysis.training.recipe import Recipe, Schedule
from dwmgrad_ref.errors import BadInput, UnknownName

HERE = Path(__file__).resolve().parent
BUDGETS = ("smoke", "laptop", "paper")
Options = dict[str, Any]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tuning(_Strict):
    """One grid of step sizes for every optimizer, and what chooses among them."""

    low: int = Field(description="the smallest step size is 10^low")
    high: int = Field(description="the largest is 10^high")
    per_decade: int = Field(default=2, ge=1, le=10)
    score: Literal["validation_loss", "validation_accuracy"] = "validation_loss"
    seeds: int = Field(default=1, ge=1, description="seeds of each trial; never those of the final runs")

    @property
    def grid(self) -> list[float]:
        """The step sizes, to four digits."""
        steps = range(self.low * self.per_decade, self.high * self.per_decade + 1)
        return [float(f"{10 ** (k / self.per_decade):.4g}") for k in steps]

    @model_validator(mode="after")
    def _ordered(self) -> "Tuning":
        if self.high < self.low:
            raise ValueError(f"high={self.high} is below low={self.low}")
        return self


class Budget(_Strict):
    """How much of an experiment is run."""

    epochs: int = Field(ge=1)
    seeds: int = Field(default=1, ge=1)
    minutes: float = Field(default=0.0, ge=0, description="expected on two cores")
    only: tuple[str, ...] = Field(default=(), description="these optimizers; all if empty")
    fewer: dict[str, int] = Field(default_factory=dict, description="seeds of optimizers that get fewer than others")
    task_options: Options = Field(default_factory=dict, description="put over those of the experiment")
    tuning: Tuning | None = Field(default=None, description="in place of the experiment's")
    training: Recipe | None = Field(default=None, description="in place of the experiment's")
    device: str = "cpu"
    not_run: str = Field(default="", description="why this budget cannot run on ordinary machines")


class Experiment(_Strict):
    """One file of this folder, checked."""

    name: str
    title: str
    task: str
    source: str = ""
    note: str = ""
    protocol: Literal["published", "tuned"] = "published"
    task_options: Options = Field(default_factory=dict)
    optimizers: dict[str, Options] = Field(min_length=1)
    tuning: Tuning | None = None
    training: Recipe = Recipe()
    budgets: dict[Literal["smoke", "laptop", "paper"], Budget]

    @model_validator(mode="after")
    def _consistent(self) -> "Experiment":
        for name, budget in self.budgets.items():
            for label in (*budget.only, *budget.fewer):
                if label not in self.optimizers:
                    raise UnknownName(f"optimizer of budget {name}", label, self.optimizers)
            if budget.fewer and self.protocol == "tuned":
                raise ValueError(f"budget {name}: a tuned comparison gives every optimizer the same number of seeds")
            if any(not 1 <= seeds <= budget.seeds for seeds in budget.fewer.values()):
                raise ValueError(f"budget {name}: `fewer` gives a number of seeds from 1 to {budget.seeds}")
            if (self.protocol == "tuned") != (self.tuning_of(name) is not None):
                raise ValueError(f"protocol={self.protocol!r}: [tuning] belongs to protocol 'tuned' and to no other")
        return self

    def tuning_of(self, budget: str) -> Tuning | None:
        return self.budgets[budget].tuning or self.tuning  # type: ignore[index]

    def budget(self, name: str) -> Budget:
        """The budget of that name.

        Raises:
            UnknownName: the experiment has no such budget.
        """
        if name not in self.budgets:
            raise UnknownName(f"budget of {self.name}", name, self.budgets)
        return self.budgets[name]  # type: ignore[index]


def names() -> list[str]:
    """Names of all experiments, sorted."""
    return sorted(path.stem for path in HERE.glob("*.toml"))


@cache
def get(name: str) -> Experiment:
    """The experiment of that name, or in that file if the name ends in .toml.

    Raises:
        UnknownName: no such experiment, option, optimizer or budget; names the nearest.
        BadInput: the file is not as described above; names what is wrong where.
    """
    if name.endswith(".toml"):
        return read(Path(name))
    if name not in names():
        raise UnknownName("experiment", name, names())
    return read(HERE / f"{name}.toml")


def read(path: Path) -> Experiment:
    """The experiment in a file; see `get` for what is raised."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read the experiment {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML: {error}") from None
    try:
        told["optimizers"] = _extended(told.get("optimizers", {}))
        return Experiment(name=path.stem, **{key: value for key, value in told.items() if key != "name"})
    except UnknownName as error:
        raise _at(path, error) from None
    except ValidationError as error:
        raise _first(path, error) from None


def _at(path: Path, error: Exception) -> BadInput:
    return BadInput(f"{path.name}: {error}")


def _first(path: Path, error: ValidationError) -> BadInput:
    """The first complaint in the project's words; an unknown key names the nearest known one."""
    complaints = error.errors()
    complaint = next((c for c in complaints if c["type"] == "extra_forbidden"), complaints[0])  # likely a misspelling
    place = [str(part) for part in complaint["loc"]]
    where = f"{path.name}, {'.'.join(place)}" if place else path.name
    if complaint["type"] == "extra_forbidden":
        return _at(
            path, UnknownName(f"key of {'.'.join(place[:-1]) or 'an experiment'}", place[-1], _known(place[:-1]))
        )
    if complaint["type"] == "literal_error" and place[:1] == ["budgets"]:
        return _at(path, UnknownName("budget", place[1], BUDGETS))
    given = "" if complaint["type"] == "missing" else f" (given {complaint['input']!r})"
    return BadInput(f"{where}: {complaint['msg'].removeprefix('Value error, ')}{given}")


def _known(place: list[str]) -> list[str]:
    """The keys allowed in a table of the file."""
    model: type[BaseModel] = Experiment
    if place[:1] == ["budgets"]:
        model = Budget
    for key, table in (("tuning", Tuning), ("training", Recipe), ("schedule", Schedule)):
        model = table if place[-1:] == [key] else model
    return [name for name in model.model_fields if name != "name"]


def _extended(given: Any) -> dict[str, Options]:
    """The optimizers with `extends` resolved, in the order of the file."""
    if not isinstance(given, dict):
        raise BadInput("optimizers must be a table of tables, [optimizers.NAME]")

    def resolved(name: str, seen: tuple[str, ...]) -> Options:
        if name not in given:
            raise UnknownName("optimizer to extend", name, given)
        if name in seen:
            raise BadInput(f"optimizers {' -> '.join((*seen, name))} extend each other in a circle")
        own = dict(given[name])
        base = own.pop("extends", None)
        return own if base is None else {**resolved(base, (*seen, name)), **own}

    return {name: resolved(name, ()) for name in given}
