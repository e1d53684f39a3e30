"""Fields of a page: what a person filled in a form, and the labelled fields of a sheet.

This module does not know which forms serve the site; those have left the page before.
"""

from __future__ import annotations

from lxml.html import HtmlElement

from index.cleaning import one_line

FIELDS = frozenset({"input", "select", "textarea"})
# Types of fields that hold what a person wrote.
_WRITTEN_TYPES = frozenset({"text", "number", "date", "email", "tel", "url", "month", "time"})


def filled(field: HtmlElement) -> str:
    """What a person filled in a field of a form: its text, its choice, its tick."""
    if not any(True for _ in field.iterancestors("form")):
        return ""
    kind = (field.get("type") or "text").lower()
    if field.tag == "select":
        chosen = field.xpath(".//option[@selected]")
        return one_line(chosen[0].text_content()) if chosen else ""
    if kind in {"checkbox", "radio"}:
        return "☒ " if field.get("checked") is not None else "☐ "
    written = field.text if field.tag == "textarea" else field.get("value") if kind in _WRITTEN_TYPES else ""
    return written or ""


def make_definitions(body: HtmlElement) -> None:
    """The fields of Drupal, a label and what follows it, as terms and definitions."""
    for label in body.xpath(".//div[contains(@class, 'field__label') or contains(@class, 'field-label')]"):
        said = label.getnext()
        if said is not None and said.tag == "div" and label.getprevious() is None and label.getparent().tag == "div":
            label.getparent().tag, label.tag, said.tag = "dl", "dt", "dd"
