"""What a model's server can do, tried with a made-up question: reachable, streams, follows the format, how fast.

Knows no base: its two passages are made up, and stand in `generation_texts`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from assistant.generation import generation_texts as texts
from assistant.generation.chat_model import ChatModel
from assistant.generation.faults import ModelFailure, ModelFault
from assistant.generation.prompts import prompts
from assistant.generation.sentence_stream import SentenceStream, WrittenSentence
from assistant.generation.support import CitedPassage, SupportChecker
from assistant.generation.writing import WritingStyle, listed

_STREAMED = 3  # pieces from which a server does not hold the whole back


@dataclass(frozen=True)
class ModelCheck:
    """What was seen of a server."""

    names: tuple[str, ...] | None  # the models it lists; None when it lists none
    fault: ModelFault | None  # what went wrong while it wrote
    detail: str = ""
    first_seconds: float = 0.0  # to its first piece
    seconds: float = 0.0  # to its last
    pieces: int = 0
    sentences: int = 0
    cited: int = 0  # … that name a passage that exists
    supported: int = 0  # … that may be shown

    @property
    def streams(self) -> bool:
        """Whether it hands on what it writes as it writes it."""
        return self.pieces >= _STREAMED

    @property
    def follows(self) -> bool:
        """Whether most of its sentences name their passages."""
        return 0 < self.sentences <= 2 * self.cited

    @property
    def pace(self) -> float:
        """Pieces a second after the first one: tokens, for most servers; 0 when it cannot be told."""
        spent = self.seconds - self.first_seconds
        return (self.pieces - 1) / spent if self.pieces > 1 and spent > 0 else 0.0


def check(model: ChatModel, checker: SupportChecker) -> ModelCheck:
    """Try a server; takes as long as it takes to write a few sentences, which the checker then reads."""
    try:
        names: tuple[str, ...] | None = tuple(model.names())
    except ModelFailure:
        names = None  # many servers write and list nothing
    passages = [CitedPassage(number, *made_up, None) for number, made_up in enumerate(texts.TRIAL_PASSAGES, 1)]
    given = {"question": texts.TRIAL_QUESTION, "passages": "\n\n".join(map(listed, passages))}
    messages = prompts()["reponse"].messages(given, WritingStyle().choices)
    stream, found, moments = SentenceStream(), list[WrittenSentence](), list[float]()
    started, failure = time.perf_counter(), None
    try:
        for piece in model.stream(messages):
            moments.append(time.perf_counter() - started)
            found += stream.feed(piece)
        found += stream.close()
    except ModelFailure as failed:
        failure = failed
    numbers = {passage.number for passage in passages}
    return ModelCheck(
        names,
        failure.fault if failure else None if found else ModelFault.EMPTY,
        failure.detail if failure else "",
        moments[0] if moments else 0.0,
        moments[-1] if moments else 0.0,
        len(moments),
        len(found),
        sum(bool(one.markers) and set(one.markers) <= numbers for one in found),
        sum(checker.check(one.marked, passages).supported for one in found),
    )
