"""Plain text: paragraphs, lists, and the titles that the layout shows."""

# ruff: noqa: E501 - sample texts, whole on their line
from __future__ import annotations

from pathlib import Path

import pytest

from index.document import Document
from index.loaders import load
from tests.index.loaders.conftest import under


def read(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "note.txt"
    path.write_text(text, encoding="utf-8")
    return load(path, path.name)


@pytest.mark.parametrize(
    "title",
    [
        "Montant\n-------",
        "Montant\n~~~~~~~\n",
        "2. Montant\n",
        "2.1 Montant\n",
        "II – Montant\n",
        "Article 4 : montant\n",
        "MONTANT DE L'AIDE\n",
    ],
)
def test_a_title_is_told_by_its_layout(title: str, tmp_path: Path) -> None:
    document = read(tmp_path, f"L'aide est simple.\n\n{title}\nElle est de 300 €.\n")
    assert under(document, "300 €") == (title.split("\n")[0],)
    assert document.text == "L'aide est simple.\n\nElle est de 300 €."


@pytest.mark.parametrize(
    "line", ["3 Place du Marché", "04 94 00 00 00", "1. Déposer\n\n2. Signer", "12 500 €", "De 14 h à 17 h", "1. Il faut signer."]
)
def test_other_lines_are_text(line: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"Bonjour à tous.\n\n{line}\n\nMerci.\n").text == f"Bonjour à tous.\n\n{line}\n\nMerci."


def test_a_title_underlined_twice_at_the_head_names_the_document(tmp_path: Path) -> None:
    document = read(tmp_path, "Règlement de la halle\n=====================\n\nElle ouvre\nà 8 h.\n- le mardi\n- le samedi\n")
    assert (document.title, document.text) == ("Règlement de la halle", "Elle ouvre à 8 h.\n- le mardi\n- le samedi")


def test_markdown_in_a_text_file_is_read_as_markdown(tmp_path: Path) -> None:
    assert under(read(tmp_path, "# Halle\n\nTexte.\n\n## Prix\n\nDe **12 €**.\n"), "12 €") == ("Prix",)


def test_the_header_and_number_of_printed_pages_are_not_text(tmp_path: Path) -> None:
    texts = ["Le budget est voté.", "La rue Haute est refaite.", "La halle rouvre."]
    document = read(tmp_path, "\f".join(f"COMMUNE DE ROQUEBRAC\n\n{text}\n\n      - {n} -\n" for n, text in enumerate(texts, 1)))
    assert document.text == "\n\n".join(texts)
    assert document.page_at(document.text.index("La halle")) == 3
