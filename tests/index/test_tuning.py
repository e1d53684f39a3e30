"""Tuning: weights follow the judgments, are kept for their encoder, and reach the manifest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index import cli, ranking, tuning
from index.builder import build
from index.errors import EmptyKnowledge, IndexCorrupt
from index.ranking import DEFAULT_WEIGHTS, FEATURES
from index.search import Retriever
from index.tuning import Judged
from tests.fakes import HashEncoder
from tests.index.conftest import FICHES, write

SUBJECTS = "halle piscine cinéma école gare rivière forêt musée mairie théâtre boulangerie médiathèque".split()


@pytest.fixture
def judged_set(tmp_path: Path) -> Path:
    """Twelve documents, each found by one question."""
    corpus = [{"id": name, "title": "", "text": f"La commune rénove la {name} et en parle au conseil."} for name in SUBJECTS]
    queries = [{"id": f"q-{name}", "text": f"quand rénover la {name} ?"} for name in SUBJECTS]
    return write(
        tmp_path / "set",
        {
            "corpus.jsonl": "\n".join(map(json.dumps, corpus)),
            "queries.jsonl": "\n".join(map(json.dumps, queries)),
            "qrels.tsv": "\n".join(f"q-{name}\t{name}\t1" for name in SUBJECTS),
        },
    )


def judged(decisive: str, count: int = 40) -> list[Judged]:
    """Questions where one feature is higher for the relevant candidate, the others noise."""
    draws = np.random.default_rng(3)
    rows = []
    for _ in range(count):
        features = draws.random((6, len(FEATURES)))
        features[:, FEATURES.index(decisive)] = [0.9, 0.1, 0.2, 0.1, 0.3, 0.2]
        relevant = np.array([True] + [False] * 5)
        rows.append(Judged(features, relevant, tuple((f"d{n}",) for n in range(6)), {"d0": 1.0}))
    return rows


@pytest.mark.parametrize("decisive", ["dense", "lexical", "numbers"])
def test_what_tells_relevant_candidates_weighs_most(decisive: str) -> None:
    weights = tuning.learn(judged(decisive))
    assert max(weights, key=lambda name: abs(weights[name])) == decisive
    assert tuning.figures(judged(decisive), weights)["ndcg@10"] > 0.95
    assert tuning.unseen(judged(decisive))["ndcg@10"] > 0.9


def test_a_question_of_no_weight_teaches_nothing() -> None:
    wrong = [Judged(row.features, ~row.relevant, weight=1e-9) for row in judged("dense")]
    assert tuning.learn([*judged("dense"), *wrong])["dense"] == pytest.approx(tuning.learn(judged("dense"))["dense"], abs=1e-2)


def test_a_set_whose_questions_find_nothing_relevant_is_refused() -> None:
    with pytest.raises(EmptyKnowledge, match="question"):
        tuning.learn([Judged(np.zeros((2, len(FEATURES))), np.array([False, False]))])


def test_collected_figures_are_those_of_evaluate(judged_set: Path) -> None:
    from index.evaluation import evaluate

    def silent(step: str, done: int, total: int) -> None:
        """No progress."""

    rows = tuning.collect(judged_set, HashEncoder(), silent)
    found = evaluate(judged_set, HashEncoder(), silent)
    assert tuning.figures(rows, DEFAULT_WEIGHTS).items() <= found.items()


def test_weights_go_into_the_manifest_for_their_encoder_only(tmp_path: Path) -> None:
    tuned, other, root = HashEncoder(), HashEncoder(name="autre"), tmp_path / "index"
    base = write(tmp_path / "base", FICHES)
    build(base, root, tuned)
    tuning.store(root, tuned.identity.sha256, {"dense": 2.0})
    tuning.store(root, "ailleurs", {"dense": 9.0})
    assert build(base, root, tuned).published
    assert Retriever.open(root, tuned).weights == {"dense": 2.0}
    build(base, root, other)
    assert Retriever.open(root, other).weights == DEFAULT_WEIGHTS


def test_safe_weights_rely_on_both_sides() -> None:
    known = ranking.tuned_for("un encodeur que personne n'a réglé")
    # The first is 0 or 1 for what is compared and orders nothing by itself, the others are 0 until layers are learned.
    assert set(known["weights"]) == set(FEATURES) - {"bare", "interaction", "comprehension"}
    assert known["weights"]["lexical"] > known["weights"]["dense"] > 0


def test_bare_passages_have_their_own_weights_where_some_were_learned() -> None:
    features = np.zeros((2, len(FEATURES)))
    features[:, FEATURES.index("dense")] = 1.0
    features[1, FEATURES.index("bare")] = 1.0
    assert ranking.score(features, {"dense": 2.0}).tolist() == [2.0, 2.0]
    assert ranking.score(features, {"dense": 2.0, ranking.of_bare("dense"): 0.5}).tolist() == [2.0, 0.5]


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}'])
def test_an_unreadable_file_of_weights_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / ranking.OWN).write_text(content, encoding="utf-8")
    with pytest.raises(IndexCorrupt, match="index tune"):
        ranking.own(tmp_path)


@pytest.fixture
def light_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command takes the fake encoder, as in test_cli."""
    monkeypatch.setattr(cli, "SentenceEncoder", lambda name, *prompts: HashEncoder())


def test_the_command_keeps_weights_that_rank_better(
    judged_set: Path, tmp_path: Path, light_encoder: None, capsys: pytest.CaptureFixture[str]
) -> None:
    root, sha256 = tmp_path / "index", HashEncoder().identity.sha256
    tuning.store(root, sha256, {"lexical": -1.0})  # the worst first
    assert cli.main(["tune", str(judged_set), "--index", str(root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kept"], told["encoder"]) == (True, sha256)
    assert told["before"]["ndcg@10"] < told["after"]["ndcg@10"]
    assert ranking.own(root)[sha256]["weights"] == told["weights"]


def test_the_command_changes_nothing_when_nothing_is_gained(
    judged_set: Path, tmp_path: Path, light_encoder: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["tune", str(judged_set), "--index", str(tmp_path / "index")]) == 0
    said = capsys.readouterr().out
    assert not (tmp_path / "index" / ranking.OWN).exists() and ranking.OWN not in said
    assert said.count("→") > 1, "the figures before and after are shown all the same"
