"""The console in a real browser, with no network but the server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.console.pages import STATIC
from tests.browser import chromium
from tests.browser.chromium import Page
from tests.browser.conftest import browser_command, demo_server
from tests.browser.console import Console
from tests.browser.console_tasks import TASKS
from tests.browser.console_tasks.steps import RESERVE, act, any_number, find, finished_job, state
from tests.support.npm import install, npm
from tests.support.waiting import wait_until

CONSOLE = Path(__file__).parents[2] / "console"
PAGES = (
    "Dashboard",
    "Number Status and Actions",
    "Reserved Numbers",
    "Bulk Number Operations",
    "Users",
    "Administrators and Keys",
    "Jobs",
    "Activity",
)
DIALOGS = {
    "Dashboard": "Number Utilization Details",
    "Number Status and Actions": "View Hierarchy",
    "Reserved Numbers": "Reserve Number",
    "Bulk Number Operations": "Allocate Number",
    "Users": "Invite several users",
    "Administrators and Keys": "Create an API key",
}
"""A dialog of each page, and the button that opens it."""

TARGET, DOOMED = "Smoke Target", "Smoke Doomed"
CREATE = "mutation($name: String!) { createOrganization(input: { name: $name }) { organization { id } } }"
DELETE = "mutation($id: ID!) { deleteOrganization(input: { organizationId: $id }) { userErrors { message } } }"
UNRESERVE_AS_JOB = """mutation($id: ID!) {
  unreserveNumbers(input: { numberIds: [$id], asJob: true }) { userErrors { message } } }"""
MOVE_AS_JOB = """mutation($filter: PhoneNumberFilter!, $organization: ID!) {
  moveNumbers(input: { filter: $filter, organizationId: $organization, asJob: true }) {
    userErrors { message } } }"""
NAMED = "query($name: String!) { organizations(search: $name, first: 1) { nodes { id } } }"
ACTING = "Halcyon Group"
WRAPPED = """(() => {
  const range = document.createRange();
  const texts = document.createNodeIterator(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const numbers = [];
  for (let text; (text = texts.nextNode()); ) if (/^\\+\\d{8,}$/.test(text.data)) numbers.push(text);
  const wrapped = numbers.filter(text => (range.selectNodeContents(text), range.getClientRects().length > 1));
  return { numbers: numbers.length, wrapped: wrapped.map(text => text.data) };
})()"""
"""The telephone numbers on the page that do not stand on one line."""
OUT_OF_REACH = """[...document.querySelectorAll('main :is(button, a, input, select, textarea)')]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML)"""
"""The controls on the page that are beyond the right edge of the window."""
SETTLED = "!document.querySelector('.skeleton, .tree-note, [aria-busy=true]') && document.getAnimations().length === 0"
HOLDER = "query($number: E164!) { phoneNumber(number: $number) { organization { name } } }"


@pytest.fixture
def strict_url(tmp_path: Path) -> Iterator[str]:
    """Give the base address of a demo that runs only the console's operations and those of the test."""
    with demo_server(tmp_path, trusted=[CREATE, DELETE, HOLDER]) as address:
        yield address


def test_a_newcomer_sees_the_tree_and_the_pie_and_moves_a_number(page: Page, strict_url: str, tmp_path: Path) -> None:
    console = Console(page, strict_url)
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
    assert [url for url in page.requests if not url.startswith((f"{strict_url}/", "data:"))] == []


