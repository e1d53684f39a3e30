"""Figures and dates as a sentence and its source are compared."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assistant.generation.quantities import Limit, plain_text, quantities


def told(text: str) -> list[tuple[Decimal, str, Limit]]:
    return [(one.value, one.unit, one.limit) for one in quantities(plain_text(text))[0]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("quinze mille euros", "15 000 €"),
        ("15 k€", "15 000 €"),
        ("un milliard et demi d'euros", "1,5 Md€"),
        ("un demi-million d'euros", "500 000 €"),
        ("pendant deux ans", "pendant 24 mois"),
        ("la moitié du coût", "50 % du coût"),
        ("trois communes sur quatre", "75 % des communes"),
        ("jusqu'à 80 %", "80 % au maximum"),
        ("40 000 € au plus", "dans la limite de 40 000 €"),
        ("de 75 000 à 150 000 €", "entre 75 k€ et 150 k€"),
        ("vingt centimes", "0,20 €"),
    ],
)
def test_one_quantity_is_read_the_same_however_it_is_written(one: str, other: str) -> None:
    assert told(one) == told(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("15 000 €", "16 000 €"),
        ("jusqu'à 80 %", "80 %"),
        ("au moins 40 %", "au plus 40 %"),
        ("pendant deux ans", "pendant deux mois"),
        ("12 communes", "12 départements"),
        ("50 %", "50 €"),
    ],
)
def test_quantities_that_differ_are_read_apart(one: str, other: str) -> None:
    assert told(one) != told(other)


def test_a_figure_of_a_date_is_no_quantity() -> None:
    found, moments = quantities(plain_text("Signée le 29 mars 2023, elle compte 4 axes."))
    assert [one.value for one in found] == [4]
    assert [(one.year, one.months, one.day) for one in moments] == [(2023, (3, 3), 29)]


@pytest.mark.parametrize(
    ("told_date", "source", "is_carried"),
    [
        ("début 2026", "le 12 janvier 2026", True),
        ("en 2026", "le 12 janvier 2026", True),
        ("à l'automne 2025", "le 15 octobre 2025", True),
        ("le 12 janvier", "le 12 janvier 2026", True),
        ("au premier semestre 2024", "en mars 2024", True),
        ("le 12 janvier 2026", "en janvier 2026", False),
        ("en février 2026", "le 12 janvier 2026", False),
        ("fin 2026", "le 12 janvier 2026", False),
        ("en 2025", "le 12 janvier 2026", False),
    ],
)
def test_a_date_is_carried_by_itself_or_a_closer_one(told_date: str, source: str, is_carried: bool) -> None:
    (own,), (theirs,) = quantities(plain_text(told_date))[1], quantities(plain_text(source))[1]
    assert theirs.carries(own, frozenset()) is is_carried


def test_a_number_of_inhabitants_is_no_year() -> None:
    found, moments = quantities(plain_text("une commune de 2 000 habitants"))
    assert [one.value for one in found] == [2000] and not moments
