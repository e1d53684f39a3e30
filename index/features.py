"""All the evidence that an order is made of: the features of `ranking.FEATURES`, for a set of candidates.

The terms, words and vectors of every passage are laid out as arrays once, when a version is opened; a
question then costs a few array operations, whatever the number of its candidates (it was a Python
loop over candidates, 3 to 5 times slower). Pure numbers; knows nothing of files or of the encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from index.arrays import Rows, Values, Vectors
from index.figures import held
from index.interaction import similarities
from index.ranking import BACKGROUND, BACKGROUND_IDF, FEATURES, Terms, WeightedTerms, agreement, precision
from index.tokens import QuestionTokens, TokenStore

T = TypeVar("T")


@dataclass(frozen=True)
class Cut:
    """How a flat list is cut into consecutive parts, one a row."""

    starts: Rows
    counts: Rows

    @classmethod
    def of(cls, counts: Iterable[int]) -> Cut:
        """The cut of a list whose parts have these lengths."""
        sizes = np.fromiter(counts, dtype=np.int64)
        return cls(np.cumsum(sizes) - sizes, sizes)

    def places(self, rows: Rows) -> tuple[Rows, Rows]:
        """Places in the flat list of the parts of some rows, and the position in `rows` each belongs to."""
        counts = self.counts[rows]
        ends = np.cumsum(counts)
        flat = np.arange(int(counts.sum())) + np.repeat(self.starts[rows] - (ends - counts), counts)
        return flat, np.repeat(np.arange(len(rows)), counts)


class TermSets:
    """n sets of terms, and for each term the sets that hold it: an inverted index."""

    def __init__(self, sets: Sequence[frozenset[str]]) -> None:
        self.size = len(sets)
        found: dict[str, list[int]] = {}
        for row, terms in enumerate(sets):
            for term in terms:
                found.setdefault(term, []).append(row)
        self._rows: dict[str, Rows] = {term: np.array(rows, dtype=np.int64) for term, rows in found.items()}

    def holding(self, terms: Iterable[str]) -> Rows:
        """The sets that hold any of some terms, each once."""
        rows = [self._rows[term] for term in terms if term in self._rows]
        if len(rows) == 1:
            return rows[0]
        found = np.zeros(self.size, dtype=bool)
        for own in rows:
            found[own] = True
        return np.flatnonzero(found)

    def coverage(self, question: WeightedTerms) -> Values:
        """Share of the question's weight that each set holds, (n,), 0..1."""
        found = np.zeros(self.size)
        for group, weight in zip(question.groups, question.weights, strict=True):
            found[self.holding(group)] += weight
        total = sum(question.weights)
        return found / total if total else found


