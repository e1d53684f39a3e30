"""Retrieval on sets apart: BM25 variants, encoder alone, fusion, learned ranking, what each part brings.

    python tests/benchmarks/bench_retrieval.py SETS_DIR [ENCODER]

SETS_DIR is what `make_sets.py` wrote. Weights are learned on its `tune` half, figures are nDCG@10 on
its `test` half, of the first candidates of each side; nothing is shared between the two. Prints Markdown.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import bm25s
import numpy as np
from numpy.typing import NDArray

from index import ranking
from index.embedding import SHIPPED, Encoder, SentenceEncoder
from index.evaluation import measures, read_set
from index.french import STOP_WORDS, analyse, stem, words
from index.lexical import K1, B, LexicalIndex
from index.tuning import Judged, collect, figures, learn
from tests.measure import table

Analyser = Callable[[str], list[str]]
QUESTIONS = 250  # of each set that weights are learned on: sets of any size then count the same

FAMILIES = {  # feature family → its features
    "every vector": ("dense", "sentence_dense", "heading_dense", "document_dense"),
    "evidence of sentences": ("sentence_coverage", "sentence_dense"),
    "BM25 and coverage": ("lexical", "coverage", "sentence_coverage", "document_lexical", "pieces"),
    "whole documents": ("document_lexical", "document_dense"),
    "pieces of words": ("pieces",),
    "leads and lengths of documents": ("lead_coverage", "document_shortness"),
    "titles and headings": (
        "heading_coverage",
        "heading_precision",
        "heading_match",
        "heading_dense",
        "title_coverage",
        "subject",
    ),
    "neighbouring pairs": ("bigrams",),
    "numbers and figures": ("numbers", "figure"),
}


def main(root: Path, encoder_name: str) -> None:
    encoder = SentenceEncoder(encoder_name)
    sets = sorted(path.name for path in (root / "test").iterdir())
    tests = {name: collect(root / "test" / name, encoder, _silent) for name in sets}
    learned = [name for name in sets if (root / "tune" / name).is_dir()]
    tuned = [row for name in learned for row in _some(collect(root / "tune" / name, encoder, _silent))]

    def ranked(name: str, weights: dict[str, float]) -> list[object]:
        return _row(name, [figures(tests[family], weights)["ndcg@10"] for family in sets])

    def without(names: Sequence[str]) -> dict[str, float]:
        gone = np.isin(ranking.FEATURES, names)
        return learn([Judged(np.where(gone, 0.0, row.features), row.relevant) for row in tuned])

    installed = ranking.tuned_for(encoder.identity.sha256)["weights"]
    others = [name for name in ranking.FEATURES if name not in ("lexical", "dense")]
    both = [lexical_and_dense(root / "test" / family, encoder) for family in sets]
    rows = [
        *(_row(name, [lexical(root / "test" / family, *variant) for family in sets]) for name, variant in VARIANTS.items()),
        _row("encoder alone, whole documents", [alone for alone, _ in both]),
        _row(".7 BM25 + .3 encoder, whole documents", [fused for _, fused in both]),
        ranked("encoder alone, passages", {"dense": 1.0}),
        ranked("fusion, equal weights", {"lexical": 1.0, "dense": 1.0}),
        ranked("fusion, learned", without(others)),
        ranked("all evidence, safe weights", dict(ranking.DEFAULT_WEIGHTS)),
        ranked("all evidence, weights installed", installed),
        ranked("… those of passages under headings", {name: installed.get(name, 0.0) for name in ranking.FEATURES}),
        ranked("all evidence, learned on tune", without(())),
        *(ranked(f"… without {name}", without(names)) for name, names in FAMILIES.items()),
    ]
    print(table(["nDCG@10 × 100", *sets, "mean"], rows))


def lexical(folder: Path, analyser: Analyser, k1: float = K1, b: float = B, titles: int = 1) -> float:
    """nDCG@10 of BM25 alone over whole documents."""
    corpus, queries, qrels = read_set(folder)
    index = bm25s.BM25(k1=k1, b=b, method="lucene")
    index.index([titles * analyser(row["title"]) + analyser(row["text"]) for row in corpus], show_progress=False)
    names, runs = [str(row["id"]) for row in corpus], {}
    for query in queries:
        terms = [term for term in dict.fromkeys(analyser(query["text"])) if term in index.vocab_dict]
        scores = index.get_scores(terms) if terms else np.zeros(len(names))
        runs[str(query["id"])] = [names[place] for place in np.argsort(-scores, kind="stable")[:10]]
    return measures(runs, qrels)["ndcg@10"]


def lexical_and_dense(folder: Path, encoder: Encoder) -> tuple[float, float]:
    """nDCG@10 over whole documents of the encoder alone, and of .7 BM25 + .3 encoder, each scaled to 0–1 per question."""
    corpus, queries, qrels = read_set(folder)
    names, texts = [str(row["id"]) for row in corpus], [". ".join(filter(None, [row["title"], row["text"]])) for row in corpus]
    index = LexicalIndex.build([analyse(text) for text in texts])
    dense = encoder.encode_queries([query["text"] for query in queries]) @ encoder.encode_passages(texts).T
    runs: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
    for query, cosines in zip(queries, dense, strict=True):
        words = index.scores(list(dict.fromkeys(analyse(query["text"]))))
        for run, scores in zip(runs, (cosines, 0.7 * _scaled(words) + 0.3 * _scaled(cosines)), strict=True):
            run[str(query["id"])] = [names[place] for place in np.argsort(-scores, kind="stable")[:10]]
    return measures(runs[0], qrels)["ndcg@10"], measures(runs[1], qrels)["ndcg@10"]


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    spread = float(np.ptp(scores)) or 1.0
    return (scores - scores.min()) / spread


def _content(text: str) -> list[str]:
    return [word for word in words(text) if word not in STOP_WORDS]


def _pairs(text: str) -> list[str]:
    terms = analyse(text)
    return terms + [" ".join(pair) for pair in zip(terms, terms[1:], strict=False)]


def _grams(text: str) -> list[str]:
    return analyse(text) + [f"#{word[i : i + 4]}" for word in _content(text) for i in range(max(1, len(word) - 3))]


VARIANTS: dict[str, tuple[Analyser, float, float, int] | tuple[Analyser, float, float] | tuple[Analyser]] = {
    "BM25 as shipped": (analyse,),
    "… words not stemmed": (_content,),
    "… stop-words kept": (lambda text: [stem(word) for word in words(text)],),
    "… k1 1.5, b .75": (analyse, 1.5, 0.75),
    "… k1 .6": (analyse, 0.6, B),
    "… b .4": (analyse, K1, 0.4),
    "… b .9": (analyse, K1, 0.9),
    "… titles three times": (analyse, K1, B, 3),
    "… and neighbouring pairs": (_pairs,),
    "… and first five letters": (lambda text: analyse(text) + [f"#{word[:5]}" for word in _content(text)],),
    "… and four-letter pieces": (_grams,),
}


def _some(judged: list[Judged]) -> list[Judged]:
    return random.Random(13).sample(judged, min(QUESTIONS, len(judged)))


def _row(name: str, values: Sequence[float]) -> list[object]:
    return [name, *(f"{100 * value:.1f}" for value in [*values, np.mean(values)])]


def _silent(step: str, done: int, total: int) -> None:
    """Progress is not shown: the table is all there is."""


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else str(SHIPPED))
