"""Which sentences are shown: those that the passages they cite carry."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.generation.support import CitedPassage, SupportChecker, SupportWeights, UnsupportedReason
from assistant.generation.support_evidence import FOR
from index.embedding import SentenceEncoder
from tests.fakes import HashEncoder

ACRONYMS = {"VTA": ("volontariat territorial en administration",), "volontariat territorial en administration": ("VTA",)}
VTA = CitedPassage(
    1,
    "Volontariat territorial en administration",
    "Combien touche la collectivité ?",
    "La collectivité reçoit 15 000 € par VTA : l'aide est forfaitaire, quelle que soit la durée du contrat. "
    "La demande se dépose en préfecture avant le 31 mars 2026. Le contrat ne peut pas dépasser dix-huit mois.",
    date(2026, 1, 30),
)
CRTE = CitedPassage(2, "CRTE", "Combien de temps dure un CRTE ?", "Un CRTE dure six ans. L'Anah n'en est pas signataire.", None)
PASSAGES = (VTA, CRTE)


@pytest.fixture(scope="module")
def checker() -> SupportChecker:
    return SupportChecker(SentenceEncoder(), ACRONYMS)


@pytest.mark.parametrize(
    "sentence",
    [
        "La demande se dépose en préfecture avant le 31 mars 2026 [1].",
        "Un CRTE dure six ans [2].",
        "La demande se dépose en préfecture avant le 31 mars 2026. [1]",
    ],
)
def test_a_sentence_of_its_passage_is_carried(checker: SupportChecker, sentence: str) -> None:
    assert checker.check(sentence, PASSAGES).supported


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Un CRTE dure six ans.", UnsupportedReason.CITATION_MISSING),
        ("Un CRTE dure six ans [3].", UnsupportedReason.CITATION_UNKNOWN),
        ("A CRTE lasts for six years and is signed by the communes of the area [2].", UnsupportedReason.LANGUAGE),
        ("La collectivité reçoit 16 000 € par VTA [1].", UnsupportedReason.FIGURE),
        ("La collectivité reçoit seize mille euros par VTA [1].", UnsupportedReason.FIGURE),
        ("Un CRTE dure sept ans [2].", UnsupportedReason.FIGURE),
        ("La demande se dépose en préfecture avant le 31 mai 2026 [1].", UnsupportedReason.DATE),
        ("La demande se dépose en préfecture avant le 31 mars 2027 [1].", UnsupportedReason.DATE),
        ("La collectivité reçoit 15 000 € de la Région Bretagne par VTA [1].", UnsupportedReason.NAME),
    ],
)
def test_what_no_cited_passage_holds_is_withheld_and_named(
    checker: SupportChecker, sentence: str, reason: UnsupportedReason
) -> None:
    report = checker.check(sentence, PASSAGES)
    assert not report.supported and reason in report.reasons


@pytest.mark.parametrize(
    "sentence",
    [
        "La demande ne se dépose pas en préfecture avant le 31 mars 2026 [1].",
        "La demande se dépose en préfecture après le 31 mars 2026 [1].",
        "Le contrat peut dépasser dix-huit mois [1].",
        "L'Anah en est signataire [2].",
        "Un CRTE dure six ans [1].",
        "La collectivité reçoit 15 000 € par VTA [2].",
    ],
)
def test_what_turns_the_source_round_is_withheld(checker: SupportChecker, sentence: str) -> None:
    assert not checker.check(sentence, PASSAGES).supported


@pytest.mark.parametrize(
    "sentence",
    [
        "La collectivité reçoit quinze mille euros par VTA [1].",
        "La collectivité reçoit 15 k€ par VTA [1].",
        "La collectivité reçoit 15 000 € par volontariat territorial en administration [1].",
        "La demande se dépose en préfecture avant le 31/03/2026 [1].",
    ],
)
def test_another_form_of_a_figure_a_date_or_a_name_is_not_missed(checker: SupportChecker, sentence: str) -> None:
    sure = {UnsupportedReason.NAME, UnsupportedReason.LANGUAGE}
    evidence = checker._reader.evidence(sentence[:-5], [VTA], [CRTE])
    assert not (evidence.missing_figures or evidence.missing_moments or evidence.missing_names)
    assert not sure & set(checker.check(sentence, PASSAGES).reasons)


def test_passages_read_before_give_the_same_verdict(checker: SupportChecker) -> None:
    fresh = SupportChecker(SentenceEncoder(), ACRONYMS)
    fresh.read(PASSAGES)
    for sentence in ("Un CRTE dure six ans [2].", "Un CRTE se signe pour six ans [2]."):
        assert fresh.check(sentence, PASSAGES) == checker.check(sentence, PASSAGES)


def test_another_encoder_withholds_no_quotation_and_lets_no_other_figure_pass() -> None:
    by_words = SupportChecker(HashEncoder(), ACRONYMS)
    assert by_words.check("Un CRTE dure six ans [2].", PASSAGES).supported
    assert not by_words.check("Un CRTE dure sept ans [2].", PASSAGES).supported


def test_no_weight_goes_against_what_its_sign_means() -> None:
    weights = SupportWeights.load().weights
    assert weights and all(value >= 0 if name in FOR else value <= 0 for name, value in weights.items())


def test_a_passage_without_words_carries_nothing(checker: SupportChecker) -> None:
    empty = CitedPassage(1, "", "", "…", None)
    assert not checker.check("Un CRTE dure six ans [1].", [empty]).supported
    assert not checker.check("[1]", [empty]).supported
