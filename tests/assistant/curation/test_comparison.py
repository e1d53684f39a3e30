"""Two versions compared: passages that move are the same, changed words are marked, figures that disagree are found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.answering.answer import Answer, Status
from assistant.curation.comparison import (
    AnswerChange,
    Op,
    by_gravity,
    contradictions,
    difference,
    differs,
    near_duplicates,
    passage_changes,
)
from index.search import Retriever
from tests.assistant.conftest import FICHES, Write

Compare = Callable[[dict[str, str], dict[str, str]], tuple[Retriever, Retriever]]


@pytest.fixture
def versions(small: Write) -> Compare:
    """Two versions of one made-up base."""
    return lambda before, after: (small(before).retriever, small(after).retriever)


def fiche(title: str, question: str, text: str) -> str:
    return f"---\ntitre: {title}\n---\n## Quel soutien ?\n### {question}\n{text}\n"


def test_a_passage_that_only_moved_is_the_same(versions: Compare) -> None:
    added = "### Une question de plus ?\nUne phrase de plus, assez longue.\n\n## Quel soutien ?"
    longer = FICHES["halles.md"].replace("## Quel soutien ?", added, 1)
    changes = passage_changes(*versions(FICHES, FICHES | {"halles.md": longer}))
    assert [(change.op, change.passage.text) for change in changes] == [(Op.ADDED, "Une phrase de plus, assez longue.")]


def test_a_changed_heading_is_one_change(versions: Compare) -> None:
    renamed = FICHES["halles.md"].replace("Quel est le taux du plan Halles ?", "Combien paie le plan Halles ?")
    (change,) = passage_changes(*versions(FICHES, FICHES | {"halles.md": renamed}))
    assert (change.op, change.before.text) == (Op.CHANGED, change.after.text)


def test_another_text_in_the_same_place_is_a_removal_and_an_addition(versions: Compare) -> None:
    other = FICHES["fontaines.md"].replace(
        "L'agence de l'eau instruit la demande du fonds Fontaines.", "Toute question : écrire au ministère, bureau des lavoirs."
    )
    changes = passage_changes(*versions(FICHES, FICHES | {"fontaines.md": other}))
    assert sorted(change.op for change in changes) == [Op.ADDED, Op.REMOVED]


def test_the_difference_gives_back_both_texts() -> None:
    before, after = "L'aide est de 45 000 € par an.", "L'aide forfaitaire est de 50 000 €."
    pieces = difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.op is not Op.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.op is not Op.REMOVED) == after
    assert {(piece.op, piece.text) for piece in pieces} >= {(Op.REMOVED, "45 000 € par an"), (Op.ADDED, "50 000 €")}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("15\u202f000\u00a0€", "22\u202f000\u00a0€"),
        ("1 000,50 €", "1 200,50 €"),
        ("75 %", "7,5\u202f%"),
        ("12/01/2026", "13/01/2026"),
        ("2025", "2026"),
    ],
)
def test_a_figure_that_changes_is_one_word(before: str, after: str) -> None:
    """Run together, « 15 000 » and « 22 000 » would read « 1522 000 »."""
    pieces = difference(f"Il reçoit {before} par an", f"Il reçoit {after} par an")
    assert [piece.text for piece in pieces] == ["Il reçoit ", before, after, " par an"]


def test_a_year_beside_an_amount_is_not_a_part_of_it() -> None:
    pieces = difference("En 2026 200 postes", "En 2025 200 postes")
    assert [piece.text for piece in pieces] == ["En ", "2026", "2025", " 200 postes"]


OLD = fiche("Aide au chef de projet", "Combien donne l'État pour un chef ?", "L'État paie 75 % du poste de chef de projet.")
OTHER = fiche("Banque publique", "Quelle part pour le chef ?", "Le poste de chef de projet est payé à {} par l'État, le {}.")


@pytest.mark.parametrize(
    ("rate", "day", "found"), [("75 %", "1er mai 2025", True), ("80 %", "1er mai 2025", False), ("60 %", "1er mai 2025", True)]
)
def test_figures_of_other_documents_that_disagree_are_found(versions: Compare, rate: str, day: str, found: bool) -> None:
    base = {"banque.md": OTHER.format(rate, day), "halles.md": FICHES["halles.md"]}
    before, after = versions(base | {"chef.md": OLD}, base | {"chef.md": OLD.replace("75 %", "80 %")})
    pairs = contradictions(after, passage_changes(before, after))
    assert [(pair.figures, pair.other_figures) for pair in pairs if pair.other.document == "banque.md"] == (
        [(("80 %",), (rate,))] if found else []
    )
    assert all(pair.outdated == (rate == "75 %") for pair in pairs)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("46 000 € par an sans l'Anah et 55 000 € avec", True),
        ("45 000 € par an sans l'Anah et 55 000 € avec", False),
        ("45 000 € par an sans l'Anah", False),  # it says less, nothing else
    ],
)
def test_a_figure_in_common_hides_no_other_that_disagrees(versions: Compare, said: str, found: bool) -> None:
    fiches = fiche(
        "Aide au chef de projet",
        "Quel plafond pour le poste de chef de projet ?",
        "L'aide au poste de chef de projet est plafonnée à 45 000 € par an sans l'Anah et 55 000 € avec.",
    )
    note = fiche("Note", "Quel est le plafond du poste ?", f"L'aide au poste de chef de projet est plafonnée à {said}.")
    before, after = versions({"chef.md": fiches}, {"chef.md": fiches, "note.md": note})
    pairs = contradictions(after, passage_changes(before, after))
    assert [pair.other.document for pair in pairs] == (["chef.md"] if found else [])


def test_a_sentence_that_did_not_change_is_not_questioned(versions: Compare) -> None:
    base = {"banque.md": OTHER.format("60 %", "1er mai 2025"), "chef.md": OLD}
    before, after = versions(base, base | {"chef.md": OLD.replace("projet.\n", "projet. Il faut signer une convention.\n")})
    changes = passage_changes(before, after)
    assert changes and contradictions(after, changes) == ()


def test_a_month_agrees_with_a_day_of_it(versions: Compare) -> None:
    one = fiche("Lancement", "Quand le programme Halles a-t-il été lancé ?", "Le programme Halles a été lancé en octobre 2020.")
    two = one.replace("en octobre 2020", "le 1er octobre 2020").replace("titre: Lancement", "titre: Jalons")
    before, after = versions({"a.md": one}, {"a.md": one, "b.md": two})
    assert contradictions(after, passage_changes(before, after)) == ()


def test_near_copies_are_found_in_other_documents_only(versions: Compare) -> None:
    text = "La commune dépose sa demande en préfecture avant la fin du mois de mars, avec le plan de financement signé du maire."
    one = fiche("Un", "Comment déposer ?", text)
    two = fiche("Deux", "Comment s'y prendre ?", text.replace("fin du mois de mars", "fin du mois de juin"))
    before, after = versions({"a.md": one}, {"a.md": one, "b.md": two})
    (pair,) = near_duplicates(after, passage_changes(before, after))
    assert (pair.fresh.document, pair.other.document) == ("b.md", "a.md") and 0.5 <= pair.similarity < 1


def test_a_passage_copied_into_a_longer_one_is_found(versions: Compare) -> None:
    text = "La commune dépose sa demande en préfecture avant la fin du mois de mars, avec le plan de financement signé du maire."
    rest = " ".join(f"Le point {n} de la note parle d'un sujet différent, sans rapport aucun, numéro {n}." for n in range(1, 9))
    one, two = fiche("Un", "Comment déposer ?", text), fiche("Deux", "Que dit la note ?", f"{rest} {text}")
    before, after = versions({"a.md": one}, {"a.md": one, "b.md": two})
    (pair,) = near_duplicates(after, passage_changes(before, after))
    assert (pair.fresh.document, pair.other.document, pair.similarity) == ("b.md", "a.md", 1.0)


def answer(status: Status, text: str) -> Answer:
    return Answer("q", "q", status, text)


def test_the_gravest_changes_come_first() -> None:
    told, lost = answer(Status.ANSWERED, "75 %"), answer(Status.NOT_FOUND, "je ne sais pas")
    changes = [
        AnswerChange("past, words", "", told, answer(Status.ANSWERED, "80 %")),
        AnswerChange("past, lost", "", told, lost),
        AnswerChange("golden, passes", "G2", told, lost),
        AnswerChange("golden, fails", "G1", told, lost, True, False),
    ]
    assert [change.question for change in by_gravity(changes)] == ["golden, fails", "golden, passes", "past, lost", "past, words"]
    assert differs(told, lost) and not differs(told, told)
