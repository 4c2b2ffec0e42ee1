"""How well a query matches a path, and which kinds of files it wants or demotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from codekin.domain.roles import Role
from codekin.searching.query.parsing import Query, QueryKind
from codekin.searching.query.wanted_roles import Wanted
from codekin.searching.ranking.weights import DEMOTED
from codekin.searching.snapshot.roles import role_of

_MANIFEST = re.compile(
    r"(?:^|/)(?:package\.json|pyproject\.toml|setup\.(?:py|cfg)|cargo\.toml|go\.mod|composer\.json|pom\.xml|gemfile|mix\.exs"
    r"|build\.gradle(?:\.kts)?|[\w.-]+\.(?:gemspec|csproj|cabal|rockspec)|package\.swift|requirements[\w-]*\.txt|pipfile"
    r"|build\.sbt|deno\.json|pubspec\.yaml)$",
    re.IGNORECASE,
)
_ROLES_OF_SETTINGS = (Role.CONFIGURATION, Role.BUILD)
_TOOL_STRENGTH = 1.0
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


_ASKS_CHANGES = frozenset(("changelog", "changes", "release", "releases", "news"))
_ASKS_TRANSLATION = frozenset(("translation", "translations", "locale", "locales", "i18n", "translate", "language"))
_ASKS_TEMPLATE = frozenset(("template", "templates"))
_ASKED_BY = (
    _ASKS_TEST,
    _ASKS_VENDORED,
    _ASKS_PERIPHERAL | _ASKS_DOCUMENT,
    _ASKS_DOCUMENT,
    _ASKS_CHANGES,
    _ASKS_TRANSLATION,
    _ASKS_TEMPLATE,
)
"""Words that ask for files of each kind of `DEMOTED`, in its order.

The other kinds are demoted for long texts only.
"""


def demoted_kinds(query: Query) -> tuple[bool, ...]:
    """Return whether the files of each kind of `DEMOTED` are demoted for a query.

    A kind is not demoted if the query asks for such files, unless the query is long: an issue has
    those words whatever it is about.
    """
    if query.kind is QueryKind.LONG:
        return (True,) * len(DEMOTED)
    asked = frozenset(query.words)
    return (*(asked.isdisjoint(words) for words in _ASKED_BY), *[False] * (len(DEMOTED) - len(_ASKED_BY)))


def wanted_path(query: Query) -> str:
    """Return the text that `path_match` compares, or "" if no path can match the query.

    That is a query with spaces or with fewer than three characters.
    """
    wanted = query.text.lower().strip("/")
    return "" if len(wanted) < 3 or " " in wanted else wanted  # noqa: PLR2004 - shorter ones match anything


def path_match(wanted: str, path: str) -> float:
    """Return 1 if the path ends in `wanted`, 0.5 if it contains it, else 0, in any letter case."""
    given = path.lower()
    if not wanted or wanted not in given:
        return 0.0
    return 1.0 if given == wanted or given.endswith(f"/{wanted}") else 0.5


def wanted_strengths(wanted: Wanted, tools: Sequence[str], paths: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return how strongly each file is asked for: by its role, as a manifest, as a tool's own file.

    A manifest among tests, examples or vendored code is not that of the project.
    """
    of_manifests = wanted.get(None, 0.0)
    of_tool = re.compile(rf"(?:^|[/._-])(?:{'|'.join(map(re.escape, tools))})", re.IGNORECASE) if tools else None
    strengths = []
    for path in paths:
        role = role_of(path)
        strength = wanted.get(role, 0.0)
        if role in _ROLES_OF_SETTINGS:
            if of_manifests and _MANIFEST.search(path):
                strength = max(strength, of_manifests)
            if of_tool and of_tool.search(path):
                strength += _TOOL_STRENGTH
        strengths.append(strength)
    return np.array(strengths)


def project_manifests(paths: Iterable[str]) -> list[int]:
    """Return the positions of the manifests in the uppermost folder.

    They are candidates for questions about versions: they contain few words, all of them common.
    """
    return [at for at, path in enumerate(paths) if "/" not in path and _MANIFEST.search(path)]
