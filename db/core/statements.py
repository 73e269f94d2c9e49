"""SQL statements: built once with SQLAlchemy Core, compiled once per dialect, executed by the driver itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, BindParameter, ClauseElement, ColumnElement, Dialect, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import TypeEngine

from db.core.types import Instant, Ordered, Pattern, Values

Row = tuple[Any, ...]
Convert = Callable[[Any], Any]


class Compiled:
    """A statement compiled for one dialect: its SQL, its parameters in order, and the conversions of values."""

    __slots__ = ("_binds", "_results", "sql")

    def __init__(self, clause: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = clause.compile(dialect=dialect)
        self.sql: str = compiled.string
        fixed: dict[str, Any] = compiled.params
        self._binds: list[tuple[str, Any, Convert | None]] = [
            (name, fixed[name], bind_processor(compiled.binds[name].type, dialect))
            for name in compiled.positiontup or ()
        ]
        self._results: list[tuple[int, Convert]] = []
        for index, column in enumerate(getattr(clause, "exported_columns", ())):
            if isinstance(column.type, Instant) and dialect.name == "postgresql":
                continue  # a datetime already
            processor = column.type.dialect_impl(dialect).result_processor(dialect, None)
            if processor is not None:
                self._results.append((index, processor))

    def arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """Return the parameters in the driver's order."""
        return [
            convert(parameters.get(name, fixed)) if convert else parameters.get(name, fixed)
            for name, fixed, convert in self._binds
        ]

    def rows(self, rows: Sequence[Any]) -> list[Row]:
        """Return the driver's rows with their values converted."""
        if not self._results:
            return rows  # type: ignore[return-value]
        converted = []
        for row in rows:
            values = list(row)
            for index, convert in self._results:
                values[index] = convert(values[index])
            converted.append(tuple(values))
        return converted


def bind_processor(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """Return the conversion of values to the driver's, or None if there is none."""
    # Only the types of `db.core.types` convert values, and only one of them does so on PostgreSQL.
    changing = Pattern if dialect.name == "postgresql" else Instant | Pattern | Values
    return type_.dialect_impl(dialect).bind_processor(dialect) if isinstance(type_, changing) else None


class Statement:
    """A Core statement with named parameters (`bindparam`), compiled on first use."""

    __slots__ = ("_compiled", "clause")

    def __init__(self, clause: Executable) -> None:
        self.clause: Any = clause
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: Dialect) -> Compiled:
        """Return the statement compiled for the dialect."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = Compiled(self.clause, dialect)
        return found


class among(ColumnElement[bool]):  # noqa: N801 - reads as an operator
    """`column IN values`, with the values as one parameter, so that one statement serves any number of values."""

    inherit_cache = False

    def __init__(self, column: Any, values: BindParameter[Any]) -> None:
        self.column = column
        self.values = values


def ids(name: str) -> BindParameter[Any]:
    """Return a parameter for a list of ids."""
    return bindparam(name, type_=Values(BigInteger()))


def texts(name: str) -> BindParameter[Any]:
    """Return a parameter for a list of texts."""
    return bindparam(name, type_=Values(Ordered))


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.column, **options)} = ANY ({compiler.process(element.values, **options)})"


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: Any, **options: Any) -> str:
    values = compiler.process(element.values, **options)
    return f"{compiler.process(element.column, **options)} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts
