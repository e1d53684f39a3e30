"""Messages cut into clauses → the model of `clauses`: a gated recurrent unit each way over words, learned with torch.

Every message is taught as it was typed and as it would be dictated, without punctuation or capitals, beside requests of a single
clause; in one of four the
encoder's vectors are left out, so that the words alone are read with any other encoder. Figures are of the messages that it did
not see, one of five. Knows the labels and nothing of what they lead to.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from assistant.answering.bounds import BOUNDS
from assistant.answering.classifiers import FOREIGN_ACTS, Act
from assistant.answering.clauses import BUCKETS, ClauseRole, ReadWord, bucket, words_of
from assistant.answering.training.learning import labelled_rows
from assistant.errors import AssistantError
from index.arrays import Floats
from index.embedding import Encoder
from index.french import analyse

HIDDEN = 64  # 32 each way; 96 was worth no more
EPOCHS, BATCH, RATE, DECAY = 12, 8, 2e-3, 0.85
DROPOUT, BLIND = 0.3, 0.25  # share of inputs, and of messages' vectors, left out
REQUESTS = 900  # as many as there are messages cut by hand
_ROLES = tuple(ClauseRole)
_REQUESTS = FOREIGN_ACTS | {Act.QUESTION}
_SHORTEST, _LONGEST = 7, 40  # words
_INNER_SIGN = re.compile(r"[,:;.!?…]\s")
_SIGNS = re.compile(r"\s*[.,;:!?…]+(?=\s|$)|\s+[–—-](?=\s)")


@dataclass(frozen=True)
class LabelledClauses:
    """A message cut by hand: its text, and where each clause ends in it with what it is there for."""

    text: str
    ends: tuple[tuple[int, ClauseRole], ...]


@dataclass(frozen=True)
class TaggedMessage:
    """A message as the model reads it."""

    words: tuple[ReadWord, ...]
    buckets: NDArray[np.int64]  # of the features of all its words, one word after the other
    starts: NDArray[np.int64]  # (n_words,), where those of each word begin
    vectors: Floats  # (n_words, dimension)
    begins: NDArray[np.float32]  # (n_words,), 1 where a clause begins
    roles: NDArray[np.int64]  # (n_words,), in the order of `ClauseRole`


def labelled_clauses(path: Path) -> list[LabelledClauses]:
    """The labelled messages of a file, as they were typed.

    Raises:
        AssistantError: naming the line that cannot be read.
    """
    found = []
    for number, row in enumerate(labelled_rows(path, ("clauses",)), 1):
        pieces = []
        for clause in row["clauses"]:
            try:
                pieces.append((str(clause["text"]).strip(), ClauseRole(clause["role"])))
            except (KeyError, TypeError, ValueError) as error:
                known = ", ".join(sorted(ClauseRole))
                raise AssistantError(f"{path.name}, ligne {number} : il faut « text » et « role » ({known}) : {error}") from error
        found.append(_joined(pieces))
    return found


def whole_requests(path: Path, most: int = REQUESTS) -> list[LabelledClauses]:
    """Labelled messages that ask or demand from end to end, one clause each: « rédige-moi un tract contre mon adversaire ».

    Drawn among those of one sentence, of a length that could be cut.
    """
    texts = [row["text"].strip() for row in labelled_rows(path, ("text", "intent")) if Act(row["intent"]) in _REQUESTS]
    fit = [text for text in dict.fromkeys(texts) if _SHORTEST <= len(text.split()) <= _LONGEST and not _INNER_SIGN.search(text)]
    drawn = fit if len(fit) <= most else random.Random(1).sample(fit, most)
    return [LabelledClauses(text, ((len(text), ClauseRole.ASK),)) for text in drawn]


def as_dictated(message: LabelledClauses) -> LabelledClauses:
    """The same message without punctuation, its clauses without capitals at their beginnings."""
    starts = [0, *(end for end, _ in message.ends)]
    pieces = []
    for start, (end, role) in zip(starts, message.ends, strict=False):
        piece = _SIGNS.sub("", message.text[start:end].strip())
        pieces.append((piece[:1].lower() + piece[1:], role))
    return _joined(pieces)


def tagged(messages: Sequence[LabelledClauses], encoder: Encoder) -> list[TaggedMessage]:
    """Messages with what the model reads of each word, and what it is to say of it."""
    found = []
    for message in messages:
        words = words_of(message.text)
        if not words:
            continue
        ends = np.array([end for end, _ in message.ends])
        at = np.searchsorted(ends, [word.start for word in words], side="right")
        vectors = encoder.encode_parts([message.text], [[(word.start, word.end) for word in words]]).spans[0]
        begins = np.concatenate([[1.0], np.diff(at) > 0]).astype(np.float32)
        roles = np.array([_ROLES.index(message.ends[k][1]) for k in at])
        found.append(TaggedMessage(tuple(words), *_buckets(words), vectors, begins, roles))
    return found


def _buckets(words: Sequence[ReadWord]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    flat = np.array([bucket(name) for word in words for name in word.features])
    return flat, np.cumsum([0, *(len(word.features) for word in words)])[:-1]


def learn_clauses(
    messages: Sequence[LabelledClauses], encoder: Encoder, requests: Sequence[LabelledClauses] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays of the model, and its figures on the messages that it did not see.

    Args:
        messages: cut by hand.
        requests: of one clause, taught beside them and not counted.
    """
    whole = tagged(requests, encoder)
    typed, dictated = tagged(messages, encoder), tagged([as_dictated(message) for message in messages], encoder)
    held = [at % 5 == 4 for at in range(len(messages))]
    trial = _fitted([*(m for rows in (typed, dictated) for m, out in zip(rows, held, strict=True) if not out), *whole])
    worth = {
        name: worth_of(_Trained(trial), [m for m, out in zip(rows, held, strict=True) if out])
        for name, rows in (("typed", typed), ("dictated", dictated))
    }
    fitted = _fitted([*typed, *dictated, *whole])
    arrays = {
        **_arrays(fitted), "encoder": np.array(encoder.identity.sha256),
        "polite": np.array(_polite(messages), dtype=np.str_),
    }  # fmt: skip
    return arrays, {"messages": len(messages), **worth}


