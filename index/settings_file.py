"""Settings as they are given: `assistant.toml` in the folder of the command, and the environment, which wins.

`python -m index` and the assistant read them here. Knows no setting: neither which exist, nor what they are worth.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from index.errors import IndexingError

FILE = "assistant.toml"
PREFIX = "ASSISTANT_"  # of a name in the environment


class SettingsUnreadable(IndexingError):
    """The file is no TOML."""


class GivenSetting(NamedTuple):
    """A value, and where it comes from, in French."""

    value: Any
    origin: str


def given_settings(environ: Mapping[str, str], file: Path = Path(FILE)) -> dict[str, GivenSetting]:
    """What is given, by name in small letters without the prefix: « ASSISTANT_PORT » of the environment is « port » of the file.

    Raises:
        SettingsUnreadable: naming the file.
    """
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsUnreadable(f"Le fichier {file} n'est pas du TOML lisible : {error}.") from error
    found = {name.lower(): GivenSetting(value, file.name) for name, value in rows.items()}
    for name, value in environ.items():
        if name.startswith(PREFIX):
            found[name.removeprefix(PREFIX).lower()] = GivenSetting(value, "l'environnement")
    return found
