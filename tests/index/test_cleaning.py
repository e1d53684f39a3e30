"""Cleaning: characters, broken words, page furniture and navigation, case by case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import cleaning

CHARACTERS = [
    ("espaces insécables", "45\u202f000\u00a0€", "45 000 €"),
    ("accent composé", "e\u0301cole", "école"),
    ("trait d'union conditionnel", "revita\u00adlisation", "revitalisation"),
    ("caractères de contrôle", "a\x00b\x07c\u200bd\ufeff", "abcd"),
    ("ligatures", "eﬀet, ﬁche, oﬃce, œuvre", "effet, fiche, office, œuvre"),
    ("fins de ligne", "a\r\nb\rc\fd", "a\nb\nc\nd"),
    ("puce de Word", "\uf0b7 un bail", "• un bail"),
    ("exposants gardés", "120 m², 1ᵉʳ", "120 m², 1ᵉʳ"),
    ("demi-codet isolé", "a\ud83db", "ab"),
]


@pytest.mark.parametrize(("raw", "expected"), [case[1:] for case in CHARACTERS], ids=[case[0] for case in CHARACTERS])
def test_characters_take_one_form(raw: str, expected: str) -> None:
    assert cleaning.normalise(raw) == expected


def test_tidy_collapses_spaces_and_blank_lines() -> None:
    assert cleaning.tidy("  a   b  \n\n\n\n  c ") == "a b\n\nc"


HYPHENS = [
    ("un con-\nseiller", "un conseiller"),
    ("un rendez-\nvous", "un rendez-vous"),
    ("Loire-\nAtlantique", "Loire-Atlantique"),
    ("celui-\nci", "celui-ci"),
    ("climat-air-\nénergie ; le plan climat-air-énergie", "climat-air-énergie ; le plan climat-air-énergie"),
    ("sur-\nface ; la surface", "surface ; la surface"),
    ("- un\n- deux", "- un\n- deux"),
    ("en 2024-\n2025", "en 2024-\n2025"),
]


@pytest.mark.parametrize(("raw", "expected"), HYPHENS)
def test_words_cut_at_the_end_of_a_line_are_joined(raw: str, expected: str) -> None:
    assert cleaning.join_hyphens(raw) == expected


def test_unwrap_joins_running_lines_only() -> None:
    text = "La mairie ouvre\nle lundi.\nelle ferme\n- un bail\n50\n% du coût"
    assert cleaning.unwrap(text) == "La mairie ouvre le lundi.\nelle ferme\n- un bail\n50 % du coût"


def test_headers_and_numbers_go_but_figures_stay() -> None:
    amounts = (120, 340, 95, 1200)
    pages = [["Bulletin – 2025", f"Texte {n}", f"Total : {n} €", f"{i} / 12"] for i, n in enumerate(amounts, 7)]
    pages[2][0] = "Bulletin - 2025"
    repeated = cleaning.repeated_lines(pages)
    kept = [cleaning.furniture(page, number, repeated) for number, page in enumerate(pages, 1)]
    assert kept == [{0, 3}] * 4


def test_a_repetition_on_two_pages_proves_nothing() -> None:
    assert cleaning.repeated_lines([["Même titre", "a"], ["Même titre", "b"]]) == frozenset()


def test_a_lone_number_is_kept_when_pages_are_not_numbered() -> None:
    assert cleaning.furniture(["incidence Natura", "2000"], 1, frozenset()) == frozenset()
    assert cleaning.furniture(["Page 1 sur 2", "Texte"], 1, frozenset()) == {0}


@pytest.mark.parametrize("line", ["2.3 Le commerce . . . . . . 7", "Sommaire ........ 12", "Le logement … 4", "La voirie . 46"])
def test_lines_of_contents_are_told(line: str) -> None:
    assert cleaning.is_contents_line(line)


@pytest.mark.parametrize("line", ["L'aide est de 3,7 millions.", "Article 12", "Nom : ……………", "Il dit... en 2024, 3 fois"])
def test_other_lines_are_not_contents(line: str) -> None:
    assert not cleaning.is_contents_line(line)


def test_leaders_become_one_ellipsis() -> None:
    assert cleaning.shorten_leaders("Nom : ………………… Prénom : ............") == "Nom : … Prénom : …"


def test_related_links_go_to_their_end() -> None:
    links = "Dans la même rubrique\n-\nActu - Un parking neuf\n-\nDoc - Le budget : mode d'emploi ?"
    text = f"La halle rouvre.\n{links}"
    assert cleaning.drop_navigation(text) == "La halle rouvre."


def test_text_after_related_links_stays() -> None:
    text = "À lire aussi :\nUn parking neuf\nLa halle accueille aussi les producteurs du canton, le mardi."
    assert cleaning.drop_navigation(text) == "La halle accueille aussi les producteurs du canton, le mardi."


def test_a_real_paragraph_under_voir_aussi_stays() -> None:
    text = "Voir aussi\nLe règlement de la halle s'applique aux étals extérieurs."
    assert cleaning.drop_navigation(text) == text


@pytest.mark.parametrize(
    "line",
    [
        "Partager sur Facebook",
        "Partager cet article",
        "Tout accepter",
        "Continuer sans accepter →",
        "Aller au contenu principal",
        "Retour en haut de page",
        "Nous utilisons des cookies pour mesurer l'audience.",
        "Ce site utilise des cookies et vous donne le contrôle sur ceux que vous acceptez.",
    ],
)
def test_chrome_is_told(line: str) -> None:
    assert cleaning.is_chrome(line)


@pytest.mark.parametrize(
    "line", ["Partager un logement entre deux ménages est permis.", "Accueil des entreprises", "La commune accepte les dons."]
)
def test_content_is_not_chrome(line: str) -> None:
    assert not cleaning.is_chrome(line)


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = cleaning.tidy(cleaning.normalise(text))
    assert cleaning.tidy(cleaning.normalise(once)) == once
    once.encode("utf-8")


@given(st.text(alphabet="ab -\n.…é1"))
def test_clean_never_fails(text: str) -> None:
    assert isinstance(cleaning.clean(text), str)
