"""Personal data as people write it, by writers who did not know the rules: what is caught, and what of public things is masked.

`tests/golden/personal_data_learn.jsonl` may be read; `personal_data_counted.jsonl` is only ever counted: nobody reads its cases.
A piece is caught when all of its letters and digits are masked, a public item is kept when it stands whole in the masked text.
The base says what is public, as in the product.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from assistant.privacy.masking import CAUGHT_IDENTIFIERS, CAUGHT_NAMES, COUNTED_MESSAGES, Masker
from assistant.privacy.public_words import PublicWords
from tests.judged import GOLDEN

FLOORS = json.loads((GOLDEN / "personal_data_floors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def masker() -> Masker:
    public = PublicWords.of(path.read_text(encoding="utf-8") for path in Path("knowledge/fiches").glob("*.md"))
    return Masker(lambda: public)


def shares(masker: Masker, name: str) -> tuple[dict[str, float], float]:
    """The share caught, by kind and of all identifiers, and the share of public items masked."""
    caught: dict[str, list[bool]] = defaultdict(list)
    masked_public: list[bool] = []
    for line in (GOLDEN / f"personal_data_{name}.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        text, pieces = case["text"], masker.find(case["text"])
        hidden = {at for piece in pieces for at in range(piece.start, piece.end)}
        for item in case["private"]:
            at, own = text.index(item["text"]), item["text"]
            is_caught = all(at + place in hidden for place, sign in enumerate(own) if sign.isalnum())
            for kind in {item["kind"], "name" if item["kind"] == "name" else "identifiers"}:
                caught[kind].append(is_caught)
        masked = masker.mask(text)
        masked_public += [item not in masked for item in case["public"]]
    return {kind: sum(own) / len(own) for kind, own in caught.items()}, sum(masked_public) / len(masked_public)


@pytest.mark.parametrize("name", FLOORS)
def test_personal_data_is_caught_and_public_items_are_kept(masker: Masker, name: str) -> None:
    caught, public = shares(masker, name)
    assert {kind: caught[kind] for kind, floor in FLOORS[name]["caught"].items() if caught[kind] < floor} == {}
    assert public <= FLOORS[name]["public_masked_at_most"]


def test_what_pages_promise_is_what_is_counted(masker: Masker) -> None:
    caught, _ = shares(masker, "counted")
    assert caught["identifiers"] >= CAUGHT_IDENTIFIERS and caught["name"] >= CAUGHT_NAMES
    lines = (GOLDEN / "personal_data_counted.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == COUNTED_MESSAGES
