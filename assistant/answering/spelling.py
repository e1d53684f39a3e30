"""How people type → what they mean: SMS spelling, typos, acronyms, everyday words.

Uses the lexicon that came with the index version and the index's own vocabulary. Every change is
kept, so that it can be shown (« compris comme : … »). Knows nothing of passages or answers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from assistant.answering.bounds import BOUNDS, Bounds
from index.errors import IndexCorrupt
from index.french import STOP_WORDS, fold, words

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*\+?")
_GLUED = re.compile(r"([cdjlmnst]|qu)([aeiouyh]\w{3,})$")  # an elision typed without its apostrophe
_CAPITALISED = re.compile(r"(?<=[\w,'’] )(?!L['’]|D['’])[A-ZÀ-Ý][\w’'-]+|(?<=['’])[A-ZÀ-Ý][\w-]+")  # not a sentence's first word
_SECTIONS = ("acronymes", "mots", "sms", "noms", "fond", "lieux")


@dataclass(frozen=True)
class Lexicon:
    """`lexique.yaml`, folded. Keys may be several words long."""

    replaced: Mapping[str, str] = field(default_factory=dict)  # SMS spelling → normal spelling
    meaning: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # word or phrase → terms searched too
    background: frozenset[str] = frozenset()  # folded words and phrases that everything here is about
    places: frozenset[str] = frozenset()  # folded names of regions and départements

    @classmethod
    def load(cls, path: Path) -> Lexicon:
        """An absent file is an empty lexicon; a malformed one raises IndexCorrupt, naming the line."""
        if not path.is_file():
            return cls()
        try:
            return cls.parse(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
            raise IndexCorrupt(f"Le lexique « {path.name} » est mal écrit : {error}") from error

    @classmethod
    def parse(cls, sections: Mapping[str, Any]) -> Lexicon:
        """What the sections of `lexique.yaml` say (knowledge/LISEZMOI.md).

        Raises:
            ValueError: a section that is not known.
            AttributeError, TypeError: one of another shape.
        """
        if unknown := set(sections) - set(_SECTIONS):
            raise ValueError(f"rubrique inconnue : {', '.join(sorted(unknown))}")
        meaning: dict[str, list[str]] = {}

        def means(word: object, terms: list[str]) -> None:
            known = meaning.setdefault(fold(str(word)).strip(), [])
            known += [term for term in terms if term not in known]

        for acronym, name in (sections.get("acronymes") or {}).items():
            means(acronym, [str(name)])
            means(name, [str(acronym)])
        for word, terms in (sections.get("mots") or {}).items():
            means(word, [str(term) for term in (terms if isinstance(terms, list) else [terms])])
        for alias, name in (sections.get("noms") or {}).items():
            means(alias, [str(name)])
        replaced = {fold(str(k)).strip(): str(v) for k, v in (sections.get("sms") or {}).items()}
        background = _phrases_of(sections.get("fond"))
        return cls(
            replaced, {word: tuple(terms) for word, terms in meaning.items()}, background, _phrases_of(sections.get("lieux"))
        )


class SpellingChange(NamedTuple):
    """What was typed, and what it was taken for."""

    typed: str
    understood: str


@dataclass(frozen=True)
class Wording:
    """A question as understood."""

    text: str  # the question, SMS spellings and typos replaced
    extra: Mapping[str, tuple[str, ...]]  # folded word → terms that may stand for it
    changes: tuple[SpellingChange, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)  # folded word → how much it tells, 0..1
    places: tuple[str, ...] = ()  # folded names of places: known ones, and capitalised words no dictionary knows


class QuestionNormaliser:
    """Brings questions to normal spelling, with one version's lexicon and vocabulary.

    Args:
        vocabulary: word of the base, folded → how many passages hold it.
    """

    def __init__(self, lexicon: Lexicon, vocabulary: Mapping[str, int], bounds: Bounds = BOUNDS) -> None:
        self._bounds = bounds
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        # Typos are corrected towards words worth finding, not towards grammar.
        self._targets = [w for w in vocabulary if len(w) >= bounds.shortest_typo - 1 and w.isalpha() and w not in STOP_WORDS]
        # Lexicon keys go through the same tokeniser as questions: « l'interco », « porte-à-porte ».
        self._meaning = {" ".join(words(key)): terms for key, terms in lexicon.meaning.items()}
        # Names that the base uses widely are subjects, not places: « Anah », « Denormandie », « Sénat ».
        self._common_here = {word for word, count in vocabulary.items() if count >= bounds.used_here}
        self._of_places = {word for name in lexicon.places for word in name.split()}
        self._longest = max((len(key.split()) for key in (*lexicon.replaced, *lexicon.meaning)), default=1)

    @property
    def background(self) -> frozenset[str]:
        """Folded words of the lexicon's background phrases."""
        return frozenset(word for phrase in self._lexicon.background for word in phrase.split() if word not in STOP_WORDS)

    def normalise(self, question: str) -> Wording:
        """Understand one question. Never fails: what is not understood is left as typed."""
        if question.isupper():  # shouted: its capitals tell no name
            question = question.lower()
        changes: list[SpellingChange] = []
        text = self._replace_sms(question, changes)
        text = self._correct_typos(text, changes)
        extra = self._meanings(text)
        weights = {word: weight for word in words(text) if (weight := self._weight(word, extra)) < 1} | self._background(text)
        return Wording(text, extra, tuple(changes), weights, self._places(text))

    def _places(self, text: str) -> tuple[str, ...]:
        """A longer name wins over the shorter one it holds (« Haute-Marne » over « Marne »)."""
        spaced, found = f" {' '.join(words(text))} ", []
        for name in sorted(self._lexicon.places, key=len, reverse=True):
            if f" {name} " in spaced:
                spaced = spaced.replace(f" {name} ", " | ")
                found.append(name)
        for match in _CAPITALISED.finditer(text):
            for word in words(match[0]):
                common = word in STOP_WORDS or word in self._meaning or word in self._common_here
                if not common and f" {word} " in spaced:
                    found.append(word)
        return tuple(dict.fromkeys(found))

    def _background(self, text: str) -> dict[str, float]:
        """Low weights for the words of background phrases, wherever such a phrase stands."""
        spaced = f" {' '.join(words(text))} "
        # The longest phrase has the last word: a set has no order of its own.
        phrases = sorted(self._lexicon.background, key=lambda phrase: (len(phrase.split()), phrase))
        found = (phrase.split() for phrase in phrases if f" {phrase} " in spaced)
        return {word: self._bounds.background_weight / len(phrase) for phrase in found for word in phrase}

    def _weight(self, word: str, extra: Mapping[str, tuple[str, ...]]) -> float:
        """Words of everyday talk tell little of a subject, unless the base or the lexicon uses them much."""
        bounds = self._bounds
        if word in extra or word[0].isdigit():
            return 1.0
        if word not in self._vocabulary and word not in _french():
            return bounds.unknown_weight
        everyday = _french().get(word, 0)
        here = self._vocabulary.get(word, 0)
        if everyday < bounds.everyday or here >= bounds.used_here:
            return 1.0
        return max(0.0, 1.0 - bounds.everyday_slope * math.log2(everyday / bounds.everyday))

    def _replace_sms(self, text: str, changes: list[SpellingChange]) -> str:
        """Longest spellings first, so that « c koi » wins over « koi »."""
        tokens = [(m.start(), m.end(), fold(m[0])) for m in _WORD.finditer(text)]
        pieces, position, index = [], 0, 0
        while index < len(tokens):
            for length in range(min(self._longest, len(tokens) - index), 0, -1):
                start, end = tokens[index][0], tokens[index + length - 1][1]
                typed = " ".join(token[2] for token in tokens[index : index + length])
                if (normal := self._lexicon.replaced.get(typed)) is not None:
                    pieces += [text[position:start], normal]
                    position = end
                    if fold(normal) != fold(text[start:end]):
                        changes.append(SpellingChange(text[start:end], normal))
                    break
            else:
                length = 1
            index += length
        return "".join([*pieces, text[position:]])

    def _correct_typos(self, text: str, changes: list[SpellingChange]) -> str:
        def corrected(match: re.Match[str]) -> str:
            typed = match[0]
            word = fold(typed)
            if len(word) < self._bounds.shortest_typo or not word.isalpha() or self._is_known(word) or word in self._of_places:
                return typed
            if (glued := _GLUED.match(word)) and (known := self._known_as(glued[2])):  # « sarrete », « dindustri »
                first, rest = typed[: len(glued[1])], typed[len(glued[1]) :]
                understood = f"{first}'{rest}" if known == glued[2] else f"{glued[1]}'{known}"
            else:
                understood = self._nearest(word) or typed
                # A name is only corrected into another name: « en Mayenne » is not « en moyenne ».
                if understood == typed or (_is_name(text, match.start()) and understood in _french()):
                    return typed
            changes.append(SpellingChange(typed, understood))
            return understood

        return _WORD.sub(corrected, text)

    def _known_as(self, word: str) -> str | None:
        """A word as it is, or spelt as the index spells it; None when it is neither."""
        return word if self._is_known(word) else self._nearest(word) if len(word) >= self._bounds.shortest_typo + 2 else None

    def _nearest(self, word: str) -> str | None:
        """The word of the index that a typo most likely meant: same first letter, one letter off."""
        near = process.extractOne(word, self._targets, scorer=OSA.distance, score_cutoff=1)
        return str(near[0]) if near and near[0][0] == word[0] else None

    def _is_known(self, word: str) -> bool:
        return word in self._vocabulary or word in STOP_WORDS or word in self._lexicon.meaning or word in _french()

    def _meanings(self, text: str) -> dict[str, tuple[str, ...]]:
        """Terms of the lexicon for the words of a text; a phrase's terms go to each of its words."""
        extra: dict[str, tuple[str, ...]] = {}
        for phrase in self._phrases(words(text)):
            for word in phrase.split():
                if word not in STOP_WORDS or phrase == word:
                    extra[word] = tuple(dict.fromkeys((*extra.get(word, ()), *self._terms(phrase))))
        return extra

    def _phrases(self, tokens: list[str]) -> Iterator[str]:
        taken: set[int] = set()
        for length in range(self._longest, 0, -1):
            for first in range(len(tokens) - length + 1):
                places = set(range(first, first + length))
                phrase = " ".join(tokens[first : first + length])
                if not places & taken and self._terms(phrase):
                    taken |= places
                    yield phrase

    def _terms(self, phrase: str) -> tuple[str, ...]:
        for form in (phrase, phrase.removesuffix("s"), phrase.removesuffix("x")):
            if terms := self._meaning.get(form):
                return terms
        return ()


def _is_name(text: str, at: int) -> bool:
    """True of a word with a capital that opens no sentence."""
    before = text[:at].rstrip(' «"(')
    return text[at].isupper() and bool(before) and before[-1] not in ".!?…:\n-"


def _phrases_of(names: Any) -> frozenset[str]:
    return frozenset(" ".join(words(str(name))) for name in names or [])


@lru_cache(maxsize=1)
def _french() -> Mapping[str, int]:
    """Folded French words of pyspellchecker's list, with how often each occurs there."""
    counts: dict[str, int] = {}
    for word, count in SpellChecker(language="fr", distance=1).word_frequency.dictionary.items():
        counts[fold(word)] = counts.get(fold(word), 0) + count
    return counts
