"""Markdown: what CommonMark says, what people write around it, and the footnotes of both kinds."""

# ruff: noqa: E501 - sample texts, whole on their line
from __future__ import annotations

import re
from pathlib import Path

import pytest

from index.document import Document
from index.errors import UnreadableDocument
from index.loaders import load
from index.loaders.text.front_matter import split_front_matter
from tests.index.loaders.conftest import assert_remarks, under


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> Document:
    path = tmp_path / "note.md"
    path.write_text(text, encoding=encoding)
    return load(path, path.name)


# ------------------------------------------------------------------------------- footnotes

TEXTS = {
    "sentence": "[^1]: Porté à 4 500 € pour les boulangeries.",
    "words": "[^1]: Hors taxes",
    "sentence with an address": "[^1]: Le barème est publié — voir <https://exemple.fr/a> — chaque année.",
    "two paragraphs": "[^1]: Hors taxes.\n\n    Porté à **4 500 €** en 2026.",
    "continued line": "[^1]: Porté à 4 500 €\n  pour les boulangeries.",
}


@pytest.mark.parametrize("definition", TEXTS.values(), ids=TEXTS)
def test_a_footnote_that_says_something_stands_after_what_calls_it(definition: str, tmp_path: Path) -> None:
    document = read(
        tmp_path, f"# Aide\n\n3 000 € par vitrine[^1] au plus.\n\nAutre sujet[^1].\n\n## Fin\n\nMerci.\n\n{definition}\n"
    )
    first, second, *_ = document.text.split("\n\n")
    assert first.startswith("3 000 € par vitrine au plus.\n")
    assert document.text.endswith("Autre sujet.\n\nMerci.")
    assert not document.notes and "[^" not in document.text and "**" not in document.text


@pytest.mark.parametrize(
    "definition", ["ANCT — mars 2025 — <https://exemple.fr/a>", "ANCT — 2021", "https://exemple.fr/a", "INSEE, recensement 2021"]
)
def test_a_footnote_that_names_a_source_is_a_note(definition: str, tmp_path: Path) -> None:
    document = read(tmp_path, f"# Aide\n\n3 000 €[^1] au plus.\n\n[^1]: {definition}\n")
    assert document.text == "3 000 € au plus."
    assert [(note.offset, note.label) for note in document.notes] == [(len("3 000 €"), "1")]


def test_a_footnote_written_in_its_sentence_follows_it(tmp_path: Path) -> None:
    assert read(tmp_path, "# Aide\n\n3 000 €^[Hors taxes.] au plus.\n").text == "3 000 € au plus.\nHors taxes."


# ------------------------------------------------------------------------------- HTML and struck text


def test_a_table_in_html_keeps_its_columns(tmp_path: Path) -> None:
    rows = "<tr><th>Lieu</th><th>Prix</th></tr>\n<tr><td>Tente</td><td>9 €</td></tr>\n<tr><td>Van</td><td>14 €</td></tr>"
    assert (
        read(tmp_path, f"# Camping\n\n<table>\n{rows}\n</table>\n").text == "Lieu : Tente ; Prix : 9 €\nLieu : Van ; Prix : 14 €"
    )


def test_the_summary_of_details_is_the_heading_of_its_text(tmp_path: Path) -> None:
    folded = "<details>\n<summary>Qui paie ?</summary>\n\nLe **propriétaire**.\n\n- 48 €\n\n</details>"
    document = read(tmp_path, f"# Haies\n\n## Élagage\n\n{folded}\n\nAppelez la mairie.\n")
    assert document.text == "Le propriétaire.\n- 48 €\n\nAppelez la mairie."
    assert (under(document, "Le prop"), under(document, "Appelez")) == (("Élagage", "Qui paie ?"), ("Élagage",))


@pytest.mark.parametrize(
    "old", ["~~1,80 €~~", "<del>1,80 €</del>", "<s>1,80 €</s>", "<!-- 1,80 € -->", '<span style="display:none">1,80 €</span>']
)
def test_what_is_struck_or_hidden_is_not_text(old: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"# Prix\n\nLa garderie coûte {old} 2,10 €.\n").text == "La garderie coûte 2,10 €."


def test_a_power_stays_a_power(tmp_path: Path) -> None:
    assert (
        read(tmp_path, "# Prix\n\n3 € le m<sup>2</sup>, 15 000<sup>2</sup> € au plus.\n").text == "3 € le m², 15 000 € au plus."
    )


# ------------------------------------------------------------------------------- what people write

