"""Secrets recognised by the name they are assigned to, in code and in settings of any language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from codekin.chunking.secrets import introduced
from codekin.chunking.secrets.found import Found
from codekin.chunking.secrets.values import is_bare_secret, is_quoted_password, is_quoted_token

_TAIL = (
    r"(?:[_.-]?(?:value|val|string|str|text|plain|plaintext|clear|base64|b64|hex|raw|prod|production|dev|development|test|testing"
    r"|staging|stage|live|default|local|primary|secondary|\d{1,3}|v\d|data))?"
)
_SEPARATED = r"[_.-]?"
_KEY_KINDS = (
    *(
        "api",
        "access",
        "secret",
        "private",
        "priv",
        "auth",
        "encryption",
        "encrypt",
        "signing",
        "signature",
        "master",
        "account",
    ),
    *(
        "subscription",
        "shared",
        "storage",
        "service",
        "license",
        "consumer",
        "app",
        "application",
        "hmac",
        "aes",
        "jwt",
        "crypto",
    ),
    *(
        "session",
        "cookie",
        "webhook",
        "server",
        "client",
        "admin",
        "write",
        "push",
        "bot",
        "deploy",
        "integration",
        "ingest",
    ),
)
_STEMS = {
    "pass": rf"(?i:pass(?:word|wd|phrase|code|wort)?s?{_TAIL})(?![A-Za-z])",
    "pwd": rf"(?i:pwd{_TAIL})(?![A-Za-z])",
    "secret": rf"(?i:secrets?(?:{_SEPARATED}access)?(?:{_SEPARATED}(?:key|token)(?:{_SEPARATED}base)?)?{_TAIL})(?![A-Za-z])",
    "token": rf"(?i:token{_TAIL})(?![A-Za-z])",
    "key": rf"(?i:keys?{_TAIL})(?![A-Za-z])",
    "cred": rf"(?i:cred(?:ential)?s?{_TAIL})(?![A-Za-z])",
    "auth": r"(?i:auth)(?![A-Za-z])",
}
_ASSIGNED = (
    r"""[\\"'`\]]{0,4}(?:\[\d{0,4}\])?"""  # the end of the name: of a string, a subscript, an array
    r"""(?:\s{0,4}:\s{0,2}[A-Za-z&'][\w.<>\[\]&'|?, ]{0,40}?(?=\s{0,4}=[^=])|\s{1,4}(?:string|str|String|\[\]byte)(?=\s{0,4}:?=))?"""
    r"""(?P<operator>\s{0,8}(?:=>|:=|\?\?=|\|\|=|\?=|={1,3}|!={1,2}|::?|,|\(|>|<-)|\s{1,4}(?:value|content)\s{0,2}=)"""
    r"""(?P<space>\s{0,40})"""
    r"""(?:(?:[A-Za-z@$&]{1,3}(?=["'`]))?(?:"(?P<a>[^"\r\n]{1,300})"|'(?P<b>[^'\r\n]{1,300})'|`(?P<c>[^`\r\n]{1,300})`"""
    r"""|\\"(?P<d>[^"\\\r\n]{1,300})\\")"""
    r"""|(?P<bare>[^\s"'`<>;,&(){}\[\]|\\]{4,300})(?P<after>[^\r\n]{0,3}))"""
)
_FULL = {stem: re.compile(pattern + _ASSIGNED) for stem, pattern in _STEMS.items()}
_NOT_BEFORE_TOKEN = (
    *(
        "next",
        "page",
        "paging",
        "continuation",
        "sync",
        "cursor",
        "eos",
        "bos",
        "unk",
        "pad",
        "sep",
        "mask",
        "cls",
        "resume",
    ),
    *("skip", "start", "end"),
)
"""Words before "token" that mean a position in a list or a text."""
_SEPARATORS = "_.-"
_NAME_START = re.compile(r"[\w.$-]*\Z")
_BARE_OPERATORS = {"=", ":", ":=", ">", "?="}
_BEFORE = 24
_RUN = 100
_LINE_BEGINS = re.compile(r"(?:^|[\r\n])[ \t]*(?:(?:export|set|setx|ENV|ARG|-e|-|env:)[ \t]+)*[\w.$-]*\Z")
_CONNECTION = re.compile(
    r"(?i)(?:server|host|hostaddr|data source|user(?:name| id)?|uid|initial catalog|database|dbname|endpoint\w*|accountname)\s*="
)

