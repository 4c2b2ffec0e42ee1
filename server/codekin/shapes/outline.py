"""The outline of a file as JSON. Lines count from 1, and the end is included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.shapes.typed import TypedDict

if TYPE_CHECKING:
    from codekin.chunking import OutlineItem


class OutlineItemShape(TypedDict):
    """A definition with its name on `line`; `children` are the definitions inside it."""

    name: str
    kind: str
    line: int
    start_line: int
    end_line: int
    children: list[OutlineItemShape]


class OutlineShape(TypedDict):
    """The definitions of a file, in the order of its text."""

    path: str
    items: list[OutlineItemShape]


def outline_shape(path: str, items: tuple[OutlineItem, ...]) -> OutlineShape:
    """Return the outline of a file."""
    return {"path": path, "items": [_item(item) for item in items]}


def _item(item: OutlineItem) -> OutlineItemShape:
    return {
        "name": item.name,
        "kind": item.kind,
        "line": item.line + 1,
        "start_line": item.start_line + 1,
        "end_line": max(item.end_line, item.start_line + 1),
        "children": [_item(child) for child in item.children],
    }
