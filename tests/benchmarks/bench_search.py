"""Search: milliseconds a question beside bm25s alone, build seconds, memory peak. Prints Markdown."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import bm25s

from assistant.curation.golden import load
from index.embedding import SHIPPED, SentenceEncoder
from index.french import analyse
from index.search import Retriever
from tests.measure import build_base, milliseconds, peak_mebibytes, table, timings

DEPTH = 12


def main() -> None:
    questions = [turn for row in load() for turn in row["turns"]]
    with tempfile.TemporaryDirectory() as temporary:
        root, seconds = build_base(Path(temporary) / "index")
        encoder = SentenceEncoder(str(SHIPPED))
        retriever = Retriever.open(root, encoder)
        plain = bm25s.BM25()
        plain.index([analyse(passage.text) for passage in retriever.passages], show_progress=False)

        def lexical(question: str) -> object:
            terms = analyse(question) or ["rien"]
            return plain.retrieve([terms], k=DEPTH, show_progress=False)

        rows = {
            "bm25s": milliseconds(lexical, questions),
            "encoder": milliseconds(lambda question: encoder.encode_queries([question]), questions),
            "search": milliseconds(lambda question: retriever.search(question, DEPTH), questions),
        }
    print(timings(rows, "bm25s"), end="\n\n")
    facts = [
        ("questions", len(questions)),
        ("passages", len(retriever.passages)),
        ("build, seconds", seconds),
        ("memory peak, MiB", peak_mebibytes()),
    ]
    print(table(["base", "value"], facts))


if __name__ == "__main__":
    main()
