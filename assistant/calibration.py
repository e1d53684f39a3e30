"""Learns the ranking weights and the decision model from questions with expected answers.

`python -m assistant calibrate QUESTIONS.jsonl… [--judged DIR…] [--write]` asks every question, labels each candidate
passage (does it hold what the answer must say?) and each answer (does it?), fits two logistic models
and prints how far to trust them. With `--write` they go to `index/ranking.json`, for the installed
encoder, and the index is built again with them. `python -m assistant intents [--write]` does the same
for the model of `intents`, from `knowledge/messages.jsonl` and the questions of the fiches.

Knows questions and answers; nothing of how features are computed. The unit is the graded turn of
`knowledge/questions.jsonl` (format in knowledge/LISEZMOI.md); records whose expectations stand under
`grade` instead of `expect` give regular expressions in place of plain strings.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from assistant.answer import Answer, Found
from assistant.conversation import Turn
from assistant.decision import FOR_RULES
from assistant.intents import FOREIGN, QUESTION, features
from assistant.service import Assistant
from assistant.settings import Settings
from index.document import Hit, Passage
from index.french import fold, join_thousands
from index.ranking import FEATURES, TUNED, of_bare
from index.tuning import Judged, learn

CANDIDATES = 40  # passages of a question that the ranking learns from
# An answer is shown as such from .8: between .5 and .8, three in ten were wrong (DECISIONS.md). Between
# the two thresholds the nearest passages are shown as what they are.
ANSWERED, PARTIAL = 0.8, 0.3
# Share of the weight that questions without an answer get, whatever their number in the files: what a probability is
# calibrated for. Near misses are written in numbers; people send fewer.
UNANSWERABLE = 0.25
# Bare passages, which have no heading to gather points with: how much of their weights judged sets say, and their size
# beside the others'. Chosen on the `tune` halves, and on the fiches with the headings of every third taken off.
_OF_JUDGED, _BARE = 0.75, 1.2
_SLIGHT = 0.05  # weights under this change nothing
# Answers whatever the evidence: to learn when answering is right, wrong answers must be seen too.
_ALWAYS: Mapping[str, Any] = {"weights": {}, "bias": 9.0, "answered": 0.0, "partial": 0.0}


@dataclass(frozen=True)
class Asked:
    """One graded turn: its candidates, the evidence behind its answer, and what was right."""

    id: str
    features: NDArray[np.float64]  # (candidates, features)
    relevant: NDArray[np.bool_]  # (candidates,)
    evidence: Mapping[str, float]
    answerable: bool
    right: bool  # the composed text says what it must


def ask_all(settings: Settings, records: Iterable[Mapping[str, Any]]) -> Iterator[Asked]:
    """Ask every turn of every record in its conversation; yield the graded ones that were searched."""
    assistant = Assistant.open(replace(settings, passages=CANDIDATES), model=_ALWAYS)
    for record in records:
        turns: list[Turn] = []
        rows = record.get("expect") or record["grade"]
        expected = {row["turn"]: row for row in (rows if isinstance(rows, list) else [rows])}
        for number, question in enumerate(record["turns"]):
            hits, answer = _ask(assistant, question, turns)
            turns.append(assistant.turn(answer))
            if number in expected and hits:
                yield _graded(str(record["id"]), expected[number], hits, answer, patterns="grade" in record)


def learn_ranking(asked: Sequence[Asked], sets: Sequence[Sequence[Judged]] = ()) -> dict[str, float]:
    """Weights of the ranking, learned on the turns; those of bare passages, mostly on judged sets of other documents.

    The turns alone make the ranking good at fiches whose headings are questions, and worse at documents
    without headings; both together made it worse at fiches (DECISIONS.md). Every set counts the same.
    """
    weights = learn([Judged(row.features, row.relevant) for row in asked])
    if not sets:
        return weights
    others = learn([replace(row, weight=1 / len(found)) for found in sets for row in found])
    bare = {name: _BARE * (_OF_JUDGED * others[name] + (1 - _OF_JUDGED) * weights[name]) for name in FEATURES}
    return weights | {of_bare(name): round(weight, 3) for name, weight in bare.items()}


def learn_decision(asked: Sequence[Asked], strength: float = 0.1) -> tuple[dict[str, Any], list[dict[str, float]]]:
    """The decision model, and its reliability measured on questions it did not see (5 folds)."""
    names = sorted(name for name in asked[0].evidence if name not in FOR_RULES)
    matrix = np.array([[row.evidence.get(name, 0.0) for name in names] for row in asked])
    right = np.array([row.right or (row.answerable and row.evidence.get("lacuna", 0.0) > 0) for row in asked])
    shares = _shares([row.answerable for row in asked])
    folds = _folds([row.id for row in asked])
    unseen = np.zeros(len(asked))
    for fold_number in range(5):
        held = folds == fold_number
        weights, bias = _fit(matrix[~held], right[~held], shares[~held], strength)
        unseen[held] = 1 / (1 + np.exp(-(matrix[held] @ weights + bias)))
    weights, bias = _fit(matrix, right, shares, strength)
    model = {
        "weights": {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)},
        "bias": round(float(bias), 3),
        "answered": ANSWERED,
        "partial": PARTIAL,
        "auc": round(float(roc_auc_score(right, unseen, sample_weight=shares)), 3),
    }
    return model, _reliability(unseen, right, shares)


def questions_of(passages: Iterable[Passage]) -> Iterator[dict[str, str]]:
    """What the base answers, as messages: the headings of its passages and their other wordings."""
    for passage in passages:
        for text in (*passage.headings[-1:], *passage.aliases):
            yield {"intent": QUESTION, "text": text}


def write(encoder_sha256: str, weights: Mapping[str, float], decision: Mapping[str, Any], path: Path = TUNED) -> None:
    """Keep what was learned beside the code, for the encoder it was learned for."""
    tuned = {"encoder": encoder_sha256, "weights": weights, "decision": decision}
    path.write_text(json.dumps(tuned, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def learn_intents(messages: Sequence[Mapping[str, str]], strength: float = 10.0) -> tuple[dict[str, Any], dict[str, float]]:
    """The model of `intents`, and what it is worth on messages it did not see (5 folds).

    Args:
        messages: {"intent", "text"}, as in `knowledge/messages.jsonl`.
    """
    declined = np.array([row["intent"] != QUESTION for row in messages])
    found = [features(row["text"]) for row in messages]
    counts = Counter(name for names in found for name in names)
    rows = [{name: 1 / len(names) ** 0.5 for name in names if counts[name] > 1} for names in found]
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(rows)
    folds, unseen = _folds([row["text"] for row in messages]), np.zeros(len(found))
    for fold_number in range(5):
        held = folds == fold_number
        model = _intent_model(strength).fit(matrix[~held], declined[~held])
        unseen[held] = model.predict_proba(matrix[held])[:, 1]
    model = _intent_model(strength).fit(matrix, declined)
    weights = {name: round(float(weight), 3) for name, weight in zip(vectorizer.feature_names_, model.coef_[0], strict=True)}
    kept = {name: weight for name, weight in weights.items() if abs(weight) >= _SLIGHT}
    worth = {
        "auc": round(float(roc_auc_score(declined, unseen)), 3),
        "told": round(float((unseen[declined] >= FOREIGN).mean()), 3),
        "wrongly_told": round(float((unseen[~declined] >= FOREIGN).mean()), 4),
    }
    return {"bias": round(float(model.intercept_[0]), 3), "weights": kept}, worth


def _intent_model(strength: float) -> LogisticRegression:
    """Both sides weigh the same: the questions of the fiches are seven times as many as the messages to decline."""
    return LogisticRegression(C=strength, max_iter=3000, class_weight="balanced")


def says(text: str, groups: Iterable[Sequence[str]], patterns: bool = False) -> bool:
    """True when a text holds an alternative of every group; case, accents and thousands do not count."""
    plain = _plain(text)
    if patterns:
        return all(any(re.search(choice, plain) for choice in group) for group in groups)
    return all(any(_plain(choice) in plain for choice in group) for group in groups)


def _ask(assistant: Assistant, question: str, turns: Sequence[Turn]) -> tuple[tuple[Hit, ...], Answer]:
    hits: tuple[Hit, ...] = ()
    for event in assistant.stream(question, turns):
        if isinstance(event, Found):
            hits = event.hits
    return hits, event.answer  # type: ignore[union-attr]  # Finished is always last


def _graded(identifier: str, expected: Mapping[str, Any], hits: Sequence[Hit], answer: Answer, patterns: bool) -> Asked:
    answerable = "answered" in expected["status"]
    groups = expected.get("must", [])
    return Asked(
        id=identifier,
        features=np.array([[hit.evidence.get(name, 0.0) for name in FEATURES] for hit in hits]),
        relevant=np.array([answerable and bool(groups) and says(hit.passage.text, groups, patterns) for hit in hits]),
        evidence=answer.explanation["evidence"],
        answerable=answerable,
        right=answerable
        and says(answer.text, groups, patterns)
        and not any(says(answer.text, [[wrong]], patterns) for wrong in expected.get("must_not", [])),
    )


def _shares(answerable: Sequence[bool]) -> NDArray[np.float64]:
    """A weight for each turn: those without an answer weigh `UNANSWERABLE` of all, and all as much as they number."""
    known = np.array(answerable)
    if known.all() or not known.any():
        return np.ones(len(known))
    return np.where(known, (1 - UNANSWERABLE) / known.mean(), UNANSWERABLE / (1 - known.mean()))


def _fit(
    matrix: NDArray[np.float64], right: NDArray[np.bool_], shares: NDArray[np.float64], strength: float
) -> tuple[NDArray[np.float64], float]:
    """Logistic regression on standardised columns, expressed for raw ones."""
    scaler = StandardScaler().fit(matrix)
    model = LogisticRegression(C=strength, max_iter=3000).fit(scaler.transform(matrix), right, sample_weight=shares)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def _folds(identifiers: Sequence[str]) -> NDArray[np.int64]:
    """A fold for each turn; turns of one conversation stay together."""
    draw = random.Random(13)
    number = {name: draw.randrange(5) for name in sorted(set(identifiers))}
    return np.array([number[name] for name in identifiers])


def _reliability(
    probability: NDArray[np.float64], right: NDArray[np.bool_], shares: NDArray[np.float64]
) -> list[dict[str, float]]:
    rows = []
    for low in np.arange(0, 1, 0.1):
        inside = (probability >= low) & (probability < low + 0.1)
        if inside.any():
            rows.append(
                {
                    "from": round(float(low), 1),
                    "n": int(inside.sum()),
                    "predicted": round(float(np.average(probability[inside], weights=shares[inside])), 2),
                    "observed": round(float(np.average(right[inside], weights=shares[inside])), 2),
                }
            )
    return rows


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\[\d+\]|[*_]", " ", join_thousands(fold(text))).replace("%", " %").split())
