"""GraphiQL's page, its files and its examples."""

import json
import re
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.graphiql import graphiql_routes
from app.graphiql.examples import Example, examples, ids_query
from app.graphiql.pages import STATIC
from tests.support.front_end_page import FrontEndPage

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "schema.graphql"
KEY = """key-"<&'{}</script>"""
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Fields without an implementation yet; an example with one of them would fail in the demo.
NOT_YET = {
    "asJob",
    "job",
    "dashboard",
    "users",
    "administrators",
    "apiKeys",
    "mailDeliveries",
}


def _client(demo_key: str | None) -> TestClient:
    return TestClient(Starlette(routes=graphiql_routes(demo_key=demo_key)))


def _page(demo_key: str | None) -> FrontEndPage:
    return FrontEndPage(_client(demo_key).get("/graphiql").text)


def test_page_is_served_under_the_policy() -> None:
    answer = _client(KEY).get("/graphiql")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_demo_key_is_escaped_in_the_page() -> None:
    assert _page(KEY).configuration["demoKey"] == KEY
    assert KEY not in _client(KEY).get("/graphiql").text


def test_page_has_no_key_outside_the_demo() -> None:
    assert _page(None).configuration["demoKey"] is None


def test_page_loads_only_its_own_files_and_has_no_inline_code() -> None:
    page = _page(KEY)

    assert page.inline == []
    assert len(page.addresses) == 3
    for address in page.addresses:
        assert address.startswith("/graphiql/")
        assert _client(None).get(address).status_code == 200


@pytest.mark.parametrize("path", sorted(STATIC.glob("index-*.css")), ids=lambda path: path.suffix)
def test_style_sheet_loads_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "@import" not in text
    urls = re.findall(r"url\(\s*[\"']?([^\"')]{0,60})", text)
    assert [url for url in urls if not url.startswith(("data:", "#"))] == []


def test_hashed_files_are_cacheable_and_not_sniffed() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))

    for name in (manifest["script"], manifest["style"]):
        answer = _client(None).get(f"/graphiql/{name}")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["etag"]


def test_every_file_that_the_scripts_reference_exists() -> None:
    names = {path.name for path in STATIC.iterdir()}
    scripts = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    named = set(re.findall(r"[\"']\./((?:chunk|[a-z.]+worker)-[A-Z0-9]{8}\.js)[\"']", scripts))

    assert {"editor", "graphql", "json"} <= {name.split(".")[0] for name in named}
    assert named <= names


def test_lock_file_names_no_registry() -> None:
    lock = json.loads((STATIC.parent / "source" / "package-lock.json").read_text(encoding="utf-8"))

    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_missing_file_is_not_found() -> None:
    assert _client(None).get("/graphiql/../pages.py").status_code == 404
    assert _client(None).get("/graphiql/nothing.js").status_code == 404


def test_tabs_are_the_example_files_in_order() -> None:
    names = [example.name for example in examples()]

    assert names == sorted(names)
    assert [tab["query"] for tab in _page(None).configuration["examples"]] == [example.query for example in examples()]


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_example_begins_with_a_comment_and_does_not_depend_on_later_ones(example: Example) -> None:
    assert example.query.startswith("# ")
    code = re.sub(r"#.*", "", example.query)
    assert set(re.findall(r"\w+", code)) & NOT_YET == set()


@pytest.mark.skipif(not SCHEMA.exists(), reason="schema.graphql is not there yet")
@pytest.mark.parametrize("example", [*examples(), Example("ids", ids_query(), None)], ids=lambda example: example.name)
def test_example_is_valid_against_the_schema(example: Example) -> None:
    schema = build_schema(SCHEMA.read_text(encoding="utf-8"))
    document = parse(example.query)
    variables = json.loads(example.variables or "{}")

    assert validate(schema, document) == []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            values = get_variable_values(schema, definition.variable_definitions or (), variables)
            assert not isinstance(values, list), values
