"""A page of a PDF file → runs of characters on one line, in the page's reading frame.

Characters, spaces and boxes come from PDFium. A run ends at a wide gap, at a ruled line and where the
direction of the text changes. Text that is struck through, hidden or set askew (a watermark) is left
out and said. This module knows nothing of columns, tables or paragraphs.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import sub
from statistics import median
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.cleaning import normalise, shorten_leaders, tidy
from index.loaders.pdf.drawings import Drawings, RuledLine
from index.loaders.pdf.printed import Box, Glyph, PrintedLine
from index.loaders.pdf.visibility import between, is_covered, is_hidden, without_struck
from index.loaders.symbols import RAISE, RAISED, in_symbol_font, is_symbol_font
from index.loaders.text_quality import CODES, sign_of

# How PDFium writes a hyphen that ends a line in the middle of a word.
_LINE_HYPHENS = {0x02, 0xFFFE, 0xAD}
_SIGNS = {0: " ", **{code: sign_of(code) for code in CODES}, **dict.fromkeys(_LINE_HYPHENS, "\u00ad")}
# A gap wider than this many times the line's height parts two cells or two columns.
MAX_GAP = 1.0
WORD_GAP = 1.5  # times the usual gap between letters set apart
ASKEW = 0.1  # radians; a scan is less crooked, a watermark more
BOLD = 600  # the weight of a font, 400 when regular

_BEFORE_RAISED = re.compile(f"(?<=[^ ]) +(?=[{RAISED}])")
# An accent as a sign of its own → the one that joins the letter before it.
_ACCENTS = {"´": "\u0301", "`": "\u0300", "ˆ": "\u0302", "^": "\u0302", "¨": "\u0308", "¸": "\u0327"}
_SET_APART = re.compile(r"\s*[^\W\d_](?: [^\W\d_]){3,}\s*")


class PageRuns(NamedTuple):
    """The runs of a page, the quarters to its reading frame, and what was left out."""

    runs: list[PrintedLine]
    turn: int
    lost: tuple[str, ...]


def read(page: pdfium.PdfPage, drawn: Drawings, struck: Sequence[Box] = ()) -> PageRuns:
    """The runs of a page, top to bottom as the file has them; `struck` are boxes crossed out by annotations."""
    textpage = page.get_textpage()
    try:
        rows = list(_rows(textpage))
        turn = _main_turn(rows)
        turned = drawn.turned(turn)
        walls, floors = sorted(turned.vertical), sorted(turned.horizontal)
        lost: list[str] = []
        visible = Box(*page.get_cropbox())
        runs = []
        for row in rows:
            for part in _parts(row, turn, walls):
                if is_hidden(textpage, part, visible, drawn):
                    continue
                if is_covered(textpage, part, drawn):
                    lost.append("Texte masqué par un aplat non repris")
                    continue
                if part[0].turn is None:
                    lost += [f"Texte en biais « {text} » non repris"] if (text := _text(part)) and text[0].isalnum() else []
                    continue
                kept = without_struck(part, turn, floors, struck)
                lost += ["Texte barré non repris"] if len(kept) < len(part) else []
                runs += [run] if (run := _run(textpage, kept, turn)) else []
    finally:
        textpage.close()
    return PageRuns(runs, turn, tuple(dict.fromkeys(lost)))


# ------------------------------------------------------------------------------- characters → parts


def _rows(textpage: pdfium.PdfTextPage) -> Iterator[list[Glyph]]:
    """The glyphs of each line as PDFium parts them, in the order of the file."""
    row: list[Glyph] = []
    box = pdfium_c.FS_RECTF()
    place, raw = ctypes.byref(box), textpage.raw
    turn: int | None = 0
    floor, edge = 0.0, -1e9  # where the letter before stands and ends
    for i in range(textpage.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(raw, i)
        if code in (0x0A, 0x0D):
            if row:
                yield row
            row = []
            continue
        pdfium_c.FPDFText_GetLooseCharBox(raw, i, place)
        # A letter that begins where the one before ends has its direction; a space goes with that letter too.
        if code != 0x20 and (box.left - edge > 1 or edge - box.left > 1 or box.bottom != floor or turn):
            turn = _turn(pdfium_c.FPDFText_GetCharAngle(raw, i))
        floor, edge = box.bottom, box.right
        text = _SIGNS.get(code) or (_symbol(textpage, i) if 0xF000 <= code <= 0xF0FF else chr(code))
        row.append(Glyph(text, box.left, box.bottom, box.right, box.top, turn, i))
        if code in _LINE_HYPHENS:
            yield row
            row = []
    if row:
        yield row


def _symbol(textpage: pdfium.PdfTextPage, place: int) -> str:
    """What a letter of a symbol font shows: the box of a form, « ☐ » or « ☒ »."""
    letter = chr(pdfium_c.FPDFText_GetUnicode(textpage, place))
    font = re.sub("(?<=[a-z])(?=[0-9])", " ", _font_name(textpage, place).partition("+")[2].partition("-")[0])
    return in_symbol_font(letter, font) or letter if is_symbol_font(font) else letter


def _font_name(textpage: pdfium.PdfTextPage, place: int) -> str:
    """« BCDKEE+Wingdings-Regular »."""
    name = ctypes.create_string_buffer(80)
    pdfium_c.FPDFText_GetFontInfo(textpage, place, name, 80, ctypes.byref(ctypes.c_int()))
    return name.value.decode("latin-1")


def _turn(clockwise: float) -> int | None:
    """PDFium's clockwise angle → quarters of a circle anticlockwise; None when askew."""
    if not clockwise:
        return 0
    quarters = -clockwise / (math.pi / 2)
    return round(quarters) % 4 if abs(quarters - round(quarters)) * math.pi / 2 <= ASKEW else None


