"""Loaders: one sample a format, the exact text expected, and nothing but clear refusals."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from index.document import Document, Section
from index.errors import UnreadableDocument
from index.loaders import LOADERS, MAX_BYTES, archive, load
from index.loaders.text import encoding

DATA = Path(__file__).parents[1] / "data"

EXPECTED = {
    "fiche.md": (
        "Boutique à l'essai",
        "Un local vacant est loué six mois, voir la règle.\n\nLes communes PVD et leurs groupements. Le "
        "loyer est réduit "
        "de moitié.\n\nPièces à fournir :\n- un bail ;\n- un plan\n- du local\n1. Déposer\n2. Signer\n\n"
        "Année : 2024 ; Aide : 1 500 €\nAnnée : 2025 ; Aide : 3 000 €",
    ),
    "article.markdown": ("La navette du bourg", "La navette passe toutes les heures."),
    "notice.txt": ("Notice", "La mairie est ouverte le lundi.\n\nElle ferme à midi."),
    "page.html": (
        "Le marché couvert rouvre",
        "La halle du XIXe siècle a été rénovée en 2024.\nElle compte 32 étals.\n\nLe marché ouvre :\n- "
        "le mardi matin ;\n"
        "- le samedi, toute la journée.\n\nÉtal : Petit ; Prix par jour : 12 €\nÉtal : Grand ; Prix par "
        "jour : 12 €\n\n"
        "Le prix est le même pour tous.",
    ),
    "guide.htm": (
        "Guide des petits travaux",
        "Guide des petits travaux\n\nLes travaux sont aidés par la commune, dans la limite de 50 % du "
        "coût, avec un "
        "conseiller. Le conseiller se déplace.",
    ),
    "page.xhtml": ("Page", "Une page stricte."),
    "courriel.eml": (
        "Permis accordé",
        "De : Service urbanisme <urbanisme@exemple.fr>\nÀ : mairie@exemple.fr\nDate : 03/03/2026 à 10:05\n\n"
        "Le permis de la halle est accordé.",
    ),
    "cantine.rtf": (
        "Cantine",
        "La cantine passe à 3,55 € le 1er septembre.\n\nRepas : Midi ; Prix : 3,55 €\nRepas : Goûter ; Prix : 1 €",
    ),
    "arbres.epub": ("Guide des arbres", "Douze arbres par place.\n\nDeux fois par semaine."),
    "bulletin.pdf": (
        "Le bulletin de Vallon",
        "La commune de Vallon rouvre sa halle au printemps, après deux années de chantier. Le coût est "
        "de 1,2 million "
        "d'euros, dont la moitié vient de l'État et de la région. Les habitants y trouveront un "
        "rendez-vous chaque "
        "samedi.\n\nUne fête est prévue.\n\nLa rue Haute est refaite en mai. La rue Basse attend 2026.\n\n"
        + " ".join(f"La colonne de gauche, ligne {i}, qui parle," for i in range(1, 7))
        + "\n\n"
        + " ".join(f"la colonne de droite, ligne {i}, qui répond," for i in range(1, 7)),
    ),
    "note.docx": (
        "Note sur l'école",
        "L'école compte 84 élèves.\n\n- Isoler la toiture\n- Changer la chaudière\n\nPoste : Toiture ; "
        "Coût : 40 000 €\n"
        "Poste : Chaudière ; Coût : 25 000 €\n\nLe total est de 65 000 €.",
    ),
    "presentation.pptx": (
        "Revitaliser le centre",
        "- Rouvrir des commerces\n- Planter la place\n\nRappeler la date du conseil.\n\n"
        "Rue : Haute ; Arbres : 12\nRue : Basse ; Arbres : 7",
    ),
    "reglement.odt": (
        "Règlement de la halle",
        "La halle est ouverte à tous.\n\nSauf fêtes.\n\n- Les petits étals ;\n- de deux mètres ;\n- les grands étals.\n\n"
        "Étal : Petit ; Prix : 5 €\nÉtal : Grand ; Prix : 9 €",
    ),
    "conseil.odp": ("Conseil du 12 juin", "Le budget est voté."),
    "budget.xlsx": (
        "Budget",
        "Poste : Voirie\nMontant : 12500,5\nVoté le : 04/03/2025\nRéalisé : oui\n\n"
        "Poste : École\nMontant : 80000\nRéalisé : non\n\nService : Accueil\nAgents : 3",
    ),
    "rues.ods": ("Rues", "Quartier : Centre\nRue : Haute\nArbres : 12\n\nQuartier : Centre\nRue : Basse\nArbres : 7"),
    "aides.csv": (
        "Aides",
        "Nom : Aide aux vitrines\nPorteur : Région\nDescriptif : Pour les commerces :\n- rénover\n- "
        "éclairer\n\n"
        'Nom : Fonds "coeur de bourg"\nPorteur : Département\nDescriptif : Première ligne\n'
        "Deuxième ligne ; avec un point-virgule",
    ),
    "tableau.tsv": ("Tableau", "Rue : Haute\nArbres : 12"),
}

REFUSED = {
    "casse.docx": ("unreadable", "abîmé"),
    "bombe.docx": ("too_large", "démesuré"),
    "entites.odt": ("unreadable", "entités XML"),
    "chiffre.pdf": ("unreadable", "mot de passe"),
    "numerise.pdf": ("unreadable", "numérisées"),
    "vide.txt": ("empty", "vide"),
    "blanc.txt": ("empty", "aucun texte"),
    "inconnu.xyz": ("unsupported", ".xyz"),
}


def read(name: str) -> Document:
    return load(DATA / name, name)


def test_every_loader_has_a_sample() -> None:
    assert {LOADERS[Path(name).suffix] for name in EXPECTED} == set(LOADERS.values())


@pytest.mark.parametrize("name", EXPECTED)
def test_title_and_text_are_exact(name: str) -> None:
    document = read(name)
    assert (document.path, document.title, document.text) == (name, *EXPECTED[name])


@pytest.mark.parametrize("name", EXPECTED)
def test_every_place_is_inside_the_text(name: str) -> None:
    document = read(name)
    end = len(document.text)
    assert [s.start for s in document.sections] == sorted(s.start for s in document.sections)
    assert all(0 <= section.start <= end for section in document.sections)
    assert list(document.pages) == sorted(document.pages)
    assert all(0 <= start < stop <= end for start, stop in document.records)
    assert document.text == document.text.strip()


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_why_in_french(name: str) -> None:
    status, reason = REFUSED[name]
    with pytest.raises(UnreadableDocument, match=reason) as refusal:
        read(name)
    assert refusal.value.status == status


@pytest.mark.parametrize("suffix", sorted(LOADERS))
@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_are_read_or_refused(suffix: str, seed: int, tmp_path: Path) -> None:
    path = tmp_path / f"hasard{suffix}"
    path.write_bytes(random.Random(seed).randbytes(4000))
    with pytest.raises(UnreadableDocument):
        load(path, path.name)


@pytest.mark.parametrize("name", EXPECTED)
def test_truncated_files_are_read_or_refused(name: str, tmp_path: Path) -> None:
    content = (DATA / name).read_bytes()
    for share in (0.1, 0.5, 0.9):
        path = tmp_path / name
        path.write_bytes(content[: int(share * len(content))])
        try:
            load(path, name)
        except UnreadableDocument as refusal:
            assert str(refusal).endswith(".")


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="absent"):
        load(tmp_path / "absent.md", "absent.md")


def test_a_file_too_big_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "gros.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UnreadableDocument) as refusal:
        load(path, path.name)
    assert refusal.value.status == "too_large"


# -------------------------------------------------------------------------------- Markdown and text


def test_notes_stand_where_their_marks_stood() -> None:
    document = read("fiche.md")
    before = [(document.text[: note.offset].rpartition("\n")[2], note.label) for note in document.notes]
    assert before == [
        ("Un local vacant est loué six mois, voir la règle.", "1"),
        ("Un local vacant est loué six mois, voir la règle.", "2"),
        ("Les communes PVD et leurs groupements.", "2"),
        ("Les communes PVD et leurs groupements. Le loyer est réduit de moitié", "1"),
        ("- un bail ;", "1"),
    ]
    first, second = document.notes[:2]
    assert (first.publisher, first.date) == ("Mairie de Vallon — service commerce", "mars 2025")
    assert (first.url, second.url) == ("https://exemple.fr/a?b=1", None)
    assert (second.publisher, second.date) == ("ANEM, communiqué", "2021")


def test_front_matter_is_plain_metadata() -> None:
    document = read("fiche.md")
    assert document.date == "2026-01-15"
    assert document.metadata["aide"] == [{"nom": "loyer", "taux": 50, "plafond": 3000}]


def test_headings_are_sections_and_not_text() -> None:
    document = read("fiche.md")
    assert document.headings_at(document.text.index("Année")) == ("Qui peut en bénéficier ?", "Montants")
    assert document.headings_at(0) == ()
    assert "Montants" not in document.text


def test_broken_front_matter_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "f.md").write_text("---\ntitre: a\nb: [1\nc: 2\n---\nTexte", encoding="utf-8")
    with pytest.raises(UnreadableDocument, match=r"ligne 4\b"):
        load(tmp_path / "f.md", "f.md")


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_text_is_decoded_whatever_its_encoding(name: str) -> None:
    text = "L'école a rouvert à la rentrée ; les élèves y déjeunent déjà, où qu'ils habitent."
    assert encoding.decode(text.encode(name)) == text


# --------------------------------------------------------------------------------------------- PDF


def test_printed_lines_have_their_text_and_rectangle() -> None:
    document = read("bulletin.pdf")
    pdf = pypdfium2.PdfDocument(DATA / "bulletin.pdf")
    assert len(document.lines) == 19
    for line in document.lines:
        page = pdf[line.page - 1]
        width, height = page.get_size()
        assert 0 <= line.left < line.right <= width
        assert 0 <= line.bottom < line.top <= height
        inside = page.get_textpage().get_text_bounded(line.left, line.bottom, line.right, line.top)
        printed = document.text[line.start : line.end]
        assert inside.strip().rstrip("-\ufffe\x02") == printed


def test_pages_sections_and_scans_are_told() -> None:
    document = read("bulletin.pdf")
    assert document.page_count == 4
    assert document.unreadable_pages == (3,)
    assert document.page_at(document.text.index("La rue Haute")) == 2
    assert document.page_at(document.text.index("La colonne de gauche")) == 4
    assert document.sections == (Section("La voirie", 2, document.text.index("La rue Haute")),)


# ------------------------------------------------------------------------------- office and tables


def test_a_slide_is_a_page() -> None:
    document = read("presentation.pptx")
    assert document.pages == (0, document.text.index("Rue : Haute"))
    assert [section.heading for section in document.sections] == ["Revitaliser le centre", "Diapositive 2"]


def test_headings_of_opendocument_are_nested() -> None:
    document = read("reglement.odt")
    assert document.headings_at(document.text.index("Étal : Petit")) == ("Étals", "Prix")


@pytest.mark.parametrize(("name", "count"), [("budget.xlsx", 3), ("rues.ods", 2), ("aides.csv", 2), ("tableau.tsv", 1)])
def test_a_row_is_a_record(name: str, count: int) -> None:
    document = read(name)
    assert len(document.records) == count
    assert all("\n\n" not in document.text[start:end] for start, end in document.records)


def test_a_sheet_is_a_section() -> None:
    document = read("budget.xlsx")
    assert document.headings_at(document.text.index("Agents")) == ("Effectifs",)


def test_a_bomb_is_refused_from_its_contents_alone() -> None:
    with zipfile.ZipFile(DATA / "bombe.docx") as bomb:
        member = bomb.infolist()[0]
    assert member.file_size > archive.MAX_RATIO * member.compress_size
    with pytest.raises(UnreadableDocument):
        archive.check(DATA / "bombe.docx")


def test_lines_copied_from_a_web_page_are_paragraphs(tmp_path: Path) -> None:
    long = "La halle du marché rouvre ses portes au printemps, après deux ans de travaux menés par la commune et " * 2
    page = tmp_path / "page.txt"
    page.write_text(f"{long.strip()}\nÀ lire en mairie\n{long.strip()}\n", encoding="utf-8")
    assert load(page, "page.txt").text == f"{long.strip()}\n\nÀ lire en mairie\n\n{long.strip()}"
    page.write_text("Une ligne coupée\nà la main.\n", encoding="utf-8")
    assert load(page, "page.txt").text == "Une ligne coupée à la main."
