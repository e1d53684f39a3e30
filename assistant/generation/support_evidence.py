"""What speaks for and against a sentence, given the passages that it cites: named numbers, and what is missing for sure.

What is missing for sure is a figure, a moment or a proper name that no cited passage holds: nothing makes up for it. The rest are
signs that `support.py` weighs: words that nothing carries, a cue added or dropped (« seulement », « sauf », « doit »), a bound
turned round, words that exclude each other, a figure that stands in the passage for another thing, a payer who is paid.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

import numpy as np

from assistant.generation.alignment import SENSE, Alignment, acronym_of, near
from assistant.generation.quantities import Limit, Moment, Quantity
from assistant.generation.statement import Cue, Mark, StatedWord, Statement
from index.french import STOP_WORDS, content_words, fold, sentences, stem, words

_LIKE: Mapping[Cue, frozenset[Cue]] = {
    Cue.DENIED: frozenset({Cue.DENIED, Cue.FORBIDDEN, Cue.OPTIONAL, Cue.EXCEPT, Cue.FREE}),
    Cue.FORBIDDEN: frozenset({Cue.FORBIDDEN, Cue.DENIED, Cue.EXCEPT, Cue.ONLY}),
    Cue.OPTIONAL: frozenset({Cue.OPTIONAL, Cue.ALLOWED, Cue.DENIED}),
    Cue.OBLIGED: frozenset({Cue.OBLIGED, Cue.CONDITION, Cue.ONLY}),
    Cue.ALLOWED: frozenset({Cue.ALLOWED, Cue.OPTIONAL}),
    Cue.ONLY: frozenset({Cue.ONLY, Cue.EXCEPT, Cue.CONDITION, Cue.FORBIDDEN}),
    Cue.EXCEPT: frozenset({Cue.EXCEPT, Cue.DENIED, Cue.FORBIDDEN, Cue.ONLY}),
    Cue.CONDITION: frozenset({Cue.CONDITION, Cue.ONLY, Cue.OBLIGED}),
    Cue.ALL: frozenset({Cue.ALL}),
    Cue.SOME: frozenset({Cue.SOME, Cue.MOSTLY}),
    Cue.MOSTLY: frozenset({Cue.MOSTLY, Cue.SOME}),
    Cue.EXAMPLE: frozenset({Cue.EXAMPLE, Cue.SOME}),
    Cue.PLANNED: frozenset({Cue.PLANNED, Cue.PROPOSED}),
    Cue.PROPOSED: frozenset({Cue.PROPOSED, Cue.PLANNED}),
    Cue.EITHER: frozenset({Cue.EITHER}),
    Cue.FREE: frozenset({Cue.FREE, Cue.DENIED}),
    Cue.AUTOMATIC: frozenset({Cue.AUTOMATIC}),
    Cue.ENOUGH: frozenset({Cue.ENOUGH}),
}
_GIVES = re.compile(
    r"(?:financ|cofinanc|vers|pay|pai|rembours|attribu|accord|octroi|octroy|donn|allou|subventionn|pret|apport|remet|couvr|pren)"
    r"\w*"
)
_GETS = re.compile(r"(?:recoi|recev|recu|touch|percoi|percev|benefici|obtien|obten|empoch)\w*")
_ACTORS = frozenset(
    "commune communes mairie maire maires ville villes collectivite collectivites intercommunalite intercommunalites epci etat "
    "anct anah region regions departement departements banque caisse prefet prefecture entreprise entreprises association "
    "associations proprietaire proprietaires locataire locataires bailleur menage menages porteur operateur agence vous".split()
)  # fmt: skip


# The signs that speak for a sentence; the others speak against it.
FOR = frozenset(
    {
        "carried", "carried anywhere", "same", "by form or sense", "soft", "least", "second least", "third least", "worst clause",
        "end", "role", "role margin", "role of date", "margin of date", "idle source", "one source", "repeated",
    }
)  # fmt: skip


@dataclass(frozen=True)
class SupportEvidence:
    """What was found. `missing_*`, `drops_ceiling`: for sure; `signs`: name → value.

    `is_whole`: the sentence is one of a source, word for word.
    """

    missing_figures: tuple[Quantity, ...]
    missing_moments: tuple[Moment, ...]
    missing_names: tuple[StatedWord, ...]
    signs: Mapping[str, float]
    is_whole: bool = False
    drops_ceiling: bool = False  # a rate is told without the amount that bounds it in its source


def gathered(
    alignment: Alignment, others: Alignment | None, years: Collection[int], acronyms: Mapping[str, Sequence[str]]
) -> SupportEvidence:
    """The evidence of a sentence.

    Args:
        others: the sentence on the passages that it does not cite; None when there are none.
        years: that the cited passages are about, by their dates.
        acronyms: folded acronym → its words, and words → their acronym.
    """
    signs: dict[str, float] = {}
    signs |= _carrying(alignment, others)
    signs |= _exclusions(alignment)
    signs |= _cues(alignment)
    signs |= _transfers(alignment)
    signs |= _word_for_word(alignment)
    figures, of_figures = _figures(alignment)
    moments, of_moments = _moments(alignment, years)
    names, of_names = _names(alignment, acronyms)
    own = [word.folded for word in alignment.sentence.words]
    is_whole = any([word.folded for word in alignment.words[first:last]] == own for first, last in alignment.segments)
    found = signs | of_figures | of_moments | of_names
    return SupportEvidence(figures, moments, names, found, is_whole, _drops_ceiling(alignment))


def _carrying(alignment: Alignment, others: Alignment | None) -> dict[str, float]:
    """How well its words are carried."""
    rows = [place for place in alignment.content if not alignment.sentence.words[place].is_figure]
    if not rows or not alignment.words:
        return dict.fromkeys(FOR, 0.0)
    best, anywhere = alignment.best[rows], alignment.anywhere[rows]
    lexical = (alignment.lexical * alignment.kept).max(axis=1)[rows]
    soft = (alignment.soft * alignment.kept).max(axis=1)[rows]
    least = np.sort(best)
    single = [
        float(alignment.near[np.ix_(rows, range(start, start + len(source.statement.words)))].max(axis=1).mean())
        for start, source in zip(alignment.starts, alignment.sources, strict=True)
        if source.statement.words
    ]
    found = {
        "carried": float(best.mean()),
        "carried anywhere": float(anywhere.mean()),
        "same": float((lexical >= 1).mean()),
        "by form or sense": float((lexical > 0).mean()),
        "soft": float(soft.mean()),
        "least": float(least[0]),
        "second least": float(least[min(1, len(least) - 1)]),
        "third least": float(least[min(2, len(least) - 1)]),
        "unsaid": float((best < 0.4).sum()),
        "barely said": float((best < 0.55).sum()),
        "unsaid share": float((best < 0.45).mean()),
        "one source": max(single) - float(anywhere.mean()),
        "idle source": float(min(single)) if len(single) > 1 else float(anywhere.mean()),
    }
    clauses: dict[int, list[int]] = {}
    for row in rows:
        clauses.setdefault(alignment.sentence.words[row].clause, []).append(row)
    means = [float(alignment.best[own].mean()) for own in clauses.values() if len(own) > 1]
    found["worst clause"] = min(means, default=float(best.mean()))
    found["end"] = float(best[-4:].mean())
    found["mixed clause"] = float(max((_split(alignment, own) for own in clauses.values()), default=0))
    if others is not None and others.words:
        found["elsewhere"] = float(others.anywhere[rows].mean() - anywhere.mean())
        found["elsewhere best"] = float(np.clip(others.anywhere[rows] - anywhere, 0, None).max())
    return found


def _split(alignment: Alignment, rows: Sequence[int]) -> int:
    """How many words of a clause one source alone says, when another alone says others: the smaller of the two numbers."""
    each = np.stack(
        [
            alignment.lexical[np.ix_(rows, range(start, start + len(source.statement.words)))].max(axis=1, initial=0) >= 0.85
            for start, source in zip(alignment.starts, alignment.sources, strict=True)
        ]
    )
    alone = each & (each.sum(axis=0) == 1)
    counts = sorted(int(count) for count in alone.sum(axis=1))
    return counts[-2] if len(counts) > 1 else 0


_TURNING = frozenset(
    "et ou ni ne n pas plus moins sans avec avant apres non jamais aucun aucune tous toutes tout toute seul seule".split()
)


def _word_for_word(alignment: Alignment) -> dict[str, float]:
    """How far a sentence repeats a segment word for word, and what it changes, adds or leaves out on the way."""
    read = alignment.sentence.words
    best, changed, left = 0.0, 0.0, 0.0
    for first, last in alignment.chosen:
        theirs = alignment.words[first:last]
        codes = SequenceMatcher(None, [word.stem for word in read], [word.stem for word in theirs], autojunk=False).get_opcodes()
        share = sum(i2 - i1 for kind, i1, i2, _, _ in codes if kind == "equal") / max(1, len(read))
        if share <= best:
            continue
        same = [at for at, code in enumerate(codes) if code[0] == "equal"]
        inside = codes[same[0] : same[-1] + 1] if same else []
        best, changed, left = share, 0.0, 0.0
        for kind, i1, i2, j1, j2 in inside:
            if kind in ("replace", "insert", "delete"):
                new = [row for row in range(i1, i2) if read[row].tells or read[row].folded in _TURNING]
                old = [word for word in theirs[j1:j2] if word.tells or word.folded in _TURNING]
                changed += sum(all(near(read[row], word) < SENSE for word in old) for row in new)
                left += sum(all(near(read[row], word) < SENSE for row in new) for word in old)
    return {"repeated": best, "changed": best * min(changed, 4), "left out": best * min(left, 6) / 2}


def _exclusions(alignment: Alignment) -> dict[str, float]:
    """Words that exclude one of the source's, and that the source does not say itself."""
    hard = soft = far = 0.0
    own_stems = {word.stem for word in alignment.sentence.words}
    theirs = [(place, word) for place, word in enumerate(alignment.words) if alignment.kept[place]]
    for row, word in enumerate(alignment.sentence.words):
        if not word.meanings.sides:
            continue
        said = [place for place, one in theirs if one.stem == word.stem or one.meanings.sides & word.meanings.sides]
        against = [
            place
            for place, one in theirs
            if one.meanings.sides and one.stem not in own_stems and word.meanings.excludes(one.meanings)
        ]
        if not against:
            continue
        nearest = max(float(alignment.soft[row, place]) for place in against)
        if not said:
            hard += 1
            soft = max(soft, nearest)
        else:
            far = max(far, nearest - max(float(alignment.soft[row, place]) for place in said))
    return {"excluded": min(hard, 3), "excluded near": soft, "excluded rather": far}


