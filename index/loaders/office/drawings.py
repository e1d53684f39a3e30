"""Charts, diagrams and described pictures of office files → lines of text.

A chart says the values that its file keeps beside the picture: « Visiteurs par semaine — 2025 : 1130 ». This module
does not read the embedded workbook that a chart was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from index.cleaning import one_line
from index.loaders.office.package import CHART, CHART_EX, DIAGRAM, SHEET_DRAWING, A, choose_alternatives
from index.loaders.sheets.number_format import GENERAL, shown_number

_CATEGORIES = f"{CHART}cat", f"{CHART}xVal"
_VALUES = f"{CHART}val", f"{CHART}yVal"


MIN_WORDS = 4  # of a description; fewer name a picture (« Logo de la ville ») and say nothing


def described(text: str) -> str:
    """What the author wrote of a picture, or an empty string.

    What Office guesses by itself it parts from its own notice by a blank line: that is no one's word.
    """
    return "" if "\n\n" in text.replace("\r", "") or len(text.split()) < MIN_WORDS else one_line(text)


def box_texts(root: Any) -> list[str]:
    """The texts of the boxes drawn on a sheet of Excel, one each."""
    choose_alternatives(root)
    shapes = [
        shape
        for shape in root.iter(f"{SHEET_DRAWING}sp")
        if all(one.get("hidden") not in {"1", "true"} for one in shape.iter(f"{SHEET_DRAWING}cNvPr"))
    ]
    texts = (
        "\n".join(filter(None, (one_line("".join(t.text or "" for t in p.iter(f"{A}t"))) for p in shape.iter(f"{A}p"))))
        for shape in shapes
    )
    return [text for text in texts if text]


def chart_lines(root: Any) -> list[str]:
    """The title of a chart, then a line a value, with its series and its category."""
    lines = [one_line(_rich_text(root.find(f"{CHART}chart/{CHART}title")))]
    for series in root.iter(f"{CHART}ser"):
        tx = series.find(f"{CHART}tx")
        name = "" if tx is None else one_line(" ".join(e.text or "" for e in tx.iter(f"{CHART}v")))
        lines += series_lines(name, _categories(series), _points(_first(series, _VALUES)))
    for data in root.iter(f"{CHART_EX}data"):
        lines += series_lines("", *(_dimension(data, f"{CHART_EX}{kind}Dim") for kind in ("str", "num")))
    return [line for line in lines if line]


def series_lines(name: str, categories: dict[int, str], values: dict[int, str]) -> list[str]:
    """« Série — catégorie : valeur », by position."""
    told = ((categories.get(i, ""), value) for i, value in values.items() if value)
    return [" — ".join(filter(None, (name, " : ".join(filter(None, pair))))) for pair in told]


def _first(parent: Any, names: Sequence[str]) -> Any | None:
    return next((e for name in names if (e := parent.find(name)) is not None), None)


def _categories(series: Any) -> dict[int, str]:
    """The name of each place; that of a group stands before the names it holds (« 2025 T1 »)."""
    found = _first(series, _CATEGORIES)
    levels = [] if found is None else list(found.iter(f"{CHART}lvl"))
    if not levels:
        return _points(found)
    names = _points(levels[0])
    for level in levels[1:]:
        group = _points(level)
        starts = sorted(group)
        for i in names:
            above = [start for start in starts if start <= i]
            names[i] = f"{group[above[-1]]} {names[i]}" if above else names[i]
    return names


def _points(parent: Any | None) -> dict[int, str]:
    """Place → the saved text of a series, numbers as the chart shows them."""
    if parent is None:
        return {}
    form = next((e.text or "" for e in parent.iter(f"{CHART}formatCode")), "")
    numeric = next(parent.iter(f"{CHART}numCache", f"{CHART}numLit"), None) is not None
    points: dict[int, str] = {}
    for point in parent.iter(f"{CHART}pt"):
        text = one_line(point.findtext(f"{CHART}v") or "")
        points[_index(point)] = shown_value(text, point.get("formatCode") or form) if numeric else text
    return points


def _dimension(data: Any, name: str) -> dict[int, str]:
    form = next((level.get("formatCode", "") for level in data.iter(f"{CHART_EX}lvl")), "")
    points = (point for dimension in data.iter(name) for point in dimension.iter(f"{CHART_EX}pt"))
    return {_index(p): shown_value(p.text or "", form) if name.endswith("numDim") else one_line(p.text or "") for p in points}


def _index(point: Any) -> int:
    index = point.get("idx", "0")
    return int(index) if index.isdigit() else 0


def shown_value(text: str, form: str = "") -> str:
    """A saved number as the chart shows it: « 0.25 » in per cent → « 25 % »."""
    try:
        return shown_number(Decimal(text), form or GENERAL)
    except InvalidOperation:
        return text


def _rich_text(element: Any | None) -> str:
    if element is None:
        return ""
    texts = [e.text or "" for e in element.iter(f"{A}t")] or [e.text or "" for e in element.iter(f"{CHART}v")]
    return "".join(texts)


# ----------------------------------------------------------------------------------------- diagrams


def diagram_lines(root: Any) -> list[str]:
    """The texts of a diagram (SmartArt) in their order, each level after the one that holds it."""
    points = {p.get("modelId"): p for p in root.iter(f"{DIAGRAM}pt")}
    below: dict[str | None, list[tuple[int, str | None]]] = {}
    for link in root.iter(f"{DIAGRAM}cxn"):
        if link.get("type", "parOf") == "parOf":
            order = link.get("srcOrd", "0")
            below.setdefault(link.get("srcId"), []).append((int(order) if order.isdigit() else 0, link.get("destId")))
    roots = [identifier for identifier, point in points.items() if point.get("type") == "doc"]
    ordered = dict.fromkeys(_downward(roots, below)) or dict.fromkeys(points)
    texts = (_paragraphs(points[i]) for i in ordered if i in points)
    return [text for text in texts if text]


def _downward(roots: Iterable[str | None], below: dict[str | None, list[tuple[int, str | None]]]) -> Iterator[str | None]:
    """The points of a diagram, each followed by those that it holds."""
    waiting, seen = list(roots)[::-1], set[str | None]()
    while waiting:
        identifier = waiting.pop()
        if identifier not in seen:
            seen.add(identifier)
            yield identifier
            waiting += [child for _, child in sorted(below.get(identifier, []), key=lambda pair: pair[0], reverse=True)]


def _paragraphs(point: Any) -> str:
    text = point.find(f"{DIAGRAM}t")
    paragraphs = [] if text is None else text.iter(f"{A}p")
    return "\n".join(filter(None, (one_line("".join(t.text or "" for t in p.iter(f"{A}t"))) for p in paragraphs)))
