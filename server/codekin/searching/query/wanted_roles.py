"""Which files a question is about, if not code: manifests, documents, change logs, build files.

People ask "which version of X is required" about a manifest, and "how do I ..." about a document.
The cues were written for 120 questions about six repositories; see docs/research/quality.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from codekin.domain.roles import Role
from codekin.searching.query.parsing import Query, QueryKind

Wanted = Mapping[Role | None, float]
"""The strength, in (0, 2], with which each role is asked for; None stands for manifests."""

_VERSION_NUMBER = re.compile(r"\bv?\d+(?:\.\d+)+\b")
_OF_RELEASES = re.compile(r"\b(?:new|chang|fix|releas|break|secur|notes|since|version)", re.IGNORECASE)
_TOOL = (
    r"\b(?:eslint|prettier|babel|jest|flake8|mypy|ruff|clippy|rustfmt|phpstan|phpunit|pre-commit|editorconfig|tsconfig"
    r"|typescript compiler|docker|dockerfile|makefile|npm|yarn|cargo|homebrew|snap|webpack|pytest|tox)\b"
)
_CHANGES: Wanted = {Role.CHANGE_LOG: 1.0}
_CUES: tuple[tuple[str, Wanted], ...] = (
    (
        (
            r"\bversions?\b.*\b(?:requires?d?|supported|needed|used|compatible|tested|minimum|run)\b"
            r"|\b(?:which|what|minimum|min|oldest|required|supported) (?:[\w./+-]+ ){0,3}versions?\b|\bversions? of\b"
            r"|\b(?:depends? on|dependenc(?:y|ies)|pinned)\b"
        ),
        {None: 2.0, Role.DOCUMENT: 0.4, Role.BUILD: 0.4, Role.CONFIGURATION: 0.4},
    ),
    (
        (
            r"\bwhat(?:'s| is| was| has)? (?:new|changed)\b|\bchange ?logs?\b|\brelease notes?\b|\bbreaking changes?\b"
            r"|\b(?:changes?|changed|new|fixe[sd]|added|removed|deprecated|introduced|breaking) in\b"
            r"|\b(?:next|last|latest|new) releases?\b|\breleases? (?:of|made|published)\b|\bupgrad(?:e|ing) (?:to|from)\b"
            r"|\bwhen was\b"
        ),
        _CHANGES,
    ),
    (
        (
            r"^how (?:do|can|could|should|would) (?:i|we|you|one)\b|^how to\b|^(?:can|should|may|could) (?:i|we)\b"
            r"|^why (?:is|isn't|can't|cannot|can i not|aren't|are|do i|does my|doesn't)\b|\bdoes \w+ (?:support|work|run)\b"
            r"|^what (?:is|are) an? \w+|\bcommand[ -]line options?\b|\bwhat does the [\w.-]+ (?:option|setting|flag|parameter) do\b"
            r"|\b(?:install(?:ation|ing)?|getting started|quick ?start|tutorials?|guides?|guidelines?|faq|troubleshooting"
            r"|documentation|docs|readme|man page|manual|api reference|contribut\w*|licen[sc]e[ds]?|cite|vulnerabilit\w+)\b"
        ),
        {Role.DOCUMENT: 1.0},
    ),
    (
        r"\b(?:config(?:uration|ured)?|settings?|scripts|rules|hooks|presets?|workspaces?|compiler options|linter|linting)\b",
        {Role.CONFIGURATION: 0.5, None: 0.3},
    ),
    (_TOOL, {Role.CONFIGURATION: 1.0, None: 0.5, Role.BUILD: 0.5}),
    (
        r"\b(?:ci|continuous integration|workflows?|github actions|travis|appveyor|pipelines?|nightly)\b",
        {Role.BUILD: 1.0},
    ),
)
_TOOLS = re.compile(_TOOL, re.IGNORECASE)
_COMPILED = [(re.compile(pattern, re.IGNORECASE), wanted) for pattern, wanted in _CUES]


def wanted_roles(query: Query) -> dict[Role | None, float]:
    """Return what a question in prose asks for; nothing for code, names, paths and long texts."""
    if query.kind not in (QueryKind.PROSE, QueryKind.MIXED):
        return {}
    matched = [wanted for pattern, wanted in _COMPILED if pattern.search(query.text)]
    if _VERSION_NUMBER.search(query.text) and _OF_RELEASES.search(query.text):
        matched.append(_CHANGES)
    found: dict[Role | None, float] = {}
    for wanted in matched:
        for role, strength in wanted.items():
            found[role] = max(strength, found.get(role, 0.0))
    return found


def named_tools(query: Query) -> tuple[str, ...]:
    """Return the tools that a query names, in lower case, such as `eslint`."""
    return tuple(dict.fromkeys(tool.lower() for tool in _TOOLS.findall(query.text)))
