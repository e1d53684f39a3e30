"""Two documents, one claim, two figures: the newest first, the other one said with its source."""

from __future__ import annotations

import pytest

from assistant import texts
from assistant.answering.answer import Status
from assistant.answering.judge import Judge
from assistant.answering.service import Assistant
from assistant.settings import Settings
from index.builder import build
from index.embedding import SentenceEncoder

NOTE = "---\ntitre: {title}\nmis_a_jour: {date}\n---\n\n## À savoir\n\n### {heading}\n\n{text}\n"
OLD = ("Point d'étape", "2021-01-20", "Combien de moulins sont restaurés ?", "La vallée a 1 587 moulins restaurés.")
NEW = ("Recensement", "2024-12-05", "Combien de moulins la vallée a-t-elle restaurés ?", "La vallée a 1 646 moulins restaurés.")
ASIDE = ("Lavoirs", "2025-06-01", "Combien de lavoirs sont restaurés ?", "La vallée a 212 lavoirs restaurés.")
QUESTION = "Combien de moulins sont restaurés dans la vallée ?"
SURE = Judge({"bias": 9.0}, {"bias": 9.0}, 0.5, 0.3, 0.5, 0.3)  # what is tested is what is said, not whether


def assistant_on(tmp_path, *notes):
    folder = tmp_path / "documents"
    folder.mkdir()
    for number, (title, date, heading, text) in enumerate(notes):
        page = NOTE.format(title=title, date=date, heading=heading, text=text)
        (folder / f"{number}.md").write_text(page, encoding="utf-8")
    build(folder, tmp_path / "index", SentenceEncoder())
    return Assistant.open(Settings(index=tmp_path / "index", journal=""), SURE)


@pytest.mark.parametrize("notes", [(OLD, NEW, ASIDE), (NEW, ASIDE, OLD)])
def test_the_newest_figure_comes_first_and_the_other_is_said(tmp_path, notes):
    answer = assistant_on(tmp_path, *notes).ask(QUESTION)
    assert answer.status is Status.ANSWERED
    assert answer.text.index("1 646") < answer.text.index(texts.DISAGREEMENT) < answer.text.index("1 587")
    assert [citation.passage.title for citation in answer.citations] == ["Recensement", "Point d'étape"]
    assert "212" not in answer.text


def test_documents_that_agree_are_not_set_against_each_other(tmp_path):
    same = ("Autre source", "2025-01-01", "Combien de moulins ?", "La vallée a 1 646 moulins restaurés.")
    answer = assistant_on(tmp_path, NEW, same, ASIDE).ask(QUESTION)
    assert "1 646" in answer.text and texts.DISAGREEMENT not in answer.text


def test_figures_of_two_places_are_no_disagreement(tmp_path):
    here = ("Nièvre", "2024-01-01", "Combien de moulins dans la Nièvre ?", "On compte pour la Nièvre 30 moulins restaurés.")
    there = ("Creuse", "2025-01-01", "Combien de moulins dans la Creuse ?", "On compte pour la Creuse 26 moulins restaurés.")
    answer = assistant_on(tmp_path, here, there).ask("Combien de moulins restaurés dans la Nièvre ?")
    assert "30" in answer.text and texts.DISAGREEMENT not in answer.text
