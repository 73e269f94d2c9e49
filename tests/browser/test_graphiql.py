"""GraphiQL in a real browser, with no network."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, parse

from tests.browser.chromium import Page

EDITOR_SHOWS = "document.querySelector('.graphiql-query-editor .view-line') && globalThis.__MONACO && true"
EDITOR = "__MONACO.editor.getEditors().find(one => one.getModel().uri.path.endsWith('operation.graphql'))"
RESPONSE = "__MONACO.editor.getModels().find(model => model.uri.path.endsWith('response.json'))?.getValue()"
COLLECT = """globalThis.answers = [];
const send = globalThis.fetch;
globalThis.fetch = async (...request) => {
  const response = await send(...request);
  answers.push(await response.clone().text());
  return response;
};"""
"""Keeps what the page's requests are answered with."""

MARKERS = "__MONACO.editor.getModelMarkers({})"
BOX = "(() => document.querySelector('%s').getBoundingClientRect().toJSON())()"
# GraphiQL keeps its tabs, filled in, under this key.
TABS = "localStorage.getItem('graphiql:tabState')"


def test_graphiql_runs_a_query_and_requests_nothing_from_elsewhere(page: Page, server_url: str, tmp_path: Path) -> None:
    page.open(f"{server_url}/graphiql")
    page.wait_for(EDITOR_SHOWS)

    page.click(".graphiql-execute-button")

    answer = json.loads(page.wait_for(RESPONSE))
    page.wait_for("document.querySelector('.result-window .view-line') && true")
    page.screenshot(tmp_path / "graphiql.png")
    assert "errors" not in answer
    assert answer["data"]["viewer"]["actingOrganization"]["name"]
    assert page.errors == []
    assert page.requests
    assert [url for url in page.requests if not url.startswith((f"{server_url}/", "data:", "blob:"))] == []


@pytest.mark.long
def test_graphiql_runs_a_subscription(page: Page, server_url: str) -> None:
    page.open(f"{server_url}/graphiql")
    page.wait_for(EDITOR_SHOWS)
    page.evaluate(f"{EDITOR}.setValue('subscription {{ utilizationChanged {{ total }} }}')")
    # Only then does GraphiQL know the operation to be a subscription.
    page.wait_for(f"{TABS}.includes('utilizationChanged')")

    page.click(".graphiql-execute-button")

    answer = json.loads(page.wait_for(f"{RESPONSE}.includes('total') && {RESPONSE}"))
    assert answer["data"]["utilizationChanged"]["total"] > 0
    assert page.errors == []


@pytest.mark.long
def test_completion_offers_the_schemas_fields(page: Page, server_url: str, tmp_path: Path) -> None:
    page.open(f"{server_url}/graphiql")
    page.wait_for(EDITOR_SHOWS)
    page.click(".graphiql-query-editor .view-line")
    page.evaluate(f"{EDITOR}.setValue('{{ statusM }}'), {EDITOR}.setPosition({{ lineNumber: 1, column: 10 }})")
    # Until the schema has reached the worker, it neither finds fault with the field nor has anything to offer.
    page.wait_for(f"{MARKERS}.some(({{ message }}) => message.includes('statusM'))")

    page.evaluate(f"{EDITOR}.trigger('test', 'editor.action.triggerSuggest', {{}})")

    offered = page.wait_for("document.querySelector('.suggest-widget .monaco-list-row')?.textContent")
    page.screenshot(tmp_path / "completion.png")
    assert "statusMeanings" in offered
    assert page.errors == []


@pytest.mark.long
def test_prettify_formats_the_query(page: Page, server_url: str) -> None:
    page.open(f"{server_url}/graphiql")
    page.wait_for(EDITOR_SHOWS)
    page.evaluate(f"{EDITOR}.setValue('{{viewer{{name role}}}}')")

    page.click('button[aria-label^="Prettify"]')

    assert page.wait_for(f"{EDITOR}.getValue().includes('\\n') && {EDITOR}.getValue()") == (
        "{\n  viewer {\n    name\n    role\n  }\n}\n"
    )
    assert page.errors == []


@pytest.mark.long
def test_examples_have_no_validation_errors(page: Page, server_url: str) -> None:
    page.open(f"{server_url}/graphiql")
    page.wait_for(EDITOR_SHOWS)
    tabs = page.wait_for("document.querySelectorAll('.graphiql-tab-button').length")

    for number in range(tabs):
        page.evaluate(f"document.querySelectorAll('.graphiql-tab-button')[{number}].click()")
        # The workers look when they like: that they have looked is seen by a fault that comes and goes.
        for file, fault in (("operation.graphql", "query Planted { planted }"), ("variables.json", "planted")):
            model = f"__MONACO.editor.getModels().find(model => model.uri.path.endsWith('{file}'))"
            planted = f"{MARKERS}.some(mark => mark.startLineNumber > 1000 && mark.resource.path.endsWith('{file}'))"
            page.evaluate(f"globalThis.example = {model}.getValue()")
            page.evaluate(f"{model}.setValue(example + '\\n'.repeat(1000) + '{fault}')")
            page.wait_for(planted)
            page.evaluate(f"{model}.setValue(example)")
            page.wait_for(f"!{planted}")
        assert (number, page.evaluate(f"{MARKERS}.map(({{ message }}) => message)")) == (number, [])


