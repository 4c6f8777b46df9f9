"""Implementations of others, played on given gradients: `torch:module.Class` and `optax:name`."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from typing import Any

import numpy as np

from analysis.conformance.gradients import Sequence
from analysis.conformance.ours import Play
from dwmgrad_ref.errors import BadInput, BadOption, DwmgradError


class MissingPackage(DwmgradError):
    """The package that has the implementation is not installed."""


@dataclass(frozen=True)
class Implementation:
    """Something to play: `run(settings, sequence)` with its own names of settings, and their defaults."""

    name: str
    package: str
    defaults: Mapping[str, Any]
    run: Callable[[Mapping[str, Any], Sequence], Play]
    # The same where the library's default is float32, while iterates and gradients stay float64: None if not asked.
    single: Callable[[Mapping[str, Any], Sequence], Play] | None = None

    @property
    def version(self) -> str:
        """The installed version of the package, such as "optax 0.2.8"; the name alone where it has none."""
        try:
            return f"{self.package} {metadata.version(self.package)}"
        except metadata.PackageNotFoundError:
            return self.package


def get(word: str) -> Implementation:
    """The implementation that `torch:module.Class` or `optax:name` names.

    Raises:
        MissingPackage: the package is not installed; says how to install it.
        BadInput: the word names none.
    """
    kind, _, name = word.partition(":")
    if kind not in ("torch", "optax") or not name:
        raise BadInput(f"{word!r} names no implementation; expected torch:module.Class or optax:name")
    package = name.split(".")[0] if kind == "torch" else "optax"
    _need(package)
    return _torch(word, name, package) if kind == "torch" else _optax(word, name)


def _need(package: str) -> None:
    try:
        importlib.import_module(package)
    except ImportError as error:
        raise MissingPackage(
            f"{package} cannot be imported ({error}); install it beside dwmgrad: pip install {package}"
        ) from None


def _defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """The settings that a class or function takes by name, with their defaults; None where one has none."""
    empty = inspect.Parameter.empty
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name != "params"]
    return {p.name: None if p.default is empty else p.default for p in named}


def _torch(word: str, name: str, package: str) -> Implementation:
    from analysis.training.optimizers import torch_class

    cls = torch_class(word)

    def run(settings: Mapping[str, Any], sequence: Sequence, default: str = "float64") -> Play:
        import torch

        before = torch.get_default_dtype()
        torch.set_default_dtype(getattr(torch, default))
        try:
            return _torch_run(cls, settings, sequence)
        finally:
            torch.set_default_dtype(before)

    return Implementation(word, package, _defaults(cls), run, partial(run, default="float32"))


def _torch_run(cls: Any, settings: Mapping[str, Any], sequence: Sequence) -> Play:
    import torch

    from analysis.audit.torch_audit import made

    theta = torch.nn.Parameter(torch.tensor(sequence.x))
    theta.grad = torch.zeros_like(theta)
    optimizer = made(cls, [theta], **settings)
    if callable(train := getattr(optimizer, "train", None)):
        train()  # schedule-free methods keep two points; the gradient belongs to the training one
    played = _Recorded(sequence.x)
    for g, loss in zip(sequence.g, sequence.losses, strict=True):
        theta.grad = torch.tensor(g)
        optimizer.step(lambda loss=loss: torch.tensor(loss, dtype=torch.float64))  # type: ignore[arg-type]
        kept = {name: value for name, value in optimizer.state[theta].items() if torch.is_tensor(value)}
        played.add(theta.detach().numpy(), {name: value.numpy() for name, value in kept.items()})
    return played.play()


def _optax(word: str, name: str) -> Implementation:
    optax = importlib.import_module("optax")
    importlib.import_module("optax.contrib")
    make: Any = optax
    for part in name.split("."):
        make = getattr(make, part, None)
    if not callable(make):
        raise BadInput(f"{word} names nothing of optax that can be called; expected optax:name or optax:contrib.name")

    def run(settings: Mapping[str, Any], sequence: Sequence) -> Play:
        jax: Any = importlib.import_module("jax")
        with jax.enable_x64(True):
            return _optax_run(make, name, settings, sequence)

    return Implementation(word, "optax", _defaults(make), run)


def _optax_run(make: Callable[..., Any], name: str, settings: Mapping[str, Any], sequence: Sequence) -> Play:
    jax, jnp, optax = (importlib.import_module(needed) for needed in ("jax", "jax.numpy", "optax"))
    try:
        method = optax.with_extra_args_support(make(**settings))
    except (TypeError, ValueError, AttributeError) as error:
        raise BadOption(f"optax.{name} does not take {dict(settings)}: {error}") from None
    update = jax.jit(lambda g, state, x, loss: method.update(g, state, x, value=loss))
    x = jnp.asarray(sequence.x)
    state, played = method.init(x), _Recorded(sequence.x)
    for g, loss in zip(sequence.g, sequence.losses, strict=True):
        change, state = update(jnp.asarray(g), state, x, jnp.asarray(loss))
        x = optax.apply_updates(x, change)
        leaves = jax.tree_util.tree_flatten_with_path(state)[0]
        played.add(np.asarray(x), {_leaf(path): np.asarray(value) for path, value in leaves})
    return played.play()


def _leaf(path: Any) -> str:
    """The last name on the way to a leaf of optax's state, such as "mu"."""
    names = [part.name for part in path if hasattr(part, "name")]
    return names[-1] if names else "state"


class _Recorded:
    """Iterates and kept numbers, copied after each step; only arrays of the iterate's shape are kept."""

    def __init__(self, x: np.ndarray):
        self.x, self.state = [x.copy()], dict[str, list[np.ndarray]]()

    def add(self, x: np.ndarray, state: Mapping[str, np.ndarray]) -> None:
        self.x.append(np.array(x, dtype=float))
        for name, value in state.items():
            if value.shape == x.shape:
                missed = len(self.x) - 2 - len(self.state.get(name, []))  # steps before the number was there
                self.state.setdefault(name, []).extend([np.full(x.shape, np.nan)] * missed)
                self.state[name].append(np.array(value, dtype=float))

    def play(self) -> Play:
        return Play(np.array(self.x), {name: np.array(values) for name, values in self.state.items()})
