"""Extracts: the best passage first, sentences verbatim and contiguous, nothing twice, lists whole, short enough to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from assistant.answering.bounds import BOUNDS
from assistant.answering.extracts import BySentence, Chooser, Extract, without_yes_no
from index.document import Hit, Passage
from index.figures import wanted
from index.french import analyse, sentences
from index.ranking import Terms, WeightedTerms, terms_of


def hit(number: int, text: str, score: float, heading: str = "Quel soutien ?", **evidence: float) -> Hit:
    """Of a fiche when it has a heading, else of another document."""
    headings = (heading,) if heading else ()
    place = (f"d{number}.md#50", f"d{number}.md", f"Document {number}")
    return Hit(Passage(*place, headings, text, 50, 50 + len(text), is_fiche=bool(heading)), score, features=evidence)


def terms(passage: Passage) -> Terms:
    return terms_of(passage.text, passage.headings, passage.title)


def chooser(question: str, near: Mapping[str, float] | None = None, begins: Mapping[str, float] | None = None) -> Chooser:
    """For one question; `near` gives the cosine of the sentences that hold a text, `begins` the share of those where the answer
    begins; 0 for the others.
    """
    groups = tuple(frozenset({term}) for term in dict.fromkeys(analyse(question)))

    def by_sentence(values: Mapping[str, float] | None) -> BySentence:
        def found(passage: Passage) -> np.ndarray:
            told = [passage.text[start:end] for start, end in sentences(passage.text)]
            rows = [max((value for part, value in (values or {}).items() if part in one), default=0.0) for one in told]
            return np.array(rows, dtype=np.float32)

        return found

    question_terms = WeightedTerms(groups, (1.0,) * len(groups), want=wanted(question))
    return Chooser(question_terms, by_sentence(near), by_sentence(begins), terms)


def texts(extracts: list[Extract]) -> list[str]:
    return [text for extract in extracts for text in extract.texts]


def count(extracts: list[Extract]) -> int:
    return sum(len(text.split()) for text in texts(extracts))


RATE = "Le plan Halles paie 35 % des travaux."
CEILING = "La commune dépose sa demande au guichet avant le printemps."
QUESTION = chooser("taux du plan Halles et dépôt de la demande")
LONG = " ".join(f"La phrase numéro {n} décrit le chantier du lot {n} sans rien dire d'utile à personne ici." for n in range(30))


def test_the_main_passage_comes_first_and_a_complement_follows() -> None:
    extracts = QUESTION.answer([hit(1, RATE, 5.0), hit(2, CEILING, 4.9, heading_match=0.6)])
    assert [extract.passage.document for extract in extracts] == ["d1.md", "d2.md"]
    assert texts(extracts) == [RATE, CEILING]


def test_the_amount_of_something_else_is_no_complement() -> None:
    assert texts(QUESTION.answer([hit(1, RATE, 5.0), hit(2, CEILING, 4.9)])) == [RATE]


def test_the_same_document_may_complete_its_own_answer() -> None:
    near = hit(2, CEILING, 4.9)
    own = replace(near, passage=replace(near.passage, document="d1.md"))
    assert texts(QUESTION.answer([hit(1, RATE, 5.0), own])) == [RATE, CEILING]


def test_no_complement_when_the_heading_is_the_question_itself() -> None:
    asked = chooser("taux du plan Halles")
    aside = hit(2, "Les travaux durent six mois.", 4.9, heading_match=0.6)
    assert len(asked.answer([hit(1, RATE, 5.0), aside])) == 2
    assert len(asked.answer([hit(1, RATE, 5.0, heading_match=0.95), aside])) == 1


def test_sentences_are_verbatim_at_their_place() -> None:
    first = hit(1, f"{RATE} {CEILING}", 5.0)
    (extract,) = QUESTION.answer([first])
    start, end = extract.quote_span
    assert first.passage.text[start - 50 : end - 50] == f"{RATE} {CEILING}"
    assert all(text in first.passage.text for text in extract.texts)


def test_nothing_is_said_twice() -> None:
    hits = [hit(1, RATE, 5.0), hit(2, RATE, 4.9, heading_match=1.0)]
    hits.append(hit(3, f"Oui, {RATE[0].lower()}{RATE[1:]}", 4.8, heading_match=1.0))
    assert texts(QUESTION.answer(hits)) == [RATE]
    assert texts(QUESTION.nearest(hits)) == [RATE]


def test_a_list_stays_whole() -> None:
    items = "Les travaux portent sur :\n- la charpente ;\n- la couverture ;\n- l'éclairage."
    (main,) = chooser("travaux de charpente").answer([hit(1, items, 5.0)])
    assert "\n".join(main.texts) == items
    _, second = chooser("plan Halles travaux charpente").answer([hit(1, RATE, 5.0), hit(2, items, 4.9, heading_match=0.6)])
    assert "\n".join(second.texts) == items


def test_the_line_that_introduces_a_list_too_long_to_show_stays_with_the_item_chosen() -> None:
    items = "Les travaux portent sur :\n" + "\n".join(
        f"- le lot {n}, décrit par une longue ligne qui dit ce que les entreprises du lot {n} feront ;" for n in range(30)
    )
    (main,) = chooser("travaux du lot 25", {"le lot 25,": 0.9}).answer([hit(1, items, 5.0)])
    assert main.texts[0] == "Les travaux portent sur :" and any("le lot 25," in text for text in main.texts)


def test_a_comparison_gets_both_sides() -> None:
    other = hit(9, "Le fonds Fontaines verse un forfait par bassin remis en eau.", 0.1)
    extracts = chooser("plan Halles ou fonds Fontaines").answer([hit(1, RATE, 5.0)], sides=[other])
    assert [extract.passage.document for extract in extracts] == ["d1.md", "d9.md"]


@pytest.mark.parametrize("heading", ["Quel soutien ?", ""], ids=["fiche", "document sans titres"])
def test_a_long_passage_is_cut_to_the_budget_round_the_sentence_that_answers(heading: str) -> None:
    extracts = QUESTION.answer([hit(1, f"{LONG} {RATE} {LONG}", 5.0, heading)])
    assert 0 < count(extracts) <= (BOUNDS.main_words if heading else BOUNDS.raw_words)
    assert RATE in texts(extracts), "the sentence that answers is kept"
    (extract,) = extracts
    spans = sentences(extract.passage.text)
    first = spans.index(extract.spans[0])
    assert list(extract.spans) == spans[first : first + len(extract.spans)] and len(extract.spans) > 2, (
        "with what stands beside it"
    )


def test_the_vector_finds_a_sentence_that_shares_no_word() -> None:
    told = "Le pourcentage versé vaut un tiers."
    (extract,) = chooser("quelle proportion est remboursée", {told: 0.9}).answer([hit(1, f"{LONG} {told} {LONG}", 5.0)])
    assert told in extract.texts


def test_of_two_sentences_alike_the_one_with_the_figure_asked_for_is_nearer() -> None:
    asked, passage = (
        chooser("quel est le taux du plan ?"),
        hit(1, f"Le plan a un taux fixe. {LONG} Le plan a un taux de 35 %.", 5.0).passage,
    )
    scores = asked.scores(passage, sentences(passage.text))
    assert max(range(len(scores)), key=scores.__getitem__) == len(scores) - 1
    plain = replace(asked, question=replace(asked.question, want=None)).scores(passage, sentences(passage.text))
    assert plain[0] == plain[-1]


def test_the_whole_answer_keeps_to_its_budget() -> None:
    hits = [
        hit(n, f"Le plan {word} paie les travaux. {LONG}", 5.0 - n / 100, heading_match=0.6)
        for n, word in enumerate(["Halles", "Lavoirs", "Ponts", "Murs"])
    ]
    assert count(QUESTION.answer(hits)) <= BOUNDS.total_words
    near = QUESTION.nearest(hits)
    assert 1 <= len(near) <= BOUNDS.nearest and count(near) <= BOUNDS.total_words
    assert all(extract.length <= BOUNDS.nearest_words for extract in near[1:])


def test_of_documents_the_best_passages_are_shown_nearly_whole() -> None:
    hits = [hit(n, f"Le plan {word} paie les travaux. {LONG}", 5.0 - n / 100, "") for n, word in enumerate(["Halles", "Lavoirs"])]
    near = QUESTION.nearest(hits)
    assert near[0].length > BOUNDS.main_words and count(near) <= BOUNDS.raw_total
    assert all(extract.length <= BOUNDS.nearest_raw for extract in near[1:])


def test_two_documents_that_give_each_their_figure_are_both_shown() -> None:
    one, other = hit(1, RATE, 5.0, ""), hit(2, "Le plan Lavoirs paie 50 % des travaux.", 4.8, "")
    assert [extract.passage for extract in QUESTION.answer([one, other])] == [one.passage, other.passage]
    far = hit(2, "Le plan Lavoirs paie 50 % des travaux.", 2.0, "")
    assert [extract.passage for extract in QUESTION.answer([one, far])] == [one.passage]


def test_the_complement_is_the_telling_part_of_its_passage() -> None:
    _, second = QUESTION.answer([hit(1, RATE, 5.0), hit(2, f"{LONG} {CEILING}", 4.9, heading_match=0.6)])
    assert second.texts == [CEILING] and second.length <= BOUNDS.lead_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Oui, une ORT peut le faire.", "Une ORT peut le faire."), ("Non : le taux est fixe.", "Le taux est fixe."),
     ("Ouilly reste lauréate.", "Ouilly reste lauréate."), ("Nonante communes.", "Nonante communes.")],
)  # fmt: skip
def test_a_yes_that_nobody_asked_for_is_left_out(text: str, expected: str) -> None:
    assert without_yes_no(text) == expected


def test_the_row_where_the_answer_begins_is_chosen_before_one_that_has_as_many_words_of_the_question() -> None:
    prices = {"habitants": 110, "extérieurs": 240, "associations": 35, "agents": 60, "écoles": 20, "entreprises": 310}
    rows = "\n".join(f"- Tarif de la salle, {who} : {price} € la journée, ménage compris." for who, price in prices.items())
    passage = hit(1, rows, 1.0, heading="").passage
    question = "Quel tarif de la salle pour une institutrice ?"
    assert "écoles : 20 €" in " ".join(texts([chooser(question, begins={"écoles": 0.9}).of(passage, 30)]))
    assert "écoles : 20 €" not in " ".join(texts([chooser(question).of(passage, 30)]))


WHAT = "La zone France ruralités remplace l'ancienne zone de revitalisation."
SINCE = "La zone s'applique depuis juillet de cette année-là."


@pytest.mark.parametrize(
    ("told", "near", "said"),
    [
        ((WHAT, SINCE), SINCE, (SINCE, WHAT)),
        ((WHAT, SINCE), WHAT, (WHAT, SINCE)),
        ((WHAT, f"Elle {SINCE.lower()}"), SINCE.lower(), (WHAT, f"Elle {SINCE.lower()}")),  # goes on with what is before it
        ((f"Oui, {WHAT.lower()}", SINCE), SINCE, (f"Oui, {WHAT.lower()}", SINCE)),
        ((f"La base ne donne pas la date. {WHAT}", SINCE), SINCE, ("La base ne donne pas la date.", WHAT, SINCE)),
    ],
)
def test_the_sentence_that_answers_is_said_first_where_it_stands_alone(
    told: tuple[str, ...], near: str, said: tuple[str, ...]
) -> None:
    (main,) = chooser("Depuis quand ?", {near: 1.0}).answer([hit(1, " ".join(told), 5.0)])
    assert tuple(main.texts) == said
    assert main.quote_span == (50, 50 + len(" ".join(told)))  # the quote is the passage's, in its own order


def test_no_item_of_a_list_is_said_before_what_introduces_it() -> None:
    (main,) = chooser("Quoi ?", {"Le puits": 1.0}).answer([hit(1, "Sont aidés :\n- La halle\n- Le puits", 5.0)])
    assert main.texts == ["Sont aidés :", "- La halle", "- Le puits"]
