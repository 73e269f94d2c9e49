"""Number Status and Actions: finding numbers, and the organizations they belong to."""

from __future__ import annotations

import json

from tests.browser.console import Console
from tests.browser.console_tasks.steps import any_number, task

COUNT = "query($filter: PhoneNumberFilter) { phoneNumbers(filter: $filter) { totalCount } }"
NAMED = "query($name: String!) { organizations(search: $name, first: 1) { nodes { id } } }"


def count(console: Console, **filter_: object) -> str:
    """How many numbers a list shows at its foot; other tasks add numbers."""
    return f"of {console.ask(COUNT, filter=filter_)['phoneNumbers']['totalCount']:,}"


@task("Search by any part of a number or of a reserved tag.")
def _(console: Console) -> None:
    reserved = any_number(console, statuses=["RESERVED"])
    console.press("Number Status and Actions")
    for text in (reserved["number"][-7:], reserved["reservedTag"][1:].upper()):
        console.fill("Number / Tag", text)
        console.press("Search")
        console.sees(reserved["number"])


@task("Use the checkboxes to restrict your search to one or more number series; search within the filter.")
def _(console: Console) -> None:
    console.press("Number Status and Actions")
    console.press("Series All")
    console.fill("Search Series", "Paris")
    console.tick("+33 1 Paris")
    console.key("Escape")
    console.press("Search")
    console.sees_no("+1 206 Seattle")
    assert {row[0] for row in console.cells()} == {"+33 1 Paris"}


@task("Use the checkboxes to restrict your search to sub-organizations; Reset undoes it.")
def _(console: Console) -> None:
    name = "Finance Mumbai 2"
    console.press("Number Status and Actions")
    console.press("Organization All")
    console.fill("Search Organization", name)
    console.tick(name)
    console.key("Escape")
    console.press("Search")
    held = console.ask(NAMED, name=name)["organizations"]["nodes"]
    console.sees(count(console, organizationIds=[node["id"] for node in held]))
    assert {row[2] for row in console.cells()} == {name}
    console.press("Reset")
    console.sees(count(console))


@task("Restrict your search to statuses; the question mark reminds of their meaning.")
def _(console: Console) -> None:
    console.press("Number Status and Actions")
    console.press("What the statuses mean")
    console.sees("Assigned to a user through an invitation; the user has not on-boarded yet.")
    console.key("Escape")
    console.press("Status All")
    console.tick("Reserved")
    console.tick("In Use")
    console.key("Escape")
    console.press("Search")
    console.page.wait_for("![...document.querySelectorAll('.status')].some(one => one.innerText === 'Available')")
    assert {row[3] for row in console.cells()} <= {"Reserved", "In Use"}


@task("Click View Hierarchy to explore the sub-organizations within your organization.")
def _(console: Console) -> None:
    console.press("Number Status and Actions")
    console.press("View Hierarchy")
    console.choose("Operations Manchester")
    console.page.wait_for("document.querySelector('[role=treeitem][aria-level=\"3\"]') && true")
    console.press("Show the numbers of Operations Manchester")
    console.page.wait_for("!document.querySelector('[role=dialog]')")
    console.page.wait_for(
        "[...document.querySelectorAll('tbody tr')].every(row => row.cells[2]?.innerText === 'Operations Manchester')"
    )


@task("Click the Sort button once to sort results by that column, again to reverse the order.")
def _(console: Console) -> None:
    console.press("Number Status and Actions")
    for direction, first in (("ascending", "+1 206 Seattle"), ("descending", "+91 22 Mumbai")):
        console.page.click("th:first-child .sort")
        console.page.wait_for(f"document.querySelector('th[aria-sort={direction}] .sort')?.innerText === 'Series'")
        console.page.wait_for(f"document.querySelector('tbody td')?.innerText === {json.dumps(first)}")


@task("Go to the sub-organization: what is above it does not exist.")
def _(console: Console) -> None:
    console.press("You act from")
    console.choose("Operations Manchester")
    console.press("Switch")
    console.sees("Back to Halcyon Group")
    console.press("Number Status and Actions")
    console.press("View Hierarchy")
    console.page.wait_for(
        "document.querySelector('[aria-level=\"1\"] .tree-name')?.innerText === 'Operations Manchester'"
    )
    console.press("Close")
    console.press("Back to Halcyon Group")
    console.sees(count(console))


@task("Results appear displaying Series, Number, Organization, Status, and Reserved Tag.")
def _(console: Console) -> None:
    console.press("Number Status and Actions")
    console.cells()
    headers = console.page.evaluate("[...document.querySelectorAll('th')].map(one => one.innerText.trim())")
    assert headers == ["Series", "Number", "Organization", "Status", "Reserved Tag", "Actions"]
