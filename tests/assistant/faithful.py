"""What holds of any answer, whatever the question: it quotes its documents, and shows no figure that nothing gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.answering import grounding
from assistant.answering.answer import Answer, Support
from assistant.answering.extracts import without_yes_no
from assistant.answering.service import Assistant
from index.figures import figures, values

MARKER = re.compile(r"\[(\d+)\]")
COMPUTED = re.compile(r"%[^.\n]*=|€[^.\n]*×")  # « 75 % de 60 000 € = 45 000 € », « 15 000 € × 2 »
VERDICT = re.compile(
    r" : (?:oui|non|à confirmer)\.$"
)  # a criterion of the front matter, and what the question's facts make of it


def plain(text: str) -> str:
    """A text without markers, nor what makes a figure bold or a heading italic, its blanks made single."""
    return " ".join(MARKER.sub("", text).replace("*", "").split())


def assert_faithful(assistant: Assistant, answer: Answer, before: Sequence[str] = ()) -> None:
    """What holds of any answer, whatever the question."""
    documents = assistant.retriever.documents
    for citation in answer.citations:
        text = documents[citation.passage.document].text
        assert citation.start < citation.end
        assert text[citation.start : citation.end] == citation.quote, "the quote is at its place in the document"
    markers = {citation.marker for citation in answer.citations}
    assert sorted(markers) == list(range(1, len(markers) + 1))
    assert {int(marker) for marker in MARKER.findall(answer.text)} == markers, "markers shown and citations are the same"
    quotes = {citation.marker: citation.quote for citation in answer.citations}
    for sentence in answer.sentences:
        assert sentence.support is Support.VERIFIED and set(sentence.citations) <= markers and sentence.citations
        assert plain(sentence.text) in plain(answer.text) or plain(without_yes_no(sentence.text)) in plain(answer.text)
        if not COMPUTED.search(sentence.text) and not VERDICT.search(sentence.text):
            carried = [quotes[marker] for marker in sentence.citations]
            assert grounding.support(sentence.text, carried) is Support.VERIFIED
            assert any(sentence.text in quote for quote in carried), "verbatim"
    assert uncarried(answer, before) == set()


def uncarried(answer: Answer, before: Sequence[str] = ()) -> set[Decimal]:
    """Figures of an answer that no quote, heading, question or shown computation gives.

    Args:
        before: questions of the conversation: a sum takes its expense from there (« et sur trois ans ? »).
    """
    given = values(f"{answer.question}\n{answer.standalone_question}\n{answer.reading.context if answer.reading else ''}")
    for citation in answer.citations:
        given |= values(f"{citation.quote}\n{citation.passage.title}\n{citation.passage.section}")
    shown = {figure.value for figure in figures(plain(answer.text))}
    if answer.computed:
        given |= values("\n".join(before))
        products = {(rate * amount / 100).normalize() for rate in given if rate <= 100 for amount in given if amount > 100}
        given |= products
        given |= {(one * other).normalize() for one in given if one <= 50 for other in given if other > 100}
        given |= {(one - other).normalize() for one in given for other in given if one >= other}
    return shown - given
