"""The preview of a publication as its page shows it: the figures of the gate, and the passages that change, by document.

Reads a plan of `curation.publication`; knows nothing of requests or templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assistant.curation.comparison import Op, PassageChange
from assistant.curation.publication import GATE, Plan

LISTED = 40  # answers, pairs, and passages of one document, of a preview on one page


class GateRow(NamedTuple):
    """A figure of the quality gate."""

    name: str
    before: float
    after: float
    is_worse: bool


def gate_rows(plan: Plan) -> list[GateRow]:
    """Each figure of the gate; none when no golden question was asked."""
    if not plan.gate.turns:
        return []
    return [GateRow(name, plan.gate.before[name], plan.gate.after[name], name in plan.gate.failures) for name in GATE]


@dataclass(frozen=True)
class DocumentChanges:
    """The passages of one document that a publication touches."""

    count: int
    shown: Sequence[PassageChange]  # all that change; of those that come or go whole, the first
    added: int  # that come and are not shown: the pending file's page has them
    removed: int  # that go and are not shown: the document's page has them


def by_document(changes: Iterable[PassageChange]) -> dict[str, DocumentChanges]:
    """The passages that a publication touches, by the path of their document."""
    found: dict[str, list[PassageChange]] = {}
    for change in changes:
        found.setdefault(change.passage.document, []).append(change)
    return {path: _touched(rows) for path, rows in found.items()}


def _touched(changes: Sequence[PassageChange]) -> DocumentChanges:
    whole = [change for change in changes if change.op is not Op.CHANGED]
    first, left = {id(change) for change in whole[:LISTED]}, whole[LISTED:]
    shown = [change for change in changes if change.op is Op.CHANGED or id(change) in first]
    added = sum(change.op is Op.ADDED for change in left)
    return DocumentChanges(len(changes), shown, added, len(left) - added)


def counts(plan: Plan) -> dict[str, int]:
    """How many passages are added, changed and removed."""
    return {op: sum(change.op == op for change in plan.passages) for op in ("added", "changed", "removed")}
