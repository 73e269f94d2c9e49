"""The example operations that GraphiQL opens as tabs."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "examples"
IDS_QUERY = FOLDER / "ids.graphql"


@dataclass(frozen=True)
class Example:
    """A tab: a document and its variables as JSON, if it has any."""

    name: str
    query: str
    variables: str | None


def examples() -> list[Example]:
    """The examples, ordered by the number in their file name."""
    return [_example(path) for path in sorted(FOLDER.glob("[0-9][0-9]-*.graphql"))]


def ids_query() -> str:
    """The query that finds ids for the examples' variables."""
    return IDS_QUERY.read_text(encoding="utf-8")


def _example(path: Path) -> Example:
    variables = path.with_suffix(".json")
    return Example(
        name=path.stem,
        query=path.read_text(encoding="utf-8"),
        variables=variables.read_text(encoding="utf-8").strip() if variables.exists() else None,
    )
