"""Conversations: what a message does, and the question it becomes, in one named table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import Move, Turn, named, only_noun, standalone

NAMES = {"ort", "vta", "fonds vert", "detr", "denormandie", "fonds", "territoires industrie"}


def turn(question: str, document: str, subject: str) -> Turn:
    return Turn(question, question, document, subject, answered=True)


ORT = turn("C'est quoi une ORT ?", "ort.md", "ORT")
POST = turn("Quelle aide pour un poste à 60 000 € ?", "chef.md", "Chef de projet")
REGION = turn("Combien de communes en Occitanie ?", "communes.md", "Petites villes de demain")
VTA = turn("Quel est le montant du VTA ?", "vta.md", "VTA")
BUDGET = turn("Quel budget en 2024 pour le Fonds vert ?", "fonds-vert.md", "Fonds vert")
ANAH = turn("Combien l'Anah a mis dans l'habitat ?", "anah.md", "Anah")
CAFES = turn("Qui s'occupe des 1000 cafés ?", "cafes.md", "1000 cafés")
INDUSTRY = turn("Combien de Territoires d'industrie aujourd'hui ?", "industrie.md", "Territoires d'industrie")
UNANSWERED = Turn("Qui a peint la halle ?", "Qui a peint la halle ?")


@dataclass(frozen=True)
class Case:
    """A message after some turns, and what is expected of it; None: whatever it is."""

    name: str
    message: str
    turns: tuple[Turn, ...]
    move: Move
    text: str | None = None
    context: str | None = None  # words that must be inherited; empty: nothing is
    document: str | None = None


FOLLOW, NEW = Move.FOLLOW_UP, Move.NEW
CASES = [
    # a first message stands alone
    Case("première question", "C'est quoi une ORT ?", (), NEW, "C'est quoi une ORT ?", "", ""),
    Case("première question elliptique", "combien ?", (), NEW, "combien ?", "", ""),
    Case("politesse devant", "Bonjour, c'est quoi le VTA ?", (), NEW, "c'est quoi le VTA ?", "", ""),
    # follow-ups take the subject
    Case("et ça sert à quoi", "et ça sert à quoi concrètement ?", (ORT,), FOLLOW, None, "ORT", "ort.md"),
    Case("pronom", "elle dure combien de temps ?", (ORT,), FOLLOW, None, "ORT", "ort.md"),
    Case("trop court", "combien de temps ?", (ORT,), FOLLOW, None, "ORT", "ort.md"),
    Case("cette aide", "Qui peut toucher cette aide dans une intercommunalité ?", (VTA,), FOLLOW, None, "VTA", "vta.md"),
    Case("merci puis question", "merci, et la durée ?", (ORT,), FOLLOW, None, "ORT", "ort.md"),
    Case("le dernier sujet", "et la durée ?", (ORT, VTA), FOLLOW, None, "VTA", "vta.md"),
    # substitutions
    Case("autre lieu", "et en Bretagne ?", (REGION,), FOLLOW, "Combien de communes en Bretagne ?", "", "communes.md"),
    Case("autre lieu sans et", "en Bretagne ?", (REGION,), FOLLOW, "Combien de communes en Bretagne ?", "", "communes.md"),
    Case(
        "autre préposition",
        "et dans le Calvados ?",
        (REGION,),
        FOLLOW,
        "Combien de communes dans le Calvados ?",
        "",
        "communes.md",
    ),
    Case("autre montant", "et pour un poste à 50 000 ?", (POST,), FOLLOW, "Quelle aide pour un poste à 50 000 ?", "", "chef.md"),
    Case(
        "autre montant en euros", "et pour 45 000 € ?", (POST,), FOLLOW, "Quelle aide pour un poste à 45 000 € ?", "", "chef.md"
    ),
    Case("autre année", "et en 2025 ?", (BUDGET,), FOLLOW, "Quel budget pour le Fonds vert en 2025 ?", "", "fonds-vert.md"),
    Case(
        "et maintenant", "et maintenant ?", (BUDGET,), FOLLOW, "Quel budget pour le Fonds vert maintenant ?", "", "fonds-vert.md"
    ),
    # back to what was said before, or to something else by its name
    Case("retour par un mot", "pour revenir au chef, combien par an ?", (POST, VTA), FOLLOW, None, "Chef de projet", "chef.md"),
    Case("retour par un nom", "et pour en revenir à l'ORT, qui signe ?", (ORT, VTA), FOLLOW, None, "ORT", "ort.md"),
    Case("retour par un mot de la question", "pour revenir au poste, c'est annuel ?", (POST, VTA), FOLLOW, None,
         "Chef de projet", "chef.md"),
    Case("retour à ce dont on n'a rien dit", "pour revenir à la DETR, quel taux ?", (ORT, VTA), NEW, "DETR, quel taux ?", "", ""),
    Case("retour à ce qui commence par « de »", "pour revenir au Denormandie, qui y a droit ?", (ORT,), NEW,
         "Denormandie, qui y a droit ?", "", ""),
    Case("retour dès la première question", "pour revenir à l'ORT, qui signe ?", (), NEW, "ORT, qui signe ?", "", ""),
    # what is not replaced
    Case("une année n'est pas un nombre", "il y en avait combien début 2021 ?", (CAFES,), FOLLOW,
         "il y en avait combien début 2021 (1000 cafés) ?", "1000 cafés", "cafes.md"),
    Case("un nom et sa propre question", "et pour le VTA, combien de contrats ?", (INDUSTRY,), FOLLOW,
         "et pour le VTA, combien de contrats (Territoires d'industrie) ?", "Territoires d'industrie", ""),
    Case("un nom qui s'élide", "et le VTA ?", (INDUSTRY,), FOLLOW, "Combien du VTA aujourd'hui ?", "", ""),
    Case("complément ajouté", "par l'État ?", (VTA,), FOLLOW, "Quel est le montant du VTA par l'État ?", "", "vta.md"),
    Case("autre financeur", "et l'état ?", (ANAH,), FOLLOW, "Combien l'état a mis dans l'habitat ?", "", "anah.md"),
    # corrections
    Case("non je parlais de", "non je parlais du Fonds vert", (VTA,), Move.CORRECTION, None, "", ""),
    Case(
        "non, et question neuve", "non, je voulais savoir qui signe la convention-cadre de la commune", (ORT,), NEW, None, "", ""
    ),
    Case("non, un nom seul", "non, le Fonds vert", (VTA,), Move.CORRECTION, "Quel est le montant du Fonds vert ?", "", ""),
    Case("pardon, un nom seul", "pardon, le Fonds vert", (VTA,), Move.CORRECTION, "Quel est le montant du Fonds vert ?", "", ""),
    Case("pardon, puis une question", "pardon : qui signe l'ORT ?", (VTA,), NEW, "qui signe l'ORT ?", "", ""),
    Case("non sans suite", "non, c'est pas ça", (VTA,), NEW, "non, c'est pas ça", "", ""),
    Case("non merci", "non merci", (VTA,), Move.THANKS, None, "", ""),
    # switches
    Case("question complète", "Qui signe la convention d'adhésion au programme ?", (ORT,), NEW, None, "", ""),
    Case(
        "autre sujet", "autre sujet : le Denormandie est-il prolongé ?", (ORT,), NEW, "le Denormandie est-il prolongé ?", "", ""
    ),
    Case("sinon", "sinon, qui paie le VTA ?", (ORT,), NEW, "qui paie le VTA ?", "", ""),
    Case("nom nouveau", "Quel est le taux de la DETR ?", (ORT,), NEW, "Quel est le taux de la DETR ?", "", ""),
    Case("nom nouveau après et", "et la DETR, elle existe encore ?", (ORT,), FOLLOW, None, "ORT", ""),
    # what asks nothing
    Case("merci", "merci", (ORT,), Move.THANKS, None, "", ""),
    Case("merci beaucoup", "Merci beaucoup !", (ORT,), Move.THANKS, None, "", ""),
    Case("merci d'abord", "merci", (), Move.THANKS, None, "", ""),
    Case("bonjour", "Bonjour !", (), Move.GREETING, None, "", ""),
    Case("salut au milieu", "salut", (ORT,), Move.GREETING, None, "", ""),
    Case("emoji", "🙂", (ORT,), Move.GREETING, None, "", ""),
    # challenges
    Case("sûr ?", "vous êtes sûr ?", (ORT,), Move.CHALLENGE, "C'est quoi une ORT ?", "", "ort.md"),
    Case("t'es sûr", "t'es sûr de toi ?", (ORT,), Move.CHALLENGE, "C'est quoi une ORT ?", "", "ort.md"),
    Case("source ?", "source ?", (ORT,), Move.CHALLENGE, "C'est quoi une ORT ?", "", "ort.md"),
    Case("sûr, avec un sujet", "C'est sûr que le VTA finance les salaires des agents ?", (ORT,), NEW, None, "", ""),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_message_in_its_conversation(case: Case) -> None:
    asked = standalone(case.message, case.turns, NAMES)
    assert asked.move is case.move
    if case.text is not None:
        assert " ".join(asked.text.split()) == case.text
    if case.context is not None:
        assert (case.context in asked.context) if case.context else asked.context == ""
    if case.document is not None:
        assert asked.document == case.document


@pytest.mark.parametrize(
    ("message", "last", "new", "old"),
    [("et le Denormandie ?", VTA, "Denormandie", "VTA"), ("et pour le fonds vert ?", VTA, "fonds vert", "VTA"),
     ("non je parlais du VTA", ORT, "VTA", "ORT")],
)  # fmt: skip
def test_another_name_takes_the_place_of_the_first(message: str, last: Turn, new: str, old: str) -> None:
    asked = standalone(message, (last,), NAMES)
    assert new in asked.text and old not in asked.text
    assert asked.text.startswith(last.question.split()[0])
    assert asked.document == ""


def test_the_subject_is_shown_to_the_asker() -> None:
    assert "(ORT)" in standalone("et la durée ?", (ORT,), NAMES).text


def test_follow_ups_of_follow_ups_keep_the_subject() -> None:
    first = standalone("et la durée ?", (ORT,), NAMES)
    again = Turn("et la durée ?", first.text, "ort.md", "ORT", context=first.context, answered=True)
    second = standalone("et le coût ?", (ORT, again), NAMES)
    assert "ORT" in second.context
    assert second.text.count("(") == 1, "subjects do not pile up"


def test_an_unanswered_question_still_lends_its_words() -> None:
    asked = standalone("et quand ?", (UNANSWERED,), NAMES)
    assert asked.move is FOLLOW and "halle" in asked.context


def test_a_turn_that_said_nothing_is_skipped() -> None:
    assert standalone("et la durée ?", (ORT, Turn("merci", "")), NAMES).document == "ort.md"


def test_names_are_found_whole_and_longest_first() -> None:
    assert named("le Fonds vert et la DETR", NAMES) == ["fonds vert", "detr"]
    assert named("un fonds de soutien aux ports", NAMES) == ["fonds"]


@given(st.text(max_size=60), st.sampled_from([(), (ORT,), (ORT, VTA), (UNANSWERED,)]))
def test_any_message_stands_alone(message: str, turns: tuple[Turn, ...]) -> None:
    asked = standalone(message, turns, NAMES)
    assert asked.move in Move
    assert asked == standalone(message, turns, NAMES)
    if not turns:
        assert (asked.context, asked.document) == ("", "")


def test_a_side_of_the_subject_and_who_pays_keep_the_subject() -> None:
    names, spent = {*NAMES, "logement", "anah"}, turn("Combien d'argent a été engagé fin 2024 ?", "bilan.md", "Bilan")
    defined = turn("C'est quoi une ORT ?", "ort.md", "Opération de revitalisation de territoire (ORT)")
    follow_ups = (("et côté logement ?", ORT), ("dont combien par l'Anah ?", spent), ("dont combien par l'Anah ?", defined))
    for message, last in follow_ups:
        found = standalone(message, (last,), names)
        assert found.move is Move.FOLLOW_UP and found.document == last.document and last.subject in found.context
        assert last.question.rstrip(" ?") in found.context


@pytest.mark.parametrize(("message", "noun"), [
    ("et le cinéma ?", "cinema"), ("mais pour l’école ?", "ecole"), ("et pour un cinéma", "cinema"),
    ("et ça sert à quoi ?", ""), ("et le cinéma du bourg ?", ""), ("le cinéma ?", ""), ("et en Bretagne ?", ""),
])
def test_a_follow_up_that_is_one_noun(message: str, noun: str) -> None:
    assert only_noun(message) == noun


def test_where_is_no_or() -> None:
    assert standalone("Où trouver un architecte des bâtiments de France ?", (ORT,), NAMES).move is Move.NEW
    assert standalone("ou la DETR ?", (ORT,), NAMES).move is Move.NEW
    assert standalone("où ça ?", (ORT,), NAMES).move is Move.FOLLOW_UP


def test_the_same_question_again_means_the_same() -> None:
    question = "Quel est le plafond de l'aide ?"
    alone = Turn(question, question, "ort.md", ORT.subject, answered=True)
    again = standalone("quel est le plafond de l'aide", (ORT, alone), NAMES)
    assert (again.move, again.text, again.context, again.document) == (Move.REPEAT, question, "", "")
    follow_up = replace(alone, standalone=f"{question[:-2]} (ORT) ?", context=ORT.subject)
    again = standalone(question, (ORT, follow_up), NAMES)
    assert (again.text, again.typed, again.context, again.document) == (
        follow_up.standalone, "Quel est le plafond de l'aide", ORT.subject, "ort.md",
    )


def test_what_was_meant_instead_replaces_a_name() -> None:
    asked = Turn("C'est qui la maire d'Attigny ?", "C'est qui la maire d'Attigny ?", "a.md", "Exemples", answered=True)
    found = standalone("pardon je pensais à Luzy", (asked,), {"attigny", "luzy"})
    assert (found.move, found.text) == (Move.CORRECTION, "C'est qui la maire de Luzy ?")
