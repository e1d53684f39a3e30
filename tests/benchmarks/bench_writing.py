"""Written answers: from a server's first sentence to the first one shown, as a difference and a ratio. Prints Markdown.

A scripted server writes at a given pace and notes when the last piece of its first sentence left; the answer's first sentence is
what the page is told. What the search took is apart: the server is asked once it is done.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from assistant.answering.answer import Finished, HitsFound, TextDelta
from assistant.answering.service import Assistant
from assistant.curation.golden import load
from assistant.generation.chat_model import ChatModel, ModelServer
from assistant.generation.circuit_breaker import CircuitBreaker
from assistant.generation.writing import AnswerWriter
from assistant.settings import Settings
from tests.measure import build_base, table
from tests.published import copy_published
from tests.scripted_model import KEY, NAME, SCRIPTS, Asked, Connection, first_sentence, scripted

QUESTIONS = 20
SIZE = 12  # characters of a piece
PACES = (50, 0)  # pieces a second; 0: as fast as it goes


def main() -> None:
    """Print a row for each pace."""
    questions = [row["turns"][0] for row in load()]
    with tempfile.TemporaryDirectory() as temporary:
        copy_published(Path(temporary) / "index")  # only what was not indexed yet takes time
        root, _ = build_base(Path(temporary) / "index")
        assistant = Assistant.open(Settings(index=root))
        with scripted() as running:
            model = ChatModel(ModelServer(running.url, NAME, KEY, 30.0, 120.0, 1000))
            writer = AnswerWriter(model, breaker=CircuitBreaker(1_000_000, 1))
            rows = [measured(assistant, writer, running, questions, pace) for pace in PACES]
            model.close()
    heads = ["pieces a second", "answers", "server's first sentence, ms", "difference p50", "p95", "most", "ratio p50"]
    print(table(heads, rows))


def measured(assistant: Assistant, writer: AnswerWriter, running, questions, pace: int) -> tuple[object, ...]:
    """Milliseconds over some answers at one pace."""
    sent: list[float] = []

    def script(asked: Asked, connection: Connection) -> None:
        for number, text in list(asked.passages.items())[:2]:
            said = f"{first_sentence(text)} [{number}]. "
            connection.say(said[:-SIZE], SIZE, 1 / pace if pace else 0.0)
            connection.say(said[-SIZE:], SIZE)
            sent.append(time.perf_counter())
        connection.end()

    SCRIPTS["timed"] = script
    running.script = "timed"
    servers, shown = [], []
    for question in questions:
        sent.clear()
        found, first = 0.0, 0.0
        for event in writer.stream(assistant, question, ()):
            now = time.perf_counter()
            if isinstance(event, HitsFound):
                found = now
            elif isinstance(event, TextDelta) and not first:
                first = now
            elif isinstance(event, Finished) and event.answer.writing and not event.answer.writing.fallback:
                # Only where the first sentence of the model is the first shown.
                if event.answer.writing.replaced + event.answer.writing.withheld == 0:
                    servers.append(1000 * (sent[0] - found))
                    shown.append(1000 * (first - found))
        if len(shown) >= QUESTIONS:
            break
    server, page = np.array(servers), np.array(shown)
    late = page - server
    p50, p95 = np.percentile(late, [50, 95])
    ratio = float(np.median(page / server))
    return (
        pace or "unbounded",
        len(page),
        round(float(np.median(server))),
        round(p50),
        round(p95),
        round(late.max()),
        f"{ratio:.2f}",
    )


if __name__ == "__main__":
    main()
