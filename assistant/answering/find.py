"""A question and its readings → what the base says of the one that is meant: hits, evidence, probability, status.

Each reading is searched; `reading_choice` takes one. Knows passages and numbers; nothing of how an answer is written or shown.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from assistant.answering import judge, reading_choice, readings
from assistant.answering.answer import ConsideredPassage, Status
from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.classifiers import FOREIGN_ACTS
from assistant.answering.explanation import considered
from assistant.answering.judge import Evidence, Judge
from assistant.answering.message import Message
from assistant.answering.question import expectation
from assistant.answering.readings import Reading, ReadingKind, Turn
from assistant.answering.spelling import QuestionNormaliser, Wording
from index.document import Document, Hit
from index.french import analyse, words
from index.ranking import Terms
from index.search import EncodedQuery, Query, Retriever

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Finding:
    """What the search of one reading gave."""

    reading: Reading
    query: Query
    encoded: EncodedQuery
    hits: tuple[Hit, ...]
    probability: float = 0.0
    status: Status = Status.NOT_FOUND
    evidence: Evidence = Evidence()
    missing: tuple[str, ...] = ()  # words of the question that the base does not hold
    own: float = 0.0  # share of the typed words, context apart, that the best passage covers

    def is_of_the_last_question(self, bounds: Bounds = BOUNDS) -> bool:
        """True when the best passage carries what the conversation lends, and hardly anything of what is typed."""
        return bool(self.reading.context) and self.own < bounds.own and self.evidence.unsaid > 1 - bounds.own


class Finder:
    """Searches one version of the index for what a message may mean.

    Args:
        passages: how many are considered for an answer.
    """

    def __init__(
        self, retriever: Retriever, normaliser: QuestionNormaliser, judge: Judge, passages: int, bounds: Bounds = BOUNDS
    ) -> None:
        self._retriever = retriever
        self._normaliser = normaliser
        self._judge = judge
        self._passages = passages
        self._bounds = bounds
        self._said: dict[str, str] = {}  # path of a raw document → its words

    @cached_property
    def names(self) -> frozenset[str]:
        """Folded names of the dispositifs the base has a document for, with and without the programme's own name.

        A name that is a common word alone is none: « VA », of Villages d'avenir, stands in « l'aide va jusqu'à quand ? ».
        """
        folded = set()
        for document in self._retriever.documents.values():
            folded |= folded_names(document) if document.header.scheme else set()
        shorter = {name.removesuffix(f" {own}") for name in folded for own in readings.PROGRAMME}
        return frozenset(name for name in folded | shorter if readings.content(name) and name not in readings.PROGRAMME)

    def find(self, message: Message, wording: Wording, turns: Sequence[Turn], first: bool) -> Finding:
        """The reading of a question whose passage answers best is the one that is meant."""
        bounds, findings = self._bounds, self.search(message, wording, turns, first)
        signs = readings.signs(wording.text, self.names, self._bounds)
        foreign = sum(message.acts.get(act, 0.0) for act in FOREIGN_ACTS) >= bounds.foreign_alone and not (
            signs["opening"] or signs["anaphora"]
        )
        named_places = {
            word for name in wording.places for word in name.split()
        }  # « et chez nous dans l'Orne ? » is of the same matter
        unheard = (
            findings[0].evidence.unheard >= bounds.unheard_alone
            and not signs["corrects"]
            and not named_places & set(words(wording.text))
        )
        if foreign or unheard:  # it takes nothing from the conversation
            findings = [
                finding for finding in findings if finding.reading.kind in (ReadingKind.ALONE, ReadingKind.TOLD)
            ] or findings[:1]
        if turns and turns[-1].computed and not signs["names"] and len(readings.content(wording.text)) <= bounds.elliptical:
            document = turns[-1].document  # the same sum again: « et sur trois ans ? », « et avec l'Anah ? »
            findings = [
                finding for finding in findings if finding.hits and finding.hits[0].passage.document == document
            ] or findings
        rows = [reading_choice.features(Finder.as_candidate(finding), signs) for finding in findings]
        best = findings[reading_choice.best(rows, reading_choice.learned())]
        if best.status is Status.NOT_FOUND and (core := message.core(bounds)):  # what tells may hide what asks
            best = max(
                [best, *self._searched(message, [Reading(ReadingKind.CORE, wording.text, *core)], wording)],
                key=lambda f: f.probability,
            )
        return best

    def search(self, message: Message, wording: Wording, turns: Sequence[Turn], first: bool = True) -> list[Finding]:
        """What the base says of each reading of a question.

        Args:
            wording: the question among those of the message, in normal spelling.
            first: whether it is the first of them.
        """
        candidates = readings.readings(message, wording.text, turns, self.names, self._bounds)
        signs = readings.signs(wording.text, self.names, self._bounds)
        if not first and (signs["anaphora"] or signs["short"]):  # « … et qui l'embauche ? »: it is about what the first is
            others = " ".join(question for question in message.questions if question != wording.text)
            candidates.append(
                Reading(ReadingKind.TOLD, wording.text, wording.text, context=f"{others} {message.context}".strip())
            )
        return self._searched(message, candidates, wording)

    def _searched(self, message: Message, candidates: Sequence[Reading], wording: Wording) -> list[Finding]:
        foreign = sum(message.acts.get(act, 0.0) for act in FOREIGN_ACTS)
        queries = [self._query(reading) for reading in candidates]
        encoded = self._encoded([query for query, _ in queries])
        return [
            self.weighed(reading, query, code, self._hits(reading, query, code, places), places, foreign, bool(wording.changes))
            for reading, (query, places), code in zip(candidates, queries, encoded, strict=True)
        ]

    def _encoded(self, queries: Sequence[Query]) -> list[EncodedQuery]:
        """The vector and the tokens of each query. Of a follow-up, the vector is half with what the conversation lends, half
        without: a subject says more than « et où ça ? ».
        """
        alone = {query.text: replace(query, context="").dense_text for query in queries if query.context}
        vectors, tokens = self._retriever.encoder.encode_query_tokens([*(query.dense_text for query in queries), *alone.values()])
        of_own, share = dict(zip(alone, vectors[len(queries) :], strict=True)), self._bounds.context_share
        mixed = [
            share * vector + (1 - share) * of_own[query.text] if query.context else vector
            for query, vector in zip(queries, vectors, strict=False)
        ]
        units = [(vector / max(1e-9, float(np.linalg.norm(vector)))).astype(np.float32) for vector in mixed]
        return list(zip(units, tokens, strict=False))

    def _query(self, reading: Reading) -> tuple[Query, tuple[str, ...]]:
        wording = self._normaliser.normalise(f"{reading.context} {reading.typed}" if reading.context else reading.typed)
        # Where the asker lives is not what is asked about: « Je vis à Vitry : combien coûte la salle des fêtes ? ».
        places = self._normaliser.normalise(reading.typed).places if reading.kind is ReadingKind.TOLD else wording.places
        query = Query(
            reading.typed, wording.extra, reading.context, wording.weights, self._normaliser.background,
            self._bounds.lexicon_weight, self._bounds.context_weight,
        )  # fmt: skip
        return query, places

    def _hits(self, reading: Reading, query: Query, encoded: EncodedQuery, places: Sequence[str]) -> list[Hit]:
        """The best passages; one that speaks of the year, the place or the rank asked about goes before one that does not."""
        hits = self._retriever.search(query, self._passages, encoded)
        if reading.document:
            hits = sorted(
                (replace(h, score=h.score + self._bounds.same_document * (h.passage.document == reading.document)) for h in hits),
                key=lambda hit: -hit.score,
            )
        lacks = partial(judge.lacks, expectation(reading.typed, self._bounds), places, self._around)
        if hits and lacks(hits[0]):
            lowest = hits[0].score - self._bounds.lacking_within
            near = [hit for hit in hits[: self._bounds.lacking_among] if hit.score >= lowest and not lacks(hit)]
            hits = [*near[:1], *(hit for hit in hits if hit not in near[:1])]
        return hits

    def weighed(
        self,
        reading: Reading,
        query: Query,
        encoded: EncodedQuery,
        hits: Sequence[Hit],
        places: tuple[str, ...] = (),
        foreign: float = 0.0,
        changed: bool = False,
    ) -> Finding:
        """Some hits of a reading with the evidence on the best one, its probability and the status it leads to."""
        if not hits:
            return Finding(reading, query, encoded, ())
        text = reading.typed
        terms = self._retriever.terms(hits[0].passage)
        written = {word: token for token in _WORD.findall(text) for word in words(token)}  # « cinéma », not « cinema »
        unheard = [word for word in dict.fromkeys(words(text)) if self._is_unheard(word, query)]
        weights = {word: query.weights.get(word, 1.0) for word in words(text) if analyse(word)}
        evidence = judge.evidence_of(
            expectation(text, self._bounds),
            self._retriever.weigh(query),
            hits,
            places,
            self._around,
            self._bounds,
            unsaid=self._unsaid(query, terms),
            unheard=sum(weights.get(word, 0.0) for word in unheard) / (sum(weights.values()) or 1.0),
            name_missing=float(any(self._lacks(name, query, terms.everything) for name in readings.named(text, self.names))),
            # A follow-up alone says little: « il va continuer ? » is a question after another one. And what is foreign to the
            # programme says nothing of a document on another matter.
            foreign=0.0 if reading.document or not hits[0].passage.is_fiche else foreign,
            inherited=float(bool(reading.context)),
            rewritten=float(changed),
        )
        probability = self._judge.probability(evidence, hits[0].passage.is_asked)
        status = self._judge.status(evidence, probability, hits[0].passage.is_asked, hits[0].passage.is_fiche, self._bounds)
        missing = tuple(written.get(word, word) for word in unheard)
        own = self._retriever.weigh(replace(query, context="")).coverage(terms.everything)
        if status is Status.NOT_FOUND and reading.document == hits[0].passage.document and not evidence.is_silent:
            status = Status.PARTIAL  # the subject is the right one: show what its document says
        return Finding(reading, query, encoded, tuple(hits), probability, status, evidence, missing, own)

    def _around(self, hit: Hit) -> str:
        """The words of a raw document, whose title or opening says of what place and year it is; a fiche's paragraph says it."""
        passage = hit.passage
        if passage.is_fiche:
            return ""
        if passage.document not in self._said:
            document = self._retriever.documents[passage.document]
            self._said[passage.document] = " ".join(words(f"{document.path} {document.title} {document.text}"))
        return self._said[passage.document]

    def _unsaid(self, query: Query, terms: Terms) -> float:
        """Weight of the question's words that a passage does not hold, nor what the lexicon says for them, 0..1."""
        content = {word: query.weights.get(word, 1.0) for word in words(query.text) if analyse(word)}
        lacking = sum(weight for word, weight in content.items() if self._is_missing(word, query, terms.everything))
        return lacking / (sum(content.values()) or 1.0)

    def _lacks(self, name: str, query: Query, terms: frozenset[str]) -> bool:
        """True when a passage holds neither the name of a dispositif nor what the lexicon says for it."""
        return all(self._is_missing(word, query, terms) for word in name.split() if analyse(word))

    def _is_missing(self, word: str, query: Query, terms: Container[str]) -> bool:
        stems = set(analyse(word)) | {one for phrase in query.extra.get(word, ()) for one in analyse(phrase)}
        return bool(stems) and not any(stem in terms for stem in stems)

    def _is_unheard(self, word: str, query: Query) -> bool:
        """True when no passage of the base holds a word, nor what the lexicon says for it. A sum is none: it is the asker's."""
        is_sum = word.isdigit() and not re.fullmatch(r"(?:19|20)\d\d", word)
        return not is_sum and self._is_missing(word, query, self._retriever.lexical.frequencies)

    def considered(self, finding: Finding, cited: set[str]) -> list[ConsideredPassage]:
        """What became of each hit, best first; `cited` holds ids of passages."""
        query, question = finding.query, self._retriever.weigh(finding.query)
        meant = {word: {t for phrase in query.extra.get(word, ()) for t in analyse(phrase)} for word in words(query.text)}
        content_words = [(word, frozenset(analyse(word)) | others) for word, others in meant.items() if analyse(word)]
        return considered(
            finding.hits, question, [self._retriever.terms(hit.passage) for hit in finding.hits], content_words, cited
        )

    @staticmethod
    def as_candidate(finding: Finding) -> reading_choice.ReadingCandidate:
        """What `reading_choice` sees of a finding."""
        document = finding.reading.document
        return reading_choice.ReadingCandidate(
            finding.reading.kind, finding.probability, finding.own,
            dense=finding.hits[0].dense if finding.hits else 0.0,
            stays=bool(document and finding.hits and finding.hits[0].passage.document == document),
            silent=finding.evidence.is_silent,
            unheard=finding.evidence.unheard,
        )  # fmt: skip


def folded_names(document: Document) -> set[str]:
    """The names of a document as `readings.named` looks for them."""
    return {" ".join(words(name)) for name in document.names}
