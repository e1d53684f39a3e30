"""Who is let in and how often: by key, by address, by day; a database that fails lets nobody in and says so."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant.doors.admission import Admission, Caller, DoorRefused, seconds_to_midnight
from assistant.records.api_keys import ApiKeys
from assistant.records.database import Database


@pytest.fixture
def keys(tmp_path):
    return ApiKeys(Database(f"sqlite:///{tmp_path}/j.sqlite"))


def refused(admission: Admission, secret: str, address: str) -> DoorRefused:
    with pytest.raises(DoorRefused) as told:
        admission.admit(secret, address)
    return told.value


def test_a_key_has_its_minute_to_itself(keys):
    admission = Admission(keys, 2)
    one, other = keys.add("un"), keys.add("deux")
    assert [admission.admit(one, "203.0.113.1").key.name for _ in range(2)] == ["un", "un"]
    told = refused(admission, one, "203.0.113.2")
    assert told.status == 429 and 0 < told.retry_after <= 60
    assert admission.admit(other, "203.0.113.1").key.name == "deux"


def test_wrong_keys_are_slowed_down_by_address_and_stop_nobody_else(keys):
    admission = Admission(keys, 2)
    assert [refused(admission, f"pvd_{n}", "2001:db8::1").status for n in range(2)] == [401, 401]
    assert refused(admission, "pvd_3", "2001:db8::2").status == 429, "a /64 is one address"
    assert refused(admission, "", "2001:db8:0:1::1").status == 401
    assert admission.admit(keys.add("un"), "2001:db8::1").key.name == "un"


def test_open_doors_count_strangers_by_address(keys):
    admission = Admission(keys, 1, keys_only=False)
    assert admission.admit("", "203.0.113.1").key is admission.admit("sk-none", "203.0.113.2").key is None
    assert refused(admission, "", "203.0.113.1").status == 429
    admission.spend(Caller())  # no key, no day


def test_programs_together_are_counted_too_and_the_key_s_day_is_not_spent_meanwhile(keys):
    admission = Admission(keys, 100, overall=2)
    callers = [admission.admit(keys.add(name, per_day=1), "203.0.113.1") for name in ("un", "deux", "trois")]
    for caller in callers[:2]:
        admission.spend(caller)
    with pytest.raises(DoorRefused) as told:
        admission.spend(callers[2])
    assert told.value.status == 429 and 0 < told.value.retry_after <= 60
    Admission(keys, 100).spend(callers[2])


def test_without_its_database_a_door_is_closed_and_says_for_how_long(tmp_path):
    (tmp_path / "file").write_text("")
    admission = Admission(ApiKeys(Database(f"sqlite:///{tmp_path}/file/j.sqlite")), 10)
    told = refused(admission, "pvd_x", "203.0.113.1")
    assert (told.status, told.retry_after) == (503, 60) and "base de données" in str(told)
    assert refused(Admission(ApiKeys(Database("")), 10), "pvd_x", "203.0.113.1").status == 503


def test_a_day_ends_at_midnight():
    assert seconds_to_midnight(datetime(2026, 11, 30, 23, 59, 59, 900_000)) == 1
    assert seconds_to_midnight(datetime(2026, 12, 31, 0, 0)) == 86_400
