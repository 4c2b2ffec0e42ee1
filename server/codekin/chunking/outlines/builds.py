"""Stages of Dockerfiles, targets of Make, just and CMake, and the functions and macros of CMake."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from codekin.chunking.definitions import Found
from codekin.chunking.lines import split_lines
from codekin.chunking.outlines.masking import Marks, masked

_LOOKED_AT = 1_000
_LONGEST_NAME = 200
_STAGE = re.compile(r"\s{0,100}from\s+(?:--\S+\s+)*\S+(?:\s+as\s+(\S+))?", re.IGNORECASE)
_TARGET = re.compile(r"([^\s#:=][^:=#]*)::?(?![:=])")
_RECIPE = re.compile(r"@?([A-Za-z_][\w-]*)(?:\s[^:]*)?:(?!=)")
_DEFINE = re.compile(r"\s{0,100}define\s+([^\s:=?+]+)")
_ENDEF = re.compile(r"\s{0,100}endef\b")
_MOST_TARGETS = 50
_COMMAND = re.compile(r"\s{0,200}(\w+)[ \t]*\(")
_ARGUMENT = re.compile(r"\s*(?:NAME\s+)?\"?([^\s()\"]+)")
_CMAKE_HOLDERS = {"function": "function", "macro": "macro"}
_CMAKE_TARGETS = frozenset(
    (
        "add_executable",
        "add_library",
        "add_custom_target",
        "add_test",
        "project",
        "externalproject_add",
        "fetchcontent_declare",
    )
)
_CMAKE_MARGIN = re.compile(r"(?:end)?(?:function|macro)[ \t]*\(", re.IGNORECASE)
_CMAKE = Marks(("#",), (("#[[", "]]"), ("[[", "]]")), '"')


def stages(lines: Sequence[str]) -> list[Found]:
    """Return the named stages of a Dockerfile, each up to the next one."""
    found: list[Found] = []
    is_open = False
    for number, line in enumerate(lines):
        stage = _STAGE.match(line[:_LOOKED_AT]) if line.lstrip()[:4].lower() == "from" else None
        if stage is None:
            continue
        if is_open:
            found[-1] = replace(found[-1], end_line=number)
        is_open = bool(stage.group(1))
        if is_open:
            name = stage.group(1)[:_LONGEST_NAME]
            found.append(Found(name, "stage", number, number, len(lines), (), container=True))
    return found


def targets(lines: Sequence[str]) -> list[Found]:
    """Return the targets of a Makefile with their recipes, and its multi-line macros."""
    found: list[Found] = []
    number = 0
    while number < len(lines):
        line = lines[number][:_LOOKED_AT]
        start = number
        number = _logical_end(lines, number)
        if line.startswith("\t"):
            continue
        if defined := _DEFINE.match(line):
            while number < len(lines) and not _ENDEF.match(lines[number][:_LOOKED_AT]):
                number += 1
            number = min(number + 1, len(lines))
            found.append(Found(defined.group(1)[:_LONGEST_NAME], "macro", start, start, number, (), container=False))
        elif rule := _TARGET.match(line):
            number = _recipe_end(lines, number, "\t")
            names = [name for name in rule.group(1).rstrip(" \t&").split()[:_MOST_TARGETS] if _is_target(name)]
            found += (
                Found(name[:_LONGEST_NAME], "target", start, start, number, (), container=False) for name in names
            )
    return found


def _is_target(name: str) -> bool:
    """Return whether a name is that of a file or a task.

    Variables and the special targets of Make, such as `.PHONY`, are not.
    """
    return "$" not in name and not (name[0] == "." and name[1:].replace("_", "").isupper()) and name[0].isprintable()


def _logical_end(lines: Sequence[str], number: int) -> int:
    """Return the line after a line that backslashes may continue."""
    while number < len(lines) and lines[number].rstrip("\r\n").endswith("\\"):
        number += 1
    return min(number + 1, len(lines))


def _recipe_end(lines: Sequence[str], number: int, indentation: str) -> int:
    end = number
    while number < len(lines) and (lines[number].isspace() or lines[number].startswith((*indentation,))):
        number = _logical_end(lines, number)
        end = end if lines[number - 1].isspace() else number
    return end


def recipes(lines: Sequence[str]) -> list[Found]:
    """Return the recipes of a justfile."""
    found: list[Found] = []
    number = 0
    while number < len(lines):
        start, recipe = number, _RECIPE.match(lines[number][:_LOOKED_AT])
        number = _logical_end(lines, number)
        if recipe:
            number = _recipe_end(lines, number, " \t")
            name = recipe.group(1)[:_LONGEST_NAME]
            found.append(Found(name, "target", start, start, number, (), container=False))
    return found


def cmake_commands(lines: Sequence[str]) -> list[Found]:
    """Return the targets, functions and macros of CMake."""
    found: list[Found] = []
    held: list[int] = []
    depth, called = 0, -1
    for number, line in enumerate(split_lines(masked("".join(lines), _CMAKE))):
        if _CMAKE_MARGIN.match(line):
            depth, called = 0, -1  # a string over several lines, with brackets in it, came before
        command = _COMMAND.match(line) if not depth else None
        word = command.group(1).lower() if command else ""
        if word.startswith("end") and word[3:] in _CMAKE_HOLDERS and held:
            place = held.pop()
            found[place] = replace(found[place], end_line=number + 1)
        argument = _ARGUMENT.match(lines[number], command.end(), command.end() + _LOOKED_AT) if command else None
        kind = _CMAKE_HOLDERS.get(word) or ("target" if word in _CMAKE_TARGETS else "")
        if kind and argument and not argument.group(1).startswith("$"):
            if kind != "target":
                held.append(len(found))
            called = len(found) if kind == "target" else -1
            name = argument.group(1)[:_LONGEST_NAME]
            found.append(Found(name, kind, number, number, number + 1, (), container=False))
        depth = max(0, depth + line.count("(") - line.count(")"))
        if called >= 0:
            found[called] = replace(found[called], end_line=number + 1)
            called = called if depth else -1
    return found
