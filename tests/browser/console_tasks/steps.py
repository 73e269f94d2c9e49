"""The table of tasks, and the steps that several of them share."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.console import Console

Task = Callable[[Console], None]

TASKS: dict[str, Task] = {}
"""The sentences of the documentation, shortened to the deed, with their clicks."""

ANY_NUMBER = """query($filter: PhoneNumberFilter!) {
  phoneNumbers(filter: $filter, first: 1) { nodes { id number reservedTag organization { name } series { name } } } }"""
ONE_NUMBER = """query($number: E164!) { phoneNumber(number: $number) {
  status reservedTag forwardingNumber organization { name } user { email } } }"""
RESERVE = """mutation($id: ID!, $tag: String!) {
  reserveNumbers(input: { numberIds: [$id], tag: $tag }) { userErrors { message } } }"""


def task(sentence: str) -> Callable[[Task], Task]:
    def keep(clicks: Task) -> Task:
        TASKS[sentence] = clicks
        return clicks

    return keep


def any_number(console: Console, **filter_: object) -> dict[str, str]:
    """A number of the demo that matches a filter."""
    found: dict[str, str] = console.ask(ANY_NUMBER, filter=filter_)["phoneNumbers"]["nodes"][0]
    return found


def state(console: Console, number: str) -> dict[str, object]:
    found: dict[str, object] = console.ask(ONE_NUMBER, number=number)["phoneNumber"]
    return found


def find(console: Console, number: str) -> None:
    """Search for a number on Number Status and Actions, until it is the only row."""
    console.press("Number Status and Actions")
    console.fill("Number / Tag", number)
    console.press("Search")
    console.sees("1\N{EN DASH}1 of 1")
    console.sees(number)


def act(console: Console, number: str, action: str) -> None:
    find(console, number)
    console.press(f"Actions for {number}")
    console.press(action)


def acting_organization(console: Console) -> str:
    found: str = console.ask("{ organization { id } }")["organization"]["id"]
    return found


def finished_job(console: Console) -> list[str]:
    """The cells of the newest job on the page of jobs, once it has ended."""
    console.page.wait_for("document.querySelector('h1')?.innerText === 'Jobs'")
    console.page.wait_for(
        "/^(Succeeded|Failed)/.test(document.querySelector('table[role=table] tbody tr')?.cells[1]?.innerText)"
    )
    return console.cells()[0]
