"""Quality: golden figures by kind; with a judged folder as argument, what each part of search adds.

    python tests/benchmarks/bench_quality.py [DIR]

DIR is a folder as `python -m index evaluate` reads it. Prints Markdown.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.answering.service import Assistant
from assistant.curation.golden import Graded, figures, grade, load, passed
from assistant.settings import Settings
from index.builder import build
from index.embedding import SHIPPED, SentenceEncoder
from index.evaluation import measures, read_set, search_all, write_corpus
from index.search import Retriever
from tests.measure import build_base, table

# Weights that leave the ranking only some of its evidence, on the same candidates; None: those learned.
PARTS: dict[str, Mapping[str, float] | None] = {
    "BM25 alone": {"lexical": 1.0},
    "dense alone": {"dense": 1.0},
    "fusion of the two": {"lexical": 1.0, "dense": 1.0},
    "full": None,
}
SHOWN = ("ndcg@10", "mrr@10", "recall@1", "recall@10", "recall@100")


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        root, _ = build_base(Path(temporary) / "index")
        assistant = Assistant.open(Settings(index=root))
        graded = list(grade(assistant, load()))
    print(by_kind(graded), end="\n\n")
    print(table(["golden figure", "value"], [(name, f"{value:.3f}") for name, value in figures(assistant, graded).items()]))
    for folder in sys.argv[1:]:
        print(f"\n{ablation(Path(folder))}")


def by_kind(graded: list[Graded]) -> str:
    kinds: dict[str, list[Graded]] = defaultdict(list)
    for row in graded:
        kinds[row.kind].append(row)
    rows = [(kind, len(found), 100 * passed(found)) for kind, found in sorted(kinds.items())]
    return table(["kind", "turns", "passed, %"], [*rows, ("all", len(graded), 100 * passed(graded))])


def ablation(folder: Path) -> str:
    """The figures of one set, indexed once, its ranking reduced to some of its evidence."""
    corpus, queries, qrels = read_set(folder)
    encoder = SentenceEncoder(str(SHIPPED))
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        names = write_corpus(corpus, Path(temporary) / "corpus")
        build(Path(temporary) / "corpus", Path(temporary) / "index", encoder)
        retriever = Retriever.open(Path(temporary) / "index", encoder)
        learned = retriever.weights
        for name, weights in PARTS.items():
            retriever.weights = learned if weights is None else weights
            runs, _ = search_all(retriever, queries, qrels, names, lambda step, done, total: None)
            found = measures(runs, qrels)
            rows.append([name, *(100 * found[figure] for figure in SHOWN)])
    return table([f"{folder.name}: {len(queries)} queries", *SHOWN], rows)


if __name__ == "__main__":
    main()
