"""Conversations in memory, one a browser tab, and the answers being written in them.

An answer is computed by a worker thread and written here; pages only look at it. So a page that is
reloaded or closed in mid-answer loses nothing: the answer goes on, is kept in the journal, and is
found again on return. A language model that writes it is stopped by the asker, or when no page has looked for a while: the
answer then stands in the words of its passages. Followers poll, and hold no thread while a slow answer is awaited. Bounded in
number, in length and in time. Knows nothing of HTML or Gradio.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Container, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from assistant.answering.answer import Answer, Finished, HitsFound, QuestionUnderstood, TextDelta
from assistant.answering.readings import Turn
from assistant.generation import writing
from assistant.generation.writing import AnswerWriter, WritingStyle
from assistant.records.journal import Journal
from assistant.records.team_questions import is_for_the_team
from assistant.turn_taking import TurnTaking
from assistant.web.public import page_texts as texts
from assistant.web.shared.published_base import Edition, PublishedBase
from assistant.web.shared.sources import CitedSource, sources_of

log = logging.getLogger(__name__)

KEPT = 2000  # conversations in memory; the least recently used go first
IDLE_SECONDS = 8 * 3600.0  # a working day: a tab left open over lunch is still there
LENGTH = 40  # exchanges a conversation keeps
_TURNS = 12  # of these, how many a follow-up may refer to
LEFT_SECONDS = 20.0  # without a page that looks: a reload is back before, who has left is not
_FRAME_SECONDS = 0.06  # pages are told of new words at most this often


class AnswerStage(StrEnum):
    """How far an answer has come."""

    SEARCHING = "searching"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


@dataclass
class ChatTurn:
    """A question in a conversation and its answer as it is being written."""

    number: int  # in its conversation, from 1
    key: str  # unique among all conversations, and no secret
    question: str  # as typed
    stage: AnswerStage = AnswerStage.SEARCHING
    understood: str = ""  # the question, standing alone; empty until it is known
    considered: int = 0  # passages found
    text: str = ""  # as much as is written
    answer: Answer | None = None  # once it is whole
    sources: tuple[CitedSource, ...] = ()
    related: tuple[str, ...] = ()  # other questions that the first source answers
    turn: Turn | None = None  # what a question that follows may refer to
    journal_id: int | None = None  # None until it is kept, or where nothing is
    opinion: str = ""  # "up", "down" or empty
    for_the_team: bool = False  # the question may be put to the team
    linkable: bool = False  # a link to the answer may be made
    reference: str = ""  # of the question put to the team
    taken_back: bool = False  # it quoted a document that has left the base
    kept: threading.Event = field(default_factory=threading.Event)  # set once the journal was told
    style: WritingStyle = WritingStyle()  # what the asker chose, when a model writes
    stoppable: bool = False  # a model may be writing it
    stopping: threading.Event = field(default_factory=threading.Event)  # set when the asker stops it
    seen: float = field(default_factory=time.monotonic)  # when a page last looked
    _revision: int = 0

    @property
    def running(self) -> bool:
        """Whether its answer is still being made."""
        return self.stage in (AnswerStage.SEARCHING, AnswerStage.WRITING)

    def is_unwanted(self) -> bool:
        """Whether the asker stopped the writing, or left."""
        return self.stopping.is_set() or time.monotonic() - self.seen > LEFT_SECONDS

    def update(self, **values: object) -> None:
        """Change fields, then tell whoever follows. For the worker that answers; once it is done, for `take_back`."""
        for name, value in values.items():
            setattr(self, name, value)
        self._revision += 1

    def cites_only(self, documents: Container[str]) -> bool:
        """Whether every document the answer quotes is among these."""
        cited = [citation.passage.document for citation in self.answer.citations] if self.answer else []
        return all(document in documents for document in (*cited, *(source.document for source in self.sources)))

    def take_back(self) -> None:
        """Keep the question only: what was answered quotes a document that has left the base."""
        if self.answer:
            answer = replace(self.answer, text=texts.TAKEN_BACK, citations=(), sentences=(), explanation=None, validated=None)
            self.update(
                answer=answer,
                text=answer.text,
                sources=(),
                related=(),
                turn=None,
                for_the_team=False,
                linkable=False,
                taken_back=True,
            )

    async def follow(self) -> AsyncIterator[None]:
        """Yield at each change worth showing, until the answer is finished."""
        seen = 0
        while True:
            self.seen = time.monotonic()
            running, revision = self.running, self._revision  # in this order: the last change is never missed
            if revision != seen:
                seen = revision
                yield
            if not running:
                return
            await asyncio.sleep(_FRAME_SECONDS)


class Conversation:
    """The exchanges of one tab, oldest first. `id` is a secret between the tab and the server."""

    def __init__(self) -> None:
        self.id = secrets.token_urlsafe(18)
        self.public_id = secrets.token_hex(8)  # what the journal keeps: opens nothing
        self.entries: deque[ChatTurn] = deque(maxlen=LENGTH)
        self.used = time.monotonic()
        self._lock = threading.Lock()
        self._count = 0

    @property
    def running(self) -> ChatTurn | None:
        """The answer being written, if any: there is one at a time."""
        return self.entries[-1] if self.entries and self.entries[-1].running else None

    @property
    def turns(self) -> list[Turn]:
        """What the next question may refer to."""
        return [entry.turn for entry in self.entries if entry.turn][-_TURNS:]

    def begin(self, question: str, style: WritingStyle = WritingStyle(), stoppable: bool = False) -> ChatTurn | None:
        """A new entry, or None while another answer is being written (double click, second tab)."""
        with self._lock:
            if self.running:
                return None
            self._count += 1
            entry = ChatTurn(self._count, f"{self.public_id}-{self._count}", question, style=style, stoppable=stoppable)
            self.entries.append(entry)
            return entry

    def entry(self, key: str) -> ChatTurn | None:
        """The turn of a key; None when the conversation has no such turn."""
        return next((entry for entry in list(self.entries) if entry.key == key), None)


class Conversations:
    """Opens conversations, forgets the idle ones, and has questions answered by worker threads."""

    def __init__(self, base: PublishedBase, journal: Journal, concurrency: int, writer: AnswerWriter | None = None) -> None:
        self._base, self._journal, self._writer = base, journal, writer
        self._open: OrderedDict[str, Conversation] = OrderedDict()
        self._lock = threading.Lock()
        self._workers = TurnTaking(concurrency, "answer")

    def get(self, conversation_id: str | None) -> Conversation | None:
        """The conversation of this id, if it is still in memory, less what quotes documents that have left the base."""
        with self._lock:
            self._forget()
            conversation = self._open.get(conversation_id or "")
            if conversation:
                conversation.used = time.monotonic()
                self._open.move_to_end(conversation.id)
                for entry in list(conversation.entries):
                    self._check(entry)
            return conversation

    @property
    def writes(self) -> bool:
        """Whether a language model writes the answers: the asker may then choose how, and stop it."""
        return self._writer is not None

    def ask(
        self, conversation: Conversation, question: str, style: WritingStyle = WritingStyle(), client: str = ""
    ) -> ChatTurn | None:
        """Have a question answered, when the turn of this client comes; None while another answer is being written.

        A conversation is kept from its first question on: pages opened for nothing push nobody out.
        """
        with self._lock:
            self._open[conversation.id] = conversation
            self._forget()
        turns = conversation.turns
        entry = conversation.begin(question, style, self.writes)
        if entry:
            self._workers.submit(client, partial(self._answer, conversation.public_id, entry, turns, self._base.edition))
        return entry

    def close(self) -> None:
        """Let the answers being written finish; a model is not waited for."""
        for conversation in list(self._open.values()):
            if running := conversation.running:
                running.stopping.set()
        self._workers.close()

    def _answer(self, public_id: str, entry: ChatTurn, turns: Sequence[Turn], edition: Edition) -> None:
        """Write an answer, then keep it: shown first, so that a slow journal costs the asker nothing."""
        started = time.perf_counter()
        try:
            self._write(entry, turns, edition)
        except Exception:  # everything: nobody is above this thread, and the page would show « Recherche… » for ever
            log.exception("A question could not be answered.")
            entry.update(stage=AnswerStage.FAILED)
        elapsed = round((time.perf_counter() - started) * 1000)
        if entry.answer and not entry.taken_back:
            # After the answer is shown: a slow journal costs the asker nothing.
            entry.journal_id = self._journal.record(entry.answer, public_id, elapsed)
        entry.kept.set()

    def _write(self, entry: ChatTurn, turns: Sequence[Turn], edition: Edition) -> None:
        for event in writing.stream(self._writer, edition.assistant, entry.question, turns, entry.style, entry.is_unwanted):
            if isinstance(event, QuestionUnderstood):
                entry.update(understood=event.standalone_question)
            elif isinstance(event, HitsFound):
                entry.update(considered=len(event.hits))
            elif isinstance(event, TextDelta):
                entry.update(stage=AnswerStage.WRITING, text=entry.text + event.text)
            elif isinstance(event, Finished):
                self._finish(entry, event.answer, edition)

    def _finish(self, entry: ChatTurn, answer: Answer, edition: Edition) -> None:
        cited = {citation.passage.headings[-1] for citation in answer.citations if citation.passage.headings}
        main = answer.citations[0].passage.document if answer.citations else ""
        entry.update(
            answer=answer,
            text=answer.text,
            turn=edition.assistant.turn(answer),
            sources=sources_of(answer, edition.assistant.retriever.documents),
            related=edition.related(main, cited | {answer.question, answer.standalone_question}),
            for_the_team=self._journal.keeps and is_for_the_team(answer),
            linkable=self._journal.keeps and bool(answer.citations),
            stage=AnswerStage.DONE,
        )
        self._check(entry)  # a version may have been published while this answer was being written

    def _check(self, entry: ChatTurn) -> None:
        """Take back an answer that quotes a document which the base no longer has."""
        if not entry.running and not entry.taken_back and not entry.cites_only(self._base.edition.assistant.retriever.documents):
            entry.take_back()

    def _forget(self) -> None:
        """Drop the conversations that are idle, or too many; they stand in the order of their last use."""
        limit = time.monotonic() - IDLE_SECONDS
        for conversation in list(self._open.values()):
            if len(self._open) <= KEPT and conversation.used >= limit:
                return  # the rest was used more recently
            if not conversation.running:
                del self._open[conversation.id]
