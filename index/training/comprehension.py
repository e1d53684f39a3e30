"""Questions with the passages that answer them, and those that seem to → `comprehension.safetensors`, for a model whose states
stay as they are.

    python -m index.training.comprehension MODEL QUESTIONS.jsonl… [--steps 4000]

QUESTIONS: lines `{"question", "passage", "answer", "right", "set", "weight"}`. `answer` is what answers, copied from the
passage, or empty; `right` (true without) false says that this passage seems to answer and does not, or, without passage, that
none of the set does; the same question may stand on several lines. Passages of one `set` are read for the questions of that
set: among those near by their vectors, not its own and without the words of its answer, are the ones it must be told from.

Three things are learned together: does the passage answer (cross-entropy of yes and no), which of a right passage and two wrong
ones does, and where the answer begins. The figures of what shipped, and what was tried, are in DECISIONS.md.
Set MALLOC_TRIM_THRESHOLD_ and MALLOC_MMAP_THRESHOLD_ high: returning memory at each step makes it several times slower.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch.nn import Dropout, LayerNorm, Linear, Module, ModuleList, Parameter, functional

from index.arrays import Floats, Ids
from index.comprehension import FILE, HEADS, Comprehension
from index.embedding import SentenceEncoder, of_text
from index.training.interaction import padded

DIMENSION, LAYERS = 128, 2
BATCH, RATE, STEPS = 24, 1e-3, 4000
_QUESTION_TOKENS, _PASSAGE_TOKENS = 40, 200  # tokens read of a question and of a passage while learning
_WRONG, _AWAY = 2, 4.0  # wrong passages beside a right one, and how far down the near ones they are drawn, on average
_NEAR = 24  # passages, by vector, among which the wrong ones are
_RANKED, _BEGUN = 0.5, 0.3  # weight of the order and of the place beside the verdict
_DROPPED = 0.1
_STEP = 4 / 127  # of the 8 bits in which what is read is kept: 4 is beyond all but one value in thousands
_NEVER = -1e4


@dataclass(frozen=True)
class EncodedText:
    """A text as the encoder reads it: of a passage, its own tokens alone."""

    states: Floats  # (n_tokens, hidden), in 16 or 32 bits
    ids: Ids


@dataclass(frozen=True)
class ContrastiveExample:
    """A question with what answers it and what does not."""

    question: int
    right: tuple[int, ...]  # passages; none for a question that nothing answers
    wrong: tuple[int, ...]  # those most like it first
    begins: Mapping[int, int]  # right passage → its token where the answer begins, where known
    weight: float = 1.0


@dataclass(frozen=True)
class ComprehensionSet:
    """What is learned from; examples name questions and passages by their places."""

    questions: Sequence[EncodedText]
    passages: Sequence[EncodedText]
    examples: Sequence[ContrastiveExample]


class _Attention(Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.query, self.key_value, self.output = Linear(d, d), Linear(d, 2 * d), Linear(d, d)
        self.drop = Dropout(_DROPPED)

    def forward(self, x: torch.Tensor, y: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        n, a, d = x.shape
        q = self.query(x).view(n, a, HEADS, -1).transpose(1, 2)
        k, v = self.key_value(y).view(n, y.shape[1], 2, HEADS, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-1, -2) / math.sqrt(d // HEADS)).masked_fill(~real[:, None, None, :], _NEVER).softmax(-1)
        found: torch.Tensor = self.drop(self.output((weights @ v).transpose(1, 2).reshape(n, a, d)))
        return found


class _Feed(Module):
    def __init__(self, d: int, inner: int) -> None:
        super().__init__()
        self.norm, self.first, self.second, self.drop = LayerNorm(d), Linear(d, inner), Linear(inner, d), Dropout(_DROPPED)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.drop(self.second(self.drop(self.first(self.norm(x)).relu())))
        return found


class _CrossLayer(Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.cross_norm, self.self_norm = LayerNorm(d), LayerNorm(d)
        self.cross, self.self, self.feed = _Attention(d), _Attention(d), _Feed(d, 3 * d)

    def forward(self, q: torch.Tensor, of_q: torch.Tensor, p: torch.Tensor, of_p: torch.Tensor) -> torch.Tensor:
        q = q + self.cross(self.cross_norm(q), p, of_p)
        own = self.self_norm(q)
        q = q + self.self(own, own, of_q)
        return q + self.feed(q)


class _PassageAttention(Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.told_norm, self.asked_norm, self.attention = LayerNorm(d), LayerNorm(d), _Attention(d)

    def forward(self, p: torch.Tensor, q: torch.Tensor, of_q: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.attention(self.told_norm(p), self.asked_norm(q), of_q)
        return found


class _AnswerHead(Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.first, self.second = Linear(2 * d, d), Linear(d, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.second(self.first(x).relu())
        return found


class Learner(Module):
    """A `Comprehension` that learns."""

    def __init__(self, hidden: int, d: int = DIMENSION, layers: int = LAYERS) -> None:
        super().__init__()
        self.input = Linear(hidden, d)
        self.asked_signs, self.told_signs = Linear(3, d, bias=False), Linear(2, d, bias=False)
        self.look, self.told_feed, self.told_norm = _PassageAttention(d), _Feed(d, d), LayerNorm(d)
        self.layers = ModuleList(_CrossLayer(d) for _ in range(layers))
        self.last_norm, self.importance, self.verdict, self.start = LayerNorm(d), Linear(d, 1), _AnswerHead(d), Linear(d, d)
        self.step = Parameter(torch.tensor(_STEP), requires_grad=False)
        self.width = d

    def forward(self, pairs: Sequence[tuple[EncodedText, EncodedText]]) -> tuple[torch.Tensor, torch.Tensor]:
        """For questions each with a passage: the logit that it answers, (n,), and of each token that an answer begins there."""
        questions, of_q = padded([question.states[:_QUESTION_TOKENS] for question, _ in pairs])
        passages, of_p = padded([passage.states[:_PASSAGE_TOKENS] for _, passage in pairs])
        again, same = np.zeros(of_q.shape, dtype=np.float32), np.zeros(of_p.shape, dtype=np.float32)
        for row, (question, passage) in enumerate(pairs):
            own, other = question.ids[:_QUESTION_TOKENS], passage.ids[:_PASSAGE_TOKENS]
            again[row, : len(own)], same[row, : len(other)] = np.isin(own, other), np.isin(other, own)
        q = self.input(functional.layer_norm(questions, questions.shape[-1:]))
        p = self.input(functional.layer_norm(passages, passages.shape[-1:]))
        cosines = functional.normalize(q, dim=-1) @ functional.normalize(p, dim=-1).transpose(1, 2)
        best = cosines.masked_fill(~of_p[:, None, :], -1).amax(2)
        q = q + self.asked_signs(torch.stack([torch.from_numpy(again), best, best * best], dim=-1))
        reached = cosines.masked_fill(~of_q[:, :, None], -1).amax(1)
        p = p + self.told_signs(torch.stack([torch.from_numpy(same), reached], dim=-1))
        p = p + self.look(p, q, of_q)
        p = self.told_norm(p + self.told_feed(p))
        for layer in self.layers:
            q = layer(q, of_q, p, of_p)
        q = self.last_norm(q)
        shares = self.importance(q)[..., 0].masked_fill(~of_q, _NEVER).softmax(1)
        seen = (q * shares[..., None]).sum(1)
        mean = (q * of_q[..., None]).sum(1) / of_q.sum(1, keepdim=True)
        begin = torch.einsum("njd,nd->nj", p, self.start(seen)) / math.sqrt(self.width)
        return self.verdict(torch.cat([seen, mean], dim=-1))[:, 0], begin.masked_fill(~of_p, _NEVER)

    def frozen(self) -> Comprehension:
        """What it has learned."""
        return Comprehension({_short(name): value.detach().numpy().copy() for name, value in self.state_dict().items()})


def _short(name: str) -> str:
    return name.replace("look.attention.", "look.")


def learn(
    material: ComprehensionSet,
    steps: int = STEPS,
    batch: int = BATCH,
    seed: int = 0,
    progress: Callable[[Learner, int, int, float], None] = lambda learner, done, total, loss: None,
    start: Mapping[str, torch.Tensor] | None = None,
) -> Comprehension:
    """The weights that tell right passages from wrong ones.

    Args:
        progress: called after each step with the learner, steps done and to do, and the loss.
        start: a `state_dict` to go on from.
    """
    draw = random.Random(seed)
    torch.manual_seed(seed)
    learner = Learner(material.questions[0].states.shape[1])
    if start:
        learner.load_state_dict(dict(start))
    optimiser = torch.optim.AdamW(learner.parameters(), lr=RATE, weight_decay=0.02)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    weights = [example.weight for example in material.examples]
    for step in range(steps):
        loss = _loss(learner, material, draw.choices(material.examples, weights, k=batch), draw)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        optimiser.step()
        rates.step()
        progress(learner, step + 1, steps, float(loss.detach()))
    return learner.eval().frozen()


def _loss(
    learner: Learner, material: ComprehensionSet, examples: Iterable[ContrastiveExample], draw: random.Random
) -> torch.Tensor:
    pairs: list[tuple[EncodedText, EncodedText]] = []
    verdicts: list[float] = []
    groups: list[tuple[int, int]] = []  # row of a right passage, wrong ones after it
    begins: list[tuple[int, int]] = []  # row, token
    for example in examples:
        question = material.questions[example.question]
        wanted = _WRONG if example.right else 1
        last = len(example.wrong) - 1
        wrong = [example.wrong[min(int(draw.expovariate(1 / _AWAY)), last)] for _ in range(wanted) if example.wrong]
        if example.right:
            right = draw.choice(example.right)
            if wrong:
                groups.append((len(pairs), len(wrong)))
            if 0 <= example.begins.get(right, -1) < _PASSAGE_TOKENS:
                begins.append((len(pairs), example.begins[right]))
            pairs.append((question, material.passages[right]))
            verdicts.append(1.0)
        pairs += [(question, material.passages[row]) for row in wrong]
        verdicts += [0.0] * len(wrong)
    logits, starts = learner(pairs)
    loss = functional.binary_cross_entropy_with_logits(logits, torch.tensor(verdicts))
    if groups:
        first = torch.zeros(1, dtype=torch.long)
        order = [functional.cross_entropy(logits[row : row + 1 + count][None], first) for row, count in groups]
        loss = loss + _RANKED * torch.stack(order).mean()
    if begins:
        rows, tokens = (torch.tensor(column) for column in zip(*begins, strict=True))
        loss = loss + _BEGUN * functional.cross_entropy(starts[rows], tokens)
    return loss


# ---------------------------------------------------------------------------------- from questions


def material_of(rows: Sequence[Mapping[str, Any]], encoder: SentenceEncoder) -> ComprehensionSet:
    """Questions and passages as the encoder reads them; formats above."""
    questions, passages = list(dict.fromkeys(r["question"] for r in rows)), _passages(rows)
    encoded_questions, of_asked, _ = _read(encoder, encoder.identity.query_prompt, questions, whole=True)
    encoded_passages, of_told, starts = _read(encoder, encoder.identity.passage_prompt, passages, whole=False)
    return ComprehensionSet(encoded_questions, encoded_passages, examples_of(rows, passages, of_asked @ of_told.T, starts))


def _passages(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(row["passage"] for row in rows if row["passage"]))


def examples_of(
    rows: Sequence[Mapping[str, Any]], passages: Sequence[str], cosines: Floats, starts: Sequence[NDArray[np.int64]]
) -> list[ContrastiveExample]:
    """What is learned from.

    Args:
        passages: the different ones of `rows`, in their order.
        cosines: of the questions of `rows`, in theirs, and the passages, (n_questions, n_passages).
        starts: where each token of each passage begins in it.
    """
    of_passage = {text: at for at, text in enumerate(passages)}
    by_question: dict[str, list[Mapping[str, Any]]] = {}
    of_set: dict[str, list[int]] = {}
    for row in rows:
        by_question.setdefault(row["question"], []).append(row)
        of_set.setdefault(row.get("set", ""), []).extend([of_passage[row["passage"]]] if row["passage"] else [])
    pools = {name: np.unique(members) for name, members in of_set.items()}
    examples = []
    for at, own in enumerate(by_question.values()):
        right = {of_passage[row["passage"]]: str(row.get("answer", "")) for row in own if row.get("right", True)}
        seeming = [of_passage[row["passage"]] for row in own if row["passage"] and not row.get("right", True)]
        pool = pools[own[0].get("set", "")]
        near = pool[np.argsort(-cosines[at, pool])][:_NEAR].tolist()
        answers = [_plain(answer) for answer in right.values() if len(answer) > 3]
        wrong = [row for row in near if row not in right and not any(answer in _plain(passages[row]) for answer in answers)]
        begins = {row: _token(passages[row], answer, starts[row]) for row, answer in right.items() if answer}
        wrong = [*seeming, *(row for row in wrong if row not in seeming)]
        examples.append(ContrastiveExample(at, tuple(right), tuple(wrong), begins, float(own[0].get("weight", 1))))
    return examples


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold()


def _token(passage: str, answer: str, starts: NDArray[np.int64]) -> int:
    """The token of a passage where an answer begins; -1 when it does not hold it."""
    at = passage.rfind(answer)
    return int(np.searchsorted(starts, at, side="right")) - 1 if at >= 0 else -1


def _read(
    encoder: SentenceEncoder, prompt: str, texts: Sequence[str], whole: bool
) -> tuple[list[EncodedText], Floats, list[NDArray[np.int64]]]:
    """Texts, their vectors, and where each token begins; not `whole`: the tokens of the text alone."""
    model = encoder._model
    nothing = EncodedText(np.zeros((0, model.dimension), dtype=np.float32), np.zeros(0, dtype=np.int32))
    encoded, vectors = [nothing] * len(texts), np.zeros((len(texts), model.dimension), dtype=np.float32)
    starts = [np.zeros(0, dtype=np.int64)] * len(texts)
    for row, states, offsets, ids in model.states([prompt + text for text in texts]) or ():
        offsets = offsets - len(prompt)
        kept = np.ones(len(states), dtype=bool) if whole else of_text(offsets)
        encoded[row], starts[row] = EncodedText(states[kept].astype(np.float16), ids[kept]), offsets[kept, 0]
        vectors[row] = model.finished(states.mean(axis=0)[None])[0]
    return encoded, vectors, starts


def save(learned: Comprehension, folder: Path) -> None:
    """Write it where a model folder keeps it."""
    save_file({name: np.asarray(value, dtype=np.float32) for name, value in learned.weights.items()}, folder / FILE)


def main(arguments: Sequence[str]) -> int:
    """The command line: learn from files of questions, write beside the model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args(arguments)
    lines = [line for path in given.questions for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    material = material_of([json.loads(line) for line in lines], SentenceEncoder(given.model))

    def progress(learner: Learner, done: int, total: int, loss: float) -> None:
        if done % 50 == 0:
            sys.stderr.write(f"\r{done}/{total} {loss:.3f}")

    save(learn(material, given.steps, progress=progress), given.model)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
