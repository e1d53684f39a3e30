"""What the words of a text say of its letters."""

from __future__ import annotations

import re

from index import loaders
from index.loaders import text_quality

MINUTES = """Le conseil municipal se réunit chaque premier lundi du mois dans la salle des fêtes de la mairie. Les habitants
peuvent assister aux séances et poser leurs questions au maire à la fin de la réunion. Le budget de la commune est voté avant
la fin du mois de mars, puis envoyé à la préfecture avec le compte administratif de la dernière année et la liste des
subventions accordées aux associations. La bibliothèque reste ouverte pendant les vacances scolaires, sauf la semaine entre Noël
et le premier janvier, et la piscine est fermée chaque lundi matin."""
DAMAGED = MINUTES.replace("e", "")


def test_other_languages_and_lists_of_codes_are_not_garbled():
    assert not text_quality.is_garbled("The council meets on the first Monday of every month in the town hall")
    assert not text_quality.is_garbled("Der Gemeinderat tritt jeden ersten Montag im Rathaus zusammen")
    assert not text_quality.is_garbled("DETR DSIL FNADT PVD ORT INSEE SIRET 2025 2026")


def test_a_ligature_given_as_another_sign_is_chosen_by_the_words_it_makes():
    assert text_quality.ligatures(["la rénovaƟon et l'inscripƟon", "la Ɵtularisation"])["Ɵ"] == "ti"
    assert not set("ŁźŠ") & set(text_quality.ligatures(["Łódź, rue Škoda"]))


def test_a_bare_code_is_the_ligature_that_the_words_of_its_document_tell():
    """0x1F is « ffl » in the fonts of LaTeX and « ti » in those of others; 0x08 is no letter at all until words say so."""
    last, other = text_quality.sign_of(0x1F), text_quality.sign_of(0x08)
    told = text_quality.ligatures([f"la collec{last}vité et l'ac{last}on", f"la condi{other}on, la na{other}on"])
    assert (told[last], told[other]) == ("ti", "ti")
    assert text_quality.ligatures([f"sou{last}er sur le giro{last}é"])[last] == "ffl"
    alone = text_quality.ligatures(["Le conseil municipal"])
    assert (alone[last], alone[other]) == ("ffl", "")


def test_a_text_that_reads_well_raises_no_doubt_and_one_full_of_unknown_words_names_them():
    assert text_quality.doubts(MINUTES) == ""
    said = text_quality.doubts(DAMAGED)
    named = re.findall(r"« (\w+) »", said)
    assert len(named) == 3 and all(word in DAMAGED.lower() for word in named)


def test_names_abbreviations_and_a_few_words_raise_no_doubt():
    assert text_quality.doubts("Couthenans Héricourt DETR DSIL FNADT PVD ORT INSEE " * 20) == ""
    assert text_quality.doubts("inscripon rénovaon collecvité") == ""


def test_a_file_that_reads_badly_says_so_to_whoever_publishes_it(tmp_path):
    path = tmp_path / "séance.txt"
    path.write_text(DAMAGED, encoding="utf-8")
    assert loaders.load(path, path.name).remarks[-1] == text_quality.doubts(DAMAGED)
