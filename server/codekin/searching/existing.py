"""Filters in the text of a query, compared with what there is: a pasted error may look like one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from codekin.domain.search import Filters, ReadFilter
from codekin.searching.query.inline_filters import Reading
from codekin.searching.snapshot.filtering import node_mask
from codekin.searching.snapshot.snapshot import Snapshot

_SAMPLED = 200
"""Files in whose kinds of symbols a similar one is looked for."""
_AS_TEXT = frozenset(("paths", "symbols"))
"""Filters that become text where nothing matches them.

The others leave nothing, and a note says so.
"""


def existing(views: Sequence[Snapshot], reading: Reading) -> Reading:
    """Return the reading without filters that nothing in the index matches, with notes about them.

    Some 1 ms for each filter in 10,000 files; nothing for a query without filters.
    """
    for item in reading.inline:
        if item.name == "at" or any(value.startswith("!") for value in item.values) or _matches(views, item):
            continue
        if item.name in _AS_TEXT:
            reading = reading.without(
                [item], f"Nothing in the index matches {item.typed}. It was searched as text.{_near(views, item)}"
            )
        else:
            reading = reading.noted(f"Nothing in the index matches {item.typed}.")
    return reading


def _matches(views: Sequence[Snapshot], item: ReadFilter) -> bool:
    value = item.values[0] if item.name in ("after", "before") else item.values
    filters = Filters(**{item.name: value})  # type: ignore[arg-type] # by name
    return any((mask := node_mask(view, filters)) is None or bool(mask.any()) for view in views)


def _near(views: Sequence[Snapshot], item: ReadFilter) -> str:
    if item.name != "symbols":
        return ""
    known = {node.symbol_kind for view in views for block in view.blocks[:_SAMPLED] for node in block.nodes} - {""}
    near = difflib.get_close_matches(item.values[0], known, 1)
    return f" Did you mean symbol:{near[0]}?" if near else ""
