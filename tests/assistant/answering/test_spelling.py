"""Wording: what people type is understood, what changed is kept, and right words are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.answering.service import Assistant
from assistant.answering.spelling import Lexicon, QuestionNormaliser
from index.errors import IndexCorrupt
from index.french import fold

LEXICON = Lexicon.parse(
    {
        "acronymes": {"PVD": "Petites villes de demain", "ORT": "opération de revitalisation de territoire"},
        "mots": {"sous": ["aide", "subvention"], "la poste": ["agence postale"], "bistrot": "café"},
        "sms": {"c koi": "c'est quoi", "koi": "quoi", "pr": "pour", "bcp": "beaucoup"},
        "noms": {"halle couverte": "plan Halles"},
        "fond": ["petites villes de demain", "commune"],
        "lieux": ["Marne", "Haute-Marne", "Bretagne"],
    }
)
VOCABULARY = {
    "chef": 30,
    "projet": 30,
    "subvention": 20,
    "convention": 20,
    "revitalisation": 9,
    "denormandie": 15,
    "commerce": 20,
    "logement": 8,
    "friche": 3,
    "anah": 14,
    "habitat": 13,
}


@pytest.fixture(scope="module")
def reader() -> QuestionNormaliser:
    return QuestionNormaliser(LEXICON, VOCABULARY)


TEXTS = [
    ("SMS", "c koi une ORT", "c'est quoi une ORT"),
    ("le plus long SMS l'emporte", "C KOI", "c'est quoi"),
    ("SMS au milieu", "une aide pr un chef de projet", "une aide pour un chef de projet"),
    ("pas dans un mot", "un prêt propre", "un prêt propre"),
    ("faute de frappe", "une subvantion", "une subvention"),
    ("deux lettres inversées", "la convnetion", "la convention"),
    ("lettre doublée", "le commmerce", "le commerce"),
    ("élision collée", "lhabitat", "l'habitat"),
    ("accents absents", "operation de revitalisation", "operation de revitalisation"),
    ("mot court gardé", "un chf", "un chf"),
    ("autre initiale gardée", "xonvention", "xonvention"),
    ("chiffres gardés", "45 000 € et l'art. L. 303-2", "45 000 € et l'art. L. 303-2"),
]


@pytest.mark.parametrize(("typed", "understood"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_a_text_is_understood_whatever_its_spelling(reader: QuestionNormaliser, typed: str, understood: str) -> None:
    assert reader.normalise(typed).text == understood


def test_what_changed_is_kept(reader: QuestionNormaliser) -> None:
    changes = dict(reader.normalise("c koi la subvantion").changes)
    assert changes == {"c koi": "c'est quoi", "subvantion": "subvention"}
    assert reader.normalise("quelle subvention ?").changes == ()


MEANINGS = [
    ("sigle → nom", "une ORT", "ort", "opération de revitalisation de territoire"),
    ("sigle en minuscules", "une ort", "ort", "opération de revitalisation de territoire"),
    ("nom → sigle", "opération de revitalisation de territoire", "revitalisation", "ORT"),
    ("nom sans accents → sigle", "operation de revitalisation de territoire", "revitalisation", "ORT"),
    ("mot courant", "des sous", "sous", "subvention"),
    ("mot seul pour liste", "un bistrot", "bistrot", "café"),
    ("au pluriel", "des bistrots", "bistrots", "café"),
    ("expression", "la poste ferme", "poste", "agence postale"),
    ("autre nom", "une halle couverte", "halle", "plan Halles"),
]


@pytest.mark.parametrize(("typed", "word", "term"), [case[1:] for case in MEANINGS], ids=[case[0] for case in MEANINGS])
def test_what_a_word_may_mean_is_searched_too(reader: QuestionNormaliser, typed: str, word: str, term: str) -> None:
    assert term in reader.normalise(typed).extra[word]


def test_an_expression_is_not_read_in_its_words(reader: QuestionNormaliser) -> None:
    assert reader.normalise("un poste de chef de projet").extra == {}


def test_background_words_weigh_little(reader: QuestionNormaliser) -> None:
    weights = reader.normalise("le chef de projet de Petites villes de demain").weights
    assert all(weights[word] < 0.5 for word in ("petites", "villes", "demain"))
    assert weights.get("chef", 1.0) == 1.0
    alone = reader.normalise("quelles petites aides").weights
    assert alone.get("petites", 1.0) >= 0.25, "a word of the phrase alone is no background"
    assert reader.background == {"petites", "villes", "demain", "commune"}


PLACES = [
    ("connu", "combien en Bretagne ?", ("bretagne",)),
    ("le plus long", "en Haute-Marne", ("haute marne",)),
    ("en minuscules", "dans la marne", ("marne",)),
    ("inconnu, avec capitale", "et à Joigny ?", ("joigny",)),
    ("dispositif de la base", "le Denormandie et l'Anah", ()),
    ("sigle du lexique", "une ORT", ()),
    ("premier mot", "Combien de communes ?", ()),
]


@pytest.mark.parametrize(("typed", "places"), [case[1:] for case in PLACES], ids=[case[0] for case in PLACES])
def test_places_are_found_whole_and_schemes_are_none(reader: QuestionNormaliser, typed: str, places: tuple[str, ...]) -> None:
    assert reader.normalise(typed).places == places


FRENCH = (
    "maire mairie boucherie piscine gymnase trottoir cantine fleuriste cimetière église pharmacie médecin vétérinaire lavoir "
    "rivière "
    "escalier horloge peinture toiture gouttière chauffage chaudière vitrine enseigne terrasse kiosque fanfare harmonie théâtre "
    "ludothèque crèche garderie éolienne panneau trottinette vélo parking stationnement carrefour giratoire passerelle remparts "
    "donjon château citadelle abbaye couvent musée artisan boulanger coiffeur épicerie camping tourisme randonnée sentier colline"
).split()


@pytest.mark.parametrize("word", FRENCH)
def test_a_french_word_is_never_corrected(assistant: Assistant, word: str) -> None:
    for typed in (word, fold(word), word.upper()):
        assert assistant._normaliser.normalise(f"une aide pour {typed}").changes == ()


def test_real_typos_are_corrected_towards_the_base(assistant: Assistant) -> None:
    for typed, meant in [("convantion", "convention"), ("Denormendie", "denormandie"), ("revitalistion", "revitalisation")]:
        assert fold(assistant._normaliser.normalise(f"une {typed}").text) == f"une {meant}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80))
def test_any_text_is_read(reader: QuestionNormaliser, text: str) -> None:
    wording = reader.normalise(text)
    assert wording.text or not text
    assert all(0 <= weight <= 1 for weight in wording.weights.values())


MALFORMED = [
    ("pas du YAML", "sms: [c koi", []),
    ("tabulation", "sms:\n\tkoi: quoi\n", ["line 2"]),
    ("rubrique inconnue", "argot:\n  thune: argent\n", ["argot"]),
    ("une liste au lieu de rubriques", "- a\n- b\n", []),
    ("une liste au lieu de paires", "sms: [koi, quoi]\n", []),
    ("un mot au lieu de paires", "acronymes: PVD\n", []),
]


@pytest.mark.parametrize(("text", "said"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED])
def test_a_malformed_lexicon_names_the_problem(tmp_path: Path, text: str, said: list[str]) -> None:
    (tmp_path / "lexique.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(IndexCorrupt) as refused:
        Lexicon.load(tmp_path / "lexique.yaml")
    assert all(word in str(refused.value) for word in ["lexique.yaml", *said]), refused.value


@pytest.mark.parametrize("text", [None, "", "sms:\n", "# rien\n"], ids=["absent", "vide", "rubrique vide", "commentaire"])
def test_no_lexicon_is_an_empty_one(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "lexique.yaml").write_text(text, encoding="utf-8")
    assert Lexicon.load(tmp_path / "lexique.yaml") == Lexicon()


@pytest.mark.parametrize("typed", ["un poste à Habitas ?", "le pays de Projat", "la gare de Commerts"])
def test_names_are_no_typos_of_everyday_words(reader: QuestionNormaliser, typed: str) -> None:
    assert reader.normalise(typed).changes == ()


def test_a_name_is_corrected_into_a_name_and_a_typo_at_the_head_of_a_sentence_is_one(reader: QuestionNormaliser) -> None:
    assert reader.normalise("le Denormandi est-il prolongé ?").changes == (("Denormandi", "denormandie"),)
    assert reader.normalise("Subvantion pour la halle ?").changes == (("Subvantion", "subvention"),)
