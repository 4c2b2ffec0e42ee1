"""What a path says about a file: its depth, and whether it is a test, vendored or a document."""

from __future__ import annotations

import re
from functools import lru_cache

from codekin.domain.paths import TEST_PATH

_VENDORED = re.compile(
    r"(^|/)(vendor|vendored|third[_-]?party|external|generated|node_modules|_vendor)/|\.(min|generated|pb|g)\.|_pb2\.|\.designer\.",
    re.IGNORECASE,
)
_PERIPHERAL = re.compile(
    r"(^|/)(examples?|samples?|docs?|documentation|demos?|benchmarks?|bench|legacy|deprecated|compat|_compat|v1)(/|\.|$)",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"\.(md|mdx|rst|txt|adoc|org)$", re.IGNORECASE)
TRAITS = 5
"""Number of bytes that `traits` returns."""


def traits(path: str) -> bytes:
    """Return the number of folders above (at most 255) and four traits, 1 or 0, one byte each.

    The traits are: test, vendored, peripheral, document.
    """
    folder, slash, name = path.rpartition("/")
    above, kind = _folder_traits(folder + slash), _kind(name)
    return bytes((above[0], *(one | other for one, other in zip(above[1:], kind, strict=True))))


@lru_cache(maxsize=10_000)
def _folder_traits(folder: str) -> bytes:
    """Return the traits of a folder, cached for the many files that it contains."""
    return bytes((min(folder.count("/"), 255), *_kind(folder)))


def _kind(text: str) -> tuple[bool, ...]:
    """Return the four traits of a folder or a name.

    No expression matches across the slash before the name, so both can be checked separately.
    """
    return tuple(pattern.search(text) is not None for pattern in (TEST_PATH, _VENDORED, _PERIPHERAL, _DOCUMENT))