def _main_turn(rows: Sequence[Sequence[Glyph]]) -> int:
    turns = Counter(glyph.turn for row in rows for glyph in row if glyph.turn is not None)
    return turns.most_common(1)[0][0] if turns else 0


def _parts(row: Sequence[Glyph], turn: int, walls: Sequence[RuledLine]) -> Iterator[list[Glyph]]:
    """Part a row at wide gaps, at ruled lines (from left to right), and where its direction changes; boxes come turned."""
    part: list[Glyph] = []
    edge: float | None = None  # right edge of the last visible glyph
    for glyph in row:
        glyph = glyph if not glyph.turn else glyph._replace(**glyph.box.turned(glyph.turn)._asdict())
        if not glyph.text.isspace():
            is_next = edge is None or glyph.left <= edge <= glyph.right  # nearly all: no more to ask
            if edge is not None and (glyph.turn != part[0].turn or (not is_next and _is_apart(edge, glyph, turn, walls))):
                yield part
                part = []
            edge = glyph.right
        part.append(glyph)
    if part:
        yield part


def _is_apart(edge: float, glyph: Glyph, turn: int, walls: Sequence[RuledLine]) -> bool:
    if glyph.left - edge > MAX_GAP * max(glyph.height, 1.0) or edge - glyph.right > glyph.height:
        return True
    if not walls or glyph.left <= edge or glyph.turn != turn:
        return False
    middle = (glyph.bottom + glyph.top) / 2
    return any(rule.start <= middle <= rule.end for rule in between(walls, edge - 1, glyph.left + 1))


# ------------------------------------------------------------------------------------ parts → runs


def _run(textpage: pdfium.PdfTextPage, part: Sequence[Glyph], turn: int) -> PrintedLine | None:
    """Glyphs → a run in the page's reading frame; None when nothing is visible."""
    inked = [glyph for glyph in part if not glyph.text.isspace()]
    text = _text(part) if inked else ""
    if not text:
        return None
    _, lefts, bottoms, rights, tops, *_ = zip(*inked, strict=True)
    own = Box(min(lefts), min(bottoms), max(rights), max(tops))
    own_turn = inked[0].turn or 0
    raw = "".join(glyph.text for glyph in part)
    cut = raw.rstrip().endswith("\u00ad") or bool(re.search(r"[^\W\d_]-$", text))
    return PrintedLine(
        text.rstrip("-") if cut else text,
        *own.turned(turn - own_turn),
        height=median(map(sub, tops, bottoms)),
        cut=cut,
        bold=_is_bold(textpage, inked),
        is_turned=own_turn != turn,
    )


def _text(part: Sequence[Glyph]) -> str:
    raw = _set_apart(part) or "".join(glyph.text for glyph in _with_accents(_with_raised_figures(part)))
    return shorten_leaders(tidy(normalise(_BEFORE_RAISED.sub("", raw))))


def _with_accents(part: Sequence[Glyph]) -> Sequence[Glyph]:
    """Join the accents that are printed over their letters: « ´ » then « e » at one place is « é » (LaTeX)."""
    if not any(glyph.text in _ACCENTS for glyph in part):
        return part
    joined: list[Glyph] = []
    for glyph in part:
        before = joined[-1] if joined else None
        if before and before.text in _ACCENTS and glyph.left - 1 <= (before.left + before.right) / 2 <= glyph.right + 1:
            letter = unicodedata.normalize("NFC", glyph.text.replace("ı", "i") + _ACCENTS[before.text])
            joined[-1] = glyph._replace(text=letter) if len(letter) == 1 else before
            joined += [] if len(letter) == 1 else [glyph]
        else:
            joined.append(glyph)
    return joined


def _with_raised_figures(part: Sequence[Glyph]) -> Sequence[Glyph]:
    """Write the figures printed small and high as such: « 80 000² », never « 80 0002 »."""
    inked = [glyph for glyph in part if not glyph.text.isspace()]
    heights = [glyph.height for glyph in inked]
    if not heights or min(heights) > 0.8 * max(heights):
        return part
    usual, floor = median(heights), median(glyph.bottom for glyph in inked)

    def is_raised(glyph: Glyph) -> bool:
        return glyph.height < 0.8 * usual and glyph.bottom > floor + 0.2 * usual

    return [glyph._replace(text=glyph.text.translate(RAISE)) if is_raised(glyph) else glyph for glyph in part]


def _set_apart(part: Sequence[Glyph]) -> str:
    """The words of a title whose letters are set apart (« A I D E  A U X » → « AIDE AUX »); empty for other text.

    PDFium gives one space whatever the gap: words are where the gap is wider than usual.
    """
    if not _SET_APART.fullmatch("".join(glyph.text for glyph in part)):
        return ""
    inked = [glyph for glyph in part if not glyph.text.isspace()]
    gaps = [after.left - before.right for before, after in pairwise(inked)]
    wide = WORD_GAP * median(gaps)
    return inked[0].text + "".join((" " if gap > wide else "") + glyph.text for glyph, gap in zip(inked[1:], gaps, strict=True))


def _is_bold(textpage: pdfium.PdfTextPage, inked: Sequence[Glyph]) -> bool:
    """Whether the first, the middle and the last letter are bold."""
    places = {inked[0].place, inked[len(inked) // 2].place, inked[-1].place}
    return all(pdfium_c.FPDFText_GetFontWeight(textpage, i) >= BOLD or _has_bold_name(textpage, i) for i in places)


def _has_bold_name(textpage: pdfium.PdfTextPage, index: int) -> bool:
    """Standard fonts have no weight: « Helvetica-Bold »."""
    name = _font_name(textpage, index).lower()
    return "bold" in name or "black" in name
