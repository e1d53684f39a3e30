"""The paragraph that carries what a fiche's header says: nothing is computed or affirmed without it.

A header gives figures (« taux: 75 ») and names a heading of its own file (« preuve: »); the passage under that heading is the
proof when it says every one of these figures. Pure; knows nothing of sums, verdicts or screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.answering.aid_amounts import lumps, rates
from index.document import Document, Passage
from index.fiche import Criterion, Grant
from index.figures import readable, values


@dataclass(frozen=True)
class Unproved:
    """Figures of a header that the paragraph it names does not say: nothing is computed or affirmed from them."""

    document: str
    name: str  # of the aid or the criterion
    figures: tuple[str, ...]  # those missing, ascending, readable
    proof: str  # heading of the paragraph
    is_there: bool  # the paragraph is in the base


Proofs = Mapping[tuple[str, str], Passage]  # (path of the document, heading) → the passage under it


def by_heading(passages: Iterable[Passage]) -> Proofs:
    """Where to look for the proofs of headers."""
    return {(passage.document, passage.headings[-1]): passage for passage in passages if passage.headings}


def carries(passage: Passage | None, row: Grant | Criterion) -> bool:
    """Whether a paragraph is there and says every figure that a header refers to it for."""
    return passage is not None and row.figures <= values(passage.text)


def passage_of(grant: Grant, document: str, passages: Sequence[Passage]) -> Passage | None:
    """The passage that carries a grant's figures; None when the paragraph it names says others, or is not in the base.

    Args:
        document: path of the fiche.
    """
    named = (p for p in passages if p.document == document and p.headings and p.headings[-1] == grant.proof)
    return next((p for p in named if carries(p, grant)), None)


def unproved(documents: Iterable[Document], passages: Iterable[Passage]) -> list[Unproved]:
    """What the headers of some documents give and their paragraphs do not: the editor must correct one of the two."""
    proofs = by_heading(passages)
    found = []
    for document in documents:
        rows: list[Grant | Criterion] = [*rates(document), *lumps(document), *document.header.criteria]
        for row in rows:
            passage = proofs.get((document.path, row.proof))
            missing = row.figures - (values(passage.text) if passage else set())
            if missing or passage is None:
                name = row.name if isinstance(row, Grant) else row.text
                figures = tuple(map(readable, sorted(missing)))
                found.append(Unproved(document.path, name, figures, row.proof, passage is not None))
    return found
