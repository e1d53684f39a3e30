"""Two versions of the base → what changes: passages, near-duplicates, figures that disagree, answers.

Pure: asks both versions and compares. Knows nothing of drafts, files or publication.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from assistant.answering.answer import Answer
from index.document import Passage
from index.figures import FOLDED_MONTHS, euros, figures, percentage
from index.french import analyse, fold, join_thousands, sentences, words
from index.search import Retriever

NEAR = 0.5  # Jaccard similarity of word triples from which two passages are shown as saying nearly the same
CONTAINED = 0.85  # share of the shorter one's triples from which it is shown as held in the other; adds 2 pairs in 65 fiches
_FEWEST = 8  # word triples: shorter passages repeat one another by chance
_SAME_SUBJECT = 0.5  # share of the lighter sentence's subject that the other must have, by idf
_SAME_EVENT = 0.6  # the same for dates: « signée en mars » and « prolongée en juin » are of one subject and no contradiction
_STILL_SAID = 0.35  # the same, for a figure that was just replaced: the figure itself is evidence
_PAIRED = 0.3  # similarity from which a passage that went and one that came are one passage, changed
_DATE = re.compile(rf"\b(?:\d{{1,2}}(?:er)? )?(?:{FOLDED_MONTHS}) (?:19|20)\d{{2}}\b")
_DATES = "date"  # a kind of figure, beside « € » and « % »
# A figure is one word: « 15 000 € » that becomes « 22 000 € » must not read « 1522 000 € ».
_TOKEN = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:,\d+)?(?:\s?[€%])?|\d+(?:[.,/:-]\d+)*(?:\s?[€%])?|\s+|\w+|[^\w\s]")


class Op(StrEnum):
    """What happened to a piece of text, or to a passage."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Piece:
    """A run of words of a difference."""

    op: Op
    text: str


@dataclass(frozen=True)
class PassageChange:
    """A passage that comes, goes or changes."""

    op: Op
    before: Passage | None
    after: Passage | None

    @property
    def passage(self) -> Passage:
        """The passage as it will be; of one that goes, as it was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The words of both texts, marked."""
        return difference(self.before.text if self.before else "", self.after.text if self.after else "")


@dataclass(frozen=True)
class NearDuplicate:
    """A new passage and one of another document that says nearly the same."""

    fresh: Passage
    other: Passage
    similarity: float  # 0..1: share of the shorter one's word triples that the other has


@dataclass(frozen=True)
class Contradiction:
    """A sentence that comes in and one of another document that gives another figure on the same thing."""

    fresh: Passage
    sentence: str
    other: Passage
    other_sentence: str
    figures: tuple[str, ...]
    other_figures: tuple[str, ...]
    outdated: bool = False  # the other still gives the figure that was just replaced
    likeness: float = 0.0  # 0..1: share of the lighter sentence's subject that the other has


