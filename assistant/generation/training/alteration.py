"""A sentence → the same with one thing changed that makes it false, by rule: a figure, a month, a name, a denial, one word that
its contrary replaces, a condition left out.

Most are false; some are not (« préfet » for « maire » where both decide): they teach, they do not measure. Knows nothing of
passages.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from index.french import MONTHS

# Either stands for the other, then the second for the first only.
_EITHER_WAY = (
    "au moins|au plus;avant|après;plus de|moins de;peut|doit;peuvent|doivent;avec|sans;baisse|hausse;préfet|maire;"
    "région|département;prêts|subventions;reçoit|verse;élus|habitants;achat|vente;début|fin;Anah|ANCT"
)
_ONE_WAY = (
    "jusqu'à|au moins;toutes les|certaines;tous les|certains;seulement|notamment;augmente|diminue;commune|intercommunalité;"
    "communes|intercommunalités;préfecture|mairie;État|Région;prêt|subvention;subvention|avance;gratuite|payante;gratuit|payant;"
    "obligatoire|facultatif;première|dernière;premier|dernier;par an|par mois;ou|et;dont|hors;surtout|uniquement;"
    "souvent|toujours;propriétaires|locataires;rural|urbain;rurale|urbaine;recommande|a décidé;propose|impose;"
    "prévoit|a versé;environ|au moins;"
    "lauréats|candidats;notamment|exclusivement;une partie|la totalité;la moitié|la totalité;depuis|jusqu'en;ancien|neuf;"
    "petites|grandes;directeur|président;directrice|présidente;ministre|préfet;mensuel|annuel;"
    "conseil municipal|conseil départemental"
)
_CONTRARIES = tuple(
    (old, new)
    for pairs, ways in ((_EITHER_WAY, (1, -1)), (_ONE_WAY, (1,)))
    for pair in pairs.split(";")
    for way in ways
    for old, new in (pair.split("|")[::way],)
)
_FIGURE = re.compile(r"(?<![\w.,\[-])\d+(?:[ \u00a0\u202f]\d{3})*(?:,\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b")
NAME = re.compile(r"(?<!^)(?<![.!?:] )\b[A-ZÉ][\w'-]{2,}")
_DENIAL = re.compile(r"\b(?:ne |n')(\w+) (?:pas|plus|jamais) ?")
_VERB = re.compile(
    r"(?<![\w'])(?:est|sont|a|ont|peut|peuvent|doit|doivent|reçoit|finance|financent|concerne|couvre|permet|donne|dure|vise|"
    r"prévoit|comprend|propose|était|étaient|paie|sert|relève)(?= )"
)
_CONDITION = re.compile(
    r",? (?:si|s'il|sauf|à condition|sous réserve|seulement|uniquement|dans la limite|au plus|au maximum|au moins|hors|notamment|"
    r"en priorité)[^,.;:]*"
)
_SHORTEST = 25  # letters of a sentence from which something was left out


def altered(sentence: str, names: Sequence[str], draw: random.Random) -> str | None:
    """A sentence with one alteration, its kind drawn; None when no rule applies. `names`: what a name may be replaced by."""
    kinds: list[Callable[[str, random.Random], str | None]] = [
        _figure, _month, _contrary, _contrary, _denial, lambda text, d: _name(text, names, d), _left_out,
    ]  # fmt: skip
    draw.shuffle(kinds)
    return next((found for kind in kinds if (found := kind(sentence, draw)) and found != sentence), None)


def _figure(text: str, draw: random.Random) -> str | None:
    found = list(_FIGURE.finditer(text))
    if not found:
        return None
    match = draw.choice(found)
    digits = re.sub(r"\D", "", match[0].partition(",")[0])
    others = [one for one in found if one[0] != match[0]]
    if _YEAR.fullmatch(match[0]):
        return _put(text, match, str(int(match[0]) + draw.choice((-2, -1, 1, 2))))
    if others and draw.random() < 0.5:  # two figures change places
        first, second = sorted((match, draw.choice(others)), key=lambda one: one.start())
        return text[: first.start()] + second[0] + text[first.end() : second.start()] + first[0] + text[second.end() :]
    at = 0 if len(digits) < 2 or draw.random() < 0.6 else draw.choice([i for i, sign in enumerate(match[0]) if sign.isdigit()])
    return _put(text, match, match[0][:at] + draw.choice([d for d in "123456789" if d != match[0][at]]) + match[0][at + 1 :])


def _month(text: str, draw: random.Random) -> str | None:
    found = list(_MONTH.finditer(text))
    if not found:
        return None
    match = draw.choice(found)
    return _put(text, match, draw.choice([month for month in MONTHS if month != match[0]]))


def _contrary(text: str, draw: random.Random) -> str | None:
    found = [
        (match, new) for old, new in _CONTRARIES for match in re.finditer(rf"(?<![\w']){re.escape(old)}(?!\w)", text)
    ]  # fmt: skip
    return _put(text, *draw.choice(found)) if found else None


def _denial(text: str, draw: random.Random) -> str | None:
    if match := _DENIAL.search(text):
        return _put(text, match, f"{match[1]} ")
    found = list(_VERB.finditer(text))
    if not found:
        return None
    match = draw.choice(found)
    return _put(text, match, f"{'n’' if match[0][0] in 'aeioué' else 'ne '}{match[0]} pas")


def _name(text: str, names: Sequence[str], draw: random.Random) -> str | None:
    found = list(NAME.finditer(text))
    others = [name for name in names if name not in text]
    return _put(text, draw.choice(found), draw.choice(others)) if found and others else None


def _left_out(text: str, draw: random.Random) -> str | None:
    found = [match for match in _CONDITION.finditer(text) if len(text) - len(match[0]) > _SHORTEST]
    return _put(text, draw.choice(found), "") if found else None


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]
