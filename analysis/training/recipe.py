"""How an experiment trains besides its optimizer: step-size schedule, clipping, accumulation, what decays.

Label smoothing, dropout and augmentation belong to the task and are among its options.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(_Strict):
    """The factor on every step size as a function of the step; places are shares of the whole run.

    A share of the run instead of an epoch lets a shortened run keep the published shape.

    kind     constant; steps: times `factor` from each share in `at` on; cosine: from 1 to 0 along half a cosine
             [loshchilov2017]; decay: times `factor` at every step after the share `start`
    warmup   over this share of the run the factor rises linearly to what the schedule says
    """

    kind: Literal["constant", "steps", "cosine", "decay"] = "constant"
    at: tuple[float, ...] = ()
    factor: float = Field(default=1.0, gt=0)
    start: float = Field(default=0.0, ge=0, le=1)
    warmup: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _consistent(self) -> "Schedule":
        if bool(self.at) != (self.kind == "steps"):
            raise ValueError("`at` gives the shares of the run of a schedule of kind 'steps', and of no other")
        if list(self.at) != sorted(self.at) or any(not 0 < share < 1 for share in self.at):
            raise ValueError(f"at={list(self.at)} must rise and lie between 0 and 1")
        if self.start and self.kind != "decay":
            raise ValueError("`start` belongs to a schedule of kind 'decay'")
        return self

    def factors(self, total: int) -> Callable[[int], float]:
        """The factor on the step sizes at step t, counted from 0, of a run of `total` steps."""
        milestones = [round(share * total) for share in self.at]
        start, warm = round(self.start * total), round(self.warmup * total)

        def factor(t: int) -> float:
            rising = min(1.0, (t + 1) / (warm + 1))
            match self.kind:
                case "steps":
                    return rising * self.factor ** sum(t >= milestone for milestone in milestones)
                case "cosine":
                    return rising * (1 + math.cos(math.pi * min(max(0, t - warm) / (total - warm), 1.0))) / 2
                case "decay":
                    return rising * self.factor ** max(0, t - start)
                case _:
                    return rising

        return factor


class Recipe(_Strict):
    """How every optimizer of an experiment trains.

    schedule      of the step size
    clip_norm     gradients of a larger Euclidean norm, over all parameters, are scaled down to it; 0 for none
    accumulate    batches whose mean gradient and mean loss make one step
    spared        whether biases and the scales of normalizations are spared from weight decay
    """

    schedule: Schedule = Schedule()
    clip_norm: float = Field(default=0.0, ge=0)
    accumulate: int = Field(default=1, ge=1)
    spared: bool = False

    def told(self) -> dict[str, Any]:
        """What is not the default, as plain values: nothing for a recipe that changes nothing."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def groups(self, parameters: Iterable[Any]) -> list[Any]:
        """The parameters as an optimizer takes them; the spared ones, of fewer than two axes, are a second group."""
        given = list(parameters)
        small = [p for p in given if p.ndim < 2]
        if not self.spared or not small:
            return given
        return [{"params": [p for p in given if p.ndim >= 2]}, {"params": small, "weight_decay": 0.0}]

    def scheduler(self, optimizer: Any, total: int) -> Any:
        """torch's LambdaLR over the whole run of `total` steps; None for a constant step size."""
        from torch.optim.lr_scheduler import LambdaLR

        return None if self.schedule == Schedule() else LambdaLR(optimizer, self.schedule.factors(total))


PLAIN = Recipe()
