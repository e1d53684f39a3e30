"""A language model behind any server that speaks as OpenAI's: messages → pieces of its answer, as they come.

The only module that knows the client, which it imports when a model is opened. Retries what may be retried, before the first
word; bounds the wait for that word and for the whole; closes the stream as soon as whoever reads it stops. The key is in no
message, error or representation. Knows no prompt, and judges nothing of what it hands on.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from assistant.generation.faults import ModelFailure, ModelFault
from assistant.settings import Settings

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

RETRIES = 2  # of a request that may succeed when it is sent again: the client waits half a second, then twice as long
_LOOK_SECONDS = 0.05  # how often a reader that waits for a word looks whether it must stop
_CLOSE_SECONDS = 5.0  # that its loop may take to end
_CHARACTERS = 12  # of a token at most: a server that goes beyond what it was allowed is cut there

Stopped = Callable[[], bool]


def never() -> bool:
    """Whoever reads never stops before the end."""
    return False


@dataclass(frozen=True)
class ModelMessage:
    """A message to a model."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True)
class ModelServer:
    """Where a model is, and what it is allowed."""

    url: str  # of the API: « https://exemple.fr/v1 »
    name: str  # as its server knows it
    key: str = field(default="", repr=False)
    first_token_seconds: float = 10.0  # retries included
    seconds: float = 60.0  # for the whole answer
    tokens: int = 800  # of an answer

    @classmethod
    def of(cls, settings: Settings) -> ModelServer:
        """The one that the settings name."""
        return cls(
            settings.model_url,
            settings.model_name,
            settings.model_key,
            settings.model_first_token_seconds,
            settings.model_seconds,
            settings.model_tokens,
        )