def _cues(alignment: Alignment) -> dict[str, float]:
    """Cues that one has and the other has not, where both speak of the same."""
    signs = {f"{way} {cue.value}": 0.0 for cue in Cue for way in ("added", "dropped")}
    own = alignment.sentence.marks
    theirs = [
        Mark(mark.cue, start + mark.first, start + mark.last)
        for start, source in zip(alignment.starts, alignment.sources, strict=True)
        for mark in source.statement.marks
    ]
    read = [mark for mark in theirs if alignment.kept[mark.first : mark.last].any()]
    partners = {alignment.partner[row] for row in alignment.content if alignment.best[row] >= 0.5}
    for mark in own:
        around = [row for row in _around(mark, alignment.sentence.words) if alignment.best[row] >= 0.45]
        places = [alignment.partner[row] for row in around]
        like = [other for other in read if other.cue in _LIKE[mark.cue]]
        near_ones = [other for other in like if any(other.first - 8 <= place <= other.last + 8 for place in places)]
        value = 0.0 if near_ones else 0.5 if like else 1.0
        signs[f"added {mark.cue.value}"] = max(signs[f"added {mark.cue.value}"], value)
    for mark in read:
        around = [place for place in _around(mark, alignment.words)]
        if not around:
            continue
        after = [place for place in around if place >= mark.last][:3]
        touched = sum(place in partners for place in around) / len(around)
        next_touched = sum(place in partners for place in after) / len(after) if after else 0.0
        if any(other.cue in _LIKE[mark.cue] for other in own):
            continue
        signs[f"dropped {mark.cue.value}"] = max(signs[f"dropped {mark.cue.value}"], touched * 0.5 + next_touched * 0.5)
    denied = frozenset({Cue.DENIED, Cue.FORBIDDEN, Cue.OPTIONAL, Cue.EXCEPT})
    signs["denials"] = float(min(3, abs(sum(m.cue in denied for m in own) - sum(m.cue in denied for m in read))))
    signs["denies unlike"] = float(any(m.cue in denied for m in own) and not any(m.cue in denied for m in read))
    signs["denied only there"] = float(not any(m.cue in denied for m in own) and any(m.cue in denied for m in read))
    return signs


