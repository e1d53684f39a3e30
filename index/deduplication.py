"""Paragraphs that say the same thing, found across all documents, so that each is indexed once.

Two paragraphs are the same when they stand under the same heading and their words are equal, or
nearly (Jaccard similarity of word triples >= NEAR), with the same figures and the same negations:
« 45 000 € » and « 55 000 € » are never merged. Near-duplicates are found with MinHash LSH
(Broder 1997; datasketch). Pure; knows nothing of files or vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from datasketch import MinHash, MinHashLSH

from index.document import Document, Place
from index.figures import values
from index.french import words
from index.splitting import Span, paragraphs

NEAR = 0.9
_SHORTEST = 40  # characters; « Oui. » or a repeated label is not a duplicate worth the name
_NEGATIONS = frozenset("ne n pas plus aucun aucune jamais sans ni non".split())


@dataclass
class Duplicates:
    """What to leave out of the index, and where the kept paragraphs also stand."""

    skip: dict[str, set[Span]] = field(default_factory=dict)  # document path → spans
    also: dict[str, dict[Span, tuple[Place, ...]]] = field(default_factory=dict)

    def _add(self, kept: tuple[str, Span], place: Place) -> None:
        self.skip.setdefault(place.document, set()).add((place.start, place.end))
        places = self.also.setdefault(kept[0], {})
        places[kept[1]] = (*places.get(kept[1], ()), place)


def find_duplicates(documents: Sequence[Document]) -> Duplicates:
    """The first occurrence, in the order of `documents`, is the one kept."""
    found = Duplicates()
    exact: dict[tuple[str, str], tuple[str, Span]] = {}
    near = MinHashLSH(threshold=NEAR, num_perm=64)
    seen: dict[str, tuple[tuple[str, Span], set[str], object, str]] = {}
    for document, span, heading in _candidates(documents):
        tokens = words(document.text[span[0] : span[1]])
        key = (heading, " ".join(tokens))
        place = Place(document.path, *span, document.page_at(span[0]))
        if kept := exact.get(key):
            found._add(kept, place)
            continue
        exact[key] = (document.path, span)
        triples = {" ".join(tokens[i : i + 3]) for i in range(max(1, len(tokens) - 2))}
        if len(triples) < 8:
            continue
        sketch, guard = _sketch(triples), (values(document.text[span[0] : span[1]]), _NEGATIONS & set(tokens))
        twin = next(
            (
                seen[name][0]
                for name in sorted(near.query(sketch))
                if seen[name][2] == guard and seen[name][3] == heading and _jaccard(seen[name][1], triples) >= NEAR
            ),
            None,
        )
        if twin:
            found._add(twin, place)
            continue
        name = f"{len(seen):08d}"
        near.insert(name, sketch)
        seen[name] = ((document.path, span), triples, guard, heading)
    return found


def _candidates(documents: Sequence[Document]) -> Iterator[tuple[Document, Span, str]]:
    for document in documents:
        for span in paragraphs(document):
            if span[1] - span[0] >= _SHORTEST:
                headings = document.headings_at(span[0])
                yield document, span, " ".join(words(headings[-1])) if headings else ""


def _sketch(triples: set[str]) -> MinHash:
    sketch = MinHash(num_perm=64)
    sketch.update_batch([triple.encode() for triple in triples])
    return sketch


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)
