"""Why this answer: every passage considered says what became of it."""

from __future__ import annotations

from assistant import texts


def test_cited_passages_are_said_so_and_the_others_say_why_not(assistant):
    answer = assistant.ask("Combien touche la collectivité pour un VTA ?")
    hits = answer.explanation.hits
    cited = {citation.passage.id for citation in answer.citations}
    assert {hit.passage for hit in hits if hit.outcome == texts.CITED} == cited
    others = [hit.outcome for hit in hits if hit.passage not in cited]
    assert others and all(outcome.startswith("écarté : ") for outcome in others)
    assert len(set(others)) > 1


def test_a_refusal_cites_nothing_and_names_the_words_that_passages_lack(assistant):
    answer = assistant.ask("Combien de trottinettes électriques le programme a-t-il achetées ?")
    assert not answer.sentences
    outcomes = [hit.outcome for hit in answer.explanation.hits]
    assert texts.CITED not in outcomes and any("trottinettes" in outcome for outcome in outcomes)
