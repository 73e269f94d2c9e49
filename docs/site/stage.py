"""Stage the guide for the site generator: python -m docs.site.stage FOLDER.

The pages are written to be read in the repository. For the site, their links to files outside of `docs/` lead to pages
that show those files, links to the schema lead to a reference that is generated from it, and folders get a list.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
from pathlib import Path

from docs.site.reference import reference_pages

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SCHEMA = "schema.graphql"
REFERENCE = "reference/queries.md"
LINK = re.compile(r"(?<=\]\()(?!https?:|#|mailto:)([^)\s#]+)(#[^)\s]*)?(?=\))")
LANGUAGES = {".py": "python", ".ts": "ts", ".sh": "sh", ".yaml": "yaml", ".conf": "nginx", ".service": "ini"}


def stage(target: Path) -> None:
    """Write everything that the generator reads into `target`."""
    shutil.rmtree(target, ignore_errors=True)
    source = target / "source"
    shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns("*.md", "site", "releases"))
    shutil.copy(DOCS / "site/zensical.toml", target)
    shutil.copy(DOCS / "site/guide.css", source)
    shown: set[str] = set()
    for page in DOCS.rglob("*.md"):
        write(source / page.relative_to(DOCS), rewrite(page, shown))
    for name, text in reference_pages((ROOT / SCHEMA).read_text(encoding="utf-8")).items():
        write(source / f"reference/{name}.md", text)
    write(source / "decisions/index.md", decisions())
    # A page of a file may link to further files.
    written: set[str] = set()
    while missing := shown - written:
        for name in missing:
            write(source / file_page(name), show(name, shown))
        written |= missing


def rewrite(page: Path, shown: set[str]) -> str:
    """Return a page with the links of the site, and note the files outside of `docs/` that it links to."""
    place = site_place(page.relative_to(ROOT).as_posix())

    def replace(match: re.Match[str]) -> str:
        file = posixpath.normpath(posixpath.join(page.relative_to(ROOT).parent.as_posix(), match[1]))
        if not (ROOT / file).is_relative_to(DOCS) and file != SCHEMA:
            shown.add(file)
        return posixpath.relpath(site_place(file), posixpath.dirname(place) or ".") + (match[2] or "")

    return LINK.sub(replace, page.read_text(encoding="utf-8"))


def site_place(file: str) -> str:
    """Return where the site has a file or a folder of the repository."""
    if file == SCHEMA:
        return REFERENCE
    if not file.startswith("docs/"):
        return file_page(file)
    return file.removeprefix("docs/") + ("/index.md" if (ROOT / file).is_dir() else "")


def file_page(file: str) -> str:
    """Return the page of the site that shows a file."""
    return f"files/{file}" if file.endswith(".md") else f"files/{file}.md"


def show(file: str, shown: set[str]) -> str:
    """Return the page that shows a file: Markdown as it is, other files as code."""
    path = ROOT / file
    if path.suffix == ".md":
        return rewrite(path, shown)
    text = path.read_text(encoding="utf-8").rstrip("\n")
    return f"# {file}\n\n````{LANGUAGES.get(path.suffix, 'text')}\n{text}\n````\n"


def decisions() -> str:
    """Return the list of decisions, by number."""
    files = sorted(file for file in (DOCS / "decisions").glob("*.md"))
    titles = [file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for file in files]
    return (
        "# Decisions\n\n"
        + "\n".join(f"- [{title}]({file.name})" for title, file in zip(titles, files, strict=True))
        + "\n"
    )


def write(file: Path, text: str) -> None:
    """Write a page."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    stage(Path(sys.argv[1]))