@pytest.fixture(scope="module")
def demo_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console on a demo that the tests of this module share."""
    folder = tmp_path_factory.mktemp("console")
    with demo_server(folder) as address, chromium.page(browser_command(), folder / "profile") as page:
        yield Console(page, address)


@pytest.fixture
def console(demo_console: Console) -> Console:
    """A console that was just entered."""
    demo_console.page.open("about:blank")
    demo_console.page.errors.clear()
    demo_console.page.wait_for("location.href === 'about:blank'")
    demo_console.enter()
    return demo_console


@pytest.mark.long
@pytest.mark.parametrize("sentence", TASKS)
def test_what_the_documentation_tells_is_done_by_clicking(console: Console, sentence: str) -> None:
    TASKS[sentence](console)
    assert console.page.errors == []


@pytest.mark.long
def test_changes_by_others_are_seen_without_a_click(console: Console) -> None:
    number = any_number(console, statuses=["AVAILABLE"])
    find(console, number["number"])
    # Sent beside the console's client, as another browser would.
    console.ask(RESERVE, id=number["id"], tag="taken by a colleague")
    console.sees("taken by a colleague")

    console.press("Jobs")
    console.ask(UNRESERVE_AS_JOB, id=number["id"])
    console.sees("Unreserve numbers")
    assert finished_job(console)[:3] == ["Unreserve numbers", "Succeeded", "1"]


@pytest.mark.long
def test_two_browsers_see_each_others_changes(server_url: str, page: Page, tmp_path: Path) -> None:
    with chromium.page(browser_command(), tmp_path / "other profile") as other_page:
        mine, other = Console(page, server_url), Console(other_page, server_url)
        for console in (mine, other):
            console.enter()
        number = any_number(mine, statuses=["AVAILABLE"])["number"]
        for console in (mine, other):
            find(console, number)
        mine.press(f"Actions for {number}")
        mine.press("Reserve")
        mine.fill(f"Reserved tag of {number}", "mine")
        mine.press("Save")
        other.page.wait_for(f"document.querySelector('.tag-text').innerText === 'mine' && {SETTLED}")

        # The other browser edits, and what is typed stays while the row changes below it.
        other.press(f"Edit the tag of {number}")
        other.fill(f"Reserved tag of {number}", "of the other")
        mine.press(f"Actions for {number}")
        mine.press("Unreserve")
        mine.sees("is deleted, and the number is available again.")
        mine.press("Unreserve")
        other.page.wait_for("document.querySelector('.status').innerText === 'Available'")
        assert other.page.evaluate("document.querySelector('.tag-form input').value") == "of the other"
        other.press("Save")
        other.sees(f"{number} is reserved for “of the other”.")
        mine.page.wait_for("document.querySelector('.tag-text').innerText === 'of the other'")

        # A job of one is followed by the other.
        mine.press("Jobs")
        mine.sees("No job has run yet.")
        other.press("Change all matches")
        other.press("Unreserve …")
        other.tick("Run in the background")
        other.press("Start the job")
        assert finished_job(other)[:3] == finished_job(mine)[:3] == ["Unreserve numbers", "Succeeded", "1"]
        assert (mine.page.errors, other.page.errors) == ([], [])


@pytest.mark.long
def test_a_waiting_job_is_cancelled(page: Page, server_url: str) -> None:
    console = Console(page, server_url)
    console.enter()
    here, there = (console.ask(NAMED, name=name)["organizations"]["nodes"][0]["id"] for name in (ACTING, "Mumbai"))
    # The jobs of a root run one after another: the last one waits.
    for target in (there, here) * 4:
        console.ask(MOVE_AS_JOB, filter={"statuses": ["AVAILABLE", "RESERVED", "IN_USE"]}, organization=target)
    console.press("Jobs")
    console.press("Cancel")
    console.press("Cancel the job")
    console.sees("The job is being cancelled.")
    console.page.wait_for("document.querySelector('tbody tr').cells[1].innerText === 'Cancelled'")


@pytest.mark.long
def test_a_refused_confirmation_says_why_and_stays_open(console: Console) -> None:
    number = any_number(console, statuses=["AVAILABLE"])
    act(console, number["number"], "Retire")
    console.sees("The number leaves the inventory.")
    console.ask(RESERVE, id=number["id"], tag="taken by a colleague")
    console.press("Retire")
    console.page.wait_for("document.querySelector('[role=dialog] [role=alert]') && true")
    assert number["number"] in console.page.evaluate("document.querySelector('[role=dialog] [role=alert]').innerText")
    assert state(console, number["number"])["status"] == "RESERVED"


@pytest.mark.long
def test_graphiql_is_one_click_away(console: Console) -> None:
    console.press("GraphiQL")
    console.page.wait_for("location.pathname === '/graphiql'")


@pytest.mark.long
def test_both_reports_are_downloaded(console: Console, tmp_path: Path) -> None:
    console.page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    console.press("Download the Number Utilization report")
    wait_until(lambda: list(tmp_path.glob("*.csv")), lambda: "no report was downloaded")
    console.press("Download the Consumption report")
    console.press("Download")
    wait_until(lambda: len(list(tmp_path.glob("*.csv"))) == 2, lambda: f"one report: {list(tmp_path.iterdir())}")


@pytest.mark.long
def test_a_number_is_moved_by_keys_alone(console: Console) -> None:
    console.tab_to("Number Status and Actions")
    console.key("Enter")
    console.cells()
    label = console.tab_to("Actions for ")
    number = label.removeprefix("Actions for ")
    console.key("Enter")
    console.page.wait_for("document.activeElement.role === 'menuitem' || document.activeElement.role === 'menu'")
    console.key("ArrowDown")
    console.key("Escape")
    focused = f"document.activeElement.ariaLabel === {label!r}"
    console.page.wait_for(focused)
    console.key("Enter")
    console.page.wait_for("document.activeElement.innerText?.trim() === 'Move'")
    console.key("Enter")
    console.sees(f"Move {number}")
    console.page.wait_for("!!document.activeElement.closest('[role=dialog]')")
    console.page.wait_for("document.querySelectorAll('[role=treeitem]').length > 3")
    console.tab_to("Halcyon Group")
    console.key("ArrowDown")
    console.key("ArrowDown")
    target = console.page.evaluate("document.activeElement.querySelector('.tree-name').innerText")
    console.key("Space")
    console.sees(f"Selected: Halcyon Group/{target}")
    console.tab_to("Move")
    console.key("Enter")
    console.sees(f"{number} was moved to {target}.")
    console.page.wait_for("!document.querySelector('[role=dialog]')")
    assert console.page.evaluate("document.activeElement !== document.body")


@pytest.mark.long
def test_a_user_is_invited_and_a_job_started_by_keys_alone(console: Console) -> None:
    console.tab_to("Users")
    console.key("Enter")
    console.cells()
    console.tab_to("Invite a user")
    console.key("Enter")
    for label, text in (("First name", "Mary"), ("Last name", "Jackson"), ("Email address", "mary@halcyon.example")):
        console.page.wait_for("!!document.activeElement.closest('[role=dialog]')")
        if label != "First name":  # The dialog begins in its first field.
            console.tab_to(label)
        console.page.call("Input.insertText", text=text)
    console.key("Enter")
    console.sees("An invitation was sent to mary@halcyon.example.")

    console.page.wait_for("!document.querySelector('[role=dialog]')")
    console.tab_to("Invite several users")
    console.key("Enter")
    console.page.wait_for("document.activeElement.tagName === 'TEXTAREA'")
    console.page.call("Input.insertText", text="Dorothy,Vaughan,dorothy@halcyon.example,,,")
    console.tab_to("Run in the background")
    console.key("Space")
    console.tab_to("Start the job")
    console.key("Enter")
    assert finished_job(console)[:3] == ["Invite users", "Succeeded", "1"]
    console.page.wait_for("document.activeElement === document.querySelector('main')")


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core, in the version that the console pins."""
    folder = tmp_path_factory.mktemp("axe")
    install(CONSOLE, folder)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(console: Console, axe: str, scheme: str) -> None:
    console.page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    console.page.evaluate(f"{axe}; true")

    def check(place: str) -> None:
        found = console.page.evaluate(
            "axe.run().then(({ violations }) => violations.filter(({ impact }) => ['serious', 'critical']"
            ".includes(impact)).map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))"
        )
        assert (place, found) == (place, [])

    for place in PAGES:
        console.press(place)
        console.page.wait_for(SETTLED)
        check(place)
    for place, button in [*DIALOGS.items(), ("Bulk Number Operations", "Add Numbers"), ("Users", "Invite a user")]:
        console.press(place)
        console.press(button)
        console.page.wait_for(f"document.querySelector('[role=dialog]') && {SETTLED}")
        check(button)
        console.key("Escape")
        console.page.wait_for("!document.querySelector('[role=dialog]')")


