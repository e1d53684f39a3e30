"""Drafts, previews, publications and returns on a small real base: what is previewed is what is published."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering.service import Assistant
from assistant.curation.comparison import Op
from assistant.curation.drafts import ChangeKind, Draft, DraftRefused, preview, safe_name
from assistant.curation.publication import PAST, TO_COME, GateRefused, NothingToPublish, Publication, PublicationRefused, settle
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.settings import Settings
from index import originals
from index.builder import build
from index.embedding import SHIPPED, SentenceEncoder
from index.errors import IndexingError
from index.folder import LEXICON, fingerprint
from index.ranking import OWN, tuned_for
from index.search import Retriever
from index.versions import KEPT, Versions
from tests.assistant.conftest import FICHES, write

DATA = Path(__file__).parents[2] / "data"
PRICIER = FICHES["halles.md"].replace("35 %", "40 %").replace("70 000", "80 000")
KIOSKS = """---
titre: Fonds Kiosques
dispositif: Fonds Kiosques
mis_a_jour: 2026-02-01
---
## Quel soutien ?
### Quelle aide pour un kiosque à musique ?
Le fonds Kiosques verse une aide forfaitaire de 4 000 € par kiosque à musique restauré.[^1]

[^1]: Ministère des kiosques — 2026 — <https://exemple.fr/kiosques>
"""
GOLDEN = [
    {
        "id": "H1",
        "kind": "chiffre",
        "turns": ["Quel est le taux du plan Halles ?"],
        "expect": [{"turn": 0, "status": ["answered", "partial"], "must": [["35 %"]]}],
    },
    {
        "id": "F1",
        "kind": "chiffre",
        "turns": ["Quelle aide pour une fontaine ?"],
        "expect": [{"turn": 0, "status": ["answered", "partial"], "must": [["9 000"]]}],
    },
    {
        "id": "R1",
        "kind": "refus",
        "turns": ["Quel est le prix du pain à Tokyo ?"],
        "expect": [{"turn": 0, "status": ["not_found", "out_of_scope"]}],
    },
]
RATE, FOUNTAIN = "Quel est le taux du plan Halles ?", "Quelle aide pour une fontaine ?"


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(str(SHIPPED))


class Base:
    """A folder of documents, its index and what publishes it."""

    def __init__(self, folder: Path, encoder: SentenceEncoder) -> None:
        self.encoder = encoder
        self.settings = Settings(
            knowledge=folder / "knowledge",
            index=folder / "index",
            drafts=folder / "drafts",
            journal=f"sqlite:///{folder}/journal.sqlite",
            upload_megabytes=1,
            draft_files=3,
        )
        write(
            self.settings.knowledge,
            {f"fiches/{name}": text for name, text in FICHES.items()}
            | {
                LEXICON: "acronymes: {}\n",
                "questions.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in GOLDEN),
            },
        )
        build(self.settings.knowledge, self.settings.index, encoder)
        self.versions = Versions(self.settings.index)
        self.journal = Journal(Database(self.settings.journal))
        self.publication = Publication(self.settings, self.journal, self.running)
        self.draft = self.publication.draft

    def running(self) -> Assistant:
        return Assistant(Retriever.open(self.settings.index, self.encoder), self.settings)

    def send(self, name: str, text: str | bytes = KIOSKS) -> None:
        self.draft.add(name, io.BytesIO(text.encode() if isinstance(text, str) else text), "edith")

    def texts(self) -> str:
        return " ".join(passage.text for passage in self.running().retriever.passages)

    def files(self) -> dict[str, str]:
        return fingerprint(self.settings.knowledge, LEXICON)

    def published(self) -> dict[str, str]:
        return originals.hashes(self.versions.require_current(), LEXICON)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Base:
    """Built once; each test works on a copy."""
    return Base(tmp_path_factory.mktemp("first"), encoder)


@pytest.fixture
def base(first: Base, tmp_path: Path, encoder: SentenceEncoder) -> Iterator[Base]:
    folder = tmp_path / "base"
    shutil.copytree(first.settings.index.parent, folder)
    yield Base(folder, encoder)


# -- the draft -----------------------------------------------------------------------------------


def test_a_new_fiche_goes_among_the_fiches_and_the_rest_among_documents(base: Base) -> None:
    base.send("kiosques.md")
    base.send("Guide des halles.txt", "Un guide de trois pages sur les halles couvertes.")
    found = {change.path: (change.kind, change.who) for change in base.draft.changes()}
    assert found == {
        "fiches/kiosques.md": (ChangeKind.ADDITION, "edith"),
        "documents/Guide des halles.txt": (ChangeKind.ADDITION, "edith"),
    }
    assert not (base.settings.knowledge / "documents").exists(), "nothing enters the base before publication"


def test_a_file_of_a_known_name_replaces_its_document(base: Base) -> None:
    base.send("HALLES.MD", PRICIER)
    (change,) = base.draft.changes()
    assert (change.path, change.kind) == ("fiches/halles.md", ChangeKind.REPLACEMENT)


def test_a_replacement_of_another_format_withdraws_the_document(base: Base) -> None:
    base.draft.replace("fiches/halles.md", "halles.txt", io.BytesIO(b"Le plan Halles est devenu un texte simple."), "edith")
    assert {change.path: change.kind for change in base.draft.changes()} == {
        "fiches/halles.md": ChangeKind.WITHDRAWAL,
        "fiches/halles.txt": ChangeKind.ADDITION,
    }


def test_a_change_can_be_undone_before_publication(base: Base) -> None:
    base.send("kiosques.md")
    base.draft.withdraw("fiches/halles.md", "edith")
    for path in ("fiches/kiosques.md", "fiches/halles.md"):
        base.draft.cancel(path)
    assert base.draft.changes() == ()
    assert not [path for path in (base.settings.drafts / "files").rglob("*") if path.is_file()]
    with pytest.raises(DraftRefused):
        base.draft.cancel("fiches/kiosques.md")


NAMES = [
    ("../../etc/passwd.md", "passwd.md"),
    ("C:\\dossier\\Fiche VTA.PDF", "Fiche VTA.pdf"),
    (".caché.md", "caché.md"),
    ("a/b\x00c?.txt", "b c.txt"),
    ("  étude  2026 .docx", "étude 2026.docx"),
    ("x" * 300 + ".md", "x" * 120 + ".md"),
    ("e\u0301tude.md", "étude.md"),
]


@pytest.mark.parametrize(("sent", "kept"), NAMES)
def test_names_are_made_safe(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


@pytest.mark.parametrize("name", ["", "..", ".md", "sans-suffixe", "virus.exe", "page.php", "archive.zip", "../", "a.md/"])
def test_other_names_and_formats_are_refused(name: str) -> None:
    with pytest.raises(DraftRefused):
        safe_name(name)


def test_control_files_are_not_documents(base: Base) -> None:
    base.send("LISEZMOI.md", "Un autre mode d'emploi, plus long que vingt caractères.")
    assert [change.path for change in base.draft.changes()] == ["fiches/LISEZMOI.md"]
    for path in (LEXICON, "questions.jsonl", "../secret.md", "fiches/../../x.md", "/etc/passwd", ""):
        with pytest.raises(DraftRefused):
            base.draft.withdraw(path, "edith")


def test_limits_are_said_and_nothing_is_kept(base: Base) -> None:
    with pytest.raises(DraftRefused, match="1 Mo"):
        base.send("gros.txt", b"a" * (1024 * 1024 + 1))
    with pytest.raises(DraftRefused, match="vide"):
        base.send("vide.txt", b"")
    with pytest.raises(DraftRefused, match="identique"):
        base.send("halles.md", FICHES["halles.md"])
    for number in range(3):
        base.send(f"{number}.txt", f"Un texte assez long, le numéro {number}.")
    with pytest.raises(DraftRefused, match="3 changements"):
        base.send("quatre.txt", "Un texte de trop.")
    assert len(base.draft.changes()) == 3
    assert not list(base.settings.drafts.glob(".received-*"))


def test_the_draft_is_found_again_after_a_restart(base: Base) -> None:
    base.send("kiosques.md")
    again = Draft(base.settings.drafts, base.settings.knowledge, 1, 3)
    assert (again.changes(), again.revision()) == (base.draft.changes(), base.draft.revision())


def test_what_a_file_would_give_is_shown_before_anything(base: Base) -> None:
    base.send("kiosques.md")
    file = base.draft.content("fiches/kiosques.md")
    assert file is not None
    shown = preview(file, "fiches/kiosques.md")
    assert shown.document is not None and shown.document.title == "Fonds Kiosques"
    assert [passage.text[:28] for passage in shown.passages] == ["Le fonds Kiosques verse une "]


def test_a_pending_file_is_cut_as_the_version_will_have_it(base: Base) -> None:
    repeated = "La charpente de la halle est refaite par une entreprise du pays, en chêne de la forêt voisine, pour {} ans."
    said = [
        f"# Note {n}\n\n## Travaux\n\n{repeated.format(40)}\n\nUne phrase de la note {n}, que nul autre ne dit.\n" for n in (1, 2)
    ]
    base.send("note-1.md", said[0])
    base.send("note-2.md", said[1])
    previews = {}
    for path in ("fiches/note-1.md", "fiches/note-2.md"):
        file = base.draft.content(path)
        assert file is not None
        previews[path] = preview(file, path, base.draft.beside(path, base.running().retriever.documents))
    plan = base.publication.prepare()
    built = Retriever(plan.folder, base.encoder).passages
    for path, shown in previews.items():
        assert list(shown.passages) == [passage for passage in built if passage.document == path], path
    assert sum("chêne" in passage.text for passage in built) == 1


def test_pages_and_files_that_cannot_be_read_are_said() -> None:
    assert preview(DATA / "casse.docx", "casse.docx").problem
    scanned = preview(DATA / "numerise.pdf", "numerise.pdf")
    assert scanned.problem or (scanned.document and scanned.document.unreadable_pages) or scanned.passages  # with Tesseract


# -- the preview ---------------------------------------------------------------------------------


def test_a_changed_amount_is_shown_with_the_answers_it_changes(base: Base) -> None:
    base.send("halles.md", PRICIER)
    steps: list[str] = []
    plan = base.publication.prepare(lambda step, done, total: steps.append(step))
    (changed,) = plan.passages
    assert (changed.op, changed.passage.document) == (Op.CHANGED, "fiches/halles.md")
    assert [(p.op, p.text) for p in changed.pieces if p.op is not Op.SAME] == [
        (Op.REMOVED, "35 %"),
        (Op.ADDED, "40 %"),
        (Op.REMOVED, "70 000 €"),
        (Op.ADDED, "80 000 €"),
    ]
    assert plan.answers[0].question == RATE and plan.answers[0].regresses
    assert ("35 %" in plan.answers[0].before.text, "40 %" in plan.answers[0].after.text) == (True, True)
    assert FOUNTAIN not in [change.question for change in plan.answers]
    assert plan.gate.failures == ("overall",)
    assert {"lecture", "comparaison", TO_COME, PAST} <= set(steps)
    assert base.texts().count("35 %") == 1, "a preview publishes nothing"


def test_past_questions_are_asked_again(base: Base) -> None:
    for question in (RATE, RATE.upper(), FOUNTAIN):
        base.journal.record(base.running().ask(question), "c", 1)
    write(base.settings.knowledge, {"questions.jsonl": ""})
    base.send("halles.md", PRICIER)
    plan = base.publication.prepare()
    assert (plan.replayed, [change.golden for change in plan.answers]) == (2, [""])
    assert (plan.gate.turns, plan.gate.failures) == (0, ())


def test_figures_that_disagree_and_near_copies_are_pointed_at(base: Base) -> None:
    other = (
        KIOSKS.replace("Fonds Kiosques", "Plan Places")
        .replace("fonds Kiosques", "plan Places")
        .replace(
            "Le plan Places verse une aide forfaitaire de 4 000 € par kiosque à musique restauré.[^1]",
            "Le plan Halles paie 50 % des travaux de la halle, dans la limite de 70 000 €.[^1] Il ne finance pas les études.[^1]",
        )
    )
    base.send("places.md", other)
    plan = base.publication.prepare()
    assert any(("50 %",) == c.figures and ("35 %",) == c.other_figures for c in plan.contradictions)
    assert [(d.fresh.document, d.other.document) for d in plan.duplicates] == [("fiches/places.md", "fiches/halles.md")]


def test_nothing_to_publish_is_said(base: Base) -> None:
    with pytest.raises(NothingToPublish):
        base.publication.prepare()


# -- publication ---------------------------------------------------------------------------------


def test_what_was_previewed_is_published_and_the_folder_follows(base: Base) -> None:
    base.send("kiosques.md")
    base.draft.withdraw("fiches/fontaines.md", "edith")
    plan = base.publication.prepare()
    inside = json.loads((plan.folder / "manifest.json").read_text(encoding="utf-8"))
    assert base.publication.publish(plan, "edith", "fonds supprimé") == plan.version
    assert json.loads((base.versions.require_current() / "manifest.json").read_text(encoding="utf-8")) == inside
    assert base.files() == base.published()
    assert "fiches/fontaines.md" not in base.files() and "4 000 €" in base.texts()
    kept = base.versions.history()[-1]["gate"]
    assert kept["before"]["overall"] == plan.gate.before["overall"], "to the last decimal: shown figures are rounded once"
    assert kept["after"]["overall"] == plan.gate.after["overall"] == 2 / 3
    assert base.draft.changes() == ()
    assert not build(base.settings.knowledge, base.settings.index, base.encoder).published, "the folder gives this version"
    entry = base.versions.history()[-1]
    assert (entry["who"], entry["reason"]) == ("edith", "fonds supprimé")
    assert entry["changes"] == {"ajout": ["fiches/kiosques.md"], "remplacement": [], "retrait": ["fiches/fontaines.md"]}
    assert entry["gate"]["failures"] == ["overall"] and entry["gate"]["after"]["overall"] < entry["gate"]["before"]["overall"]


def test_a_ranking_learned_for_this_index_is_kept(base: Base) -> None:
    learned = {"weights": tuned_for(base.encoder.identity.sha256)["weights"] | {"dense": 0.123}}
    (base.settings.index / OWN).write_text(json.dumps({base.encoder.identity.sha256: learned}), encoding="utf-8")
    base.send("kiosques.md")
    base.publication.publish(base.publication.prepare(), "edith", "essai")
    assert base.running().retriever.weights["dense"] == 0.123
    assert not build(base.settings.knowledge, base.settings.index, base.encoder).published


def test_a_version_that_does_worse_needs_a_reason(base: Base) -> None:
    base.send("halles.md", PRICIER)
    plan = base.publication.prepare()
    before = base.versions.current()
    for reason in ("", "  \n "):
        with pytest.raises(GateRefused):
            base.publication.publish(plan, "edith", reason)
    assert base.versions.current() == before
    base.publication.publish(plan, "edith", "nouvel arrêté")
    assert "40 %" in base.texts()


def test_a_base_that_changed_since_the_preview_is_not_published_over(base: Base) -> None:
    base.send("kiosques.md")
    plan = base.publication.prepare()
    hand_made = base.settings.knowledge / "fiches" / "main.md"
    hand_made.write_text(KIOSKS.replace("Kiosques", "Main"), encoding="utf-8")
    with pytest.raises(PublicationRefused, match="dossier"):
        base.publication.publish(plan, "edith")
    hand_made.unlink()
    base.send("autre.txt", "Un autre texte, ajouté après l'aperçu.")
    with pytest.raises(PublicationRefused, match="brouillon"):
        base.publication.publish(plan, "edith")
    base.draft.cancel("documents/autre.txt")
    write(base.settings.knowledge, {LEXICON: "acronymes: {ORT: opération}\n"})
    build(base.settings.knowledge, base.settings.index, base.encoder)
    with pytest.raises(PublicationRefused, match="version"):
        base.publication.publish(plan, "edith")


def test_a_build_under_way_is_waited_for(base: Base) -> None:
    base.send("kiosques.md")
    plan = base.publication.prepare()
    with base.versions.alone(), pytest.raises(IndexingError, match="en cours"):
        base.publication.publish(plan, "edith")
    base.publication.publish(plan, "edith")


def test_content_that_no_version_holds_is_moved_aside(base: Base) -> None:
    hand_made = FICHES["halles.md"].replace("35 %", "36 %")
    write(base.settings.knowledge, {"fiches/halles.md": hand_made})
    base.send("halles.md", PRICIER)
    base.publication.publish(base.publication.prepare(), "edith", "essai")
    assert [path.read_text(encoding="utf-8") for path in (base.settings.drafts / "aside").rglob("*.md")] == [hand_made]


# -- going back ----------------------------------------------------------------------------------


def test_going_back_restores_the_documents(base: Base) -> None:
    first, files = base.versions.require_current().name, base.files()
    base.send("kiosques.md")
    base.send("halles.md", PRICIER)
    base.draft.withdraw("fiches/fontaines.md", "edith")
    base.publication.publish(base.publication.prepare(), "edith", "essai")
    assert base.files() != files
    stray = base.settings.knowledge / "notes.txt"
    stray.write_text("Une note à moi, jamais publiée, plus de vingt caractères.", encoding="utf-8")
    restored = base.publication.rollback(first, "paul", "chiffres faux")
    assert base.versions.require_current().name == first
    assert restored.unpublished == ("notes.txt",) and stray.exists()
    assert base.files() == files | {"notes.txt": base.files()["notes.txt"]}
    entry = base.versions.history()[-1]
    assert (entry["action"], entry["who"], entry["reason"]) == ("retour", "paul", "chiffres faux")
    stray.unlink()
    assert not build(base.settings.knowledge, base.settings.index, base.encoder).published


def test_going_back_is_refused_in_words(base: Base) -> None:
    with pytest.raises(PublicationRefused, match="en service"):
        base.publication.rollback(base.versions.require_current().name, "edith")
    for name in ("absente", "../..", ""):
        with pytest.raises(PublicationRefused, match="conservée"):
            base.publication.rollback(name, "edith")


def test_documents_unchanged_are_shared_between_versions(base: Base) -> None:
    base.send("kiosques.md")
    base.publication.publish(base.publication.prepare(), "edith")
    old, new = (base.versions.folder(name) / "sources" / "fiches" / "halles.md" for name in base.versions.names()[-2:])
    assert old.stat().st_ino == new.stat().st_ino
    assert base.running().retriever.original("fiches/kiosques.md").read_text(encoding="utf-8") == KIOSKS


def test_old_versions_go_and_take_their_documents_with_them(base: Base) -> None:
    for number in range(KEPT + 1):
        base.send("kiosques.md", KIOSKS.replace("4 000", f"{number + 5} 000"))
        base.publication.publish(base.publication.prepare(), "edith")
    assert len(base.versions.names()) == KEPT
    with pytest.raises(PublicationRefused):
        base.publication.rollback(base.versions.history()[0]["version"], "edith")


def test_temporary_files_of_a_dead_process_are_swept_and_those_of_a_running_one_are_not(base: Base) -> None:
    index, drafts, hexadecimal = base.settings.index, base.settings.drafts, "0" * 32
    left = write(index, {f".current-{hexadecimal}": "x", f".pending.json-{hexadecimal}": "{"})
    with base.versions.alone():
        settle(base.settings)  # somebody holds the lock, and may be writing this
        assert (left / f".pending.json-{hexadecimal}").exists()
        assert not (left / f".current-{hexadecimal}").exists(), "of before the lock was taken: its writer is dead"
    write(index, {f".current-{hexadecimal}": "x", f".pending.json-{hexadecimal}": "{"})
    settle(base.settings)
    assert not list(index.glob(".current-*")) and not list(index.glob(".pending*"))
    old, young = drafts / ".received-old.pdf", drafts / ".draft-young"
    write(drafts, {old.name: "x", young.name: "x"})
    os.utime(old, (1_700_000_000, 1_700_000_000))
    Draft(drafts, base.settings.knowledge, 1, 3)
    assert not old.exists() and young.exists()


def test_settle_does_nothing_when_nothing_was_interrupted(base: Base) -> None:
    before = base.files()
    settle(base.settings)
    assert base.files() == before
