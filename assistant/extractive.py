"""Hits → an answer in the sources' own words: the shortest sufficient answer first, then details.

Chooses sentences; never writes one. Knows nothing of thresholds, screens or how hits were found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.document import Hit, Passage
from index.french import STOP_WORDS, analyse, sentences, words
from index.ranking import Terms, WeightedTerms

MAIN_WORDS = 80  # a fiche's paragraph is written to this length; longer passages are cut to it
TOTAL_WORDS = 110  # the complement stops here: people read answers on a phone
COMPLEMENTS = 2
LIST_WORDS = 140  # « dans cinq domaines : » must be followed by five
NEAREST = 3
NEAREST_WORDS = 35  # of each but the best, shown whole up to MAIN_WORDS
NEAREST_TOTAL = 110  # the others are left out beyond: people read answers on a phone
LEAD_WORDS = 45
_MUCH_THE_SAME, _RELATED = 0.5, 0.45  # agreement of a heading with the question, coverage × precision
_SAME_QUESTION = 0.9  # heading and question say the same: the shortest answer is enough
_CLOSE = 0.8  # score, relative to the best, from which a hit is worth a complement by itself
_NEAR = 0.5  # … and from which it is, when it covers what the best one lacks
_GAIN = 0.12  # share of the question's weight that makes it worth it
_ASKS_TOO = 0.15  # « qui … et quand ? »: the second question word
_TELLING = 0.1  # share of the question's weight that a later sentence must add to a lead
_SAME = 0.7  # overlap of content words beyond which a sentence adds nothing
_ITEM = ("- ", "• ", "– ")
_YES_NO = re.compile(r"^(Oui|Non)\s?[,:]\s*", re.I)


@dataclass(frozen=True)
class Extract:
    """Sentences of one passage, verbatim, in their order."""

    passage: Passage
    spans: tuple[tuple[int, int], ...]  # offsets in passage.text

    @property
    def texts(self) -> list[str]:
        return [self.passage.text[start:end] for start, end in self.spans]

    @property
    def quote_span(self) -> tuple[int, int]:
        """Document offsets of the smallest span that holds every sentence."""
        base = self.passage.start
        return base + self.spans[0][0], base + self.spans[-1][1]


def compose(
    hits: Sequence[Hit], question: WeightedTerms, terms_of: Callable[[Passage], Terms], sides: Sequence[Hit] = ()
) -> list[Extract]:
    """Extracts that answer, the main one first, then what the question asks that it leaves open.

    Args:
        sides: for a comparison, the best hit of each other thing compared.
    """
    main = _extract(hits[0].passage, question, MAIN_WORDS)
    chosen, used = [main], _content(" ".join(main.texts))
    length = _length(main)
    for hit in [*sides, *_complements(hits, question, terms_of)]:
        if len(chosen) > max(COMPLEMENTS, len(sides)) or any(hit.passage.id == e.passage.id for e in chosen):
            continue
        lead = _extract(hit.passage, question, LEAD_WORDS, lead_only=hit not in sides)
        own = _content(" ".join(lead.texts))
        new = len(own - used) / max(1, len(own))
        if new >= 1 - _SAME and length + _length(lead) <= TOTAL_WORDS:
            chosen.append(lead)
            used |= own
            length += _length(lead)
    return chosen


def nearest(hits: Sequence[Hit], question: WeightedTerms) -> list[Extract]:
    """The best passage and the lead of those after it, for a question that none surely answers; repeats left out."""
    chosen: list[Extract] = []
    used: set[str] = set()
    for hit in hits:
        lead = _telling(_extract(hit.passage, question, NEAREST_WORDS, lead_only=True), question)
        if not chosen and _length(whole := _extract(hit.passage, question, MAIN_WORDS)) <= MAIN_WORDS:
            lead = whole
        own = _content(" ".join(lead.texts))
        room = NEAREST_TOTAL - sum(map(_length, chosen))
        if len(own - used) > (1 - _SAME) * len(own) and (not chosen or _length(lead) <= min(room, 2 * NEAREST_WORDS)):
            chosen.append(lead)
            used |= own
        if len(chosen) == NEAREST:
            break
    return chosen


def _complements(hits: Sequence[Hit], question: WeightedTerms, terms_of: Callable[[Passage], Terms]) -> list[Hit]:
    """Near hits, those that cover words or question words the best one lacks first."""
    best = terms_of(hits[0].passage)
    covered = question.coverage(best.everything)
    gains = []
    sure = hits[0].evidence.get("heading_match", 0.0) >= _SAME_QUESTION
    for hit in hits[1:8]:
        terms = terms_of(hit.passage)
        gain = question.coverage(best.everything | terms.everything) - covered
        gain += _ASKS_TOO * bool((question.asks - frozenset().union(*best.asks)) & frozenset().union(*terms.asks))
        if hit.score >= _NEAR * hits[0].score and gain >= _GAIN and _same_matter(hit, hits[0], _RELATED):
            gains.append((gain, hit.score, hit))
        elif hit.score >= _CLOSE * hits[0].score and not sure and _same_matter(hit, hits[0], _MUCH_THE_SAME):
            gains.append((0.0, hit.score, hit))
    return [hit for _, _, hit in sorted(gains, key=lambda row: (-row[0], -row[1]))]


def _same_matter(hit: Hit, best: Hit, agreement: float) -> bool:
    """True for a hit of the same document, or one whose heading agrees: not the amount of something else."""
    return hit.passage.document == best.passage.document or hit.evidence.get("heading_match", 0.0) >= agreement


def without_yes_no(text: str) -> str:
    """« Oui, une ORT peut… » → « Une ORT peut… » for a question that is not a yes/no one."""
    rest = _YES_NO.sub("", text, count=1)
    return rest[:1].upper() + rest[1:]


def _extract(passage: Passage, question: WeightedTerms, limit: int, lead_only: bool = False) -> Extract:
    spans = sentences(passage.text)
    if lead_only:
        return Extract(passage, tuple(_lead(passage, spans, question)))
    has_list = any(passage.text[start:end].startswith(_ITEM) for start, end in spans)
    if _words_of(passage, spans) <= (max(limit, LIST_WORDS) if has_list and passage.headings else limit):
        return Extract(passage, tuple(spans))
    first = 0 if passage.headings else _best(passage, spans, question)
    chosen = {first}
    order = sorted(range(len(spans)), key=lambda i: (-_relevance(passage, spans[i], question), abs(i - first)))
    for index in order:
        tried = sorted(chosen | {index})
        if _words_of(passage, [spans[i] for i in tried]) <= limit:
            chosen.add(index)
    return Extract(passage, tuple(spans[i] for i in sorted(chosen)))


def _telling(extract: Extract, question: WeightedTerms) -> Extract:
    """A lead with the sentence of its passage that says more of what is asked, or holds the figure asked for."""
    spans = sentences(extract.passage.text)
    told = {span: (_figure(extract.passage, span, question), _relevance(extract.passage, span, question)) for span in spans}
    best = max(spans, key=lambda span: told[span])
    figure = told[best][0] - max(told[span][0] for span in extract.spans)
    more = told[best][1] - max(told[span][1] for span in extract.spans)
    if best in extract.spans or (figure <= 0 and more < _TELLING):
        return extract
    return Extract(extract.passage, tuple(sorted({*extract.spans, best})))


def _figure(passage: Passage, span: tuple[int, int], question: WeightedTerms) -> float:
    return question.figure_in(passage.text[span[0] : span[1]])


def _lead(passage: Passage, spans: list[tuple[int, int]], question: WeightedTerms) -> list[tuple[int, int]]:
    """The first sentence of a fiche's paragraph; elsewhere the most relevant one. Lists stay whole."""
    if not passage.headings:
        best = _best(passage, spans, question)
        return spans[best : best + 1]
    if passage.text[spans[0][0] : spans[0][1]].rstrip().endswith(":"):
        return spans
    return spans[:1]


def _best(passage: Passage, spans: list[tuple[int, int]], question: WeightedTerms) -> int:
    return max(range(len(spans)), key=lambda i: (_relevance(passage, spans[i], question), -i))


def _relevance(passage: Passage, span: tuple[int, int], question: WeightedTerms) -> float:
    return question.coverage(frozenset(analyse(passage.text[span[0] : span[1]])))


def _words_of(passage: Passage, spans: Sequence[tuple[int, int]]) -> int:
    return sum(len(passage.text[start:end].split()) for start, end in spans)


def _length(extract: Extract) -> int:
    return _words_of(extract.passage, extract.spans)


def _content(text: str) -> set[str]:
    return {word for word in words(text) if word not in STOP_WORDS}
