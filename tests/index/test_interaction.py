"""Late interaction: what is compared, kept in 8 bits, and read where it lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from index.arrays import Floats
from index.embedding import SHIPPED, SentenceEncoder
from index.interaction import FILE, Projection, similarities
from index.loaders import load
from index.splitting import Splitting, split
from index.tokens import NO_TOKENS, UNKNOWN, PassageTokens, QuestionTokens, TokenStore, kind
from index.training.interaction import learn, material_of

PROJECT = Path(__file__).parents[2]


def plain(hidden: int = 4) -> Projection:
    """States as they are, every token of a question as important as the others."""
    return Projection(
        np.eye(hidden, dtype=np.float32), np.zeros(hidden, np.float32), np.zeros(hidden, np.float32), np.zeros(1, np.float32)
    )


def told(projection: Projection, states: Floats) -> PassageTokens:
    tokens: PassageTokens = np.zeros(len(states), dtype=kind(projection.dimension, 0))
    tokens["near"] = projection.kept(states)
    return tokens


def asked(projection: Projection, states: Floats) -> QuestionTokens:
    return QuestionTokens(projection.projected(states), projection.shares(states), states[:, :0], np.zeros(len(states), np.int32))


def test_a_token_of_the_question_takes_the_nearest_of_the_passage() -> None:
    projection = plain()
    states = np.eye(4, dtype=np.float32)
    tokens = TokenStore.holding([told(projection, states[[0, 1]] * 3), told(projection, states[[2]]), NO_TOKENS])
    question = asked(projection, states[[1, 2]])
    assert similarities(question, tokens, np.array([0, 1, 2])) == pytest.approx([0.5, 0.5, 0.0])
    assert similarities(question, tokens, np.array([1])) == pytest.approx([0.5])
    assert similarities(UNKNOWN, tokens, np.array([0, 1])).tolist() == [0, 0]
    assert similarities(question, tokens, np.array([], dtype=np.int64)).tolist() == []


def test_a_token_weighs_as_much_as_it_matters() -> None:
    states = np.eye(2, dtype=np.float32)
    tokens = TokenStore.holding([told(plain(2), states[[0]])])
    question = asked(plain(2), states)._replace(shares=np.array([0.9, 0.1], np.float32))
    assert similarities(question, tokens, np.array([0])) == pytest.approx([0.9])
    nothing = np.zeros(2, np.float32)
    heavy = Projection(np.eye(2, dtype=np.float32), nothing, np.array([9.0, 0.0], np.float32), nothing[:1])
    shares = heavy.shares(states)
    assert shares.sum() == pytest.approx(1) and shares[0] > 10 * shares[1]


def test_eight_bits_lose_little() -> None:
    draw = np.random.default_rng(3)
    states = draw.standard_normal((200, 64)).astype(np.float32)
    projection = plain(64)
    exact = projection.projected(states)
    kept = projection.kept(states).astype(np.float32) / 127
    assert np.abs(kept @ exact.T - exact @ exact.T).max() < 0.01


def test_a_folder_has_a_projection_or_none(tmp_path: Path) -> None:
    assert Projection.load(tmp_path) is None
    one = plain()
    save_file(
        {"weight": one.weight, "bias": one.bias, "importance": one.importance, "importance_bias": one.importance_bias},
        tmp_path / FILE,
    )
    assert Projection.load(tmp_path) is not None


def test_what_ships_finds_a_passage_that_answers_in_other_words() -> None:
    """Three passages on one matter: each question, in words that none of them uses, has its own before the two others."""
    encoder = SentenceEncoder(SHIPPED)
    passages = [
        "Les demandes de subvention sont déposées auprès du secrétariat général avant le 31 mars.",
        "Le montant de la subvention est plafonné à 4 000 € par association et par an.",
        "La subvention est restituée lorsque le projet n'est pas réalisé dans les deux ans.",
    ]
    kept = encoder.encode_parts(passages, [[] for _ in passages]).tokens
    tokens = TokenStore.holding(kept)
    questions = [
        "à qui on envoie les papiers et jusqu'à quand ?",
        "on peut toucher combien au maximum ?",
        "faut-il rendre l'argent si on abandonne ?",
    ]
    _, read = encoder.encode_query_tokens(questions)
    found = np.stack([similarities(own, tokens, np.arange(3)) for own in read])
    assert found.argmax(axis=1).tolist() == [0, 1, 2]
    assert kept[0]["near"].dtype == np.int8 and len(kept[0]) > 10


def test_questions_have_the_vectors_that_they_have_alone() -> None:
    encoder = SentenceEncoder(SHIPPED)
    texts = ["Qui finance le poste ?", "Combien ?"]
    vectors, read = encoder.encode_query_tokens(texts)
    np.testing.assert_allclose(vectors, encoder.encode_queries(texts), atol=1e-6)
    assert len(read) == 2 and all(own.shares.sum() == pytest.approx(1, abs=1e-5) for own in read)


def test_the_projection_learns_to_read_other_wordings() -> None:
    """Taught two wordings of each question of the fiches, it finds the passage of a third better than before it was taught."""
    passages = [
        passage
        for path in sorted((PROJECT / "knowledge" / "fiches").glob("*.md"))[::8]
        for passage in split(load(path, path.name), Splitting())
        if len(passage.aliases) >= 4
    ]
    encoder = SentenceEncoder(SHIPPED)
    texts = [passage.text for passage in passages]
    rows = [{"question": alias, "passage": p.text} for p in passages for alias in p.aliases[:2]]
    material = material_of(rows, encoder)
    assert len(material.passages) == len(set(texts)) > 30
    third = material_of([{"question": p.aliases[3], "passage": p.text} for p in passages], encoder)

    def right(projection: Projection) -> int:
        tokens = TokenStore.holding([told(projection, own) for own in third.passages])
        every = np.arange(len(third.passages))
        return sum(
            int(similarities(asked(projection, third.questions[question]), tokens, every).argmax()) == passage
            for question, passage in third.pairs
        )

    assert right(learn(material, steps=60, batch=16)) > right(learn(material, steps=1, batch=16)) > 0
