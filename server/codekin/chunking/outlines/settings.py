"""Keys with a meaning in configuration files: services, jobs, scripts, tables.

In YAML and JSON, the name of the file or its first keys show which keys have a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from codekin.chunking.definitions import Found
from codekin.chunking.lines import split_lines
from codekin.chunking.outlines.masking import Marks, masked
from codekin.domain.json_values import json_values

_LOOKED_AT = 1_000
_LONGEST_NAME = 200
_KEY = re.compile(
    r"""([ ]*)(?:"([^"]+)"[ ]*|'([^']+)'[ ]*|(?![-?][ \t]|[#'"{}\[\],&*!|>%@`])"""
    r"""((?:[^\s:#]|:(?=\S))(?:[^:#]|:(?=\S)|(?<=\S)\#)*)):(?:[ \t]+(.*))?\Z"""
)
_YAML_GROUPS = (
    (re.compile(r"(?:\A|/)(?:docker-)?compose[^/]*\.ya?ml\Z"), {"services": "service"}),
    (re.compile(r"(?:\A|/)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml\Z"), {"jobs": "job"}),
    (re.compile(r"(?:\A|/)\.circleci/[^/]+\.ya?ml\Z"), {"jobs": "job", "workflows": "workflow", "commands": "command"}),
    (re.compile(r"(?:\A|/)taskfile[^/]*\.ya?ml\Z"), {"tasks": "task"}),
)
_GITLAB = re.compile(r"(?:\A|/)(?:[^/]*\.)?gitlab-ci[^/]*\.ya?ml\Z|(?:\A|/)\.gitlab/ci/[^/]+\.ya?ml\Z")
_NO_JOBS = frozenset((
    "stages", "variables", "default", "include", "workflow", "image", "services", "cache", "before_script", "after_script", "spec",
))  # fmt: skip
_OPEN_API = frozenset(("openapi", "swagger"))
_MOST_LINES_BEFORE_GROUPS = 50
_JSON_GROUPS = {
    "package.json": ("scripts", "script"), "composer.json": ("scripts", "script"), "deno.json": ("tasks", "task"),
    "deno.jsonc": ("tasks", "task"),
}  # fmt: skip
_TABLE = re.compile(r"\s{0,200}\[\[?([^\[\]]+)\]\]?\s*\Z")
_TABLE_PART = re.compile(r""""([^"]*)"|'([^']*)'|([^\s."']+)""")
_TOML_KEY = re.compile(r"""\s{0,200}(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*=""")
_MOST_PARTS = 24
_SCRIPT_TABLES = frozenset(("scripts", "gui-scripts", "tasks", "entry-points"))
_TOML = Marks(("#",), (('"""', '"""'), ("'''", "'''")), "")
_TOML_BARE = Marks(_TOML.comments, _TOML.blocks, "\"'")
"""Without strings, in which there may be brackets; the names of tables may be strings."""


def yaml_keys(path: str, lines: Sequence[str]) -> list[Found]:
    """Return the keys of YAML that define something.

    These are services, jobs, tasks, the paths of an OpenAPI document and Kubernetes objects.
    """
    name = path.lower()
    if _GITLAB.search(name):
        return list(_top_keys(lines))
    groups = next((groups for pattern, groups in _YAML_GROUPS if pattern.search(name)), None)
    if groups is None:
        first = {key.group(4) for line in lines[:_MOST_LINES_BEFORE_GROUPS] if (key := _key(line)) and not key.group(1)}
        if first & _OPEN_API:
            groups = {"paths": "path"}
        elif {"apiVersion", "kind"} <= first:
            return list(_objects(lines))
    return list(_members(lines, groups)) if groups else []


def _key(line: str) -> re.Match[str] | None:
    return _KEY.match(line[:_LOOKED_AT].rstrip())


def _name(key: re.Match[str]) -> str:
    return (key.group(2) or key.group(3) or key.group(4)).strip()[:_LONGEST_NAME]


def _indentation(line: str) -> int:
    """Return the indentation of a line of YAML, or -1 if the line is blank or a comment."""
    body = line.lstrip()
    return -1 if not body or body.startswith("#") else len(line) - len(line.lstrip(" "))


def _top_keys(lines: Sequence[str]) -> Iterator[Found]:
    """Yield the jobs of GitLab, which are all top-level keys without another known meaning."""
    held: Found | None = None
    end = 0
    for number, line in enumerate(lines):
        indentation = _indentation(line)
        key = _key(line) if not indentation else None
        if not indentation and held:
            yield replace(held, end_line=end)
            held = None
        if key and _name(key) not in _NO_JOBS:
            held = Found(_name(key), "job", number, number, number + 1, (), container=False)
        end = number + 1 if indentation >= 0 else end
    if held:
        yield replace(held, end_line=end)


def _members(lines: Sequence[str], groups: dict[str, str]) -> Iterator[Found]:
    """Yield the keys directly below the top-level keys in `groups`."""
    group, inside, end = "", 0, 0
    held: Found | None = None
    for number, line in enumerate(lines):
        indentation = _indentation(line)
        if indentation < 0:
            continue
        if held and indentation <= inside:
            yield replace(held, end_line=end)
            held = None
        end = number + 1
        if not indentation:
            key = _key(line)
            group, inside = (_name(key), 0) if key and _name(key) in groups else ("", 0)
        elif group:
            inside = inside or indentation
            key = _key(line) if indentation == inside else None
            if key:
                held = Found(_name(key), groups[group], number, number, end, (group,), container=False)
    if held:
        yield replace(held, end_line=end)


def _objects(lines: Sequence[str]) -> Iterator[Found]:
    """Yield the objects of Kubernetes, each with its name, and its kind as scope."""
    kind, name, line, start = "", "", 0, 0
    in_metadata, inside = False, 0
    for number in range(len(lines) + 1):
        is_end = number == len(lines) or lines[number].startswith("---")
        if is_end:
            if kind and name:
                yield Found(name, "resource", line, start, number, (kind,), container=True)
            kind, name, start, in_metadata = "", "", number + 1, False
            continue
        key = _key(lines[number])
        if key and not key.group(1):
            in_metadata, inside = key.group(4) == "metadata", 0
            kind = _value(key) if key.group(4) == "kind" else kind
        elif key and in_metadata:
            inside = inside or len(key.group(1))
            if key.group(4) == "name" and len(key.group(1)) == inside:
                name, line = _value(key), number


def _value(key: re.Match[str]) -> str:
    value = (key.group(5) or "").partition(" #")[0].strip().strip("\"'")
    return "" if "{{" in value else value[:_LONGEST_NAME]


def json_keys(path: str, lines: Sequence[str]) -> list[Found]:
    """Return the scripts of package.json, composer.json and deno.json."""
    known = _JSON_GROUPS.get(path.rpartition("/")[2].lower())
    if known is None:
        return []
    group, kind = known
    text = "".join(lines)
    found: list[Found] = []
    for value in json_values(text, deepest=2):
        if len(value.path) > 1 and value.path[0] == group and isinstance(value.path[1], str) and value.path[1]:
            line, end = value.line, value.end_line + 1
            found.append(Found(value.path[1][:_LONGEST_NAME], kind, line, line, end, (group,), container=False))
    return sorted(found, key=lambda item: item.line)


def toml_tables(lines: Sequence[str]) -> list[Found]:
    """Return the tables of TOML with their nesting, and the keys of tables of scripts."""
    found: list[Found] = []
    names: list[str] = []
    depth, table = 0, -1
    text = "".join(lines)
    bare = split_lines(masked(text, _TOML_BARE))
    for number, line in enumerate(split_lines(masked(text, _TOML))):
        shown = line[:_LOOKED_AT]
        header = _TABLE.match(shown) if not depth else None
        if header:
            if table >= 0:
                found[table] = replace(found[table], end_line=number)
            names = ["".join(part)[:_LONGEST_NAME] for part in _TABLE_PART.findall(header.group(1))][:_MOST_PARTS]
            table = len(found) if names else -1
            if names:
                found.append(Found(names[-1], "table", number, number, len(lines), tuple(names[:-1]), container=True))
            continue
        key = _TOML_KEY.match(shown) if not depth and names and names[-1] in _SCRIPT_TABLES else None
        if key:
            name = "".join(filter(None, key.groups()))[:_LONGEST_NAME]
            found.append(Found(name, "script", number, number, number + 1, tuple(names), container=False))
        depth = max(0, depth + bare[number].count("[") - bare[number].count("]"))
    return found
