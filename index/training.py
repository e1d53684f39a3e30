"""Train the small French sentence encoder that ships in ``index/embedder``.

What it does: learns a WordPiece vocabulary, gives each token a vector by factorising the
co-occurrences of a French corpus, pulls questions towards the passages that answer them, and saves
a sentence-transformers model (a mean of static token vectors: no attention, no GPU, no network).

What it does not know: the documents of the programme, how passages are split or ranked, and word
order, which a mean of token vectors cannot see. The product never imports this module; it only
loads the folder written here.

    python -m index.training MATERIAL_DIR [--out index/embedder] [--hold-out piaf]

``MATERIAL_DIR`` holds ``pairs.jsonl.gz`` (``source``, ``query``, ``positive``) and
``text_*.jsonl.gz`` (``title``, ``text``).
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy import sparse
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from sklearn.utils.extmath import randomized_svd
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch.nn import functional
from tqdm import tqdm

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    vocabulary_size: int = 32_000
    dimension: int = 256
    window: int = 6
    context_smoothing: float = 0.75
    temperature: float = 0.05
    batch_size: int = 2_048
    learning_rate: float = 0.005
    epochs: int = 10
    seed: int = 13


@dataclass(frozen=True)
class Pair:
    source: str
    query: str
    positive: str


def read_jsonl(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_pairs(material: Path) -> list[Pair]:
    return [Pair(**line) for line in read_jsonl(material / "pairs.jsonl.gz")]


def read_texts(material: Path) -> list[str]:
    return [
        f"{line['title']}\n{line['text']}"
        for path in sorted(material.glob("text_*.jsonl.gz"))
        for line in read_jsonl(path)
    ]


def train_vocabulary(texts: Sequence[str], size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=["[PAD]", "[UNK]"], limit_alphabet=400, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def tokenize(tokenizer: Tokenizer, texts: Sequence[str]) -> list[np.ndarray]:
    out: list[np.ndarray] = []
    for start in range(0, len(texts), 4096):
        batch = tokenizer.encode_batch_fast(list(texts[start : start + 4096]), add_special_tokens=False)
        out.extend(np.array(e.ids, dtype=np.int32) for e in batch)
    return out


def count_cooccurrences(documents: Sequence[np.ndarray], size: int, window: int) -> sparse.csr_matrix:
    gap = np.full(window, -1, dtype=np.int32)
    ids = np.concatenate([part for document in documents for part in (document, gap)])
    counts = sparse.csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, window + 1):
        left, right = ids[:-distance], ids[distance:]
        inside = (left >= 0) & (right >= 0)
        ones = np.ones(int(inside.sum()), dtype=np.float32)
        counts = counts + sparse.csr_matrix((ones, (left[inside], right[inside])), shape=(size, size))
    return (counts + counts.T).tocsr()


def positive_pmi(counts: sparse.csr_matrix, context_smoothing: float) -> sparse.csr_matrix:
    words = np.asarray(counts.sum(axis=1)).ravel()
    contexts = np.asarray(counts.sum(axis=0)).ravel() ** context_smoothing
    contexts /= contexts.sum()
    cells = counts.tocoo()
    pmi = np.log(cells.data / (words[cells.row] * contexts[cells.col]))
    keep = pmi > 0
    return sparse.csr_matrix((pmi[keep].astype(np.float32), (cells.row[keep], cells.col[keep])), shape=counts.shape)


def factorise(matrix: sparse.csr_matrix, dimension: int, seed: int) -> np.ndarray:
    left, singular, _ = randomized_svd(matrix, dimension, n_iter=3, random_state=seed)
    return left * np.sqrt(singular)


def inverse_document_frequency(documents: Sequence[np.ndarray], size: int) -> np.ndarray:
    seen = np.zeros(size)
    for document in documents:
        seen[np.unique(document)] += 1
    return np.log((len(documents) + 1) / (seen + 1)) 


def bags(token_ids: Sequence[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = [len(ids) for ids in token_ids]
    offsets = torch.from_numpy(np.cumsum([0, *lengths[:-1]]))
    return torch.from_numpy(np.concatenate(token_ids).astype(np.int64)), offsets


def contrastive_loss(queries, positives, query_keys, positive_keys, temperature):
    scores = functional.normalize(queries) @ functional.normalize(positives).T / temperature
    same = (query_keys[:, None] == query_keys) | (positive_keys[:, None] == positive_keys)
    same.fill_diagonal_(False)
    scores = scores.masked_fill(same, float("-inf"))
    target = torch.arange(len(scores))
    return functional.cross_entropy(scores, target)


def train_contrastive(vectors, queries, positives, query_keys, positive_keys, recipe):
    torch.manual_seed(recipe.seed)
    embedding = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(vectors.astype(np.float32)), freeze=False)
    optimizer = torch.optim.Adam(embedding.parameters(), lr=recipe.learning_rate)
    losses = []
    for epoch in range(recipe.epochs):
        order = torch.randperm(len(queries)).numpy()
        total = 0.0
        steps = max(1, len(order) // recipe.batch_size)
        for step in tqdm(range(steps), desc=f"epoch {epoch + 1}", leave=False, mininterval=5):
            rows = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
            loss = contrastive_loss(
                embedding(*bags([queries[i] for i in rows])), embedding(*bags([positives[i] for i in rows])),
                query_keys[rows], positive_keys[rows], recipe.temperature)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / steps)
        log.info("epoch %d: loss %.4f", epoch + 1, losses[-1])
    return embedding.weight.detach().numpy(), losses


def save(tokenizer: Tokenizer, vectors: np.ndarray, out: Path) -> None:
    module = StaticEmbedding(tokenizer, embedding_weights=vectors.astype(np.float16))
    SentenceTransformer(modules=[module], device="cpu").save(str(out), create_model_card=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("material", type=Path)
    parser.add_argument("--out", type=Path, default=Path("index/embedder"))
    parser.add_argument("--hold-out", nargs="*", default=["piaf"])
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(2)
    recipe = Recipe()
    pairs = [p for p in read_pairs(arguments.material) if p.source not in arguments.hold_out]
    texts = read_texts(arguments.material) + [f"{p.query}\n{p.positive}" for p in pairs]
    log.info("%d pairs, %d texts", len(pairs), len(texts))
    tokenizer = train_vocabulary(texts, recipe.vocabulary_size)
    size = tokenizer.get_vocab_size()
    log.info("vocabulary %d", size)
    documents = tokenize(tokenizer, texts)
    log.info("%d tokens", sum(map(len, documents)))
    counts = count_cooccurrences(documents, size, recipe.window)
    log.info("%d cells", counts.nnz)
    vectors = factorise(positive_pmi(counts, recipe.context_smoothing), recipe.dimension, recipe.seed)
    vectors *= inverse_document_frequency(documents, size)[:, None]
    log.info("initial vectors")
    qk = {}; pk = {}
    qkeys = torch.tensor([qk.setdefault(p.query, len(qk)) for p in pairs])
    pkeys = torch.tensor([pk.setdefault(p.positive, len(pk)) for p in pairs])
    vectors, _ = train_contrastive(vectors, tokenize(tokenizer, [p.query for p in pairs]), tokenize(tokenizer, [p.positive for p in pairs]), qkeys, pkeys, recipe)
    save(tokenizer, vectors, arguments.out)
    log.info("saved")


if __name__ == "__main__":
    main()
