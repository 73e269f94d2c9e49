"""Runs the commands of a shell block: `dialtree` in this process, `curl` in a shell; of `make` it checks the target."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from app.command import main
from tests.documentation.pages import ROOT
from tests.documentation.scene import Scene

DEMO_ADDRESS = "http://127.0.0.1:8000"
PUBLIC_ADDRESS = "https://numbers.example.com"
POSTGRES_URL = "postgresql://user@host/dialtree"

NOT_RUN = {
    "git": "clones the repository",
    "cd": "belongs to the clone",
    "createdb": "needs a PostgreSQL server; tests/unit/db runs on one",
    "pg_basebackup": "tried by the drill of restores, drills/restores.py",
    "pg_verifybackup": "belongs to pg_basebackup",
    "deploy/backup.sh": "run by tests/unit/deploy",
    "deploy/restore.sh": "run by tests/unit/deploy",
    "docker": "not tried, as docs/operating.md says",
    "npm": "run by tests/documentation/test_front_end.py",
    "npx": "run by tests/documentation/test_front_end.py",
    ".venv/bin/pytest": "runs tests",
    ".venv/bin/python": "measures for minutes; `--help` is tried by tests/unit/benchmarks",
    "python": "the example is run by tests/api/subscriptions/test_partner.py",
}
"""Commands that the default run leaves out, and why."""

STREAM = "text/event-stream"
TIMED_OUT = 28
"""curl's exit status when `--max-time` has ended it."""

ENDLESS = {"serve", "outbox --follow"}
"""Commands that run until they are stopped: their options are parsed."""

_COMMAND = get_command(main)


class CommandFailed(AssertionError):
    """A command of the guide does not do what the guide says."""


def commands_of(text: str) -> list[str]:
    """The commands of a block: comments are left out, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", text)
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def run_block(text: str, scene: Scene, folder: Path) -> str:
    """Run the commands of a block in a folder, and return what they write."""
    variables: dict[str, str] = {}
    return "".join(_run(command, scene, folder, variables) for command in commands_of(text))


def _run(command: str, scene: Scene, folder: Path, variables: dict[str, str]) -> str:
    command = command.partition("  # ")[0].strip()
    filled = scene.filled(command).replace(POSTGRES_URL, scene.postgres_url)
    for address in (DEMO_ADDRESS, PUBLIC_ADDRESS):
        filled = filled.replace(address, scene.address)
    words = shlex.split(filled)
    if words[0] == "export":
        words = words[1:]
    while words and re.match(r"[A-Z_]+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        variables[name] = value
    if not words or words[0] in NOT_RUN:
        return ""
    match words[0]:
        case "dialtree" | ".venv/bin/dialtree":
            return _dialtree(words[1:], variables, folder)
        case "curl" | "openssl":
            return _shell(filled, folder)
        case "make":
            _check_target(words[1])
            return ""
    raise CommandFailed(f"`{command}` is neither run nor in NOT_RUN")


def _dialtree(words: list[str], variables: dict[str, str], folder: Path) -> str:
    if any(shlex.join(words).startswith(endless) for endless in ENDLESS):
        context = _COMMAND.make_context("dialtree", words[:])
        _COMMAND.commands[words[0]].make_context(words[0], words[1:], parent=context)  # type: ignore[attr-defined]
        return ""
    stdin = (folder / words.pop()).read_text(encoding="utf-8") if "<" in words else ""
    words = [word for word in words if word != "<"]
    result = CliRunner().invoke(main, words, input=stdin, env={**os.environ, **variables})
    if result.exit_code != 0:
        raise CommandFailed(f"`dialtree {shlex.join(words)}` in {folder}: {result.stderr}{result.exception or ''}")
    return result.stdout


def _shell(command: str, folder: Path) -> str:
    """Run curl, a stream of events for a second, or openssl. Raises CommandFailed for an answer with errors."""
    is_stream = STREAM in command
    quiet = command.replace(
        "curl ", f"curl --silent --show-error --fail-with-body --max-time {1 if is_stream else 30} ", 1
    )
    done = subprocess.run(["bash", "-c", quiet], cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode not in {0, TIMED_OUT} or (is_stream and "data: {" not in done.stdout):
        raise CommandFailed(f"`{command}`: {done.stderr}{done.stdout}")
    if done.stdout.startswith("{") and "errors" in json.loads(done.stdout):
        raise CommandFailed(f"`{command}`: {done.stdout}")
    return done.stdout


def _check_target(target: str) -> None:
    if not re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE):
        raise CommandFailed(f"there is no `make {target}`")
