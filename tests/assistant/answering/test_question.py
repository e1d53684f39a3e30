"""What a question expects: its kind, and the facts given with it."""

from __future__ import annotations

import pytest

from assistant.answering.question import Expectation, expectation, in_digits

KINDS = ("amount", "time", "yes_no", "comparison", "contact", "how")
QUESTIONS = [
    ("Combien de communes sont lauréates ?", "amount"),
    ("Quel est le taux de l'aide ?", "amount"),
    ("À quel taux l'État finance-t-il le poste ?", "amount"),
    ("quel plafond pour le chef de projet", "amount"),
    ("Quand le programme s'arrête-t-il ?", "time"),
    ("Quelle est la date limite ?", "time"),
    ("Combien de temps dure le contrat ?", "amount time"),
    ("Est-ce que l'ORT est obligatoire ?", "yes_no"),
    ("Peut-on cumuler les deux aides ?", "yes_no"),
    ("Faut-il signer une convention ?", "yes_no"),
    ("on a droit à une aide ?", "yes_no"),
    ("L'ORT est-elle obligatoire ?", "yes_no"),
    ("Quelle différence entre PVD et ACV ?", "comparison"),
    ("VTA ou VTE, que choisir ?", "comparison"),
    ("Qui contacter pour le Fonds vert ?", "contact"),
    ("À qui s'adresser ?", "contact"),
    ("Comment demander l'aide ?", "how"),
    ("Quelles sont les étapes ?", "how"),
    ("C'est quoi une ORT ?", ""),
    ("", ""),
    ("🙂", ""),
]


@pytest.mark.parametrize(("question", "kinds"), QUESTIONS, ids=[case[0] for case in QUESTIONS])
def test_the_kind_of_answer_that_a_question_expects_is_read(question: str, kinds: str) -> None:
    expected = expectation(question)
    assert {name for name in KINDS if getattr(expected, name)} == set(kinds.split())


def test_an_open_question_is_not_a_yes_or_no_one() -> None:
    assert not expectation("Qui peut en bénéficier, et le maire peut-il signer ?").yes_no


FACTS = [
    ("habitants", "On est 900 habitants, est-on éligible ?", 900, ()),
    ("milliers d'habitants", "une ville de 12 500 hab", 12500, ()),
    ("insécable", "une ville de 12\u202f500 habitants", 12500, ()),
    ("année", "en 2026, combien de postes ?", None, (2026,)),
    ("ce qu'on a fait", "on a signé en 2021, quel délai pour la suite ?", None, ()),
    ("ce qu'on a fait, et une année demandée", "on a signé en 2021, combien d'aide en 2026 ?", None, (2026,)),
    ("une question dès le début", "on aura combien en 2026, 80 % ?", None, (2026,)),
    ("tout à la fois", "2 500 habitants, des travaux de 300 000 € en 2026", 2500, (2026,)),
    ("rien", "C'est quoi une ORT ?", None, ()),
]


@pytest.mark.parametrize(("question", "people", "years"), [case[1:] for case in FACTS], ids=[case[0] for case in FACTS])
def test_the_facts_that_a_question_tells_are_read(question: str, people: int | None, years: tuple[int, ...]) -> None:
    expected = expectation(question)
    assert (expected.population, expected.years) == (people, years)


@pytest.mark.parametrize("question", ["quelle aide pour 60 000 € ?", "reste à charge", "on touche combien", "une subvention"])
def test_a_question_about_an_aid_is_known_as_one(question: str) -> None:
    assert expectation(question).asks_aid


def test_a_figure_is_an_amount_or_a_time() -> None:
    assert Expectation(amount=True).figure and Expectation(time=True).figure
    assert not Expectation(how=True, yes_no=True).figure


@pytest.mark.parametrize("question", ["Reste-t-il des crédits en 2026 ?", "reste-t-il des places ?"])
def test_what_remains_to_others_is_no_sum(question: str) -> None:
    assert not expectation(question).asks_aid and expectation("quel reste à charge ?").asks_aid


def test_the_rank_asked_for_is_kept_and_the_first_or_the_last_is_none() -> None:
    assert len(expectation("combien à la troisième vague ?").ordinals) == 1 == len(expectation("la 3e vague ?").ordinals)
    assert not expectation("la première vague ?").ordinals and not expectation("la dernière vague ?").ordinals


@pytest.mark.parametrize(("typed", "read"), [
    ("soixante mille euros", "60000 euros"), ("C'est quoi une ORT ?", "C'est quoi une ORT ?"),
    ("un poste à 60 000 €", "un poste à 60 000 €"), ("2,5 millions d'euros", "2,5 millions d'euros"),
])  # fmt: skip
def test_numbers_in_words_become_digits_and_nothing_else_changes(typed: str, read: str) -> None:
    assert in_digits(typed) == read
