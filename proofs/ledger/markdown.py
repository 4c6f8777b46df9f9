"""Plain mathematics inside Markdown: `*`, `_` and `<` of a formula are signs, not markup."""

import re

CODE = re.compile(r"(`[^`]*`)")
# `_` between letters and digits is no markup; neither is `<` before a space, `[` alone or `&` before one.
MARKUP = re.compile(r"[\\*~$]|(?<![0-9A-Za-z])_|<(?=[A-Za-z/!?])|\](?=[(\[:])|&(?=[A-Za-z#])")


def kept(text: str) -> str:
    """Markdown that shows `text` as it is; code spans in it stay code spans."""
    parts = CODE.split(text)
    return "".join(part if CODE.fullmatch(part) else MARKUP.sub(r"\\\g<0>", part) for part in parts)


def cell(text: str) -> str:
    """The same inside a table, where `|` ends a cell."""
    return kept(text).replace("|", "\\|")
