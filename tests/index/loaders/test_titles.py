"""The title of a document: the one that its text carries."""

from __future__ import annotations

import pytest

from index.loaders.assembly import Block
from index.loaders.titles import title_of

TEXT = Block("La commune de Roquebrac adhère au programme le 1er septembre 2026.")


@pytest.mark.parametrize(("said", "blocks", "name", "title"), [
    # Metadata of the file that was copied to make this one.
    ("Modèle de délibération", [Block("Convention de Roquebrac", 1), TEXT], "convention.docx", "Convention de Roquebrac"),
    ("Adhésion de la commune de Roquebrac", [TEXT], "doc1.docx", "Adhésion de la commune de Roquebrac"),
    (r"C:\Users\Temp\~WRL0003.tmp", [TEXT], "adhesion_roquebrac.docx", "Adhesion roquebrac"),
    ("Microsoft Word - note.doc", [TEXT], "note_de_service.docx", "Note de service"),
    # « Article 1 » names a part.
    ("", [Block("Article 1 Objet", 1), TEXT], "reglement-cimetiere.odt", "Reglement cimetiere"),
    # A name that is none: the text says better.
    ("", [TEXT], "tmp8fa3.docx", TEXT.text),
    ("", [TEXT], "20240312.pdf", TEXT.text),
    ("", [TEXT], "scan 0001.pdf", TEXT.text),
    ("12", [TEXT], "3f2a9c1d-77ab.docx", TEXT.text),
    ("", [], "20240312.pdf", "20240312"),
])  # fmt: skip
def test_a_title_is_what_the_document_calls_itself(said: str, blocks: list[Block], name: str, title: str) -> None:
    assert title_of(name, blocks, said) == title
