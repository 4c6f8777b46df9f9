"""The command `dwmgrad`: the commands of this package, and those that the layers above register."""

from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> int:
    """Run one command line (default: this process's) and return its exit status; see `application`."""
    from dwmgrad_ref.cli.application import run_command_line  # typer is imported when a command line is run

    return run_command_line(words)
