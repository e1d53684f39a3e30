"""Work in child processes: what a task does to its process never reaches the caller's."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from index.errors import TaskLost, UnreadableDocument
from index.workers import Limits, Workers


def double(number: int) -> int:
    return 2 * number


def fill_memory() -> int:
    return len([bytearray(50_000_000) for _ in range(100)])


def run_for_ever() -> None:
    while True:
        pass


def abort() -> None:
    os.abort()


def refuse() -> None:
    raise UnreadableDocument("Ce fichier est vide.", "empty")


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    workers = Workers(Limits(megabytes=512, seconds=2), count=1)
    yield workers
    workers.close()


def test_a_task_gives_its_result_from_another_process(workers: Workers) -> None:
    assert workers.run(double, 21) == 42
    assert workers.run(os.getpid) != os.getpid()


def test_the_exceptions_of_a_task_are_the_callers(workers: Workers) -> None:
    with pytest.raises(UnreadableDocument, match="vide") as raised:
        workers.run(refuse)
    assert raised.value.status == "empty"


@pytest.mark.parametrize(("task", "said", "status"), [
    (fill_memory, "512 Mo", "too_large"),
    (run_for_ever, r"\b2 s", "too_large"),
    (abort, "logiciel", "unreadable"),
])  # fmt: skip
def test_a_task_past_its_limits_is_lost_and_the_next_one_runs(workers: Workers, task: object, said: str, status: str) -> None:
    with pytest.raises(TaskLost, match=said) as raised:
        workers.run(task)  # type: ignore[arg-type]  # a parameter of several functions
    assert raised.value.status == status
    assert workers.run(double, 4) == 8


def test_the_processor_time_of_a_task_is_counted_from_its_start(workers: Workers) -> None:
    """A process that has worked for long gives the next file as long as the first."""
    assert [workers.run(sum, range(20_000_000)) for _ in range(8)] == [199_999_990_000_000] * 8
