"""Files made to hang, to fill the memory or to take the reader down, beside real ones: the real ones are indexed, each hostile
one is named, and the process that builds lives on."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import openpyxl
import pytest

from index.builder import build
from index.workers import Limits, Workers
from tests.fakes import HashEncoder

TEXT = "# Salle des fêtes\n\nLa salle des fêtes se loue 240 € le week-end aux habitants de la commune.\n"


def pdf_of(objects: list[bytes]) -> bytes:
    """A PDF file of these objects, numbered from 1; the first is the catalogue."""
    content, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def recursive_form(path: Path) -> None:
    """A page that draws a form that draws itself, and a field that is its own child."""
    own = b"<< /XObject << /F 4 0 R >> >>"
    path.write_bytes(pdf_of([
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources %s /Annots [5 0 R] >>" % own,
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources %s /Length 5 >>\nstream\n/F Do\nendstream" % own,
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Kids [5 0 R] /Parent 5 0 R /Rect [0 0 9 9] >>",
        b"<< /Length 5 >>\nstream\n/F Do\nendstream",
    ]))  # fmt: skip


def repacked(source: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """A zip with one member changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, change(before.read(name)) if name == member else before.read(name))
    return target.getvalue()


def huge_span(path: Path) -> None:
    """A table of one cell that says to span two billion columns."""
    word, content = docx.Document(), io.BytesIO()
    word.add_table(1, 1).cell(0, 0).text = "Tarif"
    word.save(content)
    span = b'<w:tcPr><w:gridSpan w:val="2000000000"/>'
    path.write_bytes(repacked(content.getvalue(), "word/document.xml", lambda xml: xml.replace(b"<w:tcPr>", span)))


def billion_rows(path: Path) -> None:
    """A sheet that says to have every cell, and has one in its last corner."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "Tarif"
    book.active["XFD1048576"] = 240
    book.save(content)
    sheet = "xl/worksheets/sheet1.xml"
    path.write_bytes(repacked(content.getvalue(), sheet, lambda xml: xml.replace(b'ref="A1"', b'ref="A1:XFD1048576"')))


def hyphens(path: Path) -> None:
    path.write_text("-" * 3_000_000, encoding="utf-8")


def no_space(path: Path) -> None:
    path.write_text("a0b1" * 5_000_000, encoding="utf-8")


def deep_html(path: Path) -> None:
    path.write_text("<div>" * 200_000 + "Tarif" + "</div>" * 200_000, encoding="utf-8")


def many_headings(path: Path) -> None:
    """Ten thousand sections of one line: everything that looks a heading up must not look at them all."""
    articles = (f"## Article {n}\n\nLe tarif de l'article {n} est de {n} €.\n\n" for n in range(10_000))
    path.write_text("".join(articles), encoding="utf-8")


HOSTILE: dict[str, Callable[[Path], None]] = {
    "formulaire.pdf": recursive_form, "large.docx": huge_span, "milliard.xlsx": billion_rows, "profond.html": deep_html,
}  # fmt: skip


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    workers = Workers(Limits(megabytes=512, seconds=20))
    yield workers
    workers.close()


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    folder = tmp_path / "partage"
    folder.mkdir()
    (folder / "salle.md").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_read_or_named_and_the_others_are_indexed(
    drive: Path, tmp_path: Path, workers: Workers, name: str
) -> None:
    HOSTILE[name](drive / name)
    report = build(drive, tmp_path / "index", HashEncoder(), workers=workers)
    fates = {file.path: file for file in report.files}
    assert fates["salle.md"].status == "indexed"
    assert fates[name].status == "indexed" or fates[name].reason


def test_hyphens_and_a_block_without_spaces_are_no_text(drive: Path, tmp_path: Path, workers: Workers) -> None:
    hyphens(drive / "tirets.txt")
    no_space(drive / "bloc.txt")
    report = build(drive, tmp_path / "index", HashEncoder(), workers=workers)
    reasons = {file.path: file.reason for file in report.files if file.status != "indexed"}
    assert set(reasons) == {"bloc.txt", "tirets.txt"} and all("mots" in reason for reason in reasons.values())
    assert report.documents == 1, "the others are indexed"


def test_ten_thousand_sections_are_all_indexed(drive: Path, tmp_path: Path, workers: Workers) -> None:
    many_headings(drive / "arrete.md")
    report = build(drive, tmp_path / "index", HashEncoder(), workers=workers)
    assert {file.path: file.passages for file in report.files}["arrete.md"] == 10_000


def test_ten_thousand_files_are_all_indexed(drive: Path, tmp_path: Path, workers: Workers) -> None:
    for number in range(10_000):
        (drive / f"{number:05d}.txt").write_text(f"La délibération {number} fixe le tarif à {number} euros.", encoding="utf-8")
    report = build(drive, tmp_path / "index", HashEncoder(), workers=workers)
    assert report.documents == 10_001
