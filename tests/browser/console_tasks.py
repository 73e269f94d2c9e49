"""What the product documentation tells a person to do, as clicks in the console: a sentence and the clicks."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.browser.console import Console

Task = Callable[[Console], None]

TASKS: dict[str, Task] = {}
"""The sentences of the documentation, shortened to the deed, with their clicks."""

ANY_NUMBER = """query($filter: PhoneNumberFilter!) {
  phoneNumbers(filter: $filter, first: 1) { nodes { id number reservedTag organization { name } series { name } } } }"""
ONE_NUMBER = """query($number: E164!) { phoneNumber(number: $number) {
  status reservedTag forwardingNumber organization { name } user { email } } }"""
HALCYON = "{ organization { id utilization { thresholdPercent } } }"


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


@task("Click anywhere on the Pie chart to open the Number Utilization Details.")
def _(console: Console) -> None:
    console.page.click(".pie")
    console.sees("Number Utilization Details")
    console.sees("Pending invitation")
    console.press("Close")


@task("Click the Edit icon to pull up the Manage Threshold menu: a value between 1% and 100%.")
def _(console: Console) -> None:
    for refused in ("0", "101"):
        console.press("Edit threshold")
        console.sees("Manage Threshold")
        console.fill("Utilization Threshold, in percent", refused)
        console.press("Save")
        assert "1 to 100" in console.error_of("Utilization Threshold, in percent")
        console.press("Cancel")
        console.sees_no("Manage Threshold")
    console.press("Edit threshold")
    console.fill("Utilization Threshold, in percent", "75")
    console.press("Save")
    console.sees("The utilization threshold is 75%.")
    assert console.ask(HALCYON)["organization"]["utilization"]["thresholdPercent"] == 75


@task("You can select between Voice, Message, or Data statistics; the heading of the Graph changes.")
def _(console: Console) -> None:
    for kind in ("Message", "Data", "Voice"):
        console.select("Kind of usage in the graph", kind)
        console.sees(f"{kind} Usage for The Current Cycle")


@task("Click Request More Numbers; use the contact information displayed to email or call.")
def _(console: Console) -> None:
    console.press("Request More Numbers")
    console.sees("To request more numbers, send an email to")
    console.fill("How many numbers", "0")
    console.press("Send the request")
    assert console.error_of("How many numbers") != ""
    console.fill("How many numbers", "250")
    console.press("Send the request")
    console.sees("The request was sent to")


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
    console.sees("of 151")
    assert {row[2] for row in console.cells()} == {name}
    console.press("Reset")
    console.sees("of 20,000")


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


@task("Move: select an organization to display its sub-organizations, keep selecting, click Move.")
def _(console: Console) -> None:
    number = any_number(console, statuses=["AVAILABLE"])["number"]
    act(console, number, "Move")
    console.choose("Operations Manchester")
    console.page.wait_for("document.querySelector('[role=treeitem][aria-level=\"3\"]') && true")
    target = console.page.evaluate("document.querySelector('[aria-level=\"3\"] .tree-name').innerText")
    console.choose(target)
    console.sees(f"Selected: Halcyon Group/Operations Manchester/{target}")
    console.press("Move")
    console.sees(f"{number} was moved to {target}.")
    organization = state(console, number)["organization"]
    assert organization == {"name": target}


@task("Click Reserve, enter your tag name (not blank), click the check mark to save.")
def _(console: Console) -> None:
    number = any_number(console, statuses=["AVAILABLE"])["number"]
    act(console, number, "Reserve")
    console.press("Save")
    assert console.error_of(f"Reserved tag of {number}") == "The reserved tag is blank."
    console.fill(f"Reserved tag of {number}", "front desk")
    console.press("Save")
    console.sees(f"{number} is reserved for “front desk”.")
    assert state(console, number)["reservedTag"] == "front desk"


@task("Click the Edit pencil, edit the tag, click 'x' to cancel or the check mark to save.")
def _(console: Console) -> None:
    reserved = any_number(console, statuses=["RESERVED"])
    number = reserved["number"]
    find(console, number)
    for button, expected in (("Cancel", reserved["reservedTag"]), ("Save", "changed tag")):
        console.press(f"Edit the tag of {number}")
        console.fill(f"Reserved tag of {number}", "changed tag")
        console.press(button)
        console.page.wait_for("!document.querySelector('.tag-form')")
        assert state(console, number)["reservedTag"] == expected


@task("Click Unreserve from the action menu; the status changes to Available.")
def _(console: Console) -> None:
    number = any_number(console, statuses=["RESERVED"])["number"]
    act(console, number, "Unreserve")
    console.sees("is deleted, and the number is available again.")
    console.press("Unreserve")
    console.sees(f"{number} is available.")
    assert state(console, number)["status"] == "AVAILABLE"


@task("When a user is deleted, tag the number and add a forwarding number; later edit it, then remove it.")
def _(console: Console) -> None:
    number = any_number(console, statuses=["IN_USE"])["number"]
    act(console, number, "Delete the user")
    console.tick("Reserve the number, and forward its calls if you like")
    console.fill("Reserved tag", "left the company")
    console.fill("Forward calls to", "+14185550142")
    console.press("Delete the user")
    console.sees("was deleted.")
    assert state(console, number)["forwardingNumber"] == "+14185550142"

    console.press("Reserved Numbers")
    console.fill("Number or tag", number)
    console.press("Search")
    console.press(f"Edit the forwarding of {number}")
    console.fill("Forwarding number", number)
    console.press("Proceed")
    assert console.error_of("Forwarding number") != ""
    console.fill("Forwarding number", "+14185550143")
    console.press("Proceed")
    console.sees(f"Calls to {number} are forwarded.")
    assert state(console, number)["forwardingNumber"] == "+14185550143"
    console.press(f"Edit the forwarding of {number}")
    console.tick("Remove the Number")
    console.press("Proceed")
    console.sees(f"Calls to {number} are no longer forwarded.")
    assert state(console, number)["forwardingNumber"] is None


@task("Invite a user on a number, and cancel the invitation.")
def _(console: Console) -> None:
    number = any_number(console, statuses=["AVAILABLE"])["number"]
    act(console, number, "Invite a user")
    console.fill("First name", "Grace")
    console.fill("Last name", "Hopper")
    console.fill("Email address", "no address")
    console.press("Send the invitation")
    assert console.error_of("Email address") != ""
    console.fill("Email address", "grace.hopper@halcyon.example")
    console.press("Send the invitation")
    console.sees("An invitation was sent to grace.hopper@halcyon.example.")
    assert state(console, number)["status"] == "ASSIGNED"
    console.press(f"Actions for {number}")
    console.press("Cancel the invitation")
    console.sees("stops working")
    console.press("Cancel the invitation")
    console.sees("was cancelled.")
    assert state(console, number)["status"] == "AVAILABLE"


@task("Click Reserve Number, select the number, enter the Tag, select the Organization, click OK.")
def _(console: Console) -> None:
    number = any_number(console, statuses=["AVAILABLE"])["number"]
    console.press("Reserved Numbers")
    console.press("Reserve Number")
    console.press("OK")
    assert console.error_of("Number") == "Choose the number to reserve."
    console.fill("Number", number)
    console.choose(number)
    console.fill("Tag", "trade fair")
    console.tick("Also allocate it to another organization")
    console.fill("Organization", "Finance Mumbai 2")
    console.choose("Finance Mumbai 2")
    console.press("OK")
    console.sees(f"{number} is reserved for “trade fair”.")
    found = state(console, number)
    assert (found["reservedTag"], found["organization"]) == ("trade fair", {"name": "Finance Mumbai 2"})


@task("Delete a tag: search for the number or tag, click Remove, confirm; the number leaves the list.")
def _(console: Console) -> None:
    number = any_number(console, statuses=["RESERVED"])["number"]
    console.press("Reserved Numbers")
    console.fill("Number or tag", number)
    console.press("Search")
    console.press(f"Remove the tag of {number}")
    console.press("Unreserve")
    console.sees("No reserved number matches.")
    assert state(console, number)["status"] == "AVAILABLE"


@task("Select the Allocate Number button, the Series, Quantity and Sub Organization, then OK.")
def _(console: Console) -> None:
    console.press("Bulk Number Operations")
    console.press("Allocate Number")
    console.fill("Quantity", "100000")
    console.choose("Branch Boston 4")
    console.press("Preview")
    assert "available" in console.error_of("Quantity")
    console.fill("Quantity", "3")
    console.press("Preview")
    console.sees("3 numbers would go from Halcyon Group to Branch Boston 4:")
    console.press("OK")
    console.sees("3 numbers allocated to Branch Boston 4.")


@task("Expand the organization, click Withdraw Numbers, enter the quantity, click Proceed.")
def _(console: Console) -> None:
    console.press("Bulk Number Operations")
    console.press("Branch Boston 4")
    console.press("Withdraw Numbers")
    console.sees("They go to Halcyon Group.")
    console.fill("Quantity", "100000")
    console.press("Preview")
    assert "available" in console.error_of("Quantity")
    console.fill("Quantity", "2")
    console.press("Preview")
    console.sees("2 numbers would go from Branch Boston 4 to Halcyon Group:")
    console.press("Proceed")
    console.sees("2 numbers withdrawn from Branch Boston 4.")


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
    console.sees("of 20,000")
