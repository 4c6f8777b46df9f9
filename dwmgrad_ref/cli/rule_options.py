"""A rule's options as options of a command: `omega0` of the rule is `--omega0`, with its range and meaning as help."""

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from dwmgrad_ref.rules.base import Rule  # rules are not imported before a command needs one


def with_rule_options(command: Callable[..., None], chosen: "Sequence[Rule]") -> Callable[..., None]:
    """The command with its `**options` spelled out: one typer option for each option of the rules.

    typer reads a command's options from its signature, so that is where they are put.
    """
    fixed = inspect.signature(command)
    parameters = {p.name: p for p in fixed.parameters.values() if p.kind is not p.VAR_KEYWORD}
    for rule in chosen:
        for name in rule.fields:
            parameters.setdefault(name, _parameter(rule, name))

    def wrapped(**given: Any) -> None:
        own = {k: v for k, v in given.items() if k in fixed.parameters or v is not None}
        command(**own)

    wrapped.__doc__ = command.__doc__
    wrapped.__name__ = command.__name__
    wrapped.__signature__ = fixed.replace(parameters=list(parameters.values()))  # type: ignore[attr-defined]
    wrapped.__annotations__ = {name: p.annotation for name, p in parameters.items()}
    return wrapped


def _parameter(rule: "Rule", name: str) -> inspect.Parameter:
    hint, field, choices = get_type_hints(rule.Options)[name], rule.fields[name], rule.choices(name)
    default = getattr(rule.options(), name)
    told = typer.Option(
        f"{flag(name)}/{flag(name, False)}" if hint is bool else flag(name),
        parser=number if not choices and hint is not bool else None,
        help=field.description,
        show_default=(flag(name, default)[2:] if hint is bool else plain(default)),
        metavar=None if hint is bool else "|".join(choices) if choices else interval(rule, name),
        rich_help_panel=f"Options of {rule.name}",
    )
    kind: Any = bool if hint is bool else str if choices else float
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, told]
    )


def interval(rule: "Rule", name: str) -> str:
    """The values that an option allows, short: "(0, inf)", "loss|increase|decrease"."""
    return rule.allowed(name).removeprefix("lie in ").removeprefix("be one of ").removeprefix("be ")


def flag(name: str, value: Any = True) -> str:
    """`omega0` to `--omega0`, and a false bool `reset` to `--no-reset`."""
    return f"--{'' if value is not False else 'no-'}{name.replace('_', '-')}"


def plain(value: Any) -> str:
    """The value as a user would type it, every bit of it."""
    short = f"{value:.15g}" if isinstance(value, float) else str(value)
    return repr(value) if isinstance(value, float) and float(short) != value else short


def number(word: str | float) -> float:
    """A number from the command line."""
    try:
        return float(word)
    except ValueError:
        raise typer.BadParameter(f"{word!r} is not a number") from None
