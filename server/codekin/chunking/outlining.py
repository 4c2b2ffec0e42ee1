"""The outline of a text: its definitions, each within the one that contains it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codekin.chunking.definitions import Found
from codekin.chunking.finding import found_in
from codekin.chunking.languages import language_of
from codekin.chunking.lines import split_lines
from codekin.chunking.parsing import LIMIT_S
from codekin.chunking.secrets import redact


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A definition over lines [start_line, end_line) with its name on `line`, all 0-based.

    `children` are the definitions inside it, in the order of the text.
    """

    name: str
    kind: str
    line: int
    start_line: int
    end_line: int
    children: tuple[OutlineItem, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, OutlineItem]]:
        """Yield (depth, item) of this definition and everything inside it, in order."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def outline_of(path: str, text: str, limit_s: float = LIMIT_S) -> tuple[OutlineItem, ...]:
    """Return the definitions of a text, which are those that the index would contain.

    It is empty where nothing is defined, and where parsing takes longer than `limit_s`.
    """
    clean, _ = redact(text)
    lines = split_lines(clean)
    language = language_of(path, lines[0] if lines else "")
    found = found_in(path, clean, language, lines, limit_s) or []
    distinct = {(item.name, item.line): item for item in found}
    return _nested(sorted(distinct.values(), key=lambda item: (item.start_line, -item.end_line)))


def _nested(found: list[Found]) -> tuple[OutlineItem, ...]:
    """Put each definition into the innermost one around it with fewer enclosing names.

    Several definitions on the same lines, as in `a, b = 1, 2`, do not contain each other.
    """
    children: dict[int, list[int]] = {-1: []}
    around: list[int] = []
    for number, item in enumerate(found):
        while around and not _contains(found[around[-1]], item):
            around.pop()
        children[around[-1] if around else -1].append(number)
        children[number] = []
        around.append(number)

    def built(numbers: list[int]) -> tuple[OutlineItem, ...]:
        return tuple(_item(found[number], built(children[number])) for number in numbers)

    return built(children[-1])


def _contains(outer: Found, inner: Found) -> bool:
    return (
        outer.end_line >= inner.end_line and inner.start_line < outer.end_line and len(inner.scope) > len(outer.scope)
    )


def _item(found: Found, children: tuple[OutlineItem, ...]) -> OutlineItem:
    return OutlineItem(found.name, found.kind, found.line, found.start_line, found.end_line, children)
