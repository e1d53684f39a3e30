"""Names of private persons in a text → their places, however they are written: « M Dupont », « je mapel kevin rigal », a signature.

A word may be part of a name when it is a first name, when French does not know it, or when it has a capital where names stand. It
is one when something says so: a civility, « je m'appelle », « mon voisin », « Nom : », the end of a letter, a first name beside it.
A name that stands behind what it was given to is public, « rue Victor-Hugo », « loi Malraux », and so is that of whoever holds a
public office, « la ministre Jacqueline Gourault ». A place is no name: « Est-ce qu'Albert dans la Somme… ». Rules over
`text_words`; knows one text, and of the base what the caller says of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Protocol

from assistant.privacy.text_words import TextWord, words_of
from index.french import STOP_WORDS

LONGEST = 5  # words of a name
# After these what follows is a name, whatever it looks like.
_SAID_STRONGLY = re.compile(
    r"(?:\b(?:je|j)\s*(?:m['’ ]?\s*)?(?:m)?ap+el+e?s?|\bje me nomme|\bse nomme|\bnomm[ée]e?s?|\bd[ée]nomm[ée]e?|\b(?:s|m)['’ ]ap+el+ent?|\bs['’ ]ap+el+e|"
    r"\bmoi[ ,]+c['’ ]?(?:est|é|e)|\bmon (?:nom|pr[ée]nom)(?: de (?:famille|jeune fille|naissance))?(?:[ ,]+c['’ ]?)?(?: ?est)?|\bnom(?: et pr[ée]noms?| de famille| de naissance| d'usage| marital| du demandeur| complet)?\s*:|"
    r"(?:^|[\n,;.]\s*)nom\s+(?=\S+[\s,]+pr[ée]nom)|\bpr[ée]nom\s+(?=[^\W\d_]{3,}\s*(?:$|[\n,.;]))|\bpr[ée]noms?(?: et noms?| usuel)?\s*:|\bdemandeu(?:r|se)\s*:|\bsignataire\s*:|\bcontact\s*:|\bint[ée]ress[ée]e?\s*:|\binterlocut\w+\s*:|\bb[ée]n[ée]ficiaire\s*:|"
    r"\bpropri[ée]taire\s*:|\blocataire\s*:|\btitulaire\s*:|\bsign[ée]e?\s*:?|\b[àa] l['’]attention de|\bau nom de|\bde la part de|\bsoussign[ée]e?s?,?|\bme pr[ée]sente\s*:?|\btitulaire du bail\s*:|"
    r"\bp/o\b|\bpour (?:le )?compte de)\s*",
    re.I,
)
# After these it is one when it looks like one.
_GREETED = re.compile(
    r"(?:\bje suis|\bj['’ ]?suis|\bchui|\bc['’ ]?est|\bcest|\bici|\bbonjour|\bbonsoir|\bsalut|\bcoucou|\bmerci|\bcher|\bch[èe]re|\bhello)\s*",
    re.I,
)
# What a letter ends with, before a signature.
_CLOSED = re.compile(
    r"(?:\bcordialement|\bcdlt|\bcdt|\bsalutations?(?: distingu[ée]es| respectueuses| les meilleures)?|\bsentiments(?: distingu[ée]s| respectueux| les meilleurs)?|\bbien [àa] (?:vous|toi)|\bsinc[èe]rement|"
    r"\brespectueusement|\bmerci(?: d['’]avance| beaucoup| par avance| bien)?|\bamicalement|\bbonne (?:journ[ée]e|soir[ée]e|r[ée]ception|continuation)|\b[àa] bient[ôo]t|\bcordiales salutations|\bsign[ée]|"
    r"\b[àa] vous lire|\brespects|\bd[ée]vou[ée]e?|\bbien cordialement|\bconsid[ée]ration(?: distingu[ée]e)?)\s*[,.!:;–—-]*\s*|[–—]\s*|(?:^|\n)\s*-{1,2}\s*",
    re.I,
)
# Somebody is spoken to, met or called.
_NEAR = re.compile(
    r"\b(?:avec|chez(?: les)?|selon|d['’]apr[èe]s|contact(?:er|ez)|appel(?:er|ez)|rappel(?:er|ez)|rencontr[ée]r?|voir|vu|demand(?:er|ez)|pr[ée]ven(?:ir|ez)|"
    r"transmis (?:par|[àa])|[ée]cri[st]? [àa]|r[ée]pondre [àa]|parl[ée]r? (?:[àa]|avec)|vendu [àa]|achet[ée] [àa]|di(?:re|t|tes) [àa]|donn[ée]r? [àa]|transmettre [àa]|lou[ée] [àa]|confi[ée] [àa]|pri[èe]re de contacter|joindre)\s*", re.I,
)  # fmt: skip
# What only a person does, after a name.
_DOES = re.compile(
    r"^\s+(?:(?:m|nous|vous|l|t|n|s)['’ ]?(?:a|ont|avait|est)|a (?:dit|appel\w+|vendu|achet\w+|lou[ée]|h[ée]rit\w+|demand\w+|quitt\w+|sign[ée]|d[ée]pos[ée]|re[çc]u)|souhait\w+|habit(?:e|ent)|"
    r"v(?:eu|ou)(?:t|drait|lait|lent)|cherche\w*|vend|ne r[ée]pond|est (?:propri[ée]taire|locataire|d[ée]c[ée]d\w+|malade|venue?|pass[ée]e?|partie?|n[ée]e?|en arr[êe]t|absente?))\b", re.I,
)  # fmt: skip
# The office that makes whoever holds it public.
_OFFICE = re.compile(
    r"\b(?:ministre|secr[ée]taire d['’][ée]tat|s[ée]nat(?:eur|rice)|d[ée]put[ée]e?|(?:sous-)?pr[ée]f[èe]te?|pr[ée]sidente?(?: de la r[ée]publique)?|chef(?:fe)? de l['’][ée]tat|"
    r"g[ée]n[ée]ral|mar[ée]chal|amiral|rapporteu(?:r|se)|commissaire (?:europ[ée]en(?:ne)?|g[ée]n[ée]rale?)|d[ée]l[ée]gu[ée]e?(?: interminist[ée]rielle?)?|"
    r"ministre d[ée]l[ée]gu[ée]e?|haut-commissaire|[ée]crivaine?|po[èe]te|philosophe)\s+(?:M\.?|Mme|Monsieur|Madame)?\s*$",
    re.I,
)


class KnownWords(Protocol):
    """What somebody knows of names and words besides French."""

    def names(self, name: str) -> bool:
        """True of a whole name, « Jacqueline Gourault », that is public."""

    def holds(self, word: str) -> bool:
        """True of a folded word that is said of no person."""


# First and last word of a name; the last one is None where there is none.
_NameWords = tuple[TextWord, TextWord | None]


def person_names(text: str, known: KnownWords | None = None) -> list[tuple[int, int]]:
    """The places of the names of private persons, in order; none overlaps another.

    Args:
        known: what the base says: the bearer of a name that it gives is public.
    """
    words = words_of(text)
    taken: list[tuple[int, int]] = []
    public: list[tuple[int, int]] = []
    for first, last in _announced(text, words, known):
        if last is None or _meets(taken, first, last):
            continue
        is_public = _is_given(text, first) or known is not None and known.names(text[first.start : last.end])
        (public if is_public else taken).append((first.start, last.end))
    taken += _after_and(words, taken, known)
    taken += _again(words, taken, public)
    return sorted(taken)


def _announced(text: str, words: Sequence[TextWord], known: KnownWords | None) -> Iterator[_NameWords]:
    """Names that something announces, the surest signs first."""
    for word in words:
        yield from _after_civility(word)
    yield from _after(_SAID_STRONGLY, text, words)
    for word in words:
        if word.is_in("relations"):
            yield from _of_relation(word)
    yield from _signed(text, words)
    yield from _signature_lines(words)
    for word in words:
        yield from _pair(word)
    nearby = _ends(_NEAR, text)
    for word in words:
        yield from _held(text, word, word.start in nearby, known)
    greeted = _ends(_GREETED, text)
    for word in words:
        if word.start in greeted and _looks_named(word):
            yield word, _run(word)
    for word in words:
        if _is_alone(word):
            yield word, _run(word)


# -- how far a name goes


def _run(first: TextWord, loose: bool = False) -> TextWord | None:
    """The last word of a name that begins at one: capitals beside each other, particles between them; None when none does.

    Args:
        loose: the first word is taken whatever it looks like, but for small words.
    """
    particle = first.is_in("particles") and first.next.may_name
    taken_anyway = loose and first.is_word and not first.is_barred
    if not (first.may_name or particle or taken_anyway):
        return None
    if loose and not first.has_capital and not first.is_first_name and (first.is_barred or first.is_common):
        return None
    last, count = first, 1
    while count < LONGEST and last.follower.text:
        following = _step(first, last.follower, count)
        if following is None:
            break
        while last is not following:
            last, count = last.next, count + 1
    return last


def _step(first: TextWord, word: TextWord, count: int) -> TextWord | None:
    """The word to which a name of `count` words goes on, `word` being the next one; None when it ends."""
    second = word.follower
    if _continues(first, word, count):
        return word
    if word.folded in ("van", "von") and word.is_small and second.text and second.folded not in STOP_WORDS:
        return second  # « tran van duc »
    if not first.has_capital:
        linked = word.folded in ("ben", "el", "da", "dos", "bin", "ould") or word.folded in ("le", "de") and second.is_strange
        return second if linked and _continues(first, second, count + 1) else None
    if word.is_in("particles") and second.has_capital and _continues(first, second, count + 1):
        return None if _is_from(word) else word  # « Jean de La Tour », not « Nathalie de Florac »
    if word.has_capital and second.has_capital and second.is_strange and not word.is_in("civilities"):
        return second  # « Abdelkrim Aït Hamouda »
    if word.text == "d" and word.next.text in ("'", "’") and (third := word.next.next).has_capital and third.is_strange:
        return third  # « Louis d'Estaing »
    beyond = second.follower
    if word.has_capital and word.is_in("particles") and second.is_in("particles") and beyond.has_capital:
        return word  # « De La Fontaine »
    return None


def _continues(first: TextWord, word: TextWord, count: int) -> bool:
    """Whether a word is one more of a name of `count` words."""
    if word.is_in("surname_words") and not first.has_capital and word.previous.is_first_name:
        return word.previous.folded not in STOP_WORDS
    if word.is_initial:
        return first.has_capital
    if not word.may_name:
        return False
    if word.has_capital:
        return first.has_capital or word.is_strange or word.is_first_name
    # In small letters: a surname that French does not know, in a message that has no capitals there.
    return not first.has_capital and (word.is_strange or word.is_first_name) and count < 3


def _is_from(particle: TextWord) -> bool:
    """Whether « de » says where somebody is from: a place follows."""
    place = particle.next
    whole = f"{place.folded}-{place.next.folded}"
    if particle.folded not in ("de", "du", "des", "d") or particle.has_capital:
        return False
    return place.is_place or TextWord(0, 0, whole, whole).is_place


def _looks_named(word: TextWord) -> bool:
    """Whether a word looks like a person by itself: a first name, or two words that French does not know."""
    if not word.may_name or word.folded.endswith(("ais", "ois", "ien", "aise", "oise", "ienne")) and not word.is_first_name:
        return False
    if word.is_first_name and (word.has_capital or not word.is_common):
        return True
    following = word.follower
    if word.has_capital and not word.is_upper and word.is_strange:
        return following.has_capital and following.may_name
    return following.may_name and following.is_strange and (word.is_first_name or word.is_strange)


# -- what announces one


def _after_civility(word: TextWord) -> Iterator[_NameWords]:
    """« M. Haddad », « mme solinhac », « Mme d'Aubigny »; not « M. le maire », nor « 60 m carrés »."""
    if not word.is_in("civilities") or not (word.has_capital or word.folded == "m" or not word.is_in("civility_words")):
        return
    first = word.follower.follower if word.follower.text == "." else word.follower
    if first.is_in("civilities"):  # « M. et Mme Haddad »
        return
    if first.folded in ("d", "n", "m", "o", "l") and first.next.text in ("'", "’"):
        surname = first.next.next
        if (surname.has_capital or surname.is_strange) and not surname.is_in("never"):
            yield first, _run(surname, loose=True)
            return
    if not first.is_word or first.is_barred and not first.is_in("particles"):
        return
    if first.is_in("particles") and not first.has_capital:
        noble = first.next.has_capital and not first.next.is_in("never") and first.folded not in ("le", "la", "les")
        if not noble:
            return
    if first.has_capital:
        yield first, _run(first, loose=True)
    elif word.folded == "m":
        if not word.previous.text[:1].isdigit() and (first.is_strange or first.is_first_name):
            yield first, _run(first)
    elif not first.is_in("relations"):
        # « mme petit a dit »: behind a civility even a word of the language is a surname.
        alone = not first.is_barred and (len(first.folded) > 2 or not first.is_common)
        yield first, _run(first) or (first if alone else None)


