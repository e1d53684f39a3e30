"""A message → its clauses, and what each is there for: it asks, it tells, it is courtesy. Learned, with or without punctuation.

« je dicte vite le poste chez nous il coûte quatre-vingt mille est-ce que c'est trop » has three clauses and one asks. Every word
is read with those around it and with the encoder's vector for it, in both directions (a GRU each, Cho et al. 2014, arXiv
1406.1078), and gets a probability that a clause begins there and one for each role. Learned from `knowledge/clauses.jsonl` by
`python -m assistant learn`; with an encoder that it was not learned for, it reads the words alone. Knows no conversation, no
base, and nothing of what is done with a role.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.arrays import Floats
from index.embedding import Encoder
from index.french import fold, stem

FILE = Path(__file__).with_name("models") / "clauses.npz"
BUCKETS = 1 << 12  # features of words share them by hash
_AROUND = 3  # words read on each side of a word
_NUMBER = "#"  # stands for any number
_WORD = re.compile(r"[^\s'’]+['’]?|['’]")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\s*\n\s*")
_ABBREVIATED = re.compile(r"\b(?:M|MM|Mme|Mmes|Dr|St|Ste|art|n|env|etc|hab|tél|[A-Z])\.$")
_SIGNS = '.,;:!?…()«»"-–—'


class ClauseRole(StrEnum):
    """What a clause of a message is there for; the values are the labels of `knowledge/clauses.jsonl`."""

    ASK = "demande"
    CONTEXT = "contexte"
    COURTESY = "politesse"


@dataclass(frozen=True)
class Clause:
    """A piece of a message and what it is there for."""

    text: str
    role: ClauseRole
    ask_probability: float  # probability that it asks
    courtesy_probability: float  # … that it is courtesy


class ReadWord(NamedTuple):
    """A word of a text: where it stands, and the names of its features."""

    start: int
    end: int
    features: tuple[str, ...]


@dataclass(frozen=True)
class ClauseReader:
    """The weights of the model that ships, by name, as `training/clause_learning` writes them; float32."""

    encoder: str  # hash of the encoder whose vectors `vector` reads
    weights: Mapping[str, Floats]
    polite: frozenset[str]  # stems of the words of the courtesies it was taught

    @classmethod
    @lru_cache(maxsize=2)
    def load(cls, path: Path = FILE) -> ClauseReader:
        """Those beside the code."""
        with np.load(path) as rows:
            weights = {name: rows[name].astype(np.float32) for name in rows.files if name not in ("encoder", "polite")}
            return cls(str(rows["encoder"]), weights, frozenset(map(str, rows["polite"])))

    def read(self, text: str, encoder: Encoder, opens: float) -> list[list[Clause]]:
        """The sentences of a text, each as its clauses; what has neither letter nor digit is left out.

        Args:
            opens: probability from which a clause begins at a word, 0..1.
        """
        words = words_of(text)
        if not words:
            return []
        begins, roles = self.predict(words, self._vectors(text, words, encoder))
        polite = roles.argmax(axis=1) == list(ClauseRole).index(ClauseRole.COURTESY)
        sentences: list[list[Clause]] = []
        for start, end in sentence_spans(text):
            inside = [at for at, word in enumerate(words) if start <= word.start < end]
            # Where courtesy begins or ends, a clause does: « quelle aide pour un VTA, merci ».
            cuts = [at for at in inside[1:] if begins[at] >= opens or polite[at] != polite[at - 1]]
            pieces = [self._clause(text, words, roles, a, b) for a, b in _between(inside, cuts)]
            sentences.append([piece for piece in pieces if any(c.isalnum() for c in piece.text)])
        return [sentence for sentence in sentences if sentence]

    def predict(self, words: Sequence[ReadWord], vectors: Floats | None) -> tuple[Floats, Floats]:
        """That a clause begins at each word, (n,), and its probability of each role, (n, 3) in the order of `ClauseRole`.

        Args:
            vectors: of the words, (n, dimension); None: the words alone are read.
        """
        weights = self.weights
        own = np.stack([weights["features"][[bucket(name) for name in word.features]].sum(axis=0) for word in words])
        seen = weights["blank"] if vectors is None else vectors @ weights["vector"] + weights["vector_bias"]
        inputs = np.tanh(own + seen)
        states = np.concatenate([self._pass(inputs, "forward"), self._pass(inputs[::-1], "backward")[::-1]], axis=1)
        totals = (states + inputs) @ weights["out"] + weights["out_bias"]
        raised = np.exp(totals[:, :3] - totals[:, :3].max(axis=1, keepdims=True))
        return 1 / (1 + np.exp(-totals[:, 3])), raised / raised.sum(axis=1, keepdims=True)

    def _pass(self, inputs: Floats, way: str) -> Floats:
        """The states of a gated recurrent unit after each input, (n, hidden)."""
        given = inputs @ self.weights[f"{way}_in"] + self.weights[f"{way}_in_bias"]
        kept, kept_bias = self.weights[f"{way}_kept"], self.weights[f"{way}_kept_bias"]
        size = len(kept)
        state, states = np.zeros(size, dtype=np.float32), np.zeros((len(inputs), size), dtype=np.float32)
        for at, row in enumerate(given):
            own = state @ kept + kept_bias
            gates = 1 / (1 + np.exp(-(row[: 2 * size] + own[: 2 * size])))
            fresh = np.tanh(row[2 * size :] + gates[:size] * own[2 * size :])
            state = fresh + gates[size:] * (state - fresh)
            states[at] = state
        return states

    def _vectors(self, text: str, words: Sequence[ReadWord], encoder: Encoder) -> Floats | None:
        if encoder.identity.sha256 != self.encoder:
            return None
        return encoder.encode_parts([text], [[(word.start, word.end) for word in words]]).spans[0]

    def _clause(self, text: str, words: Sequence[ReadWord], roles: Floats, first: int, last: int) -> Clause:
        """Words `first` to `last`, not included, as one clause: its role is what its words say on the whole."""
        shares = dict(zip(ClauseRole, roles[first:last].mean(axis=0).tolist(), strict=True))
        piece = text[words[first].start : words[last - 1].end]
        return Clause(piece, max(shares, key=lambda role: shares[role]), shares[ClauseRole.ASK], shares[ClauseRole.COURTESY])


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand: cut at full stops, question marks and line ends; not after « M. »."""
    spans, start = [], 0
    for match in _SENTENCE.finditer(text):
        if not _ABBREVIATED.search(text[start : match.start()]):
            spans.append((start, match.start()))
            start = match.end()
    return [*spans, (start, len(text))]


