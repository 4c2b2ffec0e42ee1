"""Where a name is defined and used: candidates from the postings, checked against the current text.

Each file with the name is parsed, which separates names in comments and strings from names in code.
Types are not resolved. A use counts as one of something else only where the text says so: another
language, a receiver such as `self`, a file that defines the name itself, or a method without a
receiver in a language that requires one.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from codekin.chunking import Occurrences, language_of, occurrences_of, split_lines
from codekin.domain.roles import Role
from codekin.domain.words import bare_name, qualifiers
from codekin.searching.ranking.retrieval import check
from codekin.searching.snapshot.path_traits import DEMOTED
from codekin.searching.snapshot.roles import role_of
from codekin.searching.snapshot.snapshot import FileBlock, Snapshot
from codekin.searching.snapshot.snippets import text_of
from codekin.storage import terms_of

_MAX_CHUNKS = 20_000
_LONGEST_NAME = 200
_PARSING_S = 4.0
"""Time after which the remaining files are compared as text."""
_PROSE = (Role.DOCUMENT, Role.CHANGE_LOG, Role.TRANSLATION)
_INTEROPERABLE = (
    {"c", "cpp", "objc", "swift"},
    {"javascript", "typescript", "tsx"},
    {"java", "kotlin", "scala", "groovy", "clojure"},
    {"ocaml", "ocaml_interface"},
    {"elixir", "erlang"},
)
"""Languages that call each other's definitions by their name."""
_WITH_RECEIVER = {"javascript", "php", "python", "rust", "tsx", "typescript"}
"""Languages in which a method is never called by its bare name."""


class ReferenceKind(IntEnum):
    """What a line with the name is, in the order in which an answer lists them."""

    DEFINITION = 0
    USE = 1
    OTHER = 2
    """Probably of something else with the same name."""
    MENTION = 3
    """In a comment, a string or a document."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One line, 0-based. `symbol` is the definition around it, "" if none."""

    root: str
    path: str
    line: int
    text: str
    symbol: str
    kind: ReferenceKind


@dataclass(frozen=True, slots=True)
class References:
    """Definitions first, then uses in code, those in tests, and what is probably unrelated.

    `counts` and `files` also count those beyond the limit; the files are those with definitions and
    uses. `defined` are names that tell the definitions apart, with their class or module.
    `unparsed` is the number of files in which comments and strings count as uses.
    """

    found: tuple[Reference, ...]
    counts: Mapping[ReferenceKind, int]
    files: int
    defined: tuple[str, ...]
    unparsed: int


@dataclass(frozen=True, slots=True)
class _Defined:
    """A definition by its enclosing names and its own."""

    names: tuple[str, ...]
    is_method: bool = False

    @property
    def scope(self) -> str:
        """The enclosing names, "" if none."""
        return ".".join(self.names[:-1])


@dataclass(frozen=True, slots=True)
class _File:
    """The lines of a file with the name, and what it defines under this name, by line."""

    root: str
    path: str
    language: str
    is_demoted: bool
    lines: Mapping[int, str]
    occurrences: Occurrences | None
    around: Mapping[int, str]
    defined: Mapping[int, _Defined]
    has_qualifier: bool


class _Wanted:
    """The name that is looked for, as patterns."""

    def __init__(self, name: str) -> None:
        self.bare = bare_name(name)
        self.scope = qualifiers(name)
        bare = re.escape(self.bare)
        self.word = re.compile(rf"(?<!\w){bare}(?!\w)")
        self.of_self = re.compile(rf"(?:\b(?:self|this|cls)(?:\.|->|::)|@){bare}(?!\w)")
        last = self.scope[-1] if self.scope else ""
        self.of_object = re.compile(rf"(?:\.|->|::|@){bare}(?!\w)")
        self.qualifier = re.compile(rf"(?<!\w){re.escape(last)}(?!\w)", re.IGNORECASE) if last else None


class _Meant:
    """The definitions that are meant, and what follows for every line with their name.

    They are those in the scope that the query names: classes, or a module by the path of its file.
    If there are none, all definitions are meant.
    """

    def __init__(self, files: Sequence[_File], wanted: _Wanted) -> None:
        every = [(file, line, item) for file in files for line, item in file.defined.items()]
        named = [found for found in every if _is_named(found[0].path, found[2].names, wanted.scope)]
        self.definitions = named or every
        self._wanted = wanted
        self._places = {(file.root, file.path, line) for file, line, _ in self.definitions}
        self._languages = {file.language for file, *_ in self.definitions}
        self._are_methods = bool(self.definitions) and all(item.is_method for *_, item in self.definitions)

    def lines(self, file: _File) -> Iterator[Reference]:
        """Yield the lines of a file with the name."""
        own, foreign = self._split(file)
        is_other = not self._may_be_called(file) or bool(foreign and not own and not file.has_qualifier)
        for line, text in file.lines.items():
            around = file.around.get(line, "")
            if line in file.defined:
                kind = ReferenceKind.DEFINITION if file.defined[line] in own else ReferenceKind.OTHER
            elif _is_mention(file, line):
                kind = ReferenceKind.MENTION
            elif is_other or self._is_of(foreign, around, text) or self._has_no_receiver(file, own, around, text):
                kind = ReferenceKind.OTHER
            else:
                kind = ReferenceKind.USE
            yield Reference(file.root, file.path, line, text, around, kind)

    def _split(self, file: _File) -> tuple[list[_Defined], list[_Defined]]:
        """Return the definitions of a file that are meant, and the others."""
        own = [item for line, item in file.defined.items() if (file.root, file.path, line) in self._places]
        return own, [item for item in file.defined.values() if item not in own]

    def _is_of(self, foreign: Sequence[_Defined], around: str, text: str) -> bool:
        """Return whether a line within a class that defines the name itself uses its own one."""
        scopes = {item.scope for item in foreign if item.scope}
        inside = any(around == scope or around.startswith(f"{scope}.") for scope in scopes)
        return inside and self._wanted.of_self.search(text) is not None

    def _has_no_receiver(self, file: _File, own: Sequence[_Defined], around: str, text: str) -> bool:
        """Return whether a line has the bare name where methods are meant, outside their class."""
        if not self._are_methods or file.language not in _WITH_RECEIVER or any(item.scope == around for item in own):
            return False
        return self._wanted.of_object.search(text) is None

    def _may_be_called(self, file: _File) -> bool:
        """Return whether code in the language of a file may use the definitions."""
        language = file.language
        if not self._languages or file.occurrences is None or language in self._languages:
            return True
        return any(language in group and self._languages & group for group in _INTEROPERABLE)


