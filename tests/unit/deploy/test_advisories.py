"""What `make check` says of known vulnerabilities."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.support.advisories import findings

SKIPPED = {"name": "uvloop", "skip_reason": "could not be audited"}
CLEAN = {"name": "orjson", "version": "3.11.4", "vulns": []}
VULNERABLE = {"name": "starlette", "version": "0.1.0", "vulns": [{"id": "PYSEC-1"}, {"id": "GHSA-2"}]}
UNREACHABLE = "Known vulnerabilities were not looked for: no advisories can be reached."


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        ([CLEAN, CLEAN], ["No known vulnerabilities in 2 of 2 packages."]),
        ([CLEAN, SKIPPED], ["No known vulnerabilities in 1 of 2 packages."]),
        (
            [CLEAN, VULNERABLE],
            ["WARNING: starlette 0.1.0 has known vulnerabilities: PYSEC-1, GHSA-2. See `make audit`."],
        ),
        ([SKIPPED], [UNREACHABLE]),
    ],
)
def test_what_is_known_of_the_packages_is_said(packages: list[Any], said: list[str]) -> None:
    assert list(findings(orjson.dumps({"dependencies": packages}))) == said


@pytest.mark.parametrize("answer", [b"", b"Traceback (most recent call last):"])
def test_an_audit_that_failed_is_not_taken_for_a_clean_one(answer: bytes) -> None:
    assert list(findings(answer)) == [UNREACHABLE]
