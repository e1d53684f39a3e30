"""Paragraphs that say the same thing, found across all documents, so that each is indexed once.

Two paragraphs are the same when they stand under the same heading (a long record says by itself what it is of)
with the same figures, units and signs, and their words are equal, or nearly (Jaccard similarity of word triples
>= NEAR) with the same negations and names: « 45 000 € » and « 55 000 € », « 50 % » and « 50 € », « Nièvre » and
« Creuse » are never merged. Near-duplicates are found with MinHash LSH (Broder 1997; datasketch). Pure; knows
nothing of files or vectors.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from datasketch import MinHash, MinHashLSH

from index.arrays import Span
from index.document import Document, Place
from index.figures import figures, values
from index.french import fold, words
from index.splitting import paragraphs

NEAR = 0.9
_SHORTEST = 20  # characters, as for a passage; « Oui. » or a repeated label is not a duplicate worth the name
_SAYS_ALL = 60  # characters of a record from which its heading adds nothing; « Tarif : 5 € » is not the same under another
_NEGATIONS = frozenset("ne n pas plus aucun aucune jamais sans ni non".split())
_SIGNS = re.compile(r"[<>≤≥=±+]|[-−–](?=\s?\d)")
_NAME = re.compile(r"\b[A-ZÀ-ÝŒ]\w+")


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
    exact: dict[Hashable, tuple[str, Span]] = {}
    near = MinHashLSH(threshold=NEAR, num_perm=64)
    seen: dict[str, tuple[tuple[str, Span], set[str], Hashable]] = {}
    for document, span, heading in _candidates(documents):
        text = document.text[span[0] : span[1]]
        tokens = words(text)
        key = (heading, " ".join(tokens), _amounts(text))
        place = Place(document.path, *span, document.page_at(span[0]))
        if kept := exact.get(key):
            found._add(kept, place)
            continue
        exact[key] = (document.path, span)
        triples = {" ".join(tokens[i : i + 3]) for i in range(max(1, len(tokens) - 2))}
        if len(triples) < 8:
            continue
        sketch, guard = _sketch(triples), (heading, _amounts(text), *_meaning(text, tokens))
        twin = next(
            (
                seen[name][0]
                for name in sorted(near.query(sketch))
                if seen[name][2] == guard and _jaccard(seen[name][1], triples) >= NEAR
            ),
            None,
        )
        if twin:
            found._add(twin, place)
            continue
        name = f"{len(seen):08d}"
        near.insert(name, sketch)
        seen[name] = ((document.path, span), triples, guard)
    return found


def _amounts(text: str) -> tuple[Hashable, ...]:
    """What words drop: figures with their units, and signs, in order."""
    return (*((figure.value, figure.unit) for figure in figures(text)), *_SIGNS.findall(text))


def _meaning(text: str, tokens: Sequence[str]) -> tuple[Hashable, ...]:
    """What a word changed may not touch: numbers in letters, negations, names."""
    names = frozenset(fold(name) for name in _NAME.findall(text))
    return frozenset(values(text)), tuple(token for token in tokens if token in _NEGATIONS), names


def _candidates(documents: Sequence[Document]) -> Iterator[tuple[Document, Span, str]]:
    for document in documents:
        for span in paragraphs(document):
            if span[1] - span[0] >= _SHORTEST:
                headings = document.headings_at(span[0])
                alone = span in document.record_spans and span[1] - span[0] >= _SAYS_ALL
                yield document, span, " ".join(words(headings[-1])) if headings and not alone else ""


def _sketch(triples: set[str]) -> MinHash:
    sketch = MinHash(num_perm=64)
    sketch.update_batch([triple.encode() for triple in triples])
    return sketch


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)
