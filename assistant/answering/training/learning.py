"""Labelled examples → the classifiers: `python -m assistant learn`, the only writer of `answering/models`.

Multinomial logistic regression, rare labels weighing more, on what `classifiers` reads; one model with the encoder's vectors and
one without. Figures are of examples that the model did not see (5 folds). Knows the labels and nothing of what they lead to.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict

from assistant.answering.classifiers import DENSE, FOLDER, Act, design, features_of
from assistant.answering.told_numbers import NumberRole, labelled_figures, number_features
from assistant.errors import AssistantError
from index.document import Passage
from index.embedding import Encoder

STRENGTH = 3.0  # inverse of the penalty; 1 and 10 were worth less
OF_WORDS = 10.0  # … of a model that reads words alone: 3 and 40 were worth less
FOLDS = 5
QUESTIONS = 2_500  # of the fiches: as many as all other messages


@dataclass(frozen=True)
class LabelledText:
    """A text with its label; `features` are what `classifiers` reads of its words."""

    text: str
    label: str
    features: frozenset[str]


def messages(path: Path, questions: Iterable[str] = ()) -> list[LabelledText]:
    """The labelled messages, and questions of the base, which are questions.

    Raises:
        AssistantError: naming the line that cannot be read or has an unknown label.
    """
    known = {str(act) for act in Act}
    rows = [(row["text"], row["intent"]) for row in labelled_rows(path, ("text", "intent"))]
    for number, (_, label) in enumerate(rows, 1):
        if label not in known:
            raise AssistantError(
                f"{path.name}, ligne {number} : « {label} » est inconnu. Les genres : {', '.join(sorted(known))}."
            )
    rows += [(text, Act.QUESTION) for text in questions]
    return [LabelledText(text, str(label), features_of(text)) for text, label in dict(rows).items()]


def numbers(path: Path) -> list[LabelledText]:
    """The labelled numbers of messages, each with what `told_numbers` reads of it.

    Raises:
        AssistantError: naming the line that cannot be read or has an unknown label.
    """
    known = set(NumberRole)
    found = []
    for number, row in enumerate(labelled_rows(path, ("text",)), 1):
        for plain, figure, role in labelled_figures(row["text"]):
            if role not in known:
                raise AssistantError(
                    f"{path.name}, ligne {number} : « {role} » est inconnu. Les rôles : {', '.join(sorted(known))}."
                )
            found.append(LabelledText(plain, role, number_features(plain, figure)))
    return found


def questions_of(passages: Iterable[Passage], share: int = QUESTIONS) -> list[str]:
    """What the base answers, as messages: headings of its passages and their other wordings, drawn when there are many."""
    texts = sorted({text for p in passages if p.is_asked for text in (*p.headings[-1:], *p.aliases)})
    return texts if len(texts) <= share else random.Random(1).sample(texts, share)


def learn(examples: Sequence[LabelledText], encoder: Encoder) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays of a head, and its figures: accuracy, and recall and precision of each label."""
    labels = np.array([example.label for example in examples])
    vectors = np.concatenate(
        [encoder.encode_queries([e.text for e in examples[at : at + 512]]) for at in range(0, len(examples), 512)]
    )
    sparse = csr_matrix(design([example.features for example in examples]))
    both = hstack([csr_matrix(DENSE * vectors), sparse]).tocsr()
    weights = _weights(labels)
    predicted = cross_val_predict(
        _model(), both, labels, cv=StratifiedKFold(FOLDS, shuffle=True, random_state=0), params={"sample_weight": weights}
    )
    fitted, alone = _model().fit(both, labels, sample_weight=weights), _model().fit(sparse, labels, sample_weight=weights)
    width = vectors.shape[1]
    arrays = {
        **_words_alone(alone), "encoder": np.array(encoder.identity.sha256),
        "dense": fitted.coef_[:, :width].T.astype(np.float16), "sparse": fitted.coef_[:, width:].T.astype(np.float16),
        "bias": fitted.intercept_.astype(np.float32),
    }  # fmt: skip
    return arrays, _worth(labels, predicted)


def learn_words(examples: Sequence[LabelledText]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays of a model that reads words alone, and its figures; the examples of one text are never on both sides."""
    labels = np.array([example.label for example in examples])
    sparse, weights = csr_matrix(design([example.features for example in examples])), _weights(labels)
    predicted = cross_val_predict(
        _model(OF_WORDS), sparse, labels, groups=[example.text for example in examples], cv=StratifiedGroupKFold(FOLDS),
        params={"sample_weight": weights},
    )  # fmt: skip
    return _words_alone(_model(OF_WORDS).fit(sparse, labels, sample_weight=weights)), _worth(labels, predicted)


def _words_alone(fitted: LogisticRegression) -> dict[str, Any]:
    return {
        "labels": fitted.classes_.astype(np.str_), "words_sparse": fitted.coef_.T.astype(np.float16),
        "words_bias": fitted.intercept_.astype(np.float32),
    }  # fmt: skip


def write(name: str, arrays: dict[str, Any], folder: Path = FOLDER) -> Path:
    """Keep a head beside the code."""
    path = folder / f"{name}.npz"
    np.savez_compressed(path, **arrays)
    return path


def _model(strength: float = STRENGTH) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=400)


def _weights(labels: NDArray[np.str_]) -> NDArray[np.float64]:
    """Between one example, one vote and one label, one vote: rare acts are heard, and a look-alike question stays a question."""
    _, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
    shares: NDArray[np.float64] = 1 / np.sqrt(counts[place])
    return shares * len(labels) / shares.sum()


def _worth(labels: NDArray[np.str_], predicted: NDArray[np.str_]) -> dict[str, Any]:
    each = {
        str(label): {
            "n": int((labels == label).sum()),
            "recall": round(float((predicted[labels == label] == label).mean()), 3),
            "precision": round(float((labels[predicted == label] == label).mean()), 3) if (predicted == label).any() else None,
        }
        for label in np.unique(labels)
    }
    return {"examples": len(labels), "accuracy": round(float((labels == predicted).mean()), 3), "labels": each}


def labelled_rows(path: Path, keys: Sequence[str]) -> list[dict[str, Any]]:
    """The lines of a file of examples.

    Raises:
        AssistantError: naming the line that cannot be read or lacks one of the keys.
    """
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AssistantError(f"« {path} » ne peut pas être lu : {error}") from error
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            if any(key not in row for key in keys):
                raise ValueError(f"il manque {' ou '.join(keys)}")
            rows.append(row)
        except (ValueError, TypeError) as error:
            raise AssistantError(f"{path.name}, ligne {number} : {error}") from error
    return rows
