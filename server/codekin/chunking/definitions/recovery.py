"""Text that a grammar cannot parse, made readable by replacing obstacles with spaces.

Grammars do not run the preprocessor. They fail on an attribute macro before a name, on a brace that
two branches of a condition open, or on a statement in the body of a function. All of these are
blanked. The text keeps its length, so every position stays exact.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

RECOVERABLE = frozenset(("c", "cpp", "csharp", "java", "objc"))
_PREPROCESSED = frozenset(("c", "cpp", "objc", "csharp"))
_BLANK = bytes(number if number in b"\r\n" else 32 for number in range(256))

_UPPER = rb"\b_{0,2}[A-Z][A-Z0-9_]{2,80}\b"
_ARGUMENTS = rb"\((?:[^()]|\((?:[^()]|\([^()]{0,400}\)){0,400}\)){0,800}\)"
_MACRO = rb"(?:" + _UPPER + rb"(?:[ \t]*" + _ARGUMENTS + rb")?)"
_ATTRIBUTE = rb"(?:" + _MACRO + rb"|__attribute__\s*" + _ARGUMENTS + rb"|__declspec\s*" + _ARGUMENTS + rb")"

_MASKED = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)"
    rb'|R"(?P<raw>[^()\\\s]{0,16})\(.*?(?:\)(?P=raw)"|\Z)'
    rb'|"(?:\\.|[^"\\\n])*"?'
    rb"|'(?:\\.|[^'\\\n]){1,8}'"
    rb"|(?P<directive>\#[ \t]*(?!if|el|endif)(?:\\\r?\n|[^\n])*)",
    re.DOTALL,
)
_CONDITION = re.compile(rb"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b(?:\\\r?\n|[^\n])*", re.MULTILINE)
_ZERO = re.compile(rb"^[ \t]*#[ \t]*if[ \t]+0\b")
_BRACE = re.compile(rb"[{}]")
_COMPLETE = re.compile(rb"(?:[;}:{]|\)|\A)\s*\Z")
_DELIMITER = re.compile(rb"[{};]")
_C_TAIL = re.compile(
    rb"\s*(?:(?:const|noexcept|override|final|mutable|volatile|try|&&?|" + _UPPER + rb")\s*)*(?:->[^()]*)?\Z"
)
_TAIL = re.compile(rb"\s*(?:(?:where|throws)\b.*)?\Z", re.DOTALL)
"""What may stand between the parameters of a function and its body, in C and C++ and elsewhere."""
_TYPE_HEAD = re.compile(rb"\b(?:class|record|struct|interface|enum)\b")
_C_TYPE_HEAD = re.compile(rb"\bnamespace\b|^[ \t]*class\b", re.MULTILINE)
_HEAD_BYTES = 300
_DEEPEST_CONDITION = 16
"""Conditions nested more deeply are ignored, since each examines all of its content."""

_CLASS_MACROS = re.compile(
    rb"\b(?:class|struct|union|enum|namespace)\s+((?:" + _ATTRIBUTE + rb"\s+){1,4})"
    rb"(?=[A-Za-z_]\w*(?:::\w+)*(?:\s*<[^{};]{0,200}>)?\s*(?:final\s*)?(?:\{|:(?!:)))"
)
_LABEL_MACRO = re.compile(rb"[ \t]*(?:(?:public|private|protected)[ \t]+)?" + _MACRO + rb"[ \t]*:")
_LABEL_END = re.compile(rb":[ \t]*\r?\n")
_LINE_MACROS = re.compile(
    rb"^[ \t]*(" + _UPPER + rb"(?:[ \t]*(?P<arguments>" + _ARGUMENTS + rb"))?[ \t]*(?:;[ \t]*)?)\r?$(?!\s*\{)",
    re.MULTILINE,
)
_NAME_FOLLOWS = re.compile(rb"[*&\s]*[A-Za-z_]\w*\s*\(")
_PREFIX_MACROS = re.compile(
    rb"("
    + _MACRO
    + rb")\s+(?=(?!final\b)[A-Za-z_][\w:<>,]{0,80}[\s*&]+(?:[A-Za-z_~][\w:<>,]{0,80}[\s*&]+){0,6}(?:operator\b|~?[A-Za-z_]\w*\s*[(;={\[]))"
)
_SUFFIX_MACROS = re.compile(
    rb"\)\s*(?:(?:const|noexcept|override|final|volatile)\s*){0,4}((?:(?:"
    + _MACRO
    + rb"|__\w{2,60}(?:[ \t]*"
    + _ARGUMENTS
    + rb")?)\s*){1,6})(?=[{;:=]|->|override|final|const|noexcept)"
)
_NAME_MACROS = re.compile(rb"\b(?:namespace|class|struct)\s+[\w:]{1,80}\s+(" + _MACRO + rb")(?=\s*(?:\{|:(?!:)))")
_TYPE_MACROS = re.compile(
    rb"^(?:extern[ \t]+|static[ \t]+)?([A-Za-z_]\w{2,60}[ \t]*\()[\w \t*]{1,60}(\))[\s*]{1,9}(?=[A-Za-z_]\w*\s*\()",
    re.MULTILINE,
)
_DEFINE = re.compile(rb"#[ \t]*define[ \t]+(\w+)")
_POINTER_MACROS = re.compile(rb"\(\s*(" + _UPPER + rb"|__\w+)\s*(?=\*\s*\w+\s*\)\s*\()")
_TYPED_MACROS = re.compile(
    rb"(?:\b(?:void|int|char|long|short|unsigned|float|double|bool|const|\w+_t|\w+Ptr)[\s*&]+|\*\s*)"
    rb"(" + _UPPER + rb")\s+[*&]*(?=\w+\s*\()"
)
_OLD_PARAMETERS = re.compile(
    rb"\w\s+([A-Z]{2,20}\s*\()\([^()]{0,400}(?:\([^()]{0,200}\)[^()]{0,200}){0,8}\)\s*(\))\s*;"
)
_DEFINING = re.compile(
    rb"^(?:static[ \t]+)?(?:[A-Z0-9]{1,40}_){0,6}(?:DEFINE|DECLARE|IMPLEMENT|IMPL)[A-Z0-9_a-z]{0,60}[ \t]*\([ \t]*(\w+)[ \t]*[,)]"
    rb"[^;{}\n]{0,400}$(?!\s*\{)",
    re.MULTILINE,
)
_REF_STRUCT = re.compile(rb"\b(ref)\s+partial\s+struct\b")


@dataclass(frozen=True, slots=True)
class Readable:
    """The text to parse, and (offset, name, kind) of macros and of what they define."""

    source: bytes
    named: list[tuple[int, str, str]]


def readable(source: bytes, parser: str) -> Readable:
    """Return the text with the code that the grammar cannot read blanked."""
    text = _Text(source)
    if parser in _PREPROCESSED:
        text.keep_one_branch()
    if parser in ("csharp", "java"):
        text.blank_bodies(_TAIL, _TYPE_HEAD)
    else:
        text.blank_bodies(_C_TAIL, _C_TYPE_HEAD)
    named = text.macros()
    if parser == "csharp":
        text.blank_all(_REF_STRUCT)
    elif parser != "java":
        defining = _DEFINING.finditer(text.skeleton)
        named += [(match.start(1), match[1].decode("utf-8", "replace"), "function") for match in defining]
        for pattern in (_CLASS_MACROS, _NAME_MACROS, _TYPE_MACROS):
            text.blank_all(pattern)
        text.blank_labels()
        text.blank_lines()
        for pattern in (_OLD_PARAMETERS, _PREFIX_MACROS, _SUFFIX_MACROS, _POINTER_MACROS, _TYPED_MACROS):
            text.blank_all(pattern)
    return Readable(bytes(text.source), named)


class _Text:
    """A source and its skeleton.

    The skeleton is blank also at comments, strings and directives other than conditions.
    """

    def __init__(self, source: bytes) -> None:
        self.source = bytearray(source)
        self.skeleton = bytearray(source)
        self._directives: list[tuple[int, int]] = []
        for match in _MASKED.finditer(source):
            self._mask(match.start(), match.end())
            if match["directive"] is not None:
                self._directives.append(match.span("directive"))

    def _mask(self, start: int, end: int) -> None:
        self.skeleton[start:end] = self.skeleton[start:end].translate(_BLANK)

    def _blank(self, start: int, end: int) -> None:
        self._mask(start, end)
        self.source[start:end] = self.source[start:end].translate(_BLANK)

    def _blank_but_directives(self, start: int, end: int) -> None:
        """Blank a range except its directives, since macros are defined in functions too."""
        at = bisect_left(self._directives, (start, 0))
        while at < len(self._directives) and self._directives[at][0] < end:
            first, last = self._directives[at]
            self._blank(start, first)
            start, at = last, at + 1
        self._blank(start, max(start, end))

    def macros(self) -> list[tuple[int, str, str]]:
        """(offset, name, kind) of the macros that directives define."""
        matches = (_DEFINE.match(self.source, *span) for span in self._directives)
        return [(match.start(1), match[1].decode("utf-8", "replace"), "macro") for match in matches if match]

    def blank_all(self, pattern: re.Pattern[bytes]) -> None:
        """Blank the groups of every match."""
        for match in list(pattern.finditer(self.skeleton)):
            for group in range(1, pattern.groups + 1):
                self._blank(*match.span(group))

    def blank_labels(self) -> None:
        """Blank macros that take the place of `public:` in a class."""
        for match in list(_LABEL_END.finditer(self.skeleton)):
            begin = self.skeleton.rfind(b"\n", 0, match.start()) + 1
            if _LABEL_MACRO.fullmatch(self.skeleton, begin, match.start() + 1):
                self._blank(begin, match.start() + 1)

    def blank_lines(self) -> None:
        """Blank macros that take a line each, and are no type of what is on the next."""
        for match in list(_LINE_MACROS.finditer(self.skeleton)):
            if match["arguments"] is not None or not _NAME_FOLLOWS.match(self.skeleton, match.end()):
                self._blank(*match.span(1))

    def keep_one_branch(self) -> None:
        """Of conditions whose branches are no whole declarations, keep the first branch alone."""
        waiting: list[list[re.Match[bytes]]] = []
        for match in list(_CONDITION.finditer(self.skeleton)):
            if match[1].startswith(b"if"):
                waiting.append([match])
            elif waiting:
                waiting[-1].append(match)
                if match[1] == b"endif":
                    marks = waiting.pop()
                    if len(waiting) < _DEEPEST_CONDITION:
                        self._choose(marks)
        for match in list(_CONDITION.finditer(self.skeleton)):
            self._mask(*match.span())

    def _choose(self, marks: list[re.Match[bytes]]) -> None:
        branches = [(one.end(), other.start()) for one, other in pairwise(marks)]
        if all(map(self._is_whole, branches)):
            return
        kept = 1 if _ZERO.match(marks[0][0]) and len(branches) > 1 else 0
        for number, (start, end) in enumerate(branches):
            if number != kept:
                self._blank_but_directives(start, end)
        for mark in marks:
            self._blank(*mark.span())

    def _is_whole(self, branch: tuple[int, int]) -> bool:
        inside = self.skeleton[branch[0] : branch[1]]
        depth = 0
        for match in _BRACE.finditer(inside):
            depth += 1 if match[0] == b"{" else -1
            if depth < 0:
                return False
        return (
            depth == 0
            and inside.count(b"(") == inside.count(b")")
            and _COMPLETE.search(inside[-_HEAD_BYTES:]) is not None
        )

    def blank_bodies(self, tail: re.Pattern[bytes], not_head: re.Pattern[bytes]) -> None:
        """Blank what is in the bodies of functions: in braces that follow parameters."""
        done = 0
        for opening, closing, head in sorted(self._pairs()):
            if opening < done:
                continue
            text = bytes(self.skeleton[max(head, opening - _HEAD_BYTES) : opening])
            behind = text.rpartition(b")")
            if behind[1] and tail.match(behind[2]) and not not_head.search(text):
                self._blank_but_directives(opening + 1, closing)
                done = closing

    def _pairs(self) -> Iterator[tuple[int, int, int]]:
        """Yield (opening brace, closing brace, start of the text before the opening one)."""
        opened: list[tuple[int, int]] = []
        head = 0
        for match in _DELIMITER.finditer(self.skeleton):
            if match[0] == b"{":
                opened.append((match.start(), head))
            elif match[0] == b"}" and opened:
                opening, began = opened.pop()
                yield opening, match.start(), began
            head = match.end()
