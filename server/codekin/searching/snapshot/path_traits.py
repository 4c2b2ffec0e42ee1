"""What a path says about a file: its depth, and which traits make it rank lower."""

from __future__ import annotations

import re
from functools import lru_cache

from codekin.domain.paths import TEST_PATH
from codekin.domain.roles import Role
from codekin.searching.snapshot.roles import role_of

_VENDORED = re.compile(
    r"(^|/)(vendor|vendored|third[_-]?party|external|generated|node_modules|_vendor)/|\.(min|generated|pb|g)\.|_pb2\.|\.designer\.",
    re.IGNORECASE,
)
_PERIPHERAL = re.compile(
    r"(^|/)(examples?|samples?|docs?|documentation|demos?|benchmarks?|bench|legacy|deprecated|compat|_compat|v1)(/|\.|$)",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"\.(md|mdx|rst|txt|adoc|org)$", re.IGNORECASE)
_ALSO: dict[Role, int] = {Role.TEST: 0, Role.VENDORED: 1, Role.GENERATED: 1, Role.EXAMPLE: 2, Role.DOCUMENT: 3}
"""The trait that a role implies, whatever its own pattern says."""
_OF_ROLES = (Role.CHANGE_LOG, Role.TRANSLATION, Role.TEMPLATE, Role.CONFIGURATION, Role.BUILD, Role.DATA)
_KINDS = 4
DEMOTED = slice(1, 8)
"""The traits of files that rank lower unless the query asks for them: up to "template"."""
TRAITS = 1 + _KINDS + len(_OF_ROLES)
"""Number of bytes that `traits` returns."""


def traits(path: str) -> bytes:
    """Return the number of folders above (at most 255) and ten traits, 1 or 0, one byte each.

    The traits are: test, vendored, peripheral, document, change log, translation, template,
    configuration, build and data. Those from "change log" on are roles, of which a file has one.
    """
    folder, slash, name = path.rpartition("/")
    above, kind, role = _folder_traits(folder + slash), _kind(name), role_of(path)
    kinds = [one | other for one, other in zip(above[1:], kind, strict=True)]
    if role in _ALSO:
        kinds[_ALSO[role]] = 1
    return bytes((above[0], *kinds, *(role is other for other in _OF_ROLES)))


@lru_cache(maxsize=10_000)
def _folder_traits(folder: str) -> bytes:
    """Return the traits of a folder, cached for the many files that it contains."""
    return bytes((min(folder.count("/"), 255), *_kind(folder)))


def _kind(text: str) -> tuple[bool, ...]:
    """Return the four traits of a folder or a name.

    No expression matches across the slash before the name, so both can be checked separately.
    """
    return tuple(pattern.search(text) is not None for pattern in (TEST_PATH, _VENDORED, _PERIPHERAL, _DOCUMENT))
