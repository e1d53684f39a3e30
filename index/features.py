"""All the evidence that an order is made of: the features of `ranking.FEATURES`, for a set of candidates.

The terms and vectors of every passage were laid out as arrays when the index was built (`index/passage_terms.py`,
`index/passage_vectors.py`); a question reads those of its candidates, and costs a few array operations whatever the size of
the base. Pure numbers; knows nothing of files or of the encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from index.arrays import Ids, Rows, Values, Vectors
from index.interaction import similarities
from index.passage_terms import Names, PassageTerms
from index.passage_vectors import UnitVectors
from index.ranking import BACKGROUND, BACKGROUND_IDF, FEATURES, WeightedTerms, agreement, precision
from index.term_lists import Holdings, TermLists, Vocabulary, spread
from index.tokens import QuestionTokens, TokenStore

_NAMED = 5_000  # documents whose names are kept once read


def shares(held: Holdings, question: WeightedTerms) -> Values:
    """Share of the question's weight that each list holds, (n_lists,), 0..1; `held` is of the question's groups."""
    found = np.zeros(held.shape[1])
    for own, weight in zip(held, question.weights, strict=True):
        found[own] += weight
    total = sum(question.weights)
    return found / total if total else found


def held_by(lists: TermLists, groups: Iterable[Iterable[str]], vocabulary: Vocabulary) -> Holdings:
    """Whether each list holds a term of each group, (n_groups, n_lists)."""
    return lists.held([vocabulary.known(group) for group in groups], len(vocabulary))


@dataclass(frozen=True)
class _Candidates:
    """Some passages, with their parts in memory, one passage after the other."""

    rows: Rows  # (n,)
    parts: TermLists  # headings, then sentences, of each
    numbers: Rows  # (n_parts,): which part of the index each is
    owners: Rows  # (n_parts,): the place in `rows` of the passage of each
    firsts: Rows  # (n,): the first part of each
    is_heading: Holdings  # (n_parts,)

    @classmethod
    def of(cls, rows: Rows, terms: PassageTerms) -> _Candidates:
        numbers, counts = terms.passages.places(rows)
        owners = np.repeat(np.arange(len(rows)), counts)
        is_heading = _are_headings(counts, terms.heading_counts[rows])
        return cls(rows, terms.parts.taken(numbers), numbers, owners, np.cumsum(counts) - counts, is_heading)

    def anywhere(self, held: Holdings) -> Holdings:
        """Holdings by a part → held by its passage, (n_groups, n)."""
        found: Holdings = (
            np.logical_or.reduceat(held, self.firsts, axis=1) if len(held) else np.zeros((0, len(self.rows)), dtype=bool)
        )
        return found


class FeatureExtractor:
    """The evidence of one version of an index.

    Args:
        terms: of each passage.
        units: the vectors of its heading or title, aliases and sentences.
        tokens: of each passage.
        idf: inverse document frequency of a term.
    """

    def __init__(self, terms: PassageTerms, units: UnitVectors, tokens: TokenStore, idf: Callable[[str], float]) -> None:
        self._terms = terms
        self._units = units
        self._tokens = tokens
        self._idf = idf
        self._names = lru_cache(maxsize=_NAMED)(terms.names_of)

    def features(
        self,
        rows: Rows,
        dense: Vectors,
        lexical: Values,
        vector: Vectors,
        question_tokens: QuestionTokens,
        question: WeightedTerms,
        others: Mapping[str, Values],
    ) -> Values:
        """The features of some passages, (n, len(FEATURES)).

        Args:
            rows: the candidates, (n,).
            dense: cosine of each, (n,).
            lexical: BM25 of each beside the best of the index, (n,).
            vector: of the question, (dimension,).
            question_tokens: its tokens.
            question: its terms.
            others: features of each that are computed elsewhere, (n,).
        """
        own = _Candidates.of(rows, self._terms)
        columns: dict[str, Values | Vectors] = {
            "lexical": lexical,
            "dense": dense,
            "interaction": similarities(question_tokens, self._tokens, rows),
            "comprehension": np.zeros(len(rows)),  # of those that come first, once an order is known
            "subject": self._subject(rows, question),
            "bigrams": self._bigrams(own, question),
            "figure": self._figure(rows, question),
            **self._coverage(own, question),
            **self._heading(own, question),
            **self._near(rows, dense, vector),
            **others,
        }
        return np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float64)

    def sentence_cosines(self, row: int, vector: Vectors) -> Vectors:
        """Cosine of a question, (dimension,), and of each sentence of one passage, (n_sentences,)."""
        places, _ = self._units.cut.places(np.array([row]))
        return self._units.cosines(places[int(self._terms.heading_counts[row]) :], vector)

    def _coverage(self, own: _Candidates, question: WeightedTerms) -> dict[str, Values]:
        """What of the question stands in each candidate, in its title, in its best sentence; which numbers do."""
        vocabulary = self._terms.vocabulary
        numbers = sorted({term for group in question.groups for term in group if term[0].isdigit()})
        groups = [*question.groups, *([number] for number in numbers)]
        titles, title_of = np.unique(self._terms.titles[own.rows], return_inverse=True)
        in_title = held_by(self._terms.title_terms.taken(titles), groups, vocabulary)[:, title_of]
        in_parts = held_by(own.parts, groups, vocabulary)
        anywhere = own.anywhere(in_parts) | in_title
        asked = len(question.groups)
        sentences = np.where(own.is_heading, -1.0, shares((in_parts | in_title[:, own.owners])[:asked], question))
        return {
            "coverage": shares(anywhere[:asked], question),
            "title_coverage": shares(in_title[:asked], question),
            "sentence_coverage": np.maximum.reduceat(sentences, own.firsts),
            "numbers": anywhere[asked:].sum(axis=0) / max(1, len(numbers)),
        }

    def _heading(self, own: _Candidates, question: WeightedTerms) -> dict[str, Values]:
        """The features of the heading of each candidate, by the best of its wordings: the heading itself or an alias."""
        places = np.flatnonzero(own.is_heading)
        headings, owner, numbers = own.parts.taken(places), own.owners[places], own.numbers[places]
        coverage, heading_precision = (
            self._heading_coverage(headings, question),
            self._heading_precision(headings, numbers, question),
        )
        agreements = np.array([agreement(question.interrogatives, asks) for asks in self._terms.asked])[self._terms.asks[numbers]]
        # By candidate, then the best first; the first of equals.
        order = np.lexsort((-(coverage + heading_precision), -(coverage * heading_precision + 0.1 * agreements), owner))
        best = order[np.searchsorted(owner[order], np.arange(len(own.rows)))]
        return {
            "heading_coverage": coverage[best],
            "heading_precision": heading_precision[best],
            "heading_match": coverage[best] * heading_precision[best],
            "interrogative": agreements[best],
        }

    def _heading_coverage(self, headings: TermLists, question: WeightedTerms) -> Values:
        """Share of the question's weight found in each heading, (n_headings,).

        Terms that the whole base is about count as one: « le programme » and « Petites villes de demain » are the same here.
        """
        folded = question.folded()
        groups = [(group - {BACKGROUND}) | question.background if BACKGROUND in group else group for group in folded.groups]
        return shares(held_by(headings, groups, self._terms.vocabulary), folded)

    def _heading_precision(self, headings: TermLists, numbers: Rows, question: WeightedTerms) -> Values:
        """Share of each heading's idf found in the question, (n_headings,); terms of the whole base count as one, as above."""
        terms = frozenset().union(*question.groups) if question.groups else frozenset()
        background, asked = sorted(question.background), sorted(terms - question.background)
        held = held_by(headings, [question.background, *([term] for term in [*background, *asked])], self._terms.vocabulary)
        common, of_terms = held[0], held[1:]
        total, found = self._terms.heading_idf[numbers], np.zeros(len(numbers))
        for own, term in zip(of_terms[: len(background)], background, strict=True):
            total[own] -= self._idf(term)
        for own, term in zip(of_terms[len(background) :], asked, strict=True):
            found[own] += self._idf(term)
        total[common] += BACKGROUND_IDF
        if terms & question.background:
            found[common] += BACKGROUND_IDF
        return np.divide(found, total, out=np.zeros(len(found)), where=total > 1e-9)

    def _near(self, rows: Rows, dense: Vectors, vector: Vectors) -> dict[str, Vectors]:
        """The best cosine of a sentence and of a heading or alias; a passage without a sentence has its own."""
        places, counts = self._units.cut.places(rows)
        cosines, owner = self._units.cosines(places, vector), np.repeat(np.arange(len(rows)), counts)
        is_heading = _are_headings(counts, self._terms.heading_counts[rows])
        heading = np.full(len(rows), -np.inf, dtype=np.float32)
        sentence = heading.copy()
        np.maximum.at(heading, owner[is_heading], cosines[is_heading])
        np.maximum.at(sentence, owner[~is_heading], cosines[~is_heading])
        return {"heading_dense": heading, "sentence_dense": np.where(np.isneginf(sentence), dense, sentence)}

    def _subject(self, rows: Rows, question: WeightedTerms) -> Values:
        """How far the question names what the document of each candidate is about, 0..1."""
        terms = frozenset().union(*question.groups) if question.groups else frozenset()
        subjects, place = np.unique(self._terms.subjects[rows], return_inverse=True)
        names = map(self._names, subjects.tolist())
        return np.array([_subject(own, terms, question.background, self._idf) for own in names])[place]

    def _bigrams(self, own: _Candidates, question: WeightedTerms) -> Values:
        """Share of the question's neighbouring pairs that are neighbours in each candidate."""
        known = [self._terms.vocabulary.known(pair) for pair in question.pairs]
        held = own.anywhere(own.parts.neighbours([(pair[0], pair[1]) for pair in known if len(pair) == 2]))
        return held.sum(axis=0) / max(1, len(question.pairs))

    def _figure(self, rows: Rows, question: WeightedTerms) -> Values:
        """+1 where the kind of figure asked for stands, -1 where it does not, 0 when none is asked."""
        if question.want is None:
            return np.zeros(len(rows))
        return np.where(self._terms.hold_figure(rows, question.want, question.same_as_counted()), 1.0, -1.0)


def _are_headings(counts: Rows, headings: Ids) -> Holdings:
    """Of each part of some passages, whether it is one of the first, its headings, (n_parts,).

    Args:
        counts: parts of each passage, (n,).
        headings: how many of them are headings, (n,).
    """
    return spread(np.zeros_like(counts), counts) < np.repeat(headings, counts)


def _subject(subjects: Names, question: frozenset[str], background: frozenset[str], idf: Callable[[str], float]) -> float:
    """How far a question names what a document is about, 0..1; .5 at least for a document on the whole programme.

    A document on one scheme is a poor answer to a question that names none, or another.
    """
    own = [terms for name in subjects if (terms := name - background)]
    if len(own) < len(subjects) or not own:  # one of its names is the programme's: about everything
        return max([0.5, *(precision(terms, question, idf) for terms in own)])
    return max(precision(terms, question, idf) for terms in own)
