"""Questions → topics: groups of questions about one thing, each named by its most telling words.

Two questions are near when their vectors are and when they share rare terms. Neither would do alone: to a small
encoder « quelle aide pour une halle ? » and « quelle aide pour un pont ? » are on one subject, and words miss a synonym.
Knows texts, an encoder and how rare a term is in the base; nothing of journals or screens. The only
module that imports scikit-learn's clustering.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from index.embedding import Encoder
from index.french import STOP_WORDS, analyse, stem, words

# Measured on 46 questions of 18 topics: the adjusted Rand index is .89 to .92 from .78 to .84 with half for the vectors, .87 at
# most with .4, .91 with .6; on 30 others of 12 topics, .98 to 1.0 from .72 on. See DECISIONS.md.
DISTANCE = 0.81  # average distance up to which two groups are one topic, 0..1
_DENSE = 0.5  # share of the vectors in the likeness of two questions; the rest is shared terms
NAMED_BY = 3  # words in the name of a topic
_TELLING = 0.45  # a word tells a topic when it weighs at least this share of its first word

_MASKED = re.compile(r"\[[^\]\n]{1,20}\]")  # « [téléphone] »: what `Masker.mask` left
Idf = Callable[[str], float]  # how rare a term (a stem) is in the base


@dataclass(frozen=True)
class Topic:
    """Questions about one thing. `members` are positions in the questions given, the most central first."""

    words: tuple[str, ...]  # the most telling first, as people wrote them; none when the questions share none
    members: tuple[int, ...]


def group(questions: Sequence[str], counts: Sequence[int], encoder: Encoder, idf: Idf, ordinary: Sequence[str]) -> list[Topic]:
    """The topics of some distinct questions, the most asked first.

    Args:
        questions: distinct; masked ones keep their tags (« [téléphone] »), which count for nothing here.
        counts: how many times each question was asked.
        idf: how rare a stem is in the base.
        ordinary: questions on unrelated things. The median cosine between two of them is taken as no likeness at all: a small
            encoder gives any two questions a high one.
    """
    texts = [_MASKED.sub(" ", question) for question in questions]
    terms = [frozenset(analyse(text)) for text in texts]
    own = Counter(term for found in terms for term in found)
    weights = {term: idf(term) * log(1 + len(texts) / count) for term, count in own.items()}
    likeness = _DENSE * _dense(texts, encoder, ordinary) + (1 - _DENSE) * _shared(terms, weights)
    topics = []
    for members in _groups(likeness):
        central = sorted(members, key=lambda row: (-float(likeness[row, members].mean()), row))
        topics.append(Topic(_name([texts[row] for row in members], weights), tuple(central)))
    return sorted(topics, key=lambda topic: (-sum(counts[row] for row in topic.members), topic.words))


def surface(texts: Sequence[str]) -> dict[str, str]:
    """Each stem of some texts → the word most often written for it."""
    written: dict[str, Counter[str]] = {}
    for text in texts:
        for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*\+?", _MASKED.sub(" ", text)):
            for part in words(word):
                # The word as typed, accents included, unless the analyser made several of it.
                typed = word if word.isupper() and not text.isupper() else word.lower()  # « TVA » stays so
                written.setdefault(stem(part), Counter())[typed if len(words(word)) == 1 else part] += 1
    return {term: min(found, key=lambda word: (-found[word], word)) for term, found in written.items()}


def _groups(likeness: NDArray[np.float64]) -> list[list[int]]:
    """The positions of the questions of each group, from how alike they are, (n, n), 0..1."""
    if len(likeness) < 2:
        return [[row] for row in range(len(likeness))]
    clustering = AgglomerativeClustering(n_clusters=None, metric="precomputed", linkage="average", distance_threshold=DISTANCE)
    labels = clustering.fit_predict(1 - likeness)
    found: dict[int, list[int]] = {}
    for row, label in enumerate(labels.tolist()):
        found.setdefault(label, []).append(row)
    return list(found.values())


def _dense(texts: Sequence[str], encoder: Encoder, ordinary: Sequence[str]) -> NDArray[np.float64]:
    """Cosines of the questions, (n, n), on a scale from unrelated questions (0) to the same (1)."""
    vectors = encoder.encode_queries(list(texts))
    floor = _unlike(encoder.encode_queries(list(ordinary))) if len(ordinary) > 1 else 0.0
    scaled = np.clip((vectors @ vectors.T - floor) / (1 - floor), 0.0, 1.0)
    return np.asarray(scaled, dtype=np.float64)


def _unlike(vectors: NDArray[np.float32]) -> float:
    """The median cosine of unrelated questions; under 1, since the scale divides by what is left above it."""
    return min(float(np.median((vectors @ vectors.T)[np.triu_indices(len(vectors), 1)])), 0.99)


def _shared(terms: Sequence[frozenset[str]], weights: dict[str, float]) -> NDArray[np.float64]:
    """Cosines of the questions as bags of weighted terms, (n, n), 0..1; one without terms is like no other."""
    columns = {term: column for column, term in enumerate(sorted(weights))}
    matrix = np.zeros((len(terms), max(len(columns), 1)))
    for row, found in enumerate(terms):
        for term in found:
            matrix[row, columns[term]] = weights[term]
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix /= np.where(length > 0, length, 1.0)
    return np.clip(matrix @ matrix.T, 0.0, 1.0)


def _name(texts: Sequence[str], weights: dict[str, float]) -> tuple[str, ...]:
    """The terms that many of these questions share and few others have: words, for a number names nothing.

    Empty when they share none: a word of one of them would not be what they are about.
    """
    written = surface([_content(text) for text in texts])
    held = Counter(term for text in texts for term in set(analyse(text)))
    named = [term for term in held if not term[0].isdigit() and (held[term] > 1 or len(texts) == 1)]
    order = sorted(named, key=lambda term: (-held[term] * weights[term], term))
    best = held[order[0]] * weights[order[0]] if order else 0.0
    enough = [term for term in order if held[term] * weights[term] >= _TELLING * best]
    return tuple(written.get(term, term) for term in enough[:NAMED_BY])


def _content(text: str) -> str:
    """The words of a text but its stop words: « l'aide » stays whole."""
    return " ".join(word for word in text.split() if not set(words(word)) <= STOP_WORDS)
