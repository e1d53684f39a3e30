"""Sentences with the passages that they cite, faithful or not → `generation/models/support.json`.

    python -m assistant.generation.training.support_learning CASES.jsonl…

CASES: lines `{"id", "passages": [{"title", "text", "date"}], "sentence", "faithful", "kind"}`. To them are added sentences of
their passages as they stand, which are faithful; what `alteration.py` makes of those and of the faithful sentences, which mostly
are not; faithful sentences that cite a passage of another document, or go on with what another says. A logistic regression is
fitted, the sign of every weight given (`support_evidence.FOR`): of cases written to deceive, the closest to their passage are the
false ones, and a free fit learns to distrust whoever quotes. `required` is as high as lets `QUOTED` of the sentences pass that
stand as they are in their passage, of documents that were not learned from. What it gives on cases that taught it nothing:
tests/assistant/generation/test_faithfulness.py, DECISIONS.md.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.answering.spelling import Lexicon
from assistant.generation.support import MODEL, CitedPassage, SupportReader, cited_numbers, without_marks
from assistant.generation.support_evidence import FOR, SupportEvidence
from assistant.generation.training.alteration import NAME, altered
from index.embedding import Encoder, SentenceEncoder
from index.french import sentences

QUOTED = 0.97
LEXICON = Path("knowledge/lexique.yaml")
PENALTY, MADE, FOLDS = 0.01, 0.3, 6  # of weights, squared; weight of a case made by rule beside one written; of cross-validation
SignRows = NDArray[np.float64]


@dataclass(frozen=True)
class SupportCase:
    """A sentence with its passages, numbered from 1, and whether they carry it. `made`: by rule, not written."""

    passages: tuple[CitedPassage, ...]
    sentence: str
    faithful: bool
    kind: str
    made: bool = False

    @property
    def family(self) -> str:
        """The document it is about: cases of one are never learned from and judged at once."""
        return self.passages[0].title.partition(" — ")[0]


def support_cases(path: Path) -> list[SupportCase]:
    """The cases of a file.

    Raises:
        OSError, ValueError, KeyError: it cannot be read, or a line is not a case.
    """
    return [_case(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _case(row: dict[str, Any]) -> SupportCase:
    passages = tuple(
        CitedPassage(number, one["title"], "", one["text"], date.fromisoformat(one["date"]) if one["date"] else None)
        for number, one in enumerate(row["passages"], 1)
    )
    return SupportCase(passages, row["sentence"], bool(row["faithful"]), row["kind"])


def made_cases(written: Sequence[SupportCase], draw: random.Random) -> list[SupportCase]:
    """Cases by rule: the faithful ones altered, citing another document or going on with it; passages quoted, and altered."""
    names = sorted({name for case in written for passage in case.passages for name in NAME.findall(passage.text)})
    found = []
    for case in written:
        if case.faithful and (false := altered(without_marks(case.sentence), names, draw)):
            marks = "".join(f"[{number}]" for number in cited_numbers(case.sentence))
            found.append(SupportCase(case.passages, f"{false} {marks}", False, "altered", made=True))
    for case in written:
        if not case.faithful:
            continue
        other = draw.choice(written)
        if other.family != case.family:
            text, own = without_marks(case.sentence).rstrip("."), other.passages[:1]
            found.append(SupportCase(own, f"{text} [1]", False, "of another document", made=True))
            first = without_marks(other.sentence).rstrip(".")
            if other.faithful and draw.random() < 0.5:
                marks = "".join(f"[{number}]" for number in cited_numbers(other.sentence))
                joined = f"{first}, et {text[0].lower()}{text[1:]} {marks}"
                found.append(SupportCase(other.passages, joined, False, "more is added", made=True))
    for passage in dict.fromkeys(passage for case in written for passage in case.passages[:1]):
        spans = [passage.text[start:end].lstrip("-• ") for start, end in sentences(passage.text)]
        long = [span for span in spans if len(span) > 25]
        if not long:
            continue
        text = re.sub(r"^(?:Oui|Non),\s", "", draw.choice(long))
        text = text[0].upper() + text[1:]
        found.append(SupportCase((passage,), f"{text} [1]", True, "verbatim", made=True))
        if false := altered(text, names, draw):
            found.append(SupportCase((passage,), f"{false} [1]", False, "altered verbatim", made=True))
    return found


def evidence_of(case: SupportCase, reader: SupportReader) -> SupportEvidence:
    """The evidence of a case."""
    numbers = cited_numbers(case.sentence)
    cited = [passage for passage in case.passages if passage.number in numbers]
    others = [passage for passage in case.passages if passage.number not in numbers]
    return reader.evidence(without_marks(case.sentence), cited, others)


def fitted(
    rows: SignRows, faithful: NDArray[np.bool_], shares: SignRows, speaks_for: NDArray[np.bool_]
) -> tuple[SignRows, float]:
    """Weights, (n_signs,), and bias: logistic loss and squared weights, each weight of the sign that is given.

    Args:
        rows: signs of cases, (n_cases, n_signs); `shares`: how much each case counts.
    """
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled, wanted, total = (rows - mean) / spread, faithful.astype(float), shares.sum()

    def loss(parameters: SignRows) -> tuple[float, SignRows]:
        weights, bias = parameters[:-1], parameters[-1]
        told = 1 / (1 + np.exp(-(scaled @ weights + bias)))
        lost = -(shares * (wanted * np.log(told + 1e-9) + (1 - wanted) * np.log(1 - told + 1e-9))).sum() / total
        slope = shares * (told - wanted) / total
        return float(lost + PENALTY * (weights**2).sum()), np.append(scaled.T @ slope + 2 * PENALTY * weights, slope.sum())

    bounds = [(0, None) if one else (None, 0) for one in speaks_for] + [(None, None)]
    found = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    weights: SignRows = found[:-1] / spread
    return weights, float(found[-1] - (weights * mean).sum())


def learned(written: Sequence[SupportCase], encoder: Encoder, acronyms: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What `support.json` holds."""
    cases = [*written, *made_cases(written, random.Random(5))]
    reader = SupportReader(encoder, acronyms)
    found = [evidence_of(case, reader) for case in cases]
    names = sorted({name for evidence in found for name in evidence.signs})
    average = {name: float(np.mean([one.signs[name] for one in found if name in one.signs])) for name in names}
    rows = np.array([[one.signs.get(name, average[name]) for name in names] for one in found])
    faithful, shares = np.array([case.faithful for case in cases]), np.array([MADE if case.made else 1.0 for case in cases])
    speaks_for = np.array([name in FOR for name in names])
    families = sorted({case.family for case in cases})
    folds = np.array([families.index(case.family) % FOLDS for case in cases])
    odds = np.zeros(len(cases))
    for fold in range(FOLDS):
        apart = folds == fold
        weights, bias = fitted(rows[~apart], faithful[~apart], shares[~apart], speaks_for)
        odds[apart] = rows[apart] @ weights + bias
    missing = np.array([bool(one.missing_figures or one.missing_moments or one.missing_names) for one in found])
    odds[missing] = -np.inf
    quoted = np.array([case.kind == "verbatim" for case in cases]) & ~missing
    required = float(np.quantile(odds[quoted], 1 - QUOTED, method="lower"))
    weights, bias = fitted(rows, faithful, shares, speaks_for)
    for kind in sorted({case.kind for case in cases}):
        own = np.array([case.kind == kind for case in cases])
        sys.stderr.write(f"{kind:20} {int(own.sum()):5} withheld {float((odds[own] < required).mean()):.2f}\n")
    return {
        "encoder": encoder.identity.sha256, "required": round(required, 4), "bias": round(bias, 6),
        "weights": {name: round(float(weight), 5) for name, weight in zip(names, weights, strict=True) if abs(weight) > 1e-5},
        "average": {name: round(value, 5) for name, value in average.items()},
    }  # fmt: skip


def main(paths: Sequence[str]) -> int:
    """Learn from the cases of some files and write the weights; 0, or 2 when there is no file."""
    if not paths:
        sys.stderr.write("Il faut au moins un fichier de phrases jugées (JSON Lines).\n")
        return 2
    written = [case for path in paths for case in support_cases(Path(path))]
    found = learned(written, SentenceEncoder(), Lexicon.load(LEXICON).meaning)
    MODEL.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
