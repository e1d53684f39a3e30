"""A question and its readings → what the base says of the one that is meant: hits, evidence, probability, status.

Each reading is searched; `reading_choice` takes one. Knows passages and numbers; nothing of how an answer is written or shown.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from assistant.answering import judge, reading_choice, readings
from assistant.answering.answer import ConsideredPassage, Status
from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.explanation import considered
from assistant.answering.judge import Evidence, Judge, PlaceNames
from assistant.answering.message import Message
from assistant.answering.question import expectation
from assistant.answering.readings import Reading, ReadingKind, ReadingProposer, Turn
from assistant.answering.scheme_names import named, names_in
from assistant.answering.spelling import QuestionNormaliser, Wording
from index.document import Hit
from index.figures import wanted
from index.french import analyse, content_words, words
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
        """Whether the best passage holds what the conversation lends, and hardly anything of what is typed.

        « y aura de la neige en février ? » after a question on a convention finds the convention again.
        """
        return bool(self.reading.context) and self.own < bounds.own and self.evidence.unsaid > 1 - bounds.own


class Finder:
    """Searches one version of the index for what a message may mean.

    Args:
        passages: how many are considered for an answer.

    `proposer`, when one is set, gives one more reading of a question that follows others.
    """

    def __init__(
        self, retriever: Retriever, normaliser: QuestionNormaliser, judge: Judge, passages: int, bounds: Bounds = BOUNDS
    ) -> None:
        self.proposer: ReadingProposer | None = None
        self._retriever = retriever
        self._normaliser = normaliser
        self._judge = judge
        self._passages = passages
        self._bounds = bounds
        self._said: dict[str, str] = {}  # path of a raw document → its words

    @cached_property
    def names(self) -> frozenset[str]:
        """Folded names of the dispositifs the base has a document for."""
        return names_in(self._retriever.documents.values())

    def find(self, message: Message, wording: Wording, turns: Sequence[Turn], first: bool) -> Finding:
        """The finding of the reading that is meant: the one whose passage answers best, by `reading_choice`.

        Args:
            wording: the question among those of the message, in normal spelling.
            turns: the conversation before it, the oldest first.
            first: whether it is the first question of the message.
        """
        signs = readings.signs(wording.text, self.names, self._bounds)
        findings = self._possible(self.search(message, wording, turns, first), wording, turns, signs)
        rows = [reading_choice.features(Finder.as_candidate(finding), signs) for finding in findings]
        best = findings[reading_choice.best(rows, reading_choice.learned())]
        if best.status is Status.NOT_FOUND and message.foreign < self._bounds.foreign:
            others = self._searched(message, self._recut(message, wording), wording)
            best = max([best, *others], key=lambda finding: finding.probability)
        return best

    def _recut(self, message: Message, wording: Wording) -> list[Reading]:
        """A question taken out of its message otherwise: what it tells may hide what it asks, and may be what it asks about.

        The clause that asks is searched, the others only lend their words; and all that is told with it is searched.
        """
        found = []
        if core := message.core(self._bounds):
            found.append(Reading(ReadingKind.CORE, wording.text, core.asked, context=core.told))
        if message.context and len(message.questions) == 1:
            found.append(Reading(ReadingKind.TOLD, wording.text, f"{message.context} {wording.text}"))
        return found

    def search(self, message: Message, wording: Wording, turns: Sequence[Turn], first: bool = True) -> list[Finding]:
        """What the base says of each reading of a question; arguments as for `find`."""
        candidates = readings.readings(message, wording.text, turns, self.names, self._bounds, self.proposer)
        signs = readings.signs(wording.text, self.names, self._bounds)
        if not first and (signs["anaphora"] or signs["short"]):
            # « Quelles missions, et qui l'embauche ? »: the second question is on what the first is on.
            others = " ".join(question for question in message.questions if question != wording.text)
            context = f"{others} {message.context}".strip()
            candidates.append(Reading(ReadingKind.TOLD, wording.text, wording.text, context=context))
        return self._searched(message, candidates, wording)

    def _possible(
        self, findings: Sequence[Finding], wording: Wording, turns: Sequence[Turn], signs: Mapping[str, float]
    ) -> Sequence[Finding]:
        """The findings to choose from: not all, when the words of the message say what it takes from the conversation."""
        if self._stands_alone(findings[0], wording, signs):
            alone = (ReadingKind.ALONE, ReadingKind.TOLD)
            findings = [finding for finding in findings if finding.reading.kind in alone] or findings[:1]
        is_short = not signs["names"] and len(content_words(wording.text)) <= self._bounds.elliptical
        if turns and turns[-1].computed and is_short:
            # After a sum, « et sur trois ans ? » and « et avec l'Anah ? » ask for the same sum again.
            document = turns[-1].document
            findings = [one for one in findings if one.hits and one.hits[0].passage.document == document] or findings
        return findings

    def _stands_alone(self, alone: Finding, wording: Wording, signs: Mapping[str, float]) -> bool:
        """Whether a message takes nothing from the conversation: the base has not its words.

        « et un crématorium pour chameaux ? ». Not « et chez nous dans l'Orne ? »: a place is of the same matter, though the base
        does not hold it.

        Args:
            alone: what was found for the question by itself.
        """
        named_places = {word for name in wording.places for word in name.split()}
        speaks_of_place = not named_places.isdisjoint(words(wording.text))
        return alone.evidence.unheard >= self._bounds.unheard_alone and not signs["corrects"] and not speaks_of_place

    def _searched(self, message: Message, candidates: Sequence[Reading], wording: Wording) -> list[Finding]:
        queries = [self._query(reading) for reading in candidates]
        encoded = self._encoded([query for query, _ in queries])
        findings = []
        for reading, (query, places), code in zip(candidates, queries, encoded, strict=True):
            found = Finding(reading, query, code, tuple(self._hits(reading, query, code, places)))
            findings.append(self.judged(found, places, message.foreign, bool(wording.changes)))
        return findings

    def _encoded(self, queries: Sequence[Query]) -> list[EncodedQuery]:
        """The vector and the tokens of each query, encoded together.

        The vector of a follow-up is half that of the question with what the conversation lends, half that of the question alone:
        the subject before says more than « et où ça ? ».
        """
        alone = {query.text: replace(query, context="").dense_text for query in queries if query.context}
        vectors, tokens = self._retriever.encoder.encode_query_tokens([*(query.dense_text for query in queries), *alone.values()])
        of_own, share = dict(zip(alone, vectors[len(queries) :], strict=True)), self._bounds.context_share
        mixed = [
            share * vector + (1 - share) * of_own[query.text] if query.context else vector
            for query, vector in zip(queries, vectors, strict=False)
        ]
        units = [(vector / max(1e-9, float(np.linalg.norm(vector)))).astype(np.float32) for vector in mixed]
        return [EncodedQuery(vector, own) for vector, own in zip(units, tokens, strict=False)]

    def _query(self, reading: Reading) -> tuple[Query, tuple[PlaceNames, ...]]:
        wording = self._normaliser.normalise(f"{reading.context} {reading.typed}" if reading.context else reading.typed)
        # Where the asker lives is not what is asked about: « Je vis à Vitry : combien coûte la salle des fêtes ? ».
        told = self._normaliser.normalise(reading.typed).places if reading.kind is ReadingKind.TOLD else wording.places
        # What holds for a larger place holds for those in it, « outre-mer » for Mayotte; how many there are does not.
        want = wanted(reading.typed)
        wider = wording.extra if want is None or want.kind != "count" else {}
        places = tuple((name, *(" ".join(words(term)) for word in name.split() for term in wider.get(word, ()))) for name in told)
        query = Query(
            reading.typed, wording.extra, reading.context, wording.weights, self._normaliser.background,
            self._bounds.lexicon_weight, self._bounds.context_weight,
        )  # fmt: skip
        return query, places

    def _hits(self, reading: Reading, query: Query, encoded: EncodedQuery, places: Sequence[PlaceNames]) -> list[Hit]:
        """The best passages; one that speaks of the year, the place or the rank asked about goes before one that does not."""
        hits = self._retriever.search(query, self._passages, encoded)
        if reading.document:
            hits = sorted(
                (replace(h, score=h.score + self._bounds.same_document * (h.passage.document == reading.document)) for h in hits),
                key=lambda hit: -hit.score,
            )
        lacks = partial(judge.lacks, expectation(reading.typed), places, self._around)
        if hits and lacks(hits[0]):
            lowest = hits[0].score - self._bounds.lacking_within
            near = [hit for hit in hits[: self._bounds.lacking_among] if hit.score >= lowest and not lacks(hit)]
            hits = [*near[:1], *(hit for hit in hits if hit not in near[:1])]
        return hits

    def judged(self, found: Finding, places: Sequence[PlaceNames] = (), foreign: float = 0.0, changed: bool = False) -> Finding:
        """A finding with the evidence on its best passage, the probability that this answers, and the status it leads to.

        Args:
            found: a reading with its hits, not judged yet.
            places: those that the question names.
            foreign: probability that the message is none of the base's matter, 0..1.
            changed: the spelling of the question was changed.
        """
        if not found.hits:
            return found
        reading, query, passage = found.reading, found.query, found.hits[0].passage
        unheard = [word for word in dict.fromkeys(words(reading.typed)) if self._is_unheard(word, query)]
        evidence = self._evidence(found, unheard, places, foreign, changed)
        probability = self._judge.probability(evidence, passage.is_asked)
        status = self._judge.status(evidence, probability, passage.is_asked, passage.is_fiche, self._bounds)
        if status is Status.NOT_FOUND and reading.document == passage.document and not evidence.is_silent:
            status = Status.PARTIAL  # the subject is the right one: what its document says is shown
        # As they were typed: « cinéma », not « cinema ».
        typed = {word: token for token in _WORD.findall(reading.typed) for word in words(token)}
        missing = tuple(typed.get(word, word) for word in unheard)
        own = self._retriever.weigh(replace(query, context="")).coverage(self._retriever.terms(passage).everything)
        judged = replace(found, probability=probability, status=status, evidence=evidence, missing=missing, own=own)
        if status is Status.ANSWERED and judged.is_of_the_last_question(self._bounds):
            return replace(judged, status=Status.PARTIAL)  # « et pour rafraîchir la place ? »: the last subject is near, no more
        return judged

    def _evidence(
        self, found: Finding, unheard: Sequence[str], places: Sequence[PlaceNames], foreign: float, changed: bool
    ) -> Evidence:
        """What speaks for and against the best passage; `unheard` are the words of the question that the base does not hold."""
        reading, query, passage = found.reading, found.query, found.hits[0].passage
        text, terms = reading.typed, self._retriever.terms(passage)
        weights = {word: query.weights.get(word, 1.0) for word in words(text) if analyse(word)}
        # By its words alone, « il va continuer ? » is of no matter: a reading on a subject is not judged by them. Nor is a
        # reading that a raw document answers: what is foreign to the programme may well be the matter of that document.
        is_judged_foreign = not reading.document and passage.is_fiche
        return judge.evidence_of(
            expectation(text),
            self._retriever.weigh(query),
            found.hits,
            places,
            self._around,
            self._bounds,
            unsaid=self._unsaid(query, terms),
            unheard=sum(weights.get(word, 0.0) for word in unheard) / (sum(weights.values()) or 1.0),
            name_missing=float(any(self._lacks(name, query, terms.everything) for name in named(text, self.names))),
            foreign=foreign if is_judged_foreign else 0.0,
            inherited=float(bool(reading.context)),
            rewritten=float(changed),
        )

    def _around(self, hit: Hit) -> str:
        """The words around a passage that say of what place and year it is: those of its whole document, title included.

        None of a fiche, whose paragraphs each say it.
        """
        passage = hit.passage
        if passage.is_fiche:
            return ""
        if passage.document not in self._said:
            document = self._retriever.documents[passage.document]
            self._said[passage.document] = " ".join(words(f"{document.path} {document.title} {document.text}"))
        return self._said[passage.document]

    def _unsaid(self, query: Query, terms: Terms) -> float:
        """Share of the question's weight in words that a passage does not hold, nor what the lexicon says for them, 0..1."""
        content = {word: query.weights.get(word, 1.0) for word in words(query.text) if analyse(word)}
        lacking = sum(weight for word, weight in content.items() if self._is_missing(word, query, terms.everything))
        return lacking / (sum(content.values()) or 1.0)

    def _lacks(self, name: str, query: Query, terms: frozenset[str]) -> bool:
        """Whether a passage holds neither the name of a dispositif nor what the lexicon says for it."""
        return all(self._is_missing(word, query, terms) for word in name.split() if analyse(word))

    def _is_missing(self, word: str, query: Query, terms: Container[str]) -> bool:
        stems = set(analyse(word)) | {one for phrase in query.extra.get(word, ()) for one in analyse(phrase)}
        return bool(stems) and not any(stem in terms for stem in stems)

    def _is_unheard(self, word: str, query: Query) -> bool:
        """Whether no passage of the base holds a word, nor what the lexicon says for it.

        Never of a number other than a year: « 64 000 » is the asker's own, no passage need hold it.
        """
        is_own_number = word.isdigit() and not re.fullmatch(r"(?:19|20)\d\d", word)
        return not is_own_number and self._is_missing(word, query, self._retriever.lexical.frequencies)

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
