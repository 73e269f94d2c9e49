"""The dashboard: the pie, the threshold, the graph, and asking for more numbers."""

from __future__ import annotations

import json

from tests.browser.console import Console
from tests.browser.console_tasks.steps import task

HALCYON = "{ organization { id utilization { thresholdPercent } } }"


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
