"""Scope: an organization and everything below it, by materialized path.

A path is the ids from the root down, each closed by a slash: `1/`, `1/7/`, `1/7/12/`. An organization is inside
another's scope when its path starts with the other's. Its twin in SQL is `db.core.scope`.
"""


def covers(scope: str, path: str) -> bool:
    """Whether the organization at `path` is the one at `scope` or below it."""
    return path.startswith(scope)


def strictly_below(path: str, above: str) -> bool:
    """Whether `path` is below `above` and not the same."""
    return path != above and path.startswith(above)


def child_path(parent: str, organization_id: int) -> str:
    """The path of an organization under a parent's path (empty for a root)."""
    return f"{parent}{organization_id}/"


def ancestor_ids(path: str) -> list[int]:
    """The ids strictly above a path, root first."""
    return [int(part) for part in path.split("/")[:-2]]


def path_ids(path: str) -> list[int]:
    """The ids on a path, root first, the organization's own last."""
    return [int(part) for part in path.split("/")[:-1]]


def own_id_start(path: str) -> int:
    """Where an organization's own id begins in its path, counted from 1 as SQL does."""
    return path[:-1].rfind("/") + 2


def root_of(path: str) -> int:
    """The id of the root above a path."""
    return int(path.split("/", 1)[0])


def depth(path: str) -> int:
    """How far below its root an organization is; 0 for the root."""
    return path.count("/") - 1


def upper_bound(path: str) -> str:
    """The least text greater than every path inside the scope (`0` follows `/` in ASCII order)."""
    return path[:-1] + "0"


def outermost(paths: list[str]) -> list[str]:
    """The paths that no other of them covers, so that their scopes do not overlap."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not kept or not covers(kept[-1], path):
            kept.append(path)
    return kept
