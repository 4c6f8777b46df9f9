"""Every task, a network to train on a data set, one file each; a file dropped here is found by itself.

A task says what the training set is, how the model is built, in which order its batches come, what the loss is and
what is measured. It does not say with which optimizer, for how long or how often: that is an experiment's business.
Importing this package imports torch only when a task is asked for.
"""

from functools import cache
from typing import TYPE_CHECKING

from dwmgrad_ref.discovery import found_in
from dwmgrad_ref.errors import UnknownName

if TYPE_CHECKING:
    from analysis.training.tasks.base import Task


@cache
def _registry() -> "dict[str, Task]":
    from analysis.training.tasks.base import Task

    return found_in(__name__, __path__, Task)


def names() -> list[str]:
    """Names of all tasks, sorted."""
    return sorted(_registry())


def get(name: "str | Task") -> "Task":
    """The task of that name, or the task itself.

    Raises:
        UnknownName: lists the nearest names.
    """
    if not isinstance(name, str):
        return name
    if name not in _registry():
        raise UnknownName("task", name, _registry())
    return _registry()[name]
