"""Sessions that misbehave on purpose, in a module of their own so that worker processes can import them."""

import errno
import os
import signal
from pathlib import Path

from analysis.training.runs import execute
from analysis.training.runs.run import Place, Run
from analysis.training.runs.session import TaskSession

execute.OFTEN = 0.0  # a checkpoint after every epoch, however short, in the workers too


def once(name: str) -> bool:
    """True the first time, in whatever process; the flag is a file beside the store."""
    flag = Path(os.environ["STUB_FLAGS"]) / name
    try:
        flag.touch(exist_ok=False)
        return True
    except FileExistsError:
        return False


class KilledOnce(TaskSession):
    """Its process is killed in the middle of the third epoch, the first time."""

    def epoch(self) -> dict[str, float]:
        row = super().epoch()
        if self.epochs == 3 and once(f"killed-{self.run.seed}"):
            os.kill(os.getpid(), signal.SIGKILL)
        return row


class KilledAlways(TaskSession):
    def epoch(self) -> dict[str, float]:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


class Counted(TaskSession):
    """Leaves a file for every run that is begun."""

    def __init__(self, run: Run, place: Place):
        (Path(os.environ["STUB_FLAGS"]) / f"begun-{run.seed}-{os.getpid()}-{os.urandom(4).hex()}").touch()
        super().__init__(run, place)


class KilledOnceCounted(KilledOnce, Counted):
    pass


class FullDisk(TaskSession):
    """The disk is full in the second epoch of seed 1, the first time."""

    def epoch(self) -> dict[str, float]:
        if self.epochs == 1 and self.run.seed == 1 and once("full"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().epoch()
