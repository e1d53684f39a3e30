"""The application installs like any other: its wheel holds all it needs, its lock says all that comes with it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from assistant import __version__

PROJECT = Path(__file__).parents[1]
LISTS = ("requirements.txt", "requirements-dev.txt")


def pinned(name: str) -> dict[str, str]:
    """The packages of a list and their versions."""
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    found = [line.split("#")[0].strip().split("==") for line in lines if "==" in line.split("#")[0]]
    return {canonicalize_name(package): version for package, version in found}


LOCK = pinned("requirements.lock")


def test_the_lock_says_what_the_lists_say() -> None:
    for name in LISTS:
        assert pinned(name).items() <= LOCK.items(), f"{name}: `make lock` after a change"


def test_the_lock_holds_every_package_that_the_lists_bring_as_it_is_installed() -> None:
    waiting = [name for listed in LISTS for name in pinned(listed)]
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        installed = distribution(name)
        found[name] = Version(installed.version).public  # « 2.13.0+cpu » is 2.13.0
        waiting += [canonicalize_name(one.name) for one in needed(installed)]
    assert len(found) > len(pinned(LISTS[0]))
    assert found.items() <= LOCK.items()


def needed(installed: Distribution) -> list[Requirement]:
    rows = [Requirement(row) for row in installed.requires or []]
    return [row for row in rows if (row.marker is None or row.marker.evaluate({"extra": ""})) and is_here(row.name)]


def is_here(name: str) -> bool:
    """False of what another build of a package brings: the libraries of a GPU."""
    try:
        distribution(name)
    except ModuleNotFoundError:
        return not re.match(r"nvidia|triton|cuda", canonicalize_name(name))
    return True


def test_the_changelog_tells_of_this_version() -> None:
    versions = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert versions and versions[0] == __version__


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the wheel is installed, beside the packages of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(folder),
    ]
    subprocess.run([*wheel, str(PROJECT)], check=True, cwd=folder, capture_output=True, timeout=300)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def ran(site: Path, where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the installed application, from a folder that has nothing of the project."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSISTANT_")}
    environment |= {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1", "ASSISTANT_JOURNAL": ""}
    return subprocess.run(
        [sys.executable, *words], cwd=where, env=environment, check=False, capture_output=True, text=True, timeout=300
    )


def test_the_wheel_names_its_commands(site: Path) -> None:
    (points,) = site.glob("*.dist-info/entry_points.txt")
    assert re.findall(r"^(\S+) = (\S+)$", points.read_text(encoding="utf-8"), re.M) == [
        ("pvd-assistant", "assistant.cli:main"),
        ("pvd-index", "index.cli:main"),
    ]


def test_the_installed_application_answers_from_any_folder_and_writes_none_of_its_own(site: Path, tmp_path: Path) -> None:
    before = sorted(path.relative_to(site) for path in site.rglob("*"))
    version = ran(site, tmp_path, "-m", "assistant", "--version")
    assert version.stdout.strip() == f"assistant-pvd {__version__}"
    asked = ran(site, tmp_path, "-m", "assistant", "ask", "--index", str(PROJECT / "var/index"), "C'est quoi une ORT ?")
    assert asked.returncode == 0, asked.stderr
    assert "opération de revitalisation de territoire" in asked.stdout
    where = ran(site, tmp_path, "-c", "import assistant.cli as c; print(c.load_settings({}).knowledge, c.__file__)")
    assert where.stdout.split() == [str(site / "assistant/knowledge"), str(site / "assistant/cli.py")]
    assert (site / "assistant/knowledge/fiches").is_dir()
    assert sorted(path.relative_to(site) for path in site.rglob("*")) == before


def test_the_installed_index_command_runs(site: Path, tmp_path: Path) -> None:
    checked = ran(site, tmp_path, "-m", "index", "check", "--index", str(PROJECT / "var/index"))
    assert checked.returncode == 0 and "Index sain" in checked.stdout
