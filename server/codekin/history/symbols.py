"""The functions and classes that commits changed, from the hunks of their diffs.

Git names the function of each hunk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from codekin.history.log import COMPARED
from codekin.history.repository import Repository

MAX_SYMBOLS = 100
"""Maximum number of symbols of one commit; more say nothing about its purpose."""
_MARK = b"//"
_FORMAT = "--format=tformat:%x00//%x00%H%x00"
_ATTRIBUTES = Path(__file__).with_name("attributes")
_SCRIPT = (
    r"^[ \t]*(((export|default|async|public|private|protected|static|override|final|abstract|local|implicit|case)[ \t]+)*"
    r"(function|class|interface|enum|namespace|func|def|object|trait|struct|protocol|extension)[ \t*].*)$"
)
_OPTIONS = (
    *("-c", f"core.attributesFile={_ATTRIBUTES}"),
    *("-c", f"diff.codekin-script.xfuncname={_SCRIPT}"),
    # Skips generated files and bundles, whose changes take long to read and add little.
    *("-c", "core.bigFileThreshold=512k"),
)
_PATCH = ("--patch", "--unified=0", "--no-textconv", "--diff-algorithm=myers", "--ignore-submodules=all")
_MODIFIERS = (
    rb"(?:(?:export|default|pub(?:\([^)\n]*\))?|public|private|protected|internal|static|async|abstract|final|unsafe|extern"
    rb"|override|suspend|data|sealed|open|inline|local)[ \t]+)*"
)
_DEFINES = (
    rb"(?:def(?:p|module|macrop?|protocol|impl|guard|struct)?|class|func|fn|function\*?|fun|interface|struct|enum|trait|impl"
    rb"|module|type|object|protocol|sub)[ \t]+(?:\([^)\n]*\)[ \t]*)?(?:self\.)?([A-Za-z_$\x80-\xff][\w$.\x80-\xff]*[!?]?)"
)
_BEHIND = rb"[ \t]*(?:$|[(:{<=\[,\r]|(?:extends|implements|struct|interface|do|where|for|with|inherits)\b)"
_HUNK = re.compile(rb"^@@ [^@\n]*@@(?: ([^\n]*))?\n(?:[-+][ \t\r]*\n)*([^\n]*)", re.MULTILINE)
_CHANGED = re.compile(
    rb"^[-+](?:[ \t]*" + _MODIFIERS + _DEFINES + _BEHIND + rb"|([A-Z][A-Z0-9_]{2,})[ \t]*[:=])", re.MULTILINE
)
_NAMED = re.compile(_DEFINES)
_CALLED = re.compile(rb"([A-Za-z_~\x80-\xff][\w:~\x80-\xff]*)[ \t]*\(")
_OUTSIDE = re.compile(rb"[-+](?:[^\s})\]]|[ \t]*@|[ \t]*" + _MODIFIERS + _DEFINES + _BEHIND + rb")")
"""Start of a change that is after the function named by its hunk header.

Git names the nearest function above, even if it has ended.
"""


def changed_symbols(repository: Repository, shas: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the names that each commit changed, added or removed, in the order of its diff.

    Names are unique, at most MAX_SYMBOLS. A merge is compared with its first parent. Raises
    HistoryError, also if file contents were not fetched.
    """
    wanted = frozenset(shas) - repository.shallow
    given = "\n".join(shas).encode()
    git = repository.git
    arguments = ("log", "--no-walk=unsorted", "--stdin", "--no-notes", _FORMAT, *_PATCH, *COMPARED, git.relative)
    found: dict[str, tuple[str, ...]] = {}
    if not wanted:
        return found
    with closing(git.fields(*_OPTIONS, *arguments, given=given)) as fields:
        for sha, patch in _patches(fields):
            if sha in wanted:
                found[sha] = tuple(_symbols(patch))[:MAX_SYMBOLS]
    return found


def _patches(fields: Iterable[bytes]) -> Iterable[tuple[str, bytes]]:
    """Yield (sha, patch) for each commit.

    The output splits a patch at NUL bytes of files; the parts are joined.
    """
    sha, parts, at_mark = "", list[bytes](), False
    for field in fields:
        if at_mark:
            sha, parts, at_mark = field.decode("ascii", "replace"), [], False
        elif field == _MARK:
            if sha:
                yield sha, b"\n".join(parts)
            at_mark = True
        else:
            parts.append(field)
    if sha:
        yield sha, b"\n".join(parts)


def _symbols(patch: bytes) -> Iterable[str]:
    places: list[tuple[int, bytes]] = []
    for hunk in _HUNK.finditer(patch):
        inside = b"" if _OUTSIDE.match(hunk[2]) else hunk[1] or b""
        if name := _NAMED.search(inside) or _CALLED.search(inside):
            places.append((hunk.start(), name[1]))
    places.extend((line.start(), line[1] or line[2]) for line in _CHANGED.finditer(patch))
    return dict.fromkeys(name.decode("utf-8", "ignore") for _, name in sorted(places))
