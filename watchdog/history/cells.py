"""What a cell of the history may hold.

SQLite lets a cell hold anything, whatever its column says. So what is read is looked at, here for every table.
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

from sqlalchemy import Dialect, Double, Integer, LargeBinary, Text, TypeDecorator

from watchdog.history.rows import BadRow

T = TypeVar("T")


class Exactly(TypeDecorator[T]):
    """A column whose cells must be what it says; BadRow otherwise."""

    holds: ClassVar[tuple[type, ...]]

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], T | None]:
        """Return what looks at each cell."""
        return self.reader()

    def reader(self) -> Callable[[Any], T | None]:
        """Return what a cell is looked at with; it raises BadRow."""
        holds = self.holds

        def look(value: Any) -> T | None:
            if value is None or value.__class__ in holds:
                return cast("T | None", value)
            raise BadRow(f"a cell that should be of type {holds[0].__name__} holds {value!r:.60}")

        return look


class WholeNumber(Exactly[int]):
    """A number of 64 bits."""

    impl = Integer
    cache_ok = True
    holds = (int,)


class Number(Exactly[float]):
    """A number; SQLite may hand out a whole one as an int."""

    impl = Double
    cache_ok = True
    holds = (float, int)


class Bytes(Exactly[bytes]):
    """Bytes."""

    impl = LargeBinary
    cache_ok = True
    holds = (bytes,)


class AnyText(Exactly[str]):
    """Text as Python has it.

    Names from the kernel may not be UTF-8 and then hold lone surrogates, which SQLite's TEXT cannot. Those are
    stored as a BLOB: they come back as they were, and stay different from all others.
    """

    impl = Text
    cache_ok = True
    holds = (str,)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """Return what sqlite3 is to store."""
        if value is None or value.isascii():
            return value
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode(errors="surrogatepass")
        return value

    def reader(self) -> Callable[[Any], str | None]:
        """Return what makes text of a cell; it raises BadRow."""
        look = super().reader()

        def read(value: Any) -> str | None:
            if value.__class__ is not bytes:
                return look(value)
            try:
                return str(value, errors="surrogatepass")
            except UnicodeDecodeError:
                return look(value)

        return read
