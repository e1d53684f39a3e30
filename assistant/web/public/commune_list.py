"""The optional list of communes: a CSV file of the programme → communes found by name or by INSEE code.

Reads the columns of the State's open lists, comma or semicolon, UTF-8 or latin-1. What a list does
not say stays unknown; what it says holds at its date. Knows nothing of criteria, answers or screens.
"""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from assistant.errors import AssistantError
from index.errors import UnreadableDocument
from index.french import fold
from index.loaders.text.encoding import read_text

FILE = "communes.csv"
SHOWN = 12  # communes proposed at once
_MAX_BYTES = 20_000_000  # ten times the list of every commune of France
_LONGEST = 10_000  # characters of a cell

# Folded names of columns; the first of each is what the State's files use.
_CODE = ("insee_com", "code_insee", "insee", "codgeo", "code_commune")
_NAME = ("lib_com", "nom_commune", "commune", "libgeo", "nom")
_DEPARTEMENT = ("departement", "lib_dep", "nom_departement", "dep")
_EPCI = ("lib_epci", "nom_epci", "epci")
_DATE = ("date_liste", "date_maj", "date_mise_a_jour", "mise_a_jour", "maj", "date")
_PROGRAMMES = {"PVD": ("pvd", "id_pvd"), "ACV": ("acv", "id_acv"), "VA": ("villages_avenir", "id_va", "va")}
_SIGNED = re.compile(r"^signee?\b")
_YES, _NO = {"1", "oui", "true", "vrai", "x"}, {"0", "non", "false", "faux"}
_INSEE = re.compile(r"^(?:\d{2}|2[ab])\d{3}$", re.IGNORECASE)
_OVERSEAS = ("971", "972", "973", "974", "976")  # the five départements and regions
_OTHER_OVERSEAS = ("975", "977", "978", "98")  # neither mainland nor these five: not concluded


class CommunesUnreadable(AssistantError):
    """The list of communes cannot be used; says why, in French."""


@dataclass(frozen=True)
class Commune:
    """A line of the list. Absent from a mapping: the list does not say."""

    insee: str  # code of five signs
    name: str
    departement: str  # its name, or its number when the list gives no name
    epci: str = ""  # name of its intercommunality
    population: int | None = None  # inhabitants
    programmes: Mapping[str, bool] = field(default_factory=dict)  # « PVD », « ACV », « VA » → whether it is a member
    conventions: Mapping[str, bool] = field(default_factory=dict)  # « ort » → True when it is signed
    zones: Mapping[str, bool] = field(default_factory=dict)  # « outre-mer » → whether it is there

    @property
    def label(self) -> str:
        """The name that tells homonyms apart: « Breteuil (Oise) »."""
        return f"{self.name} ({self.departement})"


class CommuneList:
    """The communes of one file, searched by name or code."""

    def __init__(self, communes: Iterable[Commune], day: str, dated: bool) -> None:
        self.communes = tuple(communes)
        self.date = day  # ISO
        self.dated = dated  # True: the file says its date; False: the date of the file itself
        self._by_code = {commune.insee: commune for commune in self.communes}
        self._keys = [(plain(commune.name), commune) for commune in self.communes]

    def get(self, insee: str) -> Commune | None:
        """The commune of an INSEE code, however it is typed; None when the list has it not."""
        return self._by_code.get(insee.strip().upper())

    def exact(self, typed: str) -> list[Commune]:
        """The communes that bear just this name, label or code; several when there are homonyms."""
        if found := self.get(typed):
            return [found]
        key = plain(typed)
        named = [commune for name, commune in self._keys if key and key.replace(" ", "") == name.replace(" ", "")]
        return named or [commune for commune in self.communes if key and plain(commune.label) == key]

    def search(self, typed: str, limit: int = SHOWN) -> list[Commune]:
        """The communes a beginning of name or code may mean, the likeliest first."""
        code, key = typed.strip().upper(), plain(typed)
        if re.fullmatch(r"(?:\d|2[AB])[\dAB]{1,4}", code):
            return [commune for commune in self.communes if commune.insee.startswith(code)][:limit]
        if len(key) < 2:
            return []
        ranked = ((_rank(key, name), name, commune.insee, commune) for name, commune in self._keys)
        return [found[-1] for found in sorted(r for r in ranked if r[0] is not None)[:limit]]


