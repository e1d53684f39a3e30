"""Versions: publication, history, rollback, retention, and what a killed build leaves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.errors import IndexingError, IndexMissing
from index.versions import KEPT, Versions


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "index")


def publish(versions: Versions, name: str) -> None:
    with versions.building() as staging:
        (staging / "content.txt").write_text(name, encoding="utf-8")
        versions.publish(staging, name)


def current(versions: Versions) -> str:
    return (versions.require_current() / "content.txt").read_text(encoding="utf-8")


def test_nothing_published_is_said_with_the_command_to_run(versions: Versions) -> None:
    assert versions.current() is None
    assert (versions.names(), versions.history()) == ([], [])
    with pytest.raises(IndexMissing, match="python -m index build"):
        versions.require_current()


def test_the_last_published_is_current(versions: Versions) -> None:
    for name in ("v1", "v2"):
        publish(versions, name)
    assert current(versions) == "v2"
    assert versions.names() == ["v1", "v2"]


def test_a_reader_of_the_pointer_never_sees_half_a_name(versions: Versions) -> None:
    publish(versions, "v1")
    with (versions.root / "CURRENT").open(encoding="utf-8") as reader:
        publish(versions, "v2")
        assert reader.read() == "v1", "the pointer is replaced, not written over"


def test_a_failed_build_publishes_nothing_and_leaves_nothing(versions: Versions) -> None:
    publish(versions, "v1")
    with pytest.raises(RuntimeError), versions.building() as staging:
        (staging / "half").touch()
        raise RuntimeError
    assert current(versions) == "v1"
    assert not list(versions.root.glob("staging-*"))


def test_what_a_killed_build_left_is_swept_by_the_next(versions: Versions) -> None:
    leftover = versions.root / "staging-killed"
    leftover.mkdir(parents=True)
    (leftover / "half").touch()
    publish(versions, "v1")
    assert not leftover.exists()


def test_two_builds_at_once_are_refused(versions: Versions) -> None:
    with versions.building(), pytest.raises(IndexingError, match="en cours"), Versions(versions.root).building():
        pass


def test_rollback_goes_one_version_back_then_again(versions: Versions) -> None:
    for name in ("v1", "v2", "v3"):
        publish(versions, name)
    assert (versions.rollback(), current(versions)) == ("v2", "v2")
    assert (versions.rollback(), current(versions)) == ("v1", "v1")
    with pytest.raises(IndexMissing, match="history"):
        versions.rollback()


def test_rollback_goes_to_a_named_version_either_way(versions: Versions) -> None:
    for name in ("v1", "v2", "v3"):
        publish(versions, name)
    versions.rollback("v1")
    versions.rollback("v3")
    assert current(versions) == "v3"


@pytest.mark.parametrize("name", ["v9", "../v1", "", "."])
def test_rollback_to_an_unknown_version_changes_nothing(versions: Versions, name: str) -> None:
    publish(versions, "v1")
    with pytest.raises(IndexMissing):
        versions.rollback(name)
    assert current(versions) == "v1"


def test_history_tells_publications_and_returns(versions: Versions) -> None:
    for name in ("v1", "v2"):
        publish(versions, name)
    versions.rollback()
    assert [(entry["action"], entry["version"]) for entry in versions.history()] == [
        ("publication", "v1"),
        ("publication", "v2"),
        ("retour", "v1"),
    ]


def test_a_damaged_line_of_history_hides_no_other(versions: Versions) -> None:
    publish(versions, "v1")
    with (versions.root / "history.jsonl").open("a", encoding="utf-8") as history:
        history.write('{"when": "2026\n\n[]\n')
    publish(versions, "v2")
    assert [entry["version"] for entry in versions.history()] == ["v1", "v2"]


def test_old_versions_are_forgotten_the_current_one_never(versions: Versions) -> None:
    names = [f"v{number:02d}" for number in range(KEPT + 3)]
    for name in names:
        publish(versions, name)
    assert versions.names() == names[-KEPT:]
    assert len(versions.history()) == len(names)


@pytest.mark.parametrize("content", [b"", b"absent", b"\xff\xfe", b".."], ids=["empty", "absent", "not text", "parent"])
def test_a_damaged_pointer_is_no_version(versions: Versions, content: bytes) -> None:
    publish(versions, "v1")
    (versions.root / "CURRENT").write_bytes(content)
    assert versions.current() is None
    versions.rollback("v1")
    assert current(versions) == "v1"


def test_another_account_can_read_what_is_published(versions: Versions) -> None:
    usual = os.umask(0o022)
    try:
        publish(versions, "v1")
    finally:
        os.umask(usual)
    assert versions.require_current().stat().st_mode & 0o777 == 0o755
    assert (versions.root / "CURRENT").stat().st_mode & 0o777 == 0o644
