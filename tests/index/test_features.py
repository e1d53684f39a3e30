"""Evidence: the arrays give what the definitions of the features give, passage by passage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.builder import build
from index.document import Hit, embedded_text
from index.french import sentences
from index.passage_vectors import headings_of
from index.ranking import BACKGROUND, FEATURES, Terms, WeightedTerms, agreement, precision
from index.search import Query, Retriever
from tests.fakes import HashEncoder
from tests.index.conftest import FICHES, write

QUESTIONS = [
    Query("Quelle aide pour recruter un volontaire territorial ?"),
    Query("Combien d'euros pour un volontaire ?", extra={"volontaire": ("vta", "volontariat territorial")}),
    Query("avant quelle date déposer la demande de 15 000 €", weights={"deposer": 0.4}),
    Query("et les commerces ?", context="revitalisation de territoire"),
    Query("qui peut en bénéficier dans le programme ORT", background=frozenset({"ort", "programme"})),
    Query("ORT", background=frozenset({"ort"})),
    Query("xyz"),
]


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    folder = tmp_path_factory.mktemp("evidence")
    heading = "## Soutien\n\n### Combien ?\n<!-- Autrement : quelle aide pour un volontaire ? | le montant du vta -->\n"
    aliases = FICHES["vta.md"].replace("## Quel soutien ?\n", heading)
    build(write(folder / "base", {**FICHES, "vta.md": aliases}), folder / "index", HashEncoder())
    return Retriever.open(folder / "index", HashEncoder())


@pytest.mark.parametrize("query", QUESTIONS, ids=lambda query: query.text)
def test_features_are_those_of_their_definitions(retriever: Retriever, query: Query) -> None:
    hits = retriever.search(query, 100)
    asked = retriever.weigh(query)
    assert len(hits) >= 5
    for hit in hits:
        assert list(hit.features) == list(FEATURES)
        expected = by_terms(asked, retriever.terms(hit.passage), retriever) | by_vectors(query, hit, retriever)
        assert {name: hit.features[name] for name in expected} == pytest.approx(expected, abs=2e-3)  # vectors are kept in 16 bits


def by_terms(asked: WeightedTerms, passage: Terms, retriever: Retriever) -> dict[str, float]:
    """The features that need no vector, from sets."""
    idf = retriever.lexical.idf
    words = frozenset().union(*asked.groups)
    folded = asked.folded()
    matches = [(0.0, 0.0, 0.0)] * (not passage.headings)
    for heading, asks in zip(passage.headings, passage.interrogatives, strict=True):
        own = fold(heading, asked.background)
        matches.append(
            (folded.coverage(own), precision(own, fold(words, asked.background), idf), agreement(asked.interrogatives, asks))
        )
    coverage, exact, agreed = max(matches, key=lambda match: (match[0] * match[1] + 0.1 * match[2], match[0] + match[1]))
    numbers = {term for term in words if term[0].isdigit()}
    return {
        "coverage": asked.coverage(passage.everything),
        "sentence_coverage": max(asked.coverage(sentence | passage.title) for sentence in passage.sentences),
        "heading_coverage": coverage,
        "heading_precision": exact,
        "heading_match": coverage * exact,
        "interrogative": agreed,
        "title_coverage": asked.coverage(passage.title),
        "numbers": len(numbers & passage.everything) / len(numbers) if numbers else 0.0,
        "bigrams": sum(pair in passage.pairs for pair in asked.pairs) / len(asked.pairs) if asked.pairs else 0.0,
    }


def fold(terms: frozenset[str], background: frozenset[str]) -> frozenset[str]:
    return (terms - background) | {BACKGROUND} if terms & background else terms


def by_vectors(query: Query, hit: Hit, retriever: Retriever) -> dict[str, float]:
    """The cosines, one text at a time."""
    passage, encoder = hit.passage, HashEncoder()
    vector = encoder.encode_queries([query.dense_text])[0]
    told = [passage.text[start:end] for start, end in sentences(passage.text)]
    assert retriever.sentence_cosines(passage, vector) == pytest.approx(encoder.encode_passages(told) @ vector, abs=2e-3)
    return {
        "heading_dense": float((encoder.encode_passages(headings_of(passage)) @ vector).max()),
        "sentence_dense": float((encoder.encode_passages(told) @ vector).max()),
        "comprehension": 0.0,  # the double reads nothing
        "interaction": interaction(query.dense_text, embedded_text(passage), encoder),
        "bare": float(not passage.is_asked),
    }


def interaction(question: str, text: str, encoder: HashEncoder) -> float:
    """The best cosine of each word of the question, on average."""
    _, (asked,) = encoder.encode_query_tokens([question])
    (told,) = encoder.encode_parts([text], [[]]).tokens
    return float(np.mean([max(float(told_by @ token) / 127 for told_by in told["near"]) for token in asked.interaction]))


def test_one_passage_is_enough(tmp_path: Path) -> None:
    base = write(tmp_path / "base", {"un.txt": "La fontaine du village est réparée par la commune."})
    build(base, tmp_path / "index", HashEncoder())
    (hit,) = Retriever.open(tmp_path / "index", HashEncoder()).search("la fontaine réparée ?")
    assert hit.features["coverage"] == 1.0
