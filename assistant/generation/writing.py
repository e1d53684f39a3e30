"""An extractive answer → the same answer written by a language model, sentence by sentence; the extractive one when it fails.

The path: passages → prompt → model → sentences → checked → shown. Only an answer made of sentences of its passages is written;
refusals, sums, verdicts and validated answers go through untouched, and so does everything when no model is set.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant import texts as said
from assistant.answering.answer import Answer, Event, Explanation, Finished, HitsFound, Status, TextDelta, WritingReport
from assistant.answering.readings import Turn
from assistant.answering.service import Assistant
from assistant.answering.spelling import Lexicon
from assistant.generation import generation_texts as texts
from assistant.generation.chat_model import ChatModel, ModelMessage, ModelServer, Stopped, never
from assistant.generation.circuit_breaker import CircuitBreaker
from assistant.generation.faults import ModelFailure, ModelFault
from assistant.generation.prompts import Prompt, prompts
from assistant.generation.proposed_readings import ProposedReadings
from assistant.generation.sentence_stream import SentenceStream
from assistant.generation.support import CitedPassage, SupportChecker
from assistant.generation.written_text import WrittenText
from assistant.privacy.masking import Masker
from assistant.settings import Settings
from index.document import Document, Hit, Passage
from index.figures import long_date
from index.folder import LEXICON

log = logging.getLogger(__name__)

PASSAGES = 6  # given to the model: those of the extractive answer, then the best others
FAILURES, PAUSE_SECONDS = 5, 60.0  # failures running, after which the model is left alone so long
_WRITTEN = (Status.ANSWERED, Status.PARTIAL)


class WritingForm(StrEnum):
    """What is written."""

    ANSWER = "reponse"
    LETTER = "courrier"
    NOTE = "note"


class WritingLength(StrEnum):
    """How much of it."""

    SHORT = "courte"
    LONG = "detaillee"


@dataclass(frozen=True)
class WritingStyle:
    """What the asker chose."""

    form: WritingForm = WritingForm.ANSWER
    length: WritingLength = WritingLength.SHORT
    plain: bool = False  # « en langage simple »

    @property
    def choices(self) -> dict[str, str]:
        """The choices of the prompt."""
        return {"forme": str(self.form), "longueur": str(self.length), "langue": "simple" if self.plain else "courante"}


class AnswerWriter:
    """Writes the answers of any version of the base with one model. Safe to share between threads.

    Args:
        masker: through which goes what people typed, before the model is told.
    """

    def __init__(
        self,
        model: ChatModel,
        checker: SupportChecker | None = None,
        breaker: CircuitBreaker | None = None,
        masker: Masker = Masker(),
    ) -> None:
        self.model, self._masker = model, masker
        self._checker = checker
        self._breaker = breaker or CircuitBreaker(FAILURES, PAUSE_SECONDS)
        self.proposer = ProposedReadings(model, self._breaker, masker=masker)

    def stream(
        self,
        assistant: Assistant,
        question: str,
        turns: Sequence[Turn],
        style: WritingStyle = WritingStyle(),
        stopped: Stopped = never,
    ) -> Iterator[Event]:
        """The events of `Assistant.stream`; a piece of text is a whole sentence, checked.

        When the model fails after some were shown, Finished holds the extractive answer: it takes the place of what was shown.
        """
        hits: tuple[Hit, ...] = ()
        held: list[TextDelta] = []
        for event in assistant.stream(question, turns):
            if isinstance(event, TextDelta):
                held.append(event)
                continue
            if isinstance(event, Finished):
                if event.answer.framing is not None and event.answer.status in _WRITTEN and event.answer.citations:
                    yield from self._write(event.answer, hits, assistant, style, stopped)
                    return
                yield from held
            elif isinstance(event, HitsFound):
                hits = event.hits
            yield event

    def _checker_of(self, assistant: Assistant) -> SupportChecker:
        """What holds the sentences of an answer of this assistant against its passages."""
        if self._checker is None:
            meaning = Lexicon.load(assistant.retriever.folder / LEXICON).meaning
            self._checker = SupportChecker(assistant.retriever.encoder, meaning)
        return self._checker

    def close(self) -> None:
        """Close what the model holds open."""
        self.model.close()

    def _write(
        self, extractive: Answer, hits: Sequence[Hit], assistant: Assistant, style: WritingStyle, stopped: Stopped
    ) -> Iterator[Event]:
        documents = assistant.retriever.documents
        prompt = prompts()["reponse"]
        report = WritingReport(self.model.server.name, prompt.identifier)
        numbered = _given(extractive, hits)
        dated = [_dated(number, passage, documents) for number, passage in enumerate(numbered, 1)]
        text = WrittenText(extractive, numbered, dated, self._checker_of(assistant))
        before, after = _around(extractive, style)
        try:
            for said in self._sentences(prompt, extractive.standalone_question, dated, style, text, stopped):
                yield TextDelta(f"{before}\n\n{said}" if before else said)
                before = ""
        except ModelFailure as failure:
            if failure.fault is not ModelFault.STOPPED:
                log.warning("A written answer fell back to its passages: %s", failure)
            report = replace(report, fallback=texts.FAULTS[failure.fault], withheld=text.withheld, reasons=dict(text.reasons))
            yield Finished(replace(extractive, writing=report))
            return
        report = replace(report, shown=text.count, replaced=text.replaced, withheld=text.withheld, reasons=dict(text.reasons))
        written = text.answer(_around(extractive, style)[0], after)
        if style.form is not WritingForm.ANSWER:
            written = replace(written, text=f"{written.text}\n\n{_sources(written, documents)}")
        yield Finished(replace(written, writing=report, explanation=_explained(written)))

    def _sentences(
        self,
        prompt: Prompt,
        question: str,
        dated: Sequence[CitedPassage],
        style: WritingStyle,
        text: WrittenText,
        stopped: Stopped,
    ) -> Iterator[str]:
        """What is shown of each sentence, as they come.

        Raises:
            ModelFailure: the whole is not to be shown.
        """
        if not self._breaker.allows():
            raise ModelFailure(ModelFault.PAUSED)
        passages = "\n\n".join(listed(passage) for passage in dated)
        messages = prompt.messages({"question": self._masker.mask(question), "passages": passages}, style.choices)
        try:
            yield from self._read(messages, text, stopped)
            if fault := text.fault():
                raise ModelFailure(fault)
        except ModelFailure as failure:
            if failure.fault is not ModelFault.STOPPED:
                self._breaker.failed()
            raise
        self._breaker.succeeded()

    def _read(self, messages: Sequence[ModelMessage], text: WrittenText, stopped: Stopped) -> Iterator[str]:
        stream, pieces = SentenceStream(), self.model.stream(messages, stopped)
        text.prepare()  # while the model begins
        for piece in pieces:
            for sentence in stream.feed(piece):
                if said := text.take(sentence):
                    yield said
        for sentence in stream.close():
            if said := text.take(sentence):
                yield said


def open_writer(settings: Settings, masker: Masker = Masker()) -> AnswerWriter | None:
    """The writer that the settings ask for; None, and nothing of the client imported, when they name no model."""
    return AnswerWriter(ChatModel(ModelServer.of(settings)), masker=masker) if settings.model_url else None


def stream(
    writer: AnswerWriter | None,
    assistant: Assistant,
    question: str,
    turns: Sequence[Turn] = (),
    style: WritingStyle = WritingStyle(),
    stopped: Stopped = never,
) -> Iterator[Event]:
    """The events of an answer, written when there is a writer."""
    if writer is None:
        return assistant.stream(question, turns)
    return writer.stream(assistant, question, turns, style, stopped)


def finished(events: Iterable[Event]) -> Answer:
    """The whole answer, of its events."""
    for event in events:
        if isinstance(event, Finished):
            return event.answer
    raise AssertionError("stream always ends with Finished")


def _explained(written: Answer) -> Explanation | None:
    """Why this answer, its passages being those that the written one cites."""
    if written.explanation is None:
        return None
    cited = {citation.passage.id for citation in written.citations}
    hits = [
        replace(hit, outcome=said.CITED)
        if hit.passage in cited
        else replace(hit, outcome=said.SET_ASIDE["lower"])
        if hit.outcome == said.CITED
        else hit
        for hit in written.explanation.hits
    ]
    return replace(written.explanation, hits=tuple(hits))


def _given(extractive: Answer, hits: Sequence[Hit]) -> list[Passage]:
    """The passages of the extractive answer by their markers, then the best others."""
    cited = list(extractive.passages)
    others = [hit.passage for hit in hits if hit.passage.id not in {passage.id for passage in cited}]
    return [*cited, *others[: max(0, PASSAGES - len(cited))]]


def _dated(number: int, passage: Passage, documents: Mapping[str, Document]) -> CitedPassage:
    updated = documents[passage.document].header.updated
    return CitedPassage(number, passage.title, passage.section, passage.text, updated)


def listed(passage: CitedPassage) -> str:
    """A passage as the model reads it: its number, where it is from, its date, its text."""
    heading = f" › {passage.heading}" if passage.heading else ""
    dated = texts.DATED.format(date=long_date(passage.date.isoformat())) if passage.date else ""
    return texts.PASSAGE.format(number=passage.number, title=passage.title, heading=heading, dated=dated, text=passage.text)


def _around(extractive: Answer, style: WritingStyle) -> tuple[str, str]:
    """What stands before and after the sentences: what the extractive answer keeps, and the words of the form."""
    framing = extractive.framing
    assert framing is not None  # only such an answer is written
    question = extractive.standalone_question.replace("*", "").replace("\n", " ")
    opening, ending = {
        WritingForm.ANSWER: ("", ""),
        WritingForm.LETTER: (texts.LETTER.format(question=question), texts.LETTER_END),
        WritingForm.NOTE: (texts.NOTE.format(question=question), texts.NOTE_END),
    }[style.form]
    return "\n\n".join(filter(None, [opening, framing.before])), "\n\n".join(filter(None, [framing.after, ending]))


def _sources(answer: Answer, documents: Mapping[str, Document]) -> str:
    """The numbered sources of a letter or a note, as a list."""
    lines = [texts.SOURCES]
    for citation in answer.citations:
        date = documents[citation.passage.document].date
        dated = texts.DATED.format(date=long_date(date)) if date else ""
        place = " › ".join(filter(None, [citation.passage.title, *citation.passage.headings[-1:]]))
        lines.append(texts.SOURCE.format(marker=citation.marker, place=place, dated=dated))
    return "\n".join(lines)
