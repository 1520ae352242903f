"""What happened on this host, kept in SQLite.

Nothing is imported here: SQLAlchemy costs 0.25 s and 30 MB, and who only needs `paths`, `lock`, `cycle` or
`records` must not pay for it. `store.History` writes, `read.Reader` reads.
"""
