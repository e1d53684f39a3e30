"""Candidates → an order: fusion of dense and lexical scores with evidence from headings and sentences.

A linear model over named features, learned on development data (`python -m assistant calibrate`) and kept in
the manifest with the encoder it was learned for. A passage under no question is « bare »: it has less to show
than one whose heading asks the question, and is weighed by weights of its own when some were learned.
Pure numbers; knows nothing of files or stores.

Plain reciprocal rank fusion with a weak encoder loses up to 10 points of nDCG@10 against BM25 alone
on French; that is why the weights are learned (figures in DECISIONS.md).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexCorrupt
from index.figures import WantedFigure, holds
from index.french import analyse, interrogatives, sentences, stem

FEATURES = (
    "lexical",  # BM25 / best BM25 of the question
    "dense",  # cosine of question and passage
    "interaction",  # how near each token of the question has one in the passage; 0 where the encoder has no projection
    "comprehension",  # log-odds that the passage answers, brought to 0..1; 0 of those not read: all but the first bare ones
    "coverage",  # share of the question's idf found in the passage, heading or title
    "sentence_coverage",  # the same within the best single sentence
    "heading_coverage",  # share of the question's idf found in the nearest heading
    "heading_precision",  # share of the heading's idf found in the question
    "title_coverage",  # share of the question's idf found in the document's title
    "subject",  # how far the question names what the document is about; 0.5 for one about the whole programme
    "bigrams",  # share of the question's neighbouring pairs that are neighbours in the passage
    "sentence_dense",  # best cosine of the question and a sentence
    "heading_dense",  # cosine of the question and the nearest heading
    "heading_match",  # heading_coverage × heading_precision: near 1 when they ask the same thing
    "interrogative",  # question and heading ask for the same kind of thing (+1) or for another (-1)
    "numbers",  # share of the question's numbers and years found in the passage
    "figure",  # a figure is asked for: the passage holds one of that kind (+1) or none (-1)
    "pieces",  # BM25 of four-letter pieces of words / best of the question
    "document_lexical",  # BM25 of the whole document / best document of the question
    "document_dense",  # cosine of the whole document / best document of the question
    "bare",  # 1 for a passage under no heading that asks; the next two are 0 for the others
    "lead_coverage",  # share of the question's idf found in the first sentences of the document
    "document_shortness",  # logarithm of how far its document is from long: long ones hold any word more easily
)

# The columns that search reads or fills by itself.
READ, BARE = FEATURES.index("comprehension"), FEATURES.index("bare")
_SURE = 5.0  # log-odds brought to 1 (a probability of .993); minus 5 to 0

# Safe for an encoder nobody tuned: lexical evidence first, the dense side as a tie-breaker.
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "lexical": 2.5,
    "dense": 1.0,
    "coverage": 1.5,
    "sentence_coverage": 1.0,
    "heading_coverage": 0.8,
    "heading_precision": 0.8,
    "title_coverage": 0.3,
    "subject": 0.8,
    "bigrams": 0.5,
    "sentence_dense": 0.7,
    "heading_dense": 0.8,
    "heading_match": 1.0,
    "interrogative": 0.3,
    "numbers": 0.5,
    "figure": 0.2,
    "pieces": 1.0,
    "document_lexical": 1.0,
    "document_dense": 1.0,
    "lead_coverage": 0.5,
    "document_shortness": 0.2,
}


BACKGROUND = "§"  # stands for every term that the whole base is about
BACKGROUND_IDF = 1.0
# Question words that exclude each other: « Quand… ? » is not answered under « Combien… ? ».
_EXCLUSIVE = frozenset({"when", "how_long", "how_much", "who", "where", "why"})


@dataclass(frozen=True)
class Terms:
    """The search terms of one passage, cut the ways the features need them."""

    sentences: tuple[frozenset[str], ...]
    headings: tuple[frozenset[str], ...]  # the nearest heading, then each of its aliases
    title: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    interrogatives: tuple[frozenset[str], ...] = ()  # what each of `headings` asks for, when it is a question
    subjects: tuple[frozenset[str], ...] = ()  # the names of what its document is about
    text: str = ""
    everything: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "everything", frozenset().union(*self.sentences, *self.headings, self.title))


def terms_of(text: str, headings: Sequence[str], title: str, aliases: Sequence[str] = (), subjects: Sequence[str] = ()) -> Terms:
    """Analyse a passage once, when an index is opened."""
    lists = [analyse(text[start:end]) for start, end in sentences(text)]
    asking = [analyse(heading) for heading in (*headings[-1:], *aliases)]
    pairs = {pair for terms in [*lists, *asking] for pair in zip(terms, terms[1:], strict=False)}
    return Terms(
        sentences=tuple(frozenset(terms) for terms in lists),
        headings=tuple(frozenset(terms) for terms in asking),
        title=frozenset(analyse(title)),
        pairs=frozenset(pairs),
        interrogatives=tuple(interrogatives(heading) for heading in (*headings[-1:], *aliases)),
        subjects=tuple(frozenset(analyse(name)) for name in subjects),
        text=text,
    )


@dataclass(frozen=True)
class WeightedTerms:
    """The question's terms: each with its idf times its weight (expansions weigh less).

    `groups[i]` is a set of interchangeable terms (a word and what the lexicon adds to it): finding
    any of them counts as finding the word.
    """

    groups: tuple[frozenset[str], ...]
    weights: tuple[float, ...]
    pairs: tuple[tuple[str, str], ...] = ()
    interrogatives: frozenset[str] = frozenset()
    background: frozenset[str] = frozenset()  # terms that everything in the base is about
    want: WantedFigure | None = None  # the kind of figure asked for

    def same_as_counted(self) -> frozenset[str]:
        """The terms that stand for the noun whose number is asked for."""
        noun = stem(self.want.noun) if self.want and self.want.noun else ""
        return next((group for group in self.groups if noun in group), frozenset())

    def figure_in(self, text: str) -> float:
        """+1 when a text holds the kind of figure asked for, -1 when it does not, 0 when none is asked."""
        if self.want is None:
            return 0.0
        return 1.0 if holds(text, self.want, self.same_as_counted()) else -1.0

    def coverage(self, terms: frozenset[str]) -> float:
        """Share of the question's weight found in a set of terms, 0..1."""
        total = sum(self.weights)
        hit = sum(weight for group, weight in zip(self.groups, self.weights, strict=True) if group & terms)
        return hit / total if total else 0.0

    def folded(self) -> WeightedTerms:
        """The same question with every background term replaced by one sign.

        « Combien de communes dans le programme ? » and « Combien de communes sont Petites villes de
        demain ? » then ask the same thing in the same words.
        """
        rows: dict[frozenset[str], float] = {}
        for group, weight in zip(self.groups, self.weights, strict=True):
            sign = _fold_background(group, self.background)
            rows[sign] = min(weight, rows.get(sign, weight)) if BACKGROUND in sign else weight
        return WeightedTerms(tuple(rows), tuple(rows.values()), self.pairs, self.interrogatives, self.background, self.want)


