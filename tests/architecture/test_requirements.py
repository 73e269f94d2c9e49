"""The requirement files: exact, hashed, and silent about where anything is downloaded from."""

import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[2]
FILES = ("run.txt", "tracing.txt", "dev.txt", "postgres.txt", "audit.txt", "docs.txt", "bench.txt")

# In pieces, because no file may hold them, and this is one.
REGISTRIES = tuple(
    ".".join(parts).encode()
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "npmmirror", "com"),
        ("registry", "yarnpkg", "com"),
        ("npm", "pkg", "github", "com"),
    )
)


@dataclass(frozen=True)
class Pin:
    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def version(self) -> str:
        (specifier,) = self.requirement.specifier
        assert specifier.operator == "=="
        assert not specifier.version.endswith(".*")
        return specifier.version


def pins(name: str) -> dict[str, Pin]:
    text = (REPOSITORY / "requirements" / name).read_text().replace("\\\n", " ")
    found: dict[str, Pin] = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement, *hashes = (part.strip() for part in line.split("--hash="))
            pin = Pin(Requirement(requirement), tuple(hashes))
            found[canonicalize_name(pin.requirement.name)] = pin
    return found


def project() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_exact_and_hashed(name: str) -> None:
    found = pins(name)
    assert found
    for pin in found.values():
        assert pin.version
        assert pin.requirement.url is None
        assert pin.hashes
        assert all(digest.startswith("sha256:") for digest in pin.hashes)


@pytest.mark.parametrize("name", FILES)
def test_a_requirement_file_holds_no_address(name: str) -> None:
    text = (REPOSITORY / "requirements" / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("run.txt", project()["project"]["dependencies"]),
        ("run.txt", project()["build-system"]["requires"]),
        ("tracing.txt", project()["project"]["optional-dependencies"]["tracing"]),
        ("dev.txt", project()["project"]["optional-dependencies"]["dev"]),
        ("postgres.txt", project()["dependency-groups"]["postgres"]),
        ("audit.txt", project()["dependency-groups"]["audit"]),
        ("docs.txt", project()["dependency-groups"]["docs"]),
        ("bench.txt", project()["dependency-groups"]["bench"]),
    ],
    ids=["run", "build", "tracing", "dev", "postgres", "audit", "docs", "bench"],
)
def test_the_requirement_files_satisfy_the_project(name: str, wanted: list[str]) -> None:
    found = pins(name)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(found[canonicalize_name(requirement.name)].version), (
            f"{requirement} is not what requirements/{name} pins: run `make requirements`"
        )


def test_development_uses_the_same_versions_as_production() -> None:
    run, tracing, dev = pins("run.txt"), pins("tracing.txt"), pins("dev.txt")
    assert {name: tracing[name] for name in run} == run
    assert {name: dev[name] for name in tracing} == tracing


def test_the_pinned_build_backend_is_the_configured_one() -> None:
    assert project()["dependency-groups"]["build"] == project()["build-system"]["requires"]


@pytest.mark.skipif(shutil.which("git") is None or not (REPOSITORY / ".git").exists(), reason="not a git checkout")
def test_no_file_names_a_registry() -> None:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True)
    tracked = [REPOSITORY / name for name in listing.stdout.decode().split("\0") if name]
    naming = [
        str(path.relative_to(REPOSITORY))
        for path in tracked
        if path.is_file() and any(host in path.read_bytes() for host in REGISTRIES)
    ]
    assert naming == []