@pytest.mark.long
def test_policy_allows_a_websocket_to_the_same_origin(page: Page, server_url: str) -> None:
    page.open(f"{server_url}/graphiql")
    page.wait_for(EDITOR_SHOWS)
    violation = """new Promise(done => {
        document.addEventListener('securitypolicyviolation', event => done(event.violatedDirective));
        const socket = new WebSocket(%s, 'graphql-transport-ws');
        socket.onopen = socket.onerror = () => setTimeout(() => done('none'), 300);
    })"""
    own = json.dumps(server_url.replace("http", "ws", 1) + "/graphql")

    assert page.evaluate(violation % own) == "none"
    assert page.evaluate(violation % "'ws://127.0.0.1:9/graphql'") == "connect-src"


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_tabs_and_examples_fit_the_page(page: Page, server_url: str, tmp_path: Path, width: int, height: int) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 700)
    page.open(f"{server_url}/graphiql")
    page.wait_for(EDITOR_SHOWS)
    page.click(".graphiql-execute-button")
    answer = json.loads(page.wait_for(RESPONSE))
    page.wait_for("document.querySelector('.result-window .view-line') && true")
    page.screenshot(tmp_path / f"{width}.png")

    assert "errors" not in answer
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Every line of the example is visible: the longer ones wrap.
    assert page.evaluate(f"{EDITOR}.getScrollWidth() <= {EDITOR}.getLayoutInfo().width")
    editor, response = (page.evaluate(BOX % name) for name in (".graphiql-query-editor", ".graphiql-response"))
    if width == 1280:
        bar, last = page.evaluate(BOX % ".graphiql-tabs"), page.evaluate(BOX % ".graphiql-tab:last-of-type")
        assert last["right"] <= bar["right"]
        assert editor["right"] <= response["left"] < response["right"] <= width
    else:
        assert editor["bottom"] <= response["top"] < response["bottom"] <= height
        assert min(editor["width"], response["width"]) >= 0.75 * width
    assert page.errors == []


@pytest.mark.long
def test_every_example_runs_by_the_play_button(page: Page, server_url: str) -> None:
    page.call("Page.addScriptToEvaluateOnNewDocument", source=COLLECT)
    page.open(f"{server_url}/graphiql")
    page.wait_for(EDITOR_SHOWS)
    tabs = json.loads(page.wait_for(TABS))["tabs"]
    configuration = json.loads(page.evaluate("document.getElementById('graphiql').dataset.configuration"))

    assert [tab["query"] for tab in tabs] == [example["query"] for example in configuration["examples"]]
    for number, tab in enumerate(tabs):
        page.evaluate(f"document.querySelectorAll('.graphiql-tab-button')[{number}].click()")
        page.wait_for(f"{EDITOR}.getValue() === {json.dumps(tab['query'])}")
        time.sleep(0.5)  # GraphiQL looks for the operations of a document when nothing has changed for a while.
        operations = [one for one in parse(tab["query"]).definitions if isinstance(one, OperationDefinitionNode)]
        for operation in operations:
            assert operation.name is not None
            if operation.operation is OperationType.SUBSCRIPTION:
                _follow_and_stop(page)
            else:
                _check(operation.name.value, _run(page, operation.name.value, among=len(operations)))
    assert page.errors == []


def _follow_and_stop(page: Page) -> None:
    """Press the play button of a subscription, which runs until the button is pressed again."""
    label = "document.querySelector('.graphiql-execute-button').getAttribute('aria-label')"
    page.click(".graphiql-execute-button")
    page.wait_for(f"{label}.startsWith('Stop')")
    time.sleep(0.5)  # An error would end it.
    assert page.evaluate(label).startswith("Stop")
    page.click(".graphiql-execute-button")
    page.wait_for(f"!{label}.startsWith('Stop')")


def _run(page: Page, name: str, *, among: int) -> Any:
    """Press the play button, which offers the operations of a tab if it has several."""
    page.evaluate("answers.length = 0")
    page.click(".graphiql-execute-button")
    if among > 1:
        item = f"[...document.querySelectorAll('[role=menuitem]')].find(item => item.textContent === '{name}')"
        page.wait_for(f"{item} && true")
        page.evaluate(f"{item}.click()")
    return json.loads(page.wait_for("answers[0]"))


def _check(name: str, answer: Any) -> None:
    assert "errors" not in answer, name
    for field, payload in answer["data"].items():
        if isinstance(payload, dict) and "userErrors" in payload:
            assert payload["userErrors"] == [], (name, field)
            assert payload.get("changedCount") != 0, f"{name} finds nothing to change in the demo"
