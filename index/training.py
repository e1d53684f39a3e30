"""Train the small French sentence encoder shipped in ``index/embedder``.

What it does: learns a WordPiece vocabulary, gives each token a vector made of the word co-occurrences
of a French corpus and of published word vectors, pulls questions towards the passages that answer
them, measures the result on pairs it has not seen, and writes a sentence-transformers
``StaticEmbedding`` folder.

What it does not know: the documents of the programme, how passages are split or ranked, and word
order, which a mean of token vectors cannot see. The product never imports this module; it only
loads the folder written here.

    pip install -r requirements-training.txt
    python -m index.training MATERIAL_DIR [--out index/embedder] [--hold-out piaf ...]

MATERIAL_DIR holds ``pairs.jsonl.gz`` (lines ``{"source", "query", "positive"}``) and
``text_*.jsonl.gz`` (lines ``{"title", "text"}``).

Methods:
[1] Levy & Goldberg (2014), Neural word embedding as implicit matrix factorization: PPMI + SVD.
[2] Levy, Goldberg & Dagan (2015), Improving distributional similarity with lessons learned from
    word embeddings: context smoothing 0.75, singular values dropped, rows of unit length.
[3] Wu et al. (2016), Google's neural machine translation system: WordPiece.
[4] van den Oord et al. (2018), Representation learning with contrastive predictive coding: InfoNCE;
    Henderson et al. (2017), Efficient natural language response suggestion: in-batch negatives.
[5] StaticEmbedding, https://sbert.net/docs/package_reference/sentence_transformer/modules.html,
    and model2vec, https://github.com/MinishLab/model2vec: a sentence as the mean of its tokens.
[6] Karpukhin et al. (2020), Dense passage retrieval for open-domain question answering: negatives
    mined with BM25.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.utils.extmath import randomized_svd
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from index.french import analyse
from index.lexical import LexicalIndex
from index.word_vectors import PACKAGE, WordVectors, read, token_vectors, unit, without_common

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
TokenIds = NDArray[np.int32]  # one text, shape (n_tokens,)

UNKNOWN = "[UNK]"
NORMALIZER = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
OUT = Path("index/embedder")
# Share of each source kept away from the vocabulary, the co-occurrences and the training, so that
# the figures of the model card are those of the weights that ship.
HELD_OUT = {
    "piaf": 1.0,
    "service_public_flat": 0.4,
    "collectivites_transition": 0.4,
    "collectivites_urbanvitaliz": 0.4,
    "cdtn_judgments": 0.4,
}


@dataclass(frozen=True)
class Recipe:
    """All that shapes the weights, besides the material."""

    vocabulary_size: int = 32_000  # tokens
    dimension: int = 512
    window: int = 6  # tokens on each side
    context_smoothing: float = 0.75
    common_directions: int = 30  # taken off the word vectors
    word_vectors_share: float = 1.0  # their length beside that of the co-occurrences
    initial_scale: float = 0.3  # length of a row per unit of idf; sets how far a step of Adam goes
    temperature: float = 0.08
    batch_size: int = 2_048  # pairs
    learning_rate: float = 0.005
    steps: int = 74  # two passes; held-out figures stop rising there
    near_misses: int = 8  # kept for each pair; one is drawn at each step, beside the batch's own passages
    nearest: tuple[int, int] = (5, 25)  # their ranks by BM25: the very first are often answers nobody noted
    source_balance: float = 0.5  # 0: pairs drawn uniformly; 1: sources drawn uniformly
    seed: int = 13


@dataclass(frozen=True)
class Pair:
    """A question (or heading, or search query) and a passage that answers it."""

    source: str
    query: str
    positive: str


# --- material -------------------------------------------------------------------------------------


def read_lines(path: Path) -> Iterator[dict[str, str]]:
    """Yield the objects of a gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_pairs(material: Path) -> list[Pair]:
    """Read the training pairs."""
    return [Pair(**line) for line in read_lines(material / "pairs.jsonl.gz")]


def read_texts(material: Path) -> list[str]:
    """Read the unlabelled texts, titles first."""
    paths = sorted(material.glob("text_*.jsonl.gz"))
    return [f"{line['title']}\n{line['text']}" for path in paths for line in read_lines(path)]


