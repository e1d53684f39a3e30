"""What the numbers of a message are: what something costs, an aid, inhabitants, a length of time, a number taken back…

« 80 000 le poste, l'Anah dans le coup, et j'ai inscrit 60 000 de recette »: the first is an expense, the second an aid. Told by
a classifier over the number and the words around it, learned from `knowledge/numbers.jsonl` by `python -m assistant learn`.
Knows one message at a time; nothing of its conversation, of the base, nor of what is computed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.classifiers import WordClassifier
from assistant.answering.question import in_digits
from index.figures import Figure, figures
from index.french import fold, join_thousands, stem

_AROUND = 6  # words read on each side of a number
_LEAST = 2  # « deux postes » counts, « un poste » does not
_ONE_YEAR = re.compile(r"\bune?(?= (?:an|ann[ée]e|exercice)\b)", re.I)
_TOKEN = re.compile(r"[a-z]+|\d[\d.,]*|[%€?!,;:()]")
_NUMBER = "#"  # stands for any other number


class NumberRole(StrEnum):
    """What a number is told for; the values are the labels of `knowledge/numbers.jsonl`."""

    EXPENSE = "depense"  # what a rate applies to: a cost, a salary with its charges, works, a deficit
    AID = "aide"  # an aid, a share, a ceiling or what is left to pay, as the asker states it
    RATE = "taux"
    DENIED = "ecarte"  # taken back: « 44 000, pas 40 000 »
    POPULATION = "population"
    COUNT = "nombre"  # of posts, shops, dwellings, square metres
    DURATION = "duree"
    YEAR = "annee"
    DATE = "date"
    INCOME = "revenu"  # of a person or a household
    OTHER = "autre"


@dataclass(frozen=True)
class ToldNumber:
    """A number of a message, as it is meant. `after` is the words that follow it, folded, to the end of its clause."""

    value: Decimal
    role: NumberRole
    probability: float = 1.0  # that this is its role
    after: tuple[str, ...] = ()


def told_numbers(text: str, bounds: Bounds = BOUNDS) -> tuple[ToldNumber, ...]:
    """Every number of a text with its role, in order; numbers in words are read as digits."""
    found, plain = _figures(text)
    rows = WordClassifier.load("numbers").probabilities([number_features(plain, figure) for figure in found])
    roles = [NumberRole(max(row, key=lambda name: row[name])) for row in rows]
    return tuple(
        ToldNumber(_scaled(figure, role, bounds.in_thousands), role, row[role], _following(plain, figure))
        for figure, role, row in zip(found, roles, rows, strict=True)
    )


def number_features(plain: str, figure: Figure) -> frozenset[str]:
    """Names of the features of a number: its unit and size, and the words around it by place.

    Args:
        plain: the text that the place of the figure is in, folded, thousands joined.
    """
    before = [_token(token) for token in _TOKEN.findall(plain[: figure.start])]
    after = [_token(token) for token in _TOKEN.findall(plain[figure.end :])]
    left, right = before[::-1][:_AROUND], after[:_AROUND]
    size = len(str(int(figure.value)))
    near = {f"<{at} {word}" for at, word in enumerate(left[:3])} | {f">{at} {word}" for at, word in enumerate(right[:3])}
    bags = {f"< {word}" for word in left} | {f"> {word}" for word in right}
    pairs = {f"<< {' '.join(left[1::-1])}", f">> {' '.join(right[:2])}", f"<> {' '.join([*left[:1], '_', *right[:1]])}"}
    own = {f"unit {figure.unit}", f"size {size}", f"unit {figure.unit} size {size}", f"year {figure.is_year}"}
    place = {f"words {min(len(before) + len(after), 8)}", f"first {not before}", f"last {not after}"}
    others = {f"others {min(before.count(_NUMBER) + after.count(_NUMBER), 3)}"}
    return frozenset(near | bags | pairs | own | place | others)


def _figures(text: str) -> tuple[list[Figure], str]:
    """The numbers of a text, and the folded text, in digits, that their places are in."""
    digits = in_digits(_ONE_YEAR.sub("1", text), _LEAST)
    return figures(digits), join_thousands(fold(digits))


def _token(token: str) -> str:
    return _NUMBER if token[0].isdigit() else stem(token)


def _scaled(figure: Figure, role: NumberRole, least: int) -> Decimal:
    """« un poste à 45 chargés »: nobody spends forty-five euros, thousands are meant."""
    short = role in (NumberRole.EXPENSE, NumberRole.DENIED) and not figure.unit and figure.value < least
    return figure.value * 1000 if short else figure.value


def _following(plain: str, figure: Figure) -> tuple[str, ...]:
    clause = re.split(r"[,;:?!.]", plain[figure.end :], maxsplit=1)[0]
    return tuple(_TOKEN.findall(clause))


def labelled_figures(marked: str) -> list[tuple[str, Figure, str]]:
    """(folded text, figure, role) for each number marked in a text: « on est [2 900|population], poste à [48k|depense] »."""
    text, ends, roles, at = "", [], [], 0
    for match in re.finditer(r"\[([^|\[\]]+)\|([a-z]+)\]", marked):
        text += marked[at : match.start()] + match[1]
        ends.append(len(text))
        roles.append(match[2])
        at = match.end()
    text += marked[at:]
    found, plain = _figures(text)
    kept = []
    for end, role in zip(ends, roles, strict=True):
        number = len(_figures(text[:end])[0])  # which of the numbers of the text it is
        if 0 < number <= len(found):
            kept.append((plain, found[number - 1], role))
    return kept


def expense_of(numbers: Sequence[ToldNumber], bounds: Bounds = BOUNDS) -> Decimal | None:
    """The expense that a message tells: of several numbers the most surely one, of two as sure the last, the larger of
    « entre 50 et 60 000 »; None when it tells none.
    """
    told = [number for number in numbers if number.role is NumberRole.EXPENSE]
    surest = max((number.probability for number in told), default=0.0)
    return next((number.value for number in reversed(told) if number.probability >= surest - bounds.as_sure), None)
