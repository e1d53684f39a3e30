"""A text as it is compared with another: its words with what they may mean, its figures, its moments, what turns or bounds it.

A cue is a word or an expression that changes what a clause says: it denies (« ne… pas »), obliges (« doit »), allows (« peut »),
restricts (« seulement »), makes an exception (« sauf »), sets a condition (« si »), speaks of all or of some, adds an example
(« notamment »), tells what is only planned or proposed. Knows nothing of the other text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from assistant.generation.quantities import Moment, Quantity, plain_text, quantities
from assistant.generation.wordings import Meanings, Wordings
from index.french import STOP_WORDS, fold, sentences, stem

_WORD = re.compile(r"[^\W_]+|[€%]")
_CLAUSE = re.compile(r"[;:.!?()«»\n]|, | – | - ")
_OPENING = re.compile(r"(?:[.!?:•«(–-]\s*|^\s*)(?:[ldLD]')?$")
# Stop words that state something nonetheless.
_TELLING = frozenset("plus moins tous toutes tout toute plusieurs quelques aucun aucune sans chaque autre autres avant".split())


class Cue(StrEnum):
    """What changes what a clause says."""

    DENIED = "nie"
    FORBIDDEN = "interdit"
    OPTIONAL = "facultatif"
    OBLIGED = "oblige"
    ALLOWED = "permis"
    ONLY = "seulement"
    EXCEPT = "sauf"
    CONDITION = "condition"
    ALL = "tous"
    SOME = "certains"
    MOSTLY = "plupart"
    EXAMPLE = "notamment"
    PLANNED = "prevu"
    PROPOSED = "propose"
    EITHER = "ou"
    FREE = "gratuit"
    AUTOMATIC = "automatique"
    ENOUGH = "suffit"


_CUES: Mapping[Cue, str] = {  # the more telling first: a word is part of one cue
    Cue.FORBIDDEN: (
        r"interdi\w*|"
        r"(?:ne |n')(?:peut|peuvent|pouvez|doit|doivent|permet\w*|pourr\w+)(?: \w+){0,2} (?:pas|plus|jamais)|"
        r"impossibles?|exclu(?:e|s|es|t|ent)?|ineligibles?|"
        r"(?:non|pas|plus) (?:eligibles?|possible|admis\w*|autoris\w*|acceptee?s?|cumulables?|compatibles?)|"
        r"(?:ne |n')\w+ (?:pas|plus) (?:droit|eligibles?)|proscri\w+"
    ),
    Cue.OPTIONAL: (
        r"(?:pas|jamais|non|plus) (?:(?:une?|toujours|forcement) )?(?:obligatoires?|oblige\w*|obligation|tenue?s?|necessaires?|"
        r"indispensables?|impose\w*|exige\w*|requis\w*|besoin|condition)|"
        r"facultati\w+|optionnel\w*|dispens\w+|inutile|sans (?:obligation|condition|etre oblige\w*)|"
        r"(?:ne|n')(?: l')? ?(?:faut|impose\w*|exige\w*|oblige\w*|doit|doivent) (?:pas|aucun\w*|nullement)"
        r"(?: necessairement| forcement| obligatoirement)?|"
        r"nul besoin|aucune? (?:obligation|condition)|pas forcement|pas necessairement|libre de"
    ),
    Cue.ONLY: (
        r"seulement|uniquement|exclusi\w+|reserve\w*|seules? (?=\w)|seuls? (?=\w)|"
        r"(?:ne |n')(?:\w+ ){1,3}?qu(?:e|')(?! \w+ (?:pas))|a condition|limit\w+ aux?|"
        r"que (?:pour|dans|si|les|la|le|en) (?=xx)"
    ),
    Cue.EXCEPT: (r"sauf|hormis|excepte\w*|a l'exception|en dehors|hors(?! taxes?)|derog\w+|exclusion|a moins"),
    Cue.CONDITION: (
        r"si(?= \w)|s'(?=ils?\b|elles?\b)|a condition\w*|sous reserve|sous condition\w*|des lors que|lorsqu\w*|"
        r"en cas d\w*|pourvu qu\w*|quand|tant qu\w*|condition\w*|conditionn\w+|subordonn\w+|prealable\w*|"
        r"necessite\w*|implique\w*|suppose\w*|requiert|dans le cadre|dans une ort|des que"
    ),
    Cue.OBLIGED: (
        r"doi(?:t|s|vent)|devez|devra\w*|devr(?:ez|ont)|obligat\w+|oblig\w+|il faut|faut|fau(?:dra)|necessaires?|"
        r"indispensables?|impos\w+|exig\w+|requis\w*|imperati\w+|tenue?s? de|incombe\w*|est a\b(?= \w+er\b)"
    ),
    Cue.ALLOWED: (
        r"peu(?:t|vent|x)|pouvez|pourr\w+|possib\w+|possibilite\w*|autoris\w+|permis\w*|eventuel\w*|"
        r"le cas echeant|libre|au choix|a la demande|facult\w+|susceptibles?"
    ),
    Cue.ALL: (
        r"tou(?:s|te|tes)|tout(?= (?:le|la|l'|un|une|type|autre|projet|\w+))|chaque|chacun\w*|ensemble d\w+|"
        r"integralite|totalite|sans exception|systemati\w+|toujours|quel(?:le)?s? que soi\w+|partout|entierement|"
        r"intégralement|integralement|100 ?%"
    ),
    Cue.SOME: (
        r"certain(?:s|es|e)?(?= \w)|quelques?|une partie|en partie|partiel\w*|parfois|plusieurs|dans certains cas|"
        r"peu d\w*|une? petite? nombre|quelques-un\w+|la ou|des fois"
    ),
    Cue.MOSTLY: (
        r"(?:la )?plupart|majori\w+|principal\w*|surtout|essentiel\w*|souvent|general\w*|en priorite|"
        r"prioritair\w*|davantage|habituel\w*|le plus"
    ),
    Cue.EXAMPLE: (r"notamment|par exemple|comme|tels? que|telles? que|entre autres|etc|y compris|en particulier|ainsi que"),
    Cue.PLANNED: (
        r"(?:devr|pourr|ser|aur|ir|fer|viendr)(?:ait|aient|ions)|prevu\w*|prevoi\w*|envisag\w+|annonc\w+|a venir|"
        r"projet de|attendu\w*|esper\w+|a confirmer|reste\w* a|probable\w*|peut-etre|pas encore"
    ),
    Cue.PROPOSED: (
        r"propos\w+|recommand\w+|preconis\w+|suggere\w*|souhait\w+|demand\w+|plaid\w+|appel\w* a|conseill\w+|"
        r"encourag\w+|incit\w+"
    ),
    Cue.FREE: (
        r"gratuit\w*|sans frais|offert\w*|sans (?:rien )?payer|ne coute\w* rien|pris\w* en charge a 100|"
        r"entierement pris\w*|aucun frais|ne (?:paie|payez|paye)\w* rien"
    ),
    Cue.AUTOMATIC: (r"automatiq\w*|d'office|de droit\b|sans demarche"),
    Cue.ENOUGH: (
        r"suffi(?:t|sent|sait|ra)?|il n'y a qu'a|l'un d\w*|un seul de|meme si|peu importe|n'importe quel\w*|"
        r"quel que soit"
    ),
    Cue.EITHER: (r"ou(?= )|soit"),
    Cue.DENIED: (
        r"(?:ne|n')(?= ?\w)|pas|jamais|aucune?s?|sans|ni|non|rien|nul(?:le)?|faute d\w*|defaut|manqu\w+|absen\w+|"
        r"refus\w+|insuffi\w+|depourvu\w*|perd\w*|cess\w+|plus aucune?"
    ),
}
_PATTERNS = tuple((cue, re.compile(rf"(?<![\w'-])(?:{pattern})(?![\w])")) for cue, pattern in _CUES.items())


@dataclass(frozen=True)
class StatedWord:
    """A word at its place in the plain text. `clause`: which clause of the text it stands in."""

    folded: str
    stem: str
    start: int
    end: int
    clause: int
    meanings: Meanings
    tells: bool  # neither a stop word nor one that states nothing
    is_name: bool  # written as a proper name or an acronym, not as the first word of a sentence

    @property
    def is_figure(self) -> bool:
        """Whether it is written in digits."""
        return self.folded[0].isdigit()


@dataclass(frozen=True)
class Mark:
    """A cue at its place: of words, first and after the last."""

    cue: Cue
    first: int
    last: int


class Statement:
    """A text read once; places are those of `plain`."""

    def __init__(self, text: str, wordings: Wordings) -> None:
        self.plain = plain_text(text)
        self.folded = fold(self.plain)
        self.quantities: list[Quantity]
        self.moments: list[Moment]
        self.quantities, self.moments = quantities(self.plain)
        self.words = self._read(wordings)

    def _read(self, wordings: Wordings) -> list[StatedWord]:
        spans = [match.span() for match in _WORD.finditer(self.plain)]
        spans = [(start, end) for start, end in spans if not (end - start <= 2 and self.plain[end : end + 1] == "'")]
        folded = [fold(self.plain[start:end]) for start, end in spans]
        meanings = wordings.of_all(folded)
        starts = {start for start, _ in sentences(self.plain)}
        cuts = [match.start() for match in _CLAUSE.finditer(self.plain)]
        found, clause = [], 0
        for (start, end), word, own in zip(spans, folded, meanings, strict=True):
            while clause < len(cuts) and cuts[clause] < start:
                clause += 1
            text = self.plain[start:end]
            opens = start in starts or bool(_OPENING.search(self.plain[max(0, start - 4) : start]))
            upper = sum(letter.isupper() for letter in text)
            is_name = upper >= 2 or (upper == 1 and text[0].isupper() and not opens)
            empty = (word in STOP_WORDS and word not in _TELLING) or (wordings.is_light(word) and not is_name)
            tells = not empty and (len(word) > 1 or word in "€%" or word.isdigit())
            found.append(StatedWord(word, stem(word), start, end, clause, own, tells, is_name))
        return found

    @cached_property
    def marks(self) -> list[Mark]:
        """Its cues in order; a word is part of one cue only, the more telling first."""
        taken: set[int] = set()
        found = []
        for cue, pattern in _PATTERNS:
            for match in pattern.finditer(self.folded):
                first, last = self._between(match.start(), match.end())
                if first == last and match[0] not in ("n'",):
                    continue
                own = set(range(first, max(last, first + 1)))
                if own & taken:
                    continue
                if cue is not Cue.EITHER:
                    taken |= own
                found.append(Mark(cue, first, max(last, first + 1)))
        return sorted(found, key=lambda mark: mark.first)

    def _between(self, start: int, end: int) -> tuple[int, int]:
        """The words of a span of characters, first and after the last."""
        inside = [place for place, word in enumerate(self.words) if word.start < end and word.end > start]
        if inside:
            return inside[0], inside[-1] + 1
        after = sum(word.start < start for word in self.words)
        return after, after

    @cached_property
    def segments(self) -> list[tuple[int, int]]:
        """Its sentences and list items, as words, first and after the last."""
        found = []
        for start, end in sentences(self.plain):
            first, last = self._between(start, end)
            if first < last:
                found.append((first, last))
        return found

    def content(self) -> Sequence[int]:
        """The places of the words that state something."""
        return [place for place, word in enumerate(self.words) if word.tells]
