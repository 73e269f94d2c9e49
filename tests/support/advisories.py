"""Look for known vulnerabilities in what a server runs, as a part of `make check`, where advisories can be reached.

What is found depends on the day and not on the change, so `make check` only warns of it; `make audit` fails.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "tracing.txt"
"""What a server runs, with what is optional."""

PATIENCE_SECONDS = 30
"""A network that answers nothing must not hold up the checks."""


def main() -> None:
    """Print what is known of the pinned packages."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--disable-pip", "--require-hashes"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "5", "--requirement", str(REQUIREMENTS)]
    try:
        answer = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_SECONDS).stdout
    except (OSError, subprocess.TimeoutExpired):
        answer = b""
    for sentence in findings(answer):
        print(sentence)  # noqa: T201 - the output of a command


def findings(answer: bytes) -> Iterator[str]:
    """Say what pip-audit's JSON tells."""
    try:
        packages = orjson.loads(answer)["dependencies"]
    except orjson.JSONDecodeError:
        packages = []
    found = [package for package in packages if "skip_reason" not in package]
    if not found:
        yield "Known vulnerabilities were not looked for: no advisories can be reached."
        return
    vulnerable = [package for package in found if package["vulns"]]
    for package in vulnerable:
        ids = ", ".join(vulnerability["id"] for vulnerability in package["vulns"])
        yield f"WARNING: {package['name']} {package['version']} has known vulnerabilities: {ids}. See `make audit`."
    if not vulnerable:
        yield f"No known vulnerabilities in {len(found)} of {len(packages)} packages."


if __name__ == "__main__":
    main()
