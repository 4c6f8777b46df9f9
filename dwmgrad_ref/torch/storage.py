"""Which tensors have numbers in this process's memory, as they are, and which have none anywhere.

Compiled code reads a tensor's memory behind torch's back. That is right for a plain tensor only: a fake tensor, a zero
tensor or a wrapper around other tensors has no memory of its own, and a lazily negated or conjugated view has memory
whose numbers are not the tensor's.
"""

from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

_NOT_DEFINED = torch._C._disabled_torch_dispatch_impl


def plain(tensor: Tensor) -> bool:
    """Whether the numbers in the tensor's memory are the tensor's numbers."""
    return native([tensor]) and not (tensor._is_zerotensor() or tensor.is_neg() or tensor.is_conj())


def native(tensors: Iterable[Tensor]) -> bool:
    """Whether torch itself does the operations of all of them, not a class of Python's."""
    return all(map(_native, {*map(type, tensors)}))


@cache
def _native(kind: type[Tensor]) -> bool:
    return getattr(kind, "__torch_dispatch__", None) is _NOT_DEFINED


def valueless(tensor: Tensor) -> bool:
    """Whether the tensor has shape and dtype but no numbers, so that none can be looked at: on meta, or fake."""
    return tensor.device.type == "meta" or isinstance(tensor, FakeTensor)
