"""What each column holds, held to it in both directions: SQLAlchemy's types over kinds.py.

SQLite lets a cell hold anything, whatever its column says, and SQLAlchemy's own types trust it.
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Dialect, Double, Integer, LargeBinary, Text, TypeDecorator

from watchdog.history.kinds import reader_of, storable

T = TypeVar("T")


class Exactly(TypeDecorator[T]):
    """A column whose cells must be what it says; BadRow otherwise."""

    holds: ClassVar[type]

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], T | None]:
        """Return what looks at each cell."""
        return reader_of(self.holds)


class WholeNumber(Exactly[int]):
    """A number of 64 bits."""

    impl = Integer
    cache_ok = True
    holds = int


class Number(Exactly[float]):
    """A number; SQLite may hand out a whole one as an int."""

    impl = Double
    cache_ok = True
    holds = float


class Bytes(Exactly[bytes]):
    """Bytes."""

    impl = LargeBinary
    cache_ok = True
    holds = bytes


class AnyText(Exactly[str]):
    """Text as Python has it."""

    impl = Text
    cache_ok = True
    holds = str

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """Return what sqlite3 is to store."""
        return storable(value)
