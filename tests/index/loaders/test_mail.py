"""Mails, web archives, books, RTF: what is read of them, and what is said of the rest."""

# ruff: noqa: E501 - sample texts, whole on their line
from __future__ import annotations

import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from index.document import Document
from index.errors import UnreadableDocument
from index.loaders import load
from tests.index.loaders.conftest import assert_remarks


def saved(tmp_path: Path, name: str, message: EmailMessage) -> Document:
    path = tmp_path / name
    path.write_bytes(message.as_bytes(policy=SMTP))
    return load(path, name)


@pytest.fixture
def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Urbanisme <urbanisme@example.org>"
    message["To"] = "mairie@example.org"
    message["Date"] = "Tue, 03 Mar 2026 10:05:00 +0100"
    message["Subject"] = "Permis déposé à la halle"
    return message


HEADERS = "De : Urbanisme <urbanisme@example.org>\nÀ : mairie@example.org\nDate : 03/03/2026 à 10:05"


def test_a_mail_is_its_headers_and_its_body(mail: EmailMessage, tmp_path: Path) -> None:
    mail.set_content("Le permis est accordé.\n\n> Quand l'aurons-nous ?\n", charset="iso-8859-1")
    document = saved(tmp_path, "m.eml", mail)
    assert document.title == "Permis déposé à la halle"
    assert document.text == f"{HEADERS}\n\nLe permis est accordé.\n\nQuand l'aurons-nous ?"


def test_the_laid_out_body_of_a_mail_is_preferred_and_read_as_a_page(mail: EmailMessage, tmp_path: Path) -> None:
    mail.set_content("Coût : 3 € ou 4 €")
    mail.add_alternative("<p>Coût : <s>3 €</s> 4 €</p>", subtype="html")
    assert saved(tmp_path, "m.eml", mail).text == f"{HEADERS}\n\nCoût : 4 €"


def test_attachments_are_named_in_a_remark(mail: EmailMessage, tmp_path: Path) -> None:
    mail.set_content("Ci-joint le marché.")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="marché.pdf")
    assert_remarks(saved(tmp_path, "m.eml", mail), ("marché.pdf",))


def test_a_web_archive_is_its_page(tmp_path: Path) -> None:
    archive = EmailMessage()
    archive["From"] = "<Saved by Blink>"
    archive.set_content(
        "<h1>Piscine</h1><nav><a href='/'>Accueil du site</a></nav><p>Elle ouvre à l'été.</p>",
        subtype="html",
        cte="quoted-printable",
    )
    archive.make_related()
    archive.add_related(b"GIF", "image", "gif")
    document = saved(tmp_path, "p.mhtml", archive)
    assert (document.title, document.text) == ("Piscine", "Elle ouvre à l'été.")


def test_a_file_that_is_no_mail_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(b"\n\nBonjour")
    with pytest.raises(UnreadableDocument, match="en-têtes"):
        load(tmp_path / "m.eml", "m.eml")


def test_the_chapters_of_a_book_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "livre.epub"
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Guide des arbres</dc:title>'
        '</metadata><manifest><item id="a" href="text/b.xhtml"/><item id="b" href="text/a%20.xhtml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("OEBPS/content.opf", package)
        book.writestr("OEBPS/text/a .xhtml", "<html><body><h2>Fin</h2><p>Merci.</p></body></html>")
        book.writestr(
            "OEBPS/text/b.xhtml",
            '<?xml version="1.0"?><html><head><title/></head><body><h2>Places</h2><p>Douze arbres.</p></body></html>',
        )
    document = load(path, path.name)
    assert (document.title, document.text) == ("Guide des arbres", "Douze arbres.\n\nMerci.")
    assert document.headings_at(0) == ("Places",)


# ------------------------------------------------------------------------------- RTF


def rich(tmp_path: Path, body: str) -> Document:
    path = tmp_path / "note.rtf"
    path.write_text(rf"{{\rtf1\ansi\ansicpg1252{{\fonttbl{{\f0 Arial;}}}}\f0 {body}\par}}", encoding="latin-1")
    return load(path, path.name)


def test_rtf_is_its_paragraphs_and_tables(tmp_path: Path) -> None:
    row = r"\trowd\cellx1\cellx2\intbl {}\cell {}\cell\row"
    body = (
        r"Soit 3,55 \'80 le 1{\super er} mai, 2 m{\super 2}.\par "
        + row.format("Lieu", "Prix")
        + row.format("Tente", "9")
        + row.format("Van", "14")
        + r"\pard Fin."
    )
    assert rich(tmp_path, body).text == "Soit 3,55 € le 1er mai, 2 m².\n\nLieu : Tente ; Prix : 9\nLieu : Van ; Prix : 14\n\nFin."


@pytest.mark.parametrize("word", [r"\strike", r"\v", r"\deleted", r"\striked1"])
def test_rtf_with_text_that_is_not_valid_is_refused_with_the_format_to_save_it_in(word: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match=r"\.docx"):
        rich(tmp_path, rf"Le prix est de {{{word} 3 euros}} 4 euros.")


def test_the_notes_that_rtf_loses_are_said(tmp_path: Path) -> None:
    document = rich(tmp_path, r"Le prix{\super\chftn}{\footnote Hors taxes.} est de 4 euros\strike0 .")
    assert_remarks(document, ("note", "1", "docx"))


# ------------------------------------------------------------------------------- formats that are not read


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("a.doc", ".docx"),
        ("a.xls", ".xlsx"),
        ("a.ppt", ".pptx"),
        ("a.pages", ".docx"),
        ("a.numbers", ".xlsx"),
        ("a.msg", ".eml"),
        ("a.PNG", ".pdf"),
        ("a.zip", "décompress"),
        ("a.mp3", "transcription"),
        ("a.xyz", ".docx"),
        ("a", ".docx"),
    ],
)
def test_a_format_that_is_not_read_is_told_what_to_save_it_as(name: str, read: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(UnreadableDocument) as refusal:
        load(tmp_path / name, name)
    said = str(refusal.value).replace(f"{Path(name).suffix.lower()} ", "", 1)
    assert (refusal.value.status, read in said) == ("unsupported", True), said


def test_a_forwarded_mail_is_read_under_its_subject(tmp_path: Path, mail: EmailMessage) -> None:
    inside = EmailMessage()
    inside["From"], inside["Subject"] = "couvreur@example.org", "Devis toiture"
    inside.set_content("Le devis est de 18 400 €.")
    mail.set_content("Voir ci-joint.")
    mail.add_attachment(inside)
    document = saved(tmp_path, "mail.eml", mail)
    assert document.headings_at(document.text.index("18 400 €")) == ("Devis toiture",)
    assert not document.remarks


def test_the_lines_of_a_flowed_text_go_on(tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    head = (
        "Subject: Permanence\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\nContent-Transfer-Encoding: 8bit"
    )
    path.write_text(f"{head}\n\nLe premier mar \ndi du mois.\n-- \nMaïa\n", encoding="utf-8")
    assert load(path, path.name).text == "Le premier mardi du mois.\n--\nMaïa"


def test_an_rtf_file_is_named_by_its_own_title(tmp_path: Path) -> None:
    path = tmp_path / "doc1.rtf"
    path.write_bytes(
        b"{\\rtf1\\ansi{\\info{\\title R\\'e8glement de la salle}}\\pard R\\'e8glement de la salle\\par Caution : 300 euros.\\par}"
    )
    assert load(path, path.name).title == "Règlement de la salle"