def _after(pattern: re.Pattern[str], text: str, words: Sequence[TextWord]) -> Iterator[_NameWords]:
    """« je m'appelle Rose », « Nom : VAN DEN BERGHE »."""
    ends = _ends(pattern, text)
    yield from ((word, _run(word, loose=True)) for word in words if word.is_word and word.start in ends)


def _of_relation(relation: TextWord) -> Iterator[_NameWords]:
    """« mon voisin Dupont », « sa curatrice est Me Arnal », « le tuteur de dylan cazottes », « L'artisan est Zoran Petrović »."""
    determiner = relation.previous
    while determiner.text and (determiner.is_in("degrees") or determiner.text in "'’"):
        determiner = determiner.previous
    own = determiner.is_in("own")
    first, linked, apart = relation.next, False, False
    for _ in range(3):
        if first.folded in ("est", "c", "s", "appelle", "etait", "sont", "nomme", "ainsi") or first.text in ("'", "’", ":"):
            linked = True
        elif first.text in (",", "("):
            apart = True
        elif first.folded in ("de", "d", "du") and first.next.is_first_name:
            linked = True
        elif not first.is_in("degrees") and not (own and first.folded in ("le", "la", "les") and first.next.has_capital):
            break
        first = first.next
    if not first.is_word:
        return
    if own and not linked and not apart and first.joined:
        capital = first.has_capital and first.may_name and (not first.is_upper or _looks_named(first))
        if capital or first.is_strange or first.is_sure_first_name and first.may_name:
            yield first, _run(first)
            return
    if (linked or (apart and own) or determiner.is_in("articles")) and _looks_named(first):
        yield first, _run(first)


