"""The snippets of front ends: a page in Chromium, generated types, and clients of subscriptions under Node."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.conftest import browser_command
from tests.documentation.pages import ROOT, Block, blocks, pages
from tests.documentation.scene import Scene
from tests.support.npm import install

pytestmark = pytest.mark.long

QUERY = """query Left { organization { name utilization { available } } }
query Changed($number: E164!) { phoneNumber(number: $number) { updatedAt status } }
"""
CLIENTS = ("graphql-ws", "graphql-sse")


def blocks_in(language: str) -> list[Block]:
    return [block for page in pages() for block in blocks(page) if block.language == language]


@contextmanager
def files_served(folder: Path) -> Iterator[str]:
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_page_of_the_first_hour_shows_the_numbers_left(scene: Scene, tmp_path: Path) -> None:
    [block] = blocks_in("html")
    (tmp_path / "numbers.html").write_text(block.text.replace("http://127.0.0.1:8000", scene.address), encoding="utf-8")
    command = browser_command()
    with files_served(tmp_path) as address, chromium.page(command, tmp_path / "profile") as page:
        page.open(f"{address}/numbers.html#{scene.key}")
        text = page.wait_for("document.querySelector('#left')?.textContent.includes('left') && document.body.innerText")
    utilization = scene.ask("{ organization { utilization { available total } } }")["utilization"]
    assert text.strip() == f"Halcyon Group: {utilization['available']} of {utilization['total']} numbers are left"


def test_codegen_writes_types_that_compile(tmp_path: Path) -> None:
    [block] = blocks_in("ts")
    install(ROOT / "console", tmp_path)
    (tmp_path / "codegen.ts").write_text(block.text, encoding="utf-8")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/left.graphql").write_text(QUERY, encoding="utf-8")
    shutil.copy(ROOT / "schema.graphql", tmp_path)
    run = functools.partial(subprocess.run, cwd=tmp_path, check=True, capture_output=True, text=True)
    run(["npx", "graphql-codegen", "--config", "codegen.ts"])
    generated = (tmp_path / "src/generated.ts").read_text(encoding="utf-8")
    assert "number: string" in generated
    assert "updatedAt: string" in generated
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler"]
    run(["npx", "tsc", *options, "src/generated.ts"])


@pytest.mark.parametrize("client", CLIENTS)
def test_the_clients_of_subscriptions_connect(scene: Scene, tmp_path: Path, client: str) -> None:
    [block] = [block for block in blocks_in("js") if f"from '{client}'" in block.text]
    install(ROOT / "tests/clients", tmp_path)
    text = block.text.replace("wss://numbers.example.com", scene.address.replace("http", "ws"))
    text = text.replace("https://numbers.example.com", scene.address)
    before = "import WebSocket from 'ws';\nglobalThis.WebSocket ??= WebSocket;\n" if client == "graphql-ws" else ""
    given = f"const token = () => {json.dumps(scene.key)};\nconst organizationId = undefined;\n"
    use = """
const events = client.iterate({ query: 'subscription { utilizationChanged { total } }' });
for await (const event of events) { console.log(JSON.stringify(event)); process.exit(0); }
"""
    (tmp_path / "snippet.mjs").write_text(before + given + text + use, encoding="utf-8")
    done = subprocess.run(
        ["node", "snippet.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    total = scene.ask("{ organization { utilization { total } } }")["utilization"]["total"]
    assert json.loads(done.stdout) == {"data": {"utilizationChanged": {"total": total}}}
