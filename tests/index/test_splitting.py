"""Splitting: every passage is verbatim at its place, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.document import Document, Note, Place, Section
from index.splitting import Splitting, paragraphs, split

SMALL = Splitting(size=80, minimum=1)


def texts(document: Document, splitting: Splitting = SMALL, **options: object) -> list[str]:
    return [passage.text for passage in split(document, splitting, **options)]


def section(text: str, heading: str, level: int = 2) -> Section:
    """A section that begins where its heading word stands in the text."""
    return Section(heading, level, text.index(heading))


def test_neighbouring_paragraphs_are_joined_up_to_the_size() -> None:
    document = Document("a.md", "A", "Un premier.\n\nUn deuxième.\n\n" + "Un troisième bien plus long. " * 3)
    assert texts(document)[0] == "Un premier.\n\nUn deuxième."


def test_a_section_is_a_wall() -> None:
    text = "Avant.\n\nAprès."
    document = Document("a.md", "A", text, sections=(section(text, "Avant"), section(text, "Après")))
    passages = split(document, SMALL)
    assert [(p.text, p.headings) for p in passages] == [("Avant.", ("Avant",)), ("Après.", ("Après",))]


def test_records_stay_whole_and_apart() -> None:
    text = "Année : 2024 ; Aide : 1 500 €\nAnnée : 2025 ; Aide : 3 000 €"
    middle = text.index("\n") + 1
    document = Document("a.csv", "A", text, records=((0, middle - 1), (middle, len(text))))
    assert texts(document) == text.split("\n")


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = "La commune signe la convention. L'État finance la moitié du poste. Le préfet choisit les communes lauréates."
    assert texts(Document("a.md", "A", text)) == [
        "La commune signe la convention. L'État finance la moitié du poste.",
        "Le préfet choisit les communes lauréates.",
    ]


def test_repeated_sentences_are_found_at_their_own_place() -> None:
    text = "La même phrase revient encore une fois. " * 8
    spans = [(p.start, p.end) for p in split(Document("a.md", "A", text), SMALL)]
    assert spans == sorted(spans)
    assert len(set(spans)) == len(spans)
    assert sum(end - start for start, end in spans) >= len(text) - len(spans) - 1


def test_a_passage_has_its_page_its_notes_and_its_headings() -> None:
    text = "Page une.\n\nPage deux."
    notes = (Note(9, "1", "Ministère"), Note(len(text), "2", "Préfecture"))
    document = Document("a.pdf", "Titre", text, sections=(section(text, "Page deux"),), notes=notes, pages=(0, 11))
    first, second = split(document, SMALL)
    assert (first.page, first.headings, [n.publisher for n in first.notes]) == (1, (), ["Ministère"])
    assert (second.page, second.section, [n.publisher for n in second.notes]) == (2, "Page deux", ["Préfecture"])
    assert second.id == f"a.pdf#11-{len(text)}"


def test_a_skipped_paragraph_makes_no_passage_and_separates_its_neighbours() -> None:
    document = Document("a.md", "A", "Un premier.\n\nAilleurs aussi.\n\nUn dernier.")
    skipped = paragraphs(document)[1]
    assert texts(document, skip={skipped}) == ["Un premier.", "Un dernier."]


def test_the_other_places_of_a_paragraph_follow_its_passage() -> None:
    document = Document("a.md", "A", "Un premier.\n\nUn second.")
    twin = Place("b.md", 3, 9)
    (joined,) = split(document, SMALL, also={paragraphs(document)[1]: (twin,)})
    assert joined.also == (twin,)


def test_page_furniture_is_left_out_beside_other_text() -> None:
    long = "Une commune de moins de 20 000 habitants."
    document = Document("a.md", "A", f"{long}\n\np. 3", records=((0, len(long)),))
    assert texts(document, Splitting()) == [long]


def test_the_only_text_of_a_document_is_never_left_out() -> None:
    assert texts(Document("a.md", "A", "Congés payés\n"), Splitting()) == ["Congés payés"]


def test_a_row_however_short_is_kept() -> None:
    document = Document("a.csv", "Tarifs", "Chien : 3 €\n\np. 12", records=((0, 11),))
    assert texts(document, Splitting()) == ["Chien : 3 €"]


def test_a_short_answer_under_its_question_is_kept() -> None:
    text = "Oui.\n\nLire la suite"
    document = Document("a.md", "A", text, sections=(section(text, "Oui."), section(text, "Lire la suite")))
    assert texts(document, Splitting()) == ["Oui."]


# --- random documents ---------------------------------------------------------------------------

_PARAGRAPH = st.text(alphabet="aébC .;:!?\n-«»12", min_size=1, max_size=300).map(str.strip).filter(bool)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Paragraphs; before some a section starts, some are records."""
    text, sections, records = "", [], []
    for paragraph in draw(st.lists(_PARAGRAPH, min_size=1, max_size=6)):
        kind = draw(st.sampled_from(["plain", "section", "record"]))
        if kind == "section":
            sections.append(Section(f"Titre {len(sections)}", draw(st.integers(1, 3)), len(text)))
        if kind == "record":
            records.append((len(text), len(text) + len(paragraph)))
        text += paragraph + "\n\n"
    return Document("a.md", "A", text, sections=tuple(sections), records=tuple(records))


@settings(max_examples=300, deadline=None)
@given(documents(), st.integers(min_value=10, max_value=200))
def test_passages_are_verbatim_in_order_and_lose_nothing(document: Document, size: int) -> None:
    passages = split(document, Splitting(size=size, minimum=1))
    covered = [False] * len(document.text)
    for passage in passages:
        assert passage.text == document.text[passage.start : passage.end]
        assert passage.text.strip() == passage.text != ""
        assert not any(covered[passage.start : passage.end]), "two passages overlap"
        covered[passage.start : passage.end] = [True] * len(passage.text)
    lost = [c for c, seen in zip(document.text, covered, strict=True) if not seen and not c.isspace()]
    assert lost == []
    assert [p.start for p in passages] == sorted(p.start for p in passages)


@settings(max_examples=200, deadline=None)
@given(documents(), st.integers(min_value=10, max_value=200))
def test_passages_respect_size_sections_and_records(document: Document, size: int) -> None:
    for passage in split(document, Splitting(size=size, record=2 * size, minimum=1)):
        is_row = (passage.start, passage.end) in document.records
        assert len(passage.text) <= (2 * size if is_row else size)
        assert all(not passage.start < s.start < passage.end for s in document.sections)
        assert all(
            not (passage.start < end and start < passage.end) or start <= passage.start and passage.end <= end
            for start, end in document.records
        )


def test_a_row_stays_whole_however_long() -> None:
    row = "Nom : " + "aide " * 600
    document = Document("a.csv", "A", row.strip(), records=((0, len(row.strip())),))
    assert texts(document, Splitting(size=100)) == [row.strip()]


@settings(max_examples=200, deadline=None)
@given(documents())
def test_skipping_every_paragraph_leaves_nothing(document: Document) -> None:
    assert split(document, SMALL, skip=paragraphs(document)) == []


@pytest.mark.parametrize("size", [1, 5])
def test_even_one_endless_word_is_cut(size: int) -> None:
    assert "".join(texts(Document("a.md", "A", "x" * 12), Splitting(size=size, minimum=1))) == "x" * 12
