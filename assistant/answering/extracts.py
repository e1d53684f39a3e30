"""Hits → an answer in the sources' own words: the passage that answers, or the part of it that does.

Chooses sentences; never writes one. A fiche's paragraph is written to be shown whole; of a longer or raw passage, a
contiguous window round the sentence nearest to the question: what stands beside a figure says what it is the figure of.
Knows nothing of thresholds, screens or how hits were found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.judge import says_nothing
from assistant.answering.readings import leans
from index.arrays import Span
from index.document import Hit, Passage
from index.french import analyse, content_words, sentences
from index.ranking import Terms, WeightedTerms

_ITEM = ("- ", "• ", "– ", "* ", "· ")
_YES_NO = re.compile(r"^(Oui|Non)\s?[,:]\s*", re.I)

BySentence = Callable[[Passage], NDArray[np.float32]]  # a passage → a number for each of its sentences, (n_sentences,)


@dataclass(frozen=True)
class Extract:
    """Sentences of one passage, verbatim, in their order but for the one that answers, which may go first."""

    passage: Passage
    spans: tuple[Span, ...]  # offsets in passage.text, in its order
    first: int = 0  # which of them is said first

    @property
    def texts(self) -> list[str]:
        """The sentences, word for word, as they are said."""
        texts = [self.passage.text[start:end] for start, end in self.spans]
        return [texts[self.first], *texts[: self.first], *texts[self.first + 1 :]]

    @property
    def breaks(self) -> list[bool]:
        """Whether each sentence after the first begins a line."""
        text = self.passage.text
        return ["\n" in text[end:start] for (_, end), (start, _) in zip(self.spans, self.spans[1:], strict=False)]

    @property
    def quote_span(self) -> Span:
        """Document offsets of the smallest span that holds every sentence."""
        base = self.passage.start
        return base + self.spans[0][0], base + self.spans[-1][1]

    @property
    def length(self) -> int:
        """In words."""
        return _length(self.passage, self.spans)


@dataclass(frozen=True)
class Chooser:
    """Chooses sentences for one question.

    Args:
        question: its terms.
        cosines: of the question and each sentence.
        begins: share of the belief that an answer begins in each sentence, of sum 1 or 0.
        terms_of: the terms of a passage.
    """

    question: WeightedTerms
    cosines: BySentence
    begins: BySentence
    terms_of: Callable[[Passage], Terms]
    bounds: Bounds = BOUNDS
    _scored: dict[Passage, dict[Span, float]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def answer(self, hits: Sequence[Hit], sides: Sequence[Hit] = ()) -> list[Extract]:
        """Extracts that answer, the main one first, then what the question asks that it leaves open.

        Args:
            sides: for a comparison, the best hit of each other thing compared.
        """
        main = self.main(hits[0].passage)
        chosen, used = [main], set(content_words(" ".join(main.texts)))
        length = main.length
        for hit in [*sides, *self._complements(hits)]:
            if len(chosen) > max(self.bounds.complements, len(sides)) or any(hit.passage.id == e.passage.id for e in chosen):
                continue
            lead = self.of(hit.passage, self.bounds.lead_words) if hit in sides else self._lead(hit.passage)
            own = set(content_words(" ".join(lead.texts)))
            if (
                len(own - used) >= (1 - self.bounds.same_words) * max(1, len(own))
                and length + lead.length <= self.bounds.total_words
            ):
                chosen.append(lead)
                used |= own
                length += lead.length
        return chosen

    def nearest(self, hits: Sequence[Hit]) -> list[Extract]:
        """The best passage whole or nearly, and a few sentences of the next ones, for a question that none surely answers."""
        chosen: list[Extract] = []
        used: set[str] = set()
        is_fiche = hits[0].passage.is_fiche
        total, others = (
            (self.bounds.nearest_total, self.bounds.nearest_words)
            if is_fiche
            else (self.bounds.raw_total, self.bounds.nearest_raw)
        )
        for hit in hits:
            extract = self.of(hit.passage, others) if chosen else self.main(hit.passage)
            own = set(content_words(" ".join(extract.texts)))
            room = total - sum(one.length for one in chosen)
            tells = len(own - used) > (1 - self.bounds.same_words) * len(own)
            if not chosen or (tells and extract.length <= room):
                chosen.append(extract)
                used |= own
            if len(chosen) == self.bounds.nearest:
                break
        return chosen

    def main(self, passage: Passage) -> Extract:
        """The passage that is told first, the sentence that answers before the others where one surely does.

        « et depuis quand ? » of a paragraph that says what a zoning is, then since when. Not a sentence that goes on with the one
        before it (« Elle est plafonnée… »), none of a list, nor before a « oui » or a gap that the base states.
        """
        extract = self.of(passage, self.bounds.main_words if passage.is_fiche else self.bounds.raw_words)
        opening = extract.texts[0]
        if len(extract.spans) == 1 or any(extract.breaks) or _YES_NO.match(opening) or says_nothing(opening):
            return extract
        scores = self.scores(passage, extract.spans)
        best = max(range(len(scores)), key=lambda at: (scores[at], -at))
        surely = scores[best] >= scores[0] + self.bounds.said_first
        return replace(extract, first=best) if surely and not leans(_text(passage, extract.spans[best])) else extract

    def of(self, passage: Passage, limit: int) -> Extract:
        """A passage whole when it is short or a list, else the window of it that answers best."""
        spans = sentences(passage.text)
        is_list = sum(passage.text[start:end].startswith(_ITEM) for start, end in spans) > 1
        if _length(passage, spans) <= (
            max(limit, self.bounds.list_words) if is_list and limit >= self.bounds.main_words else limit
        ):
            return Extract(passage, tuple(spans))
        return Extract(passage, tuple(self._window(passage, spans, limit)))

    def scores(self, passage: Passage, spans: Sequence[Span]) -> list[float]:
        """How near some sentences of a passage are to the question; larger is nearer."""
        if passage not in self._scored:  # reading a passage costs milliseconds: once, for its window and for what goes first
            cosines, begins = self.cosines(passage), self.begins(passage)
            self._scored[passage] = {
                span: float(cosines[at])
                + self.bounds.begins_weight * float(begins[at])
                + self.bounds.word_weight * self._coverage(passage, span)
                + self.bounds.figure_weight * self.question.figure_in(_text(passage, span))
                for at, span in enumerate(sentences(passage.text))
            }
        return [self._scored[passage][span] for span in spans]

    def _window(self, passage: Passage, spans: Sequence[Span], limit: int) -> list[Span]:
        """The best sentence, and its neighbours while there is room, the nearer to the question first.

        When the window begins with an item of a list, the line that introduces the list (« … cinq domaines : ») is kept before
        it, though the items between are left out.

        Args:
            limit: in words.
        """
        scores = self.scores(passage, spans)
        first = last = max(range(len(spans)), key=lambda at: (scores[at], -at))
        while True:
            around = [at for at in (first - 1, last + 1) if 0 <= at < len(spans)]
            fitting = [at for at in around if _length(passage, spans[min(at, first) : max(at, last) + 1]) <= limit]
            if not fitting:
                break
            best = max(fitting, key=lambda at: scores[at])
            first, last = min(first, best), max(last, best)
        kept = list(spans[first : last + 1])
        if _text(passage, spans[first]).startswith(_ITEM):
            before = next((at for at in range(first - 1, -1, -1) if not _text(passage, spans[at]).startswith(_ITEM)), None)
            if before is not None and _text(passage, spans[before]).rstrip().endswith(":"):
                kept = [spans[before], *kept]
        return kept

    def _lead(self, passage: Passage) -> Extract:
        """The sentence that answers best; a list stays whole."""
        spans = sentences(passage.text)
        scores = self.scores(passage, spans)
        best = max(range(len(spans)), key=lambda at: (scores[at], -at))
        if _text(passage, spans[0]).rstrip().endswith(":"):
            return self.of(passage, self.bounds.lead_words)
        return Extract(passage, (spans[best],))

    def _complements(self, hits: Sequence[Hit]) -> list[Hit]:
        """Hits worth adding to the best one: those that hold words it lacks first.

        « Qui finance le poste, et pour quelle durée ? »: the best passage says who, one of the same matter says how long.
        """
        question, best = self.question, self.terms_of(hits[0].passage)
        covered = question.coverage(best.everything)
        gains = []
        # A near score alone is no reason to add a hit when the best one is raw, or its heading asks the very question: what
        # stands beside a raw passage in its document is about something else.
        sure = hits[0].features.get("heading_match", 0.0) >= self.bounds.same_question or not hits[0].passage.is_fiche
        for hit in hits[1:]:
            gain = question.coverage(best.everything | self.terms_of(hit.passage).everything) - covered
            if gain >= self.bounds.gain and _same_matter(hit, hits[0], self.bounds.related):
                gains.append((gain, hit.score, hit))
            elif (
                hit.score >= self.bounds.close * hits[0].score
                and not sure
                and _same_matter(hit, hits[0], self.bounds.much_the_same)
            ):
                gains.append((0.0, hit.score, hit))
            elif self._rivals(hit, hits[0]):
                gains.append((self.bounds.gain, hit.score, hit))
        return [hit for _, _, hit in sorted(gains, key=lambda row: (-row[0], -row[1]))]

    def _rivals(self, hit: Hit, best: Hit) -> bool:
        """Whether two raw documents each give a figure, as near to the question one as the other: both are then shown."""
        raw = not hit.passage.is_fiche and not best.passage.is_fiche and hit.passage.document != best.passage.document
        return raw and hit.score >= self.bounds.as_near * best.score and self.question.figure_in(hit.passage.text) > 0

    def _coverage(self, passage: Passage, span: Span) -> float:
        return self.question.coverage(frozenset(analyse(_text(passage, span))))


def without_yes_no(text: str) -> str:
    """« Oui, une ORT peut… » → « Une ORT peut… » for a question that is not a yes/no one."""
    rest = _YES_NO.sub("", text, count=1)
    return text if rest == text else rest[:1].upper() + rest[1:]


def _same_matter(hit: Hit, best: Hit, agreement: float) -> bool:
    """Whether a hit is of the best one's document, or its heading agrees with the question: else it is of something else."""
    return hit.passage.document == best.passage.document or hit.features.get("heading_match", 0.0) >= agreement


def _text(passage: Passage, span: Span) -> str:
    return passage.text[span[0] : span[1]]


def _length(passage: Passage, spans: Sequence[Span]) -> int:
    return sum(len(_text(passage, span).split()) for span in spans)
