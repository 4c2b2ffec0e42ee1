"""What a file is for: the vocabulary that the ranking, filters and answers share."""

from __future__ import annotations

from enum import IntEnum


class Role(IntEnum):
    """The roles of a file; each has one."""

    CODE = 0
    TEST = 1
    DOCUMENT = 2
    CONFIGURATION = 3
    BUILD = 4
    CHANGE_LOG = 5
    TRANSLATION = 6
    DATA = 7
    GENERATED = 8
    VENDORED = 9
    TEMPLATE = 10
    EXAMPLE = 11

    @property
    def label(self) -> str:
        """The name in filters and answers, such as "change_log"."""
        return self.name.lower()
