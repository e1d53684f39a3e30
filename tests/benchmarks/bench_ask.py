"""Answers: milliseconds a turn beside the search it holds, seconds to open, memory peak. Prints Markdown."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.answering.service import Assistant
from assistant.curation.golden import load
from assistant.settings import Settings
from tests.measure import build_base, milliseconds, peak_mebibytes, table, timings


def main() -> None:
    conversations = [row["turns"] for row in load()]
    with tempfile.TemporaryDirectory() as temporary:
        root, seconds = build_base(Path(temporary) / "index")
        started = time.perf_counter()
        assistant = Assistant.open(Settings(index=root))
        opened = time.perf_counter() - started

        def turns(questions: list[str]) -> list[tuple[str, list[Any]]]:
            """Each question with the turns before it."""
            before: list[Any] = []
            asked = []
            for question in questions:
                asked.append((question, list(before)))
                before.append(assistant.turn(assistant.ask(question, before)))
            return asked

        asked = [row for questions in conversations for row in turns(questions)]
        rows = {
            "search": milliseconds(lambda row: assistant.retriever.search(row[0], 12), asked),
            "ask": milliseconds(lambda row: assistant.ask(*row), asked),
            "ask, first turns": milliseconds(lambda row: assistant.ask(*row), [row for row in asked if not row[1]]),
            "ask, follow-ups": milliseconds(lambda row: assistant.ask(*row), [row for row in asked if row[1]]),
        }
    print(timings(rows, "search"), end="\n\n")
    facts = [
        ("turns", len(asked)),
        ("build, seconds", seconds),
        ("open, seconds", opened),
        ("memory peak, MiB", peak_mebibytes()),
    ]
    print(table(["base", "value"], facts))


if __name__ == "__main__":
    main()
