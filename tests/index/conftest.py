"""A small base of three documents, and an index of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index.builder import build
from tests.fakes import HashEncoder

FICHES = {
    "ort.md": """---
titre: Opération de revitalisation de territoire (ORT)
mis_a_jour: 2026-01-30
---
## Qui peut en bénéficier ?
L'ORT est ouverte à toute commune dont l'intercommunalité signe la convention avec l'État.[^1]

## Quel soutien ?
L'ORT facilite l'installation des commerces en centre-ville : ils sont dispensés d'autorisation.[^1]

[^1]: Ministère — 2025 — <https://exemple.fr/ort>
""",
    "vta.md": """---
titre: Volontariat territorial en administration
---
## Quel soutien ?
La collectivité reçoit une aide forfaitaire de 15 000 € pour le recrutement d'un volontaire.

## Qui contacter ?
La préfecture de département valide la fiche de poste du volontaire territorial.
""",
    "aides/friches.txt": "Le fonds friches finance la dépollution des terrains industriels abandonnés.\n\n"
    "La demande est déposée en ligne avant le 31 mars auprès de la direction régionale.\n",
}

Write = Callable[[dict[str, str]], Path]


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of the three documents."""
    return write(tmp_path / "base", FICHES)


@pytest.fixture
def root(tmp_path: Path, base: Path, encoder: HashEncoder) -> Path:
    """The folder of an index of the three documents."""
    build(base, tmp_path / "index", encoder)
    return tmp_path / "index"


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write texts under a folder, made if absent."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
