"""Pages as pictures, and rectangles that really cover the words they mark."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image

from index.document import Document
from index.errors import PageUnavailable
from index.french import sentences
from index.loaders import load
from index.page_rendering import Rectangle, is_drawn, pages_of, picture, rectangles, size
from index.workers import shared

BULLETIN = Path(__file__).parents[1] / "data" / "bulletin.pdf"


@pytest.fixture(scope="module")
def document() -> Document:
    return load(BULLETIN, "bulletin.pdf")


def under(file: Path, document: Document, start: int, end: int) -> str:
    """The text that PDFium finds under the rectangles of a span, page after page."""
    found = []
    for number in pages_of(document, start, end):
        shares = rectangles(file, document, start, end, number)
        with pdfium.PdfDocument(file) as pdf:
            width, height = pdf[number - 1].get_size()
            text = pdf[number - 1].get_textpage()
            for share in shares:
                left, top = share.left * width, (1 - share.top) * height
                found.append(text.get_text_bounded(left, top - share.height * height, left + share.width * width, top))
    return " ".join(found)


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def test_rectangles_cover_every_sentence_and_nothing_else(document):
    spans = sentences(document.text)
    assert len(spans) > 5
    for start, end in spans:
        assert letters(under(BULLETIN, document, start, end)) == letters(document.text[start:end])


def test_a_part_of_a_line_is_marked_as_a_part(document):
    start = document.text.index("1,2 million")
    (whole,) = rectangles(BULLETIN, document, start - 5, start + 20, 1)
    (part,) = rectangles(BULLETIN, document, start, start + len("1,2 million"), 1)
    assert part.width < whole.width < 1 and part.left > whole.left
    assert letters(under(BULLETIN, document, start, start + len("1,2 million"))) == "12million"


def test_shares_stay_on_the_page_and_other_pages_have_none(document):
    for number in range(1, document.page_count + 1):
        for share in rectangles(BULLETIN, document, 0, len(document.text), number):
            assert 0 <= share.left < share.left + share.width <= 1 and 0 <= share.top < share.top + share.height <= 1
    assert rectangles(BULLETIN, document, 0, 5, 2) == () and pages_of(document, 0, 0) == ()


def test_a_page_is_a_picture_of_its_shape(document):
    drawn = Image.open(io.BytesIO(picture(BULLETIN, 1)))
    assert drawn.format == "PNG" and drawn.size == size(BULLETIN, 1) == (1190, 1684)
    assert drawn.convert("L").getextrema()[0] < 100  # something is printed
    assert is_drawn(document) and not is_drawn(Document("a.md", "A", "texte"))


def rewritten(tmp_path: Path, name: str, change) -> tuple[Path, Document]:
    """The sample file changed by PDFium, read again by the loader."""
    file = tmp_path / name
    with pdfium.PdfDocument(BULLETIN) as pdf:
        for page in pdf:
            change(page)
        pdf.save(file)
    return file, load(file, name)


def first_words(file: Path, document: Document) -> Rectangle:
    start = document.text.index("La commune de Vallon")
    (found,) = rectangles(file, document, start, start + len("La commune de Vallon"), 1)
    return found


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_rotated_page_is_marked_as_it_is_drawn(tmp_path, angle):
    file, document = rewritten(tmp_path, "tournee.pdf", lambda page: page.set_rotation(angle))
    there, here = first_words(BULLETIN, load(BULLETIN, "bulletin.pdf")), first_words(file, document)
    turned = {
        90: (1 - there.top - there.height, there.left, there.height, there.width),
        180: (1 - there.left - there.width, 1 - there.top - there.height, there.width, there.height),
        270: (there.top, 1 - there.left - there.width, there.height, there.width),
    }[angle]
    assert (here.left, here.top, here.width, here.height) == pytest.approx(turned, abs=1e-3)


def test_a_cropped_page_is_marked_as_it_is_drawn(tmp_path):
    file, document = rewritten(tmp_path, "rognee.pdf", lambda page: page.set_cropbox(40, 300, 555, 830))
    there, here = first_words(BULLETIN, load(BULLETIN, "bulletin.pdf")), first_words(file, document)
    assert here.left == pytest.approx((there.left * 595 - 40) / 515, abs=2e-3)
    assert here.top == pytest.approx((there.top * 842 - 12) / 530, abs=2e-3)


def test_a_poster_is_drawn_smaller(tmp_path):
    file, _ = rewritten(tmp_path, "affiche.pdf", lambda page: page.set_mediabox(0, 0, 8000, 8000))
    width, height = Image.open(io.BytesIO(picture(file, 1))).size
    assert (width, height) == size(file, 1)
    assert width == height and 3_500_000 < width * height <= 4_100_000


def test_what_cannot_be_drawn_is_told(tmp_path):
    broken = tmp_path / "casse.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing")
    for file, number in ((broken, 1), (tmp_path / "absent.pdf", 1), (BULLETIN, 0), (BULLETIN, 99)):
        with pytest.raises(PageUnavailable):
            picture(file, number)


def test_many_readers_at_once_get_the_same_pages(document):
    picture.cache_clear()
    with ThreadPoolExecutor(8) as readers:
        loaded = [readers.submit(shared().run, load, BULLETIN, "bulletin.pdf") for _ in range(8)]
        drawn = list(readers.map(lambda n: picture(BULLETIN, 1 + n % document.page_count), range(24)))
        placed = list(readers.map(lambda _: rectangles(BULLETIN, document, 0, 40, 1), range(24)))
    assert all(job.result() == document for job in loaded)
    assert len(set(drawn)) == document.page_count and len(set(placed)) == 1
