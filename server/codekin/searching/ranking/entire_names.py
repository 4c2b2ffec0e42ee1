"""Names that are the entire query, or begin with it while it is still being typed."""

from __future__ import annotations

from codekin.domain.words import bare_name
from codekin.searching.query.parsing import Query, QueryKind
from codekin.searching.snapshot.snapshot import FileBlock, Snapshot

_OTHER_CASE = 0.9
_BEGUN = 0.5
_SHORTEST = 3
"""A shorter text begins too many names."""


def entire_names(view: Snapshot, query: Query, most: int) -> dict[int, float]:
    """Return nodes that define a name that is the entire query.

    The strength is 1, or 0.9 if only letter case differs. A name in more than `most` files is too
    common to be what was meant.
    """
    name = query.text
    files = view.definitions.defining(name) if query.kind is not QueryKind.LONG else []
    if len(files) > most:
        return {}
    return _strengths(view, files, name, {name: 1.0, name.lower(): _OTHER_CASE})


def begun_names(view: Snapshot, query: Query, most: int) -> dict[int, float]:
    """Return nodes that define a name that begins with the query, and files whose path contains it.

    The strength is 0.5. It is for a single word that the index does not contain, such as the first
    letters of a name. Paths take 1 ms for 10,000 files.
    """
    text = query.text
    if query.kind not in (QueryKind.SYMBOL, QueryKind.PATH) or len(text) < _SHORTEST:
        return {}
    found = _strengths(view, view.definitions.beginning(text)[:most], text, {})
    lowered = text.lower()
    files = [file for file, block in enumerate(view.blocks) if lowered in block.record.path.lower()][:most]
    return {**{int(view.first_node[file]): _BEGUN for file in files}, **found}


def _strengths(view: Snapshot, files: list[int], name: str, exact: dict[str, float]) -> dict[int, float]:
    """Return the strength by node; without `exact` forms, that of names that begin with `name`."""
    found: dict[int, float] = {}
    for file in files:
        for offset, forms in _named(view.blocks[file], name):
            if exact:
                strength = max((exact.get(form, exact.get(form.lower(), 0.0)) for form in forms), default=0.0)
            else:
                strength = _BEGUN * any(form.lower().startswith(name.lower()) for form in forms)
            if strength:
                found[int(view.first_node[file]) + offset] = strength
    return found


def _named(block: FileBlock, name: str) -> list[tuple[int, set[str]]]:
    """Return (place, names) of the nodes that may define a name; bare names are names as well."""
    return [
        (offset, {form for item in node.definitions for form in (item.name, bare_name(item.name))})
        for offset, node in block.nodes.naming(name)
    ]
