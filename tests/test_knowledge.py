"""The fiches: readable, sourced sentence by sentence, their figures proved, no source forgotten."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import frontmatter
import pytest
import yaml

from index.fiche import faults
from index.figures import values
from index.loaders import load

PROJECT = Path(__file__).parents[1]
KNOWLEDGE = PROJECT / "knowledge"
FICHES = sorted((KNOWLEDGE / "fiches").glob("*.md"))
KEYS = ("titre theme dispositif aussi_appele organisme public mis_a_jour a_revoir_le eligibilite aide contact").split()
HEADINGS = {"Qui peut en bénéficier ?", "Quel soutien ?", "Comment faire ?", "Qui contacter ?", "À savoir"}
FIGURE_KEYS = ("taux", "plafond", "forfait", "plafond_depense", "max", "min")

MARKS = re.compile(r"\s*\[\^\d+\]")
DEFINITION = re.compile(r"^\[\^(\d+)\]: (.*)$", re.MULTILINE)
COMMENT = re.compile(r"^<!-- Autrement : (.+) -->\n", re.MULTILINE)
SOURCE = re.compile(r".+ — .+?(?: — <https?://\S+>)?")
ABBREVIATION = re.compile(r"\b(?:[A-Z]|art|cf|env|ex|etc|M|Mme)\. ")

every_fiche = pytest.mark.parametrize("path", FICHES, ids=lambda path: path.stem)


@cache
def parts(path: Path) -> tuple[dict[str, Any], str, dict[str, str]]:
    """Front matter, body without its footnotes and other wordings, footnotes."""
    metadata, text = frontmatter.parse(path.read_text(encoding="utf-8"))
    return metadata, COMMENT.sub("", DEFINITION.sub("", text)), dict(DEFINITION.findall(text))


def paragraphs(path: Path) -> dict[str, str]:
    """Text under each ### heading."""
    pieces = re.split(r"^### (.*)$", parts(path)[1], flags=re.MULTILINE)[1:]
    texts = (re.split(r"^## ", text, flags=re.MULTILINE)[0].strip() for text in pieces[1::2])
    return dict(zip(pieces[::2], texts, strict=True))


def unsourced(paragraph: str) -> list[str]:
    """Sentences and list items that do not end with a mark, and sentences that share one."""
    found = []
    for line in filter(None, map(str.strip, paragraph.splitlines())):
        if line.endswith(":"):
            continue  # announces a list, whose items carry the marks
        for sentence in re.split(r"(?<=\])\s+(?=[A-ZÀ-Ü«0-9])", line):
            plain = ABBREVIATION.sub("", MARKS.sub("", sentence))
            if not re.search(r"\[\^\d+\]$", sentence) or re.search(r"[a-zé)»%€]\. [A-ZÀ-Ü]", plain):
                found.append(sentence)
    return found


def proofs(path: Path) -> list[dict[str, Any]]:
    """The criteria and aids of the front matter; an aid without rules (« aide: []») gives none."""
    metadata = parts(path)[0]
    return [*(metadata["eligibilite"] or []), *(metadata["aide"] or [])]


def test_there_are_fiches() -> None:
    assert len(FICHES) >= 60


@every_fiche
def test_front_matter_is_complete(path: Path) -> None:
    metadata = parts(path)[0]
    assert [key for key in KEYS if key not in metadata] == []
    assert isinstance(metadata["mis_a_jour"], date) and isinstance(metadata["a_revoir_le"], date)


@every_fiche
def test_the_index_reads_it(path: Path) -> None:
    document = load(path, path.name)
    assert document.title == parts(path)[0]["titre"]
    assert document.is_fiche and faults(document.metadata) == []
    assert {section.heading for section in document.sections} >= set(paragraphs(path))
    assert not re.search(r"\[\^|<!--|Autrement :", document.text)


