"""ask(): a question in its conversation → an answer with its sources. The composition root.

Read from top to bottom, it is the path of a question: screen, understand, make standalone, search,
decide, compose, ground. Front ends loop over the events of `stream`; none of them is known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from assistant import conversation, decision, disagreement, eligibility, extractive, grounding, intents, screening, texts
from assistant.answer import (
    Answer,
    Citation,
    CitedText,
    Event,
    Finished,
    Found,
    Sentence,
    Status,
    Support,
    TextDelta,
    Understood,
    Validated,
    ValidatedAnswers,
)
from assistant.conversation import Move, Standalone, Turn
from assistant.disagreement import Rival
from assistant.explanation import considered, explain
from assistant.extractive import Extract
from assistant.question import Expectation, expectation
from assistant.settings import Settings
from assistant.wording import Lexicon, Reader, Wording
from index.builder import LEXICON
from index.document import Document, Hit, Passage
from index.embedding import SentenceEncoder
from index.french import analyse, words
from index.ranking import Terms
from index.reranking import CrossReranker
from index.search import Query, Retriever
from index.versions import Versions

_SAME_DOCUMENT = 3.0  # added to the score of the document the conversation is about
_DEFINITE_SLACK = 0.35  # coverage that a passage of the current subject may lack
_NEARER = 0.15  # probability that the words of the last question must add to its subject's: 3 right, 1 wrong of 153 follow-ups
_ELIGIBLE_AMONG = 3  # best passages whose fiche may hold the rule a yes-or-no question is about
_SUMS_AMONG = 5  # best passages whose fiches may hold the rate asked about
_NEAREST = 3  # passages pointed to when there is no answer
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class _Finding:
    """What one search of one standalone question gave."""

    query: Query
    hits: tuple[Hit, ...]
    probability: float = 0.0
    status: Status = Status.NOT_FOUND
    evidence: dict[str, float] = field(default_factory=dict)
    missing: tuple[str, ...] = ()  # words of the question that the base does not hold
    own: float = 0.0  # share of the typed words, context apart, that the best passage covers


class Assistant:
    """Answers questions from one version of the index. Holds no conversation: safe to share."""

    def __init__(self, retriever: Retriever, settings: Settings = Settings(), model: Mapping[str, Any] | None = None,
                 validated: ValidatedAnswers | None = None) -> None:
        self.retriever = retriever
        self.validated = validated
        self._settings = settings
        self._intents = intents.Intents.load()
        self._reader = Reader(Lexicon.load(retriever.folder / LEXICON), retriever.vocabulary)
        self._model = model or retriever.manifest.ranking.get("decision") or decision.DEFAULT

    @classmethod
    def open(cls, settings: Settings, model: Mapping[str, Any] | None = None) -> Assistant:
        """Open the published index named by the settings; raises the errors of `index.errors`.

        Args:
            model: a decision model other than the manifest's.
        """
        encoder = SentenceEncoder(settings.encoder, settings.query_prompt, settings.passage_prompt)
        reranker = CrossReranker(settings.reranker) if settings.reranker else None
        return cls(Retriever.open(settings.index, encoder, reranker), settings, model)

    def ask(self, question: str, turns: Sequence[Turn] = ()) -> Answer:
        """The whole answer to one question."""
        for event in self.stream(question, turns):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("stream always ends with Finished")

    def stream(self, question: str, turns: Sequence[Turn] = ()) -> Iterator[Event]:
        """Events of an answer: Understood, Found, TextDelta…, Finished (always last)."""
        # Half characters (a cut emoji, a byte of another encoding) can be neither encoded nor shown.
        typed = question.encode("utf-8", "replace").decode("utf-8").strip()
        if early := self._without_search(typed):
            yield from _told(early)
            return
        wording = self._reader.read(typed)
        asked = conversation.standalone(wording.text, turns, self.names)
        if reply := self._small_talk(typed, asked, turns):
            yield from _told(reply)
            return
        yield Understood(asked.text, wording.changes)
        finding, asked = self._find(asked, wording, turns)
        yield Found(finding.hits)
        draft = _Draft(typed, asked.text, finding, self.retriever.version, wording, partial(self._considered, finding))
        yield from _told(self._reference(draft) or self._compose(asked, draft))

    def turn(self, answer: Answer) -> Turn:
        """What the next question of a conversation needs to know of an answer."""
        answered = answer.status in (Status.ANSWERED, Status.PARTIAL)
        document = answer.citations[0].passage.document if answered and answer.citations else ""
        subject = _subject(self.retriever.documents[document]) if document in self.retriever.documents else ""
        # « merci », a joke or an insult leave no subject to what follows.
        asked = answer.standalone_question if answered or answer.status is Status.NOT_FOUND else ""
        return Turn(answer.question, asked, document, subject, answer.explanation.get("context", ""), answered)

    def as_encoded(self, question: str) -> str:
        """What the encoder is given for a question: as understood, with what the lexicon adds."""
        read = self._reader.read(question)
        return Query(read.text, read.extra).dense_text

    @cached_property
    def names(self) -> frozenset[str]:
        """Folded names of the dispositifs the base has a document for; « VA » is none: « l'aide va jusqu'à quand ? »."""
        found = set()
        for document in self.retriever.documents.values():
            found |= _folded_names(document) if document.metadata.get("dispositif") else set()
        return frozenset(name for name in found if conversation.content(name) and name not in conversation.PROGRAMME)

    # -- the path of a question ------------------------------------------------------------------

    def _without_search(self, typed: str) -> Answer | None:
        if not typed or not any(c.isalnum() for c in typed):
            return _said(typed, Status.CLARIFY, texts.EMPTY)
        if len(typed) > self._settings.question_limit:
            return _said(typed, Status.CLARIFY, texts.TOO_LONG)
        if category := screening.refusal(typed):
            status = Status.OUT_OF_SCOPE if category in ("language", "medical", "elsewhere") else Status.REFUSED
            return _said(typed, status, texts.REFUSALS[category])
        return None

    def _small_talk(self, typed: str, asked: Standalone, turns: Sequence[Turn]) -> Answer | None:
        if asked.move is Move.GREETING:
            return _said(typed, Status.CLARIFY, texts.SMALL_TALK)
        if asked.move is Move.THANKS:
            return _said(typed, Status.CLARIFY, texts.THANKS)
        if asked.move is Move.CHALLENGE and not any(turn.answered for turn in turns):
            return _said(typed, Status.CLARIFY, texts.NOTHING_TO_CHECK)
        if asked.move is Move.NEW and not analyse(asked.typed) and not self._reader.read(asked.typed).extra:
            return _said(typed, Status.CLARIFY, texts.TOO_VAGUE)
        return None

    def _find(self, asked: Standalone, wording: Wording, turns: Sequence[Turn]) -> tuple[_Finding, Standalone]:
        """Search. A message that names no subject stays on the conversation's when that explains it as well."""
        search = partial(self._search, wording=wording)
        alone = search(asked)
        noun = conversation.only_noun(asked.typed)
        if asked.context and noun and self._is_unheard(noun, alone.query):  # « et le cinéma ? »: no part of any subject here
            asked = Standalone(asked.typed, Move.NEW, asked.typed)
            return search(asked), asked
        last = turns[-1] if turns and turns[-1].answered else None
        if asked.move is Move.FOLLOW_UP and last is not None and asked.context:
            return self._nearer_words(asked, alone, last, search)
        # « et quand l'Anah met au pot ? »: what an opening « et » names may complete the subject rather than replace it.
        names_another = conversation.named(asked.typed, self.names) and not conversation.is_opening(asked.typed)
        # A word that the base has never heard of is no word of its subjects: « et un crématorium pour chameaux ? »
        if asked.move is not Move.NEW or last is None or names_another or wording.places or alone.missing:
            return alone, asked
        shown = f"{asked.typed.rstrip(' ?!.')} ({conversation.short_name(last.subject)}) ?"
        inherited = Standalone(shown, Move.FOLLOW_UP, asked.typed, context=last.subject, document=last.document)
        second = search(inherited)
        stays = bool(second.hits) and second.hits[0].passage.document == last.document
        # « l'accompagnement dure combien de temps ? »: a definite subject nobody introduced is the conversation's.
        slack = _DEFINITE_SLACK if conversation.is_definite(asked.typed) else 0.0
        return (second, inherited) if stays and second.own >= alone.own - slack else (alone, asked)

    def _nearer_words(
        self, asked: Standalone, found: _Finding, last: Turn, search: Callable[[Standalone], _Finding]
    ) -> tuple[_Finding, Standalone]:
        """« et où ça ? » after « quand a-t-il été lancé ? » asks of the launch, more than of the whole subject."""
        nearer = replace(asked, context=conversation.asked_in(last), document=last.document)
        if nearer.context == asked.context or not conversation.content(nearer.context):
            return found, asked
        second = search(nearer)
        return (second, nearer) if second.probability >= found.probability + _NEARER else (found, asked)

    def _search(self, asked: Standalone, wording: Wording) -> _Finding:
        text = asked.typed if asked.context else asked.text
        read = self._reader.read(f"{asked.context} {text}" if asked.context else text)
        query = Query(text, read.extra, asked.context, read.weights, self._reader.background)
        hits = self.retriever.search(query, self._settings.passages)
        if asked.document:
            hits = sorted(
                (replace(h, score=h.score + _SAME_DOCUMENT * (h.passage.document == asked.document)) for h in hits),
                key=lambda hit: -hit.score,
            )
        if not hits:
            return _Finding(query, ())
        terms = self.retriever.weigh(query)
        found = self.retriever.terms(hits[0].passage)
        soft = self._soft_missing(query, hits[0].passage, found)
        # A follow-up alone says little: « il va continuer ? » is a question after another one.
        foreign = 0.0 if asked.context else self._intents.probability(text)
        lacking = any(self._lacks(name, query, found.everything) for name in conversation.named(text, self.names))
        numbers = decision.evidence(expectation(text), terms, hits, read.places, soft, lacking, foreign)
        if foreign >= intents.FOREIGN:  # the words as typed: what the lexicon says for them would prove little
            numbers["document_coverage"] = self.retriever.document_coverage(hits[0].passage, self.retriever.weigh(Query(text)))
        numbers["follow_up"] = float(bool(asked.context))
        numbers["rewritten"] = float(bool(wording.changes))
        probability, status = decision.decide(numbers, self._model)
        written = {word: token for token in _WORD.findall(text) for word in words(token)}  # « cinéma », not « cinema »
        missing = tuple(written.get(word, word) for word in dict.fromkeys(words(text)) if self._is_unheard(word, query))
        own = self.retriever.weigh(replace(query, context="")).coverage(found.everything)
        if status is Status.NOT_FOUND and asked.document == hits[0].passage.document and not decision.is_silent(numbers):
            status = Status.PARTIAL  # the subject is the right one: show what its document says
        return _Finding(query, tuple(hits), probability, status, numbers, missing, own)

    def _soft_missing(self, query: Query, passage: Passage, found: Terms) -> float:
        """Weight of the question's words that not even a near synonym of the passage's words carries, 0..1.

        Nearness is the encoder's cosine between single words, whole ones: it was trained on no stems.
        """
        content = {word: query.weights.get(word, 1.0) for word in words(query.text) if analyse(word)}
        lacking = [word for word in content if self._is_missing(word, query, found.everything)]
        theirs = sorted(
            {w for text in (passage.title, *passage.headings, *passage.aliases, passage.text) for w in words(text) if analyse(w)}
        )
        if not lacking or not theirs:
            return 0.0
        encode = self.retriever.encoder.encode_queries
        nearest = (encode(lacking) @ encode(theirs).T).max(axis=1)
        gap = sum(content[word] * (1 - max(0.0, float(near))) for word, near in zip(lacking, nearest, strict=True))
        return gap / (sum(content.values()) or 1.0)

    def _lacks(self, name: str, query: Query, found: frozenset[str]) -> bool:
        """True when a passage holds neither the name of a dispositif nor what the lexicon says for it."""
        return all(self._is_missing(word, query, found) for word in name.split() if analyse(word))

    def _is_missing(self, word: str, query: Query, found: Container[str]) -> bool:
        stems = set(analyse(word)) | {term for phrase in query.extra.get(word, ()) for term in analyse(phrase)}
        return bool(stems) and not any(stem in found for stem in stems)

    def _is_unheard(self, word: str, query: Query) -> bool:
        """True when no passage of the base holds a word, nor what the lexicon says for it. A sum is none: it is the asker's."""
        is_sum = word.isdigit() and not re.fullmatch(r"(?:19|20)\d\d", word)
        return not is_sum and self._is_missing(word, query, self.retriever.lexical.frequencies)

    def _reference(self, draft: _Draft) -> Answer | None:
        """The validated answer to this question, while every passage it cites still stands in this version."""
        found = self.validated.find(draft.standalone) if self.validated else None
        if found is None:
            return None
        passages = [self._passages_by_text.get((cited.document, cited.text)) for cited in found.citations]
        if not all(passages):
            return None
        return draft.validated(found, [p for p in passages if p], self._is_stale(passages[0]) if passages[0] else False)

    @cached_property
    def _passages_by_text(self) -> dict[tuple[str, str], Passage]:
        return {(passage.document, passage.text): passage for passage in self.retriever.passages}

    def _compose(self, asked: Standalone, draft: _Draft) -> Answer:
        expected, finding = expectation(asked.text), draft.finding
        if sums := self._sums(asked.text, expected, finding.hits):
            return draft.computed(*sums)
        if not finding.hits or finding.status is Status.NOT_FOUND:
            return draft.not_found(self._contact(finding.hits))
        if scheme := self._eligibility(asked.text, expected, finding.hits):
            return draft.eligibility(scheme)
        terms = self.retriever.weigh(finding.query)
        extracts = extractive.compose(finding.hits, terms, self.retriever.terms, self._sides(expected, finding))
        if finding.status is Status.PARTIAL:
            near = extracts if finding.evidence.get("lacuna") else extractive.nearest(finding.hits, terms)
            return draft.partial(near, self._contact(finding.hits))
        others = disagreement.rivals(extracts[0], finding.hits, terms, self.retriever.documents)
        newest = disagreement.date_of(extracts[0].passage, self.retriever.documents) or ""
        if others and (others[0].date or "") > newest:  # the newest figure first, the one it replaces after it
            older = Rival(extracts[0], newest or None)
            extracts, others = [others[0].extract], sorted([older, *others[1:]], key=lambda r: r.date or "", reverse=True)
        prefix = texts.CHALLENGED if asked.move is Move.CHALLENGE else ""
        return draft.answered(extracts, expected, prefix, self._is_stale(extracts[0].passage), others)

    def _considered(self, finding: _Finding, cited: set[str]) -> list[dict[str, Any]]:
        query, question = finding.query, self.retriever.weigh(finding.query)
        meant = {word: {t for phrase in query.extra.get(word, ()) for t in analyse(phrase)} for word in words(query.text)}
        asked = [(word, frozenset(analyse(word)) | others) for word, others in meant.items() if analyse(word)]
        return considered(finding.hits, question, [self.retriever.terms(hit.passage) for hit in finding.hits], asked, cited)

    # -- evidence from the fiches ----------------------------------------------------------------

    def _sums(self, asked: str, expected: Expectation, hits: Sequence[Hit]) -> tuple[list[eligibility.Sum], list[Passage]] | None:
        """Computed aids when the question states an expense that a rate of a near fiche applies to."""
        if not expected.expenses or not (expected.amount or expected.asks_aid):
            return None
        near = dict.fromkeys(hit.passage.document for hit in hits[:_SUMS_AMONG])
        found = {path: eligibility.applicable(eligibility.grants(self.retriever.documents[path]), asked) for path in near}
        path = max(found, key=lambda name: eligibility.shared_words(found[name], asked), default="")
        expense = expected.expenses[0].value
        grants = [grant for grant in found.get(path, ()) if eligibility.plausible(grant, expense)]
        proofs = [eligibility.passage_of(grant, path, self.retriever.passages) for grant in grants]
        if not proofs or not all(proofs):
            return None
        return [eligibility.compute(grant, expense) for grant in grants], [p for p in proofs if p]

    def _eligibility(self, asked: str, expected: Expectation, hits: Sequence[Hit]) -> eligibility.SchemeReview | None:
        """A verdict per criterion when the question states a population that the fiche it is about has a rule on."""
        if expected.population is None or not expected.own_case or not expected.asks_eligibility or expected.figure:
            return None
        named = set(conversation.named(asked, self.names))
        near = [self.retriever.documents[hit.passage.document] for hit in hits[:_ELIGIBLE_AMONG]]
        # The criteria of a scheme that nobody named answer another question: unnamed, it is the programme that is meant.
        meant = [d for d in near if _folded_names(d) & named] if named else [d for d in near if _is_the_programme(d)]
        ruled = (d for d in meant if any(criterion.kind == "population" for criterion in eligibility.criteria(d)))
        document = next(ruled, None)
        if document is None:
            return None
        passages = [passage for passage in self.retriever.passages if passage.document == document.path]
        found = eligibility.review([document], passages, eligibility.Situation(population=expected.population))
        return found[0] if found and all(verdict.passage for verdict in found[0].verdicts) else None

    def _sides(self, expected: Expectation, finding: _Finding) -> list[Hit]:
        """For a comparison, the best hit of each dispositif named."""
        if not expected.comparison:
            return []
        sides = []
        for name in conversation.named(finding.query.text, self.names):
            hit = next(
                (
                    h
                    for h in finding.hits
                    if name in _folded_names(self.retriever.documents[h.passage.document])
                ),
                None,
            )
            if hit and hit is not finding.hits[0]:
                sides.append(hit)
        return sides

    def _contact(self, hits: Sequence[Hit]) -> str:
        """Who to ask, from the front matter of the nearest fiche."""
        contact = self.retriever.documents[hits[0].passage.document].metadata.get("contact") if hits else None
        if not contact:
            return texts.CONTACT
        return (texts.CONTACT_IS if "préfecture" in str(contact) else texts.CONTACT_OF).format(contact=contact)

    def _is_stale(self, passage: Passage) -> bool:
        limit = self.retriever.documents[passage.document].metadata.get("a_revoir_le")
        return bool(limit) and str(limit) < date.today().isoformat()


