"""Secrets in addresses, headers, key blocks, commands and accounts of tools."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping

from codekin.chunking.secrets.found import Found, entropy_bits
from codekin.chunking.secrets.values import is_no_literal, is_set

_LONGEST_BLOCK = 16_000
_ADDRESS = re.compile(
    r"://(?P<user>[^\s/:@\"'`<>{}$%]{0,64}):(?!(?P=user)@)(?P<value>[^\s/@\"'`<>{},]{3,200})@[\w.\[-]"
)
_BEARER = re.compile(r"(?i)bearer[\"']?[\s:,]{1,4}[\"'`]?(?P<value>[\w.~+/-]{16,2000}={0,2})")
_AUTHORIZATION = re.compile(
    r"(?i)authorization[\"'`\]]{0,3}\s{0,4}(?:=>|[:=,])\s{0,4}[\"'`]?(?P<scheme>basic|token|apikey|api-key|digest|bot|key|aws)[ =]{1,3}[\"'`]?"
    r"(?P<value>\w[\w.~+/-]{7,2000}={0,2})"
)
_SLACK_HOOK = re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<value>[A-Za-z0-9+/_-]{30,100})")
_DISCORD_HOOK = re.compile(r"/api/webhooks/\d{17,20}/(?P<value>[\w-]{60,80})")
_HASH_SIGN = re.compile(r"\$(?=2[abxy]\$|[156y]\$|apr1\$|argon2)")
_HASH = re.compile(
    r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"
    r"|\$(?:[156y]|apr1)\$(?:rounds=\d{1,9}\$|j\w{1,9}\$)?[./A-Za-z0-9]{1,22}\$[./A-Za-z0-9]{22,86}"
    r"|\$argon2(?:id|i|d)\$v=\d{1,3}\$m=\d{1,9},t=\d{1,9},p=\d{1,9}\$[A-Za-z0-9+/]{1,100}\$[A-Za-z0-9+/]{20,200}"
)
_BASIC = re.compile(r"(?:basic|Basic|BASIC)\s(?P<value>[A-Za-z0-9+/]{12,400}={0,2})(?![\w+/])")
_BEGIN = re.compile(
    r"BEGIN [A-Za-z0-9 _-]{0,40}?(?:PRIVATE KEY(?: BLOCK)?|ENCRYPTED PRIVATE KEY|Static key V\d) ?-{4,5}"
)
_PROSE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
_KEY_LINES = re.compile(r"(?:[ \t\r\n\\rn\"'+,#*/|>]{0,40}[A-Za-z0-9+/=]{16,100}){1,400}")
_PUTTY = re.compile(r"Private-Lines: \d{1,4}\r?\n(?P<value>(?:[A-Za-z0-9+/=]{4,100}\r?\n?){1,400})")
_NETRC = re.compile(
    r"(?:machine\s{1,4}\S{1,200}|default)\s{1,8}(?:login\s{1,4}\S{1,200}\s{1,8})?(?:account\s{1,4}\S{1,200}\s{1,8})?password\s{1,4}(?P<value>\S{3,200})"
)
_CURL_USER = re.compile(
    r"\bcurl\b[^\r\n]{0,300}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"'$<{]{1,100}:(?P<value>[^\s\"'$<{]{3,200})"
)
_SSHPASS = re.compile(r"sshpass\s+-p\s*[\"']?(?P<value>[^\s\"'$<{][^\s\"']{3,100})")
_MYSQL = re.compile(r"\bmysql(?:dump|admin)?\s[^\r\n]{0,100}?\s-p(?P<value>[^\s\"'$<{-][^\s\"']{4,100})")
_YAML_ITEM = re.compile(
    r"name:[ \t]*[\"']?[\w.-]{0,60}(?i:pass(?:word|wd|phrase)?|secret|token|(?:api|access|secret|private|auth)[_-]?key)[\"']?[ \t]*\r?\n"
    r"[ \t]*value:[ \t]*[\"']?(?P<value>[^\s\"'$<{][^\s\"']{5,300})"
)
_XML_VALUE = re.compile(
    r"(?i)(?:key|name)=[\"'][\w.:-]{0,60}(?:password|passwd|pwd|secret|apikey|token)[\"']\s{1,8}value=[\"'](?P<value>[^\"'<>\r\n]{6,200})[\"']"
)
_SECRET_KIND = re.compile(r"^kind:[ \t]*[\"']?Secret[\"']?[ \t]*\r?$", re.MULTILINE)
_SECRET_DATA = re.compile(r"^(?:data|stringData):[ \t]*\r?\n(?P<block>(?:[ \t]+[^\r\n]*\r?\n?){1,200})", re.MULTILINE)
_SECRET_ITEM = re.compile(
    r"^[ \t]+[\"']?[\w.-]{1,100}[\"']?:[ \t]*[\"']?(?P<value>[^\s\"'{$<|>#][^\s\"']{3,4000})", re.MULTILINE
)
_DOCUMENT = re.compile(r"^---", re.MULTILINE)
_JWK = re.compile(r"\"(?:d|k|p|q|dp|dq|qi)\"\s{0,4}:\s{0,4}\"(?P<value>[\w-]{40,1000})\"")
_RSA_XML = re.compile(r"<(?P<tag>D|P|Q|DP|DQ|InverseQ)>(?P<value>[A-Za-z0-9+/=\s]{16,2000})</(?P=tag)>")
_WORDS = re.compile(r"[A-Za-z]+(?:[-_.][A-Za-z]+)*")
_DIGIT = re.compile(r"\d")


def find_forms(text: str, lower: str, places: Mapping[str, int]) -> Iterator[Found]:
    """Find secrets by their surroundings; see `find_named`."""
    words = places.keys()
    for name, gates, sign, pattern, good in _FORMS:
        if words.isdisjoint(gates):
            continue
        for at in _places(lower, sign):
            match = pattern.match(text, at)
            if match and good(match["value"]):
                yield Found(*match.span("value"), name)
    dollar = text.find("$")
    for begin in _HASH_SIGN.finditer(text, dollar) if dollar >= 0 else ():
        if match := _HASH.match(text, begin.start()):
            yield Found(*match.span(), "password-hash")
    for name, gates, sign, blocks in _BLOCKS:
        if not words.isdisjoint(gates) and sign in lower:
            yield from (Found(start, end, name) for start, end in blocks(text, lower))


def _is_address_password(value: str) -> bool:
    return not is_no_literal(value) and "$" not in value[:2] and not value.isdigit()


def _is_bearer(value: str) -> bool:
    return bool(_DIGIT.search(value)) and not is_no_literal(value) and not _WORDS.fullmatch(value)


def _is_basic(value: str) -> bool:
    return bool(_DIGIT.search(value) or value.endswith("=")) and entropy_bits(value) >= 3.0 and not is_no_literal(value)  # noqa: PLR2004


def _is_password(value: str) -> bool:
    return not is_no_literal(value)


def _places(lower: str, sign: str) -> Iterator[int]:
    at = lower.find(sign)
    while at >= 0:
        yield at
        at = lower.find(sign, at + len(sign))


def _key_blocks(text: str, lower: str) -> Iterator[tuple[int, int]]:
    """Yield the body between the BEGIN and END lines, which stay to say what it was."""
    for at in _places(lower, "begin"):
        begin = (
            _BEGIN.match(text, at)
            if text.startswith("----", max(0, at - 5)) or text.startswith("----", max(0, at - 4))
            else None
        )
        if begin is None:
            continue
        first = begin.end()
        last = text.find("-END", first, first + _LONGEST_BLOCK)
        if last < 0:
            lines = _KEY_LINES.match(text, first)
            last = lines.end() if lines else first
        body = text[first:last].rstrip("- ")
        if sum(map(str.isalnum, body)) >= 8 and not _PROSE.search(body) and "-BEGIN" not in body:  # noqa: PLR2004
            yield first, first + len(body)


def _kubernetes(text: str, _lower: str) -> Iterator[tuple[int, int]]:
    starts = [0, *(match.start() for match in _DOCUMENT.finditer(text)), len(text)]
    for start, end in itertools.pairwise(starts):
        if not _SECRET_KIND.search(text, start, end):
            continue
        for block in _SECRET_DATA.finditer(text, start, end):
            for item in _SECRET_ITEM.finditer(text, *block.span("block")):
                yield item.span("value")


_Blocks = Callable[[str, str], Iterator[tuple[int, int]]]


def _all_of(pattern: re.Pattern[str], good: Callable[[str], bool] = bool) -> _Blocks:
    return lambda text, _lower: (match.span("value") for match in pattern.finditer(text) if good(match["value"]))


_SAID = frozenset({"pass", "secret", "token", "key"})
_FORMS: tuple[tuple[str, frozenset[str], str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("address", frozenset({"://"}), "://", _ADDRESS, _is_address_password),
    ("slack-webhook", frozenset({"://"}), "hooks.slack.com/", _SLACK_HOOK, bool),
    ("discord-webhook", frozenset({"://"}), "/api/webhooks/", _DISCORD_HOOK, bool),
    ("bearer", frozenset({"bearer"}), "bearer", _BEARER, _is_bearer),
    ("authorization", frozenset({"auth"}), "authorization", _AUTHORIZATION, _is_basic),
    ("basic", frozenset({"auth"}), "basic ", _BASIC, _is_basic),
    ("curl-user", frozenset({"curl"}), "curl", _CURL_USER, _is_password),
    ("mysql", frozenset({"mysql"}), "mysql", _MYSQL, is_set),
    ("netrc", frozenset({"pass"}), "machine ", _NETRC, _is_password),
    ("sshpass", frozenset({"pass"}), "sshpass", _SSHPASS, _is_password),
    ("yaml-item", _SAID, "name:", _YAML_ITEM, is_set),
)
"""Rules with a word that the text must contain, and the start of what they match in lower case."""
_BLOCKS: tuple[tuple[str, frozenset[str], str, _Blocks], ...] = (
    ("private-key", frozenset({"key"}), "begin", _key_blocks),
    ("putty-key", frozenset({"key"}), "private-lines:", _all_of(_PUTTY)),
    ("rsa-key-xml", frozenset({"key"}), "<rsakeyvalue>", _all_of(_RSA_XML)),
    ("json-web-key", frozenset({"key", "secret", "token"}), '"kty"', _all_of(_JWK)),
    ("xml-value", _SAID, "value=", _all_of(_XML_VALUE, is_set)),
    ("kubernetes-secret", frozenset({"secret"}), "kind:", _kubernetes),
)
"""Rules whose matches contain the lower-case text anywhere, most of them with several lines."""