def _fold_background(terms: frozenset[str], background: frozenset[str]) -> frozenset[str]:
    return (terms - background) | {BACKGROUND} if terms & background else terms


def precision(heading: frozenset[str], question: frozenset[str], idf: Callable[[str], float]) -> float:
    """Share of a heading's idf found in the question, 0..1."""
    if not heading & question:
        return 0.0
    weights = {term: BACKGROUND_IDF if term == BACKGROUND else idf(term) for term in heading}
    total = sum(weights.values())
    return sum(weights[term] for term in heading & question) / total if total else 0.0


def agreement(question: frozenset[str], heading: frozenset[str]) -> float:
    """+1 for the same question word, -1 for words that exclude each other, 0 for anything looser.

    « Quelle aide… ? » may well be answered under « Combien… ? »; « Quand… ? » may not.
    """
    if question & heading:
        return 1.0
    return -1.0 if question & _EXCLUSIVE and heading & _EXCLUSIVE else 0.0


def score(features: NDArray[np.float64], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Linear scores of n candidates, (n, len(FEATURES)) → (n,); larger is better.

    A weight may have a second one for bare passages, named by `of_bare`.
    """
    usual = np.array([weights.get(name, 0.0) for name in FEATURES])
    bare = np.array([weights.get(of_bare(name), weights.get(name, 0.0)) for name in FEATURES])
    scores: NDArray[np.float64] = np.where(features[:, BARE] > 0, features @ bare, features @ usual)
    return scores


def odds(probability: float) -> float:
    """Log-odds of a probability, brought to 0..1: evidence adds up in log-odds, not in probabilities."""
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return min(1.0, max(0.0, (math.log(bounded / (1 - bounded)) + _SURE) / (2 * _SURE)))


def of_bare(name: str) -> str:
    """The name of a feature's weight for bare passages."""
    return f"bare.{name}"


TUNED = Path(__file__).with_name("ranking.json")
OWN = "ranking.json"  # in the folder of an index: encoder hash → what was learned for it there


def tuned_for(encoder_sha256: str, root: Path | None = None) -> dict[str, Any]:
    """The ranking for an encoder: {"weights": {feature: weight}, …}.

    What was learned beside the index of folder `root` comes before what ships; an encoder that neither knows gets
    `DEFAULT_WEIGHTS`.
    """
    shipped: dict[str, Any] = json.loads(TUNED.read_text(encoding="utf-8"))
    known = shipped if shipped.get("encoder") == encoder_sha256 else {"weights": dict(DEFAULT_WEIGHTS)}
    return {**known, **(own(root).get(encoder_sha256, {}) if root else {})}


def own(root: Path) -> dict[str, Any]:
    """What was learned beside an index, by encoder.

    Raises:
        IndexCorrupt: the file cannot be read.
    """
    path = root / OWN
    try:
        rows = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return {str(encoder): dict(row) for encoder, row in rows.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise IndexCorrupt(f"« {path} » est illisible. Effacez-le, ou recommencez : python -m index tune DOSSIER") from error
