"""Our options under the implementation's names, and the two sets of values on which both are compared."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from analysis.conformance.sources import Implementation
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Rule

# Names that libraries give to what we call by one name; `betas.1` is the second entry of a tuple. First match wins.
NAMES: dict[str, tuple[str, ...]] = {
    "alpha": ("lr", "learning_rate"),
    "beta1": ("betas.0", "b1", "beta1", "beta"),
    "beta2": ("betas.1", "b2", "beta2", "decay", "decay_rate"),
    "beta3": ("betas.2", "b3", "beta3"),
    "mu": ("momentum", "beta"),
    "rho": ("rho",),
    "eps": ("eps", "epsilon"),
    "weight_decay": ("weight_decay",),
}
# Values at which a misplaced eps, a forgotten correction or a swapped decay rate is large.
VISIBLE = {"alpha": 0.05, "beta1": 0.8, "beta2": 0.9, "beta3": 0.7, "mu": 0.6, "rho": 0.7, "nu": 0.7, "nu1": 0.7,
           "nu2": 0.8, "eps": 1e-2}  # fmt: skip
DECAY = 0.3


class Name(NamedTuple):
    """One option under the implementation's name; `complement`: theirs is one minus ours."""

    theirs: str
    complement: bool = False

    def __str__(self) -> str:
        return f"1 - {self.theirs}" if self.complement else self.theirs


def names(rule: Rule, implementation: Implementation, given: Mapping[str, str]) -> dict[str, Name]:
    """The implementation's name of each of our options that it has, and of a weight decay even where we have none.

    A decay rate is taken as one minus theirs where the defaults say so: ours is 0.02 and theirs is 0.98.

    Args:
        given: names that are not found by `NAMES`, such as {"beta2": "alpha"}; a leading "1 - " means the complement.

    Raises:
        BadInput: a given name is none of the implementation's.
    """
    found: dict[str, Name] = {}
    ours = rule.options()._asdict()
    for option in dict.fromkeys((*rule.Options._fields, "weight_decay")):
        for theirs in (given[option],) if option in given else NAMES.get(option, (option,)):
            plain = theirs.removeprefix("1 - ")
            if has(implementation, plain):
                default = default_of(implementation, plain)
                turned = plain != theirs or (option not in given and _complement(option, ours.get(option), default))
                found[option] = Name(plain, turned)
                break
            if option in given:
                raise BadInput(
                    f"{implementation.name} has no setting {plain!r}; it has {sorted(implementation.defaults)}"
                )
    return found


def _complement(option: str, ours: Any, theirs: Any) -> bool:
    numbers = isinstance(ours, int | float) and isinstance(theirs, int | float)
    return option.startswith("beta") and numbers and ours != theirs and abs(ours - (1 - theirs)) < 1e-9


def has(implementation: Implementation, name: str) -> bool:
    """Whether the implementation has a setting `name`, or one such as `betas.1`."""
    base, _, index = name.partition(".")
    if base not in implementation.defaults:
        return False
    value = implementation.defaults[base]
    return not index or (isinstance(value, tuple | list) and int(index) < len(value))


def default_of(implementation: Implementation, name: str) -> Any:
    """The default of a setting or of an entry of one; None where there is none."""
    base, _, index = name.partition(".")
    value = implementation.defaults.get(base)
    return value[int(index)] if index and value is not None else value


def pinned(named: Mapping[str, Name], own: Mapping[str, Any]) -> dict[str, Any]:
    """Our options whose value the user has given under the implementation's name."""
    told = {option: name for option, name in named.items() if name.theirs in own and option != "weight_decay"}
    return {option: 1 - own[name.theirs] if name.complement else own[name.theirs] for option, name in told.items()}


def from_defaults(rule: Rule, implementation: Implementation, named: Mapping[str, Name]) -> dict[str, Any]:
    """Our options at the implementation's default values, ours where it has none; not the weight decay."""
    options: dict[str, Any] = {}
    ours = rule.options()._asdict()
    for option, name in named.items():
        if option == "weight_decay":
            continue
        value = default_of(implementation, name.theirs)
        if value is None:
            options[option] = ours[option]
        elif isinstance(value, int | float) and not isinstance(value, bool) and not rule.choices(option):
            options[option] = 1 - value if name.complement else float(value)
    return options


def visible(rule: Rule, implementation: Implementation, named: Mapping[str, Name]) -> dict[str, Any]:
    """Our options at values that show differences, at the implementation's defaults where we have no such value."""
    options = from_defaults(rule, implementation, named)
    for option in options.keys() & VISIBLE.keys():
        options[option] = 1 - VISIBLE[option] if named[option].complement else VISIBLE[option]
    return options


def settings(
    implementation: Implementation, named: Mapping[str, Name], options: Mapping[str, Any], own: Mapping[str, Any]
) -> dict[str, Any]:
    """The implementation's settings for our options; `own` are settings that we have no option for."""
    told: dict[str, Any] = {}
    for option, value in options.items():
        if option not in named:
            continue
        base, _, index = named[option].theirs.partition(".")
        value = 1 - value if named[option].complement else value
        if index:
            entries = list(told.get(base, implementation.defaults[base]))
            entries[int(index)] = value
            told[base] = tuple(entries)
        else:
            told[base] = value
    return {**told, **own}
