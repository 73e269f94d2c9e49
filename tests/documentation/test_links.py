"""Links of all pages lead somewhere, and every page is reached from the index."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documentation.pages import ROOT, anchors, github_anchor, linking_pages, links, pages, site_anchor

DOCS = ROOT / "docs"
EXTERNAL = ("http://", "https://", "mailto:")


def broken(page: Path) -> list[str]:
    found = []
    for link in links(page):
        if link.target.startswith(EXTERNAL):
            continue
        name, _, anchor = link.target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or not file.is_relative_to(ROOT):
            found.append(f"{link.target}: there is no such file")
        elif anchor and anchor not in anchors(file):
            found.append(f"{link.target}: there is no such heading")
    return found


def test_links_lead_to_files_and_headings() -> None:
    assert {str(page.relative_to(ROOT)): found for page in linking_pages() if (found := broken(page))} == {}


def test_links_lead_to_one_folder_only() -> None:
    """The site has pages and files, and a list of the decisions."""
    targets = {(page.parent / link.target).resolve() for page in pages() for link in links(page)}
    assert {target for target in targets if target.is_dir()} == {DOCS / "decisions"}


def reached(start: Path, clicks: int) -> set[Path]:
    """The pages of the guide that are at most so many clicks away."""
    found, edge = {start}, {start}
    for _ in range(clicks):
        targets = {(page.parent / link.target.partition("#")[0]).resolve() for page in edge for link in links(page)}
        edge = {target for target in targets if target.suffix == ".md" and target.is_file()} - found
        found |= edge
    return found


def test_every_page_is_two_clicks_from_the_index() -> None:
    guide = {page.resolve() for page in pages() if page.is_relative_to(DOCS)}
    assert guide - reached((DOCS / "index.md").resolve(), 2) == set()


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Sign in", "sign-in"),
        ("The life of a number", "the-life-of-a-number"),
        ("Sign-in, tokens and roles", "sign-in-tokens-and-roles"),
        ("What happens when a server dies?", "what-happens-when-a-server-dies"),
    ],
)
def test_anchors(heading: str, anchor: str) -> None:
    assert github_anchor(heading) == site_anchor(heading) == anchor
