"""What shapes an index, written beside it, and whether it agrees with the parts installed now.

Knows what must be compared; not how anything is built or searched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from index.embedding import EncoderIdentity
from index.errors import IndexCorrupt, IndexOutdated
from index.french import ANALYSER

FORMAT = 10
# The code that turns files into passages.
_READING = (
    "folder.py",
    "loaders/**/*.py",
    "cleaning.py",
    "splitting.py",
    "deduplication.py",
    "french.py",
    "figures.py",
    "fiche.py",
)
REBUILD = "Reconstruisez l'index : python -m index build knowledge"


@lru_cache(maxsize=1)
def reading_code() -> str:
    """Hash of that code: after a change there, a build reads every file again."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _READING for path in package.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class SourceFile:
    """A file of the source folder as this version saw it; `status` is the build report's word."""

    sha256: str
    status: str
    passages: int = 0
    pages: int = 0
    reason: str = ""
    copy_of: str = ""  # the document of the same bytes that stands for it


@dataclass(frozen=True)
class Manifest:
    """The identity card of a version of the index."""

    version: str
    created: str  # ISO 8601, UTC
    source: str  # name of the source folder
    encoder: EncoderIdentity
    splitting: Mapping[str, int]
    sources: Mapping[str, SourceFile]
    documents: int
    passages: int
    ranking: Mapping[str, Any] = field(default_factory=dict)
    control: Mapping[str, str] = field(default_factory=dict)  # name → sha256 of the control files that this version carries
    analyser: str = ANALYSER
    reading: str = field(default_factory=reading_code)
    format: int = FORMAT
    files: Mapping[str, str] = field(default_factory=dict)  # name → sha256, the manifest excepted

    def same_content(self, other: Manifest) -> bool:
        """True when both describe the same sources indexed by the same parts."""
        return _shape(self) == _shape(other)

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Manifest:
        """Raises IndexCorrupt when absent or unreadable."""
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            if row["format"] != FORMAT:
                raise IndexOutdated(f"L'index est au format {row['format']}, le programme attend le format {FORMAT}. {REBUILD}")
            row.setdefault("reading", "")  # of an index made before it was noted
            row["encoder"] = EncoderIdentity(**row["encoder"])
            row["sources"] = {name: SourceFile(**source) for name, source in row["sources"].items()}
            return cls(**row)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexCorrupt(f"Le manifeste de l'index est absent ou illisible. {REBUILD}") from error

    def check_parts(self, encoder: EncoderIdentity) -> None:
        """Raise IndexOutdated when query-time parts differ from those that built the index."""
        if self.analyser != ANALYSER:
            raise IndexOutdated(f"L'index a été construit avec l'analyseur {self.analyser}, le programme a {ANALYSER}. {REBUILD}")
        if self.encoder != encoder:
            raise IndexOutdated(
                f"L'index a été construit avec l'encodeur {_named(self.encoder)}, le programme a {_named(encoder)}. {REBUILD}"
            )

    def check_files(self, folder: Path) -> None:
        """Raise IndexCorrupt when a file of the version is absent or altered."""
        for name, expected in self.files.items():
            path = folder / name
            if not path.is_file() or sha256(path) != expected:
                raise IndexCorrupt(f"Le fichier « {name} » de l'index {self.version} est absent ou altéré. {REBUILD}")


def sha256(path: Path) -> str:
    """Content hash of a file, read by blocks."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _named(encoder: EncoderIdentity) -> str:
    prompts = f", préfixes « {encoder.query_prompt} » et « {encoder.passage_prompt} »"
    return f"« {encoder.name} » ({encoder.sha256[:8]}{prompts if encoder.query_prompt or encoder.passage_prompt else ''})"


def _shape(manifest: Manifest) -> tuple[Any, ...]:
    sources = {name: (source.sha256, source.status) for name, source in manifest.sources.items()}
    return (
        manifest.encoder,
        dict(manifest.splitting),
        sources,
        manifest.analyser,
        manifest.reading,
        manifest.format,
        dict(manifest.control),
        json.dumps(manifest.ranking, sort_keys=True),
    )