def _around(mark: Mark, read: Sequence[StatedWord]) -> list[int]:
    """The words that state something in the clause of a cue, near to it."""
    first, last = max(0, mark.first - 5), min(len(read), mark.last + 7)
    clauses = {read[place].clause for place in range(mark.first, min(mark.last + 1, len(read)))}
    return [
        place
        for place in range(first, last)
        if read[place].tells and read[place].clause in clauses and not mark.first <= place < mark.last
    ]


def _drops_ceiling(alignment: Alignment) -> bool:
    """Whether each source sentence that gives a rate of this one bounds it by an amount which this one leaves out.

    « Le plan paie 35 % des travaux » of « 35 % des travaux, dans la limite de 70 000 € ».
    """
    own = alignment.sentence.quantities
    for rate in (quantity for quantity in own if quantity.unit == "%"):
        ceilings = []
        for source in alignment.sources:
            spans, theirs = sentences(source.statement.plain), source.statement.quantities
            for start, end in spans:
                inside = [quantity for quantity in theirs if start <= quantity.start < end]
                if any(_same_value(rate, other) and other.unit == "%" for other in inside):
                    ceilings.append([one for one in inside if one.unit == "€" and one.limit is Limit.MOST])
        if ceilings and all(
            amounts and not any(_same_value(one, told) for one in amounts for told in own) for amounts in ceilings
        ):
            return True
    return False


