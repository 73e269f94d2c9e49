"""How the console copes with a large inventory: its first view, and long tasks of the browser's main thread."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import BenchmarkError, dialtree, free_port, run_dialtree, serving
from benchmarks.report import Row, table
from tests.browser import chromium
from tests.browser.console import Console

LONG_TASKS = """
globalThis.longTasks = [];
new PerformanceObserver(list => longTasks.push(...list.getEntries().map(entry => entry.duration)))
  .observe({ type: 'longtask', buffered: true });
"""
FIRST_VIEW = "document.querySelectorAll('.pie .slice').length > 0 && performance.now()"
LOADED = (
    "!document.querySelector('.skeleton, .tree-note, [aria-busy=true]')"
    " && document.querySelectorAll('tbody tr, [role=treeitem], [role=option]').length > 0"
)
ROOT = "Halcyon Group"
WHEEL_TURNS = 40
SETTLE_SECONDS = 0.4
"""Long enough for the observer to hear of the last task."""


def measure(*, numbers: int, organizations: int, folder: Path) -> str:
    """A table with the steps of a visit: how long each took, and the longest task in it."""
    command = chromium.executable()
    if command is None:
        raise BenchmarkError("The benchmark needs Chromium.")
    with (
        _server(folder, numbers=numbers, organizations=organizations) as (address, key),
        TemporaryDirectory() as profile,
        chromium.page(command, Path(profile)) as page,
    ):
        session = json.dumps({"token": key, "expiresAt": None, "organizationId": None})
        signed_in = (
            f"if (location.href !== 'about:blank') sessionStorage.setItem('dialtree.session', {json.dumps(session)});"
        )
        console = Console(page, address)
        page.call("Performance.enable", timeDomain="threadTicks")
        page.call("Page.addScriptToEvaluateOnNewDocument", source=f"{LONG_TASKS} {signed_in}")
        rows = [
            _first_view(console),
            _first_view(console, "First view, cached"),
            *map(_timed(console), _steps(console)),
        ]
        if page.errors:
            raise BenchmarkError(f"The console failed: {page.errors}")
    return table(
        ("step", "ms until it is shown", "tasks over 50 ms", "longest, ms", "processor time of all tasks, ms"), rows
    )


Step = tuple[str, Callable[[], None], str]
"""What it is called, what the user does, and what is true when it is shown."""


def _steps(console: Console) -> Iterator[Step]:
    def search(text: str) -> None:
        console.fill("Number / Tag", text)
        console.press("Search")

    def sort() -> None:
        console.page.evaluate("scrollTo(0, 0)")
        console.page.click("th:nth-child(3) .sort")

    def open_picker() -> None:
        console.press("Bulk Number Operations")
        console.press("Allocate Number")

    yield "Numbers: first page", lambda: console.press("Number Status and Actions"), LOADED
    yield "Numbers: scroll through 50 rows", lambda: _scroll(console, ".table"), LOADED
    yield "Numbers: next page", lambda: console.press("Next"), LOADED
    yield "Numbers: sort by organization", sort, LOADED
    yield "Numbers: search for 4 digits", lambda: search("0142"), LOADED
    yield "Numbers: search for a tag", lambda: search("sales"), LOADED
    yield "Hierarchy: first level", lambda: console.press("View Hierarchy"), f"{LOADED} && {_TREE}"
    yield "Hierarchy: scroll", lambda: _scroll(console, ".picker-list"), LOADED
    yield "Hierarchy: close", lambda: console.press("Close"), "!document.querySelector('[role=dialog]')"
    yield "Tree picker: open", open_picker, f"{LOADED} && {_TREE}"
    yield "Tree picker: a branch", lambda: console.page.click(f"{_BRANCH} .tree-toggle"), LOADED
    yield "Tree picker: scroll", lambda: _scroll(console, ".picker-list"), LOADED
    yield "Tree picker: search", lambda: console.fill("Sub Organization", "Branch"), _found("Branch")
    yield "Tree picker: search more", lambda: console.fill("Sub Organization", "Branch Boston 4"), _found("Boston 4")


def _found(text: str) -> str:
    # The previous results stay until the next ones are there.
    return (
        "(options => options.length > 0 && options.every(one => one.innerText.includes("
        f"{json.dumps(text)})))([...document.querySelectorAll('[role=listbox][aria-busy=false] [role=option]')])"
    )


_TREE = "document.querySelectorAll('[role=treeitem]').length > 1"
_BRANCH = "[aria-level='2'][aria-expanded=false]"


def _scroll(console: Console, selector: str) -> None:
    x, y = console.page.evaluate(
        f"(() => {{ const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
        " return [box.x + box.width / 2, Math.min(box.y + 100, innerHeight - 50)]; })()"
    )
    for turn in range(WHEEL_TURNS):
        down = 120 if turn < WHEEL_TURNS / 2 else -120
        console.page.call("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=down)


def _first_view(console: Console, name: str = "First view, from navigation to the pie") -> Row:
    page = console.page
    page.open("about:blank")
    page.wait_for("location.href === 'about:blank'")
    page.open(f"{console.address}/")
    # Only the page can tell: asking from outside takes longer.
    shown = page.evaluate(
        "new Promise(resolve => { const look = () => "
        f"{{ const found = {FIRST_VIEW}; found ? resolve(found) : requestAnimationFrame(look); }}; look(); }})"
    )
    time.sleep(SETTLE_SECONDS)
    return (name, f"{shown:.0f}", *_long_tasks(console), f"{_task_time(page) * 1000:.0f}")


def _timed(console: Console) -> Callable[[Step], Row]:
    def run(step: Step) -> Row:
        name, act, shown = step
        console.page.evaluate("longTasks.length = 0")
        before, start = _task_time(console.page), time.monotonic()
        act()
        console.page.wait_for(shown)
        taken = time.monotonic() - start
        time.sleep(SETTLE_SECONDS)
        used = _task_time(console.page) - before
        return (name, f"{taken * 1000:.0f}", *_long_tasks(console), f"{used * 1000:.0f}")

    return run


def _long_tasks(console: Console) -> tuple[str, str]:
    found: list[float] = console.page.evaluate("longTasks")
    return str(len(found)), f"{max(found):.0f}" if found else "-"


def _task_time(page: chromium.Page) -> float:
    """Seconds of processor time that the page's main thread has used for tasks, however busy the machine is."""
    metrics = page.call("Performance.getMetrics")["metrics"]
    seconds: float = next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")
    return seconds


@contextmanager
def _server(folder: Path, *, numbers: int, organizations: int) -> Iterator[tuple[str, str]]:
    """A server with the inventory, which stays in the folder, and an API key."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"console-{numbers}-{organizations}.db"
    url = f"sqlite:///{file}"
    if not file.exists():
        loading = file.with_suffix(".loading")
        loading.unlink(missing_ok=True)
        run_dialtree(f"sqlite:///{loading}", "migrate")
        run_dialtree(f"sqlite:///{loading}", "demo", "--organizations", str(organizations), "--numbers", str(numbers))
        loading.rename(file)
    key = run_dialtree(
        url, "key", "create", "--name", f"console {time.time_ns()}", "--organization", ROOT, "--role", "owner"
    ).strip()
    port = free_port()
    environment = {"DIALTREE_DATABASE_URL": url, "DIALTREE_MAIL_FOLDER": str(folder / "mail")}
    command = [str(dialtree()), "serve", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with serving(command, environment=environment, log=folder / "console.log", url=f"{address}/graphql"):
        yield address, key
