"""The one French analyser: text → words, stems, sentences. Same at build and at query time.

Pure functions on strings. Knows nothing of documents, indexes or questions. `ANALYSER` names the
behaviour in the manifest: change it whenever a change here alters the tokens of an existing text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

ANALYSER = "fr-5"

# Closed-class words: articles, pronouns, prepositions, auxiliaries, and the words that only mark a
# question. They carry no subject; on PIAF, keeping them takes BM25 from .849 to .837 (nDCG@10).
STOP_WORDS = frozenset(
    """
    a ai aie aujourd ait alors as au aucun aucune aura aurait aussi autre autres aux avais avait avant avec avez
    avoir avons ayant beaucoup bien bon bonjour c ca car ce ceci cela celle celles celui ces cet cette ceux
    chaque chez ci combien comme comment concretement d dans de deja depuis des donc dont du elle elles en
    entre es est et etaient etait etant ete etes etre eu eux fait faire fais faites faut fois font
    fut hui il ils j jamais je jour juste l la le les leur leurs lors lui m ma mais me meme memes merci mes
    moi moins mon n ne ni non nos notre nous on ont or ou oui par parce pas pendant peu peut peuvent peux
    plus plusieurs plutot pour pourquoi pourra pourrait pouvoir pouvons puis puisque qu quand que quel
    quelle quelles quelqu quelque quelques quels qui quoi s sa sans se sera serait seront ses si soi soit
    sommes son sont sous souvent suis sur t ta te tel telle tels tes toi ton toujours tous tout toute toutes
    tres trop tu un une va vais veut veux voici voila vont vos votre vous y
    """.split()
)

_PIECE = 4  # letters; 3 and 5 were worth .2 and .1 less (nDCG@10 × 100)
APOSTROPHES = re.compile("[\u2018\u2019\u02bc\u00b4`]")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu)'(?=\w)")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:[ .\u202f\u00a0]\d{3})+)(?![\d])")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-z][a-z0-9]*\+?")

# A full stop after one of these ends no sentence; single capitals (initials, « L. 303-2 ») neither.
_ABBREVIATION = re.compile(
    r"(?:\b(?:M|MM|Mme|Mmes|Mlle|Dr|Me|St|Ste|art|al|n|no|p|pp|cf|ex|env|etc|hab|av|bd|tél|rect|déc|janv|"
    r"févr|sept|oct|nov|juill|[A-ZÀ-Ý]|[LRD]))\.$"
)
_BOUNDARY = re.compile(
    r"(?<=[.!?…])(?:\s?[»\"”)\]])*\s+(?=[«\"“(\[]*\s?[A-ZÀ-ÝŒ0-9•–-])|\s*\n\s*\n\s*|\n(?=\s*[-•–*·]\s)|(?<=[.:;!?])[ \t]*\n"
)


MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


def fold(text: str) -> str:
    """Lower case, no accents, plain apostrophes, ligatures opened. Length may change."""
    text = text.lower()
    return text if text.isascii() and "`" not in text else _FOLDED.sub(_folded, text)


_FOLDED = re.compile(r"[^\x00-\x7f]|`")


def _folded(match: re.Match[str]) -> str:
    return _folded_letter(match[0])


@lru_cache(maxsize=10_000)
def _folded_letter(letter: str) -> str:
    """What stands for a letter, or nothing for a combining mark; letters are decomposed one by one, whatever stands beside them."""
    plain = APOSTROPHES.sub("'", letter).replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))


def join_thousands(text: str) -> str:
    """« 45 000 » → « 45000 », so that an amount is one token."""
    return _THOUSANDS.sub(lambda m: m[1] + re.sub(r"\D", "", m[2]), text)


def words(text: str) -> list[str]:
    """Folded words in order, elisions opened (« l'ORT » → ort), stop-words kept.

    « PVD+ » gives both « pvd+ » and « pvd »: the sign tells an offer from the programme.
    """
    found: list[str] = []
    for token in _TOKEN.findall(_ELISION.sub(" ", join_thousands(fold(text)))):
        found.append(token)
        if token.endswith("+"):
            found.append(token[:-1])
    return found


def content_words(text: str) -> list[str]:
    """The words of a text without its stop-words, not stemmed, order and repeats kept."""
    return [word for word in words(text) if word not in STOP_WORDS]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Snowball stem of a folded word (accents are folded first: people type without them)."""
    return word if word[0].isdigit() or word.endswith("+") else _stemmer().stemWord(word)


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("french")


def analyse(text: str) -> list[str]:
    """The search terms of a text: stems of its words, stop-words out, order and repeats kept."""
    return [stem(word) for word in content_words(text)]


def pieces(text: str) -> list[str]:
    """The four-letter pieces of its content words, ends marked: « comerce » still meets « commerces »."""
    return [piece for word in content_words(text) for piece in pieces_of(word)]


@lru_cache(maxsize=200_000)
def pieces_of(word: str) -> tuple[str, ...]:
    """The pieces of one word, folded; a number is one piece."""
    if word[0].isdigit():  # part of a number is another number
        return (word,)
    marked = f"_{word}_"
    return tuple(marked[i : i + _PIECE] for i in range(max(1, len(marked) - _PIECE + 1)))


def ends_in_abbreviation(text: str) -> bool:
    """Whether the full stop that ends a text is that of an abbreviation: « art. », « M. », « L. »."""
    return bool(_ABBREVIATION.search(text[-12:]))


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences and list items of a text, blank ends trimmed, in order."""
    cuts = [0]
    for match in _BOUNDARY.finditer(text):
        if "\n" in match[0] or not ends_in_abbreviation(text[max(0, match.start() - 12) : match.start()]):
            cuts.append(match.end())
    cuts.append(len(text))
    spans = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        piece = text[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = end - (len(piece) - len(piece.rstrip()))
        if left < right:
            spans.append((left, right))
    return spans


_INTERROGATIVES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "when",
            r"\b(?:quand|quelle? (?:date|annee|jour|mois|echeance)|depuis (?:quand|quelle)|a partir de quand|date (?:limite|de))\b",
        ),
        (
            "how_long",
            r"\b(?:combien de (?:temps|mois|jours|ans|annees)|quelle? (?:duree|delai)|duree|delai|dure(?:nt)?|jusqu'a quand)\b",
        ),
        (
            "how_much",
            r"\b(?:combien|quels? (?:est le |sont les )?(?:montants?|taux|plafonds?|budget|prix|cout|nombre)|quelles? (?:est la |est l')?(?:part|somme|"
            r"enveloppe|proportion|prime|dotation)|taux|plafond|montant|droit a quoi|quelles? aides?|quel (?:soutien|coup de pouce))\b",
        ),
        (
            "who",
            r"\b(?:qui (?!est (?:le|la|l')\b.{0,30}\bde quoi)|a qui|vers qui|par qui|qui voir|(?:voi[rst]|contacte\w*|appelle\w*) qui|(?:m'|nous |s')adress\w+|quel (?:organisme|ministre|service|interlocuteur)|quelle? personne)\b",
        ),
        ("where", r"\b(?:ou (?:est|sont|en est|trouver|se trouve|deposer|peut)|dans quel(?:le)? (?:departement|region|ville))\b"),
        ("why", r"\bpourquoi\b"),
        ("how", r"\b(?:comment|que faire|quoi faire|demarche|etapes?|procedure)\b"),
        (
            "what_is",
            r"\b(?:c'est quoi|qu'est[- ]ce que c'est|qu'est[- ]ce qu(?:e|')(?! on| vous| je| il)|definition|ca veut dire|signifie)\b",
        ),
        (
            "what_for",
            r"\b(?:a quoi (?:ca )?ser(?:t|vent)|fait quoi|font quoi|que fait|que font|quel(?:le)?s? (?:est (?:le|la|son|sa) )?(?:role|missions?)|sert a quoi|servent a quoi|apporte(?:nt)? quoi|qu'apporte|interet d|quels? (?:avantages?|effets?|benefices?))\b",
        ),
        ("which", r"\b(?:quels?|quelles?|lesquels|lesquelles)\b"),
        (
            "yes_no",
            r"^(?:est[- ]ce qu|peut[- ]on|faut[- ]il|y a[- ]t[- ]il|existe[- ]t)|[- ](?:t[- ])?(?:il|elle|ils|elles|on)\b",
        ),
    )
)


@lru_cache(maxsize=50_000)
def interrogatives(text: str) -> frozenset[str]:
    """What a question asks for: « how_much », « when », « who »… Empty for a plain statement.

    Question words are stop-words for search, yet they tell « Combien dure… ? » from « Combien coûte… ? ».
    """
    plain = fold(text)
    found = [name for name, pattern in _INTERROGATIVES if pattern.search(plain)]
    if "how_long" in found and "how_much" in found and not re.search(r"\b(?:montant|taux|cout|prix|plafond)\b", plain):
        found.remove("how_much")
    return frozenset(found[:2] if found[:1] != ["yes_no"] else found[:1])
