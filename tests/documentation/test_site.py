"""The site of the guide: its reference, its links, and that it loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from graphql import build_schema

from docs.site.reference import reference_pages
from docs.site.stage import stage
from tests.browser import chromium
from tests.browser.conftest import browser_command
from tests.documentation.pages import ROOT, anchors, tokens

SDL = (ROOT / "schema.graphql").read_text(encoding="utf-8")


def test_the_reference_has_every_type_and_operation() -> None:
    schema = build_schema(SDL)
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root]
    names = {name for name in schema.type_map if not name.startswith("__")} - {root.name for root in roots}
    operations = {name for root in roots for name in root.fields}
    pages = reference_pages(SDL)
    headings = re.findall(r"^## (\w+)$", "\n".join(pages.values()), re.MULTILINE)
    assert sorted(headings) == sorted(names | operations)


def test_the_reference_shows_defaults_and_links_types() -> None:
    pages = reference_pages(SDL)
    assert "| `asJob` | `Boolean!` = `false` |" in pages["inputs"]
    assert "| `status` | [`NumberStatus!`](enums.md#numberstatus) | Its status. |" in pages["objects"]
    assert "| `AVAILABLE` | Held by its organization and free to use. |" in pages["enums"]


def test_staged_links_lead_to_staged_files(tmp_path: Path) -> None:
    stage(tmp_path)
    tokens.cache_clear()
    anchors.cache_clear()
    broken = []
    for page in (tmp_path / "source").rglob("*.md"):
        for link in _links(page):
            name, _, anchor = link.partition("#")
            file = page.parent / unquote(name) if name else page
            if not file.is_file() or (anchor and anchor not in page_anchors(file)):
                broken.append(f"{page.relative_to(tmp_path)}: {link}")
    assert broken == []
    assert (tmp_path / "zensical.toml").is_file()


def page_anchors(page: Path) -> set[str]:
    return {
        re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())
        for heading in re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    }


def _links(page: Path) -> list[str]:
    inline = [child for token in tokens(page) for child in token.children or ()]
    targets = [str(child.attrs.get("href") or child.attrs.get("src") or "") for child in inline]
    return [target for target in targets if target and not target.startswith(("http://", "https://", "mailto:"))]


@pytest.fixture(scope="module")
def site() -> Path:
    subprocess.run(["make", "docs"], cwd=ROOT, check=True, capture_output=True)
    return ROOT / "build/guide/site"


@pytest.mark.long
def test_the_site_builds_and_loads_nothing_from_elsewhere(site: Path) -> None:
    loading = re.compile(
        r"<(?:script|img|iframe|source)[^>]* src=\"?(https?:[^\"\s>]+)|<link[^>]* href=\"?(https?:[^\"\s>]+)"
    )
    loaded = {
        str(page.relative_to(site)): found
        for page in site.rglob("*.html")
        if (found := loading.findall(page.read_text("utf-8")))
    }
    assert loaded == {}
    assert {page.relative_to(site).as_posix() for page in site.glob("reference/*.html")} >= {
        "reference/queries.html",
        "reference/inputs.html",
    }


@pytest.mark.long
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_has_to_be_scrolled_sideways(site: Path, width: int, tmp_path: Path) -> None:
    handler = partial(_Quiet, directory=str(site))
    too_wide = []
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, chromium.page(browser_command(), tmp_path) as page:
        threading.Thread(target=server.serve_forever).start()
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        for path in sorted(site.rglob("*.html")):
            name = path.relative_to(site).as_posix()
            page.open(f"http://127.0.0.1:{server.server_port}/{name}")
            page.wait_for("document.readyState == 'complete'")
            if page.evaluate("document.scrollingElement.scrollWidth") > width:
                too_wide.append(name)
        server.shutdown()
    assert too_wide == []


class _Quiet(SimpleHTTPRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: object) -> None:
        pass