def words_of(text: str) -> list[ReadWord]:
    """The words of a text, an elided one apart (« l' », « est-ce qu' »), each with the names of its features.

    They are the words around it by place, folded, their stems, endings and pairs, and the signs between them.
    """
    found = list(_WORD.finditer(text))
    bare = [_bare(match.group()) for match in found]
    padded = ["^"] * _AROUND + bare + ["$"] * _AROUND
    words = []
    for at, match in enumerate(found):
        near = padded[at : at + 2 * _AROUND + 1]  # the word itself stands in the middle
        two, one, own, next_one, next_two = near[1:6]
        gap = text[found[at - 1].end() : match.start()] if at else "\n"
        last = found[at - 1].group() if at else ""
        typed = match.group()
        signs = {f"after {sign}" for sign in _SIGNS if last.endswith(sign)} | {f"ends {s}" for s in _SIGNS if typed.endswith(s)}
        words.append(
            ReadWord(match.start(), match.end(), (
                *(f"{place} {word}" for place, word in enumerate(near)),
                *(f"stem {place} {stem(word)}" for place, word in enumerate(near[1:5])),
                f"end {one[-3:]}", f"end 0 {own[-2:]}", f"end 1 {next_one[-2:]}", f"end 2 {two[-2:]}",
                f"{one} | {own}", f"{own} {next_one}", f"{own} {next_one} {next_two}", f"{two} {one} |",
                f"| {next_one} {next_two}", f"{one[-2:]} | {own}", f"{own} {next_one[-2:]}",
                *sorted(signs), *(["line"] if "\n" in gap else []), *(["capital"] if typed[:1].isupper() else []),
                *(["early"] if at < _AROUND else []), *(["late"] if at >= len(found) - _AROUND else []),
            ))
        )  # fmt: skip
    return words


def bucket(feature: str) -> int:
    """Which row of the features' weights a feature has."""
    return zlib.crc32(feature.encode()) % BUCKETS


def _bare(token: str) -> str:
    word = fold(token).strip(_SIGNS + " '’")
    return _NUMBER if word[:1].isdigit() else word or "~"


def _between(inside: Sequence[int], cuts: Sequence[int]) -> list[tuple[int, int]]:
    if not inside:
        return []
    edges = [inside[0], *cuts, inside[-1] + 1]
    return list(zip(edges[:-1], edges[1:], strict=True))
