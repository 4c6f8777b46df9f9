"""Mathematics as HTML: LaTeX of the ledger as MathML, and plain-text formulas with Greek letters and subscripts.

MathML is drawn by the browser itself, so the report needs no script and no font for it.
"""

import html
import re
from functools import cache

from latex2mathml.converter import convert
from markupsafe import Markup

# Signs that mean something in LaTeX or HTML, in text that stands for itself: letters of no script take their places.
STAND_INS = dict(zip("{}<>&", "\ue000\ue001\ue002\ue003\ue004", strict=True))
CONJUNCTION = " ,\\qquad "  # between the parts of a conclusion, as `proofs` prints it
GREEK = dict(
    alpha="α", beta="β", gamma="γ", delta="δ", epsilon="ε", eps="ε", theta="θ", lambda_="λ", mu="μ", omega="ω", rho="ρ",
    tau="τ", Phi="Φ",
)  # fmt: skip
GREEK["lambda"] = GREEK.pop("lambda_")

# A name of several letters is one symbol, not a product; commands and their word arguments stay as they are.
_NAME = re.compile(r"(\\(?:mathrm|operatorname|begin|end|mathbb)\*?\{[^}]*\}|\\[a-zA-Z]+|\\.)|([A-Za-z]{2,})")
# The option alpha whose value is the symbol alpha is named once.
_SAME = re.compile(r"\b(?:alpha|beta1|beta2|gamma|delta|eps|mu) = (\$\\\w+\$)(?=[,;)])")
_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "sqrt": "√"}
_TOKEN = re.compile(
    r"(?P<code>`[^`]*`)|(?P<sign>&lt;=|&gt;=|!=|-&gt;|\bsqrt(?=\())"
    rf"|(?P<base>\b(?:(?:{'|'.join(GREEK)})\d?|[A-Za-z]|Gstar|Gmax|ghat|low|high|free|shift|last))"
    r"(?:_(?:\{(?P<braced>[^{}]*)\}|(?P<low>[A-Za-z0-9])))?(?![A-Za-z0-9_])"
)


@cache
def mathml(latex: str, display: bool = False) -> Markup:
    """A formula as a MathML element; its \\text{...} may hold $...$."""
    parts = []
    for is_text, part in _texts(latex):
        if is_text:
            inner = _dollars(part)
            parts += [_named(p) if i % 2 else rf"\text{{{_bare(p)}}}" for i, p in enumerate(inner) if p]
        else:
            parts.append(_named(part))
    made = convert("".join(parts), display="block" if display else "inline")
    return Markup(_shorter(made))


def _shorter(element: str) -> str:
    """The same element in HTML's spelling: letters as themselves, and nothing that is the default."""
    element = re.sub(r"&#x([0-9A-F]+);", _letter, element)
    element = re.sub(r'<mrow>((?:<mi mathvariant="normal">[^<]</mi>){2,})</mrow>', _symbol, element)
    for sign, stand_in in STAND_INS.items():
        element = element.replace(stand_in, html.escape(sign))
    return element.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "").replace(' display="inline"', "")


def _symbol(found: re.Match[str]) -> str:
    """A name of several letters as one identifier, as it is read aloud."""
    return f"<mi>{re.sub('<[^>]*>', '', found[1])}</mi>"


def _letter(found: re.Match[str]) -> str:
    letter = chr(int(found[1], 16))
    return html.escape(letter, quote=False)


def _named(latex: str) -> str:
    return _NAME.sub(lambda m: m[1] or rf"\mathrm{{{m[2]}}}", latex)


def _bare(text: str) -> str:
    """Text with stand-ins for its signs; `_shorter` brings them back, escaped."""
    return text.translate(str.maketrans(STAND_INS))


def _texts(latex: str) -> list[tuple[bool, str]]:
    """The LaTeX cut at its \\text{...}: (True, what is inside one) and (False, what is between them)."""
    parts, at = [], 0
    while (start := latex.find(r"\text{", at)) >= 0:
        end, depth = start + len(r"\text{"), 1
        while depth:
            depth += {"{": 1, "}": -1}.get(latex[end], 0)
            end += 1
        parts += [(False, latex[at:start]), (True, latex[start + len(r"\text{") : end - 1])]
        at = end
    return [part for part in [*parts, (False, latex[at:])] if part[1]]


def conclusion(latex: str) -> list[Markup]:
    """A conclusion, one element for each part of its conjunction; a part in words becomes a paragraph."""
    found = []
    for part in latex.split(CONJUNCTION):
        cut = _texts(part)
        words = len(cut) == 1 and cut[0][0]
        found.append(Markup("<p>{}</p>").format(mixed(cut[0][1])) if words else scrolled(mathml(part, True)))
    return found


def scrolled(content: Markup) -> Markup:
    """A formula in a box that scrolls sideways where it is wider than the page, also from the keyboard."""
    return Markup('<div class="formula" tabindex="0" role="group" aria-label="formula">{}</div>').format(content)


def mixed(text: str) -> Markup:
    """Markdown-escaped text in which $...$ is LaTeX and the rest may hold plain-text formulas."""
    text = _SAME.sub(r"\1", text)
    shown = [
        mathml(re.sub(r"\\([_*<])", r"\1", p)) if i % 2 else plain(unescaped(p)) for i, p in enumerate(_dollars(text))
    ]
    return Markup("").join(shown)


def _dollars(text: str) -> list[str]:
    """The text cut at its dollar signs, but not at those inside the braces of a formula."""
    parts, depth = [""], 0
    for letter in text:
        if letter == "$" and not depth:
            parts.append("")
            continue
        depth += {"{": 1, "}": -1}.get(letter, 0) if len(parts) % 2 == 0 else 0
        parts[-1] += letter
    return parts


def unescaped(text: str) -> str:
    """Text as it was before it was escaped for Markdown."""
    return re.sub(r"\\([\\`*_{}\[\]()#+.!~$<>&|-])", r"\1", text)


@cache
def plain(text: str) -> Markup:
    """Plain text with its formulas legible: omega_{t+1} <= sqrt(x) as ω with a subscript, ≤ and √; `code` as code."""

    def shown(found: re.Match[str]) -> str:
        if code := found["code"]:
            return f"<code>{code[1:-1]}</code>"
        if sign := found["sign"]:
            return _SIGNS[html.unescape(sign)]
        base, low = found["base"], found["braced"] or found["low"]
        letters = base.rstrip("0123456789")
        low = ",".join(part for part in (base[len(letters) :], low) if part)
        if letters not in GREEK and not low:
            return found[0]
        return GREEK.get(letters, letters) + (f"<sub>{_greek(low)}</sub>" if low else "")

    return Markup(_TOKEN.sub(shown, html.escape(text, quote=False)))


def _greek(text: str) -> str:
    return re.sub(r"[A-Za-z]+", lambda m: GREEK.get(m[0], m[0]), text)
