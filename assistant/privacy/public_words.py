"""What the indexed documents say of names and ways to write or call → what is public, and so never masked.

A name of two words or more that a document gives is public, and so are its e-mails and telephones. A surname alone is not: there
may be a private « Mme Faure » beside the minister. Made from the texts of one version; knows nothing of how they are indexed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from index.french import fold

_LONGEST = 4  # words of a name
_PARTICLE = r"(?:de |du |des |de la |d['’]|van |von |le |el |ben )?"
_NAME = re.compile(rf"(?<![\w-])[A-ZÀ-Ý][\w’'.-]*(?:[ \u00a0]{_PARTICLE}[A-ZÀ-Ý][\w’'-]+){{1,{_LONGEST - 1}}}")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_EMAIL = re.compile(r"[\w.+-]+@[\w.-]+\w")
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)33[ .-]?(?:\(0\))?|0)[1-9](?:[ \u00a0.-]?\d{2}){4}(?!\d)")


@dataclass(frozen=True)
class PublicWords:
    """The names of persons, the words, and the e-mails and telephones of some texts, all folded."""

    full_names: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()  # e-mails; the last nine digits of telephones

    @classmethod
    def of(cls, texts: Iterable[str]) -> PublicWords:
        """Those of some texts."""
        full_names: set[str] = set()
        words: set[str] = set()
        contacts: set[str] = set()
        for text in texts:
            words.update(_WORD.findall(text.lower()))
            for match in _NAME.finditer(text):
                full_names.update(_parts(match.group()))
            contacts.update(fold(match.group()) for match in _EMAIL.finditer(text))
            contacts.update(_digits(match.group()) for match in _PHONE.finditer(text))
        return cls(frozenset(full_names), frozenset(map(fold, words)), frozenset(contacts))

    def names(self, name: str) -> bool:
        """Whether the texts give this name, of two words or more."""
        return _plain(name) in self.full_names

    def holds(self, word: str) -> bool:
        """Whether a folded word stands in the texts."""
        return word in self.words

    def reaches(self, contact: str) -> bool:
        """Whether the texts give this e-mail or telephone."""
        return fold(contact) in self.contacts or (bool(_digits(contact)) and _digits(contact) in self.contacts)


def _plain(name: str) -> str:
    return " ".join(fold(name).replace(".", " ").split())


def _parts(name: str) -> set[str]:
    """The runs of two words or more of a name: « Ministre Jacqueline Gourault » holds « jacqueline gourault »."""
    words = _plain(name).split()
    return {" ".join(words[start:end]) for start in range(len(words)) for end in range(start + 2, len(words) + 1)}


def _digits(text: str) -> str:
    """The last nine digits of a telephone, the same with a country's prefix and without; empty of anything else."""
    found = re.sub(r"\D", "", text)
    return found[-9:] if len(found) >= 9 else ""