@dataclass(frozen=True)
class _Draft:
    """The parts every answer to one question shares, and the shapes an answer can take."""

    typed: str
    standalone: str
    finding: _Finding
    version: str
    wording: Wording
    considered: Callable[[set[str]], list[dict[str, Any]]]  # ids of the passages cited → what became of each passage

    def answered(
        self, extracts: Sequence[Extract], expected: Expectation, prefix: str, stale: bool, others: Sequence[Rival] = ()
    ) -> Answer:
        citations, sentences, withheld = _cite([*extracts, *(rival.extract for rival in others)])
        blocks = _blocks([*extracts, *(rival.extract for rival in others)], sentences, keep_yes_no=expected.yes_no)
        if others and len(blocks) > len(extracts):
            blocks[len(extracts) :] = [texts.DISAGREEMENT, "\n".join(f"- {block}" for block in blocks[len(extracts) :])]
        text = "\n\n".join(filter(None, [prefix, *blocks, texts.STALE if stale else ""]))
        return self._answer(Status.ANSWERED, text, citations, sentences, withheld)

    def validated(self, found: Validated, passages: Sequence[Passage], stale: bool) -> Answer:
        """An answer of the staff, its quotes found again in the passages of this version."""
        citations = tuple(_citation(cited, passage) for cited, passage in zip(found.citations, passages, strict=True))
        text = "\n\n".join(filter(None, [found.text, texts.STALE if stale else ""]))
        return replace(self._answer(Status.ANSWERED, text, citations, found.sentences), validated=found)

    def partial(self, extracts: Sequence[Extract], contact: str) -> Answer:
        citations, sentences, withheld = _cite(extracts)
        blocks = _blocks(extracts, sentences, keep_yes_no=False)
        # A passage that states the gap itself needs no preface, and says who to ask.
        listed = "\n".join(f"- {block.removeprefix('- ')}" for block in blocks)
        text = "\n\n".join(blocks) if self.finding.evidence.get("lacuna") else f"{texts.PARTIAL}\n\n{listed}\n\n{contact}"
        return self._answer(Status.PARTIAL, text, citations, sentences, withheld)

    def not_found(self, contact: str) -> Answer:
        """Say so, point to the nearest passages by their headings, and to people."""
        hits = self.finding.hits[:_NEAREST] if self.finding.probability > 0.02 else ()
        citations = tuple(Citation(n, hit.passage, hit.passage.start, hit.passage.end) for n, hit in enumerate(hits, 1))
        if decision.is_of_another_matter(self.finding.evidence):
            return self._answer(Status.OUT_OF_SCOPE, texts.OUT_OF_SCOPE, (), ())
        missing = ", ".join(self.finding.missing[:3])
        lead = texts.NOT_FOUND_TERMS.format(terms=missing) if missing else texts.NOT_FOUND
        near = "\n".join(f"- {_name(c.passage)} [{c.marker}]" for c in citations)
        text = "\n\n".join(filter(None, [lead, f"{texts.NEAREST}\n{near}" if near else "", contact]))
        return self._answer(Status.NOT_FOUND, text, citations, ())

    def computed(self, sums: Sequence[eligibility.Sum], proofs: Sequence[Passage]) -> Answer:
        """Each sum with the passage that carries its rate and ceiling."""
        unique = list(dict.fromkeys(proofs))
        markers = {passage.id: n for n, passage in enumerate(unique, 1)}
        citations = tuple(Citation(markers[p.id], p, p.start, p.end) for p in unique)
        sentences = []
        for line, proof in zip(sums, proofs, strict=True):
            verdict = grounding.support(line.text, [proof.text], line.numbers)
            # The words of a sum are ours; what must hold is that no figure comes from nowhere.
            verdict = verdict if verdict is Support.UNSUPPORTED else Support.VERIFIED
            sentences.append(Sentence(line.text, (markers[proof.id],), verdict))
        shown = [s for s in sentences if s.support is not Support.UNSUPPORTED]
        text = "\n".join(f"- {s.text} [{s.citations[0]}]" for s in shown)
        if not shown:
            return self.not_found(texts.CONTACT)
        rule = unique[0].text
        text = f"{text}\n\n{rule} [1]"
        sentences = [*shown, Sentence(rule, (1,))]
        return self._answer(Status.ANSWERED, text, citations, tuple(sentences))

    def eligibility(self, scheme: eligibility.SchemeReview) -> Answer:
        """Each criterion with its verdict and the passage that carries it."""
        proofs = list(dict.fromkeys(v.passage for v in scheme.verdicts if v.passage))
        markers = {passage.id: n for n, passage in enumerate(proofs, 1)}
        sentences = []
        for verdict in scheme.verdicts:
            if verdict.passage:
                line = f"{verdict.criterion.text} : {verdict.outcome}."
                sentences.append(Sentence(line[:1].upper() + line[1:], (markers[verdict.passage.id],)))
        listed = "\n".join(f"- {s.text} [{s.citations[0]}]" for s in sentences)
        lead = texts.ELIGIBILITY[str(scheme.outcome)].format(scheme=scheme.document.title)
        text = f"{lead}\n\n{listed}\n\n{texts.TO_CONFIRM}"
        citations = tuple(Citation(markers[p.id], p, p.start, p.end) for p in proofs)
        return self._answer(Status.ANSWERED, text, citations, tuple(sentences))

    def _answer(
        self, status: Status, text: str, citations: Sequence[Citation], sentences: Sequence[Sentence], withheld: int = 0
    ) -> Answer:
        finding = self.finding
        hits = self.considered({citation.passage.id for citation in citations} if sentences else set())
        explanation = explain(finding.query, self.wording, finding.evidence, finding.missing, hits)
        return Answer(
            self.typed,
            self.standalone,
            status,
            text,
            tuple(citations),
            tuple(sentences),
            self.finding.probability,
            withheld,
            explanation,
            self.version,
        )


