"""python -m assistant models check: what the server of the language model can do, from the machine that would use it.

Prints; knows no rule of its own, and shows no key.
"""

from __future__ import annotations

import argparse
from typing import Any

from assistant.errors import ConfigurationError
from assistant.generation import generation_texts as texts
from assistant.generation import model_check
from assistant.generation.chat_model import ChatModel, ModelServer
from assistant.generation.model_check import ModelCheck
from assistant.generation.support import SupportChecker
from index.embedding import SentenceEncoder


def add_commands(commands: Any) -> None:
    """Add « models » and its action to the subparsers of the command line."""
    actions = commands.add_parser("models", help="modèle de rédaction : check").add_subparsers(metavar="action", required=True)
    check = actions.add_parser("check", help="dire ce que sait faire le serveur du modèle")
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace, settings: Any) -> int:
    if not settings.model_url:
        raise ConfigurationError(texts.CHECK_NO_MODEL)
    model = ChatModel(ModelServer.of(settings))
    try:
        found = model_check.check(
            model, SupportChecker(SentenceEncoder(settings.encoder, settings.query_prompt, settings.passage_prompt))
        )
    finally:
        model.close()
    print(texts.CHECK_OF.format(name=settings.model_name, url=settings.model_url))
    for line in _lines(found, settings.model_name):
        print(f"  {line}")
    return 0 if found.fault is None and found.streams and found.follows else 1


def _lines(found: ModelCheck, name: str) -> list[str]:
    reachable = found.names is not None or found.pieces > 0
    lines = [texts.CHECK_REACHABLE.format(yes=texts.YES_NO[reachable])]
    if found.names is not None:
        lines[0] += texts.CHECK_LISTED[name in found.names].format(names=", ".join(found.names[:10]) or "rien")
    elif reachable:
        lines[0] += texts.CHECK_UNLISTED
    if found.fault is not None:
        detail = f" ({found.detail})" if found.detail else ""
        lines.append(texts.CHECK_FAULT.format(fault=texts.FAULTS[found.fault], detail=detail))
    if found.pieces:
        first = f"{found.first_seconds:.1f}".replace(".", ",")
        lines.append(texts.CHECK_STREAMS.format(yes=texts.YES_NO[found.streams], first=first, pieces=found.pieces))
    if found.streams and found.pace:
        lines.append(texts.CHECK_PACE.format(pace=round(found.pace)))
    if found.sentences:
        counts = {"cited": found.cited, "sentences": found.sentences, "supported": found.supported}
        lines.append(texts.CHECK_FORMAT.format(yes=texts.YES_NO[found.follows], **counts))
        lines.append(texts.CHECK_SUPPORTED.format(**counts))
    return lines
