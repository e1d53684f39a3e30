"""What is told to a language model: French texts kept as data beside this module, checked as they are loaded.

A prompt is a YAML file: an identifier, a version, choices, an instruction and a message with `{places}` to fill. Documents and
the asker's words stand between two marks drawn for each request: they cannot be forged by who does not know them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import yaml

from assistant.errors import AssistantError
from assistant.generation.chat_model import ModelMessage

FOLDER = Path(__file__).with_name("prompts")
_MARKS = frozenset({"debut", "fin"})
# What the code gives to each prompt, besides the marks and the choices.
_GIVEN = {"reponse": frozenset({"question", "passages"}), "relance": frozenset({"question", "precedentes"})}
_CHOICES = {
    "reponse": {"forme": {"reponse", "courrier", "note"}, "longueur": {"courte", "detaillee"}, "langue": {"courante", "simple"}},
    "relance": {},
}
_FIELDS = ("consigne", "message")


class PromptError(AssistantError):
    """A file of prompts cannot be used; the message names it and what is wrong."""


@dataclass(frozen=True)
class Prompt:
    """A prompt, its places known to be those that the code fills."""

    name: str
    version: int
    instruction: str
    message: str
    choices: Mapping[str, Mapping[str, str]]

    @property
    def identifier(self) -> str:
        """What the journal keeps: « reponse 1 »."""
        return f"{self.name} {self.version}"

    def messages(self, given: Mapping[str, str], chosen: Mapping[str, str] | None = None) -> tuple[ModelMessage, ModelMessage]:
        """The messages of one request.

        Args:
            given: place → what stands there: data, never read as a prompt.
            chosen: choice → the one taken.
        """
        drawn = secrets.token_hex(8)
        values = {"debut": f"<<<matière {drawn}>>>", "fin": f"<<<fin {drawn}>>>", **given}
        values |= {choice: self.choices[choice][taken] for choice, taken in (chosen or {}).items()}
        instruction = self.instruction.format_map(values)
        return ModelMessage("system", instruction.strip()), ModelMessage("user", self.message.format_map(values).strip())

    @property
    def shown(self) -> str:
        """The whole prompt as people may read it: the places stay, the choices are listed."""
        listed = "\n".join(
            f"{{{choice}}} — {taken} : {text}" for choice, texts in self.choices.items() for taken, text in texts.items()
        )
        return "\n\n".join(filter(None, [self.instruction.strip(), self.message.strip(), listed]))


def load(file: Path) -> Prompt:
    """The prompt of a file.

    Raises:
        PromptError: it is unreadable, lacks a field or a place, or has one that nothing fills.
    """
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PromptError(f"Le fichier de consignes {file.name} n'est pas lisible : {error}") from error
    if not isinstance(found, dict) or not all(isinstance(found.get(field), str) for field in (*_FIELDS, "identifiant")):
        raise PromptError(
            f"Le fichier de consignes {file.name} doit donner « identifiant », « version », « consigne », « message »."
        )
    name, version = found["identifiant"], found.get("version")
    if name not in _GIVEN or name != file.stem:
        raise PromptError(f"Le fichier de consignes {file.name} porte l'identifiant « {name} » : « {file.stem} » est attendu.")
    if not isinstance(version, int) or isinstance(version, bool):
        raise PromptError(f"Le fichier de consignes {file.name} n'a pas de numéro de version.")
    choices = _choices(file.name, name, found.get("choix") or {})
    known, used = _GIVEN[name] | _MARKS | set(choices), set()
    for field in _FIELDS:
        for place in _places(file.name, field, found[field]):
            if place not in known:
                raise PromptError(f"Le fichier de consignes {file.name} a un emplacement inconnu dans « {field} » : {{{place}}}.")
            used.add(place)
    if missing := sorted(known - used):
        raise PromptError(f"Le fichier de consignes {file.name} n'a pas l'emplacement {{{missing[0]}}}.")
    return Prompt(name, version, found["consigne"], found["message"], choices)


def _choices(file: str, name: str, found: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    expected = _CHOICES[name]
    for choice, taken in expected.items():
        given = set(found.get(choice) or {})
        if given != taken:
            wrong = sorted(given ^ taken)[0]
            raise PromptError(
                f"Le fichier de consignes {file} ne donne pas les textes attendus de « {choice} » : voir « {wrong} »."
            )
    if extra := sorted(set(found) - set(expected)):
        raise PromptError(f"Le fichier de consignes {file} a un choix inconnu : « {extra[0]} ».")
    return {choice: {taken: str(text) for taken, text in found[choice].items()} for choice in expected}


def _places(file: str, field: str, text: str) -> Iterator[str]:
    try:
        for _, place, form, conversion in Formatter().parse(text):
            if place is not None and (form or conversion or not place.isidentifier()):
                raise PromptError(f"Le fichier de consignes {file} a un emplacement inconnu dans « {field} » : {{{place}}}.")
            if place is not None:
                yield place
    except ValueError as error:
        raise PromptError(f"Le fichier de consignes {file} a une accolade seule dans « {field} » : {error}.") from error


@cache
def prompts() -> Mapping[str, Prompt]:
    """Every prompt of this assistant, by name."""
    return {name: load(FOLDER / f"{name}.yaml") for name in _GIVEN}