class CommuneFile:
    """The list in a file that may be absent, come, change or be broken while the page runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._list: CommuneList | None = None
        self._problem = ""

    def current(self) -> tuple[CommuneList | None, str]:
        """The list as the file now is, and in French what is wrong with it, if anything."""
        with self._lock:
            try:
                stat = self._path.stat()
            except OSError:
                self._seen, self._list, self._problem = None, None, ""
                return None, ""
            if self._seen != (stat.st_mtime_ns, stat.st_size):
                self._seen = (stat.st_mtime_ns, stat.st_size)
                try:
                    self._list, self._problem = load(self._path), ""
                except CommunesUnreadable as error:
                    self._list, self._problem = None, str(error)
            return self._list, self._problem


def load(path: Path) -> CommuneList:
    """Read a list.

    Raises:
        CommunesUnreadable: too large, not text, a column lacking, or no commune in it.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise CommunesUnreadable(f"{path.name} dépasse {_MAX_BYTES // 1_000_000} Mo : ce n'est pas une liste de communes.")
        rows = list(_rows(read_text(path)))
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
    except (OSError, UnreadableDocument, csv.Error) as error:
        raise CommunesUnreadable(f"{path.name} ne peut pas être lu : {error}") from error
    _require(path.name, rows)
    found = {commune.insee: commune for row in reversed(rows) if (commune := _commune(row))}
    if not found:
        raise CommunesUnreadable(f"{path.name} ne contient aucune ligne avec un code INSEE et un nom de commune.")
    said = max(filter(None, (_iso(_cell(row, _DATE)) for row in rows)), default=None)
    return CommuneList(reversed(found.values()), said or day, said is not None)


def plain(name: str) -> str:
    """A name as everyone may type it: no accents, hyphens or apostrophes, « St » and « s/ » in full."""
    spaced = re.sub(r"[^a-z0-9/]+", " ", fold(name)).replace("s/", "sur ").replace("/", " ")
    whole = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
    return " ".join(whole.get(word, word) for word in spaced.split())


def _rank(key: str, name: str) -> int | None:
    """0 the name itself, 1 its beginning, 2 its words in any place, None not this one."""
    if key == name:
        return 0
    if name.startswith(key) or name.replace(" ", "").startswith(key.replace(" ", "")):
        return 1
    words = name.split()
    return 2 if all(any(word.startswith(typed) for word in words) for typed in key.split()) else None


def _rows(text: str) -> Iterable[dict[str, str]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
        cells = {_column(name): value.strip() for name, value in row.items() if isinstance(name, str) and isinstance(value, str)}
        if any(len(value) > _LONGEST for value in cells.values()):  # the csv module's own limit is of the whole process
            raise csv.Error(f"une cellule dépasse {_LONGEST} caractères, un guillemet n'est sans doute pas fermé")
        yield cells


def _column(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")


def _require(file: str, rows: list[dict[str, str]]) -> None:
    """Refuse a list without the two columns that it cannot do without."""
    columns = set(rows[0]) if rows else set()
    for meaning, names in (("du code INSEE", _CODE), ("du nom de la commune", _NAME)):
        if not columns & set(names):
            raise CommunesUnreadable(f"{file} n'a pas de colonne {meaning} ({', '.join(names)}) : la liste n'est pas utilisée.")


def _commune(row: Mapping[str, str]) -> Commune | None:
    code, name = _cell(row, _CODE).upper(), _cell(row, _NAME)
    code = code.zfill(5) if code.isdigit() else code  # spreadsheets drop the zero of « 01033 »
    if not _INSEE.match(code) or not name:
        return None
    return Commune(
        code,
        name,
        _cell(row, _DEPARTEMENT) or _number(code),
        _cell(row, _EPCI),
        _population(row),
        _programmes(row),
        # Not signed then may be signed since: only a signature is a fact that lasts.
        {"ort": True} if _SIGNED.match(fold(row.get("ort_statut", ""))) else {},
        _zones(code),
    )


def _cell(row: Mapping[str, str], names: Iterable[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _number(code: str) -> str:
    """The number of the département of an INSEE code: « 2A004 » → « 2A », « 97411 » → « 974 »."""
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def _population(row: Mapping[str, str]) -> int | None:
    for name, value in row.items():
        if name.startswith("pop") and (digits := re.sub(r"\s", "", value).removesuffix(".0")).isdecimal():
            return int(digits)
    return None


def _programmes(row: Mapping[str, str]) -> dict[str, bool]:
    """Membership as the columns say it: an identifier that is filled in or not, or « oui » and « non »."""
    found = {}
    for programme, columns in _PROGRAMMES.items():
        for column in columns:
            value = fold(row.get(column, ""))
            if column.startswith("id_") and column in row:
                found[programme] = bool(value)
            elif value in _YES | _NO:
                found[programme] = value in _YES
    return found


def _zones(code: str) -> dict[str, bool]:
    return {} if code.startswith(_OTHER_OVERSEAS) else {"outre-mer": code.startswith(_OVERSEAS)}


def _iso(value: str) -> str | None:
    """« 31/12/2025 » or « 2025-12-31… » as an ISO date; None for anything else."""
    french = re.match(r"(\d{2})/(\d{2})/(\d{4})$", value)
    try:
        return date.fromisoformat(f"{french[3]}-{french[2]}-{french[1]}" if french else value[:10]).isoformat()
    except ValueError:
        return None