def find_references(
    views: Sequence[Snapshot], name: str, limit: int, cancel: threading.Event | None = None, root: str = ""
) -> References:
    """Return the lines with the last part of a name as a word, in the same letter case. Blocking.

    The parts before it choose the definition, such as a class or module. With a `root`, only that
    one is searched. Raises CancelledError.
    """
    wanted = _Wanted(name.strip()[:_LONGEST_NAME])
    terms = terms_of(wanted.bare)
    files: list[_File] = []
    ends = time.monotonic() + _PARSING_S
    for view in views if terms else ():
        if not view.of_records and root in ("", view.root):
            for file in _files_with(view, terms[-1]):
                check(cancel)
                found = _read(view, file, wanted, ends - time.monotonic())
                files += [found] if found else []
    meant = _Meant(files, wanted)
    lines = [item for file in files for item in meant.lines(file)]
    uses = {(file.root, file.path): len(file.lines) for file in files}
    demoted = {(file.root, file.path) for file in files if file.is_demoted}

    def order(item: Reference) -> tuple[ReferenceKind, bool, int, str, int]:
        key = item.root, item.path
        return item.kind, key in demoted, -uses[key], item.path, item.line

    lines.sort(key=order)
    counts = {kind: sum(item.kind is kind for item in lines) for kind in ReferenceKind}
    defined = tuple(dict.fromkeys(_full_name(file.path, item.names) for file, _, item in meant.definitions))
    unparsed = sum(file.occurrences is None and not _is_prose(file.path) for file in files)
    own = {(item.root, item.path) for item in lines if item.kind <= ReferenceKind.USE}
    return References(tuple(lines[:limit]), counts, len(own), defined, unparsed)


def _files_with(view: Snapshot, term: int) -> list[int]:
    """Return the files with a chunk that contains the term; a compound name is one term."""
    hits = view.backing.lexical.search([term], _MAX_CHUNKS)
    nodes, _ = view.locate(hits.keys)
    return [int(file) for file in np.unique(view.node_file[nodes])]


def _read(view: Snapshot, file: int, wanted: _Wanted, left_s: float) -> _File | None:
    """Return what a file has of the name, or None."""
    block = view.blocks[file]
    text = text_of(view, block)
    if wanted.word.search(text) is None:
        return None
    path = block.record.path
    lines = split_lines(text)
    occurrences = occurrences_of(path, text, wanted.word, left_s) if left_s > 0 else None
    at = {number: line.strip() for number, line in enumerate(lines) if wanted.word.search(line)}
    around, defined = _within(at, block, occurrences, wanted.bare)
    has_qualifier = wanted.qualifier is not None and wanted.qualifier.search(text) is not None
    demoted = bool(view.traits[file][DEMOTED].max(initial=0))
    language = language_of(path, lines[0])
    return _File(view.root, path, language, demoted, at, occurrences, around, defined, has_qualifier)


def _within(
    lines: Mapping[int, str], block: FileBlock, occurrences: Occurrences | None, bare: str
) -> tuple[dict[int, str], dict[int, _Defined]]:
    """Return the definition around each line, and those that have this name."""
    if occurrences is not None:
        around = {line: found for line in lines if (found := occurrences.around(line))}
        defined = {
            item.line: _Defined((*item.scope, item.name), item.kind == "method")
            for item in occurrences.definitions
            if bare_name(item.name) == bare
        }
        return {line: ".".join((*found.scope, found.name)) for line, found in around.items()}, defined
    known = sorted({(item.line, item.name) for node in block.nodes for item in node.definitions})
    before = {line: [name for start, name in known if start <= line] for line in lines}
    return (
        {line: names[-1] for line, names in before.items() if names},
        {line: _Defined((name,)) for line, name in known if bare_name(name) == bare},
    )


def _is_named(path: str, names: tuple[str, ...], scope: tuple[str, ...]) -> bool:
    full = [part.lower() for part in (*_modules(path), *names[:-1])]
    return full[len(full) - len(scope) :] == list(scope) if scope else True


def _full_name(path: str, names: tuple[str, ...]) -> str:
    return ".".join(names if len(names) > 1 else (_modules(path)[-1], *names))


def _modules(path: str) -> list[str]:
    """Return the folders and the name of a file, without its ending; of `__init__`, the folders."""
    *folders, name = path.split("/")
    stem = name.rpartition(".")[0] or name
    return folders if stem == "__init__" and folders else [*folders, stem]


def _is_mention(file: _File, line: int) -> bool:
    return line not in file.occurrences.code if file.occurrences else _is_prose(file.path)


def _is_prose(path: str) -> bool:
    return role_of(path) in _PROSE