WRITTEN = {
    "table without outer pipes": (
        "Lieu | Prix\n---|---\nTente | 9 €\nVan | 14 €",
        "Lieu : Tente ; Prix : 9 €\nLieu : Van ; Prix : 14 €",
    ),
    "rows without dashes": (
        "| Lieu | Prix |\n| Tente | 9 € |\n| Van | 14 € |",
        "Lieu : Tente ; Prix : 9 €\nLieu : Van ; Prix : 14 €",
    ),
    "table with an empty head": ("| | |\n|---|---|\n| Prix | 9 € |\n| Lieu | Halle |", "Prix : 9 €\nLieu : Halle"),
    "task list": ("- [x] voté\n- [ ] signé", "- ☑ voté\n- ☐ signé"),
    "callout of GitHub": ("> [!WARNING]\n> Fermé le lundi.", "Fermé le lundi."),
    "box of Docusaurus": (":::info\n\nFermé le lundi.\n\n:::", "Fermé le lundi."),
    "code": ("```\n##Titre\n- [x] a\n```", "##Titre\n- [x] a"),
    "nested list": ("1. Déposer\n   - un bail\n2. Signer", "1. Déposer\n- un bail\n2. Signer"),
    "list that starts later": ("3. Signer\n4. Payer", "3. Signer\n4. Payer"),
    "hard break": ("Lundi  \nMardi", "Lundi\nMardi"),
    "less than": ("Moins de <10 agents, ou < 5 <à préciser>.", "Moins de <10 agents, ou < 5 <à préciser>."),
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_text_is_read_as_it_is_meant(text: str, expected: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"# Titre\n\n{text}\n").text == expected


@pytest.mark.parametrize("heading", ["Montant\n-------", "## Montant ##", "##Montant", "<h2>Montant</h2>"])
def test_headings_are_told_however_they_are_written(heading: str, tmp_path: Path) -> None:
    document = read(tmp_path, f"Aide\n====\n\nElle est simple.\n\n{heading}\n\nElle est de 300 €.\n")
    assert (document.title, under(document, "300 €")) == ("Aide", ("Montant",))


def test_a_word_with_a_hash_is_no_heading(tmp_path: Path) -> None:
    assert (
        read(tmp_path, "# Titre\n\n#PVD aide les communes.\nEt leurs groupements.\n").text
        == "#PVD aide les communes. Et leurs groupements."
    )


# ------------------------------------------------------------------------------- front matter

FRONT_MATTERS = {
    "YAML": "---\ntitre: Aide\n---\n",
    "BOM": "\ufeff---\ntitre: Aide\n---\n",
    "TOML": '+++\ntitle = "Aide"\n+++\n',
    "JSON": '{\n"title": "Aide"\n}\n',
    "without its end": "---\ntitre: Aide\n\n",
}


@pytest.mark.parametrize("front", FRONT_MATTERS.values(), ids=FRONT_MATTERS)
def test_front_matter_is_metadata(front: str, tmp_path: Path) -> None:
    document = read(tmp_path, f"{front}Elle est de 300 €.\n")
    assert (document.title, document.text) == ("Aide", "Elle est de 300 €.")


def test_a_text_between_two_rules_is_no_front_matter(tmp_path: Path) -> None:
    assert read(tmp_path, "---\n\nUn texte.\n\n---\n\nUn autre.\n").text == "Un texte.\n\nUn autre."


FAULTY = """---
titre: Aide
dispositif: Aide
a_revoir_le: 2026-02-30

aide:
  - nom: poste
    taux: 50
  - {nom: étude, taux: 80 %}
  - un texte
themes: Commerce
---
Elle est de 300 €.
"""


@pytest.mark.parametrize("above", ["", "\n\n", "\ufeff"])
def test_the_faults_of_a_fiche_are_told_with_their_line(above: str, tmp_path: Path) -> None:
    document = read(tmp_path, above + FAULTY)
    first = above.count("\n")
    assert_remarks(document, *((f"ligne {first + n}",) for n in (4, 9, 10, 11)))
    assert "« taux: 80 »" in document.remarks[1], "what to write instead"
    assert (document.title, document.text) == ("Aide", "Elle est de 300 €.")


def test_the_faults_of_a_header_in_toml_are_told_without_a_line(tmp_path: Path) -> None:
    document = read(tmp_path, '+++\ntitre = "Aide"\ndispositif = "Aide"\ntheme = ["Commerce"]\n+++\nElle est de 300 €.\n')
    assert_remarks(document, ("theme",))
    assert not re.search(r"\d", document.remarks[0])


def test_beyond_ten_faults_the_others_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"  - taux: {n} pour cent\n" for n in range(12))
    document = read(tmp_path, f"---\ndispositif: Aide\naide:\n{rows}---\nElle est de 300 €.\n")
    assert_remarks(document, *((f"ligne {4 + n}",) for n in range(10)), ("2 autre",))


def test_any_front_matter_of_a_document_that_is_no_fiche_is_read(tmp_path: Path) -> None:
    document = read(tmp_path, "---\ntitle: Note\naide: 50 %\na_revoir_le: 2026-02-30\ntags: [a, b]\n---\nElle est de 300 €.\n")
    assert (document.title, document.text, document.remarks) == ("Note", "Elle est de 300 €.", ())


def test_broken_front_matter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="TOML"):
        read(tmp_path, "+++\ntitre =\n+++\nTexte\n")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ('!!! note "Plafond"\n    Il est de 300 €.\n', "Plafond\n\nIl est de 300 €."),
        ("Voir [[Règlement commerce|le règlement]] et [[Tarifs]].", "Voir le règlement et Tarifs."),
        ("Un loyer ==de 2 ans==.", "Un loyer de 2 ans."),
        ("Soit 300 €. %% note interne : 900 € %%", "Soit 300 €."),
        ("{{< notice >}}\nAvant le 31 mai.\n{{< /notice >}}", "Avant le 31 mai."),
        ("Un local de 20 m^2^ sans CO~2~.", "Un local de 20 m² sans CO2."),
    ],
)
def test_what_other_writers_of_markdown_add_is_read_as_they_show_it(written: str, read_as: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"# Aide\n\n{written}\n").text == read_as


def test_a_question_mark_may_close_a_value_between_braces():
    found = split_front_matter("---\naide:\n  - {nom: subvention, preuve: Combien pour la halle ?}\n---\nTexte.\n")
    assert found.metadata == {"aide": [{"nom": "subvention", "preuve": "Combien pour la halle ?"}]}
    assert found.line(("aide", 0, "preuve")) == 3
