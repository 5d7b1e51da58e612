"""The lock files: complete, hashed, and silent about where packages come from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
RUN, DEV = ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)( ; [^\\]+)? \\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pins(lock: Path) -> dict[str, set[Version]]:
    found: dict[str, set[Version]] = {}
    for line in lock.read_text().splitlines():
        if match := _PIN.match(line):
            found.setdefault(canonicalize_name(match[1]), set()).add(Version(match[2]))
    return found


def wanted(lock: Path) -> list[Requirement]:
    groups = PROJECT["dependency-groups"]
    named = groups["dev"] if lock == DEV else [*PROJECT["project"]["dependencies"], *groups["build"]]
    return [Requirement(text) for text in named]


@pytest.mark.parametrize("lock", [RUN, DEV], ids=["run", "dev"])
def test_a_lock_holds_names_versions_and_hashes_only(lock: Path) -> None:
    hashes = 0
    for line in reversed(lock.read_text().splitlines()):
        if _HASH.match(line):
            hashes += 1
        else:
            assert _PIN.match(line), f"{lock.name}: {line}"
            assert hashes, f"{lock.name}: no hash below {line}"
            hashes = 0


@pytest.mark.parametrize("lock", [RUN, DEV], ids=["run", "dev"])
def test_a_lock_has_what_the_project_declares(lock: Path) -> None:
    pinned = pins(lock)
    for requirement in wanted(lock):
        versions = pinned.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement} is missing: make lock"
        assert all(requirement.specifier.contains(version) for version in versions), (
            f"{requirement}: make lock"
        )


def test_dependencies_have_lower_bounds() -> None:
    for requirement in wanted(RUN) + wanted(DEV):
        assert {part.operator for part in requirement.specifier} & {">=", "=="}, str(requirement)


def test_what_builds_the_package_is_pinned() -> None:
    for text in PROJECT["build-system"]["requires"]:
        requirement = Requirement(text)
        assert pins(RUN)[canonicalize_name(requirement.name)] == {Version(str(requirement.specifier)[2:])}


def test_tests_run_on_the_versions_that_the_panel_runs_on() -> None:
    run, dev = pins(RUN), pins(DEV)
    shared = run.keys() & dev.keys()
    assert {name: dev[name] for name in shared} == {name: run[name] for name in shared}
