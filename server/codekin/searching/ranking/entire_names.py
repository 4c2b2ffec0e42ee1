"""Names that are the entire query, or begin with it while it is still being typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from codekin.domain.words import bare_name
from codekin.searching.query.parsing import Query, QueryKind
from codekin.searching.snapshot.snapshot import Snapshot

_OTHER_CASE = 0.9
_TOPIC = 1 / 3
"""Share for a heading of two plain words, such as "Error Handlers": code is about that as well."""
_TOPIC_WORDS = 2
_BEGUN = 0.5
_SHORTEST = 3
"""A shorter text begins too many names."""


def entire_names(view: Snapshot, query: Query, most: int) -> dict[int, float]:
    """Return nodes that define a name that is the entire query.

    The strength is 1, or 0.9 if only letter case differs, and a third of that for a heading of two
    plain words. A name in more than `most` files is too common to be what was meant.
    """
    name = query.text
    parts = name.split()
    share = _TOPIC if len(parts) == _TOPIC_WORDS and all(map(str.isalpha, parts)) else 1.0
    files = view.definitions.defining(name) if query.kind is not QueryKind.LONG else []
    found: dict[int, float] = {}
    for node, forms in _named(view, files, name) if len(files) <= most else ():
        if name in forms:
            found[node] = share
        elif name.lower() in {form.lower() for form in forms}:
            found[node] = share * _OTHER_CASE
    return found


def begun_names(view: Snapshot, query: Query, most: int) -> dict[int, float]:
    """Return nodes that define a name that begins with the query, and files whose path contains it.

    The strength is 0.5. It is for a single word that the index does not contain, such as the first
    letters of a name. At most `most` files of each kind are looked at.
    """
    begun = query.text.lower()
    if query.kind not in (QueryKind.SYMBOL, QueryKind.PATH) or len(begun) < _SHORTEST:
        return {}
    found = {int(view.first_node[file]): _BEGUN for file in islice(view.blocks.containing(begun), most)}
    for node, forms in _named(view, islice(view.definitions.beginning(begun), most), begun):
        if any(form.lower().startswith(begun) for form in forms):
            found[node] = _BEGUN
    return found


def _named(view: Snapshot, files: Iterable[int], name: str) -> Iterator[tuple[int, set[str]]]:
    """Yield (node, names) for nodes that may define a name; bare names are names as well."""
    for file in files:
        for offset, node in view.blocks[file].nodes.naming(name):
            names = {form for item in node.definitions for form in (item.name, bare_name(item.name))}
            yield int(view.first_node[file]) + offset, names
