"""Which files have a content key, in arrays.

Looking the keys up record by record would block the event loop for seconds in a large folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codekin.domain.ports import Keys
from codekin.searching import Blocks, Nodes
from codekin.storage.top_k import present


@dataclass(frozen=True, eq=False, slots=True)
class KeyOwners:
    """Files with the content keys of their nodes."""

    blocks: Blocks
    nodes: Nodes

    @classmethod
    def of(cls, blocks: Blocks) -> KeyOwners:
        """Return the keys of these files; 0.1 s for 1.5 million nodes in mapped columns."""
        return cls(blocks, blocks.nodes())

    @property
    def distinct(self) -> Keys:
        """The content keys, ascending and distinct."""
        return self.nodes.keys

    def files(self, keys: Keys) -> Sequence[int]:
        """Return the positions of the files with any of these keys, which are ascending."""
        if not len(keys):
            return []
        named = np.flatnonzero(present(keys, self.nodes.keys)[self.nodes.key])
        files: list[int] = np.unique(np.searchsorted(self.nodes.first, named, side="right") - 1).tolist()
        return files

    def paths(self, keys: Keys) -> list[str]:
        """Return the paths of the files with any of these keys, which are ascending."""
        paths = self.blocks.paths
        return [paths[number] for number in self.files(keys)]
