"""Turn the caller's filter into a filter inside the caller's scope."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from db.organizations.queries import OrganizationRecord
from domain.errors import LimitExceeded
from domain.number_plans import LONGEST
from domain.number_search import depends_on_region, is_blank, search_digits, search_text
from domain.numbers import OPERATION_LIMIT, needs_region, parse, try_parse
from domain.scope import outermost, root_of
from domain.search import NumberFilter
from domain.statuses import NumberStatus
from domain.texts import FOLDED_LENGTH, fold_for_lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterInput:
    """A filter as the caller gave it. None, empty lists and empty texts restrict nothing."""

    text: str | None = None
    tag: str | None = None
    tag_contains: str | None = None
    numbers: tuple[str, ...] | None = None
    series_ids: tuple[int, ...] | None = None
    organization_ids: tuple[int, ...] | None = None
    include_descendants: bool = False
    statuses: tuple[NumberStatus, ...] | None = None
    tagged: bool | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    lowest: str | None = None
    highest: str | None = None
    updated_since: datetime | None = None

    @property
    def empty(self) -> bool:
        """Whether the filter restricts nothing."""
        names = {field.name for field in fields(self)} - {"include_descendants", "text"}
        return is_blank(self.text or "") and all(getattr(self, name) in (None, (), "") for name in names)


LoadRegion = Callable[[], Awaitable[str]]
"""Loads the region in which national numbers are read."""

LoadOrganizations = Callable[[Sequence[int]], Awaitable[Iterable[OrganizationRecord | None]]]
"""Loads organizations in scope by id."""


async def narrow(
    load_organizations: LoadOrganizations,
    wanted: FilterInput,
    *,
    scope: str,
    load_region: LoadRegion,
    path: tuple[str, ...] | None = None,
) -> NumberFilter:
    """Return the filter inside a scope.

    Ids outside the scope and invalid numbers match nothing. With `path`, the path of the filter in a mutation's input,
    invalid numbers raise InvalidInput instead.
    """
    organization_ids: tuple[int, ...] | None = None
    scopes: tuple[str, ...] = (scope,)
    if wanted.organization_ids:
        found = [record for record in await load_organizations(wanted.organization_ids) if record is not None]
        if wanted.include_descendants:
            scopes = tuple(outermost([record.path for record in found]))
        else:
            organization_ids = tuple(sorted({record.id for record in found}))
    if len(wanted.numbers or ()) > OPERATION_LIMIT:
        raise LimitExceeded(
            f"`numbers` has {len(wanted.numbers or ())} numbers; the limit is {OPERATION_LIMIT}.",
            path=(*(path or ("filter",)), "numbers"),
        )
    region = await load_region() if _depends_on_region(wanted) else None
    # Parsing many numbers would block the event loop.
    numbers = await asyncio.to_thread(_parse_all, wanted.numbers, region, path) if wanted.numbers else None
    written = "" if is_blank(wanted.text or "") else wanted.text
    text = search_text(written, region) if written else None
    starts_with = search_digits(wanted.starts_with) if wanted.starts_with else None
    ends_with = search_digits(wanted.ends_with) if wanted.ends_with else None
    tag = fold_for_lookup(wanted.tag) if wanted.tag else None
    tag_contains = fold_for_lookup(wanted.tag_contains) if wanted.tag_contains else None
    folded = [text for text in (written and fold_for_lookup(written), tag, tag_contains) if text]
    bounds = path or ("filter",)
    return NumberFilter(
        root_id=root_of(scope),
        scopes=None if organization_ids is not None else scopes,
        organization_ids=organization_ids,
        series_ids=tuple(sorted(set(wanted.series_ids))) if wanted.series_ids else None,
        statuses=tuple(sorted(set(wanted.statuses))) if wanted.statuses else None,
        text=text,
        tag=tag,
        tag_contains=tag_contains,
        numbers=numbers,
        tagged=wanted.tagged,
        starts_with=starts_with,
        ends_with=ends_with,
        lowest=parse(wanted.lowest, region=region, path=(*bounds, "from")) if wanted.lowest else None,
        highest=parse(wanted.highest, region=region, path=(*bounds, "to")) if wanted.highest else None,
        updated_since=wanted.updated_since,
        nothing=bool(written and text is None)
        or "" in (starts_with, ends_with, tag, tag_contains)
        or len(ends_with or "") > LONGEST
        or any(len(text) > FOLDED_LENGTH for text in folded),
    )


def _depends_on_region(wanted: FilterInput) -> bool:
    """Whether a number or the text of a filter may be in national notation."""
    numbers = (*(wanted.numbers or ()), wanted.lowest, wanted.highest)
    return any(text and needs_region(text) for text in numbers) or depends_on_region(wanted.text or "")


def _parse_all(texts: tuple[str, ...], region: str | None, path: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the numbers of the texts. Others raise InvalidInput if there is a path, and are left out otherwise."""
    if path is not None:
        numbers = [parse(text, region=region, path=(*path, "numbers", str(n))) for n, text in enumerate(texts)]
    else:
        numbers = [number for text in texts if (number := try_parse(text, region=region)) is not None]
    return tuple(dict.fromkeys(numbers))
