"""The wordings of a base → token vectors that know how its people speak.

Continues the training of a static encoder (`index/training.py`): each question of the base and each of
its other wordings is pulled towards another wording of the same question, or towards the paragraph that
answers it, while half of every step goes on with pairs of the general material, so that nothing learned
there is lost. The vocabulary stays as it is.

What it does not know: who asks, the lexicon, how passages are ranked, and any question the product is
measured on: it is given passages and pairs, nothing else. `python -m assistant adapt` runs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from tqdm import tqdm

from index.document import Passage
from index.training import (
    HELD_OUT,
    UNKNOWN,
    Floats,
    Pair,
    Recipe,
    TokenIds,
    contrastive_loss,
    embed,
    read_pairs,
    save,
    source_shares,
    split_held_out,
    tokenize,
)


@dataclass(frozen=True)
class Wordings:
    """The questions of a base as numbers: each with its wordings and its paragraph."""

    texts: list[TokenIds]  # every wording, question after question
    question: np.ndarray  # (n_wordings,) the question each belongs to
    of: list[list[int]]  # question → its wordings
    paragraphs: list[TokenIds]  # question → the paragraph that answers it


@dataclass(frozen=True)
class Adaptation:
    """All that shapes the weights, besides the base, the material and the vectors started from."""

    steps: int = 400  # on wordings kept apart, the right question first: 30 % before, 42 % at 100 steps, 50 % at 300
    learning_rate: float = 0.001
    batch_size: int = 512  # wordings
    general_batch_size: int = 1024  # pairs of the material
    another_wording: float = 0.6  # share of wordings pulled towards another one rather than towards the paragraph
    temperature: float = Recipe.temperature
    seed: int = Recipe.seed


def wordings_of(passages: Sequence[Passage], tokenizer: Tokenizer, read: Callable[[str], str] = str) -> Wordings:
    """The questions of a base: the headings of its passages that have other wordings.

    Args:
        read: what the encoder is given for a question (« vta » with what the lexicon adds to it): vectors learned on
            questions as typed gain half as much.
    """
    asked = [passage for passage in passages if passage.headings and passage.aliases]
    rows = [(text, number) for number, passage in enumerate(asked) for text in (passage.headings[-1], *passage.aliases)]
    of: dict[int, list[int]] = defaultdict(list)
    for row, (_, number) in enumerate(rows):
        of[number].append(row)
    return Wordings(
        texts=tokenize(tokenizer, [read(text) for text, _ in rows]),
        question=np.array([number for _, number in rows], dtype=np.int64),
        of=[of[number] for number in range(len(asked))],
        paragraphs=tokenize(tokenizer, [f"{p.title} {p.headings[-1]} {p.text}" for p in asked]),
    )


def adapt(vectors: Floats, wordings: Wordings, pairs: Sequence[Pair], tokenizer: Tokenizer, recipe: Adaptation) -> Floats:
    """Train token vectors, (size, dimension), on the wordings and on the pairs; returns new ones."""
    draws = np.random.default_rng(recipe.seed)
    balanced = source_shares(pairs, Recipe.source_balance)
    asked, answered = tokenize(tokenizer, [p.query for p in pairs]), tokenize(tokenizer, [p.positive for p in pairs])
    weights = torch.from_numpy(vectors.copy()).requires_grad_()
    optimizer = torch.optim.Adam([weights], lr=recipe.learning_rate)
    for _ in tqdm(range(recipe.steps), desc="wordings", unit="batch", mininterval=5):
        rows = draws.integers(0, len(wordings.texts), recipe.batch_size)
        numbers = torch.from_numpy(wordings.question[rows])
        targets = [_target(wordings, int(row), draws, recipe) for row in rows]
        own = contrastive_loss(
            embed(weights, [wordings.texts[row] for row in rows]), embed(weights, targets),
            numbers[:, None] == numbers, recipe.temperature,
        )  # fmt: skip
        others = draws.choice(len(pairs), min(recipe.general_batch_size, len(pairs)), replace=False, p=balanced)
        apart = torch.zeros(len(others), len(others), dtype=torch.bool)
        general = contrastive_loss(
            embed(weights, [asked[row] for row in others]), embed(weights, [answered[row] for row in others]),
            apart, recipe.temperature,
        )  # fmt: skip
        optimizer.zero_grad()
        (own + general).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
    adapted = weights.detach().numpy()
    adapted[tokenizer.token_to_id(UNKNOWN)] = 0.0
    return adapted


def _target(wordings: Wordings, row: int, draws: np.random.Generator, recipe: Adaptation) -> TokenIds:
    number = int(wordings.question[row])
    if draws.random() >= recipe.another_wording:
        return wordings.paragraphs[number]
    return wordings.texts[int(draws.choice([other for other in wordings.of[number] if other != row]))]


def load(folder: Path) -> tuple[Tokenizer, Floats]:
    """The tokenizer and the float32 vectors, (size, dimension), of a folder that `training.save` wrote."""
    found = load_file(folder / "model.safetensors")
    rows = found["embeddings"].astype(np.float32) * found["weights"].astype(np.float32)[:, None]
    return Tokenizer.from_file(str(folder / "tokenizer.json")), rows


def run(
    encoder: Path, passages: Sequence[Passage], read: Callable[[str], str], material: Path, out: Path
) -> tuple[int, int]:
    """Adapt the encoder of a folder to some passages, and write it to `out`; returns how many wordings and pairs taught it."""
    torch.set_num_threads(1)  # more would change sums in their last digit
    tokenizer, vectors = load(encoder)
    wordings = wordings_of(passages, tokenizer, read)
    pairs, _ = split_held_out(read_pairs(material), HELD_OUT)
    save(tokenizer, adapt(vectors, wordings, pairs, tokenizer, Adaptation()), out)
    return len(wordings.texts), len(pairs)
