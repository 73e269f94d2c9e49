"""What a reader must know: files and lines of each package, and how many modules a request enters."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from benchmarks.processes import PATIENCE, BenchmarkError, free_port, run, serving
from benchmarks.report import table
from resolvers.imports.demo import ROOT_NAME

PACKAGES = ("app", "schema", "execution", "resolvers", "mail", "db", "domain")
LONG_FUNCTION = 40
"""Lines of a function from which on it counts as long."""

AFTERWARDS_SECONDS = 1.0

_FIND = """{ organization { id } series(first: 1) { nodes { id } } organizations(first: 2) { nodes { id } }
  available: phoneNumbers(filter: {text: "1709877000"}, first: 1) { nodes { id series { id } } }
  reserved: phoneNumbers(filter: {statuses: [RESERVED]}, first: 1) { nodes { id } } }"""


class Request(NamedTuple):
    """A request to follow: its document, and its variables from what `_FIND` found and a counter."""

    name: str
    document: str
    variables: Callable[[Any, int], dict[str, Any]]


REQUESTS = (
    Request(
        "a page of numbers",
        "{ phoneNumbers(first: 50) { totalCount nodes { number status organization { name } } } }",
        lambda _found, _count: {},
    ),
    Request(
        "edit a reserved tag",
        "mutation ($input: EditReservedTagInput!) { editReservedTag(input: $input) { userErrors { message } } }",
        lambda found, count: {"input": {"numberId": found["reserved"]["nodes"][0]["id"], "tag": f"tag {count}"}},
    ),
    Request(
        "allocate numbers",
        "mutation ($input: AllocateNumbersInput!) { allocateNumbers(input: $input) { userErrors { message } } }",
        lambda found, _count: {
            "input": {
                "seriesId": found["available"]["nodes"][0]["series"]["id"],
                "quantity": 1,
                "toOrganizationId": _below(found),
            }
        },
    ),
    Request(
        "invite a user",
        "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { message } } }",
        lambda _found, count: {
            "input": {"firstName": "Ada", "lastName": "Byron", "email": f"ada{count}@example.com"},
        },
    ),
    Request(
        "the dashboard",
        "{ organization { dashboard { currentCycle { newUsers voiceMinutes daily(kind: VOICE) { value } } } } }",
        lambda _found, _count: {},
    ),
    Request("the link of a report", "{ phoneNumbersReport { url } }", lambda _found, _count: {}),
)


def measure(root: Path) -> str:
    """The tables of a checkout, as Markdown; the packages of this environment run its code."""
    packages = table(("package", "files", "lines", "largest module", "lines of it", "long functions"), _sizes(root))
    return f"{packages}\n\n{table(('request', 'modules', *PACKAGES), _followed(root))}"


def _sizes(root: Path) -> Iterable[tuple[str, ...]]:
    for package in PACKAGES:
        texts = {
            path: path.read_text(encoding="utf-8")
            for path in (root / package).rglob("*.py")
            if not {"node_modules", "versions"} & set(path.parts)
        }
        lines = {path: text.count("\n") for path, text in texts.items()}
        largest = max(lines, key=lines.__getitem__)
        long_functions = sum(_long_functions(text) for text in texts.values())
        yield (
            package,
            f"{len(lines):,}",
            f"{sum(lines.values()):,}",
            str(largest.relative_to(root)),
            f"{lines[largest]:,}",
            f"{long_functions:,}",
        )


def _long_functions(text: str) -> int:
    return sum(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONG_FUNCTION
        for node in ast.walk(ast.parse(text))
    )


def _followed(root: Path) -> Iterable[tuple[str, ...]]:
    with tempfile.TemporaryDirectory(prefix="dialtree-reading-") as folder:
        output, port = Path(folder) / "entered", free_port()
        environment = {
            "DIALTREE_DATABASE_URL": f"sqlite:///{folder}/reading.db",
            "DIALTREE_MAIL_FOLDER": f"{folder}/mail",
            "PYTHONPATH": str(root),
        }
        key = _prepare(root, environment, Path(folder) / "numbers.csv")
        script = Path(__file__).with_name("entered.py")
        command = [sys.executable, str(script), str(output), "serve", "--port", str(port)]
        url = f"http://127.0.0.1:{port}/graphql"
        with serving(command, environment=environment, log=Path(folder) / "log", url=url) as server:
            yield from _ask_all(root, server, output, url, key)


def _prepare(root: Path, environment: dict[str, str], numbers: Path) -> str:
    def dialtree(*arguments: str) -> str:
        code = "from app.command import main; main()"
        return run(sys.executable, "-c", code, *arguments, environment=environment, folder=root).strip()

    dialtree("migrate")
    dialtree("demo", "--organizations", "40", "--numbers", "2000", "--seed", "1")
    # The root of the demo has no available numbers.
    numbers.write_text(
        "\n".join(
            ["number,series,organization,status", *(f"+1709877000{n},1709,{ROOT_NAME},AVAILABLE" for n in range(9)), ""]
        )
    )
    dialtree("import", "numbers", str(numbers))
    return dialtree("key", "create", "--name", "reading", "--organization", ROOT_NAME, "--role", "OWNER")


def _ask_all(
    root: Path, server: subprocess.Popen[bytes], output: Path, url: str, key: str
) -> Iterable[tuple[str, ...]]:
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE) as http:

        def ask(document: str, variables: dict[str, Any]) -> Any:
            answer = http.post(url, json={"query": document, "variables": variables}).json()
            refusals = [payload["userErrors"] for payload in answer.get("data", {}).values() if "userErrors" in payload]
            if "errors" in answer or any(refusals):
                raise BenchmarkError(f"{document} was answered with {answer}")
            return answer["data"]

        found = ask(_FIND, {})
        for request in REQUESTS:
            # The first time, everything that is kept for the next requests is made, too.
            ask(request.document, request.variables(found, 1))
            _entered(server, output)
            ask(request.document, request.variables(found, 2))
            modules = _modules(root, _entered(server, output))
            yield (
                request.name,
                f"{len(modules):,}",
                *(f"{sum(module.startswith(f'{package}/') for module in modules)}" for package in PACKAGES),
            )


def _entered(server: subprocess.Popen[bytes], output: Path) -> list[str]:
    # Work that goes on after the answer, such as sending mail, belongs to the request.
    time.sleep(AFTERWARDS_SECONDS)
    output.unlink(missing_ok=True)
    server.send_signal(signal.SIGUSR1)
    end = time.monotonic() + PATIENCE
    while not output.exists():
        if time.monotonic() > end:
            raise BenchmarkError("The server did not answer.")
        time.sleep(0.1)
    return output.read_text(encoding="utf-8").splitlines()


def _modules(root: Path, files: Iterable[str]) -> list[str]:
    inside = (str(Path(file).relative_to(root)) for file in files if Path(file).is_relative_to(root))
    return [module for module in inside if module.startswith(tuple(f"{package}/" for package in PACKAGES))]


def _below(found: Any) -> str:
    own = found["organization"]["id"]
    return next(str(node["id"]) for node in found["organizations"]["nodes"] if node["id"] != own)
