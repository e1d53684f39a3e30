"""Accordions and tabs → <details>: the name of each panel becomes the title of what it opens.

One form for many markups (ARIA, Bootstrap, jQuery UI, buttons before their panels), so that the rest
of the reading knows <details> only. What a control opens is content, whether folded or not when the
page was saved. This module does not look for dialogs and menus: they serve the site.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile

from lxml.html import HtmlElement

from index.cleaning import is_chrome, one_line
from index.loaders.html.style import StyledElements

_CONTROL = "ancestor-or-self::*[@aria-controls or @aria-expanded or @role='tab' or @role='button'][1]"
_OPENING = frozenset({"collapse", "tab", "pill", "accordion", "list"})  # values of data-toggle (Bootstrap)
_NO_PANEL = frozenset({"body", "main", "html", "nav", "dialog", "form", "menu", "select", "input", "datalist", "table", "tr"})
_NO_PANEL_ROLES = frozenset({"dialog", "alertdialog", "menu", "menubar", "listbox", "navigation", "tooltip", "search", "tablist"})
_FIELDS = frozenset({"input", "select", "textarea", "option"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PANEL_TAGS = frozenset({"div", "section", "dd", "ul", "ol", "p", "article", "table"})
# How the libraries of accordions call their parts, when no attribute says it.
_ACCORDION = re.compile(r"accord[ie]on|collaps|toggle|faq|expand", re.IGNORECASE)
MAX_NAME = 200  # characters of a panel's name; a longer text is content


def open_panels(body: HtmlElement, styles: StyledElements) -> None:
    """Turn the panels of a page and the controls that name them into <details>."""
    pairs = list(_pairs(body))
    names = Counter(name for name, _ in {(_name(control), panel) for control, panel in pairs})
    opened: set[HtmlElement] = set()
    for control, panel in pairs:
        name = _name(control)
        # « Lire la suite », or a name that several panels share, names nothing.
        says = bool(re.search(r"[^\W\d_]", name)) and not is_chrome(name) and names[name] == 1
        if panel not in opened:
            _reveal(panel, styles)
            if says:
                _as_details(panel, name, next((above.tag[1] for above in control.iterancestors(*_HEADINGS)), ""))
                opened.add(panel)
        if panel in opened:
            _remove(control)


def _name(control: HtmlElement) -> str:
    return one_line(control.text_content())


def _reveal(panel: HtmlElement, styles: StyledElements) -> None:
    for attribute in ("hidden", "aria-hidden", "style", "role"):
        panel.attrib.pop(attribute, None)
    styles.hidden.discard(panel)


def _as_details(panel: HtmlElement, name: str, level: str) -> None:
    """Make a panel a <details> with this name; `level` is that of the heading its control stands in, if any."""
    if panel.tag in _HEADINGS or panel.tag in {"p", "ul", "ol", "table"}:
        inside, panel = panel, panel.makeelement("details")
        inside.addprevious(panel)
        panel.tail, inside.tail = inside.tail, None
        panel.append(inside)
    panel.tag = "details"
    summary = panel.makeelement("summary")
    summary.text, summary.tail = name, panel.text
    if level:
        summary.set("aria-level", level)
    panel.text = None
    panel.insert(0, summary)


def _remove(control: HtmlElement) -> None:
    """Drop a control, with the heading, the term or the list item that holds nothing else."""
    around = control
    while (above := around.getparent()) is not None and above.tag in (*_HEADINGS, "dt", "li", "ul", "ol", "label"):
        if one_line(above.text_content()) != one_line(around.text_content()):
            break
        around = above
    if around.getparent() is not None:
        around.drop_tree()


# ---------------------------------------------------------------------------- who opens what


def _pairs(body: HtmlElement) -> Iterator[tuple[HtmlElement, HtmlElement]]:
    """(control, panel), in the order of the page; a control opens one panel."""
    by_id = {element.get("id"): element for element in body.iter() if isinstance(element.tag, str) and element.get("id")}
    seen: set[HtmlElement] = set()
    for find in (_by_attribute, _by_links, _by_labels, _by_place):
        for control, panel in find(body, by_id):
            if control not in seen and _fits(control, panel):
                seen.add(control)
                yield control, panel


def _fits(control: HtmlElement, panel: HtmlElement) -> bool:
    if panel.tag in _NO_PANEL or panel.get("role") in _NO_PANEL_ROLES or control.tag in _FIELDS:
        return False
    apart = panel not in control.iterancestors() and control not in panel.iterancestors() and panel is not control
    return apart and len(_name(control)) <= MAX_NAME and bool(panel.text_content().strip())


ControlledPanels = Iterator[tuple[HtmlElement, HtmlElement]]


def _by_attribute(body: HtmlElement, by_id: dict[str, HtmlElement]) -> ControlledPanels:
    """`aria-controls`, Bootstrap's `data-bs-target`, or `aria-labelledby` of a tab's panel."""
    for control in body.xpath(".//*[@aria-controls or @data-toggle or @data-bs-toggle or @role='tab']"):
        kind = control.get("data-bs-toggle") or control.get("data-toggle") or ""
        target = control.get("data-bs-target") or control.get("data-target") or control.get("href") or ""
        opens = kind in _OPENING or control.get("role") == "tab"
        said = control.get("aria-controls") or (target.rpartition("#")[2] if opens else "")
        if (panel := by_id.get(said)) is not None:
            yield control, panel
    for panel in body.xpath(".//*[@role='tabpanel' or @role='region'][@aria-labelledby]"):
        named = by_id.get(panel.get("aria-labelledby"))
        if named is not None and (control := next(iter(named.xpath(_CONTROL)), None)) is not None:
            yield control, panel


def _by_links(body: HtmlElement, by_id: dict[str, HtmlElement]) -> ControlledPanels:
    """A list of links, each to one of the untitled boxes that follow it: tabs of jQuery UI."""
    for links in body.iter("ul", "ol"):
        items = [child for child in links if child.tag == "li"]
        anchors = [a for item in items for a in item.iter("a") if "#" in (a.get("href") or "")]
        panels = [by_id.get(a.get("href").partition("#")[2]) for a in anchors]
        if len(items) < 2 or len(anchors) != len(items) or any(panel is None for panel in panels):
            continue
        boxes = [panel for panel in panels if panel is not None]
        alike = len({box.getparent() for box in boxes}) == 1 and all(box.tag in {"div", "section"} for box in boxes)
        titled = any(True for box in boxes for _ in box.iter(*_HEADINGS))
        only_links = "".join(links.text_content().split()) == "".join("".join(a.text_content() for a in anchors).split())
        if alike and not titled and only_links:
            yield from zip(anchors, boxes, strict=True)


def _by_labels(body: HtmlElement, by_id: dict[str, HtmlElement]) -> ControlledPanels:
    """Panels without scripts, as many as the labels of boxes to tick beside them: tabs first, or each before its own."""
    for parent in dict.fromkeys(label.getparent() for label in body.iter("label")):
        first = next((label for label in parent.iterchildren("label") if _ticks(by_id.get(label.get("for")))), None)
        if first is not None:
            run = list(takewhile(lambda one: one.tag in {"input", "label", "div", "section"}, [first, *first.itersiblings()]))
            labels = [one for one in run if one.tag == "label"]
            boxes = [one for one in run if one.tag in {"div", "section"}]
            yield from zip(labels, boxes, strict=True) if len(labels) == len(boxes) else ()


def _ticks(field: HtmlElement | None) -> bool:
    return field is not None and field.get("type") in {"checkbox", "radio"}


def _by_place(body: HtmlElement, by_id: dict[str, HtmlElement]) -> ControlledPanels:
    """A button, or what a class calls the title of an accordion, just before the box that it opens."""
    candidates = [element for element in body.iter() if isinstance(element.tag, str) and _following_box(element) is not None]
    kin = Counter((element.tag, element.get("class")) for element in candidates)
    for control in candidates:
        box = _following_box(control)
        is_button = control.tag == "button" or control.get("role") == "button" or control.get("aria-expanded") is not None
        named = bool(_ACCORDION.search(control.get("class") or "")) and control.tag not in _HEADINGS
        plain = not any(True for _ in control.iterdescendants("p", "div", "ul", "ol", "table"))
        repeated = kin[control.tag, control.get("class")] > 1
        if box is not None and plain and ((is_button and (named or repeated)) or (named and control.getprevious() is None)):
            yield control, box


def _following_box(element: HtmlElement) -> HtmlElement | None:
    """The box just after an element, unless fields of a form stand in it."""
    box = element.getnext()
    if box is None or box.tag not in _PANEL_TAGS or element.tag in _PANEL_TAGS - {"div", "p"} or (element.tail or "").strip():
        return None
    if element.tag == box.tag and element.get("class") == box.get("class"):
        return None
    return box if not any(True for _ in box.iter(*_FIELDS)) else None
