"""Fills the trigram index of a root, after everything else of a pass."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from codekin.chunking import redact
from codekin.domain.ports import Keys
from codekin.domain.values import Skipped
from codekin.engine.root.root_index import RootIndex
from codekin.files import read_source
from codekin.storage import TrigramIndex, content_key

LEAST_FILES = 500
"""In smaller folders, exact search reads all files."""
_BATCH_FILES = 512


async def fill_trigrams(index: RootIndex) -> None:
    """Add the files that have no trigrams, in batches that give way; a step.

    A file that changed meanwhile is left to the next pass; until then exact search reads it.
    """
    trigrams, catalog = index.parts.trigrams, index.catalog
    if trigrams is None or not index.writer or len(catalog) < LEAST_FILES:
        return
    paths, contents = catalog.contents()
    missing = await index.in_worker(lambda: _missing(trigrams, paths, contents))
    for start in range(0, len(missing), _BATCH_FILES):
        await index.queue.give_way()
        if index.parts.trigrams is not trigrams:
            return  # The stores were exchanged; the pass is started again.
        add = partial(_add, trigrams, index.location.root, missing[start : start + _BATCH_FILES], index.max_file_bytes)
        await index.in_worker(add)
    await index.in_worker(lambda: trigrams.tidy(contents))
    if missing:
        catalog.invalidate()


def _missing(trigrams: TrigramIndex, paths: Sequence[str], contents: Keys) -> list[tuple[int, str]]:
    """Return (key, path) for each content that has no trigrams, each content once."""
    keys, first = np.unique(contents, return_index=True)
    wanted = trigrams.missing(keys[keys >= 0])
    return [(key, paths[at]) for key, at in zip(wanted.tolist(), first[np.searchsorted(keys, wanted)], strict=True)]


def _add(trigrams: TrigramIndex, root: Path, batch: Sequence[tuple[int, str]], max_file_bytes: int) -> None:
    texts: dict[int, str | None] = {}
    for key, path in batch:
        source = read_source(root, path, max_file_bytes)
        if not isinstance(source, Skipped) and content_key(source.digest) == key:
            # The trigrams of a secret would give it away.
            texts[key] = None if redact(source.text)[1] else source.text
    trigrams.add(np.fromiter(texts, np.int64, len(texts)), list(texts.values()))