def split_held_out(pairs: Sequence[Pair], shares: Mapping[str, float]) -> tuple[list[Pair], list[Pair]]:
    """Split into (training, held-out) pairs; ``shares`` gives, by source, the share held out.

    Whole groups are drawn, see ``group_draws``. A text on the subject of a held-out document
    (same title, in whatever source) is in neither part.
    """
    draws = group_draws(pairs)
    kept = [draw >= shares.get(pair.source, 0.0) for pair, draw in zip(pairs, draws, strict=True)]
    held_out = [pair for pair, stays in zip(pairs, kept, strict=True) if not stays]
    gone = {key for pair in held_out for key in _subjects(pair)}
    training = [pair for pair, stays in zip(pairs, kept, strict=True) if stays and not _subjects(pair) & gone]
    return training, held_out


def group_draws(pairs: Sequence[Pair]) -> list[float]:
    """A number in 0..1 for each pair, equal within a group: the same whatever the order of the pairs.

    A group is what hangs together in a source by titles (the question before « : ») or passages, so
    that no section of a held-out document, and no other wording of its question, is seen in training.
    """
    nodes: dict[tuple[str, str, str], int] = {}
    left = np.array([nodes.setdefault((pair.source, "title", title(pair)), len(nodes)) for pair in pairs])
    right = np.array([nodes.setdefault((pair.source, "passage", pair.positive), len(nodes)) for pair in pairs])
    graph = sparse.coo_matrix((np.ones(len(pairs)), (left, right)), shape=(len(nodes), len(nodes)))
    _, groups = connected_components(graph, directed=False)
    first: dict[int, str] = {}  # group → its first passage in alphabetical order, which names it
    for pair, node in zip(pairs, left.tolist(), strict=True):
        group = int(groups[node])
        first[group] = min(first.get(group, pair.positive), pair.positive)
    return [int(hashlib.sha256(first[int(groups[node])].encode()).hexdigest()[:8], 16) / 2**32 for node in left.tolist()]


def title(pair: Pair) -> str:
    """The title of the document that a question or heading belongs to."""
    return pair.query.split(" : ")[0]


def _subjects(pair: Pair) -> set[str]:
    """What a pair may be found again by: its title and its passage, case and blanks apart."""
    return {" ".join(text.lower().split()) for text in (title(pair), pair.positive)}


# --- vocabulary -----------------------------------------------------------------------------------


def train_vocabulary(texts: Sequence[str], size: int) -> Tokenizer:
    """Learn a lower-cased, accent-stripped WordPiece vocabulary of at most ``size`` tokens [3].

    Accents are stripped because people leave them out when they type on a phone.
    """
    letters = frequent_letters(texts)
    # The trainer numbers the inner letters in the order of a hash map, different at each run, and
    # breaks ties by number. Naming them first, as special tokens, makes the vocabulary repeatable.
    inner = [f"##{letter}" for letter in letters]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        special_tokens=[UNKNOWN, *inner],
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        show_progress=False,
    )
    trained = _tokenizer({UNKNOWN: 0})
    trained.train_from_iterator(texts, trainer)
    return _tokenizer(trained.get_vocab())  # a fresh one, where inner letters are ordinary tokens


