"""Extracts: the best passage first, sentences verbatim, nothing twice, lists whole, short enough to be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.extractive import MAIN_WORDS, NEAREST, TOTAL_WORDS, Extract, compose, nearest, without_yes_no
from index.document import Hit, Passage
from index.french import analyse
from index.ranking import Terms, WeightedTerms, terms_of


def hit(number: int, text: str, score: float, heading: str = "Quel soutien ?") -> Hit:
    headings = (heading,) if heading else ()
    return Hit(Passage(f"d{number}.md#50", f"d{number}.md", f"Document {number}", headings, text, 50, 50 + len(text)), score)


def terms(passage: Passage) -> Terms:
    return terms_of(passage.text, passage.headings, passage.title)


def asked(question: str) -> WeightedTerms:
    groups = tuple(frozenset({term}) for term in dict.fromkeys(analyse(question)))
    return WeightedTerms(groups, (1.0,) * len(groups))


def texts(extracts: list[Extract]) -> list[str]:
    return [text for extract in extracts for text in extract.texts]


RATE = "Le plan Halles paie 35 % des travaux."
CEILING = "La commune dépose sa demande au guichet avant le printemps."
QUESTION = asked("taux du plan Halles et dépôt de la demande")


def test_the_main_passage_comes_first_and_a_complement_follows() -> None:
    related = replace(hit(2, CEILING, 4.9), evidence={"heading_match": 0.6})
    extracts = compose([hit(1, RATE, 5.0), related], QUESTION, terms)
    assert [extract.passage.document for extract in extracts] == ["d1.md", "d2.md"]
    assert texts(extracts) == [RATE, CEILING]


def test_the_amount_of_something_else_is_no_complement() -> None:
    assert texts(compose([hit(1, RATE, 5.0), hit(2, CEILING, 4.9)], QUESTION, terms)) == [RATE]


def test_sentences_are_verbatim_at_their_place() -> None:
    first = hit(1, f"{RATE} {CEILING}", 5.0)
    (extract,) = compose([first], QUESTION, terms)
    start, end = extract.quote_span
    assert first.passage.text[start - 50 : end - 50] == f"{RATE} {CEILING}"
    assert all(text in first.passage.text for text in extract.texts)


def test_nothing_is_said_twice() -> None:
    hits = [hit(1, RATE, 5.0), hit(2, RATE, 4.9), hit(3, f"Oui, {RATE[0].lower()}{RATE[1:]}", 4.8)]
    assert texts(compose(hits, QUESTION, terms)) == [RATE]
    assert texts(nearest(hits, QUESTION)) == [RATE]


def test_a_far_passage_is_no_complement() -> None:
    assert len(compose([hit(1, RATE, 5.0), hit(2, CEILING, 0.5)], QUESTION, terms)) == 1


def test_a_list_stays_whole() -> None:
    items = "Les travaux portent sur :\n- la charpente ;\n- la couverture ;\n- l'éclairage."
    (main,) = compose([hit(1, items, 5.0)], asked("travaux de charpente"), terms)
    assert "\n".join(main.texts) == items
    listed = replace(hit(2, items, 4.9), evidence={"heading_match": 0.6})
    _, second = compose([hit(1, RATE, 5.0), listed], asked("plan Halles travaux charpente"), terms)
    assert "\n".join(second.texts) == items


def test_a_comparison_gets_both_sides() -> None:
    other = hit(9, "Le fonds Fontaines verse un forfait par bassin remis en eau.", 0.1)
    extracts = compose([hit(1, RATE, 5.0)], asked("plan Halles ou fonds Fontaines"), terms, sides=[other])
    assert [extract.passage.document for extract in extracts] == ["d1.md", "d9.md"]


LONG = " ".join(f"La phrase numéro {n} décrit le chantier du lot {n} sans rien dire d'utile à personne ici." for n in range(30))


def count(extracts: list[Extract]) -> int:
    return sum(len(text.split()) for text in texts(extracts))


@pytest.mark.parametrize("heading", ["Quel soutien ?", ""], ids=["fiche", "document sans titres"])
def test_a_long_passage_is_cut_to_the_budget(heading: str) -> None:
    text = f"{LONG} {RATE} {LONG}"
    extracts = compose([hit(1, text, 5.0, heading)], QUESTION, terms)
    assert 0 < count(extracts) <= MAIN_WORDS
    assert RATE in texts(extracts), "the sentence that answers is kept"


def test_the_whole_answer_keeps_to_its_budget() -> None:
    hits = [
        hit(n, f"Le plan {word} paie les travaux. {LONG}", 5.0 - n / 100)
        for n, word in enumerate(["Halles", "Lavoirs", "Ponts", "Murs"])
    ]
    assert count(compose(hits, QUESTION, terms)) <= TOTAL_WORDS
    assert len(nearest(hits, QUESTION)) <= NEAREST


def test_sentences_keep_the_order_of_the_source() -> None:
    (extract,) = compose([hit(1, f"{LONG} {RATE} {LONG}", 5.0)], QUESTION, terms)
    assert list(extract.spans) == sorted(extract.spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Oui, une ORT peut le faire.", "Une ORT peut le faire."), ("Non : le taux est fixe.", "Le taux est fixe."),
     ("Ouilly reste lauréate.", "Ouilly reste lauréate."), ("Nonante communes.", "Nonante communes.")],
)  # fmt: skip
def test_a_yes_that_nobody_asked_for_is_left_out(text: str, expected: str) -> None:
    assert without_yes_no(text) == expected
