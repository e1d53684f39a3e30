"""What the assistant says of itself is what is running: counts, publishers and dates of the base."""

from __future__ import annotations

from assistant import texts
from assistant.answering import self_description
from assistant.answering.service import Assistant
from tests.assistant.conftest import FICHES, Write


def test_it_counts_the_documents_of_the_base(halles: Assistant, small: Write) -> None:
    assert "2 documents" in self_description.identity(
        halles.retriever
    ) and "un programme, pas une personne" in self_description.identity(halles.retriever)
    assert self_description.identity(halles.retriever).endswith(texts.COVERED)
    one = small({"halles.md": FICHES["halles.md"]})
    assert "(1 document)" in self_description.identity(one.retriever)


def test_it_names_those_whose_pages_are_cited_the_most_cited_first(halles: Assistant) -> None:
    assert "Ils citent notamment : Ministère des halles, Agence de l'eau." in self_description.sources(halles.retriever)


def test_a_base_that_cites_nobody_names_nobody(small: Write) -> None:
    bare = small({"note.md": "# Note\n\nLa halle ouvre au printemps prochain pour le marché.\n"})
    assert self_description.sources(bare.retriever) == texts.SOURCES_PLAIN.format(documents="1 document")


def test_it_says_when_the_base_was_built_and_how_old_its_documents_are(small: Write) -> None:
    base = small({**FICHES, "note.md": FICHES["fontaines.md"].replace("---\n## Quel", "mis_a_jour: 2024-03-01\n---\n## Quel", 1)})
    told = self_description.freshness(base.retriever)
    assert "le plus récent date du 30 janvier 2026, le plus ancien du 1er mars 2024" in told
    built = base.retriever.manifest.created[:4]
    assert told.startswith("La base a été mise à jour le ") and built in told.partition(".")[0]


def test_without_dates_nothing_is_said_of_them(small: Write) -> None:
    undated = small({"fontaines.md": FICHES["fontaines.md"]})
    assert "le plus récent" not in self_description.freshness(undated.retriever)
