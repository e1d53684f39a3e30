"""The names of dispositifs, as people write them and as they are found in a text.

A name is folded (« action coeur de ville »): its words without capitals, accents or elisions. Pure; knows nothing of
conversations.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from index.document import Document
from index.french import content_words, words

# The programme's own names: they can be replaced, yet naming them opens no new subject.
PROGRAMME = frozenset({"pvd", "petites villes de demain", "petite ville de demain", "programme", "le programme"})


def folded_names(document: Document) -> set[str]:
    """The names of a document, folded."""
    return {" ".join(words(name)) for name in document.names}


def names_in(documents: Iterable[Document]) -> frozenset[str]:
    """Folded names of the dispositifs that have a document, with and without the programme's own name.

    A name made of small words only is left out: « VA », for Villages d'avenir, stands in « l'aide va jusqu'à quand ? ».
    """
    folded = set()
    for document in documents:
        folded |= folded_names(document) if document.header.scheme else set()
    shorter = {name.removesuffix(f" {own}") for name in folded for own in PROGRAMME}
    return frozenset(name for name in folded | shorter if content_words(name) and name not in PROGRAMME)


def named(text: str, names: Collection[str]) -> list[str]:
    """The names of dispositifs found in a text, longest first, without overlaps."""
    tokens = " " + " ".join(words(text)) + " "
    found = []
    for name in sorted(names, key=len, reverse=True):
        if f" {name} " in tokens:
            found.append(name)
            tokens = tokens.replace(f" {name} ", " | ")
    return found


def short_name(subject: str) -> str:
    """« Opération de revitalisation de territoire (ORT) » → « ORT »: what people say."""
    acronym = re.search(r"\(([A-Z][\w+-]{1,14})\)$", subject)
    return acronym[1] if acronym else subject
