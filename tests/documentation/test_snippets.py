"""Every snippet of the guide does what the guide says."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.documentation.commands import run_block
from tests.documentation.operations import is_response, run_operation
from tests.documentation.pages import Block, blocks, pages
from tests.documentation.scene import Scene

EXECUTED = {"graphql", "json", "sh", "python", "csv"}
ELSEWHERE = {
    "ts": "tests/documentation/test_front_end.py",
    "html": "tests/documentation/test_front_end.py",
    "js": "tests/documentation/test_front_end.py",
}
NOT_RUN = {"text": "diagrams, and lines of a log, a header or settings", "ini": "configuration of other programs"}


def test_every_block_has_a_language_that_a_test_runs() -> None:
    known = EXECUTED | ELSEWHERE.keys() | NOT_RUN.keys()
    assert [block.place for page in pages() for block in blocks(page) if block.language not in known] == []


def test_every_snippet_runs(scene: Scene, folder: Path) -> None:
    """One test, because all snippets share one server, and those of a page build on each other."""
    failures: list[str] = []
    for page in pages():
        found = blocks(page)
        for index, block in enumerate(found):
            try:
                _run(block, _following_json(found, index), scene, folder)
            except Exception as failure:  # noqa: BLE001 - all failures are reported together
                failures.append(f"{block.place} {type(failure).__name__}: {failure}")
    assert not failures, "\n".join(failures)


def test_every_json_block_belongs_to_an_operation_or_a_command() -> None:
    lonely = []
    for page in pages():
        before = ""
        for block in blocks(page):
            if block.language != "json":
                before = block.language
            elif before not in {"graphql", "sh", "python"}:
                lonely.append(block.place)
    assert lonely == []


def _following_json(found: list[Block], index: int) -> Iterator[Block]:
    for block in found[index + 1 :]:
        if block.language != "json":
            return
        yield block


def _run(block: Block, following: Iterator[Block], scene: Scene, folder: Path) -> None:
    shown = list(following)
    variables = next((one for one in shown if not is_response(one.text)), None)
    response = next((one for one in shown if is_response(one.text)), None)
    match block.language:
        case "graphql":
            run_operation(block, variables, response, scene)
        case "sh":
            run_block(block.text, scene, folder)
        case "python":
            _run_python(block, scene)
        case "csv":
            (folder / block.title).write_text(block.text, encoding="utf-8")


def _run_python(block: Block, scene: Scene) -> None:
    text = scene.filled(block.text).replace("http://127.0.0.1:8000", scene.address)
    with redirect_stdout(io.StringIO()), pytest.MonkeyPatch.context() as patched:
        patched.setenv("KEY", scene.key)
        exec(compile(text, block.place, "exec"), {"__name__": "guide"})  # noqa: S102 - that is what the test is for
