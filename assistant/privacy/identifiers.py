"""Numbers and addresses that tell who somebody is → their places in a text: phones, e-mails, NIR, accounts, cards, plates…

A number is known by its shape and by the words before it, not by its check digits: people mistype, and a mistyped account is
still somebody's. What an institution says of itself is public: « Adresse de la mairie : 1 place de l'Hôtel-de-Ville », the SIRET
of a commune, `contact@anct.gouv.fr`, 0 800 numbers. Pure patterns on one text; knows no base, no names of persons.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class DataKind(StrEnum):
    """What a piece of a text tells of a person; the value stands in its place, between brackets."""

    EMAIL = "courriel"
    ACCOUNT = "compte"
    CARD = "carte"
    NIR = "numéro"  # of social security
    BUSINESS = "entreprise"  # SIRET or SIREN, of somebody in business alone
    PHONE = "téléphone"
    PLATE = "plaque"
    BIRTH = "naissance"
    ADDRESS = "adresse"
    NAME = "nom"


@dataclass(frozen=True)
class PersonalData:
    """Characters `start` to `end`, not included, of a text."""

    start: int
    end: int
    kind: DataKind

    def meets(self, start: int, end: int) -> bool:
        """Whether it has characters in common with those from `start` to `end`, not included."""
        return start < self.end and self.start < end


# Between the digits of a number: « 06.12-34/56 – 78 ».
_GAP = r"[ \t\u00a0\u202f\u2009.,:·/_*|()\-–—‑]{0,4}"
_DOT_GAP = r"[ \t\u00a0\u202f.·\-–]{0,3}"
_SPACE = r"[ \u00a0\u202f\u2009.\-–—‑]?"
_MONTHS = "janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre|janv|fev|févr|avr|juil|sept|oct|nov|déc|dec"
_UNIT = (
    "z[ée]ro|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|"
    "cinquante|soixante|septante|huitante|octante|nonante|cents?|mille"
)
_IN_WORDS = rf"(?:{_UNIT})(?:[ \-](?:et[ \-])?(?:{_UNIT}))*"

_SAYS_AT = r"[-_*<\s]\s*(?:arobase|arobas|arrobase|at)\s*[-_*>\s]"
_HOST = "gmail|orange|wanadoo|hotmail|yahoo|free|sfr|laposte|outlook|live|icloud|bbox|neuf|protonmail"
_AT = rf"(?:\s*@\s*|\s*[(\[{{]\s*(?:at|arobase|arobas|a|@)\s*[)\]}}]\s*|{_SAYS_AT}|\s+chez\s+(?=(?:{_HOST})\b))"
_DOT = r"(?:\.|,(?=(?:fr|com|net|org|eu)\b)|\s+\.\s+|\s*[(\[{]\s*(?:point|dot)\s*[)\]}]\s*|\s+(?:point|dot)\s+)"
_JOIN = r"(?:\.|\s+[._]\s+|\s*[(\[{]\s*(?:point|dot)\s*[)\]}]\s*|\s+(?:point|tiret(?: du bas| bas)?|underscore|dot)\s+)"
_EMAIL = re.compile(rf"\b[\w+%'-]+(?:{_JOIN}[\w+%-]+){{0,4}}(?:{_AT}[\w-]+(?:{_DOT}[\w-]+){{1,3}}|@[\w-]+)", re.I)
# Those that an institution writes from.
_OFFICE_EMAIL = re.compile(
    r"^(?:contact|mairie|accueil|info|infos|secretariat|urbanisme|habitat|commerce|etat-?civil|direction|service|pvd|petites?villes?|"
    r"communication|presse|support|aide|webmaster|dpo|rgpd|no-?reply|ddtm?|prefecture|pref|sp|dreal|ddt|rh|cabinet|administration)"
    r"[\w.+-]*@|^[^.@]+@[\w.-]+\.gouv\.fr$", re.I,
)  # fmt: skip

_PHONES = (
    re.compile(
        rf"\(?(?:\+|(?<!\d)00){_SPACE}(?:33|262|590|594|596|508){_SPACE}\)?{_GAP}(?:\(?0\)?{_GAP})?[1-9](?:{_GAP}\d){{8}}(?!\d)"
    ),
    re.compile(rf"\(?(?:\+|(?<!\d)00){_SPACE}[1-9]\d{{0,2}}\)?(?:[ .\-/()]{{0,2}}\d){{6,12}}(?!\d)"),
    re.compile(rf"(?<![\w#])(?<!\d[.,])[0oO]{_GAP}[1-79]{_GAP}(?:\d{_GAP}){{7}}\d(?!\d)"),
    re.compile(rf"(?<![\d+]){_SPACE}33{_SPACE}[1-9](?:{_SPACE}\d){{8}}(?!\d)"),
    re.compile(r"(?<![\w.,])(?<!\d )[67](?:[ .-]\d{2}){4}(?![\d ]*(?:\d|€|%))"),
)
_SPELLED_PHONE = re.compile(
    rf"\b(?:z[ée]ro|plus trente[ -]trois|0\d?)(?:[ ,\-]+(?:et[ \-])?(?:{_UNIT}|\d{{1,2}})){{4,22}}\b", re.I
)
# A number that the words before it call a telephone, whatever its length from six digits on: « tél. 40 45 12 ».
_CALLED_PHONE = re.compile(
    rf"\b(?:t[ée]l(?:[ée]phone)?\.?|portable|mobile|fixe|mon num[ée]ro|num[ée]ro de t[ée]l(?:[ée]phone)?|rappele[rz](?:[ -]moi)?|joindre|appele[rz](?:[ -]moi)?)"
    rf"(?:\s+(?:perso(?:nnel)?|est|c'est|au|le|svp|sur))*\s*[:=]?\s*(?P<own>\d(?:{_GAP}\d){{5,10}})(?!\d|\s*(?:€|euros|%))", re.I,
)  # fmt: skip

# … or a number, when it is as long as a telephone's.
_CALLED_NUMBER = re.compile(
    rf"\bnum[ée]ro(?:\s+(?:est|c'est|le|perso))*\s*[:=]?\s*(?P<own>\d(?:{_GAP}\d){{7,10}})(?!\d|\s*(?:€|euros|%))", re.I
)
_NIR = re.compile(
    rf"(?<![\dA-Za-z])(?<!\d[ .\-/])[1-478](?:{_DOT_GAP}\d){{2}}{_DOT_GAP}(?:0{_DOT_GAP}[1-9]|1{_DOT_GAP}[0-2]|[2-9]{_DOT_GAP}\d){_DOT_GAP}\d{_DOT_GAP}[\dAB]"
    rf"(?:{_DOT_GAP}\d){{6}}(?:{_DOT_GAP}\d{{2}})?(?!{_SPACE}\d)", re.I,
)  # fmt: skip
_CALLED_NIR = re.compile(
    rf"\b(?:s[ée]cu(?:rit[ée] sociale)?|NIR|n° ?ss|immatriculation sociale|carte vitale)\b[^\d\n]{{0,25}}(?P<own>\d(?:{_GAP}[\dAB]){{5,14}})",
    re.I,
)
_IBAN = re.compile(
    rf"(?<![A-Za-z0-9])(?:[A-Z]{{2}}{_SPACE}|(?:fr|be|de|es|it|pt|lu|ch|nl|gb|ie|pl|ro|at))\d{{2}}"
    rf"(?:{_SPACE}(?=[A-Za-z]{{0,3}}\d)[A-Za-z0-9]{{2,4}}){{3,8}}(?:{_SPACE}\d{{1,3}})?(?![A-Za-z0-9])"
)
_SHORTEST_ACCOUNT = 15  # signs of an IBAN, Norway's
_CALLED_ACCOUNT = re.compile(
    rf"\b(?:rib|iban|compte(?: bancaire| courant| n°)?|livret)\b[^\d\n]{{0,25}}(?P<own>[A-Z]{{0,2}}\d(?:{_GAP}[\dA-Z]*\d){{7,26}})",
    re.I,
)
_CARD = re.compile(rf"(?<!\d)(?<!\d[ .\-/])[3-6](?:{_SPACE}\d){{14,18}}(?!{_SPACE}\d)")
_CALLED_CARD = re.compile(
    rf"\b(?:carte (?:bancaire|bleue|de cr[ée]dit|visa)|num[ée]ro de (?:ma )?carte|cb|visa|mastercard)\b[^\d\n]{{0,25}}(?P<own>\d(?:{_GAP}\d){{11,18}})",
    re.I,
)
_CALLED_BUSINESS = re.compile(
    rf"\b(?:siret|siren|rcs|rna|n° d'entreprise)\b[^\d\n]{{0,40}}(?P<own>\d(?:{_SPACE}\d){{13}}|\d(?:{_SPACE}\d){{8}})(?!\d)",
    re.I,
)
_BARE_BUSINESS = re.compile(r"(?<![\d.,])\d{3}[ \u00a0]?\d{3}[ \u00a0]?\d{3}[ \u00a0]?\d{5}(?![\d])(?! ?(?:€|euros))")
_ALONE = re.compile(
    r"\b(?:micro|auto)[ -]?entrep\w*|\bei\b|\bind[ée]pendante?\b|\bartisane?\b|\b(?:mon|ma|mes|moi|je|j'ai)\b|\bentreprise individuelle|"
    r"\b(?:menuisier|ma[çc]on|plombier|[ée]lectricien|coiffeu[rs]e?|couvreur|peintre|infirmi[èe]re|boulang[èe]re?|traiteur)\b", re.I,
)  # fmt: skip
_COMPANY = re.compile(
    r"\b(?:sarl|sas|sasu|sci|scop|scic|sem|spl|sa|eurl|association|asso|soci[ée]t[ée]|office|coop[ée]rative|syndicat)\b", re.I
)

_PLATE = re.compile(r"\b[A-HJ-NP-TV-Z]{2}[ \-–·.]?\d{3}[ \-–·.]?[A-HJ-NP-TV-Z]{2}\b")
_OLD_PLATE = re.compile(
    r"(?<![\d,.])\b\d{2,4}[ -](?!HT|TTC|EUR|KM|KG|CV|HA|M2)[A-Z]{2,3}[ -](?:\d{2,3}|2[AB])\b(?![\d ]*(?:€|%|\d))"
)
# In small letters a plate has no word of the language at its ends: « bx 291 rt », not « de 300 au ».
_SMALL_PLATE = re.compile(
    r"\b(?!(?:de|le|la|du|en|un|et|au|ou|si|on|il|ne|je|tu|se|ce|sa|ma|ta|me|te|ai|as|eu|es|ni|or|va|vu|nb|tf|rn|rd|cp|bd|av)\b)[a-hj-np-tv-z]{2}"
    r"([ -]?)\d{3}\1(?!(?:de|le|la|du|en|un|et|au|ou|si|ht|km|kw|m|me|te|va|as|es|eu|ha|cv|kg|pm|am)\b)[a-hj-np-tv-z]{2}\b"
)
_ANY_PLATE = re.compile(
    r"\b(?i:plaques?(?: d['’]immatriculation)?|immatricul\w*)(?i:\s+(?:est|c'est|le|la|du|de|ma|mon|n°|num[ée]ro|v[ée]hicule))*\s*[:=]?\s*"
    r"(?P<own>(?:[A-Z]{1,3}|\d{1,4})(?:[ -]?(?:[A-Z]{1,3}|\d{1,4})){1,3})\b"
)
_CALLED_PLATE = re.compile(
    r"\b(?:plaques?|immatricul\w*|imm|v[ée]hicule|voiture|camion(?:nette)?|moto|scooter|fourgon|auto|remorque)\b[^.\n;?!]{0,40}?"
    r"\b(?P<own>[a-hj-np-tv-z]{2}[ \-–.]?\d{3}[ \-–.]?[a-hj-np-tv-z]{2}|\d{2,4}[ -]?[a-z]{2,3}[ -]?(?:\d{2,3}|2[ab]))\b", re.I,
)  # fmt: skip

_DATE = (
    r"(?:\d{1,2}\s*[./\-\s]\s*\d{1,2}\s*[./\-\s]\s*\d{2,4}|\d{4}-\d{2}-\d{2}|"
    rf"(?:\d{{1,2}}|1\s?er|premier|{_IN_WORDS})\s+(?:{_MONTHS})\b\.?(?:\s+(?:\d{{4}}|\d{{2}}\b|{_IN_WORDS}))?|"
    rf"(?:{_MONTHS})\s+\d{{4}}|\d{{8}}|\d{{4}})"
)
_BIRTH = re.compile(
    r"\b(?:n(?:é|ée|és|ées|ee|é\(e\)|é·e|é\.e)|ne(?=\s+(?:le|en|a|à|au)\b)|naissance|ddn|naissant|naquit|vu le jour|anniversaire)\b"
    rf"(?:(?:\s+[^\W\d_][\w'’-]*){{0,5}}?\s+(?:le|du)(?=\s+\d)|"
    rf"(?:\s+(?:le|du|en|au|est|c'est|tombe|à|a|date|chez|(?-i:[A-ZÀ-Ý])[\w'’-]+|un|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))*)\s*[:=]?\s*(?P<own>{_DATE})", re.I,
)  # fmt: skip

_STREET = (
    r"rue|r\.|avenue|av\.?|ave|boulevard|boul\.?|bd\.?|bld|blvd|place|pl\.|impasse|imp\.?|chemin|che?m\.?|chem|all[ée]es?|quai|route|rte\.?|cours|"
    r"square|passage|ruelle|venelle|faubourg|fbg|fg|mont[ée]e|c[ôo]te|traverse|sentier|sente|esplanade|promenade|rond-point|"
    r"lotissement|lot\.?|hameau|r[ée]sidence|rés\.?|lieu[ -]?dit|voie|cit[ée]|clos|villa|galerie|mail|parvis|rampe|escalier|domaine|quartier|grand[ -]?rue|grande rue"
)
_SMALL = (
    r"(?:de|du|des|d'|d’|l'|l’|la|le|les|aux?|en|sur|saint|sainte|st|ste|général|gal|docteur|dr|président|maréchal|abbé|pasteur)"
)
_NOT_IN_STREET = (
    r"(?!(?:a|à|au|et|est|ou|où|mon|ma|mes|je|j|on|il|elle|nous|vous|c|ce|cest|cet|cette|pour|par|qui|que|quoi|quel\w*|dans|depuis|avec|"
    r"mais|merci|bonjour|svp|sans|chez|tel|tél|t[ée]l[ée]phone|mail|n|ne|ni|si|son|sa|ses|notre|nos|votre|vos|leur|leurs|près|pres|"
    r"peut|puis|faut|doit|sera|serait|ont|ai|suis|sommes|droit|quand|comment|combien|y|un|une|apres|après|avant|ya|y a|entre|vers)\b)"
)
_STREET_WORD = rf"{_NOT_IN_STREET}[^\W\d_][\w’'-]*\.?"
_STREET_NAME = rf"(?:\s+(?:{_SMALL}\s*)+{_STREET_WORD}(?:\s+{_STREET_WORD}){{0,2}}|\s+{_STREET_WORD}(?:\s+{_STREET_WORD}){{0,2}}|\s+du?\s+\d{{1,2}}[\s-]+(?:{_MONTHS})(?:\s+\d{{4}})?)"
_FLAT = r"(?:\s*[,(–-]?\s*(?:b[âa]t(?:iment)?\.?|appt?\.?|appartement|app\.?|[ée]tage|esc(?:alier)?\.?|porte|r[ée]sidence|entr[ée]e|lot)\s*(?:n°\s*)?(?:[A-Z]?\d{1,4}\b|[A-Z]\b|(?-i:[A-ZÀ-Ý])[\w’'-]+(?:\s+(?-i:[A-ZÀ-Ý])[\w’'-]+)?)|\s*,?\s*\d{1,2}(?:er|e|[èe]me)\s+[ée]tage\b)*"
_NUMBER = r"(?<![\d.,/-])\d{1,4}(?:\s?(?:bis|ter|quater|[A-Da-d])\b)?(?:\s?[-/]\s?\d{1,4})?\s*,?"
_ADDRESS = re.compile(rf"{_NUMBER}\s*(?:(?:de (?:la |l['’]))?\b(?:{_STREET})(?!\w)){_STREET_NAME}?{_FLAT}", re.I)
_NO_ADDRESS = re.compile(
    r"^\D*\d[\d\s\w]*?,?\s*\b(?:places?|voies?|lots?|cours|mails?|villas?|cit[ée]s?|domaines?|routes?|rues?|quartiers?)\b\s*"
    r"(?:$|(?:de |d'|pour |en |du |par )?(?:stationnement|parking|handicap\w*|pmr|assises?|libres?|minute|v[ée]lo|concern\w*|pi[ée]tonn\w*|"
    r"payante?s?|gratuite?s?|prioritaire\w*|commer\w*|logement|march[ée] public|cr[èe]che|accueil|français|pitch))", re.I,
)  # fmt: skip
_NUMBER_AFTER = re.compile(
    rf"\b(?:{_STREET})(?!\w){_STREET_NAME}\s*,?\s*(?:au\s+)?(?:n°|num[ée]ro)\s*\d{{1,4}}(?:\s?(?:bis|ter))?{_FLAT}", re.I
)
# The place where somebody says they live, without a number in the street.
_DWELLING = re.compile(
    r"\b(?:j'?\s?habite|nous habitons|on habite|qui habite|habitant|demeurant|domicili[ée]e?s?|r[ée]sid(?:ant|e)|mon adresse|adresse postale|loge)\b"
    rf"[^.\n;?!\d]{{0,25}}?\b(?P<own>(?:{_STREET})(?!\w){_STREET_NAME}{_FLAT})", re.I,
)  # fmt: skip

_OFFICE = re.compile(
    r"\b(?:mairie|h[ôo]tel de ville|pr[ée]fecture|sous-pr[ée]fecture|maison france services|france services|espace|office|siège|m[ée]diath[èe]que|"
    r"biblioth[èe]que|[ée]cole|coll[èe]ge|lyc[ée]e|gymnase|salle|adil|anah|anct|agence|caisse|tr[ée]sorerie|poste|gare|halle|cin[ée]ma|mus[ée]e|"
    r"communaut[ée]|commune|d[ée]partement|r[ée]gion|conseil|ddtm?|dreal|dgfip|ccas|caf|cci|cma|ehpad|h[ôo]pital|tribunal|gendarmerie|permanence|"
    r"guichet|standard|accueil|service|services|syndicat|epci|p[ôo]le emploi|france travail|maison de|b[âa]timent|immeuble|friche|ancienne?|"
    r"local communal|projet|chantier|travaux)\b", re.I,
)  # fmt: skip
_PERSON = re.compile(
    r"\b(?:j'?\s?habite|habit(?:e|ons|ant)|je (?:loge|vis|r[ée]side)|chez|demeur\w+|domicili\w*|mon|ma|mes|moi|nous|notre|nos|je|j|voisine?|"
    r"m\.|mr|mme|mlle|monsieur|madame|locataire|propri[ée]taire|famille|il|elle|son|sa|ses)\b", re.I,
)  # fmt: skip


def identifiers(text: str) -> list[PersonalData]:
    """The numbers and addresses of persons in a text, in order; none overlaps another."""
    found: list[PersonalData] = []
    for piece in _candidates(text):
        if piece.end > piece.start and not any(other.meets(piece.start, piece.end) for other in found):
            found.append(piece)
    return sorted(found, key=lambda piece: piece.start)


def _candidates(text: str) -> Iterator[PersonalData]:
    """Pieces that may overlap, the surest kinds first."""
    for pattern, kind, is_meant in _RULES:
        for match in pattern.finditer(text):
            start, end = match.span("own" if "own" in pattern.groupindex else 0)
            piece = text[start:end].rstrip(" ,.-–(")
            if is_meant(text, start, start + len(piece)):
                yield PersonalData(start, start + len(piece), kind)


def _is_any(text: str, start: int, end: int) -> bool:
    return True


def _is_personal_email(text: str, start: int, end: int) -> bool:
    return not _OFFICE_EMAIL.search(text[start:end])


def _is_long(text: str, start: int, end: int) -> bool:
    return sum(map(str.isalnum, text[start:end])) >= _SHORTEST_ACCOUNT


def _is_in_words(text: str, start: int, end: int) -> bool:
    return any(map(str.isalpha, text[start:end]))


def _is_bare_business(text: str, start: int, end: int) -> bool:
    return _luhn(text[start:end]) and _is_alone(text, start, end)


def _is_home(text: str, start: int, end: int) -> bool:
    return not _NO_ADDRESS.search(text[start:end]) and not _is_office(text, start)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether a SIRET is that of somebody in business alone: no public body's, which begins with 1 or 2, no company's."""
    if text[start] in "12":
        return False
    around = text[max(0, start - 80) : end + 80]
    return bool(_ALONE.search(around)) or not (_COMPANY.search(around) or _OFFICE.search(text[max(0, start - 60) : start]))


