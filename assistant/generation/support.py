"""A written sentence ↔ the passages it cites: do they carry its figures, dates, names, negation and conditions, and most of it?

Strict: what cannot be found in one cited passage is not carried. Pure; knows nothing of who wrote the sentence or what is
shown instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assistant.answering.polarity import turns
from index.figures import figures, values
from index.french import MONTHS, STOP_WORDS, analyse, content_words, fold, sentences, words

CARRIED = 0.6  # share of the content words of a sentence that the passage must hold, 0..1
_SAME = 0.5  # share of its words that a sentence of the passage must hold to be the one that is said otherwise, 0..1
_MARKER = re.compile(r"\[(\d{1,3})\]")
_NAME = re.compile(r"(?<![.!?:…]\s)(?<!^)\b[A-ZÀ-ÝŒ][\w’'-]+")
_DAY = re.compile(rf"\b(?:(\d{{1,2}})(?:er)? )?({fold('|'.join(MONTHS))})\b")
_CONDITION = re.compile(
    r"\b(?:dans la limite|sous reserve|a condition|sauf|hors|uniquement|seulement|au plus|au maximum|maximum|jusqu'a|plafonne\w*|"
    r"au moins|minimum|a partir de|moins de|plus de|excepte|reserve\w* aux?|si)\b"
)
_SCOPE = re.compile(r"\b(?:tous|toutes|toute|tout|chaque|toujours|automatiquement|obligatoire\w*|integral\w*|totalite)\b")
_DENIAL = re.compile(r"\b(?:ne|n')\b|\b(?:aucune?|jamais|sans|non)\b")
_FOREIGN = frozenset("the is are of and for with this that which you can will from by on der die das und el los para con".split())


class UnsupportedReason(StrEnum):
    """What of a sentence the passages it cites do not carry."""

    FIGURE = "figure"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    CONDITION = "condition"
    SCOPE = "scope"
    CITATION_MISSING = "citation_missing"
    CITATION_UNKNOWN = "citation_unknown"
    NOT_CARRIED = "not_carried"
    LANGUAGE = "language"


@dataclass(frozen=True)
class CitedPassage:
    """A numbered passage that a sentence may cite."""

    number: int
    title: str
    heading: str
    text: str
    date: date | None = None


@dataclass(frozen=True)
class SupportReport:
    """Whether a sentence may be shown, and if not, why."""

    supported: bool
    reasons: tuple[UnsupportedReason, ...] = ()


class SupportChecker:
    """Holds a sentence against the passages it cites."""

    def check(self, sentence: str, passages: Sequence[CitedPassage]) -> SupportReport:
        """Whether one of the passages that the sentence cites, « … [2] », carries all of it.

        Args:
            passages: all that may be cited.
        """
        numbers = [int(found) for found in _MARKER.findall(sentence)]
        text = _MARKER.sub("", sentence).strip()
        cited = [passage for passage in passages if passage.number in numbers]
        if not numbers:
            return _refused(UnsupportedReason.CITATION_MISSING)
        if len(cited) < len(set(numbers)):
            return _refused(UnsupportedReason.CITATION_UNKNOWN)
        if _is_foreign(text):
            return _refused(UnsupportedReason.LANGUAGE)
        found = [_lacking(text, passage) for passage in cited]
        best = min(found, key=len)
        return _refused(*best) if best else SupportReport(True)


def _refused(*reasons: UnsupportedReason) -> SupportReport:
    return SupportReport(False, reasons)


def _is_foreign(text: str) -> bool:
    own = [word for word in words(text) if word.isalpha()]
    return sum(word in _FOREIGN for word in own) >= 2 and sum(word in STOP_WORDS for word in own) < sum(
        word in _FOREIGN for word in own
    )


def _lacking(text: str, passage: CitedPassage) -> tuple[UnsupportedReason, ...]:
    """What of a text one passage does not carry."""
    held = f"{passage.title}\n{passage.heading}\n{passage.text}"
    own = set(analyse(text))
    near = _nearest(own, passage.text)
    # One sentence of the passage, or the two that follow each other: what is said of one thing is not what is said of another.
    plain, source = fold(text), fold(near)
    reasons = []
    if not {figure.value for figure in figures(text)} <= values(near) | values(passage.heading) or _units(text) - _units(near):
        reasons.append(UnsupportedReason.FIGURE)
    if not set(_DAY.findall(plain)) <= set(_DAY.findall(source)):
        reasons.append(UnsupportedReason.DATE)
    if {name for name in _NAME.findall(text) if not set(words(name)) <= set(words(held)) | STOP_WORDS}:
        reasons.append(UnsupportedReason.NAME)
    denies = bool(_DENIAL.search(plain))
    closest = _nearest(own, passage.text, following=False)
    if denies != bool(_DENIAL.search(fold(closest))) or turns(text) - turns(near):
        reasons.append(UnsupportedReason.NEGATION)
    said = {word for word in analyse(text) if not word[0].isdigit()}
    if _CONDITION.search(fold(closest)) and not _CONDITION.search(plain) and _says_again(said, closest):
        reasons.append(UnsupportedReason.CONDITION)
    if set(_SCOPE.findall(plain)) - set(_SCOPE.findall(source)):
        reasons.append(UnsupportedReason.SCOPE)
    if not said or len(said & set(analyse(held))) < CARRIED * len(said) or len(said & set(analyse(near))) < _SAME * len(said):
        reasons.append(UnsupportedReason.NOT_CARRIED)
    return tuple(reasons)


def _units(text: str) -> set[tuple[object, str]]:
    return {(figure.value, figure.unit) for figure in figures(text) if figure.unit}


def _nearest(own: set[str], text: str, following: bool = True) -> str:
    """The sentence of a text that shares most words with another one, and the one after it."""
    spans = sentences(text)
    best = max(range(len(spans)), key=lambda at: len(own & set(analyse(text[slice(*spans[at])]))), default=None)
    if best is None:
        return ""
    end = spans[min(best + 1, len(spans) - 1)][1] if following else spans[best][1]
    return text[spans[best][0] : end]


def _says_again(said: set[str], source: str) -> bool:
    """Whether most of a sentence of the source is said again: what it depends on must be too."""
    own = {word for word in content_words(source) if not word[0].isdigit()}
    return len(said & set(analyse(source))) >= _SAME * max(1, min(len(said), len(own)))
