"""The files of a folder of documents: what each is called, which are read, which are left out and why.

A town's shared drive holds links, devices and names in old encodings: none may lead out of the folder,
hang a build or stop it. Knows nothing of formats, versions or passages.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index import retitling
from index.manifest import sha256

LEXICON = "lexique.yaml"
CARRIED = (LEXICON, retitling.FILE)  # control files that shape an index: each version carries its own
# Files at the root of the folder that serve its maintainers: read elsewhere, never indexed.
CONTROL_FILES = frozenset(
    {"LISEZMOI.md", *CARRIED, "questions.jsonl", "messages.jsonl", "clauses.jsonl", "numbers.jsonl", "communes.csv"}
)

_CONTROL = "fichier de réglages de la base : renommez-le, ou déplacez-le dans un sous-dossier, pour qu'il soit indexé"
_ELSEWHERE = "lien vers un autre endroit que le dossier des documents : il n'est pas suivi"
_BROKEN = "lien vers un fichier absent"
_SPECIAL = "ni un fichier ni un dossier (tube, périphérique…) : il n'est pas ouvert"
_NAMESAKE = "un autre fichier porte le même nom"


@dataclass(frozen=True)
class FolderFile:
    """A file found: `name` is its path in the folder as text, with « / »; `problem` says why it is not read."""

    path: Path
    name: str
    problem: str = ""
    is_control: bool = False


def entries(source: Path) -> list[FolderFile]:
    """What a folder holds (or one file), by path; hidden files and folders left out."""
    if source.is_file():
        return [FolderFile(source, _text(Path(source.name)))]
    found: dict[str, FolderFile] = {}
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if any(part.startswith((".", "~$")) for part in relative.parts) or path.is_dir() and not path.is_symlink():
            continue
        name = _text(relative)
        if name in found:
            name, problem = repr(os.fsencode(relative))[2:-1], _NAMESAKE
        else:
            problem = _CONTROL if name in CONTROL_FILES else _problem(path, source)
        found[name] = FolderFile(path, name, problem, name in CONTROL_FILES)
    return list(found.values())


def files(source: Path) -> Iterator[FolderFile]:
    """The documents of a folder."""
    return (entry for entry in entries(source) if not entry.problem)


def fingerprint(source: Path, *control: str) -> dict[str, str]:
    """Name → hash of the documents of a folder, and of the control files named."""
    found = {}
    for entry in files(source) if source.is_dir() else ():
        try:
            state = entry.path.stat()
            found[entry.name] = _digest(entry.path, state.st_mtime_ns, state.st_size, state.st_ino)
        except OSError:
            continue  # the build report names it
    return found | {name: sha256(source / name) for name in control if (source / name).is_file()}


def copy_files(source: Path, target: Path) -> None:
    """Copy the documents and control files of a folder; what is not read is not copied."""
    for entry in entries(source):
        if not entry.problem or entry.is_control:
            place = target / entry.name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(entry.path, place)


def _problem(path: Path, source: Path) -> str:
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(source.resolve()):
            return _ELSEWHERE
        kind = path.stat().st_mode
    except OSError:
        return _BROKEN if path.is_symlink() else ""  # one without rights: whoever opens it says so
    if stat.S_ISDIR(kind):
        return _ELSEWHERE  # a link to a folder of this one: its files are met where they are
    return "" if stat.S_ISREG(kind) else _SPECIAL


def _text(relative: Path) -> str:
    """A name as people read it; bytes that are not UTF-8 are those of an archive made on Windows."""
    raw = os.fsencode(relative.as_posix())
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


@lru_cache(maxsize=10_000)
def _digest(path: Path, modified: int, size: int, inode: int) -> str:
    """The hash of a file, computed again only when the file system says that the file is another."""
    return sha256(path)
