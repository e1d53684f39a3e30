"""Retrieval figures: equal to those worked out by hand, and sets read as their contract says."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from index.errors import EmptyKnowledge
from index.evaluation import evaluate, measures, read_set
from tests.fakes import HashEncoder
from tests.index.conftest import write


def log2(value: float) -> float:
    return math.log2(value)


# One query: what was ranked, what was judged → ndcg@10, mrr@10, recall@1, recall@10, recall@100.
BY_HAND = [
    ("first", ["a", "b"], {"a": 1}, (1, 1, 1, 1, 1)),
    ("second", ["b", "a"], {"a": 1}, (1 / log2(3), 1 / 2, 0, 1, 1)),
    ("eleventh", [*"bcdefghijk", "a"], {"a": 1}, (0, 0, 0, 0, 1)),
    ("never", ["b", "c"], {"a": 1}, (0, 0, 0, 0, 0)),
    ("nothing ranked", [], {"a": 1}, (0, 0, 0, 0, 0)),
    ("one of two", ["a", "b", "c"], {"a": 1, "z": 1}, (1 / (1 + 1 / log2(3)), 1, 1 / 2, 1 / 2, 1 / 2)),
    ("graded", ["b", "a"], {"a": 3, "b": 1}, ((1 + 3 / log2(3)) / (3 + 1 / log2(3)), 1, 1 / 2, 1, 1)),
    ("a zero is not relevant", ["b", "a"], {"a": 1, "b": 0}, (1 / log2(3), 1 / 2, 0, 1, 1)),
]


@pytest.mark.parametrize(("ranked", "judged", "expected"), [case[1:] for case in BY_HAND], ids=[case[0] for case in BY_HAND])
def test_measures_are_those_computed_by_hand(ranked: list[str], judged: dict[str, float], expected: tuple[float, ...]) -> None:
    assert tuple(measures({"q": ranked}, {"q": judged}).values()) == pytest.approx(expected, abs=1e-4)


def test_more_than_ten_relevant_documents_have_a_reachable_ideal() -> None:
    judged = {f"d{number}": 1.0 for number in range(20)}
    assert measures({"q": list(judged)}, {"q": judged})["ndcg@10"] == 1.0


def test_measures_are_averaged_over_queries() -> None:
    figures = measures({"q1": ["a"], "q2": ["b"]}, {"q1": {"a": 1}, "q2": {"a": 1}})
    assert (figures["ndcg@10"], figures["recall@100"]) == (0.5, 0.5)


TEXTS = {
    "d1": ("Friches", "Le fonds friches finance la dépollution des terrains industriels."),
    "d2": ("Volontaires", "La collectivité reçoit une aide pour un volontaire territorial."),
    "d3": ("", "Le marché couvert ouvre ses portes le samedi matin."),
    "d4": ("Volontaires", "La collectivité reçoit une aide pour un volontaire territorial."),  # the text of d2
}


def write_set(folder: Path, qrels: str, queries: dict[str, str]) -> Path:
    rows = [{"id": name, "title": title, "text": text} for name, (title, text) in TEXTS.items()]
    return write(
        folder,
        {
            "corpus.jsonl": "\n".join(json.dumps(row) for row in rows) + "\n\n",
            "queries.jsonl": "\n".join(json.dumps({"id": name, "text": text}) for name, text in queries.items()),
            "qrels.tsv": qrels,
        },
    )


QUERIES = {"q1": "dépollution d'une friche", "q2": "aide pour un volontaire", "q3": "sans jugement"}


def test_a_set_is_indexed_and_its_figures_given(tmp_path: Path) -> None:
    folder = write_set(tmp_path, "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td4\t1\nq2\td1\t0\n", QUERIES)
    figures = evaluate(folder, HashEncoder(), lambda *_: None)
    assert set(figures) == {
        "ndcg@10",
        "mrr@10",
        "recall@1",
        "recall@10",
        "recall@100",
        "documents",
        "passages",
        "queries",
        "build_seconds",
        "query_ms_p50",
        "query_ms_p95",
    }
    assert (figures["documents"], figures["queries"]) == (4, 2)
    assert figures["recall@10"] == 1.0, "d4 has the text of d2: both are found"
    assert figures["mrr@10"] == pytest.approx((1 + 1 / 2) / 2)
    assert 0 < figures["query_ms_p50"] <= figures["query_ms_p95"]


@pytest.mark.parametrize(
    "qrels",
    ["q1\td1\t1\n", "q1\t0\td1\t1\n", "query\tdoc\tscore\nq1\td1\t1.0\n\n"],
    ids=["three columns", "TREC's four", "header and blank line"],
)
def test_judgments_are_read(tmp_path: Path, qrels: str) -> None:
    corpus, queries, judged = read_set(write_set(tmp_path, qrels, QUERIES))
    assert (len(corpus), [query["id"] for query in queries], judged) == (4, ["q1"], {"q1": {"d1": 1.0}})


UNREADABLE = [
    ("dossier absent", None),
    ("corpus absent", {"queries.jsonl": '{"id": "q", "text": "t"}', "qrels.tsv": "q\td\t1"}),
    ("corpus illisible", {"corpus.jsonl": "{", "queries.jsonl": '{"id": "q", "text": "t"}', "qrels.tsv": "q\td\t1"}),
    ("document sans texte", {"corpus.jsonl": '{"id": "d"}', "queries.jsonl": '{"id": "q", "text": "t"}', "qrels.tsv": "q\td\t1"}),
    ("ligne sans objet", {"corpus.jsonl": "[1]", "queries.jsonl": '{"id": "q", "text": "t"}', "qrels.tsv": "q\td\t1"}),
    ("question sans texte", {"corpus.jsonl": '{"id": "d", "text": "t"}', "queries.jsonl": '{"id": "q"}', "qrels.tsv": "q\td\t1"}),
    ("aucune question jugée", {"corpus.jsonl": '{"id": "d", "text": "un texte"}', "queries.jsonl": "", "qrels.tsv": ""}),
]


@pytest.mark.parametrize("files", [case[1] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
def test_an_unreadable_set_is_refused_with_the_files_it_needs(tmp_path: Path, files: dict[str, str] | None) -> None:
    folder = write(tmp_path, files) if files else tmp_path / "absent"
    with pytest.raises(EmptyKnowledge) as refused:
        evaluate(folder, HashEncoder(), lambda *_: None)
    assert all(name in str(refused.value) for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")), refused.value