def frequent_letters(texts: Iterable[str], limit: int = 400) -> list[str]:
    """Return the most frequent signs once normalised; rarer ones are stray symbols, left unknown."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(NORMALIZER.normalize_str(text))
    signs = [sign for sign in counts if not sign.isspace()]
    return sorted(signs, key=lambda sign: (-counts[sign], sign))[:limit]


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = NORMALIZER
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def tokenize(tokenizer: Tokenizer, texts: Sequence[str], batch: int = 4_096) -> list[TokenIds]:
    """Turn each text into its token ids; by batches, to bound the memory of the encodings."""
    found: list[TokenIds] = []
    for start in range(0, len(texts), batch):
        encodings = tokenizer.encode_batch_fast(list(texts[start : start + batch]), add_special_tokens=False)
        found.extend(np.array(encoding.ids, dtype=np.int32) for encoding in encodings)
    return found


# --- initial vectors ------------------------------------------------------------------------------


def count_cooccurrences(documents: Iterable[TokenIds], size: int, window: int) -> sparse.csr_matrix:
    """Count how often two tokens stand within ``window`` of each other; symmetric, (size, size)."""
    gap = np.full(window, -1, dtype=np.int32)  # no window reaches from one document into the next
    ids = np.concatenate([part for document in documents for part in (document, gap)])
    counts = sparse.csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, window + 1):
        left, right = ids[:-distance], ids[distance:]
        inside = (left >= 0) & (right >= 0)
        ones = np.ones(int(inside.sum()), dtype=np.float32)
        counts = counts + sparse.csr_matrix((ones, (left[inside], right[inside])), shape=(size, size))
    return (counts + counts.T).tocsr()


def positive_pmi(counts: sparse.csr_matrix, context_smoothing: float) -> sparse.csr_matrix:
    """Weigh co-occurrences by positive pointwise mutual information [1].

    ``max(0, log(P(w, c) / (P(w) P_s(c))))`` with ``P_s(c)`` proportional to
    ``count(c) ** context_smoothing``, which keeps rare contexts from dominating [2].
    """
    totals = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    contexts = totals**context_smoothing / np.sum(totals**context_smoothing)
    cells = counts.tocoo()
    # P(w, c) / P(w) = count(w, c) / count(w): the grand total cancels out.
    pmi = np.log(cells.data / (totals[cells.row] * contexts[cells.col]))
    kept = pmi > 0
    places = (cells.row[kept], cells.col[kept])
    return sparse.csr_matrix((pmi[kept].astype(np.float32), places), shape=counts.shape)


def inverse_document_frequency(documents: Sequence[TokenIds], size: int) -> Floats:
    """Return ``log((n_documents + 1) / (n_documents_with_token + 1))``, shape (size,)."""
    seen = np.zeros(size)
    for document in documents:
        seen[np.unique(document)] += 1
    return np.log((len(documents) + 1) / (seen + 1)).astype(np.float32)


def initial_vectors(documents: Sequence[TokenIds], size: int, recipe: Recipe, general: Floats | None = None) -> Floats:
    """Token vectors as long as their idf, shape (size, dimension).

    Args:
        general: vectors of the tokens learned elsewhere (`index.word_vectors`), any dimension. Both parts at unit
            length stand side by side, then are brought to ``dimension`` along the directions that vary most.
    """
    weights = positive_pmi(count_cooccurrences(documents, size, recipe.window), recipe.context_smoothing)
    # Left singular vectors alone, rows of unit length [2]: without it the length of a row follows
    # the token's frequency and rare words vanish from the mean (nDCG@10 on PIAF before training: .32 against .56).
    vectors, _, _ = randomized_svd(weights, recipe.dimension, n_iter=4, random_state=recipe.seed)
    idf = inverse_document_frequency(documents, size)[:, None]
    rows = unit(vectors)
    if general is not None:
        both = np.concatenate([rows, recipe.word_vectors_share * unit(general)], axis=1)
        _, axes = np.linalg.eigh((idf * both).T @ (idf * both))  # ascending
        rows = unit(both @ axes[:, ::-1][:, : recipe.dimension])
    return np.ascontiguousarray(recipe.initial_scale * idf * rows, dtype=np.float32)


# --- contrastive training -------------------------------------------------------------------------


@dataclass(frozen=True)
class Examples:
    """The pairs as numbers: tokens, the identity of each text, and how often to draw each pair."""

    queries: list[TokenIds]
    positives: list[TokenIds]
    query_keys: Tensor  # (n_pairs,); equal where the texts are equal
    positive_keys: Tensor
    probabilities: NDArray[np.float64]  # (n_pairs,), sums to 1
    near_misses: NDArray[np.int64]  # (n_pairs, k): pairs whose passage is close to the question and not its answer


def prepare(pairs: Sequence[Pair], tokenizer: Tokenizer, recipe: Recipe) -> Examples:
    """Tokenize the pairs, mine their near misses and weigh their sources."""
    queries, positives = [pair.query for pair in pairs], [pair.positive for pair in pairs]
    return Examples(
        queries=tokenize(tokenizer, queries),
        positives=tokenize(tokenizer, positives),
        query_keys=_keys(queries),
        positive_keys=_keys(positives),
        probabilities=source_shares(pairs, recipe.source_balance),
        near_misses=mine_near_misses(pairs, recipe),
    )


def source_shares(pairs: Sequence[Pair], balance: float) -> NDArray[np.float64]:
    """How often to draw each pair, (n_pairs,), sums to 1: a source of n pairs in proportion to ``n ** (1 - balance)``.

    Otherwise the legal headings, two thirds of the pairs, would decide alone.
    """
    counts = Counter(pair.source for pair in pairs)
    weights = np.array([counts[pair.source] ** -balance for pair in pairs])
    return np.asarray(weights / weights.sum())


def mine_near_misses(pairs: Sequence[Pair], recipe: Recipe) -> NDArray[np.int64]:
    """For each pair, pairs whose passage BM25 takes for an answer to its question [6], (n_pairs, k).

    A pair without any gets itself, which the loss leaves out.
    """
    postings = LexicalIndex.build([analyse(pair.positive) for pair in pairs])
    draws = np.random.default_rng(recipe.seed)
    asking: dict[str, list[int]] = defaultdict(list)
    for row, pair in enumerate(pairs):
        asking[pair.query].append(row)
    found = np.repeat(np.arange(len(pairs))[:, None], recipe.near_misses, axis=1)
    first, last = recipe.nearest
    for query, rows in tqdm(asking.items(), desc="near misses", unit="question", mininterval=5):
        answers = {pairs[row].positive for row in rows}
        best = _best(postings.scores(list(dict.fromkeys(analyse(query)))), last + len(rows))
        near = [row for row in best if pairs[row].positive not in answers][first:last]
        for row in rows if near else ():
            found[row] = draws.choice(near, recipe.near_misses)
    return found


def _best(scores: Floats, count: int) -> list[int]:
    """Places of the highest scores above zero, best first."""
    places = np.flatnonzero(scores > 0)
    if len(places) > count:
        places = places[np.argpartition(-scores[places], count)[:count]]
    return [int(place) for place in places[np.lexsort((places, -scores[places]))]]


def _keys(texts: Iterable[str]) -> Tensor:
    known: dict[str, int] = {}
    return torch.tensor([known.setdefault(text, len(known)) for text in texts])


def embed(vectors: Tensor, texts: Sequence[TokenIds]) -> Tensor:
    """Return the mean token vector of each text at unit length, shape (n_texts, dimension)."""
    offsets = np.cumsum([0, *(len(text) for text in texts[:-1])])
    ids = torch.from_numpy(np.concatenate(texts).astype(np.int64))
    return functional.normalize(functional.embedding_bag(ids, vectors, torch.from_numpy(offsets)))


def contrastive_loss(queries: Tensor, passages: Tensor, same: Tensor, temperature: float) -> Tensor:
    """InfoNCE [4], in nats, for n queries of (n, dimension) and m >= n passages, the first n their answers.

    ``same[i, j]``, (n, m), marks a passage j that comes from a pair with the question or the passage
    of pair i: it answers too, so it is not counted as a negative.
    """
    scores = queries @ passages.T / temperature
    others = same & ~torch.eye(*same.shape, dtype=torch.bool)
    return functional.cross_entropy(scores.masked_fill(others, float("-inf")), torch.arange(len(scores)))


def train(initial: Floats, examples: Examples, recipe: Recipe) -> tuple[Floats, list[float]]:
    """Train the token vectors; return them, (size, dimension), with the loss of each step."""
    draws = np.random.default_rng(recipe.seed)
    vectors = torch.from_numpy(initial.copy()).requires_grad_()
    optimizer = torch.optim.Adam([vectors], lr=recipe.learning_rate)
    losses = []
    for _ in tqdm(range(recipe.steps), desc="contrastive", unit="batch", mininterval=5):
        rows = draws.choice(len(examples.queries), recipe.batch_size, p=examples.probabilities)
        misses = examples.near_misses[rows, draws.integers(0, recipe.near_misses, len(rows))]
        loss = _batch_loss(vectors, examples, rows, misses, recipe.temperature)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        losses.append(loss.item())
    return vectors.detach().numpy(), losses


def _batch_loss(
    vectors: Tensor, examples: Examples, rows: NDArray[np.int64], misses: NDArray[np.int64], temperature: float
) -> Tensor:
    shown = np.concatenate([rows, misses])
    asked, answered = examples.query_keys, examples.positive_keys
    same = (asked[rows][:, None] == asked[shown]) | (answered[rows][:, None] == answered[shown])
    queries = embed(vectors, [examples.queries[row] for row in rows])
    passages = embed(vectors, [examples.positives[row] for row in shown])
    return contrastive_loss(queries, passages, same, temperature)


# --- measuring and writing ------------------------------------------------------------------------


def ndcg(scores: Floats, relevant: Sequence[set[int]], depth: int = 10) -> float:
    """Mean nDCG, binary gains; scores (n_queries, n_passages), higher is better; in 0..1."""
    discounts = 1 / np.log2(np.arange(2, depth + 2))
    best = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    gains = [
        sum(discounts[rank] for rank, passage in enumerate(row) if passage in wanted) / discounts[: len(wanted)].sum()
        for row, wanted in zip(best, relevant, strict=True)
    ]
    return float(np.mean(gains))


def measure(vectors: Floats, tokenizer: Tokenizer, held_out: Sequence[Pair], pairs: Sequence[Pair]) -> dict[str, float]:
    """Return nDCG@10 by source: held-out questions against every passage of their source."""
    figures = {}
    for source in sorted({pair.source for pair in held_out}):
        passages = sorted({pair.positive for pair in pairs if pair.source == source})
        place = {passage: number for number, passage in enumerate(passages)}
        answers: dict[str, set[int]] = defaultdict(set)
        for pair in held_out:
            if pair.source == source:
                answers[pair.query].add(place[pair.positive])
        weights = torch.from_numpy(vectors)
        queries = embed(weights, tokenize(tokenizer, list(answers)))
        scores = queries @ embed(weights, tokenize(tokenizer, passages)).T
        figures[source] = ndcg(scores.numpy(), list(answers.values()))
    return figures


def quantize(vectors: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Round each row to 8 bits; return rows (size, dimension) and scales (size,): row * scale."""
    scales = np.maximum(np.abs(vectors).max(axis=1) / 127, 1e-12).astype(np.float32)
    return np.round(vectors / scales[:, None]).astype(np.int8), scales