@pytest.mark.long
@pytest.mark.parametrize("width", [390, 768, 1280, 1600])
def test_pages_fit_the_window_and_numbers_stand_on_one_line(console: Console, width: int) -> None:
    console.page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    for place in PAGES:
        if width < 960:
            console.press("Menu")
        console.press(place)
        console.page.wait_for("!document.querySelector('.skeleton')")
        assert (place, console.page.evaluate("document.documentElement.scrollWidth <= innerWidth")) == (place, True)
        assert (place, console.page.evaluate(OUT_OF_REACH)) == (place, [])
        found = console.page.evaluate(WRAPPED)
        assert (place, found["wrapped"]) == (place, [])
        assert (found["numbers"] > 0) == (place in {"Number Status and Actions", "Reserved Numbers", "Users"})
    console.page.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)


@pytest.mark.long
def test_a_build_gives_the_committed_files(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("node_modules", "generated.ts")
    shutil.copytree(CONSOLE, tmp_path / "console", ignore=ignored)
    shutil.copy(CONSOLE.parent / "schema.graphql", tmp_path)
    for command in (["ci"], ["run", "codegen"], ["run", "build"]):
        npm(tmp_path / "console", *command)
    built = {path.name: path.read_bytes() for path in (tmp_path / "app" / "console" / "static").iterdir()}
    assert built == {path.name: path.read_bytes() for path in STATIC.iterdir()}
