"""Questions with the passages that answer them → the projection of late interaction, for a model whose states stay as they are.

    python -m index.training.interaction MODEL PAIRS.jsonl… [--steps 700]

PAIRS: lines `{"question", "passage", "weight"}`; the same passage may answer several questions, the weight (1 without) says how
often a pair is drawn beside the others. Each question is drawn with its passage, those of the others of its batch and one hard
passage, near by its vector and not its own; the layer is to put its own first (InfoNCE). The layer starts as the principal
components of the states: a random one needs ten times the steps. Writes `interaction.safetensors` in MODEL.

What shipped was learned so on 15,600 pairs in two minutes of two cores, before this module was written down, and this module was
run on small sets only; figures in DECISIONS.md. More steps fit the pairs and lose
elsewhere. Set MALLOC_TRIM_THRESHOLD_ and MALLOC_MMAP_THRESHOLD_ high: returning memory at each step makes it eight times slower.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file

from index.arrays import Floats
from index.embedding import SentenceEncoder, of_text
from index.interaction import FILE, Projection

DIMENSION = 64
BATCH, RATE, STEPS = 32, 1e-3, 700
_PASSAGE_TOKENS, _QUESTION_TOKENS = 150, 32  # tokens read of a passage and of a question
_HARD = (3, 33)  # ranks, by vector, of the passages taken for hard ones: the first may well answer too


@dataclass(frozen=True)
class QuestionPairs:
    """Texts as the encoder reads them, and which belong together."""

    questions: Sequence[Floats]  # states of each question, (n_tokens, hidden)
    passages: Sequence[Floats]  # of each passage, without prompt and end
    pairs: Sequence[tuple[int, int]]
    weights: Sequence[float]
    hard: Sequence[Sequence[int]]  # of each question, passages that are near and not its own


class TrainableProjection(torch.nn.Module):
    """A `Projection` that learns."""

    def __init__(self, start: Floats, mean: Floats) -> None:
        super().__init__()
        dimension, hidden = start.shape
        self.project = torch.nn.Linear(hidden, dimension)
        self.matter = torch.nn.Linear(hidden, 1)
        self.sharpness = torch.nn.Parameter(torch.tensor(3.0))
        with torch.no_grad():
            self.project.weight.copy_(torch.from_numpy(start))
            self.project.bias.copy_(torch.from_numpy(-start @ mean))
        torch.nn.init.zeros_(self.matter.weight)
        torch.nn.init.zeros_(self.matter.bias)

    def forward(self, questions: Sequence[Floats], passages: Sequence[Floats]) -> torch.Tensor:
        """How far each passage holds each question, (questions, passages)."""
        states, of_asked = padded(questions)
        others, of_told = padded(passages)
        one = torch.nn.functional.normalize(self.project(states), dim=-1)
        other = torch.nn.functional.normalize(self.project(others), dim=-1)
        shares = torch.nn.functional.softplus(self.matter(states)).squeeze(-1) * of_asked
        shares = shares / shares.sum(dim=1, keepdim=True)
        cosines = torch.einsum("aid,bjd->abij", one, other).masked_fill(~of_told[None, :, None, :], -2)
        return (cosines.amax(dim=-1) * shares[:, None, :]).sum(dim=-1)

    def frozen(self) -> Projection:
        """What it has learned."""
        weight, bias = self.project.weight.detach().numpy(), self.project.bias.detach().numpy()
        return Projection(weight, bias, self.matter.weight.detach().numpy()[0].copy(), self.matter.bias.detach().numpy())


def learn(
    material: QuestionPairs,
    steps: int = STEPS,
    batch: int = BATCH,
    seed: int = 0,
    progress: Callable[[str, int, int], None] = lambda step, done, total: None,
) -> Projection:
    """The projection that puts the passage of each question before the others of its batch."""
    draw = random.Random(seed)
    torch.manual_seed(seed)
    sample = np.concatenate(draw.sample(list(material.passages), min(600, len(material.passages))))[:20_000]
    mean = sample.mean(axis=0)
    layer = TrainableProjection(np.linalg.svd(sample - mean, full_matrices=False)[2][:DIMENSION].copy(), mean)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=RATE, weight_decay=0.01)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    for step in range(steps):
        drawn = draw.choices(material.pairs, material.weights, k=batch)
        rows = [passage for _, passage in drawn]
        rows += [draw.choice(material.hard[question]) for question, _ in drawn if material.hard[question]]
        questions, passages = (
            [material.questions[q][:_QUESTION_TOKENS] for q, _ in drawn],
            [material.passages[row][:_PASSAGE_TOKENS] for row in rows],
        )
        scores = layer(questions, passages) * torch.exp(layer.sharpness)
        again = [[other == passage and at != place for at, other in enumerate(rows)] for place, (_, passage) in enumerate(drawn)]
        loss = torch.nn.functional.cross_entropy(scores.masked_fill(torch.tensor(again), -1e4), torch.arange(len(drawn)))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        rates.step()
        progress("apprentissage", step + 1, steps)
    return layer.frozen()


def material_of(rows: Sequence[Mapping[str, Any]], encoder: SentenceEncoder) -> QuestionPairs:
    """Pairs (`{"question", "passage", "weight"}`) as the encoder reads them."""
    questions, passages = list(dict.fromkeys(r["question"] for r in rows)), list(dict.fromkeys(r["passage"] for r in rows))
    of_question, of_passage = ({text: at for at, text in enumerate(texts)} for texts in (questions, passages))
    pairs = [(of_question[row["question"]], of_passage[row["passage"]]) for row in rows]
    question_states, of_asked = _states(encoder, encoder.identity.query_prompt, questions, whole=True)
    passage_states, of_told = _states(encoder, encoder.identity.passage_prompt, passages, whole=False)
    right: dict[int, set[int]] = {}
    for question, passage in pairs:
        right.setdefault(question, set()).add(passage)
    near = [np.argsort(-(of_told @ vector))[: _HARD[1]].tolist() for vector in of_asked]
    hard = [[row for row in own if row not in right[at]][_HARD[0] :] for at, own in enumerate(near)]
    return QuestionPairs(question_states, passage_states, pairs, [float(row.get("weight", 1)) for row in rows], hard)


def _states(encoder: SentenceEncoder, prompt: str, texts: Sequence[str], whole: bool) -> tuple[list[Floats], Floats]:
    """States and vectors of texts; not `whole`: the tokens of the text alone, as `SentenceEncoder.encode_parts` keeps them."""
    model = encoder._model
    kept: list[Floats] = [np.zeros((0, model.dimension), dtype=np.float32)] * len(texts)
    vectors = np.zeros((len(texts), model.dimension), dtype=np.float32)
    for row, states, offsets, _ in model.states([prompt + text for text in texts]) or ():
        kept[row] = states if whole else states[of_text(offsets - len(prompt))]
        vectors[row] = model.finished(states.mean(axis=0)[None])[0]
    return kept, vectors


def padded(texts: Sequence[Floats]) -> tuple[torch.Tensor, torch.Tensor]:
    """(n, longest, hidden), and which tokens are real."""
    states = np.zeros((len(texts), max(map(len, texts)), texts[0].shape[1]), dtype=np.float32)
    real = np.zeros(states.shape[:2], dtype=bool)
    for row, own in enumerate(texts):
        states[row, : len(own)], real[row, : len(own)] = own, True
    return torch.from_numpy(states), torch.from_numpy(real)


def save(projection: Projection, folder: Path) -> None:
    """Write what `Projection.load` reads."""
    rows = {"weight": projection.weight, "bias": projection.bias, "importance": projection.importance}
    save_file({**rows, "importance_bias": projection.importance_bias}, folder / FILE)


def main() -> None:
    """The command line: learn from files of pairs, write beside the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("pairs", type=Path, nargs="+")
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    rows = [json.loads(line) for path in options.pairs for line in path.read_text(encoding="utf-8").splitlines()]
    save(learn(material_of(rows, SentenceEncoder(options.model)), options.steps, progress=_progress), options.model)


def _progress(step: str, done: int, total: int) -> None:
    if done % 50 == 0 or done == total:
        sys.stderr.write(f"\r{step} {done}/{total}")


if __name__ == "__main__":
    main()
