"""Scanned pages made here: what their pictures hold, and what is believed of Tesseract's answers."""

from __future__ import annotations

import pypdfium2 as pdfium
import pytesseract
import pytest
from PIL import Image, ImageDraw

from index.errors import UnreadableDocument
from index.loaders.pdf import loader as pdf
from index.loaders.pdf import ocr, scans

PAGE = (1600, 1200)  # pixels, at 300 dpi


def hocr(*lines: tuple[int, int, str], sure: int = 95) -> bytes:
    """Tesseract's answer for lines at (left, baseline) pixels; letters of 40 pixels, 20 a letter."""

    def line(left: int, base: int, text: str) -> str:
        words, x = "", left
        for word in text.split(" "):
            title = f"bbox {x} {base - 30} {x + 20 * len(word)} {base + 10}; x_wconf {sure}"
            words += f"<span class='ocrx_word' title='{title}'>{word}</span>"
            x += 20 * (len(word) + 1)
        title = f"bbox {left} {base - 30} {x} {base + 10}; baseline 0 -10; x_size 40; x_descenders 8; x_ascenders 9"
        return f"<span class='ocr_line' title='{title}'>{words}</span>"

    return f"<html><body><p>{''.join(line(*each) for each in lines)}</p></body></html>".encode()


@pytest.fixture
def scanned(tmp_path, monkeypatch):
    """Reads scanned pages for which Tesseract gives these answers, or raises these errors."""

    def read(*answers: bytes | Exception, picture: Image.Image | None = None):
        left = list(answers)

        def answer(*_, **__) -> bytes:
            given = left.pop(0)
            if isinstance(given, Exception):
                raise given
            return given

        monkeypatch.setattr(ocr, "missing", lambda: "")
        monkeypatch.setattr(pytesseract, "get_languages", lambda: ["fra"])
        monkeypatch.setattr(pytesseract, "image_to_pdf_or_hocr", answer)
        pages = [picture or Image.new("L", PAGE, 200)] * len(answers)
        pages[0].save(tmp_path / "scan.pdf", resolution=300, save_all=True, append_images=pages[1:])
        return pdf.load(tmp_path / "scan.pdf", "scan.pdf")

    return read


def test_a_scan_is_read_and_its_figures_are_said_to_be_checked(scanned):
    document = scanned(hocr((300, 500, "Le loyer est de 290 euros"), (300, 550, "par mois.")))
    assert document.text == "Le loyer est de 290 euros par mois." and document.unreadable_pages == ()
    assert document.remarks == (f"{ocr.RECOGNISED} : page 1.",)
    assert document.lines[0].left == pytest.approx(300 * 72 / 300, abs=0.1)


def test_a_page_whose_words_are_doubted_is_not_read(scanned):
    with pytest.raises(UnreadableDocument, match="numérisée"):
        scanned(hocr((300, 500, "xIq Tr lU pq"), sure=30))


def test_a_page_that_takes_too_long_is_named_and_the_others_are_read(scanned):
    document = scanned(RuntimeError("Tesseract process timeout"), hocr((300, 500, "Le bail dure six ans.")))
    assert document.text == "Le bail dure six ans." and document.unreadable_pages == (1,)
    assert f"{ocr.TOO_LONG} : page 1." in document.remarks


def test_pages_past_the_time_of_a_file_are_named(scanned, monkeypatch):
    monkeypatch.setattr(ocr, "FILE_SECONDS", 1e-9)
    document = scanned(hocr((300, 500, "Le bail dure six ans.")), hocr((300, 500, "Il est renouvelable.")))
    assert document.text == "Le bail dure six ans." and f"{ocr.PAST_LIMIT} : page 2." in document.remarks


def test_the_rows_of_a_ruled_table_are_read_with_its_names(scanned):
    picture = Image.new("L", PAGE, 200)
    draw = ImageDraw.Draw(picture)
    for y in (400, 500, 600):
        draw.line((300, y, 1500, y), fill=0, width=4)
    for x in (300, 900, 1500):
        draw.line((x, 400, x, 600), fill=0, width=4)
    cells = ((320, 460, "Action"), (920, 460, "Montant"), (320, 560, "Halle"), (920, 560, "24 700 €"))
    assert scanned(hocr(*cells), picture=picture).text == "Action : Halle ; Montant : 24 700 €"


def test_ruled_lines_are_erased_and_letters_are_not():
    picture = Image.new("L", (1200, 800), 255)
    draw = ImageDraw.Draw(picture)
    draw.line((100, 200, 1100, 200), fill=0, width=4)
    draw.rectangle((300, 400, 360, 440), fill=0)  # as large as a letter
    draw.rectangle((500, 400, 900, 600), fill=0)  # a tinted area
    clean, drawn = scans.without_rules(picture, 300)
    assert clean.getpixel((600, 200)) == 255 and clean.getpixel((330, 420)) == 0 and clean.getpixel((700, 500)) == 0
    assert {round(rule.at) for rule in drawn.horizontal} == {round(600 * 72 / 300)} and not drawn.vertical


def test_a_crooked_page_is_straightened():
    picture = Image.new("L", PAGE, 255)
    draw = ImageDraw.Draw(picture)
    for y in range(200, 1100, 100):
        draw.rectangle((200, y, 1400, y + 30), fill=0)
    straight = scans.straightened(picture.rotate(1, Image.Resampling.BICUBIC, fillcolor=255))
    assert straight.getpixel((300, 615)) < 100 and straight.getpixel((1300, 615)) < 100


def test_the_letters_of_a_stamp_are_those_of_the_file(tmp_path, scanned, monkeypatch):
    scanned(hocr((300, 500, "Le conseil fixe le tarif.")))
    pages = pdfium.PdfDocument(tmp_path / "scan.pdf")
    stamp = pdfium.raw.FPDFPageObj_NewTextObj(pages, b"Helvetica", 8.0)
    text = "Recu le 14/04/2026 DEL_031".encode("utf-16-le") + b"\0\0"
    pdfium.raw.FPDFText_SetText(stamp, (pdfium.raw.FPDF_WCHAR * (len(text) // 2)).from_buffer_copy(text))
    pdfium.raw.FPDFPageObj_Transform(stamp, 1, 0, 0, 1, 200, 275)
    page = pages[0]
    pdfium.raw.FPDFPage_InsertObject(page, stamp)
    page.gen_content()
    pages.save(tmp_path / "stamped.pdf")
    answer = hocr((850, 56, "Recu le 14/04/2026 DEL 081"), (300, 500, "Le conseil fixe le tarif."))
    monkeypatch.setattr(pytesseract, "image_to_pdf_or_hocr", lambda *_, **__: answer)
    document = pdf.load(tmp_path / "stamped.pdf", "stamped.pdf")
    assert "DEL_031" in document.text and "081" not in document.text and "Le conseil fixe le tarif." in document.text