def _is_office(text: str, start: int) -> bool:
    """Whether the words before an address say that it is an institution's: « la mairie, 1 place… »."""
    before = re.split(r"[.;?!\n]\s", text[max(0, start - 70) : start])[-1]
    office = list(_OFFICE.finditer(before))
    return bool(office) and not _PERSON.search(before[office[-1].end() :]) and not _PERSON.search(before[: office[0].start()])


def _luhn(number: str) -> bool:
    """Whether the check digit of a SIRET or a card is right."""
    digits = [int(sign) for sign in number if sign.isdigit()][::-1]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2]) % 10


# Pattern, what it finds, and whether what it found is that. Of a pattern with a group « own », the group is the piece.
_RULES: tuple[tuple[re.Pattern[str], DataKind, Callable[[str, int, int], bool]], ...] = (
    (_EMAIL, DataKind.EMAIL, _is_personal_email),
    (_CALLED_BUSINESS, DataKind.BUSINESS, _is_alone),
    (_IBAN, DataKind.ACCOUNT, _is_long),
    (_NIR, DataKind.NIR, _is_any),
    (_CARD, DataKind.CARD, _is_any),
    (_CALLED_CARD, DataKind.CARD, _is_any),
    (_CALLED_NIR, DataKind.NIR, _is_any),
    (_CALLED_ACCOUNT, DataKind.ACCOUNT, _is_any),
    (_BIRTH, DataKind.BIRTH, _is_any),
    *((pattern, DataKind.PHONE, _is_any) for pattern in _PHONES),
    (_SPELLED_PHONE, DataKind.PHONE, _is_in_words),
    (_CALLED_PHONE, DataKind.PHONE, _is_any),
    (_CALLED_NUMBER, DataKind.PHONE, _is_any),
    (_BARE_BUSINESS, DataKind.BUSINESS, _is_bare_business),
    (_PLATE, DataKind.PLATE, _is_any),
    (_OLD_PLATE, DataKind.PLATE, _is_any),
    (_SMALL_PLATE, DataKind.PLATE, _is_any),
    (_CALLED_PLATE, DataKind.PLATE, _is_any),
    (_ANY_PLATE, DataKind.PLATE, _is_any),
    (_NUMBER_AFTER, DataKind.ADDRESS, _is_home),
    (_ADDRESS, DataKind.ADDRESS, _is_home),
    (_DWELLING, DataKind.ADDRESS, _is_any),
)