def _figures(alignment: Alignment) -> tuple[tuple[Quantity, ...], dict[str, float]]:
    """Figures that no source holds, and whether the others stand for what they stand for there."""
    missing: list[Quantity] = []
    signs = {
        "bound turned": 0.0,
        "bound dropped": 0.0,
        "bound added": 0.0,
        "per": 0.0,
        "counts other": 0.0,
        "role": 1.0,
        "role margin": 0.5,
    }
    theirs = [(owner, quantity) for owner, source in enumerate(alignment.sources) for quantity in source.statement.quantities]
    for quantity in alignment.sentence.quantities:
        same = [
            (owner, other)
            for owner, other in theirs
            if _same_value(quantity, other) and _same_unit(alignment, quantity, owner, other)
        ]
        if not same and _computed(alignment, quantity, [other for _, other in theirs]):
            continue
        if not same:
            if not any(_same_value(quantity, other) for _, other in theirs) or quantity.unit in (
                "€",
                "%",
                "mois",
                "jours",
                "heures",
            ):
                missing.append(quantity)
                continue
            same = [(owner, other) for owner, other in theirs if _same_value(quantity, other)]
            signs["counts other"] += 1
        roles = [(_role(alignment, quantity, owner, other), owner, other) for owner, other in same]
        role, owner, match = max(roles, key=lambda one: one[0])
        rivals = [
            _role(alignment, quantity, one, other) for one, other in theirs
            if not _same_value(quantity, other) and _kind(other) == _kind(match)
        ]  # fmt: skip
        signs["role"] = min(signs["role"], role)
        if rivals:
            signs["role margin"] = min(signs["role margin"], role - max(rivals))
        limits = {quantity.limit, match.limit}
        every = {other.limit for _, _, other in roles}
        if limits == {Limit.MOST, Limit.LEAST}:
            signs["bound turned"] = 1.0
        elif quantity.limit is Limit.NONE and match.limit in (Limit.MOST, Limit.LEAST) and Limit.NONE not in every:
            signs["bound dropped"] = 1.0
        elif quantity.limit in (Limit.MOST, Limit.LEAST) and quantity.limit not in every:
            signs["bound added"] = 1.0
        if quantity.per and match.per and quantity.per != match.per and quantity.per not in {other.per for _, _, other in roles}:
            signs["per"] += 1
    return tuple(missing), signs


