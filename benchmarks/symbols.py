"""`python -m benchmarks symbols PATH` compares the definitions of codekin and Universal Ctags."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from codekin.chunking import chunk_file
from codekin.chunking.languages import grammar_of
from codekin.domain.values import Skipped
from codekin.files import Rules, read_source, scan

_MOST_BYTES = 1_000_000
_OPERATOR = re.compile(r"operator(?!\w|$)|operator\s+\w")
_FUNCTION_WORD = re.compile(r"\bfunction\b|=>|\)\s*\{\s*$")
_MACRO_CALL = re.compile(r"/\^\s*(?:static\s+)?[A-Z][A-Z0-9_]+\s*\(")
_CLASS = r"class\s+{0}|function[\s*]+{0}\b|\b{0}\s*[=:]\s*(?:async\s+)?(?:function|class)\b"
_LUA_FUNCTION = re.compile(r"function\s+[\w.:]+\s*\(|[\w\]]\s*=\s*function\b|\w\.\w+\s*=\s*[\w.]+\s*\(\s*function\b")
_LIMIT_S = 600
_EXAMPLES = 12
_SMALL_LINES = 4
"""A function within a function that has fewer lines is a local one, which is not compared."""
_LANGUAGES = {
    "bash": "Sh", "c": "C", "cpp": "C++", "csharp": "C#", "elixir": "Elixir", "go": "Go", "haskell": "Haskell", "java": "Java",
    "javascript": "JavaScript", "kotlin": "Kotlin", "lua": "Lua", "php": "PHP", "python": "Python", "ruby": "Ruby",
    "rust": "Rust", "tsx": "TypeScript", "typescript": "TypeScript",
}  # fmt: skip
_FUNCTIONS = frozenset(
    ("function", "method", "func", "singletonMethod", "generator", "getter", "setter", "constructor")
)
_KINDS = _FUNCTIONS | frozenset((
    "class", "struct", "enum", "union", "typedef", "type", "typealias", "talias", "interface", "trait", "object", "annotation",
    "implementation", "protocol", "record", "exception", "delegate", "guard", "callback", "operator", "prototype", "methodSpec", "macro",
))  # fmt: skip
_KINDS_BESIDE = {"C++": ("alias",), "TypeScript": ("alias",), "Haskell": ("constructor",), "Python": ("member",)}
"""What ctags calls types, constructors and methods of some languages."""
_BY_INDENTATION = frozenset(("JavaScript", "Lua"))
_NO_NAMES = frozenset(
    (
        "class",
        "infixl",
        "infixr",
        "infix",
        "instance",
        "deriving",
        "as",
        "catch",
        "pattern",
        "family",
        "role",
        "exports",
    )
)
"""Words of the languages, which ctags takes for names."""
_OURS_BESIDE = frozenset(
    ("constant", "variable", "property", "field", "module", "namespace", "section", "test", "extension", "instance")
)
"""Kinds that codekin reports and the comparison skips.

Universal Ctags reports them under other kinds, which are skipped too, or not at all.
"""


@dataclass(slots=True)
class _Tally:
    files: int = 0
    theirs: int = 0
    found: int = 0
    ours: int = 0
    missed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)


def measure_symbols(folder: Path, examples: int = _EXAMPLES, seed: int = 1) -> dict[str, Any]:
    """Compare the definitions of codekin and Universal Ctags in the languages that both know.

    The distinct names of functions, methods, types, prototypes and macros are compared per file.
    """
    program = shutil.which("ctags") or ""
    if not program or "Universal Ctags" not in _said(program, "--version"):
        return {"machine": machine(), "skipped": "Universal Ctags is not installed (Debian: universal-ctags)"}
    ours: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    every: dict[str, set[str]] = {}
    for path, text in _texts(folder):
        chunks = chunk_file(path, text)
        language = _LANGUAGES.get(grammar_of(path, chunks[0].language, text)) if chunks else None
        if language:
            found = [item for chunk in chunks for item in chunk.definitions]
            ours[language][path] = {_bare(item.name): item.line for item in found if item.kind not in _OURS_BESIDE}
            every[path] = {_bare(item.name) for item in found}
    tallies = {}
    for language, files in sorted(ours.items()):
        theirs = _theirs(program, folder, language, sorted(files))
        tallies[language] = _compare(files, every, theirs)
    return _report(tallies, program, examples, seed)


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    rules = Rules(folder, include=(), exclude=(), max_file_bytes=_MOST_BYTES)
    for item in scan(folder, rules, lambda: False):
        source = None if isinstance(item, Skipped) else read_source(folder, item.path, _MOST_BYTES)
        if source is not None and not isinstance(source, Skipped):
            yield source.path, source.text


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False).stdout


def _theirs(program: str, folder: Path, language: str, paths: list[str]) -> dict[str, dict[str, int]]:
    """Names and lines per file, of the kinds that are compared."""
    command = [
        *(program, "--options=NONE", "--output-format=json", "--fields=+neKsP", "--sort=no", "-o", "-", "-L", "-"),
        *("--kinds-C=+p", "--kinds-C++=+pA", f"--language-force={language}"),
    ]
    ran = subprocess.run(
        command, cwd=folder, input="\n".join(paths).encode(), capture_output=True, timeout=_LIMIT_S, check=True
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    sources = {path: (folder / path).read_text("utf-8", "replace").split("\n") for path in paths}
    for line in ran.stdout.decode("utf-8", "replace").split("\n")[:-1]:
        tag = json.loads(line)
        if tag.get("_type") == "tag" and _is_compared(tag, language, sources[tag["path"]]):
            found[tag["path"]].setdefault(_bare(tag["name"]), tag.get("line", 0))
    return found


def _is_compared(tag: dict[str, Any], language: str, source: list[str]) -> bool:
    kind, name = tag.get("kind", ""), tag["name"]
    if kind not in _KINDS and kind not in _KINDS_BESIDE.get(language, ()):
        return False
    if not name or name.startswith(("__anon", "anonFunc", "AnonymousFunction", "<")) or name in _NO_NAMES:
        return False
    return not _is_mistaken(tag, language, source) and not _is_small_local(tag, language, source)


def _is_mistaken(tag: dict[str, Any], language: str, source: list[str]) -> bool:
    """Whether ctags takes something for a definition that is none."""
    kind, name, pattern = tag["kind"], tag["name"], tag.get("pattern", "")
    no_alias = rf"\b(?:type|using)\s+{re.escape(name)}\b[^,}}]*$"
    return (
        # an item of `export type {...}`
        (kind == "alias" and not re.search(no_alias, pattern))
        # the name of a macro that defines a function
        or (language in ("C", "C++") and _MACRO_CALL.match(pattern) is not None)
        # a variable with an object
        or (language == "JavaScript" and kind == "class" and not re.search(_CLASS.format(re.escape(name)), pattern))
        # an example in a text
        or (language == "Elixir" and sum(text.count('"""') for text in source[: tag.get("line", 1)]) % 2 == 1)
        # a name that is computed, or a line with the word
        or (language == "Lua" and ("[" in name.replace('["', "") or not _LUA_FUNCTION.search(pattern)))
    )


