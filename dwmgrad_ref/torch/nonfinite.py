"""A loss that is no number, on an accelerator: noticed without ever waiting for the device."""

from typing import Any

import torch

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.torch import storage


class Watchman:
    """Raises at a later step that some loss was not finite; the shared state never took it in.

    Each step adds to a flag on the device. Now and then the flag is copied to the host without waiting, and the copy
    is looked at once the device has reached it. While a CUDA graph is captured or replayed nobody looks.
    """

    def __init__(self) -> None:
        self._flag: torch.Tensor | None = None
        self._copy: tuple[Any, torch.Tensor] | None = None  # event after the copy, and the copy

    def note(self, finite: torch.Tensor) -> None:
        """Add the 0-d bool of this step."""
        if self._flag is None or self._flag.device != finite.device:
            self._flag = torch.zeros_like(finite)
        self._flag.logical_or_(finite.logical_not())
        if self._copy is None:
            self._copy = sent(self._flag)

    def report(self, name: str) -> None:
        """Raise if a copy has arrived and says so.

        Raises:
            BadInput: a loss of an earlier step was not finite.
        """
        if self._copy is None or not self._copy[0].query():
            return
        seen, self._copy = bool(self._copy[1]), None
        if seen and self._flag is not None:
            self._flag.zero_()
            raise BadInput(
                f"{name} got a loss that is not finite a few steps ago; its shared state left that loss out, the "
                "parameters took the gradients of that step. Go back to a checkpoint, or lower lr"
            )


def sent(flag: torch.Tensor) -> tuple[Any, torch.Tensor] | None:
    """An event and the host's copy of the flag, valid once the event has happened.

    None while a graph is captured, and for a flag that has no value.
    """
    if storage.valueless(flag) or flag.device.type == "cuda" and torch.cuda.is_current_stream_capturing():
        return None
    copy = torch.empty((), dtype=torch.bool, pin_memory=True)
    copy.copy_(flag, non_blocking=True)
    event = torch.Event(flag.device)
    event.record()
    return event, copy
