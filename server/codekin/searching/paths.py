"""What a path says about a file before it is read: how well a query names it, and whether it is beside the point."""

from __future__ import annotations

import re
from functools import lru_cache

from codekin.domain.paths import TEST_PATH
from codekin.searching.query import Query

_VENDORED = re.compile(
    r"(^|/)(vendor|vendored|third[_-]?party|external|generated|node_modules|_vendor)/|\.(min|generated|pb|g)\.|_pb2\.|\.designer\.",
    re.IGNORECASE,
)
_PERIPHERAL = re.compile(
    r"(^|/)(examples?|samples?|docs?|documentation|demos?|benchmarks?|bench|legacy|deprecated|compat|_compat|v1)(/|\.|$)",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"\.(md|mdx|rst|txt|adoc|org)$", re.IGNORECASE)
_ASKS_TEST = frozenset(("test", "tests", "spec", "fixture", "fixtures", "mock", "assert"))
_ASKS_VENDORED = frozenset(("vendor", "vendored", "generated", "third", "external"))
_ASKS_PERIPHERAL = frozenset((
    "example", "examples", "sample", "doc", "docs", "demo", "benchmark", "legacy", "deprecated", "compat", "compatibility",
))  # fmt: skip
_ASKS_DOCUMENT = frozenset(
    (
        "doc",
        "docs",
        "documentation",
        "documented",
        "guide",
        "guides",
        "readme",
        "changelog",
        "tutorial",
        "howto",
        "changes",
    )
)


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


def unasked(query: Query) -> tuple[bool, bool, bool, bool]:
    """Whether a (test, vendored, peripheral, document) file is beside the point: not where the query asks for such files."""
    asked = frozenset(query.words)
    return (
        asked.isdisjoint(_ASKS_TEST),
        asked.isdisjoint(_ASKS_VENDORED),
        asked.isdisjoint(_ASKS_PERIPHERAL | _ASKS_DOCUMENT),
        asked.isdisjoint(_ASKS_DOCUMENT),
    )


def wanted_path(query: Query) -> str:
    """What `path_match` compares, "" where no path could hold it: it has spaces in it, or fewer than three characters."""
    wanted = query.text.lower().strip("/")
    return "" if len(wanted) < 3 or " " in wanted else wanted  # noqa: PLR2004 - shorter ones match anything


def path_match(wanted: str, path: str) -> float:
    """1 when the path ends in the `wanted_path`, 0.5 when it holds it, else 0; letter case does not count."""
    given = path.lower()
    if not wanted or wanted not in given:
        return 0.0
    return 1.0 if given == wanted or given.endswith(f"/{wanted}") else 0.5
