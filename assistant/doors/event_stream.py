"""Server-sent events: how they are written, and a text cut in pieces. Knows nothing of what they say."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from starlette.responses import StreamingResponse

_WORD = re.compile(r"\s*\S+\s*")
# Proxies that hold a stream back until it ends are asked not to.
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def event(data: Any, name: str = "") -> bytes:
    """One event; `data` is written as JSON, on one line."""
    named = f"event: {name}\n" if name else ""
    return f"{named}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def pieces(text: str) -> Iterator[str]:
    """The words of a text with the spaces around them; put together again, they are the text."""
    if not text.strip():
        yield text
    yield from _WORD.findall(text)


def streamed(events: AsyncIterator[bytes]) -> StreamingResponse:
    """The answer to a request, as it comes."""
    return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)
