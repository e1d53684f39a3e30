"""What each bound of answering is worth: judged turns asked again with the bound stricter, laxer, and off.

    python tests/benchmarks/bench_bounds.py [--only NAME]… [--off] [--every N] [--index DIR] [--json]

One row a value, first those without each bound: how many turns get another answer, how many are right on each set and which way
they changed, how many are refused, how many are told as sure. Sets: conversations of `tests/golden` on the base (`counted` is
only ever counted), every Nth golden question, and questions on the documents of a town. A search is made once for all rows that
make the same one, and a conversation is asked again only when its answers read the bound. Prints Markdown; rows as JSON on
stderr as they are known.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.answering.answer import Answer
from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.judge import LEVELS, Judge
from assistant.answering.service import Assistant
from assistant.curation.golden import REFUSING, grade, load
from assistant.settings import Settings
from index.arrays import Vectors
from index.builder import build
from index.comprehension import AnswerPrediction
from index.document import Hit, Passage
from index.embedding import Encoder, EncoderIdentity, Parts, SentenceEncoder
from index.ranking import WeightedTerms
from index.search import EncodedQuery, Query, Retriever
from index.tokens import PassageTokens, QuestionTokens
from index.versions import Versions
from tests.judged import GOLDEN, graded_turns, judged_records
from tests.measure import PROJECT, build_base, table

NEVER = 10**9  # no probability, share or count reaches it
WAYS = ("off", "stricter", "laxer")  # as the values of a trial stand
Trial = tuple[float | None, float | None, float | None]

# Bound → (off, stricter, laxer); « off » is the value with which the rule, or the exception, is not there.
TRIALS: dict[str, Trial] = {
    "courtesy": (NEVER, 0.7, 0.3),
    "sure_courtesy": (NEVER, 0.97, 0.7),
    "long_sentence": (NEVER, 20, 45),
    "clause_asks": (0, 6, 2),
    "side_asks": (0, 3, 1),
    "bare_question": (0, 3, 1),
    "unbroken_line": (NEVER, 20, 10),
    "foreign_words": (NEVER, 3, 1),
    "in_thousands": (0, 300, 3000),
    "as_sure": (0, 0.03, 0.3),
    "most_years": (NEVER, 6, 30),
    "most_posts": (NEVER, 15, 99),
    "shortest_typo": (NEVER, 6, 4),
    "everyday": (NEVER, 60_000, 15_000),
    "everyday_slope": (0, 0.5, 0.1),
    "used_here": (NEVER, 25, 6),
    "background_weight": (3, 0.1, 0.6),
    "unknown_weight": (1, 0.5, None),
    "elliptical": (0, 3, 6),
    "subjects": (1, 2, 5),
    "few": (0, 2, 5),
    "tells": (0, 1, 3),
    "unheard_alone": (NEVER, 0.3, 0.8),
    "lexicon_weight": (1, 0.4, None),
    "context_weight": (1, 0.2, 0.7),
    "context_share": (1, 0.25, 0.75),
    "same_document": (0, 1.5, 6),
    "lacking_among": (0, 4, 12),
    "lacking_within": (NEVER, 1, 4),
    "own": (0, 0.2, 0.6),
    "around": (None, 3, 8),
    "foreign": (NEVER, 0.5, 0.9),
    "spoken_of": (NEVER, 0.97, 0.7),
    "likely": (0, 0.8, 0.4),
    "social": (NEVER, 0.5, 0.8),
    "surely_social": (NEVER, 0.8, 0.97),
    "never_not_found": (NEVER, 0.6, 0.9),
    "never_partial": (NEVER, 0.8, 0.97),
    "never_answered": (NEVER, 0.9, 0.99),
    "other_matter": (NEVER, 0.6, 0.85),
    "other_found": (0, 0.8, 0.4),
    "private": (NEVER, 0.3, 0.8),
    "sums_among": (1, None, 6),
    "envelope": (NEVER, 10, 1000),
    "main_words": (NEVER, 60, 110),
    "raw_words": (NEVER, 110, 220),
    "list_words": (0, 100, 200),
    "total_words": (NEVER, 90, 150),
    "lead_words": (NEVER, 30, 70),
    "complements": (0, 1, 3),
    "same_question": (NEVER, 0.8, 0.97),
    "close": (NEVER, 0.9, 0.6),
    "as_near": (NEVER, 0.97, 0.8),
    "gain": (0, 0.2, 0.05),
    "much_the_same": (0, 0.65, 0.3),
    "related": (0, 0.6, 0.3),
    "same_words": (1, 0.5, 0.9),
    "nearest": (1, 2, 4),
    "nearest_words": (NEVER, 25, 50),
    "nearest_raw": (NEVER, 45, 100),
    "nearest_total": (NEVER, 110, 180),
    "raw_total": (NEVER, 200, 320),
    "word_weight": (0, 0.2, 0.8),
    "figure_weight": (0, 0.05, 0.25),
    "begins_weight": (0, 0.1, 0.4),
    "same_claim": (NEVER, 0.85, 0.55),
    "likely_there": (NEVER, 0.8, 0.4),
    "pointed": (0, 0.1, 0.005),
    "pointed_to": (0, 1, 5),
    "long_heading": (NEVER, 60, 120),
    "weak_overlap": (0, 0.7, 0.3),
    "repeated": (NEVER, 0.6, 0.95),
    # The levels of the judge stand with its learned weights.
    "answered": (0, 0.9, 0.7),
    "partial": (0, 0.2, 0.03),
    "answered_raw": (NEVER, 0.9, 0.5),
    "partial_raw": (0, 0.05, None),
}


class RememberingEncoder:
    """An encoder that reads each question once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, Vectors] = {}
        self._tokens: dict[str, EncodedQuery] = {}

    @property
    def identity(self) -> EncoderIdentity:
        return self._encoder.identity

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        if new := [text for text in dict.fromkeys(texts) if text not in self._vectors]:
            self._vectors |= zip(new, self._encoder.encode_queries(new), strict=True)
        return np.stack([self._vectors[text] for text in texts])

    def encode_query_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[QuestionTokens]]:
        if new := [text for text in dict.fromkeys(texts) if text not in self._tokens]:
            self._tokens |= zip(new, map(EncodedQuery, *self._encoder.encode_query_tokens(new)), strict=True)
        found = [self._tokens[text] for text in texts]
        return np.stack([one.vector for one in found]), [one.tokens for one in found]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_passages(texts)

    def encode_parts(self, texts: Sequence[str], parts: Sequence[Sequence[tuple[int, int]]]) -> Parts:
        return self._encoder.encode_parts(texts, parts)

    def predict_answers(self, question: QuestionTokens, passages: Sequence[PassageTokens]) -> list[AnswerPrediction]:
        return self._encoder.predict_answers(question, passages)


