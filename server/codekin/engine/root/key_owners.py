"""The content keys of many files in two arrays.

Looking them up one by one would block the event loop for 0.1 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys
from codekin.domain.values import FileRecord
from codekin.storage import pack_nodes


@dataclass(frozen=True, eq=False, slots=True)
class KeyOwners:
    """Keys with their files.

    `keys` (n) are in the order of the files, `owners` (n) the number of the file of each,
    `distinct` the same keys ascending and distinct.
    """

    records: Sequence[FileRecord]
    keys: Keys
    owners: npt.NDArray[np.int32]
    distinct: Keys

    @classmethod
    def of(cls, records: Sequence[FileRecord]) -> KeyOwners:
        """Return the keys of these files."""
        parts = [pack_nodes(record.nodes).keys for record in records]
        keys = np.concatenate([*parts, np.empty(0, np.int64)])
        owners = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
        return cls(records, keys, owners, np.unique(keys))

    def naming(self, keys: Keys) -> list[FileRecord]:
        """Return the files with any of these keys, which are ascending and distinct."""
        if not len(keys):
            return []
        places = np.searchsorted(keys, self.keys).clip(max=len(keys) - 1)
        return [self.records[number] for number in np.unique(self.owners[keys[places] == self.keys])]