class FeatureExtractor:
    """The evidence of one version of an index.

    Args:
        passages: terms of each passage.
        vectors: of each heading or title, alias and sentence, passage after passage.
        vector_ends: where the vectors of each passage end.
        tokens: of each passage.
        heading_counts: how many of them are its heading and aliases.
    """

    def __init__(
        self,
        passages: Sequence[Terms],
        vectors: Vectors,
        vector_ends: Rows,
        tokens: TokenStore,
        heading_counts: Sequence[int],
        idf: Callable[[str], float],
    ) -> None:
        self._idf = idf
        self._vectors = vectors
        self._tokens = tokens
        self._vector_cut = Cut.of(np.diff(vector_ends, prepend=0).tolist())
        self._heading_counts = np.array(heading_counts, dtype=np.int64)
        nothing: frozenset[str] = frozenset()
        self._everything = TermSets([passage.everything for passage in passages])
        self._titles = TermSets([passage.title for passage in passages])
        # A passage without a sentence or a heading gets an empty one: no part is then empty.
        self._sentence_cut = Cut.of(len(passage.sentences) or 1 for passage in passages)
        self._sentences = TermSets([s | p.title for p in passages for s in p.sentences or (nothing,)])
        headings = [terms for passage in passages for terms in passage.headings or (nothing,)]
        self._heading_cut = Cut.of(len(passage.headings) or 1 for passage in passages)
        self._headings = TermSets(headings)
        self._heading_idf = np.array([sum(idf(term) for term in sorted(terms)) for terms in headings], dtype=np.float64)
        self._asks, self._heading_asks = _numbered(
            [asks for passage in passages for asks in passage.interrogatives or (nothing,)]
        )
        self._subjects, self._passage_subjects = _numbered([passage.subjects for passage in passages])
        self._figures = [held(passage.text) for passage in passages]
        found: dict[tuple[str, str], list[int]] = {}
        for row, passage in enumerate(passages):
            for pair in passage.pairs:
                found.setdefault(pair, []).append(row)
        self._pairs = {pair: np.array(rows, dtype=np.int64) for pair, rows in found.items()}

    def features(
        self,
        rows: Rows,
        dense: Vectors,
        lexical: Vectors,
        vector: Vectors,
        question_tokens: QuestionTokens,
        question: WeightedTerms,
        others: Mapping[str, Values],
    ) -> Values:
        """The features of some passages, (n, len(FEATURES)).

        Args:
            rows: the candidates, (n,).
            dense: cosine of each, (n,).
            lexical: BM25 of every passage of the index, (n_passages,).
            vector: of the question, (dimension,).
            question_tokens: its tokens.
            question: its terms.
            others: features computed elsewhere, of every passage of the index, (n_passages,) each.
        """
        columns: dict[str, Values | Vectors] = {
            "lexical": lexical[rows].astype(np.float64) / (float(lexical.max(initial=0.0)) or 1.0),
            "dense": dense,
            "interaction": similarities(question_tokens, self._tokens, rows),
            "comprehension": np.zeros(len(rows)),  # of those that come first, once an order is known
            "coverage": self._everything.coverage(question)[rows],
            "title_coverage": self._titles.coverage(question)[rows],
            "sentence_coverage": np.maximum.reduceat(self._sentences.coverage(question), self._sentence_cut.starts)[rows],
            "subject": self._subject(rows, question),
            "numbers": self._numbers(question)[rows],
            "bigrams": self._bigrams(question)[rows],
            "figure": self._figure(rows, question),
            **self._heading(rows, question),
            **self._near(rows, dense, vector),
            **{name: values[rows] for name, values in others.items()},
        }
        return np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float64)

    def sentence_cosines(self, row: int, vector: Vectors) -> Vectors:
        """Cosine of a question, (dimension,), and of each sentence of one passage, (n_sentences,)."""
        places, _ = self._vector_cut.places(np.array([row]))
        cosines: Vectors = self._vectors[places[self._heading_counts[row] :]] @ vector
        return cosines

    def _heading(self, rows: Rows, question: WeightedTerms) -> dict[str, Values]:
        """The features of the heading of each candidate, by the best of its wordings: the heading itself or an alias."""
        places, owner = self._heading_cut.places(rows)
        coverage, heading_precision = self._heading_coverage(question)[places], self._heading_precision(question)[places]
        agreements = np.array([agreement(question.interrogatives, asks) for asks in self._asks])[self._heading_asks[places]]
        # By candidate, then the best first; the first of equals.
        order = np.lexsort((-(coverage + heading_precision), -(coverage * heading_precision + 0.1 * agreements), owner))
        best = order[np.searchsorted(owner[order], np.arange(len(rows)))]
        return {
            "heading_coverage": coverage[best],
            "heading_precision": heading_precision[best],
            "heading_match": coverage[best] * heading_precision[best],
            "interrogative": agreements[best],
        }

    def _heading_coverage(self, question: WeightedTerms) -> Values:
        """Share of the question's weight found in each heading, (n_headings,).

        Terms that the whole base is about count as one: « le programme » and « Petites villes de demain » are the same here.
        """
        folded = question.folded()
        found = np.zeros(self._headings.size)
        for group, weight in zip(folded.groups, folded.weights, strict=True):
            terms = (group - {BACKGROUND}) | question.background if BACKGROUND in group else group
            found[self._headings.holding(terms)] += weight
        total = sum(folded.weights)
        return found / total if total else found

    def _heading_precision(self, question: WeightedTerms) -> Values:
        """Share of each heading's idf found in the question, (n_headings,); terms of the whole base count as one, as above."""
        terms = frozenset().union(*question.groups) if question.groups else frozenset()
        total, found = self._heading_idf.copy(), np.zeros(self._headings.size)
        for term in sorted(question.background):
            total[self._headings.holding([term])] -= self._idf(term)
        for term in sorted(terms - question.background):
            found[self._headings.holding([term])] += self._idf(term)
        common = self._headings.holding(question.background)
        total[common] += BACKGROUND_IDF
        if terms & question.background:
            found[common] += BACKGROUND_IDF
        return np.divide(found, total, out=np.zeros(len(found)), where=total > 1e-9)

    def _near(self, rows: Rows, dense: Vectors, vector: Vectors) -> dict[str, Vectors]:
        """The best cosine of a sentence and of a heading or alias; a passage without a sentence has its own."""
        places, owner = self._vector_cut.places(rows)
        cosines = self._vectors[places] @ vector
        is_heading = places - self._vector_cut.starts[rows][owner] < self._heading_counts[rows][owner]
        heading = np.full(len(rows), -np.inf, dtype=np.float32)
        sentence = heading.copy()
        np.maximum.at(heading, owner[is_heading], cosines[is_heading])
        np.maximum.at(sentence, owner[~is_heading], cosines[~is_heading])
        return {"heading_dense": heading, "sentence_dense": np.where(np.isneginf(sentence), dense, sentence)}

    def _subject(self, rows: Rows, question: WeightedTerms) -> Values:
        """How far the question names what the document of each candidate is about, 0..1."""
        terms = frozenset().union(*question.groups) if question.groups else frozenset()
        numbers = self._passage_subjects[rows]
        distinct = set(numbers.tolist())
        values = {number: _subject(self._subjects[number], terms, question.background, self._idf) for number in distinct}
        return np.array([values[number] for number in numbers.tolist()])

    def _numbers(self, question: WeightedTerms) -> Values:
        """Share of the question's numbers that each passage of the index holds; 0 when it has none."""
        numbers = {term for group in question.groups for term in group if term[0].isdigit()}
        found = np.zeros(self._everything.size)
        for number in numbers:
            found[self._everything.holding([number])] += 1
        return found / max(1, len(numbers))

    def _bigrams(self, question: WeightedTerms) -> Values:
        """Share of the question's neighbouring pairs that are neighbours in each passage of the index."""
        found = np.zeros(self._everything.size)
        for pair in question.pairs:
            if pair in self._pairs:
                found[self._pairs[pair]] += 1
        return found / max(1, len(question.pairs))

    def _figure(self, rows: Rows, question: WeightedTerms) -> Values:
        """+1 where the kind of figure asked for stands, -1 where it does not, 0 when none is asked."""
        if question.want is None:
            return np.zeros(len(rows))
        same = question.same_as_counted()
        return np.array([1.0 if self._figures[row].answers(question.want, same) else -1.0 for row in rows.tolist()])


def _numbered(values: Sequence[T]) -> tuple[list[T], Rows]:
    """The distinct values, and the number of each."""
    known: dict[T, int] = {}
    numbers = [known.setdefault(value, len(known)) for value in values]
    return list(known), np.array(numbers, dtype=np.int64)


def _subject(
    subjects: Sequence[frozenset[str]], question: frozenset[str], background: frozenset[str], idf: Callable[[str], float]
) -> float:
    """How far a question names what a document is about, 0..1; .5 at least for a document on the whole programme.

    A document on one scheme is a poor answer to a question that names none, or another.
    """
    own = [terms for name in subjects if (terms := name - background)]
    if len(own) < len(subjects) or not own:  # one of its names is the programme's: about everything
        return max([0.5, *(precision(terms, question, idf) for terms in own)])
    return max(precision(terms, question, idf) for terms in own)
