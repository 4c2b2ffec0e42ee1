"""Scripts within files of another language: Vue, Svelte, Astro and Razor.

A script is parsed in a text with as many lines above it as in the file, so that definitions are on
the lines of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from codekin.chunking.outlines.masking import Marks, masked

RAZOR = "razor"
EMBEDDING = frozenset(("vue", "svelte", "astro", RAZOR))
CODE_BLOCKS = "csharp"
"""The language of the code blocks of Razor. No other script has this language."""
COMPONENT = "Component"
"""The class that is put around code blocks."""
_OPENING = re.compile(r"<!--|<script(?=[\s>])", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"""[^>"']+|"[^"]*"|'[^']*'""")
_CLOSING = re.compile(r"</script\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w-])(lang|type)\s*=\s*["']?([\w/+.-]+)""", re.IGNORECASE)
_LONGEST_ATTRIBUTES = 2_000
_LANGUAGES = {
    "js": "javascript", "javascript": "javascript", "jsx": "javascript", "module": "javascript",
    "text/javascript": "javascript", "application/javascript": "javascript", "text/babel": "javascript",
    "ts": "typescript", "typescript": "typescript", "text/typescript": "typescript", "tsx": "tsx",
}  # fmt: skip
_FRONT_MATTER = re.compile(r"\s{0,100}---[ \t]*\r?\n")
_FRONT_MATTER_END = re.compile(r"^---", re.MULTILINE)
_CODE = re.compile(r"^[ \t]*@(?:code|functions)[ \t]*(?:\r?\n[ \t]*)?(?=\{)", re.MULTILINE)
_BRACE = re.compile(r"[{}]")
_CSHARP = Marks(("//",), (("/*", "*/"), ("@*", "*@"), ('"""', '"""')), "\"'")


@dataclass(frozen=True, slots=True)
class Script:
    """A text in a language that is parsed.

    It has the scripts of one language and the line ends of the file up to `end_line`, exclusive,
    where the last of the scripts ends.
    """

    language: str
    text: str
    end_line: int


@dataclass(frozen=True, slots=True)
class _Region:
    language: str
    start: int
    end: int
    before: str = ""


def scripts(language: str, text: str) -> list[Script]:
    """Return the scripts of a text, one for each language.

    No text raises an exception. The time is linear in the length of the text.
    """
    regions = [region for region in _regions(language, text) if text[region.start : region.end].strip()]
    return [_joined(text, name, regions) for name in dict.fromkeys(region.language for region in regions)]


def _joined(text: str, language: str, regions: list[_Region]) -> Script:
    parts: list[str] = []
    at = lines = 0
    for region in regions:
        if region.language == language:
            gap = text.count("\n", at, region.start)
            code = text[region.start : region.end]
            parts += ("\n" * gap, region.before, code)
            lines += gap + code.count("\n")
            at = region.end
    return Script(language, "".join(parts), lines + 1)


def _regions(language: str, text: str) -> Iterator[_Region]:
    if language == RAZOR:
        yield from _code_blocks(text)
    default = "typescript" if language == "astro" else "javascript"
    start = 0
    if language == "astro" and (matter := _FRONT_MATTER.match(text)):
        end = _FRONT_MATTER_END.search(text, matter.end())
        start = end.start() if end else len(text)
        yield _Region("typescript", matter.end(), start)
    yield from _tags(text, start, default)


def _tags(text: str, start: int, default: str) -> Iterator[_Region]:
    """Yield the contents of `<script>` elements."""
    while opening := _OPENING.search(text, start):
        if opening.group() == "<!--":
            closed = text.find("-->", opening.end())
            if closed < 0:
                return
            start = closed
            continue
        begin = opening.end()
        while part := _ATTRIBUTES.match(text, begin):
            begin = part.end()
        if text[begin : begin + 1] != ">":
            return  # a tag or a quote that is never closed
        closing = _CLOSING.search(text, begin)
        start = closing.start() if closing else len(text)
        language = _language(text[opening.end() : min(begin, opening.end() + _LONGEST_ATTRIBUTES)], default)
        if language and text[begin - 1] != "/":
            yield _Region(language, begin + 1, start)


def _language(attributes: str, default: str) -> str:
    """Return the language that a tag names, or "" for one that is not parsed."""
    named = {name.lower(): value.lower() for name, value in _ATTRIBUTE.findall(attributes)}
    value = named.get("lang") or named.get("type")
    return _LANGUAGES.get(value, "") if value else default


def _code_blocks(text: str) -> Iterator[_Region]:
    """`@code {...}` and `@functions {...}`: members of the class that the file is."""
    if not _CODE.search(text):
        return
    readable = masked(text, _CSHARP)
    at = 0
    while begin := _CODE.search(readable, at):
        depth = 0
        at = len(text)
        for brace in _BRACE.finditer(readable, begin.end()):
            depth += 1 if brace.group() == "{" else -1
            if not depth:
                at = brace.end()
                break
        yield _Region(CODE_BLOCKS, begin.end(), at, f"class {COMPONENT} ")