def _signed(text: str, words: Sequence[TextWord]) -> Iterator[_NameWords]:
    """« Cordialement, Hervé Castagnier »."""
    closed = _ends(_CLOSED, text)
    for word in words:
        if word.start in closed and word.may_name:
            last = _run(word)
            is_last = last is not None and not last.next.text
            if _looks_named(word) or word.is_initial and last is not word or word.is_strange and (word.has_capital or is_last):
                yield word, last


def _signature_lines(words: Sequence[TextWord]) -> Iterator[_NameWords]:
    """A line that holds a name only, under others."""
    lines = [list(inside) for _, inside in groupby(words, key=lambda word: word.line)]
    for number, inside in enumerate(lines):
        own = [word for word in inside if word.text not in ",."]
        if not number or not 1 <= len(own) <= 4 or not all(word.may_name or word.is_in("particles") for word in own):
            continue
        is_last = number == len(lines) - 1
        named = any(word.is_first_name or word.is_initial for word in own)
        named = named or (len(own) > 1 or is_last) and all(word.is_strange for word in own)
        near_end = len(own) > 1 or number >= len(lines) - 2 or own[0].is_first_name
        if named and near_end and own[0].has_capital and not own[0].is_place:
            yield own[0], own[-1]


def _pair(one: TextWord) -> Iterator[_NameWords]:
    """A first name beside a surname, in either order; an initial before one; two capitals that French does not know."""
    two = one.follower
    if not one.may_name:
        return
    if two.is_in("particles") and not two.may_name:
        if one.is_first_name and one.has_capital and two.has_capital and two.follower.has_capital and two.follower.may_name:
            yield one, _run(one)
    elif two.may_name and (_is_capital_pair if one.has_capital and two.has_capital else _is_small_pair)(one, two):
        yield one, _run(one)


