"""Search as the base grows: ours beside French bm25s and FAISS, exact, the least that a hybrid search can be.

Each stack at each size runs in a process of its own, with the shipped encoder loaded; the question is encoded apart. The vectors
of passages are drawn at random, of the right number and shape: encoding 100,000 passages takes hours on two cores, and neither
time nor memory depends on what they say. Texts are sentences of the fiches drawn at random, or those of a file (`--texts`, JSON
lines of « title » and « text », gzip or not). Prints Markdown; writes growth.json and growth.svg.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from assistant.curation.golden import load
from index.builder import build
from index.document import embedded_text
from index.embedding import SHIPPED, Parts, SentenceEncoder
from index.french import analyse, sentences
from index.passage_vectors import STORE
from index.search import EncodedQuery, Retriever
from index.stores.faiss_store import FaissStore
from index.versions import Versions
from tests.measure import PROJECT, peak_mebibytes, table

SIZES = (1_000, 10_000, 100_000)
TOP, QUESTIONS, TOGETHER = 10, 200, 20  # hits, questions asked, texts a document
OURS, FLOOR = "ours", "bm25s + FAISS"


class DrawnEncoder(SentenceEncoder):
    """The shipped encoder for questions; of a passage, unit vectors drawn at random and the tokens of another text."""

    def __init__(self) -> None:
        super().__init__(SHIPPED)
        self._draw = np.random.default_rng(0)
        self._tokens = super().encode_parts(["Le conseil municipal délibère sur le budget de la commune. " * 40], [[]]).tokens[0]

    def encode_passages(self, texts: Sequence[str]) -> Any:
        drawn = self._draw.standard_normal((len(texts), self.identity.dimension), dtype=np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)

    def encode_parts(self, texts: Sequence[str], parts: Sequence[Sequence[tuple[int, int]]]) -> Parts:
        tokens = [np.resize(self._tokens, max(1, len(text) // 5)) for text in texts]  # a token is some five characters
        return Parts(self.encode_passages(texts), [self.encode_passages([""] * len(spans)) for spans in parts], tokens)


def texts(path: Path | None) -> Iterator[tuple[str, str]]:
    """Titles and texts without end: those of a file, then, or at once, sentences of the fiches drawn at random."""
    if path:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield row["title"], row["text"]
    told = [file.read_text(encoding="utf-8") for file in sorted((PROJECT / "knowledge" / "fiches").glob("*.md"))]
    known = [text[start:end] for text in told for start, end in sentences(text) if end - start > 40]
    known = [re.sub(r"[#\[\]<>|*_`-]+", " ", sentence) for sentence in known]
    draw = random.Random(0)
    while True:
        yield draw.choice(known)[:80], " ".join(draw.sample(known, 5))


def make(folder: Path, size: int, path: Path | None) -> dict[str, Any]:
    """An index of some `size` passages, by the builder; seconds it took, encoding apart."""
    source, found = folder / "base", texts(path)
    source.mkdir()
    characters = 0
    for number in range(size):  # fewer documents than passages: the characters of so many passages are enough
        rows = [next(found) for _ in range(TOGETHER)]
        body = "\n\n".join(f"## {title}\n\n{text}" for title, text in rows)
        (source / f"{number:06d}.md").write_text(body, encoding="utf-8")
        characters += len(body)
        if characters > 800 * size:
            break
    encoder, started, spent = DrawnEncoder(), time.perf_counter(), time.process_time()
    report = build(source, folder / "index", encoder)
    return {
        "passages": report.passages,
        "build_s": time.perf_counter() - started,
        "build_cpu_s": time.process_time() - spent,  # of this process: files are read in others
    }


def ours(folder: Path, encoder: SentenceEncoder) -> Any:
    retriever = Retriever.open(folder / "index", encoder)
    return lambda question, encoded: retriever.search(question, TOP, encoded)


def floor(folder: Path, encoder: SentenceEncoder) -> Any:
    """BM25 over the same terms and exact FAISS over the same vectors, joined by their ranks; texts in memory."""
    import bm25s
    import faiss

    retriever = Retriever.open(folder / "index", encoder)
    kept = [embedded_text(passage) for passage in retriever.passages]
    words = bm25s.BM25()
    words.index([analyse(text) for text in kept], show_progress=False)
    drawn = FaissStore.load(Versions(folder / "index").require_current() / STORE).vectors()
    vectors = faiss.IndexFlatIP(drawn.shape[1])
    vectors.add(np.ascontiguousarray(drawn))

    def ask(question: str, encoded: EncodedQuery) -> list[str]:
        k = min(100, len(kept))
        (by_words,), _ = words.retrieve([analyse(question) or ["rien"]], k=k, show_progress=False)
        _, (by_vectors,) = vectors.search(encoded.vector[None], k)
        scores: dict[int, float] = {}
        for rows in (by_words.tolist(), by_vectors.tolist()):
            for rank, row in enumerate(rows):
                scores[row] = scores.get(row, 0.0) + 1 / (60 + rank)
        return [kept[row] for row in sorted(scores, key=lambda row: -scores[row])[:TOP]]

    return ask


def resident() -> dict[str, float]:
    """Memory of this process, MiB: its own, and what it maps from files, which the system takes back when it needs it."""
    try:
        rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    except OSError:
        return {"own_mib": peak_mebibytes(), "mapped_mib": 0.0}
    return {name: int(rows[key].split()[0]) / 1024 for name, key in (("own_mib", "RssAnon"), ("mapped_mib", "RssFile"))}


def measure(stack: str, folder: Path) -> dict[str, Any]:
    """One stack in this process: seconds to open, milliseconds a question, memory."""
    encoder = SentenceEncoder(SHIPPED)
    questions = [turn for row in load() for turn in row["turns"][:1]]
    questions = random.Random(0).sample(questions, min(QUESTIONS, len(questions)))
    encoding, encoded = [], []
    for question in questions:
        started = time.perf_counter()
        vectors, tokens = encoder.encode_query_tokens([question])
        encoding.append(1000 * (time.perf_counter() - started))
        encoded.append(EncodedQuery(vectors[0], tokens[0]))
    before, started = resident(), time.perf_counter()
    ask = {OURS: ours, FLOOR: floor}[stack](folder, encoder)
    opened = time.perf_counter() - started
    wall: list[float] = []
    spent: list[float] = []
    for times in (None, wall):  # the first round warms up
        for question, own in zip(questions, encoded, strict=True):
            started, cpu = time.perf_counter(), time.process_time()
            ask(question, own)
            if times is not None:
                times.append(1000 * (time.perf_counter() - started))
                spent.append(1000 * (time.process_time() - cpu))
    quantiles = {
        f"{name}_p{share}_ms": float(np.percentile(values, share))
        for name, values in (("search", wall), ("search_cpu", spent), ("encoding", encoding))
        for share in (50, 95)
    }
    libraries = {f"before_{name}": value for name, value in before.items()}
    return {"stack": stack, "open_s": opened, **quantiles, **libraries, **resident(), "load": os.getloadavg()[0]}


def child(*arguments: object) -> dict[str, Any]:
    """This script again, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, *map(str, arguments)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def draw(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Milliseconds and memory against passages, a line a stack."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for axis, name, label in zip(axes, ("search_cpu_p95_ms", "own_mib"), ("ms a question, p95, one core", "MiB"), strict=True):
        for stack in (OURS, FLOOR):
            own = [row for row in rows if row["stack"] == stack]
            axis.plot([row["passages"] for row in own], [row[name] for row in own], marker="o", label=stack)
        axis.set(xscale="log", xlabel="passages", ylabel=label, ylim=(0, None))
        axis.legend()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--out", type=Path, default=PROJECT / "var" / "bench")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        action, folder, *rest = args.child
        found = make(Path(folder), int(rest[0]), args.texts) if action == "make" else measure(action, Path(folder))
        print(json.dumps(found), flush=True)
        return
    rows = []
    for size in args.sizes:
        with tempfile.TemporaryDirectory() as temporary:
            given = ["--texts", args.texts] if args.texts else []
            made = child("--child", "make", temporary, size, *given)
            rows += [made | child("--child", stack, temporary) for stack in (OURS, FLOOR)]
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "growth.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    draw(rows, args.out / "growth.svg")
    columns = ["search_cpu_p50_ms", "search_cpu_p95_ms", "own_mib", "mapped_mib", "open_s", "encoding_p50_ms"]
    told = [[row["passages"], row["stack"], *(row[name] for name in columns), row["load"]] for row in rows]
    print(table(["passages", "stack", *columns, "load"], told), end="\n\n")
    ratios = [
        [one["passages"], *(one[name] / other[name] for name in columns[:3]), one["build_s"]]
        for one, other in zip(rows[::2], rows[1::2], strict=True)
    ]
    print(table(["passages", *(f"{name}, ours / {FLOOR}" for name in columns[:3]), "build, seconds"], ratios))


if __name__ == "__main__":
    main()
