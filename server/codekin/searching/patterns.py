"""Patterns from untrusted clients, bounded before compilation, which can crash the process."""

from __future__ import annotations

import re

import regex

from codekin.errors import SettingsError

LONGEST_REGEX = 1_000
"""Maximum number of characters in a regular expression."""
LONGEST_LITERAL = 20_000
"""Maximum number of characters in a literal."""
_LARGEST = 10_000
"""Maximum number of atoms once counted repeats are written out.

The compiler of `regex` writes them out, and crashes on a million.
"""
_DEEPEST = 100
_COUNTED = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_COUNTED_ANYHOW = re.compile(r"\{\s*(\d*)\s*(?:,\s*(\d*)\s*)?\}")
_OWN_SYNTAX = re.compile(r"\(\?#|\(\?[a-zA-Z0-9]*[xV]|\[\^?\[")
"""Comments, verbose and nested-set syntax, in which brackets and counts have another meaning."""


def compile_regex(text: str, *, ignore_case: bool) -> regex.Pattern[str]:
    """Compile a regular expression in which `^` and `$` match at line ends.

    Raises SettingsError, which says what to change.
    """
    if len(text) > LONGEST_REGEX:
        raise SettingsError(
            f"The regular expression has {len(text):,} characters, more than the maximum of {LONGEST_REGEX:,}. "
            "To fix: shorten it or search literally."
        )
    if expanded_size(text) > _LARGEST:
        raise SettingsError(
            f"The regular expression is too large: its counted repeats expand to more than {_LARGEST:,} elements. "
            "To fix: use smaller counts, or `*` and `+`."
        )
    flags = regex.MULTILINE | (regex.IGNORECASE if ignore_case else 0)
    try:
        return regex.compile(text, flags)
    except regex.error as error:
        raise SettingsError(f"Invalid regular expression: {error}.") from error
    except (RecursionError, MemoryError, OverflowError, ValueError) as error:
        raise SettingsError("The regular expression is too complex. To fix: simplify it.") from error


def expanded_size(text: str) -> int:
    """Return an upper bound of the pattern's elements once counted repeats are written out.

    One pass over the text. If comments or verbose syntax may hide what a count repeats, each count
    is assumed to repeat the whole pattern. Raises SettingsError for groups that are nested too
    deeply.
    """
    size = _size_as_read(text)
    if not _OWN_SYNTAX.search(text):
        return size
    bound = len(text)
    for counted in _COUNTED_ANYHOW.finditer(text):
        bound = min(bound * _largest_count(counted), _LARGEST + 1)
    return max(size, bound)


def _size_as_read(text: str) -> int:
    sizes, last, at = [0], 0, 0
    while at < len(text):
        character = text[at]
        counted = _COUNTED.match(text, at) if character == "{" else None
        if character == "(":
            sizes.append(0)
            if len(sizes) > _DEEPEST:
                raise SettingsError(f"The regular expression nests more than {_DEEPEST} groups. To fix: simplify it.")
            at, last = at + 1, 0
        elif character == ")" and len(sizes) > 1:
            last = max(1, sizes.pop())
            sizes[-1] += last
            at += 1
        elif counted and (counted[1] or counted[2]):
            count = _largest_count(counted)
            sizes[-1] += last * (count - 1)
            last *= count
            at = counted.end()
        else:
            at = _end_of_atom(text, at)
            sizes[-1] += 1
            last = 1
        if sizes[-1] > _LARGEST:
            return sizes[-1]
    return sum(sizes)


def _largest_count(counted: re.Match[str]) -> int:
    return max([1, *(min(int(part), _LARGEST + 1) for part in counted.groups() if part)])


def _end_of_atom(text: str, at: int) -> int:
    if text[at] == "\\":
        return at + 2
    if text[at] != "[":
        return at + 1
    end = at + 1 + text.startswith("^", at + 1)
    end += text.startswith("]", end)  # a bracket directly after the first is a member
    while end < len(text) and text[end] != "]":
        end += 2 if text[end] == "\\" else 1
    return end + 1
