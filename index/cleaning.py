"""Extracted text → the text that people read: characters, spaces, broken words, page furniture, navigation.

Pure functions on strings. This module knows nothing of files, formats or offsets: loaders call it
before `Document.text` is fixed, because every place in a document is counted in the cleaned text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence

# --------------------------------------------------------------------------- characters and spaces

# Typographic ligatures stand for several letters and defeat search; œ and æ are French letters and
# stay. NFKC would also undo them, but it turns « m² » into « m2 » and « 1ᵉʳ » into « 1er ».
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
# Symbol and Wingdings glyphs land in the private area U+F000-F0FF: these three are list bullets in
# Word and PowerPoint exports, the rest are drawings without a meaning in text.
_BULLETS = {"\uf0b7": "•", "\uf0a7": "•", "\uf0d8": "•"}
_SPACES = "\t\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NEWLINES = re.compile("\r\n?|[\f\x85\u2028\u2029]")
# Controls, soft hyphen, zero-width and direction marks, variation selectors, symbol-font glyphs,
# lone surrogates (they cannot be written as UTF-8) and U+FFFC-FFFF (object marks, non-characters).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\uf000-\uf0ff\ud800-\udfff\ufffc\ufffe\uffff]"
)
_TRANSLATION = str.maketrans({**_LIGATURES, **_BULLETS, **dict.fromkeys(_SPACES, " "), "\u2010": "-", "\u2011": "-"})


def normalise(text: str) -> str:
    """Put characters in one form: NFC, plain spaces and newlines, nothing invisible."""
    text = _NEWLINES.sub("\n", text).translate(_TRANSLATION)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def tidy(text: str) -> str:
    """Collapse runs of spaces and of blank lines; strip the ends of lines and of the text."""
    text = re.sub(r" {2,}", " ", text)
    text = re.sub(r" *\n *", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def one_line(text: str) -> str:
    """Normalise a text that stands on one line: a title, a heading, a column name."""
    return " ".join(normalise(text).split())


# --------------------------------------------------------------------------------- broken words

_BROKEN = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)-\n[ \t]*([^\W\d_]+)")
# What follows the hyphen of an inversion or of a French compound keeps it: « rendez-vous »,
# « celui-ci », « vous-même ».
_AFTER_A_REAL_HYPHEN = frozenset(
    "je tu il elle on nous vous ils elles ce ci là le la les lui leur moi toi en y même mêmes".split()
)
_BEFORE_A_REAL_HYPHEN = frozenset(
    "peut celui celle ceux celles lui elle eux sous vice non avant après demi mi semi ex centre chef "
    "grand grande rez porte savoir faire au par petit petite éco socio quasi contre sud nord sans".split()
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def vocabulary(text: str) -> frozenset[str]:
    """The words of a text, lower-cased, compounds kept: the witness for `keeps_hyphen`."""
    return frozenset(_WORD.findall(text.lower()))


def keeps_hyphen(left: str, right: str, known: Collection[str] = ()) -> bool:
    """Say whether the hyphen between two halves of a word, one at a line's end, belongs to it.

    The document is the first witness (`known`, its vocabulary): a form printed unbroken elsewhere
    decides. Otherwise a capital or a French compound keeps the hyphen, anything else was cut.
    """
    left, lower = left.lower(), right.lower()
    joined, compound = left + lower in known, f"{left}-{lower}" in known
    if joined != compound:
        return compound
    return right[:1].isupper() or lower in _AFTER_A_REAL_HYPHEN or left in _BEFORE_A_REAL_HYPHEN


def join_hyphens(text: str) -> str:
    """Put back together the words cut at the end of a line."""
    if "-\n" not in text:
        return text
    known = vocabulary(_BROKEN.sub(" ", text))

    def join(match: re.Match[str]) -> str:
        left, right = match.groups()
        return f"{left}-{right}" if keeps_hyphen(left, right, known) else left + right

    return _BROKEN.sub(join, text)


_ENDS_A_LINE = re.compile(r"[.!?:;…»”\"|]$")
_GOES_ON = re.compile(r"[a-zà-öø-ÿœ(«%€]")


def unwrap(text: str) -> str:
    """Join the lines of a hard-wrapped paragraph: no final punctuation, and the next goes on.

    « Goes on » is a lower-case letter or an opening mark, so that lists, tables and verses of
    capitalised lines are left alone.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and lines[-1] and not _ENDS_A_LINE.search(lines[-1]) and _GOES_ON.match(line):
            lines[-1] += " " + line
        else:
            lines.append(line)
    return "\n".join(lines)


# ------------------------------------------------------------------------------- page furniture

