"""Parcels and their scans in SQLite."""

import sqlite3
from contextlib import contextmanager


class ParcelStore:
    """All reading and writing of parcels; one connection, short transactions."""

    def __init__(self, path):
        self._connection = sqlite3.connect(path)
        self._connection.row_factory = sqlite3.Row

    @contextmanager
    def transaction(self):
        """Everything inside happens, or nothing does."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def record_scan(self, tracking_number, place, at):
        """Note where a parcel was seen; the same scan reported twice is kept once."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO scans (tracking_number, place, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (tracking_number, place, at.isoformat()),
            )

    def overdue(self, now):
        """Parcels promised for a day that has passed and not delivered yet, the latest ones first."""
        rows = self._connection.execute(
            "SELECT * FROM parcels WHERE delivered_at IS NULL AND promised_for < ? ORDER BY promised_for",
            (now.isoformat(),),
        )
        return [dict(row) for row in rows]
