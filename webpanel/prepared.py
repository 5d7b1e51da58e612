"""Statements that every message needs: compiled once, and handed to the driver as they are.

A room of its own because SQLAlchemy takes several times as long to execute a statement as SQLite, which
counts where hundreds of messages come in a second. The statements themselves are those of Core, for any
of its databases.
"""

from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, Any]
Change = Callable[[Any], Any] | None

_NONE: Values = MappingProxyType({})


class Prepared:
    """A ``statement`` of Core whose values come by name: its parameters, or the ``columns`` of an INSERT.

    It has no list of any length for a parameter, and no default that Python gives. On a connection that
    has not begun anything it is a transaction of its own.
    """

    def __init__(self, statement: Any, columns: Collection[str] = ()) -> None:
        self._statement, self._columns = statement, list(columns)
        self._compiled: dict[str, _Compiled] = {}

    def all(self, connection: Connection, values: Values = _NONE) -> list[Any]:
        """The rows that it finds, as named tuples."""
        return self._for(connection.dialect).read(connection, values)

    def first(self, connection: Connection, values: Values = _NONE) -> Any:
        """The first row that it finds; None for none."""
        return next(iter(self.all(connection, values)), None)

    def change(self, connection: Connection, values: Values = _NONE) -> int:
        """Execute it once; how many rows it inserted or changed."""
        return self._for(connection.dialect).change(connection, values)

    def run(self, connection: Connection, several: Iterable[Values]) -> None:
        """Execute it once for each of ``several``."""
        self._for(connection.dialect).write(connection, several)

    def _for(self, dialect: Dialect) -> "_Compiled":
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _Compiled(self._statement, self._columns, dialect)
        return self._compiled[dialect.name]


class _Compiled:
    """The statement as one kind of database has it."""

    def __init__(self, statement: Any, columns: list[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns or None)
        if compiled.prefetch:
            raise ValueError(f"no value for {', '.join(column.name for column in compiled.prefetch)}")
        self._sql, self._dialect = str(compiled), dialect
        parameters = {name: bind for bind, name in compiled.bind_names.items()}
        names = parameters if compiled.positiontup is None else compiled.positiontup
        self._by_name = compiled.positiontup is None
        bound = {name: _impl(bind, dialect).bind_processor(dialect) for name, bind in parameters.items()}
        self._fixed = {
            name: _changed(bound[name], bind.effective_value)
            for name, bind in parameters.items()
            if not bind.required
        }
        self._given = [(name, None if name in self._fixed else bound[name]) for name in names]
        selected = list(getattr(statement, "selected_columns", ()))
        self._row = namedtuple("Row", [column.key for column in selected])._make
        read = [_impl(column, dialect).result_processor(dialect, None) for column in selected]
        self._read = [(place, change) for place, change in enumerate(read) if change is not None]

    def read(self, connection: Connection, values: Values) -> list[Any]:
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, self._parameters(values))
            return [self._found(row) for row in cursor.fetchall()]
        except self._dialect.dbapi.Error as error:
            raise self._wrapped(error) from error
        finally:
            cursor.close()

    def change(self, connection: Connection, values: Values) -> int:
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, self._parameters(values))
            return cursor.rowcount
        except self._dialect.dbapi.Error as error:
            raise self._wrapped(error) from error
        finally:
            cursor.close()

    def write(self, connection: Connection, several: Iterable[Values]) -> None:
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(self._sql, self._rows(list(several)))
        except self._dialect.dbapi.Error as error:
            raise self._wrapped(error) from error
        finally:
            cursor.close()

    def _found(self, row: Sequence[Any]) -> Any:
        columns = list(row)
        for place, change in self._read:
            columns[place] = change(columns[place])
        return self._row(columns)

    def _parameters(self, values: Values) -> Any:
        values = {**self._fixed, **values} if self._fixed else values
        if self._by_name:
            return {name: _changed(change, values[name]) for name, change in self._given}
        return [values[name] if change is None else change(values[name]) for name, change in self._given]

    def _rows(self, several: list[Values]) -> list[Any]:
        """The parameters of many rows, made column by column: most of these hold the same all the way."""
        if self._fixed:
            several = [{**self._fixed, **values} for values in several]
        columns = [
            _changed_each(change, [values[name] for values in several]) for name, change in self._given
        ]
        rows = list(zip(*columns, strict=True))
        if self._by_name:
            names = [name for name, _change in self._given]
            return [dict(zip(names, row, strict=True)) for row in rows]
        return rows

    def _wrapped(self, error: Exception) -> BaseException:
        """The error as SQLAlchemy raises it, without the values: they are numbers and texts of people."""
        return DBAPIError.instance(
            self._sql, None, error, self._dialect.dbapi.Error, hide_parameters=True, dialect=self._dialect
        )


def _impl(element: Any, dialect: Dialect) -> Any:
    return element.type.dialect_impl(dialect)


def _changed(change: Change, value: Any) -> Any:
    return value if change is None else change(value)


def _changed_each(change: Change, column: list[Any]) -> list[Any]:
    if change is None:
        return column
    changed = []
    last = made = object()
    for value in column:
        # The same object, not an equal one: 1 and True are equal, and not written alike.
        if value is not last:
            last, made = value, change(value)
        changed.append(made)
    return changed
