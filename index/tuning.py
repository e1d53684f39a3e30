"""Judged candidates → ranking weights, for the encoder in use.

`python -m index tune JUDGED_DIR` indexes the corpus of a judged set, searches its questions and learns
how to weigh the evidence from the candidates of each question together. What was learned is kept beside
the index, by the hash of the encoder; the next build puts it in the manifest.

Knows features and judgments; nothing of how a feature is computed or where questions come from.
The listwise loss is that of ListNet (Cao et al. 2007), top one, with judgments of relevant or not.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from index import ranking
from index.builder import build
from index.embedding import Encoder
from index.errors import EmptyKnowledge
from index.evaluation import documents_of, measures, read_set, write_corpus
from index.progress import Progress
from index.search import Retriever

CANDIDATES = 100
FOLDS = 5
RIDGE = 1e-3  # on the weights of standardised evidence
_SCALE = 10.0  # so that what callers add to a score means the same whatever was learned


@dataclass(frozen=True)
class Judged:
    """One question: the evidence on its candidates in the order found, and which are relevant."""

    features: NDArray[np.float64]  # (candidates, len(FEATURES))
    relevant: NDArray[np.bool_]  # (candidates,)
    documents: tuple[tuple[str, ...], ...] = ()  # of each candidate, by id
    gains: Mapping[str, float] = field(default_factory=dict)  # of every relevant document, found or not
    weight: float = 1.0


def learn(judged: Sequence[Judged], ridge: float = RIDGE) -> dict[str, float]:
    """Weights that put relevant candidates above the others; their sizes sum to `_SCALE`.

    Maximises the probability, softmax over the candidates of each question, that falls on relevant ones.

    Raises:
        EmptyKnowledge: no question has both a relevant candidate and another.
    """
    rows = [row for row in judged if row.relevant.any() and not row.relevant.all()]
    if not rows:
        raise EmptyKnowledge("Aucune question du jeu ne retrouve de document pertinent : rien à apprendre.")
    features = np.concatenate([row.features for row in rows])
    spread = features.std(axis=0)
    features = features / np.where(spread > 0, spread, 1.0)
    relevant = np.concatenate([row.relevant for row in rows]).astype(np.float64)
    counts = np.array([len(row.relevant) for row in rows])
    starts = np.cumsum(counts) - counts
    shares = np.array([row.weight for row in rows])
    shares = shares / shares.sum()

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = features @ weights
        raised = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), counts))
        everything = np.add.reduceat(raised, starts)
        right = np.maximum(np.add.reduceat(raised * relevant, starts), np.finfo(float).tiny)
        pull = raised * (relevant / np.repeat(right, counts) - 1 / np.repeat(everything, counts)) * np.repeat(shares, counts)
        total = -float(shares @ (np.log(right) - np.log(everything))) + ridge * float(weights @ weights)
        return total, -(features.T @ pull) + 2 * ridge * weights

    found = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x / np.where(spread > 0, spread, 1.0)
    found *= _SCALE / (np.abs(found).sum() or 1.0)
    return {name: round(float(weight), 3) for name, weight in zip(ranking.FEATURES, found, strict=True)}


def collect(folder: Path, encoder: Encoder, progress: Progress) -> list[Judged]:
    """Index the corpus of a judged set in a temporary place, and judge the candidates of its questions."""
    corpus, queries, qrels = read_set(folder)
    with tempfile.TemporaryDirectory() as temporary:
        source, root = Path(temporary) / "corpus", Path(temporary) / "index"
        names = write_corpus(corpus, source)
        build(source, root, encoder, progress=progress)
        retriever = Retriever.open(root, encoder)
        rows = []
        for done, query in enumerate(queries):
            if done % 200 == 0:
                progress("questions", done, len(queries))
            gains = {document: gain for document, gain in qrels[str(query["id"])].items() if gain > 0}
            hits = retriever.search(str(query["text"]), 2 * CANDIDATES)
            documents = tuple(documents_of(hit, names) for hit in hits)
            rows.append(
                Judged(
                    features=np.array([list(hit.features.values()) for hit in hits]).reshape(-1, len(ranking.FEATURES)),
                    relevant=np.array([not gains.keys().isdisjoint(found) for found in documents], dtype=bool),
                    documents=documents,
                    gains=gains,
                )
            )
    return rows


def figures(judged: Sequence[Judged], weights: Mapping[str, float]) -> dict[str, float]:
    """What `index evaluate` measures, the candidates ordered by some weights."""
    runs, qrels = {}, {}
    for number, row in enumerate(judged):
        order = np.argsort(-ranking.score(row.features, weights), kind="stable")
        runs[str(number)] = list(dict.fromkeys(name for place in order.tolist() for name in row.documents[place]))[:CANDIDATES]
        qrels[str(number)] = dict(row.gains)
    return measures(runs, qrels)


def unseen(judged: Sequence[Judged], ridge: float = RIDGE) -> dict[str, float]:
    """The figures of questions ranked by weights learned on the others (5 folds)."""
    totals: dict[str, float] = {}
    for fold in range(FOLDS):
        held = [row for number, row in enumerate(judged) if number % FOLDS == fold]
        others = [row for number, row in enumerate(judged) if number % FOLDS != fold]
        for name, value in figures(held, learn(others, ridge)).items() if held else ():
            totals[name] = totals.get(name, 0.0) + value * len(held) / len(judged)
    return {name: round(value, 4) for name, value in totals.items()}


def store(root: Path, encoder_sha256: str, weights: Mapping[str, float]) -> Path:
    """Keep the weights learned for an encoder beside an index; those of other encoders stay."""
    path = root / ranking.OWN
    rows = ranking.own(root)
    rows[encoder_sha256] = {"weights": dict(weights)}
    root.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
