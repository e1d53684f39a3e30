"""Chosen content → an answer: answer first, then what qualifies it; every figure, date, name and negation in its source.

Words of its own come from `texts` and carry no fact. Knows nothing of how content was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from assistant import texts
from assistant.answering import eligibility, grounding, polarity
from assistant.answering.answer import (
    Answer,
    Citation,
    CitedText,
    ConsideredPassage,
    Explanation,
    Framing,
    Sentence,
    Status,
    Support,
    ValidatedAnswer,
)
from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.disagreement import Rival
from assistant.answering.explanation import explain
from assistant.answering.extracts import Extract, without_yes_no
from assistant.answering.find import Finding
from assistant.answering.question import Expectation
from assistant.answering.spelling import Wording
from assistant.answering.sums import ComputedAids
from index.document import Passage
from index.figures import WantedFigure, emphasised, figures, percentage, values
from index.ranking import WeightedTerms

_ITEM = ("- ", "• ", "– ")


@dataclass(frozen=True)
class AnswerBuilder:
    """Writes the answer to one question: a method for each shape that it can take.

    Args:
        typed: the message.
        standalone: the question, readable alone.
        version: of the index.
        considered: ids of the passages cited → what became of each passage found.
    """

    typed: str
    standalone: str
    finding: Finding
    version: str
    wording: Wording
    considered: Callable[[set[str]], list[ConsideredPassage]]
    bounds: Bounds = BOUNDS

    def answered(
        self,
        extracts: Sequence[Extract],
        expected: Expectation,
        question: WeightedTerms,
        stale: bool,
        others: Sequence[Rival] = (),
    ) -> Answer:
        """The extracts, the first one as the answer, then what other documents say instead.

        Args:
            expected: whether « Oui » and « Non » are kept, where the passage agrees with what is asked.
            stale: whether the fiche is past its review date.
            others: sentences that give another figure; under a line that says so.
        """
        citations, sentences, withheld = _cite([*extracts, *(rival.extract for rival in others)], self.bounds)
        keeps = expected.yes_no and polarity.agrees(self.finding.query.text, extracts[0].passage)
        shown = [*extracts, *(rival.extract for rival in others)]
        blocks = _blocks(shown, sentences, self.bounds, keep_yes_no=keeps, want=question.want)
        contradicting = ""
        if others and len(blocks) > len(extracts):
            contradicting = "\n\n".join([texts.DISAGREEMENT, "\n".join(f"- {block}" for block in blocks[len(extracts) :])])
            blocks = blocks[: len(extracts)]
        if not expected.comparison:
            blocks = _with_others_under(blocks)
        framing = Framing(self._premise(extracts), _joined([contradicting, texts.STALE if stale else ""]))
        return self._framed(Status.ANSWERED, framing, blocks, citations, sentences, withheld)

    def validated(self, reference: ValidatedAnswer, passages: Sequence[Passage], stale: bool) -> Answer:
        """An answer of the staff, its quotes found again in the passages of this version."""
        citations = tuple(_citation(cited, passage) for cited, passage in zip(reference.citations, passages, strict=True))
        text = "\n\n".join(filter(None, [reference.text, texts.STALE if stale else ""]))
        return replace(self._answer(Status.ANSWERED, text, citations, reference.sentences), validated=reference)

    def partial(self, extracts: Sequence[Extract], contact: str, question: WeightedTerms) -> Answer:
        """What comes nearest, with its reserve and whom to ask; a passage that states the gap says both itself."""
        citations, sentences, withheld = _cite(extracts, self.bounds)
        is_likely = self.finding.probability >= self.bounds.likely_there and not self.finding.evidence.is_lacking
        # What is in bold is taken for the answer: no figure of a passage that may not answer is.
        blocks = _blocks(extracts, sentences, self.bounds, keep_yes_no=False, want=question.want if is_likely else None)
        # A passage that states the gap itself needs no preface, and says who to ask.
        if self.finding.evidence.lacuna:
            return self._framed(Status.PARTIAL, Framing(), blocks, citations, sentences, withheld)
        if is_likely:
            blocks = _with_others_under(blocks)
        elif len(blocks) > 1:
            blocks = [_listed(blocks)]
        preface = self._premise(extracts) or _preface(extracts, is_likely)
        return self._framed(Status.PARTIAL, Framing(preface, contact), blocks, citations, sentences, withheld)

    def not_found(self, contact: str) -> Answer:
        """Say so, point to the nearest passages by their headings, and to people."""
        hits = self.finding.hits[: self.bounds.pointed_to] if self.finding.probability > self.bounds.pointed else ()
        citations = tuple(Citation(n, hit.passage, hit.passage.start, hit.passage.end) for n, hit in enumerate(hits, 1))
        if self.finding.evidence.is_of_another_matter(self.bounds):
            return self._answer(Status.OUT_OF_SCOPE, texts.OUT_OF_SCOPE, (), ())
        missing = ", ".join(self.finding.missing[:3])
        lead = texts.NOT_FOUND_TERMS.format(terms=missing) if missing else texts.NOT_FOUND
        near = "\n".join(f"- {_name(c.passage)} [{c.marker}]" for c in citations)
        text = "\n\n".join(filter(None, [lead, f"{texts.NEAREST}\n{near}" if near else "", contact]))
        return self._answer(Status.NOT_FOUND, text, citations, ())

    def _premise(self, extracts: Sequence[Extract]) -> str:
        """What to say first of a rate that the asker takes for true and that no extract says; else nothing.

        « Puisque l'État paie 100 %… », over passages that say 50 and 80 %.
        """
        shown = "\n".join(text for extract in extracts for text in extract.texts)
        rates = {figure.value: figure for figure in figures(self.finding.query.text) if figure.unit == "%"}
        missing = [value for value in rates if value not in values(shown)]
        if not missing or not any(figure.unit == "%" for figure in figures(shown)):
            return ""
        return texts.PREMISE.format(figure=percentage(missing[0]))

    def computed(self, aids: ComputedAids) -> Answer:
        """Each sum with the passage that carries its rate and ceiling, then the rule it applies."""
        unique = list(dict.fromkeys(aids.proofs))
        markers = {passage.id: n for n, passage in enumerate(unique, 1)}
        citations = tuple(Citation(markers[p.id], p, p.start, p.end) for p in unique)
        # The words of a sum are ours; what must hold is that no figure comes from nowhere.
        sentences = [
            Sentence(line.text, (markers[proof.id],))
            for line, proof in zip(aids.lines, aids.proofs, strict=True)
            if not grounding.unsupported_figures(line.text, proof.text, line.numbers)
        ]
        if not sentences:
            return self.not_found(texts.CONTACT)
        listed = "\n".join(f"- {emphasised(s.text, WantedFigure('money'))} [{s.citations[0]}]" for s in sentences)
        rule = unique[0].text
        answer = self._answer(Status.ANSWERED, f"{listed}\n\n{rule} [1]", citations, (*sentences, Sentence(rule, (1,))))
        return replace(answer, computed=True)

    def eligibility(self, scheme: eligibility.SchemeReview) -> Answer:
        """Each criterion with its verdict and the passage that carries it."""
        proofs = list(dict.fromkeys(v.passage for v in scheme.verdicts if v.passage))
        markers = {passage.id: n for n, passage in enumerate(proofs, 1)}
        sentences = []
        for verdict in scheme.verdicts:
            if verdict.passage:
                line = f"{verdict.criterion.text} : {verdict.outcome}."
                sentences.append(Sentence(line[:1].upper() + line[1:], (markers[verdict.passage.id],)))
        listed = "\n".join(f"- {s.text} [{s.citations[0]}]" for s in sentences)
        lead = texts.ELIGIBILITY[str(scheme.outcome)].format(scheme=scheme.document.title)
        text = f"{lead}\n\n{listed}\n\n{texts.TO_CONFIRM}"
        citations = tuple(Citation(markers[p.id], p, p.start, p.end) for p in proofs)
        return self._answer(Status.ANSWERED, text, citations, tuple(sentences))

    def _framed(
        self,
        status: Status,
        framing: Framing,
        blocks: Sequence[str],
        citations: Sequence[Citation],
        sentences: Sequence[Sentence],
        withheld: int,
    ) -> Answer:
        """An answer made of sentences of its passages, in paragraphs, and what stands around them."""
        text = _joined([framing.before, *blocks, framing.after])
        return replace(self._answer(status, text, citations, sentences, withheld), framing=framing)

    def explanation(self, cited: set[str]) -> Explanation:
        """Why this answer, or none: what was understood, searched and found; `cited` holds ids of passages."""
        finding = self.finding
        return explain(finding.query, self.wording, finding.evidence.as_dict(), finding.missing, self.considered(cited))

    def _answer(
        self, status: Status, text: str, citations: Sequence[Citation], sentences: Sequence[Sentence], withheld: int = 0
    ) -> Answer:
        finding = self.finding
        explanation = self.explanation({citation.passage.id for citation in citations} if sentences else set())
        return Answer(
            self.typed,
            self.standalone,
            status,
            text,
            tuple(citations),
            tuple(sentences),
            self.finding.probability,
            withheld,
            explanation,
            self.version,
            reading=finding.reading,
        )


def _with_others_under(blocks: Sequence[str]) -> list[str]:
    """The answer, then what else may be meant under a line that says so."""
    return [*blocks[:1], *([f"{texts.ALSO}\n{_listed(blocks[1:])}"] if len(blocks) > 1 else [])]


def _listed(blocks: Iterable[str]) -> str:
    """Blocks as the items of a list, the items of each under it."""
    return "\n".join("- " + block.removeprefix("- ").replace("\n", "\n  ") for block in blocks)


def _joined(parts: Iterable[str]) -> str:
    """Parts that are not empty, each a paragraph."""
    return "\n\n".join(filter(None, parts))


def _preface(extracts: Sequence[Extract], is_likely: bool) -> str:
    """The line before what is near: it says whose words follow, and warns when the answer is less likely there than not.

    No warning over a probable answer: one that stands over right and wrong passages alike warns of nothing.
    """
    if extracts[0].passage.is_fiche:
        return texts.SAYS if is_likely else texts.UNSURE
    if len({extract.passage.document for extract in extracts}) == 1:
        return texts.SAYS_OF_DOCUMENT if is_likely else texts.UNSURE_OF_DOCUMENT
    return texts.SAYS_OF_DOCUMENTS if is_likely else texts.UNSURE_OF_DOCUMENTS


class CitedSentences(NamedTuple):
    """Extracts as an answer gives them."""

    citations: tuple[Citation, ...]
    sentences: tuple[Sentence, ...]
    withheld: int  # sentences dropped because their quote does not carry them


def _cite(extracts: Sequence[Extract], bounds: Bounds) -> CitedSentences:
    """Number the passages, ground every sentence, drop what its quote does not carry."""
    citations = tuple(Citation(n, e.passage, *e.quote_span) for n, e in enumerate(extracts, 1))
    sentences, withheld = [], 0
    for citation, extract in zip(citations, extracts, strict=True):
        for text in extract.texts:
            verdict = grounding.support(text, [citation.quote], bounds=bounds)
            if verdict is Support.UNSUPPORTED:
                withheld += 1
            else:
                sentences.append(Sentence(text, (citation.marker,), verdict))
    return CitedSentences(citations, tuple(sentences), withheld)


def _citation(cited: CitedText, passage: Passage) -> Citation:
    start = passage.start + passage.text.index(cited.quote)
    return Citation(cited.marker, passage, start, start + len(cited.quote))


def _blocks(
    extracts: Sequence[Extract],
    sentences: Sequence[Sentence],
    bounds: Bounds,
    keep_yes_no: bool,
    want: WantedFigure | None = None,
) -> list[str]:
    """One paragraph a passage; list items keep their lines; the marker closes the paragraph; the figure asked for is in bold.

    A raw passage is shown under its heading: « Combien ? » may be said there, and of what.
    """
    blocks = []
    for marker, extract in enumerate(extracts, 1):
        own = [s.text for s in sentences if s.citations == (marker,)]
        if not own:
            continue
        if marker > 1 or not keep_yes_no:
            own[0] = without_yes_no(own[0])
        if marker == 1 and want is not None:
            own = _with_figure(own, want)
        text = own[0]
        breaks = extract.breaks if len(own) == len(extract.spans) else [False] * len(own)
        for part, is_line in zip(own[1:], breaks, strict=False):
            text += ("\n" if is_line or part.startswith(_ITEM) else " ") + part
        if heading := _heading(extract, bounds.long_heading):
            text = f"*{heading}* : {text}" if not text.startswith(_ITEM) else f"*{heading}* :\n{text}"
        blocks.append(f"{text} [{marker}]")
    return blocks


def _with_figure(own: list[str], want: WantedFigure) -> list[str]:
    """The first sentence that holds the kind of figure asked for, with it in bold."""
    at = next((at for at, text in enumerate(own) if emphasised(text, want) != text), None)
    return own if at is None else [*own[:at], emphasised(own[at], want), *own[at + 1 :]]


def _heading(extract: Extract, longest: int) -> str:
    """The heading of a raw passage, unless it is a question or holds a figure, which its quote would not carry."""
    heading = extract.passage.headings[-1] if extract.passage.headings else ""
    if not heading or extract.passage.is_asked or any(c.isdigit() for c in heading) or len(heading) > longest:
        return ""
    return heading.strip(" :.*")


def _name(passage: Passage) -> str:
    heading = f"« {passage.headings[-1]} » — " if passage.headings else ""
    page = f", p. {passage.page}" if passage.page else ""
    return f"{heading}{passage.title}{page}"