_COMPUTES = re.compile(
    r"\bsoit\b|de (?:plus|moins)\b|fois|\bau total|\ben tout|\bsur \d|ecart|differen|gagn|perd|versements?|"
    r"au cumul|\ben plus\b|augment|hausse|baisse|doubl|tripl|represente"
)
_APART = re.compile(r"plus (?:tot|tard)|d'intervalle|apres|avant|\ben (?:un peu |a peine )?(?:plus|moins) d|d'ecart")


def _computed(alignment: Alignment, told: Quantity, theirs: Sequence[Quantity]) -> bool:
    """Whether a figure follows from those of the sources, where the sentence says that it reckons, or counts what is listed.

    « soit 120 000 € sur deux ans » of 60 000 € a year, « 33 000 € de moins », « presque deux fois plus », « deux ans plus tôt »,
    « trois rues » of three streets named.
    """
    folded = alignment.sentence.folded
    around = folded[max(0, told.start - 60) : told.end + 40]
    if told.unit == "mois" and told.value % 12 == 0 and _APART.search(around):
        years = sorted({one.year for source in alignment.sources for one in source.statement.moments if one.year})
        return any(after - before == told.value / 12 for before in years for after in years)
    numbers = [one.value for one in theirs if (one.unit == told.unit or told.unit == stem("fois")) and one.value]
    if told.unit == stem("fois"):
        every = [one.value for one in theirs if one.value]
        return any(abs(a / b / told.value - 1) <= Decimal("0.2") for a in every for b in every)
    if told.unit in ("€", "%", "mois", "jours", "heures") or told.value > 12:
        if not _COMPUTES.search(around):
            return False
        few = [
            one.value
            for one in theirs
            if one.value <= 60 and one.unit in ("mois", "jours", "") or one.is_counted and one.value <= 60
        ]
        times = {Decimal(12) / 12, *few, *(one / 12 for one in few)}
        sums = {a + b for a in numbers for b in numbers} | {abs(a - b) for a in numbers for b in numbers}
        return (
            told.value in sums
            or any(told.value == a * b for a in numbers for b in times if b > 1)
            or told.value == sum(set(numbers))
        )
    if not 2 <= told.value <= 12:
        return False
    if any(
        _noun_alike(alignment, told, owner, one)
        for owner, source in enumerate(alignment.sources)
        for one in source.statement.quantities
        if one.is_counted
    ):
        return False  # the source numbers the same thing otherwise
    return True


def _noun_alike(alignment: Alignment, told: Quantity, owner: int, other: Quantity) -> bool:
    own, theirs = _words_near(alignment.sentence, told, 0, 1), _words_near(alignment.sources[owner].statement, other, 0, 1)
    return any(near(one, two) > 0 for one in own for two in theirs)


