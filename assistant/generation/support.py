"""Does a passage carry a sentence that a language model wrote and cited it for?

Three readings, the strictest first. (1) The sentence ends with marks of passages that exist and is in French. (2) Each of its
figures, dates and proper names is in the passages that it cites, in any form (« quinze mille euros », 15 k€), and a rate comes
with the amount that bounds it: nothing makes up for one that is not. (3) What else speaks for and against it
(`support_evidence.py`) is weighed by a logistic regression of given signs: a word more that is carried never counts against, a
cue dropped never for. When in doubt, it is not carried: nothing is shown that its source does not say. What this catches and
what it withholds wrongly: DECISIONS.md.

A sentence close to the words of its passage passes; one that says the same in words of its own mostly does not: telling a
faithful rewording from a subtle alteration takes a model that understands both. Knows nothing of how the sentence came about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from assistant.generation.alignment import Alignment, Source
from assistant.generation.statement import Cue, Statement
from assistant.generation.support_evidence import SupportEvidence, gathered, is_french
from assistant.generation.wordings import Wordings
from index.arrays import Floats
from index.embedding import Encoder
from index.french import fold

MODEL = Path(__file__).with_name("models") / "support.json"
_MARKS = re.compile(r"\[\s*(\d+(?:\s*[,;]\s*\d+)*)\s*\]")
_KEPT = 512  # passages that have been read, at most
_TELLING = -0.25  # of a sign, in log-odds below an average sentence: from there it is named as a reason


class UnsupportedReason(StrEnum):
    """Why a sentence is not carried by the passages that it cites."""

    FIGURE = "figure"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    CONDITION = "condition"
    SCOPE = "scope"
    CITATION_MISSING = "citation_missing"
    CITATION_UNKNOWN = "citation_unknown"
    NOT_CARRIED = "not_carried"
    LANGUAGE = "language"


_NEGATIONS = (Cue.DENIED, Cue.FORBIDDEN, Cue.OPTIONAL, Cue.FREE)
_CONDITIONS = (
    Cue.CONDITION,
    Cue.ONLY,
    Cue.EXCEPT,
    Cue.OBLIGED,
    Cue.ALLOWED,
    Cue.AUTOMATIC,
    Cue.EITHER,
    Cue.PLANNED,
    Cue.PROPOSED,
)
_SCOPES = (Cue.ALL, Cue.SOME, Cue.MOSTLY, Cue.EXAMPLE, Cue.ENOUGH)
_REASONS: Mapping[str, UnsupportedReason] = {
    **{f"{way} {cue}": UnsupportedReason.NEGATION for way in ("added", "dropped") for cue in _NEGATIONS},
    **{f"{way} {cue}": UnsupportedReason.CONDITION for way in ("added", "dropped") for cue in _CONDITIONS},
    **{f"{way} {cue}": UnsupportedReason.SCOPE for way in ("added", "dropped") for cue in _SCOPES},
    **dict.fromkeys(("denials", "denies unlike", "denied only there"), UnsupportedReason.NEGATION),
    **dict.fromkeys(("bound turned", "bound dropped", "bound added"), UnsupportedReason.CONDITION),
    **dict.fromkeys(("per", "counts other", "role", "role margin"), UnsupportedReason.FIGURE),
    **dict.fromkeys(("side of date", "role of date", "margin of date"), UnsupportedReason.DATE),
}


@dataclass(frozen=True)
class CitedPassage:
    """A passage as the model was given it; `number` is its mark. `date`: of its document, None when unknown."""

    number: int
    title: str
    heading: str
    text: str
    date: date | None


@dataclass(frozen=True)
class SupportReport:
    """The verdict on a sentence; `reasons` is empty when it is carried, else the surest first."""

    supported: bool
    reasons: tuple[UnsupportedReason, ...]


@dataclass(frozen=True)
class SupportWeights:
    """What a sign is worth, in log-odds for one unit; `required`: the log-odds from which a sentence is carried."""

    weights: Mapping[str, float]
    average: Mapping[str, float]  # of each sign over the sentences learned from
    bias: float
    required: float
    encoder: str  # hash of the encoder whose vectors were compared

    @classmethod
    @cache
    def load(cls, path: Path = MODEL) -> SupportWeights:
        """Those that `training/support_learning.py` wrote."""
        rows = json.loads(path.read_text(encoding="utf-8"))
        return cls(rows["weights"], rows["average"], float(rows["bias"]), float(rows["required"]), str(rows["encoder"]))

    def log_odds(self, signs: Mapping[str, float]) -> float:
        """That a sentence with these signs is carried; a sign that it has not counts as the average."""
        return self.bias + sum(weight * signs.get(name, self.average[name]) for name, weight in self.weights.items())


class SupportReader:
    """Reads sentences and passages; what was read of a passage is kept.

    Args:
        encoder: gives the vectors of words.
        acronyms: an acronym → its words, words → their acronym, as `Lexicon.meaning` has them; one may be written for the other.
        compares: whether vectors count; without them two words are near by form or meaning alone.
    """

    def __init__(self, encoder: Encoder, acronyms: Mapping[str, Sequence[str]], compares: bool = True) -> None:
        self._encoder = encoder
        self._acronyms = {fold(one): tuple(map(fold, others)) for one, others in acronyms.items()}
        self._compares = compares
        self._wordings = Wordings.load()
        self._passage = lru_cache(maxsize=_KEPT)(self._read_passage)

    def source(self, passage: CitedPassage) -> Source:
        """A passage as it is compared."""
        statement, head, vectors = self._passage(passage.title, passage.heading, passage.text)
        return Source(passage.number, statement, head, vectors)

    def evidence(self, text: str, cited: Sequence[CitedPassage], others: Sequence[CitedPassage]) -> SupportEvidence:
        """What speaks for and against a sentence without its marks; `cited` is not empty."""
        statement = Statement(text, self._wordings)
        vectors = self._vectors(statement)
        alignment = Alignment(statement, vectors, [self.source(passage) for passage in cited])
        elsewhere = Alignment(statement, vectors, [self.source(passage) for passage in others]) if others else None
        years = {passage.date.year for passage in cited if passage.date}
        return gathered(alignment, elsewhere, years, self._acronyms)

    def _read_passage(self, title: str, heading: str, text: str) -> tuple[Statement, int, Floats]:
        head = "".join(f"{part.strip()}.\n\n" for part in (title, heading) if part.strip())
        statement = Statement(head + text, self._wordings)
        return statement, len(Statement(head, self._wordings).words), self._vectors(statement)

    def _vectors(self, statement: Statement) -> Floats:
        """Of its words in their text, the mean of the text taken off, (n_words, dimension), of unit length or zero."""
        spans = [(word.start, word.end) for word in statement.words]
        if not spans or not self._compares:
            return np.zeros((len(spans), 1), dtype=np.float32)
        vectors = self._encoder.encode_parts([statement.plain], [spans]).spans[0]
        centred = vectors - vectors.mean(axis=0)
        unit: Floats = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), np.float32(1e-9))
        return unit


class SupportChecker:
    """Says of sentences whether the passages that they cite carry them.

    Args:
        acronyms: see `SupportReader`.
        weights: those that ship, or others.
    """

    def __init__(
        self, encoder: Encoder, acronyms: Mapping[str, Sequence[str]] | None = None, weights: SupportWeights | None = None
    ) -> None:
        self._weights = weights or SupportWeights.load()
        # With an encoder that the weights were not learned for, only what is word for word in a source is carried.
        self._is_of_encoder = encoder.identity.sha256 == self._weights.encoder
        self._reader = SupportReader(encoder, acronyms or {}, self._is_of_encoder)

    def read(self, passages: Sequence[CitedPassage]) -> None:
        """Read passages before sentences come: 20 to 80 ms a passage, which the first sentence then need not wait for."""
        for passage in passages:
            self._reader.source(passage)

    def check(self, sentence: str, passages: Sequence[CitedPassage]) -> SupportReport:
        """Whether a sentence that ends with « [1] » or « [1][2] » is carried by those of the passages that it names."""
        numbers = cited_numbers(sentence)
        text = without_marks(sentence)
        known = {passage.number: passage for passage in passages}
        if not numbers:
            return _withheld(UnsupportedReason.CITATION_MISSING)
        if not set(numbers) <= known.keys():
            return _withheld(UnsupportedReason.CITATION_UNKNOWN)
        if not re.search(r"\w", text):
            return _withheld(UnsupportedReason.NOT_CARRIED)
        if not is_french(text):
            return _withheld(UnsupportedReason.LANGUAGE)
        others = [passage for passage in passages if passage.number not in numbers]
        evidence = self._reader.evidence(text, [known[number] for number in numbers], others)
        missing = (
            (UnsupportedReason.FIGURE, evidence.missing_figures),
            (UnsupportedReason.DATE, evidence.missing_moments),
            (UnsupportedReason.NAME, evidence.missing_names),
            (UnsupportedReason.CONDITION, evidence.drops_ceiling),
        )
        if reasons := [reason for reason, found in missing if found]:
            return _withheld(*reasons)
        if evidence.is_whole or (self._is_of_encoder and self._weights.log_odds(evidence.signs) >= self._weights.required):
            return SupportReport(True, ())
        return _withheld(*self._told_by(evidence.signs))

    def _told_by(self, signs: Mapping[str, float]) -> list[UnsupportedReason]:
        """The reasons that the signs tell, the heaviest first; « not carried » when none does alone."""
        worth: dict[UnsupportedReason, float] = {}
        for name, weight in self._weights.weights.items():
            if reason := _REASONS.get(name):
                worth[reason] = worth.get(reason, 0.0) + weight * (signs.get(name, 0.0) - self._weights.average[name])
        told = sorted((value, reason) for reason, value in worth.items() if value <= _TELLING)
        return [reason for _, reason in told] or [UnsupportedReason.NOT_CARRIED]


def cited_numbers(sentence: str) -> list[int]:
    """The passages that a sentence names, each once, in order."""
    found = [int(number) for match in _MARKS.finditer(sentence) for number in re.split(r"\s*[,;]\s*", match[1])]
    return list(dict.fromkeys(found))


def without_marks(sentence: str) -> str:
    """A sentence without its marks."""
    return re.sub(r"\s+([.,;])", r"\1", _MARKS.sub("", sentence)).strip()


def _withheld(*reasons: UnsupportedReason) -> SupportReport:
    return SupportReport(False, reasons)