def worth_of(reader: Any, messages: Sequence[TaggedMessage], opens: float = BOUNDS.clause_opens) -> dict[str, float]:
    """Share of words with the right role, precision and recall of those that ask, of where clauses begin.

    Args:
        reader: has `predict`, as `ClauseReader`.
        opens: probability from which a clause begins.
    """
    begins, roles, true_begins, true_roles = [], [], [], []
    for message in messages:
        probabilities, shares = reader.predict(message.words, message.vectors)
        begins.append(probabilities[1:] >= opens)
        roles.append(shares.argmax(axis=1))
        true_begins.append(message.begins[1:] > 0)
        true_roles.append(message.roles)
    said, true = np.concatenate(begins), np.concatenate(true_begins)
    role, meant = np.concatenate(roles), np.concatenate(true_roles)
    asks = _ROLES.index(ClauseRole.ASK)
    return {
        "roles": round(float((role == meant).mean()), 3),
        "ask_precision": round(float((meant[role == asks] == asks).mean()), 3),
        "ask_recall": round(float((role[meant == asks] == asks).mean()), 3),
        "begins_precision": round(float(true[said].mean()), 3),
        "begins_recall": round(float(said[true].mean()), 3),
    }


class _Network(nn.Module):
    """What `ClauseReader.predict` computes, with dropout."""

    def __init__(self, dimension: int, mean: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.mean, self.spread = mean, spread
        self.vector = nn.Linear(dimension, HIDDEN)
        self.features = nn.EmbeddingBag(BUCKETS, HIDDEN, mode="sum")
        nn.init.zeros_(self.features.weight)
        self.unit = nn.GRU(HIDDEN, HIDDEN // 2, bidirectional=True, batch_first=True)
        self.out = nn.Linear(HIDDEN, len(_ROLES) + 1)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, batch: Sequence[TaggedMessage], blind: Sequence[bool]) -> Tensor:
        """(n_words of all, 4): the three roles, then that a clause begins; not normalised."""
        rows = []
        for message, unseen in zip(batch, blind, strict=True):
            seen = (torch.from_numpy(message.vectors) - self.mean) / self.spread
            seen = self.vector(torch.zeros_like(seen) if unseen else self.drop(seen))
            rows.append(
                torch.tanh(seen + self.drop(self.features(torch.from_numpy(message.buckets), torch.from_numpy(message.starts))))
            )
        lengths = torch.tensor([len(row) for row in rows])
        packed = pack_padded_sequence(
            nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = pad_packed_sequence(self.unit(packed)[0], batch_first=True)
        return torch.cat([self.out(self.drop(own[: len(row)] + row)) for own, row in zip(states, rows, strict=True)])


class _Trained:
    """A network as `ClauseReader`: what is measured is what ships."""

    def __init__(self, network: _Network) -> None:
        self._network = network.eval()

    def predict(self, words: Sequence[ReadWord], vectors: Floats) -> tuple[Floats, Floats]:
        nothing = np.zeros(len(words), dtype=np.float32)
        with torch.inference_mode():
            totals = self._network(
                [TaggedMessage(tuple(words), *_buckets(words), vectors, nothing, nothing.astype(np.int64))], [False]
            )
        return torch.sigmoid(totals[:, 3]).numpy(), torch.softmax(totals[:, :3], dim=1).numpy()


def _fitted(messages: Sequence[TaggedMessage]) -> _Network:
    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    all_vectors = torch.from_numpy(np.concatenate([message.vectors for message in messages]))
    network = _Network(all_vectors.shape[1], all_vectors.mean(dim=0), all_vectors.std(dim=0) + 1e-6)
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE, weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, DECAY)
    for _ in range(EPOCHS):
        order = draw.permutation(len(messages))
        for first in range(0, len(order), BATCH):
            batch = [messages[at] for at in order[first : first + BATCH]]
            totals = network(batch, [bool(draw.random() < BLIND) for _ in batch])
            begins = torch.from_numpy(np.concatenate([message.begins for message in batch]))
            roles = torch.from_numpy(np.concatenate([message.roles for message in batch]))
            loss = nn.functional.binary_cross_entropy_with_logits(totals[:, 3], begins)
            loss = loss + nn.functional.cross_entropy(totals[:, :3], roles)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        schedule.step()
    return network


def _arrays(network: _Network) -> dict[str, Any]:
    """The weights by the names that `ClauseReader` reads, 16 bits; the centring of the vectors is folded in."""
    rows = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    mean, spread = network.mean.numpy(), network.spread.numpy()
    scaled = rows["vector.weight"] / spread
    units = {
        f"{way}_{kind}": rows[f"unit.{name}{ending}"].T
        for way, ending in (("forward", ""), ("backward", "_reverse"))
        for kind, name in (
            ("in", "weight_ih_l0"),
            ("in_bias", "bias_ih_l0"),
            ("kept", "weight_hh_l0"),
            ("kept_bias", "bias_hh_l0"),
        )
    }
    arrays = {
        "features": rows["features.weight"], "vector": scaled.T, "vector_bias": rows["vector.bias"] - scaled @ mean,
        "blank": rows["vector.bias"], "out": rows["out.weight"].T, "out_bias": rows["out.bias"], **units,
    }  # fmt: skip
    return {name: array.astype(np.float16) for name, array in arrays.items()}


def _polite(messages: Sequence[LabelledClauses]) -> list[str]:
    """The stems of the words of courtesies, those of a single one left out: a signature's names are no courtesy."""
    counts: Counter[str] = Counter()
    for message in messages:
        start = 0
        for end, role in message.ends:
            if role is ClauseRole.COURTESY:
                counts.update(set(analyse(message.text[start:end])))
            start = end
    return sorted(stem for stem, count in counts.items() if count > 1) or [""]


def _joined(pieces: Sequence[tuple[str, ClauseRole]]) -> LabelledClauses:
    text, ends = "", []
    for piece, role in pieces:
        if piece:
            text = f"{text} {piece}" if text else piece
            ends.append((len(text), role))
    return LabelledClauses(text, tuple(ends))
