"""Equations of Word (OMML) and OpenDocument (MathML) → one line of text: « R = (a + b)/2 × S² ».

Only what a line can carry: a matrix becomes rows between brackets. This module computes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from index.loaders.office.package import M
from index.loaders.symbols import RAISE

MATHML = "{http://www.w3.org/1998/Math/MathML}"

_RAISED = RAISE | str.maketrans("+-−=()n", "⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def omml(element: Any) -> str:
    """The text of an equation of Word, or of a part of one."""
    name = element.tag.removeprefix(M)
    return _OMML.get(name, _inside)(element)


def mathml(element: Any) -> str:
    """The text of a MathML equation, or of a part of one."""
    if not isinstance(element.tag, str):
        return ""
    name = element.tag.removeprefix(MATHML)
    if name in {"annotation", "annotation-xml", "mphantom"}:
        return ""
    if name in {"mi", "mn", "mo", "mtext"}:
        text = " ".join((element.text or "").split())
        return f" {text} " if name == "mo" and text in _SPACED else text
    parts = [mathml(child) for child in element]
    return _MATHML.get(name, "".join)(parts)


_SPACED = frozenset("= + - − × · ⋅ ÷ ≤ ≥ < > ≠ ≈ ±".split())


def _inside(element: Any) -> str:
    return "".join(omml(child) for child in element if isinstance(child.tag, str))


def _of(element: Any, name: str) -> str:
    child = element.find(f"{M}{name}")
    return "" if child is None else _inside(child).strip()


def _grouped(text: str) -> str:
    """Parentheses around what would read otherwise: « (a + b)/2 »."""
    return text if re.fullmatch(r"[^\W_]*(?:[.,]\d+)?|\([^()]*\)", text) else f"({text})"


def _fraction(over: str, under: str) -> str:
    return f"{_grouped(over.strip())}/{_grouped(under.strip())}"


def _script(base: str, below: str = "", above: str = "") -> str:
    """Signs set lower and higher; as such when they exist (« S² »), else « x_i », « x^(n + 1) »."""

    def set_as(text: str, signs: dict[int, int], mark: str) -> str:
        tight = text.replace(" ", "")
        return tight.translate(signs) if all(ord(sign) in signs for sign in tight) else mark + _grouped(text)

    base = base.strip()
    base = base if len(base) < 2 or base.isalnum() else _grouped(base)
    return base + set_as(below.strip(), _LOWERED, "_") + set_as(above.strip(), _RAISED, "^")


def _root(content: str, degree: str = "") -> str:
    return (degree.translate(_RAISED) if degree else "") + f"√({content.strip()})"


def _property(element: Any, name: str, default: str) -> str:
    """A setting of an element, such as the sign of a sum."""
    found = element.find(f"{M}{element.tag.removeprefix(M)}Pr/{M}{name}")
    return default if found is None else found.get(f"{M}val", "")


def _delimited(element: Any) -> str:
    parts = [_inside(part).strip() for part in element.iterchildren(f"{M}e")]
    return _property(element, "begChr", "(") + _property(element, "sepChr", "|").join(parts) + _property(element, "endChr", ")")


def _summed(element: Any) -> str:
    return f"{_script(_property(element, 'chr', '∫'), _of(element, 'sub'), _of(element, 'sup'))} {_of(element, 'e')}"


def _matrix(element: Any) -> str:
    rows = (", ".join(_inside(cell).strip() for cell in row) for row in element.iterchildren(f"{M}mr"))
    return f"[{' ; '.join(rows)}]"


_OMML: dict[str, Callable[[Any], str]] = {
    "t": lambda e: e.text or "",
    "f": lambda e: _fraction(_of(e, "num"), _of(e, "den")),
    "sSup": lambda e: _script(_of(e, "e"), "", _of(e, "sup")),
    "sSub": lambda e: _script(_of(e, "e"), _of(e, "sub")),
    "sSubSup": lambda e: _script(_of(e, "e"), _of(e, "sub"), _of(e, "sup")),
    "rad": lambda e: _root(_of(e, "e"), _of(e, "deg")),
    "d": _delimited,
    "nary": _summed,
    "func": lambda e: f"{_of(e, 'fName')} {_of(e, 'e')}",
    "limLow": lambda e: _script(_of(e, "e"), _of(e, "lim")),
    "limUpp": lambda e: _script(_of(e, "e"), "", _of(e, "lim")),
    "m": _matrix,
    "eqArr": lambda e: "\n".join(_inside(line).strip() for line in e.iterchildren(f"{M}e")),
    "oMathPara": lambda e: "\n".join(_inside(line).strip() for line in e.iterchildren(f"{M}oMath")),
}


def _two(compose: Callable[..., str]) -> Callable[[list[str]], str]:
    return lambda parts: compose(*parts[:2]) if len(parts) > 1 else "".join(parts)


_MATHML: dict[str, Callable[[list[str]], str]] = {
    "mfrac": _two(_fraction),
    "msup": _two(lambda base, above: _script(base, "", above)),
    "mover": _two(lambda base, above: _script(base, "", above)),
    "msub": _two(_script),
    "munder": _two(_script),
    "msubsup": lambda parts: _script(*parts[:3]),
    "munderover": lambda parts: _script(*parts[:3]),
    "msqrt": lambda parts: _root("".join(parts)),
    "mroot": _two(_root),
    "mfenced": lambda parts: f"({' ; '.join(parts)})",
    "mtr": lambda parts: ", ".join(part.strip() for part in parts),
    "mtable": lambda parts: f"[{' ; '.join(parts)}]",
}