class ChatModel:
    """A model on its server. Safe to share between threads: a loop of its own reads every stream."""

    def __init__(self, server: ModelServer) -> None:
        import httpx2
        import openai  # most of a second: only who has a model pays

        self.server = server
        self._openai = openai
        # Whatever the network, the client or what a server sends may raise, besides what ends a task.
        self._errors = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, OSError, ValueError, TypeError, AttributeError)
        # The client wants a key; a server that asks for none takes any.
        self._client = openai.AsyncOpenAI(
            base_url=server.url, api_key=server.key or "aucune", max_retries=RETRIES, timeout=server.seconds
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"ChatModel({self.server!r})"

    def stream(self, messages: Sequence[ModelMessage], stopped: Stopped = never, tokens: int = 0) -> Iterator[str]:
        """The pieces of an answer, as they come; none is empty. The request is sent at once.

        Args:
            stopped: asked all along whether whoever reads wants no more.
            tokens: of this answer at most, fewer than the server's; 0 for as many.

        Raises:
            ModelFailure: before the first piece or after any.
        """
        heard: queue.SimpleQueue[str | ModelFailure | None] = queue.SimpleQueue()
        reading = asyncio.run_coroutine_threadsafe(self._read(messages, tokens or self.server.tokens, heard), self._loop)
        return self._pieces(heard, reading, stopped)

    def _pieces(
        self, heard: queue.SimpleQueue[str | ModelFailure | None], reading: Future[None], stopped: Stopped
    ) -> Iterator[str]:
        try:
            while True:
                try:
                    piece = heard.get(timeout=_LOOK_SECONDS)
                except queue.Empty:
                    piece = ModelFailure(ModelFault.BROKEN) if reading.done() and heard.empty() else ""
                if stopped():
                    raise ModelFailure(ModelFault.STOPPED)
                if piece is None:
                    return
                if isinstance(piece, ModelFailure):
                    raise piece
                if piece:
                    yield piece
        finally:
            reading.cancel()  # closes the connection, when it is still open

    def names(self) -> list[str]:
        """The models that the server says it has.

        Raises:
            ModelFailure: it does not say.
        """
        return asyncio.run_coroutine_threadsafe(self._names(), self._loop).result()

    def close(self) -> None:
        """Close the connections and end the thread."""
        if self._loop.is_running():
            with suppress(TimeoutError):  # a machine that is too busy to say goodbye in time still ends
                asyncio.run_coroutine_threadsafe(self._closed(), self._loop).result(timeout=_CLOSE_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_CLOSE_SECONDS)
            if not self._thread.is_alive():
                self._loop.close()

    # -- in the loop -----------------------------------------------------------------------------

    async def _read(self, messages: Sequence[ModelMessage], tokens: int, heard: queue.SimpleQueue[Any]) -> None:
        """Put each piece in `heard`, then None, or what went wrong."""
        waiting = ModelFault.SLOW_START
        try:
            async with asyncio.timeout(self.server.seconds):
                async with asyncio.timeout(self.server.first_token_seconds) as first:
                    created = await self._client.chat.completions.create(
                        model=self.server.name,
                        messages=[_sent(message) for message in messages],
                        max_tokens=tokens,
                        temperature=0.0,
                        stream=True,
                    )
                    async with created as chunks:
                        length, ended = 0, False
                        async for chunk in chunks:
                            piece, alive, last = _content(chunk)
                            if alive and waiting is ModelFault.SLOW_START:
                                first.reschedule(None)
                                waiting = ModelFault.SLOW
                            ended, length = ended or last, length + len(piece)
                            if piece:
                                heard.put(piece)
                            if length > _CHARACTERS * tokens:
                                raise ModelFailure(ModelFault.ENDLESS)
                if not ended:
                    raise ModelFailure(ModelFault.CUT if waiting is ModelFault.SLOW else ModelFault.UNREADABLE)
        except TimeoutError:
            heard.put(ModelFailure(waiting))
        except ModelFailure as failure:
            heard.put(failure)
        except self._errors as error:
            heard.put(self._failure(error, started=waiting is ModelFault.SLOW))
        else:
            heard.put(None)

    async def _names(self) -> list[str]:
        try:
            async with asyncio.timeout(self.server.first_token_seconds):
                return [model.id async for model in self._client.models.list()]
        except TimeoutError:
            raise ModelFailure(ModelFault.SLOW_START) from None
        except self._errors as error:
            raise self._failure(error, started=False) from None

    async def _closed(self) -> None:
        running = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._client.close()
        await asyncio.get_running_loop().shutdown_asyncgens()

    def _failure(self, error: Exception, started: bool) -> ModelFailure:
        """An error of the client, of the network or of what was read, as ours; no word of the server but its status is kept.

        Its words may repeat the key: « Incorrect API key provided: sk-… ».
        """
        client = self._openai
        kinds: tuple[tuple[type[Exception], ModelFault], ...] = (
            (client.APITimeoutError, ModelFault.SLOW_START),
            (client.RateLimitError, ModelFault.BUSY),
            (client.InternalServerError, ModelFault.BROKEN),
            (client.APIStatusError, ModelFault.REFUSED),
            (client.APIResponseValidationError, ModelFault.UNREADABLE),
            (client.APIConnectionError, ModelFault.UNREACHABLE),
            (client.APIError, ModelFault.BROKEN),  # told in the middle of a stream
            (ValueError, ModelFault.UNREADABLE),  # JSON among them
            (AttributeError, ModelFault.UNREADABLE),
            (TypeError, ModelFault.UNREADABLE),
        )
        fault = next(
            (fault for kind, fault in kinds if isinstance(error, kind)), ModelFault.CUT if started else ModelFault.BROKEN
        )
        if started and fault is ModelFault.UNREACHABLE:
            fault = ModelFault.CUT
        status = getattr(error, "status_code", "")
        return ModelFailure(fault, f"{type(error).__name__} {status}".strip())


def _sent(message: ModelMessage) -> ChatCompletionMessageParam:
    if message.role == "system":
        return {"role": "system", "content": message.content}
    return {"role": "user", "content": message.content}


def _content(chunk: Any) -> tuple[str, bool, bool]:
    """What a chunk says, whether the model works (it may think before it says), and whether it is the last of an answer."""
    choice = next(iter(chunk.choices or ()), None)
    if choice is None:  # the count of tokens, at the end
        return "", False, False
    delta = choice.delta
    piece = (delta.content if delta else None) or ""
    if not isinstance(piece, str):
        raise ModelFailure(ModelFault.UNREADABLE)
    thinks = bool(getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None))
    return piece, bool(piece) or thinks, choice.finish_reason is not None
