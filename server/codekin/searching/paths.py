"""What a path says about a file before it is read: how well a query names it, and whether it is beside the point."""

from __future__ import annotations

import re
from functools import lru_cache

from codekin.searching.query import Query

_TEST = re.compile(
    r"(^|/)(tests?|specs?|__tests__|testing|fixtures?|testdata)/|(^|/)(test_|tests?\.)|[._-](test|spec)s?\.|Tests?\.\w+$|_test\.\w+$"
)
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


@lru_cache(maxsize=65_536)
def _traits(path: str) -> tuple[bool, bool, bool, bool]:
    return tuple(bool(pattern.search(path)) for pattern in (_TEST, _VENDORED, _PERIPHERAL, _DOCUMENT))  # type: ignore[return-value]


def priors(path: str, query: Query) -> tuple[float, float, float, float]:
    """(test, vendored, peripheral, document), each 0 or 1; 0 as well where the query asks for such files."""
    test, vendored, peripheral, document = _traits(path)
    asked = frozenset(query.words)
    return (
        float(test and not asked & _ASKS_TEST),
        float(vendored and not asked & _ASKS_VENDORED),
        float(peripheral and not asked & (_ASKS_PERIPHERAL | _ASKS_DOCUMENT)),
        float(document and not asked & _ASKS_DOCUMENT),
    )


def path_match(query: Query, path: str) -> float:
    """1 when the path ends in the query, 0.5 when it holds it, else 0; letter case does not count."""
    wanted, given = query.text.lower().strip("/"), path.lower()
    if len(wanted) < 3 or " " in wanted:  # noqa: PLR2004 - shorter ones match anything
        return 0.0
    if given == wanted or given.endswith(f"/{wanted}"):
        return 1.0
    return 0.5 if wanted in given else 0.0
