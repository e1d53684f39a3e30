"""Is there an answer here? A calibrated probability, and the status it leads to.

A logistic model over evidence about the best passage; its weights and thresholds live in the
manifest (`ranking["decision"]`) with the encoder they were learned for. Pure numbers and words;
knows nothing of composing or showing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.answer import Status
from assistant.question import Expectation
from index.document import Hit
from index.figures import figures
from index.french import STOP_WORDS, fold, words
from index.ranking import Terms, WeightedTerms

# Learned by `python -m assistant calibrate` on the golden questions; used when the manifest has none.
DEFAULT: Mapping[str, Any] = {
    "weights": {
        "coverage": 3.0, "sentence_coverage": 1.5, "heading_coverage": 1.0, "heading_precision": 1.0, "dense": 1.5,
        "heading_dense": 1.5, "missing": -2.0, "unknown": -2.5, "margin": 0.2, "no_figure": -1.0, "year_missing": -1.0,
    },
    "bias": -2.5,
    "answered": 0.5,
    "partial": 0.3,
}


# How the fiches state a gap (knowledge/LISEZMOI.md asks for it).
_LACUNA = re.compile(r"(?:non, )?la base n(?:e |')")


def evidence(
    asked: str,
    expected: Expectation,
    terms: WeightedTerms,
    found: Terms,
    hits: Sequence[Hit],
    unknown: Sequence[str] = (),
    places: Sequence[str] = (),
    soft_missing: float = 0.0,
) -> dict[str, float]:
    """Numbers about the best hit, each 0..1 or a cosine; larger speaks for an answer unless named as a lack."""
    best = hits[0]
    heaviest = max(terms.weights, default=1.0) or 1.0
    lacks = [w for group, w in zip(terms.groups, terms.weights, strict=True) if not group & found.everything]
    total = sum(terms.weights) or 1.0
    content = [word for word in words(asked) if word not in STOP_WORDS]
    own_figures = figures(best.passage.text)
    second = hits[1].score if len(hits) > 1 else 0.0
    return {
        **{name: best.evidence.get(name, 0.0) for name in (
            "coverage", "sentence_coverage", "heading_coverage", "heading_precision", "heading_match", "interrogative", "title_coverage", "bigrams",
            "dense", "sentence_dense", "heading_dense", "soft_coverage", "soft_match")},
        "missing": max(lacks, default=0.0) / heaviest * min(1.0, max(lacks, default=0.0) / 5.0),
        "missing_share": sum(lacks) / total,
        "unknown": min(1.0, len(unknown) / max(1, len(content))),
        "margin": (best.score - second) / (abs(best.score) + 1e-6),
        "no_figure": float(expected.amount and not own_figures),
        "wants_figure": float(expected.figure),
        "figure_gap": float(expected.figure) * sum(lacks) / total,
        "soft_missing": soft_missing,
        "figure_soft_gap": float(expected.figure) * soft_missing,
        "place_missing": float(any(place not in _words_of(best) for place in places)),
        "yes_no": float(expected.yes_no),
        "specific": _specific(terms, found),
        "numbers": best.evidence.get("numbers", 0.0),
        "subject": best.evidence.get("subject", 0.0),
        "lacuna": float(says_nothing(best.passage.text)),
        "year_missing": float(any(str(year) not in best.passage.text for year in expected.years)),
        "terms": math.log1p(len(terms.groups)),
    }


def _specific(terms: WeightedTerms, found: Terms) -> float:
    """Coverage by the passage, the words that everything here is about left aside."""
    rows = [(g, w) for g, w in zip(terms.groups, terms.weights, strict=True) if not g & terms.background]
    total = sum(weight for _, weight in rows)
    return sum(weight for group, weight in rows if group & found.everything) / total if total else 1.0


def _words_of(hit: Hit) -> str:
    passage = hit.passage
    return " ".join(words(" ".join((passage.title, *passage.headings, *passage.aliases, passage.text))))


def decide(numbers: Mapping[str, float], model: Mapping[str, Any] = DEFAULT) -> tuple[float, Status]:
    """Probability that the best passage answers, and the status by the model's thresholds.

    Whatever the probability, a passage that is silent on the place or the year asked about does not
    give a figure for it, and a passage that says « la base ne donne pas… » is a partial answer.
    """
    total = float(model["bias"]) + sum(weight * numbers.get(name, 0.0) for name, weight in model["weights"].items())
    probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
    silent = numbers.get("place_missing", 0.0) or numbers.get("year_missing", 0.0)
    if probability < model["partial"] or (silent and numbers.get("wants_figure", 0.0)):
        return probability, Status.NOT_FOUND
    if probability < model["answered"] or numbers.get("place_missing", 0.0) or numbers.get("lacuna", 0.0):
        return probability, Status.PARTIAL
    return probability, Status.ANSWERED


def says_nothing(sentence: str) -> bool:
    """True for a sentence of a fiche that states a gap: « La base ne donne pas le taux… »."""
    return bool(_LACUNA.match(fold(sentence)))
