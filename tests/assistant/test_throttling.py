"""What is counted: windows that move, together or not at all, in a store that may fail; turns that clients take."""

from __future__ import annotations

import threading
import time

import pytest

from assistant.errors import ConfigurationError
from assistant.settings import Settings
from assistant.throttling import MINUTE, Counted, Throttle, Window, duration, network
from assistant.turn_taking import TurnTaking


def test_a_window_is_full_then_moves():
    throttle, counted = Throttle(), Counted(("essai", "a"), (Window(2, 1),))
    assert [throttle.wait(counted) for _ in range(3)] == [0, 0, 1]
    assert throttle.wait(Counted(("essai", "b"), (Window(2, 1),))) == 0, "each has their own"
    time.sleep(1.1)
    assert throttle.wait(counted) == 0


def test_what_is_refused_is_counted_nowhere_and_the_longest_wait_is_said():
    throttle, narrow, wide = Throttle(), Counted(("a",), (Window(1, MINUTE),)), Counted(("b",), (Window(3, MINUTE),))
    assert throttle.wait(narrow, wide) == 0
    for _ in range(5):
        assert 0 < throttle.wait(narrow, wide) <= MINUTE
    assert [throttle.wait(wide), throttle.wait(wide)] == [0, 0]
    assert throttle.wait(wide) > 0
    throttle.forget(wide)
    assert throttle.wait(wide) == 0


def test_a_hundred_at_once_are_counted_one_by_one():
    throttle, counted, let_in = Throttle(), Counted(("a",), (Window(10, MINUTE),)), []
    threads = [threading.Thread(target=lambda: let_in.append(throttle.wait(counted) == 0)) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(let_in) == 10


@pytest.mark.parametrize("store", ["nulle://part", "redis+cluster:/"])
def test_a_store_that_is_none_is_refused_by_name(store):
    with pytest.raises(ConfigurationError, match="ASSISTANT_LIMITS_STORE"):
        Throttle(store)


@pytest.mark.parametrize(
    ("name", "value"),
    [("limits_store", "memoire"), ("proxies", "10.0.0.0/99"), ("proxies", "*"), ("hosts", "https://ville.fr"), ("hosts", "a:80")],
)
def test_settings_of_the_entrance_are_refused_by_name(name, value):
    with pytest.raises(ConfigurationError, match=f"ASSISTANT_{name.upper()}"):
        Settings(**{name: value})
    assert Settings(proxies="10.0.0.1 fd00::/8", hosts="ville.fr [::1]").hosts == "ville.fr [::1]"


def test_waits_are_said_as_people_say_them():
    said = ["1 seconde", "2 secondes", "119 secondes", "2 minutes", "1 h 00", "5 h 01"]
    assert [duration(n) for n in (1, 2, 119, 120, 3600, 18_001)] == said


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("", "testclient", False),
    ],
)
def test_an_address_is_counted_with_the_others_of_its_line(one, other, same):
    assert (network(one) == network(other)) == same


def test_clients_take_turns_and_one_holds_half_of_the_threads():
    pool, done, most, running, lock = TurnTaking(4, "essai"), [], [0], [0], threading.Lock()

    def task(client: str) -> None:
        with lock:
            running[0] += client == "a"
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= client == "a"
            done.append(client)

    for _ in range(40):
        pool.submit("a", lambda: task("a"))
    pool.submit("b", lambda: task("b"))
    limit = time.monotonic() + 20
    while len(done) < 41 and time.monotonic() < limit:
        time.sleep(0.01)
    pool.close()
    assert done.count("a") == 40 and done.index("b") < 8 and most[0] == 2


def test_a_task_that_breaks_leaves_its_place_and_closing_gives_up_those_that_wait():
    pool, begun, done = TurnTaking(1, "essai"), threading.Event(), []
    pool.submit("a", lambda: 1 / 0)
    pool.submit("a", lambda: (begun.set(), time.sleep(0.2), done.append("first")))
    pool.submit("b", lambda: done.append("second"))
    assert begun.wait(10)
    pool.close()
    assert done == ["first"]
    with pytest.raises(RuntimeError):
        pool.submit("a", lambda: None)
