"""Superscripts and footnotes of a page: marks leave the text, notes come next to what calls them.

A mark glued to a number makes another number (« 15 000² » read 150002), and a note at the end of
a page is far from what it corrects. Powers (m²) and ordinals (1er) stay. This module knows the marks
of browsers, LibreOffice, Word, Google Docs and wikis by what they share: a link to a note, or
the same raised mark at the head of a paragraph.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from index.cleaning import one_line
from index.loaders.html.style import StyledElements
from index.loaders.symbols import RAISE

_ONE_MARK = r"\d{1,3}|[a-z]|[ivx]{1,5}|[*†‡§]{1,4}|(?<=\[)[a-z]{1,3}\d{1,3}(?=\])"  # the last: a comment of Word, [AB1]
_MARK = re.compile(rf"[\[(]?(?:{_ONE_MARK})[\])]?(?:\s*[,;]\s*[\[(]?\d{{1,3}}[\])]?)*", re.IGNORECASE)
_BRACKETED = re.compile(r"[\[(].*[\])]")
_BACK = re.compile(r"[^\w\s]{0,3}|\W*(?:\d{1,3}|[a-z]|[A-Z]{1,3}\d{1,3})\W*")  # « ↩ », « ^ », « [1] »: the way back to the mark
# What the anchors of notes are called by those who make them: fn1, ftn1, ftnt1, sdfootnote1sym, cite_note-1.
_NOTE_ANCHOR = re.compile(r"fn|ftn|note|cite|endn", re.IGNORECASE)
_BLOCK_TAGS = (
    "p",
    "li",
    "dd",
    "dt",
    "td",
    "th",
    "div",
    "aside",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "caption",
    "summary",
    "figcaption",
    "blockquote",
    "section",
    "body",
)
_COMMENT_ANCHOR = re.compile(r"_?(?:msocom|cmnt)")  # of Word and Google Docs
_NEAR = 60  # characters before a mark that tell what it is
_BREAK = "\v"  # stands for <br>
_SUPERSCRIPTS = RAISE | str.maketrans("+-−–n", "⁺⁻⁻⁻ⁿ")
_EXPONENT = re.compile(r"[+\-−–n\d]{1,4}")
# What only a mark can be: brackets, stars, series of numbers, letters that end no ordinal or abbreviation.
_MARK_ONLY = re.compile(r"[\[(].*[\])]|[*†‡§]+|\d{1,3}(?:\s*[,;]\s*\d{1,3})+|[abcfgijk]")


def settle_notes(body: HtmlElement, styles: StyledElements) -> None:
    """Take note marks out of a page, bring each note after what calls it, write powers as powers."""
    marked = {element for element in body.iter("sup")} | {element for element in styles.raised if body in element.iterancestors()}
    raised = [element for element in body.iter() if element in marked and marked.isdisjoint(element.iterancestors())]
    notes = _linked_notes(body) | _marked_notes(raised)
    last: dict[HtmlElement, HtmlElement] = {}  # what calls → the note put after it last
    calls: dict[HtmlElement, HtmlElement] = {}  # note → the first mark that calls it
    for mark, note in notes.items():
        calls.setdefault(note, mark)
    for note, mark in calls.items():
        _bring(note, _block(mark), last)
    comments = {note for mark, note in notes.items() if _COMMENT_ANCHOR.match(_fragment(mark))}
    for mark in notes:
        _clear(mark)
    for note in calls:
        _free_of_its_mark(note)
        if note in comments:
            _call_comment(note)
    for element in raised:
        if element.getparent() is not None and body in element.iterancestors():
            _flatten(element)


def _fragment(link: HtmlElement) -> str:
    """The place in a page that a link leads to: browsers save it after the whole address."""
    return (link.get("href") or "").partition("#")[2]


def _block(element: HtmlElement) -> HtmlElement:
    return next(above for above in element.iterancestors() if above.tag in _BLOCK_TAGS or above.getparent() is None)


# ------------------------------------------------------------------------------- which note


def _linked_notes(body: HtmlElement) -> dict[HtmlElement, HtmlElement]:
    """Link that is a mark → the note that it leads to."""
    anchors = {
        name: element
        for element in body.iter()
        if isinstance(element.tag, str)
        for name in (element.get("name"), element.get("id"))
        if name
    }
    found: dict[HtmlElement, HtmlElement] = {}
    for link in body.iter("a"):
        name = _fragment(link)
        target = anchors.get(name)
        if target is None or not _MARK.fullmatch(one_line(link.text_content())):
            continue
        note = target if target.tag in _BLOCK_TAGS else _block(target)
        if _can_move(note) and note not in link.iterancestors() and _is_call(link, name, note) and not _opens(link):
            found[link] = note
    return found


def _is_call(link: HtmlElement, name: str, note: HtmlElement) -> bool:
    """Whether a link is raised, bracketed, led back to by its note, or named as the marks of notes are."""
    raised = any(True for _ in (*link.iterancestors("sup"), *link.iterdescendants("sup")))
    places = {place.get(key) for place in (link, *link.iterancestors("sup", "span")) for key in ("id", "name")} - {None}
    answered = any(_fragment(back) in places for back in note.iter("a"))
    return raised or answered or bool(_NOTE_ANCHOR.search(name) or _BRACKETED.fullmatch(one_line(link.text_content())))


def _marked_notes(raised: list[HtmlElement]) -> dict[HtmlElement, HtmlElement]:
    """Raised mark → the paragraph that opens with the same raised mark."""
    texts = {element: one_line(element.text_content()) for element in raised}
    marks = {element: text.strip("[]()") for element, text in texts.items() if _MARK.fullmatch(text)}
    notes = {text: _block(element) for element, text in marks.items() if _opens(element)}
    calls = {element: notes[text] for element, text in marks.items() if text in notes and not _opens(element)}
    return {element: note for element, note in calls.items() if _can_move(note) and element.find(".//a") is None}


def _can_move(note: HtmlElement) -> bool:
    return note.tag not in {"body", "td", "th"}


def _opens(element: HtmlElement) -> bool:
    """Whether nothing stands before an element on its line."""
    return not _text_before(element).rpartition(_BREAK)[2].strip()


def _text_before(element: HtmlElement) -> str:
    """The text of the paragraph up to an element, its last _NEAR characters or more."""
    text = ""
    block = _block(element)
    while element is not block:
        before = element.getprevious()
        while before is not None and len(text) < _NEAR:
            said = _BREAK if before.tag == "br" else before.text_content() if isinstance(before.tag, str) else ""
            text = said + (before.tail or "") + text
            before = before.getprevious()
        element = element.getparent()
        text = (element.text or "") + text
    return text


# ------------------------------------------------------------------------------- moving notes


def _bring(note: HtmlElement, caller: HtmlElement, last: dict[HtmlElement, HtmlElement]) -> None:
    """Put a note after the paragraph that calls it, or after the whole table for a cell."""
    if note in caller.iterancestors() or note is caller:
        return
    caller = [caller, *caller.iterancestors("table", "dl")][-1]
    after = last.get(caller, caller)
    _detach(note)
    if note.tag == "li":
        note.tag = "div"
    if caller.tag in {"li", "body"}:
        caller.append(note)
    else:
        after.addnext(note)
    last[caller] = note


def _detach(element: HtmlElement) -> None:
    """Take an element out of its place and leave there the text that follows it."""
    tail, element.tail = element.tail, None
    before, parent = element.getprevious(), element.getparent()
    parent.remove(element)
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail


def _call_comment(note: HtmlElement) -> None:
    """Say that a note is what a reader remarked, not what the document says."""
    paragraph = next((part for part in note.iter("p") if part.text_content().strip()), note)
    said = one_line(paragraph.text_content())
    for child in list(paragraph):
        paragraph.remove(child)
    paragraph.text = f"Commentaire : {said}"


def _free_of_its_mark(note: HtmlElement) -> None:
    """Drop the mark that opens a note and the links back to the text."""
    for link in list(note.iter("a")):
        if _fragment(link) and _BACK.fullmatch(one_line(link.text_content())):
            _clear(link)
    for mark in [mark for mark in note.iter("sup") if _opens(mark)]:
        _clear(mark)


def _clear(element: HtmlElement) -> None:
    """Empty an element, and the superscript around it: several marks may share one."""
    around = next(element.iterancestors("sup"), element)
    rest = one_line(around.text_content()).replace(one_line(element.text_content()), "", 1)
    element = around if not re.search(r"[^\W_]", rest) else element
    if element.getparent() is not None:
        _unbracket(element)
        element.drop_tree()


def _unbracket(element: HtmlElement) -> None:
    """Take away the brackets written around a mark: SPIP leaves them out of the link."""
    before, parent = element.getprevious(), element.getparent()
    left = (before.tail if before is not None else parent.text) or ""
    if left.rstrip().endswith("[") and (element.tail or "").lstrip().startswith("]"):
        left = left.rstrip()[:-1].rstrip()
        element.tail = element.tail.lstrip()[1:]
        if before is not None:
            before.tail = left
        else:
            parent.text = left


# ------------------------------------------------------------------------------- superscripts


def _flatten(element: HtmlElement) -> None:
    """Write a superscript in the running text, or drop it when it is a mark whose note is not known."""
    text = one_line(element.text_content())
    shown = _on_the_line(text, _text_before(element), (element.tail or "").lstrip())
    for child in list(element):
        element.remove(child)
    element.text, element.tag = shown, "span"


def _on_the_line(text: str, before: str, after: str) -> str:
    """« m » + 2 → ², « 1 » + er → er, « vitrine » + 1 → nothing, « 12 € » + 50 → 50, « 2 » + n-1 → ⁿ⁻¹."""
    if _MARK_ONLY.fullmatch(text):
        return ""
    if text == "o" and re.search(r"(?:\bn|\d)$", before, re.IGNORECASE):
        return "°"
    if text.isupper() and len(text) > 1:
        return f" {text}"  # 5 € TTC
    exponent = text.replace(" ", "")
    if not _EXPONENT.fullmatch(exponent):
        return text
    raised = exponent.translate(_SUPERSCRIPTS)
    if not exponent.isdigit():
        return raised
    if re.search(r"(?:\d\s?h|€|\d,)$", before):
        return text if len(text) == 2 else ""  # minutes and cents
    cents = len(text) == 2 and before[-1:].isdigit() and after.startswith("€")
    return raised if cents or _is_power(text, before, after) else ""


def _is_power(text: str, before: str, after: str) -> bool:
    """Whether a raised number is a power: of a unit, of ten, of a small number that counts nothing (unlike « 20 » + 3 + %)."""
    word = re.search(r"[^\W\d_]+$", before)
    if word:
        return len(word[0]) <= 2 and text != "1"
    number = re.search(r"(?<![\d.,])(?<!\d )\d{1,2}$", before)
    if number is None:
        return False
    return number[0] == "10" or (text != "1" and not re.match(r"[%€$]|[^\W\d_]", after))