def _cite(extracts: Sequence[Extract]) -> tuple[tuple[Citation, ...], tuple[Sentence, ...], int]:
    """Number the passages, ground every sentence, drop what its quote does not carry."""
    citations = tuple(Citation(n, e.passage, *e.quote_span) for n, e in enumerate(extracts, 1))
    sentences, withheld = [], 0
    for citation, extract in zip(citations, extracts, strict=True):
        for text in extract.texts:
            verdict = grounding.support(text, [citation.quote])
            if verdict is Support.UNSUPPORTED:
                withheld += 1
            else:
                sentences.append(Sentence(text, (citation.marker,), verdict))
    return citations, tuple(sentences), withheld


def _citation(cited: CitedText, passage: Passage) -> Citation:
    start = passage.start + passage.text.index(cited.quote)
    return Citation(cited.marker, passage, start, start + len(cited.quote))


def _blocks(extracts: Sequence[Extract], sentences: Sequence[Sentence], keep_yes_no: bool) -> list[str]:
    """One paragraph a passage; list items keep their lines; the marker closes the paragraph."""
    blocks = []
    for marker, _ in enumerate(extracts, 1):
        own = [s.text for s in sentences if s.citations == (marker,)]
        if not own:
            continue
        if marker > 1 or not keep_yes_no:
            own[0] = extractive.without_yes_no(own[0])
        text = own[0]
        for part in own[1:]:
            text += ("\n" if part.startswith(("- ", "• ", "– ")) else " ") + part
        blocks.append(f"{text} [{marker}]")
    return blocks


