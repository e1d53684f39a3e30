"""Learns the ranking, the judge and the choice of a reading from questions with expected answers.

`python -m assistant calibrate QUESTIONS.jsonl… [--judged DIR…] [--documents QUESTIONS INDEX]… [--write]` asks every question in
every reading and grades each: does the passage, does the answer say what it must? Near misses are made by taking away the
passages that answer. Prints how far to trust what was learned, on questions that the model did not see (5 folds).

Knows questions and answers; nothing of how evidence is computed. The unit is the graded turn of `knowledge/questions.jsonl`
(format in knowledge/LISEZMOI.md); records whose expectations stand under `grade` give regular expressions.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from assistant.answering import judge, reading_choice, readings
from assistant.answering.answer import Answer
from assistant.answering.find import Finder, Finding
from assistant.answering.judge import LEVELS, TAUGHT, Evidence, Judge
from assistant.answering.readings import ReadingKind, Turn
from assistant.answering.service import Assistant
from assistant.settings import Settings
from index.builder import build
from index.document import Hit, Passage
from index.embedding import Encoder
from index.evaluation import documents_of, read_set, write_corpus
from index.french import fold, join_thousands
from index.ranking import FEATURES, TUNED, of_bare
from index.search import Retriever
from index.tuning import Judged, learn

CANDIDATES = 40  # passages of a question that the ranking learns from
# Share of the weight that questions without an answer get, whatever their number in the files: what a probability is
# calibrated for. Near misses are written in numbers; people send fewer.
UNANSWERABLE = 0.3
# Bare passages have no heading to gather points with: the size of their weights beside the others', chosen on the fiches
# with the headings of every third taken off.
_BARE = 1.2
_OF_A_SET = 400  # questions of a judged set that teach the judge
# Answers whatever the evidence: to learn when answering is right, wrong answers must be seen too.
_ALWAYS = Judge({"bias": 9.0}, {"bias": 9.0}, *[0.0] * len(LEVELS))


@dataclass(frozen=True)
class Case:
    """One passage put forward for one question."""

    id: str  # of the conversation: what hangs together is never on both sides of a fold
    evidence: Evidence
    is_asked: bool
    right: bool
    near_miss: bool = False


@dataclass(frozen=True)
class Option:
    """One reading of a graded turn. The probability in `found` is given again by the judge that the choice is learned with."""

    candidate: reading_choice.ReadingCandidate
    evidence: Evidence
    is_asked: bool
    right: bool


@dataclass(frozen=True)
class GradedTurn:
    """One graded turn: candidates for the ranking, cases for the judge, readings for the choice."""

    id: str
    features: NDArray[np.float64]  # (candidates, features)
    relevant: NDArray[np.bool_]  # (candidates,)
    cases: tuple[Case, ...] = ()
    options: tuple[Option, ...] = ()
    signs: Mapping[str, float] = field(default_factory=dict)


def ask_all(settings: Settings, records: Iterable[Mapping[str, Any]]) -> Iterator[GradedTurn]:
    """Ask every turn of every record in its conversation; yield the graded ones that were searched."""
    always = Assistant.open(replace(settings, passages=CANDIDATES), judge=_ALWAYS)
    usual = Assistant(always.retriever, settings)
    for record in records:
        turns: list[Turn] = []
        rows = record.get("expect") or record["grade"]
        expected = {row["turn"]: row for row in (rows if isinstance(rows, list) else [rows])}
        for number, question in enumerate(record["turns"]):
            if number in expected and (alternatives := always.alternatives(question, turns)) and alternatives[0][0].hits:
                yield _graded(str(record["id"]), expected[number], alternatives, always, question, "grade" in record)
            turns.append(usual.turn(usual.ask(question, turns)))


def judged_cases(folder: Path, encoder: Encoder, settings: Settings) -> list[Case]:
    """Cases from a judged set: the best passage of a question, right when its document is; and what is left without that one."""
    corpus, queries, qrels = read_set(folder)
    cases = []
    with tempfile.TemporaryDirectory() as temporary:
        source, root = Path(temporary) / "corpus", Path(temporary) / "index"
        names = write_corpus(corpus, source)
        build(source, root, encoder)
        assistant = Assistant(Retriever.open(root, encoder), settings, judge=_ALWAYS)
        drawn = queries if len(queries) <= _OF_A_SET else random.Random(5).sample(queries, _OF_A_SET)
        for query in drawn:
            gains = {document for document, gain in qrels[str(query["id"])].items() if gain > 0}

            def answers(hit: Hit, gains: set[str] = gains) -> bool:
                return not gains.isdisjoint(documents_of(hit, names))

            finding = assistant.alternatives(str(query["text"]))[0][0]
            if finding.hits:
                name = f"{folder.name}:{query['id']}"
                cases.append(_case(name, finding, answers(finding.hits[0])))
                left = assistant.without(finding, answers)
                if left.hits:
                    cases.append(replace(_case(name, left, False), near_miss=True))
    return cases


def learn_ranking(graded: Sequence[GradedTurn], sets: Sequence[Sequence[Judged]] = ()) -> dict[str, float]:
    """Weights of the ranking, learned on the turns; those of bare passages, on judged sets of other documents.

    The turns alone make the ranking good at fiches whose headings are questions, and worse at documents
    without headings; both together made it worse at fiches (DECISIONS.md). Every set counts the same.
    """
    weights = learn([Judged(turn.features, turn.relevant) for turn in graded])
    if not sets:
        return weights
    others = learn([replace(turn, weight=1 / len(judged)) for judged in sets for turn in judged])
    return weights | {of_bare(name): round(_BARE * others[name], 3) for name in FEATURES}


def as_judged(graded: Sequence[GradedTurn]) -> list[Judged]:
    """Turns asked of documents, as a judged set for the ranking."""
    return [Judged(turn.features, turn.relevant) for turn in graded if turn.relevant.any()]


def learn_judge(cases: Sequence[Case], strength: float = 0.1) -> tuple[dict[str, float], dict[str, Any]]:
    """Weights of the judge for one kind of passage, and its reliability on cases it did not see (5 folds)."""
    matrix = np.array([[case.evidence.as_dict()[name] for name in TAUGHT] for case in cases])
    right = np.array([case.right for case in cases])
    shares = _shares([not case.near_miss for case in cases])
    folds = _folds([case.id for case in cases])
    unseen = np.zeros(len(cases))
    for number in range(5):
        held = folds == number
        weights, bias = _fit(matrix[~held], right[~held], shares[~held], strength)
        unseen[held] = 1 / (1 + np.exp(-(matrix[held] @ weights + bias)))
    weights, bias = _fit(matrix, right, shares, strength)
    model = {name: round(float(weight), 3) for name, weight in zip(TAUGHT, weights, strict=True)} | {
        "bias": round(float(bias), 3)
    }
    auc = round(float(roc_auc_score(right, unseen, sample_weight=shares)), 3)
    return model, {"cases": len(cases), "auc": auc, "reliability": _reliability(unseen, right, shares)}


def learn_choice(graded: Sequence[GradedTurn], judge: Judge, ridge: float = 0.02) -> tuple[dict[str, float], dict[str, float]]:
    """Weights of the choice between readings (softmax over those of one turn), and how often it is right (5 folds).

    Turns of which every reading or none is right teach nothing.

    Args:
        judge: whose probabilities the choice will see.
    """
    rows = [row for row in graded if any(one.right for one in row.options) and not all(one.right for one in row.options)]
    options = [[reading_choice.features(_as_seen(one, judge), row.signs) for one in row.options] for row in rows]
    rights = [[one.right for one in row.options] for row in rows]
    folds = _folds([row.id for row in rows])
    correct = 0
    for number in range(5):
        taught = [at for at in range(len(rows)) if folds[at] != number]
        weights = _softmax([options[at] for at in taught], [rights[at] for at in taught], ridge)
        correct += sum(rights[at][reading_choice.best(options[at], weights)] for at in range(len(rows)) if folds[at] == number)
    figures = {"turns": len(rows), "right": round(correct / max(1, len(rows)), 3)}
    return _softmax(options, rights, ridge), figures


def _as_seen(option: Option, judge: Judge) -> reading_choice.ReadingCandidate:
    return replace(option.candidate, probability=judge.probability(option.evidence, option.is_asked))


def write_ranking(encoder_sha256: str, weights: Mapping[str, float], path: Path = TUNED) -> None:
    """Keep the ranking beside the code, for the encoder it was learned for."""
    path.write_text(
        json.dumps({"encoder": encoder_sha256, "weights": weights}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def write_judge(
    encoder_sha256: str, asked_weights: Mapping[str, float], raw_weights: Mapping[str, float], path: Path = judge.FILE
) -> None:
    """Keep the judge beside the code, for the encoder it was learned for; the bounds of the one before stay."""
    before = json.loads(path.read_text(encoding="utf-8"))
    model = {"encoder": encoder_sha256, "asked": asked_weights, "raw": raw_weights} | {name: before[name] for name in LEVELS}
    path.write_text(json.dumps(model, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_choice(weights: Mapping[str, float], path: Path = reading_choice.FILE) -> None:
    """Keep the choice of readings beside the code."""
    path.write_text(json.dumps(weights, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def says(text: str, groups: Iterable[Sequence[str]], patterns: bool = False) -> bool:
    """True when a text holds an alternative of every group; case, accents and thousands do not count."""
    plain = _plain(text)
    if patterns:
        return all(any(re.search(one, plain) for one in group) for group in groups)
    return all(any(_plain(one) in plain for one in group) for group in groups)


def _graded(
    identifier: str, expected: Mapping[str, Any], alternatives: Sequence[tuple[Finding, Answer]], assistant: Assistant,
    question: str, patterns: bool,
) -> GradedTurn:  # fmt: skip
    answerable = "answered" in expected["status"]
    groups = expected.get("must", [])

    def answers(hit: Hit) -> bool:
        return answerable and bool(groups) and says(_shown(hit.passage), groups, patterns)

    def is_right(answer: Answer) -> bool:
        wrong = any(says(answer.text, [[one]], patterns) for one in expected.get("must_not", []))
        return answerable and says(answer.text, groups, patterns) and not wrong

    rights = [is_right(answer) for _, answer in alternatives]
    best = rights.index(True) if True in rights else 0
    finding = alternatives[best][0]
    lacuna = answerable and finding.evidence.lacuna > 0
    cases = [_case(identifier, finding, rights[best] or lacuna)]
    left = assistant.without(finding, answers)
    if answerable and left.hits and len(left.hits) < len(finding.hits) and not answers(left.hits[0]):
        cases.append(replace(_case(identifier, left, False), near_miss=True))
    if not answerable:
        cases = [replace(case, near_miss=True) for case in cases]
    options = [
        Option(Finder.as_candidate(one), one.evidence, bool(one.hits) and one.hits[0].passage.is_asked, right)
        for (one, _), right in zip(alternatives, rights, strict=True)
    ]
    return GradedTurn(
        id=identifier,
        features=np.array([[hit.features.get(name, 0.0) for name in FEATURES] for hit in finding.hits]),
        relevant=np.array([answers(hit) for hit in finding.hits]),
        cases=tuple(cases),
        options=tuple(options),
        signs=readings.signs(
            alternatives[0][0].reading.typed if alternatives[0][0].reading.kind is ReadingKind.ALONE else question,
            assistant.names,
        ),
    )


def _case(identifier: str, finding: Finding, right: bool) -> Case:
    return Case(identifier, finding.evidence, finding.hits[0].passage.is_asked, right)


def _shown(passage: Passage) -> str:
    return " ".join((*passage.headings[-1:], passage.text))


def _softmax(
    options: Sequence[Sequence[Mapping[str, float]]], rights: Sequence[Sequence[bool]], ridge: float
) -> dict[str, float]:
    """Weights that put right readings above the others of their turn."""
    names = sorted({name for rows in options for row in rows for name in row})
    place = {name: at for at, name in enumerate(names)}
    tables = []
    for rows in options:
        table = np.zeros((len(rows), len(names)))
        for at, row in enumerate(rows):
            for name, value in row.items():
                table[at, place[name]] = value
        tables.append(table)
    labels = [np.array(row, dtype=float) for row in rights]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, pull = ridge * float(weights @ weights), 2 * ridge * weights
        for table, label in zip(tables, labels, strict=True):
            scores = table @ weights
            shares = np.exp(scores - scores.max())
            shares = shares / shares.sum()
            good = max(float(shares @ label), 1e-12)
            total -= np.log(good) / len(tables)
            pull = pull - table.T @ (shares * label / good - shares) / len(tables)
        return total, pull

    if not tables:
        return dict(reading_choice.DEFAULT)
    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    return {name: round(float(weight), 3) for name, weight in zip(names, found, strict=True) if abs(weight) >= 0.01}


def _shares(real: Sequence[bool]) -> NDArray[np.float64]:
    """A weight for each case: near misses weigh `UNANSWERABLE` of all, and all as much as they number."""
    known = np.array(real)
    if known.all() or not known.any():
        return np.ones(len(known))
    return np.where(known, (1 - UNANSWERABLE) / known.mean(), UNANSWERABLE / (1 - known.mean()))


def _fit(
    matrix: NDArray[np.float64], right: NDArray[np.bool_], shares: NDArray[np.float64], strength: float
) -> tuple[NDArray[np.float64], float]:
    """Logistic regression on standardised columns, expressed for raw ones; a column that never varies weighs nothing."""
    scaler = StandardScaler().fit(matrix)
    model = LogisticRegression(C=strength, max_iter=3000).fit(scaler.transform(matrix), right, sample_weight=shares)
    weights = np.where(scaler.var_ > 0, model.coef_[0] / scaler.scale_, 0.0)
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def _folds(identifiers: Sequence[str]) -> NDArray[np.int64]:
    """A fold for each row; turns of one conversation stay together."""
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
