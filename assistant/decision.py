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
from assistant.intents import FOREIGN
from assistant.question import ORDINAL, Expectation
from index.document import Hit
from index.figures import figures
from index.french import fold, stem, words
from index.ranking import WeightedTerms

# Kept by backward elimination under cross-validation on 1,439 turns (DECISIONS.md): with what `evidence` adds, AUC .886,
# where the first numbers kept gave .861 and all 47 tried .878.
FROM_RANKING = (
    "heading_precision",
    "heading_match",
    "soft_coverage",
    "title_coverage",
    "interrogative",
    "lexical",
    "dense",
    "sentence_dense",
)

# Evidence for the rules of `decide`, not for the model.
FOR_RULES = frozenset({"lacuna", "heading_coverage", "rewritten", "document_coverage"})

# Used for an encoder nobody calibrated for: cautious, and easy to read.
DEFAULT: Mapping[str, Any] = {
    "weights": {
        "soft_coverage": 3.0,
        "heading_precision": 1.5,
        "heading_match": 1.0,
        "lexical": 0.5,
        "figure_missing": -0.8,
        "soft_missing": -2.0,
        "no_figure": -2.0,
        "place_missing": -2.5,
        "year_missing": -1.5,
    },
    "bias": -1.5,
    "answered": 0.75,
    "partial": 0.4,
}


_AROUND = 5  # best passages among which those of the best one's document are counted

# How the fiches state a gap (knowledge/LISEZMOI.md asks for it).
_LACUNA = re.compile(r"(?:non, )?la base n(?:e |')")
# Words typed in a hurry that could not all be read are missing from a passage through no fault of its own. As evidence
# of the model, it learned that whatever is unreadable has an answer: the questions to decline were written with care.
_MISREAD = 0.5
_SURELY_FOREIGN, _LIKELY = 0.85, 0.5
# Of 57 messages to decline, 95 % find no passage that covers more than .57; half of the true questions do. Of the 13 that
# are told by their words, with 13 documents of other matters in the base, none finds more than .82 in one document.
_SPOKEN_OF = 0.9
# A figure is the answer only when surer than a sentence is, if a word of the question is nowhere near it.
_UNSAID, _SURE_FIGURE = 0.1, 0.9
_SAME_GAP = 0.8  # share of the question that the heading over the gap covers


def evidence(
    expected: Expectation,
    terms: WeightedTerms,
    hits: Sequence[Hit],
    places: Sequence[str] = (),
    soft_missing: float = 0.0,
    name_missing: bool = False,
    foreign: float = 0.0,
) -> dict[str, float]:
    """Numbers about the best hit, each 0..1 or a cosine; larger speaks for an answer unless named as a lack.

    Args:
        places: folded names of places in the question.
        soft_missing: share of the question that not even a near synonym in the passage carries.
        foreign: probability, from its words alone, that the message is none of the base's matter.
        name_missing: the question names a dispositif that the best passage does not speak of.
    """
    best, around = hits[0], hits[:_AROUND]
    return {
        **{name: best.evidence.get(name, 0.0) for name in FROM_RANKING},
        "same_document": sum(hit.passage.document == best.passage.document for hit in around) / len(around),
        "terms": math.log1p(len(terms.groups)),
        "soft_missing": soft_missing,
        "comparison": float(expected.comparison),
        "asks_aid": float(expected.asks_aid),
        "wants_figure": float(expected.figure),
        "no_figure": float(expected.amount and not figures(best.passage.text)),
        "figure_missing": float(best.evidence.get("figure", 0.0) < 0),
        "year_missing": float(bool(expected.years) and not any(str(year) in _said_by(best) for year in expected.years)),
        "place_missing": float(any(place not in _words_of(best) for place in places)),
        "ordinal_missing": float(bool(expected.ordinals) and _of_another_rank(best, expected.ordinals)),
        "name_missing": float(name_missing),
        "foreign": foreign,
        "foreign_unmatched": foreign * (1 - best.evidence.get("heading_match", 0.0)),
        "lacuna": float(says_nothing(best.passage.text)),
        "heading_coverage": best.evidence.get("heading_coverage", 0.0),
    }


