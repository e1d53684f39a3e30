"""Does this passage answer this question? A calibrated probability, and the status it leads to.

One logistic model for passages under a heading that asks (fiches), one for all others (raw documents): what speaks for an
answer differs, a raw passage has no question to be compared with. Learned by `python -m assistant calibrate` on answers
right and wrong, near misses among them. Pure numbers and words; knows nothing of composing or showing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

from assistant.answering.answer import Status
from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.question import ORDINAL, Expectation
from index.document import Hit
from index.figures import figures
from index.french import fold, stem, words
from index.ranking import WeightedTerms

FILE = Path(__file__).with_name("models") / "judge.json"
PlaceNames = tuple[str, ...]  # the folded names by which a passage may speak of a place, its own first
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LACUNA = re.compile(r"(?:non, )?la base n(?:e |')")  # how the fiches state a gap (knowledge/LISEZMOI.md asks for it)


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against the best passage; what the judge is taught is exactly this, `RULES` apart.

    Each is 0..1 or a cosine, unless said otherwise; larger speaks for an answer, but for what is named as a lack (`…_missing`,
    `unsaid`, `unheard`, `no_figure`, `foreign…`).
    """

    # Of the best passage, as the search gave them: what each is stands in `ranking.FEATURES`.
    heading_precision: float = 0.0
    heading_match: float = 0.0
    heading_coverage: float = 0.0
    heading_dense: float = 0.0
    coverage: float = 0.0
    sentence_coverage: float = 0.0
    title_coverage: float = 0.0
    interrogative: float = 0.0
    subject: float = 0.0
    lexical: float = 0.0
    dense: float = 0.0
    interaction: float = 0.0
    comprehension: float = 0.0
    sentence_dense: float = 0.0
    document_dense: float = 0.0
    bigrams: float = 0.0
    numbers: float = 0.0
    figure: float = 0.0  # -1 a figure is asked for and missing, +1 there
    # Of the other passages, of the question, and of what the best passage lacks of it.
    margin: float = 0.0  # score of the best passage over the next one's
    same_document: float = 0.0  # share of the first passages that are of the best one's document
    terms: float = 0.0  # logarithm of how many words the question has
    unsaid: float = 0.0  # share of the question that nothing in the passage carries
    unheard: float = 0.0  # share of the question that nothing in the base carries
    comparison: float = 0.0  # 1: the question compares two things
    asks_aid: float = 0.0  # 1: it asks what aid there is
    wants_figure: float = 0.0  # 1: it asks for an amount, a number or a time
    no_figure: float = 0.0  # 1: it asks for an amount, and the passage holds no figure at all
    year_missing: float = 0.0  # 1: the passage is of another year than the one asked about
    place_missing: float = 0.0  # 1: … does not speak of the place
    ordinal_missing: float = 0.0  # 1: … gives other ranks than the one asked (« troisième vague »)
    name_missing: float = 0.0  # 1: … does not name a dispositif of the question
    foreign: float = 0.0  # probability that the message is none of the programme's matter, by its words
    foreign_unmatched: float = 0.0  # the same, times how far the heading is from the question
    inherited: float = 0.0  # 1: part of the question comes from the conversation
    lacuna: float = 0.0  # 1: the passage says that the base does not know
    rewritten: float = 0.0  # 1: the spelling of the question was changed

    def as_dict(self) -> dict[str, float]:
        """By name, as the weights of the judge and the explanation of an answer take them."""
        return asdict(self)

    @property
    def is_silent(self) -> bool:
        """Whether a figure is asked for a place, a year, a rank or a dispositif that the passage does not speak of."""
        return bool(self.wants_figure) and self.is_of_another

    @property
    def is_lacking(self) -> bool:
        """Whether the passage has no figure of the kind asked for, or does not speak of the place, year, rank or name asked."""
        no_figure = bool(self.wants_figure) and self.figure < 0  # none of the kind asked for: something else is told
        return no_figure or self.is_of_another

    @property
    def is_of_another(self) -> bool:
        """Whether the passage does not speak of the place, year, rank or name asked."""
        return bool(self.place_missing or self.year_missing or self.ordinal_missing or self.name_missing)

    def is_of_another_matter(self, bounds: Bounds = BOUNDS) -> bool:
        """Whether the message, by its words, is none of the programme's matter, and no passage holds nearly all of them."""
        return self.foreign >= bounds.foreign and self.coverage < bounds.spoken_of


RULES = frozenset({"lacuna", "rewritten"})  # evidence for the rules below, not for the model
LEVELS = ("answered", "partial", "answered_raw", "partial_raw")
TAUGHT = tuple(field.name for field in fields(Evidence) if field.name not in RULES)


