"""A question → hits, with the features behind each score. Reads one published version.

Knows passages, stores and ranking; nothing of conversations, answers or what a question means:
spelling, acronyms and everyday words are resolved by the caller, who passes `Query.extra`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from index import document_features, originals, passage_terms, ranking
from index.arrays import Rows, Values
from index.document import Document, Hit, Passage, embedded_text
from index.document_features import beside_best
from index.embedding import Encoder
from index.errors import IndexCorrupt
from index.features import FeatureExtractor
from index.figures import wanted
from index.french import analyse, interrogatives, pieces, sentences, words
from index.lexical import PIECES, TERMS, WHOLE, LexicalIndex
from index.manifest import REBUILD, Manifest
from index.passage_vectors import STORE, load_units
from index.reranking import RERANKED, Reranker
from index.serialisation import DocumentMap, PassageList, read_words
from index.stores import Store
from index.stores.faiss_store import FaissStore
from index.term_lists import Vocabulary
from index.tokens import QuestionTokens, load_tokens
from index.versions import Versions

# Passages taken from each side (vectors, words, documents) before they are ranked: one that no side finds cannot be ranked.
CANDIDATES = 100
# First passages that are read with the question in mind (`index/comprehension.py`), 2 to 3 ms each on one core. Those under a
# heading that is a question are not: the heading says what they answer, and reading them changed no figure.
UNDERSTOOD = 8
_ANALYSED = 2_000  # passages whose terms are kept once analysed


class EncodedQuery(NamedTuple):
    """A question as the encoder left it."""

    vector: NDArray[np.float32]  # (dimension,), unit length
    tokens: QuestionTokens


@dataclass(frozen=True)
class Query:
    """What is looked for: the question, and for its words the terms that may stand for them.

    `extra` maps a word of the question (folded) to other words or phrases for the same thing.
    `context` holds words the conversation adds; they weigh less. `weights` lowers words that everyday
    French makes frequent though the base has few of them (« prendre », « truc »).
    """

    text: str
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)
    context: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)  # folded word → 0..1, 1 when absent
    background: frozenset[str] = frozenset()  # words that everything in the base is about
    extra_weight: float = 1.0  # of a term of `extra`, beside 1 of a word of the text
    context_weight: float = 1.0  # of a word of `context`

    @property
    def dense_text(self) -> str:
        """What the encoder sees: the question and the phrases the lexicon added."""
        added = [phrase for phrases in self.extra.values() for phrase in phrases]
        return " ".join(filter(None, [self.context, self.text, *added]))


class Retriever:
    """Searches one version of the index. Immutable after opening: safe to share between threads.

    Args:
        folder: of the version.
        verify: whether each file's hash is compared with the manifest's.
        reranker: reads the first hits again.

    Raises:
        IndexCorrupt: a file is missing, altered or damaged.
        IndexOutdated: another encoder or another analysis made the version.
    """

    def __init__(self, folder: Path, encoder: Encoder, verify: bool = True, reranker: Reranker | None = None) -> None:
        # Products of a search are small: BLAS threads cost more to wake than they save, and hold the cores that the
        # encoder's own threads and other questions want. A search takes 12 ms instead of 17 on two cores.
        threadpool_limits(limits=1, user_api="blas")
        self.folder = folder
        self.encoder = encoder
        self.reranker = reranker
        self.manifest = Manifest.load(folder / "manifest.json")
        if verify:
            self.manifest.check_files(folder)
        self.manifest.check_parts(encoder.identity)
        self.weights: Mapping[str, float] = self.manifest.ranking.get("weights", ranking.DEFAULT_WEIGHTS)
        try:
            self.passages = PassageList(folder)
            self.documents: Mapping[str, Document] = DocumentMap(folder)
            self.vocabulary: Mapping[str, int] = read_words(folder)
            terms = Vocabulary.load(folder)
            self._whole = document_features.load(folder, terms)
            self._tokens = load_tokens(folder)
            of_passages, units = passage_terms.load(folder, terms), load_units(folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexCorrupt(f"L'index {folder.name} est incomplet ou illisible. {REBUILD}") from error
        self._store: Store = FaissStore.load(folder / STORE)
        self.lexical = LexicalIndex.load(folder / TERMS)
        self._pieces = LexicalIndex.load(folder / PIECES)
        self._documents = LexicalIndex.load(folder / WHOLE)
        self._terms = lru_cache(maxsize=_ANALYSED)(self._analyse)
        self._evidence = FeatureExtractor(of_passages, units, self._tokens, self.lexical.idf)

    @classmethod
    def open(cls, root: Path, encoder: Encoder, reranker: Reranker | None = None) -> Retriever:
        """Open the published version under an index folder.

        Raises:
            IndexMissing, IndexCorrupt, IndexOutdated: with the command to run.
        """
        return cls(Versions(root).require_current(), encoder, reranker=reranker)

    @property
    def version(self) -> str:
        """The name of the version that is searched."""
        return self.manifest.version

    def original(self, path: str) -> Path | None:
        """The file of a document of this version, as it was indexed; None when this version has no such document."""
        return originals.find(self.folder, path) if path in self.manifest.sources else None

    def search(self, query: Query | str, k: int = 10, encoded: EncodedQuery | None = None) -> list[Hit]:
        """The k best passages, best first. Scores are comparable within one question only.

        Args:
            encoded: `query.dense_text`, when the caller has it encoded; several questions encode faster together.
        """
        query = Query(query) if isinstance(query, str) else query
        if not self.passages:
            return []
        terms = self.weigh(query)
        if encoded is None:
            vectors, tokens = self.encoder.encode_query_tokens([query.dense_text])
            encoded = EncodedQuery(vectors[0], tokens[0])
        weighted = self._weighted(query, analyse)
        lexical = self.lexical.scores(*weighted)
        everywhere = {
            "pieces": beside_best(self._pieces.scores(*self._weighted(query, pieces))),
            **self._whole.inherited(self._documents.scores(*weighted), encoded.vector),
        }
        shares = beside_best(lexical)
        rows, dense = self._candidates(encoded.vector, shares, everywhere)
        others = {name: values[rows] for name, values in everywhere.items()} | self._whole.of(rows, terms)
        features = self._evidence.features(rows, dense, shares[rows], encoded.vector, encoded.tokens, terms, others)
        scores = ranking.score(features, self.weights)
        best = np.argsort(-scores, kind="stable")[: max(k, RERANKED if self.reranker else k)]
        first = best[:UNDERSTOOD][features[best[:UNDERSTOOD], ranking.BARE] > 0]
        predictions = self.encoder.predict_answers(encoded.tokens, [self._tokens.of(row) for row in rows[first].tolist()])
        if predictions:
            features[first, ranking.READ] = [ranking.odds(prediction.probability) for prediction in predictions]
            scores[first] = ranking.score(features[first], self.weights)
            best = best[np.argsort(-scores[best], kind="stable")]
        hits = [
            Hit(
                self.passages[int(rows[i])],
                float(scores[i]),
                float(dense[i]),
                float(lexical[rows[i]]),
                dict(zip(ranking.FEATURES, features[i].tolist(), strict=True)),
            )
            for i in best
        ]
        return self._reranked(query, hits)[:k]

    def _reranked(self, query: Query, hits: list[Hit]) -> list[Hit]:
        """The first hits in the order of the mean of two scores, each brought to 0..1: the cross-encoder's and the search's.

        A hit takes the score that the search gave to its new rank, so that scores have one scale with or without a reranker.
        """
        first, rest = hits[:RERANKED], hits[RERANKED:]
        if self.reranker is None or len(first) < 2:
            return hits
        question = " ".join(filter(None, [query.context, query.text]))
        scores = self.reranker.scores(question, [embedded_text(hit.passage) for hit in first])
        order = np.argsort(-(_scaled(scores) + _scaled(np.array([hit.score for hit in first]))), kind="stable")
        return [
            replace(first[i], score=first[rank].score, features={**first[i].features, "reranker": float(scores[i])})
            for rank, i in enumerate(order.tolist())
        ] + rest

    def weigh(self, query: Query) -> ranking.WeightedTerms:
        """The terms of a question, each with the terms that may stand for it, weighted by idf and by what kind of word it is."""
        groups, weights, order = [], [], []
        own_words = list(dict.fromkeys(words(query.text)))
        inherited = [word for word in dict.fromkeys(words(query.context)) if word not in own_words]
        for word in own_words + inherited:
            own = analyse(word)
            if not own and word not in query.extra:
                continue
            others = {term for phrase in query.extra.get(word, ()) for term in analyse(phrase)}
            group = frozenset(own) | others
            if not group:
                continue
            known = [self.lexical.idf(term) for term in group if term in self.lexical.frequencies]
            groups.append(group)
            weight = max(known) if known else self.lexical.idf(next(iter(group)))
            weights.append(weight * query.weights.get(word, 1.0) * (query.context_weight if word in inherited else 1.0))
            order += own
        pairs = tuple(zip(order, order[1:], strict=False))
        # « et par l'État ? » has no question word: it asks what the question before it asked, « combien ».
        asked_for = interrogatives(query.text) or interrogatives(query.context)
        want = wanted(query.text) or wanted(query.context)
        return ranking.WeightedTerms(
            tuple(groups), tuple(weights), pairs, asked_for, frozenset(analyse(" ".join(query.background))), want
        )

    def terms(self, passage: Passage) -> ranking.Terms:
        """The terms of a passage of this version."""
        return self._terms(self.passages.row_of(passage.id))

    def sentence_cosines(self, passage: Passage, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of a question, (dimension,), and of each sentence of a passage, (n_sentences,), in the order of
        `french.sentences`.
        """
        return self._evidence.sentence_cosines(self.passages.row_of(passage.id), vector)

    def start_shares(self, passage: Passage, question: QuestionTokens) -> NDArray[np.float32]:
        """Share of the belief that an answer begins in each sentence of a passage, (n_sentences,), in the order of
        `french.sentences`; zeros where nothing reads.
        """
        spans = sentences(passage.text)
        shares = np.zeros(len(spans), dtype=np.float32)
        tokens = self._tokens.of(self.passages.row_of(passage.id))
        for prediction in self.encoder.predict_answers(question, [tokens]):
            shift = len(embedded_text(passage)) - len(passage.text)
            places = np.searchsorted([start for start, _ in spans], tokens["start"] - shift, side="right") - 1
            np.add.at(shares, places[places >= 0], prediction.starts[places >= 0])
        return shares

    def _analyse(self, row: int) -> ranking.Terms:
        passage = self.passages[row]
        names = self.documents[passage.document].names
        headings = [passage.searched_heading] if passage.headings else []
        return ranking.terms_of(passage.text, headings, passage.subject, passage.aliases, names)

    def _weighted(self, query: Query, cut: Callable[[str], list[str]]) -> tuple[list[str], list[float]]:
        """What BM25 looks for, and the weight of each.

        Args:
            cut: a text → its terms, or the pieces of its words.
        """
        weights: dict[str, float] = {}
        for word in words(query.text):
            for term in cut(word):
                weights[term] = query.weights.get(word, 1.0)
        for phrases in query.extra.values():
            for phrase in phrases:
                terms = cut(phrase)
                for term in terms:  # « ORT » also searches its long name, whose words together weigh little more than one
                    weights.setdefault(term, query.extra_weight / len(terms) ** 0.5)
        for term in cut(query.context):
            weights.setdefault(term, query.context_weight)
        return list(weights), list(weights.values())

    def _candidates(
        self, vector: NDArray[np.float32], lexical: Values, others: Mapping[str, Values]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows of the candidates and the cosine of each, (n,) both: found by vectors, by words, or by their document."""
        near, cosines = self._store.search(vector[None], CANDIDATES)
        known = dict(zip(near[0].tolist(), cosines[0].tolist(), strict=True))
        matched = lexical + others["pieces"]
        inherited = matched + others["document_lexical"] + others["document_dense"]
        for side in (matched, inherited):
            best = _first(side, CANDIDATES)
            known |= dict.fromkeys(row for row in best[side[best] > 0].tolist() if row not in known)
        rows = np.array([*known], dtype=np.int64)
        missing = rows[len(cosines[0]) :]
        away = self._store.vectors(missing) @ vector if len(missing) else np.zeros(0, dtype=np.float32)
        return rows, np.concatenate([cosines[0], away])


def _first(scores: Values, count: int) -> Rows:
    """The places of the largest scores, the largest first, the first of equals first."""
    if count >= len(scores):
        return np.argsort(-scores, kind="stable")
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    above, equal = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    kept = np.sort(np.concatenate([above, equal[: count - len(above)]]))
    return kept[np.argsort(-scores[kept], kind="stable")]


def _scaled(values: NDArray[Any]) -> NDArray[np.float64]:
    """Values brought to 0..1, the lowest to 0, the highest to 1; all 0 when they are equal."""
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros(len(values))