def _same_value(told: Quantity, other: Quantity) -> bool:
    if told.value == other.value:
        return True
    if told.unit == "%" and other.unit == "" and other.value < 1 and told.value == other.value * 100:
        return True
    if not other.value or other.unit in ("mois", "jours", "heures"):
        return False
    ratio = told.value / other.value
    rounded = told.value != other.value and len(str(int(told.value)).rstrip("0")) < len(str(int(other.value)).rstrip("0"))
    if not rounded:
        return False
    if told.limit is Limit.NEAR:
        return Decimal("0.95") <= ratio <= Decimal("1.05")
    if told.limit is Limit.LEAST:
        return Decimal("0.9") <= ratio < 1
    return told.limit is Limit.MOST and Decimal(1) < ratio <= Decimal("1.1")


def _same_unit(alignment: Alignment, told: Quantity, owner: int, other: Quantity) -> bool:
    """Whether two figures number the same: the same unit, or nouns that say the same near the figure."""
    if told.unit == other.unit:
        return True
    if told.unit == "%" or other.unit == "%":
        return told.unit in ("%", "") and other.value < 1
    if told.unit == "€" or other.unit == "€" or not (told.is_counted or other.is_counted):
        return False
    own = _words_near(alignment.sentence, told, 1, 5)
    theirs = _words_near(alignment.sources[owner].statement, other, 4, 7)
    return any(near(one, two) > 0 for one in own for two in theirs) or not own


def _words_near(statement: Statement, quantity: Quantity, before: int, after: int) -> list[StatedWord]:
    told = [word for word in statement.words if word.tells and not word.is_figure]
    left = [word for word in told if word.end <= quantity.start][-before:] if before else []
    right = [word for word in told if word.start >= quantity.end][:after]
    return [*left, *right]


def _kind(quantity: Quantity) -> str:
    return "n" if quantity.is_counted else quantity.unit


def _role(alignment: Alignment, told: Quantity, owner: int, other: Quantity) -> float:
    """How much the words around a figure of the sentence are those around one of a source, 0..1."""
    own_words = alignment.sentence.words
    rows = [
        row for row in alignment.content
        if not own_words[row].is_figure
        and not told.start <= own_words[row].start < told.end
        and abs(_gap(own_words[row], told)) <= 60
    ]  # fmt: skip
    statement, start = alignment.sources[owner].statement, alignment.starts[owner]
    segment = next(
        (
            (first, last)
            for first, last in statement.segments
            if statement.words[first].start <= other.start < statement.words[last - 1].end
        ),
        None,
    )
    if not rows or segment is None:
        return 0.5
    around = [place for place in range(*segment) if abs(_gap(statement.words[place], other)) <= 90]
    head = list(range(alignment.sources[owner].head))
    columns = [start + place for place in around]
    if not columns:
        return 0.5
    nearest = alignment.near[np.ix_(rows, columns)].max(axis=1)
    if head:
        nearest = np.maximum(nearest, 0.6 * alignment.near[np.ix_(rows, [start + place for place in head])].max(axis=1))
    weights = np.array([1 / (1 + abs(_gap(own_words[row], told)) / 25) for row in rows])
    return float((nearest * weights).sum() / weights.sum())


def _gap(word: StatedWord, quantity: Quantity) -> int:
    return word.start - quantity.end if word.start >= quantity.end else quantity.start - word.end


def _moments(alignment: Alignment, years: Collection[int]) -> tuple[tuple[Moment, ...], dict[str, float]]:
    missing = []
    turned = 0.0
    role, margin = 1.0, 0.5
    for moment in alignment.sentence.moments:
        carriers = []
        rivals = []
        for owner, source in enumerate(alignment.sources):
            known = frozenset(years) | {one.year for one in source.statement.moments if one.year}
            for one in source.statement.moments:
                near_by = _role(alignment, _as_quantity(moment), owner, _as_quantity(one))
                if one.carries(moment, known):
                    carriers.append((near_by, one))
                else:
                    rivals.append(near_by)
        if not carriers:
            missing.append(moment)
            continue
        best, one = max(carriers, key=lambda row: row[0])
        role = min(role, best)
        if rivals:
            margin = min(margin, best - max(rivals))
        sides = {other.side for _, other in carriers}
        if moment.side and sides and moment.side not in sides and "" not in sides:
            turned = 1.0
        elif moment.side and moment.side not in sides:
            turned = max(turned, 0.5)
    return tuple(missing), {"side of date": turned, "role of date": role, "margin of date": margin}