def save(tokenizer: Tokenizer, vectors: Floats, out: Path) -> None:
    """Write a folder that ``SentenceTransformer(out)`` loads, offline, as float32 vectors.

    The files are written here rather than by sentence-transformers because its own ``save`` keeps
    float32. ``embeddings`` and ``weights`` are the names under which ``StaticEmbedding`` reads
    quantized rows and multiplies them out [5]; float16 would stay float16, and there an empty
    text divides by zero when it is normalised.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows, scales = quantize(vectors)
    save_file({"embeddings": rows, "weights": scales}, out / "model.safetensors")
    (out / "model.safetensors").chmod(0o644)  # safetensors creates it readable by its owner only
    tokenizer.save(str(out / "tokenizer.json"))
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}
    settings = {"model_type": "SentenceTransformer", "similarity_fn_name": "cosine"}
    _write_json(out / "modules.json", [module])
    _write_json(out / "config_sentence_transformers.json", settings)


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def build(
    training: Sequence[Pair], texts: Sequence[str], recipe: Recipe, words: WordVectors | None = None
) -> tuple[Tokenizer, Floats]:
    """Go from the material, and published word vectors, to a tokenizer and its vectors, (size, dimension)."""
    corpus = [*texts, *(f"{pair.query}\n{pair.positive}" for pair in training)]
    log.info("Vocabulary: %d texts…", len(corpus))
    tokenizer = train_vocabulary(corpus, recipe.vocabulary_size)
    size = tokenizer.get_vocab_size()
    log.info("Initial vectors: %d tokens in the vocabulary…", size)
    general = None
    if words:
        words = without_common(words, recipe.common_directions)
        general = token_vectors(words, tokenize(tokenizer, words.words), size)
    initial = initial_vectors(tokenize(tokenizer, corpus), size, recipe, general)
    vectors, losses = train(initial, prepare(training, tokenizer, recipe), recipe)
    log.info("Loss: %.3f → %.3f nats", losses[0], losses[-1])
    vectors[tokenizer.token_to_id(UNKNOWN)] = 0.0  # an unknown sign says nothing
    return tokenizer, vectors


def _share(text: str) -> tuple[str, float]:
    source, _, share = text.partition(":")
    return source, float(share or 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(prog="python -m index.training", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("material", type=Path, metavar="MATERIAL_DIR")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument(
        "--hold-out",
        nargs="*",
        type=_share,
        default=list(HELD_OUT.items()),
        metavar="SOURCE[:SHARE]",
        help="pairs kept for measuring (default: those of the model card)",
    )
    parser.add_argument("--words", default=PACKAGE, metavar="PACKAGE", help="spaCy package whose word vectors start the training")
    parser.add_argument("--dimension", type=int, default=Recipe.dimension)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)  # more would change sums in their last digit

    pairs = read_pairs(chosen.material)
    training, held_out = split_held_out(pairs, dict(chosen.hold_out))
    log.info("%d pairs to train on, %d held out", len(training), len(held_out))
    words = read(chosen.words, NORMALIZER.normalize_str)
    log.info("%d words read from %s", len(words.words), chosen.words)
    tokenizer, vectors = build(training, read_texts(chosen.material), Recipe(dimension=chosen.dimension), words)
    save(tokenizer, vectors, chosen.out)
    for source, figure in measure(vectors, tokenizer, held_out, pairs).items():
        log.info("nDCG@10, held-out %s: %.3f", source, figure)


if __name__ == "__main__":
    main()