def _said_by(hit: Hit) -> str:
    """What a passage says with its heading; other wordings of the heading promise nothing."""
    return " ".join((*hit.passage.headings[-1:], hit.passage.text))


def _of_another_rank(hit: Hit, ordinals: Sequence[str]) -> bool:
    """« la première vague » for « la troisième »: a rank is given, and not the one asked."""
    ranks = set(map(stem, ORDINAL.findall(fold(_said_by(hit)))))
    return bool(ranks) and not ranks & set(map(stem, ordinals))


def _words_of(hit: Hit) -> str:
    """The words of a passage, its title and headings; « et en Corrèze ? » among other wordings promises nothing."""
    passage = hit.passage
    return " ".join(words(" ".join((passage.title, *passage.headings, passage.text))))


def decide(numbers: Mapping[str, float], model: Mapping[str, Any] = DEFAULT) -> tuple[float, Status]:
    """Probability that the best passage answers, and the status by the model's thresholds.

    Whatever the probability, a passage that is silent on the place, the year, the rank (« troisième
    vague ») or the dispositif asked about does not give a figure for it, and a passage that says
    « la base ne donne pas… » is a partial answer.
    """
    total = float(model["bias"]) + sum(weight * numbers.get(name, 0.0) for name, weight in model["weights"].items())
    probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
    if numbers.get("lacuna") and numbers.get("heading_coverage", 0.0) >= _SAME_GAP and not is_silent(numbers):
        return probability, Status.PARTIAL  # the base itself says that it does not know this
    if probability < float(model["partial"]) * (_MISREAD if numbers.get("rewritten") else 1) or is_silent(numbers):
        return probability, Status.NOT_FOUND
    if _is_foreign(numbers, probability, model):
        return probability, Status.NOT_FOUND  # its words speak of something else, and no passage says otherwise
    if numbers.get("wants_figure") and numbers.get("soft_missing", 0.0) >= _UNSAID and probability < _SURE_FIGURE:
        return probability, Status.PARTIAL  # « … par mois », « … exacte »: the figure may be that of something else
    if probability < model["answered"] or any(numbers.get(lack, 0.0) for lack in ("place_missing", "name_missing", "lacuna")):
        return probability, Status.PARTIAL
    return probability, Status.ANSWERED


def _is_foreign(numbers: Mapping[str, float], probability: float, model: Mapping[str, Any]) -> bool:
    """The surer its words are of another matter, the surer a passage must be to be shown."""
    if not is_of_another_matter(numbers):
        return False
    return probability < (float(model["answered"]) if numbers["foreign"] >= _SURELY_FOREIGN else _LIKELY)


def is_of_another_matter(numbers: Mapping[str, float]) -> bool:
    """True when a message, by its words, is none that the base should answer.

    A passage that speaks of nearly every word, or a document that holds them, says that the base is about
    this too: one just added, of which no message taught.
    """
    spoken_of = max(numbers.get("soft_coverage", 0.0), numbers.get("document_coverage", 0.0)) >= _SPOKEN_OF
    return numbers.get("foreign", 0.0) >= FOREIGN and not spoken_of


def is_silent(numbers: Mapping[str, float]) -> bool:
    """True when a figure is asked for a place, a year, a rank or a dispositif that the best passage does not speak of."""
    lacks = ("place_missing", "year_missing", "ordinal_missing", "name_missing")
    return bool(numbers.get("wants_figure") and any(numbers.get(lack) for lack in lacks))


def says_nothing(sentence: str) -> bool:
    """True for a sentence of a fiche that states a gap: « La base ne donne pas le taux… »."""
    return bool(_LACUNA.match(fold(sentence)))
