"""A question that comes through a door → its answer, kept in the journal like one of the page.

Nothing is kept between calls: the questions before it are asked again, in order. Words leave once the whole answer is there and
every document it cites is in the published base; when one has just left, the question is asked again on the version that
follows. An answer goes on when whoever asked has left: its thread ends by itself, and nobody waits for it; only a language model
that writes it is stopped. Knows no format.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from assistant.answering.answer import Answer, Event, Finished, HitsFound, QuestionUnderstood
from assistant.answering.readings import Turn
from assistant.answering.service import Assistant
from assistant.doors import door_texts as texts
from assistant.doors.admission import Caller, DoorRefused
from assistant.generation import writing
from assistant.generation.chat_model import Stopped, never
from assistant.generation.writing import AnswerWriter
from assistant.records.journal import Journal
from assistant.throttling import duration
from assistant.turn_taking import TurnTaking

log = logging.getLogger(__name__)

TURNS = 12  # questions before, that a follow-up may refer to; as on the page
WAITING = 50  # questions that may wait for a thread; beyond, whoever asks is told to come back
_BACK_IN = 5  # seconds
_VERSIONS = 3  # how many times a version may be published while one question is answered

Progressed = Callable[[Event], None]


@dataclass(frozen=True)
class Reply:
    """An answer and the version of the base that gave it."""

    answer: Answer
    index_version: str

    def as_dict(self) -> dict[str, Any]:
        """One answer of `ask --jsonl`, and the version."""
        return {**self.answer.as_dict(), "index_version": self.index_version}

    def as_text(self) -> str:
        """The answer and its numbered sources, in Markdown, for whatever shows nothing but text."""
        if not self.answer.citations:
            return self.answer.text
        return "\n\n".join((self.answer.text, texts.SOURCES, "\n".join(f"- {one}" for one in self.sources())))

    def sources(self) -> list[str]:
        """A line for each citation: « [1] Guide des halles, p. 3 › Quel soutien ? — https://exemple.fr/halles »."""
        lines = []
        for citation in self.answer.citations:
            passage, page = citation.passage, texts.PAGE.format(page=citation.page) if citation.page else ""
            place = f" › {passage.section}" if passage.section else ""
            lines.append(f"[{citation.marker}] {passage.title}{page}{place}" + (f" — {citation.url}" if citation.url else ""))
        return lines


class Asking:
    """Answers questions by threads of its own, which programs take in turn: those that ask much never take the page's."""

    def __init__(
        self,
        current: Callable[[], Assistant],
        journal: Journal,
        question_limit: int,
        threads: int,
        writer: AnswerWriter | None = None,
    ) -> None:
        self.current = current  # the assistant on the published version
        self._writer = writer
        self._journal, self._question_limit = journal, question_limit
        self._workers = TurnTaking(threads, "door")
        self._places = threading.BoundedSemaphore(threads + WAITING)

    def check(self, question: str, turns: Sequence[str]) -> None:
        """What `ask` would refuse.

        Raises:
            DoorRefused: 422; an empty question, one too long, too many before it.
        """
        limit = self._question_limit
        if not question.strip():
            raise DoorRefused(texts.EMPTY, 422)
        if len(question) > limit:
            raise DoorRefused(texts.TOO_LONG.format(length=len(question), limit=limit), 422)
        if len(turns) > TURNS:
            raise DoorRefused(texts.TOO_MANY_TURNS.format(limit=TURNS, count=len(turns)), 422)
        if not all(turn.strip() and len(turn) <= limit for turn in turns):
            raise DoorRefused(texts.EARLIER.format(limit=limit), 422)

    def answer(
        self,
        question: str,
        turns: Sequence[str],
        origin: str,
        progressed: Progressed = lambda event: None,
        stopped: Stopped = never,
    ) -> Reply:
        """The answer, in this thread; `turns` are the questions before it, `progressed` hears what is found meanwhile.

        Args:
            stopped: whether whoever asked has left.
        """
        started = time.perf_counter()
        for _ in range(_VERSIONS):
            assistant = self.current()
            before: list[Turn] = []
            for earlier in turns:  # in the words of their passages: what follows refers to their subject only
                before.append(assistant.turn(assistant.ask(earlier, before)))
            answer = _answered(writing.stream(self._writer, assistant, question, before, stopped=stopped), progressed)
            published = self.current().retriever.documents
            if all(citation.passage.document in published for citation in answer.citations):
                elapsed = round((time.perf_counter() - started) * 1000)
                self._journal.record(answer, secrets.token_hex(8), elapsed, origin)
                return Reply(answer, assistant.retriever.version)
        raise DoorRefused(texts.BUSY.format(wait=duration(_BACK_IN)), 503, _BACK_IN)

    async def ask(self, question: str, turns: Sequence[str], origin: str, caller: Caller = Caller()) -> Reply:
        """The answer, by a thread of the doors.

        Raises:
            DoorRefused: as `check`; 503 when too many wait, 500 when no answer could be made.
        """
        async for told in self.follow(question, turns, origin, caller):
            if isinstance(told, Reply):
                return told
        raise AssertionError("follow always ends with a Reply")

    async def follow(
        self, question: str, turns: Sequence[str], origin: str, caller: Caller = Caller()
    ) -> AsyncIterator[QuestionUnderstood | HitsFound | Reply]:
        """What is understood and found as it comes, then the answer; raises as `ask`."""
        self.check(question, turns)
        if not self._places.acquire(blocking=False):
            raise DoorRefused(texts.BUSY.format(wait=duration(_BACK_IN)), 503, _BACK_IN)
        loop, heard = asyncio.get_running_loop(), asyncio.Queue[QuestionUnderstood | HitsFound | Reply | DoorRefused]()

        def tell(told: QuestionUnderstood | HitsFound | Reply | DoorRefused) -> None:
            with suppress(RuntimeError):  # the server has stopped: nobody listens
                loop.call_soon_threadsafe(heard.put_nowait, told)

        def progressed(event: Event) -> None:
            if isinstance(event, QuestionUnderstood | HitsFound):
                tell(event)

        def work() -> None:
            try:
                tell(self.answer(question, turns, origin, progressed, left.is_set))
            except DoorRefused as refused:
                tell(refused)
            except Exception:  # everything: nobody is above this thread, and whoever asks would wait for ever
                log.exception("A question could not be answered.")
                tell(DoorRefused(texts.FAILED, 500))
            finally:
                self._places.release()

        left = threading.Event()
        self._workers.submit(" ".join(caller.counted_as), work)
        try:
            while True:
                told = await heard.get()
                if isinstance(told, DoorRefused):
                    raise told
                yield told
                if isinstance(told, Reply):
                    return
        finally:
            left.set()

    def close(self) -> None:
        """Let the answers being made finish; those that wait are given up."""
        self._workers.close()


def _answered(events: Iterable[Event], progressed: Progressed) -> Answer:
    for event in events:
        if isinstance(event, Finished):
            return event.answer
        progressed(event)
    raise AssertionError("stream always ends with Finished")
