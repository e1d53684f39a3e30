"""Hits → an answer in the sources' own words: the passage that answers, or the part of it that does.

Chooses sentences; never writes one. A fiche's paragraph is written to be shown whole; of a longer or raw passage, a
contiguous window round the sentence nearest to the question: what stands beside a figure says what it is the figure of.
Knows nothing of thresholds, screens or how hits were found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.arrays import Span
from index.document import Hit, Passage
from index.french import analyse, content_words, sentences
from index.ranking import Terms, WeightedTerms

MAIN_WORDS = 80  # a fiche's paragraph is written to this length; longer passages are cut to it
RAW_WORDS = 160  # of a raw passage, nearly whole: which of its sentences answers is less sure than that it does
LIST_WORDS = 140  # up to which a passage with a list is quoted whole: « dans cinq domaines : », then the five
TOTAL_WORDS = 110  # the complement stops here: people read answers on a phone
NEAREST_TOTAL, RAW_TOTAL = 140, 260  # … and the nearest passages here
LEAD_WORDS = 45
COMPLEMENTS = 2
# Passages shown when none surely answers, and words of each but the first. On 216 questions of 24 documents: raw ones of 100
# words .796 right, 297 words an answer; of 60, .792 and 242; of 45, .782 and 220; the first passage alone, .657.
NEAREST, NEAREST_WORDS, NEAREST_RAW = 3, 35, 60
_SHORTEST = 4  # words: « 7. Engagement des participants » tells nothing beside another passage
_MUCH_THE_SAME, _RELATED = 0.5, 0.45  # agreement of a heading with the question, coverage × precision
_SAME_QUESTION = 0.9  # heading and question say the same: the shortest answer is enough
_CLOSE = 0.8  # score, relative to the best, from which a hit is worth a complement by itself
_NEAR = 0.5  # … and from which it is, when it covers what the best one lacks
_AS_NEAR = 0.9  # … and from which it is as good as the best
_GAIN = 0.12  # share of the question's weight that makes it worth it
_ASKS_TOO = 0.15  # added for a passage that answers a question word the best one leaves: « qui … et quand ? »
_SAME = 0.7  # overlap of content words beyond which a sentence adds nothing
# How near a sentence is to a question: its cosine, the words in common, a figure of the kind asked for. On 225 questions of
# PIAF, right sentence first: cosine alone .64, words alone .69, together .72. With where the answer
# begins: .759 → .778 on 257 questions of made-up documents, .623 → .632 on 239 of real ones; at .5 both lose.
_WORDS, _FIGURE, _BEGINS = 0.4, 0.12, 0.2
_ITEM = ("- ", "• ", "– ", "* ", "· ")
_YES_NO = re.compile(r"^(Oui|Non)\s?[,:]\s*", re.I)

BySentence = Callable[[Passage], NDArray[np.float32]]  # a passage → a number for each of its sentences, (n_sentences,)


@dataclass(frozen=True)
class Extract:
    """Sentences of one passage, verbatim, in their order."""

    passage: Passage
    spans: tuple[Span, ...]  # offsets in passage.text

    @property
    def texts(self) -> list[str]:
        """The sentences, word for word."""
        return [self.passage.text[start:end] for start, end in self.spans]

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

    def answer(self, hits: Sequence[Hit], sides: Sequence[Hit] = ()) -> list[Extract]:
        """Extracts that answer, the main one first, then what the question asks that it leaves open.

        Args:
            sides: for a comparison, the best hit of each other thing compared.
        """
        main = self.of(hits[0].passage, _main(hits[0].passage))
        chosen, used = [main], set(content_words(" ".join(main.texts)))
        length = main.length
        for hit in [*sides, *self._complements(hits)]:
            if len(chosen) > max(COMPLEMENTS, len(sides)) or any(hit.passage.id == e.passage.id for e in chosen):
                continue
            lead = self.of(hit.passage, LEAD_WORDS) if hit in sides else self._lead(hit.passage)
            own = set(content_words(" ".join(lead.texts)))
            if len(own - used) >= (1 - _SAME) * max(1, len(own)) and length + lead.length <= TOTAL_WORDS:
                chosen.append(lead)
                used |= own
                length += lead.length
        return chosen

    def nearest(self, hits: Sequence[Hit]) -> list[Extract]:
        """The best passage whole or nearly, and a few sentences of the next ones, for a question that none surely answers."""
        chosen: list[Extract] = []
        used: set[str] = set()
        is_fiche = hits[0].passage.is_fiche
        total, others = (NEAREST_TOTAL, NEAREST_WORDS) if is_fiche else (RAW_TOTAL, NEAREST_RAW)
        for hit in hits:
            extract = self.of(hit.passage, others if chosen else _main(hit.passage))
            own = set(content_words(" ".join(extract.texts)))
            room = total - sum(one.length for one in chosen)
            tells = len(own - used) > (1 - _SAME) * len(own) and extract.length >= _SHORTEST
            if not chosen or (tells and extract.length <= room):
                chosen.append(extract)
                used |= own
            if len(chosen) == NEAREST:
                break
        return chosen

    def of(self, passage: Passage, limit: int) -> Extract:
        """A passage whole when it is short or a list, else the window of it that answers best."""
        spans = sentences(passage.text)
        is_list = sum(passage.text[start:end].startswith(_ITEM) for start, end in spans) > 1
        if _length(passage, spans) <= (max(limit, LIST_WORDS) if is_list and limit >= MAIN_WORDS else limit):
            return Extract(passage, tuple(spans))
        return Extract(passage, tuple(self._window(passage, spans, limit)))

    def scores(self, passage: Passage, spans: Sequence[Span]) -> list[float]:
        """How near each sentence of a passage is to the question; larger is nearer."""
        cosines, begins = self.cosines(passage), self.begins(passage)
        return [
            float(cosines[at])
            + _BEGINS * float(begins[at])
            + _WORDS * self._coverage(passage, span)
            + _FIGURE * self.question.figure_in(_text(passage, span))
            for at, span in enumerate(spans)
        ]

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
            return self.of(passage, LEAD_WORDS)
        return Extract(passage, (spans[best],))

    def _complements(self, hits: Sequence[Hit]) -> list[Hit]:
        """Hits worth adding to the best one: those that hold words or answer question words it lacks first.

        « Qui finance, et quand ? »: the best passage says who, a passage of the same matter that says when completes it.
        """
        question, best = self.question, self.terms_of(hits[0].passage)
        covered = question.coverage(best.everything)
        gains = []
        # A near score alone is no reason to add a hit when the best one is raw, or its heading asks the very question: what
        # stands beside a raw passage in its document is about something else.
        sure = hits[0].features.get("heading_match", 0.0) >= _SAME_QUESTION or not hits[0].passage.is_fiche
        for hit in hits[1:8]:
            terms = self.terms_of(hit.passage)
            gain = question.coverage(best.everything | terms.everything) - covered
            gain += _ASKS_TOO * bool(
                (question.interrogatives - frozenset().union(*best.interrogatives)) & frozenset().union(*terms.interrogatives)
            )
            if hit.score >= _NEAR * hits[0].score and gain >= _GAIN and _same_matter(hit, hits[0], _RELATED):
                gains.append((gain, hit.score, hit))
            elif hit.score >= _CLOSE * hits[0].score and not sure and _same_matter(hit, hits[0], _MUCH_THE_SAME):
                gains.append((0.0, hit.score, hit))
            elif self._rivals(hit, hits[0]):
                gains.append((_GAIN, hit.score, hit))
        return [hit for _, _, hit in sorted(gains, key=lambda row: (-row[0], -row[1]))]

    def _rivals(self, hit: Hit, best: Hit) -> bool:
        """Whether two raw documents each give a figure, as near to the question one as the other: both are then shown."""
        raw = not hit.passage.is_fiche and not best.passage.is_fiche and hit.passage.document != best.passage.document
        return raw and hit.score >= _AS_NEAR * best.score and self.question.figure_in(hit.passage.text) > 0

    def _coverage(self, passage: Passage, span: Span) -> float:
        return self.question.coverage(frozenset(analyse(_text(passage, span))))


def _main(passage: Passage) -> int:
    return MAIN_WORDS if passage.is_fiche else RAW_WORDS


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
