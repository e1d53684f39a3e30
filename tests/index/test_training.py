"""The training recipe, on a corpus small enough to check by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from scipy import sparse
from sentence_transformers import SentenceTransformer

from index import training
from index.training import Pair, Recipe

SUBJECTS = {
    "halle": "La commune rénove la halle du marché avec une subvention de la région.",
    "vélo": "Une piste cyclable relie la gare au collège et traverse le vieux pont.",
    "cinéma": "Le cinéma municipal ouvre trois soirs par semaine grâce aux bénévoles.",
    "école": "L'école accueille une classe de plus et sa cantine sert des repas locaux.",
    "logement": "Les logements vacants du centre sont achetés puis remis en location.",
    "commerce": "Un commerce fermé devient une boutique à l'essai pendant six mois.",
    "médecin": "La maison de santé cherche un médecin et loge les internes de passage.",
    "rivière": "Les berges de la rivière sont replantées pour limiter les inondations.",
}
PAIRS = [
    Pair("essai", f"{form} {subject} ?", text)
    for subject, text in SUBJECTS.items()
    for form in ("que devient", "où en est")
]
RECIPE = Recipe(vocabulary_size=300, dimension=8, batch_size=16, steps=30, learning_rate=0.05)


@pytest.fixture(scope="module")
def built() -> tuple[training.Tokenizer, training.Floats]:
    return training.build(PAIRS, list(SUBJECTS.values()), RECIPE)


def test_cooccurrences_stay_within_the_window_and_the_document() -> None:
    documents = [np.array([0, 1, 2], dtype=np.int32), np.array([0], dtype=np.int32)]
    counts = training.count_cooccurrences(documents, size=3, window=1).toarray()
    assert counts.tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]


def test_positive_pmi_follows_the_formula() -> None:
    counts = np.array([[0, 6, 2], [6, 0, 1], [2, 1, 0]])
    weights = training.positive_pmi(sparse.csr_matrix(counts), context_smoothing=0.75).toarray()
    # Totals by token: 8, 7, 3; so P(0, 1) / P(0) = 6 / 8, and P_s(1) = 7^.75 / (8^.75 + 7^.75 + 3^.75).
    smoothed = 8**0.75 + 7**0.75 + 3**0.75
    assert weights[0, 1] == pytest.approx(math.log((6 / 8) / (7**0.75 / smoothed)), rel=1e-5)
    assert weights[2, 0] == pytest.approx(math.log((2 / 3) / (8**0.75 / smoothed)), rel=1e-5)
    # Rarer together than by chance: (1 / 7) / P_s(2) < 1, its logarithm is negative, kept at zero.
    assert (1 / 7) / (3**0.75 / smoothed) < 1
    assert weights[1, 2] == 0
    assert np.diag(weights).tolist() == [0, 0, 0]


def test_initial_rows_are_as_long_as_their_idf() -> None:
    documents = [np.array(ids, dtype=np.int32) for ids in ([0, 1, 2, 3], [0, 2, 1], [0, 3, 4], [0, 4, 1])]
    vectors = training.initial_vectors(documents, 5, replace(RECIPE, dimension=3))
    idf = [math.log(5 / (1 + seen)) for seen in (4, 3, 2, 2, 2)]
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([RECIPE.initial_scale * value for value in idf], abs=1e-5)


def test_loss_takes_no_duplicate_for_a_negative() -> None:
    texts = torch.eye(2)
    apart, shared = torch.eye(2, dtype=torch.bool), torch.ones(2, 2, dtype=torch.bool)
    expected = -math.log(math.e / (math.e + 1))  # softmax over the answer (cosine 1) and the other (0)
    assert training.contrastive_loss(texts, texts, apart, 1.0).item() == pytest.approx(expected)
    assert training.contrastive_loss(texts, texts, shared, 1.0).item() == 0


def test_a_near_miss_is_one_more_negative() -> None:
    queries, passages = torch.eye(3)[:2], torch.eye(3)  # the third passage answers nobody
    apart = torch.zeros(2, 3, dtype=torch.bool)
    expected = -math.log(math.e / (math.e + 2))
    assert training.contrastive_loss(queries, passages, apart, 1.0).item() == pytest.approx(expected)


def test_near_misses_share_words_and_are_no_answers() -> None:
    pairs = [
        Pair("a", "prix de la halle", "La halle a un prix."),
        Pair("a", "prix de la halle", "La halle coûte un prix modique."),
        Pair("a", "prix du pont", "Le pont a un prix."),
        Pair("a", "autre chose", "Le collège ouvre demain."),
    ]
    mined = training.mine_near_misses(pairs, replace(RECIPE, nearest=(0, 5)))
    assert mined[:3].tolist() == [[2] * RECIPE.near_misses] * 2 + [mined[2].tolist()]
    assert set(mined[2].tolist()) <= {0, 1}
    assert mined[3].tolist() == [3] * RECIPE.near_misses  # nothing near: itself, which the loss leaves out


def test_small_sources_are_drawn_more_often_than_their_size() -> None:
    tokenizer = training.train_vocabulary(["un deux trois"], 50)
    pairs = [Pair("grande", str(number), "un") for number in range(16)] + [Pair("petite", "deux", "trois")]
    shares = training.prepare(pairs, tokenizer, RECIPE).probabilities
    assert shares[:16].sum() / shares[16] == pytest.approx(math.sqrt(16))


def test_training_lowers_the_loss() -> None:
    tokenizer = training.train_vocabulary([f"{pair.query} {pair.positive}" for pair in PAIRS], 300)
    random = np.random.default_rng(0).standard_normal((tokenizer.get_vocab_size(), 8)).astype(np.float32)
    _, losses = training.train(random, training.prepare(PAIRS, tokenizer, RECIPE), RECIPE)
    assert losses[-1] < losses[0] / 2


def test_same_seed_gives_same_weights(built: tuple[training.Tokenizer, training.Floats]) -> None:
    tokenizer, vectors = training.build(PAIRS, list(SUBJECTS.values()), RECIPE)
    assert tokenizer.to_str() == built[0].to_str()
    assert np.array_equal(vectors, built[1])
    _, other = training.build(PAIRS, list(SUBJECTS.values()), replace(RECIPE, seed=RECIPE.seed + 1))
    assert not np.array_equal(vectors, other)


def test_saved_model_loads_and_answers(built: tuple[training.Tokenizer, training.Floats], tmp_path: Path) -> None:
    training.save(*built, tmp_path)
    model = SentenceTransformer(str(tmp_path), device="cpu", local_files_only=True)
    assert model.get_embedding_dimension() == RECIPE.dimension
    questions = model.encode([f"que devient {subject} ?" for subject in SUBJECTS], normalize_embeddings=True)
    passages = model.encode(list(SUBJECTS.values()), normalize_embeddings=True)
    assert questions.dtype == np.float32
    assert (questions @ passages.T).argmax(axis=1).tolist() == list(range(len(SUBJECTS)))


def test_saved_model_gives_an_empty_text_a_zero_vector(
    built: tuple[training.Tokenizer, training.Floats], tmp_path: Path
) -> None:
    training.save(*built, tmp_path)
    model = SentenceTransformer(str(tmp_path), device="cpu", local_files_only=True)
    assert not model.encode(["", "☃"], normalize_embeddings=True).any()


def test_stored_rows_are_within_half_a_step_of_the_trained_ones(
    built: tuple[training.Tokenizer, training.Floats], tmp_path: Path
) -> None:
    training.save(*built, tmp_path)
    stored = load_file(tmp_path / "model.safetensors")
    restored = stored["embeddings"] * stored["weights"][:, None]
    assert (np.abs(restored - built[1]) <= stored["weights"][:, None] * 0.5001).all()


def test_held_out_documents_are_not_split() -> None:
    pairs = [Pair("a", f"Titre {n} : {part}", f"Texte {n}, {part}") for n in range(200) for part in ("un", "deux")]
    kept, held_out = training.split_held_out(pairs, {"a": 0.3})
    assert not {training.title(pair) for pair in kept} & {training.title(pair) for pair in held_out}
    assert len(held_out) / len(pairs) == pytest.approx(0.3, abs=0.1)
    assert training.split_held_out(pairs[::-1], {"a": 0.3})[1] == held_out[::-1]


def test_questions_of_one_passage_stay_together() -> None:
    pairs = [Pair("a", f"question {n}", f"Texte {n // 4}") for n in range(200)]
    kept, held_out = training.split_held_out(pairs, {"a": 0.3})
    assert not {pair.positive for pair in kept} & {pair.positive for pair in held_out}


def test_what_is_held_out_is_not_learned_from_another_source() -> None:
    elsewhere = [Pair("b", "le  Volontariat : prix", "Rien."), Pair("b", "La friche", "Un sol.")]
    pairs = [Pair("a", "Le volontariat : durée", "Un an."), *elsewhere]
    kept, held_out = training.split_held_out(pairs, {"a": 1.0})
    assert (kept, held_out) == (pairs[2:], pairs[:1])


def test_ndcg_follows_the_formula() -> None:
    scores = np.array([[0.1, 0.9, 0.5], [0.9, 0.1, 0.5]], dtype=np.float32)
    second, first = 1 / math.log2(3), 1.0  # gains of the right passage at ranks 2 and 1
    assert training.ndcg(scores, [{2}, {0}]) == pytest.approx((second + first) / 2)
    assert training.ndcg(scores, [{0, 1}, {0, 1}]) == pytest.approx((first + 1 / math.log2(4)) / (first + second))
