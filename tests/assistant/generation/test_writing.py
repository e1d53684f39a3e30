"""What is written, from what, and what stays ours: sums, verdicts, validated answers, and everything when no model is set."""

from __future__ import annotations

import json
import re

import pytest

from assistant.answering.answer import Finished, Status
from assistant.generation import generation_texts as texts
from assistant.generation import writing
from assistant.generation.faults import ModelFault
from assistant.generation.writing import PASSAGES, WritingForm, WritingStyle
from assistant.generation.written_text import quoted
from tests.assistant.faithful import uncarried
from tests.assistant.generation.conftest import written
from tests.scripted_model import RATE as GOOD_RATE

RATE = "Quel est le taux du plan Halles ?"


def test_without_a_model_events_are_those_of_the_assistant(made_up):
    for question in (RATE, "Merci", "Combien de halles en Bretagne ?", "zzzz"):
        own, through = list(made_up.stream(question)), list(writing.stream(None, made_up, question))
        assert own == through
        answer = through[-1].answer
        assert answer.writing is None
        assert json.dumps(answer.as_dict()) == json.dumps(made_up.ask(question).as_dict())


def test_the_model_reads_the_passages_of_the_answer_first_numbered_and_dated(writer, server, made_up):
    answer = made_up.ask(RATE)
    written(writer, made_up, RATE)
    (asked,) = server.requests
    assert asked.passages[1] == answer.citations[0].passage.text and len(asked.passages) <= PASSAGES
    assert "Passage 1 — Plan Halles couvertes" in asked.prompt and "mis à jour le 30 janvier 2026" in asked.prompt
    assert asked.question == RATE


def test_the_model_is_told_the_question_without_personal_data(writer, server, made_up):
    written(writer, made_up, "Quel est le taux du plan Halles (06 39 98 01 42) ?")
    (asked,) = server.requests
    assert asked.question == "Quel est le taux du plan Halles ([téléphone]) ?" and "39 98" not in asked.prompt


def test_passages_are_numbered_again_as_they_are_shown(writer, server, made_up):
    server.script = "faithful"
    answer = written(writer, made_up, RATE)
    assert [citation.marker for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    shown = [int(found) for found in re.findall(r"\[(\d+)\]", answer.text)]
    assert list(dict.fromkeys(shown)) == sorted(set(shown))
    assert uncarried(answer) == set()
    for citation in answer.citations:
        text = made_up.retriever.documents[citation.passage.document].text
        assert text[citation.start : citation.end] == citation.quote != ""


def test_a_sum_and_a_verdict_stay_ours(writer, server, assistant):
    for question in (
        "Notre chef de projet coûte 60 000 € par an, combien paie l'État ?",
        "Notre commune a 900 habitants, on a droit à un VTA ?",
    ):
        own = assistant.ask(question)
        assert own.framing is None and own.status is Status.ANSWERED, question
        assert written(writer, assistant, question) == own
    assert server.requests == []


def test_what_contradicts_the_answer_stays_under_it(writer, server, small):
    fiche = (
        "---\ntitre: Plan Halles\nmis_a_jour: {date}\n---\n## Quel soutien ?\n### Quel est le taux du plan Halles ?\n"
        "{text}[^1]\n\n"
        "[^1]: M — 2026 — <https://exemple.fr>\n"
    )
    base = small(
        {
            "neuve.md": fiche.format(date="2026-01-30", text="Le plan Halles paie 35 % des travaux de la halle."),
            "vieille.md": fiche.format(date="2024-01-30", text="Le plan Halles paie 30 % des travaux de la halle."),
        }
    )
    own = base.ask(RATE)
    assert "30 %" in own.framing.after
    server.script = "faithful"
    answer = written(writer, base, RATE)
    assert answer.writing.fallback == "" and "30 %" in answer.text and uncarried(answer) == set()
    assert {int(found) for found in re.findall(r"\[(\d+)\]", answer.text)} == {one.marker for one in answer.citations}


@pytest.mark.parametrize(
    ("form", "ours"), [(WritingForm.LETTER, (texts.LETTER, texts.LETTER_END)), (WritingForm.NOTE, (texts.NOTE, texts.NOTE_END))]
)
def test_a_letter_and_a_note_are_checked_sentences_in_words_of_ours_with_numbered_sources(form, ours, writer, server, made_up):
    answer = written(writer, made_up, RATE, WritingStyle(form))
    opening, ending = ours
    assert answer.text.startswith(opening.format(question=RATE)) and ending in answer.text
    assert GOOD_RATE in answer.text.replace("*", "")
    assert re.search(rf"{texts.SOURCES}\n- \[1\] Plan Halles couvertes", answer.text)
    assert uncarried(answer) - {*map(int, ("30", "2026"))} == set(), "the date of the source is its document's"
    server.script = "a rate raised"
    assert "85" not in written(writer, made_up, RATE, WritingStyle(form)).text


def test_who_stops_gets_the_extractive_answer_at_once(writer, server, made_up):
    server.script = "slow tokens"
    *_, last = writer.stream(made_up, RATE, (), stopped=lambda: len(server.requests) > 0)
    assert isinstance(last, Finished)
    assert last.answer.writing.fallback == texts.FAULTS[ModelFault.STOPPED]
    assert last.answer.as_dict() == made_up.ask(RATE).as_dict()


PASSAGE = "Le plan paie 35 % des travaux. Il dure trois ans. La demande se fait en mairie. Le délai est de 40 jours."


@pytest.mark.parametrize(
    ("said", "quote"),
    [
        (["Les travaux sont payés à 35 %."], "Le plan paie 35 % des travaux."),
        (["Le délai est de 40 jours."], "Le délai est de 40 jours."),
        (["Le plan paie 35 % des travaux.", "Il dure trois ans."], "Le plan paie 35 % des travaux. Il dure trois ans."),
        (["Rien de commun."], PASSAGE),
        ([], PASSAGE),
    ],
)
def test_the_quote_is_what_the_sentence_says_otherwise(said, quote):
    start, end = quoted(PASSAGE, said)
    assert PASSAGE[start:end] == quote
