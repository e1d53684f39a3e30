"""A text → the same without personal data, each piece replaced by what it was: « Mme [nom], [téléphone] ».

The one way in which what people type is prepared before it is kept, logged or told to a language model; what is searched and
answered keeps its words. `identifiers` finds numbers and addresses, `person_names` names; what the indexed documents say
themselves (`public_words`) stays. How much is found is counted by `tests/assistant/privacy/test_masking_counted.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from assistant.privacy.identifiers import DataKind, PersonalData, identifiers
from assistant.privacy.person_names import person_names
from assistant.privacy.public_words import PublicWords

# Shares caught of texts by writers who did not know the rules (`tests/golden/personal_data_counted.jsonl`): what pages promise.
CAUGHT_IDENTIFIERS, CAUGHT_NAMES, COUNTED_MESSAGES = 0.96, 0.92, 400
_NOTHING = PublicWords()


class Masker:
    """Masks texts. Safe to share between threads.

    Args:
        public: what the version of the base that is in use says; nothing without it.
    """

    def __init__(self, public: Callable[[], PublicWords] = lambda: _NOTHING) -> None:
        self._public = public

    def find(self, text: str) -> list[PersonalData]:
        """The personal data of a text, in order; no piece overlaps another."""
        public = self._public()
        found = [piece for piece in identifiers(text) if not public.reaches(text[piece.start : piece.end])]
        names = [
            PersonalData(start, end, DataKind.NAME)
            for start, end in person_names(text, public)
            if not any(piece.meets(start, end) for piece in found)
        ]
        return sorted([*found, *names], key=lambda piece: piece.start)

    def mask(self, text: str) -> str:
        """A text with a tag in the place of each piece: « Mme Durand, 06 12 34 56 78 » is « Mme [nom], [téléphone] »."""
        masked, at = [], 0
        for piece in self.find(text):
            masked += [text[at : piece.start], f"[{piece.kind}]"]
            at = piece.end
        return "".join([*masked, text[at:]])
