"""What the published version lends to the next one: documents that did not change, vectors of passages that did not.

Knows nothing of the folder of documents, nor of what a build does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index import passage_vectors, retitling
from index.document import Document
from index.embedding import EncoderIdentity
from index.errors import IndexingError
from index.manifest import Manifest, SourceFile, reading_code
from index.passage_vectors import EncodedTexts, PassageVectors
from index.serialisation import DOCUMENTS, PASSAGES, read_documents, read_passages


@dataclass(frozen=True)
class PreviousVersion:
    """The parts of a version that may be used again; all empty when there is none."""

    sources: Mapping[str, SourceFile] = field(default_factory=dict)  # path → what became of the file
    documents: Mapping[str, Document] = field(default_factory=dict)  # by path; none when other code read them
    vectors: Mapping[EncodedTexts, PassageVectors] = field(default_factory=dict)  # none when another encoder made them
    titles: Mapping[str, str] = field(default_factory=dict)  # path → the title that was given
    manifest: Manifest | None = None
    folder: Path | None = None

    @classmethod
    def load(cls, folder: Path | None, encoder: EncoderIdentity) -> PreviousVersion:
        """The version in a folder; an empty one when it is absent, corrupt or outdated: everything is then made again."""
        if folder is None:
            return cls()
        try:
            manifest = Manifest.load(folder / "manifest.json")
            manifest.check_files(folder)
            documents = {document.path: document for document in read_documents(folder / DOCUMENTS)}
            vectors: Mapping[EncodedTexts, PassageVectors] = {}
            if manifest.encoder == encoder:
                vectors = passage_vectors.load(list(read_passages(folder / PASSAGES)), folder)
            if manifest.reading != reading_code():  # other code read them: they are read again
                documents = {}
            return cls(manifest.sources, documents, vectors, retitling.given(folder), manifest, folder)
        except (IndexingError, OSError, ValueError, KeyError, TypeError):
            return cls()
