"""ask(): a question in its conversation → an answer with its sources. The composition root.

Read from top to bottom, it is the path of a question: screen, read, place, find, choose, write. Front ends loop over the
events of `stream`; none of them is known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path

from assistant import texts
from assistant.answering import disagreement, eligibility, scope, screening, self_description
from assistant.answering.answer import (
    Answer,
    Event,
    Finished,
    Framing,
    HitsFound,
    QuestionUnderstood,
    Status,
    TextDelta,
    ValidatedAnswers,
)
from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.classifiers import NEVER, Act
from assistant.answering.disagreement import Rival
from assistant.answering.extracts import Chooser
from assistant.answering.find import Finder, Finding
from assistant.answering.judge import Judge
from assistant.answering.message import Message, parse_message, questions_in
from assistant.answering.question import Expectation, expectation
from assistant.answering.readings import Reading, ReadingKind, ReadingProposer, Turn
from assistant.answering.scheme_names import PROGRAMME, folded_names, named
from assistant.answering.situation import Situation
from assistant.answering.spelling import Lexicon, QuestionNormaliser, Wording
from assistant.answering.sums import aids_asked_for
from assistant.answering.write import AnswerBuilder
from assistant.settings import Settings
from index.document import Document, Hit, Passage
from index.embedding import SentenceEncoder
from index.folder import LEXICON
from index.french import content_words
from index.progress import Progress, silent
from index.reranking import CrossReranker
from index.search import Retriever
from index.versions import Versions

# Acts that ask nothing of the base: each has an answer of its own.
_SMALL_TALK = frozenset({Act.THANKS, Act.GREETING, Act.IDENTITY, Act.SOURCES, Act.FRESHNESS, Act.COMPLAINT, Act.CHATTER})
_POLITE = frozenset({Act.THANKS, Act.GREETING, Act.CHATTER})


class Assistant:
    """Answers questions from one version of the index. Holds no conversation: safe to share."""

    def __init__(
        self,
        retriever: Retriever,
        settings: Settings = Settings(),
        judge: Judge | None = None,
        validated: ValidatedAnswers | None = None,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self.retriever = retriever
        self.validated = validated
        self._settings = settings
        self._bounds = bounds
        self._normaliser = QuestionNormaliser(Lexicon.load(retriever.folder / LEXICON), retriever.vocabulary, bounds)
        self._judge = judge or Judge.load(retriever.encoder.identity.sha256)
        self._finder = Finder(retriever, self._normaliser, self._judge, settings.passages, bounds)

    @classmethod
    def open(cls, settings: Settings, judge: Judge | None = None) -> Assistant:
        """Open the published index named by the settings; raises the errors of `index.errors`.

        Args:
            judge: another than the one that ships.
        """
        encoder = SentenceEncoder(settings.encoder, settings.query_prompt, settings.passage_prompt)
        reranker = CrossReranker(settings.reranker) if settings.reranker else None
        return cls(Retriever.open(settings.index, encoder, reranker), settings, judge)

    def ask(self, question: str, turns: Sequence[Turn] = ()) -> Answer:
        """The whole answer to one question.

        Args:
            turns: those before it in the conversation, as `turn` makes them, the oldest first.
        """
        for event in self.stream(question, turns):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("stream always ends with Finished")

    def stream(self, question: str, turns: Sequence[Turn] = ()) -> Iterator[Event]:
        """Events of an answer: QuestionUnderstood, HitsFound, TextDelta…, then Finished, always last.

        What is answered without a search (a greeting, a refusal) gives TextDelta and Finished only.

        Args:
            turns: as for `ask`.
        """
        # Half characters (a cut emoji, a byte of another encoding) can be neither encoded nor shown.
        typed = question.encode("utf-8", "replace").decode("utf-8").strip()
        if early := self._screened(typed):
            yield from _streamed(early)
            return
        message = parse_message(typed, self.retriever.encoder, self._normal, self._bounds)
        if reply := self._social(message, turns):
            yield from _streamed(reply)
            return
        wordings = [wording for ask in message.questions for wording in self._wordings(ask)]
        changes = tuple(change for wording in wordings for change in wording.changes)
        findings = [self._finder.find(message, wording, turns, first=number == 0) for number, wording in enumerate(wordings)]
        if reply := self._social(message, turns, findings[0]):
            yield from _streamed(reply)
            return
        standalone = " ".join(finding.reading.text for finding in findings)
        yield QuestionUnderstood(standalone, changes)
        if refusal := self._declined(message, findings):
            yield from _streamed(replace(refusal, standalone_question=standalone))
            return
        yield HitsFound(tuple({hit.passage.id: hit for finding in findings for hit in finding.hits}.values()))
        builders = [self._builder(typed, finding, wording) for finding, wording in zip(findings, wordings, strict=True)]
        answers = [self._reference(builder) or self._compose(builder, message, turns) for builder in builders]
        yield from _streamed(_both(typed, standalone, answers) if len(answers) > 1 else answers[0])

    def alternatives(self, question: str, turns: Sequence[Turn] = ()) -> list[tuple[Finding, Answer]]:
        """Each reading of the first question of a message, searched, with the answer it would get: learning grades them all."""
        message = parse_message(question.strip(), self.retriever.encoder, self._normal, self._bounds)
        wording = self._normaliser.normalise(message.questions[0])
        return [
            (finding, self._compose(self._builder(question, finding, wording), message, turns))
            for finding in self._finder.search(message, wording, turns)
        ]

    def without(self, finding: Finding, gone: Callable[[Hit], bool]) -> Finding:
        """The same finding without some of its passages, judged again: learning makes near misses by taking the answers away."""
        hits = [hit for hit in finding.hits if not gone(hit)]
        left = Finding(finding.reading, finding.query, finding.encoded, tuple(hits))
        return self._finder.judged(left, foreign=finding.evidence.foreign)

    def turn(self, answer: Answer) -> Turn:
        """What the next question of a conversation needs to know of an answer."""
        answered = answer.status in (Status.ANSWERED, Status.PARTIAL)
        cited = answer.citations[0].passage.document if answered and answer.citations else ""
        document = cited if cited in self.retriever.documents else ""
        subject = _subject(self.retriever.documents[document]) if document else ""
        searched = bool(document) or answer.status is Status.NOT_FOUND
        standalone = answer.standalone_question
        reading = answer.reading or Reading(ReadingKind.ALONE, standalone, standalone)
        return Turn(answer.question, reading, document, subject, answered, searched, answer.computed)

    @property
    def proposer(self) -> ReadingProposer | None:
        """What proposes one more reading of a question that follows others; None for nobody."""
        return self._finder.proposer

    @proposer.setter
    def proposer(self, proposer: ReadingProposer | None) -> None:
        self._finder.proposer = proposer

    @property
    def names(self) -> frozenset[str]:
        """Folded names of the dispositifs the base has a document for."""
        return self._finder.names

    # -- screen, and what needs no search ----------------------------------------------------------

    def _screened(self, typed: str) -> Answer | None:
        """The answer to what is never read further: nothing, too much, or what `screening` refuses."""
        if not typed or not any(c.isalnum() for c in typed):
            return _said(typed, Status.CLARIFY, texts.EMPTY)
        if len(typed) > self._settings.question_limit:
            return _said(typed, Status.CLARIFY, texts.TOO_LONG)
        if category := screening.refusal(typed, self._bounds):
            return _refused(typed, category)
        return None

    def _wordings(self, ask: str) -> list[Wording]:
        """What is asked in normal spelling, two questions of it apart: « payé cb par an et cb de tps » asks twice « combien »."""
        wording = self._normaliser.normalise(ask)
        parts = questions_in(wording.text, self._bounds)
        if len(parts) < 2:
            return [wording]
        first, *others = map(self._normaliser.normalise, parts)
        return [replace(first, changes=wording.changes), *others]  # said once: the parts are in normal spelling already

    def _normal(self, text: str) -> str:
        """A text in normal spelling."""
        return self._normaliser.normalise(text).text

    def _social(self, message: Message, turns: Sequence[Turn], finding: Finding | None = None) -> Answer | None:
        """The answer to thanks, greetings and questions on the assistant itself; None for what the base is asked.

        Called before the search and after it. Thanks and greetings are answered before; « c'est à jour ? » after, unless the base
        surely answers it.

        Args:
            finding: of the first question; None before the search.
        """
        bounds = self._bounds
        short = len(content_words(message.typed)) <= bounds.elliptical
        doubts = short and message.acts.get(Act.CHALLENGE, 0.0) >= bounds.social
        if doubts and not any(turn.answered for turn in turns):
            return _said(message.typed, Status.CLARIFY, texts.NOTHING_TO_CHECK)
        share = sum(message.acts.get(act, 0.0) for act in _SMALL_TALK)
        act = max(_SMALL_TALK, key=lambda one: message.acts.get(one, 0.0))
        # What may ask is searched first: « merci, c'est combien ? », « dont l'Anah » after others.
        at_once = act in _POLITE and not message.asks and not (act is Act.CHATTER and turns)
        if share < bounds.social or message.context or (finding is None) != at_once:
            return None
        if finding is not None and share < bounds.surely_social and finding.probability >= self._judge.partial:
            return None
        text = {
            Act.THANKS: texts.THANKS,
            Act.GREETING: texts.GREETING,
            Act.COMPLAINT: texts.COMPLAINT + texts.CONTACT,
            Act.SOURCES: self_description.sources(self.retriever),
            Act.FRESHNESS: self_description.freshness(self.retriever),
            Act.IDENTITY: self_description.identity(self.retriever),
        }.get(act, texts.GREETING)
        return _said(message.typed, Status.CLARIFY, text)

    def _declined(self, message: Message, findings: Sequence[Finding]) -> Answer | None:
        """The refusal of what is not to be done or is of another matter."""
        if not scope.is_declined(message, findings, self._bounds):
            return None
        refused = _refused(message.typed, texts.REFUSED_ACTS[message.act])
        if message.act in NEVER:
            return refused
        # Of another matter than the base: the team may be asked, and the gap is seen.
        draft = self._builder(message.typed, findings[0], self._normaliser.normalise(message.questions[0]))
        return replace(refused, explanation=draft.explanation(set()))

    def _reference(self, builder: AnswerBuilder) -> Answer | None:
        """The validated answer to this question, while every passage it cites still stands in this version."""
        reference = self.validated.find(builder.standalone) if self.validated else None
        if reference is None:
            return None
        passages = [self._passages_by_text.get((cited.document, cited.text)) for cited in reference.citations]
        if not all(passages):
            return None
        return builder.validated(reference, [p for p in passages if p], self._is_stale(passages[0]) if passages[0] else False)

    @cached_property
    def _passages_by_text(self) -> dict[tuple[str, str], Passage]:
        return {(passage.document, passage.text): passage for passage in self.retriever.passages}

    def _compose(self, builder: AnswerBuilder, message: Message, turns: Sequence[Turn]) -> Answer:
        """The answer to one question from what was found: a sum, « non trouvé », a verdict of eligibility, or extracts."""
        finding = builder.finding
        statement = f"{finding.query.context} {message.context} {finding.query.text}"
        expected = expectation(finding.query.text)
        documents, passages = self.retriever.documents, self.retriever.passages
        if aids := aids_asked_for(finding, message, turns, documents, passages, self._bounds):
            return builder.computed(aids)
        if not finding.hits or finding.status is Status.NOT_FOUND:
            return builder.not_found(self._contact(finding.hits))
        if scheme := self._eligibility(statement, expectation(statement), finding.hits):
            return builder.eligibility(scheme)
        terms = self.retriever.weigh(finding.query)
        chooser = Chooser(
            terms,
            lambda passage: self.retriever.sentence_cosines(passage, finding.encoded.vector),
            lambda passage: self.retriever.start_shares(passage, finding.encoded.tokens),
            self.retriever.terms,
            self._bounds,
        )
        extracts = chooser.answer(finding.hits, self._sides(expected, finding))
        if finding.status is Status.PARTIAL:
            near = extracts if finding.evidence.lacuna else chooser.nearest(finding.hits)
            return builder.partial(near, self._contact(finding.hits), terms)
        others = disagreement.rivals(extracts[0], finding.hits, terms, documents, self._bounds)
        newest = disagreement.date_of(extracts[0].passage, documents) or ""
        if others and (others[0].date or "") > newest:  # the newest figure first, the one it replaces after it
            older = Rival(extracts[0], newest or None)
            extracts, others = [others[0].extract], sorted([older, *others[1:]], key=lambda r: r.date or "", reverse=True)
        return builder.answered(extracts, expected, terms, self._is_stale(extracts[0].passage), others)

    def _builder(self, typed: str, finding: Finding, wording: Wording) -> AnswerBuilder:
        """What writes the answer to one question, whatever it will be."""
        version, considered = self.retriever.version, partial(self._finder.considered, finding)
        return AnswerBuilder(typed, finding.reading.text, finding, version, wording, considered, self._bounds)

    def _eligibility(self, statement: str, expected: Expectation, hits: Sequence[Hit]) -> eligibility.SchemeReview | None:
        """A verdict on each criterion, for « ma commune a 900 habitants, on y a droit ? ».

        None unless the question states the population of the asker's commune, and the fiche it is about has a rule on it.
        """
        if expected.population is None or not expected.own_case or not expected.asks_eligibility or expected.figure:
            return None
        schemes = set(named(statement, self.names))
        document = self.retriever.documents[hits[0].passage.document]
        # A question that names no scheme is on the programme: the criteria of another fiche found by chance do not answer it.
        is_meant = bool(folded_names(document) & schemes) if schemes else _is_the_programme(document)
        if not is_meant or all(criterion.kind != "population" for criterion in document.header.criteria):
            return None
        passages = [passage for passage in self.retriever.passages if passage.document == document.path]
        reviews = eligibility.review([document], passages, Situation(population=expected.population))
        return reviews[0] if reviews and all(verdict.passage for verdict in reviews[0].verdicts) else None

    def _sides(self, expected: Expectation, finding: Finding) -> list[Hit]:
        """For a comparison, the best hit of each dispositif named."""
        if not expected.comparison:
            return []
        sides = []
        for name in named(finding.query.text, self.names):
            hit = next((h for h in finding.hits if name in folded_names(self.retriever.documents[h.passage.document])), None)
            if hit and hit is not finding.hits[0]:
                sides.append(hit)
        return sides

    def _contact(self, hits: Sequence[Hit]) -> str:
        """The sentence that says whom to ask: the contact of the nearest fiche; of a raw document, whoever wrote it."""
        if hits and not hits[0].passage.is_fiche:
            return texts.CONTACT_OF_DOCUMENT
        contact = self.retriever.documents[hits[0].passage.document].header.contact if hits else ""
        if not contact:
            return texts.CONTACT
        return (texts.CONTACT_IS if "préfecture" in contact else texts.CONTACT_OF).format(contact=contact)

    def _is_stale(self, passage: Passage) -> bool:
        """Whether the date at which its fiche had to be read again is past."""
        limit = self.retriever.documents[passage.document].header.review_by
        return limit is not None and limit < date.today()


def _streamed(answer: Answer) -> Iterator[Event]:
    """An answer as a stream: its text word by word, then the whole."""
    for piece in answer.text.split(" "):
        yield TextDelta(piece + " ")
    yield Finished(answer)


def _both(typed: str, standalone: str, answers: Sequence[Answer]) -> Answer:
    """The answers to the questions of one message as one answer, their sources numbered from the first to the last."""
    blocks, citations, sentences, shift = [], [], [], 0
    for answer in answers:
        blocks.append(_renumbered(answer.text, shift))
        citations += [replace(citation, marker=citation.marker + shift) for citation in answer.citations]
        sentences += [replace(one, citations=tuple(marker + shift for marker in one.citations)) for one in answer.sentences]
        shift += len(answer.citations)
    statuses = {answer.status for answer in answers}
    answered = statuses & {Status.ANSWERED, Status.PARTIAL}
    status = statuses.pop() if len(statuses) == 1 else Status.PARTIAL if answered else Status.NOT_FOUND
    main = max(answers, key=lambda answer: answer.probability)
    asked = " ".join(answer.reading.typed for answer in answers if answer.reading)
    return replace(
        main,
        question=typed,
        standalone_question=standalone,
        status=status,
        text="\n\n".join(dict.fromkeys(blocks)),
        citations=tuple(citations),
        sentences=tuple(sentences),
        reading=main.reading and replace(main.reading, typed=asked),
        validated=None,
        framing=_framing_of(answers),
    )


def _framing_of(answers: Sequence[Answer]) -> Framing | None:
    """What stands around the sentences of several answers: only when nothing stands around any, since it would be of which?"""
    return Framing() if all(answer.framing == Framing() for answer in answers) else None


def _renumbered(text: str, by: int) -> str:
    return re.sub(r"\[(\d+)\]", lambda match: f"[{int(match[1]) + by}]", text)


def _refused(question: str, category: str) -> Answer:
    """A refusal; `category` is a key of `texts.REFUSALS`."""
    outside = category in ("language", "medical", "elsewhere")
    return _said(question, Status.OUT_OF_SCOPE if outside else Status.REFUSED, texts.REFUSALS[category])


def _said(question: str, status: Status, text: str) -> Answer:
    """An answer in the assistant's own words, without sources."""
    return Answer(question, question, status, text)


def _is_the_programme(document: Document) -> bool:
    """True for a fiche on Petites villes de demain itself, not on one of its schemes or neighbours."""
    return any(name.endswith(" petites villes de demain") or name in PROGRAMME for name in folded_names(document))


def _subject(document: Document) -> str:
    """What a document is about, as the next question of the conversation may refer to it."""
    return document.header.scheme or document.title


def build_index(settings: Settings, progress: Progress = silent) -> None:
    """Build or update the index named by the settings from its knowledge folder."""
    from index.builder import build  # the loaders' libraries: only a build pays for their import

    encoder = SentenceEncoder(settings.encoder, settings.query_prompt, settings.passage_prompt)
    build(Path(settings.knowledge), Path(settings.index), encoder, progress=progress)


def open_or_build(settings: Settings, progress: Progress = silent) -> Assistant:
    """The assistant on the published index; the index is built first when there is none."""
    if Versions(settings.index).current() is None:
        build_index(settings, progress)
    return Assistant.open(settings)
