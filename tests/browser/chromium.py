"""Headless Chromium, driven through the DevTools protocol with no network but 127.0.0.1."""

import base64
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

from tests.support.waiting import PATIENCE, wait_until

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    # Every name but those of this machine is unknown: whatever the page wants from elsewhere fails, and is seen.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--remote-debugging-port=0",
    "--window-size=1440,900",
]


def executable() -> str | None:
    """Find Chromium on PATH under any of its usual names."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class DevToolsError(Exception):
    """The browser cannot execute a command."""


class Page:
    """One browser page, what it asked for, and what went wrong on it or in its workers."""

    def __init__(self, socket: ClientConnection) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._socket = socket
        self._ids = iter(range(1, 1_000_000))
        self._watch(None)
        self.call("Page.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one DevTools command and wait for its answer, taking note of events meanwhile."""
        wanted = self._send(method, parameters, None)
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE))
            if message.get("id") == wanted:
                if "error" in message:
                    raise DevToolsError(message["error"])
                answer: dict[str, Any] = message["result"]
                return answer
            self._note(message)

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        """Give the value of a JavaScript expression, awaited when it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Wait until an expression is true, and give its value."""

        def look() -> Any:
            try:
                return self.evaluate(expression)
            except DevToolsError:
                return None  # The page is just giving way to the next one.

        return wait_until(look, lambda: f"never true: {expression}; errors so far: {self.errors}")

    def click(self, selector: str) -> None:
        """Click with the mouse in the middle of an element, as a person does."""
        x, y = self.wait_for(
            f"(() => {{ const box = document.querySelector({json.dumps(selector)})?.getBoundingClientRect();"
            " return box && [box.x + box.width / 2, box.y + box.height / 2] })()",
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def _send(self, method: str, parameters: dict[str, Any], session: str | None) -> int:
        message: dict[str, Any] = {"id": next(self._ids), "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        self._socket.send(json.dumps(message))
        number: int = message["id"]
        return number

    def _watch(self, session: str | None) -> None:
        for domain in ("Runtime", "Log", "Network"):
            self._send(f"{domain}.enable", {}, session)
        # Workers are targets of their own: without this their failures would go unseen.
        attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self._send("Target.setAutoAttach", attach, session)

    def _note(self, message: dict[str, Any]) -> None:
        event = message.get("params", {})
        match message.get("method"):
            case "Target.attachedToTarget":
                self._watch(event["sessionId"])
            case "Network.requestWillBeSent":
                self.requests.append(event["request"]["url"])
            case "Runtime.exceptionThrown":
                self.errors.append(json.dumps(event["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if event["type"] in {"error", "assert"}:
                self.errors.append(json.dumps(event["args"]))
            case "Log.entryAdded" if event["entry"]["level"] == "error":
                self.errors.append(json.dumps(event["entry"]))


@contextmanager
def page(command: str, profile: Path) -> Iterator[Page]:
    """Start Chromium with an empty profile and give its first page."""
    process = subprocess.Popen(
        [command, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        with connect(_debugger(process, profile), max_size=None, max_queue=None, compression=None) as socket:
            yield Page(socket)
    finally:
        # The whole group: its helpers would go on writing into the profile.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def _debugger(process: subprocess.Popen[bytes], profile: Path) -> str:
    port_file = profile / "DevToolsActivePort"

    def address() -> str | None:
        assert process.poll() is None, f"Chromium ended with {process.returncode}"
        lines = port_file.read_text().splitlines() if port_file.exists() else []
        if len(lines) < 2:
            return None
        with urlopen(f"http://127.0.0.1:{lines[0]}/json/list") as answer:
            targets = json.load(answer)
        return next((target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page"), None)

    return wait_until(address, lambda: "Chromium opened no debugging port")
