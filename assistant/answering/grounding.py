"""Sentence ↔ source: does the quote carry the figures, names and negation of the sentence?

Pure. Every number of a sentence must occur in its quotes (or be given by the asker, or computed and
shown), negation must agree, proper names must occur. Knows nothing of how the sentence was made.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from decimal import Decimal

from assistant.answering.answer import Support
from assistant.answering.bounds import BOUNDS, Bounds
from index.figures import figures, values
from index.french import STOP_WORDS, content_words, fold, sentences, words

_MARKER = re.compile(r"\s*\[\d+\]")
_NAME = re.compile(r"(?<![.!?:…]\s)(?<!^)\b[A-ZÀ-Ý][\w’'-]{2,}")
_NEGATION = re.compile(r"\b(?:ne|n')\b|\b(?:aucune?|jamais|sans)\b|^non\b")


def support(sentence: str, quotes: Iterable[str], given: Collection[Decimal] = (), bounds: Bounds = BOUNDS) -> Support:
    """How well quotes carry a sentence.

    Args:
        given: numbers the asker stated or that a shown computation produced.

    Returns:
        VERIFIED when the sentence is found in the quotes, or when its figures, names and negation
        are and most of its words too; WEAK when only the wording drifts; UNSUPPORTED otherwise.
    """
    text = _MARKER.sub("", sentence).strip()
    source = "\n".join(quotes)
    if not source.strip():
        return Support.UNSUPPORTED
    if _flat(text) in _flat(source):
        return Support.VERIFIED
    if unsupported_figures(text, source, given) or _foreign_names(text, source) or not _same_negation(text, source, bounds):
        return Support.UNSUPPORTED
    own = _content(text)
    shared = own & set(words(source))
    return Support.VERIFIED if not own or len(shared) / len(own) >= bounds.weak_overlap else Support.WEAK


def unsupported_figures(text: str, source: str, given: Collection[Decimal] = ()) -> set[Decimal]:
    """Numbers of a text that its source does not hold."""
    return {figure.value for figure in figures(_MARKER.sub("", text))} - values(source) - set(given)


def _foreign_names(text: str, source: str) -> set[str]:
    known = set(words(source))
    return {name for name in _NAME.findall(text) if not set(words(name)) <= known | STOP_WORDS}


def _same_negation(text: str, source: str, bounds: Bounds) -> bool:
    """A negative sentence needs its nearest source sentence negative; a repeated one keeps its negation."""
    own = _content(text)
    found = [source[start:end] for start, end in sentences(source)]
    nearest = max(found, key=lambda sentence: len(own & _content(sentence)), default="")
    if _NEGATION.search(fold(text)):
        return bool(_NEGATION.search(fold(nearest)))
    return not _NEGATION.search(fold(nearest)) or len(own & _content(nearest)) < bounds.repeated * len(own)


def _content(text: str) -> set[str]:
    return {word for word in content_words(text) if not word[0].isdigit()}


def _flat(text: str) -> str:
    return " ".join(words(text))
