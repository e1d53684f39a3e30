"""What « Ma commune » reads, shows and exports: one form that was sent, and what the base says of it. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.answering.eligibility import EligibilityOutcome, Question, SchemeReview
from assistant.answering.situation import Situation
from assistant.web.public.commune_list import Commune
from assistant.web.shared.published_base import Edition
from assistant.web.shared.sources import CitedSource
from index.document import Passage


@dataclass(frozen=True)
class Consultation:
    """One form that was sent, and what the base says of it."""

    situation: Situation
    commune: Commune | None
    facts: tuple[str, ...]  # what was taken into account, in words
    deduced: tuple[tuple[str, Passage], ...]  # what follows from it, in words, and the passage that says so
    questions: tuple[Question, ...]  # what is left to say, what settles most dispositifs first
    notices: tuple[str, ...]
    homonyms: tuple[Commune, ...]
    reviews: tuple[SchemeReview, ...]
    sources: tuple[CitedSource, ...]
    markers: Mapping[str, int]  # passage id → number of its source
    edition: Edition
    listed: str  # the state of the list of communes, in words

    def of(self, outcome: EligibilityOutcome) -> list[SchemeReview]:
        """The schemes with one outcome, in their order."""
        return [review for review in self.reviews if review.outcome is outcome]

    @property
    def name(self) -> str:
        """The commune as the list names it, else as it was typed."""
        return self.commune.label if self.commune else self.situation.name
