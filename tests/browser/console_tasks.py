"""What the product documentation tells a person to do, as clicks in the console: a sentence and the clicks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.browser.console import Console
from tests.support.waiting import wait_until

Task = Callable[[Console], None]

TASKS: dict[str, Task] = {}
"""The sentences of the documentation, shortened to the deed, with their clicks."""

ANY_NUMBER = """query($filter: PhoneNumberFilter!) {
  phoneNumbers(filter: $filter, first: 1) { nodes { id number reservedTag organization { name } series { name } } } }"""
ONE_NUMBER = """query($number: E164!) { phoneNumber(number: $number) {
  status reservedTag forwardingNumber organization { name } user { email } } }"""
USER = """query($text: String!) {
  users(filter: { text: $text }, first: 1) { nodes { phoneNumber { number series { name } } } } }"""
RESERVE = """mutation($id: ID!, $tag: String!) {
  reserveNumbers(input: { numberIds: [$id], tag: $tag }) { userErrors { message } } }"""
PARENT_AND_CHILD = """query($name: String!) {
  organizations(search: $name, first: 1) { nodes { id children(first: 1) { nodes { id } } } } }"""
MOVE = """mutation($filter: PhoneNumberFilter!, $target: ID!) {
  moveNumbers(input: { filter: $filter, organizationId: $target }) { userErrors { message } } }"""
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


def invite(console: Console, email: str) -> None:
    console.press("Users")
    console.press("Invite a user")
    console.fill("First name", "Grace")
    console.fill("Last name", "Hopper")
    console.fill("Email address", email)


def number_of_user(console: Console, text: str) -> dict[str, Any]:
    """The number that a user was invited on."""
    found: dict[str, Any] = console.ask(USER, text=text)["users"]["nodes"][0]["phoneNumber"]
    return found


@task("Invite a user on the lowest number that is reserved with a tag.")
def _(console: Console) -> None:
    number = any_number(console, statuses=["AVAILABLE"], organizationIds=[acting_organization(console)])
    console.ask(RESERVE, id=number["id"], tag="press office")
    invite(console, "by.tag@halcyon.example")
    console.tick("One that is reserved with a tag")
    console.fill("Reserved tag", "no such tag")
    console.press("Send the invitation")
    assert console.error_of("Reserved tag").startswith("Halcyon Group has no number that is reserved with the tag")
    console.fill("Reserved tag", "press office")
    console.press("Send the invitation")
    console.sees("An invitation was sent to by.tag@halcyon.example.")
    assert number_of_user(console, "by.tag@")["number"] == number["number"]


@task("Invite a user on the lowest available number of a series, without a mail yet.")
def _(console: Console) -> None:
    invite(console, "by.series@halcyon.example")
    console.tick("One of a series")
    console.page.wait_for("[...document.querySelectorAll('[role=dialog] option')].length > 2")
    option = console.page.evaluate("document.querySelectorAll('[role=dialog] option')[1].innerText")
    console.select("Series", option)
    console.tick("Send the invitation by mail now")
    console.press("Save the user")
    console.sees("by.series@halcyon.example was saved, and no mail was sent.")
    series = number_of_user(console, "by.series@")["series"]
    assert option.startswith(series["name"])


@task("Invite the users of a pasted list: the lines at fault are named, a preview tells how many.")
def _(console: Console) -> None:
    console.press("Users")
    console.press("Invite several users")
    console.press("Preview")
    assert console.error_of("Lines").startswith("There is no line.")
    console.fill("Lines", "Ada,Lovelace,ada.l@halcyon.example,,no such tag,\nAlan,Turing,alan.t@halcyon.example,,,\n")
    console.press("Preview")
    assert console.error_of("Lines").endswith("No users were invited.")
    console.sees("Line 1: Halcyon Group has no number left that is reserved with the tag")
    console.tick("Skip invalid lines, and invite the others")
    console.press("Preview")
    console.sees("1 user would be invited, and 1 line skipped.")
    console.press("Send the invitations")
    console.sees("1 user invited.")
    assert console.ask(USER, text="ada.l@")["users"]["nodes"] == []
    assert console.ask(USER, text="alan.t@")["users"]["nodes"] == [{"phoneNumber": None}]


@task("Invite the users of an uploaded file as a job, and download its report.")
def _(console: Console) -> None:
    console.press("Users")
    console.press("Invite several users")
    console.tick("Upload a file of any length, which is read in the background")
    console.press("Start the job")
    assert console.error_of("File") == "Choose a file."
    with TemporaryDirectory() as folder:
        file = Path(folder) / "users.csv"
        file.write_text("Edsger,Dijkstra,edsger.d@halcyon.example,,,\n", encoding="utf-16")
        console.choose_file("File", file)
        console.sees_no("Uploading")
        console.press("Start the job")
        console.sees("The job was started.")
        row = finished_job(console)
        assert row[:3] == ["Invite users", "Succeeded", "1"]
        console.page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=folder)
        console.press("Download")
        report = wait_until(
            lambda: next((found for found in Path(folder).glob("*.csv") if found != file), None),
            lambda: "no report was downloaded",
        )
        assert '"edsger.d@halcyon.example","INVITED"' in report.read_text(encoding="utf-8-sig")


@task("Add numbers to a series: those that exist are named, or skipped.")
def _(console: Console) -> None:
    exists = any_number(console, statuses=["AVAILABLE"])
    console.press("Bulk Number Operations")
    console.press("Add Numbers")
    console.press("Preview")
    assert console.error_of("Series") == "Choose the series that they belong to."
    console.fill("Series", "Quebec")
    console.choose("+1 418 Quebec")
    console.fill("Lines", f"{exists['number']}\n+1 418 555 0199\n")
    console.press("Preview")
    assert exists["number"] in console.error_of("Lines")
    console.tick("Skip lines without a number, and numbers that exist")
    console.press("Preview")
    console.sees("1 number would be added, and 1 line skipped:")
    console.press("Add")
    console.sees("1 number added to +1 418 Quebec.")
    assert state(console, "+14185550199")["organization"] == {"name": "Halcyon Group"}


@task("Allocate numbers as a job, which is followed on the page Jobs.")
def _(console: Console) -> None:
    console.press("Bulk Number Operations")
    console.press("Allocate Number")
    console.fill("Quantity", "4")
    console.choose("Branch Boston 4")
    console.tick("Run in the background")
    console.press("Start the job")
    console.sees("The job was started.")
    assert finished_job(console)[:3] == ["Allocate numbers", "Succeeded", "4"]


@task("Move all numbers that match a search.")
def _(console: Console) -> None:
    reserved = any_number(console, statuses=["RESERVED"])
    find(console, reserved["number"])
    console.press("Change all matches")
    console.press("Move …")
    console.press("Preview")
    assert console.error_of("Organization") == "Choose the organization to move them to."
    console.fill("Organization", "Finance Mumbai 2")
    console.choose("Finance Mumbai 2")
    console.press("Preview")
    console.sees("1 number would go to Finance Mumbai 2:")
    console.press("Move")
    console.sees("1 number moved to Finance Mumbai 2.")
    assert state(console, reserved["number"])["organization"] == {"name": "Finance Mumbai 2"}


@task("The Dashboard: users, voice, messages and data of the Current Cycle, the Past Cycle and All Time.")
def _(console: Console) -> None:
    tiles = {
        "Current Cycle": [
            "New Users",
            "Total Active Users",
            "Total Voice Usage",
            "Total Message Usage",
            "Total Data Usage",
        ],
        "Past Cycle": ["Total Voice Used", "Total Message Used", "Total Data Used"],
        "All Time": ["New Users", "Total Active Users"],
    }
    for heading, labels in tiles.items():
        found = console.page.evaluate(
            f"[...[...document.querySelectorAll('h2')].find(one => one.innerText === {json.dumps(heading)})"
            ".closest('section').querySelectorAll('dt')].map(one => one.innerText)"
        )
        assert found[: len(labels)] == labels


@task("Results appear displaying Series, Number, Organization, Status, and Reserved Tag.")
def _(console: Console) -> None:
    console.press("Number Status and Actions")
    console.cells()
    headers = console.page.evaluate("[...document.querySelectorAll('th')].map(one => one.innerText.trim())")
    assert headers == ["Series", "Number", "Organization", "Status", "Reserved Tag", "Actions"]


@task("The menu shows Move and Reserve for Available numbers, Move for In Use and Reserved ones.")
def _(console: Console) -> None:
    for status, offered, missing in (
        ("AVAILABLE", {"Move", "Reserve"}, {"Unreserve", "Forwarding number"}),
        ("IN_USE", {"Move"}, {"Reserve", "Unreserve"}),
        # A number that was not forwarded when its user was deleted cannot be forwarded later.
        ("RESERVED", {"Move", "Unreserve"}, {"Reserve", "Forwarding number"}),
        ("ASSIGNED", set(), {"Move", "Reserve"}),
    ):
        number = any_number(console, statuses=[status])["number"]
        find(console, number)
        console.press(f"Actions for {number}")
        console.page.wait_for("document.querySelector('[role=menuitem]') && true")
        items = console.page.evaluate("[...document.querySelectorAll('[role=menuitem]')].map(one => one.innerText)")
        assert offered <= set(items)
        assert not missing & set(items)
        console.key("Escape")


@task("Reserved Numbers: search for the number, click the Edit icon, edit the Tag, then Save.")
def _(console: Console) -> None:
    number = any_number(console, statuses=["RESERVED"])["number"]
    console.press("Reserved Numbers")
    console.fill("Number or tag", number)
    console.press("Search")
    console.press(f"Edit the tag of {number}")
    console.fill(f"Reserved tag of {number}", "edited in the list")
    console.press("Save")
    console.sees(f"{number} is reserved for “edited in the list”.")
    assert state(console, number)["reservedTag"] == "edited in the list"


@task("Allocate Number: if there are no available numbers, this option does not appear.")
def _(console: Console) -> None:
    parent, child = console.ask(PARENT_AND_CHILD, name="Operations Manchester")["organizations"]["nodes"][0].values()
    console.press("You act from")
    console.choose("Operations Manchester")
    console.press("Switch")
    console.sees("Back to Halcyon Group")
    console.press("Bulk Number Operations")
    console.sees("Allocate Number")
    filter_ = {"organizationIds": [parent], "statuses": ["AVAILABLE"]}
    assert console.ask(MOVE, filter=filter_, target=child["nodes"][0]["id"])["moveNumbers"]["userErrors"] == []
    # The page hears of it by itself.
    console.sees_no("Allocate Number")
    console.press("Back to Halcyon Group")
    console.sees("Allocate Number")