@every_fiche
def test_headings_are_the_stable_ones(path: Path) -> None:
    body = parts(path)[1]
    assert set(re.findall(r"^## (.*)$", body, re.MULTILINE)) <= HEADINGS
    assert not re.search(r"^#{4,} ", body, re.MULTILINE)
    questions = re.findall(r"^### (.*)$", body, re.MULTILINE)
    assert len(questions) == len(set(questions)) > 0


@every_fiche
def test_every_sentence_has_its_source(path: Path) -> None:
    body = parts(path)[1]
    before = re.split(r"^## ", body, flags=re.MULTILINE)[0]
    assert not re.sub(r"^# .*$", "", before, flags=re.MULTILINE).strip(), "text above the first heading"
    for heading, paragraph in paragraphs(path).items():
        assert paragraph, heading
        assert unsourced(paragraph) == []


@every_fiche
def test_every_mark_is_defined_and_used(path: Path) -> None:
    _, body, notes = parts(path)
    assert set(re.findall(r"\[\^(\d+)\]", body)) == set(notes)
    assert [note for note in notes.values() if not SOURCE.fullmatch(note)] == []


@every_fiche
def test_every_figure_of_the_front_matter_stands_in_its_proof(path: Path) -> None:
    texts = paragraphs(path)
    for rule in proofs(path):
        assert rule["preuve"] in texts
        found = values(MARKS.sub("", texts[rule["preuve"]]))
        for key in FIGURE_KEYS:
            if rule.get(key) is not None:
                assert Decimal(str(rule[key])).normalize() in found, f"{key}: {rule[key]} — {rule['preuve']}"


def test_no_two_fiches_have_one_title() -> None:
    titles = Counter(parts(path)[0]["titre"] for path in FICHES)
    assert [title for title, count in titles.items() if count > 1] == []


def test_no_source_is_forgotten() -> None:
    """A source leaves the fiches only with its reason, in the list of knowledge/LISEZMOI.md."""
    lines = (PROJECT / "tests" / "golden" / "source_urls.txt").read_text(encoding="utf-8").splitlines()
    wanted = {line for line in lines if not line.startswith("#")}
    assert len(wanted) > 200
    cited = {plain(url) for path in FICHES for note in parts(path)[2].values() for url in re.findall(r"<(\S+)>", note)}
    listed = set(map(plain, re.findall(r"<(https?://\S+)>", (KNOWLEDGE / "LISEZMOI.md").read_text(encoding="utf-8"))))
    assert wanted - cited - listed == set()


def plain(url: str) -> str:
    """A URL without the punctuation that may follow it in a sentence."""
    return url.rstrip(").,;")


def test_the_lexicon_is_readable() -> None:
    lexicon = yaml.safe_load((KNOWLEDGE / "lexique.yaml").read_text(encoding="utf-8"))
    assert {"acronymes", "mots", "sms", "noms"} <= set(lexicon)
    assert all(lexicon.values())


def test_golden_questions_are_well_formed() -> None:
    lines = (KNOWLEDGE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    assert len({row["id"] for row in rows}) == len(rows) > 200
    for row in rows:
        assert row["turns"] and row["expect"], row["id"]
        assert all(0 <= expected["turn"] < len(row["turns"]) for expected in row["expect"]), row["id"]


FAULTS = [
    ("sans marque", "Une phrase sans source.", 1),
    ("deux phrases, une marque", "Une phrase. Une autre.[^1]", 1),
    ("élément de liste sans marque", "Il faut :\n- un bail ;[^1]\n- un plan.", 1),
    ("tout va bien", "Il faut :\n- un bail.[^1]\n- un plan.[^2] [^3]", 0),
    ("abréviation", "L'art. L. 303-2 du code le dit.[^1] Oui.[^2]", 0),
]


@pytest.mark.parametrize(("paragraph", "count"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_the_check_of_sentences_sees_faults(paragraph: str, count: int) -> None:
    assert len(unsourced(paragraph)) == count