# A header or footer stands among the outermost lines of a page: two at either end in the
# PDF files this was tried on, three with an address.
EDGE_LINES = 3
# … and on most pages. Half leaves room for chapter headers and for left and right pages; with two
# pages or fewer, a repetition proves nothing.
MIN_SHARE = 0.5
MIN_PAGES = 3
# « Page 12 », « - 12 - »: said to be page numbers by themselves.
_PAGE_NUMBER = re.compile(r"page\s*\d{1,4}(?:\s*(?:[/|]|sur|de)\s*\d{1,4})?|[-–—]\s*\d{1,4}\s*[-–—]", re.IGNORECASE)
_FIRST_NUMBER = re.compile(r"\d{1,6}")
_LAST_NUMBER = re.compile(r"\d{1,6}(?=\D*$)")


def furniture_keys(line: str, page: int) -> frozenset[str]:
    """What the printings of one header on several pages share.

    Its words as they are, or with its first or last number counted from the page's own (`page`): a
    page number follows the pages, an amount does not, so « Total : 12 500 € » is never a footer.
    """
    line = " ".join(re.sub(r"[‐-―−]", "-", line.casefold()).split())  # one template, several dashes
    counted = (pattern.sub(lambda n: f"#{int(n[0]) - page}", line, count=1) for pattern in (_FIRST_NUMBER, _LAST_NUMBER))
    return frozenset({line, *counted})


def is_page_number(line: str) -> bool:
    """True for « - 12 - », « Page 12 », « page 3 sur 7 »."""
    return bool(_PAGE_NUMBER.fullmatch(line.strip()))


def edges(count: int) -> list[int]:
    """The positions of a page's outermost lines, where headers and footers stand."""
    return sorted({*range(min(EDGE_LINES, count)), *range(max(0, count - EDGE_LINES), count)})