@dataclass(frozen=True)
class Judge:
    """The weights of `TAUGHT` and a bias, under headings that ask and elsewhere; probabilities from which to answer."""

    asked_weights: Mapping[str, float]
    raw_weights: Mapping[str, float]
    answered: float = 1.0  # until levels are given, nothing is told as sure nor shown
    partial: float = 1.0
    answered_raw: float = 1.0  # the same for raw passages
    partial_raw: float = 1.0  # … of all but the fiches, lower: a document was put in the base to be asked about

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, encoder: str, path: Path = FILE) -> Judge:
        """The judge that ships, when it was learned for the encoder of this hash; else a cautious one."""
        row = json.loads(path.read_text(encoding="utf-8"))
        if row["encoder"] != encoder:
            return CAUTIOUS
        return cls(row["asked"], row["raw"], **{name: row[name] for name in LEVELS})

    def probability(self, evidence: Evidence, is_asked: bool) -> float:
        """That the passage answers, 0..1."""
        weights, values = (self.asked_weights if is_asked else self.raw_weights), evidence.as_dict()
        total = weights["bias"] + sum(weights.get(name, 0.0) * values[name] for name in TAUGHT)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def status(
        self, evidence: Evidence, probability: float, is_asked: bool, is_fiche: bool = True, bounds: Bounds = BOUNDS
    ) -> Status:
        """Answered, partial or not found: by the probability, but for three rules.

        A passage that is silent on the place, the year, the rank or the dispositif whose figure is asked is no answer. One that
        says « la base ne donne pas… », and what is quoted to a message of another matter (« mon voisin a monté un mur : quel
        recours ? »), are partial answers at most.
        """
        if evidence.is_silent or probability < (self.partial if is_fiche else self.partial_raw):
            return Status.NOT_FOUND
        of_another_matter = evidence.is_of_another_matter(bounds)
        if of_another_matter and probability < bounds.likely:
            return Status.NOT_FOUND
        sure = probability >= (self.answered if is_asked else self.answered_raw) and not of_another_matter
        return Status.ANSWERED if sure and not (evidence.is_lacking or evidence.lacuna) else Status.PARTIAL


# For an encoder that nobody taught: words first, and easy to read.
_WORDS = {
    "coverage": 3.0, "heading_precision": 1.5, "heading_match": 1.0, "lexical": 0.5, "figure": 0.4, "unsaid": -2.0,
    "no_figure": -2.0, "place_missing": -2.5, "year_missing": -1.5, "bias": -1.5,
}  # fmt: skip
CAUTIOUS = Judge(_WORDS, _WORDS, answered=0.75, partial=0.4, answered_raw=0.75, partial_raw=0.4)


def evidence_of(
    expected: Expectation,
    terms: WeightedTerms,
    hits: Sequence[Hit],
    places: Sequence[PlaceNames] = (),
    around: Callable[[Hit], str] = lambda hit: "",
    bounds: Bounds = BOUNDS,
    **known: float,
) -> Evidence:
    """What speaks for and against the best hit.

    Args:
        terms: of the question.
        hits: best first; at least one.
        places: those that the question names.
        around: what else a passage may be taken to say, as words: the whole of a raw document.
        known: fields of `Evidence` that the caller computes.
    """
    best, first = hits[0], hits[: bounds.around]
    given = best.features
    foreign = known.get("foreign", 0.0)
    computed = {
        **{name: float(given[name]) for name in TAUGHT if name in given},
        "margin": max(0.0, min(3.0, best.score - hits[1].score)) if len(hits) > 1 else 3.0,
        "same_document": sum(hit.passage.document == best.passage.document for hit in first) / len(first),
        "terms": math.log1p(len(terms.groups)),
        "comparison": float(expected.comparison),
        "asks_aid": float(expected.asks_aid),
        "wants_figure": float(expected.figure),
        "no_figure": float(expected.amount and not figures(best.passage.text)),
        "year_missing": float(_lacks_year(expected, best, around(best))),
        "place_missing": float(_lacks_place(places, best, around(best))),
        "ordinal_missing": float(_lacks_rank(expected, best)),
        "foreign_unmatched": foreign * (1 - float(given.get("heading_match", 0.0))),
        "lacuna": float(says_nothing(best.passage.text)),
    }
    return Evidence(**{**computed, **known})


def lacks(expected: Expectation, places: Sequence[PlaceNames], around: Callable[[Hit], str], hit: Hit) -> bool:
    """Whether a passage does not speak of the year, the place or the rank asked about."""
    said = around(hit)
    return _lacks_year(expected, hit, said) or _lacks_place(places, hit, said) or _lacks_rank(expected, hit)


def _lacks_year(expected: Expectation, hit: Hit, around: str) -> bool:
    """Whether a passage is of another year than the one asked: by its own years; when it has none, by its document's.

    « Quels tarifs en 2027 ? »: the tariffs of 2026 do not answer, though the same minutes speak of a roof to be made in 2027.
    """
    own = set(_YEAR.findall(_said_by(hit)))
    years = set(map(str, expected.years))
    return bool(years) and not years & own and (bool(own) or not any(year in around for year in years))


def _lacks_place(places: Sequence[PlaceNames], hit: Hit, around: str) -> bool:
    return any(not any(name in _words_of(hit) or name in around for name in place) for place in places)


def _lacks_rank(expected: Expectation, hit: Hit) -> bool:
    return bool(expected.ordinals) and _of_another_rank(hit, expected.ordinals)


def says_nothing(sentence: str) -> bool:
    """True for a sentence of a fiche that states a gap: « La base ne donne pas le taux… »."""
    return bool(_LACUNA.match(fold(sentence)))


def _said_by(hit: Hit) -> str:
    """What a passage says with its headings; other wordings of a heading promise nothing."""
    return " ".join((*hit.passage.headings, hit.passage.text))


def _of_another_rank(hit: Hit, ordinals: Sequence[str]) -> bool:
    """Whether a passage gives ranks, and none of those asked: « la première vague » for « la troisième »."""
    ranks = set(map(stem, ORDINAL.findall(fold(_said_by(hit)))))
    return bool(ranks) and not ranks & set(map(stem, ordinals))


def _words_of(hit: Hit) -> str:
    """The words of a passage, its title and headings; « et en Corrèze ? » among other wordings promises nothing."""
    passage = hit.passage
    return " ".join(words(" ".join((passage.title, *passage.headings, passage.text))))
