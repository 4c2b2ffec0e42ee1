"""What a path says about a file before it is read: its depth, and whether it is a test, vendored, an example or a document."""

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
"""How many bytes `traits` gives."""


def traits(path: str) -> bytes:
    """Folders above (at most 255); then 1 or 0: whether it is a test, vendored, peripheral, a document."""
    folder, slash, name = path.rpartition("/")
    above, kind = _folder_traits(folder + slash), _kind(name)
    return bytes((above[0], *(one | other for one, other in zip(above[1:], kind, strict=True))))


@lru_cache(maxsize=10_000)
def _folder_traits(folder: str) -> bytes:
    """Kept, for the many files of one folder: a view asks for the traits of all files at once."""
    return bytes((min(folder.count("/"), 255), *_kind(folder)))


def _kind(text: str) -> tuple[bool, ...]:
    """No expression matches across the slash before the name, so folders and name may be asked one by one."""
    return tuple(pattern.search(text) is not None for pattern in (TEST_PATH, _VENDORED, _PERIPHERAL, _DOCUMENT))
