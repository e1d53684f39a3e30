"""Sums: the rate of the fiche that is asked about, applied to the expense told; nothing when there is no rate to apply."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from assistant.answering.find import Finding
from assistant.answering.message import Message
from assistant.answering.readings import Reading, ReadingKind, Turn
from assistant.answering.sums import ComputedAids, aids_asked_for
from index.document import Document, Hit, Passage
from index.figures import figures
from index.search import Query
from index.tokens import UNKNOWN


def fiche(path: str, title: str, heading: str, text: str, *aids: dict[str, object]) -> tuple[Document, Passage]:
    """A document of one paragraph, and that paragraph; its aids are proved by its heading."""
    rows = [{"preuve": heading, **aid} for aid in aids]
    document = Document(path, title, text, metadata={"aide": rows})
    return document, Passage(f"{path}#0", path, title, (heading,), text, 0, len(text))


POST = fiche(
    "poste.md", "Chef de projet", "Combien pour un poste ?",
    "L'État paie 50 % du coût chargé du poste, ou 75 % avec l'Anah, dans la limite de 55 000 € par an.",
    {"nom": "sans l'Anah", "depense": "coût chargé du poste", "taux": 50, "plafond": 55000, "periode": "an"},
    {"nom": "avec l'Anah", "depense": "coût chargé du poste", "taux": 75, "plafond": 55000, "periode": "an",
     "condition": "une OPAH-RU est en projet"},
)  # fmt: skip
WORKS = fiche(
    "halles.md", "Plan Halles", "Combien pour la halle ?", "Le plan paie 35 % des travaux, au plus 70 000 €.",
    {"nom": "subvention", "depense": "travaux de la halle", "taux": 35, "plafond": 70000, "periode": ""},
)  # fmt: skip
FRLA = fiche(
    "frla.md", "FRLA", "Combien le FRLA peut-il payer ?", "Le fonds peut payer 50 % du déficit de l'opération.",
    {"nom": "subvention du FRLA", "depense": "déficit de l'opération", "taux": 50,
     "condition": "enveloppe à confirmer auprès de l'ANCT"},
)  # fmt: skip
FORFAIT = fiche("fontaines.md", "Fonds Fontaines", "Quelle aide ?", "Le fonds verse 9 000 € par fontaine.",
                {"nom": "forfait", "depense": "fontaine", "plafond": 9000})  # fmt: skip


def asked(
    question: str,
    document: str,
    *before: str,
    computed: bool = True,
    fiches: tuple[tuple[Document, Passage], ...] = (POST,),
    context: str = "",
    of: str = "poste.md",
) -> ComputedAids | None:
    """The sums for a question on the subject of a document, after the questions that were asked of it."""
    hits = tuple(Hit(passage, 9.0 - n) for n, (_, passage) in enumerate(fiches))
    reading = Reading(ReadingKind.SUBJECT, question, question, "Chef de projet" if document else "", document)
    finding = Finding(reading, Query(question, context=reading.context), (np.zeros(2, dtype=np.float32), UNKNOWN), hits)
    turns = [Turn(text, Reading(ReadingKind.ALONE, text, text), of, "Chef de projet", True, True, computed) for text in before]
    documents = {one.path: one for one, _ in fiches}
    return aids_asked_for(finding, Message(question, (question,), context), turns, documents, [passage for _, passage in fiches])


def computed(question: str, *fiches: tuple[Document, Passage], context: str = "") -> ComputedAids | None:
    """The sums for a question whose best passages are those of some fiches, the best first."""
    return asked(question, "", fiches=fiches, context=context)


def aids(found: ComputedAids | None) -> dict[str, int]:
    assert found is not None
    return {line.grant.name: int(line.aid) for line in found.lines}


def shown(found: ComputedAids | None, line: int) -> set[Decimal]:
    """The figures that a line of sums shows."""
    assert found is not None
    return {figure.value for figure in figures(found.lines[line].text)}


@pytest.mark.parametrize("expense", ["48k€", "48 k€", "48 000 €", "48000 euros", "48 000", "quarante-huit mille euros"])
def test_an_expense_is_read_however_it_is_written(expense: str) -> None:
    assert aids(computed(f"un poste à {expense}, combien d'aide ?", POST)) == {"sans l'Anah": 24000, "avec l'Anah": 36000}


def test_an_expense_in_words_is_a_number() -> None:
    found = computed("il coûte soixante mille euros chargés, notre poste : quelle aide ?", POST)
    assert aids(found) == {"sans l'Anah": 30000, "avec l'Anah": 45000}


def test_both_variants_are_shown_while_the_condition_is_open_and_it_is_said() -> None:
    found = computed("Quelle aide pour un poste à 60 000 € ?", POST)
    assert aids(found) == {"sans l'Anah": 30000, "avec l'Anah": 45000}
    assert found is not None and "une OPAH-RU est en projet" in found.lines[1].text
    assert {75, 60_000, 45_000, 15_000} <= shown(found, 1), "the rate, the expense, the aid and what is left"


@pytest.mark.parametrize(("question", "kept"), [
    ("Quelle aide avec l'Anah pour un poste à 60 000 € ?", {"avec l'Anah": 45000}),
    ("avec la participation de l'Anah, un poste à 60 000 €, quelle aide ?", {"avec l'Anah": 45000}),
    ("sans l'Anah, combien d'aide pour un poste à 60 000 € ?", {"sans l'Anah": 30000}),
    ("Quelle aide avec la Région pour un poste à 60 000 € ?", {"sans l'Anah": 30000, "avec l'Anah": 45000}),
])  # fmt: skip
def test_with_or_without_a_partner_chooses_the_variant(question: str, kept: dict[str, int]) -> None:
    assert aids(computed(question, POST)) == kept


def test_the_partner_of_this_question_goes_before_that_of_the_last_one() -> None:
    found = computed("et avec l'Anah, pour 60 000 €, quelle aide ?", POST, context="un poste à 60 000 € sans l'Anah")
    assert aids(found) == {"avec l'Anah": 45000}


def test_the_ceiling_is_held() -> None:
    found = computed("Quelle aide pour un poste à 100 000 € ?", POST)
    assert aids(found) == {"sans l'Anah": 50000, "avec l'Anah": 55000}
    assert {75_000, 55_000} <= shown(found, 1) and shown(found, 0) >= {50_000}, "what the rate gives, and what is paid of it"


def test_a_yearly_aid_runs_over_the_years_told() -> None:
    found = computed("un poste à 60 000 € sur trois ans, quelle aide ?", POST)
    assert {3, 90_000} <= shown(found, 0)
    assert {3, 135_000, 45_000} <= shown(found, 1), "aid and rest of all the years"
    once = computed("des travaux de la halle à 60 000 € sur trois ans, quelle aide ?", WORKS)
    assert shown(once, 0) >= {21_000} and 3 not in shown(once, 0)


def test_an_expense_that_belongs_to_another_scheme_is_computed_by_that_one() -> None:
    found = computed("Quelle aide pour les travaux de ma halle, 100 000 € ?", POST, WORKS)
    assert aids(found) == {"subvention": 35000}
    assert found is not None and [proof.document for proof in found.proofs] == ["halles.md"]
    assert aids(computed("Quelle aide pour un poste à 60 000 € ?", WORKS, POST)) == {"sans l'Anah": 30000, "avec l'Anah": 45000}


def test_the_conversation_tells_which_scheme_is_meant() -> None:
    assert aids(computed("et pour 60 000 €, quelle aide ?", WORKS, POST, context="Chef de projet, un poste")) == {
        "sans l'Anah": 30000, "avec l'Anah": 45000,
    }  # fmt: skip


def test_a_condition_may_name_somebody_that_the_passage_does_not() -> None:
    found = computed("le FRLA paie combien pour un déficit de 200 000 € ?", FRLA)
    assert aids(found) == {"subvention du FRLA": 100000}
    assert found is not None and "auprès de l'ANCT" in found.lines[0].text and "ANCT" not in found.proofs[0].text


@pytest.mark.parametrize(("question", "fiches"), [
    ("Quelle aide pour une fontaine à 20 000 € ?", (FORFAIT,)),  # no rate
    ("Quelle aide pour un poste ?", (POST,)),  # no expense
    ("Le poste à 60 000 €, qui le recrute ?", (POST,)),  # no aid asked for
    ("Quelle aide pour une piscine à 60 000 € ?", (FORFAIT, WORKS)),  # the best fiche has no rate, the other is not meant
    ("Quelle aide pour 250 millions d'euros de travaux ?", (WORKS,)),  # an envelope
    ("Quelle aide pour 60 000 € ?", ()),
])  # fmt: skip
def test_nothing_is_computed_without_a_rate_an_expense_and_an_aid_asked_for(
    question: str, fiches: tuple[tuple[Document, Passage], ...]
) -> None:
    assert computed(question, *fiches) is None


def test_nothing_is_computed_from_figures_that_the_paragraph_does_not_say() -> None:
    document, passage = POST
    told = "L'État paie 50 % du poste, au plus 55 000 € par an."  # of one variant only: to show it alone would hide the other
    half = Passage(passage.id, passage.document, passage.title, passage.headings, told, 0, len(told))
    assert computed("Quelle aide pour un poste à 60 000 € ?", (document, half)) is None


POSTS = fiche(
    "vta.md", "VTA", "Combien pour un VTA ?", "L'aide est de 15 000 € par VTA.",
    {"nom": "aide par VTA", "depense": "recrutement d'un VTA", "forfait": 15000, "periode": "projet"},
)  # fmt: skip
MANAGER = fiche(
    "manager.md", "Manager", "Combien pour un manager ?", "L'aide au manager est de 20 000 € par an pendant deux ans.",
    {"nom": "aide au manager", "depense": "poste de manager", "forfait": 20000, "periode": "an", "annees": 2},
)  # fmt: skip


@pytest.mark.parametrize(("question", "count"), [
    ("on prend deux VTA, ça fait combien ?", 2),
    ("si on en embauche 3, combien d'aide ?", 3),
    ("combien pour 12 VTA ?", 12),
])  # fmt: skip
def test_a_fixed_amount_is_multiplied_by_how_many(question: str, count: int) -> None:
    found = computed(question, POSTS)
    assert aids(found) == {"aide par VTA": 15000 * count}
    assert found is not None and f"15 000 € × {count}" in found.lines[0].text


@pytest.mark.parametrize("question", [
    "combien pour un VTA de 18 mois ?", "combien touche-t-on en 2026 ?", "combien pour une commune avec 30 % de jeunes ?",
    "combien pour 2 000 habitants ?", "on touche combien ?",
])  # fmt: skip
def test_what_counts_no_posts_multiplies_nothing(question: str) -> None:
    assert computed(question, POSTS) is None


def test_a_yearly_amount_runs_no_longer_than_it_is_paid() -> None:
    assert aids(computed("un manager sur 3 ans, combien d'aide ?", MANAGER)) == {"aide au manager": 40000}
    assert aids(computed("deux managers sur 2 ans : combien pour 2 postes ?", MANAGER)) == {"aide au manager": 80000}


def test_a_fixed_amount_that_its_paragraph_does_not_say_is_not_multiplied() -> None:
    document, _ = POSTS
    other = Passage("vta.md#0", "vta.md", "VTA", ("Combien pour un VTA ?",), "L'aide est de 16 000 € par VTA.", 0, 31)
    assert computed("combien pour deux VTA ?", (document, other)) is None


def test_a_bare_with_or_without_turns_the_partner_said_before() -> None:
    assert aids(asked("et avec ?", "poste.md", "un poste à 60 000 € sans l'Anah, quelle aide ?")) == {"avec l'Anah": 45000}
    found = computed("un poste à 60 000 €, quelle aide avec", POST, context="pas d'Anah chez nous")
    assert aids(found) == {"avec l'Anah": 45000}


def test_years_said_before_hold_until_others_are_said() -> None:
    found = computed("et un poste à 60 000 €, quelle aide ?", POST, context="sur 3 ans, un poste à 50 000 €")
    assert {3, 90_000} <= shown(found, 0)
    once = computed("un poste à 60 000 €, quelle aide sur un an ?", POST, context="sur 3 ans, un poste à 50 000 €")
    assert shown(once, 0) >= {30_000} and not {3, 90_000} & shown(once, 0)


def test_a_sum_takes_from_its_conversation_what_the_question_does_not_say() -> None:
    found = asked("et sur deux ans ?", "poste.md", "un poste à 60 000 €, quelle aide ?", "et sans l'Anah ?")
    assert aids(found) == {"sans l'Anah": 30000} and {2, 60_000} <= shown(found, 0)
    assert aids(asked("et si on monte à 80 000 ?", "poste.md", "un poste à 60 000 € sans l'Anah, quelle aide ?")) == {
        "sans l'Anah": 40000
    }


def test_a_sum_takes_nothing_from_what_was_asked_of_another_document() -> None:
    assert asked("et sur deux ans ?", "autre.md", "un poste à 60 000 €, quelle aide ?") is None


def test_the_same_sum_again_is_of_the_same_document() -> None:
    found = asked(
        "et pour 40 000 € de travaux de la halle ?", "poste.md", "un poste à 60 000 €, quelle aide ?", fiches=(WORKS, POST)
    )
    assert [proof.document for proof in found.proofs] == ["poste.md", "poste.md"]
    first = asked("et pour 40 000 € de travaux de la halle ?", "poste.md", "Combien ?", computed=False, fiches=(WORKS, POST))
    assert [proof.document for proof in first.proofs] == ["halles.md"]


SHARED = fiche(
    "postes.md", "Poste", "Qui paie quoi ?",
    "L'État paie 75 % du coût chargé du poste ; l'Anah en paie 50 %, au plus 40 000 €, et la Banque des territoires 25 %.",
    {"nom": "en tout", "depense": "coût chargé du poste", "taux": 75, "periode": "an"},
    {"nom": "part de l'Anah", "depense": "coût chargé du poste", "taux": 50, "plafond": 40000, "periode": "an", "payeur": "Anah"},
    {"nom": "part de la Banque", "depense": "coût chargé du poste", "taux": 25, "periode": "an",
     "payeur": "Banque des territoires"},
)  # fmt: skip


@pytest.mark.parametrize(("question", "paid"), [
    ("Pour un coût chargé de 90 000 €, quelle part maximale l'Anah peut-elle prendre ?", {"part de l'Anah": 40000}),
    ("sur 60 000 € chargés la banque des territoires met combien", {"part de la Banque": 15000}),
    ("un poste à 60 000 €, combien d'aide avec l'Anah ?", {"en tout": 45000}),
    ("on a l'Anah dans le coup, un poste à 60 000 €, quelle aide ?", {"en tout": 45000}),
])  # fmt: skip
def test_who_pays_a_share_is_answered_with_that_share(question: str, paid: dict[str, int]) -> None:
    assert aids(computed(question, SHARED)) == paid


def test_the_share_of_another_payer_is_asked_by_its_name_alone() -> None:
    before = "Pour un coût chargé de 60 000 €, quelle part l'Anah peut-elle prendre ?"
    found = asked("et la Banque des territoires ?", "postes.md", before, fiches=(SHARED,), of="postes.md")
    assert aids(found) == {"part de la Banque": 15000}


TOTAL = fiche(
    "droit-commun.md", "Financer", "Quel est le maximum ?", "Le total des aides publiques est limité à 80 % de la dépense.",
    {"nom": "maximum des aides", "depense": "dépense subventionnable", "taux": 80, "nature": "limite"},
)  # fmt: skip
CUT = fiche(
    "impots.md", "Réduction", "Combien récupère-t-on ?", "12 % pour 6 ans, 21 % pour 12 ans, 32 % outre-mer.",
    {"nom": "location de 6 ans", "depense": "achat", "taux": 12, "nature": "réduction d'impôt"},
    {"nom": "location de 12 ans", "depense": "achat", "taux": 21, "nature": "réduction d'impôt"},
    {"nom": "location de 12 ans, outre-mer", "depense": "achat", "taux": 32, "nature": "réduction d'impôt",
     "condition": "outre-mer"},
)  # fmt: skip


def test_the_most_of_all_aids_together_is_computed_where_it_is_what_is_asked() -> None:
    found = computed("combien de subventions au plus sur une dépense de 640 000 € ?", TOTAL)
    assert aids(found) == {"maximum des aides": 512000} and "au moins 128 000 €" in found.lines[0].text


@pytest.mark.parametrize(("question", "cuts"), [
    ("j'achète à 200 000 € pour louer 12 ans, combien ?", {"location de 12 ans": 42000}),
    ("un achat de 200 000 €, location de 12 ans outre-mer, combien ?", {"location de 12 ans, outre-mer": 64000}),
    ("un achat à 100 000 €, combien de réduction ?", {"location de 6 ans": 12000, "location de 12 ans": 21000}),
])  # fmt: skip
def test_a_tax_cut_is_that_of_the_years_and_the_place_told(question: str, cuts: dict[str, int]) -> None:
    assert aids(computed(question, CUT)) == cuts


def test_the_whole_of_a_yearly_amount_is_over_all_the_years_it_is_paid() -> None:
    assert aids(asked("total ?", "manager.md", "combien par an ?", fiches=(MANAGER,), of="manager.md")) == {
        "aide au manager": 40000
    }


def test_what_a_fixed_amount_leaves_to_pay_is_computed() -> None:
    found = computed("un VTA nous coûte 38 000 € chargés, il nous reste combien à charge ?", POSTS)
    assert found is not None and int(found.lines[0].rest) == 23000


@pytest.mark.parametrize(("question", "expense"), [
    ("Pour un coût chargé de 60 000 €, quelle aide ? Nous avons 9 120 habitants.", 60000),
    ("le poste coûte 80 000, j'ai inscrit 60 000 de recette au budget, quelle aide ?", 80000),
    ("un poste à 60 000 €, on nous a parlé de 20 000 d'aide, c'est combien ?", 60000),
    ("44 000 le poste et pas 40 000, quelle aide ?", 44000),
])  # fmt: skip
def test_the_expense_is_told_from_the_other_numbers_of_a_message(question: str, expense: int) -> None:
    found = computed(question, POST)
    assert found is not None and {int(line.aid + line.rest) for line in found.lines} == {expense}


def test_what_counts_something_else_multiplies_nothing() -> None:
    assert computed("on est 3 communes pour un VTA, combien ?", POSTS) is None