def repeated_lines(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """The keys of the headers and footers that stand on most of the pages with text."""
    printed = sum(1 for page in pages if page)
    seen = Counter(
        key
        for number, page in enumerate(pages, 1)
        for key in {key for i in edges(len(page)) for key in furniture_keys(page[i], number)}
    )
    return frozenset(key for key, n in seen.items() if n >= max(MIN_PAGES, MIN_SHARE * printed))


def furniture(page: Sequence[str], number: int, repeated: Collection[str]) -> frozenset[int]:
    """The positions of the lines of a page (top to bottom) that are header, footer or page number."""
    return frozenset(
        i for i in edges(len(page)) if is_page_number(page[i]) or not furniture_keys(page[i], number).isdisjoint(repeated)
    )


# A line of a table of contents: dots, then a page. It names what stands elsewhere and answers nothing.
_CONTENTS_LINE = re.compile(r".*[^\s.](?:(?: ?[.…·_]){4,}| ?…|(?: \.)+) ?\d{1,4}")
# The dots to fill in of a form; one mark says as much.
_LEADERS = re.compile(r"(?: ?[.…·_]){4,}|…(?: ?[.…])+")


def is_contents_line(line: str) -> bool:
    """True for a line of a table of contents (« 2.3 Commerce . . . . . . 7 »)."""
    return bool(_CONTENTS_LINE.fullmatch(line))


def shorten_leaders(text: str) -> str:
    """Replace the dotted lines of forms by one ellipsis."""
    return _LEADERS.sub(" …", text).lstrip()


# ----------------------------------------------------------------------------------- navigation

_RELATED = re.compile(
    r"(?:dans la même (?:rubrique|catégorie|collection)|sur le même (?:thème|sujet)"
    r"|(?:à|a) (?:lire|voir|découvrir|consulter) (?:aussi|également|ensuite)|(?:voir|lire) (?:aussi"
    r"|également)"
    r"|(?:articles?|contenus?|pages?|actualités?|publications?|sujets?) (?:liée?s?|similaires?"
    r"|associée?s?|connexes?)"
    r"|(?:ces articles|cela|ceci|ces contenus) (?:pourraient|pourrait|peuvent"
    r"|peut) (?:aussi )?vous intéresser"
    r"|vous (?:aimerez|pourriez) aussi(?: aimer)?|pour aller plus loin|en savoir plus sur le sujet"
    r"|(?:autres|derniers|dernières|nos) (?:articles|actualités|publications)|liens utiles"
    r"|les plus (?:lus|consultés|partagés)|mots[- ]clés|toutes les actualités)",
    re.IGNORECASE,
)
# Longest headline of the one real list this was tried on: 124 characters. Paragraphs of the same page
# can be shorter (83), but end with a full stop.
MAX_HEADLINE = 160
# Past this many lines a « list of links » is more likely the page itself, badly cut.
MAX_HEADLINES = 40

_CHROME = re.compile(
    r"(?:partager?(?: (?:ce|cet|cette|la|le|l['’]) ?\w+)?(?: (?:sur|par|via|avec) .{1,40})?"
    r"|(?:tout |j['’])?(?:accepte[rz]?|refuse[rz]?)(?: tout| et fermer| (?:tous )?les cookies)?"
    r"|tout (?:accepter|refuser)"
    r"|continuer sans accepter(?: ?→)?|personnaliser(?: (?:mes choix|les cookies))?|gérer (?:les|mes) cookies"
    r"|(?:aller|accéder|passer) (?:directement )?(?:au|à la|à l['’]) ?(?:contenu|menu|recherche"
    r"|navigation)(?: principale?)?"
    r"|(?:retour(?:ner)?|remonter) en haut(?: de (?:la )?page)?|haut de page|fil d['’]ariane"
    r"|vous êtes ici ?:?"
    r"|imprimer(?: (?:cette|la) page| l['’]article)?|envoyer par (?:e-?mail|courriel)|copier le lien"
    r"|suivez[- ]nous(?: sur .{1,40})?|s['’](?:abonner|inscrire) à (?:la|notre) (?:newsletter"
    r"|lettre d['’]information)"
    r"|(?:lire|voir|afficher) la suite|menu(?: principal)?|fermer|plan du site|mentions légales"
    r"|gestion des cookies"
    r"|facebook|twitter|x|linkedin|instagram|youtube|whatsapp|précédent|suivant|accueil)[ .:>»…]*",
    re.IGNORECASE,
)
_COOKIES = re.compile(
    r"(?:nous utilisons|ce site (?:web )?(?:utilise|dépose|fait usage)|en poursuivant votre navigation"
    r"|en cliquant sur|avec votre accord, nous|nos partenaires et nous|les cookies (?:nous )?permettent)"
    r".{0,400}\bcookies?\b|.{0,60}\bcookies? (?:nous permettent|sont utilisés)",
    re.IGNORECASE | re.DOTALL,
)
# A cookie banner is a short notice; a page about cookies law is not.
MAX_BANNER = 500


def is_related_title(line: str) -> bool:
    """True for a line that announces links to other pages (« Dans la même rubrique »)."""
    return bool(_RELATED.fullmatch(line.strip(" :>»…-–•#*")))


def is_chrome(line: str) -> bool:
    """True for a line that serves the reader's tool, not the subject: sharing, cookies, contents."""
    line = line.strip(" -–•*|")
    if is_contents_line(line):
        return True
    return bool(_CHROME.fullmatch(line)) or (len(line) <= MAX_BANNER and bool(_COOKIES.match(line)))


def is_headline(line: str) -> bool:
    """True for a line that can be a link's text: short, and not a sentence with its full stop."""
    line = line.strip(" -–•*")
    return len(line) <= MAX_HEADLINE and not line.endswith((".", ";", ":"))


def navigation(lines: Sequence[str], stops: Collection[int] = ()) -> frozenset[int]:
    """The positions of lines that lead elsewhere: related links, sharing, cookie banners.

    `stops` are positions where a list of links ends whatever comes (the headings of a document).
    A title that no headline follows is kept, unless it ends the text: its content is a real one.
    """
    dropped: set[int] = {i for i, line in enumerate(lines) if line.strip() and is_chrome(line)}
    for i, line in enumerate(lines):
        if i in dropped or not is_related_title(line):
            continue
        end = _end_of_links(lines, i + 1, stops)
        if end > i + 1 or not any(rest.strip() for rest in lines[i + 1 :]):
            dropped.update(range(i, end))
    return frozenset(dropped)


def _end_of_links(lines: Sequence[str], start: int, stops: Collection[int]) -> int:
    """The position just after the last headline of the list that begins at `start`."""
    end = found = start
    while end < len(lines) and end not in stops and is_headline(lines[end]) and end - start < 2 * MAX_HEADLINES:
        end += 1
        if lines[end - 1].strip(" -–•*"):
            found = end
    return found


def drop_navigation(text: str) -> str:
    """Remove the lines of a plain text that lead elsewhere."""
    lines = text.split("\n")
    dropped = navigation(lines)
    return "\n".join(line for i, line in enumerate(lines) if i not in dropped)


def clean(text: str) -> str:
    """Clean a plain text from a page or a file, in the order the steps need."""
    text = drop_navigation(join_hyphens(tidy(normalise(text))))
    return unwrap(tidy(shorten_leaders(text)))
