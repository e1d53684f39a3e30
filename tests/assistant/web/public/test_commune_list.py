"""The list of communes: names as people type them, what a list says and does not say, broken files."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from assistant.web.public.commune_list import CommuneFile, CommunesUnreadable, load, plain

DATA = Path(__file__).parents[3] / "data" / "communes"


@pytest.fixture(scope="module")
def small():
    return load(DATA / "petite.csv")


@pytest.fixture(scope="module")
def zones():
    return load(DATA / "zonages.csv")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("saint aurore l etang", ["Saint-Aurore-l'Étang"]),
        ("St Aurore", ["Saint-Aurore-l'Étang"]),
        ("SAINT-AURORE-L’ÉTANG", ["Saint-Aurore-l'Étang"]),
        ("ste oeuvre s/ lys", ["Sainte-Œuvre-sur-Lys"]),
        ("œuvre", ["Sainte-Œuvre-sur-Lys"]),
        ("port letchis", ["Le Port-aux-Letchis"]),
        ("leport", ["Le Port-aux-Letchis"]),
        ("beaumarque", ["Beaumarque", "Beaumarque"]),
        ("01901", ["Saint-Aurore-l'Étang"]),
        ("609", ["Sainte-Œuvre-sur-Lys", "Beaumarque"]),
        ("b", []),
        ("", []),
        ("nulle part", []),
        ("<script>", []),
    ],
)
def test_a_commune_is_found_by_its_name_or_code_as_people_type_them(small, typed, names):
    assert [commune.name for commune in small.search(typed)] == names


def test_homonyms_are_told_by_their_departement(small):
    assert [commune.label for commune in small.exact("Beaumarque")] == ["Beaumarque (Eure)", "Beaumarque (Oise)"]
    assert [commune.insee for commune in small.exact("beaumarque (oise)")] == ["60904"]


def test_a_part_of_a_name_is_not_the_name(small):
    assert small.exact("Saint-Aurore") == [] and small.exact("") == []


def test_what_the_list_says_of_a_commune_is_kept_and_no_more(small):
    signed, open_, _, spaced, overseas = small.communes
    assert signed.population == 3499 and spaced.population == 1250 and small.get("27903").population is None
    assert signed.programmes == {"PVD": True, "ACV": False, "VA": True}
    assert signed.conventions == {"ort": True}
    assert open_.conventions == {}  # not signed then may be signed since
    assert open_.epci == "CC de la Lys, du Val et du Bois"
    assert signed.zones == {"outre-mer": False} and overseas.zones == {"outre-mer": True}


def test_a_list_with_semicolons_in_latin_1_and_a_date_column_is_read(zones):
    red, old, anse = zones.communes
    assert (red.insee, red.name, red.departement) == ("01905", "Châtelrouge", "01")  # the zero a spreadsheet dropped
    assert red.programmes == {"PVD": False, "ACV": True, "VA": False}
    assert old.insee == "2A906" and old.programmes == {"PVD": True, "ACV": False}
    assert anse.programmes == {} and anse.zones == {}  # neither said nor concluded
    assert (zones.date, zones.dated) == ("2024-09-05", True)


def test_without_a_date_column_the_date_is_the_file_s(tmp_path):
    path = tmp_path / "communes.csv"
    path.write_bytes((DATA / "petite.csv").read_bytes())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert (load(path).date, load(path).dated) == ("2023-11-14", False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "INSEE"),
        (b"nom;population\nBeaumarque;12\n", "INSEE"),
        (b"insee_com;population\n01901;12\n", "nom"),
        (b"insee_com,lib_com\nabc,Beaumarque\n", "aucune ligne"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 40, "communes.csv"),
        (b'insee_com,lib_com\n01901,"' + b"x" * 200_000, "communes.csv"),
    ],
    ids=["empty", "no code", "no name", "no line", "binary", "open quote"],
)
def test_a_broken_list_is_refused_with_what_it_lacks(tmp_path, content, said):
    csv.field_size_limit(10**9)  # as a loader of documents leaves it
    path = tmp_path / "communes.csv"
    path.write_bytes(content)
    with pytest.raises(CommunesUnreadable, match=said):
        load(path)


def test_the_file_may_come_change_break_and_go(tmp_path):
    path = tmp_path / "communes.csv"
    file = CommuneFile(path)
    assert file.current() == (None, "")
    path.write_bytes((DATA / "petite.csv").read_bytes())
    communes, problem = file.current()
    assert len(communes.communes) == 5 and problem == ""
    assert file.current()[0] is communes  # read once
    path.write_text("a,b\n1,2\n")
    assert file.current()[0] is None and "communes.csv" in file.current()[1]
    path.unlink()
    assert file.current() == (None, "")


def test_names_are_compared_without_accents_or_abbreviations():
    assert plain("St-Œuvre s/ L’Étang") == plain("saint oeuvre sur l'etang")
