"""The command `dwmgrad`: finds the subcommands, and turns what goes wrong into one line and an exit status.

A package above this one adds a subcommand by an entry point of the group `dwmgrad.commands` that names a function
`register(app, words)`: `app` is the typer application, `words` the command line, for commands whose options depend
on it. Such modules import what is slow inside their commands, so that `dwmgrad --help` stays quick. A wheel holds this
package alone; the entry points of layers that are not installed are then left out, and the help and the error for an
unknown command say so.

Exit status: 0 done, 1 the run or the system failed, 2 bad input, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from dwmgrad_ref.cli import installed, show
from dwmgrad_ref.errors import BadInput, BadOption, DwmgradError, UnknownName

HELP = """Reference optimizers on problems with known constants, watched.

Start with [bold]dwmgrad list[/bold], then
[bold]dwmgrad run --problem quadratic-diagonal --rule dwmgrad --steps 1e5 --plot[/bold]
"""


def run_command_line(words: Sequence[str] | None = None) -> int:
    """Run one command line (default: this process's) and return its exit status."""
    words = sys.argv[1:] if words is None else list(words)
    try:
        application(words)(args=list(words), prog_name="dwmgrad")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if os.environ.get("DWMGRAD_DEBUG"):
            raise
        complain(_message(error))
        return 2 if isinstance(error, BadInput | BadOption | UnknownName) else 1
    return 0


def _message(error: Exception) -> str:
    if isinstance(error, DwmgradError | OSError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and (advice := installed.how_to_install(error.name or "")):
        return advice
    # A mistake in a rule's file, say, or one of ours: without the traceback the user cannot tell.
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first} (unexpected; DWMGRAD_DEBUG=1 shows where)"


def application(words: Sequence[str]) -> typer.Typer:
    """The typer application with every subcommand that this command line may need."""
    present, absent = installed.layers()
    app = typer.Typer(
        help=HELP, epilog=installed.needs_checkout(absent) if absent else None, no_args_is_help=True,
        rich_markup_mode="rich", pretty_exceptions_enable=False, cls=_group(absent),
    )  # fmt: skip
    show.register(app, words)
    ours = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    if not words or words[0] not in ours:  # a command of this package needs no other layer
        for entry in present:
            entry.load()(app, words)
    return app


def _group(absent: Sequence[str]) -> type[TyperGroup]:
    """The class of the application: an unknown command is an error that names the layers that are not installed."""

    class Commands(TyperGroup):
        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            if absent and args and self.get_command(ctx, args[0]) is None:
                raise BadInput(f"no command is called {args[0]!r} here. {installed.needs_checkout(absent)}")
            return super().resolve_command(ctx, args)

    return Commands


def complain(message: str) -> None:
    """One line on stderr, as every error here is told."""
    print(f"Error: {message}", file=sys.stderr)
