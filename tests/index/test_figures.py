"""Figures: ways to write one amount are one value, and different amounts are not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.figures import Figure, WantedFigure, emphasised, euros, figures, held, long_date, percentage, readable, values, wanted
from index.french import fold

ONE = [
    ("chiffres", "45 000 €", "45000", "€"),
    ("espace insécable", "45\u00a0000\u00a0€", "45000", "€"),
    ("euros en lettres", "45000 euros", "45000", "€"),
    ("k€", "45 k€", "45000", "€"),
    ("point des milliers", "45.000 €", "45000", "€"),
    ("M€", "4,5 M€", "4500000", "€"),
    ("millions d'euros", "4,5 millions d'euros", "4500000", "€"),
    ("Md€", "3,7 Md€", "3700000000", "€"),
    ("Mds€", "3,7 Mds€", "3700000000", "€"),
    ("milliards d’euros", "3,7 milliards d’euros", "3700000000", "€"),
    ("millions d'habitants", "2 millions d'habitants", "2000000", ""),
    ("taux", "80 %", "80", "%"),
    ("taux en lettres", "80 pour cent", "80", "%"),
    ("taux décimal", "12,5%", "12.5", "%"),
    ("mètres", "5 m de large", "5", ""),
    ("année", "en 2026", "2026", ""),
    ("effectif", "20 000 habitants", "20000", ""),
]


@pytest.mark.parametrize(("text", "value", "unit"), [case[1:] for case in ONE], ids=[case[0] for case in ONE])
def test_a_figure_is_read_with_its_value_and_unit(text: str, value: str, unit: str) -> None:
    (figure,) = figures(text)
    assert (figure.value, figure.unit) == (Decimal(value), unit)


SEVERAL = [
    ("taux et plafond", "50 % dans la limite de 15 000 €", ["50", "15000"]),
    ("fourchette", "entre 12 et 18 mois", ["12", "18"]),
    ("article", "L. 303-2", ["303", "2"]),
    ("mot et nombre collés", "H2O et bac+2", ["2"]),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in SEVERAL], ids=[case[0] for case in SEVERAL])
def test_several_figures_are_read_in_order(text: str, expected: list[str]) -> None:
    assert [figure.value for figure in figures(text)] == [Decimal(value) for value in expected]


@pytest.mark.parametrize(
    ("one", "other"),
    [("45 000 €", "55 000 €"), ("4,5 M€", "45 M€"), ("3 Md€", "3 M€"), ("1 500 €", "15 000 €"), ("2,5 %", "25 %")],
)
def test_different_figures_differ(one: str, other: str) -> None:
    assert values(one) != values(other)


def test_numbers_in_letters_count_as_values() -> None:
    assert Decimal(6) in values("pendant six mois")
    assert values("un bail") == set()


def test_a_year_is_told_from_other_numbers() -> None:
    assert figures("en 2026")[0].is_year
    assert not figures("2 026 €")[0].is_year
    assert not Figure(Decimal(1500), "").is_year


@given(st.integers(min_value=0, max_value=10**9))
def test_an_amount_written_for_people_reads_back(amount: int) -> None:
    (figure,) = figures(f"une aide de {euros(Decimal(amount))}.")
    assert (figure.value, figure.unit) == (Decimal(amount), "€")


@pytest.mark.parametrize(
    ("value", "text"), [("45000", "45 000 €"), ("0.5", "0,50 €"), ("1234.056", "1 234,06 €"), ("1.999", "2 €")]
)
def test_an_amount_is_written_with_the_cents_it_has(value: str, text: str) -> None:
    assert euros(Decimal(value)) == text


@pytest.mark.parametrize(
    ("text", "noun", "counted"),
    [("la base compte 6 axes. Les logements sont anciens", "logements", False),
     ("une aide de 32 %, logements vacants compris", "logements", False),
     ("une location de 12 ans des logements", "logements", False),
     ("30 % d'économies d'énergie", "économie", True), ("350 logements rénovés", "logements", True)],
)  # fmt: skip
def test_a_rate_or_a_duration_counts_no_noun_of_another_clause(text: str, noun: str, counted: bool) -> None:
    assert held(text).answers(WantedFigure("count", fold(noun))) is counted


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (45_000, None, "45\u202f000"),
        (Decimal("1E+3"), None, "1\u202f000"),
        (Decimal("1234567.5"), None, "1\u202f234\u202f567,5"),
        (3.46, 1, "3,5"),
        (1_000.0, 0, "1\u202f000"),
        (-12_345, None, "-12\u202f345"),
    ],
)
def test_numbers_are_grouped_as_people_read_them(value: float | Decimal, decimals: int | None, text: str) -> None:
    assert readable(value, decimals) == text


@pytest.mark.parametrize(("rate", "shown"), [("50", "50 %"), ("12.50", "12,5 %"), ("1E+2", "100 %")])
def test_a_rate_is_shown_with_the_decimals_it_has(rate: str, shown: str) -> None:
    assert percentage(Decimal(rate)) == shown


@pytest.mark.parametrize(
    ("iso", "shown"),
    [("2025-10-01", "1er octobre 2025"), ("2026-02-05T10:00:00+00:00", "5 février 2026"), ("vers 2020", "vers 2020")],
)
def test_a_date_is_shown_in_words_and_anything_else_as_it_came(iso: str, shown: str) -> None:
    assert long_date(iso) == shown


@pytest.mark.parametrize(
    ("question", "sentence", "shown"),
    [
        ("combien sont prévus ?", "En 2024, le plan vise 3 000 terrains.", "En 2024, le plan vise **3 000** terrains."),
        ("combien sont prévus ?", "Le plan vise 3 000 terrains et 500 salles.", "Le plan vise 3 000 terrains et 500 salles."),
        ("combien de terrains ?", "Le plan vise 3 000 terrains et 500 salles.", "Le plan vise **3 000 terrains** et 500 salles."),
        ("quel montant ?", "L'aide est de 45 000 € en 2021.", "L'aide est de **45 000 €** en 2021."),
    ],
)
def test_only_the_figure_asked_for_is_in_bold(question: str, sentence: str, shown: str) -> None:
    want = wanted(question)
    assert want is not None
    assert emphasised(sentence, want) == shown
