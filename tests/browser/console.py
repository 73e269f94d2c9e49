"""The console as a person uses it: elements are found by their role and their accessible name, and clicked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.browser.chromium import Page

_FIND = """
globalThis.named = (roles, name, within = document) => {
  const text = element => (element.getAttribute('aria-labelledby') ?? '').split(' ')
    .map(id => id && document.getElementById(id)?.innerText).filter(Boolean).join(' ');
  const label = element => (element.getAttribute('aria-label') || text(element)
    || [...(element.labels ?? [])].map(one => one.innerText).join(' ') || element.innerText || '').trim();
  const shown = element => element.checkVisibility({ visibilityProperty: true });
  const found = [...within.querySelectorAll(roles)].filter(shown);
  return found.find(element => label(element).split('\\n')[0] === name)
    ?? found.find(element => label(element).startsWith(name));
};
"""

BUTTONS = "button, a, [role=menuitem], [role=tab]"
ITEMS = "[role=treeitem], [role=option]"
CONTROLS = "input, select, textarea"


class Console:
    """A page of Chromium with the console in it."""

    def __init__(self, page: Page, address: str, *, width: int = 1280, height: int = 900) -> None:
        self.page = page
        self.address = address
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        page.call("Page.addScriptToEvaluateOnNewDocument", source=_FIND)

    def enter(self) -> None:
        """Open the console and enter the demo by one click."""
        self.page.open(f"{self.address}/")
        self.page.wait_for("document.querySelector('h1') && true")
        if self.page.evaluate("!sessionStorage.length"):
            self.press("Enter the demo")
        self.sees("Current Cycle")

    def press(self, name: str) -> None:
        """Click a button, a link or an item of a menu."""
        self._click(BUTTONS, name)

    def choose(self, name: str) -> None:
        """Click an item of a tree or a list, once the list shows what was typed."""
        self._click(ITEMS, name)

    def tick(self, name: str) -> None:
        """Click a checkbox or a radio button."""
        self._click("input", name)

    def fill(self, label: str, text: str) -> None:
        """Replace what is in a field by typing."""
        self.page.wait_for(f"{_named(CONTROLS, label)} && true")
        self.page.evaluate(f"(() => {{ const field = {_named(CONTROLS, label)}; field.focus(); field.select(); }})()")
        self.page.call("Input.insertText", text=text)

    def choose_file(self, label: str, path: Path) -> None:
        """Choose a file in a field."""
        field = _named(CONTROLS, label)
        self.page.wait_for(f"{field} && true")
        found = self.page.call("Runtime.evaluate", expression=field)["result"]
        self.page.call("DOM.setFileInputFiles", files=[str(path)], objectId=found["objectId"])

    def select(self, label: str, option: str) -> None:
        """Choose an option of a native select."""
        field = _named("select", label)
        self.page.wait_for(f"[...({field}?.options ?? [])].some(one => one.text === {json.dumps(option)})")
        self.page.evaluate(
            f"(() => {{ const field = {field};"
            f" field.selectedIndex = [...field.options].findIndex(one => one.text === {json.dumps(option)});"
            " field.dispatchEvent(new Event('change', { bubbles: true })); })()"
        )

    def key(self, name: str) -> None:
        """Press a key: a name such as `ArrowDown`, or a character."""
        text = {"Enter": "\r", "Space": " "}.get(name, name if len(name) == 1 else "")
        code = {"Enter": 13, "Tab": 9, "Escape": 27, "Space": 32}.get(name, 0)
        pressed = {"key": " " if name == "Space" else name, "code": name, "windowsVirtualKeyCode": code}
        self.page.call("Input.dispatchKeyEvent", type="keyDown", text=text, **pressed)
        self.page.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def tab_to(self, name: str) -> str:
        """Press Tab until an element has the focus whose name begins so, and return its name."""
        for _ in range(80):
            self.key("Tab")
            label: str = self.page.evaluate(
                "(e => e.getAttribute('aria-label') || [...(e.labels ?? [])].map(l => l.innerText).join()"
                " || e.innerText || '')(document.activeElement)"
            )
            if label.startswith(name):
                return label
        raise AssertionError(f"Tab never reaches {name}")

    def sees(self, text: str) -> None:
        """Wait until the page shows a text."""
        self.page.wait_for(f"document.body.innerText.includes({json.dumps(text)})")

    def sees_no(self, text: str) -> None:
        """Wait until the page does not show a text."""
        self.page.wait_for(f"!document.body.innerText.includes({json.dumps(text)})")

    def error_of(self, label: str) -> str:
        """Wait for the message beside a field, and return it."""
        field = _named(CONTROLS, label)
        expression = (
            f"{field}?.ariaInvalid === 'true' && {field}.getAttribute('aria-describedby').split(' ')"
            ".filter(id => id.includes('error'))"
            ".map(id => document.getElementById(id)?.innerText ?? '').join(' ').trim()"
        )
        message: str = self.page.wait_for(expression)
        return message

    def cells(self) -> list[list[str]]:
        """The rows of the table, once it is loaded."""
        self.page.wait_for(
            "document.querySelector('table[role=table][aria-busy=false] tbody tr:not(.skeleton)') && true"
        )
        rows: list[list[str]] = self.page.evaluate(
            "[...document.querySelectorAll('table[role=table] tbody tr')]"
            ".map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )
        return rows

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of an operation that is sent beside the console, with its token."""
        body = json.dumps({"query": query, "variables": variables})
        answer = self.page.evaluate(
            "fetch('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization:"
            " `Bearer ${JSON.parse(sessionStorage.getItem('dialtree.session')).token}` },"
            f" body: {json.dumps(body)} }}).then(response => response.json())"
        )
        assert "errors" not in answer, answer
        return answer["data"]

    def _click(self, roles: str, name: str) -> None:
        # Waits for a place that stays the same, as a person does.
        place = (
            f"(() => {{ const found = {_named(roles, name)}; if (!found) return null;"
            " if (found.closest('ul[aria-busy=true], .picker-list[aria-busy=true]')) return null;"
            " found.scrollIntoView({ block: 'nearest' });"
            " const target = found.querySelector(':scope > .tree-row') ?? found;"
            " const box = target.getBoundingClientRect();"
            " const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];"
            " return target.contains(document.elementFromPoint(x, y)) ? [x, y] : null; })()"
        )
        while (spot := self.page.wait_for(place)) != self.page.evaluate(place):
            pass
        for kind in ("mousePressed", "mouseReleased"):
            self.page.call("Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], button="left", clickCount=1)


def _named(roles: str, name: str) -> str:
    # An open dialog hides the rest of the page from everyone.
    within = "document.querySelector('[role=dialog]') ?? document"
    return f"(named({json.dumps(roles)}, {json.dumps(name)}, {within}))"
