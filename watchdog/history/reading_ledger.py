"""Reads the ledger of boots, which most questions need. Takes part in the transaction of who calls it."""

from watchdog.history.ledger import Boot, Ledger
from watchdog.history.rows import Row, read_rows, read_stamp
from watchdog.history.source import Source, ask

_BOOTS = "SELECT * FROM boots WHERE ordinal >= ? ORDER BY ordinal"


def read_ledger(source: Source) -> Ledger:
    """Return every boot that was seen.

    It is asked for by most questions of a cycle, and of a boot that is over nothing changes any more: so each
    connection keeps what it read, and reads on from the last.
    """
    known = source.ledger
    if known is None or not known.boots:
        ledger = Ledger(boots=_read_boots(source, 0))
    else:
        last = known.boots[-1]
        boots = _read_boots(source, last.ordinal)
        if not boots or boots[0].boot_id != last.boot_id:  # what was read was rolled back
            ledger = Ledger(boots=_read_boots(source, 0))
        else:
            ledger = known if boots == (last,) else Ledger(boots=(*known.boots[:-1], *boots))
    source.ledger = ledger
    return ledger


def forget_ledger(source: Source) -> None:
    """Have the whole ledger be read anew."""
    source.ledger = None


def _read_boots(source: Source, least: int) -> tuple[Boot, ...]:
    return read_rows("boot", ask(source, _BOOTS, (least,)), _boot)


def _boot(row: Row) -> Boot:
    ordinal = row["ordinal"]
    boot_ids = {ordinal: row["boot_id"]}
    return Boot(
        ordinal=ordinal,
        boot_id=row["boot_id"],
        host=row["host"],
        first=read_stamp({**row, "first_boot": ordinal}, "first", boot_ids),
        last=read_stamp({**row, "last_boot": ordinal}, "last", boot_ids),
    )
