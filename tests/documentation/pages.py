"""The pages of the guide, read as Markdown: their fenced blocks, their links and their headings."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PARSER = MarkdownIt("commonmark").enable("table")


class Block(NamedTuple):
    """A fenced or indented block of code; a title is the name of its file."""

    page: str
    line: int
    language: str
    text: str
    title: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


class Link(NamedTuple):
    page: str
    target: str


def pages() -> list[Path]:
    """The README, the guide and CONTRIBUTING; decisions are a record and have no snippets to follow."""
    guide = sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "decisions")
    return [ROOT / "README.md", *guide, ROOT / "CONTRIBUTING.md"]


def linking_pages() -> list[Path]:
    """All pages with links, decisions and the changelog included."""
    return [*pages(), *sorted((ROOT / "docs/decisions").glob("*.md")), ROOT / "CHANGELOG.md"]


@cache
def tokens(path: Path) -> list[Token]:
    return PARSER.parse(path.read_text(encoding="utf-8"))


def blocks(path: Path) -> list[Block]:
    """The blocks of code of a page, in order."""
    found = []
    for token in tokens(path):
        if token.type in {"fence", "code_block"}:
            assert token.map is not None
            language, _, attributes = token.info.partition(" ")
            title = attributes.removeprefix('title="').removesuffix('"')
            found.append(Block(str(path.relative_to(ROOT)), token.map[0] + 1, language, token.content, title))
    return found


def links(path: Path) -> list[Link]:
    """The targets of the links and images of a page."""
    inline = [child for token in tokens(path) for child in token.children or ()]
    targets = [child.attrs.get("href") or child.attrs.get("src") for child in inline]
    return [Link(str(path.relative_to(ROOT)), str(target)) for target in targets if target]


@cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors of a page's headings, which are the same on GitHub and on the site."""
    headings = [following.content for token, following in pairwise(tokens(path)) if token.type == "heading_open"]
    found: set[str] = set()
    for heading in headings:
        assert github_anchor(heading) == site_anchor(heading), f"{path.name}: the anchors of {heading!r} differ"
        assert github_anchor(heading) not in found, f"{path.name} has {heading!r} twice"
        found.add(github_anchor(heading))
    return frozenset(found)


def github_anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def site_anchor(heading: str) -> str:
    """The anchor that Python-Markdown gives a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())
