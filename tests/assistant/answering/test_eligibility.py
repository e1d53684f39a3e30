"""Verdicts and sums: the bounds, what stays unknown, what excludes, and the formula as expected value."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from assistant.answering.aid_amounts import calculable, compute, lumps, multiply, rates
from assistant.answering.eligibility import EligibilityOutcome, VerdictBasis, facts_to_ask, overall, questions, review, verdict
from assistant.answering.proofs import passage_of, unproved
from assistant.answering.situation import IMPLICATIONS, Situation, completed, contradictions
from index import loaders
from index.document import Document, Passage
from index.fiche import Criterion
from index.splitting import Splitting, split

YES, CONFIRM, NO = EligibilityOutcome.YES, EligibilityOutcome.CONFIRM, EligibilityOutcome.NO
RULE = "Une commune de 2 000 habitants au moins et de moins de 20 000, ou de 3 500 au plus dans un massif."
PROOF = Passage("f.md#0-10", "f.md", "Fiche", ("Qui peut ?",), RULE, 0, len(RULE))
UNDER_20000 = Criterion("population", "la commune a moins de 20 000 habitants", high=20000, strict=True)
UP_TO_3500 = Criterion("population", "la commune compte 3 500 habitants au plus", high=3500)
FROM_2000 = Criterion("population", "la commune compte au moins 2 000 habitants", low=2000)
PVD = Criterion("programme", "la commune fait partie de Petites villes de demain", ("PVD",))
NOT_ACV = Criterion("programme", "la commune ne bénéficie pas d'Action cœur de ville", ("ACV",), excluded=True)
ORT = Criterion("convention", "la commune a conclu une ORT", ("ort",))
ORT_OR_ORDER = Criterion("convention", "la commune a conclu une ORT ou figure à l'arrêté", ("ort",))
BUILDING = Criterion("convention", "l'immeuble est dans une ORT", ("ort",))
RURAL_FIRST = Criterion("zone", "la collectivité est rurale (public prioritaire)", ("rurale",))
BEARER = Criterion("porteur", "la demande vient d'une commune ou d'une intercommunalité", ("commune", "epci"))
TOGETHER = Criterion("porteur", "la commune et son intercommunalité signent ensemble", ("commune", "epci"))
ORT_OR_OPAH = Criterion("convention", "la commune est en ORT ou en OPAH-RU", ("ort", "opah-ru"))
EVERY = Criterion("tous", "tous les territoires sont éligibles")
WORDS = Criterion("autre", "la commune exerce des fonctions de centralité")


@pytest.mark.parametrize(
    ("criterion", "situation", "outcome", "why"),
    [
        (UNDER_20000, Situation(population=19_999), YES, VerdictBasis.KNOWN),
        (UNDER_20000, Situation(population=20_000), NO, VerdictBasis.KNOWN),
        (UNDER_20000, Situation(), CONFIRM, VerdictBasis.UNKNOWN),
        (UNDER_20000, Situation(population=0), YES, VerdictBasis.KNOWN),
        (UP_TO_3500, Situation(population=3_500), YES, VerdictBasis.KNOWN),
        (UP_TO_3500, Situation(population=3_501), NO, VerdictBasis.KNOWN),
        (FROM_2000, Situation(population=2_000), YES, VerdictBasis.KNOWN),
        (FROM_2000, Situation(population=1_999), NO, VerdictBasis.KNOWN),
        (Criterion("population", "une taille"), Situation(population=5), CONFIRM, VerdictBasis.UNKNOWN),
        (PVD, Situation(programmes={"PVD": True}), YES, VerdictBasis.KNOWN),
        (PVD, Situation(programmes={"PVD": False}), NO, VerdictBasis.KNOWN),
        (PVD, Situation(programmes={"ACV": False}), CONFIRM, VerdictBasis.UNKNOWN),
        (NOT_ACV, Situation(programmes={"ACV": True}), NO, VerdictBasis.KNOWN),
        (NOT_ACV, Situation(programmes={"ACV": False}), YES, VerdictBasis.KNOWN),
        (NOT_ACV, Situation(), CONFIRM, VerdictBasis.UNKNOWN),
        (ORT, Situation(conventions={"ort": False}), NO, VerdictBasis.KNOWN),
        (ORT_OR_ORDER, Situation(conventions={"ort": False}), CONFIRM, VerdictBasis.PARTIAL),
        (ORT_OR_ORDER, Situation(conventions={"ort": True}), YES, VerdictBasis.KNOWN),
        (BUILDING, Situation(conventions={"ort": True}), CONFIRM, VerdictBasis.PLACE),
        (BUILDING, Situation(conventions={"ort": False}), NO, VerdictBasis.KNOWN),
        (RURAL_FIRST, Situation(zones={"rurale": True}), YES, VerdictBasis.KNOWN),
        (RURAL_FIRST, Situation(zones={"rurale": False}), CONFIRM, VerdictBasis.PARTIAL),
        (BEARER, Situation(bearer="epci"), YES, VerdictBasis.KNOWN),
        (BEARER, Situation(bearer="association"), NO, VerdictBasis.KNOWN),
        (BEARER, Situation(), CONFIRM, VerdictBasis.UNKNOWN),
        (TOGETHER, Situation(bearer="commune"), CONFIRM, VerdictBasis.JOINT),
        (WORDS, Situation(population=1), CONFIRM, VerdictBasis.UNCHECKED),
        (WORDS, Situation(answers={WORDS.key: True}), YES, VerdictBasis.KNOWN),
        (WORDS, Situation(answers={WORDS.key: False}), NO, VerdictBasis.KNOWN),
        (RURAL_FIRST, Situation(zones={"rurale": False}, answers={RURAL_FIRST.key: False}), CONFIRM, VerdictBasis.PARTIAL),
        (ORT_OR_ORDER, Situation(conventions={"ort": False}, answers={ORT_OR_ORDER.key: False}), NO, VerdictBasis.KNOWN),
        (BUILDING, Situation(conventions={"ort": True}, answers={BUILDING.key: True}), YES, VerdictBasis.KNOWN),
        (
            ORT,
            Situation(conventions={"ort": False}, answers={ORT.key: True}),
            NO,
            VerdictBasis.KNOWN,
        ),  # what is known comes first
        (
            ORT_OR_OPAH,
            Situation(conventions={"ort": False, "opah-ru": False}),
            NO,
            VerdictBasis.KNOWN,
        ),  # its « ou » is its list's
        (ORT_OR_OPAH, Situation(conventions={"ort": False}), CONFIRM, VerdictBasis.UNKNOWN),
        (EVERY, Situation(), CONFIRM, VerdictBasis.UNKNOWN),
        (EVERY, Situation(population=5), YES, VerdictBasis.KNOWN),
        (Criterion("altitude", "la commune est haute", ("oui",)), Situation(), CONFIRM, VerdictBasis.UNCHECKED),
    ],
)
def test_a_criterion_is_judged_by_what_is_known_and_left_to_confirm_otherwise(criterion, situation, outcome, why):
    found = verdict(criterion, situation, PROOF)
    assert (found.outcome, found.why) == (outcome, why)


def test_a_criterion_that_no_passage_carries_affirms_nothing():
    found = verdict(PVD, Situation(programmes={"PVD": False}), None)
    assert (found.outcome, found.why) == (CONFIRM, VerdictBasis.UNPROVED)


@pytest.mark.parametrize(
    ("situation", "outcome"),
    [
        (Situation(population=900, programmes={"PVD": True}), YES),
        (Situation(population=900), CONFIRM),
        (Situation(population=20_000), NO),  # one false criterion is enough, whatever is unknown
        (Situation(), CONFIRM),
    ],
)
def test_criteria_are_cumulative(situation, outcome):
    assert overall([verdict(c, situation, PROOF) for c in (PVD, UNDER_20000)]) is outcome


def test_without_a_criterion_there_is_no_yes():
    assert overall([]) is CONFIRM


# -- review ------------------------------------------------------------------------------------


def fiche(name: str, **metadata: object) -> Document:
    return Document(f"{name}.md", name, "", metadata=metadata)


def proof(name: str, heading: str, text: str) -> Passage:
    return Passage(f"{name}.md#0-{len(text)}", f"{name}.md", name, ("Partie", heading), text, 0, len(text))


AID_TEXT = "Le poste est aidé à 50 %. Le plafond est de 40 000 € par an. Il faut une étude."
RATE = {"nom": "poste", "depense": "coût du poste", "taux": 50, "plafond": 40000, "periode": "an", "preuve": "Combien ?"}
ONLY_PVD = {"critere": "programme", "valeur": "PVD", "texte": "la commune est PVD", "preuve": "Qui ?"}
IN_WORDS = {"critere": "autre", "texte": "un local est vacant", "preuve": "Qui ?"}
BY_EPCI = {"critere": "porteur", "valeur": ["epci"], "texte": "une intercommunalité porte le projet", "preuve": "Qui ?"}
BASE = [
    fiche("histoire"),
    fiche("aide-seule", aide=[RATE]),
    fiche("deux-mots", eligibilite=[IN_WORDS, IN_WORDS]),
    fiche("un-mot", eligibilite=[IN_WORDS]),
    fiche("ouvert", eligibilite=[ONLY_PVD], aide=[RATE]),
    fiche("epci", eligibilite=[BY_EPCI]),
]
PASSAGES = [proof(d.title, h, AID_TEXT if h == "Combien ?" else "Une réponse.") for d in BASE for h in ("Qui ?", "Combien ?")]


def test_schemes_with_criteria_or_aids_are_sorted():
    found = review(BASE, PASSAGES, Situation(programmes={"PVD": True}, bearer="association"))
    assert [(r.document.title, r.outcome) for r in found] == [
        ("ouvert", YES),
        ("un-mot", CONFIRM),
        ("deux-mots", CONFIRM),
        ("aide-seule", CONFIRM),
        ("epci", NO),
    ]
    assert [r.only_bearer for r in found] == [False, False, False, False, True]
    assert [len(r.missing) for r in found] == [0, 1, 2, 0, 0]


def test_an_aid_is_told_by_the_sentences_that_hold_its_figures():
    (found,) = review([fiche("ouvert", aide=[RATE])], PASSAGES, Situation())
    assert found.aids[0].sentences == ("Le poste est aidé à 50 %.", "Le plafond est de 40 000 € par an.")
    assert found.aids[0].passage.text == AID_TEXT


@pytest.mark.parametrize("text", ["Le poste est aidé à 50 %. Le plafond est de 41 000 € par an.", "Le poste est aidé."])
def test_a_header_whose_figures_the_paragraph_does_not_say_computes_nothing(text):
    document, passages = fiche("ouvert", aide=[RATE]), [proof("ouvert", "Combien ?", text)]
    assert passage_of(rates(document)[0], document.path, passages) is None
    (found,) = review([document], passages, Situation())
    assert found.grants == () and all("40 000" not in sentence for sentence in found.aids[0].sentences)
    (wrong,) = unproved([document], passages)
    assert (wrong.name, wrong.figures[-1], wrong.proof, wrong.is_there) == ("poste", "40\u202f000", "Combien ?", True)


def test_a_header_that_its_paragraph_carries_is_proved_and_one_without_paragraph_is_not():
    assert unproved([fiche("ouvert", aide=[RATE])], PASSAGES) == []
    (gone,) = unproved([fiche("ouvert", aide=[{**RATE, "preuve": "Perdu ?"}])], PASSAGES)
    assert gone.figures == ("50", "40\u202f000") and not gone.is_there


def test_a_bound_that_the_paragraph_does_not_say_affirms_nothing():
    moved = Passage("f.md#0-10", "f.md", "Fiche", ("Qui peut ?",), RULE.replace("20 000", "25 000"), 0, len(RULE))
    found = verdict(UNDER_20000, Situation(population=21_000), moved)
    assert (found.outcome, found.why, found.passage) == (CONFIRM, VerdictBasis.UNPROVED, None)


def test_malformed_front_matter_breaks_nothing():
    rows = ["texte seul", {"critere": "population", "max": "beaucoup", "texte": "grande"}, {}]
    bad_rate = {**RATE, "taux": "la moitié"}
    documents = [fiche("x", eligibilite=rows, aide="50 %"), fiche("y", eligibilite="non", aide=[3, bad_rate])]
    found = review(documents, [], Situation(population=5))
    assert [(r.document.title, r.outcome) for r in found] == [("x", CONFIRM)]
    assert len(fiche("x", eligibilite=rows).header.criteria) == 2


def test_the_name_of_a_commune_changes_no_verdict():
    assert review(BASE, PASSAGES, Situation()) == review(BASE, PASSAGES, Situation(name="Sainte-Aurore", insee="99999"))


# -- implications and questions, on the real fiches ----------------------------------------------

FICHES = Path(__file__).parents[3] / "knowledge" / "fiches"
SIGNED = Situation(population=2800, conventions={"adhesion": True})


@pytest.fixture(scope="module")
def base():
    documents = [loaders.load(path, f"fiches/{path.name}") for path in sorted(FICHES.glob("*.md"))]
    return documents, [passage for document in documents for passage in split(document, Splitting())]


def outcomes(base, situation):
    return {Path(found.document.path).stem: found.outcome for found in review(*base, situation)}


def test_every_implication_is_carried_by_its_heading(base):
    headings = {(Path(p.document).stem, p.headings[-1]) for p in base[1] if p.headings}
    assert {(rule.fiche, rule.heading) for rule in IMPLICATIONS} <= headings


@pytest.mark.parametrize(
    ("situation", "fact", "value"),
    [
        (SIGNED, "programme-PVD", True),
        (SIGNED, "programme-ACV", False),
        (SIGNED, "programme-VA", None),  # the fiche gives no rule on both
        (Situation(conventions={"cadre": True}), "convention-adhesion", True),
        (Situation(conventions={"cadre": True}), "programme-PVD", True),
        (Situation(conventions={"cadre": True}), "convention-ort", None),  # not by itself, says the fiche
        (Situation(conventions={"ort": True}), "programme-PVD", None),
        (Situation(programmes={"PVD": False}), "convention-cadre", False),
        (Situation(programmes={"ACV": True}), "convention-adhesion", False),
        (Situation(programmes={"PVD": True}), "population-20000", True),
        (Situation(population=20_000), "programme-PVD", False),
        (Situation(population=19_999), "programme-PVD", None),
        (Situation(population=20_000, programmes={"PVD": True}), "programme-PVD", True),  # what is said comes first
        (Situation(population=3_500), "programme-VA", False),
        (Situation(answers={"fait-centralite": False}), "programme-PVD", None),
    ],
)
def test_an_answer_implies_what_the_fiches_say_and_no_more(base, situation, fact, value):
    known = completed(situation, base[1])
    assert known.fact(fact) is value
    assert all(deduction.passage.text for deduction in known.deduced.values())


def test_without_the_passage_nothing_is_implied():
    assert completed(SIGNED, PASSAGES).deduced == {}


def test_answers_that_cannot_go_together_are_told(base):
    clash = Situation(programmes={"PVD": False}, conventions={"adhesion": True})
    assert contradictions(clash, base[1]) == [("convention-adhesion", "programme-PVD")]
    assert contradictions(SIGNED, base[1]) == []


def test_a_signed_convention_opens_the_aids_of_the_programme_and_no_other_programme(base):
    found = outcomes(base, SIGNED)
    assert {name for name in ("chef-de-projet", "amp", "pvd-plus", "club-pvd") if found[name] is not YES} == set()
    assert found["villages-d-avenir"] is CONFIRM and found["action-coeur-de-ville"] is NO
    assert found["habitat-inclusif-bien-vieillir"] is CONFIRM  # the base does not say it is still open


@pytest.mark.parametrize("population", [900, 2_800, 22_000])
def test_no_programme_is_a_yes_unless_it_is_said(base, population):
    zones = dict.fromkeys(("rurale", "montagne", "frr", "outre-mer"), True)
    conventions = {"ort": True, "opah-ru": True}
    words = {c.key: True for d in base[0] for c in d.header.criteria if c.kind == "autre"}
    for bearer in ("commune", "epci", "proprietaire"):
        found = outcomes(base, Situation("", "", population, {}, conventions, zones, bearer, words))
        mine = (
            "amp",
            "chef-de-projet",
            "club-pvd",
            "pvd-plus",
            "conventions-adhesion-cadre",
            "outre-mer",
            "villages-d-avenir",
            "action-coeur-de-ville",
            "habitat-inclusif-bien-vieillir",
            "entrer-dans-le-programme",
        )
        assert [name for name in mine if found[name] is YES] == []


def test_nothing_said_is_nothing_affirmed(base):
    assert set(outcomes(base, Situation()).values()) == {CONFIRM}


def test_questions_ask_what_is_not_known_and_what_settles_most_comes_first(base):
    for situation in (Situation(), SIGNED, Situation(population=22_000), Situation(population=900, programmes={"VA": True})):
        known = completed(situation, base[1])
        asks = questions(review(*base, situation), base[1], known)
        assert [len(ask.settles) for ask in asks] == sorted((len(ask.settles) for ask in asks), reverse=True)
        assert all(known.fact(ask.fact) is None for ask in asks if ask.fact not in ("population", "bearer"))
        assert not (known.population is not None and "population" in [ask.fact for ask in asks])
        assert all(ask.settles for ask in asks)
    assert questions(review(*base, Situation()), base[1], Situation())[0].fact == "programme-PVD"


def test_the_answer_to_a_question_settles_what_it_says(base):
    asks = questions(review(*base, SIGNED), base[1], completed(SIGNED, base[1]))
    ask = next(ask for ask in asks if ask.fact.startswith("mot-"))
    (document,) = ask.settles
    after = [outcomes(base, SIGNED.with_fact(ask.fact, value))[Path(document.path).stem] for value in (True, False)]
    assert {YES, NO} & set(after)


def test_the_same_words_in_two_fiches_are_two_questions():
    one, two = (fiche(name, eligibilite=[IN_WORDS]).header.criteria[0] for name in ("un", "deux"))
    assert one.key != two.key
    named = {**IN_WORDS, "valeur": "local"}
    assert [fiche(name, eligibilite=[named]).header.criteria[0].key for name in ("un", "deux")] == ["fait-local"] * 2


def test_what_no_answer_decides_is_not_asked():
    for criterion, situation in ((EVERY, Situation()), (RURAL_FIRST, Situation(zones={"rurale": False}))):
        assert facts_to_ask(verdict(criterion, situation, PROOF), situation) == ()
    assert facts_to_ask(verdict(WORDS, Situation(), PROOF), Situation()) == (WORDS.key,)
    assert (
        facts_to_ask(verdict(WORDS, Situation(), None), Situation()) == ()
    )  # no passage: nothing is affirmed, whatever is answered


# -- sums --------------------------------------------------------------------------------------


@pytest.mark.parametrize("expense", ["0.01", "33333.33", "79999.99", "80000", "80000.01", "1000000"])
def test_a_sum_is_the_rate_within_the_ceiling(expense):
    (grant,) = rates(fiche("f", aide=[RATE]))
    spent = Decimal(expense)
    found = compute(grant, spent)
    half = (Decimal(50) / 100 * spent).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert found.aid == min(half, Decimal(40000))
    assert found.aid + found.rest == spent
    assert ("atteint" in found.text) == (half > 40000)


def test_a_ceiling_on_the_expense_bounds_what_the_rate_applies_to():
    (grant,) = rates(fiche("f", aide=[{**RATE, "plafond": None, "plafond_depense": 80000}]))
    assert compute(grant, Decimal(200_000)).aid == Decimal("0.50") * 80_000
    assert compute(grant, Decimal(60_000)).aid == Decimal("0.50") * 60_000


@pytest.mark.parametrize("nature", ["réduction d'impôt", "limite", "fourchette"])
def test_what_is_paid_to_no_town_is_not_calculable(nature):
    document = fiche("f", aide=[{**RATE, "nature": nature}, RATE])
    assert len(rates(document)) == 2 and len(calculable(document)) == 1


def test_a_share_that_one_payer_pays_is_not_the_whole_aid():
    document = fiche("f", aide=[{**RATE, "payeur": "Anah"}, RATE])
    assert len(rates(document)) == 2 and [grant.payer for grant in calculable(document)] == [""]


def test_the_share_of_one_payer_says_nothing_of_what_the_commune_pays():
    (grant,) = rates(fiche("f", aide=[{**RATE, "periode": "an", "payeur": "Anah"}]))
    found = compute(grant, Decimal(60_000), years=2)
    assert "30 000 € par an" in found.text and "60 000 €" in found.text and "reste" not in found.text


def test_a_limit_says_at_most_and_at_least():
    (grant,) = rates(fiche("f", aide=[{**RATE, "plafond": None, "taux": 80, "nature": "limite"}]))
    found = compute(grant, Decimal(640_000))
    assert "au plus 512 000 €" in found.text and "au moins 128 000 €" in found.text


def test_a_tax_cut_leaves_nothing_to_pay():
    (grant,) = rates(fiche("f", aide=[{**RATE, "plafond": None, "taux": 21, "nature": "réduction d'impôt"}]))
    found = compute(grant, Decimal(200_000))
    assert found.aid == 42_000 and "reste à charge" not in found.text


def test_a_fixed_amount_leaves_the_rest_of_what_is_spent():
    (grant,) = lumps(fiche("f", aide=[{"nom": "forfait", "forfait": 15000, "preuve": RATE["preuve"]}]))
    found = multiply(grant, 1, 1, Decimal(38_000))
    assert (found.aid, found.rest) == (15_000, 23_000) and "reste à charge 23 000 €" in found.text
    assert multiply(grant, 1, 1, Decimal(9_000)).rest == 0 and "reste" not in multiply(grant, 2, 1).text
