"""What a walk over a folder finds, and what it leaves out."""

from __future__ import annotations

from codekin.files import Found, Rules, scan


def scanned(root, **settings):
    """(paths found, reason by path left out)."""
    items = list(scan(root, Rules(root, **settings), lambda: False))
    found = {item.path for item in items if isinstance(item, Found)}
    return found, {item.path: item.reason for item in items if not isinstance(item, Found)}


def found_in(root, **settings):
    return scanned(root, **settings)[0]


def reasons_in(root, **settings):
    return scanned(root, **settings)[1]
