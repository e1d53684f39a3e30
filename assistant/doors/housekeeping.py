"""What chat software asks a model for itself, and how it wraps what people ask: a title, tags, a document put in front.

As Open WebUI does: the last message opens with « ### Task: », quotes the conversation between <chat_history> and </chat_history>,
and says which key of JSON it wants. Such a message is no question of anybody: it is answered here, and not kept.
"""

from __future__ import annotations

import json
import re

from assistant.doors import door_texts as texts

_TASK = "### Task:"
_HISTORY = re.compile(r"<chat_history>\s*(.*?)\s*</chat_history>", re.DOTALL)
_WANTED = re.compile(r'JSON format:\s*\{\s*"(\w+)"')
_FIRST_QUESTION = re.compile(r"^USER:\s*(.+?)\s*(?=^(?:USER|ASSISTANT|SYSTEM):|\Z)", re.MULTILINE | re.DOTALL)
_TITLE = 60  # characters
_CONTEXT_ENDS = "</context>"
_QUERY_TAGS = re.compile(r"</?user_query>")


def answer_to_task(message: str) -> str | None:
    """The JSON that such a message wants; None for a question.

    A title is the first question, shortened; the rest is left empty: « {"tags": []} ».
    """
    history, wanted = _HISTORY.search(message), _WANTED.search(message)
    if not message.lstrip().startswith(_TASK) or history is None or wanted is None:
        return None
    key = wanted[1]
    given: str | list[str] = _title(history[1]) if key == "title" else "" if key in ("text", "prompt") else []
    return json.dumps({key: given}, ensure_ascii=False)


def question_of(message: str) -> str:
    """What the person typed, less the documents that the software put in front of it: this assistant has its own."""
    if message.lstrip().startswith(_TASK) and _CONTEXT_ENDS in message:
        return _QUERY_TAGS.sub("", message.rpartition(_CONTEXT_ENDS)[2]).strip()
    return message


def _title(history: str) -> str:
    asked = _FIRST_QUESTION.search(history)
    words = " ".join((asked[1] if asked else "").split())
    if len(words) > _TITLE:
        words = words[:_TITLE].rsplit(" ", 1)[0] + "…"
    return words or texts.UNTITLED