def _is_capital_pair(one: TextWord, two: TextWord) -> bool:
    """« L. Roumégous », « Odile Ferrand », « BARTHAS Raymond », « Zoran Petrović »."""
    if one.is_initial and len(two.folded) > 2 and not two.is_initial:
        return True
    if one.is_first_name:
        words_only = one.is_common and one.opens and two.is_common
        return not words_only or two.is_first_name or two.is_in("surname_words")
    if two.is_first_name and (one.is_strange or one.is_upper or one.is_in("surname_words")):
        return True
    placed = one.previous.is_in("places_before") or one.previous.folded in ("de", "d", "du", "des")
    return one.is_strange and two.is_strange and not one.is_upper and not placed


def _is_small_pair(one: TextWord, two: TextWord) -> bool:
    """« kevin rigal », « j.p. roques », « brunel tanguy »."""
    if one.has_capital:
        return False
    if one.is_initial:
        return (two.has_capital or two.is_strange) and len(two.folded) > 2
    if one.is_first_name and two.is_strange:
        return not one.is_common or not one.previous.is_in("articles", "own")
    if one.is_first_name and two.is_first_name:
        return not one.previous.is_in("articles")
    return not two.has_capital and one.is_strange and two.is_sure_first_name


def _held(text: str, word: TextWord, is_near: bool, known: KnownWords | None) -> Iterator[_NameWords]:
    """« le dossier Fabre », « chez les martinez », « voir avec Delmas », « Lacombe souhaite louer »."""
    holder = word.previous if word.joined else TextWord(0, 0, "", "")
    if holder.is_in("whose") and (word.has_capital and word.may_name or word.is_in("surname_words")):
        yield word, _run(word, loose=True) if word.has_capital else word
    if holder.folded in ("de", "d") and holder.previous.is_in("relations") and word.is_first_name:
        yield word, _run(word) or word
    if not word.may_name or word.is_place or word.is_acronym:
        return
    if known and known.holds(word.folded) and not word.is_first_name:
        return
    held = holder.is_in("holders") or holder.is_in("relations") and word.has_capital
    capital = word.has_capital and not word.is_upper
    if (
        (held or is_near)
        and (word.is_strange or word.is_sure_first_name)
        or capital
        and held
        and (holder.is_in("relations") or holder.folded == "dossier")
        or capital
        and word.is_strange
        and _DOES.match(text, word.end)
    ):
        yield word, _run(word)


