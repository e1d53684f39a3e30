"""A message in its conversation: every thing it may mean, in one named table; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.classifiers import Act
from assistant.answering.message import Message
from assistant.answering.readings import Reading, ReadingKind, Turn, corrected, readings, signs
from assistant.answering.scheme_names import named, short_name

NAMES = {"ort", "vta", "fonds vert", "detr", "denormandie", "fonds", "territoires industrie"}


def turn(question: str, document: str, subject: str) -> Turn:
    return Turn(question, Reading(ReadingKind.ALONE, question, question), document, subject, answered=True, searched=True)


ORT = turn("C'est quoi une ORT ?", "ort.md", "ORT")
POST = turn("Quelle aide pour un poste à 60 000 € ?", "chef.md", "Chef de projet")
REGION = turn("Combien de communes en Occitanie ?", "communes.md", "Petites villes de demain")
VTA = turn("Quel est le montant du VTA ?", "vta.md", "VTA")
BUDGET = turn("Quel budget en 2024 pour le Fonds vert ?", "fonds-vert.md", "Fonds vert")
ANAH = turn("Combien l'Anah a mis dans l'habitat ?", "anah.md", "Anah")
CAFES = turn("Qui s'occupe des 1000 cafés ?", "cafes.md", "1000 cafés")
INDUSTRY = turn("Combien de Territoires d'industrie aujourd'hui ?", "industrie.md", "Territoires d'industrie")
MAYOR = turn("C'est qui la maire d'Attigny ?", "a.md", "Exemples")
GYM = turn("Quelle aide pour rénover l'école du bourg ?", "ecole.md", "Écoles")
UNANSWERED = replace(turn("Qui a peint la halle ?", "", ""), answered=False)
THANKS = replace(turn("merci", "", ""), answered=False, searched=False)


def read(
    typed: str, *turns: Turn, act: Act = Act.QUESTION, context: str = "", names: set[str] = NAMES
) -> dict[ReadingKind, Reading]:
    """The readings of a message, the first of each kind."""
    message = Message(typed, (typed,), context, acts={act: 1.0})
    found: dict[ReadingKind, Reading] = {}
    for reading in readings(message, typed, turns, names):
        found.setdefault(reading.kind, reading)
    return found


def test_a_first_message_has_no_reading_but_its_own() -> None:
    for typed in ("C'est quoi une ORT ?", "combien ?", "et la durée ?", "pour revenir à l'ORT, qui signe ?"):
        (alone,) = read(typed).values()
        assert (alone.kind, alone.text, alone.typed, alone.context, alone.document) == (ReadingKind.ALONE, typed, typed, "", "")


def test_what_a_message_tells_besides_its_question_is_a_reading_of_its_own() -> None:
    told = read("combien ?", context="nous recrutons un chef de projet")[ReadingKind.TOLD]
    assert (told.text, told.typed, told.context) == ("combien ?", "combien ?", "nous recrutons un chef de projet")
    assert ReadingKind.TOLD not in read("combien ?")


@pytest.mark.parametrize(
    "typed", ["et ça sert à quoi concrètement ?", "elle dure combien de temps ?", "et la durée ?", "qui signe ?"]
)
def test_a_message_may_ask_of_the_last_subject(typed: str) -> None:
    found = read(typed, ORT)
    assert (found[ReadingKind.SUBJECT].document, found[ReadingKind.SUBJECT].typed) == ("ort.md", typed)
    assert "ORT" in found[ReadingKind.SUBJECT].context
    assert found[ReadingKind.SUBJECT].text == f"{typed.rstrip(' ?')} (ORT) ?", "the subject is shown to the asker"
    assert found[ReadingKind.ALONE].text == typed, "or stand alone: the search tells which"


def test_a_message_may_go_back_to_an_earlier_subject_and_to_no_more_than_three() -> None:
    message = Message("et la durée ?", ("et la durée ?",))
    on = [
        r
        for r in readings(message, "et la durée ?", (REGION, ANAH, ORT, VTA), NAMES)
        if r.kind in (ReadingKind.SUBJECT, ReadingKind.EARLIER)
    ]
    assert [(r.kind, r.document) for r in on] == [
        (ReadingKind.SUBJECT, "vta.md"),
        (ReadingKind.EARLIER, "ort.md"),
        (ReadingKind.EARLIER, "anah.md"),
    ]


def test_a_full_question_on_an_earlier_subject_takes_its_name_and_not_its_old_question() -> None:
    earlier = read("quel taux est prévu pour les études préalables ?", ORT, VTA)[ReadingKind.EARLIER]
    assert earlier.context == "ORT"


def test_the_last_subject_is_read_with_and_without_the_words_of_its_question() -> None:
    found = read("et combien ?", ORT, VTA)
    assert found[ReadingKind.ASKED].document == found[ReadingKind.SUBJECT].document
    assert len(found[ReadingKind.ASKED].context) > len(found[ReadingKind.SUBJECT].context)


def test_the_last_question_may_lend_its_words_without_its_subject() -> None:
    nearer = read("et où ça ?", CAFES)[ReadingKind.NEARER]
    assert (nearer.context, nearer.document) == ("Qui s'occupe des 1000 cafés", "cafes.md")


def test_an_unanswered_question_still_lends_its_words() -> None:
    nearer = read("et quand ?", UNANSWERED)[ReadingKind.NEARER]
    assert "halle" in nearer.context and "halle" in nearer.text and nearer.document == ""
    assert ReadingKind.SUBJECT not in read("et quand ?", UNANSWERED)


def test_a_turn_that_searched_nothing_lends_nothing() -> None:
    assert read("et la durée ?", ORT, THANKS)[ReadingKind.SUBJECT].document == "ort.md"
    assert set(read("et la durée ?", THANKS)) == {ReadingKind.ALONE}


@dataclass(frozen=True)
class Case:
    """The last question, a message after it, and the question it makes by replacement; None: it makes none."""

    name: str
    last: Turn
    message: str
    text: str | None


REPLACED = [
    Case("autre lieu", REGION, "et en Bretagne ?", "Combien de communes en Bretagne ?"),
    Case("autre lieu sans et", REGION, "en Bretagne ?", "Combien de communes en Bretagne ?"),
    Case("autre préposition", REGION, "et dans le Calvados ?", "Combien de communes dans le Calvados ?"),
    Case("autre montant", POST, "et pour un poste à 50 000 ?", "Quelle aide pour un poste à 50 000 ?"),
    Case("autre montant en euros", POST, "et pour 45 000 € ?", "Quelle aide pour un poste à 45 000 € ?"),
    Case("autre année", BUDGET, "et en 2025 ?", "Quel budget pour le Fonds vert en 2025 ?"),
    Case("maintenant", BUDGET, "et maintenant ?", "Quel budget pour le Fonds vert maintenant ?"),
    Case("autre but", GYM, "et pour un gymnase ?", "Quelle aide pour un gymnase ?"),
    Case("un nom qui s'élide", INDUSTRY, "et le VTA ?", "Combien du VTA aujourd'hui ?"),
    Case("complément ajouté", VTA, "par l'État ?", "Quel est le montant du VTA par l'État ?"),
    Case("autre financeur", ANAH, "et l'état ?", "Combien l'état a mis dans l'habitat ?"),
    Case("correction par un nom", VTA, "non, le Fonds vert", "Quel est le montant du Fonds vert ?"),
    Case("pardon, un nom", VTA, "pardon, le Fonds vert", "Quel est le montant du Fonds vert ?"),
    Case("ce qu'on pensait", MAYOR, "pardon je pensais à Luzy", "C'est qui la maire de Luzy ?"),
    Case("une année n'est pas un nombre", CAFES, "il y en avait combien début 2021 ?", None),
    Case("un nom et sa propre question", INDUSTRY, "et pour le VTA, combien de contrats ?", None),
    Case("un lieu et sa propre question", REGION, "et dans la Marne elles sont combien ?", None),
    Case("rien de semblable", ORT, "et la durée ?", None),
]


@pytest.mark.parametrize("case", REPLACED, ids=[case.name for case in REPLACED])
def test_what_a_message_names_may_take_the_place_of_its_like(case: Case) -> None:
    found = read(case.message, case.last, names=NAMES | ({"attigny", "luzy"} if case.last is MAYOR else set()))
    if case.text is None:
        assert ReadingKind.REPLACED not in found
    else:
        assert " ".join(found[ReadingKind.REPLACED].text.split()) == case.text


@pytest.mark.parametrize("message", ["et le Denormandie ?", "non je parlais du Denormandie"])
def test_another_name_leaves_the_document_of_the_first(message: str) -> None:
    replaced = read(message, VTA)[ReadingKind.REPLACED]
    assert replaced.text.startswith("Quel est le montant d") and "Denormandie" in replaced.text
    assert "VTA" not in replaced.text and replaced.document == ""


def test_a_replacement_in_a_follow_up_keeps_its_subject_unless_it_names_another() -> None:
    follow_up = replace(
        POST, reading=Reading(ReadingKind.SUBJECT, "et pour un poste (VTA) ?", "et pour un poste à 60 000 € ?", "VTA")
    )
    kept = read("et pour 45 000 € ?", follow_up)[ReadingKind.REPLACED]
    assert (kept.typed, kept.context, kept.document) == ("et pour un poste à 45 000 €", "VTA", "chef.md")
    other = read(
        "et pour le Fonds vert ?", replace(follow_up, reading=replace(follow_up.reading, typed="et pour le Denormandie ?"))
    )[ReadingKind.REPLACED]
    assert (other.context, other.document) == ("", "")


def test_a_doubt_or_a_wish_for_plainer_words_asks_the_last_question_again() -> None:
    for typed, act in (("vous êtes sûr ?", Act.CHALLENGE), ("plus simplement ?", Act.REPEAT)):
        (again,) = read(typed, ORT, act=act).values()
        assert (again.kind, again.text, again.typed, again.document) == (ReadingKind.ALONE, ORT.question, ORT.question, "")
    doubt = "c'est sûr que le VTA finance les salaires des agents de la commune ?"
    assert read(doubt, ORT, act=Act.CHALLENGE)[ReadingKind.ALONE].text == doubt, "a doubt with matter of its own is a question"


def test_the_same_question_again_means_what_it_meant() -> None:
    question = "Quel est le plafond de l'aide ?"
    (again,) = read("quel est le plafond de l'aide", ORT, turn(question, "ort.md", "ORT")).values()
    assert (again.kind, again.text, again.context, again.document) == (ReadingKind.ALONE, question, "", "")
    follow_up = replace(
        turn(question, "ort.md", "ORT"),
        reading=Reading(ReadingKind.SUBJECT, "Quel est le plafond de l'aide (ORT) ?", question, "ORT", "ort.md"),
    )
    (again,) = read(question, ORT, follow_up).values()
    assert (again.text, again.typed, again.context, again.document) == (follow_up.reading.text, question, "ORT", "ort.md")


def test_another_subject_said_to_be_one_takes_nothing_from_the_conversation() -> None:
    (alone,) = read("autre sujet : le Denormandie est-il prolongé ?", ORT).values()
    assert (alone.kind, alone.text) == (ReadingKind.ALONE, "le Denormandie est-il prolongé ?")


def test_follow_ups_of_follow_ups_do_not_pile_up_subjects() -> None:
    first = read("et la durée ?", ORT)[ReadingKind.SUBJECT]
    second = Turn("et la durée ?", first, "ort.md", "ORT", True, True)
    third = read("et le coût ?", ORT, second)[ReadingKind.SUBJECT]
    assert third.text == "et le coût (ORT) ?" and "ORT" in third.context


SIGNS = [
    ("et le plafond ?", {"opening", "bare", "short"}),
    ("elle dure combien de temps ?", {"anaphora", "short"}),
    ("cette aide est versée à qui ?", {"anaphora"}),
    ("le montant de la dotation de solidarité", {"definite"}),
    ("quel est le taux de la DETR ?", {"names"}),
    ("et l'état ?", {"opening"}),
    ("non, le Fonds vert", {"corrects"}),
    ("comment la commune rurale organise le portage foncier des logements vacants du centre ancien dégradé", {"long"}),
]


@pytest.mark.parametrize(("message", "there"), SIGNS, ids=[case[0] for case in SIGNS])
def test_the_words_of_a_message_show_that_it_goes_on_with_the_conversation(message: str, there: set[str]) -> None:
    found = signs(message, NAMES)
    assert there <= {name for name, value in found.items() if value}
    assert set(found.values()) <= {0.0, 1.0}


def test_a_plain_new_question_shows_no_sign_of_a_follow_up() -> None:
    found = signs("Qui signe la convention d'adhésion au programme ?", NAMES)
    assert not any(found[name] for name in ("opening", "anaphora", "names", "corrects", "short"))


@pytest.mark.parametrize(("message", "meant"), [
    ("non pardon je voulais dire du chef de projet", "chef de projet"), ("non, la Marne", "la Marne"),
    ("pardon, le Fonds vert", "le Fonds vert"), ("je parlais du VTA", "VTA"), ("oups, plutôt de l'ORT", "ORT"),
    ("et la durée ?", ""), ("Qui signe ?", ""), ("nonante communes", ""), ("je voudrais savoir qui signe la convention", ""),
])  # fmt: skip
def test_a_correction_gives_what_was_meant(message: str, meant: str) -> None:
    assert corrected(message) == meant


def test_names_are_found_whole_and_longest_first() -> None:
    assert named("le Fonds vert et la DETR", NAMES) == ["fonds vert", "detr"]
    assert named("un fonds de soutien aux ports", NAMES) == ["fonds"]


def test_a_subject_is_called_as_people_call_it() -> None:
    assert short_name("Opération de revitalisation de territoire (ORT)") == "ORT"
    assert short_name("Fonds vert") == "Fonds vert"


@given(st.text(max_size=60), st.sampled_from([(), (ORT,), (ORT, VTA), (UNANSWERED,), (THANKS,)]), st.sampled_from(list(Act)))
def test_any_message_has_readings(message: str, turns: tuple[Turn, ...], act: Act) -> None:
    found = readings(Message(message, (message,), acts={act: 1.0}), message, turns, NAMES)
    assert found and found == readings(Message(message, (message,), acts={act: 1.0}), message, turns, NAMES)
    assert found[0].kind is ReadingKind.ALONE
    assert {reading.document for reading in found} <= {"", *(one.document for one in turns)}


def test_an_amount_is_corrected_wherever_it_was_told() -> None:
    asked = replace(turn("Quelle aide pouvons-nous escompter ?", "chef.md", "Chef de projet"),
                    question="Notre poste coûte 40 000 €. Quelle aide pouvons-nous escompter ?")  # fmt: skip
    corrected = read("non pardon pas 40 000, 44 000", asked, act=Act.CORRECTION)[ReadingKind.REPLACED]
    assert corrected.typed == "Notre poste coûte 44 000 . Quelle aide pouvons-nous escompter"
    assert corrected.document == "chef.md"


def test_a_length_replaces_no_amount() -> None:
    replaced = read("et sur 2 ans ?", POST)[ReadingKind.REPLACED].typed
    assert replaced == "Quelle aide pour un poste à 60 000 € sur 2 ans"


def test_a_bare_with_or_without_turns_the_last_question() -> None:
    before = turn("Combien au plus sans l'Anah ?", "chef.md", "Chef de projet")
    assert read("puis avec ?", before)[ReadingKind.REPLACED].typed == "Combien au plus avec l'Anah"


def test_a_doubt_with_a_figure_of_its_own_is_a_question() -> None:
    found = read("on nous avait parlé de 20 000, c'est faux ?", VTA, act=Act.CHALLENGE)
    assert found[ReadingKind.ALONE].typed == "on nous avait parlé de 20 000, c'est faux ?" and ReadingKind.SUBJECT in found
