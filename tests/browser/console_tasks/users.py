"""Users: invitations, and what happens to the number of a deleted user."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.browser.console import Console
from tests.browser.console_tasks.steps import RESERVE, act, acting_organization, any_number, finished_job, state, task
from tests.support.waiting import wait_until

USER = """query($text: String!) {
  users(filter: { text: $text }, first: 1) { nodes { phoneNumber { number series { name } } } } }"""


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
