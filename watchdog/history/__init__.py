"""What happened on this host, kept in SQLite.

Nothing is imported here. `store.History` writes, through SQLAlchemy, which costs 0.25 s and 30 MB: who only reads
(`read.Reader`), or needs `paths`, `lock`, `cycle` or `records`, must not pay for it.
"""