def _is_alone(word: TextWord) -> bool:
    """A first name by itself: « J'ai eu Sandrine au téléphone », « lucas, 19 ans », « j'accompagne Rose »."""
    if not word.is_first_name or not word.may_name or word.is_place or word.is_acronym or word.is_in("feasts"):
        return False
    if len(word.folded) < 4 and not word.has_capital:
        return False
    said_of = word.previous
    if said_of.is_in("articles") and not (word.has_capital and said_of.folded in ("la", "le")):
        return False
    if not word.is_common:
        return True
    if not word.has_capital or word.is_upper or not word.joined or not said_of.is_small:
        return False
    return not said_of.is_in("articles", "own", "named_after") and said_of.folded not in ("de", "d", "des", "en", "sur", "dans")


# -- what is public, and what stands again


def _is_given(text: str, first: TextWord) -> bool:
    """Whether a name was given to a street, a law, a school…, or is that of whoever holds a public office."""
    if _OFFICE.search(text[max(0, first.start - 45) : first.start]):
        return True
    bearer, steps = first.previous, 0
    while steps < 4 and bearer.text and not bearer.is_in("named_after"):
        if not bearer.is_in("particles", "titles") and bearer.text not in "'’-«\"":
            return False
        bearer, steps = bearer.previous, steps + 1
    return bearer.is_in("named_after") and bearer.line == first.line


def _after_and(words: Sequence[TextWord], taken: Sequence[tuple[int, int]], known: KnownWords | None) -> list[tuple[int, int]]:
    """A capital after a name and « et »: « Wei Zhang et Mei Lin »."""
    ends = {end for _, end in taken}
    found = []
    for word in words:
        second = word.next
        if not (word.folded in ("et", "ou", "&") and word.previous.end in ends and second.has_capital and second.may_name):
            continue
        if second.is_place or second.is_upper or known and known.holds(second.folded):
            continue
        last = _run(second) or second
        if not _meets(taken, second, last):
            found.append((second.start, last.end))
    return found


def _again(
    words: Sequence[TextWord], taken: Sequence[tuple[int, int]], public: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The parts of names that were found, where they stand again with a capital, but in a public name."""
    mine = [word for word in words if any(start <= word.start < end for start, end in taken)]
    parts = {word.folded for word in mine if word.is_strange or word.is_first_name}
    placed = [*taken, *public]
    return [
        (word.start, word.end)
        for word in words
        if word.folded in parts and word.has_capital and word.may_name
        and not any(start <= word.start < end for start, end in placed)
        and not word.previous.is_in("named_after", "places_before")
    ]  # fmt: skip


def _meets(taken: Sequence[tuple[int, int]], first: TextWord, last: TextWord) -> bool:
    """Whether a name has characters in common with those that were found."""
    return any(first.start < end and start < last.end for start, end in taken)


def _ends(pattern: re.Pattern[str], text: str) -> set[int]:
    """Where what a pattern finds ends: what it announces begins there."""
    return {match.end() for match in pattern.finditer(text)}
