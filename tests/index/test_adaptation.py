"""Adaptation: wordings of one question come together, those of others stay apart, and the general pairs hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from index import adaptation, training
from index.adaptation import Adaptation, adapt, wordings_of
from index.document import Passage
from index.training import Floats, Pair, embed, tokenize

QUESTIONS = {
    "Qui paie le poste ?": ("sous pour embaucher", "fric du recrutement", "on embauche avec quels sous"),
    "Qui ouvre le troquet ?": ("bistrot du village", "café fermé au bourg", "rouvrir un bistrot"),
    "Quel médecin au village ?": ("toubib introuvable", "plus de docteur", "docteur ou toubib"),
}
PAIRS = [
    Pair("droit", f"article {number} du code rural", f"Le code rural dit à l'article {number} ce que paie la commune.")
    for number in range(8)
]
RECIPE = Adaptation(steps=60, learning_rate=0.01, batch_size=16)


def passage(question: str, wordings: tuple[str, ...]) -> Passage:
    return Passage(f"{question}#0", "a.md", "Fiche", (question,), f"Réponse à {question}", 0, 10, aliases=wordings)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    texts = [text for question, wordings in QUESTIONS.items() for text in (question, *wordings)]
    return training.train_vocabulary([*texts, *(f"{pair.query} {pair.positive}" for pair in PAIRS)] * 3, 400)


@pytest.fixture(scope="module")
def vectors(tokenizer: Tokenizer) -> Floats:
    return np.random.default_rng(3).normal(size=(tokenizer.get_vocab_size(), 32)).astype(np.float32)


@pytest.fixture(scope="module")
def adapted(tokenizer: Tokenizer, vectors: Floats) -> Floats:
    passages = [passage(question, wordings) for question, wordings in QUESTIONS.items()]
    return adapt(vectors, wordings_of(passages, tokenizer), PAIRS, tokenizer, RECIPE)


def cosine(vectors: Floats, tokenizer: Tokenizer, one: str, other: str) -> float:
    first, second = embed(torch.from_numpy(vectors), tokenize(tokenizer, [one, other]))
    return float(first @ second)


def test_words_of_one_question_come_nearer_than_words_of_another(tokenizer: Tokenizer, vectors: Floats, adapted: Floats) -> None:
    def gap(of: Floats) -> float:
        return cosine(of, tokenizer, "toubib", "docteur") - cosine(of, tokenizer, "toubib", "bistrot")

    assert gap(adapted) > gap(vectors) + 0.2


def test_the_general_pairs_are_not_forgotten(tokenizer: Tokenizer, adapted: Floats) -> None:
    queries = embed(torch.from_numpy(adapted), tokenize(tokenizer, [pair.query for pair in PAIRS]))
    answers = embed(torch.from_numpy(adapted), tokenize(tokenizer, [pair.positive for pair in PAIRS]))
    assert ((queries @ answers.T).argmax(dim=1) == torch.arange(len(PAIRS))).all()


def test_the_same_seed_gives_the_same_vectors(tokenizer: Tokenizer, vectors: Floats, adapted: Floats) -> None:
    before = vectors.copy()
    passages = [passage(question, wordings) for question, wordings in QUESTIONS.items()]
    again = adapt(vectors, wordings_of(passages, tokenizer), PAIRS, tokenizer, RECIPE)
    assert np.allclose(again, adapted) and np.array_equal(vectors, before), "what was given is left as it was"


def test_a_passage_without_other_wordings_teaches_nothing(tokenizer: Tokenizer) -> None:
    assert wordings_of([passage("Qui paie ?", ())], tokenizer).texts == []


def test_the_shipped_encoder_is_read_as_it_loads(tmp_path: Path, tokenizer: Tokenizer, vectors: Floats) -> None:
    training.save(tokenizer, vectors, tmp_path / "encoder")
    found, rows = adaptation.load(tmp_path / "encoder")
    assert found.get_vocab() == tokenizer.get_vocab()
    assert np.abs(rows - vectors).max() < np.abs(vectors).max() / 100, "but for the rounding to 8 bits"
