"""What the page of a front end loads."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any


class FrontEndPage(HTMLParser):
    """Collects what a page loads, its inline code, and the configuration of its element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.configuration: dict[str, Any] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read a tag."""
        given = {name: value or "" for name, value in attrs}
        self.addresses += [given[name] for name in ("src", "href") if name in given]
        has_code = any(name == "style" or name.startswith("on") for name in given)
        if (tag in {"script", "style"} and "src" not in given) or has_code:
            self.inline.append(tag)
        if "data-configuration" in given:
            self.configuration = json.loads(given["data-configuration"])
