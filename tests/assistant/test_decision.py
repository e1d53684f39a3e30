"""Deciding: the thresholds hold, silence on the place or the year gives no figure, a stated gap is partial."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Status
from assistant.decision import DEFAULT, decide, evidence, says_nothing
from assistant.question import expectation
from index.document import Hit, Passage
from index.ranking import WeightedTerms

MODEL = {"weights": {"coverage": 1.0, "no_figure": -1.0}, "bias": 0.0, "answered": 0.7, "partial": 0.4}
TERMS = WeightedTerms((frozenset({"halle"}),), (1.0,))


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def hit(text: str, score: float = 1.0, heading: str = "Quel soutien ?") -> Hit:
    passage = Passage("a.md#0", "a.md", "Plan Halles", (heading,), text, 0, len(text))
    return Hit(passage, score, evidence={"soft_coverage": 0.5})


@pytest.mark.parametrize(
    ("probability", "status"),
    [(0.39, Status.NOT_FOUND), (0.41, Status.PARTIAL), (0.69, Status.PARTIAL), (0.71, Status.ANSWERED), (0.999, Status.ANSWERED)],
)
def test_thresholds(probability: float, status: Status) -> None:
    found, decided = decide({"coverage": logit(probability)}, MODEL)
    assert (found, decided) == (pytest.approx(probability), status)


def test_the_probability_is_the_logistic_of_the_weighted_sum() -> None:
    found, _ = decide({"coverage": 2.0, "no_figure": 1.0, "unknown": 9.0}, MODEL)
    assert found == pytest.approx(1 / (1 + math.exp(-(2.0 - 1.0))))


SURE = {"coverage": 9.0}
RULES = [
    ("sûr", {}, Status.ANSWERED),
    ("chiffre, lieu absent", {"place_missing": 1.0, "wants_figure": 1.0}, Status.NOT_FOUND),
    ("chiffre, année absente", {"year_missing": 1.0, "wants_figure": 1.0}, Status.NOT_FOUND),
    ("lieu absent, pas de chiffre", {"place_missing": 1.0}, Status.PARTIAL),
    ("année absente, pas de chiffre", {"year_missing": 1.0}, Status.ANSWERED),
    ("chiffre trouvé", {"wants_figure": 1.0}, Status.ANSWERED),
    ("d'un autre domaine", {"foreign": 0.9, "coverage": 0.0}, Status.NOT_FOUND),
    ("d'un autre domaine, mais un passage en parle", {"foreign": 0.9, "coverage": 0.0, "soft_coverage": 0.95}, Status.PARTIAL),
    ("d'un autre domaine, un document a ses mots", {"foreign": 0.9, "coverage": 0.0, "document_coverage": 0.95}, Status.PARTIAL),
    ("d'un autre domaine, un document en a peu", {"foreign": 0.9, "coverage": 0.0, "document_coverage": 0.8}, Status.NOT_FOUND),
    ("d'un autre domaine, un passage répond", {"foreign": 0.9}, Status.ANSWERED),
    ("peu sûr", {"coverage": -1.0}, Status.NOT_FOUND),
    ("peu sûr, mais mal lu", {"coverage": -1.0, "rewritten": 1.0}, Status.PARTIAL),
    ("manque dit par la base", {"lacuna": 1.0}, Status.PARTIAL),
]


@pytest.mark.parametrize(("numbers", "status"), [case[1:] for case in RULES], ids=[case[0] for case in RULES])
def test_rules_above_the_probability(numbers: dict[str, float], status: Status) -> None:
    assert decide(SURE | numbers, MODEL)[1] is status


@given(st.dictionaries(st.sampled_from([*DEFAULT["weights"], "lacuna", "place_missing"]), st.floats(-1e6, 1e6)))
def test_any_evidence_gives_a_probability(numbers: dict[str, float]) -> None:
    probability, status = decide(numbers)
    assert 0 <= probability <= 1 and status in (Status.NOT_FOUND, Status.PARTIAL, Status.ANSWERED)


EVIDENCE = [
    ("montant absent", "Combien coûte la halle ?", "La halle est ancienne.", (), "no_figure", 1.0),
    ("montant présent", "Combien coûte la halle ?", "La halle coûte 70 000 €.", (), "no_figure", 0.0),
    ("pas de montant demandé", "Qui répare la halle ?", "Le maire.", (), "no_figure", 0.0),
    ("année absente", "Quel budget en 2027 ?", "Le budget 2026 est voté.", (), "year_missing", 1.0),
    ("année présente", "Quel budget en 2026 ?", "Le budget 2026 est voté.", (), "year_missing", 0.0),
    ("lieu absent", "Combien en Bretagne ?", "Il y en a 12.", ("bretagne",), "place_missing", 1.0),
    ("lieu présent", "Combien en Bretagne ?", "En Bretagne, 12.", ("bretagne",), "place_missing", 0.0),
    ("un lieu sur deux", "Bretagne et Marne ?", "En Bretagne, 12.", ("bretagne", "marne"), "place_missing", 1.0),
    ("manque", "Quel taux ?", "La base ne donne pas le taux.", (), "lacuna", 1.0),
    ("chiffre voulu", "Quand ?", "Demain.", (), "wants_figure", 1.0),
]


@pytest.mark.parametrize(
    ("question", "text", "places", "name", "value"), [case[1:] for case in EVIDENCE], ids=[case[0] for case in EVIDENCE]
)
def test_evidence_about_the_best_passage(question: str, text: str, places: tuple[str, ...], name: str, value: float) -> None:
    numbers = evidence(expectation(question), TERMS, [hit(text), hit("autre", 0.5)], places)
    assert numbers[name] == value
    assert numbers["soft_coverage"] == 0.5


def test_a_place_may_stand_in_the_heading() -> None:
    found = hit("Il y en a 12.", heading="Combien de halles en Bretagne ?")
    assert evidence(expectation("en Bretagne ?"), TERMS, [found], ["bretagne"])["place_missing"] == 0.0


def test_a_place_among_other_wordings_is_not_spoken_of() -> None:
    found = replace(hit("Les aides varient."), passage=replace(hit("Les aides varient.").passage, aliases=("et en Bretagne ?",)))
    assert evidence(expectation("combien en Bretagne ?"), TERMS, [found], ["bretagne"])["place_missing"] == 1.0


@pytest.mark.parametrize(
    ("sentence", "gap"),
    [("La base ne donne pas le taux.", True), ("Non, la base n'indique aucun délai.", True),
     ("La base navale ne ferme pas.", False),
     ("Le taux est de 35 %.", False), ("Selon l'Insee, la base ne donne rien.", False)],
)  # fmt: skip
def test_a_gap_is_recognised(sentence: str, gap: bool) -> None:
    assert says_nothing(sentence) is gap
