"""What goes wrong, said once: what was given, what was expected, what to do."""

import difflib
from collections.abc import Iterable


class DwmgradError(Exception):
    """Base of every error a user can cause; the command line prints it without a traceback."""


class UnknownName(DwmgradError, LookupError):
    """A rule, problem, observer, option or figure that does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]):
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(known)}"
        super().__init__(f"no {kind} is called {name!r}; {hint}")


class BadOption(DwmgradError, ValueError):
    """An option outside its allowed range; the message names the value and the range."""


class BadInput(DwmgradError, ValueError):
    """An argument of the wrong shape, type or sign."""


class MissingData(DwmgradError, LookupError):
    """A data set that is neither where it was looked for nor to be had; the message says where and what to do."""


class DamagedFile(DwmgradError):
    """A file that is not as it was written; the message names it and says what to do."""


class TraceError(DwmgradError):
    """A trace or checkpoint file that is cut, damaged or of another run."""
