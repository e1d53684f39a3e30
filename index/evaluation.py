"""Retrieval figures on a set with judgments: nDCG, MRR, recall.

DIR holds `corpus.jsonl {"id","title","text"}`, `queries.jsonl {"id","text"}` and `qrels.tsv` (query,
document, score). The corpus is indexed as any base is; a document's score is its best passage's.
nDCG: Järvelin & Kekäläinen 2002, gains as given, discount log2(rank + 1).
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from index.builder import build
from index.document import Hit
from index.embedding import Encoder
from index.errors import EmptyKnowledge
from index.progress import Progress
from index.reranking import Reranker
from index.search import Retriever

DEPTH = 100
Qrels = dict[str, dict[str, float]]


def evaluate(folder: Path, encoder: Encoder, progress: Progress, reranker: Reranker | None = None) -> dict[str, float]:
    """Index the corpus of a set in a temporary place, search every judged query, measure."""
    corpus, queries, qrels = read_set(folder)
    with tempfile.TemporaryDirectory() as temporary:
        source, root = Path(temporary) / "corpus", Path(temporary) / "index"
        names = write_corpus(corpus, source)
        started = time.perf_counter()
        report = build(source, root, encoder, progress=progress)
        built = time.perf_counter() - started
        retriever = Retriever.open(root, encoder, reranker)
        runs, milliseconds = search_all(retriever, queries, qrels, names, progress)
    figures = measures(runs, qrels)
    ordered = sorted(milliseconds)
    return figures | {
        "documents": report.documents,
        "passages": report.passages,
        "queries": len(runs),
        "build_seconds": round(built, 2),
        "query_ms_p50": round(ordered[len(ordered) // 2], 2),
        "query_ms_p95": round(ordered[int(len(ordered) * 0.95)], 2),
    }


def measures(runs: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, float]:
    """Averages over queries; `runs` gives document ids, best first."""
    sums = dict.fromkeys(("ndcg@10", "mrr@10", "recall@1", "recall@10", "recall@100"), 0.0)
    for query, ranked in runs.items():
        relevant = {document: gain for document, gain in qrels[query].items() if gain > 0}
        sums["ndcg@10"] += _ndcg(ranked[:10], relevant)
        first = next((rank for rank, document in enumerate(ranked[:10], 1) if document in relevant), None)
        sums["mrr@10"] += 1 / first if first else 0.0
        for depth in (1, 10, 100):
            sums[f"recall@{depth}"] += len(relevant.keys() & set(ranked[:depth])) / len(relevant)
    return {name: round(total / max(1, len(runs)), 4) for name, total in sums.items()}


def read_set(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Qrels]:
    """Corpus, queries that have a relevant document, judgments; EmptyKnowledge says what is missing."""
    try:
        corpus, queries = _rows(folder / "corpus.jsonl"), _rows(folder / "queries.jsonl")
        qrels: Qrels = {}
        for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
            parts = line.split("\t")
            if len(parts) >= 3 and _is_number(parts[-1]):  # a header line has no score
                qrels.setdefault(parts[0], {})[parts[-2]] = float(parts[-1])
    except OSError as error:
        raise _unusable(folder, f"« {Path(str(error.filename)).name} » est absent ou illisible") from error
    except ValueError as error:
        raise _unusable(folder, str(error)) from error
    judged = [query for query in queries if any(gain > 0 for gain in qrels.get(str(query["id"]), {}).values())]
    if not judged:
        raise _unusable(folder, "aucune question n'a de document pertinent")
    return corpus, judged, qrels


def _rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file, each with an id and a text."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.strip():
            rows.append(_row(line, f"{path.name}, ligne {number}"))
    return rows


def _row(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{place} : ce n'est pas du JSON") from error
    if not isinstance(row, dict) or not {"id", "text"} <= row.keys():
        raise ValueError(f"{place} : il faut « id » et « text »")
    return row


def _unusable(folder: Path, reason: str) -> EmptyKnowledge:
    return EmptyKnowledge(
        f"« {folder} » n'est pas un jeu d'évaluation lisible ({reason}). Il faut corpus.jsonl, queries.jsonl et qrels.tsv."
    )


def write_corpus(corpus: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, str]:
    """One Markdown file a document, so that it takes the usual path; returns file name → id.

    The number in the front matter keeps two documents of one text from being one file: both count.
    """
    folder.mkdir()
    names = {}
    for number, row in enumerate(corpus):
        name = f"{number:07d}.md"
        title = json.dumps(str(row.get("title") or ""), ensure_ascii=False)
        (folder / name).write_text(f"---\ntitre: {title}\nnumero: {number}\n---\n{row['text']}\n", encoding="utf-8")
        names[name] = str(row["id"])
    return names


def search_all(
    retriever: Retriever, queries: Sequence[Mapping[str, Any]], qrels: Qrels, names: Mapping[str, str], progress: Progress
) -> tuple[dict[str, list[str]], list[float]]:
    """For each query, the best documents, each once; and how long each search took, in milliseconds.

    Args:
        names: path of a document in the index → its id in the corpus.
    """
    runs, milliseconds = {}, []
    for done, query in enumerate(queries):
        if done % 200 == 0:
            progress("questions", done, len(queries))
        started = time.perf_counter()
        hits = retriever.search(str(query["text"]), k=2 * DEPTH)
        milliseconds.append(1000 * (time.perf_counter() - started))
        runs[str(query["id"])] = list(dict.fromkeys(name for hit in hits for name in documents_of(hit, names)))[:DEPTH]
    return runs, milliseconds or [0.0]


def documents_of(hit: Hit, names: Mapping[str, str]) -> tuple[str, ...]:
    """Documents that hold a hit's passage: a duplicate counts for each of its places."""
    return tuple(names[path] for path in (hit.passage.document, *(place.document for place in hit.passage.also)))


def _ndcg(ranked: Sequence[str], relevant: Mapping[str, float]) -> float:
    gained = sum(relevant.get(document, 0.0) / math.log2(rank + 1) for rank, document in enumerate(ranked, 1))
    ideal = sorted(relevant.values(), reverse=True)[:10]
    return gained / sum(gain / math.log2(rank + 1) for rank, gain in enumerate(ideal, 1))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
