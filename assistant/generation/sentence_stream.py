"""Pieces of a model's text → its sentences, each as soon as it is complete, its numbers of passages with it.

« … 35 % des travaux. [1] Il… »: the mark after the full stop belongs to the sentence before it. Items of a list whose passage
is only told at the end, and the line that introduces them, make one sentence with it. What a model thinks aloud between tags is
left out, and so are control characters. Knows nothing of what is true.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from index.french import ends_in_abbreviation

LONGEST = 700  # characters of a sentence; what is longer is cut there, and is none that may be shown

_MARKS = r"(?:\s?\[\d{1,3}(?:\s?[,;]\s?\d{1,3})*\])"
# A sentence ends with its mark after the stop, with its stop after the mark, or with a line.
_END = re.compile(rf"[.!?…](?:\s?[»”\")])*(?P<marks>{_MARKS}*)(?P<after>\s*)|(?P<line>\s*\n\s*)")
_MARK = re.compile(r"\[(\d{1,3}(?:\s?[,;]\s?\d{1,3})*)\]")
_CLOSED = re.compile(rf"{_MARKS}[.!?…]$")
_ITEM = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_NUMBERED = re.compile(r"(?:^|\n)\s*\d{1,2}\.$")
_STOP = re.compile(r"[.!?…](?:\s?[»”\")])*$")
_HEADING = re.compile(r"^\s*#{1,6}\s|^\s*\*\*[^*]+\*\*\s*:?\s*$")
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|$)", re.DOTALL | re.IGNORECASE)
_OPENING_TAGS = ("<think>", "<thinking>", "<reasoning>")


@dataclass(frozen=True)
class WrittenSentence:
    """A sentence of a model."""

    text: str  # without its marks
    markers: tuple[int, ...]  # of the passages it says it is from
    opens: str = " "  # what stands before it: a space, a line or a paragraph, and the dash of an item
    list: str = ""  # of a list: the text without the line that introduces it

    @property
    def introduction(self) -> str:
        """Of a list: the line that introduces it, without its colon."""
        return self.text.removesuffix(self.list).removesuffix(":\n- ").strip() if self.list else ""

    @property
    def marked(self) -> str:
        """The sentence and its marks: « … [1][2] »."""
        return f"{self.text} {''.join(f'[{marker}]' for marker in self.markers)}".strip()


class SentenceStream:
    """Takes pieces, gives sentences."""

    def __init__(self) -> None:
        self._raw, self._read = "", 0  # all that came, and how much of it, thoughts left out, became sentences
        self._held = ""  # lines that wait for the number of their passage
        self._opens = ""

    def feed(self, piece: str) -> Iterator[WrittenSentence]:
        """The sentences that a piece completes."""
        self._raw += "".join(one for one in piece if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co"))
        yield from self._complete(self._said(), ended=False)

    def close(self, whole: bool = True) -> Iterator[WrittenSentence]:
        """What is left at the end; a sentence that was cut off is dropped unless the text is `whole`."""
        yield from self._complete(self._said() + "\n", ended=True)
        if whole and self._held.strip():
            yield self._sentence(self._held)
        self._held = ""

    def _said(self) -> str:
        """What is not thought; what may be the beginning of a tag waits."""
        said = _THOUGHT.sub("", self._raw)
        tail = said[said.rfind("<") :].lower() if "<" in said else ""
        return said[: -len(tail)] if tail and any(tag.startswith(tail) for tag in _OPENING_TAGS) else said

    def _complete(self, said: str, ended: bool) -> Iterator[WrittenSentence]:
        while True:
            end = self._end(said, ended)
            if end is None:
                if len(self._held) + len(said) - self._read > LONGEST:
                    yield self._sentence(self._held + said[self._read :])
                    self._held, self._read = "", len(said)
                return
            piece, self._read = said[self._read : end], end
            if _HEADING.search(piece) or (self._introduces() and piece.strip() and not _ITEM.match(piece)):
                # « ## Réponse », « Voici ce que disent les passages : »: nothing that a passage could carry.
                self._opens, self._held = _spacing(self._opens + "\n"), ""
                piece = "" if _HEADING.search(piece) else piece
            text, self._held = self._held + piece, ""
            if not text.strip():
                self._opens = _spacing(self._opens + text)
            elif _MARK.search(text) or _STOP.search(text.rstrip()) or len(text) > LONGEST:
                yield self._sentence(text)
            else:
                self._held = text  # « Les travaux portent sur : », « - la charpente ; »: no passage is told yet

    def _introduces(self) -> bool:
        """Whether what is held is a line that introduces what follows, and no item of a list yet."""
        return self._held.rstrip().endswith(":") and not any(map(_ITEM.match, self._held.splitlines()))

    def _end(self, said: str, ended: bool) -> int | None:
        """Where the next sentence ends; None as long as that is not known."""
        for found in _END.finditer(said, self._read):
            before = said[self._read : found.start() + 1]
            if found["line"] is not None:
                return found.end() if ended or found.end() < len(said) else None
            if _NUMBERED.search(before) or (before.endswith(".") and ends_in_abbreviation(before)):
                continue
            if _CLOSED.search(before) and not found["marks"]:
                return found.start() + 1  # « … [1]. »: nothing more belongs to it
            if found.end() == len(said) and not ended:
                return None  # a mark may follow
            if not found["after"] and not found["marks"] and found.end() < len(said):
                continue  # « 3.5 », « exemple.fr »
            if said[found.end() : found.end() + 1] == "[" and not ended and "]" not in said[found.end() :]:
                return None  # a mark that is being written
            return found.end() - len(found["after"])
        return None

    def _sentence(self, text: str) -> WrittenSentence:
        opens = _spacing(self._opens + text[: len(text) - len(text.lstrip())])
        self._opens = text[len(text.rstrip()) :]
        body = text.strip()
        if item := _ITEM.match(body):
            body, opens = body[item.end() :], ("\n" if opens.strip(" ") or not opens else opens) + "- "
            opens = opens if opens.startswith("\n") else f"\n{opens.lstrip()}"
        markers = [int(number) for mark in _MARK.findall(body) for number in re.findall(r"\d+", mark)]
        plain = re.sub(r"[ \t]+", " ", _EMPHASIS.sub("", re.sub(rf"{_MARKS}", "", body)))
        plain = re.sub(r"\s+([.,])", r"\1", plain).strip()
        _, introduced, items = plain.partition(":\n- ")
        return WrittenSentence(plain, tuple(dict.fromkeys(markers)), opens, items if introduced else "")


def _spacing(blank: str) -> str:
    """What blanks between two sentences mean: a paragraph, a line or a space."""
    lines = blank.count("\n")
    return "\n\n" if lines > 1 else "\n" if lines else " "
