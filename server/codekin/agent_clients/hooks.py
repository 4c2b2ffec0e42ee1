"""Adding and removing a command that a client runs at the start of a session.

Clients list such commands in an array, either each on its own, or in groups with an array `hooks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from codekin.agent_clients.jsonc import JsonError, get, with_item, without_member

ARGUMENTS = "index --background"
"""The arguments of our command, by which it is recognised."""
_PROGRAM = "codekin"
_GROUP = "hooks"


def has_hook(text: str, path: Sequence[str]) -> bool:
    """Return whether the array at a path has our command. Raises JsonError."""
    return any(_own_places(_items(text, path)))


def with_hook(text: str, path: Sequence[str], item: Any) -> str:
    """Return the text with an item at the end of the array. Raises JsonError."""
    return with_item(text, path, item)


def without_hook(text: str, path: Sequence[str]) -> str:
    """Return the text without our command; the other commands of its group stay.

    Raises JsonError.
    """
    while places := list(_own_places(_items(text, path))):
        text = without_member(text, [*path, *places[-1]])
    return text


def _items(text: str, path: Sequence[str]) -> list[Any]:
    found = get(text, path)
    if found is not None and not isinstance(found, list):
        raise JsonError(f'"{path[-1]}" is not an array')
    return found or []


def _own_places(items: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    """Yield where our commands are, each as a path from the array; a whole group if it is ours."""
    for at, item in enumerate(items):
        group = item.get(_GROUP) if isinstance(item, dict) else None
        inner = group if isinstance(group, list) else []
        own = [number for number, handler in enumerate(inner) if _is_own(handler)]
        if _is_own(item) or (own and len(own) == len(inner)):
            yield (str(at),)
        else:
            yield from ((str(at), _GROUP, str(number)) for number in own)


def _is_own(handler: Any) -> bool:
    command = handler.get("command") if isinstance(handler, dict) else None
    return isinstance(command, str) and _PROGRAM in command and ARGUMENTS in command
