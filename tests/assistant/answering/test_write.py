"""Writing: answer first, the figure in bold, every sentence under its marker; never the yes or no of another question."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from assistant import texts
from assistant.answering import grounding
from assistant.answering.aid_amounts import compute
from assistant.answering.answer import Answer, ConsideredPassage, Status
from assistant.answering.disagreement import Rival
from assistant.answering.extracts import Extract
from assistant.answering.find import Finding
from assistant.answering.judge import Evidence
from assistant.answering.question import expectation
from assistant.answering.readings import Reading, ReadingKind
from assistant.answering.spelling import Wording
from assistant.answering.sums import ComputedAids
from assistant.answering.write import AnswerBuilder
from index.document import Hit, Passage
from index.fiche import Grant
from index.figures import wanted
from index.french import sentences
from index.ranking import WeightedTerms
from index.search import Query
from index.tokens import UNKNOWN


def passage(
    text: str, *headings: str, document: str = "halles.md", title: str = "Plan Halles", page: int | None = None
) -> Passage:
    return Passage(f"{document}#{crc32(text.encode())}", document, title, headings, text, 100, 100 + len(text), page)


def whole(of: Passage) -> Extract:
    return Extract(of, tuple(sentences(of.text)))


def considered(cited: set[str]) -> list[ConsideredPassage]:
    return [ConsideredPassage(one, "", 1.0, 0.5, 0.5, texts.CITED) for one in sorted(cited)]


def draft(question: str, *passages: Passage, **found: Any) -> AnswerBuilder:
    """A draft on a finding whose hits are some passages; `found` are fields of the finding."""
    reading, query = Reading(ReadingKind.ALONE, question, question), Query(question)
    hits = tuple(Hit(one, 5.0 - n) for n, one in enumerate(passages))
    values = {"probability": 0.9, "status": Status.ANSWERED, **found}
    finding = Finding(reading, query, (np.zeros(2, dtype=np.float32), UNKNOWN), hits, **values)
    return AnswerBuilder(question, question, finding, "v1", Wording(question, {}), considered)


def answered(question: str, *passages: Passage, **rest: Any) -> Answer:
    terms = WeightedTerms((), (), want=wanted(question))
    made = draft(question, *passages)
    return made.answered([whole(one) for one in passages], expectation(question), terms, rest.pop("stale", False), **rest)


RATE = passage("Oui, le plan Halles paie 35 % des travaux. La demande se fait en ligne.", "Le plan paie-t-il les travaux ?")
FLOOR = passage("Le fonds verse 9 000 € par fontaine remise en eau.", "Quelle aide ?", document="fontaines.md")
RAW = passage(
    "Les commerces du centre sont dispensés d'autorisation.", "Commerce", "Autorisations commerciales", document="guide.pdf"
)


@pytest.mark.parametrize(("question", "shown"), [
    ("Quel est le taux du plan ?", "**35 %**"),
    ("Combien paie le plan ?", "**35 %**"), ("Quel montant pour une fontaine ?", "**9 000 €**"),
])  # fmt: skip
def test_the_figure_asked_for_is_in_bold(question: str, shown: str) -> None:
    assert shown in answered(question, FLOOR if "fontaine" in question else RATE).text


def test_no_figure_is_in_bold_when_none_is_asked_for() -> None:
    answer = answered("Qui fait la demande ?", RATE)
    assert "**" not in answer.text and "35 %" in answer.text
    assert all("**" not in sentence.text for sentence in answered("Quel taux ?", RATE).sentences), "sentences stay verbatim"


def test_only_the_first_sentence_with_such_a_figure_is_marked() -> None:
    two = passage("Le plan paie 35 % des travaux. Il payait 20 % avant.", "Quel taux ?")
    text = answered("Quel est le taux du plan ?", two).text
    assert "**35 %**" in text and "**20 %**" not in text


def test_the_yes_of_the_question_is_kept() -> None:
    assert answered("Est-ce que le plan paie les travaux ?", RATE).text.startswith("Oui, le plan Halles paie 35 %")


@pytest.mark.parametrize("question", [
    "Que paie le plan ?", "Est-ce que le plan paie sans travaux ?", "Est-ce qu'il est interdit que le plan paie les travaux ?",
])  # fmt: skip
def test_the_yes_of_another_question_is_not(question: str) -> None:
    text = answered(question, RATE).text
    assert text.startswith("Le plan Halles paie") and "Oui" not in text


def test_a_second_passage_opens_with_no_yes_of_its_own() -> None:
    text = answered("Est-ce que le plan paie les travaux ?", RATE, replace(FLOOR, text="Oui, le fonds verse 9 000 €.")).text
    assert text.split("\n\n")[1] == f"{texts.ALSO}\n- Le fonds verse 9 000 €. [2]"


def test_a_raw_passage_is_shown_under_its_heading() -> None:
    assert answered("Qui est dispensé ?", RAW).text == f"*Autorisations commerciales* : {RAW.text} [1]"
    listed = replace(RAW, text="- les halles ;\n- les marchés.")
    assert answered("Qui ?", listed).text == "*Autorisations commerciales* :\n- les halles ;\n- les marchés. [1]"


@pytest.mark.parametrize("heading", ["Qui est dispensé ?", "Les 12 mesures", "Une phrase prise pour un titre " * 4])
def test_a_heading_that_asks_or_that_its_quote_would_not_carry_is_not_shown(heading: str) -> None:
    assert answered("Qui est dispensé ?", replace(RAW, headings=(heading,))).text == f"{RAW.text} [1]"


def test_each_passage_has_a_paragraph_and_the_marker_closes_it() -> None:
    answer = answered("Qui fait la demande ?", RATE, FLOOR)
    assert [block[-3:] for block in answer.text.split("\n\n")] == ["[1]", "[2]"]
    assert [(c.marker, c.passage) for c in answer.citations] == [(1, RATE), (2, FLOOR)]
    assert all(grounding.support(s.text, [answer.citations[s.citations[0] - 1].quote]) for s in answer.sentences)
    assert (answer.index_version, answer.probability) == ("v1", 0.9)
    assert answer.explanation and {one.passage for one in answer.explanation.hits} == {RATE.id, FLOOR.id}


def test_a_rate_taken_for_true_that_the_passage_does_not_say_is_not_confirmed() -> None:
    question = "Puisque le plan paie 80 % des travaux, qui fait la demande ?"
    assert answered(question, RATE).text.startswith(texts.PREMISE.format(figure="80 %"))
    assert "80" not in answered(question.replace("80", "35"), RATE).text
    assert "80" not in answered(question, FLOOR).text, "a passage that gives no rate confirms and denies none"


def test_an_answer_that_may_have_changed_says_so_last() -> None:
    assert answered("Qui ?", RATE, stale=True).text.endswith(texts.STALE)


def test_what_another_document_says_instead_is_listed_after_a_warning() -> None:
    rival = passage("Le plan Halles paie 20 % des travaux.", "Quel taux ?", document="ancien.md")
    text = answered("Quel est le taux du plan ?", RATE, others=[Rival(whole(rival), "2020-01-01")]).text
    assert text.index("35 %") < text.index(texts.DISAGREEMENT) < text.index("- Le plan Halles paie 20 % des travaux. [2]")


def test_a_partial_answer_says_what_is_nearest_and_whom_to_ask() -> None:
    terms = WeightedTerms((), ())
    one = draft("Qui ?", FLOOR, probability=0.3).partial([whole(FLOOR)], "Demandez à l'agence.", terms)
    assert one.text == f"{texts.UNSURE_OF_DOCUMENT}\n\n{FLOOR.text} [1]\n\nDemandez à l'agence." and one.status is Status.PARTIAL
    fiche = replace(FLOOR, is_fiche=True)
    assert draft("Qui ?", fiche, probability=0.3).partial([whole(fiche)], "", terms).text.startswith(texts.UNSURE)
    other = replace(RATE, document="autre.md", title="Autre")
    several = draft("Qui ?", FLOOR, other, probability=0.3).partial([whole(FLOOR), whole(other)], "", terms)
    assert several.text.startswith(texts.UNSURE_OF_DOCUMENTS)
    two = draft("Qui ?", FLOOR, RATE, probability=0.3).partial([whole(FLOOR), whole(RATE)], "", terms)
    assert f"- {FLOOR.text} [1]\n- Le plan Halles" in two.text
    likely = draft("Qui ?", FLOOR, RATE, probability=0.7).partial([whole(FLOOR), whole(RATE)], "", terms)
    assert f"\n\n{FLOOR.text} [1]\n\n{texts.ALSO}\n- Le plan Halles" in likely.text


def test_a_gap_that_the_base_states_needs_no_preface() -> None:
    gap = passage("La base ne donne pas le nombre de halles. Demandez à la Région.", "Combien de halles ?")
    answer = draft("Combien de halles ?", gap, evidence=Evidence(lacuna=1.0)).partial(
        [whole(gap)], "Contact.", WeightedTerms((), ())
    )
    assert answer.text == f"{gap.text} [1]"


def test_no_answer_points_to_the_nearest_passages_and_to_people() -> None:
    hits = (FLOOR, replace(RAW, page=4), RATE, passage("Autre.", "Quoi ?", document="d.md"))
    answer = draft("Combien de zébus ?", *hits, missing=("zébus",), probability=0.1).not_found("Demandez à l'agence.")
    lead, near, contact = answer.text.split("\n\n")
    assert answer.status is Status.NOT_FOUND and not answer.sentences
    assert (lead, contact) == (texts.NOT_FOUND_TERMS.format(terms="zébus"), "Demandez à l'agence.")
    assert near.split("\n")[1:] == [
        "- « Quelle aide ? » — Plan Halles [1]", "- « Autorisations commerciales » — Plan Halles, p. 4 [2]",
        "- « Le plan paie-t-il les travaux ? » — Plan Halles [3]",
    ]  # fmt: skip
    assert not draft("Combien de zébus ?", *hits, probability=0.01).not_found("").citations, "nothing is near"


def test_another_matter_is_said_to_be_one() -> None:
    answer = draft("Une recette ?", FLOOR, evidence=Evidence(foreign=0.9)).not_found("Contact.")
    assert (answer.status, answer.text, answer.citations) == (Status.OUT_OF_SCOPE, texts.OUT_OF_SCOPE, ())


GRANT = Grant("subvention du FRLA", "déficit", Decimal(50), None, None, "", "enveloppe à confirmer auprès de l'ANCT", "Combien ?")
CARRIES = passage("Le fonds peut payer 50 % du déficit.", "Combien ?", document="frla.md", title="FRLA")


def test_a_sum_comes_with_its_rule_and_a_condition_may_name_whom_the_passage_does_not() -> None:
    line = compute(GRANT, Decimal(200000))
    answer = draft("combien ?", CARRIES).computed(ComputedAids((line,), (CARRIES,)))
    assert answer.status is Status.ANSWERED
    first, rule = answer.text.split("\n\n")
    assert "aide de **100 000 €**" in first and "auprès de l'ANCT" in first and first.endswith("[1]")
    assert rule == f"{CARRIES.text} [1]" and [c.passage for c in answer.citations] == [CARRIES]


def test_a_sum_whose_figures_come_from_nowhere_is_not_shown() -> None:
    line = compute(replace(GRANT, rate=Decimal(80)), Decimal(200000))
    answer = draft("combien ?", CARRIES).computed(ComputedAids((line,), (CARRIES,)))
    assert answer.status is Status.NOT_FOUND and "80 %" not in answer.text


def test_sums_of_one_paragraph_share_its_marker() -> None:
    lines = tuple(compute(replace(GRANT, name=name), Decimal(200000)) for name in ("sans", "avec"))
    answer = draft("combien ?", CARRIES).computed(ComputedAids(lines, (CARRIES, CARRIES)))
    assert len(answer.citations) == 1 and answer.text.count("[1]") == 3


def test_a_sum_over_several_years_is_supported() -> None:
    line = compute(replace(GRANT, period="an"), Decimal(60000), years=3)
    answer = draft("combien ?", CARRIES).computed(ComputedAids((line,), (CARRIES,)))
    assert answer.status is Status.ANSWERED and "90 000 €" in answer.text


def test_what_documents_say_is_said_to_be_unsure_where_it_is() -> None:
    """Whose words follow, and a reserve that is worth something: not over every answer."""
    other = replace(RAW, id="autre#1", document="autre.pdf")
    terms = WeightedTerms((), ())
    for probability, shown, said in (
        (0.3, (RAW,), texts.UNSURE_OF_DOCUMENT),
        (0.7, (RAW,), texts.SAYS_OF_DOCUMENT),
        (0.3, (RAW, other), texts.UNSURE_OF_DOCUMENTS),
        (0.7, (RAW, other), texts.SAYS_OF_DOCUMENTS),
    ):
        made = draft("Faut-il une autorisation ?", *shown, probability=probability, status=Status.PARTIAL)
        answer = made.partial([whole(one) for one in shown], texts.CONTACT_OF_DOCUMENT, terms)
        assert answer.text.startswith(f"{said}\n") and texts.CONTACT_OF_DOCUMENT in answer.text
    assert "sûre" in texts.UNSURE_OF_DOCUMENT and "sûre" not in texts.SAYS_OF_DOCUMENT


@pytest.mark.parametrize(
    ("probability", "evidence", "said", "figure"),
    [
        (0.7, Evidence(), texts.SAYS_OF_DOCUMENT, "**9 000 €**"),
        (0.3, Evidence(), texts.UNSURE_OF_DOCUMENT, "9 000 €"),
        (0.7, Evidence(wants_figure=1.0, place_missing=1.0), texts.UNSURE_OF_DOCUMENT, "9 000 €"),
        (0.7, Evidence(wants_figure=1.0, figure=-1.0), texts.UNSURE_OF_DOCUMENT, "9 000 €"),
    ],
)
def test_no_figure_of_a_doubtful_answer_is_in_bold_and_its_doubt_is_said(
    probability: float, evidence: Evidence, said: str, figure: str
) -> None:
    made = draft("Quel montant ?", FLOOR, probability=probability, status=Status.PARTIAL, evidence=evidence)
    text = made.partial([whole(FLOOR)], "", WeightedTerms((), (), want=wanted("Quel montant ?"))).text
    assert text.startswith(said) and figure in text and ("**" in text) == ("**" in figure)
