"""Where a result opens: at the requested definition, or else at the line that matches best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from codekin.chunking import split_lines
from codekin.domain.commits import is_file
from codekin.domain.search import Focus
from codekin.domain.values import Definition, Node, NodeKind
from codekin.domain.words import bare_name
from codekin.searching.query.parsing import Query
from codekin.searching.snapshot.snapshot import FileBlock, Snapshot
from codekin.searching.snapshot.snippets import text_between
from codekin.storage import stem

_MAX_LINES = 400
"""Lines of a chunk that are compared with the query; chunks are shorter, files are not."""
_BELOW_LINES = 8
"""A name may be this far below the start of its definition, after attributes and a return type."""
_MIN_STEM = 3
_MOST_JOINED = 4
"""Words of a query that may be the words of one name."""
_DEFINITION_WEIGHT = 0.5
"""Weight of a line with a definition, relative to a word that occurs on no other line."""
_COMMENT = re.compile(r"\s*(?://|/\*|\*|#(?!\s*(?:include|define|if|pragma))|--|;|%|<!--|\"\"\"|''')")
_LAST_IS_INNERMOST = "most recent call last"
_WORD = re.compile(r"\w")
_TRIPLE_QUOTE = re.compile(r"\"\"\"|'''")


def focused(
    view: Snapshot, block: FileBlock, node: Node, text: str, query: Query | None, line: int = -1
) -> tuple[Focus | None, str]:
    """Return where a result opens, or None if it is not a file, and the symbol there.

    `text` is that of the chunk. It opens at `line` if that is in it. Without a query, as for
    related code, it opens at the first definition of the chunk.
    """
    if not is_file(block.record.path):
        return None, node.symbol
    if node.start_line <= line < node.end_line:
        above = [item for item in node.definitions if item.line <= line]
        focus = _of_line(split_lines(text), node.start_line, line)
        return focus, _symbol(node, above[-1]) if above else node.symbol
    names = _names(query) if query else ()
    if definition := _asked(block.nodes if node.kind is NodeKind.FILE else (node,), names):
        return _of_definition(view, block, node, text, definition), _symbol(node, definition)
    if node.kind is NodeKind.FILE:
        return Focus(0, 0, 0, 0), node.symbol
    lines = split_lines(text, _MAX_LINES)
    best = _best_line(lines, node, query.content_words if query else ())
    above = [item for item in node.definitions if item.line <= best]
    if any(item.line == best for item in above):
        return _of_definition(view, block, node, text, above[-1]), _symbol(node, above[-1])
    return _of_line(lines, node.start_line, best), _symbol(node, above[-1]) if above else node.symbol


def defining_node(block: FileBlock, node: Node, query: Query | None) -> Node:
    """Return the chunk of the same file that defines what the query names, where this one does not.

    An import or a re-export may match a name as well as its definition.
    """
    if query is None or node.kind is NodeKind.FILE:
        return node
    joined = _joined(query)
    for name in _names(query) if len(query.text.split()) == 1 else (query.text, *joined):
        candidates = chain((node,), (candidate for _, candidate in block.nodes.naming(name)))
        for candidate in candidates:
            if any(item.name == name or item.name.lower() in joined for item in candidate.definitions):
                return candidate
    return node


def place_line(view: Snapshot, file: int, query: Query | None) -> int:
    """Return the line at which a query names a file, -1 if none.

    Of several frames in one file, it is the innermost: the last one of a Python traceback, else
    the first.
    """
    places = [place for place in query.places if place.line >= 0] if query else []
    lines = [place.line for place in places if file in view.file_names.of_path(place.path)]
    if not lines:
        return -1
    asked = (query.text, query.parts.noise if query.parts else "") if query else ()
    return lines[-1] if any(_LAST_IS_INNERMOST in text for text in asked) else lines[0]


def covering_node(block: FileBlock, node: Node, line: int) -> Node:
    """Return the smallest chunk of the file around a line, or `node` if there is none."""
    around = [
        item for item in block.nodes if item.kind is not NodeKind.FILE and item.start_line <= line < item.end_line
    ]
    return min(around, key=lambda item: item.end_line - item.start_line, default=node)


def columns_of(line: str, start: int, end: int) -> tuple[int, int]:
    """Return UTF-16 columns for the characters [start, end) of a line."""
    if line.isascii():
        return start, end
    first = _utf16(line[:start])
    return first, first + _utf16(line[start:end])


def _names(query: Query) -> tuple[str, ...]:
    """Return the names that a query asks for: itself, its identifiers, and their last parts."""
    bare = (bare_name(token) for token in query.identifiers)
    return tuple(dict.fromkeys((query.text, *query.identifiers, *bare, *_joined(query))))


def _joined(query: Query) -> tuple[str, ...]:
    """Return the names in lower case that consist of the few words of a query, and of nothing else.

    "share popover" asks for `SharePopover`, also where an export of the name has the same words.
    """
    words = query.text.lower().split()
    if not 1 < len(words) <= _MOST_JOINED or not all(map(str.isalnum, words)):
        return ()
    return "".join(words), "_".join(words)


def _utf16(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _asked(nodes: Iterable[Node], names: Iterable[str]) -> Definition | None:
    """Return the definition of the first defined name, preferring the same letter case."""
    known = [item for node in nodes for item in node.definitions]
    for name in names:
        if exact := next((item for item in known if item.name == name), None):
            return exact
        if similar := next((item for item in known if item.name.lower() == name.lower()), None):
            return similar
    return None


def _of_definition(view: Snapshot, block: FileBlock, node: Node, text: str, definition: Definition) -> Focus:
    first = definition.line
    if node.kind is not NodeKind.FILE and node.start_line <= first < node.end_line:
        lines = split_lines(text, first - node.start_line + _BELOW_LINES)[first - node.start_line :]
    else:
        lines = split_lines(text_between(view, block, first, first + _BELOW_LINES))
    pattern = re.compile(rf"(?<!\w){re.escape(definition.name)}(?!\w)")
    for number, line in enumerate(lines):
        if match := pattern.search(line):
            return Focus.on_line(definition.line + number, *columns_of(line, *match.span()))
    return _of_line(lines, definition.line, definition.line)


def _of_line(lines: Sequence[str], first: int, line: int) -> Focus:
    """Return the beginning of a line, after its indentation."""
    text = lines[line - first] if 0 <= line - first < len(lines) else ""
    start = len(text) - len(text.lstrip()) if text.strip() else 0
    return Focus.on_line(line, start, start)


def _symbol(node: Node, definition: Definition) -> str:
    """Return the qualified name if the chunk has it, or else the bare name."""
    return node.symbol if bare_name(node.symbol) == definition.name else definition.name


def _best_line(lines: Sequence[str], node: Node, asked: Sequence[str]) -> int:
    """Return the number of the line with the rarest words of the query.

    If that line is in a comment, return the line of the definition that the comment describes.
    """
    defined = {item.line for item in node.definitions}
    stems = [word for word in {stem(word) for word in asked} if len(word) >= _MIN_STEM]
    lowered = [line.lower() for line in lines]
    rarity = {word: 1 / (1 + sum(word in line for line in lowered)) for word in stems}
    best, most = -1, 0.0
    for number, line in enumerate(lowered):
        found = sum(weight for word, weight in rarity.items() if word in line)
        if found and node.start_line + number in defined:
            found += _DEFINITION_WEIGHT
        if found > most:
            best, most = number, found
    if best < 0:
        return min(defined, default=node.start_line + _first_of_code(lines))
    if best in _comments(lines):
        return _described(node.start_line + best, sorted(defined))
    return node.start_line + best


def _described(line: int, defined: Sequence[int]) -> int:
    """Return the line of the definition that a comment or docstring describes, or else `line`."""
    before = [item for item in defined if item <= line]
    return before[-1] if before else next(iter(defined), line)


def _first_of_code(lines: Sequence[str]) -> int:
    comments = _comments(lines)
    code = (number for number, line in enumerate(lines) if _WORD.search(line) and number not in comments)
    return next(code, 0)


def _comments(lines: Sequence[str]) -> set[int]:
    """Return the lines that begin with a comment or are inside triple quotes."""
    found, within = set(), False
    for number, line in enumerate(lines):
        quotes = len(_TRIPLE_QUOTE.findall(line))
        if within or _COMMENT.match(line):
            found.add(number)
        within ^= quotes % 2 == 1
    return found


def matched(lines: Sequence[str], first: int, start: tuple[int, int], end: tuple[int, int]) -> Focus:
    """Return the focus of a match between two (line, character) positions.

    `lines` begin at line `first`.
    """
    begin, _ = columns_of(lines[start[0] - first], start[1], start[1])
    finish, _ = columns_of(lines[end[0] - first], end[1], end[1])
    return Focus(start[0], begin, end[0], finish)