def _is_small_local(tag: dict[str, Any], language: str, source: list[str]) -> bool:
    """Return whether a function of few lines is within a function.

    ctags does not report this for Lua and JavaScript, where the indentation decides.
    """
    line = tag.get("line", 1)
    if language not in _BY_INDENTATION:
        return tag.get("scopeKind") in _FUNCTIONS and tag.get("end", line) - line + 1 < _SMALL_LINES
    own = _indentation(source[line - 1])
    after = source[line : line + _SMALL_LINES - 2]
    is_small = not all(_indentation(text) > own or not text.strip() for text in after)
    outer = own
    for text in reversed(source[: line - 1]):
        if text.strip() and _indentation(text) < outer:
            outer = _indentation(text)
            if _FUNCTION_WORD.search(text) and is_small:
                return True
    return False


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip())


def _bare(name: str) -> str:
    """Return the last part of a qualified name."""
    name = name.strip()
    if _OPERATOR.match(name):
        return "".join(name.split())
    for mark in ("::", ".", ":"):
        name = name.rpartition(mark)[2] or name
    return "".join(name.split()) if _OPERATOR.match(name) else name.strip("\"'`[]#")


def _compare(ours: dict[str, dict[str, int]], every: dict[str, set[str]], theirs: dict[str, dict[str, int]]) -> _Tally:
    tally = _Tally(files=len(ours))
    for path, names in ours.items():
        listed = theirs.get(path, {})
        tally.theirs += len(listed)
        tally.ours += len(names)
        missed = {name: line for name, line in listed.items() if name not in every[path]}
        tally.found += len(listed) - len(missed)
        tally.missed += [f"{path}:{line} {name}" for name, line in missed.items()]
        tally.extra += [f"{path}:{line + 1} {name}" for name, line in names.items() if name not in listed]
    return tally


def _report(tallies: dict[str, _Tally], program: str, examples: int, seed: int) -> dict[str, Any]:
    theirs, found = (sum(getattr(tally, name) for tally in tallies.values()) for name in ("theirs", "found"))
    draw = random.Random(seed)
    rows = {
        language: {
            "files": tally.files,
            "ctags": tally.theirs,
            "found": tally.found,
            "found_percent": _percent(tally.found, tally.theirs),
            "ours": tally.ours,
            "only_ours": len(tally.extra),
            "missed_examples": draw.sample(tally.missed, min(examples, len(tally.missed))),
            "only_ours_examples": draw.sample(tally.extra, min(examples, len(tally.extra))),
        }
        for language, tally in tallies.items()
    }
    _print_table(rows, theirs, found)
    return {
        "machine": machine(),
        "ctags": _said(program, "--version").split(",")[0],
        "all": {"ctags": theirs, "found": found, "found_percent": _percent(found, theirs)},
        "languages": rows,
    }


def _print_table(rows: dict[str, dict[str, Any]], theirs: int, found: int) -> None:
    print(
        "| language | files | ctags | found | % | ours | only ours |\n| --- | --- | --- | --- | --- | --- | --- |",
        file=sys.stderr,
    )
    for language, row in rows.items():
        said = (row[name] for name in ("files", "ctags", "found", "found_percent", "ours", "only_ours"))
        print("|", language, "|", " | ".join(map(str, said)), "|", file=sys.stderr)
    print(f"| all | | {theirs} | {found} | {_percent(found, theirs)} | | |", file=sys.stderr)


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 100.0