def _as_quantity(moment: Moment) -> Quantity:
    return Quantity(Decimal(0), "", Limit.NONE, "", moment.start, moment.end)


def _names(alignment: Alignment, acronyms: Mapping[str, Sequence[str]]) -> tuple[tuple[StatedWord, ...], dict[str, float]]:
    """Proper names that no source holds, nor spells out, nor shortens."""
    theirs = {word.folded for word in alignment.words} | {word.stem for word in alignment.words}
    missing = []
    for row, word in enumerate(alignment.sentence.words):
        if not word.is_name or word.is_figure or word.folded in theirs or word.stem in theirs or len(word.folded) < 2:
            continue
        spelt_out = any(set(content_words(full)) <= theirs for full in acronyms.get(word.folded, ()))
        if spelt_out or (word.folded.isalpha() and len(word.folded) >= 3 and acronym_of(word.folded, alignment.words)):
            continue
        if any(word.folded in full and word.folded in full.split() and {*shorts} & theirs for full, shorts in acronyms.items()):
            continue
        missing.append((row, word))
    sure = tuple(word for row, word in missing if alignment.lexical[row].max(initial=0) < 0.8)
    return sure, {"names unsaid": float(len(missing))}


def _transfers(alignment: Alignment) -> dict[str, float]:
    """Who pays and who is paid, turned round."""
    own = _payers(alignment.sentence.words)
    conflicts = 0.0
    for start, source in zip(alignment.starts, alignment.sources, strict=True):
        theirs = {place: role for place, role in _payers(source.statement.words).items() if alignment.kept[start + place]}
        for place, role in own.items():
            same = [
                other for at, other in theirs.items()
                if near(alignment.sentence.words[place], source.statement.words[at]) >= 0.85
            ]  # fmt: skip
            if same and role not in same:
                conflicts += 1
    return {"payer turned": min(conflicts, 2)}


def _payers(read: Sequence[StatedWord]) -> dict[int, str]:
    """Place of an actor → whether it gives or gets, where the words say so."""
    found: dict[int, str] = {}
    for place, word in enumerate(read):
        if word.folded not in _ACTORS and not (word.is_name and len(word.folded) >= 3):
            continue
        after = [one.folded for one in read[place + 1 : place + 6] if one.clause == word.clause]
        before = [one.folded for one in read[max(0, place - 5) : place] if abs(one.clause - word.clause) <= 0]
        passive = any(one in ("est", "sont", "etre", "ete", "sera", "seront") for one in after)
        gives = next((at for at, one in enumerate(after) if _GIVES.fullmatch(one)), None)
        gets = next((at for at, one in enumerate(after) if _GETS.fullmatch(one)), None)
        linked = [one for one in before if one not in ("le", "la", "les", "l")]
        if linked and linked[-1] == "par" and any(_GIVES.fullmatch(one) for one in linked):
            found[place] = "gives"
        elif linked and linked[-1] in ("a", "au", "aux") and any(_GIVES.fullmatch(one) for one in linked):
            found[place] = "gets"
        elif gets is not None and (gives is None or gets < gives):
            found[place] = "gets"
        elif gives is not None:
            found[place] = "gets" if passive else "gives"
    return found


def is_french(text: str) -> bool:
    """Whether a sentence reads as French: its small words are, or it is too short to tell."""
    read = words(text)
    french = sum(word in STOP_WORDS for word in read)
    foreign = sum(word in _FOREIGN for word in read)
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum(fold(letter).isascii() for letter in letters)
    return latin >= 0.9 * len(letters) and foreign <= french and (len(read) < 8 or french > 0)


_FOREIGN = frozenset(
    "the of and to is are was for with that this from by be can will it you your have has must should which their "
    "der die das und ist mit fur el los las y con por una del il di che per gli".split()
)  # fmt: skip