@dataclass(frozen=True)
class AnswerChange:
    """A question whose answer is not the same in both versions."""

    question: str
    golden: str  # id of the golden question; empty for a past question
    before: Answer
    after: Answer
    passed_before: bool = True
    passed_after: bool = True
    why: tuple[str, ...] = ()  # what the golden question finds wrong afterwards

    @property
    def regresses(self) -> bool:
        """Whether a golden question was answered rightly and no longer is."""
        return self.passed_before and not self.passed_after

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What the two texts share and what differs, in order."""
        return difference(self.before.text, self.after.text)


# -- passages ------------------------------------------------------------------------------------


def passage_changes(before: Retriever, after: Retriever) -> tuple[PassageChange, ...]:
    """Passages that come, go or change, in the order of the documents. A passage that only moved is the same."""
    gone, come = _less(before.passages, after.passages), _less(after.passages, before.passages)
    changes: list[PassageChange] = []
    for place in (_place, _document):  # a heading may have changed with its text
        pairs = list(_paired(gone, come, place))
        changes += [PassageChange(Op.CHANGED, one, other) for one, other in pairs]
        gone = [passage for passage in gone if not any(passage is one for one, _ in pairs)]
        come = [passage for passage in come if not any(passage is other for _, other in pairs)]
    changes += [PassageChange(Op.REMOVED, passage, None) for passage in gone]
    changes += [PassageChange(Op.ADDED, None, passage) for passage in come]
    return tuple(sorted(changes, key=lambda change: (change.passage.document, change.passage.start)))


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """Two texts as one, word by word."""
    one, other = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Op.SAME, "".join(one[i1:i2])))
            continue
        pieces += [Piece(Op.REMOVED, "".join(one[i1:i2]))] if i2 > i1 else []
        pieces += [Piece(Op.ADDED, "".join(other[j1:j2]))] if j2 > j1 else []
    return tuple(pieces)


def _place(passage: Passage) -> tuple[str, ...]:
    """Where a passage stands: its document and its headings."""
    return (passage.document, *passage.headings)


def _document(passage: Passage) -> tuple[str, ...]:
    """Where a passage stands, whatever its headings have become."""
    return (passage.document,)


def _less(passages: Iterable[Passage], others: Iterable[Passage]) -> list[Passage]:
    """The passages that the others do not have, as many times as they do not."""
    known = Counter((_place(passage), passage.text) for passage in others)
    left = []
    for passage in passages:
        key = (_place(passage), passage.text)
        if known[key]:
            known[key] -= 1
        else:
            left.append(passage)
    return left


def _paired(
    gone: Sequence[Passage], come: Sequence[Passage], place: Callable[[Passage], tuple[str, ...]]
) -> Iterator[tuple[Passage, Passage]]:
    """Passages of the same place, the most alike together; those too unlike are left alone."""
    places: dict[tuple[str, ...], list[Passage]] = defaultdict(list)
    for passage in come:
        places[place(passage)].append(passage)
    for passage in gone:
        choices = places[place(passage)]
        if not choices:
            continue
        likeness = [_likeness(passage.text, choice.text) for choice in choices]
        best = max(range(len(choices)), key=likeness.__getitem__)
        if likeness[best] >= _PAIRED:
            yield passage, choices.pop(best)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, words(one), words(other), autojunk=False).ratio()


# -- near-duplicates -----------------------------------------------------------------------------


def near_duplicates(version: Retriever, changes: Iterable[PassageChange]) -> tuple[NearDuplicate, ...]:
    """For each passage that comes or changes, those of other documents that say nearly the same, most alike first."""
    fresh = [change.after for change in changes if change.after]
    rows: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for row, passage in enumerate(version.passages):
        triples = _triples(passage.text)
        sizes.append(len(triples))
        for triple in triples:
            rows[triple].append(row)
    found: dict[frozenset[str], NearDuplicate] = {}
    for passage in fresh:
        triples = _triples(passage.text)
        if len(triples) < _FEWEST:
            continue
        shared = Counter(row for triple in triples for row in rows[triple])
        for row, count in shared.items():
            other = version.passages[row]
            if other.document == passage.document or sizes[row] < _FEWEST:
                continue
            held = count / min(len(triples), sizes[row])
            if held >= CONTAINED or count / (len(triples) + sizes[row] - count) >= NEAR:
                found.setdefault(frozenset((passage.id, other.id)), NearDuplicate(passage, other, held))
    return tuple(sorted(found.values(), key=lambda pair: -pair.similarity))


def _triples(text: str) -> set[str]:
    tokens = words(text)
    return {" ".join(tokens[i : i + 3]) for i in range(max(1, len(tokens) - 2))}


# -- figures that disagree -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Claim:
    """A sentence that gives figures: what it is about and what it says, by kind of figure."""

    passage: Passage
    text: str
    subject: frozenset[str]
    said: Mapping[str, frozenset[str]]  # kind (« € », « % », « date ») → figures, readable


def contradictions(version: Retriever, changes: Sequence[PassageChange]) -> tuple[Contradiction, ...]:
    """Sentences that come in beside sentences of other documents with another amount, rate or date.

    A matter of words in common: what it shows is to be read by someone, and it may miss some.
    """
    by_kind: dict[str, list[_Claim]] = defaultdict(list)
    for passage in version.passages:
        for claim in _claims(passage):
            for kind in claim.said:
                by_kind[kind].append(claim)
    found: dict[tuple[str, str], Contradiction] = {}
    for change in changes:
        replaced = _replaced(change)
        already = {sentence for _, sentence in _sentences(change.before)} if change.before else set()
        for claim in _claims(change.after) if change.after else ():
            if claim.text in already:
                continue
            for kind in claim.said:
                for other in by_kind[kind]:
                    seen = _opposed(kind, claim, other, replaced.get(kind, frozenset()), version)
                    if seen and seen.likeness > found.get((claim.text, other.text), seen).likeness - 1e-9:
                        found[claim.text, other.text] = seen
    return tuple(sorted(found.values(), key=lambda pair: (not pair.outdated, -pair.likeness)))


def _opposed(kind: str, claim: _Claim, other: _Claim, replaced: frozenset[str], version: Retriever) -> Contradiction | None:
    """Two sentences on the same thing that give other figures of a kind; None when they agree or are about other things.

    Args:
        replaced: the figures of that kind that the changed passage gave before.
    """
    said, others = claim.said[kind], other.said[kind]
    if other.passage.document == claim.passage.document or _agree(kind, said, others):
        return None
    outdated = bool(replaced & others)
    likeness = _about_the_same(claim.subject, other.subject, version)
    if likeness < (_STILL_SAID if outdated else _SAME_EVENT if kind == _DATES else _SAME_SUBJECT):
        return None
    return Contradiction(
        claim.passage, claim.text, other.passage, other.text, tuple(sorted(said)), tuple(sorted(others)), outdated, likeness
    )


def _agree(kind: str, said: frozenset[str], others: frozenset[str]) -> bool:
    """Whether nothing of what one side says is against the other."""
    # Dates: one in common is agreement, the rest of each sentence tells the rest of one story. « octobre 2025 » and
    # « 15 octobre 2025 » have one in common.
    if kind == _DATES:
        return any(one in two or two in one for one in said for two in others)
    # Amounts and rates: all those of one side must be the other's, which may say more. « 44 000 € sans l'Anah, 55 000 € avec »
    # and « 47 000 € sans, 55 000 € avec » share one figure and disagree.
    return said <= others or others <= said


def _about_the_same(one: frozenset[str], other: frozenset[str], version: Retriever) -> float:
    """Weight of the words in common, as a share of the lighter side: a short sentence may be about the same as a long one."""

    def weight(stems: Iterable[str]) -> float:
        return sum(version.lexical.idf(stem) for stem in stems)

    return weight(one & other) / (min(weight(one), weight(other)) or 1.0)


def _replaced(change: PassageChange) -> dict[str, frozenset[str]]:
    """The figures that a changed passage no longer gives, by kind."""
    if not change.before:
        return {}
    old, new = _figures(change.before.text), _figures(change.after.text) if change.after else {}
    return {kind: said - new.get(kind, frozenset()) for kind, said in old.items()}


def _claims(passage: Passage) -> Iterator[_Claim]:
    """The sentences of a passage that give figures; each is also about what its title and heading name."""
    heading = passage.headings[-1] if passage.headings else ""
    about = frozenset(analyse(passage.title)) | frozenset(analyse(heading))
    for stems, text in _sentences(passage):
        if said := _figures(text):
            yield _Claim(passage, text, frozenset(stem for stem in stems | about if not stem[0].isdigit()), said)


def _sentences(passage: Passage) -> Iterator[tuple[frozenset[str], str]]:
    """(stems, text) of each sentence of a passage."""
    for start, end in sentences(passage.text):
        text = passage.text[start:end].strip()
        yield frozenset(analyse(text)), text


def _figures(text: str) -> dict[str, frozenset[str]]:
    """Amounts, rates and dates of a text, each kind's in words."""
    found: dict[str, set[str]] = defaultdict(set)
    for figure in figures(text):
        if figure.unit:
            found[figure.unit].add(euros(figure.value) if figure.unit == "€" else percentage(figure.value))
    for match in _DATE.finditer(join_thousands(fold(text))):
        found[_DATES].add(match[0])
    return {kind: frozenset(said) for kind, said in found.items()}


# -- answers -------------------------------------------------------------------------------------


def differs(before: Answer, after: Answer) -> bool:
    """Whether an asker sees another answer: its status, its words or the documents it cites."""

    def cited(answer: Answer) -> list[str]:
        return [citation.passage.document for citation in answer.citations]

    return (before.status, before.text, cited(before)) != (after.status, after.text, cited(after))


def by_gravity(changes: Iterable[AnswerChange]) -> tuple[AnswerChange, ...]:
    """Golden questions that now fail first, then other golden ones, then past ones; another status before other words."""
    return tuple(
        sorted(changes, key=lambda c: (not c.regresses, not c.golden, c.before.status == c.after.status, c.question.casefold()))
    )
