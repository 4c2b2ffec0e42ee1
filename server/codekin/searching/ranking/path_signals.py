"""How well a query names a path, and which kinds of files it does not ask for."""

from __future__ import annotations

from codekin.searching.query.parsing import Query

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