class RememberingRetriever(Retriever):
    """A retriever that makes the searches of what is in use once: most bounds change what is done of the hits, not the hits."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        super().__init__(folder, encoder)
        self._found: dict[tuple[str, int, bytes], list[Hit]] = {}
        self._weighed: dict[str, WeightedTerms] = {}
        self._begins: dict[tuple[str, bytes], Vectors] = {}
        self.learns = True  # until what is in use was asked: trials would fill the memory

    def search(self, query: Query | str, k: int = 10, encoded: EncodedQuery | None = None) -> list[Hit]:
        key = (repr(query), k, encoded.vector.tobytes() if encoded else b"")
        hits = self._found.get(key) or super().search(query, k, encoded)
        if self.learns:
            self._found[key] = hits
        return hits

    def weigh(self, query: Query) -> WeightedTerms:
        key = repr(query)
        if key not in self._weighed:
            self._weighed[key] = super().weigh(query)
        return self._weighed[key]

    def start_shares(self, passage: Passage, question: QuestionTokens) -> Vectors:
        key = (passage.id, question.ids.tobytes() + question.interaction.tobytes())
        if key not in self._begins:
            self._begins[key] = super().start_shares(passage, question)
        return self._begins[key]


class WatchedBounds(Bounds):
    """The bounds in use, which remember those that were read: what reads none of another value answers the same."""

    def __getattribute__(self, name: str) -> Any:
        if name in TRIALS:
            object.__getattribute__(self, "read").add(name)
        return object.__getattribute__(self, name)

    def __init__(self) -> None:
        object.__setattr__(self, "read", set())
        super().__init__()


class Outcome(NamedTuple):
    """One graded turn."""

    shown: str  # status and text
    right: bool
    is_refused: bool
    is_sure: bool


class Conversation(NamedTuple):
    """The graded turns of one conversation, and the bounds that its answers read."""

    outcomes: list[Outcome]
    read: frozenset[str]


@dataclass(frozen=True)
class JudgedSet:
    """Conversations with what their answers must say, and the index they are asked of."""

    name: str
    retriever: RememberingRetriever
    records: Sequence[Mapping[str, Any]]

    def ask(self, number: int, assistant: Assistant) -> list[Outcome]:
        """The graded turns of one conversation."""
        record = self.records[number]
        graded = ((row.answer, row.passed) for row in grade(assistant, [record]))
        turns = graded if "expect" in record else graded_turns(assistant, [record])
        return [_outcome(answer, right) for answer, right in turns]


class Row(NamedTuple):
    """What one value of one bound does."""

    bound: str
    in_use: float
    value: float
    way: str  # off, stricter, laxer
    changed: int  # turns whose answer is another
    right: dict[str, tuple[int, int, int]]  # of each set: right, gained, lost
    refused: int
    sure: int


def main() -> None:
    arguments = parser().parse_args()
    names = arguments.only or list(TRIALS)
    if unknown := set(names) - set(TRIALS):
        sys.exit(f"no such bound: {', '.join(sorted(unknown))}")
    judge = Judge.load(SentenceEncoder().identity.sha256)
    with tempfile.TemporaryDirectory() as temporary:
        sets = judged_sets(Path(temporary), arguments.index, arguments.every)
        before = {one.name: asked_as_in_use(one, judge) for one in sets}
        for one in sets:
            one.retriever.learns = False
        rows = []
        for row in sweep(names, WAYS[:1] if arguments.off else WAYS, sets, before, judge):
            rows.append(row)
            print(json.dumps(row._asdict()), file=sys.stderr, flush=True)
    print(json.dumps([row._asdict() for row in rows]) if arguments.json else shown(rows, before))


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description="What each bound of answering is worth.")
    found.add_argument("--only", action="append", metavar="NAME", help="this bound; may be given again")
    found.add_argument("--every", type=int, default=4, metavar="N", help="every Nth golden question")
    found.add_argument("--index", type=Path, help="a published index of knowledge/; built when none is named")
    found.add_argument("--off", action="store_true", help="only without each bound, not with other values")
    found.add_argument("--json", action="store_true")
    return found


def judged_sets(temporary: Path, index: Path | None, every: int) -> list[JudgedSet]:
    """The base and the documents of a town, each opened once."""
    encoder = RememberingEncoder(SentenceEncoder())
    root = index or build_base(temporary / "base")[0]
    build(GOLDEN / "town", temporary / "town", SentenceEncoder())
    base, town = (RememberingRetriever(Versions(one).require_current(), encoder) for one in (root, temporary / "town"))
    golden = load(PROJECT / "knowledge" / "questions.jsonl")[::every]
    return [
        JudgedSet("counted", base, judged_records("counted")),
        JudgedSet("spoken", base, judged_records("spoken")),
        JudgedSet("golden", base, golden),
        JudgedSet("town", town, judged_records("documents")),
    ]


def asked_as_in_use(one: JudgedSet, judge: Judge) -> list[Conversation]:
    """Every conversation of a set, and what each one read."""
    bounds = WatchedBounds()
    assistant = Assistant(one.retriever, Settings(), judge, bounds=bounds)
    at_start, found = frozenset(bounds.read), []
    for number in range(len(one.records)):
        bounds.read.clear()
        outcomes = one.ask(number, assistant)
        found.append(Conversation(outcomes, at_start | bounds.read | set(LEVELS)))
    return found


def sweep(
    names: Iterable[str], ways: Sequence[str], sets: Sequence[JudgedSet], before: Mapping[str, list[Conversation]], judge: Judge
) -> Iterator[Row]:
    """Every trial of some bounds, one at a time, the others as in use; first each without it."""
    for at, way in enumerate(ways):
        for name in names:
            if (value := TRIALS[name][at]) is not None:
                yield tried(name, value, way, sets, before, judge)


def tried(
    name: str, value: float, way: str, sets: Sequence[JudgedSet], before: Mapping[str, list[Conversation]], judge: Judge
) -> Row:
    """One value of one bound: the conversations that read it are asked again."""
    in_use = float(asdict(judge)[name] if name in LEVELS else asdict(BOUNDS)[name])
    changed: dict[str, Any] = {name: value}
    bounds, other = (BOUNDS, replace(judge, **changed)) if name in LEVELS else (replace(BOUNDS, **changed), judge)
    retrievers = {one.retriever.folder: one.retriever for one in sets}
    assistants = {folder: Assistant(found, Settings(), other, bounds=bounds) for folder, found in retrievers.items()}
    pairs: dict[str, list[tuple[Outcome, Outcome]]] = {}
    for one in sets:
        assistant = assistants[one.retriever.folder]
        pairs[one.name] = [
            pair
            for number, old in enumerate(before[one.name])
            for pair in zip(old.outcomes, one.ask(number, assistant) if name in old.read else old.outcomes, strict=True)
        ]
    every = [pair for rows in pairs.values() for pair in rows]
    return Row(
        name, in_use, value, way, sum(old.shown != new.shown for old, new in every),
        {one: _right(rows) for one, rows in pairs.items()},
        sum(new.is_refused for _, new in every), sum(new.is_sure for _, new in every),
    )  # fmt: skip


def _right(pairs: Iterable[tuple[Outcome, Outcome]]) -> tuple[int, int, int]:
    rows = list(pairs)
    gained, lost = (sum(new.right > old.right for old, new in rows), sum(new.right < old.right for old, new in rows))
    return sum(new.right for _, new in rows), gained, lost


def shown(rows: Sequence[Row], before: Mapping[str, list[Conversation]]) -> str:
    """A Markdown table; first what is in use."""
    turns = {name: [turn for conversation in found for turn in conversation.outcomes] for name, found in before.items()}
    every = [turn for found in turns.values() for turn in found]
    right = [f"{sum(turn.right for turn in found)} of {len(found)}" for found in turns.values()]
    lines: list[list[object]] = [
        [f"as in use, {len(every)} turns", "", "", "", *right, sum(o.is_refused for o in every), sum(o.is_sure for o in every)]
    ]
    for row in rows:
        tried = "never" if row.value == NEVER else f"{row.value:g}"
        sets = [f"{right} (+{gained} −{lost})" if gained or lost else "=" for right, gained, lost in row.right.values()]
        lines.append([row.bound, f"{row.in_use:g}", f"{row.way}: {tried}", row.changed, *sets, row.refused, row.sure])
    return table(["bound", "in use", "tried", "changed", *before, "refused", "sure"], lines)


def _outcome(answer: Answer, right: bool) -> Outcome:
    status = str(answer.status)
    return Outcome(f"{status}\n{answer.text}", right, status in REFUSING, status == "answered")


assert set(TRIALS) == {field.name for field in fields(Bounds)} | set(LEVELS)

if __name__ == "__main__":
    main()