_SECTION = re.compile(r"(?:^|[\r\n])\[[\w .:\"/-]{1,60}\][ \t]*[\r\n]")


def find_named(text: str, lower: str, places: Mapping[str, int]) -> Iterator[Found]:
    """Find literals whose names say that they are secret.

    `lower` is the text in lower case, character by character; `places` has the first position of
    each word of `WORDS`.
    """
    for stem, pattern in _FULL.items():
        at = places.get(stem, -1)
        while at >= 0:
            end = at + len(stem)
            if _may_be_name(text, lower, at, stem) and (match := pattern.match(text, at)):
                found = _judged(text, at, stem, match)
                if found:
                    yield found
                    end = found.end
                elif match["bare"] and len(match["bare"]) >= _RUN:
                    end = match.end("bare")  # otherwise names within it would be judged again and again
            if stem in introduced.STEMS and (found := introduced.find_introduced(text, at)):
                yield found
            at = lower.find(stem, end)


def _may_be_name(text: str, lower: str, at: int, stem: str) -> bool:
    if stem in ("key", "token"):
        before = lower[max(0, at - _BEFORE) : at].rstrip(_SEPARATORS)
        return before.endswith(_KEY_KINDS) if stem == "key" else not before.endswith(_NOT_BEFORE_TOKEN)
    if stem in ("pass", "pwd", "auth"):
        # bypass, cpwd and oauth are other words; dbPass is not.
        if not lower[at - 1 : at].isalpha() or (stem == "pass" and lower[at + 4 : at + 5] in ("w", "p")):
            return True
        return text[at].isupper() and text[at - 1].islower()
    return True


def _judged(text: str, at: int, stem: str, match: re.Match[str]) -> Found | None:
    operator = match["operator"].strip()
    quoted = next((group for group in "abcd" if match[group]), "")
    value = match[quoted or "bare"]
    first, last = match.span(quoted or "bare")
    by_person = stem in ("pass", "pwd", "secret", "cred")
    if quoted:
        if operator == "," and text[match.start("operator") - 1] not in "\"'`":
            return None
        good = is_quoted_password(value) if by_person else is_quoted_token(value)
    elif operator in _BARE_OPERATORS and not (operator == ">" and not match["after"].startswith("</")):
        value = value.rstrip("\\")
        good = is_bare_secret(value, sure=_is_setting(text, at, match)) and (by_person or len(value) >= 12)  # noqa: PLR2004
    else:
        return None
    return Found(first, last, f"named-{stem}") if good else None


def _is_setting(text: str, at: int, match: re.Match[str]) -> bool:
    """Return whether a line belongs to a shell, settings or a connection string.

    Their values have no quotes.
    """
    operator, space = match["operator"], match["space"]
    if operator.strip() == ">":
        return True
    line = text[max(0, at - 200) : at]
    name = _NAME_START.search(line)
    full_name = (name[0] if name else "") + text[at : match.start("operator")]
    ends = match["after"][:1] in ("", "\r", "\n", "#", " ")
    if _LINE_BEGINS.search(line) and ends:
        rest = match["after"].strip()
        if operator == "=" and not space and (full_name.isupper() or not rest):
            return True
        if operator == ":" and space and not rest:
            return True
    if operator == "=" and not space:
        return bool(_CONNECTION.search(line[-120:]))
    return (
        operator.strip() == "="
        and ends
        and not match["after"].strip()
        and bool(_SECTION.search(text, max(0, at - 2_000), at))
    )
