"""Judging: one model a kind of passage, the bounds hold, silence gives no figure, a stated gap is partial."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.answer import Status
from assistant.answering.judge import CAUTIOUS, RULES, TAUGHT, Evidence, Judge, PlaceNames, evidence_of, says_nothing
from assistant.answering.question import expectation
from index.document import Hit, Passage
from index.ranking import WeightedTerms

JUDGE = Judge({"coverage": 1.0, "no_figure": -1.0, "bias": 0.0}, {"coverage": 2.0, "bias": -1.0}, 0.7, 0.4, 0.75, 0.004)
TERMS = WeightedTerms((frozenset({"halle"}),), (1.0,))


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def hit(text: str, score: float = 1.0, heading: str = "Quel soutien ?") -> Hit:
    passage = Passage("a.md#0", "a.md", "Plan Halles", (heading,), text, 0, len(text))
    return Hit(passage, score, features={"coverage": 0.5, "heading_match": 0.25, "pieces": 0.9})


@pytest.mark.parametrize(
    ("probability", "status"),
    [(0.39, Status.NOT_FOUND), (0.41, Status.PARTIAL), (0.69, Status.PARTIAL), (0.71, Status.ANSWERED), (0.999, Status.ANSWERED)],
)
def test_the_probability_makes_the_status(probability: float, status: Status) -> None:
    assert JUDGE.status(Evidence(), probability, is_asked=True) is status


def test_a_raw_passage_is_shown_from_a_lower_probability_than_a_fiche() -> None:
    assert JUDGE.status(Evidence(), 0.2, is_asked=True) is Status.NOT_FOUND
    assert JUDGE.status(Evidence(), 0.2, is_asked=False, is_fiche=False) is Status.PARTIAL
    assert JUDGE.status(Evidence(), 0.2, is_asked=True, is_fiche=False) is Status.PARTIAL, "a question over it makes no fiche"


def test_what_a_raw_document_says_around_a_passage_counts_for_its_place_and_year() -> None:
    asked, seen = expectation("Combien en 2027 en Bretagne ?"), [hit("Il y en a 12.")]
    alone = evidence_of(asked, TERMS, seen, [("bretagne",)])
    within = evidence_of(asked, TERMS, seen, [("bretagne",)], around=lambda found: "tarifs 2027 en bretagne")
    assert (alone.year_missing, alone.place_missing) == (1.0, 1.0) and (within.year_missing, within.place_missing) == (0.0, 0.0)


def test_the_probability_is_the_logistic_of_the_weighted_sum_of_its_kind_of_passage() -> None:
    seen = Evidence(coverage=2.0, no_figure=1.0)
    assert JUDGE.probability(seen, is_asked=True) == pytest.approx(1 / (1 + math.exp(-(2.0 - 1.0))))
    assert JUDGE.probability(seen, is_asked=False) == pytest.approx(1 / (1 + math.exp(-(2 * 2.0 - 1.0))))


def test_what_only_rules_read_never_moves_the_probability() -> None:
    swayed = Judge({"bias": 0.0, **dict.fromkeys(RULES, 9.0)}, {"bias": 0.0}, 0.7, 0.4)
    assert swayed.probability(Evidence(lacuna=1.0, rewritten=1.0), is_asked=True) == 0.5
    assert set(TAUGHT) | RULES == {field.name for field in fields(Evidence)} and not set(TAUGHT) & RULES


RULED = [
    ("sûr", {}, 0.9, Status.ANSWERED),
    ("chiffre, lieu absent", {"place_missing": 1.0, "wants_figure": 1.0}, 0.9, Status.NOT_FOUND),
    ("chiffre, année absente", {"year_missing": 1.0, "wants_figure": 1.0}, 0.9, Status.NOT_FOUND),
    ("chiffre, autre rang", {"ordinal_missing": 1.0, "wants_figure": 1.0}, 0.9, Status.NOT_FOUND),
    ("chiffre, autre dispositif", {"name_missing": 1.0, "wants_figure": 1.0}, 0.9, Status.NOT_FOUND),
    ("lieu absent, pas de chiffre", {"place_missing": 1.0}, 0.9, Status.PARTIAL),
    ("autre dispositif, pas de chiffre", {"name_missing": 1.0}, 0.9, Status.PARTIAL),
    ("année absente, pas de chiffre", {"year_missing": 1.0}, 0.9, Status.PARTIAL),
    ("chiffre trouvé", {"wants_figure": 1.0, "figure": 1.0}, 0.9, Status.ANSWERED),
    ("aucun chiffre de la sorte demandée", {"wants_figure": 1.0, "figure": -1.0}, 0.9, Status.PARTIAL),
    ("d'un autre domaine", {"foreign": 0.9}, 0.5, Status.NOT_FOUND),
    ("d'un autre domaine, mais un passage en parle", {"foreign": 0.9, "coverage": 0.95}, 0.5, Status.PARTIAL),
    ("d'un autre domaine, un passage en a une part", {"foreign": 0.9, "coverage": 0.8}, 0.5, Status.NOT_FOUND),
    ("d'un autre domaine, un passage semble répondre", {"foreign": 0.9}, 0.9, Status.PARTIAL),
    ("d'un autre domaine, un passage en dit tous les mots", {"foreign": 0.9, "coverage": 0.95}, 0.9, Status.ANSWERED),
    ("d'un autre domaine, un passage répond sans doute", {"foreign": 0.9}, 0.65, Status.PARTIAL),
    ("peu sûr", {}, 0.2, Status.NOT_FOUND),
    ("manque dit par la base", {"lacuna": 1.0}, 0.9, Status.PARTIAL),
    ("manque dit sous une autre question", {"lacuna": 1.0}, 0.1, Status.NOT_FOUND),
    ("manque dit d'un autre lieu", {"lacuna": 1.0, "heading_coverage": 0.9, "place_missing": 1.0, "wants_figure": 1.0}, 0.9,
     Status.NOT_FOUND),
]  # fmt: skip


@pytest.mark.parametrize(("numbers", "probability", "status"), [case[1:] for case in RULED], ids=[case[0] for case in RULED])
def test_rules_may_overrule_the_probability(numbers: dict[str, float], probability: float, status: Status) -> None:
    assert JUDGE.status(Evidence(**numbers), probability, is_asked=True) is status


@given(st.dictionaries(st.sampled_from([field.name for field in fields(Evidence)]), st.floats(-1e6, 1e6)), st.booleans())
def test_any_evidence_gives_a_probability_and_a_status(numbers: dict[str, float], is_asked: bool) -> None:
    for judge in (JUDGE, CAUTIOUS):
        probability = judge.probability(Evidence(**numbers), is_asked)
        assert 0 <= probability <= 1
        assert judge.status(Evidence(**numbers), probability, is_asked) in (Status.NOT_FOUND, Status.PARTIAL, Status.ANSWERED)


def test_a_judge_learned_for_another_encoder_gives_way_to_a_cautious_one(tmp_path) -> None:
    bounds = {"answered": 0.6, "partial": 0.2, "answered_raw": 0.5, "partial_raw": 0.1}
    row = {"encoder": "e1", "asked": {"coverage": 9.0, "bias": 1.0}, "raw": {"bias": 2.0}, **bounds}
    path = tmp_path / "judge.json"
    path.write_text(json.dumps(row), encoding="utf-8")
    assert Judge.load("e1", path) == Judge(row["asked"], row["raw"], 0.6, 0.2, 0.5, 0.1)
    assert Judge.load("e2", path) is CAUTIOUS


def test_the_cautious_judge_wants_the_words_and_the_figure() -> None:
    full = Evidence(coverage=1.0, heading_precision=1.0, heading_match=1.0, lexical=1.0, figure=1.0)
    sure = CAUTIOUS.probability(full, True)
    assert CAUTIOUS.status(full, sure, True) is Status.ANSWERED
    assert CAUTIOUS.probability(replace(full, no_figure=1.0), True) < sure > CAUTIOUS.probability(replace(full, unsaid=0.5), True)
    assert CAUTIOUS.status(Evidence(), CAUTIOUS.probability(Evidence(), True), True) is Status.NOT_FOUND


EVIDENCE = [
    ("montant absent", "Combien coûte la halle ?", "La halle est ancienne.", (), "no_figure", 1.0),
    ("montant présent", "Combien coûte la halle ?", "La halle coûte 70 000 €.", (), "no_figure", 0.0),
    ("pas de montant demandé", "Qui répare la halle ?", "Le maire.", (), "no_figure", 0.0),
    ("année absente", "Quel budget en 2027 ?", "Le budget 2026 est voté.", (), "year_missing", 1.0),
    ("année présente", "Quel budget en 2026 ?", "Le budget 2026 est voté.", (), "year_missing", 0.0),
    ("lieu absent", "Combien en Bretagne ?", "Il y en a 12.", (("bretagne",),), "place_missing", 1.0),
    ("lieu présent", "Combien en Bretagne ?", "En Bretagne, 12.", (("bretagne",),), "place_missing", 0.0),
    ("un lieu sur deux", "Bretagne et Marne ?", "En Bretagne, 12.", (("bretagne",), ("marne",)), "place_missing", 1.0),
    ("un lieu plus grand", "Combien à Mayotte ?", "Outre-mer, 12 %.", (("mayotte", "outre mer"),), "place_missing", 0.0),
    ("autre rang", "Combien à la troisième vague ?", "La première vague retient 12 villes.", (), "ordinal_missing", 1.0),
    ("même rang", "Combien à la troisième vague ?", "La troisième vague retient 12 villes.", (), "ordinal_missing", 0.0),
    ("aucun rang", "Combien à la troisième vague ?", "La vague retient 12 villes.", (), "ordinal_missing", 0.0),
    ("manque", "Quel taux ?", "La base ne donne pas le taux.", (), "lacuna", 1.0),
    ("chiffre voulu", "Quand ?", "Demain.", (), "wants_figure", 1.0),
    ("comparaison", "Quelle différence entre PVD et ACV ?", "Deux programmes.", (), "comparison", 1.0),
    ("aide demandée", "Quelle subvention ?", "Une aide.", (), "asks_aid", 1.0),
]


@pytest.mark.parametrize(
    ("question", "text", "places", "name", "value"), [case[1:] for case in EVIDENCE], ids=[case[0] for case in EVIDENCE]
)
def test_evidence_tells_what_the_best_passage_has_and_lacks(
    question: str, text: str, places: tuple[PlaceNames, ...], name: str, value: float
) -> None:
    found = evidence_of(expectation(question), TERMS, [hit(text), hit("autre", 0.5)], places)
    assert found.as_dict()[name] == value
    assert (found.coverage, found.heading_match, found.margin) == (0.5, 0.25, 0.5), "what the search computed is kept"


def test_what_the_caller_knows_is_kept_and_a_foreign_message_counts_less_when_a_heading_asks_it() -> None:
    found = evidence_of(expectation("Qui ?"), TERMS, [hit("Le maire.")], foreign=0.8, unsaid=0.3, rewritten=1.0)
    assert (found.foreign, found.unsaid, found.rewritten) == (0.8, 0.3, 1.0)
    assert found.foreign_unmatched == pytest.approx(0.8 * (1 - 0.25))


def test_the_best_passage_alone_has_the_widest_margin_and_neighbours_of_its_document_count() -> None:
    assert evidence_of(expectation("Qui ?"), TERMS, [hit("Le maire.")]).margin == 3.0
    other = replace(hit("Ailleurs.", 0.9), passage=replace(hit("Ailleurs.").passage, document="b.md"))
    assert evidence_of(expectation("Qui ?"), TERMS, [hit("Le maire."), hit("Un élu.", 0.9), other, other]).same_document == 0.5


def test_a_place_may_stand_in_the_heading() -> None:
    found = hit("Il y en a 12.", heading="Combien de halles en Bretagne ?")
    assert evidence_of(expectation("en Bretagne ?"), TERMS, [found], [("bretagne",)]).place_missing == 0.0


def test_a_place_among_other_wordings_is_not_spoken_of() -> None:
    found = replace(hit("Les aides varient."), passage=replace(hit("Les aides varient.").passage, aliases=("et en Bretagne ?",)))
    assert evidence_of(expectation("combien en Bretagne ?"), TERMS, [found], [("bretagne",)]).place_missing == 1.0


@pytest.mark.parametrize(
    ("sentence", "gap"),
    [("La base ne donne pas le taux.", True), ("Non, la base n'indique aucun délai.", True),
     ("La base navale ne ferme pas.", False),
     ("Le taux est de 35 %.", False), ("Selon l'Insee, la base ne donne rien.", False)],
)  # fmt: skip
def test_a_gap_is_recognised(sentence: str, gap: bool) -> None:
    assert says_nothing(sentence) is gap
