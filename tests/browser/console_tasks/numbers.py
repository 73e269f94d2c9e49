"""Actions on one number: move, reserve, edit its tag, unreserve."""

from __future__ import annotations

from tests.browser.console import Console
from tests.browser.console_tasks.steps import act, any_number, find, state, task


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
