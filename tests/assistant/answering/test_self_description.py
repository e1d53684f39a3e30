"""What the assistant says of itself is what is running: counts, publishers and dates of the base."""

from __future__ import annotations

from assistant import texts
from assistant.answering import self_description
from assistant.answering.service import Assistant
from index.figures import long_date
from tests.assistant.conftest import FICHES, Write


def test_it_counts_the_documents_of_the_base(halles: Assistant, small: Write) -> None:
    assert self_description.identity(halles.retriever) == texts.IDENTITY.format(documents="2 documents") + texts.COVERED
    one = small({"halles.md": FICHES["halles.md"]})
    assert self_description.identity(one.retriever).startswith(texts.IDENTITY.format(documents="1 document"))


def test_it_names_those_whose_pages_are_cited_the_most_cited_first(halles: Assistant) -> None:
    publishers = "Ministère des halles, Agence de l'eau"
    assert self_description.sources(halles.retriever) == texts.SOURCES.format(documents="2 documents", publishers=publishers)


def test_a_base_that_cites_nobody_names_nobody(small: Write) -> None:
    bare = small({"note.md": "# Note\n\nLa halle ouvre au printemps prochain pour le marché.\n"})
    assert self_description.sources(bare.retriever) == texts.SOURCES_PLAIN.format(documents="1 document")


def test_it_says_when_the_base_was_built_and_how_old_its_documents_are(small: Write) -> None:
    base = small({**FICHES, "note.md": FICHES["fontaines.md"].replace("---\n## Quel", "mis_a_jour: 2024-03-01\n---\n## Quel", 1)})
    built = long_date(base.retriever.manifest.created[:10])
    ages = texts.NEWEST.format(date="30 janvier 2026", oldest="1er mars 2024")
    assert self_description.freshness(base.retriever) == texts.FRESHNESS.format(built=built, newest=ages)


def test_without_dates_nothing_is_said_of_them(small: Write) -> None:
    undated = small({"fontaines.md": FICHES["fontaines.md"]})
    built = long_date(undated.retriever.manifest.created[:10])
    assert self_description.freshness(undated.retriever) == texts.FRESHNESS.format(built=built, newest="")
