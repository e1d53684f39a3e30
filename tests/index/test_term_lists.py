"""Lists of terms as numbers: what they hold is what the sets of their terms hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.term_lists import Cut, TermLists, Vocabulary

NUMBERS = st.integers(0, 9)
LISTS = st.lists(st.lists(NUMBERS, max_size=6), max_size=8)


@given(LISTS, st.lists(st.lists(NUMBERS, max_size=3), max_size=3), st.integers(1, 40))
def test_a_list_holds_a_group_when_it_has_one_of_its_terms(lists: list[list[int]], groups: list[list[int]], times: int) -> None:
    many = groups * times  # more than 64 are told apart too
    held = TermLists.of(lists).held(many, 10)
    assert held.tolist() == [[bool(set(group) & set(own)) for own in lists] for group in many]


@given(LISTS, st.lists(st.tuples(NUMBERS, NUMBERS), max_size=5))
def test_neighbours_follow_one_another_within_one_list(lists: list[list[int]], pairs: list[tuple[int, int]]) -> None:
    found = TermLists.of(lists).neighbours(pairs)
    assert found.tolist() == [[pair in set(zip(own, own[1:], strict=False)) for own in lists] for pair in pairs]


@given(st.lists(st.lists(NUMBERS, max_size=6), min_size=1, max_size=8), st.data())
def test_some_lists_are_taken_in_the_order_asked_for(lists: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=10))
    taken = TermLists.of(lists).taken(np.array(rows, dtype=np.int64))
    assert [taken.of_row(place) for place in range(len(rows))] == [lists[row] for row in rows]


def test_the_places_of_a_row_are_those_of_its_part() -> None:
    places, counts = Cut.of([2, 0, 3]).places(np.array([2, 0, 1]))
    assert (places.tolist(), counts.tolist()) == ([2, 3, 4, 0, 1], [3, 2, 0])


def test_a_vocabulary_comes_back_as_saved(tmp_path: Path) -> None:
    vocabulary = Vocabulary()
    assert vocabulary.learn(["pret", "halle", "pret"]) == [0, 1, 0]
    vocabulary.save(tmp_path)
    again = Vocabulary.load(tmp_path)
    assert (again.known(["halle", "inconnu", "pret"]), again.term(1), len(again)) == ([1, 0], "halle", 2)
