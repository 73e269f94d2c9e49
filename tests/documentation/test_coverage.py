"""Lists of the guide are complete: codes of errors, close codes, settings, commands, metrics, operations, statuses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from graphql import build_schema
from typer.main import get_command

from app.command import main
from app.settings import PREFIX, Settings
from app.websocket_messages import CloseCode
from domain.access import Role
from domain.errors import RequestFailed, UserErrorCode
from domain.statuses import NumberStatus
from tests.documentation.pages import ROOT, pages

ERROR = re.compile(r"[A-Z]+(_[A-Z]+)+")
MESSAGE_TOO_BIG = 1009
"""The close code of the WebSocket protocol itself."""

VARIABLES = ("DIALTREE_", "OTEL_", "PROMETHEUS_")
"""What the names of environment variables begin with; they look like codes."""


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def named_in_rows(text: str) -> set[str]:
    """The code spans in the first cells of a page's tables."""
    cells = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def codes() -> Iterator[str]:
    """Every code in the packages that word errors of requests, and those of refusals."""
    yield from (code.value for code in UserErrorCode)
    yield from (error.code for error in RequestFailed.__subclasses__())
    files = [*(ROOT / "app").rglob("*.py"), *(ROOT / "execution").rglob("*.py")]
    for file in [*files, ROOT / "schema/core/errors.py", ROOT / "domain/errors.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if ERROR.fullmatch(text) and not text.startswith(VARIABLES):
                yield text


def metrics() -> Iterator[str]:
    """The metrics that the server declares, as they are named in the code."""
    for name in ("metrics.py", "scraping.py"):
        text = (ROOT / "app" / name).read_text(encoding="utf-8")
        yield from re.findall(r'"(dialtree_\w+)"', text)


def commands() -> Iterator[str]:
    for name, command in get_command(main).commands.items():  # type: ignore[attr-defined]
        for inner in getattr(command, "commands", {"": None}):
            yield f"dialtree {name} {inner}".strip()


def test_errors_lists_every_code() -> None:
    assert named_in_rows(page("errors.md")) == set(codes())


def test_settings_lists_every_setting() -> None:
    names = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    listed = [name for name in named_in_rows(page("settings.md")) if name.startswith(PREFIX)]
    assert set(listed) == names


def test_commands_lists_every_command() -> None:
    text = page("commands.md").replace(
        "organizations`, `numbers`, `usage`", "organizations` `dialtree import numbers` `dialtree import usage`"
    )
    assert [command for command in commands() if f"`{command}" not in text] == []


def test_monitoring_lists_every_metric() -> None:
    text = page("monitoring.md")
    assert [name for name in metrics() if name not in text] == []


def test_subscriptions_lists_every_close_code() -> None:
    rows = re.findall(r"^\| (\d{4}) \|", page("subscriptions.md"), re.MULTILINE)
    assert set(map(int, rows)) == set(CloseCode) | {MESSAGE_TOO_BIG}


@pytest.mark.parametrize(("name", "members"), [("access.md", Role), ("concepts.md", NumberStatus)])
def test_roles_and_statuses_are_explained(name: str, members: type[Role | NumberStatus]) -> None:
    assert {member.name for member in members} <= named_in_rows(page(name))


def test_every_operation_of_the_schema_is_used_in_a_snippet_or_explained() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in pages())
    schema = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root]
    fields = [name for root in roots for name in root.fields]
    assert [name for name in fields if not re.search(rf"\b{name}\b", text)] == []
