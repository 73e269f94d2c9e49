"""Bulk number operations: allocate, withdraw, add, and all matches of a search."""

from __future__ import annotations

from tests.browser.console import Console
from tests.browser.console_tasks.steps import any_number, find, finished_job, state, task

PARENT_AND_CHILD = """query($name: String!) {
  organizations(search: $name, first: 1) { nodes { id children(first: 1) { nodes { id } } } } }"""
MOVE = """mutation($filter: PhoneNumberFilter!, $target: ID!) {
  moveNumbers(input: { filter: $filter, organizationId: $target }) { userErrors { message } } }"""


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
