"""Compare the schema with the last release: `make check` fails on a breaking change that no reason is given for."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from graphql import build_schema
from graphql.utilities import find_breaking_changes

ROOT = Path(__file__).parents[2]
RELEASES = ROOT / "docs" / "releases"
PREFIX = "schema-"


def last_release(folder: Path = RELEASES) -> Path:
    """Return the schema of the newest release."""
    return max(folder.glob(f"{PREFIX}*.graphql"), key=lambda file: _version(file.stem.removeprefix(PREFIX)))


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def complaints(released: str, current: str, reasons: Mapping[str, str]) -> list[str]:
    """Return the breaking changes without a reason, and the reasons for changes that there are not."""
    changes = {change.description for change in find_breaking_changes(build_schema(released), build_schema(current))}
    explained = {change for change, reason in reasons.items() if reason.strip()}
    unexplained = [f"Breaking: {change}" for change in sorted(changes - explained)]
    return unexplained + [f"Not a change: {change}" for change in sorted(reasons.keys() - changes)]


def main() -> int:
    """Print what is wrong with the committed schema, and return the exit status."""
    released = last_release()
    reasons: dict[str, str] = tomllib.loads((RELEASES / "breaking-changes.toml").read_text(encoding="utf-8"))
    found = complaints(
        released.read_text(encoding="utf-8"), (ROOT / "schema.graphql").read_text(encoding="utf-8"), reasons
    )
    for complaint in found:
        print(complaint, file=sys.stderr)  # noqa: T201 - the output of a command
    if found:
        print(f"Compared with {released.name}; see docs/deprecation.md.", file=sys.stderr)  # noqa: T201 - the same
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
