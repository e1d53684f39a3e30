"""The nouns of the answering side: Answer, Sentence, Citation, and the events of a streamed answer.

Plain frozen values. Knows nothing of how an answer is found or shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from assistant.answering.readings import Reading
from assistant.answering.spelling import SpellingChange
from index.document import Hit, Passage


class Status(StrEnum):
    """What kind of answer this is."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    NOT_FOUND = "not_found"
    CLARIFY = "clarify"
    OUT_OF_SCOPE = "out_of_scope"
    REFUSED = "refused"


class Support(StrEnum):
    """How well the cited passages carry a sentence."""

    VERIFIED = "verified"
    WEAK = "weak"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class Citation:
    """A numbered source: a verbatim span of a passage. `passage.text` holds `quote` at `start`."""

    marker: int
    passage: Passage
    start: int  # offsets of the quote in the document's text
    end: int

    @property
    def quote(self) -> str:
        """What is cited, word for word."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    @property
    def page(self) -> int | None:
        """The page where the quote begins."""
        return self.passage.page_at(self.start)

    @property
    def url(self) -> str | None:
        """The first original source of the quote, else of its passage."""
        inside = [note.url for note in self.passage.notes if self.start < note.offset <= self.end and note.url]
        return next(iter(inside), None) or next((note.url for note in self.passage.notes if note.url), None)

    def as_dict(self) -> dict[str, Any]:
        """A citation of the fixed contract of `ask --jsonl`."""
        passage = self.passage
        return {
            "marker": self.marker,
            "document": passage.document,
            "title": passage.title,
            "section": passage.section,
            "page": self.page,
            "quote": self.quote,
            "url": self.url,
        }


@dataclass(frozen=True)
class Sentence:
    """A sentence of an answer with the markers of its citations."""

    text: str
    citations: tuple[int, ...] = ()
    support: Support = Support.VERIFIED

    def as_dict(self) -> dict[str, Any]:
        """A sentence of the fixed contract of `ask --jsonl`."""
        return {"text": self.text, "citations": list(self.citations), "support": str(self.support)}


@dataclass(frozen=True)
class CitedText:
    """A passage that a validated answer cites, as it was on that day."""

    marker: int
    document: str
    digest: str  # hash of the passage's text
    text: str
    quote: str  # stands in the text


@dataclass(frozen=True)
class ValidatedAnswer:
    """An answer that a member of the staff made the reference for a question."""

    question: str  # standalone, as it was when validated
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[CitedText, ...]
    validated: datetime  # UTC
    role: str  # of the validator, who is not named


class ValidatedAnswers(Protocol):
    """Where the service looks for a validated answer before it composes one."""

    def find(self, question: str) -> ValidatedAnswer | None:
        """The validated answer to a standalone question, if there is one."""


@dataclass(frozen=True)
class ConsideredPassage:
    """A passage that was looked at for an answer, and what became of it."""

    passage: str  # its id
    section: str
    score: float
    dense: float
    lexical: float
    outcome: str  # in French: « cité », « écarté : … »


@dataclass(frozen=True)
class Explanation:
    """Why an answer is what it is: what was understood, what was searched, what was found."""

    features: Mapping[str, float]  # on the best passage, as the judge weighed it
    changes: tuple[SpellingChange, ...] = ()
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)  # word typed, what else was looked for
    context: str = ""  # words inherited from the conversation
    missing: tuple[str, ...] = ()  # words of the question that the base does not hold
    hits: tuple[ConsideredPassage, ...] = ()  # best first


@dataclass(frozen=True)
class Framing:
    """What stands around the sentences of an answer, and stays when they are said otherwise: a reserve, what contradicts them."""

    before: str = ""  # Markdown, with the markers of the answer
    after: str = ""


@dataclass(frozen=True)
class WritingReport:
    """How a language model wrote an answer, or why its words are not shown."""

    model: str  # its name, as its server knows it
    prompt: str  # identifier and version
    shown: int = 0  # sentences of its, each carried by the passages it cites
    replaced: int = 0  # … not carried, in whose place a sentence of the passages stands
    withheld: int = 0  # … not carried, left out
    reasons: Mapping[str, int] = field(default_factory=dict)  # why, in French, of those replaced or withheld
    fallback: str = ""  # why the answer is not the model's, in French; empty when it is

    def as_dict(self) -> dict[str, Any]:
        """What the journal keeps."""
        return asdict(self)


@dataclass(frozen=True)
class Answer:
    """An answer to one question, ready to be shown, checked and recorded."""

    question: str
    standalone_question: str
    status: Status
    text: str  # Markdown with markers [1]
    citations: tuple[Citation, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    probability: float = 0.0  # that the base answers this question, calibrated, 0..1
    withheld: int = 0  # sentences dropped because their source does not carry them
    explanation: Explanation | None = None  # of what was searched
    index_version: str = ""
    validated: ValidatedAnswer | None = None  # set when this is a validated answer, not a composed one
    reading: Reading | None = None  # what the question was taken to mean, and was searched; of none when nothing was
    computed: bool = False  # its figures are sums made for the asker
    framing: Framing | None = None  # of one made of sentences of its passages, which may be said otherwise; None of any other
    writing: WritingReport | None = None  # of one that a language model was asked to write

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Those cited, in the order of their markers."""
        return tuple(citation.passage for citation in self.citations)

    def as_dict(self) -> dict[str, Any]:
        """The fixed contract of `ask --jsonl`."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "status": str(self.status),
            "text": self.text,
            "citations": [citation.as_dict() for citation in self.citations],
            "sentences": [sentence.as_dict() for sentence in self.sentences],
        }


@dataclass(frozen=True)
class QuestionUnderstood:
    """First event: the question as it was understood, when it differs from what was typed."""

    standalone_question: str
    changes: tuple[SpellingChange, ...] = ()


@dataclass(frozen=True)
class HitsFound:
    """Second event: the passages considered."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class TextDelta:
    """A piece of the answer's text, in order."""

    text: str


@dataclass(frozen=True)
class Finished:
    """Last event: the whole answer."""

    answer: Answer


Event = QuestionUnderstood | HitsFound | TextDelta | Finished
