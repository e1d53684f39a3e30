"""A model that fails is left alone, then tried again, once, by itself."""

from __future__ import annotations

from assistant.answering.answer import Finished
from assistant.generation import generation_texts as texts
from assistant.generation.circuit_breaker import CircuitBreaker
from assistant.generation.faults import ModelFault
from assistant.generation.writing import AnswerWriter

RATE = "Quel est le taux du plan Halles ?"


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_it_opens_after_so_many_failures_running():
    breaker = CircuitBreaker(3, 60, Clock())
    for _ in range(2):
        breaker.failed()
    breaker.succeeded()
    for _ in range(2):
        breaker.failed()
        assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()


def test_after_a_while_one_try_is_let_through_and_settles_it():
    clock = Clock()
    breaker = CircuitBreaker(1, 60, clock)
    breaker.failed()
    clock.now = 61
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.failed()
    clock.now = 100
    assert not breaker.allows()
    clock.now = 122
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.allows() and breaker.allows()


def test_a_try_that_is_never_heard_of_holds_nobody_for_ever():
    clock = Clock()
    breaker = CircuitBreaker(1, 60, clock)
    breaker.failed()
    clock.now = 61
    assert breaker.allows()
    clock.now = 122
    assert breaker.allows()


def test_answers_are_written_again_once_the_server_is_well(model, server, made_up):
    clock = Clock()
    writer = AnswerWriter(model, breaker=CircuitBreaker(2, 60, clock))

    def fallback():
        *_, last = writer.stream(made_up, RATE, ())
        assert isinstance(last, Finished)
        return last.answer.writing.fallback

    server.script = "401"
    assert [fallback() for _ in range(2)] == [texts.FAULTS[ModelFault.REFUSED]] * 2
    server.requests.clear()
    assert fallback() == texts.FAULTS[ModelFault.PAUSED] and server.requests == [], "it is left alone"
    server.script, clock.now = "good", 61
    assert fallback() == ""