def _told(answer: Answer) -> Iterator[Event]:
    """An answer as a stream: its text word by word, then the whole."""
    for piece in answer.text.split(" "):
        yield TextDelta(piece + " ")
    yield Finished(answer)


def _said(question: str, status: Status, text: str) -> Answer:
    return Answer(question, question, status, text)


def _name(passage: Passage) -> str:
    heading = f"« {passage.headings[-1]} » — " if passage.headings else ""
    page = f", p. {passage.page}" if passage.page else ""
    return f"{heading}{passage.title}{page}"


def _folded_names(document: Document) -> set[str]:
    return {" ".join(words(name)) for name in document.names}


def _is_the_programme(document: Document) -> bool:
    """True for a fiche on Petites villes de demain itself, not on one of its schemes or neighbours."""
    return any(name.endswith(" petites villes de demain") or name in conversation.PROGRAMME for name in _folded_names(document))


def _subject(document: Document) -> str:
    return str(document.metadata.get("dispositif") or document.title)


def build_index(settings: Settings, progress: Any = lambda step, done, total: None) -> None:
    """Build or update the index named by the settings from its knowledge folder."""
    from index.builder import build  # the loaders' libraries: only a build pays for their import

    encoder = SentenceEncoder(settings.encoder, settings.query_prompt, settings.passage_prompt)
    build(Path(settings.knowledge), Path(settings.index), encoder, progress=progress)


def open_or_build(settings: Settings, progress: Any = lambda step, done, total: None) -> Assistant:
    """The assistant on the published index; the index is built first when there is none."""
    if Versions(settings.index).current() is None:
        build_index(settings, progress)
    return Assistant.open(settings)
