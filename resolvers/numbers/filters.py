"""Turn the caller's filter into a filter inside the caller's scope."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from db.organizations.queries import OrganizationRecord
from domain.errors import InvalidInput, LimitExceeded
from domain.number_plans import LONGEST
from domain.number_search import search_digits, search_text
from domain.numbers import OPERATION_LIMIT, parse, try_parse
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
        names = [field.name for field in fields(self) if field.name != "include_descendants"]
        return all(getattr(self, name) in (None, (), "") for name in names)


LoadOrganizations = Callable[[Sequence[int]], Awaitable[Iterable[OrganizationRecord | None]]]
"""Loads organizations in scope by id."""


async def narrow(
    load_organizations: LoadOrganizations,
    wanted: FilterInput,
    *,
    scope: str,
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
    # Parsing many numbers would block the event loop.
    numbers = await asyncio.to_thread(_parse_all, wanted.numbers, path) if wanted.numbers else None
    text = search_text(wanted.text) if wanted.text else None
    starts_with = search_digits(wanted.starts_with) if wanted.starts_with else None
    ends_with = search_digits(wanted.ends_with) if wanted.ends_with else None
    tag = fold_for_lookup(wanted.tag) if wanted.tag else None
    tag_contains = fold_for_lookup(wanted.tag_contains) if wanted.tag_contains else None
    folded = [text for text in (wanted.text and fold_for_lookup(wanted.text), tag, tag_contains) if text]
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
        lowest=parse(wanted.lowest, path=(*(path or ("filter",)), "from")) if wanted.lowest else None,
        highest=parse(wanted.highest, path=(*(path or ("filter",)), "to")) if wanted.highest else None,
        updated_since=wanted.updated_since,
        nothing=bool(wanted.text and text is None)
        or "" in (starts_with, ends_with, tag, tag_contains)
        or len(ends_with or "") > LONGEST
        or any(len(text) > FOLDED_LENGTH for text in folded),
    )


def _parse_all(texts: tuple[str, ...], path: tuple[str, ...] | None) -> tuple[str, ...]:
    numbers = [try_parse(text) for text in texts]
    if path is not None and None in numbers:
        index = numbers.index(None)
        raise InvalidInput(
            f"{texts[index].strip()!r} is not a telephone number in E.164 form, such as +14188984760.",
            path=(*path, "numbers", str(index)),
        )
    return tuple(dict.fromkeys(number for number in numbers if number is not None))
