"""The real base indexed once by the shipped encoder, and small bases of made-up fiches."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from assistant.answering.service import Assistant
from assistant.settings import Settings
from index.builder import build
from index.search import Retriever
from tests.fakes import HashEncoder
from tests.published import index_of_the_base

PROJECT = Path(__file__).parents[2]

FICHES = {
    "halles.md": """---
titre: Plan Halles couvertes
dispositif: Plan Halles
mis_a_jour: 2026-01-30
contact: guichet des halles
---
## Qui peut en bénéficier ?
### Quelles communes peuvent demander le plan Halles ?
Toute commune de moins de 4 000 habitants peut demander le plan Halles.[^1]

## Quel soutien ?
### Quel est le taux du plan Halles ?
Le plan Halles paie 35 % des travaux de la halle, dans la limite de 70 000 €.[^1] Il ne finance pas les études.[^1]

### À quoi servent les travaux du plan Halles ?
Les travaux portent sur :
- la charpente ;[^1]
- la couverture ;[^1]
- l'éclairage.[^1]

## À savoir
### Combien de halles ont été rénovées en Bretagne ?
La base ne donne pas le nombre de halles rénovées en Bretagne.[^1]

[^1]: Ministère des halles — 2026 — <https://exemple.fr/halles>
""",
    "fontaines.md": """---
titre: Fonds Fontaines
dispositif: Fonds Fontaines
---
## Quel soutien ?
### Quelle aide pour une fontaine ?
Le fonds Fontaines verse une aide forfaitaire de 9 000 € par fontaine remise en eau.[^1]

## Qui contacter ?
### Qui contacter pour une fontaine ?
L'agence de l'eau instruit la demande du fonds Fontaines.[^1]

[^1]: Agence de l'eau — 2025 — <https://exemple.fr/fontaines>
""",
}

Write = Callable[[dict[str, str]], Assistant]


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write texts under a folder, made if absent."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of knowledge/ by the shipped encoder, shared by all workers."""
    return index_of_the_base(tmp_path_factory)


@pytest.fixture(scope="session")
def assistant(root: Path) -> Assistant:
    """The assistant on the real base."""
    return Assistant.open(Settings(index=root))


@pytest.fixture
def small(tmp_path: Path) -> Write:
    """Makes an assistant on a base of made-up fiches; the same folder and index each time it is called."""

    def make(files: dict[str, str]) -> Assistant:
        source = tmp_path / "source"
        for path in source.glob("*"):
            path.unlink()
        build(write(source, files), tmp_path / "index", HashEncoder())
        return Assistant(Retriever.open(tmp_path / "index", HashEncoder()))

    return make


@pytest.fixture
def halles(small: Write) -> Assistant:
    """The assistant on the two made-up fiches."""
    return small(FICHES)


def plain(page: str) -> str:
    """A page as its words are typed: no entity, no no-break space."""
    return re.sub("[\u00a0\u202f]", " ", unescape(page))


def notices(page: str) -> list[str]:
    """What a page tells of what was just done, or of why it was not."""
    found = re.findall(r'<(\w+)[^>]* role="(?:status|alert)"(?! data-back)[^>]*>(.*?)</\1>', page, re.DOTALL)
    return [" ".join(plain(re.sub("<[^>]*>", " ", said)).split()) for _, said in found]
