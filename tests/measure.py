"""What the benchmarks share: timings, memory, Markdown tables, the base they run on."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.builder import build
from index.embedding import SHIPPED, SentenceEncoder

PROJECT = Path(__file__).parents[1]


def milliseconds(ask: Callable[[Any], object], questions: Iterable[Any]) -> list[float]:
    """How long each question takes, after a first one that warms up."""
    rows = list(questions)
    ask(rows[0])
    spent = []
    for row in rows:
        started = time.perf_counter()
        ask(row)
        spent.append(1000 * (time.perf_counter() - started))
    return spent


def build_base(folder: Path) -> tuple[Path, float]:
    """knowledge/ indexed by the shipped encoder, and the seconds it took, encoder already loaded."""
    encoder = SentenceEncoder(str(SHIPPED))
    encoder.encode_queries(["ORT"])
    started = time.perf_counter()
    build(PROJECT / "knowledge", folder, encoder)
    return folder, time.perf_counter() - started


def peak_mebibytes() -> float:
    """The most memory this process has held so far (Linux counts kibibytes, macOS bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; floats with two decimals."""
    shown = [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(header), ["---"] * len(header), *shown])


def timings(rows: dict[str, list[float]], baseline: str) -> str:
    """p50 and p95 of each row, and how many times the baseline's, measured beside it."""
    base = np.percentile(rows[baseline], [50, 95])
    found = {name: np.percentile(spent, [50, 95]) for name, spent in rows.items()}
    return table(
        ["what", "p50 ms", "p95 ms", f"p50 / {baseline}", f"p95 / {baseline}"],
        [[name, *map(float, values), *map(float, values / base)] for name, values in found.items()],
    )
