"""Secrets after a name without an operator: options of commands and lines of Dockerfiles."""

from __future__ import annotations

import re

from codekin.chunking.secrets.found import Found
from codekin.chunking.secrets.values import is_set

STEMS = frozenset({"pass", "secret", "token", "key"})
_OPTION = re.compile(
    r"(?<!-)--[\w-]{0,30}(?:pass(?:word|wd|phrase)?|secret|token|api-?key)(?:[ =]{1,2})[\"']?(?P<value>[^\s\"'`$<{\[(%|,;)-][^\s\"'`,;)]{5,200})"
)
_DOCKERFILE = re.compile(
    r"(?<![^\r\n])(?:ENV|ARG)[ \t]+\w*(?:PASS(?:WORD|WD|PHRASE)?|SECRET|TOKEN|API_?KEY|SECRET_KEY|ACCESS_KEY)\w{0,20}[ \t]+[\"']?(?P<value>[^\s\"'$<{]{6,200})"
)
_OPTION_NAME = 34
"""Maximum length of what precedes the stem in the name of an option."""
_LINE = 200


def find_introduced(text: str, at: int) -> Found | None:
    """Return the secret that follows the option or variable whose name has a stem at `at`."""
    option = text.rfind("--", max(0, at - _OPTION_NAME), at)
    if option >= 0 and (match := _OPTION.match(text, option)) and is_set(match["value"]):
        return Found(*match.span("value"), "option")
    if text[at : at + 1].isupper():
        first = max(0, at - _LINE)
        line = max(text.rfind("\n", first, at), text.rfind("\r", first, at)) + 1
        if (match := _DOCKERFILE.match(text, line)) and is_set(match["value"]):
            return Found(*match.span("value"), "dockerfile")
    return None
