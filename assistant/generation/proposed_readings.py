"""A question that follows others → the same question readable alone, as a model would say it: one more candidate reading.

Nothing is decided here: it is searched beside the others, and the stages of answering take one. A proposal may only use what the
conversation said: no figure, no name and hardly a word of its own. Asked within a few seconds, or not at all. Remembers the last
ones, since programs ask a whole conversation again at each turn.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

from assistant.answering import screening
from assistant.answering.readings import Turn
from assistant.generation.chat_model import ChatModel
from assistant.generation.circuit_breaker import CircuitBreaker
from assistant.generation.faults import ModelFailure, ModelFault
from assistant.generation.prompts import prompts
from assistant.privacy.masking import Masker
from index.figures import values
from index.french import STOP_WORDS, analyse, words

SECONDS = 3.0  # that an asker waits for a proposal at most
TURNS = 4  # questions before, that the model reads
_TOKENS = 80
_LONGEST = 200  # characters of a question
_SAID = 0.8  # share of the words of a proposal that the conversation must hold, 0..1
_KEPT = 500
_NAME = re.compile(r"(?<!^)\b[A-ZÀ-ÝŒ][\w’'-]+")


class ProposedReadings:
    """Asks one model for readings. Safe to share between threads."""

    def __init__(self, model: ChatModel, breaker: CircuitBreaker, seconds: float = SECONDS, masker: Masker = Masker()) -> None:
        self._model, self._breaker, self._seconds, self._masker = model, breaker, seconds, masker
        self._kept: OrderedDict[tuple[str, ...], str] = OrderedDict()
        self._lock = threading.Lock()

    def propose(self, question: str, turns: Sequence[Turn]) -> str:
        """The question as it reads alone; empty when the model gives none that may be trusted."""
        earlier = [turn.reading.text for turn in turns if turn.searched][-TURNS:]
        key = (question, *earlier)
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        if not self._breaker.allows():
            return ""
        try:
            written = self._written(question, earlier)
        except ModelFailure as failure:
            if failure.fault is not ModelFault.STOPPED:
                self._breaker.failed()
            return ""
        self._breaker.succeeded()
        said = " ".join([question, *earlier, *(turn.subject for turn in turns)])
        proposal = written if _is_of(written, said) else ""
        with self._lock:
            self._kept[key] = proposal
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return proposal

    def _written(self, question: str, earlier: Sequence[str]) -> str:
        mask = self._masker.mask
        given = {"question": mask(question), "precedentes": "\n".join(f"- {mask(one)}" for one in earlier)}
        until = time.monotonic() + self._seconds
        pieces = self._model.stream(prompts()["relance"].messages(given), lambda: time.monotonic() > until, _TOKENS)
        return "".join(pieces).strip().strip("«»\"' ")


def _is_of(proposal: str, said: str) -> bool:
    """Whether a proposal is one short question made of what was said."""
    if not proposal or "\n" in proposal or len(proposal) > _LONGEST or screening.refusal(proposal):
        return False
    known, own = set(words(said)) | STOP_WORDS, set(analyse(proposal))
    if not values(proposal) <= values(said) or any(not set(words(name)) <= known for name in _NAME.findall(proposal)):
        return False
    return bool(own) and len(own & set(analyse(said))) >= _SAID * len(own)
