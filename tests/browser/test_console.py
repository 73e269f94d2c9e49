"""The console in a real browser, with no network but the server."""

from __future__ import annotations

from pathlib import Path

from tests.browser.chromium import Page
from tests.browser.console import Console

TARGET, DOOMED = "Smoke Target", "Smoke Doomed"
CREATE = "mutation($name: String!) { createOrganization(input: { name: $name }) { organization { id } } }"
DELETE = "mutation($id: ID!) { deleteOrganization(input: { organizationId: $id }) { userErrors { message } } }"
HOLDER = "query($number: E164!) { phoneNumber(number: $number) { organization { name } } }"


def test_a_newcomer_sees_the_tree_and_the_pie_and_moves_a_number(page: Page, server_url: str, tmp_path: Path) -> None:
    console = Console(page, server_url)
    console.enter()
    doomed = console.ask(CREATE, name=DOOMED)["createOrganization"]["organization"]["id"]
    console.ask(CREATE, name=TARGET)
    page.wait_for("document.querySelectorAll('.pie .slice').length === 5")
    console.press("Number Utilization Details")
    console.sees("Allocated to Sub-Organizations\nNumbers which are allocated to sub-organizations.")
    console.press("Close")

    console.press("View Hierarchy")
    console.choose("Halcyon Group")
    console.sees("Show the numbers of Halcyon Group")
    console.press("Close")

    number = next(row[1].split("\n")[0] for row in console.cells() if row[3] == "Available")
    console.press(f"Actions for {number}")
    console.press("Move")
    console.fill("Organization", DOOMED)
    console.choose(DOOMED)
    assert console.ask(DELETE, id=doomed)["deleteOrganization"]["userErrors"] == []
    console.press("Move")
    assert console.error_of("Organization") == "There is no such organization in your scope."
    page.screenshot(tmp_path / "refused.png")

    console.fill("Organization", TARGET)
    console.choose(TARGET)
    console.press("Move")
    console.sees(f"{number} was moved to {TARGET}.")
    assert console.ask(HOLDER, number=number)["phoneNumber"]["organization"]["name"] == TARGET
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith((f"{server_url}/", "data:"))] == []
