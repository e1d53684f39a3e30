"""What is known of a commune and its project, said or deduced from what is said.

A fact is named as the form names it: « programme-PVD », « zone-montagne », « population-20000 » (fewer than 20,000 inhabitants).
One fact may imply another, as far as a passage of the base says so. Pure; knows nothing of criteria, verdicts or screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from assistant.answering.proofs import Proofs, by_heading
from index.document import Passage

FIELDS = {"programme": "programmes", "convention": "conventions", "zone": "zones"}  # kind of criterion → field of Situation
POPULATION, BEARER = "population", "bearer"  # the two facts that are not a yes or a no


class Inference(NamedTuple):
    """A fact known to have a value, and the value of another fact that follows."""

    known: str
    value: bool
    other: str
    follows: bool


@dataclass(frozen=True)
class Implication:
    """Once `fact` is true, `other` is known to hold, or not to; the fiche says so under a heading."""

    fact: str
    other: str
    holds: bool
    fiche: str  # name of its file, without the suffix
    heading: str
    backwards: bool = True  # « no ACV town is in PVD »: of a town that is in ACV, « in PVD » is false

    @property
    def inferences(self) -> tuple[Inference, ...]:
        """What may be concluded: from the fact, and backwards from the other one."""
        forth = Inference(self.fact, True, self.other, self.holds)
        back = Inference(self.other, not self.holds, self.fact, False)
        return (forth, back) if self.backwards else (forth,)


_PVD, _ENTRY, _CONVENTIONS = "programme-PVD", "entrer-dans-le-programme", "conventions-adhesion-cadre"
_STEPS = "Quelles sont les étapes des conventions Petites villes de demain ?"
_MEMBERSHIP = "C'est quoi la convention d'adhésion ?"
_WITH_ACV = "Peut-on cumuler PVD et Action cœur de ville ?"
_INHABITANTS = "Combien d'habitants faut-il pour être Petite ville de demain ?"
_OVER_3500 = "Une commune de plus de 3 500 habitants peut-elle entrer dans Villages d'avenir ?"
_CRITERIA = "Quels sont les critères pour être Petite ville de demain ?"
_CANDIDATES = "Qui devait porter la candidature, la commune ou l'intercommunalité ?"
# A convention-cadre is no ORT by itself (the fiche says so): it implies none here.
IMPLICATIONS = (
    Implication("convention-cadre", "convention-adhesion", True, _CONVENTIONS, _STEPS),
    Implication("convention-adhesion", _PVD, True, _CONVENTIONS, _MEMBERSHIP),
    Implication(_PVD, "programme-ACV", False, "action-coeur-de-ville", _WITH_ACV),
    Implication(_PVD, "population-20000", True, _ENTRY, _INHABITANTS),
    Implication("programme-VA", "population-3500", True, "villages-d-avenir", _OVER_3500),
    Implication(_PVD, "fait-centralite", True, _ENTRY, _CRITERIA, backwards=False),
    Implication(_PVD, "fait-fragilite", True, _ENTRY, _CRITERIA, backwards=False),
    Implication(_PVD, "fait-hors-grand-pole", True, _ENTRY, _CRITERIA, backwards=False),
    Implication(_PVD, "fait-binome", True, _ENTRY, _CANDIDATES, backwards=False),
)


class ProvedImplication(NamedTuple):
    """An implication, and the passage of the base that says it."""

    implication: Implication
    passage: Passage


@dataclass(frozen=True)
class Deduction:
    """A fact nobody said, that another one implies, with the passage that says so."""

    fact: str
    value: bool
    because: str  # the fact it follows from
    passage: Passage


@dataclass(frozen=True)
class Situation:
    """What is known of a commune and its project. What is absent, or None, is unknown: never « no »."""

    name: str = ""
    insee: str = ""
    population: int | None = None
    programmes: Mapping[str, bool] = field(default_factory=dict)  # PVD, ACV, VA
    conventions: Mapping[str, bool] = field(default_factory=dict)  # adhesion, cadre, ort, opah-ru
    zones: Mapping[str, bool] = field(default_factory=dict)  # rurale, montagne, outre-mer, frr…
    bearer: str | None = None  # commune, epci, petr, syndicat, association…
    answers: Mapping[str, bool] = field(default_factory=dict)  # key of a criterion in words → whether it is met
    deduced: Mapping[str, Deduction] = field(default_factory=dict)  # fact → what implies it; what is said comes first

    def fact(self, name: str) -> bool | None:
        """Whether a fact holds, said or deduced; None when unknown."""
        kind, _, value = name.partition("-")
        said = getattr(self, FIELDS[kind]).get(value) if kind in FIELDS else self.answers.get(name)
        if kind == POPULATION and self.population is not None:
            said = self.population < int(value)
        return said if said is not None or name not in self.deduced else self.deduced[name].value

    def with_fact(self, name: str, value: bool) -> Situation:
        """The situation once a fact is said."""
        kind, _, short = name.partition("-")
        if kind not in FIELDS:
            return replace(self, answers={**self.answers, name: value})
        said: dict[str, Any] = {FIELDS[kind]: {**getattr(self, FIELDS[kind]), short: value}}
        return replace(self, **said)

    @property
    def says(self) -> bool:
        """Whether anything is said of the commune itself."""
        return self.population is not None or any((self.programmes, self.conventions, self.zones, self.insee))


def completed(situation: Situation, passages: Iterable[Passage]) -> Situation:
    """The situation with what it implies, as far as the passages that say so are there."""
    return deduce(situation, implications_in(by_heading(passages)))


def contradictions(situation: Situation, passages: Iterable[Passage]) -> list[tuple[str, str]]:
    """Pairs of facts said that the base says cannot go together: (« programme-PVD », « programme-ACV »)."""
    rules = implications_in(by_heading(passages))
    known = deduce(situation, rules)
    return [(r.fact, r.other) for r, _ in rules if known.fact(r.fact) and known.fact(r.other) is (not r.holds)]


def implications_in(proofs: Proofs) -> list[ProvedImplication]:
    """The implications whose heading is in the base."""
    known = {(PurePosixPath(path).stem, heading): passage for (path, heading), passage in proofs.items()}
    return [ProvedImplication(one, known[one.fiche, one.heading]) for one in IMPLICATIONS if (one.fiche, one.heading) in known]


def deduce(situation: Situation, proved: Sequence[ProvedImplication]) -> Situation:
    """The situation with all that follows from what is said, each deduction with its passage; what is said comes first."""
    known = replace(situation, deduced={})
    inferences = [(inference, passage) for implication, passage in proved for inference in implication.inferences]
    for _ in IMPLICATIONS:  # what one implication says may be what the next one asks
        for (name, value, other, follows), passage in inferences:
            if known.fact(name) is value and known.fact(other) is None:
                known = replace(known, deduced={**known.deduced, other: Deduction(other, follows, name, passage)})
    return known
